-- The audit log as a chain: each entry has a link whose hash covers the entry and the link before it, so that whoever
-- changes, removes or slips in an entry would have to write every later link anew; see `ouderportaal audit verify`.
CREATE TABLE audit_link (
    tenant_id uuid NOT NULL,
    place     bigint NOT NULL CHECK (place > 0),
    entry_id  uuid NOT NULL,
    hash      bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (tenant_id, place),
    UNIQUE (tenant_id, entry_id),
    FOREIGN KEY (tenant_id, entry_id) REFERENCES audit_entry (tenant_id, id)
);
COMMENT ON COLUMN audit_link.place IS 'Counts from 1 in the order of the commits, without gaps.';

-- SHA-256 over the hash of the link before and the fields of the entry as netstrings, so that nothing can move from one
-- field to the next. internal/audit computes the same to verify, and does not ask this function.
CREATE FUNCTION audit_hash(previous bytea, place bigint, entry audit_entry) RETURNS bytea
LANGUAGE sql STABLE AS $$
    SELECT sha256(previous || convert_to(string_agg(octet_length(field) || ':' || field || ',', '' ORDER BY n), 'UTF8'))
    FROM unnest(ARRAY[place::text, entry.tenant_id::text, entry.id::text, (extract(epoch FROM entry.at) * 1000000)::bigint::text,
        coalesce(entry.actor_id::text, ''), entry.actor_role, entry.action, coalesce(entry.subject_id::text, ''), entry.detail::text])
        WITH ORDINALITY AS x (field, n)
$$;

CREATE FUNCTION audit_chain() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
    before audit_link;
BEGIN
    -- One commit of the organisation after the other. The next statement sees what was committed while this one waited.
    PERFORM pg_advisory_xact_lock(hashtextextended('audit ' || NEW.tenant_id, 0));
    SELECT * INTO before FROM audit_link WHERE tenant_id = NEW.tenant_id ORDER BY place DESC LIMIT 1;
    INSERT INTO audit_link (tenant_id, place, entry_id, hash)
    VALUES (NEW.tenant_id, coalesce(before.place, 0) + 1, NEW.id, audit_hash(coalesce(before.hash, ''), coalesce(before.place, 0) + 1, NEW));
    RETURN NULL;
END
$$;

-- At the commit, so that the lock is the last that a transaction takes: it can be no part of a deadlock, and others wait
-- for the commit alone, however long the transaction was. One audit entry for a whole import keeps that short.
CREATE CONSTRAINT TRIGGER audit_chain AFTER INSERT ON audit_entry DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW EXECUTE FUNCTION audit_chain();

-- What there is already, in the order in which it happened. Audited writes wait for it.
DO $$
DECLARE
    t uuid;
    e audit_entry;
    n bigint;
    previous bytea;
BEGIN
    FOR t IN SELECT id FROM tenant LOOP
        PERFORM set_config('app.tenant_id', t::text, true);
        n := 0;
        previous := '';
        FOR e IN SELECT * FROM audit_entry WHERE tenant_id = t ORDER BY at, id LOOP
            n := n + 1;
            previous := audit_hash(previous, n, e);
            INSERT INTO audit_link VALUES (t, n, e.id, previous);
        END LOOP;
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END
$$;

ALTER TABLE audit_link ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_link FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_link USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT ON audit_link TO ouderportaal_app, ouderportaal_platform;
