-- The calendar reads the posts of a workspace by their time, whatever their state; everything it counts by stands in the index.
CREATE INDEX post_calendar ON post (workspace_id, due_at, id, connection_id, state, delivery) WHERE due_at IS NOT NULL;
