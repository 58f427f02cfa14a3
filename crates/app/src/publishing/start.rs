//! Turns a scheduled post whose time has come into its first attempt: content frozen, file and consent checked, chunks planned.

use domain::attempt::{Attempt, Carried, EARLIEST_LEAD_MS, MediaPlan, Mode, Snapshot, State, Trace, start_at};
use domain::connection::ConnectionState;
use domain::consent::{Consent, ConsentSubject};
use domain::id::{AttemptId, PostId};
use domain::post::PostState;
use domain::time::UnixMillis;
use serde_json::json;
use store::media::Media;
use store::{Post, PostProblem, Store, StoreError};
use tiktok::ChunkPlan;

use super::engine::Engine;
use super::failpoint;
use super::persist::insert;
use crate::live::{LiveChange, LiveEvent};
use crate::{App, Error, Result};

/// Posts looked at in one round, soonest first.
const ROUND: i64 = 500;
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

impl Engine {
    /// Starts every post whose time has come; gives the instant at which the next one wants to start.
    pub(super) async fn start_due(&self) -> Result<Option<UnixMillis>> {
        let now = self.app.now();
        let horizon = now.plus_millis(EARLIEST_LEAD_MS);
        let upcoming = self.app.store.posts_upcoming(horizon, ROUND).await?;
        let mut next: Option<UnixMillis> = None;
        let mut sooner = |at: UnixMillis| next = Some(next.map_or(at, |known| known.min(at)));
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
            if let Err(error) = self.start(post.post_id, now).await {
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

    fn put_off_until(&self, post: PostId) -> Option<UnixMillis> {
        self.put_off.lock().ok()?.get(&post).copied()
    }

    fn put_off(&self, post: PostId, until: UnixMillis) {
        if let Ok(mut posts) = self.put_off.lock() {
            let now = self.app.now();
            posts.retain(|_, at| *at > now);
            posts.insert(post, until);
        }
    }

    async fn start(&self, id: PostId, now: UnixMillis) -> Result<()> {
        let Some(post) = self.app.store.post_any(id).await? else {
            return Ok(());
        };
        let parts = Parts::read(&self.app.store, &post).await?;
        let mut tx = self.app.store.begin().await?;
        // Read again inside the transaction: what was read outside may have changed.
        let current = tx.post_any(id).await?;
        if current.as_ref() != Some(&post) || post.state != PostState::Scheduled {
            tx.rollback().await?;
            return Ok(());
        }
        let ordinal = tx.attempt_last_ordinal(id).await?.saturating_add(1);
        let released_at = post.due_at.unwrap_or(now);
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
        Ok(())
    }
}

/// A problem in our own words.
pub(super) fn ours(code: &str, now: UnixMillis) -> PostProblem {
    PostProblem { code: code.to_owned(), tiktok_code: None, log_id: None, detail: None, at: now }
}
