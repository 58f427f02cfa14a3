//! The way to push services: one request, to an address that a person's browser named and that we believe only so far. Owns the client; must not
//! decide what follows from an answer.
//!
//! https to the hosts of the settings, on public addresses alone, no redirect, no cookie, and nothing of the answer is read but its head.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use domain::push::Answer;
use domain::time::UnixMillis;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use reqwest::redirect::Policy;
use url::Url;

use super::PushSettings;
use super::hosts::Hosts;

/// Time for one message, from the name's resolution to the answer's head.
const TIMEOUT: Duration = Duration::from_secs(10);

/// One message on its way.
#[derive(Debug)]
pub struct Parcel {
    /// Where to.
    pub url: Url,
    /// The sealed body.
    pub body: Vec<u8>,
    /// Our word for the push service.
    pub word: String,
    /// How long the push service keeps it for a browser that sleeps, seconds.
    pub ttl_s: i64,
    /// Whether a sleeping phone is woken.
    pub urgency: &'static str,
    /// A later message of the same name takes the place of one that waits.
    pub topic: String,
}

/// A client for push services.
#[derive(Debug, Clone)]
pub struct Door {
    client: reqwest::Client,
    /// The turns of the services.
    pub(super) hosts: Hosts,
    /// Messages are taken up one after the other, in the order in which they are due: what is told first counts for the hour first.
    pub(super) taking_up: Arc<tokio::sync::Mutex<()>>,
}

impl Door {
    /// Sets up TLS and the rules about addresses.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new(settings: &PushSettings) -> Result<Self, reqwest::Error> {
        let builder = reqwest::Client::builder()
            .user_agent(concat!("moloko/", env!("CARGO_PKG_VERSION")))
            .timeout(TIMEOUT)
            .redirect(Policy::none())
            .referer(false)
            .retry(reqwest::retry::never());
        let builder = if settings.origins.is_empty() {
            builder.https_only(true).dns_resolver(Arc::new(PublicOnly))
        } else {
            builder.no_proxy()
        };
        Ok(Self { client: builder.build()?, hosts: Hosts::default(), taking_up: Arc::default() })
    }

    /// Hands a message over, once.
    pub async fn hand_over(&self, parcel: Parcel, now: UnixMillis) -> Answer {
        let request = self
            .client
            .post(parcel.url)
            .header(AUTHORIZATION, parcel.word)
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_ENCODING, "aes128gcm")
            .header("TTL", parcel.ttl_s)
            .header("Urgency", parcel.urgency)
            .header("Topic", parcel.topic)
            .body(parcel.body);
        match request.send().await {
            Ok(answer) => {
                let pause = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                Answer::Status(answer.status().as_u16(), pause.and_then(|text| pause_ms(text, now)))
            }
            Err(error) => {
                // The address is a secret of the browser's.
                tracing::debug!(error = %error.without_url(), "a push service was not reached");
                Answer::Nothing
            }
        }
    }
}

/// The pause that `Retry-After` asks for, milliseconds: seconds, or an instant.
fn pause_ms(text: &str, now: UnixMillis) -> Option<i64> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(i64::from(seconds).saturating_mul(1_000));
    }
    let at = httpdate::parse_http_date(text).ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let at = UnixMillis::from_seconds(i64::try_from(at.as_secs()).ok()?);
    Some(at.millis_since(now).max(0))
}

/// Resolves names to public addresses only: whoever names an address at a push service must not reach our own network through us.
struct PublicOnly;

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let public: Vec<SocketAddr> = found.into_iter().filter(|it| is_public(it.ip())).collect();
            if public.is_empty() {
                return Err("the name has no public address".into());
            }
            let addresses: Addrs = Box::new(public.into_iter());
            Ok(addresses)
        })
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => is_public_v4(it),
        IpAddr::V6(it) => is_public_v6(it),
    }
}

fn is_public_v4(it: Ipv4Addr) -> bool {
    let [a, b, c, _] = it.octets();
    let shared = a == 100 && (64..128).contains(&b);
    let special = (a == 192 && b == 0 && c == 0) || (a == 198 && (18..20).contains(&b)) || a == 0 || a >= 240;
    !(it.is_private()
        || it.is_loopback()
        || it.is_link_local()
        || it.is_multicast()
        || it.is_documentation()
        || shared
        || special)
}

fn is_public_v6(it: Ipv6Addr) -> bool {
    if let Some(inner) = it.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    let [first, second, ..] = it.segments();
    // Global unicast, without what is set aside in it: documentation, Teredo and its neighbours, 6to4.
    (0x2000..0x4000).contains(&first)
        && !(first == 0x2001 && (second < 0x0200 || second == 0x0db8))
        && first != 0x2002
        && first != 0x3fff
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_network_is_reached_through_no_name() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "198.18.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::",
            "2001:db8::1",
            "ff02::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for outside in ["142.250.185.106", "17.57.12.11", "2a00:1450:4001:82a::200a", "::ffff:142.250.185.106"] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }

    #[test]
    fn a_pause_is_seconds_or_an_instant() {
        let now = UnixMillis::from_seconds(1_795_523_400);
        assert_eq!(pause_ms("120", now), Some(120_000));
        assert_eq!(pause_ms("Tue, 24 Nov 2026 12:31:00 GMT", now), Some(60_000));
        assert_eq!(pause_ms("Tue, 24 Nov 2026 12:00:00 GMT", now), Some(0), "that has passed");
        assert_eq!(pause_ms("soon", now), None);
    }
}
