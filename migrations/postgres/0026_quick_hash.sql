-- BLAKE3 of a file's bytes, taken in the same pass as its SHA-256; files from before have none.
ALTER TABLE media ADD COLUMN blake3 TEXT;
