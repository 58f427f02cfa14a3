//! The reader's receipts: of erasures, whoever began them, and of files deleted from the library. Owns their routes and looks; whose they
//! are is the use case's.

use app::erasure::receipts::{Receipts, kept_until};
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::id::{DeletionId, ErasureId};
use domain::privacy::clauses::BACKUP_DAYS;
use domain::privacy::erasure::{Door, State as Stage, Unit};
use maud::{Markup, html};
use store::Erasure;
use store::deletion::{Deletion, NamedFile};

use super::{ReceiptPage, as_file, may_stay, private, receipt_page};
use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{
    Button, Frame, Icon, Kind, Nav, Notice, Tone, When, app_page, empty_state, link_button, notice, page_head, when,
};

/// The page of all receipts.
#[must_use]
pub fn receipts_page(frame: &Frame, when: &When, receipts: &Receipts) -> Markup {
    let l = frame.locale;
    let content = html! {
        (page_head(&t!(l, "receipts-title"), Some(&t!(l, "receipts-lede")), None))
        div.stack.loose {
            @if receipts.erasures.is_empty() && receipts.deletions.is_empty() {
                (empty_state(&t!(l, "receipts-none"), &t!(l, "receipts-none-more"), 2, None))
            }
            @if !receipts.erasures.is_empty() {
                section.card.stack aria-labelledby="erasures" {
                    h2 id="erasures" { (t!(l, "receipts-erasures")) }
                    ul.list { @for it in &receipts.erasures { (erasure_row(l, when, it)) } }
                }
            }
            @if !receipts.deletions.is_empty() {
                section.card.stack aria-labelledby="deletions" {
                    h2 id="deletions" { (t!(l, "receipts-deletions")) }
                    ul.list { @for it in &receipts.deletions { (deletion_row(l, when, it)) } }
                }
            }
            div { (link_button("/your-data", &Button { label: &t!(l, "receipts-back"), ..Button::default() })) }
        }
    };
    app_page(frame, t!(l, "receipts-title"), &content)
}

fn erasure_row(l: Locale, when: &When, it: &Erasure) -> Markup {
    let what = match it.unit {
        Unit::Connection => t!(l, "receipts-connection"),
        Unit::Person => t!(l, "receipts-person"),
    };
    let who = match it.door {
        Door::Page => t!(l, "receipts-by-you"),
        Door::Operator | Door::UnderAge => t!(l, "receipts-by-operator"),
        Door::TikTok => t!(l, "receipts-by-tiktok"),
        Door::Inactive => t!(l, "receipts-by-absence"),
    };
    let stage = match it.state {
        Stage::Waiting => t!(l, "receipts-waiting", at = when.moment(it.begins_at)),
        Stage::Running => t!(l, "receipts-running"),
        Stage::Held => t!(l, "receipts-held"),
        Stage::Done => t!(l, "receipts-done"),
        Stage::Undone => t!(l, "receipts-undone"),
    };
    row(
        l,
        &what,
        when.moment(it.requested_at).as_str(),
        &format!("{who} · {stage}"),
        &format!("/your-data/receipts/{}", it.id),
    )
}

fn deletion_row(l: Locale, when: &When, it: &Deletion) -> Markup {
    let what = t!(l, "library-receipt-what", n = it.files, size = when::size(l, it.size_bytes));
    let kept = t!(l, "receipts-kept", at = when.moment(kept_until(it.deleted_at)));
    row(l, &what, when.moment(it.deleted_at).as_str(), &kept, &format!("/library/receipts/{}", it.id))
}

fn row(l: Locale, what: &str, at: &str, more: &str, href: &str) -> Markup {
    html! {
        li.item.plain {
            span.grow { b.ttl { (what) } small { (at) " · " (more) } }
            // Several lines have the same link, so each says to which line it belongs.
            a.btn.small href=(href) aria-label=(t!(l, "receipts-open-what", what = what, at = at)) { (t!(l, "verb-open")) }
        }
    }
}

/// What was deleted from the library, how much, when, and until when copies of it may exist.
#[must_use]
pub fn deletion_page(frame: &Frame, when: &When, done: &Deletion) -> Markup {
    let l = frame.locale;
    let files = |files: &[NamedFile]| html! { ul { @for it in files { li { (it.name) ", " (when::size(l, it.size_bytes)) } } } };
    let kept = &done.named.kept;
    let content = html! {
        (page_head(&t!(l, "library-receipt"), None, None))
        div.stack.loose {
            section.card.stack aria-labelledby="receipt" {
                div role="status" { h2 id="receipt" { (t!(l, "library-receipt-what", n = done.files, size = when::size(l, done.size_bytes))) } }
                dl.facts {
                    dt { (t!(l, "library-receipt-files")) } dd { (done.files) }
                    dt { (t!(l, "library-receipt-bytes")) } dd { (done.size_bytes) }
                    dt { (t!(l, "library-receipt-disk")) } dd { (when.moment_element(done.deleted_at)) }
                    dt { (t!(l, "library-receipt-backups")) }
                    dd { (when.moment_element(done.deleted_at.plus_seconds(BACKUP_DAYS.saturating_mul(86_400)))) }
                }
                (files(&done.named.gone))
                p.hint { (t!(l, "library-receipt-keep", at = when.moment(kept_until(done.deleted_at)))) }
            }
            @if !kept.is_empty() {
                (notice(&Notice { tone: Tone::Warn, what: &t!(l, "library-delete-kept", n = kept.len()), more: &t!(l, "library-delete-kept-why"), ..Notice::default() }))
                (files(kept))
            }
            div.row {
                (link_button("/library", &Button { label: &t!(l, "library-back"), kind: Kind::Primary, icon: Some(Icon::Check), ..Button::default() }))
                (link_button("/your-data/receipts", &Button { label: &t!(l, "receipts-title"), ..Button::default() }))
            }
        }
    };
    app_page(frame, t!(l, "library-receipt"), &content)
}

