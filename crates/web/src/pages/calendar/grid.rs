//! The days themselves: a month of boxes, a week or a day of hours, a list of what comes. Owns where a card stands; days of 23 and 25
//! hours show the hour that is skipped and the one that comes twice.

use app::calendar::CalendarDay;
use app::queue::PostRow;
use domain::calendar::{Change, Day, Hour, Span, hours};
use domain::schedule::{LocalTime, to_local};
use maud::{Markup, html};

use super::card::{budgets, card, more};
use super::view::CalendarPage;
use crate::locale::Locale;
use crate::ui::when;
use crate::ui::{Icon, icon};

/// The hour that an empty day is proposed for.
const NOON: i8 = 12;

/// Everything between the head and the drafts.
#[must_use]
pub fn days(page: &CalendarPage<'_>) -> Markup {
    match page.place.span {
        Span::Month => month(page),
        Span::Week | Span::Day => by_hours(page),
        Span::Agenda => agenda(page),
    }
}

/// Whether the day lies behind, is today, or comes.
fn class(page: &CalendarPage<'_>, day: &CalendarDay, more: &str) -> String {
    let now = page.view.now;
    let when = if day.until <= now {
        " past"
    } else if day.from <= now {
        " today"
    } else {
        ""
    };
    format!("day{when}{more}")
}

