//! After an older database was put back: whatever was erased or ended since is erased and ended again, before anybody is served.
//!
//! Owns the comparison of marks with rows. Looks through the rows only when the file beside the database knows more than it.

use std::collections::HashMap;

use domain::attempt::HELD_AFTER_RESTORE;
use domain::connection::ConnectionState;
use domain::id::ConnectionId;
use domain::notice::Notice;
use domain::post::PostState;
use domain::privacy::clauses::TOMBSTONE_DAYS;
use domain::privacy::erasure::{Door, Unit};
use domain::time::UnixMillis;
use store::audit::SYSTEM;
use store::{Connection, Erasure, Person, StoreError, Tombstone};

use super::marks::Said;
use super::wish::By;
use crate::publishing::{RESTORED, hold};
use crate::{App, Error, Result};

/// Rows looked at in one go.
const PAGE: u32 = 500;
/// Marks written in one transaction.
const MARKS: usize = 200;
/// Marks of other processes are looked for this far back, milliseconds.
const OTHERS_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;
const OPERATOR: By = By { door: Door::Operator, person: None };

/// What a start had to make good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Marks that the database did not have any more.
    pub marks: usize,
    /// Grants that were over and had come back.
    pub grants: usize,
    /// Readings of numbers that were ended and had come back.
    pub readings: usize,
    /// Links to reports that were ended and had come back.
    pub links: usize,
    /// Accounts and people that were erased, or about to be, and had come back.
    pub erased: usize,
}

impl App {
    /// Brings file and database together, and erases again what a restore brought back. For the start, before anybody is served.
    ///
    /// # Errors
    /// When the database or the file cannot be used; nobody may be served then.
    pub async fn replay_tombstones(&self) -> Result<Replayed> {
        self.take_up_copy().await?;
        self.recall_marks().await?;
        let noted = self.marks.read().await?;
        let known: HashMap<String, UnixMillis> =
            self.all_tombstones().await?.into_iter().map(|stone| (stone.mark, stone.erased_at)).collect();
        let lost: Vec<Tombstone> =
            noted.into_iter().filter(|it| known.get(&it.mark).is_none_or(|at| *at < it.erased_at)).collect();
        for portion in lost.chunks(MARKS) {
            let mut tx = self.store.begin().await?;
            for stone in portion {
                tx.tombstone_put(stone).await?;
            }
            tx.commit().await?;
        }
        let mut replayed = Replayed { marks: lost.len(), ..Replayed::default() };
        let restored = self.store.meta_get(RESTORED).await?.is_some();
        if replayed.marks > 0 || restored {
            // Nothing may be concluded from what the rows of open attempts lack: they may be behind what was sent.
            let mut tx = self.store.begin().await?;
            tx.attempt_doubt_open(self.now()).await?;
            tx.commit().await?;
            self.look_through_people(&mut replayed).await?;
            self.look_through_connections(&mut replayed).await?;
            replayed.links += self.links_again().await?;
            self.erase_due().await?;
            tracing::warn!(
                marks = replayed.marks,
                grants = replayed.grants,
                readings = replayed.readings,
                links = replayed.links,
                erased = replayed.erased,
                "the database is older than what was erased; it was erased again"
            );
        }
        let before = self.now().plus_millis(-TOMBSTONE_DAYS.saturating_mul(DAY_MS));
        let mut tx = self.store.begin().await?;
        tx.purge_tombstones(before, PAGE).await?;
        tx.commit().await?;
        self.marks.keep(self.all_tombstones().await?).await?;
        self.marks.forget_before(before).await?;
        Ok(replayed)
    }

