//! What every page knows about its reader: language, theme, place in the menu, who is signed in.
//! Must not hold anything secret: it is rendered.

use domain::connection::Flavour;

use super::policy::PolicyNotice;
use crate::locale::Locale;

/// Light, dark, or as the system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// Follow the system.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// Every choice, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The text in cookies and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == text)
    }

    /// The value of `data-theme` on the root element; none lets the system decide.
    #[must_use]
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// The area of the menu a page belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Nav {
    /// Queue, the home of a signed-in person.
    Queue,
    /// The calendar.
    Calendar,
    /// The board, and labels.
    Board,
    /// Many posts at once.
    Bulk,
    /// Library.
    Library,
    /// The post page.
    NewPost,
    /// History.
    History,
    /// Numbers of posts and accounts.
    Analytics,
    /// Connections, "Accounts" in words.
    Connections,
    /// What happened, line by line.
    Notices,
    /// Settings.
    Settings,
    /// A page outside the menu: legal, errors, sign-in.
    None,
}

/// The signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Viewer {
    /// The name TikTok gave.
    pub display_name: String,
    /// The user name without `@`, once TikTok has told it.
    pub handle: Option<String>,
    /// The colour of their account.
    pub flavour: Flavour,
    /// Picture of that account: an address on this server (the policy forbids pictures from elsewhere).
    pub avatar_url: Option<String>,
}

/// Small numbers beside menu entries: how many things want attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Badges {
    /// Posts that wait for a decision, and failures not yet seen.
    pub queue: u32,
    /// Connections that must be renewed.
    pub connections: u32,
    /// Lines that were not read.
    pub notices: u32,
}

/// Everything around a page's own content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The reader's language.
    pub locale: Locale,
    /// The reader's theme.
    pub theme: Theme,
    /// The lit menu entry.
    pub nav: Nav,
    /// Who is signed in; `None` on public pages.
    pub viewer: Option<Viewer>,
    /// Numbers in the menu.
    pub badges: Badges,
    /// The path of this page, for the language and theme switches to come back to.
    pub path: String,
    /// A server-sent event stream, connected by `#live`: unnamed messages hold elements with `hx-swap-oob`, named ones become DOM
    /// events there (`hx-trigger="post from:#live"`). `None` for pages that do not change.
    pub live_url: Option<String>,
    /// A sentence shown once after a redirect, such as "Scheduled".
    pub flash: Option<String>,
    /// A changed policy or changed terms that wait for the reader's answer.
    pub policy: Option<PolicyNotice>,
    /// When everything of the reader begins to be erased, in words, when they asked for it.
    pub leaving: Option<String>,
}

impl Frame {
    /// A frame of a signed-out reader.
    #[must_use]
    pub fn public(locale: Locale, theme: Theme, path: &str) -> Self {
        Self {
            locale,
            theme,
            nav: Nav::None,
            viewer: None,
            badges: Badges::default(),
            path: path.to_owned(),
            live_url: None,
            flash: None,
            policy: None,
            leaving: None,
        }
    }

    /// The same reader in an area of the menu.
    #[must_use]
    pub fn at(mut self, nav: Nav) -> Self {
        self.nav = nav;
        self
    }

    /// A signed-in reader, for tests and the gallery.
    #[must_use]
    pub fn sample(locale: Locale, theme: Theme, nav: Nav) -> Self {
        Self {
            viewer: Some(Viewer {
                display_name: "Море рядом".to_owned(),
                handle: Some("more_ryadom".to_owned()),
                flavour: Flavour::Sea,
                avatar_url: None,
            }),
            badges: Badges { queue: 2, connections: 0, notices: 1 },
            ..Self::public(locale, theme, "/").at(nav)
        }
    }
}
