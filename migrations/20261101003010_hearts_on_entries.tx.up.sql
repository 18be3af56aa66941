-- Who gave an entry a heart, on the entry: a timeline shows twenty of them, and looked each up twice.
ALTER TABLE diary_entry ADD COLUMN loved_by uuid[] NOT NULL DEFAULT '{}';
COMMENT ON COLUMN diary_entry.loved_by IS 'Read model: the people of diary_heart. Changed with it, in the same transaction.';
DO $$
DECLARE
    o uuid;
BEGIN
    FOR o IN SELECT id FROM tenant LOOP
        PERFORM set_config('app.tenant_id', o::text, true);
        UPDATE diary_entry e SET loved_by = h.people
            FROM (SELECT entry_id, array_agg(person_id ORDER BY given_at) AS people FROM diary_heart WHERE tenant_id = o GROUP BY entry_id) AS h
            WHERE e.tenant_id = o AND e.id = h.entry_id;
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END
$$;
