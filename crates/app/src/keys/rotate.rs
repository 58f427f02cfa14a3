//! Everything sealed under older versions of the instance key is sealed anew under the current one, while the service runs.
//!
//! Owns the order: the version seals first, then what lies there is sealed anew, in portions and row by row only if it is as it was read.
//! Each portion is durable by itself, so a rotation that was killed goes on where it was. Must not take a version away: that is `retire`.

use std::str::FromStr as _;

use domain::id::{AttemptId, ConnectionId};
use domain::privacy::retention::KeyOf;
use store::audit::OPERATOR;
use store::personal::key_purpose;
use store::vault::{VaultError, checked_version, sealed_version};
use store::{SealedIn, SealedRow};

use super::{CHECK, CURRENT, InUse, Progress, ROTATION, Sealed, in_use};
use crate::publishing::url_purpose;
use crate::sign_in::VERIFIER_PURPOSE;
use crate::{App, Error, Result};

/// Rows sealed anew in one transaction.
const PORTION: u32 = 100;
/// Ids of rows that do not open, named at most.
const NAMED_MAX: usize = 20;

/// Which version seals from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Begun {
    /// The version.
    pub version: i64,
    /// The one before, when this call changed it.
    pub before: Option<i64>,
}

/// What one round of a rotation did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rewrapped {
    /// Things sealed anew.
    pub done: u64,
    /// Rows that somebody changed or worked on meanwhile; the next round sees to them.
    pub passed: u64,
    /// Rows that do not open, by table and id, the first of them.
    pub unreadable: Vec<String>,
}

impl App {
    /// The newest version that this process has seals from now on, in every process. Does nothing where it does already.
    ///
    /// # Errors
    /// When key file or database do not answer.
    pub async fn rotation_begin(&self) -> Result<Begun> {
        self.keys.reload()?;
        let newest = self.keys.versions().last().copied().unwrap_or(0);
        let value = self.keys.check_value_of(newest)?;
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let noted = tx.meta_get(CURRENT).await?;
        let sealing = noted.as_deref().and_then(checked_version).unwrap_or_else(|| self.keys.current_version());
        let progress = tx.meta_get(ROTATION).await?.as_deref().and_then(Progress::parse);
        let before = (sealing < newest).then_some(sealing);
        if before.is_none() && progress.is_some_and(|it| it.version == newest) {
            // At once: another process may wait for its turn to write.
            tx.rollback().await?;
            self.keys.take_up(newest)?;
            return Ok(Begun { version: newest, before });
        }
        // From here on both have to be the right ones at a start.
        let known = tx.meta_get(CHECK).await?.unwrap_or(self.keys.check_value_of(sealing)?);
        if !known.split_whitespace().any(|word| word == value) {
            tx.meta_put(CHECK, &format!("{known} {value}")).await?;
        }
        tx.meta_put(CURRENT, &value).await?;
        let progress = Progress { version: newest, begun: now, ended: None };
        tx.meta_put(ROTATION, &progress.to_text()).await?;
        if let Some(before) = before {
            let detail = format!("before: v{before}");
            tx.audit_append(now, OPERATOR, "instance_key.rotate", &format!("v{newest}"), &detail).await?;
        }
        tx.commit().await?;
        self.keys.take_up(newest)?;
        Ok(Begun { version: newest, before })
    }

    /// One round: seals anew whatever lies in the database under another version than the current one, and the file of marks of this
    /// process. `told` hears after each portion how many it was in all.
    ///
    /// # Errors
    /// When the database does not answer; what was sealed anew before stays so.
    pub async fn rotation_round(&self, mut told: impl FnMut(u64)) -> Result<Rewrapped> {
        let current = self.keys.current_version();
        let mut round = Rewrapped::default();
        for place in SealedIn::ALL {
            let mut after = String::new();
            loop {
                let rows = self.store.sealed_under_others(place, current, &after, PORTION).await?;
                let Some(last) = rows.last() else { break };
                last.id.clone_into(&mut after);
                self.rewrap(place, rows, &mut round).await?;
                told(round.done);
                // Whoever waits for the one writer goes first.
                tokio::task::yield_now().await;
            }
        }
        round.done += u64::from(self.reseal_audit_key().await?);
        self.reseal_mark_keys().await?;
        told(round.done);
        Ok(round)
    }

