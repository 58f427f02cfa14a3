-- The same content uploaded twice is recognised by its hash.
CREATE INDEX media_content ON media (workspace_id, sha256);
