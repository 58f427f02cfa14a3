//! The document around pages of whoever operates the instance: their own head and menu. Owns nothing that people's pages have but language and
//! theme; must not show who else is there.

use maud::{Markup, html};

use super::button::{Button, button};
use super::frame::Frame;
use super::shell::{Head, document, logo, switches};
use super::surface::{TabLink, tabs};
use crate::assets::Asset;

/// The pages of an operator, in the order of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Place {
    /// How the instance is.
    Overview,
    /// What people wrote.
    Requests,
    /// Erasures, holds, what is owed.
    Duties,
    /// The clauses of the policy.
    Promises,
    /// The record of acts.
    Audit,
    /// Operators and signed-in browsers.
    Access,
}

impl Place {
    /// All there are.
    pub const ALL: [Self; 6] =
        [Self::Overview, Self::Requests, Self::Duties, Self::Promises, Self::Audit, Self::Access];

    /// Where it is.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Overview => "/operator",
            Self::Requests => "/operator/requests",
            Self::Duties => "/operator/duties",
            Self::Promises => "/operator/promises",
            Self::Audit => "/operator/audit",
            Self::Access => "/operator/access",
        }
    }
}

/// A page of a signed-in operator. `content` must hold exactly one `h1`.
#[must_use]
pub fn desk_page(frame: &Frame, operator: &str, place: Place, head: impl Into<Head>, content: &Markup) -> Markup {
    let l = frame.locale;
    let words = |place: Place| match place {
        Place::Overview => t!(l, "operator-nav-overview"),
        Place::Requests => t!(l, "operator-nav-requests"),
        Place::Duties => t!(l, "operator-nav-duties"),
        Place::Promises => t!(l, "operator-nav-promises"),
        Place::Audit => t!(l, "operator-nav-audit"),
        Place::Access => t!(l, "operator-nav-access"),
    };
    let labels = Place::ALL.map(|it| (it, words(it)));
    let links: Vec<TabLink<'_>> =
        labels.iter().map(|(it, label)| TabLink { label, href: it.path(), current: *it == place }).collect();
    let menu = html! {
        div.desk-menu { (tabs(&t!(l, "operator-nav"), &links)) }
    };
    let out = html! {
        span.muted { (operator) }
        form method="post" action="/operator/sign-out" {
            (button(&Button { label: &t!(l, "verb-sign-out"), small: true, ..Button::default() }))
        }
    };
    framed(frame, &head.into(), Some(&out), Some(&menu), content)
}

/// A page at the door: sign-in, a link, the question whether it is still them.
#[must_use]
pub fn door_page(frame: &Frame, head: impl Into<Head>, content: &Markup) -> Markup {
    framed(frame, &head.into(), None, None, content)
}

fn framed(frame: &Frame, head: &Head, out: Option<&Markup>, menu: Option<&Markup>, content: &Markup) -> Markup {
    let l = frame.locale;
    let body = html! {
        header.desk-head {
            (logo(l))
            span.desk-name { (t!(l, "operator-title")) }
            @if let Some(out) = out { div.row { (out) } }
        }
        @if let Some(menu) = menu { (menu) }
        div.main.desk { main id="main" tabindex="-1" { (content) } }
        footer.lfoot { (switches(frame)) }
    };
    document(frame, &Head { sheets: &[Asset::OperatorStyle], ..head.clone() }, &body)
}
