//! The shelf of a day and the dense list for the rest: thumbnails, price-tag times, bottles, rows.
//! Times come in already split; see [`super::When`].

use maud::{Markup, html};

use super::{
    account::{Face, Size, face},
    icon::{Icon, icon},
    status::{Status, status_drop},
    when::Clock,
};
use crate::locale::Locale;

/// A 9:16 picture of a video.
#[derive(Debug, Clone, Copy, Default)]
pub struct Thumb<'a> {
    /// Address on this server; `None` draws a film strip.
    pub url: Option<&'a str>,
    /// Length such as `0:49`.
    pub duration: Option<&'a str>,
    /// The account, as a small face in the corner.
    pub account: Option<Face<'a>>,
}

/// Draws a thumbnail. Hidden from screen readers: title and account are said beside it.
#[must_use]
pub fn thumb(t: &Thumb<'_>) -> Markup {
    html! {
        span.thumb aria-hidden="true" {
            @match t.url {
                Some(url) => { img src=(url) alt="" loading="lazy" decoding="async"; }
                None => { span.none { (icon(Icon::Film)) } }
            }
            @if let Some(account) = &t.account { (face(account, Size::Small)) }
            @if let Some(duration) = t.duration { span.dur { (duration) } }
        }
    }
}

/// A time as a price tag: big hours, raised minutes.
#[must_use]
pub fn price(clock: &Clock) -> Markup {
    html! { time.price datetime=(clock.iso) { (clock.hours) span.vh { ":" } sup { (clock.minutes) } } }
}

/// A post on the shelf.
#[derive(Debug, Clone, Copy)]
pub struct Bottle<'a> {
    /// The post's page.
    pub href: &'a str,
    /// First words of the caption, or the file's name.
    pub title: &'a str,
    /// The account.
    pub account: Face<'a>,
    /// When it goes out.
    pub clock: &'a Clock,
    /// How it is doing.
    pub status: Status,
    /// Picture address.
    pub thumb_url: Option<&'a str>,
    /// Length such as `0:49`.
    pub duration: Option<&'a str>,
}

/// One bottle; put it into a `li` of [`shelf`].
#[must_use]
pub fn bottle(l: Locale, b: &Bottle<'_>) -> Markup {
    html! {
        a.bottle href=(b.href) data-flavour=(b.account.flavour.as_str()) {
            (thumb(&Thumb { url: b.thumb_url, duration: b.duration, account: Some(b.account) }))
            span.tag {
                span.top { (price(b.clock)) }
                span.t title=(b.title) { (b.title) }
                span.vh { (b.account.name) }
                (status_drop(l, b.status))
            }
        }
    }
}

/// An empty place on the shelf that offers a new post at that time.
#[must_use]
pub fn empty_slot(l: Locale, href: &str, clock: &Clock) -> Markup {
    html! { a.slot-empty href=(href) { (price(clock)) span { (t!(l, "slot-empty")) } (icon(Icon::Plus)) } }
}

/// The board the bottles stand on; scrolls sideways, also by keyboard.
#[must_use]
pub fn shelf(label: &str, bottles: &[Markup]) -> Markup {
    html! {
        div.shelf-card {
            ul.shelf tabindex="0" aria-label=(label) { @for bottle in bottles { li { (bottle) } } }
        }
    }
}

/// A post in the dense list.
#[derive(Debug, Clone)]
pub struct ListRow<'a> {
    /// Element id, so that live updates can replace the row.
    pub id: &'a str,
    /// The post's page.
    pub href: &'a str,
    /// First words of the caption, or the file's name.
    pub title: &'a str,
    /// Second line: length, audience, reason.
    pub note: &'a str,
    /// The account.
    pub account: Face<'a>,
    /// When; `None` for drafts.
    pub clock: Option<&'a Clock>,
    /// How it is doing.
    pub status: Status,
    /// Picture address.
    pub thumb_url: Option<&'a str>,
    /// Actions at the end, such as [`super::menu`].
    pub actions: Option<Markup>,
}

/// One row; put rows into `div.list`.
#[must_use]
pub fn list_row(l: Locale, r: &ListRow<'_>) -> Markup {
    list_row_with(l, r, &Markup::default())
}

/// One row with something below its title, such as labels.
#[must_use]
pub fn list_row_with(l: Locale, r: &ListRow<'_>, below: &Markup) -> Markup {
    html! {
        article.item id=(r.id) data-flavour=(r.account.flavour.as_str()) {
            @match r.clock {
                Some(clock) => (price(clock)),
                None => { span.price.muted { "–" } }
            }
            (thumb(&Thumb { url: r.thumb_url, ..Default::default() }))
            span.grow { a.ttl href=(r.href) { (r.title) } @if !r.note.is_empty() { small { (r.note) } } (below) }
            span.who { (face(&r.account, Size::Small)) span { (r.account.name) } }
            span.st { (status_drop(l, r.status)) }
            span.acts { @if let Some(actions) = &r.actions { (actions) } }
        }
    }
}
