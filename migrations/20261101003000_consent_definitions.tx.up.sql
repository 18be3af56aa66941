-- What an organisation asks of guardians: for what, in which words, who has to answer, and from when to when. A purpose without
-- a row here is not asked, but for photos: those are asked everywhere, in the product's own words until there are others.
CREATE TABLE consent_definition (
    tenant_id     uuid NOT NULL,
    purpose       text NOT NULL CHECK (purpose ~ '^[a-z][a-z0-9_]{1,39}$'),
    required      text NOT NULL CHECK (required IN ('one', 'every')),
    starts_on     date NOT NULL,
    ends_on       date CHECK (ends_on >= starts_on),
    running       boolean NOT NULL,
    text_version  int NOT NULL CHECK (text_version > 0),
    asked_version int NOT NULL CHECK (asked_version BETWEEN 1 AND text_version),
    version       int NOT NULL CHECK (version > 0),
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, purpose)
);
COMMENT ON COLUMN consent_definition.running IS 'Whether today is from starts_on to ends_on. A sweep turns it at midnight, and with it what may be shown.';
COMMENT ON COLUMN consent_definition.text_version IS 'The words of now.';
COMMENT ON COLUMN consent_definition.asked_version IS 'The oldest words to which an answer counts as answered; an answer to older ones holds until there is another.';

CREATE TABLE consent_text (
    tenant_id    uuid NOT NULL,
    purpose      text NOT NULL,
    text_version int NOT NULL CHECK (text_version > 0),
    title        text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    body         text NOT NULL CHECK (length(body) BETWEEN 1 AND 4000),
    published_at timestamptz NOT NULL,
    published_by uuid NOT NULL,
    PRIMARY KEY (tenant_id, purpose, text_version),
    FOREIGN KEY (tenant_id, purpose) REFERENCES consent_definition (tenant_id, purpose),
    FOREIGN KEY (tenant_id, published_by) REFERENCES person (tenant_id, id)
);
COMMENT ON TABLE consent_text IS 'Every wording that was ever asked. The app adds and reads, and changes nothing: an answer is to the words of its version.';

ALTER TABLE consent_answer
    DROP CONSTRAINT consent_answer_purpose_check,
    ADD COLUMN text_version int NOT NULL DEFAULT 1 CHECK (text_version > 0),
    ADD COLUMN answered_for uuid,
    ADD FOREIGN KEY (tenant_id, answered_for) REFERENCES person (tenant_id, id);
COMMENT ON COLUMN consent_answer.answered_for IS 'The guardian whose answer it is: the writer, or who answered on paper. NULL is an answer on paper for everybody.';

ALTER TABLE consent_state
    DROP CONSTRAINT consent_state_purpose_check,
    ADD COLUMN text_version int NOT NULL DEFAULT 1 CHECK (text_version >= 0);
COMMENT ON COLUMN consent_state.text_version IS 'The oldest words that one of those who have to answer has answered; 0 while somebody has not.';
CREATE INDEX consent_state_of_purpose ON consent_state (tenant_id, purpose, child_id);

DO $$
DECLARE
    t text;
    o uuid;
BEGIN
    -- Whose answers they were: until now only guardians answered, and the office for all of them.
    FOR o IN SELECT id FROM tenant LOOP
        PERFORM set_config('app.tenant_id', o::text, true);
        UPDATE consent_answer a SET answered_for = answered_by WHERE a.tenant_id = o AND EXISTS (
            SELECT FROM guardianship g WHERE g.tenant_id = o AND g.child_id = a.child_id AND g.person_id = a.answered_by AND g.kind = 'gezag');
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
    FOREACH t IN ARRAY ARRAY['consent_definition', 'consent_text'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE ON consent_definition TO ouderportaal_app, ouderportaal_platform;
GRANT SELECT, INSERT ON consent_text TO ouderportaal_app, ouderportaal_platform;
