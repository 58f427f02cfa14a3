//! The document around every page: head, menu, footer, switches. Owns the three layouts of the menu (side, rail, bottom bar
//! are one markup and one style sheet); must not know what a page shows.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::{
    account::{Face, account},
    button::{Button, button},
    feedback::{Notice, Tone, notice, toasts},
    frame::{Frame, Nav, Theme},
    icon::{Icon, icon, mark},
    policy::strip,
};
use crate::{assets::Asset, locale::Locale};

/// What goes into `<head>`.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// The page's name, without the product's.
    pub title: String,
    /// One sentence for search engines; public pages only.
    pub description: Option<String>,
    /// A script beside the one every page has.
    pub script: Option<Asset>,
    /// Style sheets beside the one every page has, and those that come with the place in the menu.
    pub sheets: &'static [Asset],
}

impl<T: Into<String>> From<T> for Head {
    fn from(title: T) -> Self {
        Self { title: title.into(), ..Self::default() }
    }
}

/// A page inside the application: menu, content, footer. `content` must hold exactly one `h1` (see [`page_head`]).
#[must_use]
pub fn app_page(frame: &Frame, head: impl Into<Head>, content: &Markup) -> Markup {
    let l = frame.locale;
    document(
        frame,
        &head.into(),
        &html! {
            div.app {
                (side(frame))
                (topbar(frame))
                div.main {
                    @if let Some(at) = &frame.leaving { (leaving_strip(l, at)) }
                    @if let Some(policy) = &frame.policy { (strip(l, policy)) }
                    main id="main" tabindex="-1" { (content) }
                    footer.foot { (legal_links(l)) (switches(frame)) }
                }
                (bottom(frame))
            }
        },
    )
}

/// A page anybody may read: legal links in the header and in the footer, no menu.
#[must_use]
pub fn public_page(frame: &Frame, head: impl Into<Head>, content: &Markup) -> Markup {
    let l = frame.locale;
    document(
        frame,
        &head.into(),
        &html! {
            header.lhead {
                (logo(l))
                nav aria-label=(t!(l, "nav-legal")) {
                    a href="/privacy" { (t!(l, "nav-privacy")) }
                    a href="/terms" { (t!(l, "nav-terms")) }
                    @if frame.viewer.is_some() { a href="/queue" { (t!(l, "nav-queue")) } }
                }
            }
            @if let Some(policy) = &frame.policy { div.lstrip { (strip(l, policy)) } }
            (content)
            footer.lfoot {
                (legal_links(l))
                span.muted { (t!(l, "foot-independent")) }
                (switches(frame))
            }
        },
    )
}

/// A page for whoever has a link to it: a name, a way to the other language, and nothing that leads into the application or sets a cookie.
#[must_use]
pub fn shared_page(frame: &Frame, head: impl Into<Head>, content: &Markup) -> Markup {
    let l = frame.locale;
    document(
        frame,
        &head.into(),
        &html! {
            header.lhead {
                span.logo { (mark()) span { "moloko" span { ".video" } } }
                nav aria-label=(t!(l, "switch-language")) {
                    @for locale in Locale::ALL {
                        a href=(format!("{}?lang={}", frame.path, locale.tag())) lang=(locale.tag()) hreflang=(locale.tag())
                            aria-current=[(locale == l).then_some("true")] { (locale.endonym()) }
                    }
                }
            }
            main.shared id="main" tabindex="-1" { (content) }
            footer.lfoot { span.muted { (t!(l, "shared-foot")) } }
        },
    )
}

/// On every page of somebody who asked to be forgotten: from when on, and the way back.
fn leaving_strip(l: Locale, at: &str) -> Markup {
    let back = html! {
        form method="post" action="/settings/stay" {
            (button(&Button { label: &t!(l, "leave-undo"), small: true, ..Button::default() }))
        }
    };
    let what = t!(l, "leave-running", at = at);
    html! { div.leaving { (notice(&Notice { tone: Tone::Warn, what: &what, actions: Some(back), ..Notice::default() })) } }
}

/// Title, sentence below it and actions at the end: the head of a page inside the application.
#[must_use]
pub fn page_head(title: &str, lede: Option<&str>, actions: Option<&Markup>) -> Markup {
    html! {
        header.page-head {
            div { h1 { (title) } @if let Some(lede) = lede { p.lede { (lede) } } }
            @if let Some(actions) = actions { div.actions { (actions) } }
        }
    }
}

