-- When somebody wants mail, where it differs from "as soon as there is something".
CREATE TABLE notification_rhythm (
    tenant_id   uuid NOT NULL,
    person_id   uuid NOT NULL,
    daily       boolean NOT NULL,
    daily_at    text NOT NULL CHECK (daily_at ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    quiet       boolean NOT NULL,
    quiet_from  text NOT NULL CHECK (quiet_from ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    quiet_until text NOT NULL CHECK (quiet_until ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'),
    PRIMARY KEY (tenant_id, person_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    CHECK (quiet_from <> quiet_until)
);
COMMENT ON COLUMN notification_rhythm.daily IS 'What is only nice to know comes in one mail a day, at daily_at.';
COMMENT ON COLUMN notification_rhythm.quiet_from IS 'A time of the day of the organisation, as are the others. Past quiet_until the night lies between them.';

-- Mail that waits for more of its kind: one delivery, which carries those that come meanwhile.
CREATE TABLE notification_gathering (
    tenant_id  uuid NOT NULL,
    carrier_id uuid NOT NULL,
    person_id  uuid NOT NULL,
    due_at     timestamptz NOT NULL,
    closed_at  timestamptz,
    PRIMARY KEY (tenant_id, carrier_id),
    FOREIGN KEY (tenant_id, carrier_id) REFERENCES delivery (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE UNIQUE INDEX notification_gathering_open ON notification_gathering (tenant_id, person_id) WHERE closed_at IS NULL;
COMMENT ON COLUMN notification_gathering.closed_at IS 'From here on it is being sent, perhaps more than once, and takes no more.';

CREATE TABLE notification_gathered (
    tenant_id   uuid NOT NULL,
    delivery_id uuid NOT NULL,
    carrier_id  uuid NOT NULL,
    PRIMARY KEY (tenant_id, delivery_id),
    FOREIGN KEY (tenant_id, delivery_id) REFERENCES delivery (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, carrier_id) REFERENCES notification_gathering (tenant_id, carrier_id) ON DELETE CASCADE
);
CREATE INDEX notification_gathered_by ON notification_gathered (tenant_id, carrier_id);
COMMENT ON TABLE notification_gathered IS 'The delivery is told in the mail of the carrier, and has none of its own.';

ALTER TABLE notification_rhythm ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_rhythm FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notification_rhythm USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE notification_gathering ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_gathering FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notification_gathering USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
ALTER TABLE notification_gathered ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_gathered FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notification_gathered USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE ON notification_rhythm TO ouderportaal_app, ouderportaal_platform;
GRANT SELECT, INSERT, UPDATE ON notification_gathering TO ouderportaal_app, ouderportaal_platform;
GRANT SELECT, INSERT ON notification_gathered TO ouderportaal_app, ouderportaal_platform;
