//! One report as markup: figures, days, posts, followers, reliability, what comes. Owns the order and the words; the same parts are drawn for its own
//! people and for whoever has a link, who get no way into the application.

use app::history::punctuality::Came;
use app::history::tiktok_links;
use app::queue::PostRow;
use app::reports::{POSTS, Report};
use domain::id::ConnectionId;
use domain::media::ThumbnailState;
use domain::metrics::Growth;
use domain::post::PostState;
use domain::report::Week;
use maud::{Markup, html};
use store::Connection;
use store::metrics::shown::PostNumbers;

use super::{days, share};
use crate::assets::Asset;
use crate::locale::Locale;
use crate::pages::history::punctuality;
use crate::pages::history::view::off_time;
use crate::pages::queue::view::{thumbnail, title as post_title};
use crate::ui::{
    Button, Choice, Frame, Head, Icon, SelectField, Thumb, When, app_page, button, empty_state, icon, link_button,
    page_head, select_field, thumb, when,
};

/// The page of one report.
pub struct ReportPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What it shows.
    pub report: &'a Report,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// Who reads it.
#[derive(Clone, Copy)]
pub(super) enum Reader<'a> {
    /// Somebody of the workspace: posts lead to their pages.
    Own,
    /// Whoever has a link with this word: nothing leads into the application.
    Link(&'a str),
}

/// What the parts need.
pub(super) struct Drawn<'a> {
    pub(super) l: Locale,
    pub(super) report: &'a Report,
    pub(super) when: &'a When,
    pub(super) reader: Reader<'a>,
}

/// `/reports/{week}`
#[must_use]
pub fn report_page(page: &ReportPage<'_>) -> Markup {
    let (l, report) = (page.frame.locale, page.report);
    let (week, account) = (report.query.week, report.query.connection);
    let at = |week: Week| address(&format!("/reports/{week}"), account, None);
    let file = address(&format!("/reports/{week}/file"), account, None);
    let actions = html! {
        a.btn href=(file) download { (icon(Icon::Download)) span { "XLSX" } }
        button.btn type="button" data-print hidden { span { (t!(l, "report-print")) } }
    };
    let when = &page.when.absolute();
    let drawn = Drawn { l, report, when, reader: Reader::Own };
    let content = html! {
        (page_head(&title(l, week), Some(&lede(l, report, when)), Some(&actions)))
        div.stack.loose.report {
            nav.row.tight.weeks aria-label=(t!(l, "reports-title")) {
                @if let Some(before) = week.plus(-1) { (link_button(&at(before), &Button { label: &t!(l, "report-week-before"), icon: Some(Icon::Left), small: true, ..Button::default() })) }
                (link_button(&address("/reports", account, None), &Button { label: &t!(l, "reports-all"), small: true, ..Button::default() }))
                @if let Some(after) = week.plus(1).filter(|_| report.is_over()) { (link_button(&at(after), &Button { label: &t!(l, "report-week-after"), icon: Some(Icon::Right), small: true, ..Button::default() })) }
            }
            @if report.connections.len() > 1 { (accounts(l, &format!("/reports/{week}"), &report.connections, account)) }
            (body(&drawn))
            (share::form(l, report))
        }
    };
    let head =
        Head { title: title(l, week), script: Some(Asset::Reports), sheets: &[Asset::ReportStyle], ..Head::default() };
    app_page(page.frame, head, &content)
}

/// An address with the account that is shown, and one more word of the query.
pub(super) fn address(path: &str, account: Option<ConnectionId>, more: Option<(&str, String)>) -> String {
    let account = account.map(|id| ("account", id.to_string()));
    let query: Vec<String> = account.into_iter().chain(more).map(|(name, value)| format!("{name}={value}")).collect();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
}

