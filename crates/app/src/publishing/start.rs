//! Turns a scheduled post whose time has come into its first attempt: content frozen, file and consent checked, chunks planned.
//!
//! Accounts take turns, and of each only as many posts begin as TikTok lets begin now, in the order of their due times.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::attempt::{
    Attempt, Carried, EARLIEST_LEAD_MS, Event, Facts, MediaPlan, Mode, NEVER, PhotosSnapshot, PictureSnapshot,
    Snapshot, State, Trace,
};
use domain::connection::ConnectionState;
use domain::consent::{Consent, ConsentSubject};
use domain::id::{AttemptId, ConnectionId, PostId};
use domain::post::PostState;
use domain::time::UnixMillis;
use domain::timetable::{self, WINDOW_MS, Wish};
use serde_json::json;
use store::attempt::Lease;
use store::lane::{Lane, Upcoming};
use store::media::Media;
use store::{Post, PostProblem, Store, StoreError, Tx};
use tiktok::ChunkPlan;

use super::driver::{AFTER_FAILURE_MS as GIVE_BACK_MS, LEASE_MS};
use super::engine::Engine;
use super::failpoint;
use super::persist::{insert, insert_held};
use super::recovery::Fence;
use crate::live::{LiveChange, LiveEvent};
use crate::notices::post_settled;
use crate::posts::Files;
use crate::{App, Error, Result};

/// Accounts served in one round of turns.
const ROUND: i64 = 32;
/// Posts of one account that are planned together, soonest first.
const LANE_POSTS: i64 = 100;
/// Inits that are read to know what is left of an account's minute.
const INITS_READ: i64 = 64;
/// How long another node may take for an account's turn, milliseconds.
const OTHER_NODE_MS: i64 = 200;
/// A post begun later than this after its time is a late one, milliseconds.
pub(super) const LATE_MS: i64 = 60_000;
/// Late posts further back do not keep others waiting, milliseconds.
const LATE_SEEN_MS: i64 = 24 * 3_600_000;
/// Posts remembered as waiting for a place among TikTok's calls, at most; those beyond it go out as late ones do.
const IN_LINE_MAX: usize = 50_000;
/// Pause before a post that could not be started is tried again, milliseconds.
const PUT_OFF_MS: i64 = 60_000;

/// What a post needs beside itself to be sent.
pub(super) struct Parts {
    pub(super) files: Files,
    pub(super) consent: Option<Consent>,
    pub(super) connection: ConnectionState,
}

impl Parts {
    pub(super) async fn read(store: &Store, post: &Post) -> Result<Self> {
        let files = Files::read(store, post).await?;
        let consent = match post.consent_id {
            Some(id) => store.consent(id).await?,
            None => None,
        };
        let connection =
            store.connection_any(post.connection_id).await?.ok_or(Error::NotFound { what: "connection" })?;
        Ok(Self { files, consent, connection: connection.state })
    }
}