fn clock(state: &WebState, me: &SignedIn) -> When {
    When::new(me.locale(), &me.actor.time_zone, state.app.now())
}

/// `GET /your-data/receipts`.
///
/// # Errors
/// When the database does not answer.
pub async fn all(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    let receipts = state.app.receipts(&me.actor).await?;
    let frame = me.frame(Nav::Settings, "/your-data/receipts");
    Ok(receipts_page(&frame, &clock(&state, &me), &receipts).into_response())
}

/// `GET /your-data/receipts/{id}`: the receipt for whoever has not kept its address, or never had it.
///
/// # Errors
/// 404 when it is not theirs, and after its 30 days.
pub async fn one(State(state): State<WebState>, me: SignedIn, Path(id): Path<ErasureId>) -> Result<Response, WebError> {
    let view = state.app.own_receipt(&me.actor, id).await?;
    let frame = me.frame(Nav::Settings, "/your-data/receipts");
    let (file, when) = (format!("/your-data/receipts/{id}/receipt.json"), clock(&state, &me));
    let may_stay = may_stay(&view.erasure, &me.actor);
    let page = ReceiptPage { frame: &frame, view: &view, file: &file, is_open: false, when: &when, may_stay };
    Ok(private(receipt_page(&page).into_response()))
}

/// `GET /your-data/receipts/{id}/receipt.json`: the same for keeping.
///
/// # Errors
/// As [`one`].
pub async fn file(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ErasureId>,
) -> Result<Response, WebError> {
    Ok(as_file(&state, &state.app.own_receipt(&me.actor, id).await?.erasure))
}

/// `GET /library/receipts/{id}`.
///
/// # Errors
/// 404 when it is not theirs, and after its 30 days.
pub async fn deletion(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<DeletionId>,
) -> Result<Response, WebError> {
    let done = state.app.deletion(&me.actor, id).await?;
    let frame = me.frame(Nav::Library, "/library");
    Ok(deletion_page(&frame, &clock(&state, &me), &done).into_response())
}

#[cfg(test)]
mod tests {
    use domain::id::{UserId, WorkspaceId};
    use domain::privacy::erasure::{Calendar, Evidence, Revoked};
    use store::deletion::Named;
    use uuid::Uuid;

    use super::*;
    use crate::pages::{check, samples::NOW};

    fn wish(n: u128, door: Door, state: Stage) -> Erasure {
        let calendar = Calendar::of(NOW, door, 7);
        Erasure {
            id: ErasureId::from_uuid(Uuid::from_u128(n)),
            receipt_hash: String::new(),
            unit: if n.is_multiple_of(2) { Unit::Connection } else { Unit::Person },
            subject_id: String::new(),
            workspace_id: WorkspaceId::from_uuid(Uuid::nil()),
            door,
            state,
            revoked: Revoked::Confirmed,
            requested_at: NOW,
            begins_at: calendar.begins_at,
            deadline_at: calendar.deadline_at,
            finished_at: None,
            evidence: Evidence::default(),
            next_at: NOW,
            account_mark: None,
        }
    }

    fn deletion() -> Deletion {
        let file = |name: &str| NamedFile { name: name.to_owned(), size_bytes: 5_400_000 };
        Deletion {
            id: DeletionId::from_uuid(Uuid::nil()),
            workspace_id: WorkspaceId::from_uuid(Uuid::nil()),
            person_id: UserId::from_uuid(Uuid::nil()),
            deleted_at: NOW,
            files: 2,
            size_bytes: 10_800_000,
            named: Named { gone: vec![file("dawn <1>.mp4"), file("dusk.mp4")], kept: vec![file("noon.mp4")] },
        }
    }

    #[test]
    fn pp_6_7_every_receipt_has_its_line_in_every_language() {
        let stages = [Stage::Waiting, Stage::Running, Stage::Held, Stage::Done, Stage::Undone];
        let doors = [Door::Page, Door::Operator, Door::TikTok, Door::UnderAge, Door::Inactive];
        let erasures = (0..).zip(doors).zip(stages).map(|((n, door), stage)| wish(n, door, stage)).collect();
        let receipts = Receipts { erasures, deletions: vec![deletion()] };
        let when = |frame: &Frame| When::new(frame.locale, "Europe/Berlin", NOW);
        check::in_every_language(|frame| receipts_page(frame, &when(frame), &receipts));
        check::in_every_language(|frame| receipts_page(frame, &when(frame), &Receipts::default()));
        check::in_every_language(|frame| deletion_page(frame, &when(frame), &deletion()));
    }
}
