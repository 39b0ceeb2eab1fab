-- In:  judgements.
-- Out: seals, one row each time that judgements were added, by whoever holds the case's keys.
-- Why: whoever dies between adding judgements and recording it in the case's log leaves the seal,
--      by which the next one tells that from a database that somebody changed.
CREATE TABLE seals (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    seal TEXT NOT NULL
) STRICT;
CREATE TRIGGER seals_are_never_changed BEFORE UPDATE ON seals
BEGIN SELECT RAISE(ABORT, 'seals are only ever added'); END;
CREATE TRIGGER seals_are_never_deleted BEFORE DELETE ON seals
BEGIN SELECT RAISE(ABORT, 'seals are only ever added'); END;
