//! TikTok accounts connected to a workspace. Owns their row without secrets; tokens are in [`crate::token`].

use domain::connection::{ConnectionState, Flavour, Scopes};
use domain::creator::CreatorStanding;
use domain::id::{ConnectionId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

const TABLE: Table = Table("connection");

/// Most connections of a workspace that are listed.
const LIST_LIMIT: i64 = 1_000;

/// A connected account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// Our id.
    pub id: ConnectionId,
    /// The workspace it belongs to.
    pub workspace_id: WorkspaceId,
    /// TikTok's id of the account, for our app only.
    pub open_id: String,
    /// Name as TikTok tells it.
    pub display_name: String,
    /// Handle without the at sign, once creator info told it.
    pub username: Option<String>,
    /// Its colour.
    pub flavour: Flavour,
    /// What was granted.
    pub scopes: Scopes,
    /// What is left of the grant.
    pub state: ConnectionState,
    /// The last answer of creator info.
    pub creator: Option<CreatorStanding>,
    /// When that answer came.
    pub creator_at: Option<UnixMillis>,
    /// When the present grant was connected.
    pub connected_at: UnixMillis,
    /// When the person agreed on TikTok's page.
    pub consented_at: UnixMillis,
    /// Last change of this row.
    pub updated_at: UnixMillis,
    /// SHA-256 of its picture, when there is one; read here, written with [`Tx::avatar_put`].
    pub avatar_sha256: Option<String>,
}

macro_rules! columns {
    () => {
        "id, workspace_id, open_id, display_name, username, flavour, scopes, state, creator, creator_at, connected_at, \
         consented_at, updated_at"
    };
}

// What is read of a connection: its columns and the mark of its picture.
macro_rules! all_of_it {
    () => {
        concat!(
            columns!(),
            ", (SELECT avatar.sha256 FROM avatar WHERE avatar.connection_id = connection.id) AS avatar_sha256"
        )
    };
}

const UPSERT: &str = concat!(
    "
INSERT INTO connection (",
    columns!(),
    ")
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
ON CONFLICT (workspace_id, open_id) DO UPDATE SET
  display_name = excluded.display_name,
  username = COALESCE(excluded.username, connection.username),
  scopes = excluded.scopes,
  state = excluded.state,
  creator = COALESCE(excluded.creator, connection.creator),
  creator_at = COALESCE(excluded.creator_at, connection.creator_at),
  connected_at = excluded.connected_at,
  consented_at = excluded.consented_at,
  updated_at = excluded.updated_at,
  taken_in = 0
RETURNING ",
    all_of_it!()
);
const SELECT_OF_WORKSPACE: &str = concat!(
    "SELECT ",
    all_of_it!(),
    " FROM connection WHERE workspace_id = $1 AND open_id NOT LIKE 'erasing:%' ORDER BY connected_at, id LIMIT $2"
);
// What is being erased is not there any more for those who ask by workspace.
const SELECT: &str = concat!(
    "SELECT ",
    all_of_it!(),
    " FROM connection WHERE workspace_id = $1 AND id = $2 AND open_id NOT LIKE 'erasing:%'"
);
const SELECT_ANY: &str = concat!("SELECT ", all_of_it!(), " FROM connection WHERE id = $1");
const SELECT_BY_OPEN_ID: &str =
    concat!("SELECT ", all_of_it!(), " FROM connection WHERE open_id = $1 ORDER BY id LIMIT $2");
const SELECT_AFTER: &str = concat!(
    "SELECT ",
    all_of_it!(),
    " FROM connection WHERE id > $1 AND open_id NOT LIKE 'erasing:%' ORDER BY id LIMIT $2"
);
const SELECT_ENDED: &str = concat!(
    "SELECT ",
    all_of_it!(),
    " FROM connection WHERE state <> 'active' AND NOT (state = 'reconnect_needed' AND taken_in = 1) AND open_id NOT LIKE 'erasing:%' AND NOT EXISTS (
  SELECT 1 FROM erasure WHERE erasure.unit = 'connection' AND erasure.subject_id = connection.id
    AND erasure.state IN ('waiting', 'running', 'held')) ORDER BY id LIMIT $1"
);
const FIND: &str = "
SELECT connection.id, connection.display_name, connection.username, connection.state, member.user_id
FROM connection
JOIN member ON member.workspace_id = connection.workspace_id
WHERE (LOWER(connection.display_name) LIKE $1 OR LOWER(COALESCE(connection.username, '')) LIKE $1)
  AND connection.open_id NOT LIKE 'erasing:%'
