//! One step: decide, make it durable in one transaction (attempt, log, post, timeline), then tell what follows.
//!
//! Must not perform effects. A compare-and-set that misses means that somebody else owns the row: stop at once.

use domain::attempt::mutant::{self, Mutant};
use domain::attempt::{
    Attempt, Carried, Cause, Change, Commit, Event, Evidence, Kind, PostChange, State, Then, Trouble, decide,
};
use domain::id::AttemptId;
use domain::post::PostState;
use domain::privacy::purposes::Reading;
use domain::rules::{FailureSource, failure_text};
use domain::time::UnixMillis;
use serde_json::json;
use store::attempt::{AttemptLogEntry, Lease};
use store::{Post, PostProblem, StoreError, Tx};

use super::engine::Engine;
use super::failpoint;
use super::loading::{Fresh, Session, read};
use crate::live::{LiveChange, LiveEvent};
use crate::notices::post_settled;
use crate::{Error, Random, Result};

/// What a driver's step gives.
pub(super) type Drive<T> = std::result::Result<T, Halt>;

/// Why a driver stops without having finished.
#[derive(Debug)]
pub(super) enum Halt {
    /// The row belongs to somebody else now.
    Fenced,
    /// The database or the disk failed; the row is given back.
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<StoreError> for Halt {
    fn from(error: StoreError) -> Self {
        Self::Failed(Error::Store(error))
    }
}

impl Engine {
    /// Decides on an event; a durable change is decided again on fresh facts inside its transaction.
    pub(super) async fn step(&self, session: &mut Session, event: &Event) -> Drive<Then> {
        let decision = decide(&session.attempt, event, &self.facts(session));
        match decision.change {
            Change::None => Ok(decision.then),
            Change::Memory(next) => {
                session.attempt = *next;
                Ok(decision.then)
            }
            Change::Commit(_) => self.commit(session, event).await,
        }
    }

