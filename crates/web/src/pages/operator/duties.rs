//! What is owed: erasures with their days, legal holds, revocations that TikTok has not confirmed, answers to changed documents, and when the sweeper
//! was last at work. Owns its routes and looks; holds are placed and lifted as `moloko privacy hold` and `release` do.

use app::erasure::{HoldWish, Target};
use app::operators::Operating;
use app::operators::console::{Answers, Duties};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::privacy::documents::Document;
use domain::privacy::erasure::{self, Unit};
use maud::{Markup, html};
use serde::Deserialize;
use store::{Erasure, Hold};

use super::{Around, count, figure};
use crate::error::WebError;
use crate::locale::Locale;
use crate::operator::Operator;
use crate::state::WebState;
use crate::ui::when::number;
use crate::ui::{Button, Choice, Kind, Place, SelectField, TextField, When, button, card, select_field, text_field};

/// The page.
pub struct DutiesPage<'a> {
    /// Around it.
    pub around: Around<'a>,
    /// What was read.
    pub duties: &'a Duties,
    /// The clock.
    pub when: &'a When,
}

/// The page.
#[must_use]
pub fn duties_page(page: &DutiesPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let content = html! {
        (erasures(page))
        (tickets(page))
        (holds(page))
        (answers(l, &page.duties.answers))
        (sweeps(page))
    };
    page.around.page(Place::Duties, &t!(l, "operator-nav-duties"), &t!(l, "operator-duties-lede"), &content)
}

fn unit(l: Locale, unit: Unit) -> String {
    match unit {
        Unit::Connection => t!(l, "operator-unit-connection"),
        Unit::Person => t!(l, "operator-unit-person"),
    }
}

fn state(l: Locale, state: erasure::State) -> String {
    match state {
        erasure::State::Waiting => t!(l, "operator-erasure-waiting"),
        erasure::State::Running => t!(l, "operator-erasure-running"),
        erasure::State::Held => t!(l, "operator-erasure-held"),
        erasure::State::Done => t!(l, "operator-erasure-done"),
        erasure::State::Undone => t!(l, "operator-erasure-undone"),
    }
}

fn erasures(page: &DutiesPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let content = html! {
        @if page.duties.erasures.is_empty() { p.sub { (t!(l, "operator-erasures-none")) } }
        @else {
            table.table {
                thead { tr { th { (t!(l, "operator-subject")) } th { (t!(l, "operator-erasure-state")) } th { (t!(l, "operator-erasure-begins")) } th { (t!(l, "operator-erasure-deadline")) } } }
                tbody { @for it in &page.duties.erasures { (erasure_row(page, it)) } }
            }
        }
    };
    card(&t!(l, "operator-erasures"), None, &html! { div.wide { (content) } })
}

fn erasure_row(page: &DutiesPage<'_>, it: &Erasure) -> Markup {
    let (l, when) = (page.around.frame.locale, page.when);
    // What the law keeps is not late.
    let late = when.now > it.deadline_at && it.state != erasure::State::Held;
    html! {
        tr {
            td { (unit(l, it.unit)) " " code { (it.subject_id) } }
            td data-k=(t!(l, "operator-erasure-state")) { (state(l, it.state)) }
            td data-k=(t!(l, "operator-erasure-begins")) { (when.moment(it.begins_at)) }
            td data-k=(t!(l, "operator-erasure-deadline")) {
                @if late { b { (t!(l, "operator-overdue", at = when.moment(it.deadline_at))) } } @else { (when.moment(it.deadline_at)) }
            }
        }
    }
}

fn tickets(page: &DutiesPage<'_>) -> Markup {
    let (l, tickets) = (page.around.frame.locale, &page.duties.tickets);
    let first = tickets.first_expires_at.map_or_else(|| "–".to_owned(), |at| page.when.moment(at));
    let content = html! {
        p.sub { (t!(l, "operator-tickets-more")) }
        div.grid.m11 {
            (figure(&count(l, tickets.open), &t!(l, "operator-tickets-open")))
            (figure(&count(l, tickets.overdue), &t!(l, "operator-tickets-overdue")))
        }
        dl.facts { dt { (t!(l, "operator-tickets-first")) } dd { (first) } }
    };
    card(&t!(l, "operator-tickets"), None, &html! { div.stack { (content) } })
}

