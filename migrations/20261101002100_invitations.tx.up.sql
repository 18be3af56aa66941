-- Who is invited to the portal, why, and what came of it.

CREATE TABLE invitation_setting (
    tenant_id uuid NOT NULL REFERENCES tenant (id),
    lead_days int NOT NULL DEFAULT 42 CHECK (lead_days BETWEEN 0 AND 365),
    sent_from time NOT NULL DEFAULT '09:00',
    PRIMARY KEY (tenant_id)
);
COMMENT ON COLUMN invitation_setting.lead_days IS 'Local days between the mail and the first day of care.';
COMMENT ON COLUMN invitation_setting.sent_from IS 'Time of the local day at which a mail may go.';

-- One row for each guardian and placement, as long as it stands. What was called off stays as history beside it.
CREATE TABLE invitation (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    person_id    uuid NOT NULL,
    child_id     uuid NOT NULL,
    placement_id uuid NOT NULL,
    starts_on    date NOT NULL,
    due_at       timestamptz NOT NULL,
    state        text NOT NULL CHECK (state IN ('planned', 'due', 'sent', 'activated', 'failed', 'superseded', 'cancelled', 'unneeded')),
    reason       text NOT NULL DEFAULT '' CHECK (length(reason) <= 80),
    address      text NOT NULL DEFAULT '',
    event_id     uuid,
    sent_at      timestamptz,
    expires_at   timestamptz,
    created_at   timestamptz NOT NULL,
    changed_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, placement_id) REFERENCES placement (tenant_id, id)
);
-- However many processes plan at once: a guardian is invited to a placement once.
CREATE UNIQUE INDEX invitation_once ON invitation (tenant_id, person_id, placement_id) WHERE state IN ('planned', 'due', 'sent', 'activated', 'failed');
CREATE INDEX invitation_to_send ON invitation (tenant_id, due_at) WHERE state = 'planned';
CREATE INDEX invitation_under_way ON invitation (tenant_id, changed_at) WHERE state = 'due';
CREATE INDEX invitation_of_event ON invitation (tenant_id, event_id) WHERE event_id IS NOT NULL;
CREATE INDEX invitation_of_child ON invitation (tenant_id, child_id);
CREATE INDEX invitation_by_start ON invitation (tenant_id, starts_on DESC, id DESC);
COMMENT ON COLUMN invitation.address IS 'Where the mail went; a link that went to an address which was corrected is void.';
COMMENT ON COLUMN invitation.event_id IS 'The event of the mail: rows of one guardian that are due together share one mail.';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['invitation_setting', 'invitation'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ouderportaal_app', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO ouderportaal_platform', t);
    END LOOP;
END
$$;
