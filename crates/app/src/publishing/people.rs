//! What people and webhooks may do to an attempt: stop it, answer for it, start it again, ask for a look.
//!
//! Uses the same decision and the same compare-and-set as the engine; authorises first. Must not call TikTok.

use domain::attempt::{
    Attempt, Change, Event, Facts, HELD_AFTER_RESTORE, InitUse, Kind, PersonAnswer, PostFacts, Refused, StopCause,
    Then, decide, start_at,
};
use domain::connection::ConnectionState;
use domain::id::PostId;
use domain::post::PostState;
use domain::time::UnixMillis;
use serde_json::json;
use store::{Post, StoreError, Tx};

use super::loading::Fresh;
use super::persist::{insert, write};
use super::start::{Parts, attempt_for, ours};
use crate::{Actor, App, Error, Result, policy};

/// Problems of posts that did not go out by themselves although their time has come.
pub const HELD_CODES: [&str; 3] = [HELD_AFTER_RESTORE, "held-overdue", "too-late"];

/// What became of a wish to stop a post's attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CancelOutcome {
    /// Nothing was running.
    NoLiveAttempt,
    /// It was running and cannot publish any more.
    Stopped,
    /// The last byte may be at TikTok, or the post is out: nothing was changed.
    TooLate,
    /// It is not known what TikTok has: nothing was changed, and it goes no further before the proof.
    ProofNeeded,
}

/// Stops a post's attempt inside the caller's transaction (rule R8). `cause` is one of `cancelled`, `edited`, `deleted`,
/// `disconnected` and `paused`; only the last two change the post itself (it then needs attention, or waits), all others leave it to the caller.
///
/// # Errors
/// [`StoreError::Conflict`] when the engine changed the attempt in this very moment: repeat the transaction.
pub async fn cancel_live_attempt(tx: &mut Tx, post_id: PostId, now: UnixMillis, cause: &str) -> Result<CancelOutcome> {
    let cause = match cause {
        "edited" => StopCause::Edited,
        "deleted" => StopCause::Deleted,
        "disconnected" => StopCause::Disconnected,
        "paused" => StopCause::Paused,
        _ => StopCause::Cancelled,
    };
    let Some(attempt) = tx.attempt_live(post_id).await? else {
        return Ok(CancelOutcome::NoLiveAttempt);
    };
    let was_open = attempt.state.kind().is_before_final();
    let facts = Facts { commits_may_be_lost: attempt.trace.doubted, ..still(now) };
    let decision = decide(&attempt, &Event::Stop(cause), &facts);
    match decision.change {
        Change::Commit(commit) => {
            let post = tx.post_any(post_id).await?.ok_or(Error::NotFound { what: "post" })?;
            // No new attempt follows a stop, so no id has to be drawn.
            if write(tx, &attempt, &commit, untouched(post), &NoRandom, None).await?.is_none() {
                return Err(Error::Store(StoreError::Conflict("attempt")));
            }
            Ok(if was_open { CancelOutcome::Stopped } else { CancelOutcome::TooLate })
        }
        Change::Memory(_) | Change::None => Ok(match decision.then {
            Then::Refused(Refused::ProofNeeded) => CancelOutcome::ProofNeeded,
            Then::Refused(_) | Then::Finished => CancelOutcome::TooLate,
            Then::Continue | Then::Perform(_) | Then::WaitUntil(_) | Then::HoldUntil(_) => CancelOutcome::NoLiveAttempt,
        }),
    }
}

/// A webhook named a task: it is looked at now. Whatever the webhook says is never believed, only asked for.
///
/// # Errors
/// When the database does not answer.
pub async fn webhook_hint(app: &App, publish_id: &str) -> Result<bool> {
    let mut tx = app.store.begin().await?;
    let woken = tx.attempt_wake(publish_id, app.now()).await?;
    tx.commit().await?;
    if woken.is_some() {
        app.engine_nudge.notify_one();
    }
    Ok(woken.is_some())
}

