-- Notes that a workspace keeps on days: "Campaign began". The words are sealed under their writer's key. Days are counted from 1970-01-01.
CREATE TABLE annotation (
  id            TEXT PRIMARY KEY,
  workspace_id  TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  person_id     TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  connection_id TEXT REFERENCES connection (id) ON DELETE CASCADE,
  day           BIGINT NOT NULL,
  words         TEXT NOT NULL,
  at            BIGINT NOT NULL
);
CREATE INDEX annotation_workspace ON annotation (workspace_id, day, id);
CREATE INDEX annotation_person ON annotation (person_id);
CREATE INDEX annotation_connection ON annotation (connection_id) WHERE connection_id IS NOT NULL;
