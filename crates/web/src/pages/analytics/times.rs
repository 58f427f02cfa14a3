//! When posts do well: the table of weekdays and hours, the times that it speaks for, and the button that makes one a slot. Owns their looks and the route
//! of the button; what counts as better is decided elsewhere.

use app::metrics::insight::{Insight, Suggested, TIMES_DAYS};
use app::{Error, metrics};
use axum::Form;
use axum::extract::{Path, State};
use axum::response::Response;
use domain::id::ConnectionId;
use domain::insight::{BLOCK_HOURS, Cell, FEW, USUAL_FEW};
use domain::privacy::documents::day_of;
use domain::rhythm::Slot;
use maud::{Markup, html};
use serde::Deserialize;

use super::AnalyticsPage;
use super::chart::table;
use super::view::signed;
use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, Icon, Kind, button, icon, when};

/// From how many percent of what is usual on a cell has which shade, the palest first.
const SHADES: [i64; 5] = [0, 70, 90, 111, 150];
const BLOCK: i8 = 2;

/// The table and what it speaks for.
pub(super) fn section(page: &AnalyticsPage<'_>, it: &Insight) -> Markup {
    let l = page.frame.locale;
    let date = when::full_date(l, day_of(it.since));
    html! {
        section.card.stack aria-labelledby="times" {
            h2 id="times" { (t!(l, "times-title")) }
            @if it.table.posts == 0 {
                p.sub { (t!(l, "times-nothing")) }
                (left_out(l, it))
            } @else {
                p.sub { (t!(l, "times-lede", n = it.table.posts, since = date.as_str(), zone = page.when.zone_label(page.when.now))) }
                (heat(l, it))
                (legend(l, it.accounts == 1))
                (left_out(l, it))
                @if it.is_cut { p.hint { (t!(l, "times-cut", n = when::number(l, u64::from(metrics::insight::POSTS_MAX)))) } }
                (figures(l, it))
                h3 { (t!(l, "times-suggested")) }
                @if it.suggested.is_empty() { p.sub { (t!(l, "times-none")) } }
                @else { ul.suggested.plain { @for one in &it.suggested { (suggestion(page, one)) } } }
                p.hint { (t!(l, "times-how")) }
            }
        }
    }
}

fn left_out(l: Locale, it: &Insight) -> Markup {
    html! {
        @if it.table.left_out > 0 { p.hint { (t!(l, "times-left-out", n = it.table.left_out)) } }
        @if it.young > 0 { p.hint { (t!(l, "times-young", n = it.young)) } }
    }
}

/// The hours of a block, `18–20`.
fn hours(from: usize) -> String {
    format!("{from}–{}", from.saturating_add(BLOCK_HOURS))
}

fn shade(percent: i64) -> usize {
    SHADES.iter().rposition(|from| percent >= *from).unwrap_or(0)
}

fn heat(l: Locale, it: &Insight) -> Markup {
    let is_best = |day: i8, from: usize| {
        let block = |it: &Suggested| usize::try_from(it.it.from_hour).unwrap_or(0) == from;
        // A time that is better for one account stands in a table of that account alone.
        it.accounts == 1 && it.suggested.iter().any(|it| it.it.slot.weekday() == day && block(it))
    };
    html! {
        div.scrolls tabindex="0" role="region" aria-label=(t!(l, "times-table")) {
            table.heat {
                caption.vh { (t!(l, "times-table-more")) }
                thead { tr {
                    td {}
                    @for from in (0..24).step_by(BLOCK_HOURS) { th scope="col" { (from) span.vh { "–" (from + BLOCK_HOURS) } } }
                } }
                tbody {
                    @for (day, cells) in it.table.days() {
                        tr {
                            th scope="row" { span aria-hidden="true" { (when::weekday_short(l, day)) } span.vh { (when::weekday(l, day)) } }
                            @for (n, cell) in cells.iter().enumerate() { (heat_cell(l, cell, is_best(day, n * BLOCK_HOURS))) }
                        }
                    }
                }
            }
        }
    }
}

fn heat_cell(l: Locale, cell: &Cell, is_best: bool) -> Markup {
    html! {
        @match cell.percent {
            Some(percent) => td data-h=(shade(percent)) {
                @if is_best { span.star aria-hidden="true" { "★" } }
                (when::number(l, u64::try_from(percent).unwrap_or(0)))
                span.vh { "% · " (t!(l, "times-posts", n = cell.posts)) @if is_best { " · " (t!(l, "times-better")) } }
            },
            None if cell.posts == 0 => td { span.vh { (t!(l, "times-no-post")) } },
            None => td.few { span.vh { (t!(l, "times-few", n = cell.posts)) } },
        }
    }
}

fn legend(l: Locale, is_of_one: bool) -> Markup {
    let until = |n: usize| SHADES.get(n + 1).map(|next| next - 1);
    html! {
        p.heat-legend {
            span.muted { (t!(l, "times-legend")) }
            @for (n, from) in SHADES.iter().enumerate() {
                span { i data-h=(n) aria-hidden="true" {} @match until(n) { Some(until) => { (from) "–" (until) } None => { (t!(l, "times-and-more", n = *from)) } } }
            }
            span { i.few aria-hidden="true" {} (t!(l, "times-legend-few", n = FEW, usual = USUAL_FEW)) }
            @if is_of_one { span { span.star aria-hidden="true" { "★" } " " (t!(l, "times-better")) } }
        }
    }
}

