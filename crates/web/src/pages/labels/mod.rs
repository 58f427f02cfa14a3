//! Labels: the page where they are made and worded, the form that gives them to a post, the filter by one. Owns their routes and looks.

pub mod part;
#[cfg(test)]
mod tests;
mod view;

use app::Error;
use app::labels::Labelling;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum_extra::extract::Form as RepeatedForm;
use domain::connection::Flavour;
use domain::id::{LabelId, PostId};
use serde::Deserialize;

use self::view::{LabelsPage, RefusedLabel, labels_page};
use crate::error::{WebError, sentence};
use crate::pages::post::beside::{Refused, Typed, again};
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::Nav;

/// What was typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct LabelForm {
    words: String,
    flavour: String,
}

/// `GET /labels`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    respond(&state, &me, None).await
}

async fn respond(state: &WebState, me: &SignedIn, refused: Option<RefusedLabel>) -> Result<Response, WebError> {
    let frame = me.frame(Nav::Board, "/labels");
    let all = state.app.labels(&me.actor).await?;
    let status = if refused.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = LabelsPage { frame: &frame, all: &all, refused: refused.as_ref() };
    Ok((status, labels_page(&page)).into_response())
}

/// `POST /labels`.
///
/// # Errors
/// When the database does not answer; what is wrong with the word is shown beside it.
pub async fn add(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<LabelForm>,
) -> Result<Response, WebError> {
    let done = state.app.label_add(&me.actor, &form.words, Flavour::parse(&form.flavour)).await.map(drop);
    answer(&state, &me, None, form, done).await
}

/// `POST /labels/{id}`.
///
/// # Errors
/// When it is not theirs; what is wrong with the word is shown beside it.
pub async fn change(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<LabelId>,
    Form(form): Form<LabelForm>,
) -> Result<Response, WebError> {
    let before = state.app.label(&me.actor, id).await?;
    let flavour = Flavour::parse(&form.flavour).unwrap_or(before.flavour);
    let done = state.app.label_change(&me.actor, id, &form.words, flavour).await;
    answer(&state, &me, Some(id), form, done).await
}

/// `POST /labels/{id}/delete`.
///
/// # Errors
/// When it is not theirs.
pub async fn delete(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<LabelId>,
) -> Result<Response, WebError> {
    state.app.label_delete(&me.actor, id).await?;
    Ok(me.flash("/labels", "label-deleted"))
}

async fn answer(
    state: &WebState,
    me: &SignedIn,
    of: Option<LabelId>,
    form: LabelForm,
    done: app::Result<()>,
) -> Result<Response, WebError> {
    match done {
        Ok(()) => Ok(me.flash("/labels", "label-kept")),
        Err(Error::BadInput { code } | Error::Limit { code }) => {
            let words = sentence(me.locale(), code).unwrap_or_else(|| code.to_owned());
            let todo = sentence(me.locale(), &format!("{code}-todo")).unwrap_or_default();
            respond(state, me, Some(RefusedLabel { of, form, why: format!("{words} {todo}") })).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The labels that a post or an idea shall bear, and where to go on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct LabellingForm {
    label: Vec<LabelId>,
    new: String,
    /// A page of this site.
    pub next: String,
}

impl LabellingForm {
    /// As the use cases take it.
    #[must_use]
    pub fn wanted(&self) -> Labelling {
        Labelling { chosen: self.label.clone(), new: self.new.clone(), flavour: None }
    }
}

/// `POST /posts/{id}/labels`.
///
/// # Errors
/// When the post is not theirs. What else is wrong comes back on the page where it was ticked.
pub async fn of_post(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<PostId>,
    RepeatedForm(form): RepeatedForm<LabellingForm>,
) -> Result<Response, WebError> {
    if let Err(error) = state.app.post_labels_set(&me.actor, id, &form.wanted()).await {
        let refused = Refused::of(me.locale(), Typed::Labels(form.wanted()), error)?;
        return again(&state, &me, id, &form.next, refused).await;
    }
    let next = if form.next.is_empty() { format!("/posts/{id}") } else { form.next };
    Ok(me.flash(&next, "labels-set"))
}
