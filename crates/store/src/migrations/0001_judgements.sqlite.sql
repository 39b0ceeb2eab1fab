-- In:  nothing.
-- Out: judgements, one row each, that can be added to and never changed.
-- Why the content is one text: its hash is the id, so a row that was changed behind the triggers'
--      back is found by reading it; the other columns repeat it for whoever asks in SQL.
CREATE TABLE judgements (
    id TEXT PRIMARY KEY NOT NULL CHECK (length(id) = 64),
    kind TEXT NOT NULL,
    actor TEXT NOT NULL,
    recorded_us INTEGER NOT NULL,
    undoes TEXT,
    content TEXT NOT NULL
) STRICT;
CREATE TRIGGER judgements_are_never_changed BEFORE UPDATE ON judgements
BEGIN SELECT RAISE(ABORT, 'judgements are only ever added'); END;
CREATE TRIGGER judgements_are_never_deleted BEFORE DELETE ON judgements
BEGIN SELECT RAISE(ABORT, 'judgements are only ever added'); END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER judgements_are_never_replaced BEFORE INSERT ON judgements
WHEN EXISTS (SELECT 1 FROM judgements WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'judgements are only ever added'); END;