fn holds(page: &DutiesPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let content = html! {
        @if page.duties.holds.is_empty() { p.sub { (t!(l, "operator-holds-none")) } }
        div.list { @for it in &page.duties.holds { (hold_row(page, it)) } }
        (new_hold(page))
    };
    card(&t!(l, "operator-holds"), None, &html! { div.stack { p.sub { (t!(l, "operator-holds-more")) } (content) } })
}

fn hold_row(page: &DutiesPage<'_>, it: &Hold) -> Markup {
    let (l, when) = (page.around.frame.locale, page.when);
    let ended = it.released_at.or(Some(it.expires_at).filter(|at| *at <= when.now));
    let until = match ended {
        Some(at) => t!(l, "operator-hold-ended", at = when.moment(at)),
        None => t!(l, "operator-hold-until", at = when.moment(it.expires_at)),
    };
    html! {
        div.item.plain {
            span.grow {
                b.ttl { (it.reason) }
                small {
                    (unit(l, it.unit)) " " code { (it.subject_id) } " · " (until)
                    @if let Some(why) = &it.untold { " · " (t!(l, "operator-hold-untold-row")) " " (why) }
                }
            }
            @if ended.is_none() {
                form method="post" action=(format!("/operator/holds/{}/lift", it.id)) data-fresh-until=(page.around.fresh_until()) {
                    (button(&Button { label: &t!(l, "operator-hold-lift"), small: true, ..Button::default() }))
                }
            }
        }
    }
}

fn new_hold(page: &DutiesPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let (connection, person) = (unit(l, Unit::Connection), unit(l, Unit::Person));
    let units = [
        Choice { value: Unit::Connection.as_str(), label: &connection, ..Choice::default() },
        Choice { value: Unit::Person.as_str(), label: &person, ..Choice::default() },
    ];
    html! {
        form.stack method="post" action="/operator/holds" data-fresh-until=(page.around.fresh_until()) {
            (select_field(&SelectField { id: "unit", name: "unit", label: &t!(l, "operator-hold-unit"), choices: &units, ..SelectField::default() }))
            (text_field(&TextField { id: "subject", name: "subject", label: &t!(l, "operator-hold-subject"), kind: "text", required: true, ..TextField::default() }))
            (text_field(&TextField {
                id: "reason", name: "reason", label: &t!(l, "operator-hold-reason"), kind: "text", required: true,
                hint: Some(&t!(l, "operator-hold-reason-hint")), ..TextField::default()
            }))
            (text_field(&TextField { id: "days", name: "days", label: &t!(l, "operator-hold-days"), kind: "number", value: "30", min: Some("1"), required: true, ..TextField::default() }))
            (text_field(&TextField {
                id: "untold", name: "untold", label: &t!(l, "operator-hold-untold"), kind: "text",
                hint: Some(&t!(l, "operator-hold-untold-hint")), ..TextField::default()
            }))
            div { (button(&Button { label: &t!(l, "operator-hold-place"), kind: Kind::Primary, ..Button::default() })) }
        }
    }
}

fn answers(l: Locale, answers: &[Answers]) -> Markup {
    let document = |it: &Answers| match it.version.document {
        Document::Privacy => t!(l, "operator-document-privacy", version = it.version.id),
        Document::Terms => t!(l, "operator-document-terms", version = it.version.id),
    };
    let since = |it: &Answers| {
        let day = it.version.effective.to_string();
        if it.in_force {
            t!(l, "operator-document-since", day = day)
        } else {
            t!(l, "operator-document-from", day = day)
        }
    };
    let content = html! {
        @if answers.is_empty() { p.sub { (t!(l, "operator-answers-none")) } }
        @else {
            table.table {
                thead { tr { th { (t!(l, "operator-document")) } th { (t!(l, "operator-document-day")) } th.n { (t!(l, "operator-agreed")) } th.n { (t!(l, "operator-refused")) } th.n { (t!(l, "operator-silent")) } } }
                tbody {
                    @for it in answers {
                        tr {
                            td { a href=(it.version.path()) { (document(it)) } }
                            td data-k=(t!(l, "operator-document-day")) { (since(it)) }
                            td.n data-k=(t!(l, "operator-agreed")) { (number(l, it.agreed)) }
                            td.n data-k=(t!(l, "operator-refused")) { (number(l, it.refused)) }
                            td.n data-k=(t!(l, "operator-silent")) { (number(l, it.silent)) }
                        }
                    }
                }
            }
        }
    };
    card(&t!(l, "operator-answers"), None, &html! { div.wide { (content) } })
}

