-- One organisation for the fault runs: groups of 50 children in one location, two guardians each, and one employee
-- who works with all groups and is signed in. {groups} is how many groups, {token} what the cookie holds.
CREATE SCHEMA faults;

CREATE FUNCTION faults.id(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS
$$ SELECT ('019' || kind || '000-0000-7000-8000-' || (100000000000 + n))::uuid $$;

INSERT INTO tenant (id, slug, name, created_at, changed_at) VALUES (faults.id('10', 0), 'storing', 'Kinderopvang Storing', now(), now());

INSERT INTO person (tenant_id, id, given_name, family_name, email, password_hash, created_at)
SELECT faults.id('10', 0), faults.id('11', n), 'Ouder ' || n, 'de Tester', 'g' || n / 100 || '-p' || n % 100 || '@storing.example', '$none$', now() FROM generate_series(0, {groups} * 100 - 1) n;
INSERT INTO person (tenant_id, id, given_name, family_name, email, password_hash, created_at)
VALUES (faults.id('10', 0), faults.id('12', 0), 'Sanne', 'de Tester', 'sanne@storing.example', '$none$', now());

INSERT INTO membership (tenant_id, id, person_id, role, valid_from, created_at)
SELECT tenant_id, id, id, CASE given_name WHEN 'Sanne' THEN 'staff' ELSE 'parent' END, '2024-01-01', now() FROM person;

INSERT INTO session (tenant_id, id, token_hash, person_id, membership_id, created_at, used_at, idle_until, expires_at, strong, proved_at)
VALUES (faults.id('10', 0), faults.id('13', 0), sha256('{token}'), faults.id('12', 0), faults.id('12', 0), now(), '2100-01-01', '2100-01-02', '2100-01-02', true, now());

INSERT INTO location (tenant_id, id, name) VALUES (faults.id('10', 0), faults.id('20', 0), 'Kade');
INSERT INTO location_care (tenant_id, location_id, care_type, lrk_number) VALUES (faults.id('10', 0), faults.id('20', 0), 'kdv', '100000000');

INSERT INTO care_group (tenant_id, id, location_id, care_type, name, from_age_months, to_age_months)
SELECT faults.id('10', 0), faults.id('21', n), faults.id('20', 0), 'kdv', 'Groep ' || n, 0, 48 FROM generate_series(0, {groups} - 1) n;
INSERT INTO group_assignment (tenant_id, id, person_id, group_id, valid_from)
SELECT faults.id('10', 0), faults.id('25', n), faults.id('12', 0), faults.id('21', n), '2024-01-01' FROM generate_series(0, {groups} - 1) n;

INSERT INTO child (tenant_id, id, given_name, family_name, birth_on, created_at)
SELECT faults.id('10', 0), faults.id('22', n), 'Kind ' || n, 'de Tester', '2024-01-01', now() FROM generate_series(0, {groups} * 50 - 1) n;
INSERT INTO placement (tenant_id, id, child_id, group_id, care_type, starts_on)
SELECT faults.id('10', 0), faults.id('24', n), faults.id('22', n), faults.id('21', n / 50), 'kdv', '2024-06-01' FROM generate_series(0, {groups} * 50 - 1) n;
INSERT INTO guardianship (tenant_id, id, child_id, person_id, kind, valid_from)
SELECT faults.id('10', 0), faults.id('23', n), faults.id('22', n / 2), faults.id('11', n), 'gezag', '2024-01-01' FROM generate_series(0, {groups} * 100 - 1) n;

-- Everybody has said yes to photos: who has not is asked by day, and this run counts every mail.
INSERT INTO consent_answer (tenant_id, id, child_id, purpose, granted, answered_by, answered_for, answered_at)
SELECT tenant_id, faults.id('27', (right(person_id::text, 12)::bigint - 100000000000)), child_id, 'photos', true, person_id, person_id, now() FROM guardianship;
INSERT INTO consent_state (tenant_id, child_id, purpose, granted, answer_id, text_version)
SELECT DISTINCT ON (tenant_id, child_id) tenant_id, child_id, purpose, granted, id, 1 FROM consent_answer ORDER BY tenant_id, child_id, id;

-- What these rows set off, such as invitations, is not for this run.
UPDATE event SET expanded_at = now();
