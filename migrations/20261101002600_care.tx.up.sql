-- What a child's day in a group was made of: when it was there, slept, ate. A record is what holds now; every form that it
-- ever had is a change beside it, with who and when. The list of who was there is evidence.
CREATE TABLE care_record (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    child_id     uuid NOT NULL,
    group_id     uuid NOT NULL,
    care_on      date NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('stay', 'sleep', 'food', 'bottle', 'nappy', 'mood', 'temperature', 'note')),
    began_at     timestamptz NOT NULL,
    ended_at     timestamptz CHECK (ended_at >= began_at),
    amount       int NOT NULL DEFAULT 0 CHECK (amount BETWEEN 0 AND 1000),
    choice       text NOT NULL DEFAULT '' CHECK (length(choice) <= 20),
    words        text NOT NULL DEFAULT '' CHECK (length(words) <= 500),
    version      int NOT NULL CHECK (version > 0),
    withdrawn_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES care_group (tenant_id, id),
    CHECK (ended_at IS NULL OR kind IN ('stay', 'sleep'))
);
CREATE INDEX care_record_of_day ON care_record (tenant_id, child_id, care_on, began_at) WHERE withdrawn_at IS NULL;
CREATE INDEX care_record_of_group ON care_record (tenant_id, group_id, care_on);
-- Nobody is there twice, or falls asleep while asleep.
CREATE UNIQUE INDEX care_record_open ON care_record (tenant_id, child_id, care_on, kind)
    WHERE ended_at IS NULL AND withdrawn_at IS NULL AND kind IN ('stay', 'sleep');
COMMENT ON COLUMN care_record.ended_at IS 'Of a stay or a sleep; NULL while it lasts, and for what takes no time.';
COMMENT ON COLUMN care_record.amount IS 'Of a bottle in millilitres, of a temperature in tenths of a degree Celsius.';

CREATE TABLE care_change (
    tenant_id  uuid NOT NULL,
    record_id  uuid NOT NULL,
    version    int NOT NULL CHECK (version > 0),
    action_id  uuid NOT NULL,
    began_at   timestamptz NOT NULL,
    ended_at   timestamptz,
    amount     int NOT NULL,
    choice     text NOT NULL,
    words      text NOT NULL,
    withdrawn  boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by uuid NOT NULL,
    PRIMARY KEY (tenant_id, record_id, version),
    FOREIGN KEY (tenant_id, record_id) REFERENCES care_record (tenant_id, id),
    FOREIGN KEY (tenant_id, changed_by) REFERENCES person (tenant_id, id)
);
CREATE INDEX care_change_of_action ON care_change (tenant_id, action_id);
COMMENT ON TABLE care_change IS 'Every form that a record had, the one of now included. The app adds and reads, and changes nothing.';
COMMENT ON COLUMN care_change.action_id IS 'What was done for several children at once, and is undone at once.';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['care_record', 'care_change'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE ON care_record TO ouderportaal_app, ouderportaal_platform;
GRANT SELECT, INSERT ON care_change TO ouderportaal_app, ouderportaal_platform;
