-- A private line to management: a conversation is with a group, or with who runs a location. Of the second kind no group is named, so that
-- no rule about groups lets anybody near it, also not one of a program of before this.
ALTER TABLE message_thread ALTER COLUMN group_id DROP NOT NULL, ADD COLUMN location_id uuid,
    ADD FOREIGN KEY (tenant_id, location_id) REFERENCES location (tenant_id, id),
    ADD CONSTRAINT message_thread_with CHECK ((group_id IS NULL) <> (location_id IS NULL));
CREATE INDEX message_thread_of_location ON message_thread (tenant_id, location_id, moved_at DESC, id DESC) WHERE location_id IS NOT NULL;
COMMENT ON COLUMN message_thread.location_id IS 'Whose management it is with, and nobody of its groups; NULL: it is with a group.';

-- Who runs the organisation or a location is told of these in that role alone.
ALTER TABLE notification DROP CONSTRAINT notification_audience_check,
    ADD CONSTRAINT notification_audience_check CHECK (audience IN ('guardians', 'staff', 'management'));
