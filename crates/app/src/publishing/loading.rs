//! What a driver knows about the attempt it runs, and how the facts of a decision are read. Owns no decision and no write.

use domain::attempt::{Attempt, Facts, InitUse, Kind, PostFacts, UndatedWatch};
use domain::connection::ConnectionState;
use domain::consent::{Consent, ConsentSubject, PhotoSubject};
use domain::id::WorkspaceId;
use domain::post::{Delivery, PostState};
use domain::rules::EffectiveOptions;
use domain::time::UnixMillis;
use domain::timetable::WINDOW_MS;
use secrecy::SecretString;
use store::{Post, Tx};

use super::berth::Berth;
use super::engine::Engine;
use super::rates::init_frees_at;
use super::send::{CheckedMedia, Known, Sent};
use crate::{Error, Result};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// More inits than any budget allows within a day.
const INITS_READ: i64 = 64;

/// One attempt in the hands of one driver.
pub(super) struct Session {
    /// The attempt as last persisted, with counters of this run.
    pub(super) attempt: Attempt,
    /// Whose it is.
    pub(super) workspace_id: WorkspaceId,
    /// The consent of the snapshot; never changes.
    pub(super) consent: Option<Consent>,
    /// The post as last read.
    pub(super) post: PostFacts,
    /// The init budget as last read.
    pub(super) inits: InitUse,
    /// The token that was used last, to name it when TikTok refuses it.
    pub(super) token: Option<SecretString>,
    /// The options as the last creator check left them.
    pub(super) options: Option<EffectiveOptions>,
    /// The stored file was hashed by this driver and is the approved one.
    pub(super) media: Option<CheckedMedia>,
    /// By which hash the stored file is compared; `None` until that was looked up.
    pub(super) known: Option<Known>,
    /// What this driver sent from the first byte on without a gap.
    pub(super) sent: Option<Sent>,
    /// For the proof without Date headers, as it stood when the last status was asked for.
    pub(super) undated: Option<UndatedWatch>,
    /// The place of this upload on the line, from its creator check to its last byte.
    pub(super) berth: Option<Berth>,
    /// The row still names this process as its owner.
    pub(super) owned: bool,
}

/// What a transaction reads before it decides.
pub(super) struct Fresh {
    pub(super) post: Post,
    pub(super) facts: PostFacts,
    pub(super) inits: InitUse,
}

/// What was consented to must equal what the attempt sends.
pub(super) fn subject(attempt: &Attempt, delivery: Delivery) -> ConsentSubject {
    ConsentSubject {
        connection_id: attempt.connection_id,
        delivery,
        content: attempt.snapshot.content.clone(),
        media_sha256: attempt.plan.sha256().to_owned(),
        photos: attempt.snapshot.photos.as_ref().map(|photos| PhotoSubject {
            sha256: photos.pictures.iter().map(|picture| picture.sha256.clone()).collect(),
            cover_index: photos.cover_index,
        }),
        due_at: attempt.due_at,
    }
}

/// How many entries of `inits` are younger than `span_ms`, and when fewer than `limit` will be.
fn budget(inits: &[UnixMillis], now: UnixMillis, span_ms: i64, limit: u32) -> (u32, UnixMillis) {
    let recent: Vec<_> = inits.iter().filter(|at| now.millis_since(**at) < span_ms).collect();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let frees_at =
        recent.len().checked_sub(limit).and_then(|index| recent.get(index)).map_or(now, |at| at.plus_millis(span_ms));
    (u32::try_from(recent.len()).unwrap_or(u32::MAX), frees_at)
}

/// Reads what a decision about `attempt` needs, inside the transaction that will act on it.
pub(super) async fn read(tx: &mut Tx, attempt: &Attempt, consent: Option<&Consent>, now: UnixMillis) -> Result<Fresh> {
    // Before every other lock of the account, so that whoever lets it rest and whoever sends take turns.
    let paused =
        attempt.state.kind().is_before_final() && tx.rhythm_relied_on(attempt.connection_id).await?.paused_at.is_some();
    let post = tx.post_any(attempt.post_id).await?.ok_or(Error::NotFound { what: "post" })?;
    let connection = tx.connection_any(attempt.connection_id).await?.ok_or(Error::NotFound { what: "connection" })?;
    let inits = if attempt.state.kind() == Kind::Ready {
        let of_post = tx.attempt_post_inits(attempt.post_id, now.plus_millis(-DAY_MS), INITS_READ).await?;
        tx.attempt_init_turn(attempt.connection_id).await?;
        let since = now.plus_millis(-WINDOW_MS);
        let of_account = tx.attempt_connection_inits(attempt.connection_id, since, INITS_READ).await?;
        init_use(&of_post, &of_account, now)
    } else {
        init_use(&[], &[], now)
    };
    let facts = post_facts(&post, (connection.state, paused), attempt, consent);
    Ok(Fresh { post, facts, inits })
}

