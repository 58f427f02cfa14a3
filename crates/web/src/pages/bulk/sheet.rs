//! The plan as a spreadsheet, on pages: a file is tried and told of by row and column, then made into drafts; the plan and an empty one are
//! downloaded. Owns these routes; what a row means is the use case's. The file itself travels with the page that tells of it: nothing is kept.

use app::Error;
use app::sheet::{COLUMNS_MAX, Column, DryRun, Fault, Format, Found, PlanFilter, ROWS_MAX};
use axum::extract::multipart::MultipartError;
use axum::extract::{Multipart, Query, State};
use axum::response::{IntoResponse, Response};
use domain::id::ConnectionId;
use maud::{Markup, html};
use serde::Deserialize;
use store::Connection;

use super::{Shown, render, short};
use crate::error::{WebError, sentence};
use crate::locale::Locale;
use crate::pages::compose::expected::cap_words;
use crate::pages::download::{Kind as FileKind, day_begins, day_ends, download};
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{
    Button, Choice, Frame, Icon, Kind, Nav, Notice, SelectField, TextField, Tone, When, app_page, button, icon,
    link_button, notice, page_head, select_field, text_field,
};

/// Largest form that brings a file, bytes: a file in the form in which the page carries it along can be somewhat longer than it was.
pub const FORM_MAX_BYTES: usize = 6 * 1024 * 1024;
/// Faults that are listed.
const FOUND_SHOWN: usize = 200;

/// Below the rows: bringing a file, and taking the plan along.
pub(super) fn exchange(l: Locale, connections: &[Connection]) -> Markup {
    let ids: Vec<String> = connections.iter().map(|it| it.id.to_string()).collect();
    let choices: Vec<Choice<'_>> = connections
        .iter()
        .zip(&ids)
        .map(|(it, id)| Choice { value: id, label: &it.display_name, ..Choice::default() })
        .collect();
    let all = t!(l, "calendar-all-accounts");
    let choices: Vec<Choice<'_>> =
        std::iter::once(Choice { value: "", label: &all, ..Choice::default() }).chain(choices).collect();
    let download = |href: &str, words: String| html! { a.btn.small href=(href) download { (icon(Icon::Download)) span { (words) } } };
    html! {
        details.card.stack id="exchange" {
            summary { h2 { (t!(l, "sheet-title")) } }
            div.grid.m20 {
                form.stack method="post" action="/bulk/import" enctype="multipart/form-data" {
                    h3 { (t!(l, "sheet-import")) }
                    div.field {
                        label for="sheet" { (t!(l, "sheet-file")) }
                        input id="sheet" name="sheet" type="file" accept=".csv,.xlsx,text/csv" required aria-describedby="sheet-hint";
                        span.hint id="sheet-hint" { (t!(l, "sheet-file-hint", rows = ROWS_MAX, columns = COLUMNS_MAX)) }
                    }
                    div.row.tight {
                        (button(&Button { label: &t!(l, "sheet-try"), ..Button::default() }))
                        (download("/bulk/template.csv", t!(l, "sheet-template-csv")))
                        (download("/bulk/template.xlsx", t!(l, "sheet-template-xlsx")))
                    }
                    (columns_told(l))
                }
                form.stack method="get" action="/bulk/plan" {
                    h3 { (t!(l, "sheet-export")) }
                    p.sub { (t!(l, "sheet-export-more")) }
                    (select_field(&SelectField { id: "sheet-account", name: "connection", label: &t!(l, "bulk-col-account"), choices: &choices, selected: Some(""), ..SelectField::default() }))
                    div.row.when {
                        (text_field(&TextField { id: "sheet-from", name: "from", label: &t!(l, "sheet-from"), kind: "date", ..TextField::default() }))
                        (text_field(&TextField { id: "sheet-until", name: "until", label: &t!(l, "sheet-until"), kind: "date", ..TextField::default() }))
                    }
                    div.row.tight {
                        (button(&Button { label: "CSV", icon: Some(Icon::Download), sends: Some(("format", "csv")), ..Button::default() }))
                        (button(&Button { label: "XLSX", icon: Some(Icon::Download), sends: Some(("format", "xlsx")), ..Button::default() }))
                    }
                }
            }
        }
    }
}

