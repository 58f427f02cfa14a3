-- Photo posts: their pictures in order, and what TikTok fetched through the gate. The cover is the post's own media_id.
CREATE TABLE post_photo (
  post_id  TEXT NOT NULL REFERENCES post (id) ON DELETE CASCADE,
  position BIGINT NOT NULL,
  media_id TEXT NOT NULL REFERENCES media (id),
  PRIMARY KEY (post_id, position),
  UNIQUE (post_id, media_id)
);
CREATE INDEX post_photo_media ON post_photo (media_id);

-- Append only; written before the first byte leaves, so that a picture without a line was never served.
CREATE TABLE gate_visit (
  seq        BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  attempt_id TEXT NOT NULL REFERENCES attempt (id) ON DELETE CASCADE,
  picture    BIGINT NOT NULL,
  first_byte BIGINT NOT NULL,
  last_byte  BIGINT NOT NULL,
  at         BIGINT NOT NULL
);
CREATE INDEX gate_visit_attempt ON gate_visit (attempt_id, seq);

ALTER TABLE attempt DROP CONSTRAINT attempt_mode_check;
ALTER TABLE attempt ADD CONSTRAINT attempt_mode_check
  CHECK (mode IN ('direct_file', 'inbox_file', 'direct_photos', 'inbox_photos'));
