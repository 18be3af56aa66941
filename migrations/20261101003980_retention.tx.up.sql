-- How long an organisation keeps what there is of a child after its last day of care, whose file it keeps longer, and whom it told in time.
CREATE TABLE retention_setting (
    tenant_id    uuid NOT NULL REFERENCES tenant (id),
    file_months  int NOT NULL CHECK (file_months BETWEEN 1 AND 120),
    office_years int NOT NULL CHECK (office_years BETWEEN 1 AND 15),
    notice_days  int NOT NULL CHECK (notice_days BETWEEN 14 AND 180),
    offers       boolean NOT NULL,
    version      int NOT NULL CHECK (version > 0),
    PRIMARY KEY (tenant_id)
);
COMMENT ON COLUMN retention_setting.file_months IS 'Months after the last day of care in which the file of a child is kept.';
COMMENT ON COLUMN retention_setting.office_years IS 'Years in which placements and lists of presence are kept, for the tax office and the inspection.';
COMMENT ON COLUMN retention_setting.notice_days IS 'How many days before the end guardians are told to take everything along.';
COMMENT ON COLUMN retention_setting.offers IS 'Whether guardians are told at all; without a row they are not.';

CREATE TABLE retention_hold (
    tenant_id uuid NOT NULL,
    id        uuid NOT NULL,
    child_id  uuid NOT NULL,
    until_on  date NOT NULL,
    reason    text NOT NULL CHECK (length(reason) BETWEEN 1 AND 300),
    held_by   uuid NOT NULL,
    held_at   timestamptz NOT NULL,
    ended_by  uuid,
    ended_at  timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, held_by) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, ended_by) REFERENCES person (tenant_id, id),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
CREATE UNIQUE INDEX retention_hold_open ON retention_hold (tenant_id, child_id) WHERE ended_at IS NULL;
COMMENT ON TABLE retention_hold IS 'A file that is kept longer than its period. One that was changed is ended, and another one follows it.';
COMMENT ON COLUMN retention_hold.until_on IS 'The last day on which it holds the file.';

CREATE TABLE retention_notice (
    tenant_id  uuid NOT NULL,
    child_id   uuid NOT NULL,
    until_on   date NOT NULL,
    offered_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, child_id, until_on),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id)
);
COMMENT ON TABLE retention_notice IS 'That the guardians of a child were told to take everything along before a day.';
COMMENT ON COLUMN retention_notice.until_on IS 'The file is kept until that day at least: it was promised.';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['retention_setting', 'retention_hold', 'retention_notice'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
    END LOOP;
END
$$;
GRANT SELECT, INSERT, UPDATE ON retention_setting, retention_hold TO ouderportaal_app;
GRANT SELECT, INSERT ON retention_notice TO ouderportaal_app;
