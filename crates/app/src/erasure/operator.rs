//! What the operator does for somebody who wrote to them: erase, erase at once after an under-age report, hold, release.
//!
//! Owns the operator's door. Whoever comes from the command line has the machine; there is no actor to authorise.

use domain::id::{ConnectionId, HoldId, UserId};
use domain::privacy::erasure::{Door, Unit};
use store::connection::FoundConnection;
use store::{Erasure, Hold, Person};

use super::wish::{By, Receipt};
use crate::operators::Operating;
use crate::{App, Error, Result};

/// Longest hold that is placed in one go, days; it can be placed again.
const HOLD_DAYS_MAX: i64 = 366;
/// Longest reason, characters.
const REASON_MAX: usize = 200;

/// People looked at in one go.
const FOUND_PAGE: u32 = 500;
/// People listed.
const FOUND_MAX: usize = 1_000;

/// What a search by name gives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Accounts, each with a person of its workspace.
    pub accounts: Vec<FoundConnection>,
    /// People who are with none of these accounts.
    pub people: Vec<Person>,
}

/// Who or what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// One TikTok account in one workspace.
    Connection(ConnectionId),
    /// One person.
    Person(UserId),
}

impl Target {
    /// The unit of it.
    #[must_use]
    pub const fn unit(self) -> Unit {
        match self {
            Self::Connection(_) => Unit::Connection,
            Self::Person(_) => Unit::Person,
        }
    }

    fn subject(self) -> String {
        match self {
            Self::Connection(id) => id.to_string(),
            Self::Person(id) => id.to_string(),
        }
    }
}

/// A hold to be placed.
#[derive(Debug, Clone, Copy)]
pub struct HoldWish<'a> {
    /// On what.
    pub target: Target,
    /// Why: a file number, never content.
    pub reason: &'a str,
    /// For how long.
    pub days: i64,
    /// Why the people it concerns are not told of it, where the law forbids that; `None` tells them.
    pub untold: Option<&'a str>,
}

impl App {
    /// Erases what somebody asked the operator to erase; the same job as from the page. An under-age report leaves no grace.
    ///
    /// # Errors
    /// [`Error::NotFound`], or [`Error::Conflict`] when it is to be erased already and this is no under-age report.
    pub async fn operator_erase(&self, target: Target, under_age: bool) -> Result<Receipt> {
        let door = if under_age { Door::UnderAge } else { Door::Operator };
        let by = By { door, person: None };
        match target {
            Target::Connection(id) => {
                let connection = self
                    .store
                    .connection_any(id)
                    .await?
                    .filter(|row| !row.open_id.starts_with(store::erase::ERASING))
                    .ok_or(Error::NotFound { what: "connection" })?;
                self.end_connection(&connection, by, self.now()).await
            }
            Target::Person(id) => self.leave_as(id, None, by).await,
        }
    }

    /// Places a legal hold: what it names is not erased until it ends. Tokens are not held; they go whatever is held.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a reason that is empty or too long, or a time of no day or more than a year; [`Error::NotFound`] when
    /// there is no such thing, or its erasure has begun.
    pub async fn hold(&self, wish: HoldWish<'_>) -> Result<Hold> {
        self.place_hold(Operating::CommandLine, wish).await
    }

    /// The same by whoever it is, who may be asked for their passkey before.
    ///
    /// # Errors
    /// As [`App::hold`]; [`crate::operators::CONFIRM`].
    pub async fn place_hold(&self, operating: Operating<'_>, wish: HoldWish<'_>) -> Result<Hold> {
        operating.may_change(self.now())?;
        let reason = wish.reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MAX {
            return Err(Error::BadInput { code: "hold-reason" });
        }
        let untold = wish.untold.map(str::trim).filter(|why| !why.is_empty());
        if untold.is_some_and(|why| why.chars().count() > REASON_MAX) {
            return Err(Error::BadInput { code: "hold-reason" });
        }
        if !(1..=HOLD_DAYS_MAX).contains(&wish.days) {
            return Err(Error::BadInput { code: "hold-days" });
        }
        if !self.is_there(wish.target).await? {
            return Err(Error::NotFound { what: "subject" });
        }
        let now = self.now();
        let hold = Hold {
            id: HoldId::from_uuid(self.random.uuid(now)),
            unit: wish.target.unit(),
            subject_id: wish.target.subject(),
            reason: reason.to_owned(),
            placed_at: now,
            expires_at: now.plus_seconds(wish.days.saturating_mul(86_400)),
            released_at: None,
            untold: untold.map(str::to_owned),
        };
        let mut tx = self.store.begin().await?;
        tx.hold_insert(&hold).await?;
        tx.audit_append(now, &operating.audit_name(), "hold.place", &hold.subject_id, &hold.id.to_string()).await?;
        tx.commit().await?;
        Ok(hold)
    }

    /// Whether there is still something to hold.
    async fn is_there(&self, target: Target) -> Result<bool> {
        let account = match target {
            Target::Connection(id) => self.store.connection_any(id).await?.map(|row| row.open_id),
            Target::Person(id) => self.store.person(id).await?.map(|row| row.open_id),
        };
        Ok(account.is_some_and(|account| !account.starts_with(store::erase::ERASING)))
    }

    /// Ends a hold; what waited for it is erased at once.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such hold in force.
    pub async fn release_hold(&self, id: HoldId) -> Result<()> {
        self.lift_hold(Operating::CommandLine, id).await
    }

    /// The same by whoever it is, who may be asked for their passkey before.
    ///
    /// # Errors
    /// As [`App::release_hold`]; [`crate::operators::CONFIRM`].
    pub async fn lift_hold(&self, operating: Operating<'_>, id: HoldId) -> Result<()> {
        let now = self.now();
        operating.may_change(now)?;
        let mut tx = self.store.begin().await?;
        if !tx.hold_release(id, now).await? {
            return Err(Error::NotFound { what: "hold" });
        }
        // A person's erasure waits for the hold on an account of theirs, too; what another hold stops notices so again.
        tx.erasures_release(now).await?;
        tx.audit_append(now, &operating.audit_name(), "hold.release", &id.to_string(), "").await?;
        tx.commit().await?;
        self.erase_nudge.notify_one();
        Ok(())
    }

    /// Accounts whose handle or name contains a text, with their people, and people whose own name does, whether or not an account of
    /// theirs is here still. At most 1,000 of each. Names are sealed, so every row is opened and looked at.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn operator_find(&self, text: &str) -> Result<Found> {
        let accounts = self.store.connections_find(text).await?;
        let (wanted, mut people, mut after) = (text.to_lowercase(), Vec::new(), String::new());
        loop {
            let page = self.store.people_after(&after, FOUND_PAGE).await?;
            let Some(last) = page.last() else { break };
            after = last.id.to_string();
            people.extend(page.into_iter().filter(|it| {
                !it.open_id.starts_with(store::erase::ERASING)
                    && it.display_name.to_lowercase().contains(&wanted)
                    && !accounts.iter().any(|account| account.person == it.id)
            }));
            if people.len() >= FOUND_MAX {
                people.truncate(FOUND_MAX);
                break;
            }
        }
        Ok(Found { accounts, people })
    }

    /// Everything that is to be erased, and every hold, for the operator.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn operator_erasures(&self) -> Result<(Vec<Erasure>, Vec<Hold>)> {
        Ok((self.store.erasures_open().await?, self.store.holds().await?))
    }
}
