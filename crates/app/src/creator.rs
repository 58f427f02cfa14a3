//! What TikTok says about a creator right now. Owns the short cache that the post page needs; the engine asks afresh.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::creator::{CreatorSnapshot, CreatorStanding, PostingBlock, PrivacyLevel};
use domain::id::ConnectionId;
use domain::post::Delivery;
use domain::rules::Problem;
use domain::time::UnixMillis;
use secrecy::SecretString;
use tokio::sync::OnceCell;

use crate::{Actor, App, Error, Result};

/// How long an answer may be shown again on the same post page, milliseconds. TikTok wants it fresh at each rendering
/// and allows 20 calls a minute; a page with autosave must not use them up.
const FRESH_MS: i64 = 60_000;
/// Answers kept in memory.
const CACHE_MAX: usize = 4_096;

/// One question to TikTok, for all who want to know the same at the same time.
type Flight = Arc<OnceCell<std::result::Result<CreatorStanding, Failed>>>;

/// Why a question had no answer, for those who only waited for it.
#[derive(Debug, Clone)]
enum Failed {
    TikTok(tiktok::Error),
    ReconnectNeeded,
    /// It concerns whoever asked.
    Other,
}

impl Failed {
    fn of(error: &Error) -> Self {
        match error {
            Error::TikTok(error) => Self::TikTok(error.clone()),
            Error::ReconnectNeeded => Self::ReconnectNeeded,
            Error::NotFound { .. }
            | Error::Conflict { .. }
            | Error::Invalid(_)
            | Error::BadInput { .. }
            | Error::Limit { .. }
            | Error::DiskReserve
            | Error::PolicyUnanswered
            | Error::Pkce(_)
            | Error::Store(_)
            | Error::Vault(_)
            | Error::Io(_) => Self::Other,
        }
    }
}

/// The last answer per connection, and the questions that are under way.
#[derive(Debug, Default)]
pub(crate) struct CreatorCache {
    answers: Mutex<HashMap<ConnectionId, (UnixMillis, CreatorStanding)>>,
    flights: Mutex<HashMap<ConnectionId, Flight>>,
}

impl CreatorCache {
    fn get(&self, connection: ConnectionId, now: UnixMillis) -> Option<CreatorStanding> {
        let answers = self.answers.lock().ok()?;
        let (at, standing) = answers.get(&connection)?;
        (now.millis_since(*at).abs() < FRESH_MS).then(|| standing.clone())
    }

    fn put(&self, connection: ConnectionId, now: UnixMillis, standing: CreatorStanding) {
        if let Ok(mut answers) = self.answers.lock() {
            if answers.len() >= CACHE_MAX {
                answers.clear();
            }
            answers.insert(connection, (now, standing));
        }
    }

    fn board(&self, connection: ConnectionId) -> Flight {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(flights.entry(connection).or_default())
    }

    /// The next one asks anew; an answer that is fresh enough stands in the cache by then.
    fn land(&self, connection: ConnectionId, flight: &Flight) {
        let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
        if flights.get(&connection).is_some_and(|known| Arc::ptr_eq(known, flight)) {
            flights.remove(&connection);
        }
    }

    pub(crate) fn forget(&self, connection: ConnectionId) {
        self.flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&connection);
        if let Ok(mut answers) = self.answers.lock() {
            answers.remove(&connection);
        }
    }
}

/// Turns TikTok's answer into our words. The three codes that TikTok answers with HTTP 200 are standings, not errors.
///
/// # Errors
/// Every other error of the call, unchanged.
pub fn standing(
    answer: std::result::Result<tiktok::Answer<tiktok::CreatorInfo>, tiktok::Error>,
) -> std::result::Result<CreatorStanding, tiktok::Error> {
    match answer {
        Ok(answer) => Ok(CreatorStanding::CanPost(snapshot(&answer.value))),
        Err(error) => match error.code().as_str() {
            "spam_risk_too_many_posts" => Ok(CreatorStanding::Blocked(PostingBlock::TooManyPosts)),
            "spam_risk_user_banned_from_posting" => Ok(CreatorStanding::Blocked(PostingBlock::Banned)),
            "reached_active_user_cap" => Ok(CreatorStanding::Blocked(PostingBlock::AppQuota)),
            _ => Err(error),
        },
    }
}

