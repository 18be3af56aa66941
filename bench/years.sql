-- One organisation of sixteen families with three years behind them, beside the others: number 998 in the numbering of data.sql.
-- Two parents and two children each, the younger at two locations; 1,500 entries of which every second is about both, with four
-- photos each: 6,000. Photos stand in their entries, which is what a timeline reads.
DELETE FROM diary_entry_child WHERE tenant_id = bench.id('10', 998);
DELETE FROM photo_child WHERE tenant_id = bench.id('10', 998);
DELETE FROM photo WHERE tenant_id = bench.id('10', 998);
DELETE FROM diary_entry WHERE tenant_id = bench.id('10', 998);
DELETE FROM consent_state WHERE tenant_id = bench.id('10', 998);
DELETE FROM consent_answer WHERE tenant_id = bench.id('10', 998);
DELETE FROM placement WHERE tenant_id = bench.id('10', 998);
DELETE FROM guardianship WHERE tenant_id = bench.id('10', 998);
DELETE FROM child WHERE tenant_id = bench.id('10', 998);
DELETE FROM care_group WHERE tenant_id = bench.id('10', 998);
DELETE FROM location_care WHERE tenant_id = bench.id('10', 998);
DELETE FROM location WHERE tenant_id = bench.id('10', 998);
DELETE FROM session WHERE tenant_id = bench.id('10', 998);
DELETE FROM membership WHERE tenant_id = bench.id('10', 998);
DELETE FROM person WHERE tenant_id = bench.id('10', 998);
DELETE FROM tenant WHERE id = bench.id('10', 998);

INSERT INTO tenant (id, slug, name, created_at, changed_at) VALUES (bench.id('10', 998), 'bench998', 'Kinderopvang 998', now(), now());

INSERT INTO person (tenant_id, id, given_name, family_name, email, face, created_at)
SELECT bench.id('10', 998), bench.id('11', 998 * 718 + n), bench.given_name(n * 3 + 1), 'de Vries', 'p' || n || '@bench998.example', n, now()
FROM generate_series(0, 32) n;

INSERT INTO membership (tenant_id, id, person_id, role, valid_from, created_at)
SELECT bench.id('10', 998), bench.id('12', 998 * 718 + n), bench.id('11', 998 * 718 + n), CASE WHEN n < 32 THEN 'parent' ELSE 'staff' END, '2023-01-01', now()
FROM generate_series(0, 32) n;

INSERT INTO session (tenant_id, id, token_hash, person_id, membership_id, created_at, used_at, idle_until, expires_at)
SELECT bench.id('10', 998), bench.id('13', 998 * 718 + n), sha256(convert_to(bench.token(998 * 718 + n), 'UTF8')), bench.id('11', 998 * 718 + n),
    bench.id('12', 998 * 718 + n), now(), '2100-01-01', '2100-01-02', '2100-01-02'
FROM generate_series(0, 31) n;

INSERT INTO location (tenant_id, id, name) SELECT bench.id('10', 998), bench.id('20', 998 * 5 + n), 'Locatie ' || n FROM generate_series(0, 1) n;

INSERT INTO location_care (tenant_id, location_id, care_type, lrk_number)
SELECT bench.id('10', 998), bench.id('20', 998 * 5 + n), 'kdv', (300000000 + n)::text FROM generate_series(0, 1) n;

INSERT INTO care_group (tenant_id, id, location_id, care_type, name, from_age_months, to_age_months)
SELECT bench.id('10', 998), bench.id('21', 998 * 25 + n), bench.id('20', 998 * 5 + n), 'kdv', 'Groep ' || n, 0, 48 FROM generate_series(0, 1) n;

INSERT INTO child (tenant_id, id, given_name, family_name, birth_on, face, created_at)
SELECT bench.id('10', 998), bench.id('22', 998 * 500 + n), bench.given_name(n), 'de Vries', date '2023-01-01' + (n % 2 * 300)::int, n, now()
FROM generate_series(0, 31) n;

INSERT INTO guardianship (tenant_id, id, child_id, person_id, kind, valid_from)
SELECT bench.id('10', 998), bench.id('23', (998 * 500 + n) * 2 + parent), bench.id('22', 998 * 500 + n), bench.id('11', 998 * 718 + n / 2 * 2 + parent), 'gezag', '2023-01-01'
FROM generate_series(0, 31) n, generate_series(0, 1) parent;

