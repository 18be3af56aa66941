-- How names are compared, once more: also letters that are no letter with an accent, and the signs that stand for an
-- apostrophe. "isik" finds Işık, "lukasz" finds Łukasz, "strauss" finds Strauß and "van 't" finds van ’t.
CREATE OR REPLACE FUNCTION name_key(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT replace(replace(replace(replace(translate(
        lower(regexp_replace(normalize(name, NFD), '[\u0300-\u036f]', '', 'g')),
        'ıłøđðħŧŋ’‘ʼ`´', 'iloddhtn'''''''''''), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')
$$;

-- The columns are kept, so what is there is computed anew.
DO $$
DECLARE
    t uuid;
BEGIN
    FOR t IN SELECT id FROM tenant LOOP
        PERFORM set_config('app.tenant_id', t::text, true);
        UPDATE child SET given_name = given_name WHERE tenant_id = t AND name_key <> name_key(given_name || ' ' || family_name);
        UPDATE person SET given_name = given_name WHERE tenant_id = t AND name_key <> name_key(given_name || ' ' || family_name);
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END
$$;

-- What an edit changed: what stood in a field and what stands in it now. It is beside the log and not in its chain, so that it
-- can be erased without breaking the chain: these are texts about people.
CREATE TABLE audit_value (
    tenant_id  uuid NOT NULL,
    entry_id   uuid NOT NULL,
    field      text NOT NULL CHECK (length(field) <= 40),
    was        text NOT NULL CHECK (length(was) <= 1000),
    becomes    text NOT NULL CHECK (length(becomes) <= 1000),
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, entry_id, field),
    FOREIGN KEY (tenant_id, entry_id) REFERENCES audit_entry (tenant_id, id)
);
CREATE INDEX audit_value_by_age ON audit_value (tenant_id, changed_at);
COMMENT ON TABLE audit_value IS 'Erased two years after the edit, or with whom it is about. The app adds, reads and erases, and changes nothing.';
ALTER TABLE audit_value ENABLE ROW LEVEL SECURITY;
ALTER TABLE audit_value FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON audit_value USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, DELETE ON audit_value TO ouderportaal_app;
GRANT SELECT, INSERT ON audit_value TO ouderportaal_platform;
