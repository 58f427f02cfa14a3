//! Turns a scheduled post whose time has come into its first attempt: content frozen, file and consent checked, chunks planned.
//!
//! Accounts take turns, and of each only as many posts begin as TikTok lets begin now, in the order of their due times.

use std::sync::Arc;

use domain::attempt::{Attempt, Carried, EARLIEST_LEAD_MS, Event, MediaPlan, Mode, NEVER, Snapshot, State, Trace};
use domain::connection::ConnectionState;
use domain::consent::{Consent, ConsentSubject};
use domain::id::{AttemptId, PostId};
use domain::post::PostState;
use domain::time::UnixMillis;
use domain::timetable::{self, WINDOW_MS, Wish};
use serde_json::json;
use store::attempt::Lease;
use store::lane::Lane;
use store::media::Media;
use store::{Post, PostProblem, Store, StoreError, Tx};
use tiktok::ChunkPlan;

use super::driver::LEASE_MS;
use super::engine::Engine;
use super::persist::{insert, insert_held};
use crate::live::{LiveChange, LiveEvent};
use crate::{App, Error, Result};

/// Accounts served in one round of turns.
const ROUND: i64 = 32;
/// Posts of one account that are planned together, soonest first.
const LANE_POSTS: i64 = 100;
/// Inits that are read to know what is left of an account's minute.
const INITS_READ: i64 = 64;
/// How long another node may take for an account's turn, milliseconds.
const OTHER_NODE_MS: i64 = 200;
/// Pause before a post that could not be started is tried again, milliseconds.
const PUT_OFF_MS: i64 = 60_000;

/// What a post needs beside itself to be sent.
pub(super) struct Parts {
    pub(super) media: Media,
    pub(super) consent: Option<Consent>,
    pub(super) connection: ConnectionState,
}