pub(super) fn document(frame: &Frame, head: &Head, body: &Markup) -> Markup {
    let l = frame.locale;
    html! {
        (DOCTYPE)
        html lang=(l.tag()) data-theme=[frame.theme.attribute()] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                title { (head.title) " · MOLOKO.VIDEO" }
                @let description = head.description.clone().unwrap_or_else(|| t!(l, "landing-description"));
                meta name="description" content=(description);
                // styles come from the style sheet alone; going back asks the server, so no page is kept in the browser
                meta name="htmx-config" content="includeIndicatorCSS:false, history:reload";
                meta name="theme-color" media="(prefers-color-scheme: light)" content="#f7f1e4";
                meta name="theme-color" media="(prefers-color-scheme: dark)" content="#1a1714";
                link rel="preload" href=(Asset::FontLatin.url()) as="font" type="font/woff2" crossorigin;
                @if l == Locale::Ru { link rel="preload" href=(Asset::FontCyrillic.url()) as="font" type="font/woff2" crossorigin; }
                link rel="stylesheet" href=(Asset::Style.url());
                @for sheet in sheets(frame.nav).iter().chain(head.sheets) { link rel="stylesheet" href=(sheet.url()); }
                link rel="icon" href=(Asset::Favicon.url()) type="image/svg+xml";
                link rel="apple-touch-icon" href=(Asset::AppleTouch.url());
                link rel="manifest" href=(Asset::WebManifest.url());
                script type="module" src=(Asset::App.url()) {}
                @if let Some(script) = head.script { script type="module" src=(script.url()) {} }
            }
            body {
                a.skip href="#main" { (t!(l, "skip")) }
                (body)
                (toasts(l, frame.flash.as_deref()))
                // Nothing listens on a page that does not fetch parts of itself, and each stream is a connection.
                @if let Some(url) = frame.live_url.as_ref().filter(|_| body.0.contains(" hx-get=\"")) {
                    div id="live" hidden hx-sse:connect=(url) hx-swap="none" {}
                }
            }
        }
    }
}

/// The style sheets of all pages of an entry of the menu.
const fn sheets(nav: Nav) -> &'static [Asset] {
    match nav {
        Nav::Calendar => &[Asset::CalendarStyle],
        Nav::Board => &[Asset::BoardStyle],
        Nav::Analytics => &[Asset::AnalyticsStyle],
        Nav::Bulk => &[Asset::ComposerStyle, Asset::BulkStyle],
        Nav::NewPost => &[Asset::ComposerStyle],
        Nav::Queue | Nav::Library | Nav::History | Nav::Connections | Nav::Notices | Nav::Settings | Nav::None => &[],
    }
}

pub(super) fn logo(l: Locale) -> Markup {
    html! { a.logo href="/" aria-label=(t!(l, "home")) { (mark()) span { "moloko" span { ".video" } } } }
}

/// The entries of the menu in order; the post page is a button of its own.
const ENTRIES: [(Nav, &str, Icon); 10] = [
    (Nav::Queue, "/queue", Icon::Shelf),
    (Nav::Calendar, "/calendar", Icon::Calendar),
    (Nav::Board, "/board", Icon::Board),
    (Nav::Bulk, "/bulk", Icon::Grid),
    (Nav::Library, "/library", Icon::Library),
    (Nav::History, "/history", Icon::History),
    (Nav::Analytics, "/analytics", Icon::Chart),
    (Nav::Connections, "/connections", Icon::Link),
    (Nav::Notices, "/notices", Icon::Bell),
    (Nav::Settings, "/settings", Icon::Gear),
];

fn word(l: Locale, nav: Nav) -> String {
    match nav {
        Nav::Queue => t!(l, "nav-queue"),
        Nav::Calendar => t!(l, "nav-calendar"),
        Nav::Board => t!(l, "nav-board"),
        Nav::Bulk => t!(l, "nav-bulk"),
        Nav::Library => t!(l, "nav-library"),
        Nav::NewPost => t!(l, "nav-new-post"),
        Nav::History => t!(l, "nav-history"),
        Nav::Analytics => t!(l, "nav-analytics"),
        Nav::Connections => t!(l, "nav-connections"),
        Nav::Notices => t!(l, "nav-notices"),
        Nav::Settings => t!(l, "nav-settings"),
        Nav::None => String::new(),
    }
}

fn current(frame: &Frame, nav: Nav) -> Option<&'static str> {
    (frame.nav == nav).then_some("page")
}

fn badge(frame: &Frame, nav: Nav) -> Markup {
    let l = frame.locale;
    let (count, class, words) = match nav {
        Nav::Queue => (frame.badges.queue, "count hot", t!(l, "badge-attention", n = frame.badges.queue)),
        Nav::Connections => {
            (frame.badges.connections, "count hot", t!(l, "badge-attention", n = frame.badges.connections))
        }
        // Nothing that has to be done, so it is quiet.
        Nav::Notices => (frame.badges.notices, "count", t!(l, "badge-unread", n = frame.badges.notices)),
        Nav::Calendar
        | Nav::Board
        | Nav::Bulk
        | Nav::Library
        | Nav::NewPost
        | Nav::History
        | Nav::Analytics
        | Nav::Settings
        | Nav::None => (0, "count", String::new()),
    };
    html! {
        @if count > 0 {
            span class=(class) { span aria-hidden="true" { (count) } span.vh { (words) } }
        }
    }
}

