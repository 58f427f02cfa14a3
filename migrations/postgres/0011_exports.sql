-- Exports: who asked for one, and what became of it. The file lies in the data folder under the id.
CREATE TABLE export_job (
  id           TEXT PRIMARY KEY,
  person_id    TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  with_media   BIGINT NOT NULL CHECK (with_media IN (0, 1)),
  state        TEXT NOT NULL CHECK (state IN ('asked', 'building', 'ready', 'failed')),
  asked_at     BIGINT NOT NULL,
  owner        TEXT,
  lease_until  BIGINT NOT NULL DEFAULT 0,
  done_count   BIGINT NOT NULL DEFAULT 0,
  total_count  BIGINT NOT NULL DEFAULT 0,
  size_bytes   BIGINT,
  sha256       TEXT,
  ready_at     BIGINT,
  problem      TEXT
);
CREATE UNIQUE INDEX export_job_open ON export_job (person_id) WHERE state IN ('asked', 'building');
CREATE INDEX export_job_person ON export_job (person_id, asked_at);
CREATE INDEX export_job_workspace ON export_job (workspace_id);
CREATE INDEX export_job_age ON export_job (asked_at);

-- What an earlier instance had recorded and this one cannot vouch for: kept line by line, so that it can be taken along again.
CREATE TABLE imported (
  person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  file      TEXT NOT NULL,
  position  BIGINT NOT NULL,
  line      TEXT NOT NULL,
  until     BIGINT NOT NULL,
  PRIMARY KEY (person_id, file, position)
);
CREATE INDEX imported_until ON imported (until);

-- A workspace's posts and files in the order of their ids: an export walks through them in portions.
CREATE INDEX post_walk ON post (workspace_id, id);
CREATE INDEX media_walk ON media (workspace_id, id);

-- 1 while an account that was taken in from an export has not been connected here: no grant of it has ended here either.
ALTER TABLE connection ADD COLUMN taken_in BIGINT NOT NULL DEFAULT 0 CHECK (taken_in IN (0, 1));
