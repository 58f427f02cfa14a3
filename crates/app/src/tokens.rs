//! Access tokens of connections: sealed at rest, refreshed ahead of time by one caller at a time.
//!
//! Owns the only path by which a token leaves the vault. Must not log, return or format a token except as a secret type.

pub(crate) mod aside;
mod ticket;

use std::collections::HashMap;
use std::sync::Arc;

use domain::attempt::mutant::{self, Mutant};
use domain::connection::ConnectionState;
use domain::id::ConnectionId;
use domain::privacy::erasure::Door;
use domain::privacy::purposes::Purpose;
use domain::time::UnixMillis;
use secrecy::{ExposeSecret, SecretString};
use store::vault::{DataKey, InstanceKeys, Place};
use store::{Store, TokenRow, Tx};
use tokio::sync::Mutex;

use crate::alerts::{AlertKind, Alerts};
use crate::clock::Clock;
use crate::live::{Live, LiveChange, LiveEvent};
use crate::push::account_ended;

/// Time a refresh call may take before another caller may try, milliseconds.
const REFRESH_LEASE_MS: i64 = 60_000;
/// Pause before looking whether another process finished its refresh, milliseconds.
const REFRESH_WAIT_MS: i64 = 500;
/// How often another process's refresh is waited for.
const REFRESH_WAITS: u32 = 20;
/// The background worker refreshes tokens with less life than this, milliseconds (8 hours of TikTok's 24).
pub const REFRESH_AHEAD_MS: i64 = 8 * 3_600_000;

const TABLE: &str = "connection_token";
const ACCESS: &str = "access_sealed";
const REFRESH: &str = "refresh_sealed";
const PREVIOUS: &str = "previous_refresh_sealed";

