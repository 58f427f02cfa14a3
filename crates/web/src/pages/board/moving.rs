//! Moving cards, and the way back. Owns these forms and routes; a card that shall be planned is sent to the post page, where the consent is.

use app::Error;
use app::board::Spot;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::board::Stage;
use domain::id::{IdeaId, PostId};
use maud::{Markup, html};
use serde::Deserialize;

use super::place::{Asked, CardId, Place};
use super::view::{BoardPage, board_page, first_words, stage_word};
use super::{Shown, respond};
use crate::error::{WebError, sentence};
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, button, link_button};

/// Where a card shall stand.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct MoveForm {
    stage: String,
    /// The revision of the post that was seen: of importance where a consent becomes void.
    revision: i64,
    /// The card above; without one it goes to the top.
    above: String,
    /// Where it stood before, for the way back.
    back: String,
    /// Where the move put it that is taken back: column and place.
    from: String,
}

impl MoveForm {
    fn spot(&self) -> Spot {
        if !self.back.is_empty() {
            let (column, at) = self.from.split_once('.').unwrap_or_default();
            let from = (Stage::parse(column).unwrap_or(Stage::Ideas), at.to_owned());
            return Spot::Back { place: self.back.clone(), from };
        }
        match self.above.split_once('.') {
            Some((_, id)) => Spot::Below(id.to_owned()),
            None => Spot::Top,
        }
    }

    fn stage(&self) -> Option<Stage> {
        Stage::parse(&self.stage)
    }
}

/// The post page of a post, at its time.
pub(super) fn planning(post: &store::Post) -> String {
    format!("/compose/{}?account={}#date", post.group_id, post.connection_id)
}

/// The page on which an idea gets its file.
pub(super) fn beginning(id: IdeaId) -> String {
    format!("/compose?idea={id}")
}

/// `POST /board/posts/{id}/move`.
///
/// # Errors
/// When the post, or the one above, is not theirs; what stands in the way is said on the board.
pub async fn post(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<PostId>,
    Query(asked): Query<Asked>,
    Form(form): Form<MoveForm>,
) -> Result<Response, WebError> {
    let place = asked.place();
    let before = state.app.post(&me.actor, id).await?;
    let stage = form.stage().unwrap_or(Stage::Drafts);
    if stage == Stage::Scheduled {
        return Ok(Redirect::to(&planning(&before)).into_response());
    }
    match state.app.board_move(&me.actor, id, form.revision, stage, &form.spot()).await {
        Ok(moved) => {
            let undo = match moved.before {
                Some((from, stood)) => {
                    let (to, stands) = &moved.after;
                    format!("post.{id}.{}.{stands}.{}.{stood}", to.as_str(), from.as_str())
                }
                None => format!("unplanned.{id}.{}", moved.post.revision),
            };
            Ok(Redirect::to(&format!("{}&undo={undo}", place.address())).into_response())
        }
        Err(Error::Conflict { code } | Error::BadInput { code }) => not_moved(&state, &me, place, code).await,
        Err(error) => Err(error.into()),
    }
}

/// The board, and why nothing was moved on it.
async fn not_moved(state: &WebState, me: &SignedIn, place: Place, code: &'static str) -> Result<Response, WebError> {
    let words = sentence(me.locale(), code).unwrap_or_else(|| code.to_owned());
    let todo = sentence(me.locale(), &format!("{code}-todo")).unwrap_or_default();
    let said = Some((StatusCode::CONFLICT, format!("{words} {todo}")));
    respond(state, me, &Shown { said, ..Shown::of(place) }, board_page).await
}

/// `POST /board/ideas/{id}/move`.
///
/// # Errors
/// When the idea, or the one above, is not theirs.
pub async fn idea(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<IdeaId>,
    Query(asked): Query<Asked>,
    Form(form): Form<MoveForm>,
) -> Result<Response, WebError> {
    match form.stage() {
        Some(Stage::Ideas) | None => {
            let place = asked.place();
            match state.app.idea_move(&me.actor, id, &form.spot()).await {
                Ok((stood, stands)) => {
                    let undo = format!("idea.{id}.ideas.{stands}.ideas.{stood}");
                    Ok(Redirect::to(&format!("{}&undo={undo}", place.address())).into_response())
                }
                Err(Error::Conflict { code } | Error::BadInput { code }) => not_moved(&state, &me, place, code).await,
                Err(error) => Err(error.into()),
            }
        }
        Some(Stage::Drafts | Stage::Ready | Stage::Scheduled) => {
            state.app.idea(&me.actor, id).await?;
            Ok(Redirect::to(&beginning(id)).into_response())
        }
    }
}