/// Every cell with posts as a row.
fn figures(l: Locale, it: &Insight) -> Markup {
    let head = [t!(l, "times-when"), t!(l, "times-head-posts"), t!(l, "times-head-views"), t!(l, "times-head-percent")];
    let number = |n: Option<i64>| n.map_or_else(|| "–".to_owned(), |n| signed(l, n));
    let row = |day: i8, n: usize, cell: &Cell| {
        let posts = when::number(l, u64::try_from(cell.posts).unwrap_or(0));
        let name = format!("{}, {}", when::weekday(l, day), hours(n * BLOCK_HOURS));
        vec![name, posts, number(cell.views), number(cell.percent)]
    };
    let rows: Vec<Vec<String>> = it
        .table
        .days()
        .flat_map(|(day, cells)| cells.iter().enumerate().map(move |(n, cell)| (day, n, cell)))
        .filter(|(_, _, cell)| cell.posts > 0)
        .map(|(day, n, cell)| row(day, n, cell))
        .collect();
    table(&t!(l, "analytics-table"), &head, &rows)
}

/// The name of a time of the week: `Thursday, 18:30`.
fn name(l: Locale, slot: Slot) -> String {
    format!("{}, {}", when::weekday(l, slot.weekday()), slot.clock())
}

/// `on Thursdays`.
fn on_days(l: Locale, weekday: i8) -> String {
    match weekday {
        1 => t!(l, "times-on-1"),
        2 => t!(l, "times-on-2"),
        3 => t!(l, "times-on-3"),
        4 => t!(l, "times-on-4"),
        5 => t!(l, "times-on-5"),
        6 => t!(l, "times-on-6"),
        _ => t!(l, "times-on-7"),
    }
}

fn suggestion(page: &AnalyticsPage<'_>, one: &Suggested) -> Markup {
    let (l, it) = (page.frame.locale, &one.it);
    let account = page.numbers.accounts.iter().find(|has| has.connection.id == it.account).map(|has| &has.connection);
    let evidence = t!(
        l,
        "times-evidence",
        n = it.posts,
        days = on_days(l, it.slot.weekday()),
        from = format!("{}:00", it.from_hour),
        until = format!("{}:00", it.from_hour.saturating_add(BLOCK)),
        views = signed(l, it.views),
        others = it.others,
        otherViews = signed(l, it.others_views)
    );
    let week = format!("/connections/{}/rhythm", it.account);
    html! {
        li.stack.tight {
            h4 { span.star aria-hidden="true" { "★" } " " (name(l, it.slot)) @if let Some(account) = account { " · " (account.display_name) } }
            p { (evidence) }
            div.row.tight {
                @match one.there {
                    None => { (press(page, it.account, it.slot, true)) }
                    Some(slot) if slot == it.slot => {
                        span.said { (icon(Icon::Check)) (t!(l, "times-is-slot")) }
                        (press(page, it.account, slot, false))
                    }
                    Some(slot) => { span.said { (icon(Icon::Check)) (t!(l, "times-near-slot", slot = name(l, slot))) } (press(page, it.account, it.slot, true)) }
                }
                a href=(week) { (t!(l, "times-week")) }
            }
        }
    }
}

fn press(page: &AnalyticsPage<'_>, account: ConnectionId, slot: Slot, is_in: bool) -> Markup {
    let l = page.frame.locale;
    let name = name(l, slot);
    let (label, kind) = if is_in {
        (t!(l, "times-add", slot = name.as_str()), Kind::Primary)
    } else {
        (t!(l, "times-remove", slot = name.as_str()), Kind::Ghost)
    };
    html! {
        form method="post" action=(format!("/connections/{account}/slot")) {
            input type="hidden" name="slot" value=(slot);
            input type="hidden" name="next" value=(page.shown.address());
            (button(&Button { label: &label, kind, sends: Some(("wish", if is_in { "add" } else { "remove" })), ..Button::default() }))
        }
    }
}

/// What the button sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct SlotForm {
    slot: String,
    wish: String,
    /// The query of the address that it was pressed on.
    next: String,
}

/// `POST /connections/{id}/slot`: a slot comes into the week of an account, or leaves it.
///
/// # Errors
/// For a foreign connection, a text that is no slot, and a week that is full.
pub async fn set(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
    Form(form): Form<SlotForm>,
) -> Result<Response, WebError> {
    state.app.connection(&me.actor, id).await?;
    let slot: Slot = form.slot.parse().map_err(|_| Error::BadInput { code: "no-such-slot" })?;
    let is_in = form.wish != "remove";
    let changed = state.app.slot_set(&me.actor, id, slot, is_in).await?;
    let said = match (is_in, changed) {
        (true, true) => "slot-added",
        (true, false) => "slot-was-there",
        (false, true) => "slot-removed",
        (false, false) => "slot-was-gone",
    };
    Ok(me.flash(&format!("/analytics?{}#times", form.next), said))
}

/// Named in words on the page.
const _: () = assert!(TIMES_DAYS == 365);
