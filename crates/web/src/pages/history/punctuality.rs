//! How punctual publishing was, as a page: numbers of a period beside those of the one before, by account, and why posts stopped. Owns its route and
//! looks; counting is the use case's.

use app::history::punctuality::{Came, OUT_MAX, Reliability};
use axum::extract::{Query, State};
use axum::response::{IntoResponse, Response};
use domain::id::ConnectionId;
use domain::schedule::{Zone, to_local};
use domain::time::UnixMillis;
use maud::{Markup, html};
use serde::Deserialize;
use store::Connection;

use super::view::list;
use crate::error::WebError;
use crate::locale::Locale;
use crate::pages::download::{day_begins, day_ends};
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{
    Button, Frame, Nav, TextField, app_page, button, card, empty_state, link_button, page_head, text_field, when,
};
use crate::words;

const DAY_MS: i64 = 86_400_000;
/// Days that are shown when none are asked for.
const DAYS: i64 = 30;
/// Periods that one press asks for, days.
const PERIODS: [i64; 3] = [7, 30, 90];

/// The address's query; anything unreadable in it asks for the last thirty days.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    account: String,
    from: String,
    until: String,
}

/// The days that are shown, both whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Days {
    /// The first one, `YYYY-MM-DD`.
    pub from: String,
    /// The last one.
    pub until: String,
}

fn date(at: UnixMillis, zone: &Zone) -> String {
    to_local(at, zone).to_string().chars().take(10).collect()
}

impl Days {
    /// The last so many days, today among them.
    fn last(days: i64, now: UnixMillis, zone: &Zone) -> Self {
        let from = now.plus_millis(DAY_MS.saturating_mul(days.saturating_sub(1)).saturating_neg());
        Self { from: date(from, zone), until: date(now, zone) }
    }

    /// The days that were asked for, and the instants between which they are.
    fn of(asked: &Asked, now: UnixMillis, zone: &Zone) -> (Self, (UnixMillis, UnixMillis)) {
        let days = Self { from: asked.from.clone(), until: asked.until.clone() };
        days.period(zone).map_or_else(
            || {
                let days = Self::last(DAYS, now, zone);
                let period = days.period(zone).unwrap_or((now, now));
                (days, period)
            },
            |period| (days, period),
        )
    }

    fn period(&self, zone: &Zone) -> Option<(UnixMillis, UnixMillis)> {
        let period = (day_begins(&self.from, zone)?, day_ends(&self.until, zone)?);
        (period.0 < period.1).then_some(period)
    }
}

/// The page.
pub struct PunctualityPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was counted.
    pub view: &'a Reliability,
    /// Of which days.
    pub days: &'a Days,
    /// The periods that one press asks for: how many days, and which.
    pub periods: &'a [(i64, Days)],
    /// Accounts to filter by.
    pub connections: &'a [Connection],
    /// The one that is shown, as text.
    pub account: &'a str,
}

/// `GET /history/punctuality`.
///
/// # Errors
/// For a foreign account; when the database does not answer.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let (zone, now) = (me.zone(), state.app.now());
    let (days, period) = Days::of(&asked, now, &zone);
    let account: Option<ConnectionId> = asked.account.parse().ok();
    let view = state.app.reliability(&me.actor, period, account).await?;
    let connections = state.app.connections(&me.actor).await?;
    let periods: Vec<(i64, Days)> = PERIODS.map(|n| (n, Days::last(n, now, &zone))).to_vec();
    let account = account.map(|id| id.to_string()).unwrap_or_default();
    let frame = me.frame(Nav::History, "/history/punctuality");
    Ok(punctuality_page(&PunctualityPage {
        frame: &frame,
        view: &view,
        days: &days,
        periods: &periods,
        connections: &connections,
        account: &account,
    })
    .into_response())
}

/// The whole page.
#[must_use]
pub fn punctuality_page(page: &PunctualityPage<'_>) -> Markup {
    let (l, view) = (page.frame.locale, page.view);
    let back = link_button("/history", &Button { label: &t!(l, "nav-history"), ..Button::default() });
    let nothing = view.all == Came::default();
    let content = html! {
        (page_head(&t!(l, "punctuality-title"), Some(&t!(l, "punctuality-lede")), Some(&back)))
        div.stack.loose {
            (filters(page))
            @if view.is_cut { p.sub role="status" { (t!(l, "punctuality-cut", n = when::number(l, u64::from(OUT_MAX)))) } }
            @if nothing {
                (empty_state(&t!(l, "punctuality-nothing"), &t!(l, "punctuality-nothing-more"), 2, None))
            } @else {
                (card(&t!(l, "punctuality-numbers"), None, &numbers(l, view, &t!(l, "punctuality-period"), &t!(l, "punctuality-before"))))
                @if view.accounts.len() > 1 { (card(&t!(l, "punctuality-accounts"), None, &accounts(l, view))) }
                @if !view.reasons.is_empty() { (card(&t!(l, "punctuality-reasons"), None, &reasons(l, view, true))) }
                p.hint { (t!(l, "punctuality-how")) }
            }
        }
    };
    app_page(page.frame, t!(l, "punctuality-title"), &content)
}

