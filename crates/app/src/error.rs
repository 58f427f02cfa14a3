//! What can go wrong in a use case, said once for all doors. Owns the classes; texts for people are in the locale files.

use domain::rules::Problem;

/// A use case's result.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It does not exist, or it belongs to somebody else: both look the same.
    #[error("{what} not found")]
    NotFound {
        /// The kind of thing, for example `post`.
        what: &'static str,
    },
    /// The state changed meanwhile or does not allow it. `code` names the sentence shown.
    #[error("not possible now: {code}")]
    Conflict {
        /// Stable code, also the key of the text.
        code: &'static str,
    },
    /// The input breaks rules; every broken rule is named.
    #[error("the input breaks {} rule(s)", .0.len())]
    Invalid(Vec<Problem>),
    /// One input is malformed. `code` names the sentence shown.
    #[error("bad input: {code}")]
    BadInput {
        /// Stable code, also the key of the text.
        code: &'static str,
    },
    /// A limit was reached. `code` names the sentence shown.
    #[error("limit reached: {code}")]
    Limit {
        /// Stable code, also the key of the text.
        code: &'static str,
    },
    /// The disk is (nearly) full.
    #[error("not enough disk space")]
    DiskReserve,
    /// The connection's grant does not work any more.
    #[error("the TikTok account has to be connected again")]
    ReconnectNeeded,
    /// A changed policy or changed terms apply, and the person has not agreed to them: nothing new is planned or posted.
    #[error("the person has not agreed to the policy or the terms in force")]
    PolicyUnanswered,
    /// TikTok refused or did not answer.
    #[error("TikTok: {0}")]
    TikTok(#[from] tiktok::Error),
    /// A PKCE verifier of ours is malformed, which only a corrupt row can cause.
    #[error("PKCE: {0}")]
    Pkce(#[from] tiktok::PkceError),
    /// The database refused or did not answer.
    #[error("database: {0}")]
    Store(#[from] store::StoreError),
    /// Encryption or decryption failed.
    #[error("vault: {0}")]
    Vault(#[from] store::vault::VaultError),
    /// A file could not be read or written.
    #[error("file storage: {0}")]
    Io(#[from] std::io::Error),
}
