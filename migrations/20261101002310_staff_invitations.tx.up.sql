-- Who works here without an account yet: the mail that invites them, and what came of it. One row a person.
CREATE TABLE staff_invitation (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    person_id  uuid NOT NULL,
    state      text NOT NULL CHECK (state IN ('planned', 'due', 'sent', 'failed')),
    reason     text NOT NULL DEFAULT '' CHECK (length(reason) <= 80),
    address    text NOT NULL DEFAULT '' CHECK (length(address) <= 254),
    event_id   uuid,
    sent_at    timestamptz,
    expires_at timestamptz,
    created_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, person_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX staff_invitation_open ON staff_invitation (tenant_id, state) WHERE state IN ('planned', 'due');
COMMENT ON COLUMN staff_invitation.event_id IS 'The event of the mail that is under way or went last.';

DO $$
DECLARE
    t text := 'staff_invitation';
BEGIN
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ouderportaal_app', t);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO ouderportaal_platform', t);
END
$$;
