-- Answers that an organisation gives again and again, for who works there to begin with.
CREATE TABLE message_template (
    tenant_id uuid NOT NULL,
    id        uuid NOT NULL,
    title     text NOT NULL CHECK (length(title) BETWEEN 1 AND 80),
    body      text NOT NULL CHECK (length(body) BETWEEN 1 AND 5000),
    version   int NOT NULL DEFAULT 1 CHECK (version > 0),
    PRIMARY KEY (tenant_id, id)
);
COMMENT ON COLUMN message_template.body IS 'With {kind} where the given name of the child comes.';
ALTER TABLE message_template ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_template FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON message_template USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON message_template TO ouderportaal_app;
GRANT SELECT, INSERT, UPDATE ON message_template TO ouderportaal_platform;
