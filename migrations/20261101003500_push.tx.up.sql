-- Push: what browsers show on a device while the portal is closed.

-- A session may take the place of one that the same person had in the same browser. What was bound to that one stays.
ALTER TABLE session ADD COLUMN follows uuid,
    ADD FOREIGN KEY (tenant_id, follows) REFERENCES session (tenant_id, id) ON DELETE SET NULL (follows);
CREATE INDEX session_that_follows ON session (tenant_id, follows) WHERE follows IS NOT NULL;
COMMENT ON COLUMN session.follows IS 'The session of the same person in the same browser that ended when they signed in anew.';

-- Where somebody wants to be told by push: the browser of one session.
CREATE TABLE notification_device (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    person_id  uuid NOT NULL,
    session_id uuid NOT NULL,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    endpoint   text NOT NULL CHECK (endpoint LIKE 'https://%' AND length(endpoint) <= 1024),
    p256dh     bytea NOT NULL CHECK (length(p256dh) = 65),
    auth       bytea NOT NULL CHECK (length(auth) = 16),
    server_key bytea NOT NULL CHECK (length(server_key) = 65),
    created_at timestamptz NOT NULL,
    used_at    timestamptz,
    failed_at  timestamptz,
    failure    text NOT NULL DEFAULT '' CHECK (length(failure) <= 100),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, session_id),
    UNIQUE (tenant_id, person_id, endpoint),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, session_id) REFERENCES session (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN notification_device.endpoint IS 'Where the push service of the browser takes messages for it. Who knows the address and the keys can send.';
COMMENT ON COLUMN notification_device.server_key IS 'The public key that the browser was told: it takes messages of no other.';
COMMENT ON COLUMN notification_device.failure IS 'Why the last message was not taken; empty once one was.';

ALTER TABLE notification_device ENABLE ROW LEVEL SECURITY;
ALTER TABLE notification_device FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON notification_device USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON notification_device TO ouderportaal_app;
GRANT SELECT, INSERT, UPDATE ON notification_device TO ouderportaal_platform;

-- Whoever signs out, or is signed out, leaves no device behind, in whatever way the session ends. Looked at when the transaction is
-- kept: only then is it known whether another session follows.
CREATE FUNCTION notification_device_out() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    UPDATE notification_device d SET session_id = s.id FROM session s
        WHERE d.tenant_id = NEW.tenant_id AND d.session_id = NEW.id
        AND s.tenant_id = NEW.tenant_id AND s.follows = NEW.id AND s.person_id = NEW.person_id AND s.ended_at IS NULL;
    DELETE FROM notification_device WHERE tenant_id = NEW.tenant_id AND session_id = NEW.id;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER notification_device_out AFTER UPDATE OF ended_at ON session DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.ended_at IS NULL AND NEW.ended_at IS NOT NULL) EXECUTE FUNCTION notification_device_out();

-- One delivery for each device of a person. The device may be gone before its delivery is sent: it is named and not referred to.
ALTER TABLE delivery DROP CONSTRAINT delivery_channel_check, ADD CONSTRAINT delivery_channel_check CHECK (channel IN ('mail', 'push')),
    ADD COLUMN device_id uuid, ADD CONSTRAINT delivery_device_check CHECK ((channel = 'push') = (device_id IS NOT NULL)),
    DROP CONSTRAINT delivery_tenant_id_event_id_person_id_channel_key,
    ADD CONSTRAINT delivery_once UNIQUE NULLS NOT DISTINCT (tenant_id, event_id, person_id, channel, device_id);
COMMENT ON COLUMN delivery.device_id IS 'Of a push: the notification_device.';
ALTER TABLE notification_preference DROP CONSTRAINT notification_preference_channel_check,
    ADD CONSTRAINT notification_preference_channel_check CHECK (channel IN ('mail', 'push'));

-- What waits for more of its kind waits for each device by itself.
ALTER TABLE notification_gathering ADD COLUMN device_id uuid;
DROP INDEX notification_gathering_open;
CREATE UNIQUE INDEX notification_gathering_open ON notification_gathering (tenant_id, person_id, device_id) NULLS NOT DISTINCT WHERE closed_at IS NULL;
COMMENT ON COLUMN notification_gathering.device_id IS 'Of a push; a mail has none.';
