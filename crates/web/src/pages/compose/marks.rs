//! Hashtags and mentions of a caption: how they show in the preview, how many there are, and the button that copies the caption.
//! The script keeps all of it true while somebody types.

use domain::caption::{Stretch, stretches};
use maud::{Markup, html};

use crate::locale::Locale;

/// The caption with its hashtags and mentions marked.
#[must_use]
pub fn marked(caption: &str) -> Markup {
    html! {
        @for stretch in stretches(caption) {
            @match stretch {
                Stretch::Words(words) => (words),
                Stretch::Hashtag(tag) | Stretch::Mention(tag) => { em.tagged { (tag) } }
            }
        }
    }
}

/// Below the caption: how many hashtags and mentions, where emoji come from, and a copy for the TikTok app.
pub(super) fn below(l: Locale, caption: &str) -> Markup {
    let all = stretches(caption);
    let hashtags = all.iter().filter(|one| matches!(one, Stretch::Hashtag(_))).count();
    let mentions = all.iter().filter(|one| matches!(one, Stretch::Mention(_))).count();
    html! {
        div.row.spread.caption-more {
            span.hint.tnum {
                (t!(l, "compose-hashtags")) " " b data-count-hashtags="" { (hashtags) } " · "
                (t!(l, "compose-mentions")) " " b data-count-mentions="" { (mentions) }
                span.only-mouse { " · " (t!(l, "compose-emoji")) }
            }
            (copy(l, Err("caption")))
        }
    }
}

/// A button that copies a caption: the given one, or what stands in a field.
pub fn copy(l: Locale, what: Result<&str, &str>) -> Markup {
    html! {
        button.btn.ghost.small type="button" data-copy=[what.ok()] data-copy-from=[what.err()] data-said=(t!(l, "compose-copied")) { (t!(l, "compose-copy")) }
    }
}
