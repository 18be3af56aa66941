-- The diary. An entry carries what its page needs (names, photos) so that a timeline is one read; the rows beside it stay the truth.

CREATE TABLE diary_entry (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('post', 'report')),
    group_id     uuid NOT NULL,
    group_name   text NOT NULL,
    author_id    uuid NOT NULL,
    author_name  text NOT NULL,
    author_face  int NOT NULL,
    title        text NOT NULL DEFAULT '' CHECK (length(title) <= 120),
    body         text NOT NULL DEFAULT '' CHECK (length(body) <= 5000),
    published_at timestamptz NOT NULL,
    withdrawn_at timestamptz,
    children     jsonb NOT NULL DEFAULT '[]',
    media        jsonb NOT NULL DEFAULT '[]',
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, group_id) REFERENCES care_group (tenant_id, id),
    FOREIGN KEY (tenant_id, author_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX diary_entry_of_group ON diary_entry (tenant_id, group_id, published_at DESC, id DESC);
COMMENT ON COLUMN diary_entry.children IS 'Read model: [{id, name, face}] of diary_entry_child.';
COMMENT ON COLUMN diary_entry.media IS 'Read model: the photos that may be shown today, each with the children on it. Rewritten when a photo is ready or a consent changes.';

CREATE TABLE diary_entry_child (
    tenant_id    uuid NOT NULL,
    child_id     uuid NOT NULL,
    published_at timestamptz NOT NULL,
    entry_id     uuid NOT NULL,
    PRIMARY KEY (tenant_id, child_id, published_at, entry_id),
    UNIQUE (tenant_id, entry_id, child_id),
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id),
    FOREIGN KEY (tenant_id, entry_id) REFERENCES diary_entry (tenant_id, id)
);

CREATE TABLE photo (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    uploaded_by  uuid NOT NULL,
    entry_id     uuid,
    position     int NOT NULL DEFAULT 0,
    state        text NOT NULL CHECK (state IN ('uploaded', 'ready', 'refused')),
    refusal      text NOT NULL DEFAULT '',
    storage_key  text NOT NULL,
    file_name    text NOT NULL DEFAULT '' CHECK (length(file_name) <= 200),
    content_type text NOT NULL,
    bytes        bigint NOT NULL CHECK (bytes > 0),
    full_bytes   bigint NOT NULL DEFAULT 0,
    width        int NOT NULL DEFAULT 0,
    height       int NOT NULL DEFAULT 0,
    thumbhash    bytea,
    alt          text NOT NULL DEFAULT '' CHECK (length(alt) <= 300),
    taken_on     date,
    created_at   timestamptz NOT NULL,
    ready_at     timestamptz,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, storage_key),
    FOREIGN KEY (tenant_id, uploaded_by) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, entry_id) REFERENCES diary_entry (tenant_id, id)
);
CREATE INDEX photo_of_entry ON photo (tenant_id, entry_id, position);
CREATE INDEX photo_unclaimed ON photo (tenant_id, created_at) WHERE entry_id IS NULL;

CREATE TABLE photo_child (
    tenant_id uuid NOT NULL,
    photo_id  uuid NOT NULL,
    child_id  uuid NOT NULL,
    PRIMARY KEY (tenant_id, photo_id, child_id),
    FOREIGN KEY (tenant_id, photo_id) REFERENCES photo (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, child_id) REFERENCES child (tenant_id, id)
);
CREATE INDEX photo_child_of_child ON photo_child (tenant_id, child_id, photo_id);
COMMENT ON TABLE photo_child IS 'Who is on a photo. It is shown to a parent of one of them, and only while all of them have consent.';
