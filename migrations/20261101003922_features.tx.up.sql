-- What an organisation does without, and the languages that it offers.
ALTER TABLE tenant ADD COLUMN features_off text[] NOT NULL DEFAULT '{}' CHECK (cardinality(features_off) <= 50),
    ADD COLUMN languages text[] NOT NULL DEFAULT '{nl,en}' CHECK (cardinality(languages) > 0 AND languages <@ ARRAY['nl', 'en']);
COMMENT ON COLUMN tenant.features_off IS 'Parts of the portal that nobody of this organisation reaches. Their rows stay.';
COMMENT ON COLUMN tenant.languages IS 'What a visitor can choose; who chose another before keeps it.';
GRANT UPDATE (features_off, languages, language) ON tenant TO ouderportaal_app;
