-- The data of the benchmarks, in the project's own schema. Each statement runs once for every organisation, $1 is its number
-- from 0; what has no $1 runs once. Everything follows from numbers, so that every run and the load generator know each id:
-- an organisation has 500 children in 25 groups, 334 families with two parents each, 50 employees and 10,000 entries of
-- one to three children with none to four photos.

-- An id: the kind in two characters and a number. The kinds: 10 organisation, 11 person, 12 membership, 13 session, 20 location,
-- 21 group, 22 child, 23 guardianship, 24 placement, 25 assignment, 26 mentorship, 27 answer, 30 event, 31 notification,
-- 40 entry, 41 photo.
CREATE SCHEMA IF NOT EXISTS bench;

CREATE OR REPLACE FUNCTION bench.id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT ('019' || kind || '000-0000-7000-8000-' || (100000000000 + n))::uuid $$;

CREATE OR REPLACE FUNCTION bench.given_name(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT (ARRAY['Mila','Noor','Bram','Saar','Daan','Julia','Finn','Lotte','Sem','Yara','Levi','Fleur','Adam','Zoë','Mees','Evi','Luuk','Nora','Thijs','Isa','Jip','Liv','Boaz','Amira','Tess','Otis'])[1 + n % 26] $$;

CREATE OR REPLACE FUNCTION bench.sentence(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT (ARRAY[
    'Vanmorgen hebben we buiten gespeeld in de zandbak.', 'Na het fruit was er tijd voor een verhaal over de beer die niet kon slapen.',
    'De groep heeft een groot schilderij gemaakt met handen en voeten.', 'Er werd hard gelachen om de bellen die steeds hoger vlogen.',
    'Aan tafel is alles opgegeten, zelfs de broccoli.', 'In de middag hebben we samen pannenkoeken gebakken.',
    'Bij de waterbaan werd goed samengewerkt om de dijk heel te houden.', 'Twee uur geslapen en daarna weer vrolijk wakker.',
    'We hebben bladeren gezocht in het bos en er kronen van geplakt.', 'Het afscheid ging vandaag heel goed.',
    'De treinbaan liep dwars door de hele groepsruimte.', 'Met muziek erbij werd er gedanst tot iedereen moe was.',
    'Er is een toren gebouwd die hoger was dan de bouwers zelf.', 'Morgen nemen we graag een extra set kleren aan, het wordt weer nat.',
    'De kippen kregen eten en er lag een ei in het hok.', 'Samen hebben we liedjes gezongen voor de jarige.'])[1 + n % 16] $$;

-- The kids on an entry, as numbers within the organisation: g is the group, m the how manieth entry of it.
CREATE OR REPLACE FUNCTION bench.kids(g bigint, m bigint) RETURNS TABLE (kid bigint) LANGUAGE sql IMMUTABLE AS
$$ SELECT g + 25 * ((7 * m + 3 * i) % 20) FROM generate_series(0, m % 3) i $$;

CREATE OR REPLACE FUNCTION bench.thumbhash(n bigint) RETURNS bytea LANGUAGE sql IMMUTABLE AS
$$ SELECT decode(md5(n::text) || left(md5((n + 1)::text), 18), 'hex') $$;

CREATE OR REPLACE FUNCTION bench.alt(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE n % 2 WHEN 0 THEN '' ELSE left(bench.sentence(n / 2), 60) END $$;

-- What a session's cookie holds: 43 characters, as a real one.
CREATE OR REPLACE FUNCTION bench.token(n bigint) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lpad(n::text, 43, 'x') $$;

INSERT INTO tenant (id, slug, name, created_at, changed_at)
SELECT bench.id('10', $1), 'bench' || $1, 'Kinderopvang ' || $1, now(), now();

INSERT INTO person (tenant_id, id, given_name, family_name, email, face, created_at)
SELECT bench.id('10', $1), bench.id('11', $1 * 718 + n), bench.given_name(n * 3 + 1), 'de Vries', 'p' || n || '@bench' || $1 || '.example', n % 900, now()
FROM generate_series(0, 717) n;

INSERT INTO membership (tenant_id, id, person_id, role, valid_from, created_at)
SELECT bench.id('10', $1), bench.id('12', $1 * 718 + n), bench.id('11', $1 * 718 + n), CASE WHEN n < 668 THEN 'parent' ELSE 'staff' END, '2024-01-01', now()
FROM generate_series(0, 717) n;

-- Used in the year 2100: noting that a session is used is a write of once in five minutes, and not what is measured.
INSERT INTO session (tenant_id, id, token_hash, person_id, membership_id, created_at, used_at, idle_until, expires_at)
SELECT bench.id('10', $1), bench.id('13', $1 * 718 + n), sha256(convert_to(bench.token($1 * 718 + n), 'UTF8')), bench.id('11', $1 * 718 + n),
    bench.id('12', $1 * 718 + n), now(), '2100-01-01', '2100-01-02', '2100-01-02'
FROM generate_series(0, 717) n;

INSERT INTO location (tenant_id, id, name) SELECT bench.id('10', $1), bench.id('20', $1 * 5 + n), 'Locatie ' || n FROM generate_series(0, 4) n;

INSERT INTO location_care (tenant_id, location_id, care_type, lrk_number)
SELECT bench.id('10', $1), bench.id('20', $1 * 5 + n), 'kdv', (100000000 + $1 * 5 + n)::text FROM generate_series(0, 4) n;

INSERT INTO care_group (tenant_id, id, location_id, care_type, name, from_age_months, to_age_months)
SELECT bench.id('10', $1), bench.id('21', $1 * 25 + n), bench.id('20', $1 * 5 + n % 5), 'kdv', 'Groep ' || n, 0, 48 FROM generate_series(0, 24) n;

INSERT INTO group_assignment (tenant_id, id, person_id, group_id, valid_from)
SELECT bench.id('10', $1), bench.id('25', $1 * 50 + n), bench.id('11', $1 * 718 + 668 + n), bench.id('21', $1 * 25 + n / 2), '2024-01-01' FROM generate_series(0, 49) n;

INSERT INTO child (tenant_id, id, given_name, family_name, birth_on, face, created_at)
SELECT bench.id('10', $1), bench.id('22', $1 * 500 + n), bench.given_name(n), 'de Vries', date '2023-01-01' + (n % 700)::int, n % 900, now()
FROM generate_series(0, 499) n;

-- Families of one child and of two in turn.
INSERT INTO guardianship (tenant_id, id, child_id, person_id, kind, valid_from)
SELECT bench.id('10', $1), bench.id('23', ($1 * 500 + n) * 2 + parent), bench.id('22', $1 * 500 + n),
    bench.id('11', $1 * 718 + 2 * (2 * (n / 3) + CASE WHEN n % 3 = 0 THEN 0 ELSE 1 END) + parent), 'gezag', '2024-01-01'
FROM generate_series(0, 499) n, generate_series(0, 1) parent;

INSERT INTO placement (tenant_id, id, child_id, group_id, care_type, starts_on)
SELECT bench.id('10', $1), bench.id('24', $1 * 500 + n), bench.id('22', $1 * 500 + n), bench.id('21', $1 * 25 + n % 25), 'kdv', '2024-06-01'
FROM generate_series(0, 499) n;

INSERT INTO mentorship (tenant_id, id, child_id, person_id, valid_from)
SELECT bench.id('10', $1), bench.id('26', $1 * 500 + n), bench.id('22', $1 * 500 + n), bench.id('11', $1 * 718 + 668 + 2 * (n % 25)), '2024-06-01'
FROM generate_series(0, 499) n;

INSERT INTO consent_answer (tenant_id, id, child_id, purpose, granted, answered_by, answered_at)
SELECT bench.id('10', $1), bench.id('27', $1 * 500 + n), bench.id('22', $1 * 500 + n), 'photos', true, bench.id('11', $1 * 718 + 4 * (n / 3)), now()
FROM generate_series(0, 499) n;

INSERT INTO consent_state (tenant_id, child_id, purpose, granted, answer_id)
SELECT bench.id('10', $1), bench.id('22', $1 * 500 + n), 'photos', true, bench.id('27', $1 * 500 + n) FROM generate_series(0, 499) n;

INSERT INTO diary_entry (tenant_id, id, kind, group_id, group_name, author_id, author_name, author_face, title, body, published_at, children, media)
SELECT bench.id('10', $1), bench.id('40', $1 * 10000 + n), 'post', bench.id('21', $1 * 25 + n % 25), 'Groep ' || n % 25,
    bench.id('11', $1 * 718 + 668 + 2 * (n % 25)), bench.given_name((668 + 2 * (n % 25)) * 3 + 1), (668 + 2 * (n % 25)) % 900,
    CASE WHEN n / 25 % 3 = 0 THEN '' ELSE left(bench.sentence(n * 11 + $1), 40) END,
    bench.sentence(n * 5 + $1) || ' ' || bench.sentence(n * 7 + 3) || ' ' || bench.sentence(n * 3 + 5) || CASE WHEN n % 2 = 0 THEN ' ' || bench.sentence(n + 7) || ' ' || bench.sentence(n + 2) ELSE '' END,
    date_trunc('hour', now()) - (399 - n / 25) * interval '6 hours' - n % 25 * interval '3 minutes',
    (SELECT jsonb_agg(jsonb_build_object('id', bench.id('22', $1 * 500 + kid), 'name', bench.given_name(kid), 'face', kid % 900)) FROM bench.kids(n % 25, n / 25)),
    coalesce((SELECT jsonb_agg(jsonb_build_object('id', bench.id('41', ($1 * 10000 + n) * 4 + p), 'w', 4032, 'h', 3024, 't', encode(bench.thumbhash(($1 * 10000 + n) * 4 + p), 'base64'),
            'a', bench.alt(n + p), 'c', (SELECT jsonb_agg(bench.id('22', $1 * 500 + kid)) FROM bench.kids(n % 25, n / 25))) ORDER BY p)
        FROM generate_series(0, n / 25 % 5 - 1) p), '[]')
FROM (SELECT n::bigint FROM generate_series(0, 9999) n) x;

INSERT INTO diary_entry_child (tenant_id, child_id, published_at, entry_id)
SELECT bench.id('10', $1), bench.id('22', $1 * 500 + kid), e.published_at, e.id
FROM generate_series(0, 9999) n JOIN diary_entry e ON e.tenant_id = bench.id('10', $1) AND e.id = bench.id('40', $1 * 10000 + n) CROSS JOIN LATERAL bench.kids(n % 25, n / 25);

INSERT INTO photo (tenant_id, id, uploaded_by, entry_id, position, state, storage_key, file_name, content_type, bytes, full_bytes, width, height, thumbhash, alt, created_at, ready_at)
SELECT bench.id('10', $1), bench.id('41', ($1 * 10000 + n) * 4 + p), bench.id('11', $1 * 718 + 668 + 2 * (n % 25)), bench.id('40', $1 * 10000 + n), p, 'ready',
    't/' || bench.id('10', $1) || '/2026/11/' || md5((($1 * 10000 + n) * 4 + p)::text), 'IMG_' || n || '.jpg', 'image/jpeg', 3000000, 2500000, 4032, 3024,
    bench.thumbhash(($1 * 10000 + n) * 4 + p), bench.alt(n + p), now(), now()
FROM generate_series(0, 9999) n, generate_series(0, 3) p WHERE p < n / 25 % 5;

INSERT INTO photo_child (tenant_id, photo_id, child_id)
SELECT bench.id('10', $1), bench.id('41', ($1 * 10000 + n) * 4 + p), bench.id('22', $1 * 500 + kid)
FROM generate_series(0, 9999) n CROSS JOIN generate_series(0, 3) p CROSS JOIN LATERAL bench.kids(n % 25, n / 25) WHERE p < n / 25 % 5;

INSERT INTO event (tenant_id, id, name, payload, recorded_at, expanded_at)
SELECT bench.id('10', $1), bench.id('30', $1 * 3 + n), 'diary.entry_published', '{}', now(), now() FROM generate_series(0, 2) n;

-- Two parents of three have something to read on the bell, and every parent has read something.
INSERT INTO notification (tenant_id, id, event_id, person_id, item, subject_id, created_at, read_at)
SELECT bench.id('10', $1), bench.id('31', ($1 * 718 + n) * 3 + i), bench.id('30', $1 * 3 + i), bench.id('11', $1 * 718 + n), 'diary', bench.id('40', $1 * 10000 + n), now(),
    CASE WHEN i = 0 OR n % 3 = 0 THEN now() END
FROM generate_series(0, 667) n, generate_series(0, 2) i;
