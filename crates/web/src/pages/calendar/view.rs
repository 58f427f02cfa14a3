//! The calendar as markup: head, filters, the panel of a move, days, drafts. Owns their order; the days are in `grid`.

use app::calendar::CalendarView;
use domain::calendar::Span;
use domain::media::tags::same;
use domain::schedule::Zone;
use maud::{Markup, html};

use super::DAY_SHOWN;
use super::grid::{days, month_title};
use super::moving::{Panel, Undo};
use super::place::{Place, STATES};
use crate::assets::Asset;
use crate::avatar;
use crate::locale::Locale;
use crate::pages::labels::part::filter;
use crate::pages::queue::view::{account_face, title};
use crate::ui::account::{Face, Size, face};
use crate::ui::{
    Button, Does, Frame, Head, Icon, Key, Notice, Status, Thumb, Tone, When, app_page, icon, link_button, notice,
    page_head, shortcuts, thumb,
};

/// Tags that can be chosen here; the address takes any.
const TAGS_SHOWN: usize = 60;

/// The calendar.
pub struct CalendarPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was read.
    pub view: &'a CalendarView,
    /// The reader's clock and zone.
    pub when: &'a When,
    /// The zone whose days are shown.
    pub zone: &'a Zone,
    /// Which part.
    pub place: &'a Place,
    /// The post that is being moved.
    pub panel: Option<&'a Panel>,
    /// The move that can be taken back.
    pub undo: Option<&'a Undo>,
    /// Why something was not done.
    pub said: Option<&'a str>,
}

/// The whole page.
#[must_use]
pub fn calendar_page(page: &CalendarPage<'_>) -> Markup {
    let head = Head { title: t!(page.frame.locale, "nav-calendar"), script: Some(Asset::Calendar), ..Head::default() };
    let l = page.frame.locale;
    let content = html! {
        div.stack.loose id="calendar" data-calendar=(page.place.address())
            data-text-lifted=(t!(l, "calendar-lifted")) data-text-dropped=(t!(l, "calendar-dropped")) {
            (page_head(&heading(page), Some(&lede(page)), Some(&controls(page))))
            @if let Some(words) = page.said { (notice(&Notice { tone: Tone::Warn, what: words, urgent: true, ..Notice::default() })) }
            @if let Some(panel) = page.panel { (panel.draw(page)) } @else if let Some(undo) = page.undo { (undo.draw(page)) }
            (calendar_body(page))
            p.muted.cal-hint { (t!(l, "calendar-hint")) }
        }
        (shortcuts(l, &keys(l)))
        div.vh role="status" aria-live="assertive" id="cal-say" {}
    };
    app_page(page.frame, head, &content)
}

/// Keys of this page, besides those that move a focused post.
fn keys(l: Locale) -> [Key; 5] {
    [
        Key { key: "t", words: t!(l, "calendar-today"), does: Does::Presses("[data-step=today] a") },
        // As on every other page with posts.
        Key { key: "j", words: t!(l, "keys-next-post"), does: Does::Next(".cal [data-post] a.ev-open") },
        Key { key: "k", words: t!(l, "keys-previous-post"), does: Does::Previous(".cal [data-post] a.ev-open") },
        Key { key: "]", words: t!(l, "calendar-later"), does: Does::Presses("[data-step=later] a") },
        Key { key: "[", words: t!(l, "calendar-earlier"), does: Does::Presses("[data-step=earlier] a") },
    ]
}

/// What is fetched again when something changes.
#[must_use]
pub fn calendar_body(page: &CalendarPage<'_>) -> Markup {
    let l = page.frame.locale;
    let url = format!("/calendar/body?{}", page.place.query());
    html! {
        div.stack.loose id="calendar-body" hx-get=(url) hx-trigger="post from:#live, connections from:#live" hx-target="this" hx-swap="outerMorph" {
            (filters(page))
            @if let Some(until) = page.view.counted_until {
                (notice(&Notice { what: &t!(l, "calendar-too-many", until = page.when.moment(until)), more: &t!(l, "calendar-too-many-more"), ..Notice::default() }))
            }
            (days(page))
            (pages_of_day(page))
            (drafts(page))
        }
    }
}

