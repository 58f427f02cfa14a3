//! Instants and durations as the databases store them. Owns conversions; must not read a clock.

use serde::{Deserialize, Serialize};

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UnixMillis(i64);

/// Largest distance from the epoch that is accepted (about year 9999), so that arithmetic cannot overflow.
const LIMIT_MS: i64 = 253_402_300_799_000;

impl UnixMillis {
    /// An instant from epoch milliseconds, clamped to years 0 to 9999.
    #[must_use]
    pub const fn from_millis(ms: i64) -> Self {
        if ms > LIMIT_MS {
            Self(LIMIT_MS)
        } else if ms < -LIMIT_MS {
            Self(-LIMIT_MS)
        } else {
            Self(ms)
        }
    }

    /// An instant from epoch seconds.
    #[must_use]
    pub const fn from_seconds(seconds: i64) -> Self {
        Self::from_millis(seconds.saturating_mul(1000))
    }

    /// Epoch milliseconds.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Epoch seconds, rounded towards the past.
    #[must_use]
    pub const fn seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The instant `ms` milliseconds later (earlier when negative).
    #[must_use]
    pub const fn plus_millis(self, ms: i64) -> Self {
        Self::from_millis(self.0.saturating_add(ms))
    }

    /// The instant `seconds` later (earlier when negative).
    #[must_use]
    pub const fn plus_seconds(self, seconds: i64) -> Self {
        self.plus_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds from `earlier` to `self`; negative when `earlier` is later.
    #[must_use]
    pub const fn millis_since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}
