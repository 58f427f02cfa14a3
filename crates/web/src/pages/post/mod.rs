//! One post: its page, another time, cancelling, the answer to "is it there?". Owns their routes.

pub mod beside;
pub mod change;
pub mod note;
pub mod view;

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::attempt::PersonAnswer;
use domain::id::PostId;
use domain::post::PostState;
use serde::Deserialize;

use self::beside::Refused;
use self::view::{PostPage, post_body, post_page};
use crate::error::WebError;
use crate::pages::connections::pause;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Nav, When};

/// `GET /posts/{id}`.
///
/// # Errors
/// For a foreign post.
pub async fn show(State(state): State<WebState>, me: SignedIn, Path(id): Path<PostId>) -> Result<Response, WebError> {
    respond(&state, &me, id, post_page, None).await
}

/// `GET /posts/{id}/body`: everything below the heading.
///
/// # Errors
/// For a foreign post.
pub async fn body(State(state): State<WebState>, me: SignedIn, Path(id): Path<PostId>) -> Result<Response, WebError> {
    respond(&state, &me, id, post_body, None).await
}

async fn respond(
    state: &WebState,
    me: &SignedIn,
    id: PostId,
    draw: fn(&PostPage<'_>) -> maud::Markup,
    refused: Option<&Refused>,
) -> Result<Response, WebError> {
    let detail = state.app.post_detail(&me.actor, id).await?;
    let frame = me.frame(Nav::History, &format!("/posts/{id}"));
    let when = When::new(me.locale(), &me.actor.time_zone, detail.now);
    let waits = detail.row.post.state == PostState::Scheduled;
    let rhythm = state.app.rhythm(&me.actor, detail.row.post.connection_id).await?;
    let paused = rhythm.paused_at.filter(|_| waits);
    let numbers = state.app.post_numbers(&me.actor, id).await?;
    let status = refused.map_or(StatusCode::OK, Refused::status);
    let page = PostPage { frame: &frame, detail: &detail, when: &when, paused, refused, numbers: &numbers };
    Ok((status, draw(&page)).into_response())
}

/// What a person saw on TikTok.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Seen {
    There,
    NotThere,
}

/// The answer to "is this post on TikTok?".
#[derive(Debug, Deserialize)]
pub struct ResolveForm {
    answer: Seen,
}

/// `POST /posts/{id}/resolve`.
///
/// # Errors
/// When the outcome is known already, or the post is foreign.
pub async fn resolve(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<PostId>,
    Form(form): Form<ResolveForm>,
) -> Result<Response, WebError> {
    let answer = match form.answer {
        Seen::There => PersonAnswer::ItIsThere,
        Seen::NotThere => PersonAnswer::ItIsNotThere,
    };
    state.app.resolve_uncertain(&me.actor, id, answer).await?;
    let post = state.app.post(&me.actor, id).await?;
    Ok(me.flash(&format!("/posts/{id}"), pause::or_waits(&state, &me, &post, "answered").await?))
}

/// `POST /posts/{id}/published`: a held post is on TikTok already.
///
/// # Errors
/// When the post is not held, or foreign.
pub async fn confirm(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<PostId>,
) -> Result<Response, WebError> {
    state.app.confirm_published(&me.actor, id).await?;
    Ok(me.flash(&format!("/posts/{id}"), "answered"))
}
