//! What the model remembers: our rows, TikTok's tasks, the workers' hands and the clock. Owns no step.

use domain::attempt::Kind;

/// Where the post is; the parts of `PostState` that decide what may happen next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Post {
    Scheduled,
    Publishing,
    Published,
    InInbox,
    Failed,
    NeedsAttention,
    /// "Outcome unknown, please look at TikTok."
    Asked,
    Cancelled,
}

/// The account, as our database has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    Active,
    ReconnectNeeded,
    Disconnected,
}

/// The true time, seen from the due time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Clock {
    LongBefore,
    JustBefore,
    Due,
}

/// How far our own clock is ahead of the true time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Skew {
    None,
    Minutes,
    Hours,
}

/// An attempt's row, all that matters of it. Counters of failures are not here: the adversary chooses them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Row {
    pub kind: Kind,
    /// Index of TikTok's task.
    pub task: Option<u8>,
    /// Looks that missed bytes since the last chunk was sent.
    pub looks: u8,
    /// The latest of them is less than 20 s ago.
    pub just_looked: bool,
    /// Three days passed since the last chunk, or since the last change.
    pub days_old: bool,
    /// Uncertain because commits were lost, which differs from every other cause.
    pub commits_lost: bool,
    /// The ids of the post are known, or nobody looks for them any more.
    pub ids: bool,
}

pub const READY: Row = Row {
    kind: Kind::Ready,
    task: None,
    looks: 0,
    just_looked: false,
    days_old: false,
    commits_lost: false,
    ids: false,
};

/// A row with its epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Stored {
    /// Names the attempt.
    pub id: u8,
    pub row: Row,
    pub epoch: u8,
    /// The epoch right after the latest change of state; the claims since then are commits too.
    pub epoch_at_change: u8,
}

/// Where TikTok is with a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Remote {
    /// Waits for bytes.
    Open,
    /// Has every byte.
    Processing,
    /// Visible.
    Out,
    /// In the creator's inbox.
    InInbox,
    /// Ended without a post; `true`: no new try can help.
    Failed(bool),
}

/// One task of TikTok.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Task {
    pub remote: Remote,
    /// 0 none, 1 the first of two chunks, 2 all.
    pub bytes: u8,
    /// Hours since the upload URL was issued: 0 fresh, 1 its hour is over, 2 and the margin too.
    pub age: u8,
    /// Status does not show the last bytes yet.
    pub lagging: bool,
    /// Posts beyond the first that a repeated last chunk made, were assumption A6 false.
    pub extra_posts: u8,
    /// A durable `final_intent` named it before its last byte left us.
    pub announced: bool,
}

/// One thing that a worker was asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Act {
    CheckCreator,
    SendInit,
    Verify,
    Put { last: bool },
    AskStatus,
    RefreshToken,
}

/// What TikTok said about a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Told {
    Pending,
    Out { ids: bool },
    InInbox,
    Failed { for_good: bool },
}

/// One event, as `domain::attempt::Event` but without what cannot matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Happened {
    Resume,
    DueReached,
    Hint,
    CreatorGo,
    CreatorPark,
    TaskGiven(u8),
    InitRefused { for_good: bool },
    InitUnknown,
    ChunkAccepted,
    ChunkComplete,
    ChunkUrlExpired,
    ChunkWrongRange,
    ChunkUnknown,
    MediaVerified,
    MediaMismatch,
    Status { told: Told, bytes: u8, age: u8 },
    TaskUnknown,
    TokenRefused,
    TokenRefreshed,
    ReconnectNeeded,
    Disconnected,
    StopCancelled,
    StopDisconnected,
    StopPaused,
    PersonSaidYes,
    PersonSaidNo,
}

/// What a worker does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Next {
    Perform(Act),
    Decide(Happened),
}

/// A row in a worker's hands, perhaps long taken away from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Session {
    pub attempt: u8,
    pub row: Row,
    pub epoch: u8,
    pub next: Next,
    /// The stored file was hashed by this worker.
    pub media: bool,
    /// Incomplete answers without a Date: 0 none yet, 1 the first just came, 2 two hours ago.
    pub undated: u8,
}

/// The database as it was before a change.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Version {
    pub post: Post,
    pub rows: Vec<Stored>,
}

/// Everything.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct World {
    pub post: Post,
    /// A person was told that the post will not go out.
    pub cancel_acknowledged: bool,
    pub account: Account,
    /// The account rests.
    pub rests: bool,
    /// Nothing of it may have been with TikTok whole when the rest was acknowledged.
    pub rest_for_sure: bool,
    /// TikTok took the grant back and nobody told us.
    pub grant_gone: bool,
    pub clock: Clock,
    pub skew: Skew,
    pub rows: Vec<Stored>,
    pub tasks: Vec<Task>,
    pub workers: Vec<Option<Session>>,
    /// Newest first.
    pub versions: Vec<Version>,
    /// The database lost commits.
    pub rolled_back: bool,
    /// A refusal for good was followed by a new attempt that nobody asked for.
    pub pestered: bool,
}

impl World {
    /// The attempt that is not dead.
    pub fn live(&self) -> Option<&Stored> {
        self.rows.iter().find(|stored| stored.row.kind != Kind::Dead)
    }

    /// The row of an attempt, when the database has it.
    pub fn stored(&self, id: u8) -> Option<&Stored> {
        self.rows.iter().find(|stored| stored.id == id)
    }

    /// A name that no attempt has, had or may have again.
    pub fn new_id(&self) -> u8 {
        let held = self.workers.iter().flatten().map(|session| session.attempt);
        let lost = self.versions.iter().flat_map(|version| &version.rows).map(|stored| stored.id);
        self.rows.iter().map(|stored| stored.id).chain(held).chain(lost).max().map_or(0, |id| id + 1)
    }

    pub fn task_of(&self, row: &Row) -> Option<Task> {
        row.task.map(|index| self.tasks[usize::from(index)])
    }
}

impl Task {
    /// Has every byte, or is over with a post.
    pub const fn may_be_seen(&self) -> bool {
        matches!(self.remote, Remote::Processing | Remote::Out | Remote::InInbox)
    }

    pub const fn is_seen(&self) -> bool {
        matches!(self.remote, Remote::Out | Remote::InInbox)
    }
}
