-- Who operates the instance through its pages: a name, and passkeys. There is no password.
CREATE TABLE operator (
  id         TEXT PRIMARY KEY,
  name       TEXT NOT NULL UNIQUE,
  created_at BIGINT NOT NULL
);

-- Words with which a passkey may be registered once, as hashes; made at the command line.
CREATE TABLE operator_link (
  secret_hash TEXT PRIMARY KEY,
  operator_id TEXT NOT NULL,
  name        TEXT NOT NULL,
  created_at  BIGINT NOT NULL,
  expires_at  BIGINT NOT NULL
);
CREATE INDEX operator_link_age ON operator_link (expires_at);

-- Public halves of passkeys. The counter only grows, where the authenticator counts at all.
CREATE TABLE operator_passkey (
  credential_id TEXT PRIMARY KEY,
  operator_id   TEXT NOT NULL REFERENCES operator (id) ON DELETE CASCADE,
  public_key    BYTEA NOT NULL,
  algorithm     BIGINT NOT NULL,
  counter       BIGINT NOT NULL,
  created_at    BIGINT NOT NULL,
  last_used_at  BIGINT
);
CREATE INDEX operator_passkey_operator ON operator_passkey (operator_id);

-- Signed-in browsers of operators, apart from those of people.
CREATE TABLE operator_session (
  id           TEXT PRIMARY KEY,
  secret_hash  TEXT NOT NULL UNIQUE,
  operator_id  TEXT NOT NULL REFERENCES operator (id) ON DELETE CASCADE,
  device       TEXT NOT NULL,
  ip           TEXT NOT NULL,
  created_at   BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at   BIGINT NOT NULL,
  verified_at  BIGINT NOT NULL
);
CREATE INDEX operator_session_operator ON operator_session (operator_id);
CREATE INDEX operator_session_age ON operator_session (expires_at);

-- Questions to authenticators that wait for an answer. One for each browser, used once.
CREATE TABLE operator_ceremony (
  browser_hash TEXT PRIMARY KEY,
  purpose      TEXT NOT NULL CHECK (purpose IN ('register', 'sign_in', 'confirm')),
  challenge    TEXT NOT NULL,
  subject      TEXT NOT NULL,
  expires_at   BIGINT NOT NULL
);
CREATE INDEX operator_ceremony_age ON operator_ceremony (expires_at);

-- When the sweeper last looked for each kind of thing that has had its days, and how much it took away.
CREATE TABLE sweep (
  kind    TEXT PRIMARY KEY,
  at      BIGINT NOT NULL,
  removed BIGINT NOT NULL
);

-- Processes that worked with this database.
CREATE TABLE node (
  id          TEXT PRIMARY KEY,
  program     TEXT NOT NULL,
  key_version BIGINT NOT NULL,
  started_at  BIGINT NOT NULL,
  seen_at     BIGINT NOT NULL
);
CREATE INDEX node_seen ON node (seen_at);

-- What failed lately, whoever's it is.
CREATE INDEX post_failed ON post (updated_at) WHERE state IN ('failed', 'needs_attention');
