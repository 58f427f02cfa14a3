//! Keys of a page: the list that `?` opens, which is also what the script reads, and the switch that turns them off. Owns looks only:
//! every entry is a link that works without a keyboard, and nothing is ever sent to TikTok by a single key.

use maud::{Markup, html};

use super::icon::{Icon, icon};
use crate::locale::Locale;

/// What a key does.
#[derive(Debug, Clone, Copy)]
pub enum Does {
    /// Opens a page.
    Opens(&'static str),
    /// Puts the focus on an element, by its selector.
    Focuses(&'static str),
    /// Presses what the selector finds, when the page has it.
    Presses(&'static str),
    /// Goes to the next of what the selector finds.
    Next(&'static str),
    /// Goes to the one before.
    Previous(&'static str),
}

/// A key with its words.
#[derive(Debug)]
pub struct Key {
    /// One character.
    pub key: &'static str,
    /// What it is for.
    pub words: String,
    /// What happens.
    pub does: Does,
}

/// Keys of every page that has any.
fn everywhere(l: Locale) -> [Key; 6] {
    let opens = |key, words, path| Key { key, words, does: Does::Opens(path) };
    [
        opens("n", t!(l, "nav-new-post"), "/compose"),
        opens("q", t!(l, "nav-queue"), "/queue"),
        opens("c", t!(l, "nav-calendar"), "/calendar"),
        opens("d", t!(l, "nav-board"), "/board"),
        opens("b", t!(l, "nav-bulk"), "/bulk"),
        opens("l", t!(l, "nav-library"), "/library"),
    ]
}

/// The button and the list; the script shows the button, for without one no key does anything.
#[must_use]
pub fn shortcuts(l: Locale, own: &[Key]) -> Markup {
    html! {
        p.keys-open hidden data-keys-open="" { button.btn.ghost.small type="button" data-opens="keys" { (icon(Icon::Info)) span { (t!(l, "keys-title")) } } }
        dialog.sheet.keys id="keys" aria-labelledby="keys-title" {
            h2 id="keys-title" { (t!(l, "keys-title")) }
            ul.stack.tight {
                @for it in own.iter().chain(&everywhere(l)) { li.row.spread { (entry(it)) kbd { (it.key) } } }
                li.row.spread { span { (t!(l, "keys-list")) } kbd { "?" } }
            }
            label.check for="keys-on" {
                input id="keys-on" type="checkbox" checked data-keys-on="";
                span { (t!(l, "keys-on")) }
                small { (t!(l, "keys-on-note")) }
            }
            div.actions { button.btn type="button" data-closes="" { (t!(l, "keys-close")) } }
        }
    }
}

fn entry(it: &Key) -> Markup {
    let (does, what) = match it.does {
        Does::Opens(path) => return html! { a href=(path) data-key=(it.key) { (it.words) } },
        Does::Focuses(what) => ("focus", what),
        Does::Presses(what) => ("press", what),
        Does::Next(what) => ("next", what),
        Does::Previous(what) => ("previous", what),
    };
    html! { span data-key=(it.key) data-does=(does) data-what=(what) { (it.words) } }
}