fn side(frame: &Frame) -> Markup {
    let l = frame.locale;
    html! {
        header.side {
            (logo(l))
            a.btn.primary href="/compose" aria-current=[current(frame, Nav::NewPost)] {
                (icon(Icon::Plus)) span { (t!(l, "nav-new-post")) }
            }
            nav.nav aria-label=(t!(l, "nav-main")) {
                @for (nav, href, symbol) in ENTRIES {
                    a href=(href) title=(word(l, nav)) aria-current=[current(frame, nav)] {
                        (icon(symbol)) span { (word(l, nav)) } (badge(frame, nav))
                    }
                }
            }
            @if let Some(viewer) = &frame.viewer {
                div.side-foot {
                    @let own = Face { name: &viewer.display_name, flavour: viewer.flavour, picture: viewer.avatar_url.as_deref() };
                    a href="/settings" { (account(&own, viewer.handle.as_deref())) }
                }
            }
        }
    }
}

/// The head of a narrow screen: the mark, and the menu entries that do not fit the bottom bar.
fn topbar(frame: &Frame) -> Markup {
    let l = frame.locale;
    html! {
        header.topbar {
            (logo(l))
            a.btn.ghost.icon href="/board" aria-label=(t!(l, "nav-board")) aria-current=[current(frame, Nav::Board)] { (icon(Icon::Board)) }
            a.btn.ghost.icon href="/analytics" aria-label=(t!(l, "nav-analytics")) aria-current=[current(frame, Nav::Analytics)] { (icon(Icon::Chart)) }
            a.btn.ghost.icon href="/connections" aria-current=[current(frame, Nav::Connections)] {
                (icon(Icon::Link)) span.vh { (t!(l, "nav-connections")) } (badge(frame, Nav::Connections))
            }
            a.btn.ghost.icon href="/notices" aria-current=[current(frame, Nav::Notices)] {
                (icon(Icon::Bell)) span.vh { (t!(l, "nav-notices")) } (badge(frame, Nav::Notices))
            }
            a.btn.ghost.icon href="/settings" aria-label=(t!(l, "nav-settings")) aria-current=[current(frame, Nav::Settings)] {
                (icon(Icon::Gear))
            }
        }
    }
}

fn bottom(frame: &Frame) -> Markup {
    let l = frame.locale;
    let entry = |nav: Nav, href: &str, symbol: Icon| {
        html! { a href=(href) aria-current=[current(frame, nav)] { (icon(symbol)) (word(l, nav)) (badge(frame, nav)) } }
    };
    html! {
        nav.bottom aria-label=(t!(l, "nav-main")) {
            (entry(Nav::Queue, "/queue", Icon::Shelf))
            (entry(Nav::Calendar, "/calendar", Icon::Calendar))
            a.pour href="/compose" aria-label=(t!(l, "nav-new-post")) aria-current=[current(frame, Nav::NewPost)] {
                span.drop-btn { (icon(Icon::Plus)) }
            }
            (entry(Nav::Library, "/library", Icon::Library))
            (entry(Nav::History, "/history", Icon::History))
        }
    }
}

fn legal_links(l: Locale) -> Markup {
    html! {
        a href="/privacy" { (t!(l, "link-privacy")) }
        a href="/terms" { (t!(l, "link-terms")) }
        a href="/help" { (t!(l, "link-help")) }
    }
}

/// Language and theme, as plain forms that work without a script.
pub(super) fn switches(frame: &Frame) -> Markup {
    let l = frame.locale;
    let theme_word = |theme: Theme| match theme {
        Theme::System => t!(l, "theme-system"),
        Theme::Light => t!(l, "theme-light"),
        Theme::Dark => t!(l, "theme-dark"),
    };
    html! {
        div.prefs {
            form method="post" action="/preferences" {
                input type="hidden" name="next" value=(frame.path);
                span.segmented role="group" aria-label=(t!(l, "switch-language")) {
                    @for locale in Locale::ALL {
                        button name="locale" value=(locale.tag()) lang=(locale.tag()) aria-pressed=(pressed(locale == l)) {
                            (locale.endonym())
                        }
                    }
                }
            }
            form method="post" action="/preferences" {
                input type="hidden" name="next" value=(frame.path);
                span.segmented role="group" aria-label=(t!(l, "switch-theme")) {
                    @for theme in Theme::ALL {
                        button name="theme" value=(theme.as_str()) aria-pressed=(pressed(theme == frame.theme)) { (theme_word(theme)) }
                    }
                }
            }
        }
    }
}

const fn pressed(yes: bool) -> &'static str {
    if yes { "true" } else { "false" }
}

/// A fragment answer: out-of-band elements for htmx or the live stream, without a document around them.
#[must_use]
pub fn fragment(parts: &[Markup]) -> Markup {
    PreEscaped(parts.iter().map(|part| part.0.as_str()).collect())
}
