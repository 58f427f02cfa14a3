//! Another time for a post without leaving the calendar: the panel with the declaration, and the way back. Owns its form; whether a time
//! can be is decided by the same use case that the composer and the post's own page call.

use app::posts::{Expectation, When as PlanWhen};
use app::{Error, Result as Outcome};
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::calendar::Day;
use domain::consent::Declaration;
use domain::id::PostId;
use domain::post::PostState;
use domain::rules::Problem;
use domain::schedule::{LocalTime, Resolved, Zone, resolve, to_local};
use domain::time::UnixMillis;
use maud::{Markup, html};
use store::Post;
use store::label::Label;

use super::place::{Asked, Place};
use super::view::{CalendarPage, calendar_page};
use super::{Shown, respond, today};
use crate::error::{WebError, sentence};
use crate::locale::Locale;
use crate::pages::compose::expected::expectation;
use crate::pages::compose::form::{Action, ComposeForm, FormProblem};
use crate::pages::compose::page::{declaration, jump_with};
use crate::pages::labels::part::chips;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::policy::not_agreed;
use crate::ui::{Button, Kind, TextField, button, form_errors, link_button, text_field};
use crate::words;

/// Longest title cut from a caption, characters.
const TITLE_MAX: usize = 60;

/// The question at what other time a post shall go out.
pub struct Panel {
    post: Post,
    local: LocalTime,
    /// Of a time that happens twice, the second one.
    second: bool,
    expected: Option<Expectation>,
    refused: Vec<Problem>,
    form_problem: Option<FormProblem>,
    /// Its labels.
    labels: Vec<Label>,
}

impl Panel {
    /// The panel that an address asks for, when there is one and the post can be given another time.
    ///
    /// # Errors
    /// For a foreign post.
    pub async fn asked(state: &WebState, me: &SignedIn, asked: &Asked) -> Result<Option<Self>, WebError> {
        let Some(id) = asked.moved() else { return Ok(None) };
        let post = state.app.post(&me.actor, id).await?;
        let can = match post.state {
            PostState::Scheduled | PostState::Failed | PostState::NeedsAttention => true,
            PostState::Draft
            | PostState::Publishing
            | PostState::Published
            | PostState::InInbox
            | PostState::Cancelled => false,
        };
        if !can {
            return Ok(None);
        }
        let zone = me.zone();
        let now = state.app.now();
        let stands = post.due_at.unwrap_or(now).max(now.plus_seconds(3600));
        let (local, second) = asked.to().unwrap_or_else(|| (to_local(stands, &zone), false));
        Ok(Some(Self::new(state, me, post, (local, second), Vec::new(), None).await))
    }

    async fn new(
        state: &WebState,
        me: &SignedIn,
        post: Post,
        (local, second): (LocalTime, bool),
        refused: Vec<Problem>,
        form_problem: Option<FormProblem>,
    ) -> Self {
        // Only words: a time that cannot be is told so by what refuses it.
        let at = resolve(local, &me.zone()).at();
        let expected = state.app.expectation(&me.actor, post.id, at).await.ok();
        let labels = state.app.labels_of(&me.actor, &[post.id]).await.ok().and_then(|mut all| all.remove(&post.id));
        Self { post, local, second, expected, refused, form_problem, labels: labels.unwrap_or_default() }
    }

    /// What a refused form is answered with.
    #[must_use]
    pub fn status(&self) -> Option<StatusCode> {
        match self.form_problem {
            Some(FormProblem::Policy) => Some(StatusCode::FORBIDDEN),
            Some(FormProblem::Time | FormProblem::Jump) => Some(StatusCode::UNPROCESSABLE_ENTITY),
            None => (!self.refused.is_empty()).then_some(StatusCode::UNPROCESSABLE_ENTITY),
        }
    }

