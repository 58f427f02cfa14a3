//! One story from its first step to the last answer: trouble at its time, dead nodes started again, then peace until all is settled.
//!
//! Owns the agenda. Must not judge: that is the check's.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;
use std::time::Duration;

use app::posts::When;
use domain::consent::Declaration;
use domain::post::PostState;
use domain::schedule::{Zone, to_local};
use domain::time::UnixMillis;
use futures::future::{FutureExt as _, select_all};
use store::StoreError;
use store::blobs::MemoryBlobs;
use store::lockstep::Lockstep;
use store::vault::InstanceKeys;
use tiktok_sim::RemovalReason;

use crate::chance::Chance;
use crate::check;
use crate::log::Log;
use crate::node::Node;
use crate::plot::{Plot, Trouble, Webhooks};
use crate::report::Outcome;
use crate::stage::{KEY, SharedFile, Stage};
use crate::weather::Network;

/// Virtual time after the trouble in which everything has to settle, milliseconds: TikTok's 72 hours and a margin.
const SETTLE_MS: i64 = 100 * 3_600_000;
/// How often webhooks are carried, milliseconds.
const WEBHOOKS_EVERY_MS: i64 = 1_500;
/// What the nodes log is read in one story of so many: it costs time.
const LOG_READ_EVERY: u64 = 16;
/// Sizes of the files that are cut into chunks, bytes.
const LARGE_BYTES: [usize; 2] = [15_200_000, 16_700_001];

/// Why a story could not be told; never a verdict about the engine.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database refused while the stage was set.
    #[error("setting the stage: {0}")]
    Store(#[from] StoreError),
    /// A use case refused while the stage was set.
    #[error("setting the stage: {0}")]
    App(#[from] app::Error),
    /// The simulator refused its configuration.
    #[error("setting the stage: {0}")]
    Simulator(#[from] tiktok_sim::SimError),
    /// The system refused a runtime, a folder or a key.
    #[error("setting up: {0}")]
    System(String),
    /// An address of ours is none.
    #[error("an address of the stage is malformed")]
    Address,
}

/// What many stories share one after the other: the database is emptied between them.
pub struct Bench {
    pub(crate) database: Lockstep,
    pub(crate) blobs: MemoryBlobs,
    pub(crate) keys: Arc<InstanceKeys>,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) large_files: Vec<SharedFile>,
}

impl Bench {
    /// Makes the database and the files.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn new() -> Result<Self, Error> {
        let database = runtime()?.block_on(Lockstep::open())?;
        let keys = InstanceKeys::generate().map_err(|error| Error::System(error.to_string()))?;
        let folder = tempfile::tempdir().map_err(|error| Error::System(error.to_string()))?;
        let large_files = LARGE_BYTES
            .iter()
            .map(|length| {
                let mut bytes = vec![0; *length];
                bytes
                    .iter_mut()
                    .step_by(4096)
                    .enumerate()
                    .for_each(|(at, byte)| *byte = u8::try_from(at % 251).unwrap_or(0));
                SharedFile::of(bytes)
            })
            .collect();
        Ok(Self { database, blobs: MemoryBlobs::default(), keys: Arc::new(keys), folder, large_files })
    }

    /// Tells one story and checks every invariant at its end. What the nodes log is read in one story of sixteen.
    ///
    /// # Errors
    /// When the stage cannot be set.
    pub fn run(&self, plot: &Plot) -> Result<Outcome, Error> {
        if plot.seed.is_multiple_of(LOG_READ_EVERY) { self.run_reading_the_log(plot) } else { self.tell(plot, None) }
    }

    /// As [`Bench::run`], and nothing secret may stand in what the nodes log, at any level (invariant I11).
    ///
    /// # Errors
    /// As [`Bench::run`].
    pub fn run_reading_the_log(&self, plot: &Plot) -> Result<Outcome, Error> {
        let log = Log::default();
        log.clone().read_while(|| self.tell(plot, Some(log)))
    }

    fn tell(&self, plot: &Plot, log: Option<Log>) -> Result<Outcome, Error> {
        runtime()?.block_on(async {
            let mut story = Story::begin(self, plot).await?;
            story.log = log;
            story.act().await;
            story.settle().await;
            check::judge(&mut story).await
        })
    }

    /// Tells one story and gives its steps in order: trouble, calls to TikTok and changes of attempts.
    ///
    /// # Errors
    /// As [`Bench::run`].
    pub fn replay(&self, plot: &Plot) -> Result<(Outcome, Vec<String>), Error> {
        runtime()?.block_on(async {
            let mut story = Story::begin(self, plot).await?;
            story.act().await;
            story.settle().await;
            let outcome = check::judge(&mut story).await?;
            Ok((outcome, crate::steps::of(&story).await?))
        })
    }
}

