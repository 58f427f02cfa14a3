//! What happened while the reader was away, one line each, with the way to the thing. Owns its routes and looks; what is told when is the
//! use case's.

use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use domain::id::NoticeNumber;
use domain::notice::Notice;
use maud::{Markup, html};
use serde::Deserialize;
use store::NoticeRow;

use crate::error::WebError;
use crate::locale::Locale;
use crate::pages::reports::week_title;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::policy::document_name;
use crate::ui::{Button, Frame, Icon, Nav, When, app_page, button, empty_state, icon, page_head};

/// Characters of a caption that stand in a line.
const CAPTION_MAX: usize = 60;

/// The page of notices.
pub struct NoticesPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The lines, newest first.
    pub rows: &'a [NoticeRow],
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The page of notices.
#[must_use]
pub fn notices_page(page: &NoticesPage<'_>) -> Markup {
    let l = page.frame.locale;
    let newest = page.rows.first().filter(|_| page.rows.iter().any(|row| row.read_at.is_none()));
    let all = newest.map(|row| {
        html! {
            form method="post" action="/notices/read" {
                (button(&Button { label: &t!(l, "notices-read-all"), icon: Some(Icon::Check), sends: Some(("upto", &row.number.to_string())), ..Button::default() }))
            }
        }
    });
    let content = html! {
        (page_head(&t!(l, "nav-notices"), Some(&t!(l, "notices-lede")), all.as_ref()))
        @if page.rows.is_empty() {
            (empty_state(&t!(l, "notices-empty"), &t!(l, "notices-empty-more"), 2, None))
        } @else {
            ul.list { @for row in page.rows { (line(page, row)) } }
        }
    };
    app_page(page.frame, t!(l, "nav-notices"), &content)
}

fn line(page: &NoticesPage<'_>, row: &NoticeRow) -> Markup {
    let l = page.frame.locale;
    let unread = row.read_at.is_none();
    let what = words(l, row);
    html! {
        li.item.plain.told data-unread[unread] {
            (icon(symbol(&row.notice)))
            span.grow {
                b.ttl { (what) }
                small {
                    @if unread { b { (t!(l, "notices-new")) } " · " }
                    @if let Some(caption) = &row.caption { @if !caption.is_empty() { "“" (short(caption)) "” · " } }
                    time datetime=(page.when.iso(row.created_at)) { (page.when.relative(row.created_at)) }
                }
            }
            form method="post" action=(format!("/notices/{}/open", row.number)) {
                // Several lines have the same button, so each says to which line it belongs.
                button.btn.small type="submit" aria-label=(t!(l, "notices-open-what", what = what.as_str())) { span { (t!(l, "verb-open")) } }
            }
        }
    }
}

fn symbol(notice: &Notice) -> Icon {
    match notice {
        Notice::PostFailed(_) => Icon::DropFailed,
        Notice::PostWaits(_) => Icon::Alert,
        Notice::ReconnectNeeded(_) => Icon::Link,
        Notice::DocumentChanges(_) => Icon::Info,
        Notice::RequestAnswered(_) => Icon::Comment,
        Notice::Inactive(_) => Icon::Clock,
        Notice::ErasureBegun(_) | Notice::ErasedBefore(_) => Icon::Trash,
        Notice::ReportReady(_) => Icon::Chart,
    }
}

fn words(l: Locale, row: &NoticeRow) -> String {
    let account = row.account.clone().unwrap_or_else(|| t!(l, "notice-some-account"));
    match row.notice {
        Notice::PostFailed(_) => t!(l, "notice-post-failed", account = account),
        Notice::PostWaits(_) => t!(l, "notice-post-waits", account = account),
        Notice::ReconnectNeeded(_) => t!(l, "notice-reconnect-needed", account = account),
        Notice::DocumentChanges(version) => {
            t!(l, "notice-document-changes", document = document_name(l, version.document), version = version.id)
        }
        Notice::RequestAnswered(number) => t!(l, "notice-request-answered", number = number.to_string()),
        Notice::Inactive(_) => t!(l, "notice-inactive"),
        Notice::ErasureBegun(_) => t!(l, "notice-erasure-begun"),
        Notice::ErasedBefore(_) => t!(l, "notice-erased-before"),
        Notice::ReportReady(week) => t!(l, "notice-report-ready", week = week_title(l, week)),
    }
}

