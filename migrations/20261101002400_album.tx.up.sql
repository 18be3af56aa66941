-- Which of an entry's photos show a child, kept beside the child: months are counted, and pages of the album found, in an index
-- alone, and an entry that is only words is not read at all.
ALTER TABLE diary_entry_child ADD COLUMN photos bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN diary_entry_child.photos IS 'Read model: the photos of the entry that show the child and may be shown today, as bits by their place in diary_entry.media.';
CREATE INDEX diary_entry_child_with_photos ON diary_entry_child (tenant_id, child_id, published_at DESC, entry_id DESC) INCLUDE (photos) WHERE photos <> 0;

DO $$
DECLARE
    t uuid;
BEGIN
    FOR t IN SELECT id FROM tenant LOOP
        PERFORM set_config('app.tenant_id', t::text, true);
        WITH shown AS (
            SELECT e.id AS entry_id, x.child_id::uuid, bit_or(1::bigint << (m.place - 1)::int) AS photos
            FROM diary_entry e, json_array_elements(e.media) WITH ORDINALITY AS m (photo, place),
                json_array_elements_text(CASE json_typeof(m.photo -> 'c') WHEN 'array' THEN m.photo -> 'c' ELSE '[]' END) AS x (child_id)
            WHERE e.tenant_id = t AND (m.photo ->> 'w')::int > 0 AND m.place <= 62
            GROUP BY 1, 2)
        UPDATE diary_entry_child c SET photos = s.photos FROM shown s WHERE c.tenant_id = t AND c.entry_id = s.entry_id AND c.child_id = s.child_id;
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END
$$;
