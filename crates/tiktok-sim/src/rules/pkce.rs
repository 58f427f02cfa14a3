//! The proof key, with TikTok's quirk: the challenge is the hexadecimal SHA-256 of the verifier.

use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::redirect::Platform;

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the verifier proves the challenge that was sent to the authorization page, if one was.
pub(crate) fn proves(platform: Platform, challenge: Option<&str>, verifier: Option<&str>) -> bool {
    let Some(challenge) = challenge else {
        // A verifier nobody asked for is ignored.
        return true;
    };
    let Some(verifier) = verifier else { return false };
    let length_right = (43..=128).contains(&verifier.len());
    let letters_right = verifier.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    if !length_right || !letters_right {
        return false;
    }
    let hash = digest::digest(&digest::SHA256, verifier.as_bytes());
    match platform {
        Platform::Desktop => challenge == hex(hash.as_ref()),
        Platform::Web => challenge == hex(hash.as_ref()) || challenge == URL_SAFE_NO_PAD.encode(hash.as_ref()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERIFIER: &str = "moloko-video-pkce-test-verifier-0123456789-ABCDEFGHIJ";
    const HEX: &str = "88c45cb58e475f18cd12f138821d923a676f1432776788e388bbe620bd575c99";
    const BASE64URL: &str = "iMRctY5HXxjNEvE4gh2SOmdvFDJ3Z4jjiLvmIL1XXJk";

    #[test]
    fn hex_proves_everywhere_and_base64url_only_on_the_web() {
        assert!(proves(Platform::Desktop, Some(HEX), Some(VERIFIER)));
        assert!(proves(Platform::Web, Some(HEX), Some(VERIFIER)));
        assert!(proves(Platform::Web, Some(BASE64URL), Some(VERIFIER)));
        assert!(!proves(Platform::Desktop, Some(BASE64URL), Some(VERIFIER)));
        assert!(!proves(Platform::Desktop, Some(HEX), None));
        assert!(!proves(Platform::Desktop, Some(HEX), Some("short")));
        assert!(proves(Platform::Web, None, Some("anything")));
    }
}
