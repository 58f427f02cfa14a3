//! Virtual time: true time is the paused timer of the async runtime, and each node has a wall clock of its own that may be wrong.
//!
//! Owns clocks and the gate of a frozen node. Must not decide when anything happens.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::Clock;
use domain::time::UnixMillis;
use futures::future::BoxFuture;
use tokio::sync::watch;
use tokio::time::Instant;

/// When every story begins, milliseconds since 1970 UTC: a Monday noon.
pub(crate) const START_MS: i64 = 1_795_435_200_000;

/// The one true time of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TrueTime {
    started: Instant,
}

impl TrueTime {
    pub(crate) fn starting_now() -> Self {
        Self { started: Instant::now() }
    }

    /// Since the start of the run.
    pub(crate) fn elapsed(self) -> Duration {
        self.started.elapsed()
    }

    pub(crate) fn now_ms(self) -> i64 {
        START_MS.saturating_add(millis(self.elapsed()))
    }

    /// Waits until the true time is `at_ms` after the start.
    pub(crate) async fn until(self, at_ms: i64) {
        let left = at_ms.saturating_sub(millis(self.elapsed()));
        tokio::time::sleep(Duration::from_millis(u64::try_from(left).unwrap_or(0))).await;
    }
}

pub(crate) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// Lets a node's futures through unless the node is frozen, as by SIGSTOP.
#[derive(Debug, Clone)]
pub(crate) struct Gate {
    frozen: Arc<watch::Sender<bool>>,
}

impl Gate {
    pub(crate) fn open() -> Self {
        Self { frozen: Arc::new(watch::Sender::new(false)) }
    }

    pub(crate) fn freeze(&self, frozen: bool) {
        self.frozen.send_replace(frozen);
    }

    pub(crate) fn is_frozen(&self) -> bool {
        *self.frozen.borrow()
    }

    pub(crate) async fn pass(&self) {
        if *self.frozen.borrow() {
            let mut frozen = self.frozen.subscribe();
            let _ = frozen.wait_for(|frozen| !frozen).await;
        }
    }
}

/// One node's clock: its wall clock differs from true time by an offset that can jump, its monotonic clock does not.
#[derive(Debug, Clone)]
pub(crate) struct NodeClock {
    time: TrueTime,
    offset_ms: Arc<AtomicI64>,
    jumped: Arc<watch::Sender<()>>,
    gate: Gate,
}

impl NodeClock {
    pub(crate) fn new(time: TrueTime, offset_ms: i64, gate: Gate) -> Self {
        Self { time, offset_ms: Arc::new(AtomicI64::new(offset_ms)), jumped: Arc::new(watch::Sender::new(())), gate }
    }

    /// Sets the wall clock forward or back.
    pub(crate) fn jump(&self, ms: i64) {
        self.offset_ms.fetch_add(ms, Ordering::Relaxed);
        self.jumped.send_replace(());
    }

    /// Sets the wall clock right, as a time service does sooner or later.
    pub(crate) fn set_right(&self) {
        self.offset_ms.store(0, Ordering::Relaxed);
        self.jumped.send_replace(());
    }

    /// How far the wall clock is off, milliseconds.
    pub(crate) fn offset_ms(&self) -> i64 {
        self.offset_ms.load(Ordering::Relaxed)
    }
}

impl Clock for NodeClock {
    fn now(&self) -> UnixMillis {
        UnixMillis::from_millis(self.time.now_ms().saturating_add(self.offset_ms()))
    }

    fn monotonic(&self) -> Duration {
        self.time.elapsed()
    }

    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
        let clock = self.clone();
        Box::pin(async move {
            let mut jumped = clock.jumped.subscribe();
            let mut before = clock.now();
            loop {
                clock.gate.pass().await;
                // As the system's clock does: set back, nobody knows any more how long it is.
                if clock.now() < before {
                    return;
                }
                before = clock.now();
                let Ok(left_ms) = u64::try_from(at.millis_since(clock.now())) else { return };
                if left_ms == 0 {
                    return;
                }
                tokio::select! {
                    biased;
                    () = tokio::time::sleep(Duration::from_millis(left_ms)) => {}
                    _ = jumped.changed() => {}
                }
            }
        })
    }
}
