-- Views of the history that a workspace keeps: a name and the query of its address. Both are sealed under their writer's key.
CREATE TABLE saved_view (
  id           TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
  person_id    TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  query        TEXT NOT NULL,
  at           BIGINT NOT NULL
);
CREATE INDEX saved_view_workspace ON saved_view (workspace_id, id);
CREATE INDEX saved_view_person ON saved_view (person_id);
-- How punctual posts were is read from the index over what is out alone.
DROP INDEX post_out;
CREATE INDEX post_out ON post (workspace_id, published_at, due_at, connection_id) WHERE published_at IS NOT NULL;
-- Posts that are out by a person's word alone.
CREATE INDEX post_event_confirmed ON post_event (post_id) WHERE kind = 'confirmed';
