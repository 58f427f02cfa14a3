//! Links by which reports are read without signing in, and whose turn it is to be told of a report. Owns both tables; what a report shows and when
//! somebody is told is decided elsewhere.
//!
//! The word of a link is nowhere here, only its hash. A link that is taken back has no row.

use domain::id::{ConnectionId, MediaId, ReportLinkId, UserId, WorkspaceId};
use domain::report::{Week, Wish};
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const LINK: Table = Table("report_link");
const TURN: Table = Table("report_turn");
/// Links that are read at once; fewer hold, the others passed within some weeks.
const LIST_MAX: i64 = 1_000;

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportLink {
    /// Which.
    pub id: ReportLinkId,
    /// Whose reports.
    pub workspace_id: WorkspaceId,
    /// Who made it; what it is called is sealed under their key.
    pub person_id: UserId,
    /// What it is called; empty when it has no name, or it could not be opened.
    pub name: String,
    /// Only of this account.
    pub connection_id: Option<ConnectionId>,
    /// Of this week; `None` for whichever was over last.
    pub week: Option<Week>,
    /// When it was made.
    pub created_at: UnixMillis,
    /// From when on it opens nothing.
    pub expires_at: UnixMillis,
    /// How often it was opened.
    pub opens: i64,
    /// When it was opened last.
    pub opened_at: Option<UnixMillis>,
}

/// Whose turn it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportTurn {
    /// In which workspace.
    pub workspace_id: WorkspaceId,
    /// Who.
    pub person_id: UserId,
    /// How they are told.
    pub wish: Wish,
    /// When it is their turn; the epoch while nobody has looked at their clock yet.
    pub next_at: UnixMillis,
    /// Of which week they were told last, or which was over when they began.
    pub told: Option<Week>,
}

macro_rules! links {
    ($rest:literal) => {
        concat!(
            "SELECT report_link.id, report_link.workspace_id, report_link.person_id, report_link.name, report_link.connection_id, report_link.week,
  report_link.created_at, report_link.expires_at, report_link.opens, report_link.opened_at, ",
            person_key!("report_link.person_id"),
            "\nFROM report_link\n",
            $rest
        )
    };
}
const LIST: &str = links!("WHERE report_link.workspace_id = $1\nORDER BY report_link.id DESC\nLIMIT $2");
const BY_HASH: &str = links!("WHERE report_link.token_hash = $1 AND report_link.expires_at > $2");
const AFTER: &str = "
SELECT id, workspace_id, created_at
FROM report_link
WHERE id > $1
ORDER BY id
LIMIT $2";
const COUNT: &str = "SELECT COUNT(*) FROM report_link WHERE workspace_id = $1 AND expires_at > $2";
const PUT: &str = "
INSERT INTO report_link (id, workspace_id, person_id, token_hash, name, connection_id, week, created_at, expires_at, opens, opened_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, NULL)";
const DELETE: &str =
    "DELETE FROM report_link WHERE id = $1 AND workspace_id = $2 RETURNING id, workspace_id, person_id, connection_id";
const ENDING: &str =
    "DELETE FROM report_link WHERE person_id = $1 RETURNING id, workspace_id, person_id, connection_id";
const ENDING_OF_CONNECTION: &str =
    "DELETE FROM report_link WHERE connection_id = $1 RETURNING id, workspace_id, person_id, connection_id";
const OPENED: &str = "UPDATE report_link SET opens = opens + 1, opened_at = $2 WHERE id = $1";
const PURGE: &str = "
DELETE FROM report_link
WHERE id IN (SELECT id FROM report_link WHERE expires_at < $1 ORDER BY expires_at LIMIT $2)";
// A picture is shown where a post of the report has it: one that went out in its week, or is planned for the week after.
const SHOWS: &str = "
SELECT DISTINCT connection_id
FROM post
WHERE workspace_id = $1
  AND media_id = $2
  AND ((state IN ('published', 'in_inbox') AND COALESCE(published_at, updated_at) >= $3 AND COALESCE(published_at, updated_at) < $4)
    OR (state IN ('scheduled', 'publishing') AND due_at >= $4 AND due_at < $5))
