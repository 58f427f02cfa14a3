//! Composing: choose files and accounts, fill one form per account, give consent. Owns the routes of these pages.

mod batch;
pub mod earlier;
pub mod expected;
pub mod form;
pub mod marks;
pub mod page;
mod photos;
pub mod start;
#[cfg(test)]
mod tests;

use app::Error;
use app::posts::Submit;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::{Form, Json};
use axum_extra::extract::Form as RepeatedForm;
use domain::consent::Declaration;
use domain::id::{ConnectionId, GroupId, MediaId, PostId};
use domain::rules::Problem;
use domain::schedule::{LocalTime, Zone, resolve, to_local};
use maud::html;
use serde::Deserialize;
use store::Post;
use store::idea::Idea;

use self::expected::expectation;
use self::form::{Action, ComposeForm, FormProblem};
use self::page::{ComposePage, compose_page, jump, planned_at};
use self::start::{StartPage, start_page};
use crate::error::WebError;
use crate::pages::connections::pause;
use crate::pages::post::beside::Refused;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Nav, When};

/// Files offered on the start page.
const MEDIA_SHOWN: u16 = 50;

/// `GET /compose`: choose a file and accounts.
///
/// # Errors
/// When the database does not answer.
pub async fn start(
    State(state): State<WebState>,
    me: SignedIn,
    Query(query): Query<StartQuery>,
) -> Result<Response, WebError> {
    let idea = match query.idea.parse() {
        Ok(id) => Some(state.app.idea(&me.actor, id).await?),
        Err(_) => None,
    };
    let account = query.connection.parse().ok().or_else(|| idea.as_ref().and_then(|idea| idea.connection_id));
    let chosen = Chosen { picked: listed(&query.media), at: query.at.parse().ok(), account, idea };
    render_start(&state, &me, chosen, Vec::new(), StatusCode::OK).await
}

/// Files that were uploaded just now.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct StartQuery {
    media: String,
    /// The time that a place on the calendar stands for.
    at: String,
    /// The account whose free slot it is.
    connection: String,
    /// The idea that becomes a draft.
    idea: String,
}

/// What the start page begins with.
struct Chosen {
    picked: Vec<MediaId>,
    at: Option<LocalTime>,
    account: Option<ConnectionId>,
    idea: Option<Idea>,
}

