//! The report on an incident: whom it concerns, which data of theirs were held, and until when it has to be told.
//!
//! Owns what belongs into the report and that making one is recorded. For whoever operates the instance, at its command line; holds ids and
//! names, never content. What was held is read from the data map, so that no column is forgotten.

use std::collections::{BTreeMap, BTreeSet};

use domain::privacy::retention::{Class, DATA_MAP, DataClass, ErasePath};
use domain::time::UnixMillis;
use store::Store;
use store::audit::OPERATOR;
pub use store::incident::{Affected, Concerned, Span};

/// People read at once.
const PAGE: u32 = 500;
/// People one report names; the rest is counted, and a shorter period or one account names them.
const PEOPLE_MAX: usize = 100_000;
/// How long there is until the authority has to be told, milliseconds (72 hours after the incident was noticed).
const TELL_WITHIN_MS: i64 = 72 * 3_600_000;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum IncidentError {
    /// The period is upside down.
    #[error("the period ends before it begins; give the earlier moment first")]
    Backwards,
    /// The id or the version names nobody who is here.
    #[error(
        "there is nobody whom this concerns: no such person, account or key version is in the database; was it erased, or mistyped?"
    )]
    Nobody,
    /// The database refused or did not answer.
    #[error("database: {0}")]
    Store(#[from] store::StoreError),
}

/// What is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Incident {
    /// From when something may have been open.
    pub from: UnixMillis,
    /// Until when.
    pub to: UnixMillis,
    /// Whom it concerns.
    pub concerned: Concerned,
    /// When it was noticed.
    pub noticed_at: UnixMillis,
}

/// Data of one class that were held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The class, a word of ours.
    pub class: &'static str,
    /// Rows in the tables that hold it.
    pub rows: u64,
    /// Columns, as `table.column`.
    pub columns: Vec<String>,
    /// Clauses of the policy under which they are held.
    pub clauses: Vec<&'static str>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What was asked.
    pub asked: Incident,
    /// When the report was made.
    pub made_at: UnixMillis,
    /// Until when the authority has to be told.
    pub tell_by: UnixMillis,
    /// Whom it concerns.
    pub people: Vec<Affected>,
    /// How many more there are.
    pub people_left_out: u64,
    /// What was held of them all, by class.
    pub held: Vec<Held>,
    /// Sign-ins of them within the period, with the first and the last.
    pub sign_ins: Span,
    /// Audit entries by or about them within the period.
    pub entries: Span,
    /// Audit entries of everybody within the period.
    pub entries_of_all: Span,
}

/// Makes a report and records that it was made.
///
/// # Errors
/// See [`IncidentError`].
pub async fn report(store: &Store, asked: Incident, now: UnixMillis) -> Result<Report, IncidentError> {
    if asked.to < asked.from {
        return Err(IncidentError::Backwards);
    }
    let period = (asked.from, asked.to);
    let (mut people, mut people_left_out) = (Vec::new(), 0_u64);
    let mut rows: BTreeMap<&'static str, u64> = BTreeMap::new();
    let (mut sign_ins, mut entries) = (NOTHING, NOTHING);
    let mut after = None;
    loop {
        let page = store.incident_page(asked.concerned, period, after, PAGE).await?;
        let Some(last) = page.last() else { break };
        after = Some(last.person);
        for one in page {
            for (table, many) in one.rows {
                *rows.entry(table).or_default() += many;
            }
            sign_ins = joined(sign_ins, (one.sign_ins, one.first_sign_in_at, one.last_sign_in_at));
            entries = joined(entries, (one.entries, one.first_entry_at, one.last_entry_at));
            // The record itself is data about them.
            *rows.entry("audit").or_default() += one.entries;
            if people.len() < PEOPLE_MAX { people.push(one) } else { people_left_out += 1 }
        }
    }
    if people.is_empty() && asked.concerned != Concerned::Everybody {
        return Err(IncidentError::Nobody);
    }
    let report = Report {
        asked,
        made_at: now,
        tell_by: asked.noticed_at.plus_millis(TELL_WITHIN_MS),
        held: held(asked.concerned, &rows),
        people,
        people_left_out,
        sign_ins,
        entries,
        entries_of_all: store.incident_span(period).await?,
    };
    record(store, &report, now).await?;
    Ok(report)
}

