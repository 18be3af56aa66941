-- Who opened what of a child, for its guardians to read. Rows are added and never changed.
CREATE TABLE child_access (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    child_id    uuid NOT NULL,
    person_id   uuid NOT NULL,
    person_role text NOT NULL CHECK (person_role IN ('role:parent', 'role:staff', 'role:manager', 'role:admin')),
    what        text NOT NULL CHECK (what IN ('file', 'photo', 'download', 'photos', 'archive', 'export')),
    object_id   uuid NOT NULL,
    opened_at   timestamptz NOT NULL,
    slot        bigint NOT NULL,
    PRIMARY KEY (tenant_id, id),
    -- The same opened again within a slot is the same row.
    UNIQUE (tenant_id, child_id, person_id, what, object_id, slot, person_role),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX child_access_newest ON child_access (tenant_id, child_id, opened_at DESC, id DESC);
COMMENT ON TABLE child_access IS 'The app adds and reads, and changes nothing.';
COMMENT ON COLUMN child_access.object_id IS 'What was opened: a photo, an entry of the diary, the child. One action that opens several children has the same.';
COMMENT ON COLUMN child_access.slot IS 'The quarter of an hour of opened_at, counted from 1970.';

ALTER TABLE child_access ENABLE ROW LEVEL SECURITY;
ALTER TABLE child_access FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON child_access USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON child_access TO ouderportaal_app, ouderportaal_platform;
