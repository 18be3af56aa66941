-- Photos that a guardian asks staff to look at again.
CREATE TABLE photo_report (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    photo_id    uuid NOT NULL,
    entry_id    uuid NOT NULL,
    reported_by uuid NOT NULL,
    reported_at timestamptz NOT NULL,
    reason      text NOT NULL CHECK (length(reason) BETWEEN 1 AND 500),
    handled_by  uuid,
    handled_at  timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, photo_id) REFERENCES photo (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, entry_id) REFERENCES diary_entry (tenant_id, id),
    FOREIGN KEY (tenant_id, reported_by) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, handled_by) REFERENCES person (tenant_id, id),
    CHECK ((handled_by IS NULL) = (handled_at IS NULL))
);
-- However often the form is sent: one report of a person about a photo is open at a time.
CREATE UNIQUE INDEX photo_report_open ON photo_report (tenant_id, photo_id, reported_by) WHERE handled_at IS NULL;
CREATE INDEX photo_report_of_entry ON photo_report (tenant_id, entry_id, reported_at);
CREATE INDEX photo_report_by_person ON photo_report (tenant_id, reported_by, reported_at);

ALTER TABLE photo_report ENABLE ROW LEVEL SECURITY;
ALTER TABLE photo_report FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON photo_report USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON photo_report TO ouderportaal_app;
GRANT SELECT, INSERT, UPDATE ON photo_report TO ouderportaal_platform;
