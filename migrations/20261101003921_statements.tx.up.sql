-- What an organisation tells everybody: its privacy statement, how to report a weak spot, how far the portal is accessible.
CREATE TABLE statement_text (
    tenant_id  uuid NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('privacy', 'disclosure', 'accessibility')),
    language   text NOT NULL CHECK (language IN ('nl', 'en')),
    version    int NOT NULL CHECK (version > 0),
    body       text NOT NULL CHECK (length(body) <= 20000),
    changed_at timestamptz NOT NULL,
    changed_by uuid,
    PRIMARY KEY (tenant_id, kind, language, version),
    FOREIGN KEY (tenant_id, changed_by) REFERENCES person (tenant_id, id)
);
COMMENT ON TABLE statement_text IS 'Every version; the newest of a kind and language holds.';
COMMENT ON COLUMN statement_text.body IS 'Empty: our own text, as the program has it.';
ALTER TABLE statement_text ENABLE ROW LEVEL SECURITY;
ALTER TABLE statement_text FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON statement_text USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON statement_text TO ouderportaal_app;

ALTER TABLE tenant ADD COLUMN security_contact text NOT NULL DEFAULT '' CHECK (length(security_contact) <= 300);
COMMENT ON COLUMN tenant.security_contact IS 'For security.txt: "mailto:…" or "https://…"; empty for that of the installation.';
GRANT UPDATE (security_contact) ON tenant TO ouderportaal_app;
