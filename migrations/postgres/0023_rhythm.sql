-- At which times of a week the posts of an account like to go out, how close together, since when it rests, and when its last rest
-- ended: what waited meanwhile is as late as it looks. Nothing of TikTok's and
-- nothing that somebody wrote: minutes of a week in figures. An account without a row has no slots, no gap and no pause.
CREATE TABLE rhythm (
  connection_id TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
  slots         TEXT NOT NULL,
  gap_minutes   BIGINT NOT NULL CHECK (gap_minutes BETWEEN 0 AND 1440),
  paused_at     BIGINT,
  resumed_at    BIGINT,
  updated_at    BIGINT NOT NULL
);