/// The first (or next) attempt of a post, or the code of what stands in its way.
pub(super) fn attempt_for(
    app: &App,
    post: &Post,
    parts: &Parts,
    ordinal: u32,
    released_at: UnixMillis,
    now: UnixMillis,
) -> std::result::Result<Attempt, &'static str> {
    match parts.connection {
        ConnectionState::Active => {}
        ConnectionState::ReconnectNeeded => return Err("reconnect-needed"),
        ConnectionState::Disconnected => return Err("disconnected"),
    }
    let due_at = post.due_at.ok_or("consent-missing")?;
    let mime = parts.files.media.facts.as_ref().ok_or("media-rejected")?.mime();
    let subject = ConsentSubject {
        connection_id: post.connection_id,
        delivery: post.delivery,
        content: post.content.clone(),
        media_sha256: parts.files.sha256(),
        photos: parts.files.subject(),
        due_at,
    };
    let consent = parts.consent.as_ref().ok_or("consent-missing")?;
    if consent.post_id != post.id || consent.fingerprint != subject.fingerprint() {
        return Err("consent-missing");
    }
    let photos = match &subject.photos {
        Some(_) if app.settings.pull_base().is_none() => return Err("photos-unreachable"),
        Some(photos) => Some(PhotosSnapshot {
            pictures: parts.files.pictures.iter().map(picture).collect::<Option<_>>().ok_or("media-rejected")?,
            cover_index: photos.cover_index,
        }),
        None => None,
    };
    let plan = match &photos {
        Some(photos) => fetched(photos, subject.media_sha256.clone()),
        None => sent(app, &parts.files.media),
    }
    .ok_or("media-rejected")?;
    Ok(Attempt {
        id: AttemptId::from_uuid(app.random.uuid(now)),
        post_id: post.id,
        connection_id: post.connection_id,
        ordinal,
        mode: if photos.is_some() { Mode::for_photos(post.delivery) } else { Mode::for_video(post.delivery) },
        epoch: 1,
        due_at,
        revision: post.revision,
        snapshot: Snapshot {
            content: post.content.clone(),
            consent_id: consent.id,
            blob_key: parts.files.media.blob_key.to_string(),
            mime: mime.to_owned(),
            carried: Carried { released_at, internal_failures: 0, upload_restarts: 0, init_failures: 0 },
            photos,
        },
        plan,
        state: State::Ready,
        trace: Trace::default(),
        tries: 0,
        next_at: now,
        created_at: now,
        updated_at: now,
    })
}

/// The chunks of a video that is sent.
fn sent(app: &App, media: &Media) -> Option<MediaPlan> {
    let size = media.size_bytes;
    let plan =
        if app.settings.early_upload { ChunkPlan::for_early_release(size) } else { ChunkPlan::for_size(size) }.ok()?;
    MediaPlan::new(media.sha256.clone(), plan.size_bytes, plan.chunk_size_bytes, plan.chunk_count).ok()
}

/// Pictures that are fetched: one piece, because nothing of them is sent ahead.
fn fetched(photos: &PhotosSnapshot, sha256: String) -> Option<MediaPlan> {
    let total = photos.pictures.iter().fold(0_u64, |sum, picture| sum.saturating_add(picture.size_bytes));
    MediaPlan::new(sha256, total, total, 1).ok()
}

fn picture(media: &Media) -> Option<PictureSnapshot> {
    Some(PictureSnapshot {
        blob_key: media.blob_key.to_string(),
        mime: media.photo()?.format.mime().to_owned(),
        sha256: media.sha256.clone(),
        size_bytes: media.size_bytes,
    })
}

/// A post that begins now, with everything that is needed for it.
struct Beginning {
    post: Post,
    parts: Parts,
}

/// A post begun at `now` would be a late one.
const fn is_late(due_at: UnixMillis, now: UnixMillis) -> bool {
    now.millis_since(due_at) > LATE_MS
}

/// One account's turn: what begins now, and when it is looked at again.
struct AccountTurn {
    lane: Lane,
    begins: Vec<Beginning>,
    next_at: UnixMillis,
}

/// What a post became.
struct Begun {
    post: Post,
    /// Its attempt, already in our hands.
    held: Option<Attempt>,
}

/// What came of beginning a post.
enum Beginnings {
    Begun(Box<Begun>),
    /// Another late post of its account went shortly before.
    Waits,
    /// It changed since it was read: whoever changed it brought its account's turn forward.
    Changed,
}

