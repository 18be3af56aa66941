-- How the relay finds its work: queue by queue and organisation by organisation, so that no organisation waits behind another's pile.
DROP INDEX job_due;
DROP INDEX delivery_due;
CREATE INDEX job_due ON job (queue, tenant_id, due_at) WHERE state = 'waiting';
CREATE INDEX delivery_due ON delivery (channel, queue, tenant_id, due_at) WHERE state = 'waiting';

-- Dead letters are few and looked at by people and by the metrics.
CREATE INDEX job_dead ON job (tenant_id, finished_at) WHERE state = 'dead';
CREATE INDEX delivery_dead ON delivery (tenant_id, finished_at) WHERE state = 'dead';

-- What is old enough to be forgotten.
CREATE INDEX event_by_age ON event (tenant_id, recorded_at);

-- A row is written again when it is claimed, taken and finished: room beside it keeps the new versions on its page, and the
-- indexes untouched.
ALTER TABLE job SET (fillfactor = 50);
ALTER TABLE delivery SET (fillfactor = 50);
