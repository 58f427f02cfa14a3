-- Texts that a workspace keeps to put into captions: templates and groups of hashtags. Name and words are sealed under their writer's key.
CREATE TABLE snippet (
  id           TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  person_id    TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  kind         TEXT NOT NULL CHECK (kind IN ('template', 'hashtags')),
  name         TEXT NOT NULL,
  words        TEXT NOT NULL,
  at           BIGINT NOT NULL
);
CREATE INDEX snippet_workspace ON snippet (workspace_id, id);
CREATE INDEX snippet_person ON snippet (person_id);
