-- Making a file fit for TikTok: who asked, how far it is, what came of it. The result is a file of the library of its own.
CREATE TABLE rendition (
  id            TEXT PRIMARY KEY,
  workspace_id  TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  source_id     TEXT NOT NULL REFERENCES media (id) ON DELETE CASCADE,
  asked_by      TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  state         TEXT NOT NULL CHECK (state IN ('asked', 'working', 'ready', 'failed', 'cancelled')),
  from_ms       BIGINT NOT NULL,
  until_ms      BIGINT,
  asked_at      BIGINT NOT NULL,
  owner         TEXT,
  lease_until   BIGINT NOT NULL DEFAULT 0,
  tries         BIGINT NOT NULL DEFAULT 0,
  begun_at      BIGINT,
  done_permille BIGINT NOT NULL DEFAULT 0 CHECK (done_permille BETWEEN 0 AND 1000),
  media_id      TEXT REFERENCES media (id) ON DELETE SET NULL,
  ended_at      BIGINT,
  problem       TEXT
);
-- One wish for a file at a time; a new one takes the place of the one that is over.
CREATE UNIQUE INDEX rendition_source ON rendition (source_id);
CREATE INDEX rendition_workspace ON rendition (workspace_id, id);
CREATE INDEX rendition_asked_by ON rendition (asked_by);
CREATE INDEX rendition_media ON rendition (media_id);
CREATE INDEX rendition_open ON rendition (asked_at) WHERE state IN ('asked', 'working');
CREATE INDEX rendition_ended ON rendition (ended_at);
