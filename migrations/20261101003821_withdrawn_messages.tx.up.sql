-- A message that went to the wrong people can be withdrawn by an admin. What it said goes out of the message itself into a row of its own,
-- so that nothing that reads messages, also no program of before this, has it any more.
CREATE TABLE message_withdrawal (
    tenant_id         uuid NOT NULL,
    message_id        uuid NOT NULL,
    subject           text NOT NULL CHECK (length(subject) <= 120),
    body              text NOT NULL CHECK (length(body) BETWEEN 1 AND 5000),
    reason            text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    withdrawn_by      uuid NOT NULL,
    withdrawn_by_name text NOT NULL,
    withdrawn_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, message_id),
    FOREIGN KEY (tenant_id, message_id) REFERENCES message (tenant_id, id),
    FOREIGN KEY (tenant_id, withdrawn_by) REFERENCES person (tenant_id, id)
);
COMMENT ON TABLE message_withdrawal IS 'What a withdrawn message said, for admins alone, and who withdrew it and why.';
COMMENT ON COLUMN message_withdrawal.subject IS 'Of the conversation that the message began; empty when it began none.';
ALTER TABLE message_withdrawal ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_withdrawal FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON message_withdrawal USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON message_withdrawal TO ouderportaal_app;
GRANT SELECT, INSERT, UPDATE ON message_withdrawal TO ouderportaal_platform;

ALTER TABLE message ADD COLUMN withdrawn_at timestamptz,
    DROP CONSTRAINT message_body_check,
    ADD CONSTRAINT message_body_check CHECK (CASE WHEN withdrawn_at IS NULL THEN length(body) BETWEEN 1 AND 5000 ELSE body = '' AND released_at IS NOT NULL END);
COMMENT ON COLUMN message.withdrawn_at IS 'Since then nobody reads what it said: that is in message_withdrawal.';
GRANT UPDATE (body, withdrawn_at) ON message TO ouderportaal_app;

-- What went out stays as it is, but for being withdrawn: once, in nothing else, and with what it said kept.
CREATE OR REPLACE FUNCTION message_out() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.withdrawn_at IS NULL AND NEW.withdrawn_at IS NOT NULL
        AND to_jsonb(NEW) - '{withdrawn_at,body}'::text[] = to_jsonb(OLD) - '{withdrawn_at,body}'::text[]
        AND EXISTS (SELECT FROM message_withdrawal w WHERE w.tenant_id = OLD.tenant_id AND w.message_id = OLD.id AND w.body = OLD.body AND w.withdrawn_at = NEW.withdrawn_at) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'message % went out', OLD.id;
END
$$;
DROP TRIGGER message_out ON message;
CREATE TRIGGER message_out BEFORE UPDATE ON message FOR EACH ROW WHEN (OLD.released_at IS NOT NULL) EXECUTE FUNCTION message_out();

-- Before it goes out nobody rewords it either: it is taken back, and written anew.
CREATE FUNCTION message_written() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'message % is written', OLD.id;
END
$$;
CREATE TRIGGER message_written BEFORE UPDATE OF body, withdrawn_at ON message FOR EACH ROW
    WHEN (OLD.released_at IS NULL AND (NEW.body <> OLD.body OR NEW.withdrawn_at IS NOT NULL)) EXECUTE FUNCTION message_written();

-- The subject goes along with the message that began the conversation, and in no other way.
ALTER TABLE message_thread DROP CONSTRAINT message_thread_subject_check, ADD CONSTRAINT message_thread_subject_check CHECK (length(subject) <= 120);
GRANT UPDATE (subject) ON message_thread TO ouderportaal_app;
CREATE FUNCTION message_thread_subject() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.subject = '' AND EXISTS (SELECT FROM message_withdrawal w JOIN message m ON m.tenant_id = w.tenant_id AND m.id = w.message_id
        WHERE m.tenant_id = OLD.tenant_id AND m.thread_id = OLD.id AND w.subject = OLD.subject) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'thread % has another subject', NEW.id;
END
$$;
CREATE TRIGGER message_thread_subject BEFORE UPDATE OF subject ON message_thread FOR EACH ROW WHEN (NEW.subject <> OLD.subject) EXECUTE FUNCTION message_thread_subject();
CREATE TRIGGER message_thread_subject_given BEFORE INSERT ON message_thread FOR EACH ROW WHEN (NEW.subject = '') EXECUTE FUNCTION message_thread_subject();

-- Its words are found no more. Those of the rest of the conversation are kept anew without the subject.
GRANT DELETE ON message_word TO ouderportaal_app;
CREATE POLICY withdrawn ON message_word AS RESTRICTIVE FOR DELETE TO ouderportaal_app USING (EXISTS (
    SELECT FROM message m WHERE m.tenant_id = message_word.tenant_id AND m.thread_id = message_word.thread_id AND m.withdrawn_at IS NOT NULL));
