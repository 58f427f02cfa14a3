//! The work of an erasure: from the end of the grace to the receipt that says what is gone.
//!
//! Owns the steps and their portions. Each step may be repeated after a crash and changes nothing then.

use std::sync::Arc;
use std::time::Duration;

use domain::id::{ConnectionId, UserId, WorkspaceId};
use domain::privacy::erasure::{Evidence, State, Unit, alarms};
use domain::time::UnixMillis;
use store::{Erasure, StoreError, Whose};

use super::marks::Said;
use super::wish::By;
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
        self.wishes_of_ended_grants().await?;
        let mut round = ErasureRound { tickets: self.use_tickets().await?, ..ErasureRound::default() };
        let now = self.now();
        for wish in self.store.erasures_due(now).await? {
            if alarms(wish.requested_at, now) > 0 {
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
        self.empty_trash().await?;
        Ok(round)
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
                self.erase_connection(&mut wish, id).await?;
            }
            Unit::Person => {
                let Ok(id) = wish.subject_id.parse::<UserId>() else { return Err(malformed()) };
                self.erase_person(&mut wish, id).await?;
            }
        }
        self.empty_trash().await?;
        if self.store.trash_of(wish.id).await? > 0 {
            return Err(Error::Io(std::io::Error::other("files of the erasure are still there")));
        }
        let mut tx = self.store.begin().await?;
        // The files were counted by the trash meanwhile.
        let Some(mut last) = tx.erasure(wish.id).await? else { return Ok(State::Done) };
        last.state = State::Done;
        last.finished_at = Some(self.now());
        tx.erasure_update(&last, State::Running).await?;
        tx.audit_append(self.now(), "system", "erasure.done", &last.subject_id, last.unit.as_str()).await?;
        tx.commit().await?;
        self.scrub().await;
        Ok(State::Done)
    }

    /// From waiting to running: the point of no return. Names and account ids go first, so that nobody finds the thing any more.
    async fn begin(&self, wish: Erasure) -> Result<Begun> {
        if wish.state == State::Running {
            return Ok(Begun::Yes(Box::new(wish)));
        }
        self.marks.ready(&self.store, &self.keys, self.random.as_ref()).await?;
        if wish.unit == Unit::Person
            && let Ok(person) = wish.subject_id.parse::<UserId>()
        {
            // Whoever signed in again while the grace ran has a new grant.
            let alone = self.store.workspaces_alone(person).await?;
            self.end_all_grants(&alone, By { door: wish.door, person: None }, wish.requested_at).await?;
        }
        let now = self.now();
        let named = self.named_by(&wish).await?;
        let mut tx = self.store.begin().await?;
        let Some(mut wish) = tx.erasure(wish.id).await? else { return Ok(Begun::No(State::Undone)) };
        let before = wish.state;
        if !before.is_open() || wish.begins_at > now {
            return Ok(Begun::No(before));
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
        let mut marks = Vec::new();
        match wish.unit {
            Unit::Connection => {
                let Ok(id) = wish.subject_id.parse::<ConnectionId>() else { return Err(malformed()) };
                if let Some(row) = tx.connection_any(id).await? {
                    marks.push(self.marks.mark(Said::ConnectionErased(row.workspace_id, &row.open_id), now)?);
                    wish.evidence.tokens += u64::from(tx.token_delete(id).await?);
                    tx.avatar_delete(id).await?;
                    tx.connection_blank(id, now).await?;
                }
            }
            Unit::Person => {
                let Ok(id) = wish.subject_id.parse::<UserId>() else { return Err(malformed()) };
                if let Some(row) = tx.person(id).await? {
                    marks.push(self.marks.mark(Said::PersonErased(&row.open_id), now)?);
                    wish.evidence.sessions += tx.sessions_delete(id, None).await?;
                    tx.person_blank(id).await?;
                }
            }
        }
        for mark in &marks {
            tx.tombstone_put(mark).await?;
        }
        wish.state = State::Running;
        wish.next_at = now;
        if !tx.erasure_update(&wish, before).await? {
            return Ok(Begun::No(before));
        }
        // In the file first: a crash in between leaves a mark of something that is about to be erased, which harms nobody.
        self.marks.keep(marks).await?;
        tx.commit().await?;
        Ok(Begun::Yes(Box::new(wish)))
    }

    /// The ids on which a hold stops this erasure: a person's is stopped by one on an account of theirs, too.
    async fn named_by(&self, wish: &Erasure) -> Result<Vec<String>> {
        let mut named = vec![wish.subject_id.clone()];
        if wish.unit == Unit::Person
            && let Ok(person) = wish.subject_id.parse::<UserId>()
        {
            for workspace in self.store.workspaces_alone(person).await? {
                let connections = self.store.connection_ids(workspace).await?;
                named.extend(connections.into_iter().map(|id| id.to_string()));
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
                    tx.ticket_delete(id).await?;
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
        loop {
            let mut tx = self.store.begin().await?;
            let gone = tx.erase_media(workspace, ROWS, wish.id, self.now()).await?;
            self.add(&mut tx, wish, Evidence { media: gone, ..Evidence::default() }).await?;
            tx.commit().await?;
            if gone < u64::from(ROWS) {
                break;
            }
        }
        loop {
            let mut tx = self.store.begin().await?;
            let gone = tx.erase_uploads(workspace, ROWS, wish.id, self.now()).await?;
            let count = u64::try_from(gone.len()).unwrap_or(u64::MAX);
            self.add(&mut tx, wish, Evidence { uploads: count, ..Evidence::default() }).await?;
            tx.commit().await?;
            gone.iter().for_each(|id| self.uploads.forget(*id));
            if count < u64::from(ROWS) {
                break;
            }
        }
        for connection in self.store.connection_ids(workspace).await? {
            self.erase_connection(wish, connection).await?;
        }
        let mut tx = self.store.begin().await?;
        tx.workspace_delete(workspace).await?;
        tx.commit().await.map_err(Error::from)
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
        tx.erasure_update(&row, State::Running).await?;
        *wish = row;
        Ok(())
    }

    /// Unlinks the files whose rows are gone; a file that is gone already counts as done.
    pub(crate) async fn empty_trash(&self) -> Result<()> {
        loop {
            let keys = self.store.trash(FILES).await?;
            let last = keys.len() < usize::try_from(FILES).unwrap_or(usize::MAX);
            for key in keys {
                let gone = self.remove_blobs(&key).await?;
                let mut tx = self.store.begin().await?;
                if let Some(owner) = tx.trash_delete(&key).await?
                    && let Some(mut wish) = tx.erasure(owner).await?
                {
                    wish.evidence.files = wish.evidence.files.saturating_add(gone);
                    let state = wish.state;
                    tx.erasure_update(&wish, state).await?;
                }
                tx.commit().await?;
            }
            if last {
                return Ok(());
            }
        }
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
