//! The record of acts: the newest entries, a filter, and the walk that finds what was changed. Owns its routes and looks.

use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use domain::time::UnixMillis;
use maud::{Markup, html};
use serde::Deserialize;
use store::AuditEntry;
use store::audit::{Verdict, Walk};

use super::Around;
use crate::error::WebError;
use crate::locale::Locale;
use crate::operator::Operator;
use crate::state::WebState;
use crate::ui::when::number;
use crate::ui::{Button, Kind, Notice, Place, TextField, Tone, When, button, card, notice, text_field};

/// The page.
pub struct AuditPage<'a> {
    /// Around it.
    pub around: Around<'a>,
    /// What was read.
    pub entries: &'a [AuditEntry],
    /// How the actions begin.
    pub action: &'a str,
    /// What the walk found, when one was asked for.
    pub verdict: Option<&'a Verdict>,
    /// The clock.
    pub when: &'a When,
}

/// The page.
#[must_use]
pub fn audit_page(page: &AuditPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let content = html! {
        @if let Some(verdict) = page.verdict { (found(l, page.when, verdict)) }
        section.card.stack {
            form.stack method="get" action="/operator/audit" {
                (text_field(&TextField {
                    id: "action", name: "action", label: &t!(l, "operator-audit-filter"), kind: "text", value: page.action,
                    hint: Some(&t!(l, "operator-audit-filter-hint")), ..TextField::default()
                }))
                div { (button(&Button { label: &t!(l, "operator-audit-show"), ..Button::default() })) }
            }
            form method="post" action="/operator/audit/verify" {
                (button(&Button { label: &t!(l, "operator-audit-verify"), kind: Kind::Primary, ..Button::default() }))
            }
        }
        (card(&t!(l, "operator-audit-entries"), None, &html! { div.wide { (entries(page)) } }))
    };
    page.around.page(Place::Audit, &t!(l, "operator-nav-audit"), &t!(l, "operator-audit-lede"), &content)
}

fn found(l: Locale, when: &When, verdict: &Verdict) -> Markup {
    let seen = |walk: &Walk| {
        let (seq, hash) = &walk.head;
        let (n, end) = (number(l, walk.entries), format!("{seq}:{hash}"));
        let since = walk.began_at.map_or_else(|| "–".to_owned(), |at| when.moment(at));
        t!(l, "operator-audit-seen", n = n, since = since, end = end)
    };
    match verdict {
        Verdict::Intact(walk) => notice(&Notice {
            tone: Tone::Good,
            what: &t!(l, "operator-audit-intact"),
            more: &seen(walk),
            urgent: true,
            ..Notice::default()
        }),
        Verdict::NotBegun => notice(&Notice {
            tone: Tone::Warn,
            what: &t!(l, "operator-audit-not-begun"),
            urgent: true,
            ..Notice::default()
        }),
        Verdict::Broken(walk, broken) => {
            let more = format!("{broken}. {} {}", seen(walk), t!(l, "operator-audit-broken-todo"));
            notice(&Notice {
                tone: Tone::Bad,
                what: &t!(l, "operator-audit-broken"),
                more: &more,
                urgent: true,
                ..Notice::default()
            })
        }
    }
}

/// The whole time in UTC, as the log has it, with a place to break it.
fn when(at: UnixMillis) -> String {
    at.in_utc().replacen('T', " ", 1)
}

fn entries(page: &AuditPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let or_dash = |text: &str| if text.is_empty() { "–".to_owned() } else { text.to_owned() };
    html! {
        @if page.entries.is_empty() { p.sub { (t!(l, "operator-audit-none")) } }
        @else {
            table.table {
                thead { tr { th.n { (t!(l, "operator-audit-number")) } th { (t!(l, "operator-audit-at")) } th { (t!(l, "operator-audit-action")) } th { (t!(l, "operator-audit-actor")) } th { (t!(l, "operator-subject")) } th { (t!(l, "operator-audit-detail")) } } }
                tbody {
                    @for it in page.entries {
                        tr {
                            td.n data-k=(t!(l, "operator-audit-number")) { (it.seq) }
                            td data-k=(t!(l, "operator-audit-at")) { (when(it.at)) }
                            td data-k=(t!(l, "operator-audit-action")) { code { (it.action) } }
                            td data-k=(t!(l, "operator-audit-actor")) { code { (or_dash(&it.actor)) } }
                            td data-k=(t!(l, "operator-subject")) { code { (or_dash(&it.subject)) } }
                            td data-k=(t!(l, "operator-audit-detail")) { (or_dash(&it.detail)) }
                        }
                    }
                }
            }
        }
    }
}

/// Which entries.
#[derive(Debug, Default, Deserialize)]
pub struct AuditQuery {
    #[serde(default)]
    action: String,
}

async fn drawn(state: &WebState, me: &Operator, action: &str, verdict: Option<&Verdict>) -> Result<Response, WebError> {
    let entries = state.app.console_audit(&me.actor, action).await?;
    let frame = me.frame(Place::Audit.path());
    let around = Around { frame: &frame, actor: &me.actor };
    let page = AuditPage { around, entries: &entries, action, verdict, when: &me.when(state) };
    Ok(audit_page(&page).into_response())
}

/// `GET /operator/audit`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(
    State(state): State<WebState>,
    me: Operator,
    Query(query): Query<AuditQuery>,
) -> Result<Response, WebError> {
    drawn(&state, &me, &query.action, None).await
}

/// `POST /operator/audit/verify`: walks the whole record.
///
/// # Errors
/// When the database does not answer.
pub async fn verify(State(state): State<WebState>, me: Operator) -> Result<Response, WebError> {
    let verdict = state.app.console_audit_verify(&me.actor).await?;
    drawn(&state, &me, "", Some(&verdict)).await
}

#[cfg(test)]
mod tests {
    use store::audit::Break;

    use super::*;
    use crate::pages::check;
    use crate::pages::operator::samples;
    use crate::pages::samples::NOW;

    #[test]
    fn pp_5_5_entries_and_every_verdict_render_in_every_language() {
        let actor = samples::actor();
        let entry = AuditEntry {
            seq: 7,
            at: NOW,
            actor: "operator".to_owned(),
            action: "request.answer".to_owned(),
            subject: String::new(),
            detail: "<b>".to_owned(),
        };
        let verdicts = [
            None,
            Some(Verdict::NotBegun),
            Some(Verdict::Intact(Walk::default())),
            Some(Verdict::Broken(Walk::default(), Break::Altered(7))),
        ];
        for verdict in &verdicts {
            for entries in [std::slice::from_ref(&entry), &[]] {
                check::in_every_language(|frame| {
                    let when = When::new(frame.locale, "UTC", NOW);
                    let around = Around { frame, actor: &actor };
                    let page =
                        AuditPage { around, entries, action: "request.\"", verdict: verdict.as_ref(), when: &when };
                    audit_page(&page)
                });
            }
        }
    }
}
