//! What people write beside a post or an idea, when it was refused. Owns the way back: the page on which the form stood comes again, with
//! what was typed still in its field and the reason beside it. Must not change a post.

use app::Error;
use app::labels::Labelling;
use axum::extract::Query;
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use domain::id::PostId;

use super::view::post_page;
use crate::error::{WebError, sentence};
use crate::locale::Locale;
use crate::pages::board::{self, place};
use crate::pages::compose;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::preferences::local_path;

/// What was typed.
#[derive(Debug, Clone)]
pub enum Typed {
    /// A note.
    Note(String),
    /// Which labels were ticked, and a new one.
    Labels(Labelling),
}

/// A form that was refused.
#[derive(Debug, Clone)]
pub struct Refused {
    typed: Typed,
    why: String,
    status: StatusCode,
}

impl Refused {
    /// The refusal of what was typed, where it is one that a person can do something about.
    ///
    /// # Errors
    /// Everything else, as it came.
    pub fn of(l: Locale, typed: Typed, error: Error) -> Result<Self, WebError> {
        let (status, code) = if let Error::BadInput { code } | Error::Limit { code } = error {
            (StatusCode::UNPROCESSABLE_ENTITY, code)
        } else if let Error::NotFound { what: "label" } = error {
            // Somebody deleted one while it was being ticked.
            (StatusCode::NOT_FOUND, "label-gone")
        } else {
            return Err(error.into());
        };
        let words = sentence(l, code).unwrap_or_else(|| code.to_owned());
        let todo = sentence(l, &format!("{code}-todo")).unwrap_or_default();
        Ok(Self { typed, why: format!("{words} {todo}"), status })
    }

    /// The status of the page that comes again.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// What is wrong and what to do.
    #[must_use]
    pub fn why(&self) -> &str {
        &self.why
    }

    /// The note, and what is wrong with it.
    #[must_use]
    pub fn note(&self) -> Option<(&str, &str)> {
        match &self.typed {
            Typed::Note(words) => Some((words, &self.why)),
            Typed::Labels(_) => None,
        }
    }

    /// The labels, and what is wrong with them.
    #[must_use]
    pub fn labels(&self) -> Option<(&Labelling, &str)> {
        match &self.typed {
            Typed::Labels(labels) => Some((labels, &self.why)),
            Typed::Note(_) => None,
        }
    }
}

/// The page that the form names as the next one, with what was refused: the board, the post page, or the page of the post.
///
/// # Errors
/// For a foreign post, or when the page cannot be drawn.
pub async fn again(
    state: &WebState,
    me: &SignedIn,
    id: PostId,
    next: &str,
    refused: Refused,
) -> Result<Response, WebError> {
    let next: Uri = local_path(next).parse().unwrap_or_default();
    if next.path() == "/board" {
        let asked = Query::<place::Asked>::try_from_uri(&next).map(|Query(asked)| asked).unwrap_or_default();
        return board::again(state, me, &asked, place::CardId::Post(id), refused).await;
    }
    if let Some(group) = next.path().strip_prefix("/compose/").and_then(|group| group.parse().ok()) {
        let asked = Query::<compose::AccountQuery>::try_from_uri(&next).map(|Query(asked)| asked).unwrap_or_default();
        return compose::again(state, me, group, &asked, &refused).await;
    }
    super::respond(state, me, id, post_page, Some(&refused)).await
}
