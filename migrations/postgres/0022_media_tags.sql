-- Words that a person sorts files of the library by, one list for each file. Sealed under their key, so it is looked through by the program.
CREATE TABLE media_tags (
  media_id  TEXT PRIMARY KEY REFERENCES media (id) ON DELETE CASCADE,
  person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  words     TEXT NOT NULL,
  at        BIGINT NOT NULL
);
