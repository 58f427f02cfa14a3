//! When a post can really go out, told before it is planned and while it waits. Owns the reading; the plan is `domain::timetable`.

use std::collections::HashMap;

use domain::attempt::{ASSUMED_RATE, estimated_transfer_ms};
use domain::id::{ConnectionId, PostId};
use domain::post::PostState;
use domain::time::UnixMillis;
use domain::timetable::{self, Account, CAP_WINDOW_MS, Cap, Slot, WINDOW_MS, Wish};
use store::post::list::Planned;

use crate::{Actor, App, Result};

/// Posts around a time that are looked at.
pub(super) const AROUND_MAX: i64 = 1_000;
/// How far before a time posts can push it back, milliseconds: the life of an upload address and a little.
const BEFORE_MS: i64 = 3_600_000;
/// How far after it posts are looked at: those take their places earlier because of it. Milliseconds.
const AFTER_MS: i64 = 1_200_000;
/// A delay that is worth a word, milliseconds.
const WORTH_TELLING_MS: i64 = 30_000;
/// Inits that are read.
const INITS_READ: i64 = 64;

/// What a time means for a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expectation {
    /// The time.
    pub due_at: UnixMillis,
    /// When the post can go out instead, if that is noticeably later.
    pub from: Option<UnixMillis>,
    /// It is the operator's upload limit that makes it so late: sending its file takes this many minutes.
    pub sending_minutes: Option<i64>,
    /// Posts of the account at this time, this one included.
    pub together: usize,
    /// After this many minutes of lateness a post is held and its owner asked, if it would be as late as that.
    pub held_after_minutes: Option<u32>,
    /// A cap of TikTok's that it may run into.
    pub cap: Option<Cap>,
}

impl Expectation {
    /// Whether there is anything to tell.
    #[must_use]
    pub const fn is_ordinary(&self) -> bool {
        self.from.is_none() && self.cap.is_none()
    }
}

fn later(slot: Slot, due_at: UnixMillis) -> Option<UnixMillis> {
    (slot.out_at.millis_since(due_at) >= WORTH_TELLING_MS).then_some(slot.out_at)
}

impl App {
    /// What it means to plan this post for `due_at`.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] for a foreign post.
    pub async fn expectation(&self, actor: &Actor, id: PostId, due_at: UnixMillis) -> Result<Expectation> {
        let post = self.post(actor, id).await?;
        let media = self.media(actor, post.media_id).await?;
        let now = self.now();
        let from = due_at.plus_millis(CAP_WINDOW_MS.saturating_neg());
        let until = due_at.plus_millis(AFTER_MS);
        let mut around = self.store.posts_planned(post.connection_id, from, until, AROUND_MAX).await?;
        around.retain(|other| other.id != id);
        let same: Vec<UnixMillis> =
            around.iter().filter(|other| other.delivery == post.delivery).map(|other| other.due_at).collect();
        let cap = timetable::cap(post.delivery, due_at, &same);
        around.retain(|other| other.state == PostState::Scheduled && due_at.millis_since(other.due_at) < BEFORE_MS);
        let together = around.iter().filter(|other| other.due_at == due_at).count().saturating_add(1);
        // Photos are fetched at their time; nothing of them is sent.
        let size_bytes = if post.photos.is_some() { 0 } else { media.size_bytes };
        let own = Planned { id, due_at, delivery: post.delivery, state: PostState::Scheduled, size_bytes };
        around.push(own);
        around.sort_by_key(|one| (one.due_at, one.id));
        let inits = self.inits_before(post.connection_id, &around, now).await?;
        let own = |limit| {
            let slots = self.slots(&around, &inits, now, limit);
            around.iter().zip(slots).find(|(one, _)| one.id == id).and_then(|(_, slot)| later(slot, due_at))
        };
        let upload_limit = self.settings.upload_rate;
        let from = own(upload_limit);
        let sending_minutes = upload_limit
            .filter(|_| from > own(None))
            .map(|limit| estimated_transfer_ms(size_bytes, Some(limit)).saturating_add(59_999) / 60_000);
        let limit = self.settings.hold_when_late_minutes;
        let held = from.is_some_and(|from| limit > 0 && from.millis_since(due_at) > i64::from(limit) * 60_000);
        Ok(Expectation { due_at, from, sending_minutes, together, held_after_minutes: held.then_some(limit), cap })
    }

    /// Planned posts that can only go out noticeably later than their time, and when.
    pub(crate) async fn delayed(&self, planned: &[Planned], of: ConnectionId) -> Result<HashMap<PostId, UnixMillis>> {
        let now = self.now();
        let inits = self.inits_before(of, planned, now).await?;
        let slots = self.slots(planned, &inits, now, self.settings.upload_rate);
        Ok(planned
            .iter()
            .zip(slots)
            .filter_map(|(one, slot)| later(slot, one.due_at).map(|from| (one.id, from)))
            .collect())
    }

    /// What was sent in the last minute only matters to what begins in the next one.
    async fn inits_before(&self, of: ConnectionId, planned: &[Planned], now: UnixMillis) -> Result<Vec<UnixMillis>> {
        let soon = now.plus_millis(WINDOW_MS);
        if planned.iter().all(|one| one.due_at > soon) {
            return Ok(Vec::new());
        }
        let since = now.plus_millis(WINDOW_MS.saturating_neg());
        Ok(self.store.attempt_connection_inits(of, since, INITS_READ).await?)
    }

    fn slots(&self, planned: &[Planned], inits: &[UnixMillis], now: UnixMillis, limit: Option<u64>) -> Vec<Slot> {
        let wishes: Vec<Wish> =
            planned.iter().map(|one| Wish { due_at: one.due_at, size_bytes: one.size_bytes }).collect();
        let early = self.settings.early_upload;
        let rate = limit.filter(|limit| *limit < ASSUMED_RATE);
        timetable::plan(&wishes, &Account { now, inits, resting_until: None, early, rate, limit })
    }
}