    async fn reseal_audit_key(&self) -> Result<bool> {
        let mut tx = self.store.begin().await?;
        let resealed = tx.audit_key_reseal().await?;
        tx.commit().await?;
        Ok(resealed)
    }

    async fn rewrap(&self, place: SealedIn, rows: Vec<SealedRow>, round: &mut Rewrapped) -> Result<()> {
        let mut anew = Vec::with_capacity(rows.len());
        for row in rows {
            match self.sealed_anew(place, &row) {
                Ok((sealed, version)) => anew.push((row, version, sealed)),
                // It stays as it is: what is lost is not made good by stopping here.
                Err(Error::Vault(VaultError::Refused { .. })) => {
                    if round.unreadable.len() < NAMED_MAX {
                        round.unreadable.push(format!("{} {}", Sealed::In(place).name(), row.id));
                    }
                }
                Err(error) => return Err(error),
            }
        }
        let mut tx = self.store.begin().await?;
        let (mut done, mut passed) = (0, 0);
        for (row, version, sealed) in anew {
            if tx.sealed_put(place, &row, version, &sealed).await? {
                done += 1;
            } else {
                passed += 1;
            }
        }
        tx.commit().await?;
        round.done += done;
        round.passed += passed;
        Ok(())
    }

    fn sealed_anew(&self, place: SealedIn, row: &SealedRow) -> Result<(Vec<u8>, i64)> {
        let unreadable = || VaultError::Refused { place: row.id.clone() };
        let purpose = match place {
            SealedIn::Tokens | SealedIn::Unconfirmed | SealedIn::Tickets => {
                let connection = ConnectionId::from_str(&row.id).map_err(|_| unreadable())?;
                return Ok(self.keys.rewrap_data_key(connection, row.version, &row.sealed)?);
            }
            SealedIn::People => key_purpose(KeyOf::Person, &row.id),
            SealedIn::Profiles => key_purpose(KeyOf::Connection, &row.id),
            SealedIn::SignIns => VERIFIER_PURPOSE.to_owned(),
            SealedIn::UploadAddresses => url_purpose(AttemptId::from_str(&row.id).map_err(|_| unreadable())?),
        };
        let sealed = self.keys.reseal(&purpose, &row.sealed)?;
        let version = sealed_version(&sealed).ok_or_else(unreadable)?;
        Ok((sealed, version))
    }

    /// Notes that nothing in the database needs an older version any more; gives what still does, and then notes nothing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn rotation_end(&self) -> Result<Vec<InUse>> {
        let current = self.keys.current_version();
        let left: Vec<InUse> = in_use(&self.store).await?.into_iter().filter(|it| it.version != current).collect();
        if !left.is_empty() {
            return Ok(left);
        }
        let now = self.now();
        let value = self.keys.check_value()?;
        let mut tx = self.store.begin().await?;
        let progress = tx.meta_get(ROTATION).await?.as_deref().and_then(Progress::parse);
        match progress {
            Some(it) if it.version == current && it.ended.is_none() => {
                tx.meta_put(CHECK, &value).await?;
                tx.meta_put(ROTATION, &Progress { ended: Some(now), ..it }.to_text()).await?;
                tx.audit_append(now, OPERATOR, "instance_key.rotated", &format!("v{current}"), "").await?;
                tx.commit().await?;
            }
            // It had ended already, or another version was begun meanwhile: then that rotation ends it.
            Some(_) | None => tx.rollback().await?,
        }
        Ok(left)
    }
}