    /// Its markup.
    #[must_use]
    pub fn draw(&self, page: &CalendarPage<'_>) -> Markup {
        let l = page.frame.locale;
        let mut errors: Vec<(&str, String)> =
            self.refused.iter().map(|problem| ("date", words::problem(l, page.when, problem))).collect();
        match self.form_problem {
            Some(FormProblem::Time) => errors.push(("date", t!(l, "compose-time-missing"))),
            Some(FormProblem::Jump) => errors.push(("jump", t!(l, "compose-time-jumps"))),
            Some(FormProblem::Policy) | None => {}
        }
        let text = self.local.to_string();
        let (date, time) = text.split_once('T').unwrap_or((&text, ""));
        let name = title(l, &self.post);
        let back = page.place.address();
        html! {
            section.card.stack.move-panel id="move" tabindex="-1" aria-labelledby="move-title" data-panel="" {
                h2 id="move-title" { (t!(l, "calendar-move-what", title = name.as_str())) }
                (chips(l, &self.labels))
                @if let Some(due_at) = self.post.due_at { p.sub { (t!(l, "calendar-stands", at = page.when.moment(due_at))) } }
                @if self.form_problem == Some(FormProblem::Policy) { (not_agreed(l)) }
                (form_errors(l, &errors))
                form.stack method="post" novalidate action=(action(self.post.id, page.place)) data-move="" {
                    input type="hidden" name="revision" value=(self.post.revision);
                    input type="hidden" name="zone" value=(page.zone.name());
                    div.row.when data-when="/compose/when" data-post=(self.post.id) {
                        (text_field(&TextField { id: "date", name: "date", label: &t!(l, "compose-date"), value: date, kind: "date", ..TextField::default() }))
                        (text_field(&TextField { id: "time", name: "time", label: &t!(l, "compose-time"), value: time, kind: "time", ..TextField::default() }))
                        small.muted { (page.when.zone_label(resolve(self.local, page.zone).at())) }
                    }
                    div id="jump" tabindex="-1" aria-live="polite" {
                        (jump_with(l, page.zone, self.local, self.second))
                        @if let Some(expected) = &self.expected { (expectation(l, page.when, expected)) }
                    }
                    (declaration(l, Declaration::for_disclosure(self.post.content.disclosure)))
                    div.row {
                        span.row.tight.end {
                            (link_button(&back, &Button { label: &t!(l, "verb-keep"), ..Button::default() }))
                            (button(&Button { label: &t!(l, "move-submit"), kind: Kind::Primary, sends: Some(("action", "schedule")), ..Button::default() }))
                        }
                    }
                }
            }
        }
    }
}

fn action(id: PostId, place: &Place) -> String {
    format!("/calendar/posts/{id}/move?{}", place.query())
}

/// First words of the post.
fn title(l: Locale, post: &Post) -> String {
    let first = post.content.headline().lines().map(str::trim).find(|line| !line.is_empty());
    first.map_or_else(|| t!(l, "queue-untitled"), |line| line.chars().take(TITLE_MAX).collect())
}

/// A move that can be taken back: the post as it is now, and the time at which it stood before.
pub struct Undo {
    post: Post,
    before: LocalTime,
    second: bool,
    zone: Zone,
}

impl Undo {
    /// What an address says about a move, as long as the post did not change since.
    pub async fn asked(state: &WebState, me: &SignedIn, asked: &Asked) -> Option<Self> {
        let mut parts = asked.undo.splitn(5, '.');
        let id: PostId = parts.next()?.parse().ok()?;
        let revision: i64 = parts.next()?.parse().ok()?;
        let before: LocalTime = parts.next()?.parse().ok()?;
        let second = parts.next()? == "second";
        let zone: Zone = parts.next()?.parse().ok()?;
        let post = state.app.post(&me.actor, id).await.ok()?;
        (post.revision == revision && post.state == PostState::Scheduled).then_some(Self { post, before, second, zone })
    }

    /// What it is in an address: where `post` stood before `revision`. `None` where it cannot go back.
    fn token(before: &Post, revision: i64, now: UnixMillis) -> Option<String> {
        if before.state != PostState::Scheduled || before.due_at? <= now {
            return None;
        }
        let (local, zone): (LocalTime, Zone) =
            (before.local_time.as_ref()?.parse().ok()?, before.time_zone.as_ref()?.parse().ok()?);
        let second = matches!(resolve(local, &zone), Resolved::Overlap { second, .. } if Some(second) == before.due_at);
        let which = if second { "second" } else { "first" };
        // A plus in an address is a space.
        let zone = zone.name().replace('+', "%2B");
        Some(format!("{}.{revision}.{local}.{which}.{zone}", before.id))
    }

