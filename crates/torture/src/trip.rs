//! The tripwire of one node's life: at one of the places that everything durable or external passes, the node dies.
//!
//! Owns the counting. Whoever holds the node kills it when the wire is touched; what touched it never goes on.

use std::sync::atomic::{AtomicU64, Ordering};

use store::lockstep::Moment;
use tokio::sync::watch;

/// A place where a node can die.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// Around a statement or a commit.
    Database(Moment),
    /// A call to TikTok is about to leave.
    BeforeCall,
    /// Some bytes of a body are out, others are not.
    InBody,
    /// TikTok has answered, nobody was told.
    AfterCall,
}

/// See the module.
#[derive(Debug)]
pub(crate) struct Trip {
    passed: AtomicU64,
    dies_at: AtomicU64,
    touched: watch::Sender<bool>,
}

impl Trip {
    pub(crate) fn unarmed() -> Self {
        Self { passed: AtomicU64::new(0), dies_at: AtomicU64::new(u64::MAX), touched: watch::Sender::new(false) }
    }

    /// The node dies at the `count`-th place from now, counted from 1.
    pub(crate) fn arm(&self, count: u64) {
        let at = self.passed().saturating_add(count.max(1));
        self.dies_at.store(at, Ordering::Relaxed);
    }

    /// Places passed so far.
    pub(crate) fn passed(&self) -> u64 {
        self.passed.load(Ordering::Relaxed)
    }

    pub(crate) async fn pass(&self, place: Place) {
        let passed = self.passed.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if passed == self.dies_at.load(Ordering::Relaxed) {
            tracing::info!(?place, passed, "the node dies here");
            self.touched.send_replace(true);
        }
        if *self.touched.borrow() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until the wire was touched.
    pub(crate) async fn touched(&self) {
        let mut touched = self.touched.subscribe();
        let _ = touched.wait_for(|touched| *touched).await;
    }
}
