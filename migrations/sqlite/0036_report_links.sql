-- Ways to read reports without signing in: each row is a person's press. Of the word in the address only its hash is kept; what a link is called is
-- sealed under its maker's key. A row ends with the press that takes it back; one whose day has passed goes some weeks later.
CREATE TABLE report_link (
  id            TEXT PRIMARY KEY,
  workspace_id  TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  person_id     TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  token_hash    TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL,
  connection_id TEXT REFERENCES connection (id) ON DELETE CASCADE,
  week          TEXT,
  created_at    BIGINT NOT NULL,
  expires_at    BIGINT NOT NULL,
  opens         BIGINT NOT NULL,
  opened_at     BIGINT
);
CREATE INDEX report_link_workspace ON report_link (workspace_id, id);
CREATE INDEX report_link_person ON report_link (person_id);
CREATE INDEX report_link_connection ON report_link (connection_id);
CREATE INDEX report_link_expiry ON report_link (expires_at);

-- Who is told that a week's report is there, how, and when next; and of which week they were told last.
CREATE TABLE report_turn (
  workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  person_id    TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  wish         TEXT NOT NULL CHECK (wish IN ('off', 'news', 'browsers')),
  next_at      BIGINT NOT NULL,
  told         TEXT NOT NULL,
  PRIMARY KEY (workspace_id, person_id)
);
CREATE INDEX report_turn_person ON report_turn (person_id);
CREATE INDEX report_turn_due ON report_turn (next_at, workspace_id, person_id) WHERE wish <> 'off';

-- Browsers may be told of a report, too. What still has to be told comes along.
CREATE TABLE push_message_with_reports (
  number     INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('published', 'in_inbox', 'failed', 'waits', 'reconnect', 'report')),
  subject    TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  next_at    BIGINT NOT NULL,
  tries      BIGINT NOT NULL,
  UNIQUE (session_id, kind, subject)
);
INSERT INTO push_message_with_reports SELECT number, session_id, kind, subject, created_at, next_at, tries FROM push_message;
DROP TABLE push_message;
ALTER TABLE push_message_with_reports RENAME TO push_message;
CREATE INDEX push_message_due ON push_message (next_at, number);
CREATE INDEX push_message_subject ON push_message (subject);
CREATE INDEX push_message_age ON push_message (created_at);
