-- What an entry carries for its page is read whole, hundreds of times for each time that it is written, and nothing looks
-- inside it in SQL: as json it is sent as it was kept, where jsonb is written out as text anew at every read.
ALTER TABLE diary_entry
    ALTER COLUMN children DROP DEFAULT, ALTER COLUMN media DROP DEFAULT,
    ALTER COLUMN children TYPE json USING children::json, ALTER COLUMN media TYPE json USING media::json,
    ALTER COLUMN children SET DEFAULT '[]', ALTER COLUMN media SET DEFAULT '[]';
