//! What the program says to a person: notices, toasts, empty states, and TikTok's codes to copy. Must not invent the words.

use maud::{Markup, html};

use super::icon::{Icon, icon};
use crate::locale::Locale;

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Tone {
    /// A remark.
    #[default]
    Info,
    /// Something went well.
    Good,
    /// Something will go wrong unless a person acts.
    Warn,
    /// Something went wrong.
    Bad,
    /// Nobody can know; a person has to look. Belongs to "outcome unknown" alone.
    Ask,
}

/// A coloured strip with a sentence and perhaps actions.
#[derive(Debug, Clone, Default)]
pub struct Notice<'a> {
    /// Colour and drawing.
    pub tone: Tone,
    /// What happened, in bold.
    pub what: &'a str,
    /// Why and what to do.
    pub more: &'a str,
    /// Buttons.
    pub actions: Option<Markup>,
    /// Announced at once; for answers to what the person just did.
    pub urgent: bool,
}

/// Draws a notice.
#[must_use]
pub fn notice(n: &Notice<'_>) -> Markup {
    let (class, symbol) = match n.tone {
        Tone::Info => ("banner", Icon::Info),
        Tone::Good => ("banner good", Icon::Check),
        Tone::Warn => ("banner warn", Icon::Alert),
        Tone::Bad => ("banner bad", Icon::DropFailed),
        Tone::Ask => ("banner ask", Icon::DropUnknown),
    };
    html! {
        div class=(class) role=[n.urgent.then_some("alert")] {
            (icon(symbol))
            p.grow { b { (n.what) } @if !n.more.is_empty() { " " (n.more) } }
            @if let Some(actions) = &n.actions { span.actions { (actions) } }
        }
    }
}

/// The corner where short sentences appear, and the one that greets this page, if any. Once per document.
#[must_use]
pub fn toasts(l: Locale, flash: Option<&str>) -> Markup {
    html! {
        div.toasts id="toasts" role="status" aria-live="polite" data-lost=(t!(l, "not-sent")) {
            @if let Some(flash) = flash { span.toast { (flash) } }
        }
    }
}

/// A labelled code with a button that copies it: TikTok's error code, `log_id`, an id.
#[must_use]
pub fn copy_code(l: Locale, label: &str, code: &str) -> Markup {
    html! {
        div.code {
            span.k { (label) }
            code { (code) }
            button.btn.ghost.small.icon type="button" data-copy=(code) data-said=(t!(l, "copied"))
                aria-label=(t!(l, "copy-what", what = label)) title=(t!(l, "verb-copy")) { (icon(Icon::Copy)) }
        }
    }
}

/// Nothing here yet: a drawing, what it means, and the one thing to do. `level` is 2 or 3, the level of its heading.
#[must_use]
pub fn empty_state(title: &str, text: &str, level: u8, action: Option<&Markup>) -> Markup {
    html! {
        div.empty {
            (carton())
            @if level == 2 { h2 { (title) } } @else { h3 { (title) } }
            p { (text) }
            @if let Some(action) = action { (action) }
        }
    }
}

/// A milk carton on a shelf.
fn carton() -> Markup {
    html! {
        svg.art viewBox="0 0 144 120" aria-hidden="true" focusable="false" {
            path d="M8 104h128" stroke="var(--edge)" stroke-width="4" stroke-linecap="round" {}
            path d="M46 46h52v56H46Z" fill="var(--milk)" stroke="var(--ink)" stroke-width="3" stroke-linejoin="round" {}
            path d="M46 46 58 24h28l12 22Z" fill="var(--accent-tint)" stroke="var(--ink)" stroke-width="3" stroke-linejoin="round" {}
            path d="M58 24v-9h28v9" fill="var(--accent)" stroke="var(--ink)" stroke-width="3" stroke-linejoin="round" {}
            path d="M72 56c6.500 8 10.500 13 10.500 19a10.500 10.500 0 0 1-21 0c0-6 4-11 10.500-19Z" fill="var(--accent)" {}
            path d="M66.500 77a6 6 0 0 0 4 5" fill="none" stroke="var(--on-accent)" stroke-width="2.400" stroke-linecap="round" {}
        }
    }
}
