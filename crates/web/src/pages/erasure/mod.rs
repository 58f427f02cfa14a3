//! Leaving, and the receipt of an erasure. Owns their routes and looks; what is erased and when is the use case's.

pub mod receipts;

use app::Actor;
use app::erasure::ReceiptView;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use domain::privacy::erasure::{Door, Evidence, Revoked, State as Stage, Unit};
use maud::{Markup, html};
use secrecy::ExposeSecret;
use store::Erasure;

use crate::error::WebError;
use crate::locale::Locale;
use crate::session::{MaybeSignedIn, SignedIn};
use crate::state::WebState;
use crate::ui::{
    Button, Frame, Icon, Kind, Nav, Notice, Tone, When, app_page, button, icon, link_button, notice, public_page,
};

/// A receipt's address and page.
pub struct ReceiptPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The receipt.
    pub view: &'a ReceiptView,
    /// The address of the same for keeping.
    pub file: &'a str,
    /// Whether the page's own address opens it without signing in.
    pub is_open: bool,
    /// The reader's clock and zone.
    pub when: &'a When,
    /// Whether it is this reader's own wish to leave, so that they may take it back.
    pub may_stay: bool,
}

/// The receipt.
#[must_use]
pub fn receipt_page(page: &ReceiptPage<'_>) -> Markup {
    let (l, wish) = (page.frame.locale, &page.view.erasure);
    let title = match wish.unit {
        Unit::Connection => t!(l, "receipt-title-connection"),
        Unit::Person => t!(l, "receipt-title-person"),
    };
    let body = html! {
        main.reading id="main" tabindex="-1" {
            h1 { (title) }
            div.stack.loose {
            @if let Some(words) = door_words(l, wish.door) { p { (words) } }
            p.lead { (stage_words(l, page)) }
            (word_of_tiktok(l, wish.revoked))
            (calendar(page))
            section.stack { (what_goes(l, &wish.evidence, wish.state)) }
            p.sub { @if page.is_open { (t!(l, "receipt-keep")) } @else { (t!(l, "receipt-kept-until", at = page.when.moment(wish.deadline_at))) } }
            div.row {
                (link_button(page.file, &Button { label: &t!(l, "receipt-download"), ..Button::default() }))
                @if page.may_stay {
                    form method="post" action="/settings/stay" {
                        (button(&Button { label: &t!(l, "leave-undo"), kind: Kind::Primary, ..Button::default() }))
                    }
                }
                @else if wish.state == Stage::Waiting && wish.unit == Unit::Connection && page.frame.viewer.is_some() {
                    (link_button("/connections", &Button { label: &t!(l, "receipt-reconnect"), kind: Kind::Primary, ..Button::default() }))
                }
            }
            }
        }
    };
    public_page(page.frame, title, &body)
}

fn stage_words(l: Locale, page: &ReceiptPage<'_>) -> String {
    let wish = &page.view.erasure;
    match (wish.state, wish.unit) {
        (Stage::Waiting, Unit::Connection) => {
            t!(l, "receipt-waiting-connection", at = page.when.moment(wish.begins_at))
        }
        (Stage::Waiting, Unit::Person) => t!(l, "receipt-waiting-person", at = page.when.moment(wish.begins_at)),
        (Stage::Running, _) => t!(l, "receipt-running"),
        (Stage::Held, _) => match page.view.held_until {
            Some(until) => t!(l, "receipt-held", at = page.when.moment(until)),
            None => t!(l, "receipt-running"),
        },
        (Stage::Done, _) => t!(l, "receipt-done"),
        (Stage::Undone, _) => t!(l, "receipt-undone"),
    }
}

/// Who began it, where that was not the reader.
fn door_words(l: Locale, door: Door) -> Option<String> {
    match door {
        Door::Page => None,
        Door::Operator => Some(t!(l, "receipt-by-operator")),
        Door::TikTok => Some(t!(l, "receipt-by-tiktok")),
        Door::UnderAge => Some(t!(l, "receipt-by-under-age")),
        Door::Inactive => Some(t!(l, "receipt-by-absence")),
    }
}

fn word_of_tiktok(l: Locale, revoked: Revoked) -> Markup {
    let (tone, words) = match revoked {
        Revoked::Confirmed => (Tone::Good, t!(l, "receipt-tiktok-confirmed")),
        Revoked::Pending => (Tone::Warn, t!(l, "receipt-tiktok-pending")),
        Revoked::Unconfirmed => (Tone::Warn, t!(l, "receipt-tiktok-unconfirmed")),
        Revoked::Unneeded => (Tone::Info, t!(l, "receipt-tiktok-unneeded")),
    };
    notice(&Notice { tone, what: "TikTok:", more: &words, ..Notice::default() })
}

