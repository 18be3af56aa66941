-- Every table with a tenant_id so far: row-level security enabled and forced, and what each role may do with it.
DO $$
DECLARE
    t text;
BEGIN
    FOR t IN
        SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id'
        WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ouderportaal_app', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO ouderportaal_platform', t);
    END LOOP;
    -- The relay dispatches for everybody, and sees nothing but the ledger.
    FOREACH t IN ARRAY ARRAY['event', 'job', 'delivery'] LOOP
        EXECUTE format('CREATE POLICY relay ON %I TO ouderportaal_relay USING (true) WITH CHECK (true)', t);
        EXECUTE format('GRANT SELECT, UPDATE ON %I TO ouderportaal_relay', t);
    END LOOP;
    GRANT INSERT ON job TO ouderportaal_relay;
END
$$;
-- History is not rewritten.
REVOKE UPDATE, DELETE ON audit_entry, consent_answer FROM ouderportaal_app;
REVOKE UPDATE ON audit_entry, consent_answer FROM ouderportaal_platform;
