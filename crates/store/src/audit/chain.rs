//! The two ends of the audit chain: its row, who holds it, its beginning, its shortening and the erasure of ids.
//!
//! Owns every change of `audit_chain`. The row is taken before anything is appended or removed, so on PostgreSQL all nodes take turns;
//! whoever appends should commit soon after, which is why entries are the last statement of their transactions.

use std::sync::Arc;

use domain::time::UnixMillis;
use zeroize::Zeroizing;

use super::desk::{AuditKey, Link, is_same};
use super::{PSEUDONYMISE, RowRaw, SYSTEM};
use crate::db::{Statement, Store, Tx};
use crate::error::{Result, StoreError};

/// Where the key of the chain is kept, sealed.
pub(super) const KEY: &str = "audit_key";
/// Entries taken in at once when the chain begins.
const PAGE: i64 = 500;

const TAKE: &str = "
UPDATE audit_chain SET id = id
WHERE id = 'chain'
RETURNING began_at, anchor_seq, anchor_hash, head_seq, head_hash, seal";
const PUT: &str = "
UPDATE audit_chain
SET began_at = $1, anchor_seq = $2, anchor_hash = $3, head_seq = $4, head_hash = $5, seal = $6
WHERE id = 'chain'";
const SELECT: &str =
    "SELECT began_at, anchor_seq, anchor_hash, head_seq, head_hash, seal FROM audit_chain WHERE id = 'chain'";
const INSERT: &str = "
INSERT INTO audit (seq, at, actor, action, subject, detail, actor_ref, subject_ref, hash)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
const OLD: &str = "
SELECT seq, at, actor, action, subject, detail, actor_ref, subject_ref, hash
FROM audit
WHERE seq > $1
ORDER BY seq
LIMIT $2";
const TAKE_IN: &str = "UPDATE audit SET actor_ref = $2, subject_ref = $3, hash = $4 WHERE seq = $1";
const FORGET: &str = "DELETE FROM audit WHERE seq <= $1";
const BLANK_ACTOR: &str = "UPDATE audit SET actor = '' WHERE actor = $1";
const BLANK_SUBJECT: &str = "UPDATE audit SET subject = '' WHERE subject = $1";

pub(crate) const STATEMENTS: &[Statement] =
    statements![TAKE, PUT, SELECT, INSERT, OLD, TAKE_IN, FORGET, BLANK_ACTOR, BLANK_SUBJECT];

row! {
    /// The row of the chain.
    #[derive(Debug, Clone, PartialEq, Eq)]
    pub(super) struct Chain {
        /// When entries were first chained.
        pub(super) began_at: i64,
        /// The last entry that was removed, and its hash: what the first present one follows.
        pub(super) anchor_seq: i64,
        pub(super) anchor_hash: String,
        /// The newest entry and its hash.
        pub(super) head_seq: i64,
        pub(super) head_hash: String,
        /// Proves that all this was written by us. Empty until the chain begins.
        pub(super) seal: String,
    }
}

impl Chain {
    fn seal_by(&self, key: &AuditKey) -> String {
        key.seal(self.began_at, (self.anchor_seq, &self.anchor_hash), (self.head_seq, &self.head_hash))
    }

    pub(super) fn has_begun(&self) -> bool {
        !self.seal.is_empty()
    }

    pub(super) fn is_sealed_by(&self, key: &AuditKey) -> bool {
        is_same(&self.seal, &self.seal_by(key))
    }

    /// The chain with one more entry at its end.
    fn follow(&mut self, key: &AuditKey, link: &Link<'_>) {
        self.head_hash = key.hash(&self.head_hash, link);
        self.head_seq = link.seq;
    }
}

/// An entry before it has its place.
struct Wanted<'a> {
    at: UnixMillis,
    actor: &'a str,
    action: &'a str,
    subject: &'a str,
    /// Of the subject, where that is not to be read.
    subject_ref: String,
    detail: &'a str,
}

impl Store {
    /// The row of the chain as it is now.
    pub(super) async fn audit_chain(&self) -> Result<Option<Chain>> {
        fetch_optional!(store self, Chain, SELECT)
    }

