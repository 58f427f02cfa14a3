//! What happens in a story: how many nodes, which posts, and which trouble when. Owns the drawing of plots from seeds.
//!
//! Must not carry anything out. Times are milliseconds after the start of the story.

use serde::Serialize;
use tiktok_sim::{FaultAction, FaultRule, FaultStatus, Route};

use crate::chance::Chance;
use crate::weather::Network;

/// A post that a person planned.
#[derive(Debug, Clone, Serialize)]
pub struct PlannedPost {
    /// Which of the accounts.
    pub account: usize,
    /// When it is due.
    pub due_ms: i64,
    /// Its file is cut into chunks, the last of which is held; otherwise it is one chunk.
    pub is_large: bool,
    /// To the inbox instead of the profile.
    pub to_inbox: bool,
    /// The person turned comments off.
    pub no_comments: bool,
    /// So many pictures, which TikTok fetches through the gate; 0 for a video.
    pub pictures: usize,
}

/// One thing that goes wrong, or that a person does.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// The node dies and is started again later.
    Kill {
        /// Which.
        node: usize,
        /// Until it is started again.
        down_ms: i64,
    },
    /// The node dies at the n-th durable or external step from now and is started again later.
    Trip {
        /// Which.
        node: usize,
        /// Steps, from 1.
        steps: u64,
        /// Until it is started again.
        down_ms: i64,
    },
    /// The node is stopped gracefully and started again later.
    Restart {
        /// Which.
        node: usize,
        /// Until it is started again.
        down_ms: i64,
    },
    /// The node is frozen and goes on later, knowing nothing of it.
    Freeze {
        /// Which.
        node: usize,
        /// How long.
        for_ms: i64,
    },
    /// The node's wall clock jumps.
    ClockJump {
        /// Which.
        node: usize,
        /// Forward or, negative, back.
        by_ms: i64,
    },
    /// The node cannot reach TikTok as it should.
    Network {
        /// Which.
        node: usize,
        /// How.
        kind: Network,
        /// How long.
        for_ms: i64,
    },
    /// The way to TikTok is slow.
    Slow {
        /// Which.
        node: usize,
        /// What it carries.
        bytes_per_second: u64,
        /// How long.
        for_ms: i64,
    },
    /// The node's database does not answer.
    DatabaseDown {
        /// Which.
        node: usize,
        /// How long.
        for_ms: i64,
    },
    /// The next commits have an unknown outcome.
    CommitUnknown {
        /// Which node.
        node: usize,
        /// How many.
        count: u32,
        /// They were saved.
        saved: bool,
    },
    /// TikTok misbehaves as scripted.
    Script {
        /// What it does.
        rule: FaultRule,
    },
    /// All scripts of TikTok's end.
    EndScripts,
    /// The account's next posts fail with this reason.
    FailNext {
        /// Which account.
        account: usize,
        /// TikTok's word.
        reason: &'static str,
    },
    /// TikTok processes the account's posts only after this time.
    HoldProcessing {
        /// Which account.
        account: usize,
        /// How long.
        for_ms: i64,
    },
    /// The creator is banned from posting for a time.
    Ban {
        /// Which account.
        account: usize,
        /// How long.
        for_ms: i64,
    },
    /// The creator's access tokens end before their time.
    ExpireToken {
        /// Which account.
        account: usize,
    },
    /// The creator removes the app in TikTok.
    WithdrawGrant {
        /// Which account.
        account: usize,
    },
    /// The person cancels a post.
    Cancel {
        /// Which.
        post: usize,
    },
    /// The person moves a post to a later time, or asks for it again.
    Move {
        /// Which.
        post: usize,
        /// How much later than now.
        later_ms: i64,
    },
    /// The person disconnects an account.
    Disconnect {
        /// Which.
        account: usize,
    },
    /// The person lets an account rest and ends the rest later.
    Pause {
        /// Which account.
        account: usize,
        /// How long.
        for_ms: i64,
    },
    /// The stored file of a post is damaged.
    Damage {
        /// Which post.
        post: usize,
    },
    /// The stored file of a post is gone.
    Lose {
        /// Which post.
        post: usize,
    },
    /// All processes end and the database forgets its last commits, as after a failover to a late replica.
    LoseCommits {
        /// Those of so long a time.
        for_ms: i64,
        /// Until the processes are started again.
        down_ms: i64,
    },
    /// All processes end and an earlier state of the database is put back and marked as such.
    Restore {
        /// How old it is by then.
        age_ms: i64,
        /// On another machine: what the processes noted beside the database is gone, too.
        elsewhere: bool,
        /// Until the processes are started again.
        down_ms: i64,
    },
    /// The text of a post is changed in the database by something that knows no rules.
    Scribble {
        /// Which post.
        post: usize,
    },
}

