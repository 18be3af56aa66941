-- The report of a day that is over stands under its day, and is shared later: from then on its author has ten minutes to take it
-- back, and it is new to guardians.
ALTER TABLE diary_entry ADD COLUMN shared_at timestamptz;
COMMENT ON COLUMN diary_entry.shared_at IS 'When guardians could read a day report first; NULL: at published_at.';
