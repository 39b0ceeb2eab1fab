-- In:  nothing.
-- Out: judgements, one row each, that can be added to and never changed.
-- Why the content is one text: its hash is the id, so a row that was changed behind the triggers'
--      back is found by reading it; the other columns repeat it for whoever asks in SQL.
CREATE TABLE judgements (
    id TEXT PRIMARY KEY CHECK (length(id) = 64),
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    recorded_us BIGINT NOT NULL,
    undoes TEXT,
    content TEXT NOT NULL
);
CREATE FUNCTION only_added() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'judgements are only ever added'; END $$;
CREATE TRIGGER judgements_are_never_changed BEFORE UPDATE OR DELETE ON judgements
FOR EACH ROW EXECUTE FUNCTION only_added();
CREATE TRIGGER judgements_are_never_emptied BEFORE TRUNCATE ON judgements
FOR EACH STATEMENT EXECUTE FUNCTION only_added();
