-- An event is forgotten after a month, and what it told people stays in their lists for a year and more: the line keeps
-- the id, which with the person says that it was told already, and needs no row behind it.
ALTER TABLE notification DROP CONSTRAINT notification_tenant_id_event_id_fkey;

-- Old events are gone through in this order, each once.
DROP INDEX event_by_age;
CREATE INDEX event_by_age ON event (tenant_id, recorded_at, id);
