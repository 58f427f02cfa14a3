//! The only source of time. Owns the trait and the system's implementation; nothing else may ask the system for the time.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use domain::time::UnixMillis;
use futures::future::BoxFuture;

/// Wall clock, monotonic clock and timer in one, so that a simulated clock moves all three together.
pub trait Clock: Send + Sync + 'static {
    /// The wall clock.
    fn now(&self) -> UnixMillis;

    /// Time since an arbitrary start; never jumps when the wall clock is set.
    fn monotonic(&self) -> Duration;

    /// Resolves once the wall clock shows `at` or later; at once when it already does; and early when the wall clock was set back,
    /// because then nobody knows any more how long that is. Whoever waits looks at the time again.
    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()>;
}

/// The machine's clock.
#[derive(Debug, Clone)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    /// A clock whose monotonic side starts now.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's clock")]
    pub fn new() -> Self {
        Self { started: Instant::now() }
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the system's clock")]
    fn wall() -> UnixMillis {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        UnixMillis::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

/// Longest single sleep: the wall clock may be set while we sleep, so it is looked at again after this time.
const LONGEST_SLEEP: Duration = Duration::from_secs(1);
/// The wall clock was set back when it shows this much less than before a sleep, milliseconds.
const SET_BACK_MS: i64 = 1000;

/// Sleeps until `wall` shows `at`, or shows that it was set back.
async fn sleep_by(wall: impl Fn() -> UnixMillis, at: UnixMillis) {
    let mut before = wall();
    loop {
        let now = wall();
        let left_ms = at.millis_since(now);
        if left_ms <= 0 || before.millis_since(now) > SET_BACK_MS {
            return;
        }
        before = now;
        let left = Duration::from_millis(u64::try_from(left_ms).unwrap_or(0));
        tokio::time::sleep(left.min(LONGEST_SLEEP)).await;
    }
}

impl Clock for SystemClock {
    fn now(&self) -> UnixMillis {
        Self::wall()
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
        Box::pin(sleep_by(Self::wall, at))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_within_a_second_or_two_when_the_clock_is_set_in_either_direction() {
        for step_ms in [-6 * 3_600_000, 6 * 3_600_000] {
            let wall = Arc::new(AtomicI64::new(1_800_000_000_000));
            let hour = UnixMillis::from_millis(1_800_003_600_000);
            let shown = Arc::clone(&wall);
            let sleeper = tokio::spawn(sleep_by(move || UnixMillis::from_millis(shown.load(Ordering::Relaxed)), hour));
            tokio::task::yield_now().await;
            wall.fetch_add(step_ms, Ordering::Relaxed);
            let woken = tokio::time::timeout(Duration::from_secs(5), sleeper).await;
            assert!(matches!(woken, Ok(Ok(()))), "{step_ms}");
        }
    }
}
