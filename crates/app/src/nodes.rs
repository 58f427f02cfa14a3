//! This process among those that work with the same database: it says that it is at work, and ends when the rows under it were exchanged.
//!
//! Owns the beat and the comparison. What a restore means for posts and people is the next start's.

use std::sync::Arc;
use std::time::Duration;

use store::Engine;
use store::console::{NODE_BEAT_S, Node};
use store::put_back::History;
use tokio_util::sync::CancellationToken;

use crate::{App, Result};

/// A process that was not seen for so long is forgotten, seconds (30 days).
const FORGOTTEN_S: i64 = 30 * 86_400;
/// How often a process says so that has the database for itself, seconds: nobody but the operator's page asks.
const ALONE_S: i64 = 600;
/// How long it may take to say that it ends.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);

/// Why the process ends when a copy was put back under it.
pub const PUT_BACK: &str = "a copy of the database was put back while this process was at work with it. Nothing is published and nobody is served by \
                            what it remembers of the rows before; start it again, then the copy is taken up as after every restore";

impl App {
    /// This process, as the book of processes has it.
    fn node(&self) -> Node {
        let now = self.now();
        Node {
            id: self.random.uuid(now).simple().to_string(),
            program: env!("CARGO_PKG_VERSION").to_owned(),
            key_version: self.keys.current_version(),
            started_at: now,
            seen_at: now,
        }
    }

    /// Says that the process is at work, by the clock that all of them share, and looks whether the rows are still those it began with.
    async fn node_beat(&self, node: &Node) -> Result<()> {
        let now = if self.store.is_shared() { self.store.now_db().await? } else { self.now() };
        let node = Node { key_version: self.keys.current_version(), seen_at: now, ..node.clone() };
        let mut tx = self.store.begin().await?;
        if self.watches_history() && self.is_other_history(&tx.history().await?) {
            tx.rollback().await?;
            self.rows_were_exchanged();
            return Ok(());
        }
        tx.node_seen(&node, now.plus_seconds(-FORGOTTEN_S)).await?;
        tx.commit().await.map_err(crate::Error::from)
    }

    /// Whether a copy can be put back under this process at all: a file is locked.
    pub(crate) fn watches_history(&self) -> bool {
        self.store.engine() == Engine::Postgres && self.history.get().is_some()
    }

    /// Whether a copy was put back since this process began to work with the database.
    pub(crate) fn is_other_history(&self, found: &History) -> bool {
        let Some(known) = self.history.get().filter(|_| self.watches_history()) else { return false };
        // Whichever process deals with the mark takes it away; what is left of it is who took it up.
        found.put_back != known.put_back || (found.restored.is_some() && known.restored != found.restored)
    }

    /// Ends this process, with the reason.
    pub(crate) fn rows_were_exchanged(&self) {
        self.store.alarm().ring(PUT_BACK.to_owned());
    }
}

/// Says that this process is at work until `stop`, and then that it is not any more.
pub async fn run_node(app: Arc<App>, stop: CancellationToken) {
    let node = app.node();
    let every_s = if app.store.is_shared() { NODE_BEAT_S } else { ALONE_S };
    while app.store.alarm().why().is_none() {
        if let Err(error) = app.node_beat(&node).await {
            tracing::warn!(%error, "that this process is at work could not be noted");
        }
        let next = app.now().plus_seconds(every_s);
        tokio::select! {
            biased;
            () = stop.cancelled() => break,
            () = app.clock.sleep_until(next) => {}
        }
    }
    let leave = async {
        let mut tx = app.store.begin().await?;
        tx.node_gone(&node.id).await?;
        tx.commit().await
    };
    match tokio::time::timeout(LEAVE_WITHIN, leave).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "that this process ends could not be noted"),
        Err(_) => tracing::warn!("the database does not answer; that this process ends could not be noted"),
    }
}
