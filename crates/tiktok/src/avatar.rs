//! Profile pictures: which hosts they may come from, and what counts as one.
//! An address expires and names the account, so nothing here keeps or prints one.

use std::fmt;

use bytes::Bytes;
use url::{Origin, Url};

use crate::endpoint::{is_at, is_https_below};

/// The allow-list for addresses of profile pictures.
///
/// TikTok answers with an address on one of its image hosts. Without a check, whoever can alter that answer chooses what a server
/// fetches, and from where.
#[derive(Debug, Clone)]
pub enum AvatarHosts {
    /// `https` on the standard port, on any host whose name ends with one of these suffixes (each starts with a dot).
    HttpsSuffixes(Vec<String>),
    /// Exactly these origins: `https`, or `http` on a loopback host.
    Origins(Vec<Origin>),
}

impl AvatarHosts {
    /// Names of TikTok's image hosts end with these. TikTok documents none of them; they were seen in its answers.
    pub const TIKTOK: [&'static str; 3] = [".tiktokcdn.com", ".tiktokcdn-eu.com", ".tiktokcdn-us.com"];

    /// TikTok's image hosts over https.
    #[must_use]
    pub fn tiktok() -> Self {
        Self::HttpsSuffixes(Self::TIKTOK.map(str::to_owned).to_vec())
    }

    /// Only the scheme, host and port of `url`; for a simulator.
    #[must_use]
    pub fn origin(url: &Url) -> Self {
        Self::Origins(vec![url.origin()])
    }

    /// Whether a picture may be fetched from `url`. Addresses with a user name or password are never allowed.
    #[must_use]
    pub fn allows(&self, url: &Url) -> bool {
        match self {
            Self::HttpsSuffixes(suffixes) => suffixes.iter().any(|suffix| is_https_below(url, suffix)),
            Self::Origins(origins) => is_at(url, origins),
        }
    }
}

/// A profile picture as it came.
#[derive(Clone, PartialEq, Eq)]
pub struct Avatar {
    /// What the bytes are, judged by themselves.
    pub format: AvatarFormat,
    /// The picture, at most [`limits::AVATAR_MAX_BYTES`](crate::limits::AVATAR_MAX_BYTES).
    pub bytes: Bytes,
}

impl fmt::Debug for Avatar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Avatar({:?}, {} bytes)", self.format, self.bytes.len())
    }
}

/// Formats a profile picture may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AvatarFormat {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP.
    Webp,
}

impl AvatarFormat {
    /// Reads the first bytes; what the host says about them does not count.
    #[must_use]
    pub fn of_content(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"\xFF\xD8\xFF") {
            Some(Self::Jpeg)
        } else if bytes.starts_with(b"\x89PNG\r\n\x1A\n") {
            Some(Self::Png)
        } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
            Some(Self::Webp)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn pictures_come_from_tiktoks_image_hosts_and_from_no_look_alike() {
        let hosts = AvatarHosts::tiktok();
        let allows = |url: &str| hosts.allows(&Url::parse(url).unwrap());
        assert!(allows("https://p16-sign-va.tiktokcdn.com/a.jpeg?x-expires=1&x-signature=a%3D"));
        assert!(allows("https://p16-pu-sign-no.tiktokcdn-eu.com/a.webp"));
        assert!(allows("https://p19-common-sign.tiktokcdn-us.com/a.jpeg"));
        for bad in [
            "http://p16.tiktokcdn.com/a.jpeg",
            "https://tiktokcdn.com/a.jpeg",
            "https://eviltiktokcdn.com/a.jpeg",
            "https://p16.tiktokcdn.com.evil.example/a.jpeg",
            "https://p16.tiktokcdn.com@evil.example/a.jpeg",
            "https://user@p16.tiktokcdn.com/a.jpeg",
            "https://p16.tiktokcdn.com:8443/a.jpeg",
            "https://169.254.169.254/latest/meta-data/",
            "https://[::1]/a.jpeg",
            "file:///etc/passwd",
        ] {
            assert!(!allows(bad), "{bad}");
        }
    }

    #[test]
    fn a_format_is_what_the_bytes_say() {
        for (bytes, format) in [
            (&b"\xFF\xD8\xFF\xE0\0\x10JFIF"[..], Some(AvatarFormat::Jpeg)),
            (b"\x89PNG\r\n\x1A\n\0\0\0\rIHDR", Some(AvatarFormat::Png)),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some(AvatarFormat::Webp)),
            (b"RIFF\x24\0\0\0WAVEfmt ", None),
            (b"RIFF", None),
            (b"GIF89a", None),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\">", None),
            (b"<!doctype html>", None),
            (b"", None),
        ] {
            assert_eq!(AvatarFormat::of_content(bytes), format, "{bytes:?}");
        }
    }

    #[test]
    fn a_picture_prints_its_size_only() {
        let picture = Avatar { format: AvatarFormat::Png, bytes: Bytes::from_static(b"canary") };
        assert_eq!(format!("{picture:?}"), "Avatar(Png, 6 bytes)");
    }
}
