//! Who may come in: the operator's own signed-in browsers, and everybody who operates the instance. Owns its routes and looks; operators are made
//! and removed at the command line alone.

use app::operators::OperatorSessionView;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use maud::{Markup, html};
use store::operator::ListedOperator;

use super::{Around, count};
use crate::error::WebError;
use crate::operator::Operator;
use crate::state::WebState;
use crate::ui::{Button, Place, When, button, card};

/// The page.
pub struct AccessPage<'a> {
    /// Around it.
    pub around: Around<'a>,
    /// Signed-in browsers of whoever looks.
    pub sessions: &'a [OperatorSessionView],
    /// Everybody.
    pub operators: &'a [ListedOperator],
    /// The clock.
    pub when: &'a When,
}

/// The page.
#[must_use]
pub fn access_page(page: &AccessPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let content = html! { (sessions(page)) (operators(page)) };
    page.around.page(Place::Access, &t!(l, "operator-nav-access"), &t!(l, "operator-access-lede"), &content)
}

fn sessions(page: &AccessPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let content = html! {
        div.list {
            @for it in page.sessions {
                div.item.plain {
                    span.grow {
                        b.ttl { (it.device) @if it.is_current { " · " (t!(l, "settings-this-one")) } }
                        small { (it.ip) " · " (t!(l, "settings-opened")) " " (page.when.moment(it.created_at)) " · " (t!(l, "settings-seen")) " " (page.when.relative(it.last_seen_at)) }
                    }
                    @if !it.is_current {
                        form method="post" action=(format!("/operator/sessions/{}/end", it.id)) {
                            (button(&Button { label: &t!(l, "settings-end"), small: true, ..Button::default() }))
                        }
                    }
                }
            }
        }
    };
    card(
        &t!(l, "operator-sessions"),
        None,
        &html! { div.stack { p.sub { (t!(l, "operator-sessions-more")) } (content) } },
    )
}

fn operators(page: &AccessPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let content = html! {
        table.table {
            thead { tr { th { (t!(l, "operator-name")) } th.n { (t!(l, "operator-passkeys")) } th.n { (t!(l, "operator-browsers")) } th { (t!(l, "operator-used")) } } }
            tbody {
                @for it in page.operators {
                    tr {
                        td { b { (it.operator.name) } " " code { (it.operator.id) } }
                        td.n data-k=(t!(l, "operator-passkeys")) { (count(l, it.passkeys)) }
                        td.n data-k=(t!(l, "operator-browsers")) { (count(l, it.sessions)) }
                        td data-k=(t!(l, "operator-used")) { (it.last_used_at.map_or_else(|| "–".to_owned(), |at| page.when.moment(at))) }
                    }
                }
            }
        }
    };
    card(
        &t!(l, "operator-operators"),
        None,
        &html! { div.stack { p.sub { (t!(l, "operator-operators-more")) } div.wide { (content) } } },
    )
}

/// `GET /operator/access`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(state): State<WebState>, me: Operator) -> Result<Response, WebError> {
    let sessions = state.app.operator_sessions(&me.actor).await?;
    let operators = state.app.console_operators(&me.actor).await?;
    let frame = me.frame(Place::Access.path());
    let around = Around { frame: &frame, actor: &me.actor };
    let page = AccessPage { around, sessions: &sessions, operators: &operators, when: &me.when(&state) };
    Ok(access_page(&page).into_response())
}

/// `POST /operator/sessions/{id}/end`.
///
/// # Errors
/// 404 when it is not theirs.
pub async fn end(State(state): State<WebState>, me: Operator, Path(id): Path<String>) -> Result<Response, WebError> {
    let id = id.parse().map_err(|_| WebError::status(StatusCode::NOT_FOUND))?;
    let done = state.app.operator_session_end(&me.actor, id).await;
    me.changed(done, Place::Access.path(), "session-ended")
}

#[cfg(test)]
mod tests {
    use domain::id::SessionId;
    use store::operator::Operator as Row;
    use uuid::Uuid;

    use super::*;
    use crate::pages::check;
    use crate::pages::operator::samples;
    use crate::pages::samples::NOW;

    #[test]
    fn pp_5_3_the_page_renders_in_every_language_and_the_own_session_ends_by_signing_out() {
        let actor = samples::actor();
        let session = |n| OperatorSessionView {
            id: SessionId::from_uuid(Uuid::from_u128(n)),
            device: "Chrome, Linux".to_owned(),
            ip: "192.0.2.1".to_owned(),
            created_at: NOW,
            last_seen_at: NOW,
            is_current: n == 2,
        };
        let operator = ListedOperator {
            operator: Row { id: actor.id, name: actor.name.clone(), created_at: NOW },
            passkeys: 2,
            last_used_at: None,
            sessions: 1,
        };
        check::in_every_language(|frame| {
            let when = When::new(frame.locale, "UTC", NOW);
            let around = Around { frame, actor: &actor };
            let (sessions, operators) = ([session(2), session(3)], [operator.clone()]);
            let page = access_page(&AccessPage { around, sessions: &sessions, operators: &operators, when: &when });
            assert_eq!(page.0.matches("/end\"").count(), 1);
            assert!(!page.0.contains("Ann <b>"), "a name is words");
            page
        });
    }
}
