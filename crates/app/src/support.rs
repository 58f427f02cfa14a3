//! Writing to the operator: requests with a number and a date by which they are answered, and their threads.
//!
//! Owns who may write when and how much, and the reminders of what waits too long. Must not put a word of a message into log or record.

use domain::id::RequestNumber;
use domain::notice::Notice;
use domain::privacy::erasure::ALARM_DAYS;
use domain::privacy::support::{
    Author, MESSAGES_PER_HOUR, OPEN_MAX, RequestKind, RequestState, THREAD_MAX, due, message, reminders,
};
use domain::time::UnixMillis;
use store::support::NewRequest;
use store::{SupportMessage, SupportRequest, Tx};

use crate::alerts::AlertKind;
use crate::operators::Operating;
use crate::{Actor, App, Error, Result};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;
const NOT_THERE: Error = Error::NotFound { what: "request" };
const CHANGED: Error = Error::Conflict { code: "request-changed" };

/// A request with everything that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thread {
    /// The request.
    pub request: SupportRequest,
    /// Its messages, oldest first.
    pub messages: Vec<SupportMessage>,
}

impl App {
    /// The actor's requests, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn requests(&self, actor: &Actor) -> Result<Vec<SupportRequest>> {
        Ok(self.store.support_requests_of(actor.user_id).await?)
    }

    /// One request of the actor with its thread.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there or somebody else's.
    pub async fn request(&self, actor: &Actor, number: RequestNumber) -> Result<Thread> {
        let request = self.store.support_request(number).await?;
        let request = request.filter(|it| it.person_id == actor.user_id).ok_or(NOT_THERE)?;
        Ok(Thread { messages: self.store.support_messages(number).await?, request })
    }

    /// The actor asks the operator something; gives the number.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a text that is empty or too long, [`Error::Limit`] when too many requests wait or too much was written.
    pub async fn ask(&self, actor: &Actor, kind: RequestKind, text: &str) -> Result<RequestNumber> {
        let words = worded(text)?;
        let now = self.now();
        let mut tx = self.store.begin().await?;
        if tx.support_count_open(actor.user_id).await? >= OPEN_MAX {
            return Err(Error::Limit { code: "requests-open" });
        }
        may_write(&mut tx, actor, now).await?;
        let new = NewRequest { person_id: actor.user_id, kind, asked_at: now, due_at: due(now) };
        let number = tx.support_request_insert(&new).await?;
        tx.support_message_insert(number, &SupportMessage { author: Author::Person, words, at: now }).await?;
        tx.audit_append(now, &actor.user_id.to_string(), "request.open", &number.to_string(), "").await?;
        tx.commit().await?;
        Ok(number)
    }

    /// The actor writes more to a request that is not closed. Where it was answered, a new month begins.
    ///
    /// # Errors
    /// As [`App::ask`]; [`Error::NotFound`] when it is not theirs, [`Error::Conflict`] when it is closed.
    pub async fn ask_on(&self, actor: &Actor, number: RequestNumber, text: &str) -> Result<()> {
        let before = self.request(actor, number).await?.request;
        let words = worded(text)?;
        let now = self.now();
        let mut tx = self.store.begin().await?;
        may_write(&mut tx, actor, now).await?;
        let mut request = match before.state {
            RequestState::Closed => return Err(Error::Conflict { code: "request-closed" }),
            RequestState::Open => before.clone(),
            RequestState::Answered => {
                let state = RequestState::Open;
                SupportRequest { state, asked_at: now, due_at: due(now), reminded: 0, ..before.clone() }
            }
        };
        request.changed_at = now;
        written(&mut tx, &request, before.state, SupportMessage { author: Author::Person, words, at: now }).await?;
        tx.audit_append(now, &actor.user_id.to_string(), "request.write", &number.to_string(), "").await?;
        tx.commit().await.map_err(Error::from)
    }

    /// The actor needs no further answer.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs, [`Error::Conflict`] when it is closed.
    pub async fn close_request(&self, actor: &Actor, number: RequestNumber) -> Result<()> {
        let request = self.request(actor, number).await?.request;
        self.close(request, &actor.user_id.to_string()).await
    }

    /// Requests for the operator: those that wait, longest first, or all, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn operator_requests(&self, all: bool) -> Result<Vec<SupportRequest>> {
        Ok(if all { self.store.support_requests_all().await? } else { self.store.support_requests_open().await? })
    }

    /// A request with its thread, for the operator.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such request.
    pub async fn operator_request(&self, number: RequestNumber) -> Result<Thread> {
        let request = self.store.support_request(number).await?.ok_or(NOT_THERE)?;
        Ok(Thread { messages: self.store.support_messages(number).await?, request })
    }

    /// The operator answers.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a text that is empty or too long, [`Error::NotFound`] when there is no such request,
    /// [`Error::Conflict`] when it is closed.
    pub async fn operator_answer(&self, number: RequestNumber, text: &str) -> Result<()> {
        self.answer_request(Operating::CommandLine, number, text).await
    }

    /// The same by whoever it is, who may be asked for their passkey before.
    ///
    /// # Errors
    /// As [`App::operator_answer`]; [`crate::operators::CONFIRM`].
    pub async fn answer_request(&self, by: Operating<'_>, number: RequestNumber, text: &str) -> Result<()> {
        let now = self.now();
        by.may_change(now)?;
        let words = worded(text)?;
        let mut tx = self.store.begin().await?;
        let before = tx.support_request(number).await?.ok_or(NOT_THERE)?;
        match before.state {
            RequestState::Closed => return Err(Error::Conflict { code: "request-closed" }),
            RequestState::Open | RequestState::Answered => {}
        }
        let request = SupportRequest { state: RequestState::Answered, changed_at: now, ..before.clone() };
        written(&mut tx, &request, before.state, SupportMessage { author: Author::Operator, words, at: now }).await?;
        tx.notice_tell(before.person_id, Notice::RequestAnswered(number), now).await?;
        tx.audit_append(now, &by.audit_name(), "request.answer", &number.to_string(), "").await?;
        tx.commit().await.map_err(Error::from)
    }

    /// The operator closes a request.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such request, [`Error::Conflict`] when it is closed.
    pub async fn operator_close(&self, number: RequestNumber) -> Result<()> {
        self.end_request(Operating::CommandLine, number).await
    }

    /// The same by whoever it is, who may be asked for their passkey before.
    ///
    /// # Errors
    /// As [`App::operator_close`]; [`crate::operators::CONFIRM`].
    pub async fn end_request(&self, by: Operating<'_>, number: RequestNumber) -> Result<()> {
        by.may_change(self.now())?;
        let request = self.store.support_request(number).await?.ok_or(NOT_THERE)?;
        self.close(request, &by.audit_name()).await
    }

    async fn close(&self, before: SupportRequest, who: &str) -> Result<()> {
        let now = self.now();
        match before.state {
            RequestState::Closed => return Err(Error::Conflict { code: "request-closed" }),
            RequestState::Open | RequestState::Answered => {}
        }
        let closed = SupportRequest { state: RequestState::Closed, changed_at: now, ..before.clone() };
        let mut tx = self.store.begin().await?;
        if !tx.support_request_update(&closed, before.state).await? {
            return Err(CHANGED);
        }
        tx.audit_append(now, who, "request.close", &closed.number.to_string(), "").await?;
        tx.commit().await.map_err(Error::from)
    }

    /// Reminds the operator of what waits for twenty days, twenty-seven, and longer than a month: once each in the log, and by the alert
    /// for as long as it waits. Gives how many wait so long.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remind_of_requests(&self) -> Result<u64> {
        let now = self.now();
        let [first_days, _] = ALARM_DAYS;
        let before = now.plus_millis(-first_days.saturating_mul(DAY_MS));
        let waiting = self.store.support_requests_waiting(before).await?;
        for it in &waiting {
            self.alerts.note(AlertKind::OverdueRequests);
            let reminded = reminders(it.asked_at, now);
            if reminded <= it.reminded {
                continue;
            }
            let mut tx = self.store.begin().await?;
            let first = tx.support_request_update(&SupportRequest { reminded, ..it.clone() }, it.state).await?;
            tx.commit().await?;
            if first {
                let due = it.due_at.date();
                tracing::error!(request = %it.number, kind = it.kind.as_str(), %due, "a request waits for an answer");
            }
        }
        Ok(u64::try_from(waiting.len()).unwrap_or(u64::MAX))
    }
}

fn worded(text: &str) -> Result<String> {
    message(text).ok_or(Error::BadInput { code: "request-text" })
}

async fn may_write(tx: &mut Tx, actor: &Actor, now: UnixMillis) -> Result<()> {
    if tx.support_count_written(actor.user_id, now.plus_millis(-HOUR_MS)).await? >= MESSAGES_PER_HOUR {
        return Err(Error::Limit { code: "requests-often" });
    }
    Ok(())
}

async fn written(tx: &mut Tx, after: &SupportRequest, before: RequestState, message: SupportMessage) -> Result<()> {
    if tx.support_count_thread(after.number).await? >= THREAD_MAX {
        return Err(Error::Limit { code: "request-long" });
    }
    if !tx.support_request_update(after, before).await? {
        return Err(CHANGED);
    }
    tx.support_message_insert(after.number, &message).await.map_err(Error::from)
}
