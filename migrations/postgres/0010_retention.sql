-- When a file was deleted because everything that used it was published long enough ago; the row stays for the history.
ALTER TABLE media ADD COLUMN file_gone_at BIGINT;
CREATE INDEX media_with_file ON media (created_at) WHERE file_gone_at IS NULL;
CREATE INDEX attempt_age ON attempt (updated_at) WHERE state IN ('published', 'delivered', 'dead');
