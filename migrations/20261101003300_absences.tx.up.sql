-- Guardians tell on which days their child does not come. What a report said stays as it was told: a change is another row.
CREATE TABLE absence (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    report_id    uuid NOT NULL,
    child_id     uuid NOT NULL,
    first_day    date NOT NULL,
    last_day     date NOT NULL,
    late_until   date,
    reason       text NOT NULL CHECK (reason IN ('ziekte', 'vakantie', 'overig')),
    note         text NOT NULL DEFAULT '' CHECK (length(note) <= 500),
    reported_by  uuid NOT NULL,
    reported_at  timestamptz NOT NULL,
    withdrawn_at timestamptz,
    withdrawn_by uuid,
    replaced     boolean NOT NULL DEFAULT false,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, reported_by) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, withdrawn_by) REFERENCES person (tenant_id, id),
    CHECK (first_day <= last_day),
    CHECK (late_until BETWEEN first_day AND last_day),
    CHECK ((withdrawn_at IS NULL) = (withdrawn_by IS NULL)),
    CHECK (NOT replaced OR withdrawn_at IS NOT NULL)
);
CREATE INDEX absence_of_child ON absence (tenant_id, child_id, last_day) WHERE withdrawn_at IS NULL;
CREATE INDEX absence_of_report ON absence (tenant_id, report_id);
COMMENT ON TABLE absence IS 'Days of care in a row on which a child does not come. The standing ones of a child never meet.';
COMMENT ON COLUMN absence.report_id IS 'What was sent at once about one child.';
COMMENT ON COLUMN absence.late_until IS 'The last day of it that was told after the deadline; NULL when all was told in time.';
COMMENT ON COLUMN absence.replaced IS 'Other rows say now what holds of its days, wholly or in part; without it, its days were withdrawn.';

CREATE TABLE absence_setting (
    tenant_id   uuid NOT NULL REFERENCES tenant (id),
    days_before int NOT NULL DEFAULT 0 CHECK (days_before BETWEEN 0 AND 30),
    until_time  time NOT NULL DEFAULT '09:00',
    days_back   int NOT NULL DEFAULT 0 CHECK (days_back BETWEEN 0 AND 14),
    PRIMARY KEY (tenant_id)
);
COMMENT ON COLUMN absence_setting.days_before IS 'Local days between the deadline of a report and the day that it is about.';
COMMENT ON COLUMN absence_setting.until_time IS 'Time of the local day until which a report is in time.';
COMMENT ON COLUMN absence_setting.days_back IS 'How many days after a day a guardian may still report it.';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['absence', 'absence_setting'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO ouderportaal_app, ouderportaal_platform', t);
    END LOOP;
END
$$;
