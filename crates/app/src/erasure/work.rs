//! The work of an erasure: from the end of the grace to the receipt that says what is gone.
//!
//! Owns the steps and their portions. Each step may be repeated after a crash and changes nothing then.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::connection::ConnectionState;
use domain::id::{ConnectionId, UserId, WorkspaceId};
use domain::privacy::erasure::{Door, Evidence, State, Unit, alarms};
use domain::time::UnixMillis;
use store::blobs::BlobKey;
use store::erase::ERASING;
use store::{Erasure, StoreError, Tombstone, Whose};

use super::marks::Said;
use super::wish::By;
use crate::alerts::AlertKind;
use crate::{App, Error, Result};

/// Posts erased in one transaction: a few milliseconds of the one writer's time.
const POSTS: u32 = 25;
/// Files or uploads taken in one transaction.
const ROWS: u32 = 50;
/// Files unlinked before the table is asked again.
const FILES: u32 = 100;
/// Wishes are looked for at least this often: other doors than this process write them, too.
const LOOK: Duration = Duration::from_secs(60);
/// Pause after a step failed, seconds.
const AGAIN_S: i64 = 300;

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ErasureRound {
    /// Tickets that are settled.
    pub tickets: u64,
    /// Erasures that ended.
    pub done: u64,
    /// Erasures that a legal hold stops.
    pub held: u64,
    /// Erasures that failed for now.
    pub failed: u64,
}

impl App {
    /// Does everything whose time has come: tickets, erasures, files.
    ///
    /// # Errors
    /// When the database does not answer. One erasure that fails does not stop the others.
    pub async fn erase_due(&self) -> Result<ErasureRound> {
        if self.scrub_owed.load(Ordering::Relaxed) {
            self.scrub().await;
        }
        self.note_marks_of_others().await?;
        self.wishes_of_ended_grants().await?;
        self.end_grants_of_leavers().await?;
        let mut round = ErasureRound { tickets: self.use_tickets().await?, ..ErasureRound::default() };
        let now = self.now();
        for wish in self.store.erasures_due(now).await? {
            if alarms(wish.requested_at, now) > 0 {
                self.alerts.note(AlertKind::OverdueErasures);
                tracing::error!(erasure = %wish.id, state = wish.state.as_str(), "an erasure is overdue");
            }
            match self.erase(wish.clone()).await {
                Ok(State::Done) => round.done += 1,
                Ok(State::Held) => round.held += 1,
                Ok(State::Waiting | State::Running | State::Undone) => {}
                Err(error) => {
                    round.failed += 1;
                    tracing::error!(erasure = %wish.id, %error, "an erasure could not go on; it is tried again");
                    self.put_off_erasure(&wish).await?;
                }
            }
        }
        if let Err(error) = self.empty_trash().await {
            tracing::error!(%error, "a file could not be unlinked");
        }
        Ok(round)
    }

    /// A process that died while somebody left may have left a grant alive; one that is younger than the wish is their new one.
    async fn end_grants_of_leavers(&self) -> Result<()> {
        // Who stayed away keeps their grants until the grace is over.
        let left = |wish: &Erasure| wish.unit == Unit::Person && wish.door != Door::Inactive;
        for wish in self.store.erasures_open().await?.into_iter().filter(left) {
            let Ok(person) = wish.subject_id.parse::<UserId>() else { continue };
            if self.was_kept(wish.unit, &wish.subject_id, wish.requested_at).await? {
                continue;
            }
            for workspace in self.store.workspaces_alone(person).await? {
                for connection in self.store.connections(workspace).await? {
                    let lives = connection.state == ConnectionState::Active;
                    if lives && connection.consented_at <= wish.requested_at {
                        let by = By { door: wish.door, person: None };
                        self.end_connection(&connection, by, wish.requested_at).await?;
                    }
                }
            }
        }
        Ok(())
    }

