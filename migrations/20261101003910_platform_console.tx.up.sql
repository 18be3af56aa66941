-- What the console of the platform sets: limits of an organisation, and a sentence that everybody sees.

ALTER TABLE tenant
    ADD COLUMN child_limit int NOT NULL DEFAULT 0 CHECK (child_limit >= 0),
    ADD COLUMN storage_limit bigint NOT NULL DEFAULT 0 CHECK (storage_limit >= 0);
COMMENT ON COLUMN tenant.child_limit IS 'Children who are cared for or will be, at most; 0 for no limit.';
COMMENT ON COLUMN tenant.storage_limit IS 'Bytes of photos and attachments, at most; 0 for no limit.';

CREATE TABLE system_banner (
    id         uuid PRIMARY KEY,
    level      text NOT NULL CHECK (level IN ('info', 'warning')),
    words_nl   text NOT NULL CHECK (length(words_nl) BETWEEN 1 AND 300),
    words_en   text NOT NULL CHECK (length(words_en) BETWEEN 1 AND 300),
    starts_at  timestamptz NOT NULL,
    ends_at    timestamptz NOT NULL CHECK (ends_at > starts_at),
    made_by    uuid REFERENCES operator (id),
    created_at timestamptz NOT NULL,
    ended_at   timestamptz
);
COMMENT ON TABLE system_banner IS 'Said on the pages of every organisation, from starts_at until ends_at or until it is taken away.';
GRANT SELECT (id, level, words_nl, words_en, starts_at, ends_at, ended_at) ON system_banner TO ouderportaal_app;
GRANT SELECT, INSERT, UPDATE ON system_banner TO ouderportaal_platform;

-- Operators see how the ledger stands, and what it gave up: which handler and why, and not whom it was for or about.
CREATE POLICY platform ON job TO ouderportaal_platform USING (true) WITH CHECK (true);
CREATE POLICY platform ON delivery TO ouderportaal_platform USING (true) WITH CHECK (true);
GRANT SELECT (tenant_id, id, handler, queue, state, due_at, gen, lease_until, attempts, last_error, finished_at),
    UPDATE (state, due_at, gen, lease_until, attempts, finished_at) ON job TO ouderportaal_platform;
GRANT SELECT (tenant_id, id, channel, item, queue, state, due_at, gen, lease_until, attempts, last_error, finished_at),
    UPDATE (state, due_at, gen, lease_until, attempts, finished_at) ON delivery TO ouderportaal_platform;

-- A look of an operator into an organisation: for a reason, for an hour at most, and written down there.
CREATE TABLE operator_visit (
    tenant_id   uuid NOT NULL REFERENCES tenant (id),
    id          uuid NOT NULL,
    operator_id uuid NOT NULL,
    operator    text NOT NULL,
    reason      text NOT NULL CHECK (length(reason) BETWEEN 1 AND 200),
    link_hash   bytea NOT NULL CHECK (length(link_hash) = 32),
    token_hash  bytea CHECK (length(token_hash) = 32),
    started_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL CHECK (expires_at <= started_at + interval '60 minutes'),
    ended_at    timestamptz,
    noted_at    timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, link_hash),
    UNIQUE (tenant_id, token_hash)
);
CREATE INDEX operator_visit_to_note ON operator_visit (tenant_id, expires_at) WHERE noted_at IS NULL;
COMMENT ON COLUMN operator_visit.link_hash IS 'Of the way from the platform to the portal; it works once, and token_hash is what the browser has from then on.';
COMMENT ON COLUMN operator_visit.noted_at IS 'When the log was told that it ended.';
ALTER TABLE operator_visit ENABLE ROW LEVEL SECURITY;
ALTER TABLE operator_visit FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON operator_visit USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT ON operator_visit TO ouderportaal_app;
GRANT UPDATE (token_hash, ended_at, noted_at) ON operator_visit TO ouderportaal_app;
GRANT SELECT, INSERT ON operator_visit TO ouderportaal_platform;
-- Who signs out of the platform or is shut out there ends their visits with it, wherever they are.
CREATE POLICY platform_seen ON operator_visit FOR SELECT TO ouderportaal_platform USING (true);
CREATE POLICY platform_end ON operator_visit FOR UPDATE TO ouderportaal_platform USING (true) WITH CHECK (ended_at IS NOT NULL);
GRANT UPDATE (ended_at) ON operator_visit TO ouderportaal_platform;
