//! Which URLs an app may have TikTok pull from: verified domains and verified URL prefixes.

use url::{Host, Url};

use crate::answer::{ApiFault, URL_OWNERSHIP};
use crate::config::AppSpec;

/// Refuses http, addresses without a name, and everything outside the verified properties.
pub(crate) fn check(app: &AppSpec, address: &str) -> Result<Url, ApiFault> {
    let refused = || ApiFault::new(403, "url_ownership_unverified", URL_OWNERSHIP);
    let parsed = Url::parse(address).map_err(|_| refused())?;
    let Some(Host::Domain(host)) = parsed.host() else { return Err(refused()) };
    if parsed.scheme() != "https" {
        return Err(refused());
    }
    let by_domain = app
        .verified_domains
        .iter()
        .any(|domain| host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.')));
    // The normalised form: `..` in a path must not walk out of a verified prefix.
    let by_prefix = app.verified_prefixes.iter().any(|prefix| parsed.as_str().starts_with(prefix.as_str()));
    if by_domain || by_prefix { Ok(parsed) } else { Err(refused()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_exact_and_domains_cover_subdomains() {
        let app = AppSpec {
            verified_domains: vec!["s.example.com".to_owned()],
            verified_prefixes: vec!["https://m.example/v/".to_owned()],
            ..AppSpec::audited("k", "s", ["https://demo.example/"])
        };
        for good in ["https://m.example/v/a/b.mp4", "https://s.example.com/x", "https://x.s.example.com/y?sig=1"] {
            assert!(check(&app, good).is_ok(), "{good}");
        }
        for bad in [
            "https://m.example/w/b.mp4",
            "https://m.example/v/../w/b.mp4",
            "https://example.com/x",
            "https://evils.example.com/x",
            "http://m.example/v/a.mp4",
            "https://127.0.0.1/v/a.mp4",
            "not an address",
        ] {
            assert_eq!(check(&app, bad).map_err(|fault| fault.code), Err("url_ownership_unverified".into()), "{bad}");
        }
    }
}
