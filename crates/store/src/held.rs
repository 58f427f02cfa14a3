//! How much is held about a person and their workspace, by class of data. Owns counting only; must not read content.

use domain::id::{UserId, WorkspaceId};
use domain::privacy::retention::Class;

use crate::db::{Statement, Store};
use crate::error::Result;

const COUNTS: &str = "
SELECT
  (SELECT COUNT(*) FROM connection WHERE workspace_id = $1) + (SELECT COUNT(*) FROM unconfirmed WHERE workspace_id = $1),
  (SELECT COUNT(*) FROM connection_token t JOIN connection c ON c.id = t.connection_id WHERE c.workspace_id = $1),
  (SELECT COUNT(*) FROM person_key WHERE person_id = $2)
    + (SELECT COUNT(*) FROM connection_key k JOIN connection c ON c.id = k.connection_id WHERE c.workspace_id = $1),
  (SELECT COUNT(*) FROM (SELECT 1 FROM media WHERE workspace_id = $1 LIMIT $3) few) + (SELECT COUNT(*) FROM upload WHERE workspace_id = $1 AND state = 'open'),
  (SELECT COUNT(*) FROM (SELECT 1 FROM post WHERE workspace_id = $1 LIMIT $3) few),
  (SELECT COUNT(*) FROM (SELECT 1 FROM consent JOIN post ON post.id = consent.post_id WHERE post.workspace_id = $1 LIMIT $3) few)
    + (SELECT COUNT(*) FROM policy_answer WHERE person_id = $2) + (SELECT COUNT(*) FROM consent_ledger WHERE person_id = $2)
    + (SELECT COUNT(*) FROM report_link WHERE workspace_id = $1),
  (SELECT COUNT(*) FROM (SELECT 1 FROM attempt JOIN post ON post.id = attempt.post_id WHERE post.workspace_id = $1 LIMIT $3) few),
  (SELECT COUNT(*) FROM (SELECT 1 FROM metric_sample s JOIN connection c ON c.id = s.connection_id WHERE c.workspace_id = $1 LIMIT $3) few)
    + (SELECT COUNT(*) FROM (SELECT 1 FROM follower_sample s JOIN connection c ON c.id = s.connection_id WHERE c.workspace_id = $1 LIMIT $3) few),
  (SELECT COUNT(*) FROM session WHERE user_id = $2),
  (SELECT COUNT(*) FROM support_message JOIN support_request USING (number) WHERE person_id = $2),
  (SELECT COUNT(*) FROM (SELECT 1 FROM notice WHERE person_id = $2 LIMIT $3) few),
  (SELECT COUNT(*) FROM (SELECT 1 FROM audit WHERE actor = $2 LIMIT $3) few) + (SELECT COUNT(*) FROM imported WHERE person_id = $2),
  (SELECT COUNT(*) FROM erasure WHERE workspace_id = $1) + (SELECT COUNT(*) FROM deletion WHERE workspace_id = $1),
  (SELECT COUNT(*) FROM revoke_ticket t JOIN connection c ON c.id = t.connection_id WHERE c.workspace_id = $1),
  (SELECT COUNT(*) FROM export_job WHERE person_id = $2)";

pub(crate) const STATEMENTS: &[Statement] = statements![COUNTS];

/// A class with the number of things held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// What kind of data.
    pub class: Class,
    /// How many: posts, files, sessions.
    pub count: i64,
}

impl Store {
    /// What is held about a person and their workspace, in the order in which a page tells it. Of what there may be very many, such as
    /// posts, no more than `most` are counted: a count of `most` may stand for more.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn held(&self, workspace: WorkspaceId, person: UserId, most: i64) -> Result<Vec<Held>> {
        type Row = (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64);
        let (
            connections,
            tokens,
            keys,
            media,
            posts,
            consents,
            attempts,
            numbers,
            sessions,
            support,
            notices,
            audit,
            erasures,
            tickets,
            exports,
        ) = fetch_one!(store self, Row, COUNTS, workspace.to_string(), person.to_string(), most)?;
        let held = |class, count| Held { class, count };
        Ok(vec![
            held(Class::Person, 1),
            held(Class::ConnectionProfile, connections),
            held(Class::Tokens, tokens),
            held(Class::Keys, keys),
            held(Class::Media, media),
            held(Class::Posts, posts),
            held(Class::Consents, consents),
            held(Class::Attempts, attempts),
            held(Class::Metrics, numbers),
            held(Class::Sessions, sessions),
            held(Class::Support, support),
            held(Class::Notices, notices),
            held(Class::Audit, audit),
            held(Class::Erasure, erasures),
            held(Class::Ticket, tickets),
            held(Class::Exports, exports),
        ])
    }
}
