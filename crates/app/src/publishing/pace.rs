//! How fast bytes leave for TikTok, everything that this process sends together. Owns the operator's limit, whose turn it is under it, and
//! how long somebody waited for it. Must not know what the bytes are; nothing durable hangs on it.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::{Stream, StreamExt as _, TryStreamExt as _};
use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::{Mutex, watch};

use super::slots::Urgency;
use crate::Clock;

/// What the limiter counts in, bytes: counted one by one, the interval of a fast line would be less than a nanosecond.
const CELL_BYTES: u64 = 1024;
/// Largest and smallest part that takes one turn, bytes.
const PART_BYTES: std::ops::RangeInclusive<u64> = 4 * 1024..=128 * 1024;
/// A part takes at most this share of a second, so that nobody waits long behind another one's.
const PARTS_PER_S: u64 = 20;
/// While something more urgent leaves, all that is less urgent gets one part in this time, milliseconds: their connections stay alive.
const TRICKLE_MS: i64 = 1000;
/// Whoever asks for no more bytes this long is not held up by the limit, and holds up nobody else, milliseconds: TikTok may take a
/// last chunk slowly, or stop in the middle of a picture that it fetches.
const STALL_MS: i64 = 250;

/// The monotonic side of the injected clock.
#[derive(Clone)]
struct Ticks(Arc<dyn Clock>);

impl governor::clock::Clock for Ticks {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.monotonic()
    }
}

type Limiter = RateLimiter<NotKeyed, InMemoryState, Ticks, NoOpMiddleware<Duration>>;

struct Limit {
    limiter: Limiter,
    clock: Ticks,
    part_bytes: usize,
    /// Uploads ahead of time, in the order in which they came for their next part.
    ahead: Mutex<()>,
    /// The same of posts whose time has come.
    overdue: Mutex<()>,
    /// Whoever waits for the limiter.
    turn: Mutex<()>,
    /// Those whom the less urgent let go first.
    hurried: watch::Sender<BTreeMap<u64, Sending>>,
}

/// Somebody in a hurry.
struct Sending {
    urgency: Urgency,
    /// When its last part left, milliseconds of the monotonic clock; `None` while it waits for its turn.
    served_ms: Option<i64>,
}

/// The limit, where there is one; cheap to clone.
#[derive(Clone)]
pub(crate) struct Pace(Option<Arc<Limit>>);

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").field("limited", &self.0.is_some()).finish()
    }
}

/// A place among those in a hurry; dropping it lets the others go on.
struct Hurry {
    limit: Arc<Limit>,
    place: u64,
}

impl Hurry {
    fn enter(limit: &Arc<Limit>, urgency: Urgency) -> Option<Self> {
        if urgency == Urgency::Ahead {
            return None;
        }
        let (mut place, now_ms) = (0, limit.now_ms());
        limit.hurried.send_modify(|hurried| {
            place = hurried.last_key_value().map_or(0, |(last, _)| last.saturating_add(1));
            hurried.insert(place, Sending { urgency, served_ms: Some(now_ms) });
        });
        Some(Self { limit: Arc::clone(limit), place })
    }

    fn note(&self, served_ms: Option<i64>) {
        self.limit.hurried.send_if_modified(|hurried| {
            if let Some(own) = hurried.get_mut(&self.place) {
                own.served_ms = served_ms;
            }
            // Whoever waits looks again by itself; waking it for each part would cost more than the part.
            false
        });
    }
}

impl Drop for Hurry {
    fn drop(&mut self) {
        self.limit.hurried.send_modify(|hurried| {
            hurried.remove(&self.place);
        });
    }
}

/// How long one sender waited for its turn: time that says nothing about its connection.
#[derive(Clone, Default)]
pub(super) struct Waits(Arc<Waited>);

#[derive(Default)]
struct Waited {
    /// Of turns that came, microseconds.
    over: AtomicU64,
    /// When the wait for the next one began, microseconds of the monotonic clock and one more; 0 while none is waited for.
    since: AtomicU64,
}

impl Waits {
    fn begin(&self, now: Duration) {
        self.0.since.store(micros(now).saturating_add(1), Ordering::Relaxed);
    }

    fn end(&self, now: Duration) {
        self.0.over.fetch_add(self.current(now), Ordering::Relaxed);
        self.0.since.store(0, Ordering::Relaxed);
    }

    fn current(&self, now: Duration) -> u64 {
        match self.0.since.load(Ordering::Relaxed) {
            0 => 0,
            since => micros(now).saturating_sub(since.saturating_sub(1)),
        }
    }

    /// All of it until now, by the monotonic clock.
    pub(super) fn total(&self, now: Duration) -> Duration {
        Duration::from_micros(self.0.over.load(Ordering::Relaxed).saturating_add(self.current(now)))
    }

