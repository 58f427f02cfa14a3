//! The part of "Your data" where people take it with them: asking for a file, how far it is, the download. Owns its routes and looks; what is
//! in the file and who may have it is the use case's.

use app::export::{ExportLink, ExportView, schema};
use axum::body::Body;
use axum::extract::{Form, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::id::ExportId;
use domain::time::UnixMillis;
use maud::{Markup, html};
use serde::Deserialize;
use store::ExportState;
use store::export::Extent;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio_util::io::ReaderStream;

use crate::error::WebError;
use crate::locale::Locale;
use crate::media::{BUFFER_BYTES, Range, asked_range, put, seal};
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::when::{number, size};
use crate::ui::{Button, Checkbox, Kind, Notice, Progress, Tone, When, button, checkbox, notice, progress_bar};

/// What the section shows.
pub struct ExportSection<'a> {
    /// In which language.
    pub locale: Locale,
    /// The reader's clock and zone.
    pub when: &'a When,
    /// Their last export.
    pub view: &'a ExportView,
    /// How much there is.
    pub extent: Extent,
}

fn unsigned(n: i64) -> u64 {
    u64::try_from(n).unwrap_or(0)
}

/// The section; live updates fetch the same.
#[must_use]
pub fn export_section(it: &ExportSection<'_>) -> Markup {
    let l = it.locale;
    html! {
        section.card.stack id="export" aria-labelledby="export-title" hx-get="/your-data/export" hx-trigger="export from:#live" hx-target="this" hx-swap="outerMorph" {
            h2 id="export-title" { (t!(l, "export-title")) }
            p.sub { (t!(l, "export-lede")) }
            @match it.view.job.as_ref().map(|job| job.state) {
                None => { (ask(it, false)) }
                Some(ExportState::Asked) => { (underway(l, t!(l, "export-waiting"), 0, 1)) }
                Some(ExportState::Building) => { (building(it)) }
                Some(ExportState::Ready) => { (ready(it)) }
                Some(ExportState::Failed) => {
                    @let disk = it.view.job.as_ref().and_then(|job| job.problem.as_deref()) == Some("disk-full");
                    @let why = if disk { t!(l, "export-failed-disk") } else { t!(l, "export-failed-trouble") };
                    (notice(&Notice { tone: Tone::Bad, what: &t!(l, "export-failed"), more: &why, ..Notice::default() }))
                    (ask(it, true))
                }
            }
        }
    }
}

fn ask(it: &ExportSection<'_>, again: bool) -> Markup {
    let l = it.locale;
    let label = if again { t!(l, "export-again") } else { t!(l, "export-ask") };
    let bytes = size(l, unsigned(it.extent.bytes));
    let note = t!(l, "export-with-files-note", n = it.extent.files, size = bytes);
    let box_ = Checkbox {
        id: "export-files",
        name: "files",
        label: &t!(l, "export-with-files"),
        note: Some(&note),
        checked: it.extent.files > 0,
        ..Checkbox::default()
    };
    html! {
        form.stack method="post" action="/your-data/export" {
            (checkbox(&box_))
            div { (button(&Button { label: &label, kind: Kind::Primary, ..Button::default() })) }
        }
    }
}

fn underway(l: Locale, words: String, done: u64, total: u64) -> Markup {
    html! {
        p role="status" { (words) }
        (progress_bar("export-progress", done, total, &words, Progress::Running))
        p.sub { (t!(l, "export-leave-page")) }
        // For whoever has no scripts: a form asks anew every time, a link to the page that is open does not.
        form action="/your-data" { (button(&Button { label: &t!(l, "export-look"), small: true, ..Button::default() })) }
    }
}

fn building(it: &ExportSection<'_>) -> Markup {
    let l = it.locale;
    let (done, total) =
        it.view.job.as_ref().map_or((0, 1), |job| (unsigned(job.done_count), unsigned(job.total_count)));
    let words = t!(l, "export-building", done = number(l, done), total = number(l, total));
    underway(l, words, done, total)
}