/// What each column takes.
fn columns_told(l: Locale) -> Markup {
    html! {
        details {
            summary { (t!(l, "sheet-columns")) }
            dl.facts {
                @for column in Column::ALL {
                    dt { code { (column.head()) } }
                    dd { (l.message(&format!("sheet-column-{}", column.head().replace('_', "-")), []).unwrap_or_default()) }
                }
            }
        }
    }
}

/// What a file would become.
pub struct TriedPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was found.
    pub dry: &'a DryRun,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// What is wrong with a cell, in words.
fn fault_words(page: &TriedPage<'_>, found: &Found) -> String {
    let l = page.frame.locale;
    if let Fault::OverCap(cap) = found.fault {
        let (what, more) = cap_words(l, cap);
        return format!("{what} {more}");
    }
    if let Fault::TooLong { used, most } = found.fault {
        return t!(l, "sheet-fault-too-long", used = used, most = most);
    }
    if let Fault::SameAsRow { row } = found.fault {
        return t!(l, "sheet-fault-same-as-row", row = row);
    }
    if let Fault::WentOut { at: Some(at) } = found.fault {
        return t!(l, "sheet-fault-went-out-at", when = page.when.moment(at));
    }
    let code = found.fault.code();
    l.message(&format!("sheet-fault-{code}"), []).unwrap_or_else(|| code.to_owned())
}

/// The page after a file was tried: nothing is made yet.
#[must_use]
pub fn tried_page(page: &TriedPage<'_>) -> Markup {
    let (l, dry) = (page.frame.locale, page.dry);
    let ready = dry.ready.len();
    let there = dry.ready.iter().filter(|row| row.is_there).count();
    let new = ready.saturating_sub(there);
    let stops = dry.rows.saturating_sub(ready);
    let back = link_button("/bulk#exchange", &Button { label: &t!(l, "bulk-back"), ..Button::default() });
    let content = html! {
        div.stack.loose {
            (page_head(&t!(l, "sheet-tried", n = dry.rows), Some(&t!(l, "sheet-tried-more")), Some(&back)))
            @if !dry.ignored.is_empty() {
                (notice(&Notice { tone: Tone::Info, what: &t!(l, "sheet-ignored", heads = dry.ignored.join(", ")), ..Notice::default() }))
            }
            @if !dry.found.is_empty() { (faults(page)) }
            form.card.stack method="post" action="/bulk/import/make" enctype="multipart/form-data" {
                p { b { (t!(l, "sheet-ready", n = ready)) } @if stops > 0 { " " (t!(l, "sheet-left-out", n = stops)) } }
                p.hint { (t!(l, "sheet-drafts-only")) }
                // It travels along, so that nothing has to be kept of a file that may never be made.
                textarea name="sheet" hidden aria-label=(t!(l, "sheet-file")) { "\n" (dry.as_csv) }
                @if there > 0 { (notice(&Notice { tone: Tone::Warn, what: &t!(l, "sheet-there", n = there), more: &t!(l, "sheet-there-more"), ..Notice::default() })) }
                div.row {
                    @if new > 0 { (button(&Button { label: &t!(l, "sheet-make", n = new), kind: Kind::Primary, ..Button::default() })) }
                    @if there > 0 { (button(&Button { label: &t!(l, "sheet-make-again", n = ready), sends: Some(("again", "yes")), ..Button::default() })) }
                }
            }
        }
    };
    app_page(page.frame, t!(l, "sheet-title"), &content)
}

fn faults(page: &TriedPage<'_>) -> Markup {
    let (l, dry) = (page.frame.locale, page.dry);
    let more = dry.found.len().saturating_sub(FOUND_SHOWN);
    html! {
        section.card.stack aria-labelledby="faults" {
            h2 id="faults" { (t!(l, "sheet-faults", n = dry.found.len())) }
            div.grid-scroll tabindex="0" role="group" aria-labelledby="faults" {
                table.table {
                    thead { tr {
                        th scope="col" { (t!(l, "sheet-row")) }
                        th scope="col" { (t!(l, "sheet-column")) }
                        th scope="col" { (t!(l, "sheet-cell")) }
                        th scope="col" { (t!(l, "sheet-wrong")) }
                    } }
                    tbody {
                        @for found in dry.found.iter().take(FOUND_SHOWN) {
                            tr data-fault=(found.fault.code()) {
                                th.tnum scope="row" { (found.row) }
                                td { code { (found.column.head()) } }
                                td { (found.word) }
                                td { @if found.fault.stops() { b { (t!(l, "sheet-stops")) } " " } (fault_words(page, found)) }
                            }
                        }
                    }
                }
            }
            @if more > 0 { p.hint { (t!(l, "sheet-more-faults", n = more)) } }
        }
    }
}

