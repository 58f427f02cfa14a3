//! How the instance is: punctuality, failures, accounts that need help, storage, alerts, keys, processes. Owns its route and looks.

use app::alerts::AlertReading;
use app::operators::console::{KeyStatus, Overview};
use app::publishing::pulse::LoopHealth;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::time::UnixMillis;
use maud::{Markup, html};

use super::{Around, bytes, count, figure};
use crate::error::{WebError, sentence};
use crate::locale::Locale;
use crate::operator::Operator;
use crate::state::WebState;
use crate::ui::{Button, when::number};
use crate::ui::{Notice, Place, Tone, When, card, link_button, notice};

/// The page.
pub struct OverviewPage<'a> {
    /// Around it.
    pub around: Around<'a>,
    /// What was read.
    pub overview: &'a Overview,
    /// The clock.
    pub when: &'a When,
}

/// The page.
#[must_use]
pub fn overview_page(page: &OverviewPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let content = html! {
        (troubles(page))
        div.grid.m20 {
            (publishing(page))
            (storage(l, page.overview))
        }
        (failures(l, page.overview))
        (accounts(page))
        (alerts(l, &page.overview.measured.alerts))
        div.grid.m20 { (keys(l, &page.overview.keys)) (nodes(page)) }
    };
    page.around.page(Place::Overview, &t!(l, "operator-nav-overview"), &t!(l, "operator-overview-lede"), &content)
}

fn troubles(page: &OverviewPage<'_>) -> Markup {
    let (l, overview) = (page.around.frame.locale, page.overview);
    let (waiting, overdue) = overview.requests;
    let inbox = link_button(
        Place::Requests.path(),
        &Button { label: &t!(l, "operator-requests-open"), small: true, ..Button::default() },
    );
    html! {
        @for reason in &overview.not_ready {
            (notice(&Notice { tone: Tone::Bad, what: &t!(l, "operator-not-ready"), more: &reason.words(), ..Notice::default() }))
        }
        @for alert in overview.measured.alerts.iter().filter(|it| it.active) {
            (notice(&Notice { tone: Tone::Bad, what: &alert_words(l, alert), more: alert.kind.advice(), ..Notice::default() }))
        }
        @if waiting > 0 {
            @let tone = if overdue > 0 { Tone::Bad } else { Tone::Info };
            (notice(&Notice { tone, what: &t!(l, "operator-requests-wait", n = waiting, overdue = overdue), actions: Some(inbox), ..Notice::default() }))
        }
    }
}

fn alert_words(l: Locale, alert: &AlertReading) -> String {
    let id = format!("operator-alert-{}", alert.kind.name().replace('_', "-"));
    l.message(&id, []).unwrap_or_else(|| alert.kind.name().to_owned())
}

/// Milliseconds as seconds with one digit.
fn seconds(l: Locale, ms: i64) -> String {
    t!(l, "operator-seconds", n = format!("{}.{}", ms / 1000, ms % 1000 / 100))
}

fn publishing(page: &OverviewPage<'_>) -> Markup {
    let (l, now) = (page.around.frame.locale, &page.overview.measured);
    let oldest = now.backlog.oldest_due_at.map_or_else(|| "–".to_owned(), |at| page.when.moment(at));
    let state = match now.publishing {
        LoopHealth::Alive => t!(l, "operator-loop-alive"),
        LoopHealth::NotStarted => t!(l, "operator-loop-not-started"),
        LoopHealth::Stalled(_) => t!(l, "operator-loop-stalled"),
        LoopHealth::Ended => t!(l, "operator-loop-ended"),
    };
    let content = html! {
        div.grid.m11 {
            (figure(&seconds(l, now.lag_ms), &t!(l, "operator-lag")))
            (figure(&count(l, now.backlog.posts), &t!(l, "operator-backlog")))
            (figure(&number(l, now.readings.out), &t!(l, "operator-out")))
        }
        dl.facts {
            dt { (t!(l, "operator-oldest")) } dd { (oldest) }
            dt { (t!(l, "operator-loop")) } dd { (state) }
            dt { (t!(l, "operator-releases")) } dd { (number(l, now.readings.releases)) }
        }
    };
    card(&t!(l, "operator-publishing"), None, &html! { div.stack { (content) } })
}

