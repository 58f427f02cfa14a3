//! The only source of randomness: ids and secrets. Nothing else may draw random numbers.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use uuid::Uuid;

use domain::time::UnixMillis;

/// Draws random bytes; ids and secrets are made from them.
pub trait Random: Send + Sync + 'static {
    /// Fills `bytes` from a cryptographically secure source (or, in simulations, from a seed).
    fn fill(&self, bytes: &mut [u8]);
}

impl dyn Random {
    /// A new time-ordered id. 74 random bits make it unguessable.
    #[must_use]
    pub fn uuid(&self, now: UnixMillis) -> Uuid {
        let mut random = [0_u8; 10];
        self.fill(&mut random);
        let millis = u64::try_from(now.millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// A new 256-bit secret as 43 URL-safe characters.
    #[must_use]
    pub fn secret(&self) -> SecretString {
        let mut bytes = [0_u8; 32];
        self.fill(&mut bytes);
        SecretString::from(URL_SAFE_NO_PAD.encode(bytes))
    }
}

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemRandom;

impl Random for SystemRandom {
    fn fill(&self, bytes: &mut [u8]) {
        // A system without randomness can keep no promise; there is nothing sensible to continue with.
        if aws_lc_rs::rand::fill(bytes).is_err() {
            tracing::error!("the operating system gives no random numbers, stopping");
            std::process::abort();
        }
    }
}

/// SHA-256 of a secret, lower-case hex: what the database keeps instead of the secret.
#[must_use]
pub fn secret_hash(secret: &str) -> String {
    use std::fmt::Write as _;
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, secret.as_bytes());
    hash.as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
