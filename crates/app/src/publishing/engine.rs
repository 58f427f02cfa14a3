//! The engine of one process: finds due work, hands each attempt to a driver, sleeps until exactly the next instant.
//!
//! Owns the loop and its limits. It polls nothing: it wakes at the next due time, when nudged, or when a driver has finished.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::attempt::{Attempt, Event, NEVER};
use domain::id::{AttemptId, ConnectionId, PostId};
use domain::time::UnixMillis;
use futures::FutureExt as _;
use store::StoreError;
use store::attempt::{Claimed, Lease, Turn, WorkAhead};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::berth::Berths;
use super::driver::{AFTER_FAILURE_MS as GIVE_BACK_MS, LEASE_MS};
use super::generation::Generation;
use super::line::Line;
use super::pulse::Beat;
use super::rates::Rates;
use super::recovery::{Fence, OTHERS_COMPARE_MS};
use super::slots::{Lines, Slots};
use crate::{App, Result};

/// Attempts in hand for each one that may talk to TikTok at the same time; the others wait for an answer or for their due time.
const HELD_PER_SLOT: usize = 256;
/// Attempts in hand at most, whatever the setting: what a thousand of them need in memory is a few megabytes.
const HELD_MAX: usize = 4_096;
/// Attempts of one account in hand at most, so that it never fills the engine.
const HELD_PER_ACCOUNT: usize = 32;
/// Rows of one account that one claim takes; the next ones come after everybody else had a turn.
const TURN: i64 = 8;
/// Rows that one claim takes.
const CLAIM: i64 = 64;
/// Pause after the database failed, milliseconds.
const AFTER_FAILURE_MS: i64 = 2000;
/// How often work that other processes left is looked for while they have some in hand, milliseconds.
const LOOK_WHILE_HELD_MS: i64 = 10_000;
/// How often when they have none: then whoever plans a post also begins it, unless its process dies, milliseconds.
const LOOK_MS: i64 = 30_000;
/// How soon a lease that is over is looked at again when its row could not be taken, milliseconds.
const LOOK_AGAIN_MS: i64 = 1000;
/// How long a graceful stop may take.
const STOP_WITHIN: Duration = Duration::from_secs(25);
/// How long giving back what is left may take after that.
const FREE_WITHIN: Duration = Duration::from_secs(2);

/// The engine; see the module.
pub struct Engine {
    pub(super) app: Arc<App>,
    /// This process generation, as rows name it.
    pub(super) me: String,
    generation: Generation,
    pub(super) rates: Rates,
    /// First incomplete answers without a Date, for the proof by two clocks.
    pub(super) undated_since: Mutex<HashMap<AttemptId, (UnixMillis, Duration)>>,
    /// Posts whose start failed, and when to try again.
    pub(super) put_off: Mutex<HashMap<PostId, UnixMillis>>,
    /// Late posts that wait for their account's turn, and since when.
    pub(super) late_since: Mutex<HashMap<PostId, UnixMillis>>,
    /// Posts that came in time and wait for a place among TikTok's calls, with their due times: their wait is no backlog.
    pub(super) in_line: Mutex<HashMap<PostId, UnixMillis>>,
    /// How often our own program failed on an attempt.
    pub(super) panics: Mutex<HashMap<AttemptId, u32>>,
    /// The database cluster that was compared with; `None` where there is none to compare.
    pub(super) cluster: Mutex<Option<String>>,
    /// Whether what was overdue at the start may be begun.
    pub(super) fence: Mutex<Fence>,
    /// What tells of lost commits was compared.
    compared: AtomicBool,
    /// Due work was looked for at least once.
    looked: AtomicBool,
    /// Nothing is begun before this instant, milliseconds: other processes are comparing.
    compares_until: AtomicI64,
    pub(super) slots: Slots,
    pub(super) lines: Arc<Lines>,
    pub(super) berths: Arc<Berths>,
    /// One look at TikTok's clock at a time; its answer serves all posts that are due then.
    pub(super) clock_look: tokio::sync::Mutex<()>,
    pub(super) stop: CancellationToken,
    kill: CancellationToken,
    pub(super) held: Mutex<Held>,
    freed: Notify,
    pub(super) line: Line,
    tasks: TaskTracker,
}

