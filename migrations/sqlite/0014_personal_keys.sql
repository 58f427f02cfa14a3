-- A key for each person and for each account, sealed under the instance key. It seals what they are called and what they wrote; without its
-- row nothing of that can be read, in no copy. The rows of before are sealed by the program at its next start: SQL cannot.
CREATE TABLE person_key (
  person_id            TEXT PRIMARY KEY REFERENCES person (id) ON DELETE CASCADE,
  instance_key_version BIGINT NOT NULL,
  data_key_sealed      BLOB NOT NULL
);

-- Not the key of the tokens: that one goes with a disconnect, and pages show the account's name until its grace is over.
CREATE TABLE connection_key (
  connection_id        TEXT PRIMARY KEY REFERENCES connection (id) ON DELETE CASCADE,
  instance_key_version BIGINT NOT NULL,
  data_key_sealed      BLOB NOT NULL
);

-- A clear record of consent is sealed once; nothing else of it is ever changed.
DROP TRIGGER consent_is_immutable;
CREATE TRIGGER consent_is_immutable BEFORE UPDATE ON consent
WHEN OLD.subject LIKE char(1) || '%' OR NEW.subject NOT LIKE char(1) || '%' OR NEW.creator NOT LIKE char(1) || '%'
  OR OLD.id <> NEW.id OR OLD.post_id <> NEW.post_id OR OLD.user_id <> NEW.user_id OR OLD.given_at <> NEW.given_at
  OR OLD.declaration <> NEW.declaration OR OLD.text_version <> NEW.text_version OR OLD.locale <> NEW.locale
  OR OLD.fingerprint <> NEW.fingerprint OR (OLD.creator IS NULL) <> (NEW.creator IS NULL)
BEGIN
  SELECT RAISE(ABORT, 'a consent record is never changed');
END;
