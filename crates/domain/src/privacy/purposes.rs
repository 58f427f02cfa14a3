//! For which purposes people give consent, and what they can do with one. Owns the words of the ledger.
//!
//! A purpose that the program does not have is not here, so it can neither be offered nor recorded. An optional one (measurements of posts,
//! notices by e-mail) begins with a word here and a switch on the page of consents; nothing optional is ever on by itself.

use serde::{Deserialize, Serialize};

use super::documents::{Answer, Document};

words! {
    /// What a consent is for.
    Purpose {
        /// Acting for a TikTok account: reading its profile, publishing what was approved.
        Connect = "connect",
        /// What the privacy policy says.
        Privacy = "privacy",
        /// What the terms say.
        Terms = "terms",
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
