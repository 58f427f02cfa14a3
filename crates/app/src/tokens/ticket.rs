//! Tickets for telling TikTok that a grant is over: an access token under a data key of its own.
//!
//! Must not seal a refresh token: with an access token alone nobody outlives the day.

use domain::id::ConnectionId;
use domain::time::UnixMillis;
use secrecy::{ExposeSecret, SecretString};
use store::RevokeTicket;
use store::vault::Place;

use super::{StoredPair, TokenError, Tokens};
use crate::erasure::{first_try_again, ticket_ends};

/// The row is written once and never changed, so its ciphertext has one version.
fn place(row: &str) -> Place<'_> {
    Place { table: "revoke_ticket", column: "access_sealed", row, version: 1 }
}

impl Tokens {
    pub(crate) fn seal_ticket(
        &self,
        connection: ConnectionId,
        pair: &StoredPair,
        now: UnixMillis,
    ) -> Result<RevokeTicket, TokenError> {
        let (key, data_key_sealed, instance_key_version) = self.keys.new_data_key(connection)?;
        let access_sealed = key.seal(place(&connection.to_string()), pair.access.expose_secret().as_bytes())?;
        Ok(RevokeTicket {
            connection_id: connection,
            instance_key_version,
            data_key_sealed,
            access_sealed,
            tries: 0,
            next_at: first_try_again(now),
            expires_at: ticket_ends(now, pair.access_expires_at),
        })
    }

    pub(crate) fn open_ticket(&self, ticket: &RevokeTicket) -> Result<SecretString, TokenError> {
        let id = ticket.connection_id;
        let key = self.keys.open_data_key(id, ticket.instance_key_version, &ticket.data_key_sealed)?;
        Ok(key.open(place(&id.to_string()), &ticket.access_sealed)?)
    }
}
