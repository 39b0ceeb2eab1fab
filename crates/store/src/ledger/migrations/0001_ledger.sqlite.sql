-- In:  nothing.
-- Out: the ledger's tables. A row of ledger_messages is one recipient of one campaign; its state only ever
--      takes the steps that ledger_messages_take_no_other_step knows.
-- Why triggers: whoever opens the database with something else than the program gets no further either.
-- Why a recipient stands last in no index but one: the ledger is asked by key all the time, by recipient
--      for receipts, removals and earlier campaigns.
CREATE TABLE ledger_states (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
) STRICT;
INSERT INTO ledger_states VALUES
    (0, 'planned'), (1, 'intent'), (2, 'accepted'), (3, 'refused'), (4, 'unknown'),
    (5, 'delivered'), (6, 'undelivered'), (7, 'expired'), (8, 'settled'), (9, 'removed');

-- halt: 0 none, 1 held, 2 stopped for good.
CREATE TABLE ledger_campaigns (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    plan_sha256 BLOB NOT NULL CHECK (length(plan_sha256) = 32),
    planned INTEGER NOT NULL,
    opened_us INTEGER NOT NULL,
    halt INTEGER NOT NULL DEFAULT 0 CHECK (halt BETWEEN 0 AND 2),
    halt_actor TEXT,
    halt_why TEXT,
    halt_us INTEGER,
    erased_us INTEGER
) STRICT;
CREATE TRIGGER ledger_campaigns_keep_their_plan
BEFORE UPDATE OF number, id, plan_sha256, planned, opened_us ON ledger_campaigns
BEGIN SELECT RAISE(ABORT, 'a campaign keeps its plan'); END;
CREATE TRIGGER ledger_campaigns_stay_stopped BEFORE UPDATE OF halt ON ledger_campaigns
WHEN OLD.halt = 2 AND NEW.halt <> 2
BEGIN SELECT RAISE(ABORT, 'a stopped campaign stays stopped'); END;
CREATE TRIGGER ledger_campaigns_are_never_deleted BEFORE DELETE ON ledger_campaigns
BEGIN SELECT RAISE(ABORT, 'campaigns are never deleted'); END;
-- REPLACE deletes without asking the trigger above.
CREATE TRIGGER ledger_campaigns_are_never_replaced BEFORE INSERT ON ledger_campaigns
WHEN EXISTS (SELECT 1 FROM ledger_campaigns WHERE id = NEW.id OR number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'campaigns are never deleted'); END;

-- Who sends: the owner of an intent is the number of one of these.
CREATE TABLE ledger_senders (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    who TEXT NOT NULL,
    started_us INTEGER NOT NULL
) STRICT;

