//! Requests of people to the operator and their threads. Owns both tables; what may be written when is decided elsewhere.

use domain::id::{RequestNumber, UserId};
use domain::privacy::support::{Author, RequestKind, RequestState};
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("support_request");
const MESSAGE: Table = Table("support_message");

/// Requests or messages read in one go.
const LIST_LIMIT: i64 = 200;

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportRequest {
    /// What both sides call it.
    pub number: RequestNumber,
    /// Who asked.
    pub person_id: UserId,
    /// What it is about.
    pub kind: RequestKind,
    /// Where it stands.
    pub state: RequestState,
    /// When the person last asked something that was not answered before.
    pub asked_at: UnixMillis,
    /// By when that has to be answered.
    pub due_at: UnixMillis,
    /// How many reminders the operator had.
    pub reminded: i64,
    /// When either side last did something.
    pub changed_at: UnixMillis,
}

/// A request that nobody has answered yet, before it has a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewRequest {
    /// Who asks.
    pub person_id: UserId,
    /// What it is about.
    pub kind: RequestKind,
    /// When.
    pub asked_at: UnixMillis,
    /// By when it has to be answered.
    pub due_at: UnixMillis,
}

/// One message of a thread.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SupportMessage {
    /// Who wrote it.
    pub author: Author,
    /// What.
    pub words: String,
    /// When.
    pub at: UnixMillis,
}

macro_rules! columns {
    () => {
        "number, person_id, kind, state, asked_at, due_at, reminded, changed_at"
    };
}

const INSERT: &str = "
INSERT INTO support_request (person_id, kind, state, asked_at, due_at, changed_at)
VALUES ($1, $2, 'open', $3, $4, $3)
RETURNING number";
const UPDATE: &str = "
UPDATE support_request
SET state = $3, asked_at = $4, due_at = $5, reminded = $6, changed_at = $7
WHERE number = $1
  AND state = $2";
const SELECT: &str = concat!("SELECT ", columns!(), " FROM support_request WHERE number = $1");
const SELECT_OF_PERSON: &str =
    concat!("SELECT ", columns!(), " FROM support_request WHERE person_id = $1 ORDER BY number DESC LIMIT $2");
const SELECT_OPEN: &str =
    concat!("SELECT ", columns!(), " FROM support_request WHERE state = 'open' ORDER BY asked_at, number LIMIT $1");
const SELECT_ALL: &str = concat!("SELECT ", columns!(), " FROM support_request ORDER BY number DESC LIMIT $1");
const SELECT_ASKED_BEFORE: &str = concat!(
    "SELECT ",
    columns!(),
    " FROM support_request WHERE state = 'open' AND asked_at <= $1 ORDER BY asked_at, number LIMIT $2"
);
const COUNT_OPEN: &str = "SELECT COUNT(*) FROM support_request WHERE person_id = $1 AND state = 'open'";
const COUNT_WRITTEN: &str = "
SELECT COUNT(*)
FROM support_message
JOIN support_request ON support_request.number = support_message.number
WHERE person_id = $1
  AND author = 'person'
  AND at > $2";
const COUNT_THREAD: &str = "SELECT COUNT(*) FROM support_message WHERE number = $1";
const INSERT_MESSAGE: &str = "
INSERT INTO support_message (number, author, words, at)
VALUES ($1, $2, '', $3)
RETURNING seq, (SELECT person_id FROM support_request WHERE support_request.number = support_message.number) AS person_id";
const SET_WORDS: &str = "UPDATE support_message SET words = $2 WHERE seq = $1";
// Either side's words are under the key of whoever asked.
const SELECT_MESSAGES: &str = concat!(
    "
SELECT m.seq, m.author, m.words, m.at, r.person_id, ",
    person_key!("r.person_id"),
    "
FROM support_message m
JOIN support_request r ON r.number = m.number
WHERE m.number = $1
ORDER BY m.seq
LIMIT $2"
);

pub(crate) const STATEMENTS: &[Statement] = statements![
    INSERT,
    UPDATE,
    SELECT,
    SELECT_OF_PERSON,
    SELECT_OPEN,
    SELECT_ALL,
    SELECT_ASKED_BEFORE,
    COUNT_OPEN,
    COUNT_WRITTEN,
    COUNT_THREAD,
    INSERT_MESSAGE,
    SET_WORDS,
    SELECT_MESSAGES,
];

row! {
    struct Raw {
        number: i64,
        person_id: String,
        kind: String,
        state: String,
        asked_at: i64,
        due_at: i64,
        reminded: i64,
        changed_at: i64,
    }
}

impl TryFrom<Raw> for SupportRequest {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            number: RequestNumber::new(raw.number),
            person_id: TABLE.parse("person_id", &raw.person_id)?,
            kind: TABLE.word("kind", &raw.kind, RequestKind::parse)?,
            state: TABLE.word("state", &raw.state, RequestState::parse)?,
            asked_at: instant(raw.asked_at),
            due_at: instant(raw.due_at),
            reminded: raw.reminded,
            changed_at: instant(raw.changed_at),
        })
    }
}