fn short(caption: &str) -> String {
    let first = caption.lines().next().unwrap_or_default();
    if first.chars().count() <= CAPTION_MAX && first == caption {
        return first.to_owned();
    }
    let start: String = first.chars().take(CAPTION_MAX).collect();
    format!("{}…", start.trim_end())
}

/// Where the thing is.
fn place(notice: &Notice) -> String {
    match notice {
        Notice::PostFailed(id) | Notice::PostWaits(id) => format!("/posts/{id}"),
        Notice::ReconnectNeeded(_) => "/connections".to_owned(),
        Notice::DocumentChanges(version) => format!("{}/changes", version.path()),
        Notice::RequestAnswered(number) => format!("/help/requests/{number}"),
        Notice::Inactive(_) => "/your-data".to_owned(),
        Notice::ReportReady(week) => format!("/reports/{week}"),
        Notice::ErasureBegun(id) | Notice::ErasedBefore(id) => format!("/your-data/receipts/{id}"),
    }
}

/// `GET /notices`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    let rows = state.app.notices(&me.actor).await?;
    let frame = me.frame(Nav::Notices, "/notices");
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    Ok(notices_page(&NoticesPage { frame: &frame, rows: &rows, when: &when }).into_response())
}

/// An address that names no line leads nowhere, as a foreign one does.
fn number_of(text: &str) -> Result<NoticeNumber, WebError> {
    text.parse().map_err(|_| WebError::status(StatusCode::NOT_FOUND))
}

/// `POST /notices/{number}/open`: leads to the thing; the line is read.
///
/// # Errors
/// 404 when it is not theirs.
pub async fn open(
    State(state): State<WebState>,
    me: SignedIn,
    Path(number): Path<String>,
) -> Result<Response, WebError> {
    let notice = state.app.open_notice(&me.actor, number_of(&number)?).await?;
    Ok(Redirect::to(&place(&notice)).into_response())
}

/// Up to which line.
#[derive(Debug, Deserialize)]
pub struct ReadForm {
    #[serde(default)]
    upto: String,
}

/// `POST /notices/read`: everything that the page showed is read.
///
/// # Errors
/// 404 when the line is not theirs.
pub async fn read_all(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<ReadForm>,
) -> Result<Response, WebError> {
    state.app.read_notices(&me.actor, number_of(&form.upto)?).await?;
    Ok(Redirect::to("/notices").into_response())
}

#[cfg(test)]
mod tests {
    use domain::id::{ConnectionId, PostId, RequestNumber};
    use domain::notice::Warning;
    use domain::privacy::documents::Document;
    use uuid::Uuid;

    use super::*;
    use crate::pages::check;
    use crate::pages::samples::NOW;

    #[test]
    fn pp_2_6_every_line_has_its_words_and_its_way_in_every_language() {
        let mut all = vec![
            Notice::PostFailed(PostId::from_uuid(Uuid::nil())),
            Notice::PostWaits(PostId::from_uuid(Uuid::nil())),
            Notice::ReconnectNeeded(ConnectionId::from_uuid(Uuid::nil())),
            Notice::RequestAnswered(RequestNumber::new(17)),
            Notice::Inactive(Warning::First),
            Notice::Inactive(Warning::Last),
            Notice::ReportReady("2026-W47".parse().unwrap()),
        ];
        all.extend(Document::ALL.into_iter().filter_map(Document::latest_material).map(Notice::DocumentChanges));
        for read_at in [None, Some(NOW)] {
            let rows: Vec<NoticeRow> = (1..)
                .zip(&all)
                .map(|(n, notice)| NoticeRow {
                    number: NoticeNumber::new(n),
                    notice: *notice,
                    created_at: NOW,
                    read_at,
                    account: Some("<Mila>".to_owned()),
                    caption: Some("Honey cake\nsecond line".to_owned()),
                })
                .collect();
            check::in_every_language(|frame| {
                let when = When::new(frame.locale, "Europe/Berlin", NOW);
                let page = notices_page(&NoticesPage { frame, rows: &rows, when: &when });
                assert!(page.0.contains("&lt;Mila&gt;") && page.0.contains("“Honey cake…”"));
                assert_eq!(page.0.contains("action=\"/notices/read\""), read_at.is_none());
                page
            });
        }
        check::in_every_language(|frame| {
            let when = When::new(frame.locale, "Europe/Berlin", NOW);
            notices_page(&NoticesPage { frame, rows: &[], when: &when })
        });
    }
}
