-- That who runs an organisation needs its list of first steps no more.
CREATE TABLE house_start (
    tenant_id uuid PRIMARY KEY REFERENCES tenant (id),
    over_at   timestamptz NOT NULL,
    over_by   uuid NOT NULL,
    FOREIGN KEY (tenant_id, over_by) REFERENCES person (tenant_id, id)
);
COMMENT ON TABLE house_start IS 'No row: the first page of the console shows the steps that are not taken yet.';

ALTER TABLE house_start ENABLE ROW LEVEL SECURITY;
ALTER TABLE house_start FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON house_start USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON house_start TO ouderportaal_app;
