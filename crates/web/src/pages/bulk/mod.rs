//! Many posts at once: the grid of drafts, times for several of them, the review and the one act that agrees to each. Owns these routes; a
//! row is an ordinary draft, saved by the same use case as the post page, and agreed to by the same use case.

mod deleting;
pub mod grid;
pub mod review;
pub mod row;
pub mod sheet;
#[cfg(test)]
mod tests;

use app::posts::{Agreement, GRID_ROWS, Times};
use app::{Error, Result as Outcome};
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::Form;
use domain::id::{ConnectionId, MediaId, PostId};
use domain::schedule::{Zone, resolve, to_local};
use serde::Deserialize;

use self::grid::{GridPage, Making, grid_page};
use self::review::{DonePage, ReviewPage, done_page, review_page};
use self::row::{Cells, RowForm, grid_row, problems};
use crate::error::{WebError, sentence};
use crate::pages::local_of;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Nav, When};

/// Files that are offered for new rows.
const FILES_SHOWN: i64 = 50;
/// Digits by which an address names a post.
const SHORT_DIGITS: usize = 12;

/// Which page of the grid, and what was uploaded for it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct GridQuery {
    page: Option<usize>,
    /// Files that were uploaded just now, with commas between.
    media: String,
    /// Every row is ticked.
    all: Option<String>,
    /// Rows that are ticked, as [`short`] writes them.
    ticked: String,
}

/// Posts in an address: the last digits of each, which chance wrote, with commas between. At most as many as the grid has rows.
pub(super) fn short(posts: &[PostId]) -> String {
    let last = |id: &PostId| id.to_string().rsplit('-').next().unwrap_or_default().to_owned();
    posts.iter().take(GRID_ROWS).map(last).collect::<Vec<_>>().join(",")
}

/// `GET /bulk`: the grid.
///
/// # Errors
/// When the database does not answer.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Query(query): Query<GridQuery>,
) -> Result<Response, WebError> {
    let picked = query.media.split(',').filter_map(|id| id.parse().ok()).collect();
    let all = query.all.is_some();
    render(&state, &me, Shown { page: query.page, picked, all, short: query.ticked, ..Shown::default() }).await
}

/// What the grid shows besides what is stored.
#[derive(Default)]
pub(super) struct Shown {
    pub(super) page: Option<usize>,
    picked: Vec<MediaId>,
    accounts: Vec<ConnectionId>,
    all: bool,
    ticked: Vec<PostId>,
    /// The same as [`short`] writes them.
    short: String,
    pub(super) said: Option<String>,
}

pub(super) async fn render(state: &WebState, me: &SignedIn, shown: Shown) -> Result<Response, WebError> {
    let view = state.app.bulk_grid(&me.actor, shown.page).await?;
    let files = state.app.media_list(&me.actor, None, FILES_SHOWN).await?;
    let frame = me.frame(Nav::Bulk, "/bulk");
    let zone = me.zone();
    let when = When::new(me.locale(), zone.name(), view.now);
    let status = if shown.said.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let is_short =
        |id: &PostId| shown.short.split(',').any(|last| last.len() == SHORT_DIGITS && id.to_string().ends_with(last));
    let mut ticked = shown.ticked;
    ticked.extend(view.rows.iter().map(|row| row.post.id).filter(|id| shown.all || is_short(id)));
    let page = grid_page(&GridPage {
        frame: &frame,
        view: &view,
        when: &when,
        zone: &zone,
        making: Making {
            files: &files,
            picked: &shown.picked,
            accounts: &shown.accounts,
            can_give_photos: state.app.settings.pull_base().is_some(),
        },
        ticked: &ticked,
        said: shown.said.as_deref(),
    });
    Ok((status, page).into_response())
}

/// New rows: one for each file and account.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct MakeForm {
    media: Vec<MediaId>,
    connection: Vec<ConnectionId>,
}

/// `POST /bulk`: makes rows.
///
/// # Errors
/// For a foreign file or account; what was chosen wrongly comes back on the page.
pub async fn make(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<MakeForm>,
) -> Result<Response, WebError> {
    let posts: Vec<Vec<MediaId>> = form.media.iter().map(|file| vec![*file]).collect();
    match state.app.create_drafts_each(&me.actor, &posts, &form.connection, None).await {
        Ok(_) => Ok(Redirect::to("/bulk#rows").into_response()),
        Err(Error::BadInput { code } | Error::Limit { code }) => {
            let said = sentence(me.locale(), code).unwrap_or_else(|| code.to_owned());
            let shown = Shown { picked: form.media, accounts: form.connection, said: Some(said), ..Shown::default() };
            render(&state, &me, shown).await
        }
        Err(error) => Err(error.into()),
    }
}

