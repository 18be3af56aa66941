-- What guardians write in the diary of their child, and the hearts that both sides give.
ALTER TABLE diary_entry
    ADD COLUMN from_home boolean NOT NULL DEFAULT false,
    ADD COLUMN loved_at timestamptz;
COMMENT ON COLUMN diary_entry.from_home IS 'Written by a guardian about one child; group_id is where the child was placed then.';
COMMENT ON COLUMN diary_entry.loved_at IS 'When the first heart was given, of which the author is told once.';

-- A group reads what was written at home about the children who are in it now, wherever they were placed then.
ALTER TABLE diary_entry_child ADD COLUMN from_home boolean NOT NULL DEFAULT false;
CREATE INDEX diary_entry_child_from_home ON diary_entry_child (tenant_id, child_id, published_at DESC, entry_id DESC) WHERE from_home;

CREATE TABLE diary_heart (
    tenant_id uuid NOT NULL,
    entry_id  uuid NOT NULL,
    person_id uuid NOT NULL,
    given_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, entry_id, person_id),
    FOREIGN KEY (tenant_id, entry_id) REFERENCES diary_entry (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);

DO $$
DECLARE
    t text := 'diary_heart';
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ouderportaal_app', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO ouderportaal_platform', t);
END
$$;
