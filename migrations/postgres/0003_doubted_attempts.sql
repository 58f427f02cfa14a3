-- 1 while commits about the attempt may have been lost: nothing is concluded then from what the row does not say.
ALTER TABLE attempt ADD COLUMN doubted BIGINT NOT NULL DEFAULT 0 CHECK (doubted IN (0, 1));
