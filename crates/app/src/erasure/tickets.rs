//! Telling TikTok that a grant is over: at once, and where it does not answer by a sealed ticket for a day.
//!
//! Owns the ticket's life. A ticket is an access token and nothing else; must not be used for anything but the revocation.

use std::sync::atomic::Ordering;
use std::time::Duration;

use domain::id::ConnectionId;
use domain::privacy::clauses::TICKET_DAYS;
use domain::privacy::erasure::Revoked;
use domain::time::UnixMillis;
use secrecy::SecretString;
use store::RevokeTicket;

use crate::alerts::AlertKind;
use crate::tokens::StoredPair;
use crate::{App, Result};

/// Longest wait for TikTok's word.
const REVOKE_WITHIN: Duration = Duration::from_secs(10);
/// First pause before TikTok is asked again, seconds; each later one is twice as long, an hour at most.
const FIRST_PAUSE_S: i64 = 30;
const LONGEST_PAUSE_S: i64 = 3_600;
const DOUBLINGS_MAX: u32 = 7;
const DAY_S: i64 = 86_400;
/// Tickets worked on in one go.
const PORTION: u32 = 50;

/// What became of one attempt to tell TikTok.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// It confirmed, or the token was dead already.
    Confirmed,
    /// It refused for good: asking again changes nothing.
    Refused,
    /// It did not answer.
    NoAnswer,
}

/// A day, or the token's own life where that is shorter.
pub(crate) fn ticket_ends(now: UnixMillis, access_expires_at: UnixMillis) -> UnixMillis {
    now.plus_seconds(TICKET_DAYS.saturating_mul(DAY_S)).min(access_expires_at)
}

pub(crate) fn first_try_again(now: UnixMillis) -> UnixMillis {
    now.plus_seconds(FIRST_PAUSE_S)
}

/// Asks TikTok once to forget the grant of this token.
pub(crate) async fn tell(tiktok: &tiktok::Client, access: &SecretString, connection: ConnectionId) -> Told {
    match tokio::time::timeout(REVOKE_WITHIN, tiktok.revoke(access)).await {
        Ok(Ok(())) => Told::Confirmed,
        Ok(Err(error)) => {
            tracing::warn!(%connection, code = error.code(), "TikTok did not confirm the revocation");
            match error.class() {
                tiktok::ErrorClass::Transient | tiktok::ErrorClass::RateLimit | tiktok::ErrorClass::Ambiguous => {
                    Told::NoAnswer
                }
                tiktok::ErrorClass::Auth
                | tiktok::ErrorClass::Scope
                | tiktok::ErrorClass::Cap
                | tiktok::ErrorClass::AccountBlocked
                | tiktok::ErrorClass::Input
                | tiktok::ErrorClass::Privacy
                | tiktok::ErrorClass::Configuration
                | tiktok::ErrorClass::Permanent => Told::Refused,
            }
        }
        Err(_) => {
            tracing::warn!(%connection, "TikTok did not confirm the revocation in time");
            Told::NoAnswer
        }
    }
}

/// Asks once with a whole pair: an access token that has run out is renewed, because TikTok takes no other proof.
pub(crate) async fn tell_with(
    tiktok: &tiktok::Client,
    pair: &StoredPair,
    connection: ConnectionId,
    now: UnixMillis,
) -> Told {
    if pair.access_expires_at > now {
        return tell(tiktok, &pair.access, connection).await;
    }
    match tokio::time::timeout(REVOKE_WITHIN, tiktok.refresh(&pair.refresh)).await {
        Ok(Ok(renewed)) => tell(tiktok, &renewed.access_token, connection).await,
        Ok(Err(_)) => Told::Refused,
        Err(_) => Told::NoAnswer,
    }
}

impl App {
    /// Uses every ticket whose time has come. Gives how many are settled.
    ///
    /// # Errors
    /// When the database does not answer; what was settled stays settled.
    pub async fn use_tickets(&self) -> Result<u64> {
        let mut settled = 0;
        for ticket in self.store.tickets_due(self.now(), PORTION).await? {
            if self.use_ticket(&ticket).await? {
                settled += 1;
            }
        }
        Ok(settled)
    }

    async fn use_ticket(&self, ticket: &RevokeTicket) -> Result<bool> {
        let connection = ticket.connection_id;
        let told = if ticket.expires_at <= self.now() {
            Told::Refused
        } else {
            match self.tokens.open_ticket(ticket) {
                Ok(access) => tell(&self.tiktok, &access, connection).await,
                Err(error) => {
                    self.alerts.note(AlertKind::DecryptFailures);
                    tracing::error!(%connection, %error, "a revocation ticket does not open and is destroyed");
                    Told::Refused
                }
            }
        };
        Ok(self.note_told(connection, told, ticket.tries).await? != Revoked::Pending)
    }

    /// Writes what TikTok said; [`Revoked::Pending`] when a ticket asks again.
    pub(crate) async fn note_told(&self, connection: ConnectionId, told: Told, tries: i64) -> Result<Revoked> {
        let now = self.now();
        if told != Told::Confirmed {
            self.alerts.note(AlertKind::RevokeFailures);
        }
        let mut tx = self.store.begin().await?;
        let asks_again = match told {
            Told::Confirmed | Told::Refused => {
                tx.ticket_delete(connection).await?;
                false
            }
            Told::NoAnswer => {
                let doublings = u32::try_from(tries).unwrap_or(DOUBLINGS_MAX).min(DOUBLINGS_MAX);
                let pause = FIRST_PAUSE_S.saturating_mul(2_i64.saturating_pow(doublings)).min(LONGEST_PAUSE_S);
                // Without one, in strict mode or because the token has run out, nobody asks again.
                tx.ticket_later(connection, now.plus_seconds(pause)).await?
            }
        };
        let word = match told {
            Told::Confirmed => Revoked::Confirmed,
            Told::NoAnswer if asks_again => Revoked::Pending,
            Told::NoAnswer | Told::Refused => Revoked::Unconfirmed,
        };
        if word != Revoked::Pending {
            tx.erasure_set_revoked(&connection.to_string(), word).await?;
            tx.audit_append(now, "system", "connection.revoked", &connection.to_string(), word.as_str()).await?;
        }
        tx.commit().await?;
        if word != Revoked::Pending {
            self.scrub().await;
        }
        Ok(word)
    }

    /// Empties the log of an embedded database, so that what was deleted is in no file. Where a reader holds it, the next round does it.
    pub(crate) async fn scrub(&self) {
        let done = match self.store.scrub().await {
            Ok(done) => done,
            Err(error) => {
                tracing::warn!(%error, "the database's log could not be emptied yet");
                false
            }
        };
        self.scrub_owed.store(!done, Ordering::Relaxed);
    }
}