async fn render_start(
    state: &WebState,
    me: &SignedIn,
    chosen: Chosen,
    errors: Vec<(&'static str, String)>,
    status: StatusCode,
) -> Result<Response, WebError> {
    let media = state.app.media_list(&me.actor, None, i64::from(MEDIA_SHOWN)).await?;
    let connections = state.app.connections(&me.actor).await?;
    let frame = me.frame(Nav::NewPost, "/compose");
    let fits = state.app.fits(&me.actor).await?;
    let page = start_page(&StartPage {
        frame: &frame,
        media: &media,
        connections: &connections,
        picked: &chosen.picked,
        at: chosen.at,
        account: chosen.account,
        idea: chosen.idea.as_ref(),
        errors,
        fits: &fits,
        can_fit: state.app.media_tools().is_some(),
        can_give_photos: state.app.settings.pull_base().is_some(),
        now: state.app.now(),
    });
    Ok((status, page).into_response())
}

/// The start page's form.
#[derive(Debug, Deserialize)]
pub struct StartForm {
    /// Videos, and the word for all ticked photos.
    #[serde(default)]
    media: Vec<String>,
    #[serde(default)]
    photo: Vec<MediaId>,
    /// What was dropped together, in the order in which it was chosen.
    #[serde(default)]
    order: String,
    #[serde(default)]
    connection: Vec<ConnectionId>,
    /// The time that the drafts propose, when they were begun from a calendar.
    #[serde(default)]
    at: String,
    /// The idea that becomes a draft.
    #[serde(default)]
    idea: String,
}

impl StartForm {
    /// The files of each post: a ticked video is one of its own, all ticked photos are one. As they were dropped, the rest as uploaded.
    fn posts(&self) -> Vec<Vec<MediaId>> {
        let dropped = listed(&self.order);
        let in_order = |files: &mut Vec<MediaId>| {
            // The library shows the newest first.
            files.reverse();
            files.sort_by_key(|id| dropped.iter().position(|other| other == id).unwrap_or(dropped.len()));
        };
        let mut videos: Vec<MediaId> = self.media.iter().filter_map(|id| id.parse().ok()).collect();
        in_order(&mut videos);
        let mut posts: Vec<Vec<MediaId>> = videos.into_iter().map(|video| vec![video]).collect();
        if self.media.iter().any(|choice| choice == start::PHOTOS) {
            let mut photos = self.photo.clone();
            in_order(&mut photos);
            posts.push(photos);
        }
        posts
    }
}

/// Ids in a list with commas; no more of them than the page shows.
fn listed(ids: &str) -> Vec<MediaId> {
    ids.split(',').filter_map(|id| id.parse().ok()).take(usize::from(MEDIA_SHOWN)).collect()
}

/// `POST /compose`: one draft per post and chosen account.
///
/// # Errors
/// When a file or account is not theirs.
pub async fn begin(
    State(state): State<WebState>,
    me: SignedIn,
    RepeatedForm(form): RepeatedForm<StartForm>,
) -> Result<Response, WebError> {
    let l = me.locale();
    let posts = form.posts();
    let at: Option<LocalTime> = form.at.parse().ok();
    let idea = form.idea.parse().ok();
    let made = match idea {
        Some(idea) => state.app.create_drafts_of_idea(&me.actor, idea, &posts, &form.connection, at).await,
        None => state.app.create_drafts_each(&me.actor, &posts, &form.connection, at).await,
    };
    let (place, said) = match made {
        Ok(groups) => {
            let first = groups.first().map_or_else(|| "/queue".to_owned(), |group| format!("/compose/{group}"));
            return Ok(Redirect::to(&first).into_response());
        }
        Err(Error::BadInput { code: "no-file-chosen" }) => ("media", t!(l, "compose-choose-media")),
        Err(Error::BadInput { code: "one-video-or-photos" | "photos-unfit" }) => ("media", t!(l, "compose-one-kind")),
        Err(Error::Limit { code: "too-many-begun" }) => ("media", t!(l, "compose-too-many-files")),
        Err(Error::Limit { code: "too-many-photos" }) => ("media", t!(l, "compose-too-many-photos")),
        Err(Error::BadInput { .. }) => ("accounts", t!(l, "compose-choose-account")),
        Err(error) => return Err(error.into()),
    };
    let idea = match idea {
        Some(idea) => Some(state.app.idea(&me.actor, idea).await?),
        None => None,
    };
    let chosen = Chosen { picked: posts.concat(), at, account: form.connection.first().copied(), idea };
    render_start(&state, &me, chosen, vec![(place, said)], StatusCode::UNPROCESSABLE_ENTITY).await
}

/// Which account of the composition.
#[derive(Debug, Default, Deserialize)]
pub struct AccountQuery {
    account: Option<ConnectionId>,
    /// Present when an earlier state just came back: the id of the state that was kept for the way forward.
    restored: Option<String>,
}

/// `GET /compose/{group}`: the post page.
///
/// # Errors
/// For a foreign composition.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Path(group): Path<GroupId>,
    Query(query): Query<AccountQuery>,
) -> Result<Response, WebError> {
    let restored = query.restored.as_deref();
    render(&state, &me, &Shown { account: query.account, restored, ..Shown::default_for(group) }, StatusCode::OK).await
}

/// The post page once more, with what was typed beside the post and not taken.
///
/// # Errors
/// For a foreign composition.
pub async fn again(
    state: &WebState,
    me: &SignedIn,
    group: GroupId,
    asked: &AccountQuery,
    refused: &Refused,
) -> Result<Response, WebError> {
    let shown = Shown { account: asked.account, beside: Some(refused), ..Shown::default_for(group) };
    render(state, me, &shown, refused.status()).await
}

/// What to show on the post page besides what is stored.
struct Shown<'a> {
    group: GroupId,
    account: Option<ConnectionId>,
    typed: Option<&'a ComposeForm>,
    refused: Vec<Problem>,
    form_problem: Option<FormProblem>,
    stale: bool,
    restored: Option<&'a str>,
    /// What was typed beside it and not taken.
    beside: Option<&'a Refused>,
    /// The next free slot was just put into the fields.
    is_slot_filled: bool,
}

impl Shown<'_> {
    fn default_for(group: GroupId) -> Self {
        Self {
            group,
            account: None,
            typed: None,
            refused: Vec::new(),
            form_problem: None,
            stale: false,
            restored: None,
            beside: None,
            is_slot_filled: false,
        }
    }
}