/// What the days are called together.
fn heading(page: &CalendarPage<'_>) -> String {
    let l = page.frame.locale;
    let (first, last) = (page.view.days.first(), page.view.days.last());
    match (page.place.span, first, last) {
        (Span::Month, _, _) => month_title(l, page.place.day),
        (Span::Day, Some(day), _) => page.when.heading(day.from),
        (Span::Week | Span::Agenda, Some(first), Some(last)) => {
            t!(l, "calendar-from-to", from = page.when.day(first.from), to = page.when.day(last.from))
        }
        (Span::Week | Span::Agenda | Span::Day, _, _) => t!(l, "nav-calendar"),
    }
}

fn lede(page: &CalendarPage<'_>) -> String {
    let posts: usize = page.view.days.iter().map(|day| day.total).sum();
    let at = page.view.days.first().map_or(page.view.now, |day| day.from);
    format!("{} · {}", t!(page.frame.locale, "count-posts", n = posts), page.when.zone_label(at))
}

fn span_word(l: Locale, span: Span) -> String {
    match span {
        Span::Month => t!(l, "calendar-span-month"),
        Span::Week => t!(l, "calendar-span-week"),
        Span::Day => t!(l, "calendar-span-day"),
        Span::Agenda => t!(l, "calendar-span-agenda"),
    }
}

/// Earlier, today, later, and how much is seen.
fn controls(page: &CalendarPage<'_>) -> Markup {
    let (l, place) = (page.frame.locale, page.place);
    let turned = |forward| place.span.turned(place.day, forward).map(|day| place.on(day).address());
    let today = place.on(domain::calendar::Day::of(page.view.now, page.zone)).address();
    let arrow = |href: &str, label: &str, symbol| {
        link_button(href, &Button { label, icon: Some(symbol), icon_only: true, ..Button::default() })
    };
    html! {
        @if let Some(href) = turned(false) { span.step data-step="earlier" { (arrow(&href, &t!(l, "calendar-earlier"), Icon::Left)) } }
        span.step data-step="today" { (link_button(&today, &Button { label: &t!(l, "calendar-today"), ..Button::default() })) }
        @if let Some(href) = turned(true) { span.step data-step="later" { (arrow(&href, &t!(l, "calendar-later"), Icon::Right)) } }
        nav.segmented.spans aria-label=(t!(l, "calendar-spans")) {
            @for span in Span::ALL {
                a href=(place.seen(span).address()) aria-current=[(span == place.span).then_some("page")] { (span_word(l, span)) }
            }
        }
    }
}

/// Accounts and states to see alone.
fn filters(page: &CalendarPage<'_>) -> Markup {
    let (l, place) = (page.frame.locale, page.place);
    let of = |account| Place { account, page: 0, ..place.clone() }.address();
    let in_state = |state| Place { state, page: 0, ..place.clone() }.address();
    html! {
        div.cal-filters {
            @if page.view.connections.len() > 1 {
                nav.row.tight aria-label=(t!(l, "nav-connections")) {
                    a.acc-chip href=(of(None)) aria-current=[place.account.is_none().then_some("true")] { (t!(l, "calendar-all-accounts")) }
                    @for connection in &page.view.connections {
                        @let picture = avatar::address(connection);
                        a.acc-chip data-flavour=(connection.flavour.as_str()) href=(of(Some(connection.id)))
                            aria-current=[(place.account == Some(connection.id)).then_some("true")] {
                            (face(&Face { name: &connection.display_name, flavour: connection.flavour, picture: picture.as_deref() }, Size::Small))
                            (connection.display_name)
                        }
                    }
                }
            }
            details.cal-states open[place.state.is_some()] {
                summary { (icon(Icon::Filter)) (t!(l, "calendar-states")) ": " (place.state.map_or_else(|| t!(l, "calendar-all-states"), |state| Status::Post(state).word(l))) }
                nav.row.tight aria-label=(t!(l, "calendar-states")) {
                    a.acc-chip href=(in_state(None)) aria-current=[place.state.is_none().then_some("true")] { (t!(l, "calendar-all-states")) }
                    @for state in STATES {
                        a.acc-chip href=(in_state(Some(state))) aria-current=[(place.state == Some(state)).then_some("true")] { (Status::Post(state).word(l)) }
                    }
                }
            }
            (tags_to_see(page))
            (filter(l, &page.view.labels, place.label, |label| Place { label, page: 0, ..place.clone() }.address()))
        }
    }
}