/// What the story's webhooks do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Webhooks {
    /// They arrive at once.
    Prompt,
    /// They arrive late, twice and out of order.
    Unruly,
    /// They never arrive.
    Lost,
}

/// One story.
#[derive(Debug, Clone, Serialize)]
pub struct Plot {
    /// Drawn from this.
    pub seed: u64,
    /// Processes.
    pub nodes: usize,
    /// Rows change hands by leases, as on PostgreSQL.
    pub shared: bool,
    /// How far the wall clock of each node is off from the start.
    pub clock_offsets_ms: Vec<i64>,
    /// TikTok accounts.
    pub accounts: usize,
    /// Upload ahead and hold the last chunk.
    pub early_upload: bool,
    /// Posts that are later than this wait for a person, minutes; 0 publishes always.
    pub hold_when_late_minutes: u32,
    /// Rotation of refresh tokens ends the access token as well.
    pub refresh_ends_access: bool,
    /// TikTok answers a repeated chunk as if it were new.
    pub repeats_accepted: bool,
    /// What webhooks do.
    pub webhooks: Webhooks,
    /// Posts.
    pub posts: Vec<PlannedPost>,
    /// Trouble, by time.
    pub trouble: Vec<(i64, Trouble)>,
    /// When all trouble is over and the last answer is due.
    pub ends_ms: i64,
}

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
/// The trouble of a story happens within this time.
const ACT_MS: i64 = 12 * MINUTE;

const FAIL_REASONS: &[&str] = &[
    "file_format_check_failed",
    "duration_check_failed",
    "frame_rate_check_failed",
    "picture_size_check_failed",
    "internal",
    "publish_cancelled",
    "auth_removed",
    "spam_risk_too_many_posts",
    "spam_risk_user_banned_from_posting",
    "spam_risk_text",
    "spam_risk",
];

impl Plot {
    /// The story of a seed.
    #[must_use]
    pub fn of_seed(seed: u64) -> Self {
        let chance = Chance::seeded(seed);
        let nodes = *chance.pick(&[1, 1, 1, 2, 2, 3]).unwrap_or(&1);
        let shared = nodes > 1 || chance.percent(20);
        let accounts = *chance.pick(&[1, 1, 2, 3]).unwrap_or(&1);
        let mut plot = Self {
            seed,
            nodes,
            shared,
            clock_offsets_ms: (0..nodes)
                .map(|_| if chance.percent(20) { chance.within(-90_000, 90_000) } else { 0 })
                .collect(),
            accounts,
            early_upload: chance.percent(85),
            hold_when_late_minutes: *chance.pick(&[15, 15, 0, 60]).unwrap_or(&15),
            refresh_ends_access: chance.percent(20),
            repeats_accepted: chance.percent(50),
            webhooks: *chance.pick(&[Webhooks::Prompt, Webhooks::Unruly, Webhooks::Lost]).unwrap_or(&Webhooks::Lost),
            posts: posts(&chance, accounts),
            trouble: Vec::new(),
            ends_ms: 0,
        };
        let count = *chance.pick(&[0, 1, 1, 2, 2, 3, 4, 6, 9]).unwrap_or(&1);
        for _ in 0..count {
            let at = chance.within(0, ACT_MS);
            let trouble = draw(&chance, &plot);
            plot.trouble.push((at, trouble));
        }
        plot.add_later_draws();
        plot.close();
        plot
    }

    /// What stories were given later: drawn by itself, so that the rest of a seed's story stays what it was.
    fn add_later_draws(&mut self) {
        let chance = Chance::seeded(self.seed ^ 0x0009_1C70_4E57);
        for post in &mut self.posts {
            if chance.percent(12) {
                post.pictures = *chance.pick(&[1, 2, 3]).unwrap_or(&1);
                post.is_large = false;
            }
        }
        while chance.percent(15) {
            let rest = Trouble::Pause { account: chance.index(self.accounts), for_ms: pause(&chance) };
            self.trouble.push((chance.within(0, ACT_MS), rest));
        }
    }

    /// A story without trouble, as the ground for systematic ones.
    #[must_use]
    pub fn quiet(seed: u64, posts: Vec<PlannedPost>) -> Self {
        let mut plot = Self {
            seed,
            nodes: 1,
            shared: false,
            clock_offsets_ms: vec![0],
            accounts: 1,
            early_upload: true,
            hold_when_late_minutes: 15,
            refresh_ends_access: false,
            repeats_accepted: false,
            webhooks: Webhooks::Lost,
            posts,
            trouble: Vec::new(),
            ends_ms: 0,
        };
        plot.close();
        plot
    }