fn snapshot(info: &tiktok::CreatorInfo) -> CreatorSnapshot {
    CreatorSnapshot {
        nickname: info.nickname.clone(),
        username: info.username.clone(),
        privacy_options: info
            .privacy_level_options
            .iter()
            .filter_map(|level| PrivacyLevel::parse(level.as_str()))
            .collect(),
        comment_disabled: info.comment_disabled,
        duet_disabled: info.duet_disabled,
        stitch_disabled: info.stitch_disabled,
        max_video_duration_s: info.max_video_post_duration_sec,
    }
}

impl App {
    /// What TikTok says about the creator of a connection, at most a minute old. Whoever asks while somebody asks gets the same answer.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign connection, [`Error::Invalid`] when the person did not grant posting, without which TikTok
    /// tells nothing, [`Error::ReconnectNeeded`] when the grant is gone, [`Error::TikTok`] when TikTok does not answer.
    pub async fn creator_standing(&self, actor: &Actor, connection_id: ConnectionId) -> Result<CreatorStanding> {
        let connection = self.connection(actor, connection_id).await?;
        if !connection.scopes.can_publish() {
            return Err(Error::Invalid(vec![Problem::ScopeMissing { delivery: Delivery::Direct }]));
        }
        if let Some(standing) = self.creator_cache.get(connection.id, self.now()) {
            return Ok(standing);
        }
        let (id, mut own) = (connection.id, None);
        let flight = self.creator_cache.board(id);
        let outcome = flight
            .get_or_init(async || {
                self.standing_now(id).await.map_err(|error| {
                    let failed = Failed::of(&error);
                    own = Some(error);
                    failed
                })
            })
            .await
            .clone();
        self.creator_cache.land(id, &flight);
        match (outcome, own) {
            (Ok(standing), _) => Ok(standing),
            (Err(_), Some(error)) => Err(error),
            (Err(Failed::TikTok(error)), None) => Err(Error::TikTok(error)),
            (Err(Failed::ReconnectNeeded), None) => Err(Error::ReconnectNeeded),
            (Err(Failed::Other), None) => self.standing_now(id).await,
        }
    }

    async fn standing_now(&self, id: ConnectionId) -> Result<CreatorStanding> {
        let now = self.now();
        // Somebody may have been answered between the look and the question.
        if let Some(standing) = self.creator_cache.get(id, now) {
            return Ok(standing);
        }
        let token = self.tokens.access_token(id, 120).await?;
        let standing = match self.ask_creator(&token).await {
            Err(error) if error.class() == tiktok::ErrorClass::Auth => {
                let token = self.tokens.replace_refused(id, &token).await?;
                self.ask_creator(&token).await?
            }
            answer => answer?,
        };
        self.keep_creator(id, &standing, now).await?;
        Ok(standing)
    }

    async fn ask_creator(&self, token: &SecretString) -> std::result::Result<CreatorStanding, tiktok::Error> {
        standing(self.tiktok.creator_info(token).await)
    }

    /// Remembers an answer: the handle comes from here, because the basic profile does not tell it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keep_creator(
        &self,
        connection_id: ConnectionId,
        standing: &CreatorStanding,
        now: UnixMillis,
    ) -> Result<()> {
        self.creator_cache.put(connection_id, now, standing.clone());
        let mut tx = self.store.begin().await?;
        tx.connection_set_creator(connection_id, standing, now).await?;
        if let CreatorStanding::CanPost(creator) = standing {
            tx.connection_set_profile(connection_id, &creator.nickname, Some(&creator.username), now).await?;
        }
        tx.commit().await.map_err(Error::from)
    }
}
