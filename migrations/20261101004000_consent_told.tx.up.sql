-- Who was told that an answer about a child is waited for: of each question the last time, so that nobody hears of the same words twice.
CREATE TABLE consent_told (
    tenant_id     uuid NOT NULL,
    purpose       text NOT NULL CHECK (purpose ~ '^[a-z][a-z0-9_]{1,39}$'),
    child_id      uuid NOT NULL,
    person_id     uuid NOT NULL,
    asked_version int NOT NULL CHECK (asked_version > 0),
    told_on       date NOT NULL,
    batch         uuid NOT NULL,
    PRIMARY KEY (tenant_id, purpose, child_id, person_id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX consent_told_of_batch ON consent_told (tenant_id, batch, person_id);
COMMENT ON COLUMN consent_told.asked_version IS 'The oldest words to which an answer would have been one, when they were told.';
COMMENT ON COLUMN consent_told.batch IS 'What was told to people at one moment is one notification to each, whatever the number of questions.';

ALTER TABLE consent_told ENABLE ROW LEVEL SECURITY;
ALTER TABLE consent_told FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON consent_told USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE ON consent_told TO ouderportaal_app;