impl Engine {
    /// Gives every account whose time has come its turn; gives the instant of the next one.
    pub(super) async fn start_due(engine: &Arc<Self>) -> Result<Option<UnixMillis>> {
        if let Some(later) = engine.compares_until() {
            return Ok(Some(later));
        }
        let clock_asked_at = engine.settle_fence().await?;
        let now = engine.app.now();
        loop {
            let lanes = engine.app.store.lanes_due(now, ROUND).await?;
            if lanes.is_empty() {
                let next = engine.app.store.lane_next().await?;
                return Ok([next, clock_asked_at].into_iter().flatten().min());
            }
            let mut turns = Vec::with_capacity(lanes.len());
            for lane in lanes {
                turns.push(engine.turn(lane, now).await?);
            }
            if !Self::begin_all(engine, turns, now).await? {
                // Another node has an account's turn; what it leaves is looked at when it is done.
                return Ok(Some(now.plus_millis(OTHER_NODE_MS)));
            }
        }
    }

    /// Plans an account's posts: which begin now, and when the next ones do.
    async fn turn(&self, lane: Lane, now: UnixMillis) -> Result<AccountTurn> {
        let store = &self.app.store;
        let account = lane.connection_id;
        if store.rhythm(account).await?.paused_at.is_some() {
            // Whoever ends the rest brings the turn forward.
            return Ok(AccountTurn { lane, begins: Vec::new(), next_at: NEVER });
        }
        let horizon = now.plus_millis(EARLIEST_LEAD_MS);
        let is_all = |posts: &[Upcoming]| posts.len() < usize::try_from(LANE_POSTS).unwrap_or(usize::MAX);
        let mut posts = store.lane_posts(account, horizon, LANE_POSTS).await?;
        let mut all_seen = is_all(&posts);
        if !all_seen && posts.iter().any(|post| is_late(post.due_at, now)) {
            // A long backlog, which goes out slowly, does not stand before what is on time.
            let on_time = now.plus_millis(-LATE_MS - 1);
            let punctual = store.lane_posts_from(account, on_time, horizon, LANE_POSTS).await?;
            all_seen = is_all(&punctual);
            posts.retain(|post| is_late(post.due_at, now));
            posts.extend(punctual);
        }
        let mut next_at = NEVER;
        if all_seen && let Some(due_at) = store.lane_first_after(account, horizon).await? {
            next_at = due_at.plus_millis(EARLIEST_LEAD_MS.saturating_neg());
        }
        let mut inits =
            store.attempt_connection_inits(account, now.plus_millis(WINDOW_MS.saturating_neg()), INITS_READ).await?;
        // Those under way take their places before any new one.
        let ready = store.attempts_ready(account, now.plus_millis(WINDOW_MS)).await?;
        inits.extend((0..ready).map(|_| now));
        // Behind the fence only what can go out: without an account nobody would ask TikTok for its clock either.
        let fenced = self.fence() == Fence::Raised && self.is_connected(account).await?;
        posts.retain(|post| match self.waits_until(post, fenced, now) {
            Some(later) => {
                // It takes no place in the plan from those that may go.
                next_at = next_at.min(later);
                false
            }
            None => true,
        });
        let wishes: Vec<Wish> =
            posts.iter().map(|post| Wish { due_at: post.due_at, size_bytes: post.size_bytes }).collect();
        let plan = timetable::plan(
            &wishes,
            &timetable::Account {
                now,
                inits: &inits,
                resting_until: self.rates.rests_until(account, now),
                early: self.app.settings.early_upload,
                rate: self.upload_rate(),
                limit: self.app.settings.upload_rate,
            },
        );
        let mut begins = Vec::new();
        for (post, slot) in posts.iter().zip(plan) {
            if slot.begin_at > now {
                self.stands_in_line(post, now);
                next_at = next_at.min(slot.begin_at);
                continue;
            }
            match self.gather(post.post_id).await {
                Ok(Some(beginning)) => begins.push(beginning),
                Ok(None) => {}
                Err(error) => next_at = next_at.min(self.set_aside(post.post_id, error, now)?),
            }
        }
        Ok(AccountTurn { lane, begins, next_at })
    }