row! {
    struct RawMessage {
        seq: i64,
        author: String,
        words: String,
        at: i64,
        person_id: String,
        wrapped: Option<Vec<u8>>,
    }
}

impl RawMessage {
    fn open(self, safe: &Safe) -> Result<SupportMessage> {
        let id = self.seq.to_string();
        let row = safe.shown_row(Owner::person(&self.person_id), self.wrapped.as_deref(), MESSAGE, &id)?;
        let author = MESSAGE.word("author", &self.author, Author::parse)?;
        Ok(SupportMessage { author, words: row.shown("words", self.words), at: instant(self.at) })
    }
}

fn all(rows: Vec<Raw>) -> Result<Vec<SupportRequest>> {
    rows.into_iter().map(SupportRequest::try_from).collect()
}

impl Store {
    /// A request of anybody.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn support_request(&self, number: RequestNumber) -> Result<Option<SupportRequest>> {
        fetch_optional!(store self, Raw, SELECT, number.get())?.map(SupportRequest::try_from).transpose()
    }

    /// The requests of a person, newest first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn support_requests_of(&self, person: UserId) -> Result<Vec<SupportRequest>> {
        all(fetch_all!(store self, Raw, SELECT_OF_PERSON, person.to_string(), LIST_LIMIT)?)
    }

    /// Requests that wait for an answer, longest first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn support_requests_open(&self) -> Result<Vec<SupportRequest>> {
        all(fetch_all!(store self, Raw, SELECT_OPEN, LIST_LIMIT)?)
    }

    /// All requests, newest first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn support_requests_all(&self) -> Result<Vec<SupportRequest>> {
        all(fetch_all!(store self, Raw, SELECT_ALL, LIST_LIMIT)?)
    }

    /// Requests that were asked by `before` and wait for an answer, longest first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn support_requests_waiting(&self, before: UnixMillis) -> Result<Vec<SupportRequest>> {
        all(fetch_all!(store self, Raw, SELECT_ASKED_BEFORE, before.millis(), LIST_LIMIT)?)
    }

    /// The messages of a thread, oldest first, at most 200.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn support_messages(&self, number: RequestNumber) -> Result<Vec<SupportMessage>> {
        fetch_all!(store self, RawMessage, SELECT_MESSAGES, number.get(), LIST_LIMIT)?
            .into_iter()
            .map(|raw| raw.open(&self.safe))
            .collect()
    }
}

impl Tx {
    /// A request of anybody, as this transaction sees it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn support_request(&mut self, number: RequestNumber) -> Result<Option<SupportRequest>> {
        fetch_optional!(tx self, Raw, SELECT, number.get())?.map(SupportRequest::try_from).transpose()
    }

    /// Adds a request and gives its number.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when there is no such person.
    pub async fn support_request_insert(&mut self, it: &NewRequest) -> Result<RequestNumber> {
        let (number,) = fetch_one!(
            tx self, (i64,), INSERT,
            it.person_id.to_string(),
            it.kind.as_str(),
            it.asked_at.millis(),
            it.due_at.millis(),
        )?;
        Ok(RequestNumber::new(number))
    }

    /// Writes where a request stands; false when its state is not `before` any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn support_request_update(&mut self, it: &SupportRequest, before: RequestState) -> Result<bool> {
        let changed = execute!(
            tx self, UPDATE,
            it.number.get(),
            before.as_str(),
            it.state.as_str(),
            it.asked_at.millis(),
            it.due_at.millis(),
            it.reminded,
            it.changed_at.millis(),
        )?;
        Ok(changed == 1)
    }

    /// How many requests of a person wait for an answer.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn support_count_open(&mut self, person: UserId) -> Result<i64> {
        let (count,) = fetch_one!(tx self, (i64,), COUNT_OPEN, person.to_string())?;
        Ok(count)
    }

    /// How many messages a person wrote after `since`.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn support_count_written(&mut self, person: UserId, since: UnixMillis) -> Result<i64> {
        let (count,) = fetch_one!(tx self, (i64,), COUNT_WRITTEN, person.to_string(), since.millis())?;
        Ok(count)
    }

    /// How long a thread is.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn support_count_thread(&mut self, number: RequestNumber) -> Result<i64> {
        let (count,) = fetch_one!(tx self, (i64,), COUNT_THREAD, number.get())?;
        Ok(count)
    }

    /// Adds a message to a thread.
    ///
    /// # Errors
    /// [`StoreError::Constraint`] when there is no such request.
    pub async fn support_message_insert(&mut self, number: RequestNumber, it: &SupportMessage) -> Result<()> {
        let (seq, person) =
            fetch_one!(tx self, (i64, String), INSERT_MESSAGE, number.get(), it.author.as_str(), it.at.millis())?;
        let id = seq.to_string();
        let words = self.row_of(Owner::person(&person), MESSAGE, &id).await?.write("words", &it.words)?;
        execute!(tx self, SET_WORDS, seq, &words)?;
        Ok(())
    }
}
