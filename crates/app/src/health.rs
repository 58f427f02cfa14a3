//! Whether this process can do its work, and how punctual it is. Owns what is read for it; must not change anything.

use domain::time::UnixMillis;
use store::backlog::Backlog;

use crate::alerts::AlertReading;
use crate::publishing::pulse::{LoopHealth, Readings};
use crate::{App, Result};

/// Why this process should get no visitors now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotReady {
    /// The database does not answer.
    Database,
    /// The disk is down to its reserve, or cannot be asked.
    Disk,
    /// The storage of media files does not answer, or refuses.
    Storage,
    /// The publishing loop has been at the same thing for so many seconds.
    Stalled {
        /// Seconds.
        seconds: u64,
    },
    /// The publishing loop ended.
    Ended,
    /// Something happened after which the process must end.
    Ending {
        /// What.
        why: String,
    },
}

impl NotReady {
    /// One line for whoever operates the instance.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Self::Database => "the database does not answer".to_owned(),
            Self::Disk => "the disk is down to its reserve, or cannot be asked; free some space".to_owned(),
            Self::Storage => {
                "the storage of media files does not answer, or refuses; see the log and run moloko doctor".to_owned()
            }
            Self::Stalled { seconds } => {
                format!("the publishing loop has not moved for {seconds} s; see the log, then restart")
            }
            Self::Ended => "the publishing loop has ended; see the log, then restart".to_owned(),
            Self::Ending { why } => format!("the process ends: {why}"),
        }
    }
}

/// Posts later than this raise the alarm, milliseconds.
pub const ALARM_MS: i64 = 60_000;
/// Whoever asks whether the process lives is not kept waiting by a database that does not answer.
const ALARM_WITHIN: std::time::Duration = std::time::Duration::from_secs(2);

/// Whether posts are later than they may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alarm {
    /// Nothing is more than a minute late.
    Quiet,
    /// Posts that should be out were not begun.
    Late {
        /// How many are due and not begun.
        posts: i64,
        /// How late the oldest of them is, milliseconds.
        lag_ms: i64,
    },
    /// The database did not answer in time.
    Unknown,
}

/// Everything there is to measure, at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measurements {
    /// Due work that was not begun.
    pub backlog: Backlog,
    /// How late the oldest of it is, milliseconds.
    pub lag_ms: i64,
    /// What this process counted.
    pub readings: Readings,
    /// The publishing loop.
    pub publishing: LoopHealth,
    /// Durable commits of this process.
    pub commits: u64,
    /// Free bytes where the files lie, and how many of them have to stay free.
    pub disk: (u64, u64),
    /// What should be rare.
    pub alerts: Vec<AlertReading>,
}

impl App {
    /// What keeps this process from doing its work; empty when nothing does.
    pub async fn not_ready(&self) -> Vec<NotReady> {
        let mut reasons: Vec<_> =
            self.store.alarm().why().map(|why| NotReady::Ending { why: why.to_owned() }).into_iter().collect();
        if let Err(error) = self.store.now_db().await {
            tracing::warn!(%error, "not ready: the database does not answer");
            reasons.push(NotReady::Database);
        }
        if !self.disk_room().await.is_ok_and(|(free, reserve)| free >= reserve) {
            reasons.push(NotReady::Disk);
        }
        if let Err(error) = self.blobs.reach().await {
            tracing::warn!(%error, "not ready: the storage of media files");
            reasons.push(NotReady::Storage);
        }
        match self.pulse.health(self.clock.as_ref()) {
            LoopHealth::NotStarted | LoopHealth::Alive => {}
            LoopHealth::Stalled(duration) => reasons.push(NotReady::Stalled { seconds: duration.as_secs() }),
            LoopHealth::Ended => reasons.push(NotReady::Ended),
        }
        reasons
    }

    /// Whether a post is more than a minute late.
    pub async fn alarm(&self) -> Alarm {
        let now = self.now();
        let backlog = tokio::time::timeout(ALARM_WITHIN, self.store.backlog(now)).await;
        let Ok(Ok(backlog)) = backlog else { return Alarm::Unknown };
        match lag_ms(backlog, now) {
            lag_ms if lag_ms > ALARM_MS => Alarm::Late { posts: backlog.posts, lag_ms },
            _ => Alarm::Quiet,
        }
    }

    /// Measures now. The only queries are made here, when somebody asks.
    ///
    /// # Errors
    /// When the database or the disk does not answer.
    pub async fn measurements(&self) -> Result<Measurements> {
        let now = self.now();
        let backlog = self.store.backlog(now).await?;
        Ok(Measurements {
            backlog,
            lag_ms: lag_ms(backlog, now),
            readings: self.pulse.readings(),
            publishing: self.pulse.health(self.clock.as_ref()),
            commits: self.store.commits(),
            disk: self.disk_room().await?,
            alerts: self.alerts.readings(),
        })
    }
}

/// How late the oldest due work is that was not begun, milliseconds.
fn lag_ms(backlog: Backlog, now: UnixMillis) -> i64 {
    backlog.oldest_due_at.map_or(0, |due_at| now.millis_since(due_at).max(0))
}
