-- Admins list the conversations of every group.
CREATE INDEX message_thread_moved ON message_thread (tenant_id, moved_at DESC, id DESC);