fn storage(l: Locale, overview: &Overview) -> Markup {
    let (stored, (free, reserve)) = (&overview.stored, overview.measured.disk);
    let size = |n: u64| bytes(l, i64::try_from(n).unwrap_or(i64::MAX));
    let content = html! {
        div.grid.m11 {
            (figure(&bytes(l, stored.file_bytes), &t!(l, "operator-files", n = stored.files)))
            (figure(&bytes(l, stored.database_bytes), &t!(l, "operator-database")))
            (figure(&size(free), &t!(l, "operator-free")))
        }
        dl.facts {
            dt { (t!(l, "operator-reserve")) } dd { (size(reserve)) }
            dt { (t!(l, "operator-trash")) } dd { (count(l, stored.trash)) }
            dt { (t!(l, "operator-uploads")) } dd { (count(l, stored.uploads)) }
        }
    };
    card(&t!(l, "operator-storage"), None, &html! { div.stack { (content) } })
}

fn failures(l: Locale, overview: &Overview) -> Markup {
    let content = html! {
        @if overview.failures.is_empty() { p.sub { (t!(l, "operator-failures-none")) } }
        @else {
            table.table {
                thead { tr { th { (t!(l, "operator-code")) } th { (t!(l, "operator-meaning")) } th.n { (t!(l, "operator-day")) } th.n { (t!(l, "operator-week")) } } }
                tbody {
                    @for it in &overview.failures {
                        tr {
                            td { code { (it.code) } }
                            td { (sentence(l, &it.code).unwrap_or_default()) }
                            td.n data-k=(t!(l, "operator-day")) { (number(l, it.day)) }
                            td.n data-k=(t!(l, "operator-week")) { (number(l, it.week)) }
                        }
                    }
                }
            }
        }
    };
    card(&t!(l, "operator-failures"), None, &html! { div.wide { (content) } })
}

fn accounts(page: &OverviewPage<'_>) -> Markup {
    let (l, overview) = (page.around.frame.locale, page.overview);
    let word = |state: &str| {
        l.message(&format!("operator-connection-{}", state.replace('_', "-")), []).unwrap_or_else(|| state.to_owned())
    };
    let content = html! {
        @if overview.connections.is_empty() { p.sub { (t!(l, "operator-accounts-none")) } }
        div.grid.m11 { @for (state, n) in &overview.connections { (figure(&count(l, *n), &word(state))) } }
        @if !overview.in_need.is_empty() {
            table.table {
                thead { tr { th { (t!(l, "operator-connection")) } th { (t!(l, "operator-workspace")) } th { (t!(l, "operator-since")) } } }
                tbody {
                    @for it in &overview.in_need {
                        tr {
                            td { code { (it.connection) } }
                            td data-k=(t!(l, "operator-workspace")) { code { (it.workspace) } }
                            td data-k=(t!(l, "operator-since")) { (page.when.moment(it.since)) }
                        }
                    }
                }
            }
        }
    };
    card(&t!(l, "operator-accounts"), None, &html! { div.stack.wide { (content) } })
}

fn alerts(l: Locale, alerts: &[AlertReading]) -> Markup {
    let content = html! {
        table.table {
            thead { tr { th { (t!(l, "operator-alert")) } th { (t!(l, "operator-alert-state")) } th.n { (t!(l, "operator-alert-total")) } } }
            tbody {
                @for it in alerts {
                    tr {
                        td { (alert_words(l, it)) }
                        td data-k=(t!(l, "operator-alert-state")) { @if it.active { b { (t!(l, "operator-alert-active")) } } @else { (t!(l, "operator-alert-quiet")) } }
                        td.n data-k=(t!(l, "operator-alert-total")) { (number(l, it.total)) }
                    }
                }
            }
        }
    };
    card(&t!(l, "operator-alerts"), None, &html! { div.wide { (content) } })
}

fn keys(l: Locale, keys: &[KeyStatus]) -> Markup {
    let content = html! {
        table.table {
            thead { tr { th { (t!(l, "operator-key-version")) } th { (t!(l, "operator-key-state")) } th.n { (t!(l, "operator-key-uses")) } } }
            tbody {
                @for it in keys {
                    tr {
                        td { (it.version) }
                        td data-k=(t!(l, "operator-key-state")) {
                            @if !it.there { b { (t!(l, "operator-key-lacks")) } }
                            @else if it.seals { (t!(l, "operator-key-seals")) }
                            @else { (t!(l, "operator-key-opens")) }
                        }
                        td.n data-k=(t!(l, "operator-key-uses")) { (number(l, it.in_use)) }
                    }
                }
            }
        }
    };
    card(&t!(l, "operator-keys"), None, &html! { div.wide { (content) } })
}

