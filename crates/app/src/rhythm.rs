//! The rhythm of an account: its weekly slots, the gap between its posts, and its rest. Owns who may change them and what a rest
//! stops; which instants are free is `domain::rhythm`'s, what is sent is the engine's.

use std::collections::HashMap;

use domain::id::{ConnectionId, PostId};
use domain::post::Delivery;
use domain::rhythm::{GAP_MAX_MINUTES, Search, Slot, Taken, Week, free};
use domain::schedule::{HORIZON_DAYS, Zone};
use domain::time::UnixMillis;
use domain::timetable::CAP_WINDOW_MS;
use store::{Rhythm, StoreError};

use crate::live::{LiveChange, LiveEvent};
use crate::publishing::{CancelOutcome, cancel_live_attempt};
use crate::queue::PostRow;
use crate::{Actor, App, Error, Result};

/// Posts around the slots that are looked at.
const TAKEN_MAX: i64 = 5_000;
/// How far ahead a free slot is looked for, days.
pub const LOOK_AHEAD_DAYS: i64 = 90;
/// A slot sooner than this is no time to plan for, milliseconds.
const SOONEST_MS: i64 = 120_000;
/// How often a rest is tried again when the engine took a step in this very moment.
const TRIES: u32 = 5;
const DAY_MS: i64 = 86_400_000;

/// What a rest stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paused {
    /// Posts that were being sent and wait now.
    pub stopped: usize,
    /// Posts whose last byte TikTok may have already: they come out all the same.
    pub too_late: usize,
    /// Posts of which it is not known what TikTok has: they wait as they are, and go on when the rest ends.
    pub in_doubt: usize,
}

/// What the end of a rest means for the posts that waited.
#[derive(Debug, Clone, Default)]
pub struct Waiting {
    /// Their time passed, and they go out now, one after the other.
    pub now: Vec<PostRow>,
    /// Their time passed so long ago that their owner is asked first.
    pub asked: Vec<PostRow>,
    /// Planned posts whose time comes.
    pub later: usize,
    /// Between two late posts, minutes.
    pub spacing_minutes: u32,
}

impl App {
    /// The rhythm of an account.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign account.
    pub async fn rhythm(&self, actor: &Actor, id: ConnectionId) -> Result<Rhythm> {
        self.connection(actor, id).await?;
        Ok(self.store.rhythm(id).await?)
    }