    /// Number and hash of the newest entry; `None` while there is no chain. Whoever keeps it elsewhere can hold a later walk to it.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn audit_head(&self) -> Result<Option<(i64, String)>> {
        let chain = self.audit_chain().await?.filter(Chain::has_begun);
        Ok(chain.map(|chain| (chain.head_seq, chain.head_hash)))
    }

    /// Begins the chain, taking in every entry that was written before there was one; gives how many. Later calls do nothing.
    ///
    /// # Errors
    /// [`StoreError::Audit`] when the key of the chain does not open or is missing.
    pub async fn audit_begin(&self, now: UnixMillis) -> Result<u64> {
        if self.audit_chain().await?.is_some_and(|chain| chain.has_begun()) {
            return Ok(0);
        }
        let mut tx = self.begin().await?;
        let (_, _, taken_in) = tx.audit_take(now).await?;
        tx.commit().await?;
        Ok(taken_in)
    }

    /// A secret of this instance for one purpose, made from the key of the chain, which a backup and a new instance key carry along; `None`
    /// while there is no chain.
    ///
    /// # Errors
    /// [`StoreError::Audit`] when the key of the chain does not open.
    pub async fn instance_secret(&self, purpose: &str) -> Result<Option<Zeroizing<[u8; 32]>>> {
        let Some(sealed) = self.meta_get(KEY).await? else { return Ok(None) };
        self.audit.open(&sealed)?.other(purpose).map(Some)
    }

    /// The version of the instance key under which the key of the chain is sealed; `None` while there is no chain.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn audit_key_version(&self) -> Result<Option<i64>> {
        self.meta_get(KEY).await?.map(|sealed| super::desk::version_of(&sealed)).transpose()
    }
}

impl Tx {
    /// As [`Store::instance_secret`].
    ///
    /// # Errors
    /// [`StoreError::Audit`] when the key of the chain does not open.
    pub async fn instance_secret(&mut self, purpose: &str) -> Result<Option<Zeroizing<[u8; 32]>>> {
        let Some(sealed) = self.meta_get(KEY).await? else { return Ok(None) };
        self.audit.open(&sealed)?.other(purpose).map(Some)
    }

    /// Seals the key of the chain under the current version of the instance key; gives whether that was needed.
    ///
    /// # Errors
    /// [`StoreError::Audit`] when it does not open.
    pub async fn audit_key_reseal(&mut self) -> Result<bool> {
        let Some(sealed) = self.meta_get(KEY).await? else { return Ok(false) };
        let Some(resealed) = self.audit.reseal(&sealed)? else { return Ok(false) };
        self.meta_swap(KEY, &sealed, &resealed).await
    }

    /// Appends an entry, in the transaction of what it tells, and best as its last statement: the end of the chain is held until the
    /// commit.
    ///
    /// # Errors
    /// [`StoreError::Audit`] when the key of the chain does not open; see [`StoreError`].
    pub async fn audit_append(
        &mut self,
        at: UnixMillis,
        actor: &str,
        action: &str,
        subject: &str,
        detail: &str,
    ) -> Result<()> {
        let (chain, key, _) = self.audit_take(at).await?;
        let subject_ref = key.reference(subject);
        self.audit_write(chain, &key, Wanted { at, actor, action, subject, subject_ref, detail }).await
    }

    /// Removes an id from all entries, so that nobody can read any more whom they tell of, and notes that it did; gives in how many
    /// places it stood. The chain holds a keyed reference in its stead and stays verifiable.
    ///
    /// # Errors
    /// As [`Tx::audit_append`].
    pub async fn audit_pseudonymise(&mut self, at: UnixMillis, id: &str) -> Result<u64> {
        if id.is_empty() {
            return Ok(0);
        }
        let (chain, key, _) = self.audit_take(at).await?;
        let blanked = execute!(tx self, BLANK_ACTOR, id)? + execute!(tx self, BLANK_SUBJECT, id)?;
        if blanked > 0 {
            let (subject_ref, detail) = (key.reference(id), blanked.to_string());
            let wanted = Wanted { at, actor: SYSTEM, action: PSEUDONYMISE, subject: "", subject_ref, detail: &detail };
            self.audit_write(chain, &key, wanted).await?;
        }
        Ok(blanked)
    }