    /// Resolves when its sender had `allowed` on the wire: what it waits for its turn is not counted.
    pub(super) async fn used_up(&self, allowed: Duration, clock: &dyn Clock) {
        let started = clock.monotonic();
        loop {
            // A wall clock that is set wakes a sleeper early, so how long it was is read off the other one.
            let now = clock.monotonic();
            let end = allowed.saturating_add(self.total(now));
            let Some(left) = end.checked_sub(now.saturating_sub(started)).filter(|left| !left.is_zero()) else {
                return;
            };
            let left_ms = i64::try_from(left.as_millis()).unwrap_or(i64::MAX).saturating_add(1);
            clock.sleep_until(clock.now().plus_millis(left_ms)).await;
        }
    }
}

fn micros(time: Duration) -> u64 {
    u64::try_from(time.as_micros()).unwrap_or(u64::MAX)
}

impl Pace {
    /// At most so many bytes per second; `None` is as fast as the line is.
    pub(crate) fn new(bytes_per_s: Option<u64>, clock: Arc<dyn Clock>) -> Self {
        Self(bytes_per_s.and_then(|rate| Limit::new(rate, Ticks(clock))).map(Arc::new))
    }

    /// The same bytes, none of them before its turn. What is waited for turns is added to `waits`.
    pub(super) fn apply<S>(
        &self,
        urgency: Urgency,
        stream: S,
        waits: &Waits,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static + use<S>
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        let Some(limit) = &self.0 else { return stream.left_stream() };
        let limit = Arc::clone(limit);
        let sender = Sender { urgency, hurry: Hurry::enter(&limit, urgency), waits: waits.clone(), limit };
        let state = (Box::pin(stream), Bytes::new(), sender);
        let paced = futures::stream::try_unfold(state, |(mut stream, mut rest, sender)| async move {
            while rest.is_empty() {
                match stream.try_next().await? {
                    Some(piece) => rest = piece,
                    None => return Ok(None),
                }
            }
            let part = rest.split_to(sender.limit.part_bytes.min(rest.len()));
            sender.pass(part.len()).await;
            Ok(Some((part, (stream, rest, sender))))
        });
        paced.right_stream()
    }
}

/// One stream of bytes under the limit.
struct Sender {
    limit: Arc<Limit>,
    urgency: Urgency,
    hurry: Option<Hurry>,
    waits: Waits,
}

impl Sender {
    async fn pass(&self, bytes: usize) {
        if let Some(hurry) = &self.hurry {
            hurry.note(None);
        }
        self.waits.begin(self.limit.clock.now());
        self.limit.pass(bytes, self.urgency).await;
        self.waits.end(self.limit.clock.now());
        if let Some(hurry) = &self.hurry {
            hurry.note(Some(self.limit.now_ms()));
        }
    }
}

impl Limit {
    /// `None` for a rate of nothing.
    fn new(bytes_per_s: u64, clock: Ticks) -> Option<Self> {
        let cell = Duration::from_nanos(CELL_BYTES.saturating_mul(1_000_000_000).checked_div(bytes_per_s)?.max(1));
        let part = (bytes_per_s / PARTS_PER_S).clamp(*PART_BYTES.start(), *PART_BYTES.end());
        // Timers are good for a millisecond or two: what a late one missed is caught up with.
        let burst = cells(part.max(bytes_per_s / PARTS_PER_S));
        let quota = Quota::with_period(cell)?.allow_burst(burst);
        Some(Self {
            limiter: RateLimiter::direct_with_clock(quota, clock.clone()),
            clock,
            part_bytes: usize::try_from(part).ok()?,
            ahead: Mutex::new(()),
            overdue: Mutex::new(()),
            turn: Mutex::new(()),
            hurried: watch::Sender::default(),
        })
    }

