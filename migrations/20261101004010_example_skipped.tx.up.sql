-- An organisation that has children of its own by the time that it is to be filled is not filled, and is no example any more.
ALTER TABLE example_data DROP CONSTRAINT example_data_state_check,
    ADD CONSTRAINT example_data_state_check CHECK (state IN ('waiting', 'filling', 'ready', 'failed', 'skipped'));
GRANT UPDATE (example) ON tenant TO ouderportaal_app;
COMMENT ON COLUMN tenant.example IS 'Its data are made up, and its pages say so. Decided when it is made; over when it had children of its own before it was filled.';
