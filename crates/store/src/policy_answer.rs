//! Answers of people to versions of the policy and the terms. Owns writing and reading them; what an answer permits is decided elsewhere.

use domain::id::UserId;
use domain::privacy::documents::{Answer, Document, Given};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("policy_answer");

/// An answer with its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyAnswer {
    /// To what, and what was said.
    pub given: Given,
    /// When.
    pub at: UnixMillis,
}

const PUT: &str = "
INSERT INTO policy_answer (person_id, document, version, answer, at)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (person_id, document, version) DO UPDATE SET
  answer = excluded.answer,
  at = excluded.at";
const SELECT: &str = "
SELECT document, version, answer, at
FROM policy_answer
WHERE person_id = $1
ORDER BY document, version";

pub(crate) const STATEMENTS: &[Statement] = statements![PUT, SELECT];

row! {
    struct Raw {
        document: String,
        version: String,
        answer: String,
        at: i64,
    }
}

impl TryFrom<Raw> for PolicyAnswer {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            given: Given {
                document: TABLE.word("document", &raw.document, Document::parse)?,
                version: raw.version,
                answer: TABLE.word("answer", &raw.answer, Answer::parse)?,
            },
            at: instant(raw.at),
        })
    }
}

impl Store {
    /// Everything a person answered.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn policy_answers(&self, person: UserId) -> Result<Vec<PolicyAnswer>> {
        fetch_all!(store self, Raw, SELECT, person.to_string())?.into_iter().map(PolicyAnswer::try_from).collect()
    }
}

impl Tx {
    /// Everything a person answered, as this transaction sees it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn policy_answers(&mut self, person: UserId) -> Result<Vec<PolicyAnswer>> {
        fetch_all!(tx self, Raw, SELECT, person.to_string())?.into_iter().map(PolicyAnswer::try_from).collect()
    }

    /// Writes an answer in place of the one the person gave to that version before.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when there is no such person.
    pub async fn policy_answer_put(&mut self, person: UserId, it: &PolicyAnswer) -> Result<()> {
        execute!(
            tx self, PUT,
            person.to_string(),
            it.given.document.as_str(),
            &it.given.version,
            it.given.answer.as_str(),
            it.at.millis(),
        )?;
        Ok(())
    }
}
