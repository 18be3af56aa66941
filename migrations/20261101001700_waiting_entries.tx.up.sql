-- Entries that wait are few, and looked for every quarter of an hour.
CREATE INDEX diary_entry_waiting ON diary_entry (tenant_id, published_at) WHERE waits AND withdrawn_at IS NULL;
-- A place that nothing can follow would be the end of the chain.
ALTER TABLE audit_link ADD CHECK (place < 9007199254740992);