INSERT INTO placement (tenant_id, id, child_id, group_id, care_type, starts_on)
SELECT bench.id('10', 998), bench.id('24', (998 * 500 + n) * 2 + at), bench.id('22', 998 * 500 + n), bench.id('21', 998 * 25 + at), 'kdv', '2023-06-01'
FROM generate_series(0, 31) n, generate_series(0, 1) at WHERE at <= n % 2;

INSERT INTO consent_answer (tenant_id, id, child_id, purpose, granted, answered_by, answered_at)
SELECT bench.id('10', 998), bench.id('27', 998 * 500 + n), bench.id('22', 998 * 500 + n), 'photos', true, bench.id('11', 998 * 718 + n / 2 * 2), now()
FROM generate_series(0, 31) n;

INSERT INTO consent_state (tenant_id, child_id, purpose, granted, answer_id)
SELECT bench.id('10', 998), bench.id('22', 998 * 500 + n), 'photos', true, bench.id('27', 998 * 500 + n) FROM generate_series(0, 31) n;

-- Entry n is the (n / 16)th of family n % 16. It is about the elder child, about both, about the younger, about both, and so on.
INSERT INTO diary_entry (tenant_id, id, kind, group_id, group_name, author_id, author_name, author_face, title, body, published_at, children, media)
SELECT bench.id('10', 998), bench.id('40', 998 * 10000 + n), 'post', bench.id('21', 998 * 25), 'Groep 0', bench.id('11', 998 * 718 + 32), bench.given_name(97), 32,
    CASE WHEN n % 3 = 0 THEN '' ELSE left(bench.sentence(n * 11), 40) END,
    bench.sentence(n * 5) || ' ' || bench.sentence(n * 7 + 3) || ' ' || bench.sentence(n * 3 + 5), date_trunc('hour', now()) - (1500 - n / 16) * interval '17 hours',
    (SELECT jsonb_agg(jsonb_build_object('id', bench.id('22', 998 * 500 + n % 16 * 2 + k), 'name', bench.given_name(n % 16 * 2 + k), 'face', n % 16 * 2 + k))
        FROM generate_series(0, 1) k WHERE n / 16 % 4 <> 2 - 2 * k),
    (SELECT jsonb_agg(jsonb_build_object('id', bench.id('41', (998 * 10000 + n) * 4 + p), 'w', 4032, 'h', 3024, 't', encode(bench.thumbhash(n * 4 + p), 'base64'), 'a', bench.alt(n + p),
            'c', (SELECT jsonb_agg(bench.id('22', 998 * 500 + n % 16 * 2 + k)) FROM generate_series(0, 1) k WHERE n / 16 % 4 <> 2 - 2 * k)) ORDER BY p) FROM generate_series(0, 3) p)
FROM (SELECT n::bigint FROM generate_series(0, 23999) n) x;

INSERT INTO diary_entry_child (tenant_id, child_id, published_at, entry_id)
SELECT e.tenant_id, (c ->> 'id')::uuid, e.published_at, e.id FROM diary_entry e CROSS JOIN LATERAL jsonb_array_elements(e.children::jsonb) c WHERE e.tenant_id = bench.id('10', 998);

INSERT INTO photo (tenant_id, id, uploaded_by, entry_id, position, state, storage_key, file_name, content_type, bytes, full_bytes, width, height, thumbhash, alt, created_at, ready_at)
SELECT e.tenant_id, (m.v ->> 'id')::uuid, e.author_id, e.id, m.n - 1, 'ready', 't/' || e.tenant_id || '/2026/11/' || md5(m.v ->> 'id'), 'IMG.jpg', 'image/jpeg', 3000000, 2500000, 4032, 3024,
    decode(m.v ->> 't', 'base64'), m.v ->> 'a', now(), now()
FROM diary_entry e CROSS JOIN LATERAL jsonb_array_elements(e.media::jsonb) WITH ORDINALITY AS m (v, n) WHERE e.tenant_id = bench.id('10', 998);

INSERT INTO photo_child (tenant_id, photo_id, child_id)
SELECT e.tenant_id, (m ->> 'id')::uuid, c::uuid FROM diary_entry e CROSS JOIN LATERAL jsonb_array_elements(e.media::jsonb) m CROSS JOIN LATERAL jsonb_array_elements_text(m -> 'c') c
WHERE e.tenant_id = bench.id('10', 998);
