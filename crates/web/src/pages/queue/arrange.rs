//! Other times for several planned posts: choosing them, the review with the old and the new time of each, and the way back. Owns these
//! routes and looks; what may move is the use case's. Each new time is a new consent, so the declarations stand beside the button.

use std::collections::BTreeSet;

use app::posts::{ARRANGED_MAX, Arranged, How, Move, Proposal, Proposed};
use app::queue::PostRow;
use app::{Error, Result as Outcome};
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::{Form, Query as RepeatedQuery};
use domain::consent::Declaration;
use domain::id::{ConnectionId, PostId};
use domain::post::PostState;
use domain::schedule::{LocalTime, resolve, to_local};
use domain::time::UnixMillis;
use maud::{Markup, html};
use serde::Deserialize;
use store::Connection;

use super::view::title;
use crate::error::{WebError, sentence};
use crate::locale::Locale;
use crate::pages::compose::expected::cap_words;
use crate::pages::compose::page::declaration;
use crate::pages::local_of;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::policy::not_agreed;
use crate::ui::{
    Button, Frame, Kind, Nav, Notice, TextField, Tone, When, app_page, button, link_button, notice, page_head,
    text_field,
};
use crate::words;

/// How the times shall change.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Into the next free slots.
    #[default]
    Slots,
    /// Evenly between two times.
    Spread,
    /// The same times in another order.
    Shuffle,
}

/// What was ticked and typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ArrangeForm {
    post: Vec<PostId>,
    method: Method,
    from_date: String,
    from_time: String,
    until_date: String,
    until_time: String,
}

/// What the page of choosing begins with.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ChooseQuery {
    all: Option<String>,
    connection: Option<ConnectionId>,
}

/// Moves that were reviewed, as `ID.REVISION.INSTANT`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ApplyForm {
    #[serde(rename = "move")]
    moves: Vec<String>,
    back: Option<String>,
}

/// The page on which posts are chosen.
pub struct ChoosePage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The planned posts, by time.
    pub rows: &'a [PostRow],
    /// All accounts.
    pub connections: &'a [Connection],
    /// The reader's clock and zone.
    pub when: &'a When,
    ticked: BTreeSet<PostId>,
    method: Method,
    from: LocalTime,
    until: LocalTime,
    said: Option<String>,
}

/// The page on which posts are chosen.
#[must_use]
pub fn choose_page(page: &ChoosePage<'_>) -> Markup {
    let l = page.frame.locale;
    let all = link_button(
        "/queue/arrange?all=yes",
        &Button { label: &t!(l, "arrange-all"), kind: Kind::Ghost, ..Button::default() },
    );
    let content = html! {
        div.stack.loose {
            (page_head(&t!(l, "arrange-title"), Some(&t!(l, "arrange-lede")), Some(&all).filter(|_| !page.rows.is_empty())))
            @if let Some(words) = &page.said { (notice(&Notice { tone: Tone::Warn, what: words, urgent: true, ..Notice::default() })) }
            @if page.rows.is_empty() {
                p.card.sub { (t!(l, "arrange-nothing")) }
            } @else {
                form.stack.loose method="post" action="/queue/arrange" {
                    fieldset.card.stack.choices {
                        legend.vh { (t!(l, "arrange-posts")) }
                        h2 aria-hidden="true" { (t!(l, "arrange-posts")) }
                        @if page.connections.len() > 1 { (accounts(page)) }
                        div.list { @for row in page.rows { (pick(page, row)) } }
                    }
                    (methods(page))
                    div { (button(&Button { label: &t!(l, "arrange-review"), kind: Kind::Primary, ..Button::default() })) }
                }
            }
        }
    };
    app_page(page.frame, t!(l, "arrange-title"), &content)
}

fn accounts(page: &ChoosePage<'_>) -> Markup {
    let l = page.frame.locale;
    html! {
        nav.row.tight aria-label=(t!(l, "arrange-accounts")) {
            @for connection in page.connections {
                @let href = format!("/queue/arrange?all=yes&connection={}", connection.id);
                a.btn.small href=(href) { (t!(l, "arrange-all-of", name = connection.display_name.as_str())) }
            }
        }
    }
}

