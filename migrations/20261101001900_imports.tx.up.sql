-- Files that are brought in: what would happen is kept with the file until somebody says that it shall.
CREATE TABLE import_file (
    tenant_id   uuid NOT NULL REFERENCES tenant (id),
    id          uuid NOT NULL,
    created_by  uuid NOT NULL,
    applied_by  uuid,
    file_name   text NOT NULL CHECK (length(file_name) <= 200),
    state       text NOT NULL CHECK (state IN ('draft', 'queued', 'running', 'done', 'refused', 'expired')),
    kind        text NOT NULL CHECK (kind IN ('planning', 'groups', 'staff')),
    mapping     jsonb NOT NULL,
    content     bytea CHECK (length(content) <= 10485760),
    preview     bytea,
    fingerprint bytea NOT NULL CHECK (length(fingerprint) = 32),
    counts      jsonb NOT NULL,
    written     int NOT NULL DEFAULT 0,
    to_write    int NOT NULL DEFAULT 0,
    refusal     text NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, created_by) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, applied_by) REFERENCES person (tenant_id, id)
);
CREATE INDEX import_file_by_age ON import_file (tenant_id, created_at);
COMMENT ON COLUMN import_file.content IS 'Names of children: gone as soon as the import is done, and a day after it was sent.';
COMMENT ON COLUMN import_file.fingerprint IS 'SHA-256 of the preview: what is applied is what was seen.';

-- What columns meant the last time, by the set of headers.
CREATE TABLE import_mapping (
    tenant_id  uuid NOT NULL REFERENCES tenant (id),
    headers    bytea NOT NULL CHECK (length(headers) = 32),
    meaning    jsonb NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, headers)
);

-- The number under which the administration that files come from knows a child.
CREATE TABLE child_number (
    tenant_id uuid NOT NULL,
    child_id  uuid NOT NULL,
    number    text NOT NULL CHECK (length(number) BETWEEN 1 AND 40),
    PRIMARY KEY (tenant_id, child_id),
    UNIQUE (tenant_id, number),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id) ON DELETE CASCADE
);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['import_file', 'import_mapping', 'child_number'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ouderportaal_app', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO ouderportaal_platform', t);
    END LOOP;
END
$$;