/// Marks today.
fn current(page: &CalendarPage<'_>, day: &CalendarDay) -> Option<&'static str> {
    (day.from..day.until).contains(&page.view.now).then_some("date")
}

/// The name of a day, its number for the eye, the way to its page and to a new post on it.
fn day_head(page: &CalendarPage<'_>, day: &CalendarDay) -> Markup {
    let l = page.frame.locale;
    let id = format!("day-{}", day.day);
    let whole = page.place.on(day.day).seen(Span::Day).address();
    html! {
        header {
            h2 id=(id) {
                a href=(whole) aria-current=[current(page, day)] {
                    span.num aria-hidden="true" { (day.day.number()) }
                    span.wd aria-hidden="true" { (when::weekday_short(l, day.day.weekday())) }
                    span.vh { (page.when.heading(day.from)) }
                }
            }
            @if let Some(at) = proposal(page, day) { (add(page, at, true)) }
            (jumps(page, day))
            @if page.place.span != Span::Month || page.place.account.is_some() { (budgets(page, &day.budgets)) }
        }
    }
}

/// Said where a day is not 24 hours long.
fn jumps(page: &CalendarPage<'_>, day: &CalendarDay) -> Markup {
    let l = page.frame.locale;
    let jump = day.day.jump_ms(page.zone);
    let hours = jump.saturating_add(86_400_000) / 3_600_000;
    html! {
        @if jump < 0 { small.jump { (t!(l, "calendar-clock-forward", hours = hours)) } }
        @if jump > 0 { small.jump { (t!(l, "calendar-clock-back", hours = hours)) } }
    }
}

/// The time that a new post on this day begins with: noon, or the next hour of a day that runs.
fn proposal(page: &CalendarPage<'_>, day: &CalendarDay) -> Option<LocalTime> {
    if day.until <= page.view.now {
        return None;
    }
    let noon = day.day.at(NOON, 0);
    let past = page.view.now > day.from && page.when.clock(page.view.now).hours.parse::<i8>().unwrap_or(0) >= NOON;
    if !past {
        return Some(noon);
    }
    let next = page.when.clock(page.view.now).hours.parse::<i8>().unwrap_or(0).saturating_add(1);
    (next < 24).then(|| day.day.at(next, 0))
}

/// A new post at a time. Those of single hours are for the pointer: each day has one for the keyboard.
fn add(page: &CalendarPage<'_>, at: LocalTime, for_keyboard: bool) -> Markup {
    let text = at.to_string();
    let time = text.split_once('T').map_or("", |(_, time)| time);
    let words = t!(page.frame.locale, "calendar-new-at", time = time);
    html! {
        a.cal-add href=(format!("/compose?at={at}")) title=(words) aria-label=(words) tabindex=[(!for_keyboard).then_some("-1")] { (icon(Icon::Plus)) }
    }
}

fn month(page: &CalendarPage<'_>) -> Markup {
    let l = page.frame.locale;
    let own = page.place.day.month();
    html! {
        div.cal.month {
            @for weekday in 1..=7 { div.wk aria-hidden="true" { (when::weekday_short(l, weekday)) } }
            @for day in &page.view.days {
                section class=(class(page, day, if day.day.month() == own { "" } else { " other" }))
                    aria-labelledby=(format!("day-{}", day.day)) data-day=(day.day) {
                    (day_head(page, day))
                    @for row in &day.rows { (card(page, row)) }
                    (more(page, day))
                }
            }
        }
    }
}

fn by_hours(page: &CalendarPage<'_>) -> Markup {
    let kind = if page.place.span == Span::Day { "cal hours one" } else { "cal hours" };
    html! {
        div class=(kind) {
            div.scale aria-hidden="true" {
                span {}
                @for hour in 0..24 { span { (format!("{hour:02}:00")) } }
            }
            @for day in &page.view.days { (day_of_hours(page, day)) }
        }
    }
}

fn day_of_hours(page: &CalendarPage<'_>, day: &CalendarDay) -> Markup {
    let all = hours(day.day, page.zone);
    html! {
        section class=(class(page, day, "")) aria-labelledby=(format!("day-{}", day.day)) {
            (day_head(page, day))
            @for hour in 0..24 {
                @let mut stretches = all.iter().filter(|one| one.hour == hour);
                @if let Some(first) = stretches.next() {
                    (cell(page, day, first, &html! { @for again in stretches { (cell(page, day, again, &html! {})) } }))
                }
            }
            (more(page, day))
        }
    }
}

/// A stretch of one hour with what stands in it; `again` is the same hour when the clock shows it once more.
fn cell(page: &CalendarPage<'_>, day: &CalendarDay, hour: &Hour, again: &Markup) -> Markup {
    let (l, now) = (page.frame.locale, page.view.now);
    let rows: Vec<&PostRow> =
        day.rows.iter().filter(|row| row.post.due_at.is_some_and(|at| (hour.from..hour.until).contains(&at))).collect();
    let text = hour.local.to_string();
    let time = text.split_once('T').map_or("", |(_, time)| time);
    let class = match (hour.change, hour.until <= now, hour.from <= now) {
        (Change::Skipped, _, _) => "cell skipped",
        (Change::Again, _, _) => "cell again",
        (Change::None | Change::Shortened, true, _) => "cell past",
        (Change::None | Change::Shortened, false, true) => "cell now",
        (Change::None | Change::Shortened, false, false) => "cell",
    };
    let exists = hour.change != Change::Skipped;
    html! {
        div class=(class) data-at=[exists.then_some(hour.local)] data-again=[(hour.change == Change::Again).then_some("")] {
            @match hour.change {
                Change::None => {}
                Change::Skipped => { small.jump { (t!(l, "calendar-skipped", time = time)) } }
                Change::Shortened => { small.jump { (t!(l, "calendar-shortened", time = time)) } }
                Change::Again => { small.jump { (t!(l, "calendar-again", time = time)) } }
            }
            @for row in rows { (card(page, row)) }
            @if exists { (free_slots(page, day, hour)) }
            @if exists && hour.until > now { (add(page, hour.local, false)) }
            (again)
        }
    }
}

/// Slots of this hour that are still free, faintly: each begins a post with its time.
fn free_slots(page: &CalendarPage<'_>, day: &CalendarDay, hour: &Hour) -> Markup {
    let l = page.frame.locale;
    html! {
        @for (id, at) in day.slots.iter().filter(|(_, at)| (hour.from..hour.until).contains(at)) {
            @if let Some(connection) = page.view.connections.iter().find(|it| it.id == *id) {
                a.cal-slot data-flavour=(connection.flavour.as_str()) href=(format!("/compose?at={}&connection={}", to_local(*at, page.zone), connection.id))
                    aria-label=(t!(l, "calendar-free-slot", time = page.when.time(*at), name = connection.display_name.as_str())) {
                    (page.when.time(*at))
                }
            }
        }
    }
}

fn agenda(page: &CalendarPage<'_>) -> Markup {
    let l = page.frame.locale;
    let is_empty = page.view.days.iter().all(|day| day.total == 0);
    html! {
        div.cal.agenda {
            @if is_empty { p.card.sub { (t!(l, "calendar-nothing")) } }
            @for day in page.view.days.iter().filter(|day| day.total > 0) {
                section class=(class(page, day, "")) aria-labelledby=(format!("day-{}", day.day)) data-day=(day.day) {
                    header {
                        h2 id=(format!("day-{}", day.day)) { a href=(page.place.on(day.day).seen(Span::Day).address()) aria-current=[current(page, day)] { (page.when.heading(day.from)) } }
                        @if let Some(at) = proposal(page, day) { (add(page, at, true)) }
                        (jumps(page, day))
                        (budgets(page, &day.budgets))
                    }
                    @for row in &day.rows { (card(page, row)) }
                    (more(page, day))
                }
            }
        }
    }
}

/// `November 2026`: the name of a month that stands alone.
#[must_use]
pub fn month_title(l: Locale, day: Day) -> String {
    let name = match day.month() {
        1 => t!(l, "month-alone-1"),
        2 => t!(l, "month-alone-2"),
        3 => t!(l, "month-alone-3"),
        4 => t!(l, "month-alone-4"),
        5 => t!(l, "month-alone-5"),
        6 => t!(l, "month-alone-6"),
        7 => t!(l, "month-alone-7"),
        8 => t!(l, "month-alone-8"),
        9 => t!(l, "month-alone-9"),
        10 => t!(l, "month-alone-10"),
        11 => t!(l, "month-alone-11"),
        _ => t!(l, "month-alone-12"),
    };
    t!(l, "calendar-month", month = name, year = day.date().year().to_string())
}