fn runtime() -> Result<tokio::runtime::Runtime, Error> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .map_err(|error| Error::System(error.to_string()))
}

/// How the database comes to forget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Loss {
    /// Nobody says so.
    Failover,
    /// A backup was put back, and marked as one.
    Restored,
    /// The same on another machine: nothing that was noted beside the database is there.
    RestoredElsewhere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Trouble(usize),
    Start(usize),
    Thaw(usize),
    Reconnect(usize),
    FullSpeed(usize),
    DatabaseUp(usize),
    Release(usize),
    Unban(usize),
    Resume(usize),
    /// How, and for how long no process runs.
    Forget(Loss, i64),
    Webhooks,
}

/// A wish of a person that was granted.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Granted {
    Cancelled {
        post: usize,
        at_ms: i64,
    },
    Disconnected {
        account: usize,
        at_ms: i64,
    },
    /// Nothing of the account was with TikTok, or about to be, when the rest began.
    Rested {
        account: usize,
        at_ms: i64,
        until_ms: i64,
    },
}

impl Granted {
    const fn at_ms(&self) -> i64 {
        match self {
            Self::Cancelled { at_ms, .. } | Self::Disconnected { at_ms, .. } | Self::Rested { at_ms, .. } => *at_ms,
        }
    }

    /// Noted beside the database as well, so that a database that forgets it is told again.
    const fn is_marked(&self) -> bool {
        matches!(self, Self::Disconnected { .. })
    }
}

/// See the module.
pub(crate) struct Story<'a> {
    pub(crate) plot: &'a Plot,
    pub(crate) stage: Stage,
    pub(crate) granted: Vec<Granted>,
    /// Places at which the nodes could have died, in all.
    pub(crate) steps: u64,
    /// When the state was marked to which the database will go back, if it is.
    marked_ms: Option<i64>,
    /// Posts with another text than was agreed to. Who moved one would see it, and agree to it.
    scribbled: Vec<usize>,
    /// The database has forgotten something. People see then what was held, and what they wish is their own affair.
    forgot: bool,
    agenda: BinaryHeap<Reverse<(i64, usize, Step)>>,
    entries: usize,
    down_ms: Vec<i64>,
    chance: Chance,
    bench: &'a Bench,
    /// What the nodes logged, in stories in which it is read.
    pub(crate) log: Option<Log>,
}

impl<'a> Story<'a> {
    async fn begin(bench: &'a Bench, plot: &'a Plot) -> Result<Self, Error> {
        let mut stage = Stage::set(bench, plot).await?;
        for node in &mut stage.nodes {
            node.start();
        }
        let mut story = Self {
            plot,
            stage,
            granted: Vec::new(),
            steps: 0,
            marked_ms: None,
            scribbled: Vec::new(),
            forgot: false,
            agenda: BinaryHeap::new(),
            entries: 0,
            down_ms: vec![1000; plot.nodes],
            chance: Chance::seeded(plot.seed ^ 0x0AC7),
            bench,
            log: None,
        };
        for (number, (at, _)) in plot.trouble.iter().enumerate() {
            story.enter(*at, Step::Trouble(number));
        }
        if plot.webhooks != Webhooks::Lost {
            story.enter(WEBHOOKS_EVERY_MS, Step::Webhooks);
        }
        Ok(story)
    }

