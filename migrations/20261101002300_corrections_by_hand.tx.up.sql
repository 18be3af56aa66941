-- Who works in a group is changed by people who see which version is on their screen, as everything else is.
ALTER TABLE group_assignment ADD COLUMN version int NOT NULL DEFAULT 1;

-- An administrator may take an address away: the old one is told.
ALTER TABLE email_change DROP CONSTRAINT email_change_new_email_check,
    ADD CONSTRAINT email_change_new_email_check CHECK (new_email = '' OR length(new_email) BETWEEN 3 AND 254);
