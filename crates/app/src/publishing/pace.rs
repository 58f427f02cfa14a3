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

use super::slots::Order;
use crate::Clock;

/// What the limiter counts in, bytes: counted one by one, the interval of a fast line would be less than a nanosecond.
const CELL_BYTES: u64 = 1024;
/// Largest and smallest part that takes one turn, bytes.
const PART_BYTES: std::ops::RangeInclusive<u64> = 4 * 1024..=128 * 1024;
/// A part takes at most this share of a second, so that nobody waits long behind another one's.
const PARTS_PER_S: u64 = 20;
/// Whoever lets others go first gets one part in this time for each sender there is, milliseconds: all of those together get about one a
/// second, so their connections stay alive and the others hardly notice.
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
    /// Whoever waits for the limiter.
    turn: Mutex<()>,
    /// Everybody who sends; the lower ranks are let go first.
    senders: watch::Sender<BTreeMap<u64, Sending>>,
}

/// Somebody who sends.
struct Sending {
    order: Order,
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

/// A place among those who send; dropping it lets the others go on.
struct Seat {
    limit: Arc<Limit>,
    number: u64,
}

impl Seat {
    fn enter(limit: &Arc<Limit>, order: Order) -> Self {
        let (mut number, now_ms) = (0, limit.now_ms());
        limit.senders.send_modify(|senders| {
            number = senders.last_key_value().map_or(0, |(last, _)| last.saturating_add(1));
            senders.insert(number, Sending { order, served_ms: Some(now_ms) });
        });
        Self { limit: Arc::clone(limit), number }
    }

    fn note(&self, served_ms: Option<i64>) {
        self.limit.senders.send_if_modified(|senders| {
            if let Some(own) = senders.get_mut(&self.number) {
                own.served_ms = served_ms;
            }
            // Whoever waits looks again by itself; waking it for each part would cost more than the part.
            false
        });
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.limit.senders.send_modify(|senders| {
            senders.remove(&self.number);
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
        order: Order,
        stream: S,
        waits: &Waits,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static + use<S>
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        let Some(limit) = &self.0 else { return stream.left_stream() };
        let limit = Arc::clone(limit);
        let sender = Sender { order, seat: Seat::enter(&limit, order), waits: waits.clone(), limit };
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
    order: Order,
    seat: Seat,
    waits: Waits,
}

impl Sender {
    async fn pass(&self, bytes: usize) {
        self.seat.note(None);
        self.waits.begin(self.limit.clock.now());
        self.limit.pass(bytes, self.order).await;
        self.waits.end(self.limit.clock.now());
        self.seat.note(Some(self.limit.now_ms()));
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
            turn: Mutex::new(()),
            senders: watch::Sender::default(),
        })
    }

    /// Resolves when so many bytes may leave.
    async fn pass(&self, bytes: usize, order: Order) {
        self.let_earlier_ones_go(order).await;
        let _turn = self.turn.lock().await;
        let cells = cells(u64::try_from(bytes).unwrap_or(u64::MAX));
        // More than a burst is never asked for: a part is at most one.
        while let Ok(Err(not_yet)) = self.limiter.check_n(cells) {
            let wait = not_yet.wait_time_from(self.clock.now());
            let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX).saturating_add(1);
            self.sleep(wait_ms).await;
        }
    }

