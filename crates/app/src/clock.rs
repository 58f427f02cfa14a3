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

    /// Resolves once the wall clock shows `at` or later; at once when it already does.
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
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

impl Clock for SystemClock {
    fn now(&self) -> UnixMillis {
        Self::wall()
    }

    fn monotonic(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            loop {
                let left_ms = at.millis_since(Self::wall());
                let Ok(left_ms) = u64::try_from(left_ms) else {
                    return;
                };
                if left_ms == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(left_ms).min(LONGEST_SLEEP)).await;
            }
        })
    }
}
