-- The people who run the platform. They belong to no organisation: their tables are the platform role's, and the app cannot read them.

CREATE TABLE operator (
    id             uuid PRIMARY KEY,
    email          text NOT NULL UNIQUE CHECK (email = lower(email) AND length(email) BETWEEN 3 AND 254),
    name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    password_hash  text NOT NULL DEFAULT '',
    app_sealed     bytea,
    app_last_step  bigint NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL,
    deactivated_at timestamptz,
    CHECK ((password_hash = '') = (app_sealed IS NULL))
);
COMMENT ON CONSTRAINT operator_check ON operator IS 'Nobody has a password without an authenticator app beside it.';

-- A link that gives its operator a password and an app, once.
CREATE TABLE operator_link (
    token_hash  bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    operator_id uuid NOT NULL REFERENCES operator (id),
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);
CREATE INDEX operator_link_of ON operator_link (operator_id);

CREATE TABLE operator_session (
    id          uuid PRIMARY KEY,
    operator_id uuid NOT NULL REFERENCES operator (id),
    token_hash  bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    state       text NOT NULL CHECK (state IN ('code', 'open')),
    tries       int NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL,
    used_at     timestamptz NOT NULL,
    proved_at   timestamptz NOT NULL,
    idle_until  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    ended_at    timestamptz
);
CREATE INDEX operator_session_of ON operator_session (operator_id) WHERE ended_at IS NULL;
COMMENT ON COLUMN operator_session.state IS 'code: the password was right, and the code of the app is asked for. It opens nothing yet.';

CREATE TABLE operator_attempt (
    bucket       text NOT NULL CHECK (length(bucket) <= 80),
    window_start timestamptz NOT NULL,
    count        int NOT NULL,
    PRIMARY KEY (bucket, window_start)
);

-- What operators did. What they did to an organisation stands in the audit log of that organisation too.
CREATE TABLE operator_log (
    id          uuid PRIMARY KEY,
    at          timestamptz NOT NULL,
    operator_id uuid REFERENCES operator (id),
    action      text NOT NULL CHECK (length(action) <= 80),
    about       uuid REFERENCES tenant (id),
    detail      jsonb NOT NULL
);
COMMENT ON COLUMN operator_log.operator_id IS 'NULL: from the command line of the machine.';
CREATE INDEX operator_log_about ON operator_log (about, id DESC);

GRANT SELECT, INSERT, UPDATE ON operator, operator_link, operator_session, operator_attempt TO ouderportaal_platform;
GRANT DELETE ON operator_session, operator_link, operator_attempt TO ouderportaal_platform;
GRANT SELECT, INSERT ON operator_log TO ouderportaal_platform;

-- How much there is of an organisation, counted now and then by a worker: lists of all organisations read this and nothing else.
CREATE TABLE tenant_usage (
    tenant_id     uuid PRIMARY KEY REFERENCES tenant (id),
    children      int NOT NULL,
    storage_bytes bigint NOT NULL,
    mails         int NOT NULL,
    active_at     timestamptz,
    counted_at    timestamptz NOT NULL
);
COMMENT ON COLUMN tenant_usage.mails IS 'Sent in the last thirty days.';
COMMENT ON COLUMN tenant_usage.active_at IS 'When somebody was last signed in there.';

ALTER TABLE tenant_usage ENABLE ROW LEVEL SECURITY;
ALTER TABLE tenant_usage FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON tenant_usage USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
CREATE POLICY platform ON tenant_usage FOR SELECT TO ouderportaal_platform USING (true);
GRANT SELECT, INSERT, UPDATE ON tenant_usage TO ouderportaal_app;

-- Of the rows of an organisation operators see how much there is and the log of what was done: of its children and people nothing.
DO $$
DECLARE
    t text;
BEGIN
    FOR t IN
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('REVOKE ALL ON %I FROM ouderportaal_platform', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT ON audit_entry, audit_link TO ouderportaal_platform;
GRANT SELECT ON tenant_usage TO ouderportaal_platform;
