-- When messages to the groups of a location are read, as its organisation tells parents before they send one.
CREATE TABLE message_hours (
    tenant_id   uuid NOT NULL,
    location_id uuid NOT NULL,
    words       text NOT NULL CHECK (length(words) BETWEEN 1 AND 200),
    days        jsonb NOT NULL CHECK (jsonb_array_length(days) BETWEEN 1 AND 7),
    PRIMARY KEY (tenant_id, location_id),
    FOREIGN KEY (tenant_id, location_id) REFERENCES location (tenant_id, id)
);
COMMENT ON COLUMN message_hours.days IS 'One of each weekday on which they are read: {"weekday": 1, "from": "08:00", "to": "17:00"}; 1 is Monday.';
ALTER TABLE message_hours ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_hours FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON message_hours USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON message_hours TO ouderportaal_app;
GRANT SELECT, INSERT, UPDATE ON message_hours TO ouderportaal_platform;
