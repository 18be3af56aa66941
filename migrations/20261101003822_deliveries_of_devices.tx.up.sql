-- A program of before push names the rows of a person that there may be one of: ON CONFLICT (tenant_id, event_id, person_id, channel). That
-- stays what is unique (R69). So a push names its device in its channel, and what kind of channel it is, is read from there.
ALTER TABLE delivery DROP CONSTRAINT delivery_once, DROP CONSTRAINT delivery_channel_check, DROP CONSTRAINT delivery_device_check, NO FORCE ROW LEVEL SECURITY;
UPDATE delivery SET channel = 'push:' || device_id WHERE channel = 'push';
ALTER TABLE delivery FORCE ROW LEVEL SECURITY,
    ADD CONSTRAINT delivery_channel_check CHECK (CASE WHEN device_id IS NULL THEN channel = 'mail' ELSE channel = 'push:' || device_id END),
    ADD CONSTRAINT delivery_tenant_id_event_id_person_id_channel_key UNIQUE (tenant_id, event_id, person_id, channel),
    ADD COLUMN kind text NOT NULL GENERATED ALWAYS AS (split_part(channel, ':', 1)) STORED;
COMMENT ON COLUMN delivery.channel IS 'mail, or push: with the device behind it. One of each for an event and a person.';
COMMENT ON COLUMN delivery.kind IS 'Of the channel: mail or push. The relay finds its work by it; delivery_due is for a program of before, and goes when there is none.';
CREATE INDEX delivery_due_by_kind ON delivery (kind, queue, tenant_id, due_at) WHERE state = 'waiting';