impl App {
    /// The answer to "outcome unknown, please look at TikTok": `ItIsThere` makes the post published, `ItIsNotThere` proves the
    /// attempt dead and publishes again, or leaves the post waiting with the reason why that cannot be done now.
    ///
    /// # Errors
    /// [`Error::Conflict`] when there is no such question, or while the post could still come although nobody sees it yet
    /// ([`domain::attempt::absence_counts_from`]).
    pub async fn resolve_uncertain(&self, actor: &Actor, post_id: PostId, answer: PersonAnswer) -> Result<()> {
        let post = self.post(actor, post_id).await?;
        let parts = Parts::read(&self.store, &post).await?;
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let rests = tx.rhythm_relied_on(post.connection_id).await?.paused_at.is_some();
        let post = same(&mut tx, &post).await?;
        let attempt = tx.attempt_live(post_id).await?;
        let Some(attempt) = attempt.filter(|it| it.state.kind() == Kind::Uncertain) else {
            return Err(Error::Conflict { code: "nothing-to-resolve" });
        };
        let event = Event::Answer { user_id: actor.user_id, answer };
        let sight = self.watch.look(self.clock.as_ref());
        let facts = Facts { clock_suspect: sight.suspect, remote: sight.remote, ..still(now) };
        let decision = decide(&attempt, &event, &facts);
        let Change::Commit(commit) = decision.change else {
            return Err(Error::Conflict { code: not_now(decision.then) });
        };
        let (revision, state) = (post.revision, post.state);
        let fresh = untouched(post.clone());
        let random = self.random.as_ref();
        let written = write(&mut tx, &attempt, &commit, fresh, random, Some(actor.user_id)).await?;
        let Some(written) = written else {
            return Err(Error::Store(StoreError::Conflict("attempt")));
        };
        let mut after = written.post;
        if answer == PersonAnswer::ItIsNotThere {
            let again = self.start_again(&mut tx, &post, &parts, ((revision, state), rests), actor, now).await;
            after = match again {
                // What they saw counts, even when nothing can be published now: the post then waits for another reason.
                Err(Error::Conflict { code }) => park(&mut tx, &post, code, actor, now).await?,
                Err(Error::PolicyUnanswered) => park(&mut tx, &post, "policy-unanswered", actor, now).await?,
                again => again?,
            };
        }
        tx.commit().await?;
        self.post_changed(actor, post_id, after);
        Ok(())
    }

    /// Publishes a failed or parked post again at once, with the content and the consent it has.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it is in no such state, when an attempt could still complete, or when the consent does not cover
    /// it any more: then the post page has to be passed again. [`Error::PolicyUnanswered`].
    pub async fn retry_post(&self, actor: &Actor, post_id: PostId) -> Result<()> {
        let post = self.post(actor, post_id).await?;
        let parts = Parts::read(&self.store, &post).await?;
        let now = self.now();
        match post.state {
            PostState::Failed | PostState::NeedsAttention => {}
            PostState::Draft
            | PostState::Scheduled
            | PostState::Publishing
            | PostState::Published
            | PostState::InInbox
            | PostState::Cancelled => {
                return Err(Error::Conflict { code: "nothing-to-retry" });
            }
        }
        let mut tx = self.store.begin().await?;
        let rests = tx.rhythm_relied_on(post.connection_id).await?.paused_at.is_some();
        let post = same(&mut tx, &post).await?;
        // R3: a new attempt needs the old one to be dead, with its evidence recorded.
        if tx.attempt_live(post_id).await?.is_some() {
            return Err(Error::Conflict { code: "outcome-unknown" });
        }
        let expected = ((post.revision, post.state), rests);
        let after = self.start_again(&mut tx, &post, &parts, expected, actor, now).await?;
        tx.commit().await?;
        self.post_changed(actor, post_id, after);
        Ok(())
    }

    /// A person saw a held post on TikTok: it was published before the database was restored, or by hand.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the post is not held, or an attempt of it could still complete.
    pub async fn confirm_published(&self, actor: &Actor, post_id: PostId) -> Result<()> {
        let post = self.post(actor, post_id).await?;
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let post = same(&mut tx, &post).await?;
        let held = post.state == PostState::NeedsAttention
            && post.problem.as_ref().is_some_and(|problem| HELD_CODES.contains(&problem.code.as_str()));
        if !held || tx.attempt_live(post_id).await?.is_some() {
            return Err(Error::Conflict { code: "nothing-to-resolve" });
        }
        let at = post.due_at.map_or(now, |due_at| due_at.min(now));
        let next = Post {
            state: PostState::Published,
            published_at: Some(at),
            problem: None,
            updated_at: now,
            ..post.clone()
        };
        if !tx.post_update(&next, post.revision, post.state).await? {
            return Err(Error::Store(StoreError::Conflict("post")));
        }
        tx.event_append(post.workspace_id, post_id, "confirmed", Some(actor.user_id), &json!({}), now).await?;
        tx.commit().await?;
        self.post_changed(actor, post_id, next.state);
        Ok(())
    }