/// Which account.
pub(super) fn accounts(l: Locale, path: &str, connections: &[Connection], picked: Option<ConnectionId>) -> Markup {
    let ids: Vec<String> = connections.iter().map(|it| it.id.to_string()).collect();
    let every = t!(l, "history-every-account");
    let all = std::iter::once(Choice { value: "", label: &every, ..Choice::default() });
    let each =
        ids.iter().zip(connections).map(|(id, it)| Choice { value: id, label: &it.display_name, ..Choice::default() });
    let choices: Vec<Choice<'_>> = all.chain(each).collect();
    let picked = picked.map(|id| id.to_string()).unwrap_or_default();
    html! {
        form.row.filters method="get" action=(path) {
            (select_field(&SelectField { id: "account", name: "account", label: &t!(l, "history-account"), choices: &choices, selected: Some(&picked), ..SelectField::default() }))
            (button(&Button { label: &t!(l, "history-show"), ..Button::default() }))
        }
    }
}

/// `Week 47: 16 November – 22 November 2026`
#[must_use]
pub fn title(l: Locale, week: Week) -> String {
    let (monday, sunday) = (week.monday().date(), week.sunday().date());
    let from = if monday.year() == sunday.year() { when::day_month(l, monday) } else { when::full_date(l, monday) };
    t!(l, "report-week", n = i64::from(monday.iso_week_date().week()), from = from, until = when::full_date(l, sunday))
}

/// About which accounts, and how things stand with the week.
pub(super) fn lede(l: Locale, report: &Report, when: &When) -> String {
    let names: Vec<&str> = report.connections.iter().map(|it| it.display_name.as_str()).collect();
    let whose = match (report.account(), names.as_slice()) {
        (Some(only), _) => only.display_name.clone(),
        (None, [only]) => (*only).to_owned(),
        (None, all) => t!(l, "report-accounts", n = all.len()),
    };
    let stands =
        if report.is_over() { t!(l, "report-as-of", at = when.moment(report.now)) } else { t!(l, "report-so-far") };
    format!("{whose} · {stands}")
}

/// Everything below the head.
pub(super) fn body(it: &Drawn<'_>) -> Markup {
    let (l, report) = (it.l, it.report);
    if report.is_empty() {
        return empty_state(&t!(l, "report-empty"), &t!(l, "report-empty-more"), 2, None);
    }
    html! {
        (tiles(it))
        @if report.has_posts { section.card.stack aria-labelledby="days" { h2 id="days" { (t!(l, "analytics-per-day")) } (days::chart(l, report)) p.hint { (t!(l, "report-days-more")) } } }
        @if !report.best.is_empty() { (best(it)) }
        (out(it))
        @if !report.followers.is_empty() { (followers(it)) }
        @if report.reliability.all != Came::default() { (reliability(it)) }
        @if let Some(planned) = &report.planned { (planned_after(it, planned)) }
    }
}

/// A number with its sign where it is below zero.
pub(super) fn signed(l: Locale, n: i64) -> String {
    let digits = when::number(l, n.unsigned_abs());
    if n < 0 { format!("−{digits}") } else { digits }
}

fn tiles(it: &Drawn<'_>) -> Markup {
    let (l, report) = (it.l, it.report);
    let (now, before) = (report.numbers.sum(), report.before.sum());
    let tile = |name: String, value: String, note: String| {
        html! { div.card.stat { span.lab { (name) } span.num { (value) } small.muted { (note) } } }
    };
    let counter = |name: String, pick: fn(Growth) -> Option<i64>| {
        let value = pick(now).map_or_else(|| "–".to_owned(), |n| signed(l, n));
        tile(name, value, compared(l, report, pick(now), pick(before)))
    };
    let posts = report.reliability.all.out;
    let posts_before = report.reliability.before.out;
    html! {
        div.grid.even.stats {
            (tile(t!(l, "report-posts-out"), when::number(l, u64::try_from(posts).unwrap_or(0)), t!(l, "report-posts-before", n = posts_before)))
            @if let Some(it) = report.reliability.all.punctuality {
                (tile(t!(l, "report-on-time"), punctuality::share(l, it.on_time, it.posts), t!(l, "report-on-time-of", n = it.on_time, all = it.posts)))
            }
            @if report.has_posts {
                (counter(t!(l, "metric-views"), |it| it.views))
                (counter(t!(l, "metric-likes"), |it| it.likes))
                (counter(t!(l, "metric-comments"), |it| it.comments))
                (counter(t!(l, "metric-shares"), |it| it.shares))
            }
        }
        @if !report.has_posts && matches!(it.reader, Reader::Own) { p.hint { (t!(l, "report-no-numbers")) } }
    }
}

