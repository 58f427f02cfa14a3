-- Photo posts: their pictures in order, and what TikTok fetched through the gate. The cover is the post's own media_id.
CREATE TABLE post_photo (
  post_id  TEXT NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  media_id TEXT NOT NULL REFERENCES media (id),
  PRIMARY KEY (post_id, position),
  UNIQUE (post_id, media_id)
);
CREATE INDEX post_photo_media ON post_photo (media_id);

-- SQLite cannot widen a CHECK: attempts and their log are written anew, equal in everything else.
CREATE TEMP TABLE kept_attempt AS SELECT * FROM attempt;
CREATE TEMP TABLE kept_attempt_log AS SELECT * FROM attempt_log;
DROP TABLE attempt_log;
DROP TABLE attempt;

CREATE TABLE attempt (
  id              TEXT PRIMARY KEY,
  post_id         TEXT NOT NULL REFERENCES post (id),
  connection_id   TEXT NOT NULL REFERENCES connection (id),
  ordinal         BIGINT NOT NULL,
  mode            TEXT NOT NULL CHECK (mode IN ('direct_file', 'inbox_file', 'direct_photos', 'inbox_photos')),
  state           TEXT NOT NULL CHECK (state IN ('ready', 'init_sent', 'init_acked', 'uploading', 'final_intent', 'handed_over', 'published', 'delivered', 'dead', 'uncertain')),
  epoch           BIGINT NOT NULL,
  owner           TEXT,
  lease_until     BIGINT NOT NULL DEFAULT 0,
  due_at          BIGINT NOT NULL,
  revision        BIGINT NOT NULL,
  snapshot        TEXT NOT NULL,
  media_sha256    TEXT NOT NULL,
  media_size      BIGINT NOT NULL,
  chunk_size      BIGINT NOT NULL,
  chunk_count     BIGINT NOT NULL,
  init_sent_at    BIGINT,
  publish_id      TEXT,
  upload_url_sealed BLOB,
  url_remote_date BIGINT,
  acked_bytes     BIGINT NOT NULL DEFAULT 0,
  final_intent_at BIGINT,
  final_acked_at  BIGINT,
  short_looks     BIGINT NOT NULL DEFAULT 0,
  short_look_at   BIGINT,
  status          TEXT,
  status_remote_date BIGINT,
  fail_reason     TEXT,
  post_ids        TEXT NOT NULL DEFAULT '[]',
  log_id          TEXT,
  evidence        TEXT,
  cause           TEXT,
  next_at         BIGINT NOT NULL,
  tries           BIGINT NOT NULL DEFAULT 0,
  created_at      BIGINT NOT NULL,
  updated_at      BIGINT NOT NULL
);
CREATE UNIQUE INDEX attempt_one_live ON attempt (post_id) WHERE state <> 'dead';
CREATE UNIQUE INDEX attempt_publish ON attempt (publish_id) WHERE publish_id IS NOT NULL;
CREATE INDEX attempt_due ON attempt (next_at) WHERE state NOT IN ('dead', 'published', 'delivered', 'uncertain');
CREATE INDEX attempt_watched ON attempt (next_at) WHERE state IN ('published', 'delivered', 'uncertain');
CREATE INDEX attempt_owner ON attempt (owner) WHERE owner IS NOT NULL;
CREATE INDEX attempt_post ON attempt (post_id, ordinal);
CREATE INDEX attempt_rate ON attempt (connection_id, init_sent_at);

INSERT INTO attempt (
  id, post_id, connection_id, ordinal, mode, state, epoch, owner, lease_until, due_at, revision, snapshot,
  media_sha256, media_size, chunk_size, chunk_count, init_sent_at, publish_id, upload_url_sealed, url_remote_date,
  acked_bytes, final_intent_at, final_acked_at, short_looks, short_look_at, status, status_remote_date, fail_reason,
  post_ids, log_id, evidence, cause, next_at, tries, created_at, updated_at
)
SELECT
  id, post_id, connection_id, ordinal, mode, state, epoch, owner, lease_until, due_at, revision, snapshot,
  media_sha256, media_size, chunk_size, chunk_count, init_sent_at, publish_id, upload_url_sealed, url_remote_date,
  acked_bytes, final_intent_at, final_acked_at, short_looks, short_look_at, status, status_remote_date, fail_reason,
  post_ids, log_id, evidence, cause, next_at, tries, created_at, updated_at
FROM kept_attempt;
DROP TABLE kept_attempt;

CREATE TABLE attempt_log (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  attempt_id  TEXT NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
  epoch       BIGINT NOT NULL,
  from_state  TEXT,
  to_state    TEXT NOT NULL,
  cause       TEXT NOT NULL,
  log_id      TEXT,
  remote_date BIGINT,
  at          BIGINT NOT NULL
);
CREATE INDEX attempt_log_attempt ON attempt_log (attempt_id, seq);

INSERT INTO attempt_log (seq, attempt_id, epoch, from_state, to_state, cause, log_id, remote_date, at)
SELECT seq, attempt_id, epoch, from_state, to_state, cause, log_id, remote_date, at
FROM kept_attempt_log;
DROP TABLE kept_attempt_log;

-- Append only; written before the first byte leaves, so that a picture without a line was never served.
CREATE TABLE gate_visit (
  seq        INTEGER PRIMARY KEY AUTOINCREMENT,
  attempt_id TEXT NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
  picture    BIGINT NOT NULL,
  first_byte BIGINT NOT NULL,
  last_byte  BIGINT NOT NULL,
  at         BIGINT NOT NULL
);
CREATE INDEX gate_visit_attempt ON gate_visit (attempt_id, seq);