    /// Orders the trouble and finds the time at which all of it is over.
    pub fn close(&mut self) {
        self.trouble.sort_by_key(|(at, _)| *at);
        let last_due = self.posts.iter().map(|post| post.due_ms).max().unwrap_or(0);
        let over = self.trouble.iter().map(|(at, trouble)| at.saturating_add(trouble.lasts_ms())).max().unwrap_or(0);
        self.ends_ms = last_due.max(over).saturating_add(1000);
    }

    /// Some trouble of this story allows an outcome that nobody can know (invariant I15).
    #[must_use]
    pub fn allows_uncertain(&self) -> bool {
        self.trouble.iter().any(|(_, trouble)| {
            matches!(trouble, Trouble::WithdrawGrant { .. } | Trouble::Disconnect { .. })
                || matches!(trouble, Trouble::HoldProcessing { for_ms, .. } if *for_ms > 70 * HOUR)
        }) || self.forgets()
    }

    /// The database forgets what was committed.
    #[must_use]
    pub fn forgets(&self) -> bool {
        self.trouble.iter().any(|(_, trouble)| trouble.forgets())
    }
}

impl Trouble {
    /// Whether the database forgets what was committed.
    pub(crate) const fn forgets(&self) -> bool {
        matches!(self, Self::LoseCommits { .. } | Self::Restore { .. })
    }

    fn lasts_ms(&self) -> i64 {
        match self {
            Self::Kill { down_ms, .. } | Self::Restart { down_ms, .. } => *down_ms,
            Self::LoseCommits { for_ms: first_ms, down_ms } | Self::Restore { age_ms: first_ms, down_ms, .. } => {
                first_ms.saturating_add(*down_ms)
            }
            Self::Trip { down_ms, .. } => down_ms.saturating_add(5 * MINUTE),
            Self::Freeze { for_ms, .. }
            | Self::Network { for_ms, .. }
            | Self::Slow { for_ms, .. }
            | Self::DatabaseDown { for_ms, .. }
            | Self::HoldProcessing { for_ms, .. }
            | Self::Ban { for_ms, .. }
            | Self::Pause { for_ms, .. } => *for_ms,
            Self::Script { .. } => 10 * MINUTE,
            Self::ClockJump { .. }
            | Self::CommitUnknown { .. }
            | Self::EndScripts
            | Self::FailNext { .. }
            | Self::ExpireToken { .. }
            | Self::WithdrawGrant { .. }
            | Self::Cancel { .. }
            | Self::Disconnect { .. }
            | Self::Damage { .. }
            | Self::Lose { .. }
            | Self::Scribble { .. } => 0,
            Self::Move { later_ms, .. } => *later_ms,
        }
    }
}

fn posts(chance: &Chance, accounts: usize) -> Vec<PlannedPost> {
    let count = *chance.pick(&[1, 1, 1, 1, 2, 2, 2, 3, 3, 5]).unwrap_or(&1);
    // Now and then a crowd.
    let count = if chance.percent(2) { 20 } else { count };
    (0..count)
        .map(|_| PlannedPost {
            account: chance.index(accounts),
            due_ms: chance.within(-2 * MINUTE, 8 * MINUTE),
            is_large: chance.percent(1),
            to_inbox: chance.percent(15),
            no_comments: chance.percent(30),
            pictures: 0,
        })
        .collect()
}

const PUBLISH_ROUTES: &[Route] = &[
    Route::CreatorInfo,
    Route::VideoInit,
    Route::VideoInit,
    Route::InboxInit,
    Route::Upload,
    Route::UploadFinalChunk,
    Route::UploadFinalChunk,
    Route::UploadFinalChunk,
    Route::Status,
    Route::Status,
    Route::TokenRefresh,
    Route::Any,
];

fn pause(chance: &Chance) -> i64 {
    match chance.index(40) {
        0..=21 => chance.within(10, 5_000),
        22..=33 => chance.within(5_000, 90_000),
        34..=38 => chance.within(90_000, 20 * MINUTE),
        _ => chance.within(HOUR, 3 * HOUR),
    }
}

