//! Links by which whoever has one reads a report without signing in. Owns making, listing, ending and opening them; what a report says is composed
//! as for its own people, of the accounts that were connected when the link was made and still are.
//!
//! A link is a press of a person and holds for the days they chose; one press ends it, at once. Of its word only a hash is kept.

use domain::id::{ConnectionId, MediaId, ReportLinkId, SessionId, UserId};
use domain::name::display_name;
use domain::privacy::documents::Document;
use domain::privacy::purposes::{Act, Purpose};
use domain::report::{LINK_DAYS, LINK_LISTED_DAYS, LINKS_MAX, Week};
use domain::time::UnixMillis;
use secrecy::{ExposeSecret as _, SecretString};
use store::erase::ERASING;
use store::ledger::LedgerLine;
use store::report::{EndedLink, ReportLink};
use store::{Tombstone, Tx, wall};
use uuid::Uuid;

use super::{POSTS, Report, ReportQuery, gone, zone_of};
use crate::erasure::Said;
use crate::media::pictures::Picture;
use crate::random::secret_hash;
use crate::{Actor, App, Error, Result};

/// Characters of a word; a longer one is none.
const WORD_CHARS: usize = 43;
/// Rows removed, or looked at, in one go.
const PORTION: u32 = 500;
const DAY_MS: i64 = 86_400_000;
const NOT_THERE: Error = Error::NotFound { what: "report link" };

/// What somebody shares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Share {
    /// Of which week; `None` for whichever was over last.
    pub week: Option<Week>,
    /// Only of this account.
    pub connection: Option<ConnectionId>,
    /// What it is called, or nothing.
    pub name: String,
    /// For so many days, one of [`LINK_DAYS`].
    pub days: i64,
}

/// A report as whoever has a link reads it.
#[derive(Debug, Clone)]
pub struct Shared {
    /// By which link.
    pub link: ReportLink,
    /// The report.
    pub report: Report,
    /// Language of whoever made the link.
    pub locale: String,
    /// Their zone.
    pub time_zone: String,
}

