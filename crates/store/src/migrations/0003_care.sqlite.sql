-- In:  nothing.
-- Out: care, one row for each thing that somebody did about a statement.
-- Why only added: who was rung by whom, and when, is asked long after.
CREATE TABLE care (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    report TEXT NOT NULL CHECK (length(report) BETWEEN 1 AND 200),
    deed TEXT NOT NULL CHECK (deed IN ('assigned', 'contacted', 'referred', 'closed', 'reopened')),
    detail TEXT NOT NULL CHECK (length(detail) <= 2000),
    actor TEXT NOT NULL,
    at_us INTEGER NOT NULL
) STRICT;
CREATE TRIGGER care_is_never_changed BEFORE UPDATE ON care
BEGIN SELECT RAISE(ABORT, 'what was done is only ever added'); END;
CREATE TRIGGER care_is_never_deleted BEFORE DELETE ON care
BEGIN SELECT RAISE(ABORT, 'what was done is only ever added'); END;