    /// Until when a planned post is not begun, whatever its account's plan says.
    fn waits_until(&self, post: &Upcoming, fenced: bool, now: UnixMillis) -> Option<UnixMillis> {
        if is_late(post.due_at, now) && fenced {
            return Some(now.plus_millis(Facts::CLOCK_RETRY_MS));
        }
        if !is_late(post.due_at, now) && self.has_waited(post.post_id) {
            // It was late and was given another time since.
            return None;
        }
        self.put_off_until(post.post_id).filter(|later| *later > now)
    }

    async fn is_connected(&self, id: ConnectionId) -> Result<bool> {
        let connection = self.app.store.connection_any(id).await?;
        Ok(connection.is_some_and(|it| it.state == ConnectionState::Active))
    }

    fn put_off_until(&self, post: PostId) -> Option<UnixMillis> {
        self.put_off.lock().ok()?.get(&post).copied()
    }

    /// Whatever was put off is looked at again: the clock by which it was is wrong.
    pub(super) fn forget_put_off(&self) {
        if let Ok(mut posts) = self.put_off.lock() {
            posts.clear();
        }
    }

    /// Notes a post that was there in time: TikTok's rate makes it later, not a stop of ours.
    fn stands_in_line(&self, post: &Upcoming, now: UnixMillis) {
        if is_late(post.due_at, now) {
            return;
        }
        if let Ok(mut posts) = self.in_line.lock() {
            if posts.len() >= IN_LINE_MAX {
                posts.retain(|_, due_at| now.millis_since(*due_at) < LATE_SEEN_MS);
            }
            if posts.len() < IN_LINE_MAX {
                posts.insert(post.post_id, post.due_at);
            }
        }
    }

    /// Whether the post at this due time stood in line. One due before its account's rest ended did not: the rest made it late.
    fn stood_in_line(&self, post: &Post, resumed_at: Option<UnixMillis>) -> bool {
        let rested = post.due_at.zip(resumed_at).is_some_and(|(due_at, end)| due_at < end);
        !rested && self.in_line.lock().is_ok_and(|posts| posts.get(&post.id).copied() == post.due_at)
    }

    fn has_waited(&self, post: PostId) -> bool {
        self.late_since.lock().is_ok_and(|posts| posts.contains_key(&post))
    }

    /// How long this late post has waited for its account's turn already; that wait does not make it later. A rest between does.
    fn waited_ms(&self, post: PostId, resumed_at: Option<UnixMillis>, now: UnixMillis) -> i64 {
        let since = self.late_since.lock().ok().and_then(|posts| posts.get(&post).copied());
        since.max(since.and(resumed_at)).map_or(0, |since| now.millis_since(since).max(0))
    }

    fn waits_for_its_turn(&self, post: PostId, until: UnixMillis, now: UnixMillis) {
        self.put_off(post, until);
        if let Ok(mut posts) = self.late_since.lock() {
            posts.entry(post).or_insert(now);
        }
    }

    /// When the account's next late post may go, unless that is now. A backlog never goes out as a burst.
    async fn late_turn(&self, tx: &mut Tx, post: &Post, now: UnixMillis) -> Result<Option<UnixMillis>> {
        let spacing = i64::from(self.app.settings.late_spacing_minutes).saturating_mul(60_000);
        let since = now.plus_millis(-LATE_SEEN_MS);
        let before = tx.attempt_late_turn(post.connection_id, since, LATE_MS).await?;
        Ok(before.map(|before| before.plus_millis(spacing)).filter(|turn| *turn > now))
    }

    fn put_off(&self, post: PostId, until: UnixMillis) {
        if let Ok(mut posts) = self.put_off.lock() {
            let now = self.app.now();
            posts.retain(|_, at| *at > now);
            posts.insert(post, until);
        }
    }

    async fn gather(&self, id: PostId) -> Result<Option<Beginning>> {
        let Some(post) = self.app.store.post_any(id).await? else {
            return Ok(None);
        };
        let parts = Parts::read(&self.app.store, &post).await?;
        Ok(Some(Beginning { post, parts }))
    }