fn filters(page: &PunctualityPage<'_>) -> Markup {
    let l = page.frame.locale;
    let accounts = page.connections.iter().map(|it| (it.id.to_string(), it.display_name.as_str()));
    let date = |id: &str, label: &str, value: &str| {
        text_field(&TextField { id, name: id, label, value, kind: "date", ..TextField::default() })
    };
    html! {
        nav.row.tight.chips aria-label=(t!(l, "punctuality-periods")) {
            @for (n, days) in page.periods {
                a.chip href=(format!("/history/punctuality?from={}&until={}&account={}", days.from, days.until, page.account))
                    aria-current=[(days == page.days).then_some("page")] { (t!(l, "punctuality-days", n = *n)) }
            }
        }
        form.row.filters method="get" action="/history/punctuality" {
            (date("from", &t!(l, "history-from"), &page.days.from))
            (date("until", &t!(l, "history-until"), &page.days.until))
            (list("account", &t!(l, "history-account"), &t!(l, "history-every-account"), accounts.collect(), page.account))
            (button(&Button { label: &t!(l, "history-show"), ..Button::default() }))
        }
    }
}

/// So long after the planned time.
#[must_use]
pub fn lateness(l: Locale, ms: i64) -> String {
    match ms {
        ..1_000 => t!(l, "late-under-a-second"),
        1_000..60_000 => t!(l, "late-seconds", n = ms / 1_000),
        _ => when::length(ms),
    }
}

pub(crate) fn count(l: Locale, n: usize) -> String {
    when::number(l, u64::try_from(n).unwrap_or(u64::MAX))
}

/// `99.2 %`, cut and not rounded, so that one late post in a thousand is no hundred per cent.
pub(crate) fn share(l: Locale, part: usize, whole: usize) -> String {
    let permille = part.saturating_mul(1_000).checked_div(whole).unwrap_or(0);
    let (whole, tenth) = (permille / 10, permille % 10);
    let mark = match l {
        Locale::En => '.',
        Locale::Ru => ',',
    };
    let digits = if tenth == 0 { whole.to_string() } else { format!("{whole}{mark}{tenth}") };
    t!(l, "punctuality-share", n = digits)
}

/// One line of the table: what it is, and its value for what came of a period; `None` where nothing was measured.
type Line = (fn(Locale) -> String, fn(Locale, &Came) -> Option<String>);

const LINES: [Line; 8] = [
    (|l| t!(l, "punctuality-out"), |l, it| Some(count(l, it.out))),
    (
        |l| t!(l, "punctuality-on-time"),
        |l, it| it.punctuality.map(|p| format!("{} ({})", share(l, p.on_time, p.posts), count(l, p.on_time))),
    ),
    (|l| t!(l, "punctuality-half"), |l, it| it.punctuality.map(|p| lateness(l, p.p50_ms))),
    (|l| t!(l, "punctuality-p95"), |l, it| it.punctuality.map(|p| lateness(l, p.p95_ms))),
    (|l| t!(l, "punctuality-p99"), |l, it| it.punctuality.map(|p| lateness(l, p.p99_ms))),
    (|l| t!(l, "punctuality-worst"), |l, it| it.punctuality.map(|p| lateness(l, p.worst_ms))),
    (|l| t!(l, "punctuality-failed"), |l, it| Some(count(l, it.failed))),
    (|l| t!(l, "punctuality-waiting"), |l, it| Some(count(l, it.waiting))),
];

/// What was not measured is said to be so; it is no zero.
fn or_nothing(l: Locale, value: Option<String>) -> Markup {
    match value {
        Some(value) => html! { (value) },
        None => html! { span.muted { (t!(l, "punctuality-no-value")) } },
    }
}

/// What was counted, beside what was counted in the period before; under these heads.
pub(crate) fn numbers(l: Locale, view: &Reliability, period: &str, before: &str) -> Markup {
    html! {
        table.table {
            thead { tr {
                th scope="col" { (t!(l, "punctuality-what")) }
                th.n scope="col" { (period) }
                th.n scope="col" { (before) }
            } }
            tbody { @for (name, value) in LINES { tr {
                th scope="row" { (name(l)) }
                td.n { (or_nothing(l, value(l, &view.all))) }
                td.n { (or_nothing(l, value(l, &view.before))) }
            } } }
        }
    }
}

