//! Another time for a planned or refused post, and taking it off the plan. Each new time shows the declaration again.

use app::Error;
use app::posts::{Expectation, When as PlanWhen};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::consent::Declaration;
use domain::id::PostId;
use domain::rules::Problem;
use domain::schedule::{LocalTime, Zone, resolve, to_local};
use maud::{Markup, html};
use store::Post;

use crate::error::WebError;
use crate::pages::compose::expected::expectation;
use crate::pages::compose::form::{Action, ComposeForm, FormProblem};
use crate::pages::compose::page::{declaration, jump};
use crate::pages::connections::pause;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::policy::not_agreed;
use crate::ui::{
    Button, Frame, Kind, Nav, TextField, When, app_page, button, form_errors, page_head, surface, text_field,
};
use crate::words;

/// The page that asks for another time.
pub struct MovePage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The post.
    pub post: &'a Post,
    /// The reader's clock and zone.
    pub when: &'a When,
    /// The zone times are typed in.
    pub zone: &'a Zone,
    /// The time in the fields.
    pub local: LocalTime,
    /// What that time means beside the post's own preparations.
    pub expected: Option<&'a Expectation>,
    /// What stood in the way.
    pub refused: &'a [Problem],
    /// What was wrong with the fields.
    pub form_problem: Option<FormProblem>,
}

/// The page that asks for another time.
#[must_use]
pub fn move_page(page: &MovePage<'_>) -> Markup {
    let l = page.frame.locale;
    let mut errors: Vec<(&str, String)> =
        page.refused.iter().map(|problem| ("date", words::problem(l, page.when, problem))).collect();
    match page.form_problem {
        Some(FormProblem::Time) => errors.push(("date", t!(l, "compose-time-missing"))),
        Some(FormProblem::Jump) => errors.push(("jump", t!(l, "compose-time-jumps"))),
        Some(FormProblem::Policy) | None => {}
    }
    let text = page.local.to_string();
    let (date, time) = text.split_once('T').unwrap_or((&text, ""));
    let content = html! {
        (page_head(&t!(l, "move-title"), Some(&t!(l, "move-lede")), None))
        @if page.form_problem == Some(FormProblem::Policy) { (not_agreed(l)) }
        (form_errors(l, &errors))
        form.card.stack method="post" novalidate action=(format!("/posts/{}/move", page.post.id)) {
            input type="hidden" name="revision" value=(page.post.revision);
            input type="hidden" name="zone" value=(page.zone.name());
            div.row.when {
                (text_field(&TextField { id: "date", name: "date", label: &t!(l, "compose-date"), value: date, kind: "date", ..TextField::default() }))
                (text_field(&TextField { id: "time", name: "time", label: &t!(l, "compose-time"), value: time, kind: "time", ..TextField::default() }))
                small.muted { (page.when.zone_label(page.when.now)) }
            }
            div id="jump" tabindex="-1" { @if page.form_problem == Some(FormProblem::Jump) { (jump(l, page.zone, page.local)) } }
            @if let Some(expected) = page.expected { (expectation(l, page.when, expected)) }
            (declaration(l, Declaration::for_disclosure(page.post.content.disclosure)))
            div.row {
                span.row.tight.end {
                    (button(&Button { label: &t!(l, "move-now"), sends: Some(("action", "now")), ..Button::default() }))
                    (button(&Button { label: &t!(l, "move-submit"), kind: Kind::Primary, sends: Some(("action", "schedule")), ..Button::default() }))
                }
            }
        }
    };
    app_page(page.frame, t!(l, "move-title"), &content)
}

struct Asked<'a> {
    post: &'a Post,
    local: Option<LocalTime>,
    refused: Vec<Problem>,
    form_problem: Option<FormProblem>,
}

async fn render(state: &WebState, me: &SignedIn, asked: &Asked<'_>, status: StatusCode) -> Response {
    let now = state.app.now();
    let zone = me.zone();
    let when = When::new(me.locale(), zone.name(), now);
    let frame = me.frame(Nav::Queue, &format!("/posts/{}/move", asked.post.id));
    let local =
        asked.local.unwrap_or_else(|| to_local(asked.post.due_at.unwrap_or(now).max(now.plus_seconds(3600)), &zone));
    // Only words: a post that cannot be moved any more is told so by what refuses it.
    let expected = state.app.expectation(&me.actor, asked.post.id, resolve(local, &zone).at()).await.ok();
    let page = MovePage {
        frame: &frame,
        post: asked.post,
        when: &when,
        zone: &zone,
        local,
        expected: expected.as_ref(),
        refused: &asked.refused,
        form_problem: asked.form_problem,
    };
    (status, move_page(&page)).into_response()
}

/// `GET /posts/{id}/move`.
///
/// # Errors
/// For a foreign post.
pub async fn ask_time(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<PostId>,
) -> Result<Response, WebError> {
    let post = state.app.post(&me.actor, id).await?;
    let asked = Asked { post: &post, local: None, refused: Vec::new(), form_problem: None };
    Ok(render(&state, &me, &asked, StatusCode::OK).await)
}

