-- Pictures of connected accounts, as bytes: TikTok's addresses of them expire, and pages show nothing from elsewhere. Apart from
-- connection, so that the small and frequent changes of that row do not write the picture again. Bytes come last: what is read often
-- is found without them.
CREATE TABLE avatar (
  connection_id TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
  sha256        TEXT NOT NULL,
  format        TEXT NOT NULL CHECK (format IN ('jpeg', 'png', 'webp')),
  fetched_at    BIGINT NOT NULL,
  bytes         BYTEA NOT NULL
);

-- The picture of an account that waits for the person's word, so that they recognise it.
ALTER TABLE unconfirmed ADD COLUMN avatar_format TEXT;
ALTER TABLE unconfirmed ADD COLUMN avatar BYTEA;
