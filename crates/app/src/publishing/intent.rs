//! What is noted beside the database before TikTok is called, so that lost commits are noticed. See `store::journal` for the why.

use domain::attempt::{Attempt, Kind};
use store::journal::{JournalError, Note, Stage};

use super::engine::Engine;
use super::persist::{Drive, Halt};
use crate::Error;

/// The stage of an attempt; `None` while nothing was begun.
pub(super) fn stage(kind: Kind) -> Option<Stage> {
    match kind {
        Kind::Ready => None,
        Kind::InitSent => Some(Stage::Init),
        Kind::InitAcked | Kind::Uploading => Some(Stage::Acked),
        Kind::FinalIntent | Kind::HandedOver => Some(Stage::Final),
        Kind::Published | Kind::Delivered | Kind::Uncertain => Some(Stage::Out),
        Kind::Dead => Some(Stage::Dead),
    }
}

impl Engine {
    /// Notes how far the attempt is, as its committed row says. Must stand between that commit and the effect it announces.
    pub(super) async fn note(&self, attempt: &Attempt, seq: i64) -> Drive<()> {
        let Some(stage) = stage(attempt.state.kind()) else { return Ok(()) };
        let known = self.app.journal.stage(attempt.id);
        if known.is_some_and(|known| known >= stage) || (known.is_none() && stage.has_ended()) {
            return Ok(());
        }
        let note = Note {
            attempt: attempt.id,
            post: attempt.post_id,
            stage,
            publish_id: attempt.state.publish_id().map(str::to_owned),
            final_at: attempt.trace.final_intent_at,
            seq,
            at: self.app.now(),
        };
        match self.app.journal.note(note).await {
            Ok(()) => Ok(()),
            Err(error) => {
                self.journal_failed(&error);
                // Nothing follows an end, so a note that is missing there only means that the database knows more.
                if stage.has_ended() { Ok(()) } else { Err(Halt::Failed(Error::Io(std::io::Error::other(error)))) }
            }
        }
    }

    pub(super) fn journal_failed(&self, error: &JournalError) {
        match error {
            JournalError::Sync { .. } => self.app.store.alarm().ring(error.to_string()),
            JournalError::Io { .. } | JournalError::Key { .. } | JournalError::Vault(_) => {
                tracing::error!(%error, "what is begun cannot be noted, so nothing is begun");
            }
        }
    }
}