/// What a saved row is answered with.
async fn saved(state: &WebState, me: &SignedIn, id: PostId, form: &RowForm) -> Outcome<(PostId, bool)> {
    let stored = state.app.post(&me.actor, id).await?;
    if stored.state != domain::post::PostState::Draft {
        return Err(Error::Conflict { code: "only-drafts-in-bulk" });
    }
    if let Some(account) = form.account.filter(|account| *account != stored.connection_id) {
        state.app.bulk_may_have(&me.actor, id, account).await?;
    }
    // First: where they are refused nothing of the row is saved.
    if let Some(labels) = &form.labels {
        state.app.post_labels_write(&me.actor, id, labels).await?;
    }
    let input = form.draft(&stored, &me.zone());
    let after = state.app.save_draft(&me.actor, id, form.revision, &input).await?;
    match form.account {
        Some(account) if account != stored.connection_id => {
            Ok((state.app.bulk_account(&me.actor, id, after.revision, account).await?, true))
        }
        Some(_) | None => Ok((id, false)),
    }
}

/// Without a script whatever is typed is saved first: labels that are refused are told of on the grid.
async fn save_as_form(state: &WebState, me: &SignedIn, id: PostId, mut form: RowForm) -> Result<Response, WebError> {
    let labels = form.labels.take();
    let page = form.page.max(1);
    let (id, _) = saved(state, me, id, &form).await?;
    let done = match &labels {
        Some(labels) => state.app.post_labels_write(&me.actor, id, labels).await.map(drop),
        None => Ok(()),
    };
    match done {
        Ok(()) => Ok(me.flash(&format!("/bulk?page={page}#row-{id}"), "saved")),
        Err(Error::BadInput { code } | Error::Limit { code }) => {
            let said = sentence(me.locale(), code).unwrap_or_else(|| code.to_owned());
            render(state, me, Shown { page: Some(page), said: Some(said), ..Shown::default() }).await
        }
        Err(error) => Err(error.into()),
    }
}

/// `POST /bulk/rows/{post}`: saves a row. A script asks for the answer as data: the new revision, what is wrong now, and the whole row when
/// it has another account.
///
/// # Errors
/// For a foreign post or account, 409 when the post changed meanwhile.
pub async fn save(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<PostId>,
    headers: HeaderMap,
    Form(form): Form<RowForm>,
) -> Result<Response, WebError> {
    let as_data = headers.get(header::ACCEPT).is_some_and(|kinds| kinds.as_bytes().starts_with(b"application/json"));
    if !as_data {
        return save_as_form(&state, &me, id, form).await;
    }
    let (id, is_new) = saved(&state, &me, id, &form).await?;
    let row = state.app.bulk_row(&me.actor, id).await?;
    let zone = me.zone();
    let connections = state.app.connections(&me.actor).await?;
    let when = When::new(me.locale(), zone.name(), state.app.now());
    let cells = Cells {
        l: me.locale(),
        when: &when,
        zone: &zone,
        connections: &connections,
        page: form.page,
        ticked: form.ticked.is_some(),
    };
    Ok(Json(serde_json::json!({
        "revision": row.post.revision,
        "problems": problems(&cells, &row).into_string(),
        "row": is_new.then(|| grid_row(&cells, &row).into_string()),
    }))
    .into_response())
}

/// What is to be done with the ticked rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// Look at each as it will be sent.
    #[default]
    Review,
    /// Put the next free slots into them.
    Slots,
    /// Spread them evenly.
    Spread,
    /// Delete them.
    Delete,
}

/// The ticked rows.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ChosenForm {
    post: Vec<PostId>,
    action: Wish,
    /// Whoever deletes was asked.
    sure: String,
    page: Option<usize>,
    from_date: String,
    from_time: String,
    until_date: String,
    until_time: String,
}

impl ChosenForm {
    fn times(&self, zone: &Zone) -> Option<Times> {
        let instant = |date: &str, time: &str| local_of(date, time).map(|local| resolve(local, zone).at());
        match self.action {
            Wish::Slots => Some(Times::Slots),
            Wish::Spread => Some(Times::Spread {
                from: instant(&self.from_date, &self.from_time)?,
                until: instant(&self.until_date, &self.until_time)?,
            }),
            Wish::Review | Wish::Delete => None,
        }
    }
}

