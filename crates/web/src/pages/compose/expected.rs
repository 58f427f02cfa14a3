//! What a time means for a post, in words: that it has passed, that too much goes out together, a cap of TikTok's. Owns the words' order; when a post
//! can really go out is the use case's.

use app::posts::Expectation;
use domain::timetable::Cap;
use maud::{Markup, html};

use crate::locale::Locale;
use crate::pages::queue::view::next_minute;
use crate::ui::{Notice, Tone, When, notice};

/// A cap of TikTok's that a post may run into: which number it would be, and what happens then.
#[must_use]
pub fn cap_words(l: Locale, cap: Cap) -> (String, String) {
    match cap {
        Cap::DirectPosts { number, typical } => {
            (t!(l, "compose-cap-posts", n = number), t!(l, "compose-cap-posts-more", typical = typical))
        }
        Cap::Drafts { number, most } => {
            (t!(l, "compose-cap-drafts", n = number), t!(l, "compose-cap-drafts-more", most = most))
        }
    }
}

/// What a time means for the post beside its own preparations: too much at once, or a cap of TikTok's. Empty when nothing.
#[must_use]
pub fn expectation(l: Locale, when: &When, expected: &Expectation) -> Markup {
    if expected.due_at < when.now {
        // Nothing else about it matters.
        return notice(&Notice { tone: Tone::Warn, what: &t!(l, "problem-time-in-past"), ..Notice::default() });
    }
    let crowded = expected.from.map(|from| {
        let (time, from) = (when.time(expected.due_at), when.time(next_minute(from)));
        match expected.sending_minutes {
            Some(minutes) => t!(l, "compose-sending", minutes = minutes, from = from.as_str()),
            None => t!(l, "compose-crowded", n = expected.together, time = time.as_str(), from = from.as_str()),
        }
    });
    let more = match (expected.held_after_minutes, expected.sending_minutes) {
        (Some(minutes), _) => t!(l, "compose-crowded-held", minutes = minutes),
        (None, Some(_)) => t!(l, "compose-sending-more"),
        (None, None) => t!(l, "compose-crowded-more"),
    };
    let capped = expected.cap.map(|cap| cap_words(l, cap));
    html! {
        @if let Some(what) = &crowded {
            (notice(&Notice { tone: Tone::Warn, what, more: &more, ..Notice::default() }))
        }
        @if let Some((what, more)) = &capped {
            (notice(&Notice { tone: Tone::Warn, what, more, ..Notice::default() }))
        }
    }
}
