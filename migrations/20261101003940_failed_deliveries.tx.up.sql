-- What did not arrive, for who runs an organisation.

-- Addresses at which no mail arrives. It holds for as long as the person has that address.
CREATE TABLE address_problem (
    tenant_id uuid NOT NULL,
    person_id uuid NOT NULL,
    address   text NOT NULL CHECK (length(address) BETWEEN 3 AND 254),
    reason    text NOT NULL CHECK (reason IN ('unknown', 'unreachable')),
    noted_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, person_id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
COMMENT ON COLUMN address_problem.reason IS 'unknown: nobody has it. unreachable: what stands behind the @ takes no mail.';
ALTER TABLE address_problem ENABLE ROW LEVEL SECURITY;
ALTER TABLE address_problem FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON address_problem USING (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid)
    WITH CHECK (tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid);
GRANT SELECT, INSERT, UPDATE, DELETE ON address_problem TO ouderportaal_app;

-- A device whose push service says that it is gone; whatever else was dropped is no failure.
CREATE INDEX delivery_device_gone ON delivery (tenant_id, finished_at) WHERE state = 'dropped' AND last_error = 'push: gone';
