//! Scopes: what an app may ask for and what a user granted.
//! Lists are joined with commas on TikTok's wire, never with spaces.

use crate::text_enum::text_enum;

text_enum! {
    /// One permission of Login Kit. Source: tiktok-api-scopes.
    ///
    /// Users may grant a subset of what was asked: decide by [`TokenGrant::scopes`](crate::TokenGrant), never by the request.
    pub enum Scope {
        /// Open id, union id, avatar, display name. Always granted with Login Kit.
        UserInfoBasic = "user.info.basic",
        /// Profile links, biography, verified mark, handle.
        UserInfoProfile = "user.info.profile",
        /// Follower, following, like and video counts.
        UserInfoStats = "user.info.stats",
        /// The user's public videos and their counters.
        VideoList = "video.list",
        /// Post directly to the profile.
        VideoPublish = "video.publish",
        /// Deliver drafts to the creator's inbox.
        VideoUpload = "video.upload",
    }
}

impl Scope {
    /// Reads a comma-separated list; blanks around names and empty items are dropped.
    #[must_use]
    pub fn parse_list(text: &str) -> Vec<Self> {
        text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Self::parse).collect()
    }

    /// Writes the comma-separated list that the authorization page expects.
    #[must_use]
    pub fn join(scopes: &[Self]) -> String {
        scopes.iter().map(Self::as_str).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn lists_are_comma_separated_and_unknown_scopes_are_kept() {
        let scopes = Scope::parse_list(" user.info.basic,video.publish,,local.shop.manage ");
        assert_eq!(scopes, [Scope::UserInfoBasic, Scope::VideoPublish, Scope::Other("local.shop.manage".into())]);
        assert_eq!(Scope::join(&scopes), "user.info.basic,video.publish,local.shop.manage");
    }

    #[test]
    fn an_unknown_scope_cannot_grow_without_bound() {
        assert_eq!(Scope::parse(&"я".repeat(10_000)).as_str().chars().count(), 256);
    }
}
