-- What a person said to a version of the policy or of the terms: the latest answer to each version; the record of who did what keeps
-- every one.
CREATE TABLE policy_answer (
  person_id TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  document  TEXT NOT NULL CHECK (document IN ('privacy', 'terms')),
  version   TEXT NOT NULL,
  answer    TEXT NOT NULL CHECK (answer IN ('accepted', 'read', 'refused')),
  at        BIGINT NOT NULL,
  PRIMARY KEY (person_id, document, version)
);
