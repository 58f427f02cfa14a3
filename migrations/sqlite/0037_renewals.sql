-- A walk to TikTok that nobody pressed for: what it does not bring is not taken back by anybody.
ALTER TABLE sign_in ADD COLUMN by_itself BIGINT NOT NULL DEFAULT 0;
