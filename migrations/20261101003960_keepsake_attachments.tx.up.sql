-- What was sent along with messages is in the file too.
ALTER TABLE keepsake_item DROP CONSTRAINT keepsake_item_kind_check;
ALTER TABLE keepsake_item ADD CONSTRAINT keepsake_item_kind_check CHECK (kind IN ('photo', 'left', 'entry', 'care', 'conversation', 'attachment'));
COMMENT ON COLUMN keepsake_item.subject_id IS 'A photo, an entry, a record of care, a conversation or an attachment. No foreign key: those go on their own, and then this file may not be had any more.';
