//! What a node knows about its own punctuality: lateness of releases, what came of posts, whether the publishing loop is alive.
//!
//! Owns counters in memory and nothing else: no query, no timer, no name of a person, account or post.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use domain::rules::stopped_by;
use domain::time::UnixMillis;

use crate::clock::Clock;

/// Upper ends of the lateness classes, milliseconds; beyond the last one is a class of its own.
pub const LATENESS_MS: [u64; 11] = [10, 25, 50, 100, 250, 500, 1000, 3000, 10_000, 60_000, 900_000];

/// A loop that works on one thing or oversleeps for longer than this is stalled.
pub const STALLED_AFTER: Duration = Duration::from_secs(60);

/// Name of every code that is not in our tables, so that what TikTok invents cannot make labels without end.
const OTHER: &str = "other";

#[derive(Debug, Clone, Copy, Default)]
enum Loop {
    #[default]
    NotStarted,
    /// Since then, by the monotonic clock.
    Works(Duration),
    /// Until then; `None` until something happens.
    Sleeps(Option<UnixMillis>),
    Ended,
}

/// The counters of one process.
#[derive(Debug, Default)]
pub struct Pulse {
    lateness: [AtomicU64; LATENESS_MS.len()],
    later: AtomicU64,
    lateness_sum_ms: AtomicU64,
    out: AtomicU64,
    stopped: Mutex<BTreeMap<&'static str, u64>>,
    state: Mutex<Loop>,
    /// Pieces of work under way: attempts that are worked on, not those that wait for their time; leases and tokens being renewed.
    busy: AtomicUsize,
}

/// The counters at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readings {
    /// Releases not later than each of [`LATENESS_MS`], each counted in every class it fits.
    pub lateness: Vec<(u64, u64)>,
    /// All releases.
    pub releases: u64,
    /// Their lateness together, milliseconds.
    pub lateness_sum_ms: u64,
    /// Posts that are out or in an inbox.
    pub out: u64,
    /// Posts that failed or wait for a person, by code.
    pub stopped: BTreeMap<&'static str, u64>,
}

/// How the publishing loop is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoopHealth {
    /// This process publishes nothing (yet).
    NotStarted,
    /// It works, or sleeps until its next instant.
    Alive,
    /// It has been at the same thing for so long, or has overslept by so much.
    Stalled(Duration),
    /// It ended, by a stop or a defect.
    Ended,
}

fn add(counter: &AtomicU64, count: u64) {
    counter.fetch_add(count, Ordering::Relaxed);
}

impl Pulse {
    /// A last chunk was released so long after its time.
    pub(super) fn released(&self, late_ms: i64) {
        let late_ms = u64::try_from(late_ms).unwrap_or(0);
        add(&self.lateness_sum_ms, late_ms);
        let class = LATENESS_MS.iter().zip(&self.lateness).find(|(upto, _)| late_ms <= **upto);
        add(class.map_or(&self.later, |(_, counter)| counter), 1);
    }

    /// A post is out.
    pub(super) fn out(&self) {
        add(&self.out, 1);
    }

    /// A post failed or waits for a person.
    pub(super) fn stopped(&self, code: &str) {
        let known = stopped_by(code).code;
        let name = if known.is_empty() { OTHER } else { known };
        if let Ok(mut stopped) = self.stopped.lock() {
            let count = stopped.entry(name).or_default();
            *count = count.saturating_add(1);
        }
    }

    /// The counters now.
    #[must_use]
    pub fn readings(&self) -> Readings {
        let mut releases = 0_u64;
        let mut lateness = Vec::with_capacity(LATENESS_MS.len());
        for (upto, counter) in LATENESS_MS.iter().zip(&self.lateness) {
            releases = releases.saturating_add(counter.load(Ordering::Relaxed));
            lateness.push((*upto, releases));
        }
        Readings {
            lateness,
            releases: releases.saturating_add(self.later.load(Ordering::Relaxed)),
            lateness_sum_ms: self.lateness_sum_ms.load(Ordering::Relaxed),
            out: self.out.load(Ordering::Relaxed),
            stopped: self.stopped.lock().map(|stopped| stopped.clone()).unwrap_or_default(),
        }
    }

    /// How the publishing loop is. It needs no heartbeat: a sleeping loop has said until when.
    #[must_use]
    pub fn health(&self, clock: &dyn Clock) -> LoopHealth {
        let Ok(state) = self.state.lock().map(|state| *state) else {
            return LoopHealth::Ended;
        };
        let too_long = |for_: Duration| {
            if for_ > STALLED_AFTER { LoopHealth::Stalled(for_) } else { LoopHealth::Alive }
        };
        match state {
            Loop::NotStarted => LoopHealth::NotStarted,
            Loop::Ended => LoopHealth::Ended,
            Loop::Works(since) => too_long(clock.monotonic().saturating_sub(since)),
            Loop::Sleeps(None) => LoopHealth::Alive,
            Loop::Sleeps(Some(until)) => {
                too_long(Duration::from_millis(u64::try_from(clock.now().millis_since(until)).unwrap_or(0)))
            }
        }
    }