    fn enter(&mut self, at: i64, step: Step) {
        self.entries = self.entries.saturating_add(1);
        self.agenda.push(Reverse((at, self.entries, step)));
    }

    fn elapsed_ms(&self) -> i64 {
        crate::time::millis(self.stage.time.elapsed())
    }

    fn after(&mut self, ms: i64, step: Step) {
        self.enter(self.elapsed_ms().saturating_add(ms), step);
    }

    /// Everything on the agenda until the trouble is over.
    async fn act(&mut self) {
        loop {
            let next = self.agenda.peek().map(|Reverse((at, _, _))| *at).unwrap_or(i64::MAX).min(self.plot.ends_ms);
            let time = self.stage.time;
            self.watching(time.until(next)).await;
            if self.elapsed_ms() >= self.plot.ends_ms {
                return;
            }
            while let Some(Reverse((at, _, step))) = self.agenda.peek().copied() {
                if at > self.elapsed_ms() {
                    break;
                }
                self.agenda.pop();
                self.step(step).await;
            }
        }
    }

    /// Waits for something while nodes die when they touch their tripwire.
    async fn watching<T>(&mut self, what: impl Future<Output = T>) -> T {
        let mut what = std::pin::pin!(what);
        loop {
            let dead = tokio::select! {
                biased;
                node = tripped(&self.stage.nodes) => node,
                done = &mut what => return done,
            };
            self.die(dead).await;
            let down = self.down_ms.get(dead).copied().unwrap_or(1000);
            self.after(down, Step::Start(dead));
        }
    }