/// Why there is no usable access token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// TikTok refused the refresh token: the person has to connect the account again.
    #[error("the TikTok account has to be connected again")]
    ReconnectNeeded,
    /// The connection has no tokens: it was disconnected.
    #[error("the TikTok account is disconnected")]
    Disconnected,
    /// Another process is refreshing and did not finish in time; try again later.
    #[error("the token is being refreshed elsewhere")]
    Busy,
    /// TikTok did not answer the refresh, or refused us rather than the person.
    #[error("refreshing the token: {0}")]
    TikTok(tiktok::Error),
    /// The database refused or did not answer.
    #[error("database: {0}")]
    Store(#[from] store::StoreError),
    /// The ciphertext does not open.
    #[error("vault: {0}")]
    Vault(#[from] store::vault::VaultError),
}

impl From<TokenError> for crate::Error {
    fn from(error: TokenError) -> Self {
        match error {
            TokenError::ReconnectNeeded | TokenError::Disconnected => Self::ReconnectNeeded,
            TokenError::Busy => Self::Conflict { code: "token-refresh-running" },
            TokenError::TikTok(error) => Self::TikTok(error),
            TokenError::Store(error) => Self::Store(error),
            TokenError::Vault(error) => Self::Vault(error),
        }
    }
}

/// Both tokens of a connection, opened for the one call that ends them.
pub(crate) struct StoredPair {
    pub(crate) access: SecretString,
    pub(crate) access_expires_at: UnixMillis,
    pub(crate) refresh: SecretString,
}

/// The token desk of one process.
#[derive(Clone)]
pub struct Tokens {
    store: Store,
    keys: Arc<InstanceKeys>,
    tiktok: tiktok::Client,
    clock: Arc<dyn Clock>,
    live: Live,
    alerts: Arc<Alerts>,
    // One entry per connection that refreshed in this process; bounded by the number of connections.
    in_flight: Arc<Mutex<HashMap<ConnectionId, Arc<Mutex<()>>>>>,
}

impl Tokens {
    /// A desk over the given store and client.
    #[must_use]
    pub fn new(
        store: Store,
        keys: Arc<InstanceKeys>,
        tiktok: tiktok::Client,
        clock: Arc<dyn Clock>,
        live: Live,
        alerts: Arc<Alerts>,
    ) -> Self {
        Self { store, keys, tiktok, clock, live, alerts, in_flight: Arc::default() }
    }

    /// Seals a fresh grant under a new data key, replacing whatever the connection had.
    ///
    /// # Errors
    /// When the vault or the database refuses.
    pub async fn store_grant(
        &self,
        tx: &mut Tx,
        connection: ConnectionId,
        grant: &tiktok::TokenGrant,
        now: UnixMillis,
    ) -> Result<(), TokenError> {
        let (key, data_key_sealed, instance_key_version) = self.keys.new_data_key(connection)?;
        // Never a version that the connection had before, not even before a disconnect: a refresh of the old grant that is still
        // on its way would take the new row for its own.
        let before = tx.token(connection).await?.map_or(0, |row| row.version);
        let version = now.millis().max(before.saturating_add(1));
        let row = SealedPair { key: &key, connection, version }.row(
            grant,
            None,
            (instance_key_version, data_key_sealed),
            now,
        )?;
        tx.token_put(&row).await?;
        Ok(())
    }

    /// An access token with at least `min_left_s` seconds of life, refreshed when the stored one has less.
    ///
    /// # Errors
    /// See [`TokenError`]; a token that still lives is returned when a refresh merely failed to get through.
    pub async fn access_token(&self, connection: ConnectionId, min_left_s: i64) -> Result<SecretString, TokenError> {
        let row = self.row(connection).await?;
        let left_ms = row.access_expires_at.millis_since(self.clock.now());
        if left_ms >= min_left_s.saturating_mul(1000) {
            return self.open(&row, ACCESS, &row.access_sealed);
        }
        match self.refresh(connection, row.version).await {
            Err(TokenError::TikTok(error)) if left_ms > 60_000 => {
                tracing::warn!(%connection, code = error.code(), "token refresh failed, the old token still lives");
                // Read anew: its data key may have been sealed under another version of the instance key meanwhile.
                let row = self.row(connection).await?;
                self.open(&row, ACCESS, &row.access_sealed)
            }
            result => result,
        }
    }

    /// A token other than `refused`, which TikTok just answered with 401: the stored one when it is newer, else a refreshed one.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub async fn replace_refused(
        &self,
        connection: ConnectionId,
        refused: &SecretString,
    ) -> Result<SecretString, TokenError> {
        let row = self.row(connection).await?;
        let stored = self.open(&row, ACCESS, &row.access_sealed)?;
        if stored.expose_secret() != refused.expose_secret() {
            return Ok(stored);
        }
        self.refresh(connection, row.version).await
    }

    /// The tokens as stored, for revoking; `None` without tokens.
    ///
    /// # Errors
    /// When the vault or the database refuses.
    pub(crate) async fn stored_pair(&self, connection: ConnectionId) -> Result<Option<StoredPair>, TokenError> {
        match self.store.token(connection).await? {
            None => Ok(None),
            Some(row) => Ok(Some(StoredPair {
                access: self.open(&row, ACCESS, &row.access_sealed)?,
                access_expires_at: row.access_expires_at,
                refresh: self.open(&row, REFRESH, &row.refresh_sealed)?,
            })),
        }
    }

    /// Refreshes every token with less than [`REFRESH_AHEAD_MS`] of life, at most `limit`. Returns how many were looked at.
    ///
    /// # Errors
    /// When the database does not answer; a single connection's failure is logged and does not stop the others.
    pub async fn refresh_expiring(&self, limit: u32) -> Result<usize, TokenError> {
        let before = self.clock.now().plus_millis(REFRESH_AHEAD_MS);
        let connections = self.store.tokens_expiring(before, limit).await?;
        let count = connections.len();
        for connection in connections {
            if let Err(error) = self.access_token(connection, REFRESH_AHEAD_MS / 1000).await {
                tracing::warn!(%connection, %error, "a token could not be refreshed ahead of time");
            }
        }
        Ok(count)
    }

    async fn row(&self, connection: ConnectionId) -> Result<TokenRow, TokenError> {
        self.store.token(connection).await?.ok_or(TokenError::Disconnected)
    }

    fn open(&self, row: &TokenRow, column: &'static str, sealed: &[u8]) -> Result<SecretString, TokenError> {
        self.open_with(&self.data_key(row)?, row, column, sealed)
    }

    fn open_with(
        &self,
        key: &DataKey,
        row: &TokenRow,
        column: &'static str,
        sealed: &[u8],
    ) -> Result<SecretString, TokenError> {
        let opened = key.open(place(column, row.connection_id, row.version).as_place(), sealed);
        Ok(opened.inspect_err(|_| self.alerts.note(AlertKind::DecryptFailures))?)
    }

    fn data_key(&self, row: &TokenRow) -> Result<DataKey, TokenError> {
        let opened = self.keys.open_data_key(row.connection_id, row.instance_key_version, &row.data_key_sealed);
        Ok(opened.inspect_err(|_| self.alerts.note(AlertKind::DecryptFailures))?)
    }

    /// Refreshes the pair of `seen_version`, or waits for whoever does.
    async fn refresh(&self, connection: ConnectionId, seen_version: i64) -> Result<SecretString, TokenError> {
        if mutant::active(Mutant::RefreshWithoutSingleFlight) {
            let row = self.row(connection).await?;
            return self.refresh_leased(row).await;
        }
        let turnstile = {
            let mut all = self.in_flight.lock().await;
            Arc::clone(all.entry(connection).or_default())
        };
        let _turn = turnstile.lock().await;
        let mut waits = 0;
        loop {
            let row = self.row(connection).await?;
            if row.version != seen_version {
                return self.open(&row, ACCESS, &row.access_sealed);
            }
            let now = self.clock.now();
            let leased = {
                let mut tx = self.store.begin().await?;
                let leased =
                    tx.token_lease_refresh(connection, seen_version, now, now.plus_millis(REFRESH_LEASE_MS)).await?;
                tx.commit().await?;
                leased
            };
            if leased {
                // In a task of its own: a visitor who leaves the page must not lose the only answer that names the next token.
                let desk = self.clone();
                let refreshed = tokio::spawn(async move { desk.refresh_leased(row).await }).await;
                return refreshed.unwrap_or(Err(TokenError::Busy));
            }
            if waits == REFRESH_WAITS {
                return Err(TokenError::Busy);
            }
            waits += 1;
            self.clock.sleep_until(self.clock.now().plus_millis(REFRESH_WAIT_MS)).await;
        }
    }

    /// Calls TikTok while the lease is held; the intent (lease and time) is already durable.
    async fn refresh_leased(&self, row: TokenRow) -> Result<SecretString, TokenError> {
        let connection = row.connection_id;
        // In hand before TikTok answers: nothing may stand between the only answer that names the next token and its seal, not even a
        // version of the instance key that is retired meanwhile.
        let key = self.data_key(&row)?;
        let open = |column, sealed: &[u8]| self.open_with(&key, &row, column, sealed);
        let current = open(REFRESH, &row.refresh_sealed)?;
        let grant = match self.tiktok.refresh(&current).await {
            Ok(grant) => grant,
            Err(error) if is_invalid_grant(&error) => {
                // The answer of an earlier refresh may have been lost after TikTok rotated; the token before that is tried once.
                let earlier = match &row.previous_refresh_sealed {
                    Some(sealed) => {
                        let token = open(PREVIOUS, sealed)?;
                        self.tiktok.refresh(&token).await
                    }
                    None => Err(error),
                };
                match earlier {
                    Ok(grant) => grant,
                    Err(error) if is_invalid_grant(&error) => return self.grant_refused(&row).await,
                    Err(error) => return Err(self.release(&row, error).await),
                }
            }
            Err(error) => return Err(self.release(&row, error).await),
        };
        let now = self.clock.now();
        let pair = SealedPair { key: &key, connection, version: row.version + 1 };
        let next = pair.row(&grant, Some(&current), (row.instance_key_version, row.data_key_sealed.clone()), now)?;
        let mut tx = self.store.begin().await?;
        let rotated = tx.token_rotate(&next, row.version).await?;
        tx.commit().await?;
        if !rotated {
            // Disconnected or replaced meanwhile: this pair must not come back to life.
            let newer = self.row(connection).await?;
            return self.open(&newer, ACCESS, &newer.access_sealed);
        }
        Ok(grant.access_token)
    }

    /// Ends the lease early after a refresh that did not change anything, so that the next caller need not wait it out.
    async fn release(&self, row: &TokenRow, error: tiktok::Error) -> TokenError {
        if error.class() == tiktok::ErrorClass::Configuration {
            tracing::error!(code = error.code(), "TikTok refuses the client key or secret of this instance");
        }
        let freed = async {
            let mut tx = self.store.begin().await?;
            tx.token_release_refresh(row.connection_id, row.version, self.clock.now()).await?;
            tx.commit().await
        };
        if let Err(store_error) = freed.await {
            tracing::warn!(%store_error, "the refresh lease runs out by itself");
        }
        TokenError::TikTok(error)
    }

    /// TikTok refused the pair of `row`. That speaks about the connection only while it still has this pair.
    async fn grant_refused(&self, row: &TokenRow) -> Result<SecretString, TokenError> {
        let connection = row.connection_id;
        let now = self.clock.now();
        let mut tx = self.store.begin().await?;
        let current = tx.token(connection).await?.ok_or(TokenError::Disconnected)?;
        if current.version != row.version {
            return self.open(&current, ACCESS, &current.access_sealed);
        }
        tx.connection_set_state(connection, ConnectionState::ReconnectNeeded, now).await?;
        tx.notice_tell_reconnect(connection, now).await?;
        account_ended(&mut tx, connection, now).await?;
        // What was allowed beside acting for the account waits for a new grant; without one nothing is read.
        tx.ledger_withdraw_one(connection, Purpose::Connect, Door::TikTok.as_str(), now).await?;
        tx.audit_append(
            now,
            "system",
            "connection.reconnect_needed",
            &connection.to_string(),
            "refresh refused with invalid_grant",
        )
        .await?;
        tx.commit().await?;
        if let Some(connection) = self.store.connection_any(connection).await? {
            self.live.publish(LiveEvent { workspace_id: connection.workspace_id, what: LiveChange::Connections });
        }
        Err(TokenError::ReconnectNeeded)
    }
}

