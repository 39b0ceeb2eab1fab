-- In:  nothing.
-- Out: care, one row for each thing that somebody did about a statement.
-- Why only added: who was rung by whom, and when, is asked long after.
CREATE TABLE care (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    report TEXT NOT NULL CHECK (length(report) BETWEEN 1 AND 200),
    deed TEXT NOT NULL CHECK (deed IN ('assigned', 'contacted', 'referred', 'closed', 'reopened')),
    detail TEXT NOT NULL CHECK (length(detail) <= 2000),
    actor TEXT NOT NULL,
    at_us BIGINT NOT NULL
);
CREATE TRIGGER care_is_never_changed BEFORE UPDATE OR DELETE ON care
FOR EACH ROW EXECUTE FUNCTION only_added();
CREATE TRIGGER care_is_never_emptied BEFORE TRUNCATE ON care
FOR EACH STATEMENT EXECUTE FUNCTION only_added();
