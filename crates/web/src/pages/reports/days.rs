//! The seven days of a report as a drawing of the server: views of each day beside those of the same day of the week before. Owns geometry and words; a
//! day on which nothing was read is left open.

use app::reports::{Report, days};
use domain::metrics::Growth;
use maud::{Markup, html};

use crate::locale::Locale;
use crate::ui::when;

/// Width of one day in units of the drawing, and its height.
const DAY: u64 = 100;
const HIGH: u64 = 160;

/// The drawing, the days below it, and the figures to unfold.
pub(super) fn chart(l: Locale, report: &Report) -> Markup {
    let all = days(report);
    let views = |it: &Option<Growth>| it.and_then(|it| it.views);
    let most = all.iter().flat_map(|(_, now, before)| [views(now), views(before)]).flatten().max().unwrap_or(0).max(1);
    let high = |n: i64| u64::try_from(n.saturating_mul(152).checked_div(most).unwrap_or(0)).unwrap_or(0);
    let wide = DAY * 7;
    html! {
        figure.week-chart {
            svg.chart.bars viewBox=(format!("0 0 {wide} {HIGH}")) preserveAspectRatio="none" role="img" aria-label=(label(l, report)) {
                @for (n, (_, now, before)) in (0_u64..).zip(&all) {
                    @let x = n * DAY;
                    @if let Some(value) = views(before) { rect.past x=(x + 14) y=(HIGH - 2 - high(value)) width="30" height=(high(value) + 2) {} }
                    @match views(now) {
                        Some(value) => { rect.bar x=(x + 50) y=(HIGH - 2 - high(value)) width="36" height=(high(value) + 2) {} }
                        None => { rect.gap x=(x + 50) y="0" width="36" height=(HIGH) {} }
                    }
                }
            }
            div.week-days aria-hidden="true" { @for (day, ..) in &all { span { (when::weekday_short(l, day.weekday())) } } }
            figcaption.hint {
                span.key.bar {} (t!(l, "report-chart-this")) " " span.key.past {} (t!(l, "report-chart-before")) " " span.key.gap {} (t!(l, "analytics-not-read"))
            }
        }
        (figures(l, report))
    }
}

/// What the drawing says to whoever does not see it.
fn label(l: Locale, report: &Report) -> String {
    let read = days(report).into_iter().filter_map(|(day, now, _)| Some((day, now?.views?)));
    match read.max_by_key(|(_, views)| *views).filter(|(_, views)| *views > 0) {
        Some((day, views)) => {
            t!(l, "report-chart", day = when::day_month(l, day.date()), n = super::view::signed(l, views))
        }
        None => t!(l, "report-chart-empty"),
    }
}

fn figures(l: Locale, report: &Report) -> Markup {
    let cell = |n: Option<i64>| n.map_or_else(|| "–".to_owned(), |n| super::view::signed(l, n));
    html! {
        details.figures {
            summary { (t!(l, "analytics-table")) }
            div.scrolls tabindex="0" role="region" aria-label=(t!(l, "report-days-table")) {
                table.table {
                    thead { tr {
                        th scope="col" { (t!(l, "analytics-day")) }
                        @for name in [t!(l, "metric-views"), t!(l, "metric-likes"), t!(l, "metric-comments"), t!(l, "metric-shares"), t!(l, "report-views-before")] { th.n scope="col" { (name) } }
                    } }
                    tbody { @for (day, now, before) in days(report) {
                        @let it = now.unwrap_or_default();
                        tr {
                            th scope="row" { (when::weekday_short(l, day.weekday())) ", " (when::day_month(l, day.date())) }
                            @for n in [it.views, it.likes, it.comments, it.shares, before.and_then(|it| it.views)] { td.n { (cell(n)) } }
                        }
                    } }
                }
            }
        }
    }
}
