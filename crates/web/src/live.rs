//! Live updates as server-sent events: one line per change in the reader's workspace. Owns the stream's life; pages fetch the rest.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::live::{LiveChange, LiveEvent, Seen};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use domain::id::UserId;
use domain::time::UnixMillis;
use futures::Stream;
use serde::Deserialize;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::error::WebError;
use crate::session::SignedIn;
use crate::state::WebState;

/// A comment this often keeps proxies from closing a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(25);
/// How often a stream looks whether its session was ended by another process; this one's are told at once.
const LOOK_EVERY: Duration = Duration::from_secs(60);
/// Streams one person may have open: pages in all their browsers.
const PER_PERSON_MAX: usize = 32;

/// Open streams by person, and how often each looks whether its session has ended.
#[derive(Debug, Clone)]
pub struct Listeners {
    open: Arc<Mutex<HashMap<UserId, usize>>>,
    look_every: Duration,
}

impl Default for Listeners {
    fn default() -> Self {
        Self::looking_every(LOOK_EVERY)
    }
}

/// A counted stream; dropping it gives the place back.
#[derive(Debug)]
struct Place {
    user: UserId,
    listeners: Listeners,
}

impl Listeners {
    /// Nobody yet; each stream will look after its session this often.
    #[must_use]
    pub fn looking_every(look_every: Duration) -> Self {
        Self { open: Arc::default(), look_every }
    }

    fn place(&self, user: UserId) -> Option<Place> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(user).or_insert(0);
        if *count >= PER_PERSON_MAX {
            return None;
        }
        *count += 1;
        Some(Place { user, listeners: self.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.listeners.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.user) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                open.remove(&self.user);
            }
        }
    }
}

/// The events that pages fetch themselves anew for.
const MISSED: [&str; 3] = ["rendition", "export", "post"];

struct Listening {
    state: WebState,
    me: SignedIn,
    events: Receiver<LiveEvent>,
    look_at: tokio::time::Instant,
    /// When the session ends unless it is used.
    expires_at: UnixMillis,
    /// Kinds of events that are told before anything else.
    missed: Vec<&'static str>,
    _place: Place,
}

/// The address's query.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    /// How far changes were when the page was drawn, as `BEGAN.TOLD`.
    seen: String,
}

impl Asked {
    fn seen(&self) -> Option<Seen> {
        let (began, told) = self.seen.split_once('.')?;
        Some(Seen { began: UnixMillis::from_millis(began.parse().ok()?), told: told.parse().ok()? })
    }
}

/// `GET /live`. Whatever changed between the drawing of the page and the beginning of the stream is told at once, as one event of each kind;
/// so it is when the browser comes back after a break.
///
/// # Errors
/// 429 when the person has too many streams open.
pub async fn stream(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, WebError> {
    let place = state.listeners.place(me.actor.user_id).ok_or(WebError::too_many(LOOK_EVERY))?;
    let look_at = tokio::time::Instant::now() + state.listeners.look_every;
    // Listening begins before the session is read, so that its end is not missed in between.
    let events = state.app.live.subscribe();
    let expires_at = state.app.now();
    let missed = asked.seen().is_some_and(|seen| state.app.live.changed_since(me.actor.workspace_id, seen));
    let missed = if missed { MISSED.to_vec() } else { Vec::new() };
    let mut listening = Listening { state, me, events, look_at, expires_at, missed, _place: place };
    listening.expires_at = listening.session_end().await.ok_or(WebError::status(StatusCode::UNAUTHORIZED))?;
    let stream = futures::stream::unfold(listening, async |mut it| {
        let event = it.next().await?;
        Some((Ok(event), it))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

impl Listening {
    /// The next change of the reader's workspace; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        if let Some(kind) = self.missed.pop() {
            return Some(said(kind, "missed"));
        }
        loop {
            let heard = tokio::select! {
                heard = self.events.recv() => heard,
                () = tokio::time::sleep_until(self.look_at) => {
                    self.look().await?;
                    continue;
                }
                () = self.state.app.clock.sleep_until(self.expires_at) => {
                    self.look().await?;
                    continue;
                }
            };
            match heard {
                Ok(event) if event.workspace_id == self.me.actor.workspace_id => match event.what {
                    LiveChange::SessionEnded { session_id } if session_id == self.me.actor.session_id => return None,
                    LiveChange::SessionEnded { .. } => {}
                    LiveChange::Post { post_id, state } => {
                        return Some(said("post", &format!("{post_id} {}", state.as_str())));
                    }
                    LiveChange::Connections => return Some(said("connections", "changed")),
                    LiveChange::Export => return Some(said("export", "changed")),
                    LiveChange::Rendition => return Some(said("rendition", "changed")),
                    LiveChange::Upload { upload_id } => return Some(said("upload", &upload_id.to_string())),
                },
                Ok(_) => {}
                // Something was missed: any page fetches everything it shows anew.
                Err(RecvError::Lagged(_)) => {
                    // What was missed may be the end of the session.
                    self.look().await?;
                    self.missed = MISSED.to_vec();
                    return Some(said("post", "missed"));
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Looks after the session; `None` when it is over.
    async fn look(&mut self) -> Option<()> {
        self.expires_at = self.session_end().await?;
        self.look_at = tokio::time::Instant::now() + self.state.listeners.look_every;
        Some(())
    }

    /// When the session ends; `None` when it has. A database that does not answer ends the stream, too: the browser comes back
    /// by itself.
    async fn session_end(&self) -> Option<UnixMillis> {
        let sessions = self.state.app.sessions(&self.me.actor).await.ok()?;
        sessions.iter().find(|session| session.is_current).map(|session| session.expires_at)
    }
}

fn said(what: &str, data: &str) -> Event {
    Event::default().event(what).data(data)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_person_has_so_many_places_and_gets_them_back() {
        let listeners = Listeners::default();
        let user: UserId = "01930000-0000-7000-8000-000000000001".parse().unwrap();
        let other: UserId = "01930000-0000-7000-8000-000000000002".parse().unwrap();
        let mut places: Vec<Place> = (0..PER_PERSON_MAX).map(|_| listeners.place(user).unwrap()).collect();
        assert!(listeners.place(user).is_none());
        assert!(listeners.place(other).is_some(), "others are not concerned");
        places.pop();
        assert!(listeners.place(user).is_some());
        drop(places);
        assert!(listeners.open.lock().unwrap().is_empty(), "nobody is remembered who does not listen");
    }
}
