//! What TikTok fetched through the gate of a photo post. Owns appending and reading; nothing is ever changed.
//!
//! A line is written before the first byte leaves, so a picture without one was certainly never served.

use domain::id::AttemptId;
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("gate_visit");

/// Most visits of one attempt that are read.
const LIST_LIMIT: i64 = 1_000;

/// One picture that was about to be served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GateVisit {
    /// The attempt whose gate was open.
    pub attempt_id: AttemptId,
    /// Which picture, from zero.
    pub picture: u32,
    /// First byte of the answer.
    pub first_byte: u64,
    /// Last byte of the answer.
    pub last_byte: u64,
    /// When.
    pub at: UnixMillis,
}

const APPEND: &str = "
INSERT INTO gate_visit (attempt_id, picture, first_byte, last_byte, at)
VALUES ($1, $2, $3, $4, $5)";
const SELECT_OF_ATTEMPT: &str = "
SELECT attempt_id, picture, first_byte, last_byte, at
FROM gate_visit
WHERE attempt_id = $1
ORDER BY seq
LIMIT $2";

pub(crate) const STATEMENTS: &[Statement] = statements![APPEND, SELECT_OF_ATTEMPT];

row! {
    struct Raw {
        attempt_id: String,
        picture: i64,
        first_byte: i64,
        last_byte: i64,
        at: i64,
    }
}

impl TryFrom<Raw> for GateVisit {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            attempt_id: TABLE.parse("attempt_id", &raw.attempt_id)?,
            picture: u32::try_from(raw.picture).map_err(|_| TABLE.corrupt("picture", "not a small count"))?,
            first_byte: TABLE.unsigned("first_byte", raw.first_byte)?,
            last_byte: TABLE.unsigned("last_byte", raw.last_byte)?,
            at: instant(raw.at),
        })
    }
}

fn signed(column: &'static str, value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| TABLE.corrupt(column, "too large"))
}

impl Tx {
    /// Says that a picture is about to be served.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn gate_visit_append(&mut self, visit: &GateVisit) -> Result<()> {
        execute!(
            tx self, APPEND,
            visit.attempt_id.to_string(),
            i64::from(visit.picture),
            signed("first_byte", visit.first_byte)?,
            signed("last_byte", visit.last_byte)?,
            visit.at.millis(),
        )?;
        Ok(())
    }
}

impl Store {
    /// What was served of an attempt, first to last, at most 1000 lines.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn gate_visits(&self, attempt: AttemptId) -> Result<Vec<GateVisit>> {
        fetch_all!(store self, Raw, SELECT_OF_ATTEMPT, attempt.to_string(), LIST_LIMIT)?
            .into_iter()
            .map(GateVisit::try_from)
            .collect()
    }
}