    /// Resolves when so many bytes may leave.
    async fn pass(&self, bytes: usize, urgency: Urgency) {
        let _in_line = match urgency {
            Urgency::Due => None,
            Urgency::Overdue => Some(self.overdue.lock().await),
            Urgency::Ahead => Some(self.ahead.lock().await),
        };
        self.let_the_hurried_go(urgency).await;
        let _turn = self.turn.lock().await;
        let cells = cells(u64::try_from(bytes).unwrap_or(u64::MAX));
        // More than a burst is never asked for: a part is at most one.
        while let Ok(Err(not_yet)) = self.limiter.check_n(cells) {
            let wait = not_yet.wait_time_from(self.clock.now());
            let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX).saturating_add(1);
            self.sleep(wait_ms).await;
        }
    }

    /// Waits while somebody more urgent sends, but not longer than until the trickle's next part.
    async fn let_the_hurried_go(&self, urgency: Urgency) {
        let mut hurried = self.hurried.subscribe();
        let patience = self.now_ms().saturating_add(TRICKLE_MS);
        loop {
            let before = hurried.borrow_and_update().values().filter(|it| it.urgency < urgency).map(stalls_at).max();
            let now = self.now_ms();
            let Some(wait) = before.map(|at| at.min(patience).saturating_sub(now)).filter(|wait| *wait > 0) else {
                return;
            };
            tokio::select! {
                biased;
                _ = hurried.changed() => {}
                () = self.sleep(wait) => {}
            }
        }
    }

    fn now_ms(&self) -> i64 {
        i64::try_from(self.clock.now().as_millis()).unwrap_or(i64::MAX)
    }

    async fn sleep(&self, ms: i64) {
        let clock = &self.clock.0;
        clock.sleep_until(clock.now().plus_millis(ms)).await;
    }
}

/// From when on somebody who sends is no longer let go first.
fn stalls_at(sending: &Sending) -> i64 {
    sending.served_ms.map_or(i64::MAX, |at| at.saturating_add(STALL_MS))
}