    async fn commit(&self, session: &mut Session, event: &Event) -> Drive<Then> {
        let mut tx = self.app.store.begin().await?;
        if !self.same_cluster(&mut tx).await? {
            tx.rollback().await?;
            self.compare_again();
            return Err(Halt::Fenced);
        }
        let now = self.app.now();
        let fresh = read(&mut tx, &session.attempt, session.consent.as_ref(), now).await?;
        let state_before = fresh.post.state;
        session.post = fresh.facts;
        session.inits = self.rested(&session.attempt, fresh.inits);
        let decision = decide(&session.attempt, event, &self.facts(session));
        let commit = match decision.change {
            Change::Commit(commit) => commit,
            Change::Memory(next) => {
                tx.rollback().await?;
                session.attempt = *next;
                return Ok(decision.then);
            }
            Change::None => {
                tx.rollback().await?;
                return Ok(decision.then);
            }
        };
        if mutant::active(Mutant::TaskSavedAfterUpload) && commit.attempt.state.publish_id().is_some() {
            tx.rollback().await?;
            session.attempt = commit.attempt;
            return Ok(decision.then);
        }
        let written = write(&mut tx, &session.attempt, &commit, fresh, self.app.random.as_ref(), None).await?;
        let Some(written) = written else {
            return Err(Halt::Fenced);
        };
        failpoint::reach(commit.attempt.state.kind().as_str(), failpoint::BEFORE_COMMIT).await;
        tx.commit().await?;
        failpoint::reach(commit.attempt.state.kind().as_str(), failpoint::AFTER_COMMIT).await;
        let again = matches!(commit.post, PostChange::TryAgain { .. });
        self.count(&commit);
        session.owned = commit.attempt.state.kind().is_open();
        session.attempt = commit.attempt;
        tracing::info!(
            attempt = %session.attempt.id,
            post = %session.attempt.post_id,
            state = session.attempt.state.kind().as_str(),
            cause = commit.cause.as_str(),
            "attempt changed"
        );
        self.app.live.publish(LiveEvent {
            workspace_id: session.workspace_id,
            what: LiveChange::Post { post_id: session.attempt.post_id, state: written.post },
        });
        if written.post != state_before {
            self.app.push_nudge.notify_one();
        }
        if again {
            self.app.engine_nudge.notify_one();
        }
        self.note(&session.attempt, written.seq).await?;
        Ok(decision.then)
    }
}

impl Engine {
    /// Counts what a commit says for whoever watches this process.
    fn count(&self, commit: &Commit) {
        let pulse = &self.app.pulse;
        if commit.cause == Cause::Released {
            pulse.released(commit.attempt.updated_at.millis_since(commit.attempt.snapshot.carried.released_at));
        }
        match &commit.post {
            PostChange::Failed(trouble) | PostChange::NeedsAttention(trouble) => {
                pulse.stopped(trouble.tiktok_code.as_deref().unwrap_or(&trouble.code));
            }
            PostChange::Published { .. } | PostChange::InInbox => pulse.out(),
            PostChange::Keep
            | PostChange::Waits
            | PostChange::LeftToCaller
            | PostChange::Linked { .. }
            | PostChange::TryAgain { .. } => {}
        }
    }
}

/// What was written.
pub(super) struct Written {
    /// The post's state after it.
    pub(super) post: PostState,
    /// The number of the line in the attempt's log.
    pub(super) seq: i64,
}

/// Writes everything a commit says; `None` when the compare-and-set missed.
pub(super) async fn write(
    tx: &mut Tx,
    before: &Attempt,
    commit: &Commit,
    fresh: Fresh,
    random: &dyn Random,
    actor: Option<domain::id::UserId>,
) -> Result<Option<Written>> {
    let after = &commit.attempt;
    let from = before.state.kind();
    if !tx.attempt_advance(after, from, before.epoch).await? {
        return Ok(None);
    }
    let line = AttemptLogEntry {
        attempt_id: after.id,
        epoch: after.epoch,
        from: Some(from),
        to: after.state.kind(),
        cause: commit.cause.as_str().to_owned(),
        log_id: after.trace.log_id.clone(),
        remote_date: after.trace.status_date.or(after.trace.url_date),
        at: after.updated_at,
    };
    let seq = tx.attempt_log_append(&line).await?;
    let post = write_post(tx, commit, fresh.post, random, actor).await?;
    Ok(Some(Written { post, seq }))
}

async fn write_post(
    tx: &mut Tx,
    commit: &Commit,
    post: Post,
    random: &dyn Random,
    actor: Option<domain::id::UserId>,
) -> Result<PostState> {
    let now = commit.attempt.updated_at;
    let (revision, state) = (post.revision, post.state);
    let mut next = Post { updated_at: now, ..post };
    let (kind, detail) = match &commit.post {
        PostChange::Keep | PostChange::LeftToCaller => return Ok(state),
        PostChange::Waits => {
            next.state = PostState::Scheduled;
            ("waits_for_resume", json!({}))
        }
        PostChange::Published { post_ids } => {
            next.state = PostState::Published;
            next.published_at = Some(now);
            next.tiktok_ids.clone_from(post_ids);
            next.problem = None;
            let kind = if commit.cause == Cause::PersonSaidYes { "confirmed" } else { "published" };
            (kind, json!({ "ids": post_ids }))
        }
        PostChange::Linked { post_ids } => {
            next.tiktok_ids.clone_from(post_ids);
            ("linked", json!({ "ids": post_ids }))
        }
        PostChange::InInbox => {
            next.state = PostState::InInbox;
            next.published_at = Some(now);
            next.problem = None;
            ("in_inbox", json!({}))
        }
        PostChange::Failed(trouble) => {
            next.state = PostState::Failed;
            next.problem = Some(problem(trouble, commit));
            ("failed", told(trouble))
        }
        PostChange::NeedsAttention(trouble) => {
            next.state = PostState::NeedsAttention;
            next.problem = Some(problem(trouble, commit));
            ("needs_attention", told(trouble))
        }
        PostChange::TryAgain { not_before, carried } => {
            let again = successor(&commit.attempt, *not_before, *carried, random, now);
            insert(tx, &again, "tried_again").await?;
            let cause = commit.cause.as_str();
            ("trying_again", json!({ "why": cause, "not_before": not_before }))
        }
    };
    let ended = next.state;
    if !tx.post_update(&next, revision, state).await? {
        return Err(Error::Store(StoreError::Conflict("post")));
    }
    tx.event_append(next.workspace_id, next.id, kind, actor, &detail, now).await?;
    if !next.tiktok_ids.is_empty() {
        tx.metric_expect(next.connection_id, Reading::Metrics, now).await?;
    }
    if ended != state {
        post_settled(tx, &next, actor, now).await?;
    }
    Ok(ended)
}

fn told(trouble: &Trouble) -> serde_json::Value {
    json!({ "code": trouble.code, "tiktok_code": trouble.tiktok_code, "log_id": trouble.log_id })
}

/// The problem as the page shows it: our key, TikTok's code and log id.
fn problem(trouble: &Trouble, commit: &Commit) -> PostProblem {
    let source = match &commit.attempt.state {
        State::Dead { evidence: Evidence::Failed { .. }, .. } => FailureSource::FailReason,
        State::Dead { .. }
        | State::Ready
        | State::InitSent { .. }
        | State::InitAcked(_)
        | State::Uploading { .. }
        | State::FinalIntent { .. }
        | State::HandedOver { .. }
        | State::Published { .. }
        | State::Delivered { .. }
        | State::Uncertain { .. } => FailureSource::Api,
    };
    let code = match &trouble.tiktok_code {
        Some(code) => failure_text(source, code).key.to_owned(),
        None => trouble.code.clone(),
    };
    PostProblem {
        code,
        tiktok_code: trouble.tiktok_code.clone(),
        log_id: trouble.log_id.clone(),
        detail: None,
        at: commit.attempt.updated_at,
    }
}

/// The next attempt of a post whose last one is proven dead: the same snapshot, from the beginning.
pub(super) fn successor(
    dead: &Attempt,
    not_before: UnixMillis,
    carried: Carried,
    random: &dyn Random,
    now: UnixMillis,
) -> Attempt {
    let mut next = dead.clone();
    next.id = AttemptId::from_uuid(random.uuid(now));
    next.ordinal = dead.ordinal.saturating_add(1);
    next.epoch = 1;
    next.state = State::Ready;
    next.trace = domain::attempt::Trace::default();
    next.snapshot.carried = carried;
    next.tries = 0;
    next.next_at = not_before;
    next.created_at = now;
    next.updated_at = now;
    next
}

/// Inserts a new attempt with the first line of its log.
pub(super) async fn insert(tx: &mut Tx, attempt: &Attempt, cause: &str) -> Result<()> {
    let inserted = tx.attempt_insert(attempt).await?;
    first_line(tx, attempt, cause, inserted).await
}

/// As [`insert`]; the attempt is in our hands from the start.
pub(super) async fn insert_held(tx: &mut Tx, attempt: &Attempt, cause: &str, lease: Lease<'_>) -> Result<()> {
    let inserted = tx.attempt_insert_held(attempt, lease).await?;
    first_line(tx, attempt, cause, inserted).await
}

async fn first_line(tx: &mut Tx, attempt: &Attempt, cause: &str, inserted: bool) -> Result<()> {
    if !inserted {
        // R3: another attempt lives; whoever made it will publish.
        return Err(Error::Store(StoreError::Conflict("attempt")));
    }
    tx.attempt_log_append(&AttemptLogEntry {
        attempt_id: attempt.id,
        epoch: attempt.epoch,
        from: None,
        to: Kind::Ready,
        cause: cause.to_owned(),
        log_id: None,
        remote_date: None,
        at: attempt.created_at,
    })
    .await?;
    Ok(())
}
