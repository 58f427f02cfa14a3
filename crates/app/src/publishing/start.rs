//! Turns a scheduled post whose time has come into its first attempt: content frozen, file and consent checked, chunks planned.

use domain::attempt::{
    Attempt, Carried, EARLIEST_LEAD_MS, MediaPlan, Mode, PhotosSnapshot, PictureSnapshot, Snapshot, State, Trace,
    start_at,
};
use domain::connection::ConnectionState;
use domain::consent::{Consent, ConsentSubject};
use domain::id::{AttemptId, PostId};
use domain::post::PostState;
use domain::time::UnixMillis;
use serde_json::json;
use store::media::Media;
use store::{Post, PostProblem, Store, StoreError, Tx};
use tiktok::ChunkPlan;

use super::engine::Engine;
use super::failpoint;
use super::persist::insert;
use super::recovery::Fence;
use crate::live::{LiveChange, LiveEvent};
use crate::posts::Files;
use crate::{App, Error, Result};

/// Posts looked at in one round, soonest first.
const ROUND: i64 = 500;
/// A post begun later than this after its time is a late one, milliseconds.
pub(super) const LATE_MS: i64 = 60_000;
/// Late posts further back do not keep others waiting, milliseconds.
const LATE_SEEN_MS: i64 = 24 * 3_600_000;
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

impl Engine {
    /// Starts every post whose time has come; gives the instant at which the next one wants to start.
    pub(super) async fn start_due(&self) -> Result<Option<UnixMillis>> {
        if let Some(later) = self.compares_until() {
            return Ok(Some(later));
        }
        let clock_asked_at = self.settle_fence().await?;
        let now = self.app.now();
        let horizon = now.plus_millis(EARLIEST_LEAD_MS);
        let upcoming = self.app.store.posts_upcoming(horizon, ROUND).await?;
        let mut next: Option<UnixMillis> = None;
        let mut sooner = |at: UnixMillis| next = Some(next.map_or(at, |known| known.min(at)));
        if let Some(at) = clock_asked_at {
            sooner(at);
        }
        if upcoming.len() < usize::try_from(ROUND).unwrap_or(usize::MAX)
            && let Some(due_at) = self.app.store.next_due_after(horizon).await?
        {
            sooner(due_at.plus_millis(-EARLIEST_LEAD_MS));
        }
        for post in upcoming {
            let early = self.app.settings.early_upload;
            let mut at = start_at(post.due_at, post.size_bytes, early, self.upload_rate());
            if let Some(later) = self.put_off_until(post.post_id) {
                at = at.max(later);
            }
            if at > now {
                sooner(at);
                continue;
            }
            let late = now.millis_since(post.due_at) > LATE_MS;
            // Behind the fence only what cannot go out anyway: without an account nobody would ask TikTok for its clock either.
            if late && self.fence() == Fence::Raised && self.is_connected(post.post_id).await? {
                continue;
            }
            let started = self.start(post.post_id, late, now).await;
            if let Ok(Some(turn)) = started {
                sooner(turn);
            }
            if let Err(error) = started {
                if matches!(error, Error::Store(StoreError::Unavailable(_))) {
                    return Err(error);
                }
                tracing::error!(post = %post.post_id, %error, "a due post could not be started");
                let later = now.plus_millis(PUT_OFF_MS);
                self.put_off(post.post_id, later);
                sooner(later);
            }
        }
        Ok(next)
    }

    async fn is_connected(&self, id: PostId) -> Result<bool> {
        let Some(post) = self.app.store.post_any(id).await? else { return Ok(true) };
        let connection = self.app.store.connection_any(post.connection_id).await?;
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

    /// How long this late post has waited for its account's turn already; that wait does not make it later.
    fn waited_ms(&self, post: PostId, now: UnixMillis) -> i64 {
        let since = self.late_since.lock().ok().and_then(|posts| posts.get(&post).copied());
        since.map_or(0, |since| now.millis_since(since).max(0))
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

    /// Starts one post; gives when its turn is, when it is late and another late one of its account went shortly before.
    async fn start(&self, id: PostId, late: bool, now: UnixMillis) -> Result<Option<UnixMillis>> {
        let Some(post) = self.app.store.post_any(id).await? else {
            return Ok(None);
        };
        let parts = Parts::read(&self.app.store, &post).await?;
        let mut tx = self.app.store.begin().await?;
        if !self.same_cluster(&mut tx).await? {
            tx.rollback().await?;
            self.compare_again();
            return Ok(self.compares_until());
        }
        // Read again inside the transaction: what was read outside may have changed.
        let current = tx.post_any(id).await?;
        if current.as_ref() != Some(&post) || post.state != PostState::Scheduled {
            tx.rollback().await?;
            return Ok(None);
        }
        if late && let Some(turn) = self.late_turn(&mut tx, &post, now).await? {
            tx.rollback().await?;
            self.put_off(id, turn);
            if let Ok(mut posts) = self.late_since.lock() {
                posts.entry(id).or_insert(now);
            }
            return Ok(Some(turn));
        }
        let ordinal = tx.attempt_last_ordinal(id).await?.saturating_add(1);
        let released_at = post.due_at.map_or(now, |due_at| due_at.plus_millis(self.waited_ms(id, now)));
        let mut next = Post { updated_at: now, ..post.clone() };
        let (kind, detail) = match attempt_for(&self.app, &post, &parts, ordinal, released_at, now) {
            Ok(attempt) => {
                insert(&mut tx, &attempt, "started").await?;
                next.state = PostState::Publishing;
                ("started", json!({ "attempt": attempt.id, "ordinal": ordinal }))
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
        tx.event_append(post.workspace_id, id, kind, None, &detail, now).await?;
        failpoint::reach("ready", failpoint::BEFORE_COMMIT).await;
        tx.commit().await?;
        failpoint::reach("ready", failpoint::AFTER_COMMIT).await;
        self.app.live.publish(LiveEvent {
            workspace_id: post.workspace_id,
            what: LiveChange::Post { post_id: id, state: next.state },
        });
        if let Ok(mut posts) = self.late_since.lock() {
            posts.remove(&id);
        }
        Ok(None)
    }
}

/// A problem in our own words.
pub(super) fn ours(code: &str, now: UnixMillis) -> PostProblem {
    PostProblem { code: code.to_owned(), tiktok_code: None, log_id: None, detail: None, at: now }
}
