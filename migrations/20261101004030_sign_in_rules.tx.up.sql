-- How strictly people of an organisation sign in. It can be stricter than the product is, and never less strict.
ALTER TABLE tenant ADD COLUMN parent_factor boolean NOT NULL DEFAULT false,
    ADD COLUMN parent_idle_days smallint NOT NULL DEFAULT 14 CHECK (parent_idle_days IN (1, 2, 7, 14)),
    ADD COLUMN staff_idle_minutes smallint NOT NULL DEFAULT 60 CHECK (staff_idle_minutes IN (10, 15, 30, 60));
COMMENT ON COLUMN tenant.parent_factor IS 'Whether parents, like everybody else, do nothing without a second factor.';
COMMENT ON COLUMN tenant.parent_idle_days IS 'After how many days without use a parent signs in again.';
COMMENT ON COLUMN tenant.staff_idle_minutes IS 'After how many minutes without use anybody else does.';
GRANT UPDATE (parent_factor, parent_idle_days, staff_idle_minutes) ON tenant TO ouderportaal_app;

-- Who took their last second factor away stayed in a session that counted as opened with one.
DO $$
DECLARE
    o uuid;
BEGIN
    FOR o IN SELECT id FROM tenant LOOP
        PERFORM set_config('app.tenant_id', o::text, true);
        UPDATE session s SET strong = false WHERE s.tenant_id = o AND s.strong AND s.ended_at IS NULL
            AND NOT EXISTS (SELECT FROM totp t WHERE t.tenant_id = o AND t.person_id = s.person_id)
            AND NOT EXISTS (SELECT FROM passkey k WHERE k.tenant_id = o AND k.person_id = s.person_id);
    END LOOP;
    PERFORM set_config('app.tenant_id', '', true);
END
$$;
