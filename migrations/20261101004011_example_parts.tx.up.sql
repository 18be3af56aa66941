-- An example is filled part by part, so that the photos of others need not wait for all of it.
ALTER TABLE example_data ADD COLUMN began_at timestamptz, ADD COLUMN pictures jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN example_data.done IS 'Parts that are done, of total.';
COMMENT ON COLUMN example_data.began_at IS 'From this moment everything is dated, in whichever part it is made.';
COMMENT ON COLUMN example_data.pictures IS 'What was stored of each part of the pictures, until all rows are kept.';
