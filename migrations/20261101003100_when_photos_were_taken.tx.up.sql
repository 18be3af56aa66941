-- When a photo was taken: a moment, which the archive of a family writes into its file. The day alone was never filled.
ALTER TABLE photo DROP COLUMN taken_on;
ALTER TABLE photo ADD COLUMN taken_at timestamptz;
COMMENT ON COLUMN photo.taken_at IS 'By the clock of the camera; NULL where it did not say, or said what cannot be.';
