-- What a guardian takes home of one child: a ZIP that is built in parts, lies ready for a day, and is gone.
CREATE TABLE keepsake (
    tenant_id      uuid NOT NULL,
    id             uuid NOT NULL,
    child_id       uuid NOT NULL,
    person_id      uuid NOT NULL,
    state          text NOT NULL CHECK (state IN ('building', 'ready', 'cancelled', 'failed', 'replaced', 'revoked', 'expired')),
    language       text NOT NULL,
    storage_key    text NOT NULL,
    asked_at       timestamptz NOT NULL,
    folder         text NOT NULL,
    months         text NOT NULL,
    months_done    int NOT NULL DEFAULT 0,
    round          int NOT NULL DEFAULT 1 CHECK (round > 0),
    parts          int NOT NULL DEFAULT 0,
    bytes          bigint NOT NULL DEFAULT 0,
    photos_all     int NOT NULL DEFAULT 0,
    photos         int NOT NULL DEFAULT 0,
    photos_left    int NOT NULL DEFAULT 0,
    entries        int NOT NULL DEFAULT 0,
    days           int NOT NULL DEFAULT 0,
    ready_at       timestamptz,
    expires_at     timestamptz,
    ended_at       timestamptz,
    opened_session uuid,
    opened_at      timestamptz,
    opened_until   timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, storage_key),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    CHECK ((state = 'ready') <= (ready_at IS NOT NULL AND expires_at IS NOT NULL)),
    CHECK ((state IN ('building', 'ready')) = (ended_at IS NULL))
);
-- However often it is asked for: one at a time of a person about a child.
CREATE UNIQUE INDEX keepsake_open ON keepsake (tenant_id, person_id, child_id) WHERE state IN ('building', 'ready');
CREATE INDEX keepsake_of_child ON keepsake (tenant_id, child_id, person_id, asked_at);
COMMENT ON COLUMN keepsake.asked_at IS 'Nothing that is newer is in it.';
COMMENT ON COLUMN keepsake.months IS 'The months that have anything, as 2006-01, oldest first, with a space between; months_done of them are packed.';
COMMENT ON COLUMN keepsake.round IS 'Begun anew when something that is in it may not be any more.';
COMMENT ON COLUMN keepsake.opened_session IS 'The session that proved who it is before the download; it may fetch and resume until opened_until.';

-- The parts of the file, one after the other. directory is what the ZIP says of this part at its end.
CREATE TABLE keepsake_part (
    tenant_id   uuid NOT NULL,
    keepsake_id uuid NOT NULL,
    number      int NOT NULL CHECK (number >= 0),
    object      text NOT NULL,
    bytes       bigint NOT NULL CHECK (bytes > 0),
    directory   bytea NOT NULL,
    records     int NOT NULL,
    PRIMARY KEY (tenant_id, keepsake_id, number),
    FOREIGN KEY (tenant_id, keepsake_id) REFERENCES keepsake (tenant_id, id) ON DELETE CASCADE
);

-- What is in the file, to ask again before it is handed out.
CREATE TABLE keepsake_item (
    tenant_id   uuid NOT NULL,
    keepsake_id uuid NOT NULL,
    subject_id  uuid NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('photo', 'left', 'entry', 'care')),
    month       text NOT NULL,
    file        text NOT NULL DEFAULT '',
    PRIMARY KEY (tenant_id, keepsake_id, subject_id),
    FOREIGN KEY (tenant_id, keepsake_id) REFERENCES keepsake (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX keepsake_item_of_subject ON keepsake_item (tenant_id, subject_id);
COMMENT ON COLUMN keepsake_item.subject_id IS 'A photo or an entry. No foreign key: those go on their own, and then this file may not be had any more.';

-- Whom the organisation has offered it, and why: care ended, or files are about to be erased.
CREATE TABLE keepsake_offer (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    child_id   uuid NOT NULL,
    person_id  uuid NOT NULL,
    reason     text NOT NULL CHECK (reason IN ('care_ended', 'retention')),
    about_on   date NOT NULL,
    offered_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, person_id, child_id, reason, about_on),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
COMMENT ON COLUMN keepsake_offer.about_on IS 'The last day of care, or the day before which to take it.';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['keepsake', 'keepsake_part', 'keepsake_item', 'keepsake_offer'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %I TO ouderportaal_app', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO ouderportaal_platform', t);
    END LOOP;
END
$$;