    /// Ends everybody's sign-in in a database that was put back, once, and remembers which rows this process works with.
    async fn take_up_copy(&self) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if let Some(ended) = tx.take_up_copy(self.now()).await? {
            let what = format!("sessions: {}, passkeys of operators: {}", ended.sessions, ended.passkeys);
            tx.audit_append(self.now(), SYSTEM, "backup.take_up", "", &what).await?;
            tx.commit().await?;
            tracing::warn!(
                sessions = ended.sessions,
                passkeys = ended.passkeys,
                "a copy of the database was put back: everybody signs in anew, and each operator needs a link (moloko operator link)"
            );
        } else {
            tx.rollback().await?;
        }
        let history = self.store.history().await?;
        // A process that replays twice is a test of one that was started again.
        let _ = self.history.set(history);
        Ok(())
    }

    /// Marks that other processes wrote reach this one's file, too.
    pub(crate) async fn note_marks_of_others(&self) -> Result<()> {
        let since = self.now().plus_millis(-OTHERS_MS);
        self.marks.keep(self.store.tombstones_since(since, PAGE).await?).await
    }

    async fn all_tombstones(&self) -> Result<Vec<Tombstone>> {
        let mut all: Vec<Tombstone> = Vec::new();
        loop {
            let after = all.last().map(|stone| stone.mark.clone()).unwrap_or_default();
            let page = self.store.tombstones(&after, PAGE).await?;
            let full = page.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
            all.extend(page);
            if !full {
                return Ok(all);
            }
        }
    }

    /// When something was last said; `None` when it was not.
    pub(crate) async fn said_at(&self, said: Said<'_>) -> Result<Option<UnixMillis>> {
        let mut latest = None;
        for mark in said.marks(&self.keys) {
            latest = latest.max(self.store.tombstone(&mark).await?);
        }
        Ok(latest)
    }

    /// Whether a wish of this moment was taken back later.
    pub(crate) async fn was_kept(&self, unit: Unit, subject: &str, since: UnixMillis) -> Result<bool> {
        Ok(self.said_at(Said::Kept(unit, subject)).await?.is_some_and(|at| at >= since))
    }

    async fn look_through_people(&self, replayed: &mut Replayed) -> Result<()> {
        let mut after = String::new();
        loop {
            let people = self.store.people_after(&after, PAGE).await?;
            let Some(last) = people.last() else { return Ok(()) };
            after = last.id.to_string();
            for person in people {
                self.person_again(&person, replayed).await?;
            }
        }
    }

    async fn person_again(&self, person: &Person, replayed: &mut Replayed) -> Result<()> {
        let subject = person.id.to_string();
        let erased = self.said_at(Said::PersonErased(&person.open_id)).await?;
        let left = self.said_at(Said::Leaving(&person.open_id)).await?;
        let (asked_at, at_once) = match (erased, left) {
            (Some(at), _) if at >= person.created_at => (at, true),
            (_, Some(at)) if at >= person.created_at && !self.was_kept(Unit::Person, &subject, at).await? => {
                (at, false)
            }
            _ => return Ok(()),
        };
        let alone = self.store.workspaces_alone(person.id).await?;
        let Some(workspace) = alone.first() else { return Ok(()) };
        for workspace in &alone {
            for connection in self.store.connections(*workspace).await? {
                self.hold_what_was_due(connection.id).await?;
            }
        }
        self.end_all_grants(&alone, OPERATOR, asked_at).await?;
        let (mut wish, _) = self.wish(Unit::Person, subject, *workspace, Door::Operator, asked_at);
        wish.account_mark = Some(self.receipt_mark(&person.open_id));
        self.wish_again(wish, at_once).await?;
        let mut tx = self.store.begin().await?;
        replayed.links += self.links_end_with(&mut tx, person.id, asked_at).await?.len();
        tx.commit().await?;
        replayed.erased += 1;
        Ok(())
    }

    async fn look_through_connections(&self, replayed: &mut Replayed) -> Result<()> {
        let mut after = String::new();
        loop {
            let page = self.store.connections_after(&after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id.to_string();
            for connection in page {
                self.connection_again(&connection, replayed).await?;
            }
        }
    }

    async fn connection_again(&self, row: &Connection, replayed: &mut Replayed) -> Result<()> {
        let (workspace, account, subject) = (row.workspace_id, row.open_id.as_str(), row.id.to_string());
        let lives = row.state != ConnectionState::Disconnected;
        let erased = self.said_at(Said::ConnectionErased(workspace, account)).await?;
        if let Some(erased_at) = erased.filter(|at| *at >= row.connected_at) {
            if lives {
                self.hold_what_was_due(row.id).await?;
                self.end_connection(row, OPERATOR, erased_at).await?;
            }
            let (wish, _) = self.wish(Unit::Connection, subject, workspace, Door::Operator, erased_at);
            self.wish_again(wish, true).await?;
            replayed.erased += 1;
            return Ok(());
        }
        let ended = self.said_at(Said::GrantEnded(workspace, account)).await?;
        if let Some(ended_at) = ended.filter(|at| *at >= row.consented_at && lives)
            && !self.was_kept(Unit::Connection, &subject, ended_at).await?
        {
            self.hold_what_was_due(row.id).await?;
            self.end_connection(row, OPERATOR, ended_at).await?;
            replayed.grants += 1;
            return Ok(());
        }
        replayed.readings += self.readings_again(row).await?;
        Ok(())
    }

    /// What was due since the backup was made may be out, whatever the rows say: its owner is asked, and not told that the end of the
    /// grant kept it back.
    async fn hold_what_was_due(&self, connection: ConnectionId) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        for post in tx.posts_open_of_connection(connection).await? {
            if post.state == PostState::Scheduled && post.due_at.is_some_and(|due_at| due_at <= now) {
                hold(&mut tx, post, HELD_AFTER_RESTORE, now).await?;
            }
        }
        tx.commit().await.map_err(Error::from)
    }

    /// The wish that the restore has lost, or the one that it brought back, without grace where the erasure had begun.
    async fn wish_again(&self, mut wish: Erasure, at_once: bool) -> Result<()> {
        let now = self.now();
        if at_once {
            wish.begins_at = now;
            wish.next_at = now;
        }
        let mut tx = self.store.begin().await?;
        match tx.erasure_open(wish.unit, &wish.subject_id).await? {
            None => tx.erasure_insert(&wish).await?,
            Some(mut open) if at_once => {
                let before = open.state;
                open.begins_at = now;
                open.next_at = now;
                tx.erasure_update(&open, before).await?;
            }
            Some(_) => {}
        }
        tx.commit().await.map_err(Error::from)
    }

    /// Accounts whose grant is over and whose erasure nobody has put on the calendar: TikTok said that the grant ended, or they were
    /// disconnected by an earlier version. Nobody loses the time to connect again by our being late; the dead tokens go at once.
    pub(crate) async fn wishes_of_ended_grants(&self) -> Result<()> {
        for connection in self.store.connections_ended(PAGE).await? {
            let door = match connection.state {
                ConnectionState::Disconnected => Door::Page,
                ConnectionState::Active | ConnectionState::ReconnectNeeded => Door::TikTok,
            };
            let id = connection.id.to_string();
            let (mut wish, _) = self.wish(Unit::Connection, id, connection.workspace_id, door, connection.updated_at);
            wish.begins_at = wish.begins_at.max(self.leaving_calendar().begins_at);
            wish.deadline_at = wish.deadline_at.max(wish.begins_at.plus_millis(DAY_MS));
            wish.next_at = wish.begins_at;
            let mut tx = self.store.begin().await?;
            let row = tx.connection_any(connection.id).await?;
            if row.is_none_or(|row| row.state == ConnectionState::Active) {
                // Connected again meanwhile.
                continue;
            }
            tx.token_delete(connection.id).await?;
            tx.avatar_delete(connection.id).await?;
            match tx.erasure_insert(&wish).await {
                // Another process was faster.
                Err(StoreError::Conflict(_)) => {}
                done => {
                    done?;
                    // Nobody saw the receipt's address, so a line of the news leads to it.
                    tx.notice_tell_workspace(wish.workspace_id, Notice::ErasureBegun(wish.id), self.now()).await?;
                    tx.commit().await?;
                }
            }
        }
        Ok(())
    }
}
