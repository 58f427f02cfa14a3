//! Runs one claimed attempt: step, effect, step, until it waits or is over. Owns leases and waiting; a dropped driver is a crash.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::attempt::mutant::{self, Mutant};
use domain::attempt::{Attempt, CreatorVerdict, Effect, Event, Kind, NEVER, Then};
use domain::id::AttemptId;
use domain::time::UnixMillis;
use store::attempt::Lease;

use super::berth;
use super::engine::Engine;
use super::failpoint;
use super::loading::Session;
use super::persist::{Drive, Halt};
use super::pulse::Busy;
use super::slots::Ticket;
use crate::{Error, Result};

/// Waits up to this long stay in the driver; longer ones give the row back. Milliseconds.
const WAIT_HERE_MS: i64 = 10_000;
/// How long a claim lasts unless renewed, milliseconds.
pub(super) const LEASE_MS: i64 = 30_000;
/// How often a lease is renewed, milliseconds.
const RENEW_MS: i64 = 10_000;
/// Life a lease must still have before a task is asked for or bytes are sent.
const LEASE_RESERVE: Duration = Duration::from_secs(5);
/// How long a chunk before the last, or a question, may still take when the engine stops.
const FINISH_WITHIN: Duration = Duration::from_secs(20);
/// How long a post waits for those before it on the same account, milliseconds.
const TURN_PATIENCE_MS: i64 = 2000;
/// How long a post waits for another one's look at TikTok's clock, milliseconds.
const LOOK_PATIENCE_MS: i64 = 400;
/// Pause before a row whose driver failed is looked at again, milliseconds.
pub(super) const AFTER_FAILURE_MS: i64 = 5000;

/// Until when this driver may believe that the row is its own, milliseconds of the monotonic clock.
pub(super) struct Hold(AtomicU64);

impl Hold {
    pub(super) fn from(now: Duration) -> Self {
        let hold = Self(AtomicU64::new(0));
        hold.extend(now);
        hold
    }

    fn extend(&self, now: Duration) {
        let until = now.saturating_add(Duration::from_millis(LEASE_MS.unsigned_abs()));
        let ms = u64::try_from(until.as_millis()).unwrap_or(u64::MAX);
        self.0.store(ms, Ordering::Relaxed);
    }

    fn left(&self, now: Duration) -> Duration {
        Duration::from_millis(self.0.load(Ordering::Relaxed)).saturating_sub(now)
    }
}

impl Engine {
    /// Runs an attempt until it waits, is over, or is somebody else's.
    pub(super) async fn drive(&self, claimed: Attempt, first: Event, ticket: Option<Ticket>) {
        let (id, epoch) = (claimed.id, claimed.epoch);
        let busy = Busy::with(&self.app.pulse);
        let hold = Hold::from(self.lease_clock());
        let outcome = if self.leases_expire() {
            tokio::select! {
                biased;
                outcome = self.run(claimed, first, ticket, &hold, &busy) => outcome,
                () = self.keep_lease(id, epoch, &hold) => Err(Halt::Fenced),
            }
        } else {
            self.run(claimed, first, ticket, &hold, &busy).await
        };
        match outcome {
            Ok(()) => {}
            Err(Halt::Fenced) => tracing::info!(attempt = %id, "the attempt belongs to somebody else now"),
            Err(Halt::Failed(error)) => {
                tracing::warn!(attempt = %id, %error, "the attempt is set aside for a moment");
                if let Error::Store(store::StoreError::SyncFailed(_)) = error {
                    return;
                }
                self.give_back(id, epoch, AFTER_FAILURE_MS).await;
            }
        }
    }