ORDER BY connection_id";

// Whoever lets numbers be read is told unless they say otherwise.
const NEW: &str = "
SELECT DISTINCT member.workspace_id, member.user_id
FROM metric_consent
JOIN connection ON connection.id = metric_consent.connection_id
JOIN member ON member.workspace_id = connection.workspace_id
WHERE NOT EXISTS (
  SELECT 1 FROM report_turn WHERE report_turn.workspace_id = member.workspace_id AND report_turn.person_id = member.user_id)
ORDER BY member.workspace_id, member.user_id
LIMIT $1";
const BEGIN: &str = "
INSERT INTO report_turn (workspace_id, person_id, wish, next_at, told)
VALUES ($1, $2, 'news', 0, '')
ON CONFLICT (workspace_id, person_id) DO NOTHING";
// Whoever switches it on again is told of the next week that ends.
const CHOOSE: &str = "
INSERT INTO report_turn (workspace_id, person_id, wish, next_at, told)
VALUES ($1, $2, $3, 0, '')
ON CONFLICT (workspace_id, person_id) DO UPDATE SET
  told = CASE WHEN report_turn.wish = 'off' THEN '' ELSE report_turn.told END,
  next_at = 0,
  wish = excluded.wish";
const WISH: &str = "SELECT wish FROM report_turn WHERE workspace_id = $1 AND person_id = $2";
const HAS_NUMBERS: &str = "
SELECT COUNT(*)
FROM metric_consent
JOIN connection ON connection.id = metric_consent.connection_id
WHERE connection.workspace_id = $1";
const LOOK_AGAIN: &str = "UPDATE report_turn SET next_at = 0 WHERE person_id = $1";
const SELECT_DUE: &str = "
SELECT workspace_id, person_id, wish, next_at, told
FROM report_turn
WHERE wish <> 'off' AND next_at <= $1
ORDER BY next_at, workspace_id, person_id
LIMIT $2";
const NEXT: &str = "SELECT MIN(next_at) FROM report_turn WHERE wish <> 'off'";
// Of two processes that found the same turn, the second one changes nothing.
const MOVE: &str = "
UPDATE report_turn
SET next_at = $5, told = $6
WHERE workspace_id = $1 AND person_id = $2 AND next_at = $3 AND told = $4 AND wish <> 'off'";

pub(crate) const STATEMENTS: &[Statement] = statements![
    LIST,
    BY_HASH,
    AFTER,
    COUNT,
    PUT,
    DELETE,
    ENDING,
    ENDING_OF_CONNECTION,
    OPENED,
    PURGE,
    SHOWS,
    NEW,
    BEGIN,
    CHOOSE,
    WISH,
    HAS_NUMBERS,
    LOOK_AGAIN,
    SELECT_DUE,
    NEXT,
    MOVE,
];

row! {
    struct Raw {
        id: String,
        workspace_id: String,
        person_id: String,
        name: String,
        connection_id: Option<String>,
        week: Option<String>,
        created_at: i64,
        expires_at: i64,
        opens: i64,
        opened_at: Option<i64>,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<ReportLink> {
        let row = safe.shown_row(Owner::person(&self.person_id), self.wrapped.as_deref(), LINK, &self.id)?;
        let name = row.shown("name", self.name);
        Ok(ReportLink {
            id: LINK.parse("id", &self.id)?,
            workspace_id: LINK.parse("workspace_id", &self.workspace_id)?,
            person_id: LINK.parse("person_id", &self.person_id)?,
            name,
            connection_id: self.connection_id.map(|id| LINK.parse("connection_id", &id)).transpose()?,
            week: self.week.map(|week| LINK.parse("week", &week)).transpose()?,
            created_at: instant(self.created_at),
            expires_at: instant(self.expires_at),
            opens: self.opens,
            opened_at: instant_opt(self.opened_at),
        })
    }
}

row! {
    struct RawTurn {
        workspace_id: String,
        person_id: String,
        wish: String,
        next_at: i64,
        told: String,
    }
}

impl RawTurn {
    fn read(&self) -> Result<ReportTurn> {
        let told = (!self.told.is_empty()).then(|| TURN.parse("told", &self.told)).transpose()?;
        Ok(ReportTurn {
            workspace_id: TURN.parse("workspace_id", &self.workspace_id)?,
            person_id: TURN.parse("person_id", &self.person_id)?,
            wish: TURN.word("wish", &self.wish, Wish::parse)?,
            next_at: instant(self.next_at),
            told,
        })
    }
}

/// A link that was ended just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EndedLink {
    /// Which.
    pub id: ReportLinkId,
    /// Of which workspace.
    pub workspace_id: WorkspaceId,
    /// Who made it.
    pub person_id: UserId,
    /// The account that it was about alone.
    pub connection_id: Option<ConnectionId>,
}

