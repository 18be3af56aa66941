-- Photos and PDFs that go along with a message. Like what it says, they are not changed any more once it went out.
CREATE TABLE message_attachment (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    uploaded_by uuid NOT NULL,
    message_id  uuid,
    mailing_id  uuid,
    position    int NOT NULL DEFAULT 0,
    kind        text NOT NULL CHECK (kind IN ('photo', 'pdf')),
    state       text NOT NULL CHECK (state IN ('uploaded', 'ready', 'refused')),
    refusal     text NOT NULL DEFAULT '',
    storage_key text NOT NULL,
    file_name   text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 120),
    bytes       bigint NOT NULL CHECK (bytes > 0),
    width       int NOT NULL DEFAULT 0,
    height      int NOT NULL DEFAULT 0,
    thumbhash   bytea,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, storage_key),
    FOREIGN KEY (tenant_id, uploaded_by) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, message_id) REFERENCES message (tenant_id, id),
    FOREIGN KEY (tenant_id, mailing_id) REFERENCES message_mailing (tenant_id, id),
    CHECK (message_id IS NULL OR mailing_id IS NULL)
);
CREATE INDEX message_attachment_of_message ON message_attachment (tenant_id, message_id) WHERE message_id IS NOT NULL;
CREATE INDEX message_attachment_of_mailing ON message_attachment (tenant_id, mailing_id) WHERE mailing_id IS NOT NULL;
CREATE INDEX message_attachment_unclaimed ON message_attachment (tenant_id, created_at) WHERE message_id IS NULL AND mailing_id IS NULL;
COMMENT ON COLUMN message_attachment.mailing_id IS 'Of a message to many families: each of them has it.';
COMMENT ON COLUMN message_attachment.bytes IS 'Of what was uploaded.';

ALTER TABLE message_attachment ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_attachment FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON message_attachment USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, DELETE ON message_attachment TO ouderportaal_app;
GRANT UPDATE (message_id, mailing_id, position, state, refusal, width, height, thumbhash) ON message_attachment TO ouderportaal_app;
GRANT SELECT, INSERT, UPDATE ON message_attachment TO ouderportaal_platform;

-- It is uploaded first, and goes with a message that has not gone out. Only what is in none, or in one that was taken back, is deleted.
CREATE POLICY unclaimed ON message_attachment AS RESTRICTIVE FOR INSERT TO ouderportaal_app WITH CHECK (message_id IS NULL AND mailing_id IS NULL);
CREATE POLICY free ON message_attachment AS RESTRICTIVE FOR DELETE TO ouderportaal_app USING (
    message_id IS NULL AND mailing_id IS NULL OR EXISTS (SELECT FROM message m WHERE m.tenant_id = message_attachment.tenant_id
        AND (m.id = message_attachment.message_id OR m.mailing_id = message_attachment.mailing_id) AND m.taken_back_at IS NOT NULL));

CREATE FUNCTION message_attachment_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.message_id, NEW.mailing_id, NEW.position) IS DISTINCT FROM (OLD.message_id, OLD.mailing_id, OLD.position) THEN
        IF (OLD.message_id IS NOT NULL OR OLD.mailing_id IS NOT NULL) AND NOT EXISTS (SELECT FROM message m WHERE m.tenant_id = OLD.tenant_id
            AND (m.id = OLD.message_id OR m.mailing_id = OLD.mailing_id) AND m.taken_back_at IS NOT NULL) THEN
            RAISE EXCEPTION 'attachment % goes with a message', OLD.id;
        END IF;
        IF EXISTS (SELECT FROM message m WHERE m.tenant_id = NEW.tenant_id AND (m.id = NEW.message_id OR m.mailing_id = NEW.mailing_id) AND m.released_at IS NOT NULL) THEN
            RAISE EXCEPTION 'the message of attachment % went out', OLD.id;
        END IF;
    END IF;
    IF OLD.state <> 'uploaded' AND (NEW.state, NEW.refusal, NEW.width, NEW.height, NEW.thumbhash) IS DISTINCT FROM (OLD.state, OLD.refusal, OLD.width, OLD.height, OLD.thumbhash) THEN
        RAISE EXCEPTION 'attachment % is finished', OLD.id;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER message_attachment_kept BEFORE UPDATE ON message_attachment FOR EACH ROW EXECUTE FUNCTION message_attachment_kept();