async fn record(store: &Store, report: &Report, now: UnixMillis) -> Result<(), store::StoreError> {
    let subject = match report.asked.concerned {
        Concerned::Everybody => String::new(),
        Concerned::Person(id) => id.to_string(),
        Concerned::Connection(id) => id.to_string(),
        Concerned::KeyVersion(version) => format!("key v{version}"),
    };
    let people = u64::try_from(report.people.len()).unwrap_or(u64::MAX).saturating_add(report.people_left_out);
    let (from, to) = (report.asked.from.in_utc(), report.asked.to.in_utc());
    let mut tx = store.begin().await?;
    tx.audit_append(now, OPERATOR, "incident.report", &subject, &format!("{from} to {to}, people: {people}")).await?;
    tx.commit().await
}

const NOTHING: Span = Span { entries: 0, first_at: None, last_at: None };

fn joined(span: Span, (many, first, last): (u64, Option<UnixMillis>, Option<UnixMillis>)) -> Span {
    Span {
        entries: span.entries.saturating_add(many),
        first_at: [span.first_at, first].into_iter().flatten().min(),
        last_at: [span.last_at, last].into_iter().flatten().max(),
    }
}

/// What the data map says about the classes of which something was found. A key opens only what is sealed under it.
///
/// Tables that are not counted hang on those that are (a post's photos on the post), so they count as found with their class.
fn held(concerned: Concerned, rows: &BTreeMap<&'static str, u64>) -> Vec<Held> {
    let exposed = |data: &DataClass| match concerned {
        Concerned::KeyVersion(_) => data.sealed.is_some() || data.column.ends_with("_sealed"),
        Concerned::Everybody | Concerned::Person(_) | Concerned::Connection(_) => true,
    };
    let mut classes: BTreeMap<&'static str, (BTreeSet<&'static str>, Held)> = BTreeMap::new();
    for data in DATA_MAP.iter().filter(|data| data.class.erase() != ErasePath::NotPersonal && exposed(data)) {
        let many = rows.get(data.table).copied();
        if many == Some(0) {
            continue;
        }
        let class = word(data.class);
        let new = || (BTreeSet::new(), Held { class, rows: 0, columns: Vec::new(), clauses: Vec::new() });
        let (tables, held) = classes.entry(class).or_insert_with(new);
        if let Some(many) = many.filter(|_| tables.insert(data.table)) {
            held.rows = held.rows.saturating_add(many);
        }
        held.columns.push(format!("{}.{}", data.table, data.column));
        if !held.clauses.contains(&data.clause.0) {
            held.clauses.push(data.clause.0);
        }
    }
    classes.into_values().map(|(_, held)| held).filter(|held| held.rows > 0).collect()
}

/// A class in a word.
const fn word(class: Class) -> &'static str {
    match class {
        Class::Person => "person",
        Class::ConnectionProfile => "TikTok account",
        Class::Tokens => "tokens (sealed)",
        Class::Keys => "keys of names and words (sealed)",
        Class::Media => "files",
        Class::Posts => "posts",
        Class::Consents => "consents",
        Class::Attempts => "publishing history",
        Class::Metrics => "numbers of posts and accounts",
        Class::Sessions => "sessions",
        Class::Support => "requests to the operator",
        Class::Notices => "news for the person",
        Class::Audit => "audit record",
        Class::Requests => "request log",
        Class::Erasure => "receipts of erasures",
        Class::Ticket => "revocation tickets (sealed)",
        Class::Hold => "legal holds",
        Class::Exports => "exports",
        Class::Operators => "operators",
        Class::Instance => "instance",
    }
}
