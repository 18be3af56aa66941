-- One organisation of 5,000 children for the lists of the console, beside the others: number 999 in the numbering of data.sql.
-- Families of one child and of two in turn, 10 locations with 25 groups, most guardians with an account, one child of ten
-- still to come and one of ten gone. Person 0 is the admin, person 1 manages two locations.
DELETE FROM consent_state WHERE tenant_id = bench.id('10', 999);
DELETE FROM consent_answer WHERE tenant_id = bench.id('10', 999);
DELETE FROM placement_day WHERE tenant_id = bench.id('10', 999);
DELETE FROM placement WHERE tenant_id = bench.id('10', 999);
DELETE FROM guardianship WHERE tenant_id = bench.id('10', 999);
DELETE FROM child WHERE tenant_id = bench.id('10', 999);
DELETE FROM care_group WHERE tenant_id = bench.id('10', 999);
DELETE FROM membership_location WHERE tenant_id = bench.id('10', 999);
DELETE FROM location_care WHERE tenant_id = bench.id('10', 999);
DELETE FROM location WHERE tenant_id = bench.id('10', 999);
DELETE FROM session WHERE tenant_id = bench.id('10', 999);
DELETE FROM membership WHERE tenant_id = bench.id('10', 999);
DELETE FROM person WHERE tenant_id = bench.id('10', 999);
DELETE FROM tenant WHERE id = bench.id('10', 999);

INSERT INTO tenant (id, slug, name, created_at, changed_at) VALUES (bench.id('10', 999), 'bench999', 'Kinderopvang 999', now(), now());

INSERT INTO person (tenant_id, id, given_name, family_name, email, face, password_hash, created_at)
SELECT bench.id('10', 999), bench.id('11', 999 * 718 + n), bench.given_name(n * 3 + 1),
    (ARRAY['de Vries','Jansen','van den Berg','Bakker','Visser','Smit','Meijer','de Boer','Mulder','Yılmaz','Nowak','Haddad'])[1 + n % 12] || ' ' || n,
    'p' || n || '@bench999.example', n % 900, CASE WHEN n % 4 > 0 THEN '$bench$' END, now()
FROM generate_series(0, 6701) n;

INSERT INTO membership (tenant_id, id, person_id, role, valid_from, created_at)
SELECT bench.id('10', 999), bench.id('12', 999 * 718 + n), bench.id('11', 999 * 718 + n), CASE n WHEN 0 THEN 'admin' WHEN 1 THEN 'manager' ELSE 'parent' END, '2024-01-01', now()
FROM generate_series(0, 6701) n;

INSERT INTO session (tenant_id, id, token_hash, person_id, membership_id, created_at, used_at, idle_until, expires_at, strong, proved_at)
SELECT bench.id('10', 999), bench.id('13', 999 * 718 + n), sha256(convert_to(bench.token(999 * 718 + n), 'UTF8')), bench.id('11', 999 * 718 + n),
    bench.id('12', 999 * 718 + n), now(), '2100-01-01', '2100-01-02', '2100-01-02', true, '2100-01-01'
FROM generate_series(0, 1) n;

INSERT INTO location (tenant_id, id, name) SELECT bench.id('10', 999), bench.id('20', 999 * 5 + n), 'Locatie ' || n FROM generate_series(0, 9) n;

INSERT INTO location_care (tenant_id, location_id, care_type, lrk_number)
SELECT bench.id('10', 999), bench.id('20', 999 * 5 + n), 'kdv', (200000000 + n)::text FROM generate_series(0, 9) n;

INSERT INTO membership_location (tenant_id, membership_id, location_id)
SELECT bench.id('10', 999), bench.id('12', 999 * 718 + 1), bench.id('20', 999 * 5 + n) FROM generate_series(0, 1) n;

INSERT INTO care_group (tenant_id, id, location_id, care_type, name, from_age_months, to_age_months)
SELECT bench.id('10', 999), bench.id('21', 999 * 25 + n), bench.id('20', 999 * 5 + n % 10), 'kdv', 'Groep ' || n, 0, 48 FROM generate_series(0, 249) n;

INSERT INTO child (tenant_id, id, given_name, family_name, birth_on, face, created_at)
SELECT bench.id('10', 999), bench.id('22', 999 * 500 + n), bench.given_name(n),
    (ARRAY['de Vries','Jansen','van den Berg','Bakker','Visser','Smit','Meijer','de Boer','Mulder','Yılmaz','Nowak','Haddad'])[1 + n % 12] || ' ' || n,
    date '2023-01-01' + (n % 700)::int, n % 900, now()
FROM generate_series(0, 4999) n;

INSERT INTO guardianship (tenant_id, id, child_id, person_id, kind, valid_from)
SELECT bench.id('10', 999), bench.id('23', (999 * 500 + n) * 2 + parent), bench.id('22', 999 * 500 + n),
    bench.id('11', 999 * 718 + 2 + 2 * (2 * (n / 3) + CASE WHEN n % 3 = 0 THEN 0 ELSE 1 END) + parent), 'gezag', '2024-01-01'
FROM generate_series(0, 4999) n, generate_series(0, 1) parent;

INSERT INTO placement (tenant_id, id, child_id, group_id, care_type, starts_on, ends_on)
SELECT bench.id('10', 999), bench.id('24', 999 * 500 + n), bench.id('22', 999 * 500 + n), bench.id('21', 999 * 25 + n % 250), 'kdv',
    CASE WHEN n % 10 = 3 THEN current_date + 20 ELSE date '2024-06-01' END, CASE WHEN n % 10 = 7 THEN current_date - 30 END
FROM generate_series(0, 4999) n;

INSERT INTO placement_day (tenant_id, placement_id, weekday, from_time, to_time)
SELECT bench.id('10', 999), bench.id('24', 999 * 500 + n), 1 + (n + d) % 5, '08:00', '18:00' FROM generate_series(0, 4999) n, generate_series(0, 2) d;

INSERT INTO consent_answer (tenant_id, id, child_id, purpose, granted, answered_by, answered_at)
SELECT bench.id('10', 999), bench.id('27', 999 * 500 + n), bench.id('22', 999 * 500 + n), 'photos', true, bench.id('11', 999 * 718 + 2 + 4 * (n / 3)), now()
FROM generate_series(0, 4999) n WHERE n % 5 > 0;

INSERT INTO consent_state (tenant_id, child_id, purpose, granted, answer_id)
SELECT bench.id('10', 999), bench.id('22', 999 * 500 + n), 'photos', true, bench.id('27', 999 * 500 + n) FROM generate_series(0, 4999) n WHERE n % 5 > 0;