    /// Begins the posts of several accounts in one transaction; one by one when that fails, so that one cannot stop the others.
    async fn begin_all(engine: &Arc<Self>, turns: Vec<AccountTurn>, now: UnixMillis) -> Result<bool> {
        match Self::begin(engine, &turns, now).await {
            Ok(all) => return Ok(all),
            Err(error @ Error::Store(StoreError::Unavailable(_))) => return Err(error),
            Err(error) => tracing::warn!(%error, "due posts could not be started together"),
        }
        let mut all = true;
        for turn in turns {
            let mut next_at = turn.next_at;
            for beginning in turn.begins {
                let id = beginning.post.id;
                let alone = [AccountTurn { lane: turn.lane, begins: vec![beginning], next_at: turn.lane.next_at }];
                if let Err(error) = Self::begin(engine, &alone, now).await {
                    engine.set_aside(id, error, now)?;
                }
                if let Some(later) = engine.put_off_until(id) {
                    next_at = next_at.min(later);
                }
            }
            let last = [AccountTurn { lane: turn.lane, begins: Vec::new(), next_at }];
            all &= Self::begin(engine, &last, now).await?;
        }
        Ok(all)
    }

    /// `false` when another node has the turn of one of the accounts.
    async fn begin(engine: &Arc<Self>, turns: &[AccountTurn], now: UnixMillis) -> Result<bool> {
        let lease_now = engine.lease_now().await?;
        let lease = Lease { owner: &engine.me, now: lease_now, until: lease_now.plus_millis(LEASE_MS) };
        let (mut room, _) = engine.room();
        let mut begun = Vec::new();
        let mut tx = engine.app.store.begin().await?;
        if !engine.same_cluster(&mut tx).await? {
            tx.rollback().await?;
            engine.compare_again();
            return Ok(false);
        }
        let mut served = Vec::new();
        let mut rhythms = BTreeMap::new();
        let mut accounts: Vec<ConnectionId> =
            turns.iter().filter(|turn| !turn.begins.is_empty()).map(|turn| turn.lane.connection_id).collect();
        accounts.sort_unstable();
        for account in accounts {
            rhythms.insert(account, tx.rhythm_relied_on(account).await?);
        }
        for turn in turns {
            // Whoever has the account's turn on another node starts the same posts.
            if !tx.lane_take(turn.lane.connection_id).await? {
                continue;
            }
            let rhythm = rhythms.get(&turn.lane.connection_id);
            if rhythm.is_some_and(|rhythm| rhythm.paused_at.is_some()) {
                served.push((turn.lane, NEVER));
                continue;
            }
            let resumed_at = rhythm.and_then(|rhythm| rhythm.resumed_at);
            let mut next_at = turn.next_at;
            for beginning in &turn.begins {
                let lease = (room > 0).then_some(lease);
                match engine.begin_one(&mut tx, (beginning, resumed_at), lease, now).await? {
                    Beginnings::Begun(one) => {
                        room = room.saturating_sub(usize::from(one.held.is_some()));
                        begun.push(*one);
                    }
                    // Those that stood behind it in the plan are planned again without it.
                    Beginnings::Waits => next_at = next_at.min(now.plus_millis(1)),
                    Beginnings::Changed => {}
                }
            }
            served.push((turn.lane, next_at));
        }
        let all = served.len() == turns.len();
        // In the order in which people's changes to several accounts write them, too.
        served.sort_unstable_by_key(|(lane, _)| lane.connection_id);
        for (lane, next_at) in served {
            // A turn that gave nothing to do must not come again at once.
            tx.lane_move(lane, next_at).await?;
        }
        failpoint::reach("ready", failpoint::BEFORE_COMMIT).await;
        match tx.commit().await {
            Ok(()) => failpoint::reach("ready", failpoint::AFTER_COMMIT).await,
            Err(StoreError::CommitUnknown) => {
                for attempt in begun.into_iter().filter_map(|one| one.held) {
                    engine.give_back(attempt.id, attempt.epoch, GIVE_BACK_MS).await;
                }
                return Ok(true);
            }
            Err(error) => return Err(error.into()),
        }
        if let Ok(mut posts) = engine.late_since.lock() {
            for one in &begun {
                posts.remove(&one.post.id);
            }
        }
        if let Ok(mut posts) = engine.in_line.lock() {
            for one in &begun {
                posts.remove(&one.post.id);
            }
        }
        for one in begun {
            engine.app.live.publish(LiveEvent {
                workspace_id: one.post.workspace_id,
                what: LiveChange::Post { post_id: one.post.id, state: one.post.state },
            });
            match one.held {
                Some(attempt) => Self::hand_over(engine, attempt, Event::Resume),
                None => engine.gave_back(now),
            }
        }
        Ok(all)
    }

