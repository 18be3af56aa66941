-- What the console needs to find, change and keep apart the files of children and people.

-- How names are compared: without capitals and accents, so that "zoe" finds Zoë. Both functions are immutable.
CREATE FUNCTION name_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(regexp_replace(normalize(name, NFD), '[\u0300-\u036f]', '', 'g'))
$$;

ALTER TABLE child
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD COLUMN name_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (name_key(given_name || ' ' || family_name)) STORED;
CREATE INDEX child_by_name ON child (tenant_id, name_key, id);
CREATE INDEX child_by_birth ON child (tenant_id, birth_on, id);

ALTER TABLE person
    ADD COLUMN version int NOT NULL DEFAULT 1,
    ADD COLUMN street text NOT NULL DEFAULT '' CHECK (length(street) <= 120),
    ADD COLUMN postcode text NOT NULL DEFAULT '' CHECK (length(postcode) <= 12),
    ADD COLUMN city text NOT NULL DEFAULT '' CHECK (length(city) <= 80),
    ADD COLUMN name_key text COLLATE "C" NOT NULL GENERATED ALWAYS AS (name_key(given_name || ' ' || family_name)) STORED;
CREATE INDEX person_by_name ON person (tenant_id, name_key, id);
COMMENT ON COLUMN person.street IS 'Address and phone are never shown to another household of a child: children.MayReach.';

-- Who changes a row says which version was on the screen.
ALTER TABLE guardianship ADD COLUMN version int NOT NULL DEFAULT 1;
ALTER TABLE location ADD COLUMN version int NOT NULL DEFAULT 1, ADD COLUMN closed_on date;
ALTER TABLE care_group ADD COLUMN version int NOT NULL DEFAULT 1, ADD COLUMN closed_on date;
COMMENT ON COLUMN location.closed_on IS 'Last day of care; NULL while it is open.';
COMMENT ON COLUMN care_group.closed_on IS 'Last day of care; NULL while it is open.';

-- When a placement was confirmed. Of those that were there already it is taken to be six weeks before their start.
ALTER TABLE placement ADD COLUMN version int NOT NULL DEFAULT 1, ADD COLUMN created_at timestamptz;
DO $$
DECLARE
    t uuid;
BEGIN
    FOR t IN SELECT id FROM tenant LOOP
        PERFORM set_config('app.tenant_id', t::text, true);
        UPDATE placement SET created_at = least((starts_on - 42)::timestamp AT TIME ZONE 'UTC', now()) WHERE tenant_id = t;
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END
$$;
ALTER TABLE placement ALTER COLUMN created_at SET DEFAULT now(), ALTER COLUMN created_at SET NOT NULL;

-- The log is read from its newest end, also of one person or one action.
CREATE INDEX audit_entry_by_time ON audit_entry (tenant_id, at DESC, id DESC);
CREATE INDEX audit_entry_of_actor ON audit_entry (tenant_id, actor_id, at DESC);
CREATE INDEX membership_of_role ON membership (tenant_id, role);
