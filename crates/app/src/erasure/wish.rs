//! The wish to be erased: ending a grant with everything that hangs on it, leaving altogether, taking it back, the receipt.
//!
//! Owns the order of steps: whatever a person asked to end is gone before they are answered. Must not erase posts or files itself.

use domain::connection::ConnectionState;
use domain::id::{ConnectionId, ErasureId, UserId, WorkspaceId};
use domain::post::PostState;
use domain::privacy::erasure::{Calendar, Door, Evidence, Revoked, State, Unit};
use domain::privacy::purposes::Reading;
use domain::time::UnixMillis;
use secrecy::{ExposeSecret, SecretString};
use store::erase::ERASING;
use store::{Connection, Erasure, Post, PostProblem, StoreError, Tombstone, Tx};

use super::marks::Said;
use super::tickets::{self, Told};
use crate::live::{LiveChange, LiveEvent};
use crate::publishing::cancel_live_attempt;
use crate::random::secret_hash;
use crate::tokens::StoredPair;
use crate::{Actor, App, Error, Result};

/// How often ending a grant is tried when the engine steps in between.
const END_TRIES: u32 = 5;

/// The proof of a wish: what is shown once and kept only as a hash.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// The last part of the receipt's address.
    pub secret: SecretString,
    /// TikTok's word so far.
    pub revoked: Revoked,
    /// When the erasure begins and must have ended.
    pub calendar: Calendar,
}

/// A receipt as its address shows it.
#[derive(Debug, Clone)]
pub struct ReceiptView {
    /// The wish.
    pub erasure: Erasure,
    /// Until when a legal hold stops it, if one does.
    pub held_until: Option<UnixMillis>,
}

/// The actor's own wish to leave, while it is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leaving {
    /// From here on it cannot be taken back.
    pub begins_at: UnixMillis,
    /// Everything is gone by then.
    pub deadline_at: UnixMillis,
}

/// A grant that has ended here and of which TikTok was not told yet.
struct Ended {
    connection: ConnectionId,
    pair: Option<StoredPair>,
    receipt: Receipt,
}

/// Who ends a grant, as the audit log and the post's timeline name them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct By {
    pub(crate) door: Door,
    pub(crate) person: Option<UserId>,
}

impl By {
    pub(crate) fn name(self) -> String {
        match (self.person, self.door) {
            (Some(person), _) => person.to_string(),
            (None, Door::TikTok) => "tiktok".to_owned(),
            (None, Door::Inactive) => "system".to_owned(),
            (None, Door::Page | Door::Operator | Door::UnderAge) => "operator".to_owned(),
        }
    }
}

impl App {
    /// A new wish of now, not written yet, and the secret of its receipt.
    pub(crate) fn wish(
        &self,
        unit: Unit,
        subject: String,
        workspace_id: WorkspaceId,
        door: Door,
        requested_at: UnixMillis,
    ) -> (Erasure, SecretString) {
        let secret = self.random.secret();
        let calendar = Calendar::of(requested_at, door, i64::from(self.settings.erasure_grace_days));
        let erasure = Erasure {
            id: ErasureId::from_uuid(self.random.uuid(self.now())),
            receipt_hash: secret_hash(secret.expose_secret()),
            unit,
            subject_id: subject,
            workspace_id,
            door,
            state: State::Waiting,
            revoked: Revoked::Unneeded,
            requested_at,
            begins_at: calendar.begins_at,
            deadline_at: calendar.deadline_at,
            finished_at: None,
            evidence: Evidence::default(),
            next_at: calendar.begins_at,
            account_mark: None,
        };
        (erasure, secret)
    }

    /// Ends a grant: open attempts stop or become uncertain, tokens with their key and the picture are destroyed before the answer,
    /// TikTok is told, and the erasure of everything that belongs to the account is on the calendar.
    ///
    /// # Errors
    /// When the database or the disk does not take it; a TikTok that does not answer is not an error.
    pub(crate) async fn end_connection(
        &self,
        connection: &Connection,
        by: By,
        requested_at: UnixMillis,
    ) -> Result<Receipt> {
        let ended = self.end_here(connection, by, requested_at).await?;
        self.tell_tiktok(ended).await
    }

