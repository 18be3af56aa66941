-- How strictly people of an organisation sign in. It can be stricter than the product is, and never less strict.
ALTER TABLE tenant ADD COLUMN parent_factor boolean NOT NULL DEFAULT false,
    ADD COLUMN parent_idle_days smallint NOT NULL DEFAULT 14 CHECK (parent_idle_days BETWEEN 1 AND 14),
    ADD COLUMN staff_idle_minutes smallint NOT NULL DEFAULT 60 CHECK (staff_idle_minutes BETWEEN 5 AND 60);
COMMENT ON COLUMN tenant.parent_factor IS 'Whether parents, like everybody else, do nothing without a second factor.';
COMMENT ON COLUMN tenant.parent_idle_days IS 'After how many days without use a parent signs in again.';
COMMENT ON COLUMN tenant.staff_idle_minutes IS 'After how many minutes without use anybody else does.';
GRANT UPDATE (parent_factor, parent_idle_days, staff_idle_minutes) ON tenant TO ouderportaal_app;
