-- An organisation that begins with made-up children, parents and colleagues, to try the portal with.
ALTER TABLE tenant ADD COLUMN example boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN tenant.example IS 'Its data are made up; that is decided when it is made, and its pages say so.';

-- How far filling it has come. The platform reads it, to show its operators.
CREATE TABLE example_data (
    tenant_id  uuid PRIMARY KEY REFERENCES tenant (id),
    state      text NOT NULL CHECK (state IN ('waiting', 'filling', 'ready', 'failed')),
    done       int NOT NULL DEFAULT 0,
    total      int NOT NULL DEFAULT 0,
    changed_at timestamptz NOT NULL
);
COMMENT ON COLUMN example_data.done IS 'Photos that are stored, of total.';

ALTER TABLE example_data ENABLE ROW LEVEL SECURITY;
ALTER TABLE example_data FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON example_data USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY platform ON example_data FOR SELECT TO ouderportaal_platform USING (true);
GRANT SELECT, INSERT, UPDATE ON example_data TO ouderportaal_app;
GRANT SELECT ON example_data TO ouderportaal_platform;