/// Only an attempt that has sent nothing yet asks for the budget of inits.
fn init_use(of_post: &[UnixMillis], of_account: &[UnixMillis], now: UnixMillis) -> InitUse {
    let (last_hour, hour_frees_at) = budget(of_post, now, HOUR_MS, InitUse::PER_HOUR);
    let (last_day, day_frees_at) = budget(of_post, now, DAY_MS, InitUse::PER_DAY);
    InitUse { last_hour, hour_frees_at, last_day, day_frees_at, rate_frees_at: init_frees_at(of_account, now) }
}

fn post_facts(
    post: &Post,
    (connection, paused): (ConnectionState, bool),
    attempt: &Attempt,
    consent: Option<&Consent>,
) -> PostFacts {
    let consent_matches = consent.is_some_and(|consent| {
        post.consent_id == Some(consent.id)
            && consent.id == attempt.snapshot.consent_id
            && consent.post_id == post.id
            && consent.fingerprint == subject(attempt, post.delivery).fingerprint()
    });
    PostFacts {
        wanted: post.state == PostState::Publishing,
        revision: post.revision,
        consent_matches,
        connection,
        paused,
    }
}

impl Engine {
    /// Everything a driver needs before its first decision.
    pub(super) async fn load(&self, attempt: Attempt) -> Result<Session> {
        let consent = self.app.store.consent(attempt.snapshot.consent_id).await?;
        // Outside a transaction: whatever follows from it is decided again inside one.
        let store = &self.app.store;
        let now = self.app.now();
        let post = store.post_any(attempt.post_id).await?.ok_or(Error::NotFound { what: "post" })?;
        let connection = store.connection_any(attempt.connection_id).await?;
        let connection = connection.ok_or(Error::NotFound { what: "connection" })?;
        let paused = store.rhythm(attempt.connection_id).await?.paused_at.is_some();
        let inits = if attempt.state.kind() == Kind::Ready {
            let of_post = store.attempt_post_inits(attempt.post_id, now.plus_millis(-DAY_MS), INITS_READ).await?;
            let since = now.plus_millis(-WINDOW_MS);
            let of_account = store.attempt_connection_inits(attempt.connection_id, since, INITS_READ).await?;
            init_use(&of_post, &of_account, now)
        } else {
            init_use(&[], &[], now)
        };
        Ok(Session {
            workspace_id: post.workspace_id,
            post: post_facts(&post, (connection.state, paused), &attempt, consent.as_ref()),
            inits: self.rested(&attempt, inits),
            attempt,
            consent,
            token: None,
            options: None,
            media: None,
            known: None,
            sent: None,
            undated: None,
            berth: None,
            owned: true,
        })
    }

    /// The budget, with the pause that TikTok asked for.
    pub(super) fn rested(&self, attempt: &Attempt, inits: InitUse) -> InitUse {
        match self.rates.rests_until(attempt.connection_id, self.app.now()) {
            Some(until) => InitUse { rate_frees_at: inits.rate_frees_at.max(until), ..inits },
            None => inits,
        }
    }

    /// The facts as far as this process knows them without asking the database again.
    pub(super) fn facts(&self, session: &Session) -> Facts {
        let sight = self.app.watch.look(self.app.clock.as_ref());
        let hold_minutes = i64::from(self.app.settings.hold_when_late_minutes);
        Facts {
            now: sight.now,
            clock_suspect: sight.suspect,
            remote: sight.remote,
            post: session.post,
            inits: session.inits,
            upload_rate: self.upload_rate(),
            hold_after_ms: (hold_minutes > 0).then(|| hold_minutes.saturating_mul(60_000)),
            media_verified: session.media.is_some(),
            commits_may_be_lost: session.attempt.trace.doubted,
            undated: session.undated,
            jitter: self.jitter(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_frees_when_the_oldest_that_counts_leaves_its_span() {
        let start = UnixMillis::from_millis(1_800_000_000_000);
        let inits = [start, start.plus_seconds(60), start.plus_seconds(120)];
        let now = start.plus_seconds(180);
        assert_eq!(budget(&inits, now, HOUR_MS, 3), (3, start.plus_millis(HOUR_MS)));
        assert_eq!(budget(&inits, now, HOUR_MS, 6), (3, now));
        let later = start.plus_millis(HOUR_MS + 1);
        assert_eq!(budget(&inits, later, HOUR_MS, 3).0, 2);
    }
}