fn draw(chance: &Chance, plot: &Plot) -> Trouble {
    let node = chance.index(plot.nodes);
    let account = chance.index(plot.accounts);
    let post = chance.index(plot.posts.len());
    match chance.index(36) {
        0..=2 => Trouble::Kill { node, down_ms: pause(chance) },
        3..=8 => {
            Trouble::Trip { node, steps: u64::try_from(chance.within(1, 120)).unwrap_or(1), down_ms: pause(chance) }
        }
        9 => Trouble::Restart { node, down_ms: pause(chance) },
        10 | 11 => Trouble::Freeze { node, for_ms: pause(chance) },
        12 => Trouble::ClockJump { node, by_ms: jump(chance) },
        13 => {
            let kinds = [Network::Refused, Network::BlackHole, Network::NoAnswers];
            let kind = *chance.pick(&kinds).unwrap_or(&Network::Refused);
            Trouble::Network { node, kind, for_ms: pause(chance) }
        }
        14 => Trouble::Slow {
            node,
            bytes_per_second: *chance.pick(&[500, 5_000, 300_000]).unwrap_or(&5_000),
            for_ms: pause(chance),
        },
        15 => Trouble::DatabaseDown { node, for_ms: pause(chance) },
        16 | 17 => Trouble::CommitUnknown {
            node,
            count: u32::try_from(chance.within(1, 3)).unwrap_or(1),
            saved: chance.percent(50),
        },
        18..=24 => Trouble::Script { rule: script(chance) },
        25 => Trouble::FailNext { account, reason: chance.pick(FAIL_REASONS).copied().unwrap_or("internal") },
        26 => Trouble::HoldProcessing { account, for_ms: if chance.percent(1) { 80 * HOUR } else { pause(chance) } },
        27 => Trouble::Ban { account, for_ms: pause(chance) },
        28 => Trouble::ExpireToken { account },
        29 => Trouble::Cancel { post },
        30 => Trouble::Move { post, later_ms: chance.within(2 * MINUTE, 20 * MINUTE) },
        31 => {
            if chance.percent(50) {
                Trouble::Disconnect { account }
            } else {
                Trouble::WithdrawGrant { account }
            }
        }
        32 => Trouble::Cancel { post },
        // What only another process knows it cannot tell; on one PostgreSQL the server's own branch of history tells it.
        33 if plot.nodes == 1 => Trouble::LoseCommits { for_ms: chance.within(1, 400), down_ms: pause(chance) },
        33 => Trouble::Scribble { post },
        34 => Trouble::Restore { age_ms: pause(chance), elsewhere: chance.percent(50), down_ms: pause(chance) },
        _ => {
            if chance.percent(50) {
                Trouble::Damage { post }
            } else {
                Trouble::Lose { post }
            }
        }
    }
}

fn jump(chance: &Chance) -> i64 {
    *chance.pick(&[6 * HOUR, -6 * HOUR, 30_000, -30_000, 4 * MINUTE, -4 * MINUTE]).unwrap_or(&HOUR)
}

fn script(chance: &Chance) -> FaultRule {
    let route = chance.pick(PUBLISH_ROUTES).copied().unwrap_or(Route::Any);
    let answer = |status: u16, code: Option<&str>, wait: Option<u32>| FaultStatus {
        status,
        code: code.map(str::to_owned),
        retry_after_s: wait,
    };
    let action = match chance.index(14) {
        0 | 1 => FaultAction::DropBefore,
        2..=4 => FaultAction::DropAfter,
        5 => FaultAction::Truncate(usize::try_from(chance.within(0, 40)).unwrap_or(0)),
        6 => FaultAction::ResetAfter(u64::try_from(chance.within(0, 1500)).unwrap_or(0)),
        7 => FaultAction::Status(answer(*chance.pick(&[500, 502, 503, 504]).unwrap_or(&500), None, None)),
        8 | 9 => FaultAction::StatusAfter(answer(*chance.pick(&[500, 502, 503, 504]).unwrap_or(&500), None, None)),
        10 => FaultAction::Status(answer(429, Some("rate_limit_exceeded"), Some(30))),
        11 => FaultAction::Status(answer(429, None, None)),
        12 => FaultAction::Status(answer(401, Some("access_token_invalid"), None)),
        _ if matches!(route, Route::Upload | Route::UploadFinalChunk) => {
            FaultAction::Status(answer(*chance.pick(&[400, 403, 404, 416]).unwrap_or(&404), None, None))
        }
        _ => FaultAction::Latency(u64::try_from(chance.within(100, 120_000)).unwrap_or(1000)),
    };
    let times = *chance.pick(&[Some(1), Some(1), Some(1), Some(2), Some(5), None]).unwrap_or(&Some(1));
    FaultRule { route, action, times, skip: u32::try_from(chance.index(3)).unwrap_or(0) }
}
