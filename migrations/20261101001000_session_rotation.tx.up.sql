-- A session gets a new token when the role or the password changes. Signing out with the token before still ends it:
-- a sign-out that was sent beside such a change must win.
ALTER TABLE session ADD COLUMN former_token_hash bytea CHECK (length(former_token_hash) = 32);
CREATE UNIQUE INDEX session_by_former_token ON session (tenant_id, former_token_hash) WHERE former_token_hash IS NOT NULL;
