//! A post on the calendar: its time, picture, account and state, and the ways to another time. Owns the card and how full a day is.

use app::calendar::{Budget, CalendarDay};
use app::queue::PostRow;
use domain::post::{Delivery, PostState};
use domain::schedule::to_local;
use maud::{Markup, html};

use super::view::CalendarPage;
use crate::locale::Locale;
use crate::pages::queue::view::{is_unknown, status, thumbnail, title};
use crate::ui::account::{Face, Size, face};
use crate::ui::{Icon, Thumb, icon, thumb};

/// Whether another time can be chosen here. What is under way can be moved from its own page, which says what that stops.
#[must_use]
pub fn is_movable(row: &PostRow) -> bool {
    match row.post.state {
        PostState::Scheduled | PostState::Failed => true,
        PostState::NeedsAttention => !is_unknown(row),
        PostState::Draft | PostState::Publishing | PostState::Published | PostState::InInbox | PostState::Cancelled => {
            false
        }
    }
}

/// One card.
#[must_use]
pub fn card(page: &CalendarPage<'_>, row: &PostRow) -> Markup {
    let l = page.frame.locale;
    let (post, status, name) = (&row.post, status(row), title(l, row));
    let Some(due_at) = post.due_at else { return html! {} };
    let movable = is_movable(row);
    let local = to_local(due_at, page.zone);
    let picture = thumbnail(row);
    let account = Face { name: &row.connection.display_name, flavour: row.connection.flavour, picture: None };
    let class = match post.state {
        PostState::Failed | PostState::NeedsAttention => "ev is-bad",
        PostState::Published | PostState::InInbox => "ev is-out",
        PostState::Cancelled => "ev is-off",
        PostState::Draft | PostState::Scheduled | PostState::Publishing => "ev",
    };
    html! {
        article class=(class) id=(format!("post-{}", post.id)) data-flavour=(account.flavour.as_str())
            data-post=[movable.then_some(post.id)] data-local=[movable.then_some(local)] data-title=[movable.then_some(&name)] {
            a.ev-open href=(format!("/posts/{}", post.id)) title=(name) aria-keyshortcuts=[movable.then_some("M")] {
                (thumb(&Thumb { url: picture.as_deref(), ..Thumb::default() }))
                b { time datetime=(page.when.iso(due_at)) { (page.when.time(due_at)) } (icon(status.icon())) (face(&account, Size::Small)) }
                span.ev-t { (name) }
                span.vh { (status.word(l)) ", " (account.name) }
            }
            @if movable {
                a.ev-move href=(format!("{}&move={}#move", page.place.address(), post.id)) title=(t!(l, "calendar-move"))
                    aria-label=(t!(l, "calendar-move-what", title = name.as_str())) { (icon(Icon::Clock)) }
            }
        }
    }
}

/// The link to the posts of a day that are not drawn.
#[must_use]
pub fn more(page: &CalendarPage<'_>, day: &CalendarDay) -> Markup {
    let hidden = day.total.saturating_sub(day.rows.len());
    let href = page.place.on(day.day).seen(domain::calendar::Span::Day).address();
    html! {
        @if hidden > 0 { a.ev-more href=(href) { (t!(page.frame.locale, "calendar-more", n = hidden)) } }
    }
}

/// How full TikTok's day is, for each account.
#[must_use]
pub fn budgets(page: &CalendarPage<'_>, budgets: &[Budget]) -> Markup {
    let l = page.frame.locale;
    html! {
        @if !budgets.is_empty() {
            div.buds {
                @for budget in budgets {
                    @if let Some(connection) = page.view.connections.iter().find(|one| one.id == budget.connection) {
                        span class=(if budget.is_over() { "bud over" } else { "bud" }) data-flavour=(connection.flavour.as_str())
                            title=(words(l, budget, &connection.display_name)) {
                            (face(&Face { name: &connection.display_name, flavour: connection.flavour, picture: None }, Size::Small))
                            (glass(budget))
                            span aria-hidden="true" { (budget.used) "/" (budget.allowed) }
                            @if budget.is_over() { (icon(Icon::Alert)) }
                            span.vh { (words(l, budget, &connection.display_name)) }
                        }
                    }
                }
            }
        }
    }
}

fn words(l: Locale, budget: &Budget, name: &str) -> String {
    match budget.delivery {
        Delivery::Direct => t!(l, "calendar-budget", name = name, used = budget.used, allowed = budget.allowed),
        Delivery::Inbox => t!(l, "calendar-budget-inbox", name = name, used = budget.used, allowed = budget.allowed),
    }
}

/// A glass as wide as a letter that fills with what is used.
fn glass(budget: &Budget) -> Markup {
    let full = budget.used.min(budget.allowed).saturating_mul(16) / budget.allowed.max(1);
    html! {
        svg.bud-glass viewBox="0 0 14 18" aria-hidden="true" focusable="false" {
            rect.milk x="2" y=(17_usize.saturating_sub(full)) width="10" height=(full) {}
            path d="M1.5 1h11l-1 16h-9Z" {}
        }
    }
}
