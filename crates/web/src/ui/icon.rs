//! The icon set: one sprite, one stroke. Owns the list of names; must not be used without a word or an `aria-label` beside it.

use std::collections::HashMap;
use std::sync::LazyLock;

use maud::{Markup, PreEscaped, html};

use crate::assets::Asset;

macro_rules! icons {
    ($($(#[$doc:meta])* $name:ident => $id:literal,)*) => {
        /// A drawing of the sprite.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Icon { $($(#[$doc])* $name,)* }

        impl Icon {
            /// Every icon, for the gallery and its test.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The id inside the sprite.
            #[must_use]
            pub const fn id(self) -> &'static str {
                match self { $(Self::$name => $id,)* }
            }
        }
    };
}

icons! {
    /// Queue.
    Shelf => "i-shelf",
    /// Calendar.
    Calendar => "i-cal",
    /// The board.
    Board => "i-board",
    /// Labels.
    Tag => "i-tag",
    /// A table of many posts.
    Grid => "i-grid",
    /// New, add.
    Plus => "i-plus",
    /// Library.
    Library => "i-lib",
    /// History.
    History => "i-hist",
    /// Analytics.
    Chart => "i-chart",
    /// Accounts, connect.
    Link => "i-link",
    /// Your data.
    Jar => "i-jar",
    /// News.
    Bell => "i-bell",
    /// Settings.
    Gear => "i-gear",
    /// Help, a question.
    Help => "i-help",
    /// Done, allowed.
    Check => "i-check",
    /// Close, no.
    Close => "i-x",
    /// Opens downwards.
    Down => "i-down",
    /// Back, earlier.
    Left => "i-left",
    /// Forward, later.
    Right => "i-right",
    /// More actions.
    More => "i-more",
    /// Copy.
    Copy => "i-copy",
    /// Warning.
    Alert => "i-alert",
    /// Time.
    Clock => "i-clock",
    /// Everyone.
    Globe => "i-globe",
    /// Friends.
    Friends => "i-friends",
    /// Followers.
    Followers => "i-follow",
    /// Only the creator; security.
    Lock => "i-lock",
    /// Download, into the inbox.
    Download => "i-down-tray",
    /// Upload.
    Upload => "i-up-tray",
    /// Delete.
    Trash => "i-trash",
    /// Leads elsewhere; sign out.
    Out => "i-out",
    /// Pause.
    Pause => "i-pause",
    /// Play.
    Play => "i-play",
    /// Likes.
    Heart => "i-heart",
    /// Comments.
    Comment => "i-chat",
    /// Shares.
    Share => "i-share",
    /// Views.
    Eye => "i-eye",
    /// Filter.
    Filter => "i-filter",
    /// Search.
    Search => "i-search",
    /// Edit.
    Edit => "i-edit",
    /// Protection.
    Shield => "i-shield",
    /// A video file.
    Film => "i-film",
    /// Light theme.
    Sun => "i-sun",
    /// Dark theme.
    Moon => "i-moon",
    /// A remark.
    Info => "i-info",
    /// Send now.
    Send => "i-send",
    /// Try again, reconnect.
    Refresh => "i-refresh",
    /// A person.
    User => "i-user",
    /// Status drops; use [`super::status_drop`].
    DropDraft => "i-s-draft",
    /// See above.
    DropScheduled => "i-s-scheduled",
    /// See above.
    DropPublishing => "i-s-publishing",
    /// See above.
    DropPublished => "i-s-published",
    /// See above.
    DropInInbox => "i-s-in_inbox",
    /// See above.
    DropFailed => "i-s-failed",
    /// See above.
    DropNeedsAttention => "i-s-needs_attention",
    /// See above.
    DropCancelled => "i-s-cancelled",
    /// See above.
    DropUnknown => "i-s-unknown",
}

/// Draws an icon, hidden from screen readers: the word beside it speaks.
#[must_use]
pub fn icon(icon: Icon) -> Markup {
    static DRAWN: LazyLock<HashMap<Icon, String>> = LazyLock::new(|| {
        let sprite = Asset::Icons.url();
        let draw = |icon: &Icon| {
            html! { svg.i aria-hidden="true" focusable="false" { use href=(format!("{sprite}#{}", icon.id())) {} } }
        };
        Icon::ALL.iter().map(|icon| (*icon, draw(icon).into_string())).collect()
    });
    // Every icon is there; drawn once, because a page has hundreds of them.
    PreEscaped(DRAWN.get(&icon).cloned().unwrap_or_default())
}

/// The mark: a milk drop that is also a play button.
#[must_use]
pub fn mark() -> Markup {
    html! {
        svg viewBox="0 0 32 32" aria-hidden="true" focusable="false" {
            use href=(format!("{}#i-logo", Asset::Icons.url())) {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sprite_has_every_icon() {
        let sprite = include_str!("../../assets/icons.svg");
        for icon in Icon::ALL {
            assert!(sprite.contains(&format!("id=\"{}\"", icon.id())), "{} is not drawn", icon.id());
        }
    }
}
