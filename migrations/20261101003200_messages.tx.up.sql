-- Conversations between the guardians of a child and the group that it is in. What is written is not changed any more:
-- the app may say when a message went out or was taken back in time, and nothing of what it says.
ALTER TABLE event ADD COLUMN due_at timestamptz;
COMMENT ON COLUMN event.due_at IS 'When its handlers are to hear of it; NULL: at once.';

CREATE TABLE message_thread (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    child_id   uuid NOT NULL,
    group_id   uuid NOT NULL,
    subject    text NOT NULL CHECK (length(subject) BETWEEN 1 AND 120),
    started_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    moved_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES care_group (tenant_id, id),
    FOREIGN KEY (tenant_id, started_by) REFERENCES person (tenant_id, id)
);
CREATE INDEX message_thread_of_group ON message_thread (tenant_id, group_id, moved_at DESC, id DESC);
CREATE INDEX message_thread_of_child ON message_thread (tenant_id, child_id);
COMMENT ON COLUMN message_thread.moved_at IS 'When the newest message went out: lists are in this order.';

-- The guardians who take part. Who works in the group is not listed: that is decided anew each time.
CREATE TABLE message_thread_member (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    thread_id uuid NOT NULL,
    household int,
    PRIMARY KEY (tenant_id, person_id, thread_id),
    FOREIGN KEY (tenant_id, thread_id) REFERENCES message_thread (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX message_thread_member_of_thread ON message_thread_member (tenant_id, thread_id);
COMMENT ON COLUMN message_thread_member.household IS 'Of the child, in which this guardian and the other members were; who is of another one now does not read on. NULL: there is no other member.';

CREATE TABLE message (
    tenant_id     uuid NOT NULL,
    id            uuid NOT NULL,
    thread_id     uuid NOT NULL,
    author_id     uuid NOT NULL,
    author_name   text NOT NULL,
    author_face   int NOT NULL,
    side          text NOT NULL CHECK (side IN ('guardian', 'staff')),
    body          text NOT NULL CHECK (length(body) BETWEEN 1 AND 5000),
    written_at    timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    released_at   timestamptz,
    taken_back_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, thread_id) REFERENCES message_thread (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, author_id) REFERENCES person (tenant_id, id),
    CHECK (released_at IS NULL OR taken_back_at IS NULL)
);
CREATE INDEX message_of_thread ON message (tenant_id, thread_id, written_at, id);
CREATE INDEX message_to_release ON message (tenant_id, due_at) WHERE released_at IS NULL AND taken_back_at IS NULL;
CREATE INDEX message_taken_back ON message (tenant_id, taken_back_at) WHERE taken_back_at IS NOT NULL;
COMMENT ON COLUMN message.due_at IS 'Until then its author can take it back, and nobody else sees it.';

-- How far somebody has read a conversation, apart for who is at work there and has a child there too.
CREATE TABLE message_reading (
    tenant_id  uuid NOT NULL,
    thread_id  uuid NOT NULL,
    person_id  uuid NOT NULL,
    at_work    boolean NOT NULL,
    read_until timestamptz NOT NULL,
    read_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, thread_id, person_id, at_work),
    FOREIGN KEY (tenant_id, thread_id) REFERENCES message_thread (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
COMMENT ON COLUMN message_reading.read_until IS 'When the newest message that was read had gone out; read_at is when that was read.';

-- The words of what went out, made even, so that a search goes through an index: LIKE does not under row-level security.
CREATE TABLE message_word (
    tenant_id  uuid NOT NULL,
    thread_id  uuid NOT NULL,
    word       text COLLATE "C" NOT NULL,
    message_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, thread_id, word, message_id),
    FOREIGN KEY (tenant_id, message_id) REFERENCES message (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX message_word_of_message ON message_word (tenant_id, message_id);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['message_thread', 'message_thread_member', 'message', 'message_reading', 'message_word'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO ouderportaal_app', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO ouderportaal_platform', t);
    END LOOP;
END
$$;
GRANT UPDATE (moved_at) ON message_thread TO ouderportaal_app;
GRANT UPDATE (released_at, taken_back_at) ON message TO ouderportaal_app;
GRANT UPDATE ON message_reading TO ouderportaal_app;

-- Only what was taken back is ever deleted, and a thread in which nothing else is; what hangs on them goes along.
GRANT DELETE ON message, message_thread TO ouderportaal_app;
CREATE POLICY taken_back ON message AS RESTRICTIVE FOR DELETE TO ouderportaal_app USING (taken_back_at IS NOT NULL);
CREATE POLICY empty ON message_thread AS RESTRICTIVE FOR DELETE TO ouderportaal_app
    USING (NOT EXISTS (SELECT FROM message m WHERE m.tenant_id = message_thread.tenant_id AND m.thread_id = message_thread.id));

-- What went out stays out.
CREATE FUNCTION message_out() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'message % went out', OLD.id;
END
$$;
CREATE TRIGGER message_out BEFORE UPDATE OF released_at, taken_back_at ON message FOR EACH ROW WHEN (OLD.released_at IS NOT NULL) EXECUTE FUNCTION message_out();
