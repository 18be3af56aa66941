-- Whoever has two roles is told some things in the one and some in the other, and may see what a line is about only there.
-- What was told so far was for guardians, and so is what a program of before this tells.
ALTER TABLE notification ADD COLUMN audience text NOT NULL DEFAULT 'guardians' CHECK (audience IN ('guardians', 'staff'));

-- The number on the bell is counted from the index alone.
DROP INDEX notification_unread;
CREATE INDEX notification_unread ON notification (tenant_id, person_id, audience) WHERE read_at IS NULL;
