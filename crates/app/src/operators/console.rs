//! What an operator sees and does at the pages: figures, ids and duties of the whole instance. Owns what is read for it.
//!
//! Must not show a token, a caption, a file or a name of anybody; the one thing of people's own that is read here are requests to the operator.

use std::collections::BTreeMap;

use domain::id::RequestNumber;
use domain::privacy::documents::{Answer, Document, Version, day_of};
use domain::time::UnixMillis;
use store::audit::Verdict;
use store::console::{NeedsHelp, Node, Stored, Sweep, Tickets};
use store::operator::ListedOperator;
use store::{AuditEntry, Erasure, Hold};

use super::OperatorActor;
use crate::health::{Measurements, NotReady};
use crate::keys::{InUse, in_use};
use crate::promises::Look;
use crate::support::Thread;
use crate::{App, Result};

const DAY_MS: i64 = 86_400_000;
/// Entries of the audit record on one page.
const AUDIT_LIMIT: u32 = 200;
/// Longest filter, characters.
const FILTER_MAX: usize = 60;

/// Posts that failed or wait for a person, of one code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailureCount {
    /// Our code.
    pub code: String,
    /// In the last 24 hours.
    pub day: u64,
    /// In the last seven days.
    pub week: u64,
}

/// One version of the instance key; nothing of the key itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyStatus {
    /// Its number.
    pub version: i64,
    /// This process has it.
    pub there: bool,
    /// It seals what is written from now on.
    pub seals: bool,
    /// How many things need it.
    pub in_use: u64,
}

/// How the instance is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overview {
    /// What keeps this process from working.
    pub not_ready: Vec<NotReady>,
    /// Punctuality, disk and alerts.
    pub measured: Measurements,
    /// What failed lately, most frequent first.
    pub failures: Vec<FailureCount>,
    /// How many accounts there are in each state.
    pub connections: Vec<(String, i64)>,
    /// Accounts that have to be connected again.
    pub in_need: Vec<NeedsHelp>,
    /// What lies on disk.
    pub stored: Stored,
    /// Versions of the instance key.
    pub keys: Vec<KeyStatus>,
    /// Processes that were seen.
    pub nodes: Vec<Node>,
    /// Requests that wait for an answer, and those of them that are overdue.
    pub requests: (usize, usize),
}

/// How people stand to one version of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// The version.
    pub version: &'static Version,
    /// It applies already.
    pub in_force: bool,
    /// Accepted or read.
    pub agreed: u64,
    /// Refused.
    pub refused: u64,
    /// Said nothing yet.
    pub silent: u64,
}

/// What is owed, and by when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duties {
    /// Erasures under way.
    pub erasures: Vec<Erasure>,
    /// Legal holds.
    pub holds: Vec<Hold>,
    /// Grants whose end TikTok has not confirmed.
    pub tickets: Tickets,
    /// What the sweeper last looked for.
    pub sweeps: Vec<Sweep>,
    /// Versions that wait for people's answers.
    pub answers: Vec<Answers>,
}

impl App {
    /// How the instance is.
    ///
    /// # Errors
    /// When the database or the disk does not answer.
    pub async fn console_overview(&self, _actor: &OperatorActor) -> Result<Overview> {
        let now = self.now();
        let waiting = self.store.support_requests_open().await?;
        let overdue = waiting.iter().filter(|it| now > it.due_at).count();
        Ok(Overview {
            not_ready: self.not_ready().await,
            measured: self.measurements().await?,
            failures: self.failures(now).await?,
            connections: self.store.connection_counts().await?,
            in_need: self.store.connections_in_need().await?,
            stored: self.store.stored().await?,
            keys: self.key_status().await?,
            nodes: self.store.nodes().await?,
            requests: (waiting.len(), overdue),
        })
    }

    async fn failures(&self, now: UnixMillis) -> Result<Vec<FailureCount>> {
        let day = now.plus_millis(-DAY_MS);
        let mut counts: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for (code, at) in self.store.failed_since(now.plus_millis(-7 * DAY_MS)).await? {
            let (in_day, in_week) = counts.entry(code).or_default();
            *in_week += 1;
            *in_day += u64::from(at >= day);
        }
        let mut counts: Vec<_> =
            counts.into_iter().map(|(code, (day, week))| FailureCount { code, day, week }).collect();
        counts.sort_by_key(|it| std::cmp::Reverse((it.day, it.week)));
        Ok(counts)
    }

