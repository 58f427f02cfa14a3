//! Surfaces: cards, dialogs, menus, tabs. All are native elements, so they work before any script arrives.

use maud::{Markup, html};

use super::{
    button::{Button, Kind, button},
    icon::{Icon, icon},
};
use crate::locale::Locale;

/// A white card with a heading (level 2) and perhaps something at the end of its first line.
#[must_use]
pub fn card(title: &str, aside: Option<&Markup>, content: &Markup) -> Markup {
    html! {
        section.card {
            div.card-head { h2 { (title) } @if let Some(aside) = aside { (aside) } }
            (content)
        }
    }
}

/// A dialog that asks before something is done. Opened by any button or link with `opens: Some(id)`; without a script the
/// link's own address must lead to a page with the same question. `confirm` is submitted to `action` by POST.
#[must_use]
pub fn dialog(l: Locale, id: &str, title: &str, text: &str, action: &str, confirm: &Button<'_>) -> Markup {
    let keep = t!(l, "verb-keep");
    html! {
        dialog.sheet id=(id) aria-labelledby=(format!("{id}-title")) {
            h2 id=(format!("{id}-title")) { (title) }
            p.sub { (text) }
            form method="post" action=(action) {
                div.actions {
                    button.btn type="button" data-closes="" { (keep) }
                    (button(confirm))
                }
            }
        }
    }
}

/// One entry of a menu: a link, or a button that posts.
#[derive(Debug, Clone, Copy)]
pub enum MenuItem<'a> {
    /// Goes to an address.
    Link(Icon, &'a str, &'a str),
    /// Posts to an address.
    Post(Icon, &'a str, &'a str),
}

/// A button with three dots that opens a list of actions (words, then address). `what` names the thing the actions are for.
#[must_use]
pub fn menu(l: Locale, id: &str, what: &str, items: &[MenuItem<'_>]) -> Markup {
    html! {
        span.menu {
            button.btn.ghost.small.icon type="button" popovertarget=(id) aria-label=(t!(l, "menu-of", what = what)) { (icon(Icon::More)) }
            div.popover popover id=(id) {
                @for item in items {
                    @match *item {
                        MenuItem::Link(symbol, words, href) => { a href=(href) { (icon(symbol)) (words) } }
                        MenuItem::Post(symbol, words, action) => {
                            form method="post" action=(action) { button { (icon(symbol)) (words) } }
                        }
                    }
                }
            }
        }
    }
}

/// One tab: words, address, and whether it is this page.
#[derive(Debug, Clone, Copy)]
pub struct TabLink<'a> {
    /// The words.
    pub label: &'a str,
    /// Where it leads.
    pub href: &'a str,
    /// Is this page.
    pub current: bool,
}

/// Tabs are links: each is a page, so each can be shared and reloaded.
#[must_use]
pub fn tabs(label: &str, links: &[TabLink<'_>]) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            @for link in links { a href=(link.href) aria-current=[link.current.then_some("page")] { (link.label) } }
        }
    }
}

/// A destructive question as its own page, for readers without a script.
#[must_use]
pub fn question(l: Locale, title: &str, text: &str, action: &str, confirm: &str, back: &str) -> Markup {
    html! {
        section.card.stack {
            h1 { (title) }
            p.sub { (text) }
            form.row method="post" action=(action) {
                (button(&Button { label: confirm, kind: Kind::Danger, ..Default::default() }))
                a.btn href=(back) { (t!(l, "verb-keep")) }
            }
        }
    }
}