CREATE TABLE ledger_messages (
    campaign INTEGER NOT NULL,
    key INTEGER NOT NULL CHECK (key >= 0),
    recipient BLOB NOT NULL CHECK (length(recipient) = 32),
    stage INTEGER NOT NULL,
    text INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 9),
    attempt INTEGER NOT NULL DEFAULT 0,
    deferred INTEGER NOT NULL DEFAULT 0,
    suspicious INTEGER NOT NULL DEFAULT 0,
    not_before_us INTEGER NOT NULL DEFAULT 0,
    owner INTEGER,
    message_id TEXT,
    parts_left INTEGER NOT NULL DEFAULT 0,
    code TEXT,
    outcome TEXT,
    intent_us INTEGER,
    answered_us INTEGER,
    settled_us INTEGER,
    PRIMARY KEY (campaign, key),
    CHECK (state IN (0, 9) OR (attempt > 0 AND owner IS NOT NULL AND intent_us IS NOT NULL)),
    CHECK (state NOT IN (5, 6, 7, 8) OR settled_us IS NOT NULL),
    CHECK ((state = 8) = (outcome IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX ledger_messages_recipient ON ledger_messages (recipient, campaign);
CREATE INDEX ledger_messages_queue ON ledger_messages (campaign, stage, not_before_us, key)
WHERE state = 0;

CREATE TRIGGER ledger_messages_begin_planned BEFORE INSERT ON ledger_messages
WHEN NEW.state <> 0 OR NEW.attempt <> 0
BEGIN SELECT RAISE(ABORT, 'a message begins as planned'); END;
CREATE TRIGGER ledger_messages_keep_their_recipient
BEFORE UPDATE OF campaign, key, recipient, stage, text ON ledger_messages
BEGIN SELECT RAISE(ABORT, 'a message keeps its recipient'); END;
CREATE TRIGGER ledger_messages_take_no_other_step BEFORE UPDATE OF state ON ledger_messages
WHEN NOT (
    (OLD.state = 0 AND NEW.state = 1 AND NEW.attempt = OLD.attempt + 1)
    OR (OLD.state = 0 AND NEW.state = 9)
    OR (OLD.state = 0 AND NEW.state = 4 AND OLD.attempt > 0)
    OR (OLD.state = 1 AND NEW.state IN (0, 2, 3, 4))
    OR (OLD.state = 2 AND NEW.state IN (5, 6, 7, 8))
    OR (OLD.state = 3 AND NEW.state = 5)
    OR (OLD.state = 4 AND NEW.state IN (2, 3, 5, 6, 7, 8))
)
BEGIN SELECT RAISE(ABORT, 'a message takes no such step'); END;
CREATE TRIGGER ledger_messages_are_never_deleted BEFORE DELETE ON ledger_messages
BEGIN SELECT RAISE(ABORT, 'messages are never deleted'); END;
CREATE TRIGGER ledger_messages_are_never_replaced BEFORE INSERT ON ledger_messages
WHEN EXISTS (SELECT 1 FROM ledger_messages WHERE campaign = NEW.campaign AND key = NEW.key)
    OR EXISTS (SELECT 1 FROM ledger_messages WHERE recipient = NEW.recipient AND campaign = NEW.campaign)
BEGIN SELECT RAISE(ABORT, 'messages are never deleted'); END;

-- The other side's ids: one a part. state: what a receipt said of this part alone.
CREATE TABLE ledger_ids (
    message_id TEXT NOT NULL,
    campaign INTEGER NOT NULL,
    key INTEGER NOT NULL,
    state INTEGER,
    PRIMARY KEY (message_id, campaign, key)
) STRICT, WITHOUT ROWID;

-- Receipts whose message is not known yet. id: SHA-256 over what they say, so that one told twice is one.
CREATE TABLE ledger_orphans (
    id BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 32),
    campaign INTEGER NOT NULL,
    key INTEGER,
    recipient BLOB,
    message_ids TEXT NOT NULL,
    state INTEGER NOT NULL,
    code TEXT NOT NULL,
    received_us INTEGER NOT NULL
) STRICT;
CREATE INDEX ledger_orphans_key ON ledger_orphans (campaign, key) WHERE key IS NOT NULL;
CREATE INDEX ledger_orphans_recipient ON ledger_orphans (recipient) WHERE recipient IS NOT NULL;
CREATE TABLE ledger_orphan_ids (
    message_id TEXT NOT NULL,
    orphan BLOB NOT NULL,
    PRIMARY KEY (message_id, orphan)
) STRICT, WITHOUT ROWID;
CREATE INDEX ledger_orphan_ids_orphan ON ledger_orphan_ids (orphan);

CREATE TABLE ledger_events (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    campaign INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE TRIGGER ledger_events_are_never_changed BEFORE UPDATE ON ledger_events
BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
CREATE TRIGGER ledger_events_are_never_deleted BEFORE DELETE ON ledger_events
BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;
CREATE TRIGGER ledger_events_are_never_replaced BEFORE INSERT ON ledger_events
WHEN EXISTS (SELECT 1 FROM ledger_events WHERE number = NEW.number)
BEGIN SELECT RAISE(ABORT, 'events are only ever added'); END;

-- What the sender keeps for itself from one start to the next.
CREATE TABLE ledger_notes (
    campaign INTEGER NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (campaign, name)
) STRICT, WITHOUT ROWID;
