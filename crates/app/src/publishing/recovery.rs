//! Before anything is started: is this database behind what really happened? Merges the intent journal, keeps rule R9, holds
//! overdue posts after a restore or a long stop.
//!
//! Owns the comparison and the fence. What becomes of a row is `domain::attempt::recover`. Must not call TikTok to publish.
//!
//! The marker of a restore is the key [`RESTORED`] in `meta`. Whoever puts an older state of the database back writes it as the last
//! act, in the database itself, before any process may start on it; its value is free (the time and the backup's name, for people).
//! The first process that starts doubts every open attempt, holds what is overdue, and then removes the key.

use std::collections::HashMap;

use domain::attempt::mutant::{self, Mutant};
use domain::attempt::{Attempt, Change, HELD_AFTER_RESTORE, Known, recover};
use domain::id::{AttemptId, PostId};
use domain::post::PostState;
use domain::time::UnixMillis;
use serde_json::json;
use store::journal::{Note, Stage};
use store::{Engine as Database, Post, Tx};

use super::engine::Engine;
use super::people::{still, untouched};
use super::persist::{insert, write};
use super::start::{LATE_MS, Parts, attempt_for, ours};
use crate::live::{LiveChange, LiveEvent};
use crate::notices::post_settled;
use crate::{Error, Result};

/// The key in `meta` that says that an older state of the database was put back.
pub use store::backup::RESTORED;
/// Where the database cluster is remembered under which the rows were written.
const CLUSTER: &str = "database_cluster";
/// Problem of posts that were overdue when the service came back after a long stop.
const HELD_OVERDUE: &str = "held-overdue";
/// Where several processes share a database each has to compare its own journal first. Milliseconds.
pub(super) const OTHERS_COMPARE_MS: i64 = 30_000;
/// Posts or attempts handled in one go.
const BATCH: i64 = 200;

/// What the fence has decided so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fence {
    /// Posts overdue at the start are not begun yet: it is not known whether our clock is right.
    Raised,
    /// The usual rules hold.
    Open,
}

