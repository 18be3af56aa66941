-- What is to be cut off a photo, and what to be made unrecognisable on it, when it is processed.
ALTER TABLE photo ADD COLUMN retouch jsonb;
COMMENT ON COLUMN photo.retouch IS 'Only of a photo made from another, of which nothing is left: {"crop": box, "hide": [box]}, boxes in parts of its width and height.';
