//! Whether our wall clock can be trusted, and TikTok's clock as last seen. Owns no timer: it compares whenever it is asked.

use std::sync::Mutex;
use std::time::Duration;

use domain::attempt::RemoteClock;
use domain::time::UnixMillis;

use crate::clock::Clock;

/// Difference between wall and monotonic progress that counts as a jump, milliseconds.
const JUMP_MS: i64 = 5000;

#[derive(Debug, Default)]
struct Seen {
    last: Option<(UnixMillis, Duration)>,
    suspect: bool,
    set_back: bool,
    remote: Option<RemoteClock>,
}

/// The watch of one process.
#[derive(Debug, Default)]
pub(crate) struct ClockWatch {
    seen: Mutex<Seen>,
}

/// What the watch says now.
#[derive(Debug, Clone, Copy)]
pub(super) struct ClockSight {
    pub(super) now: UnixMillis,
    pub(super) suspect: bool,
    pub(super) remote: Option<RemoteClock>,
}

impl ClockWatch {
    /// Reads the clocks and compares their progress since the last time.
    pub(super) fn look(&self, clock: &dyn Clock) -> ClockSight {
        let now = clock.now();
        let monotonic = clock.monotonic();
        let Ok(mut seen) = self.seen.lock() else {
            // A poisoned watch has seen a panic; trust nothing until restart.
            return ClockSight { now, suspect: true, remote: None };
        };
        if let Some((wall_before, monotonic_before)) = seen.last {
            let wall = now.millis_since(wall_before);
            let real = i64::try_from(monotonic.saturating_sub(monotonic_before).as_millis()).unwrap_or(i64::MAX);
            if wall.saturating_sub(real).abs() > JUMP_MS {
                tracing::warn!(
                    wall_ms = wall,
                    monotonic_ms = real,
                    "the system clock jumped; nothing is released until TikTok's clock agrees"
                );
                seen.suspect = true;
                seen.set_back |= wall < real;
                seen.remote = None;
            }
        }
        seen.last = Some((now, monotonic));
        ClockSight { now, suspect: seen.suspect, remote: seen.remote }
    }

    /// Whether the wall clock was set back since this was asked last: every wait that was counted by it is wrong then.
    pub(super) fn was_set_back(&self) -> bool {
        self.seen.lock().is_ok_and(|mut seen| std::mem::take(&mut seen.set_back))
    }

    /// Takes note of TikTok's clock in an answer that just arrived.
    pub(super) fn answered(&self, clock: &dyn Clock, date: Option<UnixMillis>) {
        let Some(date) = date else { return };
        let sight = self.look(clock);
        let remote = RemoteClock { date, seen_at: sight.now };
        if let Ok(mut seen) = self.seen.lock() {
            seen.remote = Some(remote);
            if remote.agrees() {
                seen.suspect = false;
            } else {
                tracing::warn!(
                    difference_ms = date.millis_since(sight.now),
                    "TikTok's clock and ours differ too much to release posts"
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use futures::future::BoxFuture;
    use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

    use super::*;

    struct Hands {
        wall: AtomicI64,
        monotonic: AtomicU64,
    }

    impl Clock for Hands {
        fn now(&self) -> UnixMillis {
            UnixMillis::from_millis(self.wall.load(Ordering::Relaxed))
        }

        fn monotonic(&self) -> Duration {
            Duration::from_millis(self.monotonic.load(Ordering::Relaxed))
        }

        fn sleep_until(&self, _: UnixMillis) -> BoxFuture<'static, ()> {
            Box::pin(std::future::ready(()))
        }
    }

    #[test]
    fn a_jump_of_the_wall_clock_is_suspected_until_tiktok_agrees() {
        let hands = Hands { wall: AtomicI64::new(1_800_000_000_000), monotonic: AtomicU64::new(0) };
        let watch = ClockWatch::default();
        assert!(!watch.look(&hands).suspect);
        hands.wall.fetch_add(60_000, Ordering::Relaxed);
        hands.monotonic.fetch_add(60_000, Ordering::Relaxed);
        assert!(!watch.look(&hands).suspect, "both moved alike");
        hands.wall.fetch_add(21_600_000, Ordering::Relaxed);
        let jumped = watch.look(&hands);
        assert!(jumped.suspect);
        assert!(jumped.remote.is_none());
        let six_hours_ago = UnixMillis::from_millis(1_800_000_060_000);
        watch.answered(&hands, Some(six_hours_ago));
        assert!(watch.look(&hands).suspect, "TikTok disagrees");
        watch.answered(&hands, Some(hands.now()));
        assert!(!watch.look(&hands).suspect);
        assert!(!watch.was_set_back(), "it went forward");
        hands.wall.fetch_sub(21_600_000, Ordering::Relaxed);
        assert!(watch.look(&hands).suspect);
        assert!(watch.was_set_back() && !watch.was_set_back(), "told once");
    }
}
