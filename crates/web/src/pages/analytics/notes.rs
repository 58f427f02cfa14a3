//! Notes on days: their list, the form that adds one, and the routes of both. Owns their looks; how long and how many they may be is the use case's.

use app::Error;
use app::annotations::ANNOTATION_CHARS;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::Response;
use domain::id::{AnnotationId, ConnectionId};
use maud::{Markup, html};
use serde::Deserialize;
use store::annotation::Annotation;

use super::range::{day_number_of, day_text};
use super::{AnalyticsPage, Asked, respond, view, zone_of};
use crate::error::{WebError, sentence};
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, Choice, Kind, SelectField, TextField, button, select_field, text_field};

/// What the form sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct NoteForm {
    day: String,
    words: String,
    about: String,
    /// The query of the page that it was written on.
    next: String,
}

/// A note that was refused.
pub struct Refused {
    form: NoteForm,
    /// The day is what is wrong, and not the words.
    is_day: bool,
    /// What is wrong and what to do.
    why: String,
}

/// The notes of these days, those on days ahead, and the form.
pub(super) fn section(page: &AnalyticsPage<'_>) -> Markup {
    let l = page.frame.locale;
    let (shown, ahead): (Vec<_>, Vec<_>) = page.notes.iter().partition(|note| page.shown.days().contains(&note.day));
    html! {
        h3 id="notes" { (t!(l, "notes-title")) }
        @if shown.is_empty() { p.sub { (t!(l, "notes-none")) } } @else { ul.day-notes { @for note in shown { (line(page, note)) } } }
        @if !ahead.is_empty() {
            h4 { (t!(l, "notes-ahead")) }
            ul.day-notes { @for note in ahead { (line(page, note)) } }
        }
        details.new-note open[page.refused.is_some()] {
            summary { (t!(l, "notes-new")) }
            (form(page))
        }
    }
}

/// Of which account a note tells; nothing for one about all.
pub(super) fn about(page: &AnalyticsPage<'_>, note: &Annotation) -> Option<String> {
    let id = note.connection_id?;
    let account = page.numbers.accounts.iter().find(|it| it.connection.id == id);
    Some(account.map_or_else(|| t!(page.frame.locale, "notes-other"), |it| it.connection.display_name.clone()))
}

fn line(page: &AnalyticsPage<'_>, note: &Annotation) -> Markup {
    let l = page.frame.locale;
    let date = view::date_of(page, note.day);
    let label = t!(l, "notes-remove");
    html! {
        li {
            span { b { (date) } " " (note.words) @if let Some(account) = about(page, note) { " " span.muted { (account) } } }
            form method="post" action=(format!("/analytics/notes/{}/delete", note.id)) {
                input type="hidden" name="next" value=(page.shown.address());
                button.btn.ghost.small type="submit" { (label) span.vh { ": " (date) ", " (note.words) } }
            }
        }
    }
}

fn form(page: &AnalyticsPage<'_>) -> Markup {
    let l = page.frame.locale;
    let typed = page.refused.map(|it| &it.form);
    let error = |is_day: bool| page.refused.filter(|it| it.is_day == is_day).map(|it| it.why.as_str());
    let last = day_text(page.shown.query.end_day - 1);
    let day = typed.map_or(last.as_str(), |it| &it.day);
    let words = typed.map_or("", |it| &it.words);
    let every = t!(l, "history-every-account");
    let ids: Vec<String> = page.numbers.accounts.iter().map(|it| it.connection.id.to_string()).collect();
    let mut choices = vec![Choice { value: "", label: &every, ..Choice::default() }];
    choices.extend(ids.iter().zip(&page.numbers.accounts).map(|(id, it)| Choice {
        value: id,
        label: &it.connection.display_name,
        ..Choice::default()
    }));
    let chosen = page.shown.query.connection.map(|id| id.to_string()).unwrap_or_default();
    let about = typed.map_or(chosen.as_str(), |it| &it.about);
    html! {
        form.row.filters method="post" action="/analytics/notes" novalidate {
            input type="hidden" name="next" value=(page.shown.address());
            (text_field(&TextField { id: "note-day", name: "day", label: &t!(l, "analytics-day"), value: day, kind: "date", error: error(true), ..TextField::default() }))
            (text_field(&TextField { id: "note-words", name: "words", label: &t!(l, "notes-words", n = ANNOTATION_CHARS), value: words, error: error(false), ..TextField::default() }))
            (select_field(&SelectField { id: "note-about", name: "about", label: &t!(l, "history-account"), choices: &choices, selected: Some(about), ..SelectField::default() }))
            (button(&Button { label: &t!(l, "notes-add"), kind: Kind::Plain, ..Button::default() }))
        }
    }
}

fn understood(query: &str) -> Asked {
    let uri = format!("/analytics?{query}").parse::<Uri>().unwrap_or_default();
    Query::try_from_uri(&uri).map(|Query(asked)| asked).unwrap_or_default()
}

/// `POST /analytics/notes`: keeps a note on a day.
///
/// # Errors
/// For a foreign account; what is wrong with the day or the words is shown beside them.
pub async fn add(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<NoteForm>,
) -> Result<Response, WebError> {
    let asked = understood(&form.next);
    let connection: Option<ConnectionId> = form.about.parse().ok();
    let day = day_number_of(&form.day).ok_or(Error::BadInput { code: "annotation-day" });
    let added = match day {
        Ok(day) => state.app.annotation_add(&me.actor, day, connection, &form.words).await,
        Err(error) => Err(error),
    };
    match added {
        Ok(_) => Ok(me.flash(
            &format!("/analytics?{}#notes", asked.shown(state.app.now(), &zone_of(&me)).address()),
            "note-added",
        )),
        Err(Error::BadInput { code } | Error::Limit { code }) => {
            let words = sentence(me.locale(), code).unwrap_or_else(|| code.to_owned());
            let todo = sentence(me.locale(), &format!("{code}-todo")).unwrap_or_default();
            let refused = Refused { form, is_day: code == "annotation-day", why: format!("{words} {todo}") };
            let mut response = respond(&state, &me, &asked, Some(&refused)).await?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(response)
        }
        Err(error) => Err(error.into()),
    }
}

/// What a removal sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct RemoveForm {
    next: String,
}

/// `POST /analytics/notes/{id}/delete`: removes a note.
///
/// # Errors
/// When it is not theirs.
pub async fn remove(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<AnnotationId>,
    Form(form): Form<RemoveForm>,
) -> Result<Response, WebError> {
    state.app.annotation_delete(&me.actor, id).await?;
    let back = understood(&form.next).shown(state.app.now(), &zone_of(&me)).address();
    Ok(me.flash(&format!("/analytics?{back}#notes"), "note-removed"))
}
