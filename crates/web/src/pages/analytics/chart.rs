//! Charts as drawings of the server: bars of days and the line of one post, each with a sentence for whoever listens and a table for whoever wants the
//! figures. Owns geometry and markup; a gap is left open, never drawn as zero.

use maud::{Markup, html};

/// Width of a drawing in its own units.
const WIDE: u64 = 640;
/// Height of a drawing in its own units.
const HIGH: u64 = 160;

/// One bar; without a value nothing was read then.
pub(super) struct Bar {
    /// What it stands for, for a pointer that rests on it.
    pub(super) name: String,
    /// How much.
    pub(super) value: Option<i64>,
    /// What somebody noted about it.
    pub(super) note: Option<String>,
}

/// Bars beside each other; the highest is as high as the drawing.
pub(super) fn bars(label: &str, bars: &[Bar]) -> Markup {
    let most = bars.iter().filter_map(|bar| bar.value).filter_map(|n| u64::try_from(n).ok()).max().unwrap_or(0).max(1);
    let many = u64::try_from(bars.len()).unwrap_or(1).max(1);
    let (step, gap) = (WIDE * 100 / many, if many > 40 { 100 } else { 500 });
    let wide = step.saturating_sub(gap).max(100);
    html! {
        svg.chart.bars viewBox=(format!("0 0 {} {}", WIDE * 100, HIGH)) preserveAspectRatio="none" role="img" aria-label=(label) {
            @for (n, bar) in (0_u64..).zip(bars) {
                @let x = n * step + gap / 2;
                @match bar.value {
                    Some(value) => {
                        @let high = u64::try_from(value).unwrap_or(0).saturating_mul(HIGH - 4) / most;
                        rect.bar x=(x) y=(HIGH - 2 - high) width=(wide) height=(high + 2) { title { (bar.name) } }
                    }
                    None => { rect.gap x=(x) y="0" width=(wide) height=(HIGH) { title { (bar.name) } } }
                }
                @if let Some(note) = &bar.note { path.note d=(format!("M{} 0V{HIGH}", x + wide / 2)) { title { (bar.name) " · " (note) } } }
            }
        }
    }
}

/// One point of a line.
pub(super) struct Dot {
    /// Where, from the left; any unit.
    pub(super) x: u64,
    /// How much.
    pub(super) y: u64,
    /// The line does not come from the point before.
    pub(super) after_gap: bool,
}

/// A line through points, broken where something is missing.
pub(super) fn line(label: &str, dots: &[Dot]) -> Markup {
    let most_x = dots.iter().map(|dot| dot.x).max().unwrap_or(0).max(1);
    let most_y = dots.iter().map(|dot| dot.y).max().unwrap_or(0).max(1);
    let place = |dot: &Dot| (dot.x.saturating_mul(WIDE) / most_x, HIGH - 4 - dot.y.saturating_mul(HIGH - 8) / most_y);
    let mut path = String::new();
    for (n, dot) in dots.iter().enumerate() {
        let (x, y) = place(dot);
        let pen = if n == 0 || dot.after_gap { 'M' } else { 'L' };
        path.push_str(&format!("{pen}{x} {y}"));
    }
    // A point between two gaps has no line to be seen by.
    let alone = |n: usize| {
        dots.get(n).is_some_and(|dot| n == 0 || dot.after_gap) && dots.get(n + 1).is_none_or(|next| next.after_gap)
    };
    html! {
        svg.chart.line viewBox=(format!("0 0 {WIDE} {HIGH}")) preserveAspectRatio="none" role="img" aria-label=(label) {
            path d=(path) {}
            @for (n, dot) in dots.iter().enumerate() {
                @if alone(n) { @let (x, y) = place(dot); path.dot d=(format!("M{x} {y}h0")) {} }
            }
        }
    }
}

/// The figures of a drawing, to unfold.
pub(super) fn table(summary: &str, head: &[String], rows: &[Vec<String>]) -> Markup {
    html! {
        details.figures {
            summary { (summary) }
            div.scrolls tabindex="0" role="region" aria-label=(summary) {
                table.table {
                    thead { tr { @for (n, cell) in head.iter().enumerate() { th scope="col" class=[(n > 0).then_some("n")] { (cell) } } } }
                    tbody {
                        @for row in rows {
                            tr {
                                @for (n, cell) in row.iter().enumerate() {
                                    @if n == 0 { th scope="row" { (cell) } } @else { td.n { (cell) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dot(x: u64, y: u64, after_gap: bool) -> Dot {
        Dot { x, y, after_gap }
    }

    #[test]
    fn a_day_without_a_reading_is_left_open_and_one_without_growth_has_a_foot() {
        let bar = |value| Bar { name: "day".to_owned(), value, note: value.is_none().then(|| "rested".to_owned()) };
        let drawn = bars("Views", &[bar(Some(100)), bar(None), bar(Some(0)), bar(Some(-3))]).0;
        assert_eq!((drawn.matches("class=\"bar\"").count(), drawn.matches("class=\"gap\"").count()), (3, 1));
        assert_eq!(drawn.matches("class=\"note\"").count(), 1, "a note stands on a day without a reading, too");
        assert!(drawn.contains("height=\"158\"") && drawn.contains("height=\"2\""), "{drawn}");
    }

    #[test]
    fn a_line_is_broken_where_something_is_missing_and_a_lonely_point_is_seen() {
        let drawn = line("Views", &[dot(0, 0, false), dot(10, 50, false), dot(50, 80, true), dot(100, 100, true)]).0;
        let path = drawn.split("d=\"").nth(1).unwrap_or_default().split('"').next().unwrap_or_default();
        assert_eq!((path.matches('M').count(), path.matches('L').count()), (3, 1), "{path}");
        assert_eq!(drawn.matches("class=\"dot\"").count(), 2);
        assert!(!line("Nothing", &[]).0.contains("NaN"));
    }
}
