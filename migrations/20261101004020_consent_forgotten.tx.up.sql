-- A row of consent_told goes with the answer, or when the question, the authority or the tie ends: who is asked once more hears of it once
-- more.
GRANT DELETE ON consent_told TO ouderportaal_app;
CREATE INDEX IF NOT EXISTS consent_told_of_child ON consent_told (tenant_id, child_id);
CREATE INDEX IF NOT EXISTS consent_told_of_person ON consent_told (tenant_id, person_id);
COMMENT ON TABLE consent_told IS 'Who was told, the last time, that an answer about a child is waited for, and is to give it still.';
