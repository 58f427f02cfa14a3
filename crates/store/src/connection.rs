//! TikTok accounts connected to a workspace. Owns their row without secrets; tokens are in [`crate::token`].

use domain::connection::{ConnectionState, Flavour, Scopes};
use domain::creator::CreatorStanding;
use domain::id::{ConnectionId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("connection");
/// The sealed columns.
const NAME: &str = "display_name";
const HANDLE: &str = "username";
const CREATOR: &str = "creator";
/// Rows of a portion where all connections are looked through.
const WALK_ROWS: i64 = 500;

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

// What is read of a connection: its columns, the mark of its picture, and the key that its profile is sealed under.
macro_rules! all_of_it {
    () => {
        concat!(
            columns!(),
            ", (SELECT avatar.sha256 FROM avatar WHERE avatar.connection_id = connection.id) AS avatar_sha256, ",
            connection_key!("connection.id")
        )
    };
}

const UPSERT: &str = concat!(
    "
INSERT INTO connection (",
    columns!(),
    ")
VALUES ($1, $2, $3, '', CAST(NULL AS TEXT), $4, $5, $6, CAST(NULL AS TEXT), $7, $8, $9, $10)
ON CONFLICT (workspace_id, open_id) DO UPDATE SET
  scopes = excluded.scopes,
  state = excluded.state,
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
// Names are sealed, so the database cannot look for them.
const WALK: &str = concat!(
    "
SELECT connection.id, member.user_id, connection.state, connection.display_name, connection.username, ",
    connection_key!("connection.id"),
    "
FROM connection
JOIN member ON member.workspace_id = connection.workspace_id
WHERE connection.id > $1 AND connection.open_id NOT LIKE 'erasing:%'
ORDER BY connection.id, member.user_id
LIMIT $2"
);
const SET_STATE: &str = "UPDATE connection SET state = $2, updated_at = $3 WHERE id = $1";
const SET_SEALED: &str = "
UPDATE connection
SET display_name = $2, username = COALESCE($3, username), creator = COALESCE($4, creator)
WHERE id = $1";
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
    WALK,
    SET_SEALED,
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

row! {
    struct Walked {
        id: String,
        user_id: String,
        state: String,
        display_name: String,
        username: Option<String>,
        wrapped: Option<Vec<u8>>,
    }
}

impl Walked {
    fn open(self, safe: &Safe) -> Result<FoundConnection> {
        let row = safe.shown_row(Owner::connection(&self.id), self.wrapped.as_deref(), TABLE, &self.id)?;
        Ok(FoundConnection {
            display_name: row.shown(NAME, self.display_name),
            username: row.shown_opt(HANDLE, self.username),
            state: TABLE.word("state", &self.state, ConnectionState::parse)?,
            person: Table("member").parse("user_id", &self.user_id)?,
            id: TABLE.parse("id", &self.id)?,
        })
    }
}

row! {
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
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Connection> {
        let raw = self;
        let row = safe.shown_row(Owner::connection(&raw.id), raw.wrapped.as_deref(), TABLE, &raw.id)?;
        let creator = row.shown_opt(CREATOR, raw.creator);
        Ok(Connection {
            display_name: row.shown(NAME, raw.display_name),
            username: row.shown_opt(HANDLE, raw.username),
            creator: TABLE.json_opt(CREATOR, creator.as_deref())?,
            id: TABLE.parse("id", &raw.id)?,
            workspace_id: TABLE.parse("workspace_id", &raw.workspace_id)?,
            open_id: raw.open_id,
            flavour: TABLE.word("flavour", &raw.flavour, Flavour::parse)?,
            scopes: Scopes::parse(&raw.scopes),
            state: TABLE.word("state", &raw.state, ConnectionState::parse)?,
            creator_at: instant_opt(raw.creator_at),
            connected_at: instant(raw.connected_at),
            consented_at: instant(raw.consented_at),
            updated_at: instant(raw.updated_at),
            avatar_sha256: raw.avatar_sha256,
        })
    }
}

fn all(rows: Vec<Raw>, safe: &Safe) -> Result<Vec<Connection>> {
    rows.into_iter().map(|raw| raw.open(safe)).collect()
}

impl Store {
    /// The connections of a workspace, oldest grant first, at most 1000.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connections(&self, workspace: WorkspaceId) -> Result<Vec<Connection>> {
        all(fetch_all!(store self, Raw, SELECT_OF_WORKSPACE, workspace.to_string(), LIST_LIMIT)?, &self.safe)
    }

    /// A connection of this workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connection(&self, workspace: WorkspaceId, id: ConnectionId) -> Result<Option<Connection>> {
        fetch_optional!(store self, Raw, SELECT, workspace.to_string(), id.to_string())?
            .map(|raw| raw.open(&self.safe))
            .transpose()
    }

    /// A connection of any workspace: for the engine, which acts for nobody in particular.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connection_any(&self, id: ConnectionId) -> Result<Option<Connection>> {
        fetch_optional!(store self, Raw, SELECT_ANY, id.to_string())?.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// Connections of all workspaces in the order of their ids, to compare each with what was erased.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connections_after(&self, after: &str, limit: u32) -> Result<Vec<Connection>> {
        all(fetch_all!(store self, Raw, SELECT_AFTER, after, i64::from(limit))?, &self.safe)
    }

    /// Connections without a grant whose erasure nobody has put on the calendar.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connections_ended(&self, limit: u32) -> Result<Vec<Connection>> {
        all(fetch_all!(store self, Raw, SELECT_ENDED, i64::from(limit))?, &self.safe)
    }

    /// Connections whose handle or name contains a text, whatever its case, at most 1000. For the operator.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connections_find(&self, text: &str) -> Result<Vec<FoundConnection>> {
        let wanted = text.to_lowercase();
        let fits = |name: &str| name.to_lowercase().contains(&wanted);
        let (mut found, mut after) = (Vec::new(), String::new());
        loop {
            let rows = fetch_all!(store self, Walked, WALK, &after, WALK_ROWS)?;
            // The last one may have more members than came along; it is looked at again from its first.
            let full = i64::try_from(rows.len()).is_ok_and(|count| count >= WALK_ROWS);
            let cut = rows.last().filter(|last| full && rows.iter().any(|it| it.id != last.id)).map(|it| it.id.clone());
            for walked in rows {
                if cut.as_ref() == Some(&walked.id) {
                    break;
                }
                walked.id.clone_into(&mut after);
                let it = walked.open(&self.safe)?;
                if fits(&it.display_name) || it.username.as_deref().is_some_and(&fits) {
                    found.push(it);
                }
                if i64::try_from(found.len()).is_ok_and(|count| count >= LIST_LIMIT) {
                    return Ok(found);
                }
            }
            if !full {
                return Ok(found);
            }
        }
    }

    /// The connections of one TikTok account in all workspaces, at most 1000.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connections_by_open_id(&self, open_id: &str) -> Result<Vec<Connection>> {
        all(fetch_all!(store self, Raw, SELECT_BY_OPEN_ID, open_id, LIST_LIMIT)?, &self.safe)
    }
}

