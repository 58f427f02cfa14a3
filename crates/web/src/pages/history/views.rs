//! Views of the history that are kept under a name. Owns their routes.

use app::Error;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::Uri;
use axum::response::Response;
use domain::id::SavedViewId;
use serde::Deserialize;

use super::{Asked, respond};
use crate::error::{WebError, sentence};
use crate::session::SignedIn;
use crate::state::WebState;

/// What was typed, and the query of the page that it was typed on.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ViewForm {
    name: String,
    query: String,
}

/// A name that was refused.
pub struct Refused {
    /// What was typed.
    pub name: String,
    /// What is wrong and what to do.
    pub why: String,
}

fn understood(query: &str) -> Asked {
    let uri = format!("/history?{query}").parse::<Uri>().unwrap_or_default();
    Query::try_from_uri(&uri).map(|Query(asked)| asked).unwrap_or_default()
}

/// `POST /history/views`: keeps what the page asks for.
///
/// # Errors
/// When the database does not answer; what is wrong with the name is shown beside it.
pub async fn keep(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<ViewForm>,
) -> Result<Response, WebError> {
    // Only what the page understands is kept, so that a form from elsewhere keeps nothing else.
    let asked = Asked { before: String::new(), ..understood(&form.query) };
    match state.app.saved_view_add(&me.actor, &form.name, &asked.address()).await {
        Ok(_) => Ok(me.flash(&format!("/history?{}", asked.address()), "view-kept")),
        Err(Error::BadInput { code } | Error::Limit { code }) => {
            let words = sentence(me.locale(), code).unwrap_or_else(|| code.to_owned());
            let todo = sentence(me.locale(), &format!("{code}-todo")).unwrap_or_default();
            let refused = Refused { name: form.name, why: format!("{words} {todo}") };
            respond(&state, &me, &asked, Some(&refused)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /history/views/{id}/delete`: forgets a view; no post changes.
///
/// # Errors
/// When it is not theirs.
pub async fn forget(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<SavedViewId>,
) -> Result<Response, WebError> {
    state.app.saved_view_delete(&me.actor, id).await?;
    Ok(me.flash("/history", "view-forgotten"))
}