fn ready(it: &ExportSection<'_>) -> Markup {
    let (l, when) = (it.locale, it.when);
    let (Some(job), Some(link)) = (&it.view.job, &it.view.link) else { return ask(it, true) };
    let yes = if job.with_media { t!(l, "export-contents-yes") } else { t!(l, "export-contents-no") };
    html! {
        p role="status" { b { (t!(l, "export-ready")) } }
        dl.facts {
            @if let Some(at) = job.ready_at { dt { (t!(l, "export-made")) } dd { (when.moment_element(at)) } }
            @if let Some(bytes) = job.size_bytes { dt { (t!(l, "export-size")) } dd { (size(l, bytes)) } }
            dt { (t!(l, "export-contents")) } dd { (yes) }
            dt { (t!(l, "export-link-until")) } dd { (when.moment_element(link.until)) }
            @if let Some(at) = it.view.gone_at { dt { (t!(l, "export-gone")) } dd { (when.moment_element(at)) } }
            @if let Some(hash) = &job.sha256 { dt { (t!(l, "export-hash")) } dd { code { (hash) } } }
        }
        p.sub { (t!(l, "export-keep")) }
        div.row {
            a.btn.primary href=(format!("/your-data/export/{}/{}/{}", job.id, link.until.millis(), link.word)) download { (t!(l, "export-fetch")) }
        }
        @match it.view.next_at {
            Some(at) => { p.sub { (t!(l, "export-next", at = when.moment(at))) } }
            None => { (ask(it, true)) }
        }
    }
}

/// What the section shows to this reader.
pub(super) async fn section(state: &WebState, me: &SignedIn) -> Result<Markup, WebError> {
    let view = state.app.export_view(&me.actor).await?;
    let extent = state.app.store.export_extent(me.actor.workspace_id).await.map_err(app::Error::from)?;
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    Ok(export_section(&ExportSection { locale: me.locale(), when: &when, view: &view, extent }))
}

/// `GET /your-data/export`: the section alone.
///
/// # Errors
/// When the database does not answer.
pub async fn body(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    Ok(section(&state, &me).await?.into_response())
}

/// What the form sends.
#[derive(Debug, Deserialize)]
pub struct Asked {
    files: Option<String>,
}

/// `POST /your-data/export`.
///
/// # Errors
/// While one is being made, within a day of the one before, and when the disk has no room.
pub async fn make(State(state): State<WebState>, me: SignedIn, Form(asked): Form<Asked>) -> Result<Redirect, WebError> {
    state.app.ask_export(&me.actor, asked.files.is_some()).await?;
    Ok(Redirect::to("/your-data#export"))
}

/// `GET /your-data/export/{id}/{until}/{word}`: the file, whole or a range, for the session that the link was given to.
///
/// # Errors
/// 404 for everybody else, and when link or file are over.
pub async fn fetch(
    State(state): State<WebState>,
    me: SignedIn,
    Path((id, until, word)): Path<(ExportId, i64, String)>,
    headers: HeaderMap,
) -> Result<Response, WebError> {
    let link = ExportLink { until: UnixMillis::from_millis(until), word };
    let asked = headers.get(header::RANGE).and_then(|range| range.to_str().ok());
    let begins = begins(asked);
    let mut export = state.app.export_file(&me.actor, id, &link, begins).await?;
    let size = export.size_bytes;
    let (first, last, status) = match asked_range(asked, size) {
        Range::Whole => (0, size.saturating_sub(1), StatusCode::OK),
        Range::Part(first, last) => (first, last, StatusCode::PARTIAL_CONTENT),
        Range::Unsatisfiable => {
            let mut response = StatusCode::RANGE_NOT_SATISFIABLE.into_response();
            put(&mut response, header::CONTENT_RANGE, &format!("bytes */{size}"));
            return Ok(response);
        }
    };
    export.file.seek(std::io::SeekFrom::Start(first)).await.map_err(app::Error::from)?;
    let length = last.saturating_sub(first).saturating_add(1).min(size);
    let body = Body::from_stream(ReaderStream::with_capacity(export.file.take(length), BUFFER_BYTES));
    let mut response = (status, body).into_response();
    let day = export.ready_at.date();
    put(&mut response, header::CONTENT_TYPE, "application/zip");
    put(&mut response, header::CONTENT_LENGTH, &length.to_string());
    put(&mut response, header::ACCEPT_RANGES, "bytes");
    put(&mut response, header::CONTENT_DISPOSITION, &format!("attachment; filename=\"moloko-{day}.zip\""));
    if status == StatusCode::PARTIAL_CONTENT {
        put(&mut response, header::CONTENT_RANGE, &format!("bytes {first}-{last}/{size}"));
    }
    seal(&mut response);
    Ok(response)
}

