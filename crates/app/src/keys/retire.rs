//! Whether a version of the instance key may be taken away: only when nobody would miss it. Owns the question and its record; must not
//! touch the key file.

use domain::time::UnixMillis;
use store::audit::OPERATOR;
use store::vault::checked_version;

use super::{CURRENT, InUse, Progress, ROTATION, SETTLE_MS, Sealed, TAKE_UP_MS, in_use, stored_mark_keys};
use crate::{App, Result};

/// What stands against taking a version away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Retirement {
    /// Nothing.
    Free,
    /// It is the version that seals.
    Sealing,
    /// No rotation to the version that seals has come to its end.
    Unfinished,
    /// What was read before the rotation ended may be in use until then.
    Settling(UnixMillis),
    /// Something needs it.
    Needed(Vec<InUse>),
}

impl App {
    /// What stands against taking a version away, as far as the database knows.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn retirement(&self, version: i64) -> Result<Retirement> {
        let sealing = self.store.meta_get(CURRENT).await?.as_deref().and_then(checked_version);
        let sealing = sealing.unwrap_or_else(|| self.keys.current_version());
        if version == sealing {
            return Ok(Retirement::Sealing);
        }
        let mut needed: Vec<InUse> = in_use(&self.store).await?;
        needed.retain(|it| it.version == version);
        let progress = self.store.meta_get(ROTATION).await?.as_deref().and_then(Progress::parse);
        if version < sealing {
            let Some(it) = progress.filter(|it| it.version == sealing) else { return Ok(Retirement::Unfinished) };
            let gates = self.store.gates_before(it.begun.plus_millis(TAKE_UP_MS)).await?;
            if gates > 0 {
                needed.push(InUse { version, what: Sealed::PictureAddresses, count: gates });
            }
            // What was erased must be recognised without it.
            if !stored_mark_keys(&self.store).await?.0.contains_key(&version) {
                return Ok(Retirement::Unfinished);
            }
            if needed.is_empty() {
                let Some(ended) = it.ended else { return Ok(Retirement::Unfinished) };
                let settled = ended.plus_millis(SETTLE_MS);
                if self.now() < settled {
                    return Ok(Retirement::Settling(settled));
                }
            }
        }
        Ok(if needed.is_empty() { Retirement::Free } else { Retirement::Needed(needed) })
    }

    /// Makes sure that nobody would miss a version, and records that it is taken away from a key file. It may be recorded twice: the file
    /// comes after, and whoever was interrupted does it again.
    ///
    /// # Errors
    /// When database or file do not answer.
    pub async fn retire(&self, version: i64) -> Result<Retirement> {
        let outcome = self.retirement(version).await?;
        if outcome == Retirement::Free {
            self.note_mark_keys().await?;
            self.note_key("instance_key.retire", version).await?;
        }
        Ok(outcome)
    }

    /// Records that a version was written into a key file.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn note_added_key(&self, version: i64) -> Result<()> {
        self.note_key("instance_key.add", version).await
    }

    async fn note_key(&self, action: &str, version: i64) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.audit_append(self.now(), OPERATOR, action, &format!("v{version}"), "").await?;
        Ok(tx.commit().await?)
    }
}