impl Tx {
    /// The connections of a workspace, as this transaction sees them.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connections(&mut self, workspace: WorkspaceId) -> Result<Vec<Connection>> {
        all(fetch_all!(tx self, Raw, SELECT_OF_WORKSPACE, workspace.to_string(), LIST_LIMIT)?, &self.safe)
    }

    /// A connection of this workspace, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connection(&mut self, workspace: WorkspaceId, id: ConnectionId) -> Result<Option<Connection>> {
        fetch_optional!(tx self, Raw, SELECT, workspace.to_string(), id.to_string())?
            .map(|raw| raw.open(&self.safe))
            .transpose()
    }

    /// A connection of any workspace, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connection_any(&mut self, id: ConnectionId) -> Result<Option<Connection>> {
        fetch_optional!(tx self, Raw, SELECT_ANY, id.to_string())?.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// Adds the connection, or renews the one of this account in this workspace, which keeps its id and flavour and what creator
    /// info told before unless something newer comes along. Gives the row as it is now.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connection_upsert(&mut self, it: &Connection) -> Result<Connection> {
        let creator = TABLE.to_json_opt(CREATOR, it.creator.as_ref())?;
        let raw = fetch_one!(
            tx self, Raw, UPSERT,
            it.id.to_string(),
            it.workspace_id.to_string(),
            &it.open_id,
            it.flavour.as_str(),
            it.scopes.to_string(),
            it.state.as_str(),
            it.creator_at.map(UnixMillis::millis),
            it.connected_at.millis(),
            it.consented_at.millis(),
            it.updated_at.millis(),
        )?;
        // Which key seals the profile is known only now: the row may have been there before, under an id of its own.
        let id = raw.id;
        let row = self.row_of_new(Owner::connection(&id), TABLE, &id).await?;
        let (name, handle) = (row.write(NAME, &it.display_name)?, row.write_opt(HANDLE, it.username.as_deref())?);
        let creator = row.write_opt(CREATOR, creator.as_deref())?;
        execute!(tx self, SET_SEALED, &id, &name, handle.as_deref(), creator.as_deref())?;
        fetch_one!(tx self, Raw, SELECT_ANY, &id)?.open(&self.safe)
    }

    /// Sets what is left of the grant; false when there is no such connection.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
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
    /// See [`crate::StoreError`].
    pub async fn connection_set_creator(
        &mut self,
        id: ConnectionId,
        standing: &CreatorStanding,
        now: UnixMillis,
    ) -> Result<bool> {
        let (id, standing) = (id.to_string(), TABLE.to_json(CREATOR, standing)?);
        let row = self.row_of(Owner::connection(&id), TABLE, &id).await?;
        let standing = row.write_opt(CREATOR, Some(&standing))?;
        Ok(execute!(tx self, SET_CREATOR, &id, standing.as_deref(), now.millis())? == 1)
    }

    /// Refreshes name and handle (a missing handle keeps the known one); false when there is no such connection.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn connection_set_profile(
        &mut self,
        id: ConnectionId,
        display_name: &str,
        username: Option<&str>,
        now: UnixMillis,
    ) -> Result<bool> {
        let id = id.to_string();
        let row = self.row_of(Owner::connection(&id), TABLE, &id).await?;
        let (name, handle) = (row.write(NAME, display_name)?, row.write_opt(HANDLE, username)?);
        Ok(execute!(tx self, SET_PROFILE, &id, &name, handle.as_deref(), now.millis())? == 1)
    }
}
