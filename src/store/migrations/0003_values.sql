-- What conditions about many people read, a value a row: tags and the fields that a contact's row keeps as text. Written
-- whenever that text changes, so it can always be made again from it.
CREATE TABLE contact_value (  -- (D)
  contact_id INTEGER NOT NULL,
  field_id INTEGER NOT NULL,
  place INTEGER NOT NULL,     -- 0 the value itself, from 1 the items of a list
  kind INTEGER NOT NULL,
  text TEXT,                  -- a text; the currency of an amount
  whole INTEGER,              -- a truth value, a whole number, milliseconds, days since 1970, cents, the length of a text or list
  real REAL,
  PRIMARY KEY (contact_id, field_id, place)
) STRICT, WITHOUT ROWID;

-- What conditions ask of bookings.
ALTER TABLE booking ADD COLUMN kind TEXT;
ALTER TABLE booking ADD COLUMN host TEXT;   -- the e-mail address
ALTER TABLE booking ADD COLUMN clinic TEXT;
