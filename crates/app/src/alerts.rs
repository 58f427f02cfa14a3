//! What happens more often than it should: failed sign-ins, sealed values that do not open, revocations that TikTok did not confirm.
//!
//! Owns counters in memory, their windows and thresholds; no query, no timer, no name or id of anybody. Each process counts its own.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::clock::Clock;

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AlertKind {
    /// Walks to TikTok that came back wrong: guessed or replayed answers, or an app or a TikTok that refuses everybody; and answers of operators'
    /// authenticators that opened nothing.
    FailedSignIns,
    /// Sealed values that do not open: altered, moved, or sealed with another key.
    DecryptFailures,
    /// Grants that ended here and whose end TikTok did not confirm.
    RevokeFailures,
    /// Erasures that have not ended twenty days after they were asked for, each time they are tried.
    OverdueErasures,
    /// TikTok ended a grant because the age of its person changed.
    AgeChanges,
    /// People's requests that have waited for an answer for twenty days, at each look.
    OverdueRequests,
    /// Exports that were asked for: somebody may be carrying data off under many names.
    MassExports,
}

impl AlertKind {
    /// All there are.
    pub const ALL: [Self; 7] = [
        Self::FailedSignIns,
        Self::DecryptFailures,
        Self::RevokeFailures,
        Self::OverdueErasures,
        Self::AgeChanges,
        Self::OverdueRequests,
        Self::MassExports,
    ];

    /// Its name in measurements and in `/healthz`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::FailedSignIns => "failed_sign_ins",
            Self::DecryptFailures => "decrypt_failures",
            Self::RevokeFailures => "revoke_failures",
            Self::OverdueErasures => "overdue_erasures",
            Self::AgeChanges => "age_changes",
            Self::OverdueRequests => "overdue_requests",
            Self::MassExports => "mass_exports",
        }
    }

    /// How many within which time raise the alert.
    #[must_use]
    pub const fn limit(self) -> (usize, Duration) {
        match self {
            // People mistype nothing here: a walk fails when it is forged, replayed or hours old, or when TikTok is out of order.
            Self::FailedSignIns => (20, Duration::from_secs(600)),
            // None is ever expected.
            Self::DecryptFailures => (1, Duration::from_secs(3600)),
            Self::RevokeFailures => (3, Duration::from_secs(3600)),
            // Longer than the pause between two tries, so that it stays up until the erasure has ended.
            Self::OverdueErasures => (1, Duration::from_secs(86_400)),
            // Long enough for somebody to come back from a weekend.
            Self::AgeChanges => (1, Duration::from_secs(3 * 86_400)),
            // Longer than the pause between two looks, so that it stays up until the answer, and passes soon after it.
            Self::OverdueRequests => (1, Duration::from_secs(6 * 3600)),
            // A person can ask once a day, so these are six people.
            Self::MassExports => (6, Duration::from_secs(3600)),
        }
    }

    /// What whoever operates the instance should do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::FailedSignIns => {
                "look at the request log for one address that comes often, and at TikTok's state and the client key if all fail"
            }
            Self::DecryptFailures => {
                "somebody may have altered or moved rows, or the instance key is another one: run `moloko audit verify` and `moloko doctor`"
            }
            Self::RevokeFailures => {
                "tokens are destroyed here all the same; the people were told to remove the app in TikTok's settings; see whether TikTok answers"
            }
            Self::OverdueErasures => {
                "see `moloko privacy status` and the log for what stops them: thirty days are promised, and a legal hold is no excuse without end"
            }
            Self::AgeChanges => {
                "look at `moloko audit show --action connection.grant_withdrawn`; if the person is not of age, `moloko privacy erase --under-age`"
            }
            Self::OverdueRequests => {
                "see `moloko requests list` and answer with `moloko requests answer`: people are owed an answer within one month"
            }
            Self::MassExports => {
                "see `moloko audit show --action export.` for who asked; if it was not the people themselves, end their sessions and rotate the instance key"
            }
        }
    }
}

/// One counter.
#[derive(Debug, Default)]
struct Counter {
    total: AtomicU64,
    recent: Mutex<Recent>,
}

#[derive(Debug, Default)]
struct Recent {
    /// When the last ones happened, by the monotonic clock; no more of them than raise the alert.
    at: VecDeque<Duration>,
    /// When the alert was last written into the log.
    logged_at: Option<Duration>,
}

/// One counter at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AlertReading {
    /// What it counts.
    pub kind: AlertKind,
    /// How many since the process began.
    pub total: u64,
    /// As many as raise the alert happened within its window.
    pub active: bool,
}

/// The counters of one process.
pub struct Alerts {
    clock: Arc<dyn Clock>,
    counters: [Counter; AlertKind::ALL.len()],
}

