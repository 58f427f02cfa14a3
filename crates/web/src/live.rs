//! Live updates as server-sent events: one line per change in the reader's workspace. Owns the stream's life; pages fetch the rest.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use app::live::{LiveChange, LiveEvent};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use domain::id::UserId;
use futures::Stream;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use crate::error::WebError;
use crate::session::SignedIn;
use crate::state::WebState;

/// A comment this often keeps proxies from closing a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(25);
/// How often a stream looks whether its session has ended.
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

struct Listening {
    state: WebState,
    me: SignedIn,
    events: Receiver<LiveEvent>,
    look_at: tokio::time::Instant,
    _place: Place,
}

/// `GET /live`.
///
/// # Errors
/// 429 when the person has too many streams open.
pub async fn stream(
    State(state): State<WebState>,
    me: SignedIn,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, WebError> {
    let place = state.listeners.place(me.actor.user_id).ok_or(WebError::status(StatusCode::TOO_MANY_REQUESTS))?;
    let look_at = tokio::time::Instant::now() + state.listeners.look_every;
    let events = state.app.live.subscribe();
    let listening = Listening { state, me, events, look_at, _place: place };
    let stream = futures::stream::unfold(listening, async |mut it| {
        let event = it.next().await?;
        Some((Ok(event), it))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)))
}

impl Listening {
    /// The next change of the reader's workspace; `None` ends the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            let Ok(heard) = tokio::time::timeout_at(self.look_at, self.events.recv()).await else {
                if !self.is_still_signed_in().await {
                    return None;
                }
                self.look_at = tokio::time::Instant::now() + self.state.listeners.look_every;
                continue;
            };
            match heard {
                Ok(event) if event.workspace_id == self.me.actor.workspace_id => return Some(words(event.what)),
                Ok(_) => {}
                // Something was missed: any page fetches everything it shows anew.
                Err(RecvError::Lagged(_)) => return Some(Event::default().event("post").data("missed")),
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// A database that does not answer ends the stream too; the browser comes back by itself.
    async fn is_still_signed_in(&self) -> bool {
        let sessions = self.state.app.sessions(&self.me.actor).await;
        sessions.is_ok_and(|sessions| sessions.iter().any(|session| session.is_current))
    }
}

fn words(what: LiveChange) -> Event {
    match what {
        LiveChange::Post { post_id, state } => {
            Event::default().event("post").data(format!("{post_id} {}", state.as_str()))
        }
        LiveChange::Connections => Event::default().event("connections").data("changed"),
        LiveChange::Upload { upload_id } => Event::default().event("upload").data(upload_id.to_string()),
    }
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