    async fn begin_one(
        &self,
        tx: &mut Tx,
        (beginning, resumed_at): (&Beginning, Option<UnixMillis>),
        lease: Option<Lease<'_>>,
        now: UnixMillis,
    ) -> Result<Beginnings> {
        let Beginning { post, parts } = beginning;
        let current = tx.post_any(post.id).await?;
        if current.as_ref() != Some(post) || post.state != PostState::Scheduled {
            return Ok(Beginnings::Changed);
        }
        let late = post.due_at.is_some_and(|due_at| is_late(due_at, now));
        if late
            && !self.stood_in_line(post, resumed_at)
            && let Some(later) = self.late_turn(tx, post, now).await?
        {
            self.waits_for_its_turn(post.id, later, now);
            return Ok(Beginnings::Waits);
        }
        let ordinal = tx.attempt_last_ordinal(post.id).await?.saturating_add(1);
        let waited_ms = if late { self.waited_ms(post.id, resumed_at, now) } else { 0 };
        let released_at = post.due_at.map_or(now, |due_at| due_at.plus_millis(waited_ms));
        let mut next = Post { updated_at: now, ..post.clone() };
        let mut held = None;
        let (kind, detail) = match attempt_for(&self.app, post, parts, ordinal, released_at, now) {
            Ok(attempt) => {
                let told = ("started", json!({ "attempt": attempt.id, "ordinal": ordinal }));
                match lease {
                    Some(lease) => {
                        insert_held(tx, &attempt, "started", lease).await?;
                        held = Some(attempt);
                    }
                    None => insert(tx, &attempt, "started").await?,
                }
                next.state = PostState::Publishing;
                told
            }
            Err(code) => {
                next.state = PostState::NeedsAttention;
                next.problem = Some(ours(code, now));
                ("needs_attention", json!({ "code": code }))
            }
        };
        if !tx.post_update(&next, post.revision, post.state).await? {
            return Err(Error::Store(StoreError::Conflict("post")));
        }
        tx.event_append(post.workspace_id, post.id, kind, None, &detail, now).await?;
        post_settled(tx, &next, None, now).await?;
        Ok(Beginnings::Begun(Box::new(Begun { post: next, held })))
    }

    /// A post that could not be started is tried again later; gives when. A database that does not answer concerns all.
    fn set_aside(&self, id: PostId, error: Error, now: UnixMillis) -> Result<UnixMillis> {
        if matches!(error, Error::Store(StoreError::Unavailable(_))) {
            return Err(error);
        }
        tracing::error!(post = %id, %error, "a due post could not be started");
        let later = now.plus_millis(PUT_OFF_MS);
        self.put_off(id, later);
        Ok(later)
    }
}

/// A problem in our own words.
pub(super) fn ours(code: &str, now: UnixMillis) -> PostProblem {
    PostProblem { code: code.to_owned(), tiktok_code: None, log_id: None, detail: None, at: now }
}
