//! What a sender says its bytes add up to. Owns the algorithms; how one is written in a header is the protocol's business.

use aws_lc_rs::digest::{Algorithm, Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
use store::blobs::Witness;

use super::desk::RunningHash;

/// A checksum over the bytes of one request.
#[derive(Debug, Clone)]
pub struct Checksum {
    algorithm: &'static Algorithm,
    expected: Vec<u8>,
}

impl Checksum {
    /// Names of the algorithms, in the order in which they are offered. SHA-1 is the one that every client of tus knows; here it only
    /// finds damage on the way.
    pub const ALGORITHMS: [&str; 2] = ["sha1", "sha256"];

    /// `None` for an algorithm that is not one of [`Checksum::ALGORITHMS`] or a value of another length.
    #[must_use]
    pub fn new(algorithm: &str, expected: Vec<u8>) -> Option<Self> {
        let algorithm = match algorithm {
            "sha1" => &SHA1_FOR_LEGACY_USE_ONLY,
            "sha256" => &SHA256,
            _ => return None,
        };
        (expected.len() == algorithm.output_len()).then_some(Self { algorithm, expected })
    }
}

/// Sees the bytes of one request: the hash of the whole file goes on, and the request's own sum is made where one was promised.
pub(super) struct Seen {
    pub(super) hash: RunningHash,
    promised: Option<(Checksum, Context)>,
}

impl Seen {
    pub(super) fn new(hash: RunningHash, checksum: Option<Checksum>) -> Self {
        let promised = checksum.map(|checksum| {
            let context = Context::new(checksum.algorithm);
            (checksum, context)
        });
        Self { hash, promised }
    }

    /// The hash of the whole file so far; `None` when the bytes are not the ones that were promised.
    pub(super) fn kept(self) -> Option<RunningHash> {
        let is_as_promised =
            self.promised.is_none_or(|(checksum, context)| context.finish().as_ref() == checksum.expected.as_slice());
        is_as_promised.then_some(self.hash)
    }
}

impl Witness for Seen {
    fn saw(&mut self, bytes: &[u8]) {
        self.hash.update(bytes);
        if let Some((_, context)) = &mut self.promised {
            context.update(bytes);
        }
    }
}