/// The file of a form, an empty one when there is none; and whether what is there already is meant again.
async fn file_of(mut form: Multipart) -> Result<(Vec<u8>, bool), WebError> {
    let status = |error: MultipartError| WebError::status(error.status());
    let (mut file, mut again) = (Vec::new(), false);
    while let Some(field) = form.next_field().await.map_err(status)? {
        match field.name() {
            Some("sheet") => file = field.bytes().await.map_err(status)?.to_vec(),
            Some("again") => again = true,
            Some(_) | None => {}
        }
    }
    Ok((file, again))
}

/// What is wrong with a file as a whole, told on the grid.
async fn refused(state: &WebState, me: &SignedIn, code: &'static str) -> Result<Response, WebError> {
    let said = sentence(me.locale(), code).unwrap_or_else(|| code.to_owned());
    render(state, me, Shown { said: Some(said), ..Shown::default() }).await
}

/// `POST /bulk/import`: tries a file and tells what it would become.
///
/// # Errors
/// When the form breaks off; what is wrong with the file as a whole comes back on the grid.
pub async fn try_it(State(state): State<WebState>, me: SignedIn, form: Multipart) -> Result<Response, WebError> {
    let (file, _) = file_of(form).await?;
    match state.app.sheet_try(&me.actor, file).await {
        Ok(dry) => {
            let frame = me.frame(Nav::Bulk, "/bulk");
            let when = When::new(me.locale(), me.zone().name(), state.app.now());
            Ok(tried_page(&TriedPage { frame: &frame, dry: &dry, when: &when }).into_response())
        }
        Err(Error::BadInput { code } | Error::Limit { code }) => refused(&state, &me, code).await,
        Err(error) => Err(error.into()),
    }
}

/// `POST /bulk/import/make`: makes drafts of what was tried, judged again.
///
/// # Errors
/// As [`try_it`].
pub async fn make(State(state): State<WebState>, me: SignedIn, form: Multipart) -> Result<Response, WebError> {
    let (file, again) = file_of(form).await?;
    match state.app.sheet_make(&me.actor, file, again).await {
        Ok(made) => Ok(me.flash(&format!("/bulk?ticked={}#rows", short(&made.drafts)), "sheet-made")),
        Err(Error::BadInput { code } | Error::Limit { code }) => refused(&state, &me, code).await,
        Err(error) => Err(error.into()),
    }
}

/// Which part of the plan.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PlanQuery {
    connection: String,
    from: String,
    until: String,
    format: String,
}

fn format_of(word: &str) -> Format {
    if word == "xlsx" { Format::Xlsx } else { Format::Csv }
}

const fn kind(format: Format) -> FileKind {
    match format {
        Format::Csv => FileKind::Csv,
        Format::Xlsx => FileKind::Xlsx,
    }
}

/// `GET /bulk/plan`: planned posts and drafts as a file.
///
/// # Errors
/// For a foreign account.
pub async fn plan(
    State(state): State<WebState>,
    me: SignedIn,
    Query(query): Query<PlanQuery>,
) -> Result<Response, WebError> {
    let zone = me.zone();
    let connection: Option<ConnectionId> = match query.connection.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::NotFound { what: "connection" })?),
    };
    let filter = PlanFilter { connection, from: day_begins(&query.from, &zone), until: day_ends(&query.until, &zone) };
    let format = format_of(&query.format);
    Ok(download(kind(format), "moloko-plan", state.app.sheet_of_plan(&me.actor, &filter, format).await?))
}

/// `GET /bulk/template.csv`: an empty plan.
///
/// # Errors
/// When it cannot be written.
pub async fn template_csv(State(state): State<WebState>, _: SignedIn) -> Result<Response, WebError> {
    Ok(download(FileKind::Csv, "moloko-template", state.app.sheet_template(Format::Csv)?))
}

/// `GET /bulk/template.xlsx`: the same as a workbook.
///
/// # Errors
/// As [`template_csv`].
pub async fn template_xlsx(State(state): State<WebState>, _: SignedIn) -> Result<Response, WebError> {
    Ok(download(FileKind::Xlsx, "moloko-template", state.app.sheet_template(Format::Xlsx)?))
}
