-- Two organisations for the line about fairness, in a database of their own. The first has 25,000 families with two guardians
-- each and a message to every family that went out, of which nobody was told; the second one family and one employee who is
-- signed in ({token} is what the cookie holds).
CREATE SCHEMA fair;

CREATE FUNCTION fair.id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT ('019' || kind || '000-0000-7000-8000-' || (100000000000 + n))::uuid $$;

INSERT INTO tenant (id, slug, name, created_at, changed_at)
VALUES (fair.id('10', 0), 'fair0', 'Kinderopvang Groot', now(), now()), (fair.id('10', 1), 'fair1', 'Kinderopvang Klein', now(), now());

INSERT INTO person (tenant_id, id, given_name, family_name, email, password_hash, created_at)
SELECT fair.id('10', 0), fair.id('11', n), 'Ouder ' || n, 'de Tester', 'p' || n || '@groot.example', '$none$', now() FROM generate_series(0, 49999) n;
INSERT INTO person (tenant_id, id, given_name, family_name, email, password_hash, created_at)
SELECT fair.id('10', 1), fair.id('11', n), 'Ouder ' || n, 'de Tester', 'p' || n || '@klein.example', '$none$', now() FROM generate_series(0, 1) n;
INSERT INTO person (tenant_id, id, given_name, family_name, email, password_hash, created_at)
SELECT fair.id('10', n), fair.id('12', 0), 'Sanne', 'de Tester', 'sanne@fair' || n || '.example', '$none$', now() FROM generate_series(0, 1) n;

INSERT INTO membership (tenant_id, id, person_id, role, valid_from, created_at)
SELECT tenant_id, id, id, CASE given_name WHEN 'Sanne' THEN 'staff' ELSE 'parent' END, '2024-01-01', now() FROM person;

INSERT INTO session (tenant_id, id, token_hash, person_id, membership_id, created_at, used_at, idle_until, expires_at, strong, proved_at)
VALUES (fair.id('10', 1), fair.id('13', 0), sha256('{token}'), fair.id('12', 0), fair.id('12', 0), now(), '2100-01-01', '2100-01-02', '2100-01-02', true, now());

INSERT INTO location (tenant_id, id, name) SELECT fair.id('10', n), fair.id('20', 0), 'Kade' FROM generate_series(0, 1) n;
INSERT INTO location_care (tenant_id, location_id, care_type, lrk_number) SELECT fair.id('10', n), fair.id('20', 0), 'kdv', '100000000' FROM generate_series(0, 1) n;

INSERT INTO care_group (tenant_id, id, location_id, care_type, name, from_age_months, to_age_months)
SELECT fair.id('10', 0), fair.id('21', n), fair.id('20', 0), 'kdv', 'Groep ' || n, 0, 48 FROM generate_series(0, 249) n;
INSERT INTO care_group (tenant_id, id, location_id, care_type, name, from_age_months, to_age_months)
VALUES (fair.id('10', 1), fair.id('21', 0), fair.id('20', 0), 'kdv', 'Groep', 0, 48);
INSERT INTO group_assignment (tenant_id, id, person_id, group_id, valid_from)
VALUES (fair.id('10', 1), fair.id('25', 0), fair.id('12', 0), fair.id('21', 0), '2024-01-01');

INSERT INTO child (tenant_id, id, given_name, family_name, birth_on, created_at)
SELECT fair.id('10', 0), fair.id('22', n), 'Kind ' || n, 'de Tester', '2024-01-01', now() FROM generate_series(0, 24999) n;
INSERT INTO child (tenant_id, id, given_name, family_name, birth_on, created_at)
VALUES (fair.id('10', 1), fair.id('22', 0), 'Kind', 'de Tester', '2024-01-01', now());
INSERT INTO placement (tenant_id, id, child_id, group_id, care_type, starts_on)
SELECT tenant_id, id, id, fair.id('21', (row_number() OVER (PARTITION BY tenant_id ORDER BY id) - 1) / 100), 'kdv', '2024-06-01' FROM child;
INSERT INTO guardianship (tenant_id, id, child_id, person_id, kind, valid_from)
SELECT tenant_id, id, fair.id('22', (row_number() OVER (PARTITION BY tenant_id ORDER BY id) - 1) / 2), id, 'gezag', '2024-01-01' FROM person WHERE given_name <> 'Sanne';

INSERT INTO message_thread (tenant_id, id, child_id, group_id, subject, started_by, created_at, moved_at)
SELECT fair.id('10', 0), fair.id('50', n), fair.id('22', n), fair.id('21', n / 100), 'Nieuwsbrief', fair.id('12', 0), now(), now() FROM generate_series(0, 24999) n;
INSERT INTO message_thread_member (tenant_id, person_id, thread_id, household)
SELECT fair.id('10', 0), fair.id('11', n), fair.id('50', n / 2), 1 FROM generate_series(0, 49999) n;
INSERT INTO message (tenant_id, id, thread_id, author_id, author_name, author_face, side, body, written_at, due_at, released_at)
SELECT fair.id('10', 0), fair.id('51', n), fair.id('50', n), fair.id('12', 0), 'Sanne', 0, 'staff', 'Het nieuws van november, met de dagen waarop we dicht zijn.', now(), now(), now()
FROM generate_series(0, 24999) n;

-- What these rows set off, such as invitations, is not for this line.
UPDATE event SET expanded_at = now();