    async fn start_again(
        &self,
        tx: &mut Tx,
        post: &Post,
        parts: &Parts,
        ((revision, state), rests): ((i64, PostState), bool),
        actor: &Actor,
        now: UnixMillis,
    ) -> Result<PostState> {
        policy::may_plan(tx, actor, now).await?;
        let ordinal = tx.attempt_last_ordinal(post.id).await?.saturating_add(1);
        // Lateness counts from this wish; the due time stays what was consented to.
        let attempt: Attempt =
            attempt_for(self, post, parts, ordinal, now, now).map_err(|code| Error::Conflict { code })?;
        let size = if parts.files.pictures.is_empty() { parts.files.media.size_bytes } else { 0 };
        let early = start_at(attempt.due_at, size, self.settings.early_upload, None);
        // Parked before its time, or its account rests: it goes back to waiting, an upload URL would not live that long.
        let next_state = if early > now || rests {
            PostState::Scheduled
        } else {
            insert(tx, &attempt, "started_by_person").await?;
            PostState::Publishing
        };
        let next = Post { state: next_state, problem: None, updated_at: now, ..post.clone() };
        if !tx.post_update(&next, revision, state).await? {
            return Err(Error::Store(StoreError::Conflict("post")));
        }
        let detail = json!({ "ordinal": ordinal });
        let kind = if rests { "waits_for_resume" } else { "started" };
        tx.event_append(post.workspace_id, post.id, kind, Some(actor.user_id), &detail, now).await?;
        Ok(next_state)
    }
}

/// Why an answer changed nothing.
const fn not_now(then: Then) -> &'static str {
    match then {
        Then::Refused(Refused::TooSoon { .. }) => "absence-too-soon",
        Then::Refused(Refused::ClockUnsure) => "absence-clock-unsure",
        Then::Refused(Refused::TooLate | Refused::ProofNeeded)
        | Then::Finished
        | Then::Continue
        | Then::Perform(_)
        | Then::WaitUntil(_)
        | Then::HoldUntil(_) => "nothing-to-resolve",
    }
}

/// The post waits for a person, who is told what stands in the way of publishing it again.
async fn park(tx: &mut Tx, post: &Post, code: &str, actor: &Actor, now: UnixMillis) -> Result<PostState> {
    let next =
        Post { state: PostState::NeedsAttention, problem: Some(ours(code, now)), updated_at: now, ..post.clone() };
    if !tx.post_update(&next, post.revision, post.state).await? {
        return Err(Error::Store(StoreError::Conflict("post")));
    }
    let detail = json!({ "code": code });
    tx.event_append(post.workspace_id, post.id, "needs_attention", Some(actor.user_id), &detail, now).await?;
    Ok(next.state)
}

/// The post as it was read outside the transaction, or a conflict.
async fn same(tx: &mut Tx, post: &Post) -> Result<Post> {
    match tx.post_any(post.id).await? {
        Some(current) if current == *post => Ok(current),
        Some(_) => Err(crate::posts::CHANGED_MEANWHILE),
        None => Err(Error::NotFound { what: "post" }),
    }
}

/// The acts of people need no facts beyond the time.
pub(super) fn still(now: UnixMillis) -> Facts {
    Facts {
        now,
        clock_suspect: false,
        remote: None,
        post: no_facts(),
        inits: InitUse { last_hour: 0, hour_frees_at: now, last_day: 0, day_frees_at: now, rate_frees_at: now },
        upload_rate: None,
        hold_after_ms: None,
        media_verified: false,
        commits_may_be_lost: false,
        undated: None,
        jitter: 0,
    }
}

const fn no_facts() -> PostFacts {
    PostFacts { wanted: true, revision: 0, consent_matches: false, connection: ConnectionState::Active, paused: false }
}

pub(super) fn untouched(post: Post) -> Fresh {
    let now = post.updated_at;
    Fresh { post, facts: no_facts(), inits: still(now).inits }
}

/// For changes that draw no id.
struct NoRandom;

impl crate::Random for NoRandom {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}