    /// All that ends on this side. Quick, so that nothing waits for TikTok.
    async fn end_here(&self, connection: &Connection, by: By, requested_at: UnixMillis) -> Result<Ended> {
        // Read before they are destroyed; revoking needs them.
        let pair = self.tokens.stored_pair(connection.id).await.ok().flatten();
        let subject = connection.id.to_string();
        // Where TikTok said earlier that the grant is over, that promise counts; the receipt is new.
        let earlier = self.store.erasure_open(Unit::Connection, &subject).await?;
        let word = earlier.as_ref().map_or(Revoked::Unneeded, |wish| wish.revoked);
        let requested_at = earlier.map_or(requested_at, |wish| wish.requested_at.min(requested_at));
        let mut wish = self.wish(Unit::Connection, subject, connection.workspace_id, by.door, requested_at);
        // One account has one grant with this app: where somebody else here posts with it, a revocation would end that, too.
        let pair = if self.is_connected_elsewhere(connection).await? { None } else { pair };
        wish.0.revoked = if pair.is_some() { Revoked::Pending } else { word };
        let mut tries = 1;
        loop {
            match self.end_grant(connection, by, &wish.0, pair.as_ref()).await {
                // The engine took a step in this very moment; the person's wish does not end there.
                Err(Error::Store(StoreError::Conflict("post" | "attempt"))) if tries < END_TRIES => tries += 1,
                ended => break ended?,
            }
        }
        let said = Said::GrantEnded(connection.workspace_id, &connection.open_id);
        self.marks.keep(vec![said.as_of(&self.keys, self.now())]).await?;
        self.creator_cache.forget(connection.id);
        self.engine_nudge.notify_one();
        self.erase_nudge.notify_one();
        self.scrub().await;
        self.live.publish(LiveEvent { workspace_id: connection.workspace_id, what: LiveChange::Connections });
        let calendar = Calendar { begins_at: wish.0.begins_at, deadline_at: wish.0.deadline_at };
        let receipt = Receipt { secret: wish.1, revoked: wish.0.revoked, calendar };
        Ok(Ended { connection: connection.id, pair, receipt })
    }

    async fn is_connected_elsewhere(&self, connection: &Connection) -> Result<bool> {
        // A question about every workspace by its nature; what comes of it is a yes or a no.
        let all = store::wall::over(self.store.connections_by_open_id(&connection.open_id)).await?;
        Ok(all.iter().any(|it| it.id != connection.id && it.state != ConnectionState::Disconnected))
    }

    /// TikTok's word on a grant that has ended here.
    async fn tell_tiktok(&self, ended: Ended) -> Result<Receipt> {
        let Ended { connection, pair, receipt } = ended;
        let Some(pair) = pair else { return Ok(receipt) };
        let (tiktok, now) = (self.tiktok.clone(), self.now());
        // In a task of its own: a visitor who leaves the page must not leave the grant alive.
        let told = tokio::spawn(async move { tickets::tell_with(&tiktok, &pair, connection, now).await });
        let told = told.await.unwrap_or(Told::NoAnswer);
        let revoked = self.note_told(connection, told, 0).await?;
        Ok(Receipt { revoked, ..receipt })
    }