fn calendar(page: &ReceiptPage<'_>) -> Markup {
    let (l, wish, when) = (page.frame.locale, &page.view.erasure, page.when);
    html! {
        dl.facts {
            dt { (t!(l, "receipt-asked")) } dd { (when.moment_element(wish.requested_at)) }
            dt { (t!(l, "receipt-begins")) } dd { (when.moment_element(wish.begins_at)) }
            dt { (t!(l, "receipt-deadline")) } dd { (when.moment_element(wish.deadline_at)) }
            @if let Some(at) = wish.finished_at { dt { (t!(l, "receipt-ended")) } dd { (when.moment_element(at)) } }
        }
    }
}

/// Every class of data with how many of it are gone, or that it goes.
fn what_goes(l: Locale, done: &Evidence, stage: Stage) -> Markup {
    let rows = [
        (t!(l, "receipt-class-tokens"), None),
        (t!(l, "receipt-class-profile"), Some(done.connections)),
        (t!(l, "receipt-class-posts"), Some(done.posts)),
        (t!(l, "receipt-class-attempts"), Some(done.attempts)),
        (t!(l, "receipt-class-files"), Some(done.files)),
        (t!(l, "receipt-class-sessions"), Some(done.sessions)),
    ];
    html! {
        h2 { (t!(l, "receipt-what")) }
        ul.marks {
            @for (words, count) in &rows {
                li {
                    (icon(Icon::Check))
                    span {
                        (words) " "
                        @match (count, stage) {
                            (None, _) => { b { (t!(l, "receipt-gone-already")) } }
                            (Some(count), Stage::Done | Stage::Running) => { b { (t!(l, "receipt-gone", n = *count)) } }
                            (Some(_), Stage::Waiting | Stage::Held) => { span.muted { (t!(l, "receipt-goes")) } }
                            (Some(_), Stage::Undone) => { span.muted { (t!(l, "receipt-stays")) } }
                        }
                    }
                }
            }
        }
        p.sub { (t!(l, "receipt-remains")) }
    }
}

/// `GET /receipts/{secret}`: the address is the proof, so that it works for somebody who has no account any more.
///
/// # Errors
/// 404 for an unknown receipt, and after its 30 days.
pub async fn receipt(
    State(state): State<WebState>,
    reader: MaybeSignedIn,
    Path(secret): Path<String>,
) -> Result<Response, WebError> {
    let view = state.app.receipt(&secret).await?;
    let frame = reader.frame("/");
    let zone = reader.0.as_ref().map_or("UTC", |me| me.actor.time_zone.as_str());
    let when = When::new(frame.locale, zone, state.app.now());
    let may_stay = reader.0.as_ref().is_some_and(|me| may_stay(&view.erasure, &me.actor));
    let file = format!("/receipts/{secret}/receipt.json");
    let page =
        receipt_page(&ReceiptPage { frame: &frame, view: &view, file: &file, is_open: true, when: &when, may_stay });
    Ok(private(page.into_response()))
}

/// Whether this is the reader's own wish to leave, and there is a way back.
fn may_stay(wish: &Erasure, reader: &Actor) -> bool {
    wish.unit == Unit::Person && wish.state == Stage::Waiting && wish.subject_id == reader.user_id.to_string()
}

/// `GET /receipts/{secret}/receipt.json`: the same for keeping.
///
/// # Errors
/// As [`receipt`].
pub async fn receipt_file(State(state): State<WebState>, Path(secret): Path<String>) -> Result<Response, WebError> {
    Ok(as_file(&state, &state.app.receipt(&secret).await?.erasure))
}