    async fn die(&mut self, number: usize) {
        if let Some(node) = self.stage.nodes.get_mut(number) {
            self.steps = self.steps.saturating_add(node.trip.passed());
            node.kill().await;
        }
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Trouble(number) => {
                if let Some((_, trouble)) = self.plot.trouble.get(number) {
                    self.trouble(trouble).await;
                }
            }
            Step::Start(number) => {
                if let Some(node) = self.stage.nodes.get_mut(number) {
                    node.start();
                }
            }
            Step::Thaw(number) => self.with(number, |node| node.gate.freeze(false)),
            Step::Reconnect(number) => self.with(number, |node| node.weather.set_network(Network::Fine)),
            Step::FullSpeed(number) => self.with(number, |node| node.weather.set_speed(0)),
            Step::DatabaseUp(number) => self.with(number, |node| node.weather.set_database_down(false)),
            Step::Release(account) => self.user(account, |user| user.processing_held = false),
            Step::Unban(account) => self.user(account, |user| user.banned = false),
            Step::Resume(account) => self.resume(account).await,
            Step::Forget(loss, down_ms) => self.forget(loss, down_ms).await,
            Step::Webhooks => {
                self.carry_webhooks().await;
                self.after(WEBHOOKS_EVERY_MS, Step::Webhooks);
            }
        }
    }

    fn with(&self, number: usize, act: impl FnOnce(&Node)) {
        if let Some(node) = self.stage.nodes.get(number) {
            act(node);
        }
    }

    fn user(&self, account: usize, change: impl FnOnce(&mut tiktok_sim::UserSpec)) {
        if let Some(account) = self.stage.accounts.get(account) {
            let _ = self.stage.sim.set_user(&account.username, change);
        }
    }

    async fn trouble(&mut self, trouble: &Trouble) {
        tracing::info!(at_ms = self.elapsed_ms(), ?trouble, "trouble");
        match trouble {
            Trouble::Kill { node, down_ms } => {
                self.die(*node).await;
                self.after(*down_ms, Step::Start(*node));
            }
            Trouble::Trip { node, steps, down_ms } => {
                if let Some(down) = self.down_ms.get_mut(*node) {
                    *down = *down_ms;
                }
                self.with(*node, |node| node.trip.arm(*steps));
            }
            Trouble::Restart { node, down_ms } => self.restart(*node, *down_ms).await,
            Trouble::Freeze { node, for_ms } => {
                self.with(*node, |node| node.gate.freeze(true));
                self.after(*for_ms, Step::Thaw(*node));
            }
            Trouble::ClockJump { node, by_ms } => self.with(*node, |node| node.clock.jump(*by_ms)),
            Trouble::Network { node, kind, for_ms } => {
                self.with(*node, |node| node.weather.set_network(*kind));
                self.after(*for_ms, Step::Reconnect(*node));
            }
            Trouble::Slow { node, bytes_per_second, for_ms } => {
                self.with(*node, |node| node.weather.set_speed(*bytes_per_second));
                self.after(*for_ms, Step::FullSpeed(*node));
            }
            Trouble::DatabaseDown { node, for_ms } => {
                self.with(*node, |node| node.weather.set_database_down(true));
                self.after(*for_ms, Step::DatabaseUp(*node));
            }
            Trouble::CommitUnknown { node, count, saved } => self.with(*node, |node| {
                if *saved {
                    node.weather.silence_commits(*count);
                } else {
                    node.weather.undo_commits(*count);
                }
            }),
            Trouble::Script { rule } => self.stage.sim.fault(rule.clone()),
            Trouble::EndScripts => self.stage.sim.clear_faults(),
            Trouble::FailNext { account, reason } => {
                self.user(*account, |user| user.fail_next.push((*reason).to_owned()));
            }
            Trouble::HoldProcessing { account, for_ms } => {
                self.user(*account, |user| user.processing_held = true);
                self.after(*for_ms, Step::Release(*account));
            }
            Trouble::Ban { account, for_ms } => {
                self.user(*account, |user| user.banned = true);
                self.after(*for_ms, Step::Unban(*account));
            }
            Trouble::ExpireToken { account } => {
                if let Some(account) = self.stage.accounts.get(*account) {
                    self.stage.sim.expire_access_tokens(&account.username);
                }
            }
            Trouble::WithdrawGrant { account } => {
                if let Some(account) = self.stage.accounts.get(*account) {
                    let _ = self.stage.sim.disconnect(KEY, &account.username, RemovalReason::UserDisconnected);
                }
            }
            Trouble::Cancel { post } => self.cancel(*post).await,
            Trouble::Move { post, later_ms } => self.move_later(*post, *later_ms).await,
            Trouble::Disconnect { account } => self.disconnect(*account).await,
            Trouble::Pause { account, for_ms } => self.pause(*account, *for_ms).await,
            Trouble::Damage { post } => {
                if let Some(post) = self.stage.posts.get(*post) {
                    self.bench.blobs.put(&post.key, bytes::Bytes::from_static(b"something else"));
                }
            }
            Trouble::Lose { post } => {
                if let Some(post) = self.stage.posts.get(*post) {
                    self.bench.blobs.remove(&post.key);
                }
            }
            Trouble::LoseCommits { for_ms, down_ms } => {
                self.mark(*for_ms, Step::Forget(Loss::Failover, *down_ms)).await
            }
            Trouble::Restore { age_ms, elsewhere, down_ms } => {
                let loss = if *elsewhere { Loss::RestoredElsewhere } else { Loss::Restored };
                self.mark(*age_ms, Step::Forget(loss, *down_ms)).await;
            }
            Trouble::Scribble { post } => self.scribble(*post).await,
        }
    }

    /// What is committed from now until the database forgets is lost then.
    async fn mark(&mut self, for_ms: i64, forget: Step) {
        if self.marked_ms.is_none() && self.bench.database.mark().await.is_ok() {
            self.marked_ms = Some(self.stage.time.now_ms());
            self.after(for_ms, forget);
        }
    }

    /// All processes end, the database goes back to the mark, and they start again.
    async fn forget(&mut self, loss: Loss, down_ms: i64) {
        let Some(marked_ms) = self.marked_ms.take() else { return };
        for number in 0..self.stage.nodes.len() {
            if let Some(node) = self.stage.nodes.get_mut(number).filter(|_| loss == Loss::RestoredElsewhere) {
                node.lose_journal();
            }
            self.die(number).await;
            self.after(down_ms, Step::Start(number));
        }
        let gone = self.bench.database.back_to_mark().await;
        let told_again = loss != Loss::RestoredElsewhere;
        self.granted.retain(|granted| granted.at_ms() < marked_ms || (told_again && granted.is_marked()));
        self.forgot = true;
        let marker = match loss {
            Loss::Failover => Ok(()),
            Loss::Restored | Loss::RestoredElsewhere => self.stage.mark_restored().await,
        };
        if let (Err(error), _) | (_, Err(error)) = (gone.map_err(Error::from), marker) {
            tracing::error!(%error, "the database could not be put back");
        }
        if loss == Loss::RestoredElsewhere {
            self.stage.lose_marks();
        }
        // As every start does before anybody is served.
        let app = Arc::clone(self.stage.door.app());
        match app.replay_tombstones().await {
            Ok(replayed) => tracing::info!(?replayed, "the marks were compared"),
            Err(error) => tracing::error!(%error, "the marks could not be compared"),
        }
    }

    async fn scribble(&mut self, number: usize) {
        self.scribbled.push(number);
        let Some(id) = self.stage.posts.get(number).map(|post| post.id) else { return };
        if let Err(error) = self.stage.scribble(id).await {
            tracing::error!(%error, "nothing was scribbled");
        }
    }

    async fn restart(&mut self, number: usize, down_ms: i64) {
        let Some(node) = self.stage.nodes.get_mut(number) else { return };
        // A frozen process cannot stop gracefully; nobody waits for it.
        if node.gate.is_frozen() {
            node.kill().await;
        } else {
            self.steps = self.steps.saturating_add(node.trip.passed());
            let stopped = node.stop().now_or_never();
            if stopped.is_none() {
                // It needs time, in which other nodes may touch their wires.
                node.stop().await;
            }
        }
        self.after(down_ms, Step::Start(number));
    }

    /// The engines that share a process with the door hear of it at once; others find out by themselves.
    fn nudge(&self) {
        if !self.plot.shared || self.chance.percent(50) {
            self.stage.nodes.iter().for_each(Node::nudge);
        }
    }

    async fn cancel(&mut self, number: usize) {
        if self.forgot {
            return;
        }
        let Some(id) = self.stage.posts.get(number).map(|post| post.id) else { return };
        let (app, actor) = (Arc::clone(self.stage.door.app()), self.stage.actor.clone());
        let cancelled = self.watching(async move { app.cancel(&actor, id).await }).await;
        if cancelled.is_ok() {
            let at_ms = self.stage.time.now_ms();
            self.granted.push(Granted::Cancelled { post: number, at_ms });
        }
        self.nudge();
    }

    async fn move_later(&mut self, number: usize, later_ms: i64) {
        if self.forgot || self.scribbled.contains(&number) {
            return;
        }
        let Some(id) = self.stage.posts.get(number).map(|post| post.id) else { return };
        let (app, actor) = (Arc::clone(self.stage.door.app()), self.stage.actor.clone());
        let at = UnixMillis::from_millis(self.stage.time.now_ms().saturating_add(later_ms));
        let moved = async move {
            let post = app.post(&actor, id).await?;
            let zone = Zone::utc();
            let when = When::At { local: to_local(at, &zone), zone, second: false };
            app.reschedule(&actor, id, post.revision, &when, Declaration::Music).await
        };
        let moved = self.watching(moved).await;
        tracing::info!(moved = ?moved.map(|post| post.due_at), "a post was moved");
        self.nudge();
    }

    async fn disconnect(&mut self, number: usize) {
        if self.forgot {
            return;
        }
        let Some(id) = self.stage.accounts.get(number).map(|account| account.connection) else { return };
        let (app, actor) = (Arc::clone(self.stage.door.app()), self.stage.actor.clone());
        let disconnected = self.watching(async move { app.disconnect(&actor, id).await }).await;
        if disconnected.is_ok() {
            self.granted.push(Granted::Disconnected { account: number, at_ms: self.stage.time.now_ms() });
        }
        self.nudge();
    }

    async fn pause(&mut self, number: usize, for_ms: i64) {
        if self.forgot {
            return;
        }
        let Some(id) = self.stage.accounts.get(number).map(|account| account.connection) else { return };
        let (app, actor) = (Arc::clone(self.stage.door.app()), self.stage.actor.clone());
        if let Ok(paused) = self.watching(async move { app.pause(&actor, id).await }).await {
            if paused.too_late == 0 && paused.in_doubt == 0 {
                let at_ms = self.stage.time.now_ms();
                self.granted.push(Granted::Rested { account: number, at_ms, until_ms: i64::MAX });
            }
            self.after(for_ms, Step::Resume(number));
        }
        self.nudge();
    }

    /// Ends the rest of an account, if it rests.
    async fn resume(&mut self, number: usize) {
        let Some(id) = self.stage.accounts.get(number).map(|account| account.connection) else { return };
        let now_ms = self.stage.time.now_ms();
        for granted in &mut self.granted {
            if let Granted::Rested { account, until_ms, .. } = granted
                && *account == number
            {
                *until_ms = now_ms.min(*until_ms);
            }
        }
        let (app, actor) = (Arc::clone(self.stage.door.app()), self.stage.actor.clone());
        if let Err(error) = self.watching(async move { app.resume(&actor, id).await }).await {
            tracing::debug!(%error, "no rest to end");
        }
        self.nudge();
    }

    async fn carry_webhooks(&mut self) {
        let mut due = self.stage.sim.due_webhooks();
        if due.is_empty() {
            return;
        }
        if self.plot.webhooks == Webhooks::Unruly {
            self.chance.shuffle(&mut due);
        }
        for webhook in due {
            if self.plot.webhooks == Webhooks::Unruly && self.chance.percent(40) {
                self.stage.sim.webhook_answered(webhook.index, None);
                continue;
            }
            let app = Arc::clone(self.stage.door.app());
            let taken =
                self.watching(async move { app.webhook(&webhook.signature, webhook.body.as_bytes()).await }).await;
            self.stage.sim.webhook_answered(webhook.index, taken.is_ok().then_some(200));
        }
        self.nudge();
    }

    /// Peace: nothing is broken any more, every node runs, and time passes until each post has an end.
    async fn settle(&mut self) {
        self.stage.sim.clear_faults();
        for account in 0..self.stage.accounts.len() {
            self.user(account, |user| {
                user.banned = false;
                user.processing_held = false;
                user.fail_next.clear();
            });
        }
        for number in 0..self.stage.nodes.len() {
            self.with(number, |node| {
                node.weather.clear();
                node.clock.set_right();
                node.gate.freeze(false);
            });
        }
        for account in 0..self.stage.accounts.len() {
            self.resume(account).await;
        }
        let until = self.elapsed_ms().saturating_add(SETTLE_MS);
        let mut pause_ms = 1_000;
        while self.elapsed_ms() < until {
            for node in &mut self.stage.nodes {
                node.start();
            }
            self.watching(tokio::time::sleep(Duration::from_millis(pause_ms))).await;
            if self.plot.webhooks != Webhooks::Lost {
                self.carry_webhooks().await;
            }
            if self.is_settled().await {
                break;
            }
            pause_ms = (pause_ms.saturating_mul(8) / 5).min(600_000);
        }
        for number in 0..self.stage.nodes.len() {
            self.die(number).await;
        }
    }

    async fn is_settled(&self) -> bool {
        for post in &self.stage.posts {
            let open = match self.stage.store().post_any(post.id).await {
                Ok(Some(post)) => matches!(post.state, PostState::Scheduled | PostState::Publishing),
                Ok(None) | Err(_) => false,
            };
            if open {
                return false;
            }
        }
        true
    }
}

async fn tripped(nodes: &[Node]) -> usize {
    let waits: Vec<_> = nodes.iter().map(|node| node.trip.touched().boxed()).collect();
    if waits.is_empty() {
        return std::future::pending().await;
    }
    let ((), number, _) = select_all(waits).await;
    number
}
