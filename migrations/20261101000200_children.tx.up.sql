-- Where care is given, to whom, by whom, and who may know about it.

CREATE TABLE location (
    tenant_id   uuid NOT NULL REFERENCES tenant (id),
    id          uuid NOT NULL,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    street      text NOT NULL DEFAULT '',
    postcode    text NOT NULL DEFAULT '',
    city        text NOT NULL DEFAULT '',
    phone       text NOT NULL DEFAULT '',
    email       text NOT NULL DEFAULT '',
    opens_at    time NOT NULL DEFAULT '07:30',
    closes_at   time NOT NULL DEFAULT '18:30',
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE location_care (
    tenant_id   uuid NOT NULL,
    location_id uuid NOT NULL,
    care_type   text NOT NULL CHECK (care_type IN ('kdv', 'bso', 'psz', 'gastouder')),
    lrk_number  text NOT NULL CHECK (lrk_number ~ '^[0-9]{9,12}$'),
    PRIMARY KEY (tenant_id, location_id, care_type),
    UNIQUE (tenant_id, lrk_number),
    FOREIGN KEY (tenant_id, location_id) REFERENCES location (tenant_id, id)
);
COMMENT ON TABLE location_care IS 'A location is registered (LRK) once for each kind of care it gives.';

CREATE TABLE membership_location (
    tenant_id     uuid NOT NULL,
    membership_id uuid NOT NULL,
    location_id   uuid NOT NULL,
    PRIMARY KEY (tenant_id, membership_id, location_id),
    FOREIGN KEY (tenant_id, membership_id) REFERENCES membership (tenant_id, id),
    FOREIGN KEY (tenant_id, location_id) REFERENCES location (tenant_id, id)
);
COMMENT ON TABLE membership_location IS 'The locations that a manager manages.';

CREATE TABLE care_group (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    location_id     uuid NOT NULL,
    care_type       text NOT NULL CHECK (care_type IN ('kdv', 'bso', 'psz', 'gastouder')),
    name            text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    symbol          text NOT NULL DEFAULT 'sprout',
    from_age_months int NOT NULL CHECK (from_age_months >= 0),
    to_age_months   int NOT NULL CHECK (to_age_months > from_age_months),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, location_id, name),
    FOREIGN KEY (tenant_id, location_id, care_type) REFERENCES location_care (tenant_id, location_id, care_type)
);

CREATE TABLE child (
    tenant_id   uuid NOT NULL REFERENCES tenant (id),
    id          uuid NOT NULL,
    given_name  text NOT NULL CHECK (length(given_name) BETWEEN 1 AND 80),
    family_name text NOT NULL CHECK (length(family_name) <= 80),
    birth_on    date NOT NULL,
    face        int NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id)
);

CREATE TABLE guardianship (
    tenant_id      uuid NOT NULL,
    id             uuid NOT NULL,
    child_id       uuid NOT NULL,
    person_id      uuid NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('gezag', 'informatierecht', 'ophaler', 'familie')),
    household      int NOT NULL DEFAULT 1 CHECK (household BETWEEN 1 AND 9),
    valid_from     date NOT NULL,
    valid_to       date CHECK (valid_to >= valid_from),
    blocked_at     timestamptz,
    blocked_by     uuid,
    blocked_reason text,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, blocked_by) REFERENCES person (tenant_id, id),
    CHECK (blocked_at IS NULL OR length(blocked_reason) > 0)
);
CREATE UNIQUE INDEX guardianship_open ON guardianship (tenant_id, person_id, child_id) WHERE valid_to IS NULL;
CREATE INDEX guardianship_of_child ON guardianship (tenant_id, child_id);
COMMENT ON TABLE guardianship IS 'The tie of a person to a child. gezag: parental authority; informatierecht: right to information; ophaler: may collect; familie: relative.';

CREATE TABLE group_assignment (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    person_id  uuid NOT NULL,
    group_id   uuid NOT NULL,
    valid_from date NOT NULL,
    valid_to   date CHECK (valid_to >= valid_from),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES care_group (tenant_id, id)
);
CREATE INDEX group_assignment_of_person ON group_assignment (tenant_id, person_id);
CREATE INDEX group_assignment_of_group ON group_assignment (tenant_id, group_id);

CREATE TABLE placement (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    child_id     uuid NOT NULL,
    group_id     uuid NOT NULL,
    care_type    text NOT NULL CHECK (care_type IN ('kdv', 'bso', 'psz', 'gastouder')),
    starts_on    date NOT NULL,
    ends_on      date CHECK (ends_on >= starts_on),
    cancelled_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES care_group (tenant_id, id)
);
CREATE INDEX placement_of_child ON placement (tenant_id, child_id);
CREATE INDEX placement_of_group ON placement (tenant_id, group_id, starts_on);
COMMENT ON COLUMN placement.ends_on IS 'Last day of care; NULL while it is open.';

CREATE TABLE placement_day (
    tenant_id    uuid NOT NULL,
    placement_id uuid NOT NULL,
    weekday      int NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    from_time    time NOT NULL,
    to_time      time NOT NULL CHECK (to_time > from_time),
    PRIMARY KEY (tenant_id, placement_id, weekday),
    FOREIGN KEY (tenant_id, placement_id) REFERENCES placement (tenant_id, id) ON DELETE CASCADE
);
COMMENT ON COLUMN placement_day.weekday IS 'ISO: 1 is Monday.';

CREATE TABLE mentorship (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    child_id   uuid NOT NULL,
    person_id  uuid NOT NULL,
    valid_from date NOT NULL,
    valid_to   date CHECK (valid_to >= valid_from),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE UNIQUE INDEX mentorship_open ON mentorship (tenant_id, child_id) WHERE valid_to IS NULL;

-- Consents. The answers are the history and are never changed; consent_state is what holds now, written with the answer.
CREATE TABLE consent_answer (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    child_id    uuid NOT NULL,
    purpose     text NOT NULL CHECK (purpose IN ('photos')),
    granted     boolean NOT NULL,
    answered_by uuid NOT NULL,
    answered_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, answered_by) REFERENCES person (tenant_id, id)
);
CREATE INDEX consent_answer_of_child ON consent_answer (tenant_id, child_id, purpose, answered_at DESC);

CREATE TABLE consent_state (
    tenant_id uuid NOT NULL,
    child_id  uuid NOT NULL,
    purpose   text NOT NULL CHECK (purpose IN ('photos')),
    granted   boolean NOT NULL,
    answer_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, child_id, purpose),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, answer_id) REFERENCES consent_answer (tenant_id, id)
);
