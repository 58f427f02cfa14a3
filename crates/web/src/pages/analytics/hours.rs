//! How posts grow after they went out, hour by hour: bars, and their figures. Owns the looks.

use app::metrics::insight::Insight;
use domain::insight::HourGrowth;
use domain::privacy::documents::day_of;
use maud::{Markup, html};

use super::AnalyticsPage;
use super::chart::{Bar, bars, table};
use super::view::signed;
use crate::ui::when;

/// Hour by hour.
pub(super) fn section(page: &AnalyticsPage<'_>, it: &Insight) -> Markup {
    let l = page.frame.locale;
    let span = |hour: usize| t!(l, "hours-span", from = hour, until = hour.saturating_add(1));
    let told = |it: &HourGrowth| it.views.map_or_else(|| t!(l, "hours-few"), |n| signed(l, n));
    let bar =
        |(n, it): (usize, &HourGrowth)| Bar { name: format!("{}: {}", span(n), told(it)), value: it.views, note: None };
    let drawn: Vec<Bar> = it.hours.iter().enumerate().map(bar).collect();
    let most = it
        .hours
        .iter()
        .enumerate()
        .filter_map(|(n, it)| Some((n, it.views?)))
        .max_by_key(|(n, views)| (*views, std::cmp::Reverse(*n)));
    let head = [t!(l, "hours-hour"), t!(l, "hours-head-views"), t!(l, "times-head-posts")];
    let row = |(n, it): (usize, &HourGrowth)| {
        let posts = when::number(l, u64::try_from(it.posts).unwrap_or(0));
        vec![span(n), it.views.map_or_else(|| "–".to_owned(), |n| signed(l, n)), posts]
    };
    let rows: Vec<Vec<String>> = it.hours.iter().enumerate().map(row).collect();
    html! {
        section.card.stack aria-labelledby="hours" {
            div.card-head {
                h2 id="hours" { (t!(l, "hours-title")) }
                @if let Some((n, views)) = most { small.muted { (t!(l, "hours-most", hour = span(n), n = signed(l, views))) } }
            }
            @match most {
                None => p.sub { (t!(l, "hours-nothing")) },
                Some((n, views)) => {
                    (bars(&t!(l, "hours-chart", hour = span(n), n = signed(l, views)), &drawn))
                    div.axis aria-hidden="true" { span { "0" } span { "12" } span { "24" } span { "36" } span { (t!(l, "hours-end")) } }
                    p.hint { (t!(l, "hours-how", n = it.hours_posts, since = when::full_date(l, day_of(it.hours_since)))) }
                    (table(&t!(l, "analytics-table"), &head, &rows))
                }
            }
        }
    }
}
