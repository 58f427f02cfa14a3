-- A file may arrive as parts side by side. Empty: a file of its own; 'part': a part of one; 'final' and the ids of the parts: their sum.
ALTER TABLE upload ADD COLUMN assembly TEXT NOT NULL DEFAULT '';
-- The same sum is begun once.
CREATE UNIQUE INDEX upload_assembly ON upload (workspace_id, assembly) WHERE assembly LIKE 'final%';
