-- How people prove who they are beside a password, and how fresh that proof is.

-- An authenticator app. The secret is sealed with a key that is not in the database.
CREATE TABLE totp (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    person_id  uuid NOT NULL,
    sealed     bytea NOT NULL CHECK (length(sealed) BETWEEN 32 AND 200),
    last_step  bigint NOT NULL CHECK (last_step > 0),
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, person_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
COMMENT ON COLUMN totp.last_step IS 'Step of time (30 s) of the newest code that was used: it and older ones are refused.';

-- A recovery code stands in for the app once. Its hash is keyed with a key that is not in the database.
CREATE TABLE recovery_code (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    person_id  uuid NOT NULL,
    code_hash  bytea NOT NULL CHECK (length(code_hash) = 32),
    created_at timestamptz NOT NULL,
    used_at    timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, person_id, code_hash),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);

-- Somebody whose password was right and who must still show a second factor. It opens nothing by itself.
CREATE TABLE sign_in_wait (
    tenant_id     uuid NOT NULL,
    id            uuid NOT NULL,
    token_hash    bytea NOT NULL CHECK (length(token_hash) = 32),
    person_id     uuid NOT NULL,
    device        text NOT NULL DEFAULT '' CHECK (length(device) <= 200),
    known_browser boolean NOT NULL,
    tries         int NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 100),
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX sign_in_wait_of_person ON sign_in_wait (tenant_id, person_id);
CREATE INDEX sign_in_wait_by_age ON sign_in_wait (tenant_id, expires_at);

-- A passkey: the public key of a device that verifies its user by itself.
CREATE TABLE passkey (
    tenant_id     uuid NOT NULL,
    id            uuid NOT NULL,
    person_id     uuid NOT NULL,
    credential_id bytea NOT NULL CHECK (length(credential_id) BETWEEN 16 AND 1023),
    credential    jsonb NOT NULL,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    created_at    timestamptz NOT NULL,
    used_at       timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, credential_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX passkey_of_person ON passkey (tenant_id, person_id);

-- What a browser was asked to sign. It is deleted by the answer, so it can be answered once.
CREATE TABLE passkey_challenge (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
    purpose    text NOT NULL CHECK (purpose IN ('add', 'prove')),
    state      jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, token_hash)
);
CREATE INDEX passkey_challenge_by_age ON passkey_challenge (tenant_id, expires_at);

-- A new mail address that its owner asked for: confirmed by a link to the new address, taken back by one to the old. A link
-- whose mail is made twice has two hashes, and either works.
CREATE TABLE email_change (
    tenant_id      uuid NOT NULL,
    id             uuid NOT NULL,
    person_id      uuid NOT NULL,
    session_id     uuid NOT NULL,
    old_email      text NOT NULL CHECK (length(old_email) <= 254),
    new_email      text NOT NULL CHECK (length(new_email) BETWEEN 3 AND 254),
    confirm_hashes bytea[] NOT NULL DEFAULT '{}' CHECK (cardinality(confirm_hashes) <= 100),
    undo_hashes    bytea[] NOT NULL DEFAULT '{}' CHECK (cardinality(undo_hashes) <= 100),
    created_at     timestamptz NOT NULL,
    expires_at     timestamptz NOT NULL,
    confirmed_at   timestamptz,
    undone_at      timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX email_change_of_person ON email_change (tenant_id, person_id);
COMMENT ON COLUMN email_change.session_id IS 'Where it was asked: the one session that stays when it is confirmed.';

-- A browser that holds sessions of several people, known by a cookie of its own.
CREATE TABLE browser (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
    used_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, token_hash),
    FOREIGN KEY (tenant_id) REFERENCES tenant (id)
);
CREATE INDEX browser_by_age ON browser (tenant_id, used_at);
ALTER TABLE session ADD COLUMN browser_id uuid,
    ADD FOREIGN KEY (tenant_id, browser_id) REFERENCES browser (tenant_id, id) ON DELETE SET NULL (browser_id);
CREATE INDEX session_of_browser ON session (tenant_id, browser_id) WHERE browser_id IS NOT NULL;

-- That the same person uses a browser at another organisation as well. It carries the name on the switcher and signing out
-- of all, and no rights: each organisation has a row of its own, and neither has the other's people in it.
CREATE TABLE account_link (
    tenant_id        uuid NOT NULL,
    id               uuid NOT NULL,
    browser_id       uuid NOT NULL,
    other_slug       text NOT NULL CHECK (length(other_slug) BETWEEN 3 AND 63),
    other_browser_id uuid NOT NULL,
    created_at       timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, browser_id, other_slug),
    FOREIGN KEY (tenant_id, browser_id) REFERENCES browser (tenant_id, id) ON DELETE CASCADE
);

-- Somebody on the way from here to the other organisation to link the two; gone when they get there.
CREATE TABLE account_link_request (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    token_hash bytea NOT NULL CHECK (length(token_hash) = 32),
    browser_id uuid NOT NULL,
    other_slug text NOT NULL CHECK (length(other_slug) BETWEEN 3 AND 63),
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, token_hash),
    FOREIGN KEY (tenant_id, browser_id) REFERENCES browser (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX account_link_request_by_age ON account_link_request (tenant_id, expires_at);

-- Sessions of before, and of a program that does not know the columns yet, are neither strong nor fresh.
ALTER TABLE session ADD COLUMN strong boolean NOT NULL DEFAULT false, ADD COLUMN proved_at timestamptz NOT NULL DEFAULT '2000-01-01 00:00:00+00';
COMMENT ON COLUMN session.strong IS 'Opened with a second factor or a passkey. Without it a session can only set one up where a role asks for it.';
COMMENT ON COLUMN session.proved_at IS 'When its owner last proved who they are: some acts ask again after five minutes.';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['totp', 'recovery_code', 'sign_in_wait', 'passkey', 'passkey_challenge', 'email_change', 'browser', 'account_link', 'account_link_request'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)
            WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ouderportaal_app', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO ouderportaal_platform', t);
    END LOOP;
END
$$;
