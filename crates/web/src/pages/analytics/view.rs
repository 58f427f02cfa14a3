//! The figures of the page: what is asked for, four tiles, the days, the posts. Owns their order and words; every figure is one that was read.

use app::metrics::shown::{Against, Numbers, POSTS};
use app::queue::PostRow;
use domain::metrics::{Counters, Growth};
use domain::privacy::documents::day_of;
use domain::time::UnixMillis;
use maud::{Markup, html};
use store::annotation::Annotation;
use store::metrics::shown::{DayRow, PostNumbers};

use super::chart::{Bar, bars, table};
use super::{AnalyticsPage, Shown, notes};
use crate::locale::Locale;
use crate::pages::queue::view::title;
use crate::ui::when;

const DAY_MS: i64 = 86_400_000;

/// Tiles, days and posts.
pub(super) fn figures(page: &AnalyticsPage<'_>, numbers: &Numbers) -> Markup {
    html! {
        @if numbers.has_posts() { (tiles(page, numbers)) (days(page, numbers)) (posts(page, numbers)) }
        @if numbers.has_followers() { (followers(page, numbers)) }
    }
}

fn tiles(page: &AnalyticsPage<'_>, numbers: &Numbers) -> Markup {
    let (l, now) = (page.frame.locale, numbers.growth());
    let of = |pick: fn(Growth) -> Option<i64>| {
        let beside = numbers.compared.and_then(|it| pick(it.now).zip(pick(it.before)));
        (pick(now), beside)
    };
    let partial = numbers.compared.filter(|it| it.accounts < it.read);
    let tile = |name: String, (now, beside): (Option<i64>, Option<(i64, i64)>)| {
        html! {
            div.card.stat {
                span.lab { (name) }
                span.num { (counter(l, now)) }
                small.muted { (compared(l, beside, page.shown)) }
            }
        }
    };
    html! {
        div.grid.even.stats {
            (tile(t!(l, "metric-views"), of(|it| it.views)))
            (tile(t!(l, "metric-likes"), of(|it| it.likes)))
            (tile(t!(l, "metric-comments"), of(|it| it.comments)))
            (tile(t!(l, "metric-shares"), of(|it| it.shares)))
        }
        @if let Some(it) = partial { p.hint { (t!(l, "analytics-compared-some", n = it.accounts, of = it.read)) } }
    }
}

/// Against the days that are compared with; nothing where nothing was read then.
fn compared(l: Locale, beside: Option<(i64, i64)>, shown: Shown) -> String {
    let days = shown.wide();
    match beside {
        Some((now, before)) if before > 0 => {
            let percent = now.saturating_sub(before).saturating_mul(100) / before;
            let sign = if percent > 0 { "+" } else { "" };
            let percent = format!("{sign}{}", signed(l, percent));
            match shown.query.against {
                Against::Before => t!(l, "analytics-compared", percent = percent, n = days),
                Against::YearBefore => t!(l, "analytics-compared-year", percent = percent, n = days),
                Against::Nothing => String::new(),
            }
        }
        Some(_) | None if shown.query.against == Against::Nothing => String::new(),
        Some(_) | None => t!(l, "analytics-not-compared"),
    }
}

/// A number with its sign where it is below zero.
pub(super) fn signed(l: Locale, n: i64) -> String {
    let digits = when::number(l, n.unsigned_abs());
    if n < 0 { format!("−{digits}") } else { digits }
}

/// A date; with its year where the days that are shown are not all of that year.
pub(super) fn date_of(page: &AnalyticsPage<'_>, day: i64) -> String {
    let date = |day: i64| day_of(UnixMillis::from_millis(day.saturating_mul(DAY_MS)));
    let (l, it, shown) = (page.frame.locale, date(day), page.shown.days());
    let is_plain = [shown.start, shown.end.saturating_sub(1)].into_iter().all(|end| date(end).year() == it.year());
    if is_plain { when::day_month(l, it) } else { when::full_date(l, it) }
}