/// What is in the hands of this process.
#[derive(Debug, Default)]
pub(super) struct Held {
    all: usize,
    by_account: HashMap<ConnectionId, usize>,
    /// The earliest time at which a row that was given back wants to be looked at again.
    given_back: Option<UnixMillis>,
}

/// When the loop has something to do. What it does not know about is told by a nudge.
#[derive(Debug, Default)]
struct Agenda {
    start_at: Option<UnixMillis>,
    claim_at: Option<UnixMillis>,
    /// When others are looked after, where there are any.
    look_at: Option<UnixMillis>,
    /// Due rows were left because too much is in hand; whatever is let go makes room.
    left_some: bool,
    /// The last account served by a claim.
    after: String,
}

impl Agenda {
    fn everything_at(&mut self, now: UnixMillis) {
        self.start_at = Some(now);
        self.claim_at = Some(now);
    }

    /// Nothing at all before `at`.
    fn rest_until(&mut self, at: UnixMillis) {
        self.everything_at(at);
        self.look_at = self.look_at.map(|_| at);
    }

    fn start_by(&mut self, at: UnixMillis) {
        self.start_at = Some(self.start_at.map_or(at, |known| known.min(at)));
    }

    fn claim_by(&mut self, at: UnixMillis) {
        self.claim_at = Some(self.claim_at.map_or(at, |known| known.min(at)));
    }

    fn next(&self) -> Option<UnixMillis> {
        [self.start_at, self.claim_at, self.look_at].into_iter().flatten().min()
    }
}

/// What the outside holds of a running engine.
pub struct EngineHandle {
    engine: Arc<Engine>,
}

impl EngineHandle {
    /// Wakes the engine after a commit that concerns it.
    pub fn nudge(&self) {
        self.engine.app.engine_nudge.notify_one();
    }

    /// Whether it has compared what tells of lost commits and looked for due work since its start.
    #[must_use]
    pub fn has_looked(&self) -> bool {
        self.engine.looked.load(Ordering::Relaxed)
    }

    /// Stops gracefully: claims nothing more, finishes announced effects, gives all rows back. At most 27 s.
    pub async fn stop(self) {
        self.engine.stop.cancel();
        if tokio::time::timeout(STOP_WITHIN, self.engine.tasks.wait()).await.is_err() {
            tracing::warn!("publishing did not stop in time; it goes on after the next start");
        }
        self.engine.kill.cancel();
        self.engine.tasks.wait().await;
        // What could not give its row back by itself: the next process need not wait for a lease.
        if tokio::time::timeout(FREE_WITHIN, self.engine.free_mine()).await.is_err() {
            tracing::warn!("the database does not answer; what is held goes on when its lease is over");
        }
    }

    /// Drops everything at once wherever it stands, as a crash would. For tests of recovery and for a second stop signal.
    pub async fn kill(self) {
        self.engine.kill.cancel();
        self.engine.tasks.wait().await;
    }
}

impl Engine {
    /// Starts the engine in the background.
    #[must_use]
    pub fn spawn(app: Arc<App>) -> EngineHandle {
        let slots = Slots::new(app.settings.publishing_concurrency);
        let berths = Arc::new(Berths::new(app.settings.upload_rate));
        let generation = Generation::mine(app.random.uuid(app.now()));
        let engine = Arc::new(Self {
            app,
            me: generation.to_string(),
            generation,
            rates: Rates::default(),
            undated_since: Mutex::default(),
            put_off: Mutex::default(),
            late_since: Mutex::default(),
            in_line: Mutex::default(),
            panics: Mutex::default(),
            cluster: Mutex::default(),
            fence: Mutex::new(Fence::Raised),
            compared: AtomicBool::new(false),
            looked: AtomicBool::new(false),
            compares_until: AtomicI64::new(i64::MIN),
            slots,
            lines: Arc::default(),
            berths,
            clock_look: tokio::sync::Mutex::default(),
            stop: CancellationToken::new(),
            kill: CancellationToken::new(),
            held: Mutex::default(),
            freed: Notify::new(),
            line: Line::default(),
            tasks: TaskTracker::new(),
        });
        engine.clone().spawn_killable(engine.clone().work());
        engine.clone().spawn_killable(engine.clone().renew_tokens());
        engine.tasks.close();
        EngineHandle { engine }
    }