    async fn put_off_erasure(&self, wish: &Erasure) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if let Some(mut now) = tx.erasure(wish.id).await? {
            let before = now.state;
            now.next_at = self.now().plus_seconds(AGAIN_S);
            tx.erasure_update(&now, before).await?;
        }
        tx.commit().await.map_err(Error::from)
    }

    /// Carries one erasure as far as it goes; gives its state afterwards.
    pub(crate) async fn erase(&self, wish: Erasure) -> Result<State> {
        let mut wish = match self.begin(wish).await? {
            Begun::Yes(wish) => *wish,
            Begun::No(state) => return Ok(state),
        };
        match wish.unit {
            Unit::Connection => {
                let Ok(id) = wish.subject_id.parse::<ConnectionId>() else { return Err(malformed()) };
                // A file from before holds the account's posts, too.
                self.drop_exports(None, &[wish.workspace_id]).await?;
                self.erase_connection(&mut wish, id).await?;
            }
            Unit::Person => {
                let Ok(id) = wish.subject_id.parse::<UserId>() else { return Err(malformed()) };
                self.drop_exports(Some(id), &self.store.workspaces_alone(id).await?).await?;
                self.erase_person(&mut wish, id).await?;
            }
        }
        // Another's file that cannot be unlinked is not this erasure's trouble.
        if let Err(error) = self.empty_trash().await {
            tracing::error!(%error, "a file could not be unlinked");
        }
        if self.store.trash_of(wish.id).await? > 0 {
            return Err(Error::Io(std::io::Error::other("files of the erasure are still there")));
        }
        let mut tx = self.store.begin().await?;
        // The files were counted by the trash meanwhile.
        let Some(mut last) = tx.erasure(wish.id).await? else { return Ok(State::Done) };
        last.state = State::Done;
        last.finished_at = Some(self.now());
        if !tx.erasure_update(&last, State::Running).await? {
            return Err(Error::Store(StoreError::Conflict("erasure")));
        }
        tx.audit_append(self.now(), "system", "erasure.done", &last.subject_id, last.unit.as_str()).await?;
        // The record stays verifiable; whom its entries tell of does not.
        tx.audit_pseudonymise(self.now(), &last.subject_id).await?;
        if last.unit == Unit::Person {
            tx.audit_pseudonymise(self.now(), &last.workspace_id.to_string()).await?;
        }
        tx.owe_rewrites(self.now()).await?;
        tx.commit().await?;
        self.scrub().await;
        Ok(State::Done)
    }

    /// From waiting to running: the point of no return. Names and account ids go first, so that nobody finds the thing any more.
    async fn begin(&self, wish: Erasure) -> Result<Begun> {
        if wish.state == State::Running {
            return Ok(Begun::Yes(Box::new(wish)));
        }
        let taken_back = self.was_kept(wish.unit, &wish.subject_id, wish.requested_at).await?;
        let mut told = None;
        if wish.unit == Unit::Person
            && !taken_back
            && let Ok(person) = wish.subject_id.parse::<UserId>()
        {
            // Whoever signed in again while the grace ran has a new grant.
            let alone = self.store.workspaces_alone(person).await?;
            let by = By { door: wish.door, person: None };
            let word = self.end_all_grants(&alone, by, wish.requested_at).await?;
            told = (wish.door == Door::Inactive).then_some(word);
        }
        let now = self.now();
        let named = self.named_by(&wish).await?;
        let marks = self.marks_of(&wish, now).await?;
        let mut tx = self.store.begin().await?;
        let Some(mut wish) = tx.erasure(wish.id).await? else { return Ok(Begun::No(State::Undone)) };
        let before = wish.state;
        if !before.is_open() || wish.begins_at > now {
            return Ok(Begun::No(before));
        }
        if taken_back || self.is_in_use(&mut tx, &wish).await? {
            // A restore brought the wish back, or the account was connected again in this very moment.
            wish.state = State::Undone;
            wish.finished_at = Some(now);
            tx.erasure_update(&wish, before).await?;
            tx.commit().await?;
            return Ok(Begun::No(State::Undone));
        }
        let mut hold = None;
        for subject in &named {
            hold = hold.or(tx.hold_active(subject, now).await?);
        }
        if let Some(hold) = hold {
            wish.state = State::Held;
            wish.next_at = hold.expires_at;
            tx.erasure_update(&wish, before).await?;
            if before != State::Held {
                tx.audit_append(now, "system", "erasure.held", &wish.subject_id, &hold.id.to_string()).await?;
            }
            tx.commit().await?;
            return Ok(Begun::No(State::Held));
        }
        self.blank(&mut tx, &mut wish, now).await?;
        for mark in &marks {
            tx.tombstone_put(mark).await?;
        }
        wish.revoked = told.unwrap_or(wish.revoked);
        wish.state = State::Running;
        wish.next_at = now;
        if !tx.erasure_update(&wish, before).await? {
            return Ok(Begun::No(before));
        }
        tx.commit().await?;
        // Only now: a mark of something that a hold or a living grant keeps would erase it after a restore. Where this fails, the next
        // round brings the mark to the file.
        self.marks.keep(marks).await?;
        Ok(Begun::Yes(Box::new(wish)))
    }

    /// What will be known of it afterwards.
    async fn marks_of(&self, wish: &Erasure, now: UnixMillis) -> Result<Vec<Tombstone>> {
        let mark = match wish.unit {
            Unit::Connection => {
                let Ok(id) = wish.subject_id.parse::<ConnectionId>() else { return Err(malformed()) };
                let row = self.store.connection_any(id).await?.filter(|row| !row.open_id.starts_with(ERASING));
                row.map(|row| Said::ConnectionErased(row.workspace_id, &row.open_id).as_of(&self.keys, now))
            }
            Unit::Person => {
                let Ok(id) = wish.subject_id.parse::<UserId>() else { return Err(malformed()) };
                let row = self.store.person(id).await?.filter(|row| !row.open_id.starts_with(ERASING));
                row.map(|row| Said::PersonErased(&row.open_id).as_of(&self.keys, now))
            }
        };
        Ok(mark.into_iter().collect())
    }

    /// An account with a living grant is never erased: its wish was taken back, or it should have been.
    async fn is_in_use(&self, tx: &mut store::Tx, wish: &Erasure) -> Result<bool> {
        match wish.unit {
            Unit::Person => Ok(false),
            Unit::Connection => {
                let Ok(id) = wish.subject_id.parse::<ConnectionId>() else { return Err(malformed()) };
                Ok(tx.connection_any(id).await?.is_some_and(|row| row.state == ConnectionState::Active))
            }
        }
    }

    /// Takes names and account ids out, and what is left of tokens, picture and sessions with them.
    async fn blank(&self, tx: &mut store::Tx, wish: &mut Erasure, now: UnixMillis) -> Result<()> {
        match wish.unit {
            Unit::Connection => {
                let Ok(id) = wish.subject_id.parse::<ConnectionId>() else { return Err(malformed()) };
                tx.connection_blank(id, now).await?;
                wish.evidence.tokens += u64::from(tx.token_delete(id).await?);
                tx.avatar_delete(id).await?;
            }
            Unit::Person => {
                let Ok(id) = wish.subject_id.parse::<UserId>() else { return Err(malformed()) };
                tx.person_blank(id).await?;
                wish.evidence.sessions += tx.sessions_delete(id, None).await?;
            }
        }
        Ok(())
    }

    /// The ids on which a hold stops this erasure: one on a person keeps their accounts, one on an account keeps its person.
    pub(super) async fn named_by(&self, wish: &Erasure) -> Result<Vec<String>> {
        let mut named = vec![wish.subject_id.clone()];
        match wish.unit {
            Unit::Connection => {
                let people = self.store.members(wish.workspace_id).await?;
                named.extend(people.into_iter().map(|id| id.to_string()));
            }
            Unit::Person => {
                let Ok(person) = wish.subject_id.parse::<UserId>() else { return Err(malformed()) };
                for workspace in self.store.workspaces_alone(person).await? {
                    let connections = self.store.connection_ids(workspace).await?;
                    named.extend(connections.into_iter().map(|id| id.to_string()));
                }
            }
        }
        Ok(named)
    }

    async fn erase_connection(&self, wish: &mut Erasure, id: ConnectionId) -> Result<()> {
        self.erase_posts(wish, Whose::Connection(id)).await?;
        loop {
            let mut tx = self.store.begin().await?;
            match tx.connection_delete(id).await {
                Ok(gone) => {
                    // A ticket stays for its day: TikTok is still to be told.
                    self.add(&mut tx, wish, Evidence { connections: u64::from(gone), ..Evidence::default() }).await?;
                    tx.commit().await?;
                    self.creator_cache.forget(id);
                    return Ok(());
                }
                // Somebody saved a draft meanwhile.
                Err(StoreError::Constraint(_)) => {
                    drop(tx);
                    self.erase_posts(wish, Whose::Connection(id)).await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    async fn erase_person(&self, wish: &mut Erasure, person: UserId) -> Result<()> {
        for workspace in self.store.workspaces_alone(person).await? {
            self.erase_workspace(wish, workspace).await?;
        }
        let mut tx = self.store.begin().await?;
        let gone = tx.person_delete(person).await?;
        self.add(&mut tx, wish, Evidence { people: u64::from(gone), ..Evidence::default() }).await?;
        tx.commit().await.map_err(Error::from)
    }

    async fn erase_workspace(&self, wish: &mut Erasure, workspace: WorkspaceId) -> Result<()> {
        self.erase_posts(wish, Whose::Workspace(workspace)).await?;
        // Uploads first: one that ends meanwhile becomes a file of the library, which comes after.
        loop {
            let mut tx = self.store.begin().await?;
            let gone = self.take_uploads(&mut tx, wish, workspace).await?;
            tx.commit().await?;
            if gone < u64::from(ROWS) {
                break;
            }
        }
        loop {
            let mut tx = self.store.begin().await?;
            let gone = self.take_media(&mut tx, wish, workspace).await?;
            tx.commit().await?;
            if gone < u64::from(ROWS) {
                break;
            }
        }
        for connection in self.store.connection_ids(workspace).await? {
            self.erase_connection(wish, connection).await?;
        }
        let mut tx = self.store.begin().await?;
        // What came in between goes in the same transaction, so that no file is left without a row.
        while self.take_uploads(&mut tx, wish, workspace).await? > 0 {}
        while self.take_media(&mut tx, wish, workspace).await? > 0 {}
        tx.workspace_delete(workspace).await?;
        tx.commit().await.map_err(Error::from)
    }

    async fn take_uploads(&self, tx: &mut store::Tx, wish: &mut Erasure, workspace: WorkspaceId) -> Result<u64> {
        let gone = tx.erase_uploads(workspace, ROWS, wish.id, self.now()).await?;
        gone.iter().for_each(|id| self.uploads.forget(*id));
        let count = u64::try_from(gone.len()).unwrap_or(u64::MAX);
        self.add(tx, wish, Evidence { uploads: count, ..Evidence::default() }).await?;
        Ok(count)
    }

    async fn take_media(&self, tx: &mut store::Tx, wish: &mut Erasure, workspace: WorkspaceId) -> Result<u64> {
        let gone = tx.erase_media(workspace, ROWS, wish.id, self.now()).await?;
        self.add(tx, wish, Evidence { media: gone, ..Evidence::default() }).await?;
        Ok(gone)
    }

    async fn erase_posts(&self, wish: &mut Erasure, whose: Whose) -> Result<()> {
        loop {
            let mut tx = self.store.begin().await?;
            let gone = tx.erase_posts(whose, POSTS, wish.id, self.now()).await?;
            self.add(&mut tx, wish, gone).await?;
            tx.commit().await?;
            if gone.posts < u64::from(POSTS) {
                return Ok(());
            }
            // Whoever waits for the one writer goes first.
            tokio::task::yield_now().await;
        }
    }

    /// Counts what this transaction erases, in the transaction.
    async fn add(&self, tx: &mut store::Tx, wish: &mut Erasure, more: Evidence) -> Result<()> {
        let Some(mut row) = tx.erasure(wish.id).await? else { return Err(malformed()) };
        row.evidence = row.evidence.plus(more);
        row.next_at = self.now();
        if !tx.erasure_update(&row, State::Running).await? {
            return Err(Error::Store(StoreError::Conflict("erasure")));
        }
        *wish = row;
        Ok(())
    }

    /// Unlinks the files whose rows are gone; a file that is gone already counts as done, one that cannot be unlinked stays for later.
    ///
    /// # Errors
    /// The first failure, after all others were tried.
    pub(crate) async fn empty_trash(&self) -> Result<()> {
        let mut after = String::new();
        let mut failure = Ok(());
        loop {
            let keys = self.store.trash(&after, FILES).await?;
            let Some(last) = keys.last() else { return failure };
            last.as_str().clone_into(&mut after);
            for key in keys {
                if let Err(error) = self.unlink(&key).await {
                    failure = failure.and(Err(error));
                }
            }
        }
    }

    async fn unlink(&self, key: &BlobKey) -> Result<()> {
        let gone = self.remove_blobs(key).await?;
        let mut tx = self.store.begin().await?;
        if let Some(owner) = tx.trash_delete(key).await?
            && let Some(mut wish) = tx.erasure(owner).await?
        {
            wish.evidence.files = wish.evidence.files.saturating_add(gone);
            let state = wish.state;
            tx.erasure_update(&wish, state).await?;
        }
        tx.commit().await.map_err(Error::from)
    }
}

enum Begun {
    Yes(Box<Erasure>),
    No(State),
}

fn malformed() -> Error {
    Error::Store(StoreError::Corrupt { table: "erasure", column: "subject_id", why: "no id of that kind".to_owned() })
}

/// Erases for as long as the task lives: when something is due, when something was asked for, and once a minute.
pub async fn run_eraser(app: Arc<App>) {
    loop {
        match app.erase_due().await {
            Ok(round) if round == ErasureRound::default() => {}
            Ok(round) => tracing::info!(
                tickets = round.tickets,
                done = round.done,
                held = round.held,
                failed = round.failed,
                "erased what was due"
            ),
            Err(error) => tracing::warn!(%error, "erasures could not be looked for"),
        }
        let look = app.now().plus_seconds(i64::try_from(LOOK.as_secs()).unwrap_or(60));
        let next = next(&app).await.map_or(look, |at| at.max(app.now().plus_seconds(1)).min(look));
        tokio::select! {
            biased;
            () = app.clock.sleep_until(next) => {}
            () = app.erase_nudge.notified() => {}
        }
    }
}

async fn next(app: &App) -> Option<UnixMillis> {
    let wish = app.store.erasure_next().await.ok().flatten();
    let ticket = app.store.ticket_next().await.ok().flatten();
    [wish, ticket].into_iter().flatten().min()
}