async fn render(state: &WebState, me: &SignedIn, shown: &Shown<'_>, status: StatusCode) -> Result<Response, WebError> {
    let typed = shown.typed.map(|form| form.draft(&me.actor.time_zone));
    let view = state.app.compose(&me.actor, shown.group, shown.account, typed.as_ref()).await?;
    let mut frame = me.frame(Nav::NewPost, &format!("/compose/{}", shown.group));
    if shown.is_slot_filled {
        frame.flash = me.locale().message("flash-slot-filled", []);
    }
    let zone = me.zone();
    let at = planned_at(&view, &zone);
    let expected = state.app.expectation(&me.actor, view.current.post.id, at).await.ok();
    let page = compose_page(&ComposePage {
        frame: &frame,
        view: &view,
        zone: &zone,
        expected,
        refused: &shown.refused,
        form_problem: shown.form_problem,
        paused: state.app.rhythm(&me.actor, view.current.connection.id).await?.paused_at,
        app: state.app.settings.tiktok_app,
        stale: shown.stale,
        restored: shown.restored,
        beside: shown.beside,
    });
    Ok((status, page).into_response())
}

/// The form that adds an account.
#[derive(Debug, Deserialize)]
pub struct AccountForm {
    connection: ConnectionId,
}

/// `POST /compose/{group}/account`: one more account for the same file.
///
/// # Errors
/// When the account is not theirs or already there.
pub async fn add_account(
    State(state): State<WebState>,
    me: SignedIn,
    Path(group): Path<GroupId>,
    Form(form): Form<AccountForm>,
) -> Result<Response, WebError> {
    state.app.add_account(&me.actor, group, form.connection).await?;
    Ok(Redirect::to(&format!("/compose/{group}?account={}", form.connection)).into_response())
}

/// `POST /compose/{group}/{post}`: save, schedule, post now, or send to the inbox.
///
/// # Errors
/// For a foreign post; broken rules come back on the page instead.
pub async fn submit(
    State(state): State<WebState>,
    me: SignedIn,
    Path((group, post)): Path<(GroupId, PostId)>,
    Form(form): Form<ComposeForm>,
) -> Result<Response, WebError> {
    let stored = state.app.post(&me.actor, post).await?;
    let mut shown = Shown { account: Some(stored.connection_id), typed: Some(&form), ..Shown::default_for(group) };
    let input = form.draft(&me.actor.time_zone);
    if form.action == Action::Slot {
        let form = in_free_slot(&state, &me, &stored, &form).await?;
        let shown = Shown { typed: Some(&form), is_slot_filled: true, ..shown };
        return render(&state, &me, &shown, StatusCode::OK).await;
    }
    let outcome = match form.action {
        Action::Save | Action::Slot => {
            state.app.save_draft(&me.actor, post, form.revision, &input).await.map(|_| "saved")
        }
        Action::Schedule | Action::Now | Action::Inbox => match form.when(&me.actor.time_zone) {
            Err(problem) => {
                shown.form_problem = Some(problem);
                return render(&state, &me, &shown, StatusCode::UNPROCESSABLE_ENTITY).await;
            }
            Ok(when) => {
                let declaration = Declaration::for_disclosure(input.content.disclosure);
                let pressed = Submit { revision: form.revision, input, when, declaration };
                match state.app.submit(&me.actor, post, &pressed).await {
                    Ok(planned) => {
                        let said = match form.action {
                            Action::Schedule => scheduled(&state, &me, &planned).await?,
                            Action::Inbox => "inbox",
                            Action::Now | Action::Save | Action::Slot => "sent",
                        };
                        Ok(pause::or_waits(&state, &me, &planned, said).await?)
                    }
                    Err(error) => Err(error),
                }
            }
        },
    };
    match outcome {
        Ok("saved") if form.change().is_some() => {
            let account = stored.connection_id;
            Ok(Redirect::to(&format!("/compose/{group}?account={account}#media")).into_response())
        }
        Ok("saved") => Ok(me.flash(&format!("/compose/{group}?account={}", stored.connection_id), "saved")),
        Ok(said) => Ok(me.flash(&next_page(&state, &me, group).await?, said)),
        Err(Error::Invalid(problems)) => {
            shown.refused = problems;
            render(&state, &me, &shown, StatusCode::UNPROCESSABLE_ENTITY).await
        }
        Err(Error::Conflict { code: "post-changed-meanwhile" }) => {
            shown.stale = true;
            render(&state, &me, &shown, StatusCode::CONFLICT).await
        }
        Err(Error::PolicyUnanswered) => {
            shown.form_problem = Some(FormProblem::Policy);
            render(&state, &me, &shown, StatusCode::FORBIDDEN).await
        }
        Err(error) => Err(error.into()),
    }
}

