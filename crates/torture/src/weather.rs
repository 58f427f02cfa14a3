//! What is broken at the moment between nodes, TikTok and the database. Owns switches only; the plot turns them.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

/// How the network to TikTok fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// It works.
    Fine,
    /// Connections are refused at once, nothing arrives.
    Refused,
    /// Everything vanishes, calls end by their time limit.
    BlackHole,
    /// Requests arrive, answers do not.
    NoAnswers,
}

impl Network {
    const fn number(self) -> u32 {
        match self {
            Self::Fine => 0,
            Self::Refused => 1,
            Self::BlackHole => 2,
            Self::NoAnswers => 3,
        }
    }

    const fn of(number: u32) -> Self {
        match number {
            1 => Self::Refused,
            2 => Self::BlackHole,
            3 => Self::NoAnswers,
            _ => Self::Fine,
        }
    }
}

/// The weather over one node.
#[derive(Debug)]
pub(crate) struct Weather {
    network: AtomicU32,
    bytes_per_second: AtomicU64,
    database_down: AtomicBool,
    commits_undone: AtomicU32,
    commits_unheard: AtomicU32,
}

impl Weather {
    pub(crate) const fn fair() -> Self {
        Self {
            network: AtomicU32::new(0),
            bytes_per_second: AtomicU64::new(0),
            database_down: AtomicBool::new(false),
            commits_undone: AtomicU32::new(0),
            commits_unheard: AtomicU32::new(0),
        }
    }

    pub(crate) fn clear(&self) {
        self.set_network(Network::Fine);
        self.set_speed(0);
        self.set_database_down(false);
        self.commits_undone.store(0, Ordering::Relaxed);
        self.commits_unheard.store(0, Ordering::Relaxed);
    }

    pub(crate) fn network(&self) -> Network {
        Network::of(self.network.load(Ordering::Relaxed))
    }

    pub(crate) fn set_network(&self, network: Network) {
        self.network.store(network.number(), Ordering::Relaxed);
    }

    /// Bytes per second that the way to TikTok carries; `None` is as fast as the machine.
    pub(crate) fn speed(&self) -> Option<u64> {
        Some(self.bytes_per_second.load(Ordering::Relaxed)).filter(|speed| *speed > 0)
    }

    pub(crate) fn set_speed(&self, bytes_per_second: u64) {
        self.bytes_per_second.store(bytes_per_second, Ordering::Relaxed);
    }

    pub(crate) fn database_down(&self) -> bool {
        self.database_down.load(Ordering::Relaxed)
    }

    pub(crate) fn set_database_down(&self, down: bool) {
        self.database_down.store(down, Ordering::Relaxed);
    }

    /// The next commits end with an unknown outcome and were undone.
    pub(crate) fn undo_commits(&self, count: u32) {
        self.commits_undone.store(count, Ordering::Relaxed);
    }

    /// The next commits are durable, but nobody is told.
    pub(crate) fn silence_commits(&self, count: u32) {
        self.commits_unheard.store(count, Ordering::Relaxed);
    }

    pub(crate) fn take_undone(&self) -> bool {
        take(&self.commits_undone)
    }

    pub(crate) fn take_unheard(&self) -> bool {
        take(&self.commits_unheard)
    }
}

fn take(count: &AtomicU32) -> bool {
    count.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
}
