-- What guardians read of the locations where their children come: when they are open, and who works there.
CREATE TABLE location_opening (
    tenant_id   uuid NOT NULL,
    location_id uuid NOT NULL,
    days        jsonb NOT NULL CHECK (jsonb_typeof(days) = 'array' AND jsonb_array_length(days) BETWEEN 0 AND 14),
    version     int NOT NULL CHECK (version > 0),
    PRIMARY KEY (tenant_id, location_id),
    FOREIGN KEY (tenant_id, location_id) REFERENCES location (tenant_id, id)
);
COMMENT ON COLUMN location_opening.days IS 'The times of the week, at most two a day: {"weekday": 1, "from": "07:30", "to": "18:30"}; 1 is Monday.';
ALTER TABLE location_opening ENABLE ROW LEVEL SECURITY;
ALTER TABLE location_opening FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON location_opening USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE ON location_opening TO ouderportaal_app, ouderportaal_platform;

CREATE TABLE location_exception (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    location_id uuid NOT NULL,
    on_day      date NOT NULL,
    from_time   time NOT NULL,
    to_time     time NOT NULL,
    reason      text NOT NULL DEFAULT '' CHECK (length(reason) <= 80),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, location_id, on_day),
    FOREIGN KEY (tenant_id, location_id) REFERENCES location (tenant_id, id),
    CHECK (from_time < to_time)
);
COMMENT ON TABLE location_exception IS 'A day on which a location is open at other times than in other weeks. Days on which it is closed are in agenda_entry.';
ALTER TABLE location_exception ENABLE ROW LEVEL SECURITY;
ALTER TABLE location_exception FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON location_exception USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, DELETE ON location_exception TO ouderportaal_app;
GRANT SELECT, INSERT, UPDATE ON location_exception TO ouderportaal_platform;

-- What guardians read of somebody who works in the group of their child.
CREATE TABLE staff_profile (
    tenant_id    uuid NOT NULL,
    person_id    uuid NOT NULL,
    title        text NOT NULL DEFAULT '' CHECK (length(title) <= 80),
    weekdays     jsonb NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(weekdays) = 'array' AND jsonb_array_length(weekdays) <= 7),
    days_shown   boolean NOT NULL DEFAULT true,
    introduction text NOT NULL DEFAULT '' CHECK (length(introduction) <= 2000),
    proposal     text NOT NULL DEFAULT '' CHECK (length(proposal) <= 2000),
    hidden_at    timestamptz,
    version      int NOT NULL DEFAULT 1 CHECK (version > 0),
    PRIMARY KEY (tenant_id, person_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
COMMENT ON COLUMN staff_profile.weekdays IS 'On which they work: [1, 2, 4]; 1 is Monday.';
COMMENT ON COLUMN staff_profile.introduction IS 'Written by themselves, or by another and agreed to.';
COMMENT ON COLUMN staff_profile.proposal IS 'Written by who runs the location; shown to nobody until the person agrees.';
COMMENT ON COLUMN staff_profile.hidden_at IS 'Since when guardians see nothing of this person on Mijn locatie.';
ALTER TABLE staff_profile ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff_profile FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON staff_profile USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE ON staff_profile TO ouderportaal_app, ouderportaal_platform;

CREATE TABLE staff_photo (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    person_id   uuid NOT NULL,
    uploaded_by uuid NOT NULL,
    state       text NOT NULL CHECK (state IN ('uploaded', 'ready', 'refused')),
    refusal     text NOT NULL DEFAULT '',
    storage_key text NOT NULL,
    bytes       bigint NOT NULL CHECK (bytes > 0),
    width       int NOT NULL DEFAULT 0,
    height      int NOT NULL DEFAULT 0,
    approved_at timestamptz,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, storage_key),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, uploaded_by) REFERENCES person (tenant_id, id)
);
CREATE INDEX staff_photo_of_person ON staff_photo (tenant_id, person_id, created_at);
CREATE INDEX staff_photo_by_uploader ON staff_photo (tenant_id, uploaded_by);
COMMENT ON COLUMN staff_photo.approved_at IS 'When the person on it agreed that guardians see it; one that they uploaded themselves they agreed to by that.';
ALTER TABLE staff_photo ENABLE ROW LEVEL SECURITY;
ALTER TABLE staff_photo FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON staff_photo USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, DELETE ON staff_photo TO ouderportaal_app;
GRANT UPDATE (state, refusal, width, height, approved_at) ON staff_photo TO ouderportaal_app;
GRANT SELECT, INSERT, UPDATE ON staff_photo TO ouderportaal_platform;
