-- People of one organisation, what they are there, and how they are signed in.

CREATE TABLE person (
    tenant_id      uuid NOT NULL REFERENCES tenant (id),
    id             uuid NOT NULL,
    given_name     text NOT NULL CHECK (length(given_name) BETWEEN 1 AND 80),
    family_name    text NOT NULL CHECK (length(family_name) <= 80),
    email          text CHECK (length(email) BETWEEN 3 AND 254 AND email = lower(email)),
    phone          text NOT NULL DEFAULT '',
    language       text NOT NULL DEFAULT 'nl' CHECK (language IN ('nl', 'en')),
    appearance     text NOT NULL DEFAULT 'system' CHECK (appearance IN ('system', 'light', 'dark')),
    face           int  NOT NULL DEFAULT 0,
    password_hash  text,
    password_set_at timestamptz,
    deactivated_at timestamptz,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, email)
);

CREATE TABLE membership (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    person_id  uuid NOT NULL,
    role       text NOT NULL CHECK (role IN ('parent', 'staff', 'manager', 'admin')),
    valid_from date NOT NULL,
    valid_to   date CHECK (valid_to >= valid_from),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE UNIQUE INDEX membership_one_open_per_role ON membership (tenant_id, person_id, role) WHERE valid_to IS NULL;
COMMENT ON COLUMN membership.valid_to IS 'Last day that the role holds; NULL while it holds.';

CREATE TABLE session (
    tenant_id     uuid NOT NULL,
    id            uuid NOT NULL,
    token_hash    bytea NOT NULL CHECK (length(token_hash) = 32),
    person_id     uuid NOT NULL,
    membership_id uuid NOT NULL,
    device        text NOT NULL DEFAULT '' CHECK (length(device) <= 200),
    created_at    timestamptz NOT NULL,
    used_at       timestamptz NOT NULL,
    idle_until    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    ended_at      timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, membership_id) REFERENCES membership (tenant_id, id)
);
CREATE INDEX session_of_person ON session (tenant_id, person_id) WHERE ended_at IS NULL;

CREATE TABLE one_time_link (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
    person_id  uuid NOT NULL,
    purpose    text NOT NULL CHECK (purpose IN ('password_reset', 'activation')),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX one_time_link_of_person ON one_time_link (tenant_id, person_id) WHERE used_at IS NULL;

-- Counts attempts for the limiter. Unlogged: losing the counts in a crash costs nothing but a few more attempts.
CREATE UNLOGGED TABLE attempt (
    tenant_id    uuid NOT NULL,
    bucket       text NOT NULL CHECK (length(bucket) <= 120),
    window_start timestamptz NOT NULL,
    count        int NOT NULL,
    PRIMARY KEY (tenant_id, bucket, window_start)
);
CREATE INDEX attempt_by_age ON attempt (tenant_id, window_start);

-- A form that is sent twice is carried out once (R63).
CREATE TABLE submission (
    tenant_id  uuid NOT NULL,
    person_id  uuid NOT NULL,
    form_key   uuid NOT NULL,
    body_hash  bytea NOT NULL,
    location   text NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, person_id, form_key),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);

CREATE TABLE audit_entry (
    tenant_id  uuid NOT NULL REFERENCES tenant (id),
    id         uuid NOT NULL,
    at         timestamptz NOT NULL,
    actor_id   uuid,
    actor_role text NOT NULL,
    action     text NOT NULL CHECK (length(action) <= 80),
    subject_id uuid,
    detail     jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX audit_entry_of_subject ON audit_entry (tenant_id, subject_id, at);
COMMENT ON TABLE audit_entry IS 'Append-only: the app role may insert and read.';