fn accounts(l: Locale, view: &Reliability) -> Markup {
    html! {
        div.over tabindex="0" role="region" aria-label=(t!(l, "punctuality-accounts")) { table.table {
            thead { tr {
                th scope="col" { (t!(l, "history-account")) }
                th.n scope="col" { (t!(l, "punctuality-out")) }
                th.n scope="col" { (t!(l, "punctuality-on-time")) }
                th.n scope="col" { (t!(l, "punctuality-p95")) }
                th.n scope="col" { (t!(l, "punctuality-failed")) }
            } }
            tbody { @for (account, came) in &view.accounts { tr {
                th scope="row" { (account.display_name) }
                td.n { (count(l, came.out)) }
                td.n { (or_nothing(l, came.punctuality.map(|p| share(l, p.on_time, p.posts)))) }
                td.n { (or_nothing(l, came.punctuality.map(|p| lateness(l, p.p95_ms)))) }
                td.n { (count(l, came.failed)) }
            } } }
        } }
    }
}

/// Why posts stopped, and how many; and for whoever can do something about it, what.
pub(crate) fn reasons(l: Locale, view: &Reliability, with_remedy: bool) -> Markup {
    html! {
        ul.stack.tight { @for (code, n) in &view.reasons {
            @let failure = words::failure(l, code);
            li { b { (count(l, *n)) } " × " (failure.what) @if with_remedy { " " span.muted { (failure.todo) } } }
        } }
    }
}

#[cfg(test)]
mod tests {
    use domain::punctuality::Punctuality;

    use super::*;
    use crate::pages::{check, samples};

    fn came(late_ms: &[i64], failed: usize) -> Came {
        Came { punctuality: Punctuality::of(late_ms.iter().copied()), out: late_ms.len(), failed, waiting: 1 }
    }

    #[test]
    fn the_page_says_what_was_measured_and_that_nothing_was_where_nothing_was() {
        let zone = Zone::utc();
        let days = Days::last(30, samples::NOW, &zone);
        let late: Vec<i64> = (0..999).map(|_| 400).chain([3_723_000]).collect();
        let full = Reliability {
            all: came(&late, 2),
            before: came(&[], 0),
            accounts: vec![(samples::connection(), came(&late, 2)), (samples::connection(), came(&[], 1))],
            reasons: vec![("too-late".to_owned(), 2), ("duration_check_failed".to_owned(), 1)],
            is_cut: true,
        };
        let none = Reliability {
            all: Came::default(),
            before: Came::default(),
            accounts: Vec::new(),
            reasons: Vec::new(),
            is_cut: false,
        };
        let periods: Vec<(i64, Days)> = PERIODS.map(|n| (n, Days::last(n, samples::NOW, &zone))).to_vec();
        for (view, name) in [(&full, "punctuality"), (&none, "punctuality-empty")] {
            check::in_every_language(|frame| {
                let connections = [samples::connection()];
                let page = PunctualityPage {
                    frame,
                    view,
                    days: &days,
                    periods: &periods,
                    connections: &connections,
                    account: "",
                };
                let html = punctuality_page(&page);
                check::kept(name, frame.locale, &html.0);
                if name == "punctuality" {
                    assert!(html.0.contains("1:02:03") && html.0.contains("99"), "the latest, and the share cut");
                    assert!(!html.0.contains("100 %") && !html.0.contains("100%"), "one was late");
                }
                html
            });
        }
    }

    #[test]
    fn days_that_nobody_can_read_or_that_end_before_they_begin_are_the_last_thirty() {
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        let (usual, period) = Days::of(&Asked::default(), samples::NOW, &zone);
        assert!(period.0 < samples::NOW && samples::NOW < period.1);
        let hours = period.1.millis_since(period.0) / 3_600_000;
        assert!((30 * 24 - 1..=30 * 24 + 1).contains(&hours), "{hours}");
        for (from, until) in [("x", "2026-01-01"), ("2026-02-01", "2026-01-01"), ("2026-01-01", "")] {
            let asked = Asked { from: from.to_owned(), until: until.to_owned(), ..Asked::default() };
            assert_eq!(Days::of(&asked, samples::NOW, &zone).0, usual, "{from} {until}");
        }
        let day = Asked { from: "2026-01-01".to_owned(), until: "2026-01-01".to_owned(), ..Asked::default() };
        let (_, (from, until)) = Days::of(&day, samples::NOW, &zone);
        assert_eq!(until.millis_since(from), DAY_MS, "both days are whole");
    }

    #[test]
    fn a_share_is_never_rounded_up() {
        assert_eq!(share(Locale::En, 999, 1_000), "99.9%");
        assert_eq!(share(Locale::En, 9_999, 10_000), "99.9%");
        assert_eq!(share(Locale::En, 5, 5), "100%");
        assert!(share(Locale::Ru, 1, 3).starts_with("33,3"));
        assert_eq!(lateness(Locale::En, 999), "under 1 s");
        assert_eq!(lateness(Locale::En, 59_999), "59 s");
    }
}
