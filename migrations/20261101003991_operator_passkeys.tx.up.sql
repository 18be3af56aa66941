-- Passkeys with which operators prove who they are after their password, instead of by the code of their app.
CREATE TABLE operator_passkey (
    id            uuid PRIMARY KEY,
    operator_id   uuid NOT NULL REFERENCES operator (id),
    credential_id bytea NOT NULL UNIQUE,
    credential    jsonb NOT NULL,
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    created_at    timestamptz NOT NULL,
    used_at       timestamptz
);
CREATE INDEX operator_passkey_of ON operator_passkey (operator_id, id);
GRANT SELECT, INSERT, UPDATE, DELETE ON operator_passkey TO ouderportaal_platform;

ALTER TABLE operator_session ADD COLUMN challenge jsonb, ADD COLUMN challenge_until timestamptz;
COMMENT ON COLUMN operator_session.challenge IS 'What the browser of this session was asked to sign last. It is taken away by the first answer.';
