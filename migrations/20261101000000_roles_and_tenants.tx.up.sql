-- The installation: who may connect, and which organisations there are.
-- Roles are made by `ouderportaal migrate` before this runs: app (pages and workers), relay (outbox only), platform (operators).

CREATE TABLE tenant (
    id            uuid PRIMARY KEY,
    slug          text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9]([a-z0-9-]{1,61}[a-z0-9])$'),
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    status        text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'suspended')),
    status_reason text NOT NULL DEFAULT '',
    time_zone     text NOT NULL DEFAULT 'Europe/Amsterdam',
    language      text NOT NULL DEFAULT 'nl' CHECK (language IN ('nl', 'en')),
    brand_hue     double precision NOT NULL DEFAULT 163 CHECK (brand_hue >= 0 AND brand_hue < 360),
    brand_chroma  double precision NOT NULL DEFAULT 0.085 CHECK (brand_chroma BETWEEN 0.02 AND 0.18),
    address       text NOT NULL DEFAULT '',
    phone         text NOT NULL DEFAULT '',
    email         text NOT NULL DEFAULT '',
    created_at    timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL
);
COMMENT ON TABLE tenant IS 'Directory of organisations. Not tenant data: the app reads it to resolve a host, only the platform role writes it.';

GRANT SELECT ON tenant TO ouderportaal_app, ouderportaal_relay;
GRANT SELECT, INSERT, UPDATE ON tenant TO ouderportaal_platform;
