//! Started walks through TikTok's consent page. Owns their single use; must not see the verifier in clear.

use domain::id::{ConnectionId, UserId, WorkspaceId};
use domain::privacy::purposes::Reading;
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("sign_in");

/// Why a person was sent to TikTok.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignInPurpose {
    /// To sign in, connecting the account at the same time.
    SignIn,
    /// To connect one more account.
    AddAccount,
    /// To renew the grant of a connection.
    Reconnect,
}

impl SignInPurpose {
    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::AddAccount => "add_account",
            Self::Reconnect => "reconnect",
        }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::SignIn, Self::AddAccount, Self::Reconnect].into_iter().find(|purpose| purpose.as_str() == text)
    }
}

/// One started walk, bound to the browser that started it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignIn {
    /// SHA-256 of the `state` parameter.
    pub state_hash: String,
    /// SHA-256 of the browser's short-lived cookie.
    pub browser_hash: String,
    /// Why.
    pub purpose: SignInPurpose,
    /// Who, when already signed in.
    pub user_id: Option<UserId>,
    /// For which workspace, when already signed in.
    pub workspace_id: Option<WorkspaceId>,
    /// Which connection shall be renewed.
    pub connection_id: Option<ConnectionId>,
    /// What more that connection shall allow to read.
    pub reading: Option<Reading>,
    /// Nobody pressed for it: it follows another walk. What it does not bring is not taken back by anybody.
    pub by_itself: bool,
    /// The PKCE verifier, sealed.
    pub verifier_sealed: Option<Vec<u8>>,
    /// Where to go afterwards, a path of ours.
    pub next_path: String,
    /// Language of the page it started on.
    pub locale: String,
    /// Start.
    pub created_at: UnixMillis,
    /// From then on it counts for nothing.
    pub expires_at: UnixMillis,
}

macro_rules! columns {
    () => {
        "state_hash, browser_hash, purpose, user_id, workspace_id, connection_id, verifier_sealed, next_path, locale, \
         created_at, expires_at, reading, by_itself"
    };
}

const INSERT: &str =
    concat!("INSERT INTO sign_in (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)");
const TAKE: &str = concat!("DELETE FROM sign_in WHERE state_hash = $1 RETURNING ", columns!());

pub(crate) const STATEMENTS: &[Statement] = statements![INSERT, TAKE];

row! {
    struct Raw {
        state_hash: String,
        browser_hash: String,
        purpose: String,
        user_id: Option<String>,
        workspace_id: Option<String>,
        connection_id: Option<String>,
        verifier_sealed: Option<Vec<u8>>,
        next_path: String,
        locale: String,
        created_at: i64,
        expires_at: i64,
        reading: Option<String>,
        by_itself: i64,
    }
}

impl TryFrom<Raw> for SignIn {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            state_hash: raw.state_hash,
            browser_hash: raw.browser_hash,
            purpose: TABLE.word("purpose", &raw.purpose, SignInPurpose::parse)?,
            user_id: TABLE.parse_opt("user_id", raw.user_id.as_deref())?,
            workspace_id: TABLE.parse_opt("workspace_id", raw.workspace_id.as_deref())?,
            connection_id: TABLE.parse_opt("connection_id", raw.connection_id.as_deref())?,
            reading: raw.reading.map(|word| TABLE.word("reading", &word, Reading::parse)).transpose()?,
            by_itself: raw.by_itself == 1,
            verifier_sealed: raw.verifier_sealed,
            next_path: raw.next_path,
            locale: raw.locale,
            created_at: instant(raw.created_at),
            expires_at: instant(raw.expires_at),
        })
    }
}

impl Tx {
    /// Notes a started walk.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the state was used before.
    pub async fn sign_in_insert(&mut self, it: &SignIn) -> Result<()> {
        execute!(
            tx self, INSERT,
            &it.state_hash,
            &it.browser_hash,
            it.purpose.as_str(),
            it.user_id.map(|id| id.to_string()),
            it.workspace_id.map(|id| id.to_string()),
            it.connection_id.map(|id| id.to_string()),
            it.verifier_sealed.as_deref(),
            &it.next_path,
            &it.locale,
            it.created_at.millis(),
            it.expires_at.millis(),
            it.reading.map(Reading::as_str),
            i64::from(it.by_itself),
        )?;
        Ok(())
    }

    /// Takes the walk with this state out of the table, so that it can be used once; `None` when unknown, used or expired.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn sign_in_take(&mut self, state_hash: &str, now: UnixMillis) -> Result<Option<SignIn>> {
        let taken = fetch_optional!(tx self, Raw, TAKE, state_hash)?.map(SignIn::try_from).transpose()?;
        Ok(taken.filter(|it| it.expires_at > now))
    }
}
