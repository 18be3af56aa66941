-- The ledger. PostgreSQL knows what must still happen; Redis only carries it and may be wiped at any time.

-- What happened, written with the business row. The relay expands it into one job per handler.
CREATE TABLE event (
    tenant_id   uuid NOT NULL REFERENCES tenant (id),
    id          uuid NOT NULL,
    name        text NOT NULL CHECK (length(name) <= 80),
    payload     jsonb NOT NULL,
    recorded_at timestamptz NOT NULL,
    expanded_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX event_to_expand ON event (recorded_at) WHERE expanded_at IS NULL;

-- One handler that must hear of one event.
CREATE TABLE job (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    event_id    uuid NOT NULL,
    handler     text NOT NULL CHECK (length(handler) <= 80),
    queue       text NOT NULL CHECK (queue IN ('urgent', 'normal', 'bulk', 'media')),
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'done', 'dead')),
    due_at      timestamptz NOT NULL,
    gen         int NOT NULL DEFAULT 0,
    lease_until timestamptz,
    attempts    int NOT NULL DEFAULT 0,
    last_error  text NOT NULL DEFAULT '',
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, event_id, handler),
    FOREIGN KEY (tenant_id, event_id) REFERENCES event (tenant_id, id)
);
CREATE INDEX job_due ON job (due_at) WHERE state = 'waiting';
COMMENT ON COLUMN job.gen IS 'Raised at every dispatch; a worker that holds an older number has lost its claim.';

-- What a person is told inside the portal.
CREATE TABLE notification (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    event_id   uuid NOT NULL,
    person_id  uuid NOT NULL,
    item       text NOT NULL CHECK (length(item) <= 40),
    subject_id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    read_at    timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, event_id, person_id),
    FOREIGN KEY (tenant_id, event_id) REFERENCES event (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX notification_of_person ON notification (tenant_id, person_id, id DESC);
CREATE INDEX notification_unread ON notification (tenant_id, person_id) WHERE read_at IS NULL;

-- One message to one person over one channel outside the portal.
CREATE TABLE delivery (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    event_id    uuid NOT NULL,
    person_id   uuid NOT NULL,
    channel     text NOT NULL CHECK (channel IN ('mail')),
    item        text NOT NULL CHECK (length(item) <= 40),
    subject_id  uuid NOT NULL,
    queue       text NOT NULL CHECK (queue IN ('urgent', 'normal', 'bulk', 'media')),
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'dropped', 'dead')),
    due_at      timestamptz NOT NULL,
    gen         int NOT NULL DEFAULT 0,
    lease_until timestamptz,
    attempts    int NOT NULL DEFAULT 0,
    last_error  text NOT NULL DEFAULT '',
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, event_id, person_id, channel),
    FOREIGN KEY (tenant_id, event_id) REFERENCES event (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX delivery_due ON delivery (due_at) WHERE state = 'waiting';

-- What a person wants to hear of, where it differs from the default.
CREATE TABLE notification_preference (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    item      text NOT NULL CHECK (length(item) <= 40),
    channel   text NOT NULL CHECK (channel IN ('mail')),
    wanted    boolean NOT NULL,
    PRIMARY KEY (tenant_id, person_id, item, channel),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
