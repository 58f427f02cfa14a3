-- Browsers that somebody asked to be told things while they are away. Each belongs to a session and ends with it. Where the push service takes
-- messages, and with which keys, is sealed under the person's key; the mark, a keyed hash of the place, keeps one browser from being told twice.
CREATE TABLE push_browser (
  session_id TEXT PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
  person_id  TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  endpoint   TEXT NOT NULL,
  mark       TEXT NOT NULL UNIQUE,
  p256dh     TEXT NOT NULL,
  auth       TEXT NOT NULL,
  published  BIGINT NOT NULL CHECK (published IN (0, 1)),
  needs_you  BIGINT NOT NULL CHECK (needs_you IN (0, 1)),
  created_at BIGINT NOT NULL,
  hour_at    BIGINT NOT NULL,
  hour_many  BIGINT NOT NULL
);
CREATE INDEX push_browser_person ON push_browser (person_id);

-- What these browsers still have to be told: written with what it tells of, gone when it was handed over. A day at most.
-- No foreign key: what becomes of a post is never held up by somebody who signs out at that moment. What belongs to no browser is handed to nobody.
CREATE TABLE push_message (
  number     INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('published', 'in_inbox', 'failed', 'waits', 'reconnect')),
  subject    TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  next_at    BIGINT NOT NULL,
  tries      BIGINT NOT NULL,
  UNIQUE (session_id, kind, subject)
);
CREATE INDEX push_message_due ON push_message (next_at, number);
CREATE INDEX push_message_subject ON push_message (subject);
CREATE INDEX push_message_age ON push_message (created_at);
