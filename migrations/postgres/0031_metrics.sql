-- What is read of TikTok beyond publishing: each row is a person's press for exactly one account and one purpose. Without a row nothing is read.
-- The row is also the turn of the account: when it is looked at next, and in whose hands it is.
CREATE TABLE metric_consent (
  connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
  purpose       TEXT NOT NULL CHECK (purpose IN ('metrics', 'followers')),
  person_id     TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  text_version  TEXT NOT NULL,
  given_at      BIGINT NOT NULL,
  next_at       BIGINT NOT NULL,
  lease_until   BIGINT NOT NULL,
  epoch         BIGINT NOT NULL,
  tries         BIGINT NOT NULL,
  PRIMARY KEY (connection_id, purpose)
);
CREATE INDEX metric_consent_turn ON metric_consent (next_at, connection_id);
CREATE INDEX metric_consent_person ON metric_consent (person_id);

-- Posts whose counters are read: one row for each id that TikTok gave one of our posts. What was read last stands here, too.
CREATE TABLE metric_watch (
  post_id       TEXT NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  video_id      TEXT NOT NULL,
  connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
  state         TEXT NOT NULL CHECK (state IN ('live', 'missing', 'unavailable')),
  since         BIGINT NOT NULL,
  next_at       BIGINT NOT NULL,
  read_at       BIGINT,
  views         BIGINT,
  likes         BIGINT,
  comments      BIGINT,
  shares        BIGINT,
  PRIMARY KEY (post_id, video_id)
);
CREATE INDEX metric_watch_turn ON metric_watch (connection_id, next_at, post_id, video_id);
CREATE INDEX metric_watch_age ON metric_watch (read_at) WHERE read_at IS NOT NULL;

-- What TikTok said, when it was read. Rows are added and thinned out, never changed. A counter that TikTok left out is empty, never zero.
CREATE TABLE metric_sample (
  post_id       TEXT NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  video_id      TEXT NOT NULL,
  read_at       BIGINT NOT NULL,
  connection_id TEXT NOT NULL,
  views         BIGINT,
  likes         BIGINT,
  comments      BIGINT,
  shares        BIGINT,
  PRIMARY KEY (post_id, video_id, read_at)
);
CREATE INDEX metric_sample_connection ON metric_sample (connection_id, read_at);
CREATE INDEX metric_sample_age ON metric_sample (read_at);

-- By how much the counters of an account's posts grew, by the day (UTC, counted from 1970-01-01) on which that was read.
CREATE TABLE metric_day (
  connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
  day           BIGINT NOT NULL,
  views         BIGINT NOT NULL,
  likes         BIGINT NOT NULL,
  comments      BIGINT NOT NULL,
  shares        BIGINT NOT NULL,
  readings      BIGINT NOT NULL,
  PRIMARY KEY (connection_id, day)
);
CREATE INDEX metric_day_age ON metric_day (day);

-- How many followers an account had when that was read.
CREATE TABLE follower_sample (
  connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
  read_at       BIGINT NOT NULL,
  followers     BIGINT NOT NULL,
  PRIMARY KEY (connection_id, read_at)
);
CREATE INDEX follower_sample_age ON follower_sample (read_at);

-- A walk to TikTok that asks for one optional permission more.
ALTER TABLE sign_in ADD COLUMN reading TEXT;