impl std::fmt::Debug for Alerts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Alerts").field("counters", &self.counters).finish_non_exhaustive()
    }
}

impl Alerts {
    /// Counters at nothing.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, counters: std::array::from_fn(|_| Counter::default()) }
    }

    fn counter(&self, kind: AlertKind) -> &Counter {
        let [sign_ins, decrypts, revokes, erasures, ages, requests, exports] = &self.counters;
        match kind {
            AlertKind::FailedSignIns => sign_ins,
            AlertKind::DecryptFailures => decrypts,
            AlertKind::RevokeFailures => revokes,
            AlertKind::OverdueErasures => erasures,
            AlertKind::AgeChanges => ages,
            AlertKind::OverdueRequests => requests,
            AlertKind::MassExports => exports,
        }
    }

    /// It happened once more. Written into the log when that raises the alert, once per window.
    pub fn note(&self, kind: AlertKind) {
        let (many, window) = kind.limit();
        let now = self.clock.monotonic();
        let counter = self.counter(kind);
        let total = counter.total.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        let mut recent = counter.recent.lock().unwrap_or_else(PoisonError::into_inner);
        recent.at.push_back(now);
        if recent.at.len() > many {
            recent.at.pop_front();
        }
        let logged = recent.logged_at.is_some_and(|at| now.saturating_sub(at) < window);
        if recent.is_active(many, window, now) && !logged {
            recent.logged_at = Some(now);
            drop(recent);
            let within_s = window.as_secs();
            tracing::error!(alert = kind.name(), limit = many, within_s, total, advice = kind.advice(), "alert");
        }
    }

    /// All counters now.
    #[must_use]
    pub fn readings(&self) -> Vec<AlertReading> {
        let now = self.clock.monotonic();
        let reading = |kind: AlertKind| {
            let (many, window) = kind.limit();
            let counter = self.counter(kind);
            let active = counter.recent.lock().unwrap_or_else(PoisonError::into_inner).is_active(many, window, now);
            AlertReading { kind, total: counter.total.load(Ordering::Relaxed), active }
        };
        AlertKind::ALL.into_iter().map(reading).collect()
    }
}

impl Recent {
    fn is_active(&self, many: usize, window: Duration, now: Duration) -> bool {
        self.at.len() >= many && self.at.front().is_some_and(|first| now.saturating_sub(*first) < window)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::sync::atomic::AtomicU64;

    use domain::time::UnixMillis;
    use futures::future::BoxFuture;

    use super::*;

    #[derive(Default)]
    struct Hand(AtomicU64);

    impl Clock for Hand {
        fn now(&self) -> UnixMillis {
            UnixMillis::from_millis(0)
        }

        fn monotonic(&self) -> Duration {
            Duration::from_secs(self.0.load(Ordering::Relaxed))
        }

        fn sleep_until(&self, _at: UnixMillis) -> BoxFuture<'static, ()> {
            Box::pin(std::future::pending())
        }
    }

    fn active(alerts: &Alerts, kind: AlertKind) -> bool {
        alerts.readings().into_iter().find(|reading| reading.kind == kind).unwrap().active
    }

    #[test]
    fn pp_5_5_an_alert_is_raised_by_so_many_within_its_window_and_passes_with_it() {
        for kind in AlertKind::ALL {
            let hand = Arc::new(Hand::default());
            let alerts = Alerts::new(hand.clone());
            let (many, window) = kind.limit();
            for _ in 1..many {
                alerts.note(kind);
                assert!(!active(&alerts, kind), "{kind:?}: not yet");
            }
            alerts.note(kind);
            assert!(active(&alerts, kind), "{kind:?}");
            let others = AlertKind::ALL.into_iter().filter(|other| *other != kind);
            assert!(others.into_iter().all(|other| !active(&alerts, other)), "only this one");
            hand.0.store(window.as_secs() - 1, Ordering::Relaxed);
            assert!(active(&alerts, kind));
            hand.0.store(window.as_secs(), Ordering::Relaxed);
            assert!(!active(&alerts, kind), "{kind:?}: its window is over");
            let total = alerts.readings().into_iter().find(|reading| reading.kind == kind).unwrap().total;
            assert_eq!(total, u64::try_from(many).unwrap(), "what happened stays counted");
        }
    }

    #[test]
    fn as_many_spread_over_a_longer_time_raise_nothing() {
        let hand = Arc::new(Hand::default());
        let alerts = Alerts::new(hand.clone());
        let (many, window) = AlertKind::RevokeFailures.limit();
        for n in 0..3 * many {
            hand.0.store(window.as_secs() * u64::try_from(n).unwrap() / 2, Ordering::Relaxed);
            alerts.note(AlertKind::RevokeFailures);
            assert!(!active(&alerts, AlertKind::RevokeFailures));
        }
    }
}
