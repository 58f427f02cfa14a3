-- By what a person's receipt is recognised when they come back and nothing else of them is left: a keyed hash of their account at TikTok.
ALTER TABLE erasure ADD COLUMN account_mark TEXT;
CREATE INDEX erasure_account ON erasure (account_mark) WHERE account_mark IS NOT NULL;

-- Why the people whom a hold concerns are not told of it, where the law forbids that; they are told otherwise.
ALTER TABLE hold ADD COLUMN untold TEXT;

-- What a person deleted from the library at one press. The files' names are sealed under their key.
CREATE TABLE deletion (
  id           TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  person_id    TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  deleted_at   BIGINT NOT NULL,
  files        BIGINT NOT NULL,
  size_bytes   BIGINT NOT NULL,
  names        TEXT NOT NULL
);
CREATE INDEX deletion_workspace ON deletion (workspace_id, deleted_at);
CREATE INDEX deletion_person ON deletion (person_id);
CREATE INDEX deletion_age ON deletion (deleted_at);