    /// What happened, and the button that takes it back. It gives a time and with it a consent, so the declaration stands beside it.
    #[must_use]
    pub fn draw(&self, page: &CalendarPage<'_>) -> Markup {
        let l = page.frame.locale;
        let text = self.before.to_string();
        let (date, time) = text.split_once('T').unwrap_or((&text, ""));
        let at = self.post.due_at.map(|at| page.when.moment(at)).unwrap_or_default();
        html! {
            section.card.undo id="undo" aria-label=(t!(l, "calendar-undo")) {
                form method="post" action=(action(self.post.id, page.place)) data-move="" {
                    p role="status" tabindex="-1" id="moved" { (t!(l, "calendar-moved", title = title(l, &self.post), at = at)) }
                    input type="hidden" name="revision" value=(self.post.revision);
                    input type="hidden" name="zone" value=(self.zone.name());
                    input type="hidden" name="date" value=(date);
                    input type="hidden" name="time" value=(time);
                    input type="hidden" name="jump_seen" value=(text);
                    input type="hidden" name="occurrence" value=(if self.second { "second" } else { "first" });
                    (button(&Button { label: &t!(l, "calendar-undo"), small: true, sends: Some(("action", "schedule")), ..Button::default() }))
                    (declaration(l, Declaration::for_disclosure(self.post.content.disclosure)))
                }
            }
        }
    }
}

/// `POST /calendar/posts/{id}/move`: another time, and back to the same part of the calendar.
///
/// # Errors
/// For a foreign post; what stands in the way comes back on the page.
pub async fn set(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<PostId>,
    Query(asked): Query<Asked>,
    Form(form): Form<ComposeForm>,
) -> Result<Response, WebError> {
    let post = state.app.post(&me.actor, id).await?;
    let place = asked.place(today(&state, &me));
    let form = ComposeForm { action: Action::Schedule, ..form };
    let typed = form.local_time();
    let outcome = match form.when(&me.actor.time_zone) {
        Ok(when) => planned(&state, &me, &post, form.revision, &when).await,
        Err(problem) => return refused(&state, &me, place, post, (typed, &form), Vec::new(), Some(problem)).await,
    };
    match outcome {
        Ok(after) => {
            let day = after.due_at.map(|at| Day::of(at, &me.zone()));
            let seen = day
                .filter(|day| !place.span.days(place.day).contains(day))
                .map_or_else(|| place.clone(), |day| place.on(day));
            Ok(match Undo::token(&post, after.revision, state.app.now()) {
                Some(token) => Redirect::to(&format!("{}&undo={token}", seen.address())).into_response(),
                None => me.flash(&seen.address(), "moved"),
            })
        }
        Err(Error::Invalid(problems)) => refused(&state, &me, place, post, (typed, &form), problems, None).await,
        Err(Error::PolicyUnanswered) => {
            refused(&state, &me, place, post, (typed, &form), Vec::new(), Some(FormProblem::Policy)).await
        }
        Err(Error::Conflict { code }) => {
            let words = sentence(me.locale(), code).unwrap_or_else(|| code.to_owned());
            let shown = Shown { place, panel: None, undo: None, said: Some((StatusCode::CONFLICT, words)) };
            respond(&state, &me, &shown, calendar_page).await
        }
        Err(error) => Err(error.into()),
    }
}

async fn planned(state: &WebState, me: &SignedIn, post: &Post, revision: i64, when: &PlanWhen) -> Outcome<Post> {
    let agreed = Declaration::for_disclosure(post.content.disclosure);
    state.app.reschedule(&me.actor, post.id, revision, when, agreed).await
}

async fn refused(
    state: &WebState,
    me: &SignedIn,
    place: Place,
    post: Post,
    (typed, form): (Option<LocalTime>, &ComposeForm),
    problems: Vec<Problem>,
    form_problem: Option<FormProblem>,
) -> Result<Response, WebError> {
    let local = typed.unwrap_or_else(|| to_local(post.due_at.unwrap_or_else(|| state.app.now()), &me.zone()));
    let panel = Panel::new(state, me, post, (local, form.occurrence == "second"), problems, form_problem).await;
    let shown = Shown { place, panel: Some(panel), undo: None, said: None };
    respond(state, me, &shown, calendar_page).await
}

#[cfg(test)]
impl Panel {
    /// A panel for tests of the page.
    pub(super) fn sample(post: Post, local: LocalTime, refused: Vec<Problem>) -> Self {
        Self { post, local, second: false, expected: None, refused, form_problem: None, labels: Vec::new() }
    }
}

#[cfg(test)]
impl Undo {
    /// A move for tests of the page.
    pub(super) fn sample(post: Post, before: LocalTime, zone: Zone) -> Self {
        Self { post, before, second: false, zone }
    }
}
