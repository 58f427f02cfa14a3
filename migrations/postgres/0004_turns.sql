-- Work is found by account, so that one account with very many due posts cannot stand before the others.

-- One row for each account that has planned posts: when the engine looks at them next. Never later than necessary.
CREATE TABLE lane (
  connection_id TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
  next_at       BIGINT NOT NULL,
  revision      BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX lane_next ON lane (next_at, connection_id);
INSERT INTO lane (connection_id, next_at)
SELECT connection_id, MIN(due_at) - 3000000 FROM post WHERE state = 'scheduled' AND due_at IS NOT NULL GROUP BY connection_id;

CREATE INDEX post_lane ON post (connection_id, due_at, id) WHERE state = 'scheduled';
DROP INDEX IF EXISTS attempt_due;
CREATE INDEX attempt_free ON attempt (next_at) WHERE owner IS NULL AND state NOT IN ('dead', 'published', 'delivered', 'uncertain');
CREATE INDEX attempt_turn ON attempt (connection_id, next_at) WHERE state NOT IN ('dead', 'published', 'delivered', 'uncertain');
CREATE INDEX attempt_watched_turn ON attempt (connection_id, next_at) WHERE state IN ('published', 'delivered', 'uncertain') AND next_at < 253402300799000;