    async fn run(
        &self,
        claimed: Attempt,
        first: Event,
        ticket: Option<Ticket>,
        hold: &Hold,
        busy: &Busy<'_>,
    ) -> Drive<()> {
        let mut session = self.load(claimed).await?;
        let mut event = first;
        // Whoever is first of its account; given up once TikTok has answered, or when there is something to wait for.
        let mut ticket = ticket;
        let mut look = None;
        loop {
            if matches!(event, Event::CreatorChecked(CreatorVerdict::Go(_))) {
                self.await_turn(ticket.as_ref()).await;
            }
            if session.attempt.state.kind() != Kind::Ready && session.attempt.state.kind() != Kind::InitSent {
                ticket = None;
            }
            event = match self.step(&mut session, &event).await? {
                Then::Continue => Event::Resume,
                Then::Perform(effect) => {
                    if self.stopping() && !must_follow(effect) {
                        return self.release(&mut session, self.app.now()).await;
                    }
                    if !self.take_berth(&mut session, effect) {
                        return self.release(&mut session, self.app.now().plus_millis(berth::ASK_AGAIN_MS)).await;
                    }
                    if leaves_traces(effect) && !self.is_still_ours(&session.attempt, hold).await? {
                        return Err(Halt::Fenced);
                    }
                    failpoint::reach(failpoint::name(effect), failpoint::BEFORE_EFFECT).await;
                    let happened = match self.perform_or_stop(&mut session, effect).await {
                        Some(event) => event?,
                        None => return self.release(&mut session, self.app.now()).await,
                    };
                    failpoint::reach(failpoint::name(effect), failpoint::AFTER_EFFECT).await;
                    drop(look.take());
                    happened
                }
                Then::WaitUntil(at) => {
                    drop(look.take());
                    drop(ticket.take());
                    let wait_ms = at.millis_since(self.app.now());
                    if !session.owned {
                        self.gave_back(at);
                        return Ok(());
                    }
                    if wait_ms > WAIT_HERE_MS || self.stopping() || !busy.rest(self.wait(at)).await {
                        return self.release(&mut session, at).await;
                    }
                    ticket = self.ticket(&session.attempt);
                    Event::Resume
                }
                Then::HoldUntil(at) => {
                    drop(look.take());
                    if !busy.rest(self.wait(at)).await {
                        return self.release(&mut session, at).await;
                    }
                    if at < session.attempt.due_at {
                        look = self.look_turn().await;
                    }
                    Event::DueReached
                }
                Then::Finished | Then::Refused(_) => {
                    if session.owned {
                        return self.release(&mut session, NEVER).await;
                    }
                    return Ok(());
                }
            };
        }
    }

    /// Performs an effect; `None` when the engine stops and the effect was left alone after a while. What was announced is not left alone.
    async fn perform_or_stop(&self, session: &mut Session, effect: Effect) -> Option<Drive<Event>> {
        if must_follow(effect) {
            return Some(self.perform(session, effect).await);
        }
        let left_alone = async {
            self.stop.cancelled().await;
            tokio::time::sleep(FINISH_WITHIN).await;
        };
        tokio::select! {
            biased;
            event = self.perform(session, effect) => Some(event),
            () = left_alone => None,
        }
    }

    /// Waits; `false` when the engine stops meanwhile.
    async fn wait(&self, at: UnixMillis) -> bool {
        tokio::select! {
            biased;
            () = self.app.clock.sleep_until(at) => true,
            () = self.stop.cancelled() => false,
        }
    }

    /// A place in the line of its account, for an attempt that will ask TikTok for a task.
    pub(super) fn ticket(&self, attempt: &Attempt) -> Option<Ticket> {
        let place = (attempt.due_at, attempt.post_id);
        (attempt.state.kind() == Kind::Ready).then(|| self.lines.enter(attempt.connection_id, place))
    }

    /// Waits until the posts before this one have begun, but never long: order must not cost punctuality.
    async fn await_turn(&self, ticket: Option<&Ticket>) {
        let Some(ticket) = ticket else { return };
        let patience = self.app.now().plus_millis(TURN_PATIENCE_MS);
        tokio::select! {
            biased;
            () = ticket.first() => {}
            () = self.app.clock.sleep_until(patience) => {}
        }
    }

    /// A place on the line for what an upload has still to send; `false` when there is none yet. What has no task asks for it before TikTok
    /// is asked anything, so that neither the answer nor the address grows old.
    fn take_berth(&self, session: &mut Session, effect: Effect) -> bool {
        let attempt = &session.attempt;
        let bytes = attempt.plan.size_bytes().saturating_sub(attempt.trace.acked_bytes);
        match attempt.state.kind() {
            _ if attempt.mode.is_pull() => {}
            Kind::Ready if session.berth.is_none() && effect == Effect::CheckCreator => {
                let place = (attempt.due_at, attempt.post_id);
                session.berth = self.berths.ask(place, bytes, self.app.clock.monotonic());
                return session.berth.is_some();
            }
            Kind::InitAcked | Kind::Uploading | Kind::FinalIntent => match &session.berth {
                Some(berth) => berth.left(bytes),
                None => session.berth = Some(self.berths.take(attempt.due_at, bytes)),
            },
            Kind::Ready | Kind::InitSent => {}
            Kind::HandedOver | Kind::Published | Kind::Delivered | Kind::Dead | Kind::Uncertain => session.berth = None,
        }
        true
    }

