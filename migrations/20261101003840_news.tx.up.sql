-- What an organisation tells its families and those who work there: news items, newsletters and information pages.
CREATE TABLE article (
    tenant_id      uuid NOT NULL,
    id             uuid NOT NULL,
    kind           text NOT NULL CHECK (kind IN ('news', 'newsletter', 'page')),
    state          text NOT NULL CHECK (state IN ('draft', 'scheduled', 'published', 'withdrawn')),
    for_guardians  boolean NOT NULL,
    for_staff      boolean NOT NULL,
    everywhere     boolean NOT NULL,
    draft_title    text NOT NULL CHECK (length(draft_title) <= 120),
    draft_body     text NOT NULL CHECK (length(draft_body) <= 400000),
    title          text NOT NULL DEFAULT '' CHECK (length(title) <= 120),
    body           text NOT NULL DEFAULT '' CHECK (length(body) <= 400000),
    teaser         text NOT NULL DEFAULT '' CHECK (length(teaser) <= 400),
    title_key      text COLLATE "C" NOT NULL GENERATED ALWAYS AS (name_key(draft_title)) STORED,
    version        int NOT NULL DEFAULT 0 CHECK (version >= 0),
    revision       int NOT NULL DEFAULT 1 CHECK (revision > 0),
    position       int NOT NULL DEFAULT 0,
    created_by     uuid NOT NULL,
    created_at     timestamptz NOT NULL,
    changed_at     timestamptz NOT NULL,
    due_at         timestamptz,
    published_by   uuid,
    published_at   timestamptz,
    withdrawn_at   timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, created_by) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, published_by) REFERENCES person (tenant_id, id),
    CHECK ((state = 'scheduled') = (due_at IS NOT NULL)),
    CHECK (state NOT IN ('published', 'withdrawn') OR published_at IS NOT NULL AND published_by IS NOT NULL AND version > 0),
    CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL))
);
CREATE INDEX article_published ON article (tenant_id, kind, published_at DESC, id DESC) WHERE state = 'published';
COMMENT ON COLUMN article.everywhere IS 'For all of the organisation; otherwise for the places of article_location and article_group.';
COMMENT ON COLUMN article.draft_body IS 'What is being written: clean HTML, which nobody reads until it is published as body.';
COMMENT ON COLUMN article.title_key IS 'The title as searches compare it.';
COMMENT ON COLUMN article.version IS 'How often it was published.';
COMMENT ON COLUMN article.revision IS 'Raised by every change: a form that knows an older one is refused.';
COMMENT ON COLUMN article.published_by IS 'Who published it, or said that it is published when it is due.';
COMMENT ON COLUMN article.position IS 'Of an information page among the others.';

CREATE TABLE article_location (
    tenant_id   uuid NOT NULL,
    article_id  uuid NOT NULL,
    location_id uuid NOT NULL,
    PRIMARY KEY (tenant_id, article_id, location_id),
    FOREIGN KEY (tenant_id, article_id) REFERENCES article (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, location_id) REFERENCES location (tenant_id, id)
);
CREATE TABLE article_group (
    tenant_id  uuid NOT NULL,
    article_id uuid NOT NULL,
    group_id   uuid NOT NULL,
    PRIMARY KEY (tenant_id, article_id, group_id),
    FOREIGN KEY (tenant_id, article_id) REFERENCES article (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, group_id) REFERENCES care_group (tenant_id, id)
);

-- What was published, each time.
CREATE TABLE article_version (
    tenant_id    uuid NOT NULL,
    article_id   uuid NOT NULL,
    version      int NOT NULL CHECK (version > 0),
    title        text NOT NULL,
    body         text NOT NULL,
    published_by uuid NOT NULL,
    published_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, article_id, version),
    FOREIGN KEY (tenant_id, article_id) REFERENCES article (tenant_id, id),
    FOREIGN KEY (tenant_id, published_by) REFERENCES person (tenant_id, id)
);

-- Who has read what.
CREATE TABLE article_reading (
    tenant_id  uuid NOT NULL,
    person_id  uuid NOT NULL,
    article_id uuid NOT NULL,
    read_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, person_id, article_id),
    FOREIGN KEY (tenant_id, article_id) REFERENCES article (tenant_id, id),
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX article_reading_of_article ON article_reading (tenant_id, article_id);

-- Pictures in the text, and files that go along.
CREATE TABLE article_file (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    article_id   uuid NOT NULL,
    inline       boolean NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('photo', 'pdf', 'office')),
    state        text NOT NULL CHECK (state IN ('uploaded', 'ready', 'refused')),
    refusal      text NOT NULL DEFAULT '',
    storage_key  text NOT NULL,
    file_name    text NOT NULL CHECK (length(file_name) BETWEEN 1 AND 120),
    content_type text NOT NULL,
    bytes        bigint NOT NULL CHECK (bytes > 0),
    width        int NOT NULL DEFAULT 0,
    height       int NOT NULL DEFAULT 0,
    uploaded_by  uuid NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, storage_key),
    FOREIGN KEY (tenant_id, article_id) REFERENCES article (tenant_id, id),
    FOREIGN KEY (tenant_id, uploaded_by) REFERENCES person (tenant_id, id),
    CHECK (kind = 'photo' OR NOT inline)
);
CREATE INDEX article_file_of_article ON article_file (tenant_id, article_id, created_at);
COMMENT ON COLUMN article_file.inline IS 'A picture in the text; otherwise it is saved by who reads.';
COMMENT ON COLUMN article_file.bytes IS 'Of what was uploaded.';

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['article', 'article_location', 'article_group', 'article_version', 'article_reading', 'article_file'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO ouderportaal_app', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO ouderportaal_platform', t);
    END LOOP;
END
$$;
GRANT UPDATE ON article TO ouderportaal_app;
GRANT UPDATE (state, refusal, width, height) ON article_file TO ouderportaal_app;
GRANT DELETE ON article_location, article_group, article_file, article TO ouderportaal_app;

-- What was published is kept: only what never was is thrown away.
CREATE POLICY never_published ON article AS RESTRICTIVE FOR DELETE TO ouderportaal_app USING (version = 0);

-- What is withdrawn is not told in the mail of something else.
GRANT DELETE ON notification_gathered TO ouderportaal_app;
