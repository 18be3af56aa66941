-- The unique indexes on what is open do not serve questions that also take what ends later: every timeline, photo and
-- sign-in read the whole table of its organisation.
CREATE INDEX guardianship_of_person ON guardianship (tenant_id, person_id);
CREATE INDEX membership_of_person ON membership (tenant_id, person_id);
CREATE INDEX mentorship_of_child ON mentorship (tenant_id, child_id);