/// Who begins within so many bytes fetches the file, and does not go on with it.
const BEGINNING_BYTES: u64 = 256 * 1024;

/// Whether this fetches the file, and does not go on with a download that was recorded.
fn begins(asked: Option<&str>) -> bool {
    let from_the_end = asked.is_some_and(|range| range.trim().starts_with("bytes=-"));
    from_the_end
        || match asked_range(asked, u64::MAX) {
            Range::Part(first, _) => first < BEGINNING_BYTES,
            Range::Whole | Range::Unsatisfiable => true,
        }
}

/// `GET /schemas/export/1/{name}`: the JSON Schema of a file of an export, for everybody.
///
/// # Errors
/// 404 for a name that there is not.
pub async fn published_schema(Path(name): Path<String>) -> Result<Response, WebError> {
    let schema = name.strip_suffix(".json").and_then(schema::schema);
    let schema = schema.ok_or(WebError::status(StatusCode::NOT_FOUND))?;
    let mut response = format!("{schema:#}\n").into_response();
    put(&mut response, header::CONTENT_TYPE, "application/schema+json");
    Ok(response)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::pages::check;
    use store::ExportJob;

    fn job(state: ExportState) -> ExportJob {
        let id = "01930000-0000-7000-8000-000000000001";
        ExportJob {
            id: id.parse().unwrap(),
            person_id: id.parse().unwrap(),
            workspace_id: id.parse().unwrap(),
            with_media: true,
            state,
            asked_at: UnixMillis::from_seconds(1_795_510_800),
            done_count: 3_400,
            total_count: 10_020,
            size_bytes: Some(123_456_789),
            sha256: Some("ab".repeat(32)),
            ready_at: Some(UnixMillis::from_seconds(1_795_510_860)),
            problem: (state == ExportState::Failed).then(|| "disk-full".to_owned()),
        }
    }

    #[test]
    fn pp_7_6_every_state_has_its_words_and_only_a_ready_one_a_link() {
        let now = UnixMillis::from_seconds(1_795_510_900);
        let extent = Extent { posts: 5, files: 2, bytes: 40_000 };
        for l in Locale::ALL {
            let when = When::new(l, "Europe/Berlin", now);
            let drawn = |view: &ExportView| export_section(&ExportSection { locale: l, when: &when, view, extent }).0;
            let fresh = drawn(&ExportView::default());
            assert!(fresh.contains("<form") && fresh.contains("name=\"files\""), "{fresh}");
            for state in [ExportState::Asked, ExportState::Building, ExportState::Failed, ExportState::Ready] {
                let link = (state == ExportState::Ready).then(|| ExportLink { until: now, word: "word".to_owned() });
                let view = ExportView {
                    job: Some(job(state)),
                    link,
                    gone_at: Some(now),
                    next_at: (state != ExportState::Failed).then_some(now),
                };
                let html = drawn(&view);
                assert_eq!(html.contains("/word\""), state == ExportState::Ready, "{html}");
                assert_eq!(html.contains("method=\"post\""), state == ExportState::Failed, "{html}");
                assert_eq!(html.contains("<progress"), [ExportState::Asked, ExportState::Building].contains(&state));
            }
        }
        check::in_every_language(|frame| {
            let when = When::new(frame.locale, "UTC", now);
            let view = ExportView { job: Some(job(ExportState::Building)), ..ExportView::default() };
            let section = export_section(&ExportSection { locale: frame.locale, when: &when, view: &view, extent });
            let page = super::super::YourDataPage { frame, held: &[], by_law: &[], when: &when, export: &section };
            super::super::your_data_page(&page)
        });
    }
}
