//! Numbers of TikTok: who allowed which to be read for which account, and the end of that. Owns these use cases; when something is read is another
//! module's.
//!
//! Nothing is read without a person's press for exactly that account and purpose. Ending it takes one press as well and erases what was read.

pub mod compare;
pub mod insight;
pub mod sampler;
pub mod shown;

use std::sync::atomic::Ordering::Relaxed;

use domain::connection::{ConnectionState, Scopes};
use domain::id::{ConnectionId, UserId};
use domain::metrics::{DAILY_AFTER_MS, HOURLY_AFTER_MS};
use domain::privacy::clauses::METRICS_DAYS;
use domain::privacy::erasure::Door;
use domain::privacy::purposes::{Act, Reading};
use domain::time::UnixMillis;
use store::ledger::LedgerLine;
use store::{Connection, MetricConsent, Tx};

use crate::erasure::Said;
use crate::{Actor, App, Error, Result};

/// Samples erased in one transaction.
const PORTION: u32 = 2_000;
/// Accounts whose samples the sweeper erases in one go.
const FORSAKEN: u32 = 100;
/// How far back older samples are looked through in each round but the first, milliseconds: longer than the sweeper ever rests.
const THINNED_MS: i64 = 14 * DAY_MS;
const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

/// How one reading of one account stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingView {
    /// Which.
    pub reading: Reading,
    /// Who allowed it and when; `None` when nobody does.
    pub consent: Option<MetricConsent>,
    /// TikTok lets us: the permission is part of the present grant.
    pub granted: bool,
}

impl ReadingView {
    /// It is read now.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        self.consent.is_some() && self.granted
    }
}

/// One account with what may be read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingsView {
    /// The account.
    pub connection: Connection,
    /// Each kind.
    pub readings: Vec<ReadingView>,
}

