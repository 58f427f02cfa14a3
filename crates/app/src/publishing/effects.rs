//! The effects, one call of TikTok or one read of the file each; every result is an event. Nothing here repeats a call.

use std::sync::PoisonError;
use std::time::Duration;

use domain::attempt::mutant::{self, Mutant};
use domain::attempt::{
    Attempt, CallFailure, CreatorVerdict, Effect, Event, SealedUrl, SendOptions, StatusReport, Task, Trouble,
    URL_LIFE_MS, UndatedWatch,
};
use domain::creator::CreatorStanding;
use domain::id::{AttemptId, ConnectionId};
use domain::post::Delivery;
use domain::rules::{EffectiveOptions, SendCheck, at_send_time};
use domain::time::UnixMillis;
use futures::StreamExt as _;
use secrecy::SecretString;
use store::blobs::{BlobError, BlobKey, BlobReader};
use tiktok::{ChunkAnswer, ChunkPlan, DirectVideo, PublishId, UploadUrl};

use super::answers;
use super::engine::Engine;
use super::loading::{Session, subject};
use super::pace::Waits;
use super::persist::{Drive, Halt};
use super::rates::Call;
use super::send::{self, Known, Leaving, Sent};
use super::slots::{Bytes, Order, SOON_MS, Slot, Urgency};
use crate::Error;
use crate::alerts::AlertKind;

/// No attempt starts with less life in its token, seconds.
const TOKEN_LIFE_AT_START_S: i64 = 7200;
/// A status call needs a token for as long as the call takes, seconds.
const TOKEN_LIFE_TO_ASK_S: i64 = 120;
/// Slowest upload that is waited for, bytes per second.
const SLOWEST: u64 = 50_000;
/// From this size on the quicker hash is worth the question whether there is one, bytes.
const QUICK_FROM_BYTES: u64 = 4_000_000;
/// Added to the time a chunk may take, seconds.
const CHUNK_SPARE_S: u64 = 60;

impl Engine {
    /// Performs one effect.
    pub(super) async fn perform(&self, session: &mut Session, effect: Effect) -> Drive<Event> {
        let Some(_slot) = self.slot(&session.attempt, effect).await else {
            return Err(Halt::Fenced);
        };
        if matches!(effect, Effect::SendInit(_) | Effect::PutChunk { .. }) {
            // Noted with the commit already, unless the process that committed ended in between.
            self.note(&session.attempt, 0).await?;
        }
        match effect {
            Effect::CheckCreator => self.check_creator(session).await,
            Effect::SendInit(options) => self.send_init(session, options).await,
            Effect::PutChunk { index, is_final } => self.put_chunk(session, index, is_final).await,
            Effect::FetchStatus => self.fetch_status(session).await,
            Effect::VerifyMedia => self.verify_media(session).await,
            Effect::RefreshToken => Ok(self.refresh_token(session).await),
        }
    }

    /// A place to talk to TikTok. Whoever waits for one while its time comes waits in the more urgent line from then on.
    async fn slot(&self, attempt: &Attempt, effect: Effect) -> Option<Slot> {
        loop {
            let now = self.app.now();
            let hastens_at = attempt.due_at.plus_millis(SOON_MS.saturating_neg());
            let hastens = async {
                if hastens_at > now {
                    self.app.clock.sleep_until(hastens_at).await
                } else {
                    std::future::pending().await
                }
            };
            tokio::select! {
                biased;
                slot = self.slots.take(attempt.connection_id, urgency(attempt, effect, now), attempt.due_at) => return slot,
                () = hastens => {}
            }
        }
    }

    async fn token(&self, session: &mut Session, min_left_s: i64) -> std::result::Result<SecretString, Event> {
        let connection = session.attempt.connection_id;
        match self.app.tokens.access_token(connection, min_left_s).await {
            Ok(token) => {
                session.token = Some(token.clone());
                Ok(token)
            }
            Err(error) => Err(answers::token_failed(&error)),
        }
    }

