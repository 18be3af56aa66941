-- The house style of an organisation: its one colour, its logo and the words that it adds to the sign-in page and to mails.
-- What every page needs stands in the directory, which is remembered by every process; each version of it stands here.

CREATE TABLE house_logo (
    tenant_id uuid NOT NULL REFERENCES tenant (id),
    id        uuid NOT NULL,
    picture   bytea NOT NULL CHECK (octet_length(picture) BETWEEN 1 AND 524288),
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON COLUMN house_logo.picture IS 'PNG of at most 512 by 512 pixels, drawn anew from what was sent.';

CREATE TABLE house_style (
    tenant_id  uuid NOT NULL REFERENCES tenant (id),
    version    int NOT NULL CHECK (version > 0),
    colour     text NOT NULL CHECK (colour ~ '^#[0-9a-f]{6}$'),
    hue        double precision NOT NULL CHECK (hue >= 0 AND hue < 360),
    chroma     double precision NOT NULL CHECK (chroma BETWEEN 0.02 AND 0.18),
    logo_id    uuid,
    words      jsonb NOT NULL DEFAULT '{}',
    changed_at timestamptz NOT NULL,
    changed_by uuid,
    PRIMARY KEY (tenant_id, version),
    FOREIGN KEY (tenant_id, logo_id) REFERENCES house_logo (tenant_id, id),
    FOREIGN KEY (tenant_id, changed_by) REFERENCES person (tenant_id, id)
);
COMMENT ON TABLE house_style IS 'Every version; the newest holds. Undoing one adds what was before as another.';
COMMENT ON COLUMN house_style.colour IS 'As it was chosen. Hue and chroma are what pages and mails use of it.';
COMMENT ON COLUMN house_style.changed_by IS 'NULL: what an organisation began with.';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['house_logo', 'house_style'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO ouderportaal_app', t);
    END LOOP;
END
$$;

ALTER TABLE tenant ADD COLUMN logo_id uuid, ADD COLUMN words jsonb NOT NULL DEFAULT '{}';
COMMENT ON COLUMN tenant.logo_id IS 'Of house_logo; NULL for our own mark.';
COMMENT ON COLUMN tenant.words IS 'What the organisation adds, by language: {"sign_in": {"nl": "…"}, "mail_foot": {"nl": "…"}}.';

-- Who runs an organisation changes some columns of its own row; everybody reads all rows, to find the organisation of a host.
ALTER TABLE tenant ENABLE ROW LEVEL SECURITY;
CREATE POLICY directory ON tenant FOR SELECT USING (true);
CREATE POLICY platform ON tenant TO ouderportaal_platform USING (true) WITH CHECK (true);
CREATE POLICY own ON tenant FOR UPDATE TO ouderportaal_app USING (id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT UPDATE (brand_hue, brand_chroma, logo_id, words, changed_at) ON tenant TO ouderportaal_app;
