//! How fast bytes leave for TikTok, everything that this process sends together. Owns the operator's limit and whose turn it is under
//! it. Must not know what the bytes are; nothing durable hangs on it.

use std::fmt;
use std::io;
use std::num::NonZeroU32;
use std::sync::Arc;
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
/// While the last chunk of a due post leaves, all that is sent ahead of time gets one part in this time, milliseconds: their
/// connections stay alive, and a TikTok that takes the last chunk slowly stops nobody.
const TRICKLE_MS: i64 = 1000;

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
    /// Whoever waits for the limiter.
    turn: Mutex<()>,
    /// How many due posts are sending.
    hurried: watch::Sender<usize>,
}

/// The limit, where there is one; cheap to clone.
#[derive(Clone)]
pub(crate) struct Pace(Option<Arc<Limit>>);

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").field("limited", &self.0.is_some()).finish()
    }
}

/// A due post that sends; dropping it lets the others go on.
struct Hurry(Arc<Limit>);

impl Hurry {
    fn enter(limit: &Arc<Limit>) -> Self {
        limit.hurried.send_modify(|count| *count = count.saturating_add(1));
        Self(Arc::clone(limit))
    }
}

impl Drop for Hurry {
    fn drop(&mut self) {
        self.0.hurried.send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Pace {
    /// At most so many bytes per second; `None` is as fast as the line is.
    pub(crate) fn new(bytes_per_s: Option<u64>, clock: Arc<dyn Clock>) -> Self {
        Self(bytes_per_s.and_then(|rate| Limit::new(rate, Ticks(clock))).map(Arc::new))
    }

    /// The same bytes, none of them before its turn.
    pub(super) fn apply<S>(
        &self,
        urgency: Urgency,
        stream: S,
    ) -> impl Stream<Item = io::Result<Bytes>> + Send + 'static + use<S>
    where
        S: Stream<Item = io::Result<Bytes>> + Send + 'static,
    {
        let Some(limit) = &self.0 else { return stream.left_stream() };
        let limit = Arc::clone(limit);
        let hurry = (urgency == Urgency::Due).then(|| Hurry::enter(&limit));
        let state = (Box::pin(stream), Bytes::new(), limit, hurry);
        let paced = futures::stream::try_unfold(state, |(mut stream, mut rest, limit, hurry)| async move {
            while rest.is_empty() {
                match stream.try_next().await? {
                    Some(piece) => rest = piece,
                    None => return Ok(None),
                }
            }
            let part = rest.split_to(limit.part_bytes.min(rest.len()));
            limit.pass(part.len(), hurry.is_some()).await;
            Ok(Some((part, (stream, rest, limit, hurry))))
        });
        paced.right_stream()
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
            turn: Mutex::new(()),
            hurried: watch::Sender::new(0),
        })
    }

    /// Resolves when so many bytes may leave.
    async fn pass(&self, bytes: usize, hurried: bool) {
        let _in_line = if hurried { None } else { Some(self.ahead.lock().await) };
        if !hurried {
            self.let_the_hurried_go().await;
        }
        let _turn = self.turn.lock().await;
        let cells = cells(u64::try_from(bytes).unwrap_or(u64::MAX));
        // More than a burst is never asked for: a part is at most one.
        while let Ok(Err(not_yet)) = self.limiter.check_n(cells) {
            let wait = not_yet.wait_time_from(self.clock.now());
            let wait_ms = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX).saturating_add(1);
            self.sleep(wait_ms).await;
        }
    }

    async fn let_the_hurried_go(&self) {
        let mut hurried = self.hurried.subscribe();
        tokio::select! {
            biased;
            _ = hurried.wait_for(|count| *count == 0) => {}
            () = self.sleep(TRICKLE_MS) => {}
        }
    }

    async fn sleep(&self, ms: i64) {
        let clock = &self.clock.0;
        clock.sleep_until(clock.now().plus_millis(ms)).await;
    }
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
        let sent = pace.apply(urgency, file(bytes)).try_fold(0, |sum, part| async move { Ok(sum + part.len()) }).await;
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
        let _stuck = Box::pin(pace.apply(Urgency::Due, futures::stream::pending()));
        let done = Arc::default();
        send(pace, Arc::clone(&clock), Urgency::Ahead, 500_000, Arc::clone(&done)).await;
        assert!((9_000..12_000).contains(&done.lock().unwrap().first().unwrap().1), "a part each second: {done:?}");
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
                limit.pass(limit.part_bytes, false).await;
            }
            let (took, due) = (clock.ms().unsigned_abs(), bytes * 1000 / rate);
            assert!(took.abs_diff(due) * 20 < due + 1000, "{bytes} bytes at {rate}: {took} ms instead of {due}");
        }
    }
}
