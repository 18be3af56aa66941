-- Beside a second factor a password may be shorter than one that is all that protects an account. Which it is cannot be seen from
-- its hash, and such a one must not be left alone.
ALTER TABLE person ADD COLUMN password_short boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN person.password_short IS 'Shorter than a password may be without a second factor.';