/// A move that can be taken back.
pub struct Undo {
    card: CardId,
    title: String,
    /// Where the card stands now.
    now: Stage,
    /// At which place there.
    at: String,
    revision: i64,
    way: Way,
}

/// The way back.
enum Way {
    /// To where it stood: column and place.
    Back(Stage, String),
    /// By a new consent, on this page.
    Consent(String),
}

impl Undo {
    /// What an address says about a move, as long as the card stands where that move put it: an address from before takes nothing back that
    /// happened since.
    pub async fn asked(state: &WebState, me: &SignedIn, text: &str) -> Option<Self> {
        let mut parts = text.splitn(6, '.');
        let (kind, id) = (parts.next()?, parts.next()?);
        if kind == "idea" {
            let id: IdeaId = id.parse().ok()?;
            let idea = state.app.idea(&me.actor, id).await.ok()?;
            let (_, at) = (parts.next()?, parts.next()?);
            let (from, stood) = (Stage::parse(parts.next()?)?, parts.next()?.to_owned());
            if idea.place != at {
                return None;
            }
            let title = first_words(me.locale(), &idea.words);
            let way = Way::Back(from, stood);
            return Some(Self { card: CardId::Idea(id), title, now: Stage::Ideas, at: idea.place, revision: 0, way });
        }
        let id: PostId = id.parse().ok()?;
        let now = state.app.board_stage(&me.actor, id).await.ok()??;
        let post = state.app.post(&me.actor, id).await.ok()?;
        let at = state.app.board_place(&me.actor, id).await.ok()?;
        let way = match kind {
            // What was planned since is no draft any more, whatever its place.
            "post" if now != Stage::Scheduled => {
                let stands = (Stage::parse(parts.next()?)?, parts.next()?);
                if stands != (now, at.as_str()) {
                    return None;
                }
                Way::Back(Stage::parse(parts.next()?)?, parts.next()?.to_owned())
            }
            "unplanned" if now != Stage::Scheduled && parts.next()?.parse() == Ok(post.revision) => {
                Way::Consent(planning(&post))
            }
            _ => return None,
        };
        let title = first_words(me.locale(), post.content.headline());
        Some(Self { card: CardId::Post(id), title, now, at, revision: post.revision, way })
    }

    /// What happened, and the button that takes it back.
    #[must_use]
    pub fn draw(&self, page: &BoardPage<'_>) -> Markup {
        let l = page.frame.locale;
        let column = stage_word(l, self.now);
        let words = match &self.way {
            Way::Back(from, _) if *from == self.now => {
                t!(l, "board-moved-within", title = self.title.as_str(), column = column)
            }
            Way::Back(..) => t!(l, "board-moved", title = self.title.as_str(), column = column),
            Way::Consent(_) => t!(l, "board-unplanned", title = self.title.as_str()),
        };
        html! {
            section.card.undo id="undo" aria-label=(t!(l, "board-undo")) data-moved=(self.card) {
                p role="status" tabindex="-1" id="moved" { (words) }
                @match &self.way {
                    Way::Back(from, stood) => {
                        form method="post" action=(action(self.card, page)) data-move="" {
                            input type="hidden" name="stage" value=(from.as_str());
                            input type="hidden" name="revision" value=(self.revision);
                            input type="hidden" name="back" value=(stood);
                            input type="hidden" name="from" value=(format!("{}.{}", self.now.as_str(), self.at));
                            (button(&Button { label: &t!(l, "board-undo"), small: true, ..Button::default() }))
                        }
                    }
                    Way::Consent(href) => { (link_button(href, &Button { label: &t!(l, "board-plan-again"), small: true, ..Button::default() })) }
                }
            }
        }
    }
}

/// Where the forms that move a card are sent.
pub(super) fn action(card: CardId, page: &BoardPage<'_>) -> String {
    match card {
        CardId::Idea(id) => format!("/board/ideas/{id}/move?{}", page.place.query()),
        CardId::Post(id) => format!("/board/posts/{id}/move?{}", page.place.query()),
    }
}

#[cfg(test)]
impl Undo {
    /// Moves for tests of the page.
    pub(super) fn samples(post: &store::Post) -> [Self; 2] {
        let of = |way| Self {
            card: CardId::Post(post.id),
            title: "Morning".to_owned(),
            now: Stage::Ready,
            at: "0194".to_owned(),
            revision: post.revision,
            way,
        };
        [of(Way::Back(Stage::Drafts, "0193".to_owned())), of(Way::Consent(planning(post)))]
    }
}
