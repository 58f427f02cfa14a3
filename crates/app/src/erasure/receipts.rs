//! Receipts for somebody who is signed in: of what was asked for here, of what TikTok or a long absence began, and of files deleted from
//! the library. Owns who may see which; their days are the data map's.

use domain::id::{DeletionId, ErasureId, UserId};
use domain::notice::Notice;
use domain::privacy::erasure::{State, Unit};
use domain::privacy::retention::Class;
use domain::time::UnixMillis;
use store::deletion::Deletion;
use store::{Erasure, Tx};

use super::marks::Said;
use super::wish::ReceiptView;
use crate::{Actor, App, Error, Result};

const DAY_MS: i64 = 86_400_000;

/// Every receipt that somebody may see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipts {
    /// Of erasures, newest first.
    pub erasures: Vec<Erasure>,
    /// Of files deleted from the library, newest first.
    pub deletions: Vec<Deletion>,
}

/// Until when the receipt of a deletion is kept.
#[must_use]
pub fn kept_until(deleted_at: UnixMillis) -> UnixMillis {
    let days = Class::Erasure.retention().active_days.unwrap_or(30);
    deleted_at.plus_millis(days.saturating_mul(DAY_MS))
}

impl App {
    /// What a person's receipts are recognised by; written beside them under the key version that seals now.
    pub(crate) fn receipt_mark(&self, account: &str) -> String {
        Said::Receipt(account).as_of(&self.keys, self.now()).mark
    }

    /// The actor's receipts, also those of what was theirs before everything was erased.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn receipts(&self, actor: &Actor) -> Result<Receipts> {
        let mut erasures = self.store.erasures_of(actor.workspace_id).await?;
        erasures.retain(|it| is_theirs(it, actor));
        let known: Vec<ErasureId> = erasures.iter().map(|it| it.id).collect();
        erasures.extend(self.of_before(actor).await?.into_iter().filter(|it| !known.contains(&it.id)));
        erasures.sort_by_key(|it| std::cmp::Reverse(it.requested_at));
        Ok(Receipts { erasures, deletions: self.store.deletions(actor.workspace_id).await? })
    }

    /// One receipt of an erasure.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs, and after its 30 days.
    pub async fn own_receipt(&self, actor: &Actor, id: ErasureId) -> Result<ReceiptView> {
        let found = self.receipts(actor).await?.erasures.into_iter().find(|it| it.id == id);
        self.receipt_view(found.ok_or(Error::NotFound { what: "receipt" })?).await
    }

    /// One receipt of a deletion.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs, and after its 30 days.
    pub async fn deletion(&self, actor: &Actor, id: DeletionId) -> Result<Deletion> {
        self.store.deletion(actor.workspace_id, id).await?.ok_or(Error::NotFound { what: "receipt" })
    }

    /// The erasures of the person's account, from a workspace that is no more.
    async fn of_before(&self, actor: &Actor) -> Result<Vec<Erasure>> {
        let Some(person) = self.store.person(actor.user_id).await? else { return Ok(Vec::new()) };
        let mut found = Vec::new();
        for mark in Said::Receipt(&person.open_id).marks(&self.keys) {
            // The mark is made of the account that TikTok says the person has, whatever the workspace.
            found.extend(store::wall::over(self.store.erasures_by_account(&mark)).await?);
        }
        Ok(found)
    }

    /// Somebody is here for the first time, as it seems: if everything of theirs was erased lately, a line leads to its receipt.
    pub(crate) async fn tell_of_receipt(
        &self,
        tx: &mut Tx,
        person: UserId,
        account: &str,
        now: UnixMillis,
    ) -> Result<()> {
        for mark in Said::Receipt(account).marks(&self.keys) {
            let erased = tx.erasures_by_account(&mark).await?.into_iter().find(|it| it.state == State::Done);
            if let Some(erased) = erased {
                tx.notice_tell(person, Notice::ErasedBefore(erased.id), now).await?;
            }
        }
        Ok(())
    }

    /// A receipt with what a hold does to it, where that may be told.
    pub(super) async fn receipt_view(&self, erasure: Erasure) -> Result<ReceiptView> {
        let held_until = match erasure.state {
            State::Held => {
                let mut longest = None;
                let mut tx = self.store.begin().await?;
                for subject in self.named_by(&erasure).await? {
                    let hold = tx.hold_active(&subject, self.now()).await?.filter(|hold| hold.untold.is_none());
                    longest = longest.max(hold.map(|hold| hold.expires_at));
                }
                longest
            }
            State::Waiting | State::Running | State::Done | State::Undone => None,
        };
        Ok(ReceiptView { erasure, held_until })
    }
}

/// Of their workspace: its accounts, and themselves; another person of it has receipts of their own.
fn is_theirs(it: &Erasure, actor: &Actor) -> bool {
    match it.unit {
        Unit::Connection => true,
        Unit::Person => it.subject_id == actor.user_id.to_string(),
    }
}