/// `POST /bulk/chosen`: times for the ticked rows, their review, or their end.
///
/// # Errors
/// For a foreign post; what was chosen wrongly comes back on the page.
pub async fn chosen(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<ChosenForm>,
) -> Result<Response, WebError> {
    let l = me.locale();
    let back = format!("/bulk?page={}#rows", form.page.unwrap_or(1));
    let done = match form.action {
        Wish::Review => match state.app.bulk_review(&me.actor, &form.post).await {
            Ok(review) => {
                let frame = me.frame(Nav::Bulk, "/bulk");
                let when = When::new(l, &me.actor.time_zone, state.app.now());
                let connections = state.app.connections(&me.actor).await?;
                let page = ReviewPage {
                    frame: &frame,
                    reviewed: &review.posts,
                    gone: review.gone,
                    when: &when,
                    connections: &connections,
                    not_agreed: false,
                };
                return Ok(review_page(&page).into_response());
            }
            Err(Error::PolicyUnanswered) => return Ok(not_agreed(&state, &me)),
            Err(error) => Err(error),
        },
        Wish::Slots | Wish::Spread => match form.times(&me.zone()) {
            None => Err(Error::BadInput { code: "bulk-spread-times" }),
            Some(how) => state
                .app
                .bulk_times(&me.actor, &form.post, how)
                .await
                .map(|given| if given == form.post.len() { "bulk-timed" } else { "bulk-timed-partly" }),
        },
        Wish::Delete if form.sure.is_empty() && !form.post.is_empty() => {
            let frame = me.frame(Nav::Bulk, "/bulk");
            return Ok(deleting::delete_question(&frame, &form.post, form.page, &back).into_response());
        }
        Wish::Delete => state.app.bulk_delete(&me.actor, &form.post).await.map(|_| "bulk-deleted"),
    };
    match done {
        Ok(said) => {
            // Whoever gave them times goes on with them.
            let ticked = if form.action == Wish::Delete { String::new() } else { short(&form.post) };
            Ok(me.flash(&format!("/bulk?page={}&ticked={ticked}#rows", form.page.unwrap_or(1)), said))
        }
        Err(Error::BadInput { code } | Error::Limit { code }) => {
            let said = sentence(l, code).unwrap_or_else(|| code.to_owned());
            let shown = Shown { page: form.page, ticked: form.post, said: Some(said), ..Shown::default() };
            render(&state, &me, shown).await
        }
        Err(error) => Err(error.into()),
    }
}

fn not_agreed(state: &WebState, me: &SignedIn) -> Response {
    let frame = me.frame(Nav::Bulk, "/bulk");
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    let page = ReviewPage { frame: &frame, reviewed: &[], gone: 0, when: &when, connections: &[], not_agreed: true };
    (StatusCode::FORBIDDEN, review_page(&page)).into_response()
}

/// What was shown and agreed to, as [`review::token`] writes it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct ConsentForm {
    agree: Vec<String>,
}

/// `POST /bulk/consent`: a consent for each post of the review.
///
/// # Errors
/// For a foreign post. A post that cannot be planned stays a draft and is told of.
pub async fn consent(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<ConsentForm>,
) -> Result<Response, WebError> {
    let agreements: Outcome<Vec<Agreement>> =
        form.agree.iter().map(|text| review::parsed(text).ok_or(Error::BadInput { code: "no-post-chosen" })).collect();
    match state.app.bulk_consent(&me.actor, &agreements?).await {
        Ok(consented) => {
            let (settled, gone) = (&consented.settled, consented.gone);
            let frame = me.frame(Nav::Bulk, "/bulk");
            let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
            Ok(done_page(&DonePage { frame: &frame, settled, gone, when: &when }).into_response())
        }
        Err(Error::PolicyUnanswered) => Ok(not_agreed(&state, &me)),
        Err(error) => Err(error.into()),
    }
}

/// Date and time fields of an instant.
pub(super) fn fields_of(at: domain::time::UnixMillis, zone: &Zone) -> (String, String) {
    let local = to_local(at, zone).to_string();
    local.split_once('T').map_or_else(Default::default, |(date, time)| (date.to_owned(), time.to_owned()))
}
