-- What was sent along with messages is in the file too, and of a conversation it is noted which messages are: one of them may be withdrawn.
ALTER TABLE keepsake_item DROP CONSTRAINT keepsake_item_kind_check;
ALTER TABLE keepsake_item ADD CONSTRAINT keepsake_item_kind_check CHECK (kind IN ('photo', 'left', 'entry', 'care', 'conversation', 'message', 'attachment'));
COMMENT ON COLUMN keepsake_item.subject_id IS 'A photo, an entry, a record of care, a message or an attachment. No foreign key: those go on their own, and then this file may not be had any more.';