    fn spawn_killable(self: Arc<Self>, task: impl Future<Output = ()> + Send + 'static) {
        let kill = self.kill.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                biased;
                () = kill.cancelled() => {}
                () = task => {}
            }
        });
    }

    async fn work(self: Arc<Self>) {
        let beat = Beat::start(&self.app.pulse, self.app.clock.as_ref());
        let mut freed_others = false;
        let mut agenda = Agenda::default();
        agenda.everything_at(self.app.now());
        while !self.stopping() {
            beat.works(self.app.clock.as_ref());
            let round = async {
                if !freed_others {
                    self.free_others().await?;
                    self.raise_fence().await?;
                    freed_others = true;
                }
                if !self.compared.load(Ordering::Relaxed) {
                    self.reconcile().await?;
                    self.compared.store(true, Ordering::Relaxed);
                }
                self.look_at_the_clock(&mut agenda).await?;
                Self::round(&self, &mut agenda).await
            };
            match AssertUnwindSafe(round).catch_unwind().await {
                Ok(Ok(())) => self.looked.store(true, Ordering::Relaxed),
                Ok(Err(error)) => {
                    tracing::error!(%error, "publishing cannot reach its data");
                    agenda.rest_until(self.app.now().plus_millis(AFTER_FAILURE_MS));
                }
                Err(_) => {
                    tracing::error!("our own program failed while looking for due posts; it looks again");
                    agenda.rest_until(self.app.now().plus_millis(AFTER_FAILURE_MS));
                }
            }
            let next = agenda.next();
            beat.sleeps(next);
            tokio::select! {
                biased;
                () = self.stop.cancelled() => {}
                () = self.app.engine_nudge.notified() => agenda.everything_at(self.app.now()),
                () = self.freed.notified() => {}
                () = self.sleep(next) => {}
            }
        }
    }

    async fn sleep(&self, until: Option<UnixMillis>) {
        match until {
            Some(at) => self.app.clock.sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// Starts and claims what has come due, and notes when the next thing will. Where nothing has, the database is not asked.
    async fn round(engine: &Arc<Self>, agenda: &mut Agenda) -> Result<()> {
        let now = engine.app.now();
        if engine.leases_expire() && agenda.look_at.is_none_or(|at| at <= now) {
            engine.look_after_others(agenda).await?;
        }
        if agenda.start_at.is_some_and(|at| at <= now) {
            agenda.start_at = Self::start_due(engine).await?;
        }
        if let Some(at) = engine.given_back() {
            agenda.claim_by(at);
        }
        if agenda.left_some || agenda.claim_at.is_some_and(|at| at <= engine.app.now()) {
            Self::claim_due(engine, agenda).await?;
        }
        Ok(())
    }

    /// A jump of the clock is noticed at every wake; waits that were counted by a clock set back since are over.
    async fn look_at_the_clock(&self, agenda: &mut Agenda) -> Result<()> {
        self.app.watch.look(self.app.clock.as_ref());
        if self.app.watch.was_set_back() {
            self.forget_put_off();
            let now = self.app.now();
            let mut tx = self.app.store.begin().await?;
            tx.attempt_wake_all(now).await?;
            tx.lane_wake_all(now).await?;
            tx.commit().await?;
            agenda.everything_at(now);
            agenda.look_at = None;
        }
        Ok(())
    }

    /// Claims in turns until nothing is due or enough is in hand.
    async fn claim_due(engine: &Arc<Self>, agenda: &mut Agenda) -> Result<()> {
        let now = engine.app.now();
        agenda.left_some = false;
        let lease_now = engine.lease_now().await?;
        let mut ahead = engine.app.store.work_ahead().await?;
        for sort in [Sort::Open, Sort::Watched] {
            // A look is cheaper than a claim in vain, which would be a transaction.
            while sort.is_due(&ahead, now) || engine.lease_ended(&ahead, lease_now) {
                let (room, not) = engine.room();
                agenda.left_some |= room == 0 || not.len() > 1;
                if room == 0 {
                    break;
                }
                let limit = i64::try_from(room).unwrap_or(CLAIM).min(CLAIM);
                let turn = Turn { per_account: TURN, limit, after: &agenda.after, not: &not };
                let rows = engine.claim(sort, now, turn).await?;
                if rows.is_empty() {
                    // The turn is over when it found nobody from the first account on.
                    if agenda.after.is_empty() {
                        break;
                    }
                    agenda.after.clear();
                    continue;
                }
                if let Some(last) = rows.iter().flatten().map(|row| row.connection_id.to_string()).max() {
                    agenda.after = last;
                }
                for row in rows {
                    match row {
                        Ok(attempt) => Self::hand_over(engine, attempt, sort.first()),
                        // A row this version cannot read stays claimed and untouched.
                        Err(error) => tracing::error!(%error, "an attempt cannot be read and is left alone"),
                    }
                }
                ahead = engine.app.store.work_ahead().await?;
            }
        }
        agenda.claim_at = match ahead.attempt_at() {
            // Due, but of accounts that have enough in hand.
            Some(at) if at <= now => engine.app.store.attempt_next_after(now).await?,
            later => later,
        };
        if let Some(at) = engine.lease_over_at(&ahead, lease_now) {
            agenda.claim_by(at.max(engine.app.now().plus_millis(LOOK_AGAIN_MS)));
        }
        Ok(())
    }

    /// When the first lease that another process may have left behind is over, by our clock: the two may differ, what is left is the
    /// same by both.
    fn lease_over_at(&self, ahead: &WorkAhead, lease_now: UnixMillis) -> Option<UnixMillis> {
        let ends_at = ahead.lease_ends_at.filter(|_| self.leases_expire())?;
        Some(self.app.now().plus_millis(ends_at.millis_since(lease_now).max(0).saturating_add(1)))
    }

    fn lease_ended(&self, ahead: &WorkAhead, lease_now: UnixMillis) -> bool {
        self.leases_expire() && ahead.lease_ends_at.is_some_and(|at| at < lease_now)
    }

    /// Notes what other processes planned, gave back or hold with a lease that may end.
    async fn look_after_others(&self, agenda: &mut Agenda) -> Result<()> {
        let lease_now = self.lease_now().await?;
        let ahead = self.app.store.work_ahead().await?;
        let now = self.app.now();
        if let Some(at) = ahead.lane_at {
            agenda.start_by(at);
        }
        if let Some(at) = ahead.attempt_at() {
            agenda.claim_by(at);
        }
        let pause = if let Some(at) = self.lease_over_at(&ahead, lease_now) {
            agenda.claim_by(at);
            LOOK_WHILE_HELD_MS
        } else {
            LOOK_MS
        };
        agenda.look_at = Some(now.plus_millis(pause));
        Ok(())
    }

    /// The database is another cluster than the one that was compared with: everything is compared again, and nothing is begun until
    /// the other processes have noticed as well.
    pub(super) fn compare_again(&self) {
        self.compared.store(false, Ordering::Relaxed);
        let until = self.app.now().plus_millis(OTHERS_COMPARE_MS);
        self.compares_until.store(until.millis(), Ordering::Relaxed);
        self.app.engine_nudge.notify_one();
    }

    pub(super) fn compares_until(&self) -> Option<UnixMillis> {
        let until = UnixMillis::from_millis(self.compares_until.load(Ordering::Relaxed));
        (until > self.app.now()).then_some(until)
    }

    /// How many rows may still be taken, and the accounts that have enough, each between commas.
    pub(super) fn room(&self) -> (usize, String) {
        let Ok(held) = self.held.lock() else {
            return (0, String::new());
        };
        let mut enough = String::from(",");
        for (account, count) in &held.by_account {
            if *count >= HELD_PER_ACCOUNT {
                enough.push_str(&account.to_string());
                enough.push(',');
            }
        }
        (self.capacity().saturating_sub(held.all), enough)
    }

    /// Notes that a row was given back and when it wants to be looked at again.
    pub(super) fn gave_back(&self, at: UnixMillis) {
        if at < NEVER
            && let Ok(mut held) = self.held.lock()
        {
            held.given_back = Some(held.given_back.map_or(at, |known| known.min(at)));
        }
    }

    fn given_back(&self) -> Option<UnixMillis> {
        self.held.lock().ok()?.given_back.take()
    }

    pub(super) fn hand_over(engine: &Arc<Self>, attempt: Attempt, first: Event) {
        let account = attempt.connection_id;
        if let Ok(mut held) = engine.held.lock() {
            held.all = held.all.saturating_add(1);
            let own = held.by_account.entry(account).or_default();
            *own = own.saturating_add(1);
        }
        let ticket = engine.ticket(&attempt);
        let driver = Arc::clone(engine);
        Arc::clone(engine).spawn_killable(async move {
            let (id, epoch) = (attempt.id, attempt.epoch);
            if AssertUnwindSafe(driver.drive(attempt, first, ticket)).catch_unwind().await.is_err() {
                driver.panicked(id, epoch).await;
            }
            driver.let_go(account);
        });
    }

    fn let_go(&self, account: ConnectionId) {
        if let Ok(mut held) = self.held.lock() {
            held.all = held.all.saturating_sub(1);
            if let Some(own) = held.by_account.get_mut(&account) {
                *own = own.saturating_sub(1);
                if *own == 0 {
                    held.by_account.remove(&account);
                }
            }
        }
        self.freed.notify_one();
    }

    async fn claim(&self, sort: Sort, now: UnixMillis, turn: Turn<'_>) -> Result<Claimed> {
        let lease_now = self.lease_now().await?;
        let lease = Lease { owner: &self.me, now: lease_now, until: lease_now.plus_millis(LEASE_MS) };
        let mut tx = self.app.store.begin().await?;
        let rows = match sort {
            Sort::Open => tx.attempt_claim(now, lease, turn).await?,
            Sort::Watched => tx.attempt_claim_watched(now, lease, turn).await?,
        };
        if rows.is_empty() {
            tx.rollback().await?;
            return Ok(rows);
        }
        match tx.commit().await {
            Ok(()) => Ok(rows),
            Err(StoreError::CommitUnknown) => {
                for attempt in rows.into_iter().flatten() {
                    self.give_back(attempt.id, attempt.epoch, GIVE_BACK_MS).await;
                }
                Ok(Vec::new())
            }
            Err(error) => Err(error.into()),
        }
    }

    async fn free_others(&self) -> Result<()> {
        let mut tx = self.app.store.begin().await?;
        let mut freed = 0;
        if self.leases_expire() {
            for owner in tx.attempt_owners().await? {
                if Generation::parse(&owner).is_some_and(|other| self.generation.knows_gone(&other)) {
                    freed += tx.attempt_free_owner(&owner).await?;
                }
            }
        } else {
            freed = tx.attempt_free_others(&self.me).await?;
        }
        tx.commit().await?;
        if freed > 0 {
            tracing::info!(freed, "attempts of the process before this one go on");
        }
        Ok(())
    }

    async fn free_mine(&self) {
        let free = async {
            let mut tx = self.app.store.begin().await?;
            let freed = tx.attempt_free_owner(&self.me).await?;
            tx.commit().await?;
            Ok::<_, crate::Error>(freed)
        };
        match free.await {
            Ok(0) => {}
            Ok(freed) => tracing::info!(freed, "attempts given back"),
            Err(error) => tracing::warn!(%error, "attempts could not be given back"),
        }
    }

    fn capacity(&self) -> usize {
        self.app.settings.publishing_concurrency.max(1).saturating_mul(HELD_PER_SLOT).min(HELD_MAX)
    }

    pub(super) fn stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// With one process per database (SQLite) a row is held for the life of the process; else for the time of a lease.
    pub(super) fn leases_expire(&self) -> bool {
        self.app.store.is_shared()
    }

    /// The clock by which leases are judged: the database's own where several processes share it.
    pub(super) async fn lease_now(&self) -> Result<UnixMillis> {
        if self.leases_expire() { Ok(self.app.store.now_db().await?) } else { Ok(self.app.now()) }
    }

    /// Upload speed to count on, bytes per second; `None` while nothing is known about it.
    pub(super) fn upload_rate(&self) -> Option<u64> {
        self.line.rate(self.app.settings.upload_rate)
    }

    /// Injected chance, 0 to 999.
    pub(super) fn jitter(&self) -> u32 {
        let mut bytes = [0_u8; 4];
        self.app.random.fill(&mut bytes);
        u32::from_le_bytes(bytes) % 1000
    }
}

/// Which attempts are claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    /// On their way.
    Open,
    /// Settled, and still looked after.
    Watched,
}

impl Sort {
    fn is_due(self, ahead: &WorkAhead, now: UnixMillis) -> bool {
        let at = match self {
            Self::Open => ahead.open_at,
            Self::Watched => ahead.watched_at,
        };
        at.is_some_and(|at| at <= now)
    }

    /// What its driver begins with.
    const fn first(self) -> Event {
        match self {
            Self::Open => Event::Resume,
            Self::Watched => Event::Hint,
        }
    }
}
