-- Who opened an entry: guardians what the group wrote, the group what came from home.
CREATE TABLE diary_reading (
    tenant_id uuid NOT NULL,
    entry_id  uuid NOT NULL,
    person_id uuid NOT NULL,
    at_work   boolean NOT NULL,
    read_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, entry_id, person_id, at_work),
    FOREIGN KEY (tenant_id, entry_id) REFERENCES diary_entry (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);

-- When a guardian last looked at the timeline, and what was new then.
CREATE TABLE diary_visit (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    since     timestamptz NOT NULL,
    last_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, person_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
COMMENT ON COLUMN diary_visit.since IS 'The end of the visit before this one: what is newer is new.';

DO $$
DECLARE
    t text;
    o uuid;
BEGIN
    FOREACH t IN ARRAY ARRAY['diary_reading', 'diary_visit'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ouderportaal_app', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO ouderportaal_platform', t);
    END LOOP;
    -- What was read in the list of notifications until now.
    FOR o IN SELECT id FROM tenant LOOP
        PERFORM set_config('app.tenant_id', o::text, true);
        INSERT INTO diary_reading SELECT n.tenant_id, e.id, n.person_id, false, min(n.read_at)
            FROM notification n JOIN diary_entry e ON e.tenant_id = n.tenant_id AND e.id = n.subject_id
            WHERE n.tenant_id = o AND n.item IN ('diary', 'photos') AND n.read_at IS NOT NULL GROUP BY 1, 2, 3;
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END
$$;