fn as_file(state: &WebState, wish: &Erasure) -> Response {
    let when = When::new(Locale::En, "UTC", state.app.now());
    let body = serde_json::json!({
        "erasure": wish.id,
        "unit": wish.unit,
        "requested_by": wish.door,
        "state": wish.state,
        "tiktok_revocation": wish.revoked,
        "requested_at": when.iso(wish.requested_at),
        "begins_at": when.iso(wish.begins_at),
        "deadline_at": when.iso(wish.deadline_at),
        "finished_at": wish.finished_at.map(|at| when.iso(at)),
        "erased": wish.evidence,
    });
    let mut response = Json(body).into_response();
    let name = HeaderValue::from_static("attachment; filename=\"erasure-receipt.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, name);
    private(response)
}

/// The address opens the receipt, so nobody else may learn it.
fn private(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response.headers_mut().insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response.headers_mut().insert("x-robots-tag", HeaderValue::from_static("noindex"));
    response
}

/// `GET /settings/leave`: what will be erased, and when.
///
/// # Errors
/// When the database does not answer.
pub async fn ask_leave(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    let l = me.locale();
    let when = When::new(l, &me.actor.time_zone, state.app.now());
    let calendar = state.app.leaving_calendar();
    let frame = me.frame(Nav::Settings, "/settings/leave");
    let title = t!(l, "leave-title");
    let content = html! {
        section.card.stack.reading {
            h1 { (title) }
            p { (t!(l, "leave-text")) }
            ul.dots {
                li { (t!(l, "leave-at-once")) }
                li { (t!(l, "leave-then", at = when.moment(calendar.begins_at), deadline = when.moment(calendar.deadline_at))) }
                li { (t!(l, "leave-tiktok")) }
            }
            form.row method="post" action="/settings/leave" {
                (button(&Button { label: &t!(l, "leave-verb"), kind: Kind::Danger, ..Button::default() }))
                a.btn href="/settings" { (t!(l, "verb-keep")) }
            }
        }
    };
    Ok(app_page(&frame, title, &content).into_response())
}

/// `POST /settings/leave`.
///
/// # Errors
/// 409 when it was asked before.
pub async fn leave(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    // In a task of its own: who closes the page has left all the same.
    let leaving = tokio::spawn(async move { state.app.leave(&me.actor).await });
    let receipt = leaving.await.map_err(|_| WebError::status(StatusCode::INTERNAL_SERVER_ERROR))??;
    Ok(to_receipt(&receipt))
}

/// Leads to a receipt.
pub(crate) fn to_receipt(receipt: &app::erasure::Receipt) -> Response {
    private(Redirect::to(&format!("/receipts/{}", receipt.secret.expose_secret())).into_response())
}

/// `POST /settings/stay`.
///
/// # Errors
/// 409 when there is nothing to take back any more.
pub async fn stay(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    state.app.stay(&me.actor).await?;
    Ok(me.flash("/connections", "staying"))
}

/// The part of the settings page that leads here, or says that the person is leaving.
#[must_use]
pub fn settings_card(l: Locale, leaving: Option<&app::erasure::Leaving>, when: &When) -> Markup {
    html! {
        section.card.stack aria-labelledby="leave" {
            h2 id="leave" { (t!(l, "leave-heading")) }
            div { (link_button("/your-data", &Button { label: &t!(l, "data-title"), ..Button::default() })) }
            @match leaving {
                Some(leaving) => {
                    p { (t!(l, "leave-running", at = when.moment(leaving.begins_at))) }
                    form method="post" action="/settings/stay" {
                        (button(&Button { label: &t!(l, "leave-undo"), kind: Kind::Primary, ..Button::default() }))
                    }
                }
                None => {
                    p.sub { (t!(l, "leave-more")) }
                    div { (link_button("/settings/leave", &Button { label: &t!(l, "leave-verb"), kind: Kind::Danger, ..Button::default() })) }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::check;
    use domain::id::{ErasureId, WorkspaceId};
    use domain::privacy::erasure::Calendar;
    use domain::time::UnixMillis;

    #[test]
    fn pp_6_2_a_receipt_renders_in_every_state_and_language() {
        let at = UnixMillis::from_millis(1_795_435_200_000);
        let calendar = Calendar::of(at, Door::Page, 7);
        let stages = [Stage::Waiting, Stage::Running, Stage::Held, Stage::Done, Stage::Undone];
        let doors = [Door::Page, Door::Operator, Door::TikTok, Door::UnderAge, Door::Inactive];
        for (state, door) in stages.into_iter().zip(doors) {
            for unit in [Unit::Connection, Unit::Person] {
                for revoked in [Revoked::Confirmed, Revoked::Pending, Revoked::Unconfirmed, Revoked::Unneeded] {
                    let view = ReceiptView {
                        erasure: store::Erasure {
                            id: ErasureId::from_uuid(uuid::Uuid::nil()),
                            receipt_hash: String::new(),
                            unit,
                            subject_id: String::new(),
                            workspace_id: WorkspaceId::from_uuid(uuid::Uuid::nil()),
                            door,
                            state,
                            revoked,
                            requested_at: at,
                            begins_at: calendar.begins_at,
                            deadline_at: calendar.deadline_at,
                            finished_at: Some(at),
                            evidence: Evidence { posts: 2, files: 1, ..Evidence::default() },
                            next_at: at,
                            account_mark: None,
                        },
                        held_until: Some(at),
                    };
                    check::in_every_language(|frame| {
                        let when = When::new(frame.locale, "Europe/Berlin", at);
                        let is_open = door == Door::Page;
                        receipt_page(&ReceiptPage {
                            frame,
                            view: &view,
                            file: "/f",
                            is_open,
                            when: &when,
                            may_stay: true,
                        })
                    });
                }
            }
        }
    }
}
