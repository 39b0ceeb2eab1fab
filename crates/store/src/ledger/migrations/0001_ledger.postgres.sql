-- In:  nothing.
-- Out: the ledger's tables. A row of ledger_messages is one recipient of one campaign; its state only ever
--      takes the steps that ledger_messages_take_no_other_step knows.
-- Why triggers: whoever opens the database with something else than the program gets no further either.
-- Why the triggers' conditions stand in WHEN: they are looked at without a call, hundreds of times a turn.
CREATE TABLE ledger_states (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
);
INSERT INTO ledger_states VALUES
    (0, 'planned'), (1, 'intent'), (2, 'accepted'), (3, 'refused'), (4, 'unknown'),
    (5, 'delivered'), (6, 'undelivered'), (7, 'expired'), (8, 'settled'), (9, 'removed');

CREATE FUNCTION ledger_refuses() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '%', TG_ARGV[0]; END $$;
-- A turn says how many rows it must have changed.
CREATE FUNCTION ledger_expects(changed BIGINT, wanted BIGINT) RETURNS BIGINT LANGUAGE plpgsql AS
$$ BEGIN
    IF changed <> wanted THEN RAISE EXCEPTION 'a row changed under a turn'; END IF;
    RETURN changed;
END $$;

-- halt: 0 none, 1 held, 2 stopped for good.
CREATE TABLE ledger_campaigns (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    plan_sha256 BYTEA NOT NULL CHECK (length(plan_sha256) = 32),
    planned BIGINT NOT NULL,
    opened_us BIGINT NOT NULL,
    halt INTEGER NOT NULL DEFAULT 0 CHECK (halt BETWEEN 0 AND 2),
    halt_actor TEXT,
    halt_why TEXT,
    halt_us BIGINT,
    erased_us BIGINT
);
CREATE TRIGGER ledger_campaigns_keep_their_plan
BEFORE UPDATE OF number, id, plan_sha256, planned, opened_us ON ledger_campaigns
FOR EACH ROW EXECUTE FUNCTION ledger_refuses('a campaign keeps its plan');
CREATE TRIGGER ledger_campaigns_stay_stopped BEFORE UPDATE OF halt ON ledger_campaigns
FOR EACH ROW WHEN (OLD.halt = 2 AND NEW.halt <> 2)
EXECUTE FUNCTION ledger_refuses('a stopped campaign stays stopped');
CREATE TRIGGER ledger_campaigns_are_never_deleted BEFORE DELETE ON ledger_campaigns
FOR EACH ROW EXECUTE FUNCTION ledger_refuses('campaigns are never deleted');
CREATE TRIGGER ledger_campaigns_are_never_emptied BEFORE TRUNCATE ON ledger_campaigns
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses('campaigns are never deleted');

-- Who sends: the owner of an intent is the number of one of these. One who lives holds the advisory lock
-- (hashtext('unspoof ledger ' || schema), number) in its session.
CREATE TABLE ledger_senders (
    number INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    who TEXT NOT NULL,
    started_us BIGINT NOT NULL
);

CREATE TABLE ledger_messages (
    campaign BIGINT NOT NULL,
    key BIGINT NOT NULL CHECK (key >= 0),
    recipient BYTEA NOT NULL CHECK (length(recipient) = 32),
    stage BIGINT NOT NULL,
    text BIGINT NOT NULL,
    state INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 9),
    attempt BIGINT NOT NULL DEFAULT 0,
    deferred BIGINT NOT NULL DEFAULT 0,
    suspicious BIGINT NOT NULL DEFAULT 0,
    not_before_us BIGINT NOT NULL DEFAULT 0,
    owner BIGINT,
    message_id TEXT,
    parts_left BIGINT NOT NULL DEFAULT 0,
    code TEXT,
    outcome TEXT,
    intent_us BIGINT,
    answered_us BIGINT,
    settled_us BIGINT,
    PRIMARY KEY (campaign, key),
    CHECK (state IN (0, 9) OR (attempt > 0 AND owner IS NOT NULL AND intent_us IS NOT NULL)),
    CHECK (state NOT IN (5, 6, 7, 8) OR settled_us IS NOT NULL),
    CHECK ((state = 8) = (outcome IS NOT NULL))
);
CREATE UNIQUE INDEX ledger_messages_recipient ON ledger_messages (recipient, campaign);
CREATE INDEX ledger_messages_queue ON ledger_messages (campaign, stage, not_before_us, key)
WHERE state = 0;