impl Parts {
    pub(super) async fn read(store: &Store, post: &Post) -> Result<Self> {
        let media = store.media_any(post.media_id).await?.ok_or(Error::NotFound { what: "media" })?;
        let consent = match post.consent_id {
            Some(id) => store.consent(id).await?,
            None => None,
        };
        let connection =
            store.connection_any(post.connection_id).await?.ok_or(Error::NotFound { what: "connection" })?;
        Ok(Self { media, consent, connection: connection.state })
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
    let facts = parts.media.facts.as_ref().ok_or("media-rejected")?;
    let subject = ConsentSubject {
        connection_id: post.connection_id,
        delivery: post.delivery,
        content: post.content.clone(),
        media_sha256: parts.media.sha256.clone(),
        due_at,
    };
    let consent = parts.consent.as_ref().ok_or("consent-missing")?;
    if consent.post_id != post.id || consent.fingerprint != subject.fingerprint() {
        return Err("consent-missing");
    }
    let size = parts.media.size_bytes;
    let plan = if app.settings.early_upload { ChunkPlan::for_early_release(size) } else { ChunkPlan::for_size(size) }
        .map_err(|_| "media-rejected")?;
    let plan = MediaPlan::new(parts.media.sha256.clone(), plan.size_bytes, plan.chunk_size_bytes, plan.chunk_count)
        .map_err(|_| "media-rejected")?;
    Ok(Attempt {
        id: AttemptId::from_uuid(app.random.uuid(now)),
        post_id: post.id,
        connection_id: post.connection_id,
        ordinal,
        mode: Mode::for_delivery(post.delivery),
        epoch: 1,
        due_at,
        revision: post.revision,
        snapshot: Snapshot {
            content: post.content.clone(),
            consent_id: consent.id,
            blob_key: parts.media.blob_key.to_string(),
            mime: facts.container.mime().to_owned(),
            carried: Carried { released_at, internal_failures: 0, upload_restarts: 0, init_failures: 0 },
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

/// A post that begins now, with everything that is needed for it.
struct Beginning {
    post: Post,
    parts: Parts,
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

impl Engine {
    /// Gives every account whose time has come its turn; gives the instant of the next one.
    pub(super) async fn start_due(engine: &Arc<Self>) -> Result<Option<UnixMillis>> {
        let now = engine.app.now();
        loop {
            let lanes = engine.app.store.lanes_due(now, ROUND).await?;
            if lanes.is_empty() {
                return Ok(engine.app.store.lane_next().await?);
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
        let horizon = now.plus_millis(EARLIEST_LEAD_MS);
        let posts = store.lane_posts(account, horizon, LANE_POSTS).await?;
        let all_seen = posts.len() < usize::try_from(LANE_POSTS).unwrap_or(usize::MAX);
        let mut next_at = NEVER;
        if all_seen && let Some(due_at) = store.lane_first_after(account, horizon).await? {
            next_at = due_at.plus_millis(EARLIEST_LEAD_MS.saturating_neg());
        }
        let mut inits =
            store.attempt_connection_inits(account, now.plus_millis(WINDOW_MS.saturating_neg()), INITS_READ).await?;
        // Those under way take their places before any new one.
        let ready = store.attempts_ready(account, now.plus_millis(WINDOW_MS)).await?;
        inits.extend((0..ready).map(|_| now));
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
            },
        );
        let mut begins = Vec::new();
        for (post, slot) in posts.iter().zip(plan) {
            let at = self.put_off_until(post.post_id).map_or(slot.begin_at, |later| later.max(slot.begin_at));
            if at > now {
                next_at = next_at.min(at);
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
                    next_at = next_at.min(engine.set_aside(id, error, now)?);
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
        let mut served = Vec::new();
        for turn in turns {
            // Whoever has the account's turn on another node starts the same posts.
            if !tx.lane_take(turn.lane.connection_id).await? {
                continue;
            }
            for beginning in &turn.begins {
                let lease = (room > 0).then_some(lease);
                if let Some(one) = engine.begin_one(&mut tx, beginning, lease, now).await? {
                    room = room.saturating_sub(usize::from(one.held.is_some()));
                    begun.push(one);
                }
            }
            served.push(turn);
        }
        let all = served.len() == turns.len();
        for turn in served {
            // A turn that gave nothing to do must not come again at once.
            tx.lane_move(turn.lane, turn.next_at).await?;
        }
        match tx.commit().await {
            Ok(()) => {}
            Err(StoreError::CommitUnknown) => {
                for attempt in begun.into_iter().filter_map(|one| one.held) {
                    engine.give_back(attempt.id, attempt.epoch).await;
                }
                return Ok(true);
            }
            Err(error) => return Err(error.into()),
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

    /// `None` when the post changed since it was read: whoever changed it brought its account's turn forward.
    async fn begin_one(
        &self,
        tx: &mut Tx,
        beginning: &Beginning,
        lease: Option<Lease<'_>>,
        now: UnixMillis,
    ) -> Result<Option<Begun>> {
        let Beginning { post, parts } = beginning;
        let current = tx.post_any(post.id).await?;
        if current.as_ref() != Some(post) || post.state != PostState::Scheduled {
            return Ok(None);
        }
        let ordinal = tx.attempt_last_ordinal(post.id).await?.saturating_add(1);
        let released_at = post.due_at.unwrap_or(now);
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
        Ok(Some(Begun { post: next, held }))
    }

    /// A post that could not be started is tried again later; gives when. A database that does not answer concerns all.
    fn set_aside(&self, id: PostId, error: Error, now: UnixMillis) -> Result<UnixMillis> {
        if matches!(error, Error::Store(StoreError::Unavailable(_))) {
            return Err(error);
        }
        tracing::error!(post = %id, %error, "a due post could not be started");
        let later = now.plus_millis(PUT_OFF_MS);
        if let Ok(mut posts) = self.put_off.lock() {
            posts.retain(|_, at| *at > now);
            posts.insert(id, later);
        }
        Ok(later)
    }

    fn put_off_until(&self, post: PostId) -> Option<UnixMillis> {
        self.put_off.lock().ok()?.get(&post).copied()
    }
}

/// A problem in our own words.
pub(super) fn ours(code: &str, now: UnixMillis) -> PostProblem {
    PostProblem { code: code.to_owned(), tiktok_code: None, log_id: None, detail: None, at: now }
}