type RawEnded = (String, String, String, Option<String>);

fn ended((id, of, who, about): RawEnded) -> Result<EndedLink> {
    Ok(EndedLink {
        id: LINK.parse("id", &id)?,
        workspace_id: LINK.parse("workspace_id", &of)?,
        person_id: LINK.parse("person_id", &who)?,
        connection_id: LINK.parse_opt("connection_id", about.as_deref())?,
    })
}

impl Store {
    /// The links of a workspace, newest first, those whose day has passed among them.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_links(&self, workspace: WorkspaceId) -> Result<Vec<ReportLink>> {
        let rows = fetch_all!(store self, Raw, LIST, workspace.to_string(), LIST_MAX)?;
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }

    /// The link of a word with this hash, while it holds.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_link_by_hash(&self, hash: &str, now: UnixMillis) -> Result<Option<ReportLink>> {
        let row = fetch_optional!(store self, Raw, BY_HASH, hash, now.millis())?;
        row.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// Links in the order of their ids after one of them: id, workspace, and when each was made.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_links_after(
        &self,
        after: &str,
        limit: u32,
    ) -> Result<Vec<(ReportLinkId, WorkspaceId, UnixMillis)>> {
        let rows = fetch_all!(store self, (String, String, i64), AFTER, after, i64::from(limit))?;
        rows.into_iter()
            .map(|(id, of, at)| Ok((LINK.parse("id", &id)?, LINK.parse("workspace_id", &of)?, instant(at))))
            .collect()
    }

    /// The accounts of whose posts a report shows a picture: those that went out in its week, or are planned between its end and `until`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_shows(
        &self,
        workspace: WorkspaceId,
        media: MediaId,
        (begin, end): (UnixMillis, UnixMillis),
        until: UnixMillis,
    ) -> Result<Vec<ConnectionId>> {
        let (workspace, media) = (workspace.to_string(), media.to_string());
        let rows = fetch_all!(
            store self, (String,), SHOWS, &workspace, &media, begin.millis(), end.millis(), until.millis()
        )?;
        rows.into_iter().map(|(id,)| Table("post").parse("connection_id", &id)).collect()
    }

    /// How a person is told of reports, when they or their numbers have said.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_wish(&self, workspace: WorkspaceId, person: UserId) -> Result<Option<Wish>> {
        let row = fetch_optional!(store self, (String,), WISH, workspace.to_string(), person.to_string())?;
        row.map(|(wish,)| TURN.word("wish", &wish, Wish::parse)).transpose()
    }

    /// Whether numbers are read of any account of a workspace.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_has_numbers(&self, workspace: WorkspaceId) -> Result<bool> {
        let (many,) = fetch_one!(store self, (i64,), HAS_NUMBERS, workspace.to_string())?;
        Ok(many > 0)
    }

    /// People of whom numbers are read and who have no turn yet.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_turns_new(&self, limit: u32) -> Result<Vec<(WorkspaceId, UserId)>> {
        let rows = fetch_all!(store self, (String, String), NEW, i64::from(limit))?;
        rows.into_iter()
            .map(|(of, who)| Ok((TURN.parse("workspace_id", &of)?, TURN.parse("person_id", &who)?)))
            .collect()
    }

    /// Whose turn it is.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_turns_due(&self, now: UnixMillis, limit: u32) -> Result<Vec<ReportTurn>> {
        let rows = fetch_all!(store self, RawTurn, SELECT_DUE, now.millis(), i64::from(limit))?;
        rows.iter().map(RawTurn::read).collect()
    }

    /// When the next turn is; `None` when nobody has one.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_turn_next(&self) -> Result<Option<UnixMillis>> {
        let (at,) = fetch_one!(store self, (Option<i64>,), NEXT)?;
        Ok(instant_opt(at))
    }
}