fn pick(page: &ChoosePage<'_>, row: &PostRow) -> Markup {
    let l = page.frame.locale;
    html! {
        label.item.pick-row data-flavour=(row.connection.flavour.as_str()) {
            input type="checkbox" name="post" value=(row.post.id) checked[page.ticked.contains(&row.post.id)];
            span.grow {
                b.ttl { (title(l, row)) }
                small { @if let Some(at) = row.post.due_at { (page.when.moment(at)) " · " } (row.connection.display_name) }
            }
        }
    }
}

fn methods(page: &ChoosePage<'_>) -> Markup {
    let l = page.frame.locale;
    let radio = |method: Method, value: &str, what: String, more: String| {
        html! {
            label.item.pick-row {
                input type="radio" name="method" value=(value) checked[page.method == method];
                span.grow { b.ttl { (what) } small { (more) } }
            }
        }
    };
    let moment = |name: &str, label_date: String, label_time: String, local: LocalTime| {
        let text = local.to_string();
        let (date, time) = text.split_once('T').unwrap_or((&text, ""));
        let (id_date, id_time) = (format!("{name}_date"), format!("{name}_time"));
        html! {
            div.row.when {
                (text_field(&TextField { id: &id_date, name: &id_date, label: &label_date, value: date, kind: "date", ..TextField::default() }))
                (text_field(&TextField { id: &id_time, name: &id_time, label: &label_time, value: time, kind: "time", ..TextField::default() }))
            }
        }
    };
    html! {
        fieldset.card.stack.choices {
            legend.vh { (t!(l, "arrange-how")) }
            h2 aria-hidden="true" { (t!(l, "arrange-how")) }
            div.list {
                (radio(Method::Slots, "slots", t!(l, "arrange-slots"), t!(l, "arrange-slots-more")))
                (radio(Method::Shuffle, "shuffle", t!(l, "arrange-shuffle"), t!(l, "arrange-shuffle-more")))
                (radio(Method::Spread, "spread", t!(l, "arrange-spread"), t!(l, "arrange-spread-more")))
            }
            (moment("from", t!(l, "arrange-from-date"), t!(l, "arrange-from-time"), page.from))
            (moment("until", t!(l, "arrange-until-date"), t!(l, "arrange-until-time"), page.until))
        }
    }
}

/// The review: what stands where, and where it would stand.
pub struct ReviewPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The proposal.
    pub proposal: &'a Proposal,
    /// The reader's clock and zone.
    pub when: &'a When,
    /// The person has not agreed to the policy or the terms in force.
    pub not_agreed: bool,
}

/// The review page.
#[must_use]
pub fn review_page(page: &ReviewPage<'_>) -> Markup {
    let (l, proposal) = (page.frame.locale, page.proposal);
    let possible = proposal.is_possible() && !page.not_agreed;
    let content = html! {
        div.stack.loose {
            (page_head(&t!(l, "arrange-review-title"), Some(&t!(l, "arrange-review-lede")), None))
            @if page.not_agreed { (not_agreed(l)) }
            @else if !possible { (notice(&Notice { tone: Tone::Warn, what: &t!(l, "arrange-impossible"), more: &t!(l, "arrange-impossible-more"), urgent: true, ..Notice::default() })) }
            form.stack.loose method="post" action="/queue/arrange/apply" {
                (table(page))
                @for one in proposal.moves() { input type="hidden" name="move" value=(token(&one)); }
                @if possible { (declarations(l, &proposal.lines)) }
                div.row {
                    span.row.tight.end {
                        (link_button("/queue/arrange", &Button { label: &t!(l, "arrange-again"), ..Button::default() }))
                        @if possible { (button(&Button { label: &t!(l, "arrange-apply", n = proposal.lines.len()), kind: Kind::Primary, ..Button::default() })) }
                    }
                }
            }
        }
    };
    app_page(page.frame, t!(l, "arrange-review-title"), &content)
}

