//! What is registered with TikTok: the shape of the key and TikTok's rules for redirect addresses.

use super::Finding;
use crate::config::{Config, Mode};
use url::Url;

/// A redirect address must be shorter than this, characters.
const REDIRECT_MAX: usize = 512;

pub fn look(config: &Config) -> Vec<Finding> {
    vec![key(config), redirect(config), photos(config)]
}

fn key(config: &Config) -> Finding {
    let key = &config.tiktok.client_key;
    let simulated = match config.mode {
        Mode::Development => key.contains("_sim_"),
        Mode::Production => false,
    };
    if simulated {
        Finding::ok("client key", "a simulator's key, in development mode")
    } else if key.starts_with("sb") {
        Finding::warn(
            "client key",
            "this is the key of a sandbox",
            "only its target users can sign in, and posts stay private",
            "Use the production key once TikTok has reviewed the app.",
        )
    } else if key.starts_with("aw") {
        Finding::ok("client key", "has the shape of a production key; the secret is present")
    } else {
        Finding::warn(
            "client key",
            "does not begin with aw (production) or sb (sandbox)",
            "key and secret are easily swapped, and TikTok then refuses every sign-in",
            "Compare both with the page of your app at TikTok for Developers.",
        )
    }
}

/// TikTok fetches photos from us; whether it verified the address is known to TikTok alone.
fn photos(config: &Config) -> Finding {
    let base = config.pull_url.as_ref().unwrap_or(&config.public_url);
    let named = matches!(base.url().host(), Some(url::Host::Domain(_)));
    if !base.is_https() || !named {
        return Finding::warn(
            "photos",
            format!("{} is no public https address", base.origin()),
            "TikTok fetches photos itself, so photo posts cannot go out; videos can",
            "Use an https address with a name, or set MOLOKO_PULL_URL to the one under which TikTok reaches this server.",
        );
    }
    let prefix = format!("{}/pull/", base.origin());
    match &config.site_verification {
        Some(word) => {
            Finding::ok("photos", format!("verify this URL prefix at TikTok: {prefix} (shows tiktok{word}.txt)"))
        }
        None => Finding::warn(
            "photos",
            format!("no word of TikTok's for the URL prefix {prefix}"),
            "unless its domain is verified at TikTok, photo posts are refused with url_ownership_unverified",
            "Add the prefix under URL properties of your app and set MOLOKO_TIKTOK_SITE_VERIFICATION, or verify the domain there by the TXT record tiktok-developers-site-verification=WORD.",
        ),
    }
}

fn redirect(config: &Config) -> Finding {
    let uri = format!("{}/oauth/tiktok/callback/", config.public_url.origin());
    match redirect_problem(&uri) {
        None => Finding::ok("redirect", format!("register exactly this redirect address: {uri}")),
        Some(what) => Finding::fail(
            "redirect",
            format!("{uri}: {what}"),
            "TikTok shows an error page before the consent page, and nothing comes back here",
            "Change MOLOKO_PUBLIC_URL and register the address it gives.",
        ),
    }
}

/// TikTok's rules: https with a public name on the web; loopback needs a port and is a desktop registration.
fn redirect_problem(uri: &str) -> Option<&'static str> {
    let Ok(url) = Url::parse(uri) else { return Some("it is not an address") };
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1"));
    if uri.len() >= REDIRECT_MAX {
        Some("it has 512 characters or more")
    } else if url.query().is_some() || url.fragment().is_some() {
        Some("it has parameters or a fragment")
    } else if loopback && url.port().is_none() {
        Some("a loopback address needs an explicit port")
    } else if !loopback && url.scheme() != "https" {
        Some("TikTok takes https only, except for localhost and 127.0.0.1")
    } else if url.host_str() == Some("[::1]") {
        Some("TikTok takes 127.0.0.1 and localhost, not ::1")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirect_addresses_follow_tiktoks_rules() {
        for right in [
            "https://moloko.example/oauth/tiktok/callback/",
            "http://127.0.0.1:8080/oauth/tiktok/callback/",
            "http://localhost:3455/x/",
        ] {
            assert_eq!(redirect_problem(right), None, "{right}");
        }
        for wrong in [
            "http://moloko.example/x/",
            "http://localhost/x/",
            "https://[::1]:8080/x/",
            "https://moloko.example/x/?a=1",
        ] {
            assert!(redirect_problem(wrong).is_some(), "{wrong}");
        }
        assert!(redirect_problem(&format!("https://moloko.example/{}", "x".repeat(500))).is_some());
    }
}