    /// Parks the posts and destroys the tokens with their key and the picture, in one transaction.
    async fn end_grant(
        &self,
        connection: &Connection,
        by: By,
        wish: &Erasure,
        pair: Option<&StoredPair>,
    ) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        self.park_posts(&mut tx, connection, by, now).await?;
        let tokens = tx.token_delete(connection.id).await?;
        tx.avatar_delete(connection.id).await?;
        tx.connection_set_state(connection.id, ConnectionState::Disconnected, now).await?;
        if let Some(pair) = pair
            && !self.settings.strict_disconnect
            && pair.access_expires_at > now
        {
            tx.ticket_put(&self.tokens.seal_ticket(connection.id, pair, now)?).await?;
        }
        if let Some(mut open) = tx.erasure_open(Unit::Connection, &wish.subject_id).await? {
            let before = open.state;
            if before == State::Running {
                return Err(Error::Conflict { code: "leaving-has-begun" });
            }
            open.state = State::Undone;
            open.finished_at = Some(now);
            tx.erasure_update(&open, before).await?;
        }
        let evidence = Evidence { tokens: wish.evidence.tokens.saturating_add(u64::from(tokens)), ..wish.evidence };
        tx.erasure_insert(&Erasure { evidence, ..wish.clone() }).await?;
        // Whatever was allowed beside publishing ends with the grant; samples go with the account, or sooner by the sweeper.
        for reading in Reading::ALL {
            tx.metric_consent_end(connection.id, reading).await?;
        }
        let links = tx.report_links_end_of(connection.id).await?;
        self.links_ended(&mut tx, &links, now).await?;
        tx.ledger_withdraw(connection.id, by.door.as_str(), now).await?;
        let said = Said::GrantEnded(connection.workspace_id, &connection.open_id);
        tx.tombstone_put(&said.as_of(&self.keys, now)).await?;
        tx.audit_append(now, &by.name(), "connection.disconnect", &connection.id.to_string(), by.door.as_str()).await?;
        tx.commit().await.map_err(Error::from)
    }

    async fn park_posts(&self, tx: &mut Tx, connection: &Connection, by: By, now: UnixMillis) -> Result<()> {
        for post in tx.posts_open_of_connection(connection.id).await? {
            cancel_live_attempt(tx, post.id, now, "disconnected").await?;
            if post.state != PostState::Scheduled {
                continue;
            }
            let problem =
                PostProblem { code: "disconnected".to_owned(), tiktok_code: None, log_id: None, detail: None, at: now };
            let parked =
                Post { state: PostState::NeedsAttention, problem: Some(problem), updated_at: now, ..post.clone() };
            if !tx.post_update(&parked, post.revision, post.state).await? {
                // The engine has just started it: the attempt that it made has to be stopped as well.
                return Err(Error::Store(StoreError::Conflict("post")));
            }
            let why = serde_json::json!({ "why": "disconnected" });
            tx.event_append(connection.workspace_id, post.id, "parked", by.person, &why, now).await?;
        }
        Ok(())
    }

    /// A connection has a grant again: what was to be erased stays, and no ticket may revoke the new grant, whichever workspace it is of.
    /// The eraser's next round brings the mark to the file.
    pub(crate) async fn keep_after_all(&self, tx: &mut Tx, connection: &Connection, now: UnixMillis) -> Result<()> {
        tx.tickets_delete_of_account(&connection.open_id).await?;
        let subject = connection.id.to_string();
        let Some(mut wish) = tx.erasure_open(Unit::Connection, &subject).await? else { return Ok(()) };
        let before = wish.state;
        wish.state = State::Undone;
        wish.finished_at = Some(now);
        tx.erasure_update(&wish, before).await?;
        let kept = Said::Kept(Unit::Connection, &subject).as_of(&self.keys, now);
        tx.tombstone_put(&kept).await?;
        self.erase_nudge.notify_one();
        Ok(())
    }

    /// The actor leaves: every grant of theirs ends before the answer, other browsers are signed out, and everything is erased when the
    /// time to think it over has passed. This browser stays signed in until then, so that the wish can be taken back.
    ///
    /// # Errors
    /// [`Error::Conflict`] when they asked before.
    pub async fn leave(&self, actor: &Actor) -> Result<Receipt> {
        self.leave_as(actor.user_id, Some(actor), By { door: Door::Page, person: Some(actor.user_id) }).await
    }

    pub(crate) async fn leave_as(&self, person: UserId, actor: Option<&Actor>, by: By) -> Result<Receipt> {
        let now = self.now();
        let row = self.store.person(person).await?.filter(|row| !row.open_id.starts_with(ERASING));
        let Some(row) = row else { return Err(Error::NotFound { what: "person" }) };
        let alone = self.store.workspaces_alone(row.id).await?;
        let workspace = actor
            .map(|actor| actor.workspace_id)
            .or_else(|| alone.first().copied())
            .ok_or(Error::NotFound { what: "workspace" })?;
        let (mut wish, secret) = self.wish(Unit::Person, person.to_string(), workspace, by.door, now);
        wish.account_mark = Some(self.receipt_mark(&row.open_id));
        let said = Said::Leaving(&row.open_id).as_of(&self.keys, now);
        let mut tx = self.store.begin().await?;
        if by.door == Door::Inactive {
            self.check_absence(&mut tx, person, now).await?;
        }
        if let Some(mut open) = tx.erasure_open(Unit::Person, &wish.subject_id).await? {
            let before = open.state;
            // An earlier wish with its grace gives way to one without.
            if by.door != Door::UnderAge || before == State::Running {
                return Err(Error::Conflict { code: "leaving-already" });
            }
            open.state = State::Undone;
            open.finished_at = Some(now);
            tx.erasure_update(&open, before).await?;
        }
        tx.erasure_insert(&wish).await?;
        tx.tombstone_put(&said).await?;
        tx.sessions_delete(person, actor.map(|actor| actor.session_id)).await?;
        let mut marks = self.links_end_with(&mut tx, person, now).await?;
        marks.push(said);
        tx.audit_append(now, &by.name(), "person.leave", &person.to_string(), by.door.as_str()).await?;
        tx.commit().await?;
        self.marks.keep(marks).await?;
        // Whoever only stayed away may come back within the grace and find every account as it was.
        let revoked = match by.door {
            Door::Inactive => Revoked::Unneeded,
            Door::Page | Door::Operator | Door::TikTok | Door::UnderAge => self.end_all_grants(&alone, by, now).await?,
        };
        let mut tx = self.store.begin().await?;
        if let Some(mut row) = tx.erasure(wish.id).await? {
            let state = row.state;
            row.revoked = revoked;
            tx.erasure_update(&row, state).await?;
        }
        tx.commit().await?;
        self.erase_nudge.notify_one();
        let calendar = Calendar { begins_at: wish.begins_at, deadline_at: wish.deadline_at };
        Ok(Receipt { secret, revoked, calendar })
    }

    /// Ends every grant of these workspaces, all of them here before TikTok is told of any; gives the
    /// least certain word of TikTok.
    pub(crate) async fn end_all_grants(
        &self,
        workspaces: &[WorkspaceId],
        by: By,
        requested_at: UnixMillis,
    ) -> Result<Revoked> {
        let mut ended = Vec::new();
        for workspace in workspaces {
            for connection in self.store.connections(*workspace).await? {
                if connection.state != ConnectionState::Disconnected {
                    ended.push(self.end_here(&connection, by, requested_at).await?);
                }
            }
        }
        let words = futures::future::try_join_all(ended.into_iter().map(|one| self.tell_tiktok(one))).await?;
        Ok(words.into_iter().fold(Revoked::Unneeded, |word, receipt| match (word, receipt.revoked) {
            (Revoked::Unconfirmed, _) | (_, Revoked::Unconfirmed) => Revoked::Unconfirmed,
            (Revoked::Pending, _) | (_, Revoked::Pending) => Revoked::Pending,
            (Revoked::Confirmed, _) | (_, Revoked::Confirmed) => Revoked::Confirmed,
            (Revoked::Unneeded, Revoked::Unneeded) => Revoked::Unneeded,
        }))
    }

    /// When an erasure that is asked for now begins and ends.
    #[must_use]
    pub fn leaving_calendar(&self) -> Calendar {
        Calendar::of(self.now(), Door::Page, i64::from(self.settings.erasure_grace_days))
    }

    /// The actor's wish to leave, while it is open.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn leaving(&self, actor: &Actor) -> Result<Option<Leaving>> {
        let open = self.store.erasure_open(Unit::Person, &actor.user_id.to_string()).await?;
        Ok(open.map(|wish| Leaving { begins_at: wish.begins_at, deadline_at: wish.deadline_at }))
    }

    /// The actor stays after all. Accounts have to be connected again; what is not by the date of its own receipt is erased.
    ///
    /// # Errors
    /// [`Error::Conflict`] when there is no wish, or it has begun.
    pub async fn stay(&self, actor: &Actor) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let wish = tx.erasure_open(Unit::Person, &actor.user_id.to_string()).await?;
        let Some(mut wish) = wish.filter(|wish| wish.state != State::Running) else {
            return Err(Error::Conflict { code: "leaving-has-begun" });
        };
        let before = wish.state;
        wish.state = State::Undone;
        wish.finished_at = Some(now);
        if !tx.erasure_update(&wish, before).await? {
            return Err(Error::Conflict { code: "leaving-has-begun" });
        }
        let kept = self.kept_mark(actor.user_id, now);
        tx.tombstone_put(&kept).await?;
        tx.audit_append(now, &actor.user_id.to_string(), "person.stay", &actor.user_id.to_string(), "").await?;
        tx.commit().await?;
        self.marks.keep(vec![kept]).await
    }

    /// The mark of a person who stays after all.
    pub(crate) fn kept_mark(&self, person: UserId, at: UnixMillis) -> Tombstone {
        Said::Kept(Unit::Person, &person.to_string()).as_of(&self.keys, at)
    }

    /// What a receipt says; its address is its proof.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an unknown one, and after its 30 days.
    pub async fn receipt(&self, secret: &str) -> Result<ReceiptView> {
        let erasure =
            self.store.erasure_by_receipt(&secret_hash(secret)).await?.ok_or(Error::NotFound { what: "receipt" })?;
        self.receipt_view(erasure).await
    }
}