/// Against the week before; where days were not read it says that, and no percentage that would say more about reading than about posts.
fn compared(l: Locale, report: &Report, now: Option<i64>, before: Option<i64>) -> String {
    if !report.is_over() || !report.numbers.is_whole() {
        return t!(l, "report-days-read", n = report.numbers.days_read());
    }
    match (now, before) {
        (Some(now), Some(before)) if before > 0 && report.before.is_whole() && report.is_comparable => {
            let percent = now.saturating_sub(before).saturating_mul(100).checked_div(before).unwrap_or(0);
            let sign = if percent > 0 { "+" } else { "" };
            t!(l, "report-compared", percent = format!("{sign}{}", signed(l, percent)))
        }
        (_, Some(_)) if !report.before.is_whole() => t!(l, "report-before-read", n = report.before.days_read()),
        _ => t!(l, "analytics-not-compared"),
    }
}

fn picture(it: &Drawn<'_>, row: &PostRow) -> Option<String> {
    match it.reader {
        Reader::Own => thumbnail(row),
        Reader::Link(word) => {
            let media = row.media.as_ref().filter(|it| it.thumbnail == ThumbnailState::Ready)?;
            Some(format!("/r/{word}/pictures/{}", media.id))
        }
    }
}

/// What a post is called: for its people a way to its page, for others its name.
fn named(it: &Drawn<'_>, row: &PostRow) -> Markup {
    match it.reader {
        Reader::Own => html! { a.ttl href=(format!("/posts/{}", row.post.id)) { (post_title(it.l, row)) } },
        // The name of a file is its owner's business.
        Reader::Link(_) => match row.post.content.first_line() {
            "" => html! { span.ttl { (t!(it.l, "queue-untitled")) } },
            line => html! { span.ttl { (line) } },
        },
    }
}

fn cells(l: Locale, known: Option<&PostNumbers>) -> [String; 4] {
    let counters = known.map(|it| it.counters).unwrap_or_default();
    [counters.views, counters.likes, counters.comments, counters.shares]
        .map(|n| n.map_or_else(|| "–".to_owned(), |n| signed(l, n)))
}

fn best(it: &Drawn<'_>) -> Markup {
    let l = it.l;
    html! {
        section.card.stack aria-labelledby="best" {
            h2 id="best" { (t!(l, "report-best")) }
            ol.best {
                @for (row, known) in it.report.best.iter().filter_map(|place| it.report.out.get(*place)) {
                    @let url = picture(it, row);
                    li {
                        (thumb(&Thumb { url: url.as_deref(), ..Thumb::default() }))
                        div {
                            (named(it, row))
                            p { b { (cells(l, known.as_ref()).first().cloned().unwrap_or_default()) } " " (t!(l, "report-views-word", n = known.and_then(|it| it.counters.views).unwrap_or(0))) }
                            small.muted { (row.connection.display_name) @if let Some(at) = row.post.published_at { " · " (it.when.moment(at)) } }
                        }
                    }
                }
            }
        }
    }
}

fn out(it: &Drawn<'_>) -> Markup {
    let (l, report) = (it.l, it.report);
    html! {
        section.card.stack aria-labelledby="out" {
            h2 id="out" { (t!(l, "report-out")) }
            @if report.is_cut { p.sub { @match it.reader { Reader::Own => { (t!(l, "report-cut", n = POSTS)) } Reader::Link(_) => { (t!(l, "report-cut-shared", n = POSTS)) } } } }
            @if report.out.is_empty() { p.sub { (t!(l, "report-out-none")) } } @else {
                div.scrolls tabindex="0" role="region" aria-label=(t!(l, "analytics-posts-table")) {
                    table.table.posts {
                        thead { tr {
                            th scope="col" { (t!(l, "analytics-post")) }
                            th scope="col" { (t!(l, "report-planned-at")) }
                            th scope="col" { (t!(l, "report-out-at")) }
                            @if report.has_posts {
                                @for name in [t!(l, "metric-views"), t!(l, "metric-likes"), t!(l, "metric-comments"), t!(l, "metric-shares")] { th.n scope="col" { (name) } }
                            }
                        } }
                        tbody { @for (row, known) in &report.out { (post(it, row, known.as_ref())) } }
                    }
                }
                @if report.has_posts { p.hint { (t!(l, "report-counters-more")) } }
            }
        }
    }
}

