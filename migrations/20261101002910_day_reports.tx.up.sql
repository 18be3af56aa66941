-- A day report tells guardians what a day of their child was made of. It is an entry of the diary, with the care of that day
-- as a read model beside it.
ALTER TABLE diary_entry
    DROP CONSTRAINT diary_entry_kind_check,
    ADD CONSTRAINT diary_entry_kind_check CHECK (kind IN ('post', 'report', 'day')),
    ADD COLUMN facts json NOT NULL DEFAULT '[]';
COMMENT ON COLUMN diary_entry.facts IS 'Read model: what care_record says of the day of a day report. Rewritten when a record of that day changes.';

-- One report of a child and a day: a draft until it is posted, and again when its entry is taken back.
CREATE TABLE diary_day (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    child_id   uuid NOT NULL,
    day_on     date NOT NULL,
    body       text NOT NULL DEFAULT '' CHECK (length(body) <= 5000),
    version    int NOT NULL CHECK (version > 0),
    written_by uuid NOT NULL,
    written_at timestamptz NOT NULL,
    entry_id   uuid,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, child_id, day_on),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, written_by) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, entry_id) REFERENCES diary_entry (tenant_id, id)
);
CREATE UNIQUE INDEX diary_day_of_entry ON diary_day (tenant_id, entry_id) WHERE entry_id IS NOT NULL;
COMMENT ON COLUMN diary_day.entry_id IS 'The entry that guardians read; NULL for a draft.';

ALTER TABLE diary_day ENABLE ROW LEVEL SECURITY;
ALTER TABLE diary_day FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON diary_day USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON diary_day TO ouderportaal_app;
GRANT SELECT, INSERT, UPDATE ON diary_day TO ouderportaal_platform;
