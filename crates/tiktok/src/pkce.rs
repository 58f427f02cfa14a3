//! Proof key for code exchange in TikTok's dialect: the challenge is HEX of SHA-256, not base64url.
//! The verifier is a secret until the code is exchanged; it neither prints nor serialises.

use std::fmt;

use aws_lc_rs::{digest, rand};
use base64::Engine as _;
use secrecy::{ExposeSecret as _, SecretString};

use crate::hex;
use crate::limits::{PKCE_VERIFIER_MAX_CHARS, PKCE_VERIFIER_MIN_CHARS};

/// The secret half of one authorization: 43 to 128 characters of `A-Z a-z 0-9 - . _ ~`. Source: login-kit-desktop.
///
/// Loopback redirect addresses need it; the documented web flow does not use it. Make a fresh one for every authorization.
#[derive(Clone)]
pub struct PkceVerifier(SecretString);

/// Why a PKCE verifier could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PkceError {
    /// The length is outside 43..=128 characters.
    #[error(
        "a PKCE verifier has {PKCE_VERIFIER_MIN_CHARS} to {PKCE_VERIFIER_MAX_CHARS} characters, this one has {chars}"
    )]
    Length {
        /// Characters found.
        chars: usize,
    },
    /// A character outside the unreserved set.
    #[error("a PKCE verifier consists of letters, digits, '-', '.', '_' and '~' only")]
    Alphabet,
    /// The operating system gave no random bytes.
    #[error("the system's random source gave no bytes for a PKCE verifier")]
    Random,
}

impl PkceVerifier {
    /// A fresh verifier of 43 characters with 256 random bits.
    ///
    /// # Errors
    /// [`PkceError::Random`] when the system's random source fails.
    pub fn generate() -> Result<Self, PkceError> {
        let mut bytes = [0_u8; 32];
        rand::fill(&mut bytes).map_err(|_unspecified| PkceError::Random)?;
        let text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes);
        Ok(Self(text.into()))
    }

    /// Takes back a verifier that was kept between the redirect and the callback.
    ///
    /// # Errors
    /// [`PkceError::Length`] or [`PkceError::Alphabet`] when the text cannot be a verifier.
    pub fn parse(text: &str) -> Result<Self, PkceError> {
        let chars = text.chars().count();
        if !(PKCE_VERIFIER_MIN_CHARS..=PKCE_VERIFIER_MAX_CHARS).contains(&chars) {
            return Err(PkceError::Length { chars });
        }
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
        if !text.chars().all(allowed) {
            return Err(PkceError::Alphabet);
        }
        Ok(Self(text.into()))
    }

    /// The public half: 64 lower-case hex digits of SHA-256 over the verifier.
    ///
    /// The method is still called `S256`, but the base64url form of RFC 7636 makes TikTok refuse the later exchange.
    #[must_use]
    pub fn challenge_hex(&self) -> String {
        let hash = digest::digest(&digest::SHA256, self.expose().as_bytes());
        hex::encode(hash.as_ref())
    }

    /// The secret text, for keeping it server-side until the callback.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for PkceVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PkceVerifier([redacted])")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{PkceError, PkceVerifier};

    #[test]
    fn the_challenge_is_hex_and_not_base64url() {
        let verifier = PkceVerifier::parse("moloko-video-pkce-test-verifier-0123456789-ABCDEFGHIJ").unwrap();
        assert_eq!(verifier.challenge_hex(), "88c45cb58e475f18cd12f138821d923a676f1432776788e388bbe620bd575c99");
    }

    #[test]
    fn fresh_verifiers_differ_and_can_be_parsed_back() {
        let (a, b) = (PkceVerifier::generate().unwrap(), PkceVerifier::generate().unwrap());
        assert_ne!(a.expose(), b.expose());
        assert_eq!(PkceVerifier::parse(a.expose()).unwrap().challenge_hex(), a.challenge_hex());
    }

    #[test]
    fn lengths_and_characters_outside_the_rule_are_refused() {
        assert_eq!(PkceVerifier::parse(&"a".repeat(42)).unwrap_err(), PkceError::Length { chars: 42 });
        assert!(PkceVerifier::parse(&"a".repeat(43)).is_ok());
        assert!(PkceVerifier::parse(&"a".repeat(128)).is_ok());
        assert_eq!(PkceVerifier::parse(&"a".repeat(129)).unwrap_err(), PkceError::Length { chars: 129 });
        assert_eq!(PkceVerifier::parse(&"+".repeat(50)).unwrap_err(), PkceError::Alphabet);
    }

    #[test]
    fn a_verifier_does_not_print_itself() {
        let verifier = PkceVerifier::generate().unwrap();
        assert!(!format!("{verifier:?}").contains(verifier.expose()));
    }
}