fn sweeps(page: &DutiesPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let word = |kind: &str| {
        l.message(&format!("operator-sweep-{}", kind.replace('_', "-")), []).unwrap_or_else(|| kind.to_owned())
    };
    let content = html! {
        @if page.duties.sweeps.is_empty() { p.sub { (t!(l, "operator-sweeps-none")) } }
        @else {
            table.table {
                thead { tr { th { (t!(l, "operator-sweep")) } th { (t!(l, "operator-sweep-at")) } th.n { (t!(l, "operator-sweep-removed")) } } }
                tbody {
                    @for it in &page.duties.sweeps {
                        tr {
                            td { (word(&it.kind)) }
                            td data-k=(t!(l, "operator-sweep-at")) { (page.when.moment(it.at)) }
                            td.n data-k=(t!(l, "operator-sweep-removed")) { (count(l, it.removed)) }
                        }
                    }
                }
            }
        }
    };
    card(&t!(l, "operator-sweeps"), None, &html! { div.wide { (content) } })
}

/// `GET /operator/duties`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(state): State<WebState>, me: Operator) -> Result<Response, WebError> {
    let duties = state.app.console_duties(&me.actor).await?;
    let frame = me.frame(Place::Duties.path());
    let around = Around { frame: &frame, actor: &me.actor };
    Ok(duties_page(&DutiesPage { around, duties: &duties, when: &me.when(&state) }).into_response())
}

/// A hold to be placed.
#[derive(Debug, Deserialize)]
pub struct HoldForm {
    #[serde(default)]
    unit: String,
    #[serde(default)]
    subject: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    days: String,
    #[serde(default)]
    untold: String,
}

impl HoldForm {
    /// An id that is none is nobody's.
    fn target(&self) -> Option<Target> {
        let subject = self.subject.trim();
        match Unit::parse(&self.unit)? {
            Unit::Connection => subject.parse().ok().map(Target::Connection),
            Unit::Person => subject.parse().ok().map(Target::Person),
        }
    }
}

/// `POST /operator/holds`.
///
/// # Errors
/// For an id that is none, a reason or a time that is not possible, and when there is no such account or person.
pub async fn place(
    State(state): State<WebState>,
    me: Operator,
    Form(form): Form<HoldForm>,
) -> Result<Response, WebError> {
    let target = form.target().ok_or_else(|| WebError::coded(StatusCode::UNPROCESSABLE_ENTITY, "hold-subject"))?;
    let days = form.days.trim().parse().unwrap_or(0);
    let wish = HoldWish { target, reason: &form.reason, days, untold: Some(&form.untold) };
    let done = state.app.place_hold(Operating::Page(&me.actor), wish).await.map(drop);
    me.changed(done, Place::Duties.path(), "operator-held")
}

/// `POST /operator/holds/{id}/lift`.
///
/// # Errors
/// 404 when there is no such hold in force.
pub async fn lift(State(state): State<WebState>, me: Operator, Path(id): Path<String>) -> Result<Response, WebError> {
    let id = id.parse().map_err(|_| WebError::status(StatusCode::NOT_FOUND))?;
    let done = state.app.lift_hold(Operating::Page(&me.actor), id).await;
    me.changed(done, Place::Duties.path(), "operator-lifted")
}

#[cfg(test)]
mod tests {
    use domain::id::{ErasureId, HoldId, WorkspaceId};
    use domain::privacy::erasure::{Door, Evidence, Revoked};
    use store::console::{Sweep, Tickets};
    use uuid::Uuid;

    use super::*;
    use crate::pages::check;
    use crate::pages::operator::samples;
    use crate::pages::samples::NOW;

