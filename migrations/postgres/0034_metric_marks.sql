-- What the counters of a post were at some ages, between the reading before that moment and the one after it. Samples are thinned out, these are not.
CREATE TABLE metric_mark (
  post_id       TEXT NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  video_id      TEXT NOT NULL,
  age_hours     BIGINT NOT NULL CHECK (age_hours IN (1, 6, 24, 48, 168)),
  connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
  read_at       BIGINT NOT NULL,
  views         BIGINT,
  likes         BIGINT,
  comments      BIGINT,
  shares        BIGINT,
  PRIMARY KEY (post_id, video_id, age_hours)
);
CREATE INDEX metric_mark_connection ON metric_mark (connection_id);
CREATE INDEX metric_mark_age ON metric_mark (read_at);