fn table(page: &ReviewPage<'_>) -> Markup {
    let l = page.frame.locale;
    html! {
        div.card.list {
            @for line in &page.proposal.lines {
                @let post = &line.row.post;
                div.item.plain.stack.tight data-flavour=(line.row.connection.flavour.as_str()) data-arranged=(post.id) {
                    b.ttl { (title(l, &line.row)) " " small.muted { (line.row.connection.display_name) } }
                    p.was-and-will {
                        @if let Some(at) = post.due_at { span.muted { span.vh { (t!(l, "arrange-was")) " " } (page.when.moment_element(at)) } }
                        " → "
                        @match line.at {
                            Some(at) => { b { span.vh { (t!(l, "arrange-will")) " " } (page.when.moment_element(at)) } }
                            None => { b { (t!(l, "arrange-no-slot")) } }
                        }
                    }
                    @for problem in &line.problems { p.field-error { (words::problem(l, page.when, problem)) } }
                    @if let Some((what, more)) = line.cap.map(|cap| cap_words(l, cap)) {
                        (notice(&Notice { tone: Tone::Warn, what: &what, more: &more, ..Notice::default() }))
                    }
                }
            }
        }
    }
}

/// Each declaration that one of the posts needs, once.
fn declarations(l: Locale, lines: &[Proposed]) -> Markup {
    declared(l, lines.iter().map(|line| &line.row))
}

fn declared<'a>(l: Locale, rows: impl Iterator<Item = &'a PostRow>) -> Markup {
    let mut needed: Vec<Declaration> = Vec::new();
    for row in rows {
        let one = Declaration::for_disclosure(row.post.content.disclosure);
        if !needed.contains(&one) {
            needed.push(one);
        }
    }
    html! { @for one in needed { (declaration(l, one)) } }
}

/// What happened, and the button that takes it back.
pub struct DonePage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The posts as they stand now, by time.
    pub rows: &'a [PostRow],
    /// The moves that take it back.
    pub back: &'a [Move],
    /// The reader's clock and zone.
    pub when: &'a When,
    /// It was a way back itself.
    pub is_back: bool,
    /// Something else happened to one of them since, so there is no way back.
    pub is_over: bool,
}

/// The page after all posts got their times.
#[must_use]
pub fn done_page(page: &DonePage<'_>) -> Markup {
    let l = page.frame.locale;
    let queue =
        link_button("/queue", &Button { label: &t!(l, "arrange-to-queue"), kind: Kind::Primary, ..Button::default() });
    let title_words = if page.is_back { t!(l, "arrange-undone") } else { t!(l, "arrange-done", n = page.rows.len()) };
    let content = html! {
        div.stack.loose {
            (page_head(&title_words, None, Some(&queue)))
            div.card.list id="arranged" {
                @for row in page.rows {
                    div.item.plain.stack.tight data-flavour=(row.connection.flavour.as_str()) data-arranged=(row.post.id) {
                        b.ttl { (title(l, row)) " " small.muted { (row.connection.display_name) } }
                        @if let Some(at) = row.post.due_at { p { (page.when.moment_element(at)) } }
                    }
                }
            }
            @if page.is_over && !page.is_back { p.hint { (t!(l, "arrange-undo-over")) } }
            @if !page.is_back && !page.back.is_empty() {
                form.card.stack method="post" action="/queue/arrange/apply" {
                    p { (t!(l, "arrange-undo-more")) }
                    input type="hidden" name="back" value="yes";
                    @for one in page.back { input type="hidden" name="move" value=(token(one)); }
                    (declared(l, page.rows.iter()))
                    div { (button(&Button { label: &t!(l, "calendar-undo"), ..Button::default() })) }
                }
            }
        }
    };
    app_page(page.frame, title_words, &content)
}

fn token(one: &Move) -> String {
    format!("{}.{}.{}", one.id, one.revision, one.at.millis())
}

fn parsed(text: &str) -> Option<Move> {
    let mut parts = text.splitn(3, '.');
    let id = parts.next()?.parse().ok()?;
    let revision = parts.next()?.parse().ok()?;
    let at = UnixMillis::from_millis(parts.next()?.parse().ok()?);
    Some(Move { id, revision, at })
}

/// `GET /queue/arrange`: which posts, and how.
///
/// # Errors
/// For a foreign account.
pub async fn choose(
    State(state): State<WebState>,
    me: SignedIn,
    Query(query): Query<ChooseQuery>,
) -> Result<Response, WebError> {
    if let Some(account) = query.connection {
        state.app.connection(&me.actor, account).await?;
    }
    let form = ArrangeForm::default();
    chosen(&state, &me, &form, Some(&query), None).await
}

