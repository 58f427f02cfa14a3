//! What goes wrong with a storage, in words of whoever can repair it. Owns reading its answers; shows no address and no signature.

use std::error::Error;

use object_store::client::{HttpError, HttpErrorKind};

use crate::blobs::BlobError;

/// Longest part of a foreign answer that is shown, characters.
const DETAIL_MAX_CHARS: usize = 200;

/// Why a storage did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BucketTrouble {
    /// The key is unknown, its secret is wrong, or it may not do this.
    #[error(
        "the storage refuses the key ({code}); check the key id, its secret, the region, and what the key may do in this bucket"
    )]
    Refused {
        /// The storage's own word.
        code: String,
    },
    /// There is no such bucket.
    #[error("the storage has no such bucket; make it, or correct its name")]
    NoBucket,
    /// No connection stands, or no answer comes.
    #[error("the storage does not answer ({detail}); check its address and the network between")]
    Unreachable {
        /// What the connection said.
        detail: String,
    },
    /// It took too long.
    #[error("the storage did not answer within {seconds} s; check its address and the network between")]
    Silent {
        /// Seconds waited.
        seconds: u64,
    },
    /// What was read back is not what was written.
    #[error("the storage gave back other bytes than it was given; do not use it")]
    Altered,
    /// Anything else.
    #[error("{0}")]
    Other(String),
}

impl BlobError {
    pub(in crate::blobs) const fn bucket(what: &'static str, trouble: BucketTrouble) -> Self {
        Self::Bucket { what, trouble }
    }
}

/// The error of an attempted step. What is missing is asked about before: here it is an answer nobody expected.
pub(super) fn of(what: &'static str) -> impl Fn(object_store::Error) -> BlobError {
    move |error| BlobError::bucket(what, trouble(&error))
}

fn trouble(error: &object_store::Error) -> BucketTrouble {
    let words = words(error);
    if words.contains("NoSuchBucket") {
        return BucketTrouble::NoBucket;
    }
    let code = code(&words);
    if matches!(error, object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. })
        || words.contains("status code: 403")
        || words.contains("status code: 401")
    {
        return BucketTrouble::Refused { code: code.unwrap_or_else(|| "without a word why".to_owned()) };
    }
    if let Some(kind) = connection(error) {
        return BucketTrouble::Unreachable { detail: kind.to_owned() };
    }
    // Storages put what was signed into their answers; their short word says enough.
    BucketTrouble::Other(
        code.map_or_else(|| words.chars().take(DETAIL_MAX_CHARS).collect(), |code| format!("the storage says {code}")),
    )
}

/// What an error and everything below it say.
fn words(error: &object_store::Error) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(error) = below {
        text.push_str(": ");
        text.push_str(&error.to_string());
        below = error.source();
    }
    text
}

/// The word between `<Code>` and `</Code>` of an answer.
fn code(words: &str) -> Option<String> {
    let (_, rest) = words.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    (code.len() <= 64 && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')).then(|| code.to_owned())
}

fn connection(error: &object_store::Error) -> Option<&'static str> {
    let mut below = error.source();
    while let Some(error) = below {
        if let Some(http) = error.downcast_ref::<HttpError>() {
            let kind = http.kind();
            let said = [
                (HttpErrorKind::Connect, "no connection"),
                (HttpErrorKind::Timeout, "no answer in time"),
                (HttpErrorKind::Interrupted, "the connection broke"),
                (HttpErrorKind::Request, "the connection broke"),
            ];
            return said.into_iter().find(|(one, _)| *one == kind).map(|(_, words)| words);
        }
        below = error.source();
    }
    None
}
