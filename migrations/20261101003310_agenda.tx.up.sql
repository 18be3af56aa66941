-- What an organisation puts in the agenda: days on which it is closed, and what there is to do.
CREATE TABLE agenda_entry (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('closed', 'activity')),
    location_id  uuid,
    group_id     uuid,
    first_day    date NOT NULL,
    last_day     date NOT NULL,
    from_time    time,
    to_time      time,
    title        text NOT NULL CHECK (length(title) BETWEEN 1 AND 80),
    place        text NOT NULL DEFAULT '' CHECK (length(place) <= 80),
    version      int NOT NULL DEFAULT 1 CHECK (version > 0),
    withdrawn_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, location_id) REFERENCES location (tenant_id, id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES care_group (tenant_id, id),
    CHECK (first_day <= last_day),
    CHECK (from_time IS NOT NULL OR to_time IS NULL),
    CHECK (from_time < to_time),
    CHECK (kind = 'activity' OR from_time IS NULL AND group_id IS NULL)
);
CREATE INDEX agenda_entry_of_days ON agenda_entry (tenant_id, last_day, first_day) WHERE withdrawn_at IS NULL;
COMMENT ON COLUMN agenda_entry.location_id IS 'NULL: all of the organisation.';
COMMENT ON COLUMN agenda_entry.group_id IS 'A group of the location; NULL: all of it.';
ALTER TABLE agenda_entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE agenda_entry FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON agenda_entry USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE ON agenda_entry TO ouderportaal_app, ouderportaal_platform;