/// The tags of the files that posts show.
fn tags_to_see(page: &CalendarPage<'_>) -> Markup {
    let (l, place) = (page.frame.locale, page.place);
    let with = |tag: Option<&str>| Place { tag: tag.map(str::to_owned), page: 0, ..place.clone() }.address();
    let is_seen = |tag: &str| place.tag.as_deref().is_some_and(|seen| same(seen, tag));
    // A tag that stands beside no file any more is still named while the address asks for it.
    let gone = place.tag.as_deref().filter(|tag| !page.view.tags.iter().any(|(known, _)| same(known, tag)));
    html! {
        @if !page.view.tags.is_empty() || gone.is_some() {
            details.cal-states open[place.tag.is_some()] {
                summary { (icon(Icon::Filter)) (t!(l, "library-tag")) ": " (place.tag.clone().unwrap_or_else(|| t!(l, "calendar-any-tag"))) }
                nav.row.tight aria-label=(t!(l, "library-tags")) {
                    a.acc-chip href=(with(None)) aria-current=[place.tag.is_none().then_some("true")] { (t!(l, "calendar-any-tag")) }
                    @if let Some(tag) = gone { a.acc-chip href=(with(Some(tag))) aria-current="true" { (tag) } }
                    @for (tag, _) in page.view.tags.iter().take(TAGS_SHOWN) {
                        a.acc-chip href=(with(Some(tag))) aria-current=[is_seen(tag).then_some("true")] { (tag) }
                    }
                }
            }
        }
    }
}

/// A day with more posts than are drawn at once is turned like a book.
fn pages_of_day(page: &CalendarPage<'_>) -> Markup {
    let (l, place) = (page.frame.locale, page.place);
    let total = page.view.days.first().map_or(0, |day| day.total);
    let after = place.page.saturating_add(1);
    html! {
        @if place.span == Span::Day && total > DAY_SHOWN {
            nav.row aria-label=(t!(l, "calendar-pages")) {
                @if let Some(before) = place.page.checked_sub(1) {
                    (link_button(&Place { page: before, ..place.clone() }.address(), &Button { label: &t!(l, "calendar-page-before"), small: true, ..Button::default() }))
                }
                @if after.saturating_mul(DAY_SHOWN) < total {
                    (link_button(&Place { page: after, ..place.clone() }.address(), &Button { label: &t!(l, "calendar-page-after"), small: true, ..Button::default() }))
                }
            }
        }
    }
}

/// Drafts have no time yet.
fn drafts(page: &CalendarPage<'_>) -> Markup {
    let l = page.frame.locale;
    html! {
        @if !page.view.drafts.is_empty() {
            section.stack.tight aria-labelledby="cal-drafts" {
                h2 id="cal-drafts" { (t!(l, "calendar-drafts")) }
                ul.cal-drafts {
                    @for row in &page.view.drafts {
                        @let picture = crate::pages::queue::view::thumbnail(row);
                        li {
                            a.ev.is-draft data-flavour=(row.connection.flavour.as_str()) href=(format!("/compose/{}?account={}", row.post.group_id, row.connection.id)) {
                                (thumb(&Thumb { url: picture.as_deref(), ..Thumb::default() }))
                                span.ev-t { (title(l, row)) }
                                span.ev-who { (face(&account_face(row, None), Size::Small)) (row.connection.display_name) }
                            }
                        }
                    }
                }
            }
        }
    }
}