    async fn refresh_token(&self, session: &mut Session) -> Event {
        let connection = session.attempt.connection_id;
        let renewed = match &session.token {
            Some(refused) => self.app.tokens.replace_refused(connection, refused).await,
            None => self.app.tokens.access_token(connection, TOKEN_LIFE_TO_ASK_S).await,
        };
        match renewed {
            Ok(token) => {
                session.token = Some(token);
                Event::TokenRefreshed
            }
            Err(error) => answers::token_failed(&error),
        }
    }

    /// A token that TikTok refused is renewed at once: the next attempt would otherwise be refused for the same reason.
    pub(super) async fn renew_refused(&self, session: &Session, refused: &SecretString, error: &tiktok::Error) {
        if error.class() != tiktok::ErrorClass::Auth {
            return;
        }
        let connection = session.attempt.connection_id;
        if let Err(error) = self.app.tokens.replace_refused(connection, refused).await {
            tracing::warn!(%connection, %error, "a refused token could not be renewed");
        }
    }

    fn take(&self, connection: ConnectionId, call: Call) -> Option<Event> {
        let until = self.rates.take(connection, call, self.app.now()).err()?;
        Some(Event::CallFailed(CallFailure::RateLimited { until: Some(until) }))
    }

    /// TikTok said "too many requests": the account's other posts wait, too.
    pub(super) fn note_rate(&self, connection: ConnectionId, error: &tiktok::Error) {
        if error.class() == tiktok::ErrorClass::RateLimit {
            self.rates.rest(connection, self.app.now());
        }
    }

    pub(super) fn heard(&self, date: Option<i64>) {
        self.app.watch.answered(self.app.clock.as_ref(), answers::date(date));
    }

    /// A draft asks TikTok for nothing before its init, so its clock is only asked for when ours says something doubtful.
    fn needs_the_time(&self, session: &Session) -> bool {
        let facts = self.facts(session);
        let late_ms = facts.now.millis_since(session.attempt.snapshot.carried.released_at);
        let late = facts.hold_after_ms.is_some_and(|limit| late_ms > limit);
        !facts.clock_is_trusted() || (late && !facts.clock_is_proven())
    }

    /// Calls TikTok for the Date of its answer alone; what it says does not matter.
    pub(super) async fn ask_for_the_time(&self, connection: ConnectionId) {
        if self.take(connection, Call::CreatorInfo).is_some() {
            return;
        }
        let Ok(token) = self.app.tokens.access_token(connection, TOKEN_LIFE_TO_ASK_S).await else { return };
        match self.app.tiktok.creator_info(&token).await {
            Ok(answer) => self.heard(answer.remote_date),
            Err(error) => self.heard(error.remote_date()),
        }
    }

    /// TikTok's clock was seen and agrees with ours.
    pub(super) fn clock_is_proven(&self) -> bool {
        let sight = self.app.watch.look(self.app.clock.as_ref());
        !sight.suspect && sight.remote.is_some_and(domain::attempt::RemoteClock::agrees)
    }