fn days(page: &AnalyticsPage<'_>, numbers: &Numbers) -> Markup {
    let l = page.frame.locale;
    let read = |day: i64| numbers.days.iter().find(|it| it.day == day);
    let all: Vec<i64> = (numbers.first_day..numbers.end_day).collect();
    let bar = |day: &i64| {
        let value = read(*day).and_then(|it| it.growth.views);
        let told = value.map_or_else(|| t!(l, "analytics-not-read"), |n| signed(l, n));
        let notes = words_of(page, *day);
        let name = format!("{}: {told}", date_of(page, *day));
        Bar { name, value, note: (!notes.is_empty()).then_some(notes) }
    };
    let drawn: Vec<Bar> = all.iter().map(bar).collect();
    let best = numbers.days.iter().filter_map(|it| Some((it.day, it.growth.views?))).max_by_key(|it| it.1);
    let best = best.filter(|it| it.1 > 0);
    let (from, until) = (date_of(page, numbers.first_day), date_of(page, numbers.end_day - 1));
    let label = match best {
        Some((day, views)) => t!(
            l,
            "analytics-chart",
            from = from.as_str(),
            until = until.as_str(),
            day = date_of(page, day),
            n = signed(l, views)
        ),
        None => t!(l, "analytics-chart-empty", from = from.as_str(), until = until.as_str()),
    };
    let head = [
        t!(l, "analytics-day"),
        t!(l, "metric-views"),
        t!(l, "metric-likes"),
        t!(l, "metric-comments"),
        t!(l, "metric-shares"),
        t!(l, "analytics-readings"),
        t!(l, "notes-head"),
    ];
    // Without a note there is no column for them.
    let columns = if page.notes.iter().any(|note| all.contains(&note.day)) { 7 } else { 6 };
    let row = |day: &i64| {
        let cells = match read(*day) {
            Some(DayRow { growth: it, readings, .. }) => {
                [it.views, it.likes, it.comments, it.shares, Some(*readings)].map(|n| counter(l, n)).to_vec()
            }
            None => vec!["–".to_owned(); 5],
        };
        let note = words_of(page, *day);
        std::iter::once(date_of(page, *day)).chain(cells).chain([note]).take(columns).collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = all.iter().rev().map(row).collect();
    html! {
        section.card.stack aria-labelledby="per-day" {
            div.card-head { h2 id="per-day" { (t!(l, "analytics-per-day")) } @if let Some((day, views)) = best { small.muted { (t!(l, "analytics-best", day = date_of(page, day), n = signed(l, views))) } } }
            (bars(&label, &drawn))
            div.axis aria-hidden="true" { span { (from) } span { (until) } }
            p.hint { (t!(l, "analytics-per-day-more")) }
            (table(&t!(l, "analytics-table"), head.get(..columns).unwrap_or_default(), &rows))
            (notes::section(page))
        }
    }
}

/// What is noted on a day, with the account where a note is about one.
fn words_of(page: &AnalyticsPage<'_>, day: i64) -> String {
    let words = |note: &Annotation| match notes::about(page, note) {
        Some(account) => format!("{} ({account})", note.words),
        None => note.words.clone(),
    };
    page.notes.iter().filter(|note| note.day == day).map(words).collect::<Vec<_>>().join("; ")
}

fn counter(l: Locale, n: Option<i64>) -> String {
    n.map_or_else(|| "–".to_owned(), |n| signed(l, n))
}

/// The four counters as cells.
pub(super) fn cells(l: Locale, it: Counters) -> [String; 4] {
    [it.views, it.likes, it.comments, it.shares].map(|n| counter(l, n))
}

fn posts(page: &AnalyticsPage<'_>, numbers: &Numbers) -> Markup {
    let l = page.frame.locale;
    html! {
        section.card.stack aria-labelledby="posts" {
            h2 id="posts" { (t!(l, "analytics-posts")) }
            @if numbers.posts.len() >= usize::try_from(POSTS).unwrap_or(usize::MAX) { p.sub { (t!(l, "analytics-posts-cut", n = POSTS)) } }
            @if numbers.posts.is_empty() { p.sub { (t!(l, "analytics-posts-none")) } } @else {
                div.scrolls tabindex="0" role="region" aria-label=(t!(l, "analytics-posts-table")) {
                    table.table {
                        thead { tr {
                            th scope="col" { (t!(l, "analytics-post")) }
                            @for name in [t!(l, "metric-views"), t!(l, "metric-likes"), t!(l, "metric-comments"), t!(l, "metric-shares")] { th.n scope="col" { (name) } }
                            th scope="col" { (t!(l, "analytics-read-at")) }
                        } }
                        tbody { @for (row, known) in &numbers.posts { (post(page, row, known)) } }
                    }
                }
            }
        }
    }
}

fn post(page: &AnalyticsPage<'_>, row: &PostRow, known: &PostNumbers) -> Markup {
    let l = page.frame.locale;
    html! {
        tr {
            th scope="row" {
                a href=(format!("/posts/{}", row.post.id)) { (title(l, row)) }
                br;
                small.muted {
                    (row.connection.display_name)
                    @if let Some(at) = row.post.published_at { " · " (page.when.moment(at)) }
                    @if !known.is_live { " · " (t!(l, "metric-unavailable")) }
                }
            }
            @for cell in cells(l, known.counters) { td.n { (cell) } }
            td { @match known.read_at { Some(at) => { (page.when.moment_element(at)) } None if known.is_live => { (t!(l, "metric-not-yet")) } None => { "–" } } }
        }
    }
}

fn followers(page: &AnalyticsPage<'_>, numbers: &Numbers) -> Markup {
    let l = page.frame.locale;
    let of = |id| numbers.followers.iter().filter(move |it| it.connection_id == id);
    html! {
        section.card.stack aria-labelledby="followers" {
            h2 id="followers" { (t!(l, "analytics-followers")) }
            @if numbers.followers.is_empty() { p.sub { (t!(l, "analytics-followers-none")) } }
            dl.facts {
                @for account in &numbers.accounts {
                    @if let (Some(first), Some(last)) = (of(account.connection.id).next(), of(account.connection.id).next_back()) {
                        dt { (account.connection.display_name) }
                        dd {
                            b { (signed(l, last.followers)) } " "
                            @let grown = last.followers.saturating_sub(first.followers);
                            span.muted { "(" @if grown > 0 { "+" } (signed(l, grown)) ") · " (page.when.moment(last.read_at)) }
                        }
                    }
                }
            }
        }
    }
}