    async fn key_status(&self) -> Result<Vec<KeyStatus>> {
        let mut needed: BTreeMap<i64, u64> = self.keys.versions().into_iter().map(|version| (version, 0)).collect();
        for InUse { version, count, .. } in in_use(&self.store).await? {
            let all = needed.entry(version).or_default();
            *all = all.saturating_add(count);
        }
        let (there, current) = (self.keys.versions(), self.keys.current_version());
        let status = |(version, in_use)| KeyStatus {
            version,
            there: there.contains(&version),
            seals: version == current,
            in_use,
        };
        Ok(needed.into_iter().map(status).collect())
    }

    /// What is owed, and by when.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn console_duties(&self, _actor: &OperatorActor) -> Result<Duties> {
        let now = self.now();
        let (erasures, holds) = self.operator_erasures().await?;
        Ok(Duties {
            erasures,
            holds,
            tickets: self.store.ticket_counts(now).await?,
            sweeps: self.store.sweeps().await?,
            answers: self.answers(now).await?,
        })
    }

    async fn answers(&self, now: UnixMillis) -> Result<Vec<Answers>> {
        let today = day_of(now);
        let people = u64::try_from(self.store.people_count().await?).unwrap_or(0);
        let given = self.store.answer_counts().await?;
        let count = |version: &Version, permits: bool| -> u64 {
            let of_version = given.iter().filter(|it| {
                it.document == version.document.as_str()
                    && it.version == version.id
                    && Answer::parse(&it.answer).is_some_and(|answer| answer.permits() == permits)
            });
            of_version.map(|it| u64::try_from(it.people).unwrap_or(0)).sum()
        };
        let open = Document::ALL.into_iter().flat_map(Document::versions).filter(|version| version.material);
        Ok(open
            .map(|version| {
                let (agreed, refused) = (count(version, true), count(version, false));
                let silent = people.saturating_sub(agreed).saturating_sub(refused);
                Answers { version, in_force: version.effective <= today, agreed, refused, silent }
            })
            .collect())
    }

    /// A request with its thread. That an operator read it is in the audit record.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] when there is no such request.
    pub async fn console_request(&self, actor: &OperatorActor, number: RequestNumber) -> Result<Thread> {
        let thread = self.operator_request(number).await?;
        self.note_look(actor, "request.read", &number.to_string(), "").await?;
        Ok(thread)
    }

    /// The newest entries of the audit record whose action begins like this. That an operator looked is an entry, too.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn console_audit(&self, actor: &OperatorActor, action: &str) -> Result<Vec<AuditEntry>> {
        // Actions are words of ours. Whatever else was typed, a name perhaps, must not be kept in a record that nobody can erase.
        let is_of_an_action = |c: &char| matches!(c, 'a'..='z' | '.' | '-' | '_');
        let action: String = action.trim().chars().filter(is_of_an_action).take(FILTER_MAX).collect();
        let entries = self.store.audit_latest_of(&action, AUDIT_LIMIT).await?;
        self.note_looked(actor, "audit.show", &action).await;
        Ok(entries)
    }

    /// Walks the audit record.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn console_audit_verify(&self, actor: &OperatorActor) -> Result<Verdict> {
        let verdict = self.store.audit_verify(None).await?;
        let found = match &verdict {
            Verdict::Intact(_) => "intact",
            Verdict::NotBegun => "not begun",
            Verdict::Broken(..) => "broken",
        };
        self.note_looked(actor, "audit.verify", found).await;
        Ok(verdict)
    }

    /// A look at what the instance holds, against what the policy promises.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn console_promises(&self, actor: &OperatorActor) -> Result<Vec<Look>> {
        let looks = self.look_at_promises().await?;
        self.note_looked(actor, "policy.check", "").await;
        Ok(looks)
    }

    /// Everybody who operates the instance.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn console_operators(&self, _actor: &OperatorActor) -> Result<Vec<ListedOperator>> {
        self.operators().await
    }

    /// Notes a look at what shows whether the record is whole. One that is broken takes no entries, and that has to be seen all the same.
    async fn note_looked(&self, actor: &OperatorActor, action: &str, detail: &str) {
        if let Err(error) = self.note_look(actor, action, "", detail).await {
            tracing::error!(%error, action, "that an operator looked could not be noted");
        }
    }

    async fn note_look(&self, actor: &OperatorActor, action: &str, subject: &str, detail: &str) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        tx.audit_append(now, &actor.audit_name(), action, subject, detail).await?;
        tx.commit().await.map_err(crate::Error::from)
    }
}
