//! The weeks that there are reports of, as a list. Owns its looks.

use app::reports::{WeekRow, Weeks};
use domain::id::ConnectionId;
use domain::report::Week;
use maud::{Markup, html};
use store::Connection;
use store::report::ReportLink;

use super::share;
use super::view::{accounts, address, signed, title};
use crate::ui::{Button, Frame, When, app_page, empty_state, link_button, page_head};

/// The page.
pub struct ListPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The weeks.
    pub weeks: &'a Weeks,
    /// The week that is not over yet.
    pub running: Week,
    /// The list begins with the newest week.
    pub is_newest: bool,
    /// Accounts to filter by.
    pub connections: &'a [Connection],
    /// Only this one.
    pub account: Option<ConnectionId>,
    /// Links by which others read reports.
    pub links: &'a [ReportLink],
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// `/reports`
#[must_use]
pub fn list_page(page: &ListPage<'_>) -> Markup {
    let l = page.frame.locale;
    let back = link_button("/analytics", &Button { label: &t!(l, "nav-analytics"), ..Button::default() });
    let content = html! {
        (page_head(&t!(l, "reports-title"), Some(&t!(l, "reports-lede")), Some(&back)))
        div.stack.loose {
            @if page.connections.len() > 1 { (accounts(l, "/reports", page.connections, page.account)) }
            @if page.weeks.rows.is_empty() && page.weeks.older.is_none() {
                @let queue = link_button("/queue", &Button { label: &t!(l, "nav-queue"), ..Button::default() });
                (empty_state(&t!(l, "reports-none"), &t!(l, "reports-none-more"), 2, Some(&queue)))
            } @else if page.weeks.rows.is_empty() { p.sub { (t!(l, "reports-none-here")) } }
            @else { ul.list { @for row in &page.weeks.rows { (week(page, row)) } } }
            div.row {
                @if let Some(older) = page.weeks.older {
                    (link_button(&address("/reports", page.account, Some(("newest", older.to_string()))), &Button { label: &t!(l, "reports-older"), ..Button::default() }))
                }
                @if !page.is_newest { (link_button(&address("/reports", page.account, None), &Button { label: &t!(l, "reports-newest"), ..Button::default() })) }
            }
            @if !page.links.is_empty() { (share::links(l, page.links, page.connections, page.when, "/reports#links")) }
        }
    };
    app_page(page.frame, t!(l, "reports-title"), &content)
}

fn week(page: &ListPage<'_>, row: &WeekRow) -> Markup {
    let l = page.frame.locale;
    html! {
        li.item.plain {
            span.grow {
                a.ttl href=(address(&format!("/reports/{}", row.week), page.account, None)) { (title(l, row.week)) }
                small {
                    (t!(l, "reports-posts", n = row.posts))
                    @if let Some(views) = row.views { " · " (t!(l, "reports-views", n = views, shown = signed(l, views))) }
                    @if row.days_read > 0 && row.days_read < 7 && row.week != page.running { " · " (t!(l, "report-days-read", n = row.days_read)) }
                }
            }
            @if row.week == page.running { span.pill { (t!(l, "report-running")) } }
        }
    }
}
