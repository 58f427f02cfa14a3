//! Live updates as server-sent events: one line per change in the reader's workspace. Owns the stream's life; pages fetch the rest.

use std::convert::Infallible;
use std::time::Duration;

use app::live::LiveChange;
use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures::Stream;
use tokio::sync::broadcast::error::RecvError;

use crate::session::SignedIn;
use crate::state::WebState;

/// A comment this often keeps proxies from closing a quiet stream.
const KEEP_ALIVE: Duration = Duration::from_secs(25);
/// A stream ends after this long, and the browser opens it anew: an ended session then ends here too.
const LIFE: Duration = Duration::from_secs(300);

/// `GET /live`.
pub async fn stream(State(state): State<WebState>, me: SignedIn) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = state.app.live.subscribe();
    let until = tokio::time::Instant::now() + LIFE;
    let workspace = me.actor.workspace_id;
    let stream = futures::stream::unfold(events, move |mut events| async move {
        loop {
            let next = tokio::time::timeout_at(until, events.recv()).await.ok()?;
            let event = match next {
                Ok(event) if event.workspace_id == workspace => match event.what {
                    LiveChange::Post { post_id, state } => {
                        Event::default().event("post").data(format!("{post_id} {}", state.as_str()))
                    }
                    LiveChange::Connections => Event::default().event("connections").data("changed"),
                    LiveChange::Upload { upload_id } => Event::default().event("upload").data(upload_id.to_string()),
                },
                Ok(_) => continue,
                // Something was missed: any page fetches everything it shows anew.
                Err(RecvError::Lagged(_)) => Event::default().event("post").data("missed"),
                Err(RecvError::Closed) => return None,
            };
            return Some((Ok(event), events));
        }
    });
    Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
}
