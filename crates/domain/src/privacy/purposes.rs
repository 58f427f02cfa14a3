//! For which purposes people give consent, and what they can do with one. Owns the words of the ledger.
//!
//! A purpose that the program does not have is not here, so it can neither be offered nor recorded. An optional one begins with a word here
//! and a switch on the page of consents; nothing optional is ever on by itself.

use serde::{Deserialize, Serialize};

use super::documents::{Answer, Document, Version};
use crate::connection::{SCOPE_STATS, SCOPE_VIDEO_LIST};

words! {
    /// What a consent is for.
    Purpose {
        /// Acting for a TikTok account: reading its profile, publishing what was approved.
        Connect = "connect",
        /// What the privacy policy says.
        Privacy = "privacy",
        /// What the terms say.
        Terms = "terms",
        /// Reading the counters of an account's posts that were published here; optional.
        Metrics = "metrics",
        /// Reading how many followers an account has; optional.
        Followers = "followers",
        /// Messages to a browser; optional.
        Messages = "messages",
        /// Letting whoever has a link read a report; optional.
        Sharing = "sharing",
    }
}

words! {
    /// What is read of TikTok beyond what publishing needs: each only after a press for exactly that account.
    Reading {
        /// The counters of posts that were published here.
        Metrics = "metrics",
        /// How many followers the account has.
        Followers = "followers",
    }
}

impl Reading {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Metrics, Self::Followers];

    /// The permission that TikTok is asked for.
    #[must_use]
    pub const fn scope(self) -> &'static str {
        match self {
            Self::Metrics => SCOPE_VIDEO_LIST,
            Self::Followers => SCOPE_STATS,
        }
    }

    /// Its purpose in the ledger.
    #[must_use]
    pub const fn purpose(self) -> Purpose {
        match self {
            Self::Metrics => Purpose::Metrics,
            Self::Followers => Purpose::Followers,
        }
    }

    /// The version of the policy that a press accepts for this purpose: the newest, whether its day has come or not.
    #[must_use]
    pub fn accepted() -> &'static Version {
        Document::Privacy.newest()
    }
}

impl Purpose {
    /// The purpose that a document is about.
    #[must_use]
    pub const fn of(document: Document) -> Self {
        match document {
            Document::Privacy => Self::Privacy,
            Document::Terms => Self::Terms,
        }
    }
}

words! {
    /// What was done with a consent.
    Act {
        /// Given, or given again in other words.
        Given = "given",
        /// Taken back, or refused.
        Withdrawn = "withdrawn",
    }
}

impl Act {
    /// What an answer to a document means.
    #[must_use]
    pub const fn of(answer: Answer) -> Self {
        match answer {
            Answer::Accepted | Answer::Read => Self::Given,
            Answer::Refused => Self::Withdrawn,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::clauses::OPTIONAL_SCOPES;

    #[test]
    fn pp_7_4_each_optional_permission_has_one_purpose_of_its_own() {
        assert_eq!(Reading::ALL.map(Reading::scope), OPTIONAL_SCOPES);
        assert_eq!(Reading::ALL.map(|it| it.purpose().as_str()), Reading::ALL.map(Reading::as_str));
    }
}
