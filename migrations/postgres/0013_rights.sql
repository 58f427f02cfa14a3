-- What people ask the operator. Both sides call a request by its number; one that waits has a date by which an answer is owed.
CREATE TABLE support_request (
  number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id  TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL CHECK (kind IN ('question', 'access', 'correction', 'deletion', 'objection', 'complaint')),
  state      TEXT NOT NULL CHECK (state IN ('open', 'answered', 'closed')),
  asked_at   BIGINT NOT NULL,
  due_at     BIGINT NOT NULL,
  reminded   BIGINT NOT NULL DEFAULT 0,
  changed_at BIGINT NOT NULL
);
CREATE INDEX support_request_person ON support_request (person_id);
CREATE INDEX support_request_open ON support_request (asked_at) WHERE state = 'open';

-- What either side wrote, in the order of writing.
CREATE TABLE support_message (
  seq    BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  number BIGINT NOT NULL REFERENCES support_request (number) ON DELETE CASCADE,
  author TEXT NOT NULL CHECK (author IN ('person', 'operator')),
  words  TEXT NOT NULL,
  at     BIGINT NOT NULL
);
CREATE INDEX support_message_thread ON support_message (number, seq);

-- Lines that tell people what happened while they were away. While one is unread, the same is not told again.
CREATE TABLE notice (
  number     BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  person_id  TEXT NOT NULL REFERENCES person (id) ON DELETE CASCADE,
  kind       TEXT NOT NULL,
  subject    TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  read_at    BIGINT
);
CREATE UNIQUE INDEX notice_unread ON notice (person_id, kind, subject) WHERE read_at IS NULL;
CREATE INDEX notice_person ON notice (person_id, number);
CREATE INDEX notice_subject ON notice (subject);
CREATE INDEX notice_age ON notice (created_at);
