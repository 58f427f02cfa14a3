//! A TikTok account connected to a workspace. Owns its states and scopes; tokens live in the vault, never here.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is left of the grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// Tokens are present and TikTok honours them as far as we know.
    Active,
    /// TikTok refused the refresh token; the person has to pass the consent page again. Posts are parked.
    ReconnectNeeded,
    /// Tokens and data key are destroyed; only what retention still needs is kept.
    Disconnected,
}

impl ConnectionState {
    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ReconnectNeeded => "reconnect_needed",
            Self::Disconnected => "disconnected",
        }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Active, Self::ReconnectNeeded, Self::Disconnected].into_iter().find(|state| state.as_str() == text)
    }
}

/// The scopes a person granted, as TikTok names them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Scopes(Vec<String>);

/// Needed to sign in at all.
pub const SCOPE_BASIC: &str = "user.info.basic";
/// Needed to post directly to the profile.
pub const SCOPE_PUBLISH: &str = "video.publish";
/// Needed to deliver a draft to the creator's inbox.
pub const SCOPE_UPLOAD: &str = "video.upload";
/// Needed to read the counters of posts; optional.
pub const SCOPE_VIDEO_LIST: &str = "video.list";
/// Needed to read how many followers there are; optional.
pub const SCOPE_STATS: &str = "user.info.stats";

impl Scopes {
    /// Splits TikTok's comma-separated list; blanks are dropped, order and unknown scopes kept.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut scopes: Vec<String> = Vec::new();
        for scope in text.split(',').map(str::trim).filter(|s| !s.is_empty()) {
            if !scopes.iter().any(|known| known == scope) {
                scopes.push(scope.to_owned());
            }
        }
        Self(scopes)
    }

    /// Whether `scope` was granted.
    #[must_use]
    pub fn has(&self, scope: &str) -> bool {
        self.0.iter().any(|known| known == scope)
    }

    /// Direct posting works.
    #[must_use]
    pub fn can_publish(&self) -> bool {
        self.has(SCOPE_PUBLISH)
    }

    /// Inbox drafts work.
    #[must_use]
    pub fn can_send_to_inbox(&self) -> bool {
        self.has(SCOPE_UPLOAD)
    }

    /// The scopes in the order TikTok named them.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(","))
    }
}

/// Formats in which an account's picture is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AvatarFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
}

impl AvatarFormat {
    /// The text stored in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Webp => "webp",
        }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Jpeg, Self::Png, Self::Webp].into_iter().find(|format| format.as_str() == text)
    }

    /// How browsers call it.
    #[must_use]
    pub const fn mime(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::Webp => "image/webp",
        }
    }
}

/// The colour of a connection on every page: eight, told apart by monogram as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flavour {
    /// Blue.
    Cornflower,
    /// Red-pink.
    Raspberry,
    /// Amber.
    Honey,
    /// Green.
    Mint,
    /// Violet.
    Blueberry,
    /// Brown.
    Cocoa,
    /// Yellow-green.
    Pistachio,
    /// Teal.
    Sea,
}

impl Flavour {
    /// All flavours in the order in which new connections get them.
    pub const ALL: [Self; 8] = [
        Self::Sea,
        Self::Raspberry,
        Self::Honey,
        Self::Pistachio,
        Self::Cornflower,
        Self::Cocoa,
        Self::Blueberry,
        Self::Mint,
    ];

    /// The text stored in the database and used by the style sheet.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cornflower => "cornflower",
            Self::Raspberry => "raspberry",
            Self::Honey => "honey",
            Self::Mint => "mint",
            Self::Blueberry => "blueberry",
            Self::Cocoa => "cocoa",
            Self::Pistachio => "pistachio",
            Self::Sea => "sea",
        }
    }

    /// Reads the stored text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flavour| flavour.as_str() == text)
    }

    /// The flavour of the `n`-th connection of a workspace.
    #[must_use]
    pub fn nth(n: usize) -> Self {
        Self::ALL.get(n % Self::ALL.len()).copied().unwrap_or(Self::Sea)
    }
}
