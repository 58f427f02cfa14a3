-- Earlier states of posts that were being written: at most twenty of a post, for thirty days. Words and choices are sealed under the account's key.
CREATE TABLE draft_state (
  id            TEXT PRIMARY KEY,
  post_id       TEXT NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  connection_id TEXT NOT NULL REFERENCES connection (id) ON DELETE CASCADE,
  revision      BIGINT NOT NULL,
  content       TEXT NOT NULL,
  local_time    TEXT,
  time_zone     TEXT,
  at            BIGINT NOT NULL
);
CREATE INDEX draft_state_post ON draft_state (post_id, at, id);
CREATE INDEX draft_state_connection ON draft_state (connection_id);
CREATE INDEX draft_state_at ON draft_state (at);
