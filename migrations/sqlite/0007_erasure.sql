-- What has to be erased, when, and what became of it. Names nobody by content: ids and counts.
CREATE TABLE erasure (
  id           TEXT PRIMARY KEY,
  receipt_hash TEXT NOT NULL UNIQUE,
  unit         TEXT NOT NULL CHECK (unit IN ('connection', 'person')),
  subject_id   TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  door         TEXT NOT NULL CHECK (door IN ('page', 'operator', 'tiktok', 'under_age', 'inactive')),
  state        TEXT NOT NULL CHECK (state IN ('waiting', 'running', 'held', 'done', 'undone')),
  revoked      TEXT NOT NULL CHECK (revoked IN ('confirmed', 'pending', 'unconfirmed', 'unneeded')),
  requested_at BIGINT NOT NULL,
  begins_at    BIGINT NOT NULL,
  deadline_at  BIGINT NOT NULL,
  finished_at  BIGINT,
  evidence     TEXT NOT NULL,
  next_at      BIGINT NOT NULL
);
CREATE UNIQUE INDEX erasure_open ON erasure (unit, subject_id) WHERE state IN ('waiting', 'running', 'held');
CREATE INDEX erasure_next ON erasure (next_at) WHERE state IN ('waiting', 'running', 'held');
CREATE INDEX erasure_workspace ON erasure (workspace_id);

-- Files whose rows are gone already; a file is unlinked before its line here goes.
CREATE TABLE blob_trash (
  blob_key   TEXT PRIMARY KEY,
  erasure_id TEXT,
  thrown_at  BIGINT NOT NULL
);

-- The one access token that is kept after a disconnect, only to tell TikTok; gone when TikTok has answered, at the latest after a day.
CREATE TABLE revoke_ticket (
  connection_id        TEXT PRIMARY KEY,
  instance_key_version BIGINT NOT NULL,
  data_key_sealed      BLOB NOT NULL,
  access_sealed        BLOB NOT NULL,
  tries                BIGINT NOT NULL DEFAULT 0,
  next_at              BIGINT NOT NULL,
  expires_at           BIGINT NOT NULL
);
CREATE INDEX revoke_ticket_next ON revoke_ticket (next_at);

-- Keyed hashes of what was erased, so that a restored backup can be erased again. Tells nobody anything without the key.
CREATE TABLE tombstone (
  mark      TEXT PRIMARY KEY,
  erased_at BIGINT NOT NULL
);
CREATE INDEX tombstone_age ON tombstone (erased_at);

-- A legal duty to keep something for the time being.
CREATE TABLE hold (
  id          TEXT PRIMARY KEY,
  unit        TEXT NOT NULL CHECK (unit IN ('connection', 'person')),
  subject_id  TEXT NOT NULL,
  reason      TEXT NOT NULL,
  placed_at   BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL,
  released_at BIGINT
);
CREATE INDEX hold_subject ON hold (subject_id);
