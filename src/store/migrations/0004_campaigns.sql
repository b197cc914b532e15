-- How campaigns stand by order of a person, and who ordered what.
CREATE TABLE campaign (
  name_id INTEGER PRIMARY KEY,
  standing INTEGER NOT NULL,  -- 0 launched, 1 paused, 2 cancelled
  launched_at INTEGER NOT NULL, changed_at INTEGER NOT NULL,
  next_at INTEGER,            -- when people are taken in next
  swept_to INTEGER,           -- the last one of the page before
  taken_at INTEGER,           -- since when all of them are in
  actor TEXT NOT NULL
) STRICT;
CREATE TABLE campaign_order ( -- append only
  id INTEGER PRIMARY KEY,
  name_id INTEGER NOT NULL,
  what TEXT NOT NULL,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL
) STRICT;

-- Codes of offers that one person has (D). The same code is never given twice.
CREATE TABLE offer_code (
  contact_id INTEGER NOT NULL,
  offer_id INTEGER NOT NULL,
  code TEXT NOT NULL,
  issued_at INTEGER NOT NULL,
  PRIMARY KEY (contact_id, offer_id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX offer_code_once ON offer_code (offer_id, code);

CREATE TABLE redemption (     -- (D) one for each time that an offer was used
  event_id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL,
  offer_id INTEGER NOT NULL,
  code TEXT NOT NULL,
  at INTEGER NOT NULL,
  value TEXT
) STRICT;
CREATE INDEX redemption_contact ON redemption (contact_id, offer_id);
CREATE TABLE redemption_total (
  offer_id INTEGER PRIMARY KEY,
  count INTEGER NOT NULL
) STRICT;
