-- A secret address at which a guardian's own calendar program fetches the agenda. Only the hash of the secret is kept.
CREATE TABLE agenda_feed (
    tenant_id   uuid NOT NULL,
    person_id   uuid NOT NULL,
    secret_hash bytea NOT NULL CHECK (length(secret_hash) = 32),
    made_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, person_id),
    UNIQUE (tenant_id, secret_hash),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
ALTER TABLE agenda_feed ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenda_feed FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agenda_feed USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON agenda_feed TO ouderportaal_app;
GRANT SELECT, INSERT, UPDATE ON agenda_feed TO ouderportaal_platform;
