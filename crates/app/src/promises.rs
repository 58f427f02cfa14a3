//! A look at what an instance holds, against what the policy promises about it. Owns which promises can be looked at in the data itself; changes
//! nothing. Whether the mechanisms work is shown by tests, not here.

use std::collections::BTreeSet;

use domain::privacy::clauses::{ClauseId, PURGE_INTERVAL_DAYS};
use domain::privacy::retention::{Class, DATA_MAP};
use domain::time::UnixMillis;
use store::audit::Verdict;
use store::purge::Stays;

use crate::{App, Result};

const DAY_MS: i64 = 86_400_000;

/// What was seen of one promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    /// Which one.
    pub clause: ClauseId,
    /// Whether what was seen agrees with it.
    pub kept: bool,
    /// What was seen, in one English sentence.
    pub seen: String,
}

fn look(clause: &'static str, kept: bool, seen: impl Into<String>) -> Look {
    Look { clause: ClauseId(clause), kept, seen: seen.into() }
}

/// "nothing of a kind is left" or how much is.
fn nothing_left(clause: &'static str, what: &str, left: i64) -> Look {
    look(clause, left == 0, format!("{left} {what}"))
}

impl App {
    /// Looks at the data of the whole instance, in the order of the policy.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn look_at_promises(&self) -> Result<Vec<Look>> {
        let now = self.now();
        let mut looks = vec![self.look_at_columns().await?];
        if let Some((there, wanted)) = self.store.wall().await? {
            looks.push(look("PP-4.5", there == wanted, format!("row policies on {there} of {wanted} tables")));
        }
        looks.push(match self.store.audit_verify(None).await? {
            Verdict::Intact(walk) => look("PP-5.5", true, format!("the audit record holds, {} entries", walk.entries)),
            Verdict::NotBegun => look("PP-5.5", false, "no audit record has begun"),
            Verdict::Broken(_, broken) => look("PP-5.5", false, format!("the audit record is broken: {broken}")),
        });
        let since = |class: Class, otherwise: UnixMillis| {
            let days = class.retention().active_days.map(|days| days.saturating_add(PURGE_INTERVAL_DAYS));
            days.map_or(otherwise, |days| now.plus_millis(days.saturating_mul(-DAY_MS)))
        };
        let left = self
            .store
            .overstayed(Stays {
                attempts: since(Class::Attempts, UnixMillis::from_millis(0)),
                expired: now.plus_millis(PURGE_INTERVAL_DAYS.saturating_mul(-DAY_MS)),
                audit: since(Class::Audit, UnixMillis::from_millis(0)),
                erasures: now,
                metrics: since(Class::Metrics, UnixMillis::from_millis(0)),
            })
            .await?;
        looks.extend([
            nothing_left("PP-6.1", "attempts of publishing older than their days", left.attempts),
            nothing_left("PP-6.1", "audit entries older than their days", left.audit),
            nothing_left("PP-6.1", "numbers of TikTok older than their days", left.metrics),
            nothing_left("PP-6.1", "sessions and sign-ins that expired more than a day ago", left.sessions),
            nothing_left("PP-6.3", "disconnected accounts that still have tokens", left.tokens),
            nothing_left("PP-6.3", "sealed notes for a revocation past their day", left.tickets),
            nothing_left("PP-6.4", "unfinished uploads that expired more than a day ago", left.uploads),
            nothing_left("PP-6.7", "erasures past their deadline", left.erasures),
        ]);
        Ok(looks)
    }

    async fn look_at_columns(&self) -> Result<Look> {
        let listed: BTreeSet<(&str, &str)> = DATA_MAP.iter().map(|it| (it.table, it.column)).collect();
        let there = self.store.columns().await?;
        let unlisted: Vec<String> = there
            .iter()
            .filter(|(table, column)| !listed.contains(&(table.as_str(), column.as_str())))
            .map(|(table, column)| format!("{table}.{column}"))
            .collect();
        Ok(if unlisted.is_empty() {
            look("PP-1.6", true, format!("all {} columns of the database stand in the data map", there.len()))
        } else {
            look("PP-1.6", false, format!("not in the data map: {}", unlisted.join(", ")))
        })
    }
}