fn cells(bytes: u64) -> NonZeroU32 {
    u32::try_from(bytes.div_ceil(CELL_BYTES)).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::sync::Mutex as Shared;

    use domain::time::UnixMillis;
    use futures::future::BoxFuture;

    use super::*;

    /// A clock that moves on by a millisecond whenever everybody had a chance to do something.
    struct Ticking(watch::Sender<i64>);

    impl Ticking {
        fn start() -> Arc<Self> {
            let clock = Arc::new(Self(watch::Sender::new(0)));
            let ticking = Arc::clone(&clock);
            tokio::spawn(async move {
                loop {
                    for _ in 0..20 {
                        tokio::task::yield_now().await;
                    }
                    ticking.0.send_modify(|ms| *ms += 1);
                }
            });
            clock
        }

        fn ms(&self) -> i64 {
            *self.0.borrow()
        }
    }

    impl Clock for Ticking {
        fn now(&self) -> UnixMillis {
            UnixMillis::from_millis(self.ms())
        }

        fn monotonic(&self) -> Duration {
            Duration::from_millis(self.ms().unsigned_abs())
        }

        fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
            let mut shown = self.0.subscribe();
            Box::pin(async move {
                shown.wait_for(|ms| *ms >= at.millis()).await.unwrap();
            })
        }
    }

    fn pace(bytes_per_s: Option<u64>) -> (Pace, Arc<Ticking>) {
        let clock = Ticking::start();
        let shared: Arc<dyn Clock> = Arc::<Ticking>::clone(&clock);
        (Pace::new(bytes_per_s, shared), clock)
    }

    fn file(bytes: usize) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static {
        let pieces: Vec<_> = vec![0_u8; bytes].chunks(256 * 1024).map(Bytes::copy_from_slice).map(Ok).collect();
        futures::stream::iter(pieces)
    }

    /// Sends a file and says when it was through, milliseconds.
    async fn send(
        pace: Pace,
        clock: Arc<Ticking>,
        urgency: Urgency,
        bytes: usize,
        done: Arc<Shared<Vec<(usize, i64)>>>,
    ) {
        let sent = pace
            .apply(urgency, file(bytes), &Waits::default())
            .try_fold(0, |sum, part| async move { Ok(sum + part.len()) })
            .await;
        assert_eq!(sent.unwrap(), bytes);
        done.lock().unwrap().push((bytes, clock.ms()));
    }

    #[tokio::test]
    async fn uploads_share_the_limit_and_a_due_post_goes_first() {
        const MB: usize = 1_000_000;
        let (pace, clock) = pace(Some(10_000_000));
        let done = Arc::<Shared<Vec<_>>>::default();
        let begin =
            |urgency, bytes| tokio::spawn(send(pace.clone(), Arc::clone(&clock), urgency, bytes, Arc::clone(&done)));
        let ahead = [begin(Urgency::Ahead, 10 * MB), begin(Urgency::Ahead, 10 * MB + 1)];
        clock.sleep_until(UnixMillis::from_millis(500)).await;
        let due = begin(Urgency::Due, 20 * MB);
        for one in ahead.into_iter().chain([due]) {
            one.await.unwrap();
        }
        let done = done.lock().unwrap().clone();
        assert_eq!(done.first().unwrap().0, 20 * MB, "the due one overtook both: {done:?}");
        let took = done.first().unwrap().1 - 500;
        assert!((1950..2150).contains(&took), "all of the line is its own: {took} ms");
        let ends: Vec<i64> = done.iter().skip(1).map(|(_, at)| *at).collect();
        assert!(ends.iter().all(|at| (3900..4100).contains(at)), "40 MB in four seconds, both to the end: {ends:?}");
    }

    #[tokio::test]
    async fn whoever_is_in_a_hurry_and_does_not_send_stops_nobody() {
        let (pace, clock) = pace(Some(1_000_000));
        // A picture whose reader stalls after its first bytes, and a file that cannot be read.
        let mut stalled = Box::pin(pace.apply(Urgency::Due, file(5_000_000), &Waits::default()));
        stalled.next().await.unwrap().unwrap();
        let _stuck = Box::pin(pace.apply(Urgency::Due, futures::stream::pending(), &Waits::default()));
        let done = Arc::default();
        send(pace, Arc::clone(&clock), Urgency::Ahead, 500_000, Arc::clone(&done)).await;
        assert!((600..900).contains(&done.lock().unwrap().first().unwrap().1), "half a second of their own: {done:?}");
    }

    #[tokio::test]
    async fn what_is_overdue_goes_before_what_is_ahead_of_time_and_behind_a_last_chunk() {
        const MB: usize = 1_000_000;
        let (pace, clock) = pace(Some(10_000_000));
        let done = Arc::<Shared<Vec<_>>>::default();
        let begin =
            |urgency, bytes| tokio::spawn(send(pace.clone(), Arc::clone(&clock), urgency, bytes, Arc::clone(&done)));
        let all = [begin(Urgency::Ahead, 5 * MB), begin(Urgency::Overdue, 6 * MB), begin(Urgency::Due, 7 * MB)];
        for one in all {
            one.await.unwrap();
        }
        let done = done.lock().unwrap().clone();
        assert_eq!(done.iter().map(|(bytes, _)| bytes / MB).collect::<Vec<_>>(), [7, 6, 5], "{done:?}");
    }

    #[tokio::test]
    async fn what_is_waited_for_a_turn_is_told_apart_from_the_line() {
        let (pace, clock) = pace(Some(1_000_000));
        let (one, other) = (Waits::default(), Waits::default());
        let drain = |waits: &Waits| {
            let paced = pace.apply(Urgency::Ahead, file(1_000_000), waits);
            tokio::spawn(async move { paced.try_for_each(|_| async { Ok(()) }).await })
        };
        let both = [drain(&one), drain(&other)];
        for stream in both {
            stream.await.unwrap().unwrap();
        }
        for waits in [one, other] {
            // The line took no time at all.
            assert!((1700..2100).contains(&waits.total(clock.monotonic()).as_millis()));
        }
    }

    #[tokio::test]
    async fn of_seventy_that_share_a_slow_line_none_is_given_up_for_waiting_and_a_stuck_one_is() {
        let (pace, clock) = pace(Some(10_000_000));
        let allowed = Duration::from_secs(4);
        let sends = (0..70).map(|_| {
            let waits = Waits::default();
            let paced = pace.apply(Urgency::Due, file(1_000_000), &waits);
            let clock = Arc::clone(&clock);
            async move {
                tokio::select! {
                    biased;
                    sent = paced.try_for_each(|_| async { Ok(()) }) => sent.is_ok(),
                    () = waits.used_up(allowed, clock.as_ref()) => false,
                }
            }
        });
        let sent = futures::future::join_all(sends).await;
        assert!(sent.into_iter().all(|sent| sent), "seven seconds, and none of them on the wire");
        assert!(clock.ms() > 6_900);
        let began = clock.ms();
        Waits::default().used_up(allowed, clock.as_ref()).await;
        assert!((4_000..4_010).contains(&(clock.ms() - began)));
    }

    #[tokio::test]
    async fn without_a_limit_nothing_waits() {
        let (pace, clock) = pace(None);
        let done = Arc::default();
        send(pace, clock, Urgency::Ahead, 50_000_000, Arc::clone(&done)).await;
        assert_eq!(done.lock().unwrap().first().unwrap().1, 0);
    }

    #[tokio::test]
    async fn a_slow_line_is_shared_in_small_parts_and_a_fast_one_is_used_up() {
        for (rate, bytes) in [(100_000, 300_000), (2_000_000_000, 4_000_000_000_u64)] {
            let (pace, clock) = pace(Some(rate));
            let limit = pace.0.unwrap();
            let part = u64::try_from(limit.part_bytes).unwrap();
            for _ in 0..bytes / part {
                limit.pass(limit.part_bytes, Urgency::Ahead).await;
            }
            let (took, due) = (clock.ms().unsigned_abs(), bytes * 1000 / rate);
            assert!(took.abs_diff(due) * 20 < due + 1000, "{bytes} bytes at {rate}: {took} ms instead of {due}");
        }
    }
}