ORDER BY connection.id, member.user_id
LIMIT $2";
const SET_STATE: &str = "UPDATE connection SET state = $2, updated_at = $3 WHERE id = $1";
const SET_CREATOR: &str = "UPDATE connection SET creator = $2, creator_at = $3, updated_at = $3 WHERE id = $1";
const SET_PROFILE: &str = "
UPDATE connection
SET display_name = $2, username = COALESCE($3, username), updated_at = $4
WHERE id = $1";

pub(crate) const STATEMENTS: &[Statement] = statements![
    UPSERT,
    SELECT_OF_WORKSPACE,
    SELECT,
    SELECT_ANY,
    SELECT_BY_OPEN_ID,
    SELECT_AFTER,
    SELECT_ENDED,
    FIND,
    SET_STATE,
    SET_CREATOR,
    SET_PROFILE,
];

/// A connection as the operator finds it, with a person of its workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundConnection {
    /// The connection.
    pub id: ConnectionId,
    /// Name at TikTok.
    pub display_name: String,
    /// Handle, when known.
    pub username: Option<String>,
    /// What is left of the grant.
    pub state: ConnectionState,
    /// A member of its workspace.
    pub person: domain::id::UserId,
}

#[derive(sqlx::FromRow)]
struct Raw {
    id: String,
    workspace_id: String,
    open_id: String,
    display_name: String,
    username: Option<String>,
    flavour: String,
    scopes: String,
    state: String,
    creator: Option<String>,
    creator_at: Option<i64>,
    connected_at: i64,
    consented_at: i64,
    updated_at: i64,
    avatar_sha256: Option<String>,
}

impl TryFrom<Raw> for Connection {
    type Error = StoreError;

    fn try_from(raw: Raw) -> Result<Self> {
        Ok(Self {
            id: TABLE.parse("id", &raw.id)?,
            workspace_id: TABLE.parse("workspace_id", &raw.workspace_id)?,
            open_id: raw.open_id,
            display_name: raw.display_name,
            username: raw.username,
            flavour: TABLE.word("flavour", &raw.flavour, Flavour::parse)?,
            scopes: Scopes::parse(&raw.scopes),
            state: TABLE.word("state", &raw.state, ConnectionState::parse)?,
            creator: TABLE.json_opt("creator", raw.creator.as_deref())?,
            creator_at: instant_opt(raw.creator_at),
            connected_at: instant(raw.connected_at),
            consented_at: instant(raw.consented_at),
            updated_at: instant(raw.updated_at),
            avatar_sha256: raw.avatar_sha256,
        })
    }
}

fn all(rows: Vec<Raw>) -> Result<Vec<Connection>> {
    rows.into_iter().map(Connection::try_from).collect()
}

