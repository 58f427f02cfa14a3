//! Requests per address on the doors that cost something: signing in, starting uploads. Owns the rates; must not know pages.

use std::net::IpAddr;
use std::num::NonZeroU32;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Walks to TikTok that one address may start in a minute.
const SIGN_INS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(20).expect("not zero");
/// Uploads that one address may start in a minute.
const UPLOADS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(120).expect("not zero");
/// Addresses remembered before those that are quiet are forgotten.
const ADDRESSES_MAX: usize = 10_000;

/// One limiter per door.
pub struct Throttle {
    sign_ins: DefaultKeyedRateLimiter<IpAddr>,
    uploads: DefaultKeyedRateLimiter<IpAddr>,
}

impl Default for Throttle {
    fn default() -> Self {
        Self {
            sign_ins: RateLimiter::keyed(Quota::per_minute(SIGN_INS_PER_MINUTE)),
            uploads: RateLimiter::keyed(Quota::per_minute(UPLOADS_PER_MINUTE)),
        }
    }
}

impl Throttle {
    /// Whether this address may start another walk to TikTok.
    #[must_use]
    pub fn sign_in(&self, address: IpAddr) -> bool {
        pass(&self.sign_ins, address)
    }

    /// Whether this address may start another upload.
    #[must_use]
    pub fn upload(&self, address: IpAddr) -> bool {
        pass(&self.uploads, address)
    }
}

fn pass(limiter: &DefaultKeyedRateLimiter<IpAddr>, address: IpAddr) -> bool {
    if limiter.len() > ADDRESSES_MAX {
        limiter.retain_recent();
    }
    limiter.check_key(&address).is_ok()
}