    /// Pieces of work under way: attempts that are worked on, not those that only wait for their time; leases and tokens being renewed.
    #[must_use]
    pub fn busy(&self) -> usize {
        self.busy.load(Ordering::Relaxed)
    }

    /// Neither the loop nor any attempt does anything but wait.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let waits = self.state.lock().is_ok_and(|state| !matches!(*state, Loop::Works(_)));
        waits && self.busy() == 0
    }

    fn set(&self, state: Loop) {
        if let Ok(mut current) = self.state.lock() {
            *current = state;
        }
    }
}

/// Held while an attempt is worked on.
pub(super) struct Busy<'a>(&'a Pulse);

impl<'a> Busy<'a> {
    pub(super) fn with(pulse: &'a Pulse) -> Self {
        pulse.busy.fetch_add(1, Ordering::Relaxed);
        Self(pulse)
    }

    /// Waits without counting as busy.
    pub(super) async fn rest<T>(&self, waiting: impl Future<Output = T>) -> T {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
        let _again = Again(self.0);
        waiting.await
    }
}

impl Drop for Busy<'_> {
    fn drop(&mut self) {
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Counts again what rested, also when the waiting is dropped.
struct Again<'a>(&'a Pulse);

impl Drop for Again<'_> {
    fn drop(&mut self) {
        self.0.busy.fetch_add(1, Ordering::Relaxed);
    }
}

/// Held by the loop for its life; dropping it, by a stop or by a panic, says that the loop has ended.
pub(super) struct Beat<'a>(&'a Pulse);

impl<'a> Beat<'a> {
    pub(super) fn start(pulse: &'a Pulse, clock: &dyn Clock) -> Self {
        let beat = Self(pulse);
        beat.works(clock);
        beat
    }

    pub(super) fn works(&self, clock: &dyn Clock) {
        self.0.set(Loop::Works(clock.monotonic()));
    }

    pub(super) fn sleeps(&self, until: Option<UnixMillis>) {
        self.0.set(Loop::Sleeps(until));
    }
}

impl Drop for Beat<'_> {
    fn drop(&mut self) {
        self.0.set(Loop::Ended);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use futures::future::BoxFuture;

    use super::*;

    struct Hands(AtomicI64);

    impl Clock for Hands {
        fn now(&self) -> UnixMillis {
            UnixMillis::from_millis(self.0.load(Ordering::Relaxed))
        }

        fn monotonic(&self) -> Duration {
            Duration::from_millis(self.0.load(Ordering::Relaxed).unsigned_abs())
        }

        fn sleep_until(&self, _: UnixMillis) -> BoxFuture<'static, ()> {
            Box::pin(std::future::ready(()))
        }
    }

    #[test]
    fn a_release_counts_in_its_class_and_in_all_wider_ones() {
        let pulse = Pulse::default();
        for late in [-5, 0, 30, 30, 2_000_000] {
            pulse.released(late);
        }
        let readings = pulse.readings();
        let upto = |ms| readings.lateness.iter().find(|(upto, _)| *upto == ms).map(|(_, count)| *count);
        assert_eq!([upto(10), upto(25), upto(50), upto(900_000)], [Some(2), Some(2), Some(4), Some(4)]);
        assert_eq!((readings.releases, readings.lateness_sum_ms), (5, 2_000_060));
    }

    #[test]
    fn codes_that_nobody_knows_share_one_name() {
        let pulse = Pulse::default();
        for code in ["spam_risk", "too-late", "invented", "invented too"] {
            pulse.stopped(code);
        }
        let stopped = pulse.readings().stopped;
        assert_eq!(stopped.into_iter().collect::<Vec<_>>(), [("other", 2), ("spam_risk", 1), ("too-late", 1)]);
    }

    #[test]
    fn a_loop_is_stalled_when_it_oversleeps_or_never_comes_back_from_its_work() {
        let clock = Hands(AtomicI64::new(1_000_000));
        let pulse = Pulse::default();
        assert_eq!(pulse.health(&clock), LoopHealth::NotStarted);
        let beat = Beat::start(&pulse, &clock);
        clock.0.fetch_add(59_000, Ordering::Relaxed);
        assert_eq!(pulse.health(&clock), LoopHealth::Alive);
        clock.0.fetch_add(2000, Ordering::Relaxed);
        assert_eq!(pulse.health(&clock), LoopHealth::Stalled(Duration::from_secs(61)));
        beat.sleeps(None);
        clock.0.fetch_add(9_000_000, Ordering::Relaxed);
        assert_eq!(pulse.health(&clock), LoopHealth::Alive, "nothing is planned");
        beat.sleeps(Some(clock.now().plus_seconds(-61)));
        assert_eq!(pulse.health(&clock), LoopHealth::Stalled(Duration::from_secs(61)));
        drop(beat);
        assert_eq!(pulse.health(&clock), LoopHealth::Ended);
    }
}