    /// Removes entries written before `before` from the old end, at most `limit`; gives how many. The hash of the last of them stays
    /// as what the first that is left has to follow.
    ///
    /// # Errors
    /// As [`Tx::audit_append`].
    pub async fn purge_audit(&mut self, now: UnixMillis, before: UnixMillis, limit: u32) -> Result<u64> {
        let (mut chain, key, _) = self.audit_take(now).await?;
        let rows = fetch_all!(tx self, RowRaw, OLD, chain.anchor_seq, i64::from(limit))?;
        // From the end on only: a clock that was set back must not tear a hole.
        let Some(last) = rows.into_iter().take_while(|row| row.at < before.millis()).last() else { return Ok(0) };
        let removed = execute!(tx self, FORGET, last.seq)?;
        (chain.anchor_seq, chain.anchor_hash) = (last.seq, last.hash);
        self.audit_put(&chain, &key).await?;
        Ok(removed)
    }

    /// Takes the chain for this transaction, beginning it where it has not begun; gives it with its key and how many it took in.
    async fn audit_take(&mut self, now: UnixMillis) -> Result<(Chain, Arc<AuditKey>, u64)> {
        let missing = |what: &str| StoreError::Audit(format!("{what} is missing in the database"));
        let mut chain = fetch_optional!(tx self, Chain, TAKE)?.ok_or_else(|| missing("the row of the chain"))?;
        // Held from here on, so that two nodes cannot draw two keys.
        let known = self.meta_get(KEY).await?;
        match (known, chain.has_begun()) {
            (Some(sealed), true) => Ok((chain, self.audit.open(&sealed)?, 0)),
            (None, true) => Err(missing("the key of the chain")),
            // A key without a chain is a chain that somebody reset.
            (Some(_), false) => Err(missing("the seal of the chain")),
            (None, false) => {
                let sealed = self.audit.draw()?;
                self.meta_put(KEY, &sealed).await?;
                let key = self.audit.open(&sealed)?;
                chain.began_at = now.millis();
                let taken_in = self.audit_take_in(&mut chain, &key).await?;
                self.audit_put(&chain, &key).await?;
                Ok((chain, key, taken_in))
            }
        }
    }

    /// Chains what was written before there was a chain.
    async fn audit_take_in(&mut self, chain: &mut Chain, key: &AuditKey) -> Result<u64> {
        let mut taken_in = 0;
        loop {
            let rows = fetch_all!(tx self, RowRaw, OLD, chain.head_seq, PAGE)?;
            if rows.is_empty() {
                return Ok(taken_in);
            }
            for row in rows {
                let (actor_ref, subject_ref) = (key.reference(&row.actor), key.reference(&row.subject));
                chain.follow(key, &row.link(&actor_ref, &subject_ref));
                execute!(tx self, TAKE_IN, row.seq, &actor_ref, &subject_ref, &chain.head_hash)?;
                taken_in += 1;
            }
        }
    }

    async fn audit_write(&mut self, mut chain: Chain, key: &AuditKey, wanted: Wanted<'_>) -> Result<()> {
        let actor_ref = key.reference(wanted.actor);
        chain.follow(
            key,
            &Link {
                seq: chain.head_seq.saturating_add(1),
                at: wanted.at,
                actor_ref: &actor_ref,
                action: wanted.action,
                subject_ref: &wanted.subject_ref,
                detail: wanted.detail,
            },
        );
        execute!(
            tx self, INSERT,
            chain.head_seq,
            wanted.at.millis(),
            wanted.actor,
            wanted.action,
            wanted.subject,
            wanted.detail,
            &actor_ref,
            &wanted.subject_ref,
            &chain.head_hash,
        )?;
        self.audit_put(&chain, key).await
    }

    async fn audit_put(&mut self, chain: &Chain, key: &AuditKey) -> Result<()> {
        execute!(
            tx self, PUT,
            chain.began_at,
            chain.anchor_seq,
            &chain.anchor_hash,
            chain.head_seq,
            &chain.head_hash,
            chain.seal_by(key),
        )?;
        Ok(())
    }
}
