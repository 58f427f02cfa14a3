//! Registration and matching of redirect addresses. Loopback addresses follow the desktop platform's rules,
//! https addresses the web platform's.

use url::Url;

/// Which platform's rules an address falls under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Platform {
    Web,
    Desktop,
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host == "127.0.0.1"
}

/// The platform of a requested address; none when it is no absolute http(s) address at all.
pub(crate) fn platform(uri: &str) -> Option<Platform> {
    let parsed = Url::parse(uri).ok()?;
    match (parsed.scheme(), parsed.host_str()) {
        ("http" | "https", Some(host)) if is_loopback(host) => Some(Platform::Desktop),
        ("http" | "https", Some(_)) => Some(Platform::Web),
        _ => None,
    }
}

/// Refuses what the developer portal refuses.
pub(crate) fn check_registration(uri: &str) -> Result<Platform, String> {
    if uri.len() >= 512 {
        return Err("it must be shorter than 512 characters".to_owned());
    }
    if uri.contains('?') || uri.contains('#') {
        return Err("query parameters and fragments are refused".to_owned());
    }
    // A wildcard port is no number; any port does for the other checks.
    let parsed =
        Url::parse(&uri.replacen(":*/", ":1/", 1)).map_err(|error| format!("it is no absolute address ({error})"))?;
    let host = parsed.host_str().unwrap_or_default();
    if is_loopback(host) {
        let rest = uri.split_once("//").map_or("", |(_, rest)| rest);
        let authority = rest.split('/').next().unwrap_or_default();
        return match (parsed.scheme(), authority.split_once(':')) {
            ("http" | "https", Some((_, port))) if port == "*" || port.parse::<u16>().is_ok() => Ok(Platform::Desktop),
            ("http" | "https", _) => Err("a loopback address needs a port".to_owned()),
            _ => Err("the scheme must be http or https".to_owned()),
        };
    }
    if parsed.scheme() != "https" {
        return Err("the web platform takes only https".to_owned());
    }
    if host.is_empty() || uri.contains(":*") {
        return Err("the web platform needs a public host without a wildcard".to_owned());
    }
    Ok(Platform::Web)
}

/// Character for character, except for the wildcard port of desktop registrations.
pub(crate) fn matches(registered: &str, requested: &str) -> bool {
    if registered == requested {
        return true;
    }
    let Some((before, after)) = registered.split_once(":*/") else { return false };
    let Some(rest) = requested.strip_prefix(before).and_then(|rest| rest.strip_prefix(':')) else { return false };
    rest.split_once('/').is_some_and(|(port, path)| port.parse::<u16>().is_ok() && path == after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_portal_refuses_what_the_documentation_refuses() {
        assert_eq!(check_registration("https://demo.example/oauth/tiktok/callback/"), Ok(Platform::Web));
        assert_eq!(check_registration("http://localhost:3455/callback/"), Ok(Platform::Desktop));
        assert_eq!(check_registration("http://127.0.0.1:*/callback/"), Ok(Platform::Desktop));
        assert_eq!(check_registration("https://127.0.0.1:3455/callback/"), Ok(Platform::Desktop));
        for bad in [
            "http://demo.example/callback",
            "http://localhost/callback",
            "https://demo.example/cb?x=1",
            "https://demo.example/cb#x",
            "/callback",
            "ftp://localhost:21/",
        ] {
            assert!(check_registration(bad).is_err(), "{bad} must be refused");
        }
        assert!(check_registration(&format!("https://demo.example/{}", "a".repeat(500))).is_err());
    }

    #[test]
    fn matching_is_exact_but_for_the_wildcard_port() {
        assert!(matches("https://demo.example/cb/", "https://demo.example/cb/"));
        assert!(!matches("https://demo.example/cb/", "https://demo.example/cb"));
        assert!(!matches("https://demo.example/cb/", "https://www.demo.example/cb/"));
        assert!(matches("http://127.0.0.1:*/cb/", "http://127.0.0.1:40123/cb/"));
        assert!(!matches("http://127.0.0.1:*/cb/", "http://127.0.0.1/cb/"));
        assert!(!matches("http://127.0.0.1:*/cb/", "http://127.0.0.1:80.evil.example/cb/"));
    }
}