impl App {
    /// The links of the actor's workspace, newest first, and for some weeks those whose day has passed.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn report_links(&self, actor: &Actor) -> Result<Vec<ReportLink>> {
        Ok(self.store.report_links(actor.workspace_id).await?)
    }

    /// Whoever has the word that this gives reads the report from now on, for the chosen days. The word is told only now.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an account that is foreign or disconnected; [`Error::BadInput`] `report-link-name`, `report-link-days`, and
    /// `report-link-week` for a week that is not over; [`Error::Limit`] `too-many-report-links`.
    pub async fn report_share(&self, actor: &Actor, share: &Share) -> Result<(ReportLink, SecretString)> {
        if let Some(id) = share.connection {
            let connection = self.connection(actor, id).await?;
            if gone(std::slice::from_ref(&connection)).contains(&id) {
                return Err(Error::NotFound { what: "connection" });
            }
        }
        let now = self.now();
        let name = match share.name.trim() {
            "" => String::new(),
            typed => display_name(typed).ok_or(Error::BadInput { code: "report-link-name" })?,
        };
        if !LINK_DAYS.contains(&share.days) {
            return Err(Error::BadInput { code: "report-link-days" });
        }
        if share.week.is_some_and(|week| week > Week::last_over(now, &zone_of(actor))) {
            return Err(Error::BadInput { code: "report-link-week" });
        }
        let word = self.random.secret();
        let link = ReportLink {
            id: ReportLinkId::from_uuid(self.random.uuid(now)),
            workspace_id: actor.workspace_id,
            person_id: actor.user_id,
            name,
            connection_id: share.connection,
            week: share.week,
            created_at: now,
            expires_at: now.plus_millis(share.days.saturating_mul(DAY_MS)),
            opens: 0,
            opened_at: None,
        };
        let mut tx = self.store.begin().await?;
        if tx.report_link_count(actor.workspace_id, now).await? >= LINKS_MAX {
            return Err(Error::Limit { code: "too-many-report-links" });
        }
        tx.report_link_put(&link, &secret_hash(word.expose_secret())).await?;
        tx.ledger_append(actor.user_id, &line(link.id, link.connection_id, Act::Given, now)).await?;
        tx.audit_append(now, &actor.user_id.to_string(), "report.share", &link.id.to_string(), "").await?;
        tx.commit().await?;
        Ok((link, word))
    }

    /// A link opens nothing any more, from this moment on.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs.
    pub async fn report_unshare(&self, actor: &Actor, id: ReportLinkId) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let ended = tx.report_link_delete(actor.workspace_id, id).await?.ok_or(NOT_THERE)?;
        let marks = self.links_ended(&mut tx, &[ended], now).await?;
        tx.audit_append(now, &actor.user_id.to_string(), "report.unshare", &id.to_string(), "").await?;
        tx.commit().await?;
        self.marks.keep(marks).await
    }

    /// What whoever has this word reads; counts that it was opened.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a word that opens nothing: unknown, ended, past its day, or of accounts that are all gone. Nobody can tell which.
    pub async fn shared_report(&self, word: &str) -> Result<Shared> {
        let (link, reader) = self.opened(word).await?;
        let query = self.query_of(&link, &reader);
        let report = match self.report_of(&reader, query, POSTS, Some(link.created_at)).await {
            Ok(report) if report.connections.is_empty() => return Err(NOT_THERE),
            Err(Error::NotFound { .. }) => return Err(NOT_THERE),
            report => report?,
        };
        let mut tx = self.store.begin().await?;
        tx.report_link_opened(link.id, self.now()).await?;
        tx.commit().await?;
        Ok(Shared { link, report, locale: reader.locale, time_zone: reader.time_zone })
    }

    /// A small picture of a post that the report of this word shows.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the word opens nothing, the report does not show it, or there is none.
    pub async fn shared_picture(&self, word: &str, media: MediaId) -> Result<bytes::Bytes> {
        let (link, reader) = self.opened(word).await?;
        let query = self.query_of(&link, &reader);
        let zone = zone_of(&reader);
        let period = query.week.period(&zone);
        let until = query.week.plus(1).map_or(period.1, |after| after.period(&zone).1);
        let shown = self.store.report_shows(link.workspace_id, media, period, until).await?;
        let (allowed, _) = self.of_report(&reader, &query, Some(link.created_at)).await.map_err(|_| NOT_THERE)?;
        let is_of = |id: &ConnectionId| {
            query.connection.is_none_or(|only| only == *id) && allowed.iter().any(|account| account.id == *id)
        };
        if !shown.iter().any(is_of) {
            return Err(NOT_THERE);
        }
        self.picture(&reader, media, Picture::Thumbnail).await?.ok_or(NOT_THERE)
    }

    /// The link of a word, while it holds, and as whom it is read: whoever made it, and nobody's session.
    async fn opened(&self, word: &str) -> Result<(ReportLink, Actor)> {
        if word.len() != WORD_CHARS {
            return Err(NOT_THERE);
        }
        let link = self.store.report_link_by_hash(&secret_hash(word), self.now()).await?.ok_or(NOT_THERE)?;
        wall::within(link.workspace_id);
        let maker = self.store.person(link.person_id).await?.filter(|it| !it.open_id.starts_with(ERASING));
        let maker = maker.ok_or(NOT_THERE)?;
        let reader = Actor {
            user_id: link.person_id,
            workspace_id: link.workspace_id,
            session_id: SessionId::from_uuid(Uuid::nil()),
            display_name: String::new(),
            locale: maker.locale,
            time_zone: maker.time_zone,
            theme: "system".to_owned(),
        };
        Ok((link, reader))
    }

    fn query_of(&self, link: &ReportLink, reader: &Actor) -> ReportQuery {
        let week = link.week.unwrap_or_else(|| Week::last_over(self.now(), &zone_of(reader)));
        ReportQuery { week, connection: link.connection_id }
    }

    /// Notes that links ended: in the ledger of whoever made each, and so that a database that was put back does not bring them back; gives what
    /// belongs into the file of marks.
    pub(crate) async fn links_ended(&self, tx: &mut Tx, ended: &[EndedLink], at: UnixMillis) -> Result<Vec<Tombstone>> {
        let mut marks = Vec::new();
        for it in ended {
            tx.ledger_append(it.person_id, &line(it.id, it.connection_id, Act::Withdrawn, at)).await?;
            let mark = Said::LinkEnded(it.workspace_id, &it.id.to_string()).as_of(&self.keys, at);
            tx.tombstone_put(&mark).await?;
            marks.push(mark);
        }
        Ok(marks)
    }

    /// Ends every link of somebody who leaves.
    pub(crate) async fn links_end_with(&self, tx: &mut Tx, person: UserId, at: UnixMillis) -> Result<Vec<Tombstone>> {
        let ended = tx.report_links_end(person).await?;
        self.links_ended(tx, &ended, at).await
    }

    /// Ends again what was ended after the copy was made that was put back; gives how many links.
    pub(crate) async fn links_again(&self) -> Result<usize> {
        let (mut after, mut again) = (String::new(), 0);
        loop {
            let page = self.store.report_links_after(&after, PORTION).await?;
            let Some((last, ..)) = page.last() else { return Ok(again) };
            after = last.to_string();
            for (id, workspace, created_at) in page {
                let said = self.said_at(Said::LinkEnded(workspace, &id.to_string())).await?;
                if said.is_none_or(|at| at < created_at) {
                    continue;
                }
                let mut tx = self.store.begin().await?;
                again += usize::from(tx.report_link_delete(workspace, id).await?.is_some());
                tx.commit().await?;
            }
        }
    }

    /// Removes links whose day has passed long enough ago.
    ///
    /// # Errors
    /// When the database does not answer; what was removed before stays removed.
    pub async fn purge_report_links(&self) -> Result<u64> {
        let before = self.now().plus_millis(-LINK_LISTED_DAYS.saturating_mul(DAY_MS));
        let mut removed = 0;
        loop {
            let mut tx = self.store.begin().await?;
            let portion = tx.purge_report_links(before, PORTION).await?;
            tx.commit().await?;
            removed += portion;
            if portion < u64::from(PORTION) {
                return Ok(removed);
            }
        }
    }
}

/// Each link is pressed for by itself. What is agreed to stands beside the button, and in the newest policy.
fn line(id: ReportLinkId, connection_id: Option<ConnectionId>, act: Act, at: UnixMillis) -> LedgerLine {
    let text_version = Document::Privacy.newest().id.to_owned();
    LedgerLine { purpose: Purpose::Sharing, connection_id, act, text_version, detail: id.to_string(), at }
}
