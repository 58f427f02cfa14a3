-- What people ask the operator. Both sides call a request by its number; one that waits has a date by which an answer is owed.
CREATE TABLE support_request (
  number     INTEGER PRIMARY KEY AUTOINCREMENT,
  person_id  TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL CHECK (kind IN ('question', 'access', 'correction', 'deletion', 'objection', 'complaint')),
  state      TEXT NOT NULL CHECK (state IN ('open', 'answered', 'closed')),
  asked_at   BIGINT NOT NULL,
  due_at     BIGINT NOT NULL,
  reminded   BIGINT NOT NULL DEFAULT 0,
  changed_at BIGINT NOT NULL
);
CREATE INDEX support_request_person ON support_request (person_id);
CREATE INDEX support_request_open ON support_request (asked_at) WHERE state = 'open';

-- What either side wrote, in the order of writing.
CREATE TABLE support_message (
  seq    INTEGER PRIMARY KEY AUTOINCREMENT,
  number BIGINT NOT NULL REFERENCES support_request (number) ON DELETE CASCADE,
  author TEXT NOT NULL CHECK (author IN ('person', 'operator')),
  words  TEXT NOT NULL,
  at     BIGINT NOT NULL
);
CREATE INDEX support_message_thread ON support_message (number, seq);

-- Lines that tell people what happened while they were away. While one is unread, the same is not told again.
CREATE TABLE notice (
  number     INTEGER PRIMARY KEY AUTOINCREMENT,
  person_id  TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL,
  subject    TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  read_at    BIGINT
);
CREATE UNIQUE INDEX notice_unread ON notice (person_id, kind, subject) WHERE read_at IS NULL;
CREATE INDEX notice_person ON notice (person_id, number);
CREATE INDEX notice_subject ON notice (subject);
CREATE INDEX notice_age ON notice (created_at);

-- When the person chose how they are called; without it the name is TikTok's. And the day on which they were last here.
ALTER TABLE person ADD COLUMN name_chosen_at BIGINT;
ALTER TABLE person ADD COLUMN last_seen_at BIGINT NOT NULL DEFAULT 0;
-- Nobody noted it until today, so nobody counts as away.
UPDATE person SET last_seen_at = CAST(unixepoch('now') AS BIGINT) / 86400 * 86400000;
CREATE INDEX person_last_seen ON person (last_seen_at);

-- The warnings of whoever has not been here for long; gone when they come back.
CREATE TABLE inactivity (
  person_id TEXT PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
  first_at  BIGINT NOT NULL,
  last_at   BIGINT,
  erase_at  BIGINT NOT NULL
);

-- What a person wrote beside an entry of their history. The entry itself is not changed by it.
CREATE TABLE post_note (
  post_id   TEXT PRIMARY KEY REFERENCES post (id) ON DELETE CASCADE,
  person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  words     TEXT NOT NULL,
  at        BIGINT NOT NULL
);

-- What people gave their consent to and took back, purpose by purpose. Lines are only ever added.
CREATE TABLE consent_ledger (
  seq           INTEGER PRIMARY KEY AUTOINCREMENT,
  person_id     TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  purpose       TEXT NOT NULL,
  connection_id TEXT REFERENCES connection (id) ON DELETE CASCADE,
  act           TEXT NOT NULL CHECK (act IN ('given', 'withdrawn')),
  text_version  TEXT NOT NULL,
  detail        TEXT NOT NULL,
  at            BIGINT NOT NULL
);
CREATE INDEX consent_ledger_person ON consent_ledger (person_id, seq);
CREATE INDEX consent_ledger_connection ON consent_ledger (connection_id, person_id, seq);
INSERT INTO consent_ledger (person_id, purpose, connection_id, act, text_version, detail, at)
SELECT member.user_id, 'connect', connection.id, 'given', '', connection.scopes, connection.consented_at
FROM connection
JOIN member ON member.workspace_id = connection.workspace_id
WHERE connection.state = 'active' AND connection.open_id NOT LIKE 'erasing:%';
INSERT INTO consent_ledger (person_id, purpose, connection_id, act, text_version, detail, at)
SELECT person_id, document, CAST(NULL AS TEXT), CASE answer WHEN 'refused' THEN 'withdrawn' ELSE 'given' END, version, answer, at
FROM policy_answer
ORDER BY at, document, version;