async fn chosen(
    state: &WebState,
    me: &SignedIn,
    form: &ArrangeForm,
    query: Option<&ChooseQuery>,
    said: Option<String>,
) -> Result<Response, WebError> {
    let now = state.app.now();
    let view = state.app.queue(&me.actor, now).await?;
    let rows: Vec<PostRow> =
        view.upcoming.into_iter().chain(view.resting).filter(|row| row.post.state == PostState::Scheduled).collect();
    let ticked = match query {
        Some(query) if query.all.is_some() => rows
            .iter()
            .filter(|row| query.connection.is_none_or(|id| id == row.connection.id))
            .map(|row| row.post.id)
            .take(ARRANGED_MAX)
            .collect(),
        Some(_) | None => form.post.iter().copied().collect(),
    };
    let zone = me.zone();
    let frame = me.frame(Nav::Queue, "/queue/arrange");
    let when = When::new(me.locale(), zone.name(), now);
    let status = if said.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let page = ChoosePage {
        frame: &frame,
        rows: &rows,
        connections: &view.connections,
        when: &when,
        ticked,
        method: form.method,
        from: local_of(&form.from_date, &form.from_time).unwrap_or_else(|| to_local(now.plus_seconds(3_600), &zone)),
        until: local_of(&form.until_date, &form.until_time)
            .unwrap_or_else(|| to_local(now.plus_seconds(7 * 86_400), &zone)),
        said,
    };
    Ok((status, choose_page(&page)).into_response())
}

/// `POST /queue/arrange`: the review.
///
/// # Errors
/// For a foreign post; what was chosen wrongly comes back on the page.
pub async fn review(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<ArrangeForm>,
) -> Result<Response, WebError> {
    let l = me.locale();
    let zone = me.zone();
    let instant = |date: &str, time: &str| local_of(date, time).map(|local| resolve(local, &zone).at());
    let how = match form.method {
        Method::Slots => How::Slots,
        Method::Shuffle => How::Shuffle,
        Method::Spread => {
            let (from, until) =
                (instant(&form.from_date, &form.from_time), instant(&form.until_date, &form.until_time));
            let (Some(from), Some(until)) = (from, until) else {
                return chosen(&state, &me, &form, None, Some(t!(l, "compose-time-missing"))).await;
            };
            How::Spread { from, until }
        }
    };
    match state.app.propose(&me.actor, &form.post, how).await {
        Ok(proposal) => Ok(reviewed(&state, &me, &proposal, false, StatusCode::OK)),
        Err(Error::BadInput { code } | Error::Limit { code }) => {
            let words = sentence(l, code).unwrap_or_else(|| code.to_owned());
            chosen(&state, &me, &form, None, Some(words)).await
        }
        Err(Error::PolicyUnanswered) => Ok(reviewed(&state, &me, &Proposal::default(), true, StatusCode::FORBIDDEN)),
        Err(error) => Err(error.into()),
    }
}

fn reviewed(state: &WebState, me: &SignedIn, proposal: &Proposal, not_agreed: bool, status: StatusCode) -> Response {
    let frame = me.frame(Nav::Queue, "/queue/arrange");
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    (status, review_page(&ReviewPage { frame: &frame, proposal, when: &when, not_agreed })).into_response()
}

/// `POST /queue/arrange/apply`: all of it, or nothing.
///
/// # Errors
/// For a foreign post, or when one changed since the review.
pub async fn apply(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<ApplyForm>,
) -> Result<Response, WebError> {
    let moves: Outcome<Vec<Move>> =
        form.moves.iter().map(|text| parsed(text).ok_or(Error::BadInput { code: "no-post-chosen" })).collect();
    match state.app.arrange(&me.actor, &moves?).await? {
        Arranged::Refused(proposal) => Ok(reviewed(&state, &me, &proposal, false, StatusCode::UNPROCESSABLE_ENTITY)),
        Arranged::Done { rows, back } => {
            // What was done and the way back stand in the address, so both are still there when the page is opened once more.
            let mut address = "/queue/arrange/done?".to_owned();
            if form.back.is_some() {
                address.push_str("undone=yes&");
            }
            let stood =
                |id: PostId| back.iter().find(|one| one.id == id).map_or(UnixMillis::from_millis(0), |one| one.at);
            let moves =
                rows.iter().map(|row| Move { id: row.post.id, revision: row.post.revision, at: stood(row.post.id) });
            let tokens: Vec<String> = moves.map(|one| format!("move={}", token(&one))).collect();
            address.push_str(&tokens.join("&"));
            Ok(Redirect::to(&address).into_response())
        }
    }
}