impl Tx {
    /// How many links of a workspace hold.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_link_count(&mut self, workspace: WorkspaceId, now: UnixMillis) -> Result<i64> {
        let (many,) = fetch_one!(tx self, (i64,), COUNT, workspace.to_string(), now.millis())?;
        Ok(many)
    }

    /// A new link, known by the hash of its word.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such workspace, person or account.
    pub async fn report_link_put(&mut self, it: &ReportLink, hash: &str) -> Result<()> {
        let (id, person) = (it.id.to_string(), it.person_id.to_string());
        let name = self.row_of(Owner::person(&person), LINK, &id).await?.write("name", &it.name)?;
        let (connection, week) = (it.connection_id.map(|id| id.to_string()), it.week.map(|week| week.to_string()));
        execute!(
            tx self, PUT, &id, it.workspace_id.to_string(), &person, hash, &name, connection, week, it.created_at.millis(),
            it.expires_at.millis()
        )?;
        Ok(())
    }

    /// Ends a link; `None` when the workspace has no such one.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_link_delete(&mut self, workspace: WorkspaceId, id: ReportLinkId) -> Result<Option<EndedLink>> {
        fetch_optional!(tx self, RawEnded, DELETE, id.to_string(), workspace.to_string())?.map(ended).transpose()
    }

    /// Ends all links of a person; gives which.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_links_end(&mut self, person: UserId) -> Result<Vec<EndedLink>> {
        fetch_all!(tx self, RawEnded, ENDING, person.to_string())?.into_iter().map(ended).collect()
    }

    /// Ends all links that are about one account only; gives which.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_links_end_of(&mut self, connection: ConnectionId) -> Result<Vec<EndedLink>> {
        fetch_all!(tx self, RawEnded, ENDING_OF_CONNECTION, connection.to_string())?.into_iter().map(ended).collect()
    }

    /// Counts that a link was opened; by whom is noted nowhere.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_link_opened(&mut self, id: ReportLinkId, at: UnixMillis) -> Result<()> {
        execute!(tx self, OPENED, id.to_string(), at.millis())?;
        Ok(())
    }

    /// Removes links that opened nothing any more before `before`; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_report_links(&mut self, before: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, PURGE, before.millis(), i64::from(limit))
    }

    /// Somebody is told of reports from now on, unless they have said how already.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_turn_begin(&mut self, workspace: WorkspaceId, person: UserId) -> Result<()> {
        execute!(tx self, BEGIN, workspace.to_string(), person.to_string())?;
        Ok(())
    }

    /// Somebody says how they are told.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_choose(&mut self, workspace: WorkspaceId, person: UserId, wish: Wish) -> Result<()> {
        execute!(tx self, CHOOSE, workspace.to_string(), person.to_string(), wish.as_str())?;
        Ok(())
    }

    /// The clock of a person changed: their turn is worked out anew.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_turn_again(&mut self, person: UserId) -> Result<()> {
        execute!(tx self, LOOK_AGAIN, person.to_string())?;
        Ok(())
    }

    /// A turn is over until then, told of that week; false when another process was quicker, or it was switched off.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn report_turn_move(&mut self, turn: &ReportTurn, next_at: UnixMillis, told: Week) -> Result<bool> {
        let before = turn.told.map(|week| week.to_string()).unwrap_or_default();
        let (workspace, person) = (turn.workspace_id.to_string(), turn.person_id.to_string());
        let moved = execute!(
            tx self, MOVE, &workspace, &person, turn.next_at.millis(), &before, next_at.millis(), told.to_string()
        )?;
        Ok(moved == 1)
    }
}
