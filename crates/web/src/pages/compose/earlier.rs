//! What a draft was like before: the list on the post page, the way back to a state, and the sign that tells when it was saved.
//! What is kept is the use case's.

use app::posts::{ComposeView, DRAFT_STATE_DAYS, DRAFT_STATES_MAX};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::id::{GroupId, PostId};
use domain::post::PostState;
use domain::schedule::{LocalTime, Zone, resolve};
use domain::time::UnixMillis;
use maud::{Markup, html};
use store::draft_state::DraftState;

use super::form::ComposeForm;
use super::page::Words;
use super::{Shown, render};
use crate::error::WebError;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, Notice, Tone, button, notice};
use app::Error;

/// UTF-16 units of a caption that the list shows.
const SHOWN_CHARS: usize = 90;

/// The first words of a state.
fn first_words(caption: &str) -> String {
    let mut words: String = caption.chars().take(SHOWN_CHARS).collect();
    if words.len() < caption.len() {
        words.push('…');
    }
    words
}

/// The time that stood in a state's fields.
fn planned_for(state: &DraftState) -> Option<UnixMillis> {
    let local: LocalTime = state.local_time.as_deref()?.parse().ok()?;
    let zone: Zone = state.time_zone.as_deref()?.parse().ok()?;
    Some(resolve(local, &zone).at())
}

/// The list; nothing before there is a state to go back to.
pub(super) fn list(w: &Words<'_>, view: &ComposeView, is_open: bool) -> Markup {
    let l = w.l;
    let action = restore_path(view);
    html! {
        @if !view.earlier.is_empty() {
            details.card.earlier id="earlier" open[is_open] {
                summary { (t!(l, "compose-earlier", n = view.earlier.len())) }
                ol.stack.tight {
                    @for state in &view.earlier {
                        @let id = state.id.to_string();
                        li.row.spread {
                            span.grow {
                                b { (w.when.moment_element(state.at)) }
                                @let words = first_words(&state.content.caption);
                                small { @if words.is_empty() { (t!(l, "compose-earlier-wordless")) } @else { (words) } }
                                // States often differ in nothing but their time.
                                @if let Some(at) = planned_for(state) { small { (t!(l, "compose-earlier-time", at = w.when.moment(at))) } }
                            }
                            (button(&Button { label: &t!(l, "compose-earlier-restore"), small: true, sends: Some(("state", &id)), form_action: Some(&action), ..Button::default() }))
                        }
                    }
                }
                p.hint { (t!(l, "compose-earlier-kept", n = DRAFT_STATES_MAX, days = DRAFT_STATE_DAYS)) }
            }
        }
    }
}

/// At the top of the form, after a state came back: the way forward again, to the state that was kept for it.
pub(super) fn restored(w: &Words<'_>, view: &ComposeView, kept: &str) -> Markup {
    let l = w.l;
    let action = restore_path(view);
    let kept = view.earlier.iter().map(|state| state.id.to_string()).find(|id| id == kept);
    html! {
        @match kept {
            Some(id) => (notice(&Notice {
                tone: Tone::Info, what: &t!(l, "compose-restored"), more: &t!(l, "compose-restored-more"),
                actions: Some(button(&Button { label: &t!(l, "compose-restored-undo"), small: true, sends: Some(("state", &id)), form_action: Some(&action), ..Button::default() })),
                ..Notice::default()
            })),
            None => (notice(&Notice { tone: Tone::Info, what: &t!(l, "compose-restored"), ..Notice::default() })),
        }
    }
}

fn restore_path(view: &ComposeView) -> String {
    format!("/compose/{}/{}/restore", view.current.post.group_id, view.current.post.id)
}

/// "Saved 13:45", kept true by the script; hidden until something was saved.
pub(super) fn saved_sign(w: &Words<'_>, view: &ComposeView) -> Markup {
    let post = &view.current.post;
    html! {
        @if post.state == PostState::Draft {
            small.muted.tnum data-saved="" data-zone=(w.when.zone.iana_name().unwrap_or("UTC")) hidden[post.revision <= 1] {
                (t!(w.l, "compose-saved")) " " time { (w.when.time(post.updated_at)) }
            }
        }
    }
}

/// `POST /compose/{group}/{post}/restore`: the draft as it was; what the page held becomes an earlier state.
///
/// # Errors
/// For a foreign post or a state that is gone.
pub async fn restore(
    State(state): State<WebState>,
    me: SignedIn,
    Path((group, post)): Path<(GroupId, PostId)>,
    Form(form): Form<ComposeForm>,
) -> Result<Response, WebError> {
    let stored = state.app.post(&me.actor, post).await?;
    let wanted = form.state.parse().map_err(|_| Error::NotFound { what: "draft state" })?;
    let typed = form.draft(&me.actor.time_zone);
    match state.app.restore_draft(&me.actor, post, form.revision, wanted, &typed).await {
        Ok(restored) => {
            let account = stored.connection_id;
            let kept = restored.kept.map(|id| id.to_string()).unwrap_or_default();
            Ok(Redirect::to(&format!("/compose/{group}?account={account}&restored={kept}")).into_response())
        }
        Err(Error::Conflict { code: "post-changed-meanwhile" }) => {
            let shown = Shown {
                account: Some(stored.connection_id),
                typed: Some(&form),
                stale: true,
                ..Shown::default_for(group)
            };
            render(&state, &me, &shown, StatusCode::CONFLICT).await
        }
        Err(error) => Err(error.into()),
    }
}
