\set p random(0, :tenants * :each - 1)
\set tenant 100000000000 + :first + :p / :each
\set person 100000000000 + (:first + :p / :each) * 718 + :p % :each
\startpipeline
SELECT set_config('app.tenant_id', '01910000-0000-7000-8000-' || :tenant, true);
SELECT k.id, k.given_name, k.face, e.id, e.kind, e.group_id, e.group_name, e.author_id, e.author_name, e.author_face, e.title, e.body, e.published_at, ph.photos
FROM guardianship g
JOIN child k ON k.tenant_id = g.tenant_id AND k.id = g.child_id
CROSS JOIN LATERAL (
    SELECT c.entry_id FROM diary_entry_child c WHERE c.tenant_id = g.tenant_id AND c.child_id = g.child_id
    ORDER BY c.published_at DESC, c.entry_id DESC LIMIT 20) newest
JOIN diary_entry e ON e.tenant_id = g.tenant_id AND e.id = newest.entry_id AND e.withdrawn_at IS NULL
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object('id', p.id, 'w', p.width, 'h', p.height, 't', encode(p.thumbhash, 'base64'), 'a', p.alt) ORDER BY p.position) AS photos
    FROM photo p WHERE p.tenant_id = e.tenant_id AND p.entry_id = e.id AND p.state = 'ready') ph ON true
WHERE g.tenant_id = ('01910000-0000-7000-8000-' || :tenant)::uuid AND g.person_id = ('01911000-0000-7000-8000-' || :person)::uuid
AND g.kind IN ('gezag', 'informatierecht') AND g.blocked_at IS NULL AND g.valid_from <= current_date AND (g.valid_to IS NULL OR g.valid_to >= current_date)
ORDER BY e.published_at DESC, e.id DESC;
\endpipeline