    /// Waits while somebody of a lower rank sends, but not for ever: see [`TRICKLE_MS`].
    async fn let_earlier_ones_go(&self, order: Order) {
        let mut senders = self.senders.subscribe();
        let began = self.now_ms();
        loop {
            let (before, patience) = {
                let senders = senders.borrow_and_update();
                let before = senders.values().filter(|it| it.order < order).map(stalls_at).max();
                let others = i64::try_from(senders.len()).unwrap_or(i64::MAX).saturating_sub(1).max(1);
                (before, began.saturating_add(TRICKLE_MS.saturating_mul(others)))
            };
            let now = self.now_ms();
            let Some(wait) = before.map(|at| at.min(patience).saturating_sub(now)).filter(|wait| *wait > 0) else {
                return;
            };
            tokio::select! {
                biased;
                _ = senders.changed() => {}
                // Not longer: one that stalls is noticed by looking.
                () = self.sleep(wait.min(STALL_MS)) => {}
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

/// From when on somebody who sends is no longer let go first, milliseconds of the monotonic clock.
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
    use crate::publishing::slots::Bytes as For;

    /// The time of every test begins at 0 and ends long before the hour.
    const AHEAD: Order = Order { bytes: For::Rest, due_at: UnixMillis::from_millis(3_600_000) };
    const OVERDUE: Order = Order { bytes: For::Rest, due_at: UnixMillis::from_millis(0) };
    const DUE: Order = Order { bytes: For::Last, due_at: UnixMillis::from_millis(0) };

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
    async fn send(pace: Pace, clock: Arc<Ticking>, order: Order, bytes: usize, done: Arc<Shared<Vec<(usize, i64)>>>) {
        let sent = pace
            .apply(order, file(bytes), &Waits::default())
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
            |order, bytes| tokio::spawn(send(pace.clone(), Arc::clone(&clock), order, bytes, Arc::clone(&done)));
        let ahead = [begin(AHEAD, 10 * MB), begin(AHEAD, 10 * MB + 1)];
        clock.sleep_until(UnixMillis::from_millis(500)).await;
        let due = begin(DUE, 20 * MB);
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
        let mut stalled = Box::pin(pace.apply(DUE, file(5_000_000), &Waits::default()));
        stalled.next().await.unwrap().unwrap();
        let _stuck = Box::pin(pace.apply(DUE, futures::stream::pending(), &Waits::default()));
        let done = Arc::default();
        send(pace, Arc::clone(&clock), AHEAD, 500_000, Arc::clone(&done)).await;
        assert!((600..900).contains(&done.lock().unwrap().first().unwrap().1), "half a second of their own: {done:?}");
    }

    #[tokio::test]
    async fn what_is_overdue_goes_before_what_is_ahead_of_time_and_behind_a_last_chunk() {
        const MB: usize = 1_000_000;
        let (pace, clock) = pace(Some(10_000_000));
        let done = Arc::<Shared<Vec<_>>>::default();
        let begin =
            |order, bytes| tokio::spawn(send(pace.clone(), Arc::clone(&clock), order, bytes, Arc::clone(&done)));
        let all = [begin(AHEAD, 5 * MB), begin(OVERDUE, 6 * MB), begin(DUE, 7 * MB)];
        for one in all {
            one.await.unwrap();
        }
        let done = done.lock().unwrap().clone();
        assert_eq!(done.iter().map(|(bytes, _)| bytes / MB).collect::<Vec<_>>(), [7, 6, 5], "{done:?}");
    }

    #[tokio::test]
    async fn files_that_are_due_earlier_go_first_and_the_others_stay_alive() {
        const MB: usize = 1_000_000;
        let (pace, clock) = pace(Some(10_000_000));
        let done = Arc::<Shared<Vec<_>>>::default();
        let due = |minutes: i64| Order { bytes: For::Rest, due_at: UnixMillis::from_millis(minutes * 60_000) };
        let begin =
            |order, bytes| tokio::spawn(send(pace.clone(), Arc::clone(&clock), order, bytes, Arc::clone(&done)));
        let last_seen = Waits::default();
        let watched = pace.apply(due(59), file(50 * MB), &last_seen);
        let parts = Arc::<Shared<Vec<i64>>>::default();
        let (seen, at) = (Arc::clone(&parts), Arc::clone(&clock));
        let watched = tokio::spawn(watched.try_for_each(move |_| {
            seen.lock().unwrap().push(at.ms());
            async { Ok(()) }
        }));
        let all = [begin(due(40), 21 * MB), begin(due(20), 20 * MB), begin(due(50), 22 * MB)];
        for one in all {
            one.await.unwrap();
        }
        watched.await.unwrap().unwrap();
        let done = done.lock().unwrap().clone();
        assert_eq!(done.iter().map(|(bytes, _)| bytes / MB).collect::<Vec<_>>(), [20, 21, 22], "{done:?}");
        assert!(done.first().unwrap().1 < 2_300, "nearly all of the line is the first one's: {done:?}");
        let gaps = parts.lock().unwrap().windows(2).map(|pair| pair[1] - pair[0]).max().unwrap();
        assert!(gaps < 3_500, "the last one got a part in time: {gaps} ms");
    }

    #[tokio::test]
    async fn what_is_waited_for_a_turn_is_told_apart_from_the_line() {
        let (pace, clock) = pace(Some(1_000_000));
        let (one, other) = (Waits::default(), Waits::default());
        let drain = |waits: &Waits| {
            let paced = pace.apply(AHEAD, file(1_000_000), waits);
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
            let paced = pace.apply(DUE, file(1_000_000), &waits);
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
        send(pace, clock, AHEAD, 50_000_000, Arc::clone(&done)).await;
        assert_eq!(done.lock().unwrap().first().unwrap().1, 0);
    }

    #[tokio::test]
    async fn a_slow_line_is_shared_in_small_parts_and_a_fast_one_is_used_up() {
        for (rate, bytes) in [(100_000, 300_000), (2_000_000_000, 4_000_000_000_u64)] {
            let (pace, clock) = pace(Some(rate));
            let limit = pace.0.unwrap();
            let part = u64::try_from(limit.part_bytes).unwrap();
            for _ in 0..bytes / part {
                limit.pass(limit.part_bytes, AHEAD).await;
            }
            let (took, due) = (clock.ms().unsigned_abs(), bytes * 1000 / rate);
            assert!(took.abs_diff(due) * 20 < due + 1000, "{bytes} bytes at {rate}: {took} ms instead of {due}");
        }
    }
}
