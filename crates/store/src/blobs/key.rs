//! Names of stored files. Owns what may be one; a key cannot name anything outside of its folder.

use std::fmt;
use std::str::FromStr;

use uuid::Uuid;

use super::BlobError;

/// Name of a stored file: 1 to 100 of `a-z`, `0-9` and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BlobKey(String);

impl BlobKey {
    /// Reads a key.
    ///
    /// # Errors
    /// [`BlobError::Key`] for any other text.
    pub fn parse(text: &str) -> Result<Self, BlobError> {
        let fits = (1..=100).contains(&text.len())
            && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        if fits { Ok(Self(text.to_owned())) } else { Err(BlobError::Key) }
    }

    /// The key of a thing with this id.
    #[must_use]
    pub fn of(id: Uuid) -> Self {
        Self(id.as_hyphenated().to_string())
    }

    /// The `n`-th companion of this key, for example a thumbnail of a video.
    ///
    /// # Errors
    /// [`BlobError::Key`] when it would be too long or `role` is not a word.
    pub fn companion(&self, role: &str, n: u32) -> Result<Self, BlobError> {
        Self::parse(&format!("{}-{role}-{n}", self.0))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for BlobKey {
    type Err = BlobError;

    fn from_str(text: &str) -> Result<Self, BlobError> {
        Self::parse(text)
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
