-- What who works here notes with a conversation for each other. Like a message it is not changed any more; no guardian gets it.
CREATE TABLE message_note (
    tenant_id   uuid NOT NULL,
    id          uuid NOT NULL,
    thread_id   uuid NOT NULL,
    author_id   uuid NOT NULL,
    author_name text NOT NULL,
    author_face int NOT NULL,
    body        text NOT NULL CHECK (length(body) BETWEEN 1 AND 5000),
    written_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, thread_id) REFERENCES message_thread (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, author_id) REFERENCES person (tenant_id, id)
);
CREATE INDEX message_note_of_thread ON message_note (tenant_id, thread_id, written_at, id);

-- Who of them looks after a conversation.
CREATE TABLE message_assignment (
    tenant_id   uuid NOT NULL,
    thread_id   uuid NOT NULL,
    person_id   uuid NOT NULL,
    assigned_by uuid NOT NULL,
    assigned_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, thread_id),
    FOREIGN KEY (tenant_id, thread_id) REFERENCES message_thread (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, person_id) REFERENCES person (tenant_id, id),
    FOREIGN KEY (tenant_id, assigned_by) REFERENCES person (tenant_id, id)
);
CREATE INDEX message_assignment_of_person ON message_assignment (tenant_id, person_id);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['message_note', 'message_assignment'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
        EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY tenant ON %I USING (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid) WITH CHECK (tenant_id = NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)', t);
        EXECUTE format('GRANT SELECT, INSERT ON %I TO ouderportaal_app', t);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE ON %I TO ouderportaal_platform', t);
    END LOOP;
END
$$;
GRANT UPDATE, DELETE ON message_assignment TO ouderportaal_app;
