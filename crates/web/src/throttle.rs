//! Requests per address on the doors that cost something: signing in, starting uploads, opening reports by links. Owns the rates; must not know pages.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Walks to TikTok that one address may start in a minute.
const SIGN_INS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
/// Uploads that one address may start in a minute.
const UPLOADS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(120).expect("not zero");
/// Reports that one address may open by links in a minute, and pictures of them.
const SHARED_PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("not zero");
const SHARED_PICTURES_PER_MINUTE: NonZeroU32 = NonZeroU32::new(1_200).expect("not zero");
/// Addresses remembered before those that are quiet are forgotten.
const ADDRESSES_MAX: usize = 10_000;

/// One limiter per door.
pub struct Throttle {
    sign_ins: DefaultKeyedRateLimiter<IpAddr>,
    uploads: DefaultKeyedRateLimiter<IpAddr>,
    shared: DefaultKeyedRateLimiter<IpAddr>,
    shared_pictures: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            sign_ins: RateLimiter::keyed(Quota::per_minute(SIGN_INS_PER_MINUTE)),
            uploads: RateLimiter::keyed(Quota::per_minute(UPLOADS_PER_MINUTE)),
            shared: RateLimiter::keyed(Quota::per_minute(SHARED_PER_MINUTE)),
            shared_pictures: RateLimiter::keyed(Quota::per_minute(SHARED_PICTURES_PER_MINUTE)),
        }
    }
}

impl Throttle {
    /// Whether this address may start another walk to TikTok.
    ///
    /// # Errors
    /// How long it has to wait.
    pub fn sign_in(&self, address: IpAddr) -> Result<(), Duration> {
        pass(&self.sign_ins, address)
    }

    /// Whether this address may start another upload.
    ///
    /// # Errors
    /// How long it has to wait.
    pub fn upload(&self, address: IpAddr) -> Result<(), Duration> {
        pass(&self.uploads, address)
    }

    /// Whether this address may open another report by a link.
    ///
    /// # Errors
    /// How long it has to wait.
    pub fn shared(&self, address: IpAddr) -> Result<(), Duration> {
        pass(&self.shared, address)
    }

    /// Whether this address may have another picture of such a report.
    ///
    /// # Errors
    /// How long it has to wait.
    pub fn shared_picture(&self, address: IpAddr) -> Result<(), Duration> {
        pass(&self.shared_pictures, address)
    }
}

fn pass(limiter: &DefaultKeyedRateLimiter<IpAddr>, address: IpAddr) -> Result<(), Duration> {
    if limiter.len() > ADDRESSES_MAX {
        limiter.retain_recent();
    }
    limiter.check_key(&network(address)).map_err(|until| until.wait_time_from(limiter.clock().now()))
}

/// What counts as one address: an IPv6 customer has at least 2^64 of them.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn one_network_has_one_allowance_however_many_addresses_it_has() {
        let throttle = Throttle::default();
        let passed = (0..100).filter(|n| throttle.sign_in(format!("2001:db8::{n:x}").parse().unwrap()).is_ok()).count();
        assert_eq!(passed, 20);
        let wait = throttle.sign_in("2001:db8::1".parse().unwrap()).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(3), "a twentieth of a minute: {wait:?}");
        assert!(throttle.sign_in("2001:db8:0:1::1".parse().unwrap()).is_ok(), "the neighbour's");
        assert!(throttle.sign_in("192.0.2.1".parse().unwrap()).is_ok());
        assert!(throttle.upload("2001:db8::1".parse().unwrap()).is_ok(), "another door");
    }
}
