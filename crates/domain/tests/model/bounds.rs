//! What one run of the model contains. Owns the switches; the runs themselves are in `table`.

use domain::attempt::{Mode, mutant::Mutant};

/// What the store's compare-and-set compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    StateAndEpoch,
    StateOnly,
    EpochOnly,
    Nothing,
}

/// How TikTok gets the bytes when it fetches them itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gate {
    /// Open while the row says `final_intent` for exactly this task.
    Guarded,
    /// Open for whoever has the address.
    Open,
}

/// When a worker reads the two clocks that stand in for TikTok's Date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// When the answer comes.
    AtTheAnswer,
    /// When it decides, which a pause may put hours later.
    WhenDeciding,
}

/// Who answers "is it there?".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    /// Says "not there" only when nothing can come any more.
    Patient,
    /// Says "not there" as soon as nothing is seen, however often that is refused.
    Rash,
}

/// One run's bounds. Attempts, claims and crashes are unbounded unless commits may be lost.
#[derive(Debug, Clone)]
pub struct Bounds {
    pub mode: Mode,
    pub workers: usize,
    /// One chunk, or two of which the first may go ahead of time.
    pub two_chunks: bool,
    /// Begins long before the due time.
    pub early: bool,
    /// Our clock may be minutes or hours ahead for a while.
    pub skew: bool,
    /// Three days may pass without an end.
    pub days: bool,
    /// TikTok takes the grant back, the person disconnects and reconnects.
    pub revoke: bool,
    /// The person lets the account rest and ends the rest, again and again.
    pub rests: bool,
    /// TikTok refuses a token now and then.
    pub unauthorized: bool,
    /// TikTok may not know a task, or refuse chunks and creators at whim.
    pub whims: bool,
    /// The stored file may have changed.
    pub media: bool,
    /// TikTok sends no Date; the clocks of the process are read at this moment.
    pub undated: Option<Read>,
    /// Status lags, and a repeated last chunk would make a second post (A6 false).
    pub lag: bool,
    /// Settled attempts are watched for ids, drafts for being posted.
    pub watch: bool,
    pub pull: Option<Gate>,
    /// A person answers about outcomes that nobody knows.
    pub person: Option<Person>,
    /// TikTok ends what it has every byte of before the URL's hour and the margin are over.
    pub settles: bool,
    /// Changes of state that a failover may lose.
    pub lost: usize,
    /// The acknowledgement of a cancel is lost with them.
    pub cancel_lost: bool,
    /// Rule R9 is obeyed.
    pub careful: bool,
    /// Highest epoch, when commits may be lost.
    pub max_epoch: u8,
    pub compare: Compare,
    /// Zombies are remembered only for what they can still do; off to check that this hides nothing.
    pub forget: bool,
    /// A mistake in the code of the decision.
    pub mutant: Option<Mutant>,
    /// Also the invariants that no person could notice: I9.
    pub strict: bool,
}

pub const DESIGN: Bounds = Bounds {
    mode: Mode::DirectFile,
    workers: 2,
    two_chunks: false,
    early: false,
    skew: false,
    days: false,
    revoke: false,
    rests: false,
    unauthorized: false,
    whims: false,
    media: false,
    undated: None,
    lag: false,
    watch: false,
    pull: None,
    person: None,
    settles: false,
    lost: 0,
    cancel_lost: false,
    careful: true,
    max_epoch: 3,
    compare: Compare::StateAndEpoch,
    forget: true,
    mutant: None,
    strict: true,
};
