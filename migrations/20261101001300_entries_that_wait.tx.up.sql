-- An entry without words is nothing until one of its photos is ready, and a photo may still turn out to be none.
ALTER TABLE diary_entry ADD COLUMN waits boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN diary_entry.waits IS 'Has no words and no photo that is ready yet: it has no rows in diary_entry_child, and only its author knows of it.';
