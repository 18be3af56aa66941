-- What an organisation has guardians declare about a child: a text with fields to fill in, for whom, and what was filled in.
CREATE TABLE declaration (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    answerers       text NOT NULL CHECK (answerers IN ('one', 'every')),
    required        boolean NOT NULL,
    audience        text NOT NULL CHECK (audience IN ('all', 'locations', 'groups')),
    from_age_months int NOT NULL DEFAULT 0 CHECK (from_age_months >= 0),
    to_age_months   int CHECK (to_age_months > from_age_months),
    remind_days     int NOT NULL DEFAULT 0 CHECK (remind_days BETWEEN 0 AND 90),
    text_version    int NOT NULL CHECK (text_version > 0),
    asked_version   int NOT NULL CHECK (asked_version BETWEEN 1 AND text_version),
    version         int NOT NULL CHECK (version > 0),
    created_at      timestamptz NOT NULL,
    created_by      uuid NOT NULL,
    published_at    timestamptz,
    ended_at        timestamptz CHECK (ended_at IS NULL OR published_at IS NOT NULL),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, created_by) REFERENCES person (tenant_id, id)
);
COMMENT ON COLUMN declaration.asked_version IS 'The oldest words to which an answer counts as answered.';
COMMENT ON COLUMN declaration.remind_days IS 'Who has not answered is reminded every so many days; 0 is never.';

CREATE TABLE declaration_location (
    tenant_id      uuid NOT NULL,
    declaration_id uuid NOT NULL,
    location_id    uuid NOT NULL,
    PRIMARY KEY (tenant_id, declaration_id, location_id),
    FOREIGN KEY (tenant_id, declaration_id) REFERENCES declaration (tenant_id, id),
    FOREIGN KEY (tenant_id, location_id) REFERENCES location (tenant_id, id)
);

CREATE TABLE declaration_group (
    tenant_id      uuid NOT NULL,
    declaration_id uuid NOT NULL,
    group_id       uuid NOT NULL,
    PRIMARY KEY (tenant_id, declaration_id, group_id),
    FOREIGN KEY (tenant_id, declaration_id) REFERENCES declaration (tenant_id, id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES care_group (tenant_id, id)
);

CREATE TABLE declaration_text (
    tenant_id      uuid NOT NULL,
    declaration_id uuid NOT NULL,
    text_version   int NOT NULL CHECK (text_version > 0),
    title          text NOT NULL CHECK (length(title) BETWEEN 1 AND 120),
    body           text NOT NULL CHECK (length(body) <= 8000),
    fields         jsonb NOT NULL,
    written_at     timestamptz NOT NULL,
    written_by     uuid NOT NULL,
    PRIMARY KEY (tenant_id, declaration_id, text_version),
    FOREIGN KEY (tenant_id, declaration_id) REFERENCES declaration (tenant_id, id),
    FOREIGN KEY (tenant_id, written_by) REFERENCES person (tenant_id, id)
);
COMMENT ON TABLE declaration_text IS 'Every wording, with its fields. One that was published is not changed any more: an answer is to the words of its version.';

CREATE TABLE declaration_answer (
    tenant_id      uuid NOT NULL,
    id             uuid NOT NULL,
    declaration_id uuid NOT NULL,
    child_id       uuid NOT NULL,
    text_version   int NOT NULL,
    filled         jsonb NOT NULL,
    answered_by    uuid NOT NULL,
    answered_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, declaration_id, text_version) REFERENCES declaration_text (tenant_id, declaration_id, text_version),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, answered_by) REFERENCES person (tenant_id, id)
);
CREATE INDEX declaration_answer_of_declaration ON declaration_answer (tenant_id, declaration_id, child_id, answered_at);
CREATE INDEX declaration_answer_of_child ON declaration_answer (tenant_id, child_id, answered_at);
COMMENT ON TABLE declaration_answer IS 'What guardians filled in. The app adds and reads, and changes nothing: the newest of each guardian counts, the rest is history.';

CREATE TABLE declaration_draft (
    tenant_id      uuid NOT NULL,
    declaration_id uuid NOT NULL,
    child_id       uuid NOT NULL,
    person_id      uuid NOT NULL,
    filled         jsonb NOT NULL,
    saved_at       timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, declaration_id, child_id, person_id),
    FOREIGN KEY (tenant_id, declaration_id) REFERENCES declaration (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
COMMENT ON TABLE declaration_draft IS 'What somebody filled in and could not send yet: it stands in the form again.';

CREATE TABLE declaration_told (
    tenant_id      uuid NOT NULL,
    declaration_id uuid NOT NULL,
    person_id      uuid NOT NULL,
    child_id       uuid NOT NULL,
    told_on        date NOT NULL,
    asked_version  int NOT NULL CHECK (asked_version > 0),
    batch          uuid NOT NULL,
    PRIMARY KEY (tenant_id, declaration_id, person_id, told_on, child_id),
    FOREIGN KEY (tenant_id, declaration_id) REFERENCES declaration (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX declaration_told_of_batch ON declaration_told (tenant_id, batch);
COMMENT ON TABLE declaration_told IS 'On which days somebody was asked to answer, about which children and which words: never twice on one day.';

CREATE FUNCTION declaration_text_kept() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM declaration d WHERE d.tenant_id = OLD.tenant_id AND d.id = OLD.declaration_id AND d.published_at IS NOT NULL) THEN
        RAISE EXCEPTION 'the words of declaration % were published', OLD.declaration_id;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER declaration_text_kept BEFORE UPDATE ON declaration_text FOR EACH ROW EXECUTE FUNCTION declaration_text_kept();

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['declaration', 'declaration_location', 'declaration_group', 'declaration_text', 'declaration_answer', 'declaration_draft', 'declaration_told'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE ON declaration, declaration_text TO ouderportaal_app, ouderportaal_platform;
GRANT SELECT, INSERT, DELETE ON declaration_location, declaration_group TO ouderportaal_app, ouderportaal_platform;
GRANT SELECT, INSERT ON declaration_answer, declaration_told TO ouderportaal_app, ouderportaal_platform;
GRANT SELECT, INSERT, UPDATE, DELETE ON declaration_draft TO ouderportaal_app, ouderportaal_platform;