fn post(it: &Drawn<'_>, row: &PostRow, known: Option<&PostNumbers>) -> Markup {
    let (l, post) = (it.l, &row.post);
    let url = picture(it, row);
    let links = tiktok_links(row);
    let by_word = it.report.confirmed.contains(&post.id);
    html! {
        tr {
            th scope="row" { div.post {
                (thumb(&Thumb { url: url.as_deref(), ..Thumb::default() }))
                div {
                    (named(it, row))
                    small.muted {
                        (row.connection.display_name)
                        @if known.is_some_and(|it| !it.is_live && it.read_at.is_some()) { " · " (t!(l, "metric-unavailable")) }
                    }
                    @for (n, link) in (1..).zip(&links) {
                        a.small href=(link) rel="noreferrer" { @if links.len() > 1 { (t!(l, "report-tiktok-n", n = n)) } @else { (t!(l, "report-tiktok")) } }
                    }
                }
            } }
            td { @match post.due_at { Some(at) => { (it.when.moment_element(at)) } None => { "–" } } }
            td {
                @if by_word { span.muted { (t!(l, "report-by-word")) } }
                @else if let Some(at) = post.published_at {
                    (it.when.moment_element(at))
                    @if let Some(off) = off_time(l, post, false) { br; small.muted { (off) } }
                    @else if post.state == PostState::InInbox { br; small.muted { (t!(l, "report-inbox")) } }
                } @else { span.muted { (t!(l, "report-inbox")) } }
            }
            @if it.report.has_posts { @for cell in cells(l, known) { td.n { (cell) } } }
        }
    }
}

fn followers(it: &Drawn<'_>) -> Markup {
    let l = it.l;
    html! {
        section.card.stack aria-labelledby="followers" {
            h2 id="followers" { (t!(l, "analytics-followers")) }
            dl.facts {
                @for of in &it.report.followers {
                    @let grown = of.first.map(|first| of.last.saturating_sub(first));
                    dt { (of.connection.display_name) }
                    dd {
                        b { (signed(l, of.last)) } " "
                        span.muted { @if let Some(grown) = grown { "(" @if grown > 0 { "+" } (signed(l, grown)) ")" } " · " (it.when.moment(of.read_at)) }
                    }
                }
            }
        }
    }
}

fn reliability(it: &Drawn<'_>) -> Markup {
    let (l, view) = (it.l, &it.report.reliability);
    html! {
        section.card.stack aria-labelledby="reliability" {
            h2 id="reliability" { (t!(l, "report-reliability")) }
            (punctuality::numbers(l, view, &t!(l, "report-this-week"), &t!(l, "report-week-before")))
            @if !view.reasons.is_empty() { h3 { (t!(l, "punctuality-reasons")) } (punctuality::reasons(l, view, matches!(it.reader, Reader::Own))) }
            p.hint { (t!(l, "punctuality-how")) }
        }
    }
}

fn planned_after(it: &Drawn<'_>, planned: &[PostRow]) -> Markup {
    let l = it.l;
    html! {
        section.card.stack aria-labelledby="planned" {
            h2 id="planned" { (t!(l, "report-planned")) }
            @if planned.is_empty() { p.sub { (t!(l, "report-planned-none")) } } @else {
                ul.coming {
                    @for row in planned {
                        @let url = picture(it, row);
                        li {
                            (thumb(&Thumb { url: url.as_deref(), ..Thumb::default() }))
                            div { (named(it, row)) small.muted { (row.connection.display_name) @if let Some(at) = row.post.due_at { " · " (it.when.moment_element(at)) } } }
                        }
                    }
                }
            }
        }
    }
}