/// `POST /posts/{id}/move`.
///
/// # Errors
/// For a foreign post, or one that is out already; broken rules come back on the page.
pub async fn set_time(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<PostId>,
    Form(form): Form<ComposeForm>,
) -> Result<Response, WebError> {
    let post = state.app.post(&me.actor, id).await?;
    let mut asked = Asked { post: &post, local: form.local_time(), refused: Vec::new(), form_problem: None };
    let when = match form.when(&me.actor.time_zone) {
        Ok(when) => when,
        Err(problem) => {
            asked.form_problem = Some(problem);
            return Ok(render(&state, &me, &asked, StatusCode::UNPROCESSABLE_ENTITY).await);
        }
    };
    let agreed = Declaration::for_disclosure(post.content.disclosure);
    match reschedule(&state, &me, id, form.revision, &when, agreed).await {
        Ok(moved) if form.action == Action::Schedule => {
            let expected = match moved.due_at {
                Some(due_at) => Some(state.app.expectation(&me.actor, id, due_at).await?),
                None => None,
            };
            let ordinary = expected.is_none_or(|expected| expected.is_ordinary());
            let said = if ordinary { "moved" } else { "scheduled-crowded" };
            Ok(me.flash("/queue", pause::or_waits(&state, &me, &moved, said).await?))
        }
        Ok(moved) => Ok(me.flash("/queue", pause::or_waits(&state, &me, &moved, "sent").await?)),
        Err(Error::Invalid(problems)) => {
            asked.refused = problems;
            Ok(render(&state, &me, &asked, StatusCode::UNPROCESSABLE_ENTITY).await)
        }
        Err(Error::PolicyUnanswered) => {
            asked.form_problem = Some(FormProblem::Policy);
            Ok(render(&state, &me, &asked, StatusCode::FORBIDDEN).await)
        }
        Err(error) => Err(error.into()),
    }
}

async fn reschedule(
    state: &WebState,
    me: &SignedIn,
    id: PostId,
    revision: i64,
    when: &PlanWhen,
    agreed: Declaration,
) -> app::Result<Post> {
    state.app.reschedule(&me.actor, id, revision, when, agreed).await
}

/// `GET /posts/{id}/cancel`: the question.
///
/// # Errors
/// For a foreign post.
pub async fn ask_cancel(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<PostId>,
) -> Result<Response, WebError> {
    let post = state.app.post(&me.actor, id).await?;
    let account = state.app.connection(&me.actor, post.connection_id).await?.display_name;
    let l = me.locale();
    let name = match post.content.first_line() {
        "" => state.app.media(&me.actor, post.media_id).await?.file_name,
        line => line.to_owned(),
    };
    let which = match post.due_at {
        Some(at) => {
            let when = When::new(l, me.zone().name(), state.app.now());
            t!(l, "cancel-which", name = name, account = account, when = when.moment(at))
        }
        None => t!(l, "cancel-which-held", name = name, account = account),
    };
    let frame = me.frame(Nav::Queue, &format!("/posts/{id}/cancel"));
    let action = format!("/posts/{id}/cancel");
    let content = surface::question(
        l,
        &t!(l, "cancel-title"),
        &format!("{which} {}", t!(l, "cancel-text")),
        &action,
        &t!(l, "cancel-confirm"),
        &format!("/posts/{id}"),
    );
    Ok(app_page(&frame, t!(l, "cancel-title"), &content).into_response())
}

/// `POST /posts/{id}/cancel`.
///
/// # Errors
/// When the last byte may be at TikTok already, or the post is foreign.
pub async fn cancel(State(state): State<WebState>, me: SignedIn, Path(id): Path<PostId>) -> Result<Response, WebError> {
    state.app.cancel(&me.actor, id).await?;
    Ok(me.flash("/queue", "cancelled"))
}

#[cfg(test)]
mod tests {
    use domain::post::{PostContent, PostState};

    use super::*;
    use crate::locale::Locale;
    use crate::pages::{check, samples};
    use crate::ui::Theme;

    #[test]
    fn a_crowded_time_is_told_where_a_post_is_moved_as_where_it_is_composed() {
        let post = samples::post(PostState::Scheduled, PostContent::default());
        let due_at = samples::NOW.plus_seconds(3600);
        let ordinary =
            Expectation { due_at, from: None, sending_minutes: None, together: 1, held_after_minutes: None, cap: None };
        let crowded = Expectation { from: Some(due_at.plus_seconds(90)), together: 8, ..ordinary };
        let zone = Zone::utc();
        for l in [Locale::En, Locale::Ru] {
            let frame = Frame::sample(l, Theme::System, Nav::Queue);
            let when = When::new(l, zone.name(), samples::NOW);
            let drawn = |expected| {
                let page = MovePage {
                    frame: &frame,
                    post: &post,
                    when: &when,
                    zone: &zone,
                    local: to_local(due_at, &zone),
                    expected: Some(expected),
                    refused: &[],
                    form_problem: None,
                };
                let html = move_page(&page).into_string();
                check::page(l, &html);
                html
            };
            let words = expectation(l, &when, &crowded).into_string();
            assert!(words.contains("13:30") && words.contains("13:32"), "{words}");
            assert!(drawn(&crowded).contains(&words));
            assert!(!drawn(&ordinary).contains("banner warn"));
        }
    }
}