fn nodes(page: &OverviewPage<'_>) -> Markup {
    let l = page.around.frame.locale;
    let at = |at: UnixMillis| page.when.moment(at);
    let content = html! {
        table.table {
            thead { tr { th { (t!(l, "operator-node")) } th { (t!(l, "operator-node-since")) } th { (t!(l, "operator-node-seen")) } } }
            tbody {
                @for it in &page.overview.nodes {
                    tr {
                        td { code { (it.id.get(..8).unwrap_or(&it.id)) } " · " (it.program) " · " (t!(l, "operator-node-key", n = it.key_version)) }
                        td data-k=(t!(l, "operator-node-since")) { (at(it.started_at)) }
                        td data-k=(t!(l, "operator-node-seen")) { (at(it.seen_at)) }
                    }
                }
            }
        }
    };
    card(&t!(l, "operator-nodes"), None, &html! { div.wide { (content) } })
}

/// `GET /operator`.
///
/// # Errors
/// When the database or the disk does not answer.
pub async fn show(State(state): State<WebState>, me: Operator) -> Result<Response, WebError> {
    let overview = state.app.console_overview(&me.actor).await?;
    let frame = me.frame(Place::Overview.path());
    let around = Around { frame: &frame, actor: &me.actor };
    Ok(overview_page(&OverviewPage { around, overview: &overview, when: &me.when(&state) }).into_response())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use app::alerts::AlertKind;
    use app::health::{Measurements, NotReady};
    use app::operators::console::FailureCount;
    use app::publishing::pulse::Readings;
    use domain::id::{ConnectionId, WorkspaceId};
    use store::backlog::Backlog;
    use store::console::{NeedsHelp, Node, Stored};
    use uuid::Uuid;

    use super::*;
    use crate::pages::check;
    use crate::pages::operator::samples;
    use crate::pages::samples::NOW;

    fn busy() -> Overview {
        let alerts = AlertKind::ALL.into_iter().map(|kind| AlertReading { kind, total: 3, active: true }).collect();
        Overview {
            not_ready: vec![NotReady::Disk],
            measured: Measurements {
                backlog: Backlog { posts: 4, oldest_due_at: Some(NOW) },
                lag_ms: 61_500,
                readings: Readings {
                    lateness: vec![],
                    releases: 5,
                    lateness_sum_ms: 1,
                    out: 4,
                    stopped: BTreeMap::new(),
                },
                publishing: LoopHealth::Alive,
                commits: 1,
                disk: (5_000_000_000, 2_000_000_000),
                alerts,
            },
            failures: vec![FailureCount { code: "file_format_check_failed".to_owned(), day: 1, week: 2 }],
            connections: vec![
                ("active".to_owned(), 3),
                ("reconnect_needed".to_owned(), 1),
                ("disconnected".to_owned(), 1),
            ],
            in_need: vec![NeedsHelp {
                connection: ConnectionId::from_uuid(Uuid::from_u128(7)),
                workspace: WorkspaceId::from_uuid(Uuid::from_u128(8)),
                since: NOW,
            }],
            stored: Stored { files: 2, file_bytes: 9, trash: 1, uploads: 0, database_bytes: 4096 },
            keys: vec![
                KeyStatus { version: 1, there: true, seals: false, in_use: 2 },
                KeyStatus { version: 2, there: true, seals: true, in_use: 9 },
                KeyStatus { version: 3, there: false, seals: false, in_use: 1 },
            ],
            nodes: vec![Node {
                id: "0192abcdef".to_owned(),
                program: "0.1.0".to_owned(),
                key_version: 2,
                started_at: NOW,
                seen_at: NOW,
            }],
            requests: (2, 1),
        }
    }

    #[test]
    fn pp_5_5_the_page_renders_in_every_language_and_every_alert_has_its_words() {
        let (actor, overview) = (samples::actor(), busy());
        check::in_every_language(|frame| {
            let when = When::new(frame.locale, "UTC", NOW);
            let around = Around { frame, actor: &actor };
            let page = overview_page(&OverviewPage { around, overview: &overview, when: &when });
            for kind in AlertKind::ALL {
                assert!(!page.0.contains(kind.name()), "{kind:?} has no words in {}", frame.locale.tag());
            }
            page
        });
    }

    #[test]
    fn an_instance_without_anything_renders_too() {
        let (actor, busy) = (samples::actor(), busy());
        let overview = Overview {
            not_ready: vec![],
            failures: vec![],
            connections: vec![],
            in_need: vec![],
            requests: (0, 0),
            measured: Measurements { alerts: vec![], backlog: Backlog::default(), lag_ms: 0, ..busy.measured },
            ..busy
        };
        check::in_every_language(|frame| {
            let when = When::new(frame.locale, "UTC", NOW);
            overview_page(&OverviewPage { around: Around { frame, actor: &actor }, overview: &overview, when: &when })
        });
    }
}
