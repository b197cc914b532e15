-- Which arm of an experiment a run is in, by step: JSON, NULL where it is in none.
ALTER TABLE enrolment ADD COLUMN arms TEXT;
