-- Withdrawn entries are few, and looked for once a day.
CREATE INDEX diary_entry_withdrawn ON diary_entry (tenant_id, withdrawn_at) WHERE withdrawn_at IS NOT NULL;