/// What an arrangement left behind, as its address tells.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct DoneQuery {
    #[serde(rename = "move")]
    moves: Vec<String>,
    undone: Option<String>,
}

/// `GET /queue/arrange/done`: what was done, and the button that takes it back for as long as nothing else happened.
///
/// # Errors
/// For a foreign post.
pub async fn done(
    State(state): State<WebState>,
    me: SignedIn,
    RepeatedQuery(query): RepeatedQuery<DoneQuery>,
) -> Result<Response, WebError> {
    let Some(moves) = query.moves.iter().map(|text| parsed(text)).collect::<Option<Vec<Move>>>() else {
        return Ok(Redirect::to("/queue/arrange").into_response());
    };
    if moves.is_empty() {
        return Ok(Redirect::to("/queue/arrange").into_response());
    }
    let (rows, back) = state.app.arrangement(&me.actor, &moves).await?;
    let frame = me.frame(Nav::Queue, "/queue");
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    let (is_back, is_over) = (query.undone.is_some(), back.is_empty());
    let page = DonePage { frame: &frame, rows: &rows, back: &back, when: &when, is_back, is_over };
    Ok(done_page(&page).into_response())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Arc;

    use domain::post::PostContent;
    use domain::rules::Problem;

    use super::*;
    use crate::pages::check::in_every_language;
    use crate::pages::samples;

    const NOW: UnixMillis = UnixMillis::from_seconds(1_795_512_600);

    fn row() -> PostRow {
        PostRow {
            post: samples::post(PostState::Scheduled, PostContent::default()),
            connection: Arc::new(samples::connection()),
            media: Some(Arc::new(samples::media(15_000))),
        }
    }

    fn proposal(at: Option<UnixMillis>, problems: Vec<Problem>) -> Proposal {
        Proposal {
            lines: vec![Proposed {
                row: row(),
                at,
                problems,
                cap: Some(domain::timetable::Cap::DirectPosts { number: 16, typical: 15 }),
            }],
        }
    }

    #[test]
    fn choosing_renders_in_every_language_with_posts_and_without() {
        let connections = [samples::connection(), samples::connection()];
        for rows in [vec![], vec![row()]] {
            in_every_language(|frame| {
                let when = When::new(frame.locale, "Europe/Berlin", NOW);
                let (from, until) = ("2026-11-25T12:00".parse().unwrap(), "2026-11-27T12:00".parse().unwrap());
                choose_page(&ChoosePage {
                    frame,
                    rows: &rows,
                    connections: &connections,
                    when: &when,
                    ticked: BTreeSet::new(),
                    method: Method::Spread,
                    from,
                    until,
                    said: Some("No.".to_owned()),
                })
            });
        }
    }

    #[test]
    fn a_review_has_its_button_only_when_all_of_it_is_possible() {
        let gap = Problem::GapTooSmall { minutes: 30, other_at: NOW };
        for (proposal, button) in [
            (proposal(Some(NOW), vec![]), true),
            (proposal(None, vec![]), false),
            (proposal(Some(NOW), vec![gap]), false),
            (Proposal::default(), false),
        ] {
            in_every_language(|frame| {
                let when = When::new(frame.locale, "Europe/Berlin", NOW);
                let page = review_page(&ReviewPage { frame, proposal: &proposal, when: &when, not_agreed: false });
                assert_eq!(page.0.contains("class=\"decl\""), button, "the consent stands beside the button");
                page
            });
        }
    }

    #[test]
    fn what_was_done_can_be_taken_back_once() {
        let rows = [row()];
        let back = [Move { id: rows[0].post.id, revision: 3, at: NOW }];
        assert_eq!(parsed(&token(&back[0])), Some(back[0].clone()));
        assert_eq!(parsed("1.2"), None);
        for is_back in [false, true] {
            in_every_language(|frame| {
                let when = When::new(frame.locale, "Europe/Berlin", NOW);
                let page =
                    done_page(&DonePage { frame, rows: &rows, back: &back, when: &when, is_back, is_over: false });
                assert_eq!(page.0.contains("name=\"move\""), !is_back);
                page
            });
        }
    }
}
