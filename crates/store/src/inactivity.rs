//! Who has not been here for long, and which warnings they had. Owns both; when somebody is warned or erased is decided elsewhere.

use domain::id::UserId;
use domain::privacy::inactivity::Warned;
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

/// Somebody who may be about to be erased.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Absent {
    /// Who.
    pub person_id: UserId,
    /// Their name, by which the operator may know them.
    pub display_name: String,
    /// When they were last here, or something that they planned was due: whichever is later.
    pub used_at: UnixMillis,
    /// The warnings they had.
    pub warned: Option<Warned>,
}

// Who is leaving already needs no warning.
macro_rules! absent {
    ($of:literal) => {
        concat!(
            "
SELECT person.id, person.display_name, person.last_seen_at,
  (SELECT MAX(post.due_at) FROM post JOIN member ON member.workspace_id = post.workspace_id
    WHERE member.user_id = person.id AND post.state IN ('scheduled', 'publishing', 'published', 'in_inbox')) AS planned_at,
  inactivity.first_at, inactivity.last_at, inactivity.erase_at, ",
            person_key!("person.id"),
            "
FROM person
LEFT JOIN inactivity ON inactivity.person_id = person.id
WHERE ",
            $of,
            "
  AND person.open_id NOT LIKE 'erasing:%'
  AND NOT EXISTS (
    SELECT 1 FROM erasure
    WHERE erasure.unit = 'person' AND erasure.subject_id = person.id AND erasure.state IN ('waiting', 'running', 'held'))
ORDER BY person.id
LIMIT $3"
        )
    };
}

const SELECT: &str = absent!("person.id > $2 AND (person.last_seen_at <= $1 OR inactivity.person_id IS NOT NULL)");
const SELECT_ONE: &str = absent!("person.id = $1 AND person.id = $2");
const PUT: &str = "
INSERT INTO inactivity (person_id, first_at, last_at, erase_at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (person_id) DO UPDATE SET
  first_at = excluded.first_at,
  last_at = excluded.last_at,
  erase_at = excluded.erase_at";
const DELETE: &str = "DELETE FROM inactivity WHERE person_id = $1";
const SEEN: &str = "UPDATE person SET last_seen_at = $2 WHERE id = $1 AND last_seen_at < $2";

pub(crate) const STATEMENTS: &[Statement] = statements![SELECT, SELECT_ONE, PUT, DELETE, SEEN];

row! {
    struct Raw {
        id: String,
        display_name: String,
        last_seen_at: i64,
        planned_at: Option<i64>,
        first_at: Option<i64>,
        last_at: Option<i64>,
        erase_at: Option<i64>,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Absent> {
        let raw = self;
        let row = safe.shown_row(Owner::person(&raw.id), raw.wrapped.as_deref(), Table("person"), &raw.id)?;
        let warned = raw.first_at.zip(raw.erase_at).map(|(first_at, erase_at)| Warned {
            first_at: instant(first_at),
            last_at: instant_opt(raw.last_at),
            erase_at: instant(erase_at),
        });
        Ok(Absent {
            display_name: row.shown("display_name", raw.display_name),
            person_id: Table("person").parse("id", &raw.id)?,
            used_at: instant(raw.last_seen_at.max(raw.planned_at.unwrap_or(0))),
            warned,
        })
    }
}

impl Store {
    /// People who were last here by `unseen_since` or had a warning, in the order of their ids after `after`, at most `limit`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn absent(&self, unseen_since: UnixMillis, after: Option<UserId>, limit: u32) -> Result<Vec<Absent>> {
        let after = after.map(|id| id.to_string()).unwrap_or_default();
        fetch_all!(store self, Raw, SELECT, unseen_since.millis(), after, i64::from(limit))?
            .into_iter()
            .map(|raw| raw.open(&self.safe))
            .collect()
    }
}

impl Tx {
    /// One person as [`Store::absent`] gives them; `None` when they are leaving already.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn absent(&mut self, person: UserId) -> Result<Option<Absent>> {
        let id = person.to_string();
        fetch_optional!(tx self, Raw, SELECT_ONE, &id, &id, 1_i64)?.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// Notes the day on which a person was here; writes nothing when it is noted already.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn person_seen(&mut self, person: UserId, now: UnixMillis) -> Result<bool> {
        Ok(execute!(tx self, SEEN, person.to_string(), now.date().start().millis())? == 1)
    }

    /// Notes the warnings that a person had.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such person.
    pub async fn inactivity_put(&mut self, person: UserId, it: Warned) -> Result<()> {
        execute!(
            tx self, PUT,
            person.to_string(),
            it.first_at.millis(),
            it.last_at.map(UnixMillis::millis),
            it.erase_at.millis(),
        )?;
        Ok(())
    }

    /// Forgets the warnings that a person had.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn inactivity_delete(&mut self, person: UserId) -> Result<()> {
        execute!(tx self, DELETE, person.to_string())?;
        Ok(())
    }
}
