//! The rest of an account: what it says on its pages, the question before it ends with what will go out then. Owns these routes and
//! looks; what a rest stops is the use case's.

use app::queue::PostRow;
use app::rhythm::Waiting;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::id::ConnectionId;
use domain::post::PostState;
use maud::{Markup, html};
use store::{Connection, Post, Rhythm};

use crate::error::WebError;
use crate::locale::Locale;
use crate::pages::queue::view::title;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, Frame, Kind, Nav, Notice, Tone, When, app_page, button, link_button, notice, page_head};

/// Posts that are named; the rest is a number.
const NAMED: usize = 20;

/// Whether the account rests, and the button that changes it.
#[must_use]
pub fn strip(l: Locale, when: &When, connection: &Connection, rhythm: &Rhythm) -> Markup {
    match rhythm.paused_at {
        Some(at) => paused(l, when, connection, at),
        None => html! {
            form.card.row.spread method="post" action=(format!("/connections/{}/pause", connection.id)) {
                p.grow { b { (t!(l, "pause-off")) } " " (t!(l, "pause-off-more")) }
                (button(&Button { label: &t!(l, "pause-begin"), ..Button::default() }))
            }
        },
    }
}

/// That an account rests, with the way to its end.
#[must_use]
pub fn paused(l: Locale, when: &When, connection: &Connection, at: domain::time::UnixMillis) -> Markup {
    let since = when.moment(at);
    notice(&Notice {
        tone: Tone::Warn,
        what: &t!(l, "pause-on", name = connection.display_name.as_str()),
        more: &t!(l, "pause-on-more", since = since.as_str()),
        actions: Some(link_button(
            &format!("/connections/{}/resume", connection.id),
            &Button { label: &t!(l, "pause-end"), small: true, ..Button::default() },
        )),
        urgent: false,
    })
}

/// What is said after a post was planned: `said`, or that it waits because its account rests.
///
/// # Errors
/// For a foreign connection.
pub async fn or_waits(
    state: &WebState,
    me: &SignedIn,
    post: &Post,
    said: &'static str,
) -> Result<&'static str, WebError> {
    let rests = state.app.rhythm(&me.actor, post.connection_id).await?.paused_at.is_some();
    Ok(if rests && post.state == PostState::Scheduled { "waits-for-resume" } else { said })
}

/// The question before a rest ends.
pub struct ResumePage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The account.
    pub connection: &'a Connection,
    /// What waits.
    pub waiting: &'a Waiting,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The question before a rest ends: what goes out at once, what is asked about, what comes later.
#[must_use]
pub fn resume_page(page: &ResumePage<'_>) -> Markup {
    let (l, waiting) = (page.frame.locale, page.waiting);
    let name = t!(l, "resume-title", name = page.connection.display_name.as_str());
    let content = html! {
        (page_head(&name, None, None))
        section.card.stack {
            @if waiting.now.is_empty() && waiting.asked.is_empty() { p { (t!(l, "resume-nothing-now")) } }
            @if !waiting.now.is_empty() {
                h2 { (t!(l, "resume-now", n = waiting.now.len())) }
                @if waiting.now.len() > 1 && waiting.spacing_minutes > 0 { p.sub { (t!(l, "resume-now-more", minutes = waiting.spacing_minutes)) } }
                (names(page, &waiting.now))
            }
            @if !waiting.asked.is_empty() {
                h2 { (t!(l, "resume-asked", n = waiting.asked.len())) }
                (names(page, &waiting.asked))
            }
            p.sub { (t!(l, "resume-later", n = waiting.later)) }
            form.row method="post" action=(format!("/connections/{}/resume", page.connection.id)) {
                span.row.tight.end {
                    (link_button(&format!("/connections/{}/rhythm", page.connection.id), &Button { label: &t!(l, "verb-keep"), ..Button::default() }))
                    (button(&Button { label: &t!(l, "pause-end"), kind: Kind::Primary, ..Button::default() }))
                }
            }
        }
    };
    app_page(page.frame, name, &content)
}

fn names(page: &ResumePage<'_>, rows: &[PostRow]) -> Markup {
    let l = page.frame.locale;
    html! {
        ul.plain.stack.tight {
            @for row in rows.iter().take(NAMED) {
                li { a href=(format!("/posts/{}", row.post.id)) { (title(l, row)) } @if let Some(at) = row.post.due_at { " " span.muted { (page.when.moment(at)) } } }
            }
        }
        @if rows.len() > NAMED { p.sub { (t!(l, "resume-more", n = rows.len().saturating_sub(NAMED))) } }
    }
}

/// `POST /connections/{id}/pause`.
///
/// # Errors
/// For a foreign connection, or one that rests already.
pub async fn pause(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
) -> Result<Response, WebError> {
    let paused = state.app.pause(&me.actor, id).await?;
    let said = if paused.too_late > 0 { "paused-some-go" } else { "paused" };
    Ok(me.flash(&format!("/connections/{id}/rhythm"), said))
}

/// `GET /connections/{id}/resume`: what will go out.
///
/// # Errors
/// For a foreign connection.
pub async fn ask_resume(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
) -> Result<Response, WebError> {
    let connection = state.app.connection(&me.actor, id).await?;
    let waiting = state.app.waiting(&me.actor, id).await?;
    let frame = me.frame(Nav::Connections, &format!("/connections/{id}/resume"));
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    Ok(resume_page(&ResumePage { frame: &frame, connection: &connection, waiting: &waiting, when: &when })
        .into_response())
}

/// `POST /connections/{id}/resume`.
///
/// # Errors
/// For a foreign connection, or one that does not rest.
pub async fn resume(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
) -> Result<Response, WebError> {
    state.app.resume(&me.actor, id).await?;
    Ok(me.flash(&format!("/connections/{id}/rhythm"), "resumed"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::post::PostContent;
    use domain::time::UnixMillis;

    use super::*;
    use crate::pages::check::in_every_language;
    use crate::pages::samples;

    #[test]
    fn the_question_names_what_goes_and_what_is_asked_about() {
        let connection = samples::connection();
        let row = || PostRow {
            post: samples::post(PostState::Scheduled, PostContent::default()),
            connection: Arc::new(samples::connection()),
            media: Some(Arc::new(samples::media(15_000))),
        };
        let full = Waiting { now: vec![row(), row()], asked: vec![row()], later: 3, spacing_minutes: 5 };
        for waiting in [Waiting::default(), full] {
            in_every_language(|frame| {
                let when = When::new(frame.locale, "Europe/Berlin", UnixMillis::from_seconds(1_795_512_600));
                resume_page(&ResumePage { frame, connection: &connection, waiting: &waiting, when: &when })
            });
        }
    }
}