impl App {
    /// The actor's accounts that have a grant or had one, with what may be read of each.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn readings(&self, actor: &Actor) -> Result<Vec<ReadingsView>> {
        let consents = self.store.metric_consents(actor.workspace_id).await?;
        let mut connections = self.connections(actor).await?;
        connections.retain(|it| it.state != ConnectionState::Disconnected);
        let view = |connection: Connection| {
            let of = |reading: Reading| ReadingView {
                reading,
                granted: connection.scopes.has(reading.scope()),
                consent: consents.iter().find(|it| it.connection_id == connection.id && it.reading == reading).cloned(),
            };
            ReadingsView { readings: Reading::ALL.map(of).to_vec(), connection }
        };
        Ok(connections.into_iter().map(view).collect())
    }

    /// Nothing of this kind is read of the account any more; what was read is erased before this returns, and after a crash by the sweeper. Does
    /// nothing more when it was not allowed.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign account.
    pub async fn stop_reading(&self, actor: &Actor, id: ConnectionId, reading: Reading) -> Result<()> {
        let connection = self.connection(actor, id).await?;
        let now = self.now();
        let mut tx = self.store.begin().await?;
        if !self.reading_ended(&mut tx, &connection, reading, Door::Page, now).await? {
            return Ok(());
        }
        let (who, what) = (actor.user_id.to_string(), connection.id.to_string());
        tx.audit_append(now, &who, "numbers.stop", &what, reading.as_str()).await?;
        tx.commit().await?;
        let said = Said::ReadingEnded(connection.workspace_id, &connection.open_id, reading);
        self.marks.keep(vec![said.as_of(&self.keys, now)]).await?;
        match reading {
            Reading::Metrics => self.erase_samples(connection.id).await.map(drop),
            Reading::Followers => Ok(()),
        }
    }

    /// Ends a reading in a transaction, with the line in the ledger and the mark by which a database that was put back knows it; false when nobody
    /// allowed it. Samples go afterwards.
    pub(crate) async fn reading_ended(
        &self,
        tx: &mut Tx,
        connection: &Connection,
        reading: Reading,
        door: Door,
        at: UnixMillis,
    ) -> Result<bool> {
        if !tx.metric_consent_end(connection.id, reading).await? {
            return Ok(false);
        }
        tx.ledger_withdraw_one(connection.id, reading.purpose(), door.as_str(), at).await?;
        let said = Said::ReadingEnded(connection.workspace_id, &connection.open_id, reading);
        tx.tombstone_put(&said.as_of(&self.keys, at)).await?;
        Ok(true)
    }

    /// Ends again what was ended after the copy was made that was put back; gives how many readings.
    pub(crate) async fn readings_again(&self, connection: &Connection) -> Result<usize> {
        let mut ended = 0;
        for consent in self.store.metric_consents_of(connection.id).await? {
            let said = Said::ReadingEnded(connection.workspace_id, &connection.open_id, consent.reading);
            let Some(at) = self.said_at(said).await?.filter(|at| *at >= consent.given_at) else { continue };
            let mut tx = self.store.begin().await?;
            self.reading_ended(&mut tx, connection, consent.reading, Door::Operator, at).await?;
            tx.commit().await?;
            if consent.reading == Reading::Metrics {
                self.erase_samples(connection.id).await?;
            }
            ended += 1;
        }
        Ok(ended)
    }

    /// Erases samples of an account that nobody allows any more, in portions; gives how many.
    pub(crate) async fn erase_samples(&self, connection: ConnectionId) -> Result<u64> {
        let mut erased = 0;
        loop {
            let mut tx = self.store.begin().await?;
            let some = tx.metrics_erase(connection, PORTION).await?;
            tx.commit().await?;
            erased += some;
            if some < u64::from(PORTION) {
                return Ok(erased);
            }
        }
    }

    /// Keeps of older samples what is promised: the first, one an hour after two days, one a day after thirty, none after two years.
    ///
    /// # Errors
    /// When the database does not answer; what was removed before stays removed.
    pub async fn thin_samples(&self) -> Result<u64> {
        let now = self.now();
        let mut removed = 0;
        let (hourly, daily) = (now.plus_millis(-HOURLY_AFTER_MS), now.plus_millis(-DAILY_AFTER_MS));
        // Nobody knows how long no process looked before this one's first round; what is older was looked through by the rounds before.
        let from = if self.thinned.load(Relaxed) {
            daily.plus_millis(-THINNED_MS)
        } else {
            now.plus_millis(-METRICS_DAYS.saturating_mul(DAY_MS))
        };
        for (times, stretch_ms) in [(daily..hourly, HOUR_MS), (from..daily, DAY_MS)] {
            loop {
                let samples = self.store.metrics_thinnable(times.clone(), stretch_ms, PORTION).await?;
                let mut tx = self.store.begin().await?;
                removed += tx.metrics_thin(&samples).await?;
                tx.commit().await?;
                if samples.len() < usize::try_from(PORTION).unwrap_or(usize::MAX) {
                    break;
                }
            }
        }
        self.thinned.store(true, Relaxed);
        let before = now.plus_millis(-METRICS_DAYS.saturating_mul(DAY_MS));
        loop {
            let mut tx = self.store.begin().await?;
            let some = tx.purge_metrics(before, PORTION).await?;
            tx.commit().await?;
            removed += some;
            if some < u64::from(PORTION) {
                return Ok(removed);
            }
        }
    }

    /// Erases what is left of readings that nobody allows any more: of accounts that were disconnected, and where an erasure was cut short.
    ///
    /// # Errors
    /// When the database does not answer; what was erased before stays erased.
    pub async fn erase_forsaken_samples(&self) -> Result<u64> {
        let mut erased = 0;
        loop {
            let connections = self.store.metrics_forsaken(FORSAKEN).await?;
            let last = connections.len() < usize::try_from(FORSAKEN).unwrap_or(usize::MAX);
            for connection in connections {
                erased += self.erase_samples(connection).await?;
            }
            if last {
                return Ok(erased);
            }
        }
    }
}

/// A walk that asked for one permission more came back: what was granted is allowed from now on. False when the person left it out at TikTok.
pub(crate) async fn allow(
    tx: &mut Tx,
    person: UserId,
    connection: &Connection,
    reading: Reading,
    granted: &Scopes,
    now: UnixMillis,
) -> Result<bool> {
    if !granted.has(reading.scope()) {
        return Ok(false);
    }
    let text_version = Reading::accepted().id.to_owned();
    let consent = MetricConsent {
        connection_id: connection.id,
        reading,
        person_id: person,
        text_version: text_version.clone(),
        given_at: now,
    };
    tx.metric_consent_put(&consent).await?;
    let line = LedgerLine {
        purpose: reading.purpose(),
        connection_id: Some(connection.id),
        act: Act::Given,
        text_version,
        detail: reading.scope().to_owned(),
        at: now,
    };
    tx.ledger_append(person, &line).await.map_err(Error::from)?;
    Ok(true)
}