impl Engine {
    /// Compares everything that could tell of lost commits, and deals with what was lost. Doing it again changes nothing.
    pub(super) async fn reconcile(&self) -> Result<()> {
        let now = self.app.now();
        let history = self.app.store.history().await?;
        if self.app.is_other_history(&history) {
            self.rows_were_exchanged();
            return Ok(());
        }
        let marked = history.restored.is_some();
        let other_cluster = self.compare_cluster(now).await?;
        let seq = self.app.store.attempt_last_seq().await?;
        let older = self.app.journal.newest_seq() > seq;
        let restored = marked || older;
        let (ended, open): (Vec<Note>, Vec<Note>) =
            self.app.journal.notes().into_iter().partition(|note| note.stage.has_ended());
        let mut behind = self.compare(open, now).await?;
        let doubtful = restored || other_cluster || !behind.is_empty() || self.app.journal.is_damaged();
        if doubtful {
            // What has ended is only looked at when something is amiss: there may be thousands.
            behind.extend(self.compare(ended, now).await?);
            let mut tx = self.app.store.begin().await?;
            let doubted = tx.attempt_doubt_open(now).await?;
            tx.commit().await?;
            tracing::error!(
                marked,
                older,
                other_cluster,
                behind = behind.len(),
                damaged = self.app.journal.is_damaged(),
                doubted,
                "the database may be behind what really happened; nothing is concluded from it until every open attempt has settled"
            );
        }
        for note in behind {
            self.make_up_for(&note, now).await?;
        }
        if restored && !mutant::active(Mutant::BacklogAfterRestore) {
            self.hold_overdue_attempts(now).await?;
            self.hold_overdue_posts(now, HELD_AFTER_RESTORE).await?;
        }
        if let Err(error) = self.app.journal.rebase(seq, now).await {
            self.journal_failed(&error);
            return Err(Error::Io(std::io::Error::other(error)));
        }
        if marked {
            let mut tx = self.app.store.begin().await?;
            tx.meta_delete(RESTORED).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    /// Whether the rows were written under another cluster or branch of history than the one that answers now. Only the first process
    /// that notices marks the rows; each one compares its own journal.
    async fn compare_cluster(&self, now: UnixMillis) -> Result<bool> {
        if self.app.store.engine() == Database::Sqlite {
            return Ok(false);
        }
        let mut tx = self.app.store.begin().await?;
        let current = match tx.cluster().await {
            Ok(current) => current,
            Err(error) if !error.is_retryable() => {
                tracing::warn!(%error, "the database does not tell its cluster, so a failover is not noticed");
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        };
        let Some(current) = current else { return Ok(false) };
        let known = tx.meta_get(CLUSTER).await?;
        let changed = known.as_ref().is_some_and(|known| *known != current);
        if changed {
            tx.attempt_doubt_open(now.plus_millis(OTHERS_COMPARE_MS)).await?;
        }
        if known.as_ref() != Some(&current) {
            tx.meta_put(CLUSTER, &current).await?;
        }
        tx.commit().await?;
        let mut seen = self.cluster.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let changed = changed || seen.as_ref().is_some_and(|seen| *seen != current);
        *seen = Some(current);
        Ok(changed)
    }

    /// In a transaction that acts on rows: they are still the ones of the cluster that was compared with, and no copy was put in their place.
    pub(super) async fn same_cluster(&self, tx: &mut Tx) -> Result<bool> {
        if self.app.watches_history() && self.app.is_other_history(&tx.history().await?) {
            self.rows_were_exchanged();
            return Ok(false);
        }
        let seen = self.cluster.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        match seen {
            None => Ok(true),
            seen => Ok(tx.cluster().await? == seen),
        }
    }

    /// The notes that the database is behind of.
    async fn compare(&self, notes: Vec<Note>, now: UnixMillis) -> Result<Vec<Note>> {
        let mut behind = Vec::new();
        for note in notes {
            behind.extend(self.compare_one(note, now).await?);
        }
        Ok(behind)
    }

    /// The note again when the database is behind it.
    async fn compare_one(&self, note: Note, now: UnixMillis) -> Result<Option<Note>> {
        let Some(row) = self.app.store.attempt(note.attempt).await? else {
            if note.stage == Stage::Dead || self.app.store.post_any(note.post).await?.is_none() {
                // Nothing that could be published twice: the attempt is over, or its post is gone.
                self.forget(&note, now).await;
                return Ok(None);
            }
            return Ok(Some(note));
        };
        let reached = super::intent::stage(row.state.kind());
        if let Some(reached) = reached.filter(|reached| reached.has_ended()) {
            if let Err(error) = self.app.journal.note(Note { stage: reached, at: now, ..note }).await {
                self.journal_failed(&error);
            }
            return Ok(None);
        }
        if reached.is_some_and(|reached| reached >= note.stage) {
            return Ok(None);
        }
        Ok(Some(note))
    }

    async fn forget(&self, note: &Note, now: UnixMillis) {
        if let Err(error) = self.app.journal.forget(note, now).await {
            self.journal_failed(&error);
        }
    }

    /// The further state wins: the row is brought to where nothing is concluded from what it lacks.
    async fn make_up_for(&self, note: &Note, now: UnixMillis) -> Result<()> {
        let known = Known {
            publish_id: note.publish_id.clone(),
            final_at: note.final_at.or((note.stage == Stage::Out).then_some(note.at)),
        };
        match self.app.store.attempt(note.attempt).await? {
            Some(row) => self.bring_forward(row.id, &known, now).await,
            None => self.bring_back(note, &known, now).await,
        }
    }

    async fn bring_forward(&self, id: AttemptId, known: &Known, now: UnixMillis) -> Result<()> {
        let mut tx = self.app.store.begin().await?;
        let Some(row) = tx.attempt(id).await? else { return Ok(()) };
        let Some(post) = tx.post_any(row.post_id).await? else { return Ok(()) };
        let told = self.recovered(&mut tx, &row, post, known, now).await?;
        tx.commit().await?;
        self.tell(told);
        Ok(())
    }

    /// Writes what `recover` says about a row, in the caller's transaction.
    async fn recovered(
        &self,
        tx: &mut Tx,
        row: &Attempt,
        post: Post,
        known: &Known,
        now: UnixMillis,
    ) -> Result<Option<LiveEvent>> {
        let facts = domain::attempt::Facts { commits_may_be_lost: true, ..still(now) };
        let Change::Commit(commit) = recover(row, known, &facts).change else { return Ok(None) };
        let (workspace_id, post_id) = (post.workspace_id, post.id);
        let written = write(tx, row, &commit, untouched(post), self.app.random.as_ref(), None).await?;
        let Some(written) = written else { return Ok(None) };
        tx.attempt_doubt(row.id).await?;
        tracing::warn!(attempt = %row.id, state = commit.attempt.state.kind().as_str(), "the attempt is ahead of its row");
        Ok(Some(LiveEvent { workspace_id, what: LiveChange::Post { post_id, state: written.post } }))
    }

    /// The database has lost the whole attempt: it is made again, as a question, so that TikTok or a person can answer it.
    async fn bring_back(&self, note: &Note, known: &Known, now: UnixMillis) -> Result<()> {
        let Some(post) = self.app.store.post_any(note.post).await? else { return Ok(()) };
        match post.state {
            PostState::Scheduled | PostState::Publishing | PostState::Failed | PostState::NeedsAttention => {}
            PostState::Draft | PostState::Published | PostState::InInbox | PostState::Cancelled => {
                tracing::warn!(post = %post.id, "an attempt of this post is lost, but the post waits for nothing");
                self.forget(note, now).await;
                return Ok(());
            }
        }
        let parts = Parts::read(&self.app.store, &post).await?;
        let mut tx = self.app.store.begin().await?;
        let ordinal = tx.attempt_last_ordinal(post.id).await?.saturating_add(1);
        let lives = tx.attempt_live(post.id).await?.is_some();
        let made = attempt_for(&self.app, &post, &parts, ordinal, now, now);
        let told = match made {
            Ok(made) if !lives => {
                let row = Attempt { id: note.attempt, ..made };
                insert(&mut tx, &row, "recovered").await?;
                self.recovered(&mut tx, &row, post, known, now).await?
            }
            // It cannot be asked about as it was; what is left is that it does not go out by itself, and that nobody is told it is not out.
            Ok(_) | Err(_)
                if post.state == PostState::Scheduled
                    || (!lives && matches!(post.state, PostState::NeedsAttention | PostState::Failed)) =>
            {
                Some(hold(&mut tx, post, HELD_AFTER_RESTORE, now).await?)
            }
            Ok(_) | Err(_) => None,
        };
        tx.commit().await?;
        self.tell(told);
        if self.app.store.attempt(note.attempt).await?.is_none() {
            self.forget(note, now).await;
        }
        Ok(())
    }

    fn tell(&self, event: Option<LiveEvent>) {
        if let Some(event) = event {
            self.app.live.publish(event);
        }
    }

    /// After a restore no attempt whose time has passed goes on by itself: it may have gone on after the backup was made.
    async fn hold_overdue_attempts(&self, now: UnixMillis) -> Result<()> {
        loop {
            let ids = self.app.store.attempts_early_overdue(now, BATCH).await?;
            let full = i64::try_from(ids.len()).unwrap_or(i64::MAX) >= BATCH;
            for id in ids {
                self.bring_forward(id, &Known::default(), now).await?;
            }
            if !full {
                return Ok(());
            }
        }
    }

    async fn hold_overdue_posts(&self, until: UnixMillis, code: &'static str) -> Result<()> {
        let now = self.app.now();
        loop {
            let ids = self.app.store.posts_overdue_ids(until, BATCH).await?;
            let full = i64::try_from(ids.len()).unwrap_or(i64::MAX) >= BATCH;
            let mut told = Vec::new();
            let mut tx = self.app.store.begin().await?;
            for id in ids {
                if let Some(post) = tx.post_any(id).await?.filter(|post| post.state == PostState::Scheduled) {
                    told.push(hold(&mut tx, post, code, now).await?);
                }
            }
            tx.commit().await?;
            if !told.is_empty() {
                tracing::warn!(posts = told.len(), code, "overdue posts are held until their owners say what to do");
            }
            told.into_iter().for_each(|event| self.app.live.publish(event));
            if !full {
                return Ok(());
            }
        }
    }

    /// Whether more is overdue at the start than may go out by itself. Nothing is held by a clock that TikTok has not confirmed.
    pub(super) async fn raise_fence(&self) -> Result<()> {
        let until = self.app.now().plus_millis(-LATE_MS);
        let overdue = self.app.store.posts_overdue(until).await?;
        let minutes = i64::from(self.app.settings.hold_overdue_minutes);
        let too_many = overdue.count > i64::from(self.app.settings.hold_overdue_posts);
        let too_late = overdue.since.is_some_and(|since| self.app.now().millis_since(since) > minutes * 60_000);
        let fence = if too_many || too_late { Fence::Raised } else { Fence::Open };
        *self.fence.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = fence;
        Ok(())
    }

    pub(super) fn fence(&self) -> Fence {
        *self.fence.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Holds what was overdue as soon as the clock is known to be right; gives when to look again while it is not.
    pub(super) async fn settle_fence(&self) -> Result<Option<UnixMillis>> {
        match self.fence() {
            Fence::Open => return Ok(None),
            Fence::Raised => {}
        }
        // Counted again: by a clock that was set meanwhile it is perhaps not overdue at all.
        self.raise_fence().await?;
        if self.fence() == Fence::Open {
            return Ok(None);
        }
        let until = self.app.now().plus_millis(-LATE_MS);
        if !self.clock_confirmed(until).await? {
            return Ok(Some(self.app.now().plus_millis(domain::attempt::Facts::CLOCK_RETRY_MS)));
        }
        self.hold_overdue_posts(until, HELD_OVERDUE).await?;
        *self.fence.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Fence::Open;
        Ok(None)
    }

    /// Asks TikTok for nothing but its clock, through the accounts of overdue posts.
    async fn clock_confirmed(&self, until: UnixMillis) -> Result<bool> {
        let mut asked: HashMap<_, ()> = HashMap::new();
        for id in self.app.store.posts_overdue_ids(until, BATCH).await? {
            if self.clock_is_proven() {
                break;
            }
            let Some(connection) = self.post_connection(id).await? else { continue };
            if asked.len() < 3 && asked.insert(connection, ()).is_none() {
                self.ask_for_the_time(connection).await;
            }
        }
        Ok(self.clock_is_proven())
    }

    async fn post_connection(&self, id: PostId) -> Result<Option<domain::id::ConnectionId>> {
        Ok(self.app.store.post_any(id).await?.map(|post| post.connection_id))
    }
}

/// Takes an overdue post off the plan, with the reason.
pub(crate) async fn hold(tx: &mut Tx, post: Post, code: &'static str, now: UnixMillis) -> Result<LiveEvent> {
    let next =
        Post { state: PostState::NeedsAttention, problem: Some(ours(code, now)), updated_at: now, ..post.clone() };
    if !tx.post_update(&next, post.revision, post.state).await? {
        return Err(Error::Store(store::StoreError::Conflict("post")));
    }
    tx.event_append(post.workspace_id, post.id, "needs_attention", None, &json!({ "code": code }), now).await?;
    post_settled(tx, &next, None, now).await?;
    Ok(LiveEvent { workspace_id: post.workspace_id, what: LiveChange::Post { post_id: post.id, state: next.state } })
}