    /// Token, creator info and the last look at the consented content. Inbox drafts have no options to look at.
    async fn check_creator(&self, session: &mut Session) -> Drive<Event> {
        let attempt = &session.attempt;
        let connection = attempt.connection_id;
        let Some(consent) = session.consent.clone() else {
            return Ok(park("consent-missing"));
        };
        let post = self.app.store.post_any(attempt.post_id).await?.ok_or(Error::NotFound { what: "post" })?;
        let media = self.app.store.media_any(post.media_id).await?.ok_or(Error::NotFound { what: "media" })?;
        // A video has a length that is compared; of photos every one was judged when consent was given and hashed just now.
        if media.video().is_none() && !attempt.mode.is_pull() {
            return Ok(park("media-rejected"));
        }
        let token = match self.token(session, TOKEN_LIFE_AT_START_S).await {
            Ok(token) => token,
            Err(event) => return Ok(event),
        };
        let standing = match post.delivery {
            Delivery::Inbox => {
                if self.needs_the_time(session) {
                    self.ask_for_the_time(connection).await;
                }
                None
            }
            Delivery::Direct => {
                if let Some(full) = self.take(connection, Call::CreatorInfo) {
                    return Ok(full);
                }
                let answer = self.app.tiktok.creator_info(&token).await;
                match &answer {
                    Ok(answer) => self.heard(answer.remote_date),
                    Err(error) => self.heard(error.remote_date()),
                }
                match crate::creator::standing(answer) {
                    Ok(standing) => Some(standing),
                    Err(error) => {
                        self.note_rate(connection, &error);
                        return Ok(answers::read_failed(&error));
                    }
                }
            }
        };
        if let Some(standing) = &standing {
            self.remember(connection, standing).await?;
        }
        let mut subject = subject(&session.attempt, post.delivery);
        let from_the_post = mutant::active(Mutant::CaptionAtSendTime);
        if from_the_post {
            subject.content = post.content;
        }
        if subject != consent.subject && !from_the_post {
            return Ok(park("consent-missing"));
        }
        let options = match at_send_time(&subject, standing.as_ref(), media.video()) {
            SendCheck::Send(options) => options,
            SendCheck::SendToInbox => {
                return Ok(Event::CreatorChecked(CreatorVerdict::Go(NO_OPTIONS)));
            }
            SendCheck::Park(problem) => return Ok(park(problem.code())),
        };
        let sent = SendOptions {
            disable_comment: options.disable_comment,
            disable_duet: options.disable_duet,
            disable_stitch: options.disable_stitch,
        };
        session.options = Some(options);
        Ok(Event::CreatorChecked(CreatorVerdict::Go(sent)))
    }

    /// Keeps a standing that differs from the one on file; an equal one is not worth a commit.
    async fn remember(&self, connection: ConnectionId, standing: &CreatorStanding) -> Drive<()> {
        let known = self.app.store.connection_any(connection).await?;
        if known.is_some_and(|known| known.creator.as_ref() == Some(standing)) {
            return Ok(());
        }
        self.app.keep_creator(connection, standing, self.app.now()).await?;
        Ok(())
    }

    async fn send_init(&self, session: &mut Session, options: Option<SendOptions>) -> Drive<Event> {
        let token = match self.token(session, TOKEN_LIFE_TO_ASK_S).await {
            Ok(token) => token,
            Err(event) => return Ok(event),
        };
        if session.attempt.mode.is_pull() {
            return self.init_photos(session, &token, options).await;
        }
        let plan = match plan(&session.attempt) {
            Ok(plan) => plan,
            Err(event) => return Ok(event),
        };
        let answer = match (options, &session.options) {
            (Some(sent), Some(effective)) => {
                let video = direct_video(effective, sent, plan);
                self.app.tiktok.init_video(&token, &video).await
            }
            (Some(_), None) => return Ok(Event::InitUnknown),
            (None, _) => self.app.tiktok.init_inbox_video(&token, &plan).await,
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(error) => {
                self.heard(error.remote_date());
                self.note_rate(session.attempt.connection_id, &error);
                tracing::warn!(
                    attempt = %session.attempt.id,
                    code = error.code(),
                    log_id = error.log_id(),
                    "init failed"
                );
                self.renew_refused(session, &token, &error).await;
                return Ok(answers::init_failed(&error));
            }
        };
        self.heard(answer.remote_date);
        session.attempt.trace.log_id.clone_from(&answer.log_id);
        let grant = answer.value;
        let sealed = self
            .app
            .keys
            .seal(&url_purpose(session.attempt.id), grant.upload_url.expose().as_bytes())
            .map_err(Error::Vault)?;
        Ok(Event::InitAnswered(Task {
            publish_id: grant.publish_id.as_str().to_owned(),
            upload_url: Some(SealedUrl::from_ciphertext(sealed)),
            url_date: answers::date(answer.remote_date),
        }))
    }

