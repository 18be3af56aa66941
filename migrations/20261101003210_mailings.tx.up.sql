-- One message from who works here to many families, each in a conversation of its own.
CREATE TABLE message_mailing (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    reach      text NOT NULL CHECK (reach IN ('child', 'group', 'location')),
    reach_id   uuid NOT NULL,
    group_id   uuid NOT NULL,
    families   int NOT NULL CHECK (families > 0),
    author_id  uuid NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES care_group (tenant_id, id),
    FOREIGN KEY (tenant_id, author_id) REFERENCES person (tenant_id, id)
);
COMMENT ON COLUMN message_mailing.reach_id IS 'The child, the group or the location whose families it went to. No foreign key: it is one of three tables.';
COMMENT ON COLUMN message_mailing.group_id IS 'The group in which it was written.';

ALTER TABLE message ADD COLUMN mailing_id uuid, ADD FOREIGN KEY (tenant_id, mailing_id) REFERENCES message_mailing (tenant_id, id);
CREATE INDEX message_of_mailing ON message (tenant_id, mailing_id) WHERE mailing_id IS NOT NULL;

ALTER TABLE message_mailing ENABLE ROW LEVEL SECURITY;
ALTER TABLE message_mailing FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON message_mailing USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON message_mailing TO ouderportaal_app;
GRANT SELECT, INSERT, UPDATE ON message_mailing TO ouderportaal_platform;
