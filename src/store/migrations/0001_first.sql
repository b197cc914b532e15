-- Every number and time is an INTEGER; times are milliseconds since 1970 UTC, in columns that end in _at. Enumerations are
-- small integers with names in store/code.rs. Names of sequences, steps, channels, zones, triggers, kinds of events are
-- interned in `name`. (D) marks personal data: such a table has a row in the data map.

CREATE TABLE meta (
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Last numbers given. Not read off the tables: a number is never given twice, also when its row is gone.
CREATE TABLE number (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  run INTEGER NOT NULL, send INTEGER NOT NULL, event INTEGER NOT NULL,
  contact INTEGER NOT NULL, booking INTEGER NOT NULL, delivery INTEGER NOT NULL, epoch INTEGER NOT NULL
) STRICT;
INSERT INTO number VALUES (1, 0, 0, 0, 0, 0, 0, 0);

CREATE TABLE name (
  id INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

-- plans -----------------------------------------------------------------------------------------------------------------
-- A compiled sequence, or the rest of a project, addressed by its content: publishing touches no run of what stayed.
CREATE TABLE plan_object (
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  name_id INTEGER NOT NULL,
  hash BLOB NOT NULL,
  format INTEGER NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (kind, name_id, hash)
) STRICT;
CREATE TABLE plan (
  version INTEGER PRIMARY KEY,
  hash BLOB NOT NULL,
  published_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  manifest TEXT NOT NULL      -- numbers of plan objects
) STRICT;

-- people (D) ------------------------------------------------------------------------------------------------------------
CREATE TABLE contact (
  id INTEGER PRIMARY KEY,
  public_id BLOB NOT NULL UNIQUE,
  clinic_id INTEGER, zone_id INTEGER, locale_id INTEGER,
  email TEXT, phone TEXT,
  name TEXT,                  -- as shown and searched
  score INTEGER NOT NULL, warm INTEGER NOT NULL, is_test INTEGER NOT NULL,
  created_at INTEGER NOT NULL, changed_at INTEGER NOT NULL, last_visit_at INTEGER, next_booking_at INTEGER,
  tags TEXT, fields TEXT      -- NULL when empty
) STRICT;

-- What every gate asks, in a narrow row: written with every message and reply, while the wide one is not.
CREATE TABLE touch (
  contact_id INTEGER PRIMARY KEY REFERENCES contact(id),
  has INTEGER NOT NULL,       -- bits: which other tables may have rows of this person
  last_in_at INTEGER, last_out_at INTEGER, last_agent_at INTEGER,
  permits TEXT,               -- the consent ledger folded
  recent TEXT,                -- messages that count for caps: [[send, at, purpose, channel, sequence], ...]
  windows TEXT                -- last inbound message per channel
) STRICT;

CREATE TABLE identity (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL REFERENCES contact(id),
  kind INTEGER NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (kind, value)
) STRICT;
CREATE INDEX identity_contact ON identity (contact_id);

CREATE TABLE consent (        -- append only
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL,
  channel_id INTEGER, purpose INTEGER, state INTEGER NOT NULL,
  basis TEXT NOT NULL, text_version TEXT, source_id INTEGER, actor TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX consent_contact ON consent (contact_id, id);

-- what happened (D) -----------------------------------------------------------------------------------------------------
CREATE TABLE delivery (
  id INTEGER PRIMARY KEY,
  source_id INTEGER NOT NULL,
  dedupe INTEGER NOT NULL,    -- first 8 bytes of SHA-256 over the key: a narrow unique index
  received_at INTEGER NOT NULL,
  state INTEGER NOT NULL,     -- 0 taken in, 1 of no use, 2 to be looked at
  why TEXT,
  remarks TEXT,
  body BLOB,
  UNIQUE (dedupe, source_id)
) STRICT;
CREATE INDEX delivery_quarantine ON delivery (received_at) WHERE state = 2;

CREATE TABLE event (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL,
  kind_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  booking_id INTEGER, delivery_id INTEGER, enrolment_id INTEGER,
  data TEXT                   -- NULL when empty
) STRICT;
CREATE INDEX event_contact ON event (contact_id, kind_id, at);

CREATE TABLE booking (        -- one appointment; every uid it ever had leads here
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL,
  status INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  starts_at INTEGER,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX booking_contact ON booking (contact_id, starts_at);
CREATE TABLE booking_uid (
  uid TEXT NOT NULL,
  source_id INTEGER NOT NULL,
  booking_id INTEGER NOT NULL,
  PRIMARY KEY (uid, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX booking_uid_booking ON booking_uid (booking_id);

-- runs (D) --------------------------------------------------------------------------------------------------------------
CREATE TABLE enrolment (
  id INTEGER PRIMARY KEY,
  sequence_id INTEGER NOT NULL,
  object_id INTEGER,          -- revision that its due time was computed with
  contact_id INTEGER NOT NULL,
  subject_id INTEGER NOT NULL, -- the booking it is about, 0 for the person
  step_id INTEGER, step_index INTEGER NOT NULL,
  wait INTEGER NOT NULL, wait_for INTEGER,
  due_at INTEGER,             -- when the clock has to look
  until_at INTEGER,           -- its own moment, where due_at is another: its sequence changed, or is gone
  rank INTEGER NOT NULL,
  entered_at INTEGER NOT NULL, since_at INTEGER NOT NULL,
  occurrence INTEGER NOT NULL,
  flags INTEGER NOT NULL,
  open INTEGER NOT NULL,      -- 1 while active or something may still come of it
  ended_at INTEGER, ended_as INTEGER, ended_by INTEGER, ended_why TEXT,
  started_by TEXT,
  taken TEXT,                 -- ways taken at barriers, NULL when none
  worth TEXT                  -- of its conversion
) STRICT;
CREATE UNIQUE INDEX enrolment_active ON enrolment (sequence_id, contact_id, subject_id) WHERE ended_at IS NULL;
CREATE INDEX enrolment_due ON enrolment (rank, due_at, contact_id) WHERE due_at IS NOT NULL;
CREATE INDEX enrolment_contact ON enrolment (contact_id, open);

CREATE TABLE watch (          -- armed absence triggers
  contact_id INTEGER NOT NULL,
  trigger_id INTEGER NOT NULL,
  subject_id INTEGER NOT NULL,
  armed_at INTEGER NOT NULL, due_at INTEGER NOT NULL,
  opening TEXT NOT NULL,
  PRIMARY KEY (contact_id, trigger_id, subject_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX watch_due ON watch (due_at, contact_id);

CREATE TABLE refusal (        -- what did not come to pass, and why
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  trigger_id INTEGER, sequence_id INTEGER,
  why INTEGER NOT NULL,
  because TEXT
) STRICT;
CREATE INDEX refusal_contact ON refusal (contact_id, id);

-- the ledger (D) --------------------------------------------------------------------------------------------------------
-- One row for every step that fell due, written when it does. Its end is written once.
CREATE TABLE outcome (
  id INTEGER PRIMARY KEY,
  enrolment_id INTEGER,       -- NULL: what a trigger or an exit does; contact and sequence then stand here
  contact_id INTEGER, sequence_id INTEGER,
  step_id INTEGER NOT NULL,
  occurrence INTEGER NOT NULL,
  object_id INTEGER,
  kind INTEGER NOT NULL, purpose INTEGER NOT NULL,
  planned_at INTEGER NOT NULL,
  status INTEGER NOT NULL, reason INTEGER NOT NULL, detail TEXT,
  at INTEGER NOT NULL,
  channel_id INTEGER,
  attempts INTEGER NOT NULL, authorised_at INTEGER,
  provider_ref INTEGER,       -- 8 bytes of a hash of the provider's id
  because TEXT,               -- NULL when it went out on time by the first channel
  UNIQUE (enrolment_id, step_id, occurrence)
) STRICT;
CREATE INDEX outcome_aside ON outcome (contact_id) WHERE enrolment_id IS NULL;
CREATE INDEX outcome_provider ON outcome (provider_ref) WHERE provider_ref IS NOT NULL;
CREATE INDEX outcome_unknown ON outcome (id) WHERE status = 5;

-- Open rows of the ledger with what they carry; deleted when the outcome is written.
CREATE TABLE send (
  id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL,
  state INTEGER NOT NULL,
  channel_id INTEGER,
  rank INTEGER NOT NULL, priority INTEGER NOT NULL,
  planned_at INTEGER NOT NULL, due_at INTEGER, at INTEGER NOT NULL,
  attempts INTEGER NOT NULL, epoch INTEGER NOT NULL, authorised_at INTEGER,
  flags INTEGER NOT NULL,
  hold INTEGER,
  recipient TEXT,
  because TEXT,
  spec TEXT,                  -- only of what no sequence holds
  content_hash BLOB, body BLOB
) STRICT;
CREATE INDEX send_due ON send (rank, due_at, contact_id) WHERE due_at IS NOT NULL;
CREATE INDEX send_ready ON send (channel_id, rank, planned_at, id) WHERE state = 2;
CREATE INDEX send_contact ON send (contact_id);

CREATE TABLE attempt (        -- attempts that ended other than accepted
  outcome_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at INTEGER NOT NULL,
  result_id INTEGER NOT NULL,
  detail TEXT NOT NULL,
  PRIMARY KEY (outcome_id, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE message (        -- mailbox channels keep what they were given
  outcome_id INTEGER PRIMARY KEY,
  contact_id INTEGER NOT NULL,
  channel_id INTEGER NOT NULL,
  at INTEGER NOT NULL,
  body BLOB NOT NULL
) STRICT;
CREATE INDEX message_contact ON message (contact_id, outcome_id);

CREATE TABLE task (
  id INTEGER PRIMARY KEY,
  outcome_id INTEGER NOT NULL,
  contact_id INTEGER NOT NULL,
  created_at INTEGER NOT NULL, due_at INTEGER, done_at INTEGER,
  assignee TEXT, title TEXT NOT NULL, notes TEXT
) STRICT;
CREATE INDEX task_open ON task (due_at) WHERE done_at IS NULL;
CREATE INDEX task_contact ON task (contact_id);

-- numbers ---------------------------------------------------------------------------------------------------------------
CREATE TABLE stat (           -- added up once a commit
  day INTEGER NOT NULL, sequence_id INTEGER NOT NULL, step_id INTEGER NOT NULL, what INTEGER NOT NULL,
  channel_id INTEGER NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (day, sequence_id, step_id, what, channel_id)
) STRICT, WITHOUT ROWID;
