//! Anything that fills or runs out: the glass and the bar. Geometry is computed here because pages carry no inline style.

use maud::{Markup, html};

/// Size of a glass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum GlassSize {
    /// 36 px wide.
    Small,
    /// 56 px wide.
    #[default]
    Medium,
    /// 104 px wide.
    Large,
}

const RIM: &str = "M5 3h38l-3.8 46a6 6 0 0 1-6 5.5H14.8a6 6 0 0 1-6-5.5Z";

/// A glass filled to `percent` (more than 100 is full and warm). `label` says the amount in words, `id` is unique on the page.
#[must_use]
pub fn glass(id: &str, percent: u8, label: &str, size: GlassSize) -> Markup {
    let level = f32::from(percent.min(100));
    // the milk's surface: 52.5 at the bottom of the glass, 8 just below the rim
    let top = 52.5 - level * 0.445;
    let class = match (size, percent > 100) {
        (GlassSize::Small, false) => "glass s",
        (GlassSize::Medium, false) => "glass",
        (GlassSize::Large, false) => "glass l",
        (GlassSize::Small, true) => "glass s over",
        (GlassSize::Medium, true) => "glass over",
        (GlassSize::Large, true) => "glass l over",
    };
    let wave = format!("M-12 {top:.1}q6-2.5 12 0t12 0t12 0t12 0t12 0t12 0");
    html! {
        svg class=(class) viewBox="0 0 48 58" role="img" aria-label=(label) {
            clipPath id=(id) { path d=(RIM) {} }
            g clip-path=(format!("url(#{id})")) {
                rect.g-back width="48" height="58" {}
                @if percent > 0 {
                    g.g-milk {
                        path d=(format!("{wave}V60H-12Z")) {}
                        path.g-line d=(wave) {}
                    }
                    path.g-shade d=(format!("M33 {top:.1}H48V58H30.5Z")) {}
                }
            }
            path.g-tick d="M36.6 41h-5M36.2 30h-5M35.8 19h-5" {}
            path.g-rim d=(RIM) {}
            path.g-hi d="M12.5 12l2 26" {}
        }
    }
}

/// How a bar is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Progress {
    /// Filling.
    #[default]
    Running,
    /// Waiting for the network or for a person.
    Paused,
    /// Full.
    Done,
}

/// A bar from 0 to `max` with its words for screen readers.
#[must_use]
pub fn progress_bar(id: &str, value: u64, max: u64, label: &str, state: Progress) -> Markup {
    let class = match state {
        Progress::Running => None,
        Progress::Paused => Some("paused"),
        Progress::Done => Some("done"),
    };
    html! { progress id=(id) class=[class] value=(value.min(max)) max=(max.max(1)) aria-label=(label) { (label) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_glass_holds_no_milk_and_a_full_one_reaches_the_rim() {
        assert!(!glass("g", 0, "0%", GlassSize::Medium).0.contains("g-milk"));
        assert!(glass("g", 100, "100%", GlassSize::Medium).0.contains("M-12 8.0q"));
        assert_eq!(
            glass("g", 100, "x", GlassSize::Medium).0.replace(" over", ""),
            glass("g", 250, "x", GlassSize::Medium).0.replace(" over", "")
        );
    }
}