    async fn put_chunk(&self, session: &mut Session, index: u64, is_final: bool) -> Drive<Event> {
        if is_final && session.media.is_none() {
            // After a crash the last chunk is only sent again from a file that was looked at again.
            let looked = self.verify_media(session).await?;
            if looked != Event::MediaVerified {
                return Ok(looked);
            }
        }
        let known = self.known(session).await?;
        let attempt = &session.attempt;
        let (Some(task), Ok(plan)) = (attempt.state.task(), plan(attempt)) else {
            return Ok(Event::ChunkUnknown);
        };
        let Some(chunk) = plan.chunk(index) else {
            return Ok(Event::ChunkUnknown);
        };
        let Some(sealed) = &task.upload_url else {
            return Ok(Event::ChunkUnknown);
        };
        let opened = self.app.keys.open(&url_purpose(attempt.id), sealed.ciphertext());
        let opened = opened.inspect_err(|_| self.app.alerts.note(AlertKind::DecryptFailures)).map_err(Error::Vault)?;
        let url = std::str::from_utf8(&opened).ok().and_then(|text| UploadUrl::parse(text).ok());
        let Some(url) = url else {
            return Ok(Event::ChunkUnknown);
        };
        if mutant::active(Mutant::UploadUrlLogged) {
            tracing::debug!(attempt = %attempt.id, url = url.expose(), "a chunk leaves");
        }
        let file = match self.open(attempt, chunk.first).await? {
            Some(file) => file,
            None => return Ok(Event::MediaMismatch),
        };
        let now = self.app.now();
        let (needed, left) = (time_on_the_wire(chunk.len()), time_left(attempt, now));
        let order = Order { bytes: if is_final { Bytes::Last } else { Bytes::Rest }, due_at: attempt.due_at };
        let mime = &attempt.snapshot.mime;
        let started = self.app.clock.monotonic();
        let client = &self.app.tiktok;
        // Only a chunk that continues what this driver sent, and that TikTok takes, is counted as sent.
        let before = if index == 0 { Some(Sent::nothing(known)) } else { session.sent.take() };
        let before = before.filter(|sent| !is_final && sent.bytes() == chunk.first);
        session.sent = None;
        let (leaving, waits) = (Leaving::default(), Waits::default());
        let body = match (&session.media, is_final) {
            (Some(checked), true) => send::last_chunk(file, chunk.len(), checked).left_stream(),
            (_, _) => {
                let sent = before.map(|sent| (sent, Leaving::clone(&leaving)));
                send::chunk(file, chunk.len(), sent).right_stream()
            }
        };
        let body = self.app.pace.apply(order, body, &waits);
        let answer = tokio::select! {
            biased;
            answer = client.put_chunk(&url, &chunk, mime, body, left) => answer,
            () = waits.used_up(needed.min(left), self.app.clock.as_ref()) => {
                tracing::warn!(attempt = %attempt.id, chunk = index, "a chunk took too long on the wire");
                return Ok(Event::ChunkUnknown);
            }
        };
        match answer {
            Ok(ChunkAnswer::Accepted { remote_date, .. }) => {
                self.heard(remote_date);
                let ended = self.app.clock.monotonic();
                self.line.uploaded(chunk.len(), ended.saturating_sub(started), waits.total(ended));
                session.sent = leaving.lock().unwrap_or_else(PoisonError::into_inner).take();
                Ok(Event::ChunkAccepted { index })
            }
            Ok(ChunkAnswer::Complete { remote_date }) => {
                self.heard(remote_date);
                Ok(Event::ChunkComplete)
            }
            Err(error) => {
                self.heard(error.remote_date());
                tracing::warn!(
                    attempt = %attempt.id,
                    chunk = index,
                    code = error.code(),
                    "a chunk was not accepted"
                );
                Ok(answers::chunk_failed(&error))
            }
        }
    }