impl Store {
    /// The connections of a workspace, oldest grant first, at most 1000.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connections(&self, workspace: WorkspaceId) -> Result<Vec<Connection>> {
        all(fetch_all!(store self, Raw, SELECT_OF_WORKSPACE, workspace.to_string(), LIST_LIMIT)?)
    }

    /// A connection of this workspace.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connection(&self, workspace: WorkspaceId, id: ConnectionId) -> Result<Option<Connection>> {
        fetch_optional!(store self, Raw, SELECT, workspace.to_string(), id.to_string())?
            .map(Connection::try_from)
            .transpose()
    }

    /// A connection of any workspace: for the engine, which acts for nobody in particular.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connection_any(&self, id: ConnectionId) -> Result<Option<Connection>> {
        fetch_optional!(store self, Raw, SELECT_ANY, id.to_string())?.map(Connection::try_from).transpose()
    }

    /// Connections of all workspaces in the order of their ids, to compare each with what was erased.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connections_after(&self, after: &str, limit: u32) -> Result<Vec<Connection>> {
        all(fetch_all!(store self, Raw, SELECT_AFTER, after, i64::from(limit))?)
    }

    /// Connections without a grant whose erasure nobody has put on the calendar.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connections_ended(&self, limit: u32) -> Result<Vec<Connection>> {
        all(fetch_all!(store self, Raw, SELECT_ENDED, i64::from(limit))?)
    }

    /// Connections whose handle or name contains a text, whatever its case, at most 1000. For the operator.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connections_find(&self, text: &str) -> Result<Vec<FoundConnection>> {
        type Row = (String, String, Option<String>, String, String);
        // What a person types is no pattern.
        let plain: String = text.to_lowercase().chars().filter(|c| !matches!(c, '%' | '_' | '\\')).collect();
        let rows = fetch_all!(store self, Row, FIND, format!("%{plain}%"), LIST_LIMIT)?;
        rows.into_iter()
            .map(|(id, display_name, username, state, person)| {
                Ok(FoundConnection {
                    id: TABLE.parse("id", &id)?,
                    display_name,
                    username,
                    state: TABLE.word("state", &state, ConnectionState::parse)?,
                    person: Table("member").parse("user_id", &person)?,
                })
            })
            .collect()
    }

    /// The connections of one TikTok account in all workspaces, at most 1000.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connections_by_open_id(&self, open_id: &str) -> Result<Vec<Connection>> {
        all(fetch_all!(store self, Raw, SELECT_BY_OPEN_ID, open_id, LIST_LIMIT)?)
    }
}

impl Tx {
    /// The connections of a workspace, as this transaction sees them.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connections(&mut self, workspace: WorkspaceId) -> Result<Vec<Connection>> {
        all(fetch_all!(tx self, Raw, SELECT_OF_WORKSPACE, workspace.to_string(), LIST_LIMIT)?)
    }

    /// A connection of this workspace, as this transaction sees it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connection(&mut self, workspace: WorkspaceId, id: ConnectionId) -> Result<Option<Connection>> {
        fetch_optional!(tx self, Raw, SELECT, workspace.to_string(), id.to_string())?
            .map(Connection::try_from)
            .transpose()
    }

    /// A connection of any workspace, as this transaction sees it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connection_any(&mut self, id: ConnectionId) -> Result<Option<Connection>> {
        fetch_optional!(tx self, Raw, SELECT_ANY, id.to_string())?.map(Connection::try_from).transpose()
    }

    /// Adds the connection, or renews the one of this account in this workspace, which keeps its id and flavour and what creator
    /// info told before unless something newer comes along. Gives the row as it is now.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connection_upsert(&mut self, it: &Connection) -> Result<Connection> {
        let creator = TABLE.to_json_opt("creator", it.creator.as_ref())?;
        fetch_one!(
            tx self, Raw, UPSERT,
            it.id.to_string(),
            it.workspace_id.to_string(),
            &it.open_id,
            &it.display_name,
            it.username.as_deref(),
            it.flavour.as_str(),
            it.scopes.to_string(),
            it.state.as_str(),
            creator.as_deref(),
            it.creator_at.map(UnixMillis::millis),
            it.connected_at.millis(),
            it.consented_at.millis(),
            it.updated_at.millis(),
        )?
        .try_into()
    }

    /// Sets what is left of the grant; false when there is no such connection.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connection_set_state(
        &mut self,
        id: ConnectionId,
        state: ConnectionState,
        now: UnixMillis,
    ) -> Result<bool> {
        Ok(execute!(tx self, SET_STATE, id.to_string(), state.as_str(), now.millis())? == 1)
    }

    /// Keeps an answer of creator info; false when there is no such connection.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connection_set_creator(
        &mut self,
        id: ConnectionId,
        standing: &CreatorStanding,
        now: UnixMillis,
    ) -> Result<bool> {
        let standing = TABLE.to_json("creator", standing)?;
        Ok(execute!(tx self, SET_CREATOR, id.to_string(), standing.as_str(), now.millis())? == 1)
    }

    /// Refreshes name and handle (a missing handle keeps the known one); false when there is no such connection.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn connection_set_profile(
        &mut self,
        id: ConnectionId,
        display_name: &str,
        username: Option<&str>,
        now: UnixMillis,
    ) -> Result<bool> {
        Ok(execute!(tx self, SET_PROFILE, id.to_string(), display_name, username, now.millis())? == 1)
    }
}
