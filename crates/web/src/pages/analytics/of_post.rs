//! The section of a post's page that says how it does. Owns its looks.

use app::metrics::shown::{Point, PostShown};
use domain::metrics::{Counters, WatchState};
use domain::post::PostState;
use maud::{Markup, html};
use store::Post;

use super::chart::{Dot, line, table};
use super::view::cells;
use crate::locale::Locale;
use crate::ui::{When, when};

/// Rows of the table at most; the chart has every reading.
const ROWS: usize = 100;

/// How one post does; nothing for a post that is not out, or of an account of which nothing is read.
#[must_use]
pub fn section(l: Locale, post: &Post, shown: &PostShown, when: &When) -> Markup {
    if post.state != PostState::Published || !shown.is_allowed {
        return Markup::default();
    }
    let is_gone = !shown.watches.is_empty() && shown.watches.iter().all(|it| it.state == WatchState::Unavailable);
    html! {
        section.card.stack aria-labelledby="numbers" {
            h2 id="numbers" { (t!(l, "post-numbers")) }
            @if post.tiktok_ids.is_empty() { p.sub { (t!(l, "post-numbers-no-id")) } }
            @else if let Some(read_at) = shown.watches.iter().filter_map(|it| it.read_at).max() {
                @let known = shown.watches.iter().map(|it| it.counters).reduce(together).unwrap_or_default();
                dl.facts.numbers {
                    @for (name, cell) in [t!(l, "metric-views"), t!(l, "metric-likes"), t!(l, "metric-comments"), t!(l, "metric-shares")].into_iter().zip(cells(l, known)) {
                        dt { (name) } dd { b { (cell) } }
                    }
                    dt { (t!(l, "analytics-read-at")) } dd { (when.moment_element(read_at)) }
                }
                @if is_gone { p.hint { (t!(l, "post-numbers-unavailable")) } }
                (chart(l, &shown.points, when))
            }
            @else if is_gone { p.sub { (t!(l, "post-numbers-unavailable")) } }
            @else { p.sub { (t!(l, "post-numbers-not-yet")) } }
        }
    }
}

/// What is told of every id of a post; what one of them does not tell is not known of the post.
fn together(a: Counters, b: Counters) -> Counters {
    let sum = |a: Option<i64>, b: Option<i64>| a.zip(b).map(|(a, b)| a.saturating_add(b));
    Counters {
        views: sum(a.views, b.views),
        likes: sum(a.likes, b.likes),
        comments: sum(a.comments, b.comments),
        shares: sum(a.shares, b.shares),
    }
}

fn chart(l: Locale, points: &[Point], when: &When) -> Markup {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Markup::default() };
    if points.len() < 2 {
        return Markup::default();
    }
    let mut dots: Vec<Dot> = Vec::new();
    let mut is_cut = false;
    for point in points {
        let place = point.counters.views.and_then(|n| u64::try_from(n).ok());
        let place = place.zip(u64::try_from(point.at.millis_since(first.at) / 1_000).ok());
        is_cut |= point.after_gap;
        // A reading that told no views is a gap as well: no line is drawn through it.
        let Some((y, x)) = place else {
            is_cut = true;
            continue;
        };
        dots.push(Dot { x, y, after_gap: is_cut });
        is_cut = false;
    }
    let most = dots.iter().map(|dot| dot.y).max().unwrap_or(0);
    let (from, until) = (when.moment(first.at), when.moment(last.at));
    let label = t!(l, "post-numbers-chart", from = from.as_str(), until = until.as_str(), n = when::number(l, most));
    let head = [
        t!(l, "analytics-read-at"),
        t!(l, "metric-views"),
        t!(l, "metric-likes"),
        t!(l, "metric-comments"),
        t!(l, "metric-shares"),
    ];
    let row =
        |point: &Point| std::iter::once(when.moment(point.at)).chain(cells(l, point.counters)).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = points.iter().rev().take(ROWS).map(row).collect();
    html! {
        (line(&label, &dots))
        div.axis aria-hidden="true" { span { (from) } span { (until) } }
        (table(&t!(l, "analytics-table"), &head, &rows))
    }
}