    async fn fetch_status(&self, session: &mut Session) -> Drive<Event> {
        let publish_id = session.attempt.state.publish_id().map(PublishId::parse);
        let Some(Ok(publish_id)) = publish_id else {
            return Ok(Event::TaskUnknown { log_id: None });
        };
        let call = if session.attempt.state.kind().is_before_final() { Call::Status } else { Call::Poll };
        if let Some(full) = self.take(session.attempt.connection_id, call) {
            return Ok(full);
        }
        let token = match self.token(session, TOKEN_LIFE_TO_ASK_S).await {
            Ok(token) => token,
            Err(event) => return Ok(event),
        };
        let asked = (self.app.now(), self.app.clock.monotonic());
        match self.app.tiktok.status(&token, &publish_id).await {
            Ok(answer) => {
                self.heard(answer.remote_date);
                let report = answers::status(answer);
                session.undated = self.note_undated(session, &report, asked);
                Ok(Event::StatusSeen(report))
            }
            Err(error) => {
                self.heard(error.remote_date());
                Ok(answers::status_failed(&error))
            }
        }
    }

    /// Remembers the first incomplete answer without a Date; any answer with one makes the memory pointless. Gives the time from the
    /// arrival of that first answer to the moment at which this one was asked for: however long this process was asleep since
    /// proves nothing about what TikTok would say now.
    fn note_undated(
        &self,
        session: &Session,
        report: &StatusReport,
        asked: (UnixMillis, Duration),
    ) -> Option<UndatedWatch> {
        let mut since = self.undated_since.lock().ok()?;
        let short = report.uploaded_bytes.is_some_and(|bytes| bytes < session.attempt.plan.size_bytes());
        if report.remote_date.is_some() || !short {
            since.remove(&session.attempt.id);
            return None;
        }
        let arrived = (self.app.now(), self.app.clock.monotonic());
        let (wall, monotonic) = *since.entry(session.attempt.id).or_insert(arrived);
        let real = asked.1.saturating_sub(monotonic);
        Some(UndatedWatch {
            wall_ms: asked.0.millis_since(wall).max(0),
            monotonic_ms: i64::try_from(real.as_millis()).unwrap_or(i64::MAX),
        })
    }

    async fn verify_media(&self, session: &mut Session) -> Drive<Event> {
        if let Some(photos) = session.attempt.snapshot.photos.clone() {
            return self.verify_photos(session, &photos).await;
        }
        let known = self.known(session).await?;
        let plan = &session.attempt.plan;
        let sent = session.sent.clone().filter(|sent| sent.bytes() > 0 && sent.bytes() == plan.held_from());
        let from = sent.as_ref().map_or(0, Sent::bytes);
        let Some(file) = self.open(&session.attempt, from).await? else {
            return Ok(Event::MediaMismatch);
        };
        let checked = match sent {
            Some(sent) => send::check_rest(file, plan, known, sent).await,
            None => send::check(file, plan, known).await,
        };
        match checked {
            Ok(Some(checked)) => {
                session.media = Some(checked);
                Ok(Event::MediaVerified)
            }
            Ok(None) => Ok(Event::MediaMismatch),
            Err(error) => Err(Halt::Failed(Error::Io(error))),
        }
    }

    /// By which hash this driver compares the attempt's file, the same one from its first look to its last.
    async fn known(&self, session: &mut Session) -> Drive<Known> {
        if let Some(known) = session.known {
            return Ok(known);
        }
        let (plan, key) = (&session.attempt.plan, session.attempt.snapshot.blob_key.parse::<BlobKey>());
        let mut known = Known::Sha256;
        if let Ok(key) = key
            && plan.size_bytes() >= QUICK_FROM_BYTES
            && let Some(hash) = self.app.store.media_blake3(&key, plan.sha256(), plan.size_bytes()).await?
            && let Ok(hash) = hash.parse()
        {
            known = Known::Blake3(hash);
        }
        session.known = Some(known);
        Ok(known)
    }