/// The form with the next free slot of the account in place of the time; nothing is saved by it.
async fn in_free_slot(
    state: &WebState,
    me: &SignedIn,
    post: &Post,
    form: &ComposeForm,
) -> Result<ComposeForm, WebError> {
    let free = state.app.free_slots(&me.actor, post.connection_id, post.delivery, &[post.id], 1).await?;
    let at = free.first().ok_or(Error::Conflict { code: "no-free-slot" })?;
    let zone = me.zone();
    let local = to_local(*at, &zone).to_string();
    let (date, time) = local.split_once('T').unwrap_or((&local, ""));
    Ok(ComposeForm {
        date: date.to_owned(),
        time: time.to_owned(),
        zone: zone.name().to_owned(),
        occurrence: String::new(),
        jump_seen: String::new(),
        ..form.clone()
    })
}

/// The sentence after scheduling: whether the post goes out at its time, or has to let others go first.
async fn scheduled(state: &WebState, me: &SignedIn, post: &Post) -> Result<&'static str, WebError> {
    let Some(due_at) = post.due_at else { return Ok("scheduled") };
    let expected = state.app.expectation(&me.actor, post.id, due_at).await?;
    Ok(if expected.is_ordinary() { "scheduled" } else { "scheduled-crowded" })
}

/// The next account of the composition, or the next post of its batch, that still is a draft; or the queue.
async fn next_page(state: &WebState, me: &SignedIn, group: GroupId) -> Result<String, WebError> {
    let next = state.app.next_draft(&me.actor, group).await?;
    Ok(next.map_or_else(|| "/queue".to_owned(), |(group, account)| format!("/compose/{group}?account={account}")))
}

/// `PUT /compose/{group}/{post}/draft`: what the page saves while somebody types. Answers with the new revision.
///
/// # Errors
/// 409 when the post changed meanwhile.
pub async fn autosave(
    State(state): State<WebState>,
    me: SignedIn,
    Path((_, post)): Path<(GroupId, PostId)>,
    Form(form): Form<ComposeForm>,
) -> Result<Response, WebError> {
    let stored = state.app.post(&me.actor, post).await?;
    if stored.state != domain::post::PostState::Draft {
        return Ok(StatusCode::CONFLICT.into_response());
    }
    match state.app.save_draft(&me.actor, post, form.revision, &form.draft(&me.actor.time_zone)).await {
        Ok(post) => Ok(Json(serde_json::json!({ "revision": post.revision })).into_response()),
        Err(Error::Conflict { .. }) => Ok(StatusCode::CONFLICT.into_response()),
        Err(error) => Err(error.into()),
    }
}

/// `POST /compose/{group}/{post}/delete`: removes a draft.
///
/// # Errors
/// When it is no draft or not theirs.
pub async fn delete(
    State(state): State<WebState>,
    me: SignedIn,
    Path((_, post)): Path<(GroupId, PostId)>,
) -> Result<Response, WebError> {
    state.app.delete_draft(&me.actor, post).await?;
    Ok(me.flash("/queue", "deleted"))
}

/// A wall-clock time to explain.
#[derive(Debug, Deserialize)]
pub struct WhenQuery {
    local: String,
    zone: String,
    post: Option<PostId>,
}

/// `GET /compose/when`: what a clock change does to a time, and whether the post can go out then; an empty answer when there is
/// nothing to tell.
///
/// # Errors
/// For a foreign post.
pub async fn explain_time(
    State(state): State<WebState>,
    me: SignedIn,
    Query(query): Query<WhenQuery>,
) -> Result<Response, WebError> {
    let (Ok(local), Ok(zone)) = (query.local.parse(), query.zone.parse::<Zone>()) else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let l = me.locale();
    let expected = match query.post {
        Some(post) => Some(state.app.expectation(&me.actor, post, resolve(local, &zone).at()).await?),
        None => None,
    };
    let when = When::new(l, zone.name(), state.app.now());
    Ok(html! {
        (jump(l, &zone, local))
        @if let Some(expected) = &expected { (expectation(l, &when, expected)) }
    }
    .into_response())
}