    /// The rhythms of the actor's accounts, those that have one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rhythms(&self, actor: &Actor) -> Result<HashMap<ConnectionId, Rhythm>> {
        let all = self.store.rhythms(actor.workspace_id).await?;
        Ok(all.into_iter().map(|rhythm| (rhythm.connection_id, rhythm)).collect())
    }

    /// Chooses slots and gap of an account. Posts that are planned stay where they are.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign account, [`Error::BadInput`] for a gap of more than a day, [`Error::Conflict`] when it changed
    /// after `seen`, the [`Rhythm::updated_at`] that the chooser saw.
    pub async fn rhythm_set(
        &self,
        actor: &Actor,
        id: ConnectionId,
        seen: UnixMillis,
        week: Week,
        gap_minutes: u32,
    ) -> Result<()> {
        self.connection(actor, id).await?;
        if gap_minutes > GAP_MAX_MINUTES {
            return Err(Error::BadInput { code: "gap-too-large" });
        }
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let before = tx.rhythm_locked(id).await?;
        if before.updated_at != seen {
            return Err(Error::Conflict { code: "rhythm-changed-meanwhile" });
        }
        // No two states of it bear the same instant.
        let updated_at = now.max(seen.plus_millis(1));
        tx.rhythm_put(&Rhythm { week, gap_minutes, updated_at, ..before }).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Adds a slot to an account's week, or takes it out; false when it was so already. The rest of the week stays as it is, whoever changes it meanwhile.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign account, [`Error::Limit`] when the week has as many slots as it may have.
    pub async fn slot_set(&self, actor: &Actor, id: ConnectionId, slot: Slot, is_in: bool) -> Result<bool> {
        self.connection(actor, id).await?;
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let before = tx.rhythm_locked(id).await?;
        if before.week.iter().any(|it| it == slot) == is_in {
            return Ok(false);
        }
        let rest = before.week.iter().filter(|it| *it != slot);
        let week = Week::of(rest.chain(is_in.then_some(slot))).map_err(|_| Error::Limit { code: "too-many-slots" })?;
        let updated_at = now.max(before.updated_at.plus_millis(1));
        tx.rhythm_put(&Rhythm { week, updated_at, ..before }).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Lets an account rest: nothing of it is sent from the answer on, but for what TikTok may have whole already. Posts keep their
    /// times and consents.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign account, [`Error::Conflict`] when it rests already.
    pub async fn pause(&self, actor: &Actor, id: ConnectionId) -> Result<Paused> {
        self.connection(actor, id).await?;
        let mut tries = TRIES;
        loop {
            tries = tries.saturating_sub(1);
            match self.try_pause(actor, id).await {
                Err(Error::Store(StoreError::Conflict(_))) if tries > 0 => {}
                Err(Error::Store(StoreError::Conflict(_))) => return Err(crate::posts::CHANGED_MEANWHILE),
                Err(error) => return Err(error),
                Ok(paused) => {
                    self.connections_changed(actor);
                    return Ok(paused);
                }
            }
        }
    }

    async fn try_pause(&self, actor: &Actor, id: ConnectionId) -> Result<Paused> {
        let now = self.now();
        let mut paused = Paused::default();
        let mut tx = self.store.begin().await?;
        if tx.rhythm_locked(id).await?.paused_at.is_some() {
            return Err(Error::Conflict { code: "paused-already" });
        }
        tx.rhythm_pause(id, now).await?;
        for post in tx.posts_publishing_of_connection(id).await? {
            match cancel_live_attempt(&mut tx, post, now, "paused").await? {
                CancelOutcome::Stopped => paused.stopped = paused.stopped.saturating_add(1),
                CancelOutcome::TooLate => paused.too_late = paused.too_late.saturating_add(1),
                CancelOutcome::ProofNeeded => paused.in_doubt = paused.in_doubt.saturating_add(1),
                CancelOutcome::NoLiveAttempt => {}
            }
        }
        tx.audit_append(now, &actor.user_id.to_string(), "connection.pause", &id.to_string(), "").await?;
        tx.commit().await?;
        Ok(paused)
    }

    /// Ends the rest of an account: what is due goes out by the rules for late posts.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign account, [`Error::Conflict`] when it does not rest.
    pub async fn resume(&self, actor: &Actor, id: ConnectionId) -> Result<()> {
        self.connection(actor, id).await?;
        let now = self.now();
        let mut tx = self.store.begin().await?;
        tx.rhythm_locked(id).await?;
        if !tx.rhythm_resume(id, now).await? {
            return Err(Error::Conflict { code: "not-paused" });
        }
        tx.lane_lower(id, now).await?;
        tx.audit_append(now, &actor.user_id.to_string(), "connection.resume", &id.to_string(), "").await?;
        tx.commit().await?;
        self.connections_changed(actor);
        Ok(())
    }

    fn connections_changed(&self, actor: &Actor) {
        self.live.publish(LiveEvent { workspace_id: actor.workspace_id, what: LiveChange::Connections });
        self.engine_nudge.notify_one();
    }

    /// What would go out if the rest of an account ended now.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign account.
    pub async fn waiting(&self, actor: &Actor, id: ConnectionId) -> Result<Waiting> {
        let connection = self.connection(actor, id).await?;
        let now = self.now();
        let hold_ms = i64::from(self.settings.hold_when_late_minutes).saturating_mul(60_000);
        let mut waiting = Waiting { spacing_minutes: self.settings.late_spacing_minutes, ..Waiting::default() };
        let open = self.store.posts_scheduled(actor.workspace_id, 5_000).await?;
        let posts = open.into_iter().filter(|post| post.connection_id == id);
        for row in self.rows(actor, posts.collect(), &[connection]).await? {
            let late_ms = row.post.due_at.map_or(0, |due_at| now.millis_since(due_at));
            if late_ms <= 0 {
                waiting.later = waiting.later.saturating_add(1);
            } else if hold_ms > 0 && late_ms > hold_ms {
                waiting.asked.push(row);
            } else {
                waiting.now.push(row);
            }
        }
        Ok(waiting)
    }

    /// The next free slots of an account for posts of a kind, soonest first, at most `count`, within [`LOOK_AHEAD_DAYS`]. Posts in
    /// `except` do not stand in their own way.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign account.
    pub async fn free_slots(
        &self,
        actor: &Actor,
        id: ConnectionId,
        delivery: Delivery,
        except: &[PostId],
        count: usize,
    ) -> Result<Vec<UnixMillis>> {
        let after = self.now().plus_millis(SOONEST_MS);
        let until = after.plus_millis(LOOK_AHEAD_DAYS.min(HORIZON_DAYS).saturating_mul(DAY_MS));
        self.free_between(actor, id, delivery, except, (after, until), count).await
    }

    /// As [`App::free_slots`], between two instants.
    ///
    /// # Errors
    /// As [`App::free_slots`].
    pub(crate) async fn free_between(
        &self,
        actor: &Actor,
        id: ConnectionId,
        delivery: Delivery,
        except: &[PostId],
        (after, until): (UnixMillis, UnixMillis),
        count: usize,
    ) -> Result<Vec<UnixMillis>> {
        let rhythm = self.rhythm(actor, id).await?;
        if rhythm.week.is_empty() || after >= until {
            return Ok(Vec::new());
        }
        let (from, to) = (after.plus_millis(CAP_WINDOW_MS.saturating_neg()), until.plus_millis(CAP_WINDOW_MS));
        let mut planned = self.store.posts_planned(id, from, to, TAKEN_MAX).await?;
        planned.retain(|one| !except.contains(&one.id));
        let taken: Vec<Taken> = planned.iter().map(|one| Taken { at: one.due_at, delivery: one.delivery }).collect();
        let zone: Zone = actor.time_zone.parse().unwrap_or_else(|_| Zone::utc());
        let search =
            Search { week: &rhythm.week, zone: &zone, gap_minutes: rhythm.gap_minutes, delivery, after, until };
        Ok(free(&search, &taken, count))
    }
}
