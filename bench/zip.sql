-- One family, number 0 in the numbering of data.sql and alone in a database of its own: a parent, a child, and in the month before
-- this one 600 entries of ten photos each.
INSERT INTO tenant (id, slug, name, created_at, changed_at) VALUES (bench.id('10', 0), 'bench0', 'Kinderopvang 0', now(), now());

INSERT INTO person (tenant_id, id, given_name, family_name, email, face, created_at)
SELECT bench.id('10', 0), bench.id('11', n), bench.given_name(n), 'de Vries', 'p' || n || '@bench0.example', n, now() FROM generate_series(0, 1) n;

INSERT INTO membership (tenant_id, id, person_id, role, valid_from, created_at)
SELECT bench.id('10', 0), bench.id('12', n), bench.id('11', n), CASE n WHEN 0 THEN 'parent' ELSE 'staff' END, '2023-01-01', now() FROM generate_series(0, 1) n;

INSERT INTO session (tenant_id, id, token_hash, person_id, membership_id, created_at, proved_at, used_at, idle_until, expires_at)
SELECT bench.id('10', 0), bench.id('13', 0), sha256(convert_to(bench.token(0), 'UTF8')), bench.id('11', 0), bench.id('12', 0), now(), now(), '2100-01-01', '2100-01-02', '2100-01-02';

INSERT INTO location (tenant_id, id, name) SELECT bench.id('10', 0), bench.id('20', 0), 'Locatie';

INSERT INTO location_care (tenant_id, location_id, care_type, lrk_number) SELECT bench.id('10', 0), bench.id('20', 0), 'kdv', '300000000';

INSERT INTO care_group (tenant_id, id, location_id, care_type, name, from_age_months, to_age_months)
SELECT bench.id('10', 0), bench.id('21', 0), bench.id('20', 0), 'kdv', 'Groep', 0, 48;

INSERT INTO child (tenant_id, id, given_name, family_name, birth_on, face, created_at)
SELECT bench.id('10', 0), bench.id('22', 0), bench.given_name(0), 'de Vries', current_date - 700, 0, now();

INSERT INTO guardianship (tenant_id, id, child_id, person_id, kind, valid_from)
SELECT bench.id('10', 0), bench.id('23', 0), bench.id('22', 0), bench.id('11', 0), 'gezag', '2023-01-01';

INSERT INTO placement (tenant_id, id, child_id, group_id, care_type, starts_on)
SELECT bench.id('10', 0), bench.id('24', 0), bench.id('22', 0), bench.id('21', 0), 'kdv', current_date - 600;

INSERT INTO consent_answer (tenant_id, id, child_id, purpose, granted, answered_by, answered_at)
SELECT bench.id('10', 0), bench.id('27', 0), bench.id('22', 0), 'photos', true, bench.id('11', 0), now();

INSERT INTO consent_state (tenant_id, child_id, purpose, granted, answer_id) SELECT bench.id('10', 0), bench.id('22', 0), 'photos', true, bench.id('27', 0);

-- An hour and a bit apart, from the second day of the month on: the month is whole in every zone.
INSERT INTO diary_entry (tenant_id, id, kind, group_id, group_name, author_id, author_name, author_face, title, body, published_at, children, media)
SELECT bench.id('10', 0), bench.id('40', n), 'post', bench.id('21', 0), 'Groep', bench.id('11', 1), bench.given_name(1), 1, left(bench.sentence(n * 11), 40),
    bench.sentence(n * 5) || ' ' || bench.sentence(n * 7 + 3), date_trunc('month', now()) - interval '1 month' + interval '1 day' + n * interval '1 hour',
    jsonb_build_array(jsonb_build_object('id', bench.id('22', 0), 'name', bench.given_name(0), 'face', 0)),
    (SELECT jsonb_agg(jsonb_build_object('id', bench.id('41', n * 10 + p), 'w', 4032, 'h', 3024, 't', encode(bench.thumbhash(n * 10 + p), 'base64'), 'a', bench.alt(n + p),
        'c', jsonb_build_array(bench.id('22', 0))) ORDER BY p) FROM generate_series(0, 9) p)
FROM (SELECT n::bigint FROM generate_series(0, 599) n) x;

INSERT INTO diary_entry_child (tenant_id, child_id, published_at, entry_id, photos)
SELECT e.tenant_id, bench.id('22', 0), e.published_at, e.id, 1023 FROM diary_entry e;

INSERT INTO photo (tenant_id, id, uploaded_by, entry_id, position, state, storage_key, file_name, content_type, bytes, full_bytes, width, height, thumbhash, alt, created_at, ready_at)
SELECT e.tenant_id, (m.v ->> 'id')::uuid, e.author_id, e.id, m.n - 1, 'ready', 't/' || e.tenant_id || '/2026/11/' || md5(m.v ->> 'id'), 'IMG.jpg', 'image/jpeg', 3000000, 0, 4032, 3024,
    decode(m.v ->> 't', 'base64'), m.v ->> 'a', now(), now()
FROM diary_entry e CROSS JOIN LATERAL jsonb_array_elements(e.media::jsonb) WITH ORDINALITY AS m (v, n);

INSERT INTO photo_child (tenant_id, photo_id, child_id) SELECT tenant_id, id, bench.id('22', 0) FROM photo;
