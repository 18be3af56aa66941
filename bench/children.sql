\startpipeline
SELECT set_config('app.tenant_id', '01910000-0000-7000-8000-100000000999', true);
SELECT c.id, c.given_name, c.family_name, c.birth_on, c.face,
    (SELECT json_agg(json_build_object('group', o.name, 'location', l.name, 'days', (SELECT json_agg(d.weekday ORDER BY d.weekday) FROM placement_day d
            WHERE d.tenant_id = p.tenant_id AND d.placement_id = p.id)) ORDER BY p.starts_on)
        FROM placement p JOIN care_group o ON o.tenant_id = p.tenant_id AND o.id = p.group_id JOIN location l ON l.tenant_id = o.tenant_id AND l.id = o.location_id
        WHERE p.tenant_id = c.tenant_id AND p.child_id = c.id AND p.cancelled_at IS NULL AND (p.ends_on IS NULL OR p.ends_on >= current_date)),
    (SELECT json_agg(json_build_object('name', g.given_name || ' ' || g.family_name, 'active', g.password_hash IS NOT NULL))
        FROM guardianship t JOIN person g ON g.tenant_id = t.tenant_id AND g.id = t.person_id WHERE t.tenant_id = c.tenant_id AND t.child_id = c.id AND t.blocked_at IS NULL)
FROM child c
WHERE c.tenant_id = '01910000-0000-7000-8000-100000000999'
ORDER BY c.name_key, c.id LIMIT 51;
SELECT count(*), count(*) FILTER (WHERE p.starts_on <= current_date AND (p.ends_on IS NULL OR p.ends_on >= current_date)), count(*) FILTER (WHERE p.starts_on > current_date)
FROM child c LEFT JOIN placement p ON p.tenant_id = c.tenant_id AND p.child_id = c.id AND p.cancelled_at IS NULL
WHERE c.tenant_id = '01910000-0000-7000-8000-100000000999';
\endpipeline
