-- The history of one state, newest first, and what went out today.
CREATE INDEX post_history ON post (workspace_id, state, updated_at, id);
CREATE INDEX post_out ON post (workspace_id, published_at) WHERE published_at IS NOT NULL;
-- How much room files take, by kind; the expression is the one of the query.
CREATE INDEX media_room ON media (
  workspace_id,
  (CASE WHEN SUBSTR(facts, 1, 12) = '{"container"' THEN 'video' WHEN SUBSTR(facts, 1, 9) = '{"format"' THEN 'photo' ELSE 'other' END),
  size_bytes
) WHERE file_gone_at IS NULL;
