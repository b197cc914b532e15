-- Where counted links of messages lead (D): kept when the bytes of the message are gone.
CREATE TABLE link (
  send_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  contact_id INTEGER NOT NULL,
  url TEXT NOT NULL,
  PRIMARY KEY (send_id, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX link_contact ON link (contact_id);
