-- The audit record as a chain: each entry's hash covers the one before it. The readable ids stand outside of the chain, keyed references
-- to them inside, so that a person can be erased from it without breaking it. Entries from before are taken in at the next start.
ALTER TABLE audit ADD COLUMN actor_ref TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN subject_ref TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN hash TEXT NOT NULL DEFAULT '';
CREATE INDEX audit_actor ON audit (actor, at);
CREATE INDEX audit_subject ON audit (subject, at);
CREATE INDEX audit_subject_ref ON audit (subject_ref);
-- Whose workspaces are these: asked about everybody at once by the report on an incident.
CREATE INDEX member_of_user ON member (user_id);

-- Where the chain begins and ends, one row: whoever appends takes it first. Its seal is made with a key that the database does not show.
CREATE TABLE audit_chain (
  id          TEXT PRIMARY KEY CHECK (id = 'chain'),
  began_at    BIGINT NOT NULL,
  anchor_seq  BIGINT NOT NULL,
  anchor_hash TEXT NOT NULL,
  head_seq    BIGINT NOT NULL,
  head_hash   TEXT NOT NULL,
  seal        TEXT NOT NULL
);
INSERT INTO audit_chain (id, began_at, anchor_seq, anchor_hash, head_seq, head_hash, seal) VALUES ('chain', 0, 0, '', 0, '', '');

-- The chain numbers its entries itself, without the gaps that a rolled back transaction leaves in a sequence.
ALTER TABLE audit ALTER COLUMN seq DROP IDENTITY;