/// Only `invalid_grant` speaks about the person's grant; everything else is about us or the network.
fn is_invalid_grant(error: &tiktok::Error) -> bool {
    matches!(error, tiktok::Error::OAuth(oauth) if oauth.error == "invalid_grant")
}

struct OwnedPlace {
    column: &'static str,
    row: String,
    version: i64,
}

impl OwnedPlace {
    fn as_place(&self) -> Place<'_> {
        Place { table: TABLE, column: self.column, row: &self.row, version: self.version }
    }
}

fn place(column: &'static str, connection: ConnectionId, version: i64) -> OwnedPlace {
    OwnedPlace { column, row: connection.to_string(), version }
}

/// Seals both tokens of a grant for one version of a connection's row.
struct SealedPair<'a> {
    key: &'a DataKey,
    connection: ConnectionId,
    version: i64,
}

impl SealedPair<'_> {
    fn seal(&self, column: &'static str, secret: &SecretString) -> Result<Vec<u8>, TokenError> {
        Ok(self.key.seal(place(column, self.connection, self.version).as_place(), secret.expose_secret().as_bytes())?)
    }

    fn row(
        &self,
        grant: &tiktok::TokenGrant,
        previous: Option<&SecretString>,
        (instance_key_version, data_key_sealed): (i64, Vec<u8>),
        now: UnixMillis,
    ) -> Result<TokenRow, TokenError> {
        Ok(TokenRow {
            connection_id: self.connection,
            instance_key_version,
            data_key_sealed,
            version: self.version,
            access_sealed: self.seal(ACCESS, &grant.access_token)?,
            access_expires_at: now.plus_seconds(grant.expires_in_s),
            refresh_sealed: self.seal(REFRESH, &grant.refresh_token)?,
            refresh_expires_at: now.plus_seconds(grant.refresh_expires_in_s),
            previous_refresh_sealed: previous.map(|token| self.seal(PREVIOUS, token)).transpose()?,
            refresh_lease_until: UnixMillis::from_millis(0),
            refresh_sent_at: None,
            updated_at: now,
        })
    }
}
