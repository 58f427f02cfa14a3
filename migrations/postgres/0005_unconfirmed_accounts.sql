-- An account that came back from TikTok and waits for the person's word: TikTok gives whichever account its browser is signed in to.
-- Ciphertext only, as in connection_token. The row goes with the answer, or after ten minutes.
CREATE TABLE unconfirmed (
  id                   TEXT PRIMARY KEY,
  workspace_id         TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  user_id              TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  open_id              TEXT NOT NULL,
  display_name         TEXT NOT NULL,
  username             TEXT,
  scopes               TEXT NOT NULL,
  instance_key_version BIGINT NOT NULL,
  data_key_sealed      BYTEA NOT NULL,
  access_sealed        BYTEA NOT NULL,
  access_expires_at    BIGINT NOT NULL,
  refresh_sealed       BYTEA NOT NULL,
  refresh_expires_at   BIGINT NOT NULL,
  granted_at           BIGINT NOT NULL,
  expires_at           BIGINT NOT NULL
);
CREATE UNIQUE INDEX unconfirmed_account ON unconfirmed (workspace_id, open_id);
CREATE INDEX unconfirmed_expiry ON unconfirmed (expires_at);
