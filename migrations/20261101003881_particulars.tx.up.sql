-- What guardians tell of their child, whom to call, who may collect, and changes that they ask for.
CREATE TABLE child_particulars (
    tenant_id    uuid NOT NULL,
    child_id     uuid NOT NULL,
    doctor       text NOT NULL DEFAULT '' CHECK (length(doctor) <= 120),
    doctor_phone text NOT NULL DEFAULT '' CHECK (length(doctor_phone) <= 40),
    allergies    text NOT NULL DEFAULT '' CHECK (length(allergies) <= 1000),
    diet         text NOT NULL DEFAULT '' CHECK (length(diet) <= 1000),
    medical      text NOT NULL DEFAULT '' CHECK (length(medical) <= 1000),
    changed_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, child_id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id)
);

CREATE TABLE child_contact (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    child_id   uuid NOT NULL,
    name       text NOT NULL CHECK (length(name) BETWEEN 1 AND 80),
    relation   text NOT NULL CHECK (length(relation) BETWEEN 1 AND 80),
    phone      text NOT NULL CHECK (length(phone) BETWEEN 1 AND 40),
    emergency  boolean NOT NULL,
    collects   boolean NOT NULL,
    version    int NOT NULL CHECK (version > 0),
    added_by   uuid NOT NULL,
    added_at   timestamptz NOT NULL,
    removed_at timestamptz,
    removed_by uuid,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, added_by) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, removed_by) REFERENCES person (tenant_id, id),
    CHECK (emergency OR collects)
);
CREATE INDEX child_contact_of_child ON child_contact (tenant_id, child_id) WHERE removed_at IS NULL;
COMMENT ON TABLE child_contact IS 'Whom to call about a child, and who may collect it. One that was removed stays, for who asks later who was let in.';

CREATE TABLE change_request (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    child_id     uuid,
    person_id    uuid,
    changes      jsonb NOT NULL,
    holds_from   date NOT NULL,
    state        text NOT NULL CHECK (state IN ('pending', 'approved', 'refused', 'withdrawn', 'applied')),
    asked_by     uuid NOT NULL,
    asked_at     timestamptz NOT NULL,
    decided_by   uuid,
    decided_at   timestamptz,
    reason       text NOT NULL DEFAULT '' CHECK (length(reason) <= 500),
    applied_at   timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, asked_by) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, decided_by) REFERENCES person (tenant_id, id),
    CHECK (num_nonnulls(child_id, person_id) = 1),
    CHECK (state = 'withdrawn' OR (state <> 'pending') = (decided_at IS NOT NULL)),
    CHECK ((state = 'applied') = (applied_at IS NOT NULL)),
    CHECK (state <> 'refused' OR reason <> '')
);
CREATE UNIQUE INDEX change_request_pending_child ON change_request (tenant_id, child_id) WHERE state = 'pending' AND child_id IS NOT NULL;
CREATE UNIQUE INDEX change_request_pending_person ON change_request (tenant_id, person_id) WHERE state = 'pending' AND person_id IS NOT NULL;
CREATE INDEX change_request_due ON change_request (tenant_id, holds_from) WHERE state = 'approved';
CREATE INDEX change_request_newest ON change_request (tenant_id, asked_at);
COMMENT ON COLUMN change_request.changes IS 'A list of field, was and becomes. What stood there when it was asked for is kept as it was; one that was skipped found something newer there on its day.';
COMMENT ON COLUMN change_request.holds_from IS 'From which day it holds. One that was approved before waits for that day.';

ALTER TABLE child_access DROP CONSTRAINT child_access_what_check,
    ADD CONSTRAINT child_access_what_check CHECK (what IN ('file', 'photo', 'download', 'photos', 'archive', 'export', 'card'));

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['child_particulars', 'child_contact', 'change_request'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE ON child_particulars, child_contact, change_request TO ouderportaal_app, ouderportaal_platform;