    /// The stored file at an offset; `None` when it is not there.
    async fn open(&self, attempt: &Attempt, offset: u64) -> Drive<Option<BlobReader>> {
        self.open_blob(&attempt.snapshot.blob_key, offset).await
    }

    pub(super) async fn open_blob(&self, key: &str, offset: u64) -> Drive<Option<BlobReader>> {
        let Ok(key) = key.parse::<BlobKey>() else {
            return Ok(None);
        };
        match self.app.blobs.read_at(&key, offset).await {
            Ok(file) => Ok(Some(file)),
            Err(BlobError::Missing(_)) => Ok(None),
            Err(error) => Err(Halt::Failed(Error::Io(std::io::Error::other(error)))),
        }
    }
}

/// What leaves at the due time, or is asked in the last second before it, stands in no line with work that is done ahead.
fn urgency(attempt: &Attempt, effect: Effect, now: UnixMillis) -> Urgency {
    let soon = attempt.due_at.millis_since(now) <= SOON_MS;
    match effect {
        Effect::PutChunk { is_final: true, .. } => Urgency::Due,
        Effect::FetchStatus if soon && attempt.state.kind().is_before_final() => Urgency::Due,
        // Whether the last chunk arrived is asked before it is sent again, inside of the address's hour.
        Effect::FetchStatus if attempt.state.kind() == domain::attempt::Kind::FinalIntent => Urgency::Overdue,
        // Of what is with TikTok whole, nothing is late any more.
        Effect::FetchStatus => Urgency::Ahead,
        Effect::PutChunk { .. }
        | Effect::CheckCreator
        | Effect::SendInit(_)
        | Effect::VerifyMedia
        | Effect::RefreshToken
            if soon =>
        {
            Urgency::Overdue
        }
        Effect::PutChunk { .. }
        | Effect::CheckCreator
        | Effect::SendInit(_)
        | Effect::VerifyMedia
        | Effect::RefreshToken => Urgency::Ahead,
    }
}

const NO_OPTIONS: SendOptions = SendOptions { disable_comment: true, disable_duet: true, disable_stitch: true };

fn park(code: &'static str) -> Event {
    Event::CreatorChecked(CreatorVerdict::Park(Trouble::ours(code)))
}

/// What the address of an attempt's upload is sealed for.
pub(crate) fn url_purpose(attempt: AttemptId) -> String {
    format!("attempt.upload_url:{attempt}")
}

fn plan(attempt: &Attempt) -> std::result::Result<ChunkPlan, Event> {
    let plan = &attempt.plan;
    ChunkPlan::from_parts(plan.size_bytes(), plan.chunk_bytes(), plan.count()).map_err(|_| Event::MediaMismatch)
}

fn direct_video(effective: &EffectiveOptions, sent: SendOptions, plan: ChunkPlan) -> DirectVideo {
    DirectVideo {
        title: effective.caption.clone(),
        privacy_level: tiktok::PrivacyLevel::parse(effective.privacy.as_str()),
        disable_comment: sent.disable_comment,
        disable_duet: sent.disable_duet,
        disable_stitch: sent.disable_stitch,
        video_cover_timestamp_ms: effective.cover_ms,
        brand_content_toggle: effective.brand_content,
        brand_organic_toggle: effective.brand_organic,
        is_aigc: effective.ai_generated,
        plan,
    }
}

/// How long a chunk may be on the wire: what the slowest acceptable connection needs. Waiting for the operator's limit is not counted.
fn time_on_the_wire(bytes: u64) -> Duration {
    Duration::from_secs((bytes / SLOWEST).saturating_add(CHUNK_SPARE_S))
}

/// What is left of the URL's hour.
fn time_left(attempt: &Attempt, now: UnixMillis) -> Duration {
    let issued = attempt.trace.url_date.or(attempt.trace.init_sent_at);
    let left = issued.map_or(URL_LIFE_MS, |at| at.plus_millis(URL_LIFE_MS).millis_since(now));
    Duration::from_millis(u64::try_from(left).unwrap_or(0)).max(Duration::from_secs(10))
}
