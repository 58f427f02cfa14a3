-- Instants are epoch milliseconds, ids hyphenated UUIDs, JSON is text. Same names and order in both folders.
CREATE TABLE meta (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE person (
  id                 TEXT PRIMARY KEY,
  open_id            TEXT NOT NULL UNIQUE,
  display_name       TEXT NOT NULL,
  locale             TEXT NOT NULL CHECK (locale IN ('en', 'ru')),
  time_zone          TEXT NOT NULL,
  theme              TEXT NOT NULL CHECK (theme IN ('system', 'light', 'dark')),
  adult_confirmed_at BIGINT NOT NULL,
  adult_text_version TEXT NOT NULL,
  created_at         BIGINT NOT NULL
);

CREATE TABLE workspace (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE member (
  workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  user_id      TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  role         TEXT NOT NULL CHECK (role IN ('owner')),
  created_at   BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, user_id)
);

CREATE TABLE session (
  id           TEXT PRIMARY KEY,
  secret_hash  TEXT NOT NULL UNIQUE,
  user_id      TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  device       TEXT NOT NULL,
  ip           TEXT NOT NULL,
  created_at   BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL
);
CREATE INDEX session_by_user ON session (user_id);
CREATE INDEX session_expiry ON session (expires_at);

-- One started walk through TikTok's consent page, bound to the browser that started it; used once.
CREATE TABLE sign_in (
  state_hash      TEXT PRIMARY KEY,
  browser_hash    TEXT NOT NULL,
  purpose         TEXT NOT NULL CHECK (purpose IN ('sign_in', 'add_account', 'reconnect')),
  user_id         TEXT REFERENCES person (id) ON DELETE CASCADE,
  workspace_id    TEXT REFERENCES workspace (id) ON DELETE CASCADE,
  connection_id   TEXT,
  verifier_sealed BYTEA,
  next_path       TEXT NOT NULL,
  locale          TEXT NOT NULL,
  created_at      BIGINT NOT NULL,
  expires_at      BIGINT NOT NULL
);

CREATE TABLE connection (
  id                    TEXT PRIMARY KEY,
  workspace_id          TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  open_id               TEXT NOT NULL,
  display_name          TEXT NOT NULL,
  username              TEXT,
  flavour               TEXT NOT NULL,
  scopes                TEXT NOT NULL,
  state                 TEXT NOT NULL CHECK (state IN ('active', 'reconnect_needed', 'disconnected')),
  creator               TEXT,
  creator_at            BIGINT,
  connected_at          BIGINT NOT NULL,
  consented_at          BIGINT NOT NULL,
  updated_at            BIGINT NOT NULL
);
CREATE UNIQUE INDEX connection_account ON connection (workspace_id, open_id);

-- Ciphertext only. Deleting the row destroys the data key and with it every copy of the tokens.
CREATE TABLE connection_token (
  connection_id          TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
  instance_key_version   BIGINT NOT NULL,
  data_key_sealed        BYTEA NOT NULL,
  version                BIGINT NOT NULL,
  access_sealed          BYTEA NOT NULL,
  access_expires_at      BIGINT NOT NULL,
  refresh_sealed         BYTEA NOT NULL,
  refresh_expires_at     BIGINT NOT NULL,
  previous_refresh_sealed BYTEA,
  refresh_lease_until    BIGINT NOT NULL DEFAULT 0,
  refresh_sent_at        BIGINT,
  updated_at             BIGINT NOT NULL
);
CREATE INDEX connection_token_expiry ON connection_token (access_expires_at);

CREATE TABLE upload (
  id           TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  user_id      TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  file_name    TEXT NOT NULL,
  length_bytes BIGINT NOT NULL,
  offset_bytes BIGINT NOT NULL,
  state        TEXT NOT NULL CHECK (state IN ('open', 'complete')),
  media_id     TEXT,
  created_at   BIGINT NOT NULL,
  updated_at   BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL
);
CREATE INDEX upload_workspace ON upload (workspace_id, created_at);
CREATE INDEX upload_expiry ON upload (expires_at);

CREATE TABLE media (
  id           TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  uploaded_by  TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  file_name    TEXT NOT NULL,
  size_bytes   BIGINT NOT NULL,
  sha256       TEXT NOT NULL,
  blob_key     TEXT NOT NULL UNIQUE,
  facts        TEXT,
  verdict      TEXT NOT NULL,
  thumbnail    TEXT NOT NULL CHECK (thumbnail IN ('pending', 'ready', 'unavailable')),
  created_at   BIGINT NOT NULL
);
CREATE INDEX media_workspace ON media (workspace_id, created_at);

CREATE TABLE post (
  id             TEXT PRIMARY KEY,
  workspace_id   TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  group_id       TEXT NOT NULL,
  connection_id  TEXT NOT NULL REFERENCES connection (id),
  media_id       TEXT NOT NULL REFERENCES media (id),
  author_id      TEXT NOT NULL REFERENCES person (id),
  state          TEXT NOT NULL CHECK (state IN ('draft', 'scheduled', 'publishing', 'published', 'in_inbox', 'failed', 'needs_attention', 'cancelled')),
  delivery       TEXT NOT NULL CHECK (delivery IN ('direct', 'inbox')),
  content        TEXT NOT NULL,
  caption        TEXT NOT NULL,
  revision       BIGINT NOT NULL,
  local_time     TEXT,
  time_zone      TEXT,
  due_at         BIGINT,
  consent_id     TEXT,
  problem        TEXT,
  published_at   BIGINT,
  tiktok_ids     TEXT NOT NULL DEFAULT '[]',
  created_at     BIGINT NOT NULL,
  updated_at     BIGINT NOT NULL
);
CREATE INDEX post_due ON post (due_at) WHERE state = 'scheduled';
CREATE INDEX post_workspace_due ON post (workspace_id, state, due_at);
CREATE INDEX post_workspace_updated ON post (workspace_id, updated_at);
CREATE INDEX post_group ON post (group_id);
CREATE INDEX post_media ON post (media_id);
CREATE INDEX post_connection ON post (connection_id, due_at);

CREATE TABLE consent (
  id           TEXT PRIMARY KEY,
  post_id      TEXT NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  user_id      TEXT NOT NULL,
  given_at     BIGINT NOT NULL,
  declaration  TEXT NOT NULL CHECK (declaration IN ('music', 'branded_and_music')),
  text_version TEXT NOT NULL,
  locale       TEXT NOT NULL,
  subject      TEXT NOT NULL,
  fingerprint  TEXT NOT NULL,
  creator      TEXT
);
CREATE INDEX consent_post ON consent (post_id);
CREATE FUNCTION consent_is_immutable() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a consent record is never changed';
END $$;
CREATE TRIGGER consent_is_immutable BEFORE UPDATE ON consent
FOR EACH ROW EXECUTE FUNCTION consent_is_immutable();

CREATE TABLE attempt (
  id              TEXT PRIMARY KEY,
  post_id         TEXT NOT NULL REFERENCES post (id),
  connection_id   TEXT NOT NULL REFERENCES connection (id),
  ordinal         BIGINT NOT NULL,
  mode            TEXT NOT NULL CHECK (mode IN ('direct_file', 'inbox_file')),
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
  upload_url_sealed BYTEA,
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

-- Append only; written in the transaction of the change it tells.
CREATE TABLE attempt_log (
  seq         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
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

-- The post's own timeline: what people did and what came of it.
CREATE TABLE post_event (
  seq          BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  post_id      TEXT NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  kind         TEXT NOT NULL,
  actor_id     TEXT,
  detail       TEXT NOT NULL,
  at           BIGINT NOT NULL
);
CREATE INDEX post_event_post ON post_event (post_id, seq);

CREATE TABLE webhook_seen (
  dedupe_key  TEXT PRIMARY KEY,
  received_at BIGINT NOT NULL
);
CREATE INDEX webhook_seen_age ON webhook_seen (received_at);

CREATE TABLE audit (
  seq     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  at      BIGINT NOT NULL,
  actor   TEXT NOT NULL,
  action  TEXT NOT NULL,
  subject TEXT NOT NULL,
  detail  TEXT NOT NULL
);
CREATE INDEX audit_age ON audit (at);
