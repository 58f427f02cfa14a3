-- Ideas: posts that have no file yet. The text is sealed under its writer's key; labels are ids, separated by commas.
CREATE TABLE idea (
  id            TEXT PRIMARY KEY,
  workspace_id  TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  person_id     TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  connection_id TEXT REFERENCES connection (id) ON DELETE SET NULL,
  words         TEXT NOT NULL,
  labels        TEXT NOT NULL,
  place         TEXT NOT NULL,
  is_sample     BIGINT NOT NULL CHECK (is_sample IN (0, 1)),
  at            BIGINT NOT NULL
);
CREATE INDEX idea_workspace ON idea (workspace_id, id);
CREATE INDEX idea_person ON idea (person_id);
CREATE INDEX idea_connection ON idea (connection_id) WHERE connection_id IS NOT NULL;

-- Words by which people tell their posts apart. Sealed under their writer's key.
CREATE TABLE label (
  id           TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  person_id    TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  words        TEXT NOT NULL,
  flavour      TEXT NOT NULL,
  at           BIGINT NOT NULL
);
CREATE INDEX label_workspace ON label (workspace_id, id);
CREATE INDEX label_person ON label (person_id);

CREATE TABLE post_label (
  post_id  TEXT NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  label_id TEXT NOT NULL REFERENCES label (id) ON DELETE CASCADE,
  PRIMARY KEY (post_id, label_id)
);
CREATE INDEX post_label_label ON post_label (label_id, post_id);

-- Where a draft stands on the board, and since when its author calls it ready. A draft without a row stands where it was begun.
CREATE TABLE board_place (
  post_id  TEXT PRIMARY KEY REFERENCES post (id) ON DELETE CASCADE,
  ready_at BIGINT,
  place    TEXT NOT NULL
);

-- The first steps of a workspace: from when on nobody wants to see them.
CREATE TABLE guide (
  workspace_id TEXT PRIMARY KEY REFERENCES workspace (id) ON DELETE CASCADE,
  hidden_at    BIGINT NOT NULL
);