    const KINDS: [&str; 14] = [
        "uploads",
        "sessions",
        "sign_ins",
        "webhooks",
        "receipts",
        "holds",
        "unconfirmed",
        "audit",
        "operators",
        "notices",
        "push",
        "inactive",
        "exports",
        "files",
    ];

    fn erasure(unit: Unit, state: erasure::State) -> Erasure {
        Erasure {
            id: ErasureId::from_uuid(Uuid::from_u128(3)),
            receipt_hash: String::new(),
            unit,
            subject_id: Uuid::from_u128(4).to_string(),
            workspace_id: WorkspaceId::from_uuid(Uuid::from_u128(5)),
            door: Door::Page,
            state,
            revoked: Revoked::Confirmed,
            requested_at: NOW,
            begins_at: NOW,
            deadline_at: NOW.plus_seconds(-1),
            finished_at: None,
            evidence: Evidence::default(),
            next_at: NOW,
            account_mark: None,
        }
    }

    fn hold(released: bool) -> Hold {
        Hold {
            id: HoldId::from_uuid(Uuid::from_u128(u128::from(released))),
            unit: Unit::Person,
            subject_id: Uuid::from_u128(4).to_string(),
            reason: "<b>7/26</b>".to_owned(),
            placed_at: NOW,
            expires_at: NOW.plus_seconds(86_400),
            released_at: released.then_some(NOW),
            untold: released.then(|| "<b>secrecy order</b>".to_owned()),
        }
    }

    #[test]
    fn the_page_renders_in_every_language_and_every_kind_has_its_words() {
        let actor = samples::actor();
        let material = Document::ALL.into_iter().flat_map(Document::versions).filter(|it| it.material);
        let duties = Duties {
            erasures: [erasure::State::Waiting, erasure::State::Running, erasure::State::Held]
                .into_iter()
                .flat_map(|state| [erasure(Unit::Person, state), erasure(Unit::Connection, state)])
                .collect(),
            holds: vec![hold(false), hold(true)],
            tickets: Tickets { open: 2, first_expires_at: Some(NOW), overdue: 1 },
            sweeps: KINDS.iter().map(|kind| Sweep { kind: (*kind).to_owned(), at: NOW, removed: 2 }).collect(),
            answers: material
                .map(|version| Answers { version, in_force: false, agreed: 1, refused: 2, silent: 3 })
                .collect(),
        };
        check::in_every_language(|frame| {
            let when = When::new(frame.locale, "UTC", NOW);
            let page =
                duties_page(&DutiesPage { around: Around { frame, actor: &actor }, duties: &duties, when: &when });
            assert_eq!(page.0.matches("/lift\"").count(), 1, "what has ended cannot be ended");
            assert_eq!(
                page.0.matches("<b>").count() - page.0.matches("<b>7/26").count(),
                page.0.matches("<b>").count()
            );
            page
        });
        for kind in KINDS.into_iter().chain(["attempts"]) {
            for l in Locale::ALL {
                assert!(l.has(&format!("operator-sweep-{}", kind.replace('_', "-"))), "{kind} in {}", l.tag());
            }
        }
    }

    #[test]
    fn an_instance_that_owes_nothing_renders_too() {
        let actor = samples::actor();
        let duties =
            Duties { erasures: vec![], holds: vec![], tickets: Tickets::default(), sweeps: vec![], answers: vec![] };
        check::in_every_language(|frame| {
            let when = When::new(frame.locale, "UTC", NOW);
            duties_page(&DutiesPage { around: Around { frame, actor: &actor }, duties: &duties, when: &when })
        });
    }

    #[test]
    fn a_hold_names_an_account_or_a_person_by_id() {
        let form = |unit: &str, subject: &str| HoldForm {
            unit: unit.to_owned(),
            subject: subject.to_owned(),
            reason: String::new(),
            days: String::new(),
            untold: String::new(),
        };
        let id = Uuid::from_u128(4).to_string();
        assert!(matches!(form("person", &format!(" {id} ")).target(), Some(Target::Person(_))));
        assert!(matches!(form("connection", &id).target(), Some(Target::Connection(_))));
        assert!(form("post", &id).target().is_none() && form("person", "7").target().is_none());
    }
}
