-- Whose person an identifier names, where every clinic has people of its own; 0: the same person in every clinic.
CREATE TABLE identity_of (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contact(id),
  kind INTEGER NOT NULL,
  value TEXT NOT NULL,
  clinic_id INTEGER NOT NULL,
  UNIQUE (kind, value, clinic_id)
) STRICT;
INSERT INTO identity_of (id, contact_id, kind, value, clinic_id) SELECT id, contact_id, kind, value, 0 FROM identity;
DROP TABLE identity;
ALTER TABLE identity_of RENAME TO identity;
CREATE INDEX identity_contact ON identity (contact_id);
