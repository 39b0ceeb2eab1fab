-- In:  judgements.
-- Out: seals, one row each time that judgements were added, by whoever holds the case's keys.
-- Why: whoever dies between adding judgements and recording it in the case's log leaves the seal,
--      by which the next one tells that from a database that somebody changed.
CREATE TABLE seals (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seal TEXT NOT NULL
);
CREATE TRIGGER seals_are_never_changed BEFORE UPDATE OR DELETE ON seals
FOR EACH ROW EXECUTE FUNCTION only_added();
CREATE TRIGGER seals_are_never_emptied BEFORE TRUNCATE ON seals
FOR EACH STATEMENT EXECUTE FUNCTION only_added();
