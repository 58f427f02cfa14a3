//! How reliably posts went out in the days that are shown, in a few lines; the page of punctuality has the rest. Owns the looks.

use app::history::punctuality::Reliability;
use maud::{Markup, html};

use super::AnalyticsPage;
use crate::pages::history::punctuality::{count, lateness, share};
use crate::words;

/// Reasons that are named here, the most frequent.
const REASONS: usize = 3;

/// On time, late, failed and why.
pub(super) fn section(page: &AnalyticsPage<'_>, it: &Reliability) -> Markup {
    let l = page.frame.locale;
    html! {
        section.card.stack aria-labelledby="reliable" {
            div.card-head {
                h2 id="reliable" { (t!(l, "reliable-title")) }
                @if let Some(p) = it.all.punctuality { small.muted { (t!(l, "reliable-on-time", share = share(l, p.on_time, p.posts))) } }
            }
            @match it.all.punctuality {
                Some(p) => p { (t!(l, "reliable-more", onTime = count(l, p.on_time), n = count(l, p.posts), p95 = lateness(l, p.p95_ms))) },
                None => p.sub { (t!(l, "reliable-nothing")) },
            }
            @if it.all.failed > 0 || it.all.waiting > 0 { p { (t!(l, "reliable-stopped", failed = count(l, it.all.failed), waiting = count(l, it.all.waiting))) } }
            @if !it.reasons.is_empty() {
                ul.stack.tight { @for (code, n) in it.reasons.iter().take(REASONS) { li { b { (count(l, *n)) } " × " (words::failure(l, code).what) } } }
            }
            p { a href=(page.shown.punctuality()) { (t!(l, "reliable-link")) } }
        }
    }
}
