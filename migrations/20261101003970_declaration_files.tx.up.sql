-- Files that go along with what was filled in, and answers that came on paper.
CREATE TABLE declaration_file (
    tenant_id      uuid NOT NULL,
    id             uuid NOT NULL,
    declaration_id uuid NOT NULL,
    child_id       uuid NOT NULL,
    uploaded_by    uuid NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('photo', 'pdf')),
    state          text NOT NULL CHECK (state IN ('uploaded', 'ready', 'refused')),
    refusal        text NOT NULL DEFAULT '',
    storage_key    text NOT NULL,
    file_name      text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 120),
    bytes          bigint NOT NULL CHECK (bytes > 0),
    created_at     timestamptz NOT NULL,
    kept_at        timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, storage_key),
    FOREIGN KEY (tenant_id, declaration_id) REFERENCES declaration (tenant_id, id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, uploaded_by) REFERENCES person (tenant_id, id)
);
CREATE INDEX declaration_file_of_child ON declaration_file (tenant_id, child_id, declaration_id);
CREATE INDEX declaration_file_unsent ON declaration_file (tenant_id, created_at) WHERE kept_at IS NULL;
COMMENT ON COLUMN declaration_file.bytes IS 'Of what was uploaded.';
COMMENT ON COLUMN declaration_file.kept_at IS 'Since when an answer holds it; it is uploaded before that, and one that no answer comes to hold goes after a day.';

ALTER TABLE declaration_file ENABLE ROW LEVEL SECURITY;
ALTER TABLE declaration_file FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON declaration_file USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
-- What an answer holds stays as long as there are answers to that declaration about that child.
CREATE POLICY free ON declaration_file AS RESTRICTIVE FOR DELETE TO ouderportaal_app USING (
    kept_at IS NULL OR NOT EXISTS (SELECT FROM declaration_answer a WHERE a.tenant_id = declaration_file.tenant_id
        AND a.declaration_id = declaration_file.declaration_id AND a.child_id = declaration_file.child_id));
GRANT SELECT, INSERT, DELETE ON declaration_file TO ouderportaal_app;
GRANT UPDATE (state, refusal, kept_at) ON declaration_file TO ouderportaal_app;

ALTER TABLE declaration_answer
    ADD COLUMN paper_on   date,
    ADD COLUMN entered_by uuid,
    ADD COLUMN scan_id    uuid,
    ADD CHECK ((paper_on IS NULL) = (entered_by IS NULL)),
    ADD CHECK (scan_id IS NULL OR paper_on IS NOT NULL),
    ADD FOREIGN KEY (tenant_id, entered_by) REFERENCES person (tenant_id, id),
    ADD FOREIGN KEY (tenant_id, scan_id) REFERENCES declaration_file (tenant_id, id);
COMMENT ON COLUMN declaration_answer.paper_on IS 'The day on the paper, of an answer that came on paper and that entered_by typed over; answered_by is who gave it.';
COMMENT ON COLUMN declaration_answer.scan_id IS 'The paper itself, as a file.';