    /// Posts due together need TikTok's clock once: one asks, the others wait for its answer, though not for long.
    async fn look_turn(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        let patience = self.app.now().plus_millis(LOOK_PATIENCE_MS);
        tokio::select! {
            biased;
            guard = self.clock_look.lock() => Some(guard),
            () = self.app.clock.sleep_until(patience) => None,
        }
    }

    /// Whether the row is ours for long enough to call TikTok. A process that slept since its last commit, however long, asks the
    /// database before it acts on what it announced then: another may have concluded that the announced never left.
    async fn is_still_ours(&self, attempt: &Attempt, hold: &Hold) -> Result<bool> {
        if !self.leases_expire() || hold.left(self.lease_clock()) >= LEASE_RESERVE {
            return Ok(true);
        }
        let started = self.lease_clock();
        let renewed = self.renew(attempt.id, attempt.epoch).await?;
        if renewed {
            hold.extend(started);
        }
        Ok(renewed && hold.left(self.lease_clock()) >= LEASE_RESERVE)
    }

    /// What a lease is believed in by: never the wall clock, which people and machines set.
    fn lease_clock(&self) -> Duration {
        if mutant::active(Mutant::LeaseByWallClock) {
            return Duration::from_millis(self.app.now().millis().unsigned_abs());
        }
        self.app.clock.monotonic()
    }

    async fn release(&self, session: &mut Session, next_at: UnixMillis) -> Drive<()> {
        session.attempt.next_at = next_at;
        let mut tx = self.app.store.begin().await?;
        tx.attempt_release(&session.attempt, &self.me).await?;
        tx.commit().await?;
        self.gave_back(next_at);
        Ok(())
    }

    /// Renews the lease until it is lost.
    async fn keep_lease(&self, id: AttemptId, epoch: i64, hold: &Hold) {
        loop {
            let next = self.app.now().plus_millis(RENEW_MS);
            self.app.clock.sleep_until(next).await;
            let started = self.lease_clock();
            let _busy = Busy::with(&self.app.pulse);
            match self.renew(id, epoch).await {
                Ok(true) => hold.extend(started),
                Ok(false) => return,
                Err(error) => {
                    tracing::warn!(attempt = %id, %error, "the lease could not be renewed");
                    if hold.left(self.lease_clock()).is_zero() {
                        return;
                    }
                }
            }
        }
    }

    async fn renew(&self, id: AttemptId, epoch: i64) -> Result<bool> {
        let now = self.lease_now().await?;
        let lease = Lease { owner: &self.me, now, until: now.plus_millis(LEASE_MS) };
        let mut tx = self.app.store.begin().await?;
        let renewed = tx.attempt_renew(id, epoch, lease).await?;
        tx.commit().await?;
        Ok(renewed)
    }

    /// After a failure: gives the row back as the database has it, however long the database takes to answer.
    pub(super) async fn give_back(&self, id: AttemptId, epoch: i64, pause_ms: i64) {
        loop {
            let later = self.app.now().plus_millis(pause_ms);
            match self.try_give_back(id, epoch, later).await {
                Ok(()) => {
                    self.app.engine_nudge.notify_one();
                    return;
                }
                Err(error) => tracing::warn!(attempt = %id, %error, "the attempt cannot be given back yet"),
            }
            if !self.wait(later).await {
                return;
            }
        }
    }

    async fn try_give_back(&self, id: AttemptId, epoch: i64, later: UnixMillis) -> Result<()> {
        let _busy = Busy::with(&self.app.pulse);
        let mut tx = self.app.store.begin().await?;
        if let Some(mut row) = tx.attempt(id).await?
            && row.epoch == epoch
        {
            if row.state.kind().is_open() {
                row.next_at = later;
            }
            tx.attempt_release(&row, &self.me).await?;
        }
        tx.commit().await?;
        Ok(())
    }
}

/// What would be seen at TikTok although somebody else has gone on with the post: it leaves only under a lease that holds.
const fn leaves_traces(effect: Effect) -> bool {
    match effect {
        Effect::SendInit(_) | Effect::PutChunk { .. } => true,
        Effect::CheckCreator | Effect::VerifyMedia | Effect::FetchStatus | Effect::RefreshToken => false,
    }
}

/// Effects whose announcement is durable are performed even while stopping; everything else can wait for the next process.
const fn must_follow(effect: Effect) -> bool {
    match effect {
        Effect::SendInit(_) => true,
        Effect::PutChunk { is_final, .. } => is_final,
        Effect::CheckCreator | Effect::VerifyMedia | Effect::FetchStatus | Effect::RefreshToken => false,
    }
}