CREATE TRIGGER ledger_messages_begin_planned BEFORE INSERT ON ledger_messages
FOR EACH ROW WHEN (NEW.state <> 0 OR NEW.attempt <> 0)
EXECUTE FUNCTION ledger_refuses('a message begins as planned');
CREATE TRIGGER ledger_messages_keep_their_recipient
BEFORE UPDATE OF campaign, key, recipient, stage, text ON ledger_messages
FOR EACH ROW EXECUTE FUNCTION ledger_refuses('a message keeps its recipient');
CREATE TRIGGER ledger_messages_take_no_other_step BEFORE UPDATE OF state ON ledger_messages
FOR EACH ROW WHEN (NOT (
    (OLD.state = 0 AND NEW.state = 1 AND NEW.attempt = OLD.attempt + 1)
    OR (OLD.state = 0 AND NEW.state = 9)
    OR (OLD.state = 0 AND NEW.state = 4 AND OLD.attempt > 0)
    OR (OLD.state = 1 AND NEW.state IN (0, 2, 3, 4))
    OR (OLD.state = 2 AND NEW.state IN (5, 6, 7, 8))
    OR (OLD.state = 3 AND NEW.state = 5)
    OR (OLD.state = 4 AND NEW.state IN (2, 3, 5, 6, 7, 8))
))
EXECUTE FUNCTION ledger_refuses('a message takes no such step');
CREATE TRIGGER ledger_messages_are_never_deleted BEFORE DELETE ON ledger_messages
FOR EACH ROW EXECUTE FUNCTION ledger_refuses('messages are never deleted');
CREATE TRIGGER ledger_messages_are_never_emptied BEFORE TRUNCATE ON ledger_messages
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses('messages are never deleted');

-- The other side's ids: one a part. state: what a receipt said of this part alone.
CREATE TABLE ledger_ids (
    message_id TEXT NOT NULL,
    campaign BIGINT NOT NULL,
    key BIGINT NOT NULL,
    state INTEGER,
    PRIMARY KEY (message_id, campaign, key)
);

-- Receipts whose message is not known yet. id: SHA-256 over what they say, so that one told twice is one.
CREATE TABLE ledger_orphans (
    id BYTEA PRIMARY KEY CHECK (length(id) = 32),
    campaign BIGINT NOT NULL,
    key BIGINT,
    recipient BYTEA,
    message_ids TEXT NOT NULL,
    state INTEGER NOT NULL,
    code TEXT NOT NULL,
    received_us BIGINT NOT NULL
);
CREATE INDEX ledger_orphans_key ON ledger_orphans (campaign, key) WHERE key IS NOT NULL;
CREATE INDEX ledger_orphans_recipient ON ledger_orphans (recipient) WHERE recipient IS NOT NULL;
CREATE TABLE ledger_orphan_ids (
    message_id TEXT NOT NULL,
    orphan BYTEA NOT NULL,
    PRIMARY KEY (message_id, orphan)
);
CREATE INDEX ledger_orphan_ids_orphan ON ledger_orphan_ids (orphan);

CREATE TABLE ledger_events (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign BIGINT NOT NULL,
    at_us BIGINT NOT NULL,
    actor TEXT NOT NULL,
    kind TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE TRIGGER ledger_events_are_never_changed BEFORE UPDATE OR DELETE ON ledger_events
FOR EACH ROW EXECUTE FUNCTION ledger_refuses('events are only ever added');
CREATE TRIGGER ledger_events_are_never_emptied BEFORE TRUNCATE ON ledger_events
FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuses('events are only ever added');

-- What the sender keeps for itself from one start to the next.
CREATE TABLE ledger_notes (
    campaign BIGINT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (campaign, name)
);
