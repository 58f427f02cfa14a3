//! `moloko policy check`: each clause of the privacy policy with what keeps it, the tests that show it, and what was seen in this instance.
//! Owns the report and the reading of test results; what keeps a clause is in `clauses.toml`.

use crate::args::PolicyCheckArgs;
use crate::config::{Config, Mode};
use crate::service;
use crate::terminal::say;
use anyhow::{Context, bail};
use app::promises::Look;
use domain::privacy::clauses::{ClauseId, ERASURE_DAYS, PURGE_INTERVAL_DAYS, REQUEST_LOG_DAYS, REQUEST_LOG_IP_DAYS};
use domain::privacy::promises::{PROMISES, Promise, Proof};
use serde::Deserialize;
use std::path::Path;
use std::process::ExitCode;

/// Test results are larger than this only by mistake, bytes.
const EVIDENCE_MAX: u64 = 16 * 1024 * 1024;

/// What the tests said, as `make test` writes it down.
#[derive(Debug, Deserialize)]
struct Evidence {
    /// When they ran.
    at: String,
    /// Names that begin with a clause, without their modules.
    tests: Vec<TestResult>,
}

#[derive(Debug, Deserialize)]
struct TestResult {
    name: String,
    passed: bool,
}

/// How a clause stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    /// Something was seen that shows it: a test's result, or the instance itself.
    Kept,
    /// The tests of this version show it; nobody looked here and now.
    ByTests,
    InPart,
    Duty,
    Broken,
}

impl Standing {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Kept => "kept",
            Self::ByTests => "by its tests",
            Self::InPart => "kept in part",
            Self::Duty => "operator's duty",
            Self::Broken => "BROKEN",
        }
    }
}

/// One clause of the report.
struct Row<'a> {
    promise: &'static Promise,
    standing: Standing,
    /// Tests that passed, and those that did not; none where no results were given.
    tests: Option<(usize, Vec<&'a str>)>,
    looks: Vec<&'a Look>,
}

/// Exit 0 when nothing speaks against a promise, 1 otherwise.
pub async fn check(args: &PolicyCheckArgs) -> anyhow::Result<ExitCode> {
    let evidence = args.evidence.as_deref().map(read).transpose()?;
    let looks = if args.program_only { Vec::new() } else { look(args).await? };
    let rows: Vec<Row<'_>> = PROMISES.iter().map(|promise| row(promise, evidence.as_ref(), &looks)).collect();
    for row in &rows {
        say(&if args.json { json(row, evidence.as_ref()) } else { text(row, evidence.as_ref()) });
    }
    let count = |standing| rows.iter().filter(|row| row.standing == standing).count();
    let broken = count(Standing::Broken);
    if !args.json {
        say(&format!(
            "{} clauses: {} kept, {} shown by the tests of this version alone, {} kept in part, {} of the operator alone, {broken} broken",
            rows.len(),
            count(Standing::Kept),
            count(Standing::ByTests),
            count(Standing::InPart),
            count(Standing::Duty),
        ));
    }
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn read(path: &Path) -> anyhow::Result<Evidence> {
    let size = std::fs::metadata(path).with_context(|| format!("{} cannot be read", path.display()))?.len();
    if size > EVIDENCE_MAX {
        bail!("{} has {size} bytes; results of tests have at most {EVIDENCE_MAX}", path.display());
    }
    let text = std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not what `make test` writes", path.display()))
}

async fn look(args: &PolicyCheckArgs) -> anyhow::Result<Vec<Look>> {
    let config = super::settings(&args.instance)?;
    let mut looks = settings(&config);
    let app = service::beside(&config).await?;
    looks.extend(app.look_at_promises().await?);
    app.store.close().await;
    Ok(looks)
}

/// What the settings say about promises. Contradictions refuse the start; here they are seen without one.
fn settings(config: &Config) -> Vec<Look> {
    let look = |clause, kept, seen: String| Look { clause: ClauseId(clause), kept, seen };
    let log = config.request_log.map_or_else(
        || look("PP-1.5", true, "no request log is kept".to_owned()),
        |keep| {
            let kept = keep.days <= REQUEST_LOG_DAYS && keep.ip_days <= REQUEST_LOG_IP_DAYS;
            look(
                "PP-1.5",
                kept,
                format!("the request log is kept for {} days, with addresses for {}", keep.days, keep.ip_days),
            )
        },
    );
    let days = i64::from(config.erasure_grace_days) + PURGE_INTERVAL_DAYS + i64::from(config.backup_days);
    let safe = config.public_url.is_https() || config.public_url.is_loopback();
    vec![
        log,
        look("PP-5.0", true, format!("the policy says that the data is in {}", config.data_location)),
        look("PP-5.1", safe, format!("the public address is {}", config.public_url.url())),
        look("PP-6.6", days <= ERASURE_DAYS, format!("grace, purge and backups take {days} of {ERASURE_DAYS} days")),
        look(
            "PP-10.1",
            config.contact.is_some() || config.mode == Mode::Development,
            config.contact.as_ref().map_or_else(|| "no contact is set".to_owned(), |it| format!("the contact is {it}")),
        ),
    ]
}

fn row<'a>(promise: &'static Promise, evidence: Option<&'a Evidence>, looks: &'a [Look]) -> Row<'a> {
    let tests = evidence.map(|evidence| {
        let prefix = promise.test_prefix();
        let own = evidence.tests.iter().filter(|test| test.name.contains(&prefix));
        let (passed, failed): (Vec<_>, Vec<_>) = own.partition(|test| test.passed);
        (passed.len(), failed.into_iter().map(|test| test.name.as_str()).collect::<Vec<_>>())
    });
    let looks: Vec<&Look> = looks.iter().filter(|look| look.clause == promise.clause).collect();
    let untested = match (promise.proof, &tests) {
        (Proof::Test, Some((passed, failed))) => *passed == 0 || !failed.is_empty(),
        (Proof::Duty, Some((_, failed))) => !failed.is_empty(),
        (Proof::Test | Proof::Duty, None) => false,
    };
    let standing = if untested || looks.iter().any(|look| !look.kept) {
        Standing::Broken
    } else if promise.proof == Proof::Duty {
        Standing::Duty
    } else if promise.missing.is_some() {
        Standing::InPart
    } else if tests.is_none() && looks.is_empty() {
        Standing::ByTests
    } else {
        Standing::Kept
    };
    Row { promise, standing, tests, looks }
}

fn text(row: &Row<'_>, evidence: Option<&Evidence>) -> String {
    let mut lines = vec![format!("{:<8} {:<15} {}", row.promise.clause.0, row.standing.as_str(), row.promise.how.en)];
    match (&row.tests, evidence) {
        (Some((0, failed)), Some(_)) if failed.is_empty() && row.promise.proof == Proof::Test => {
            lines.push(format!("no test is named {}…", row.promise.test_prefix()));
        }
        (Some((passed, failed)), Some(evidence)) => {
            if *passed > 0 {
                lines.push(format!("{passed} tests named {}… passed, {}", row.promise.test_prefix(), evidence.at));
            }
            lines.extend(failed.iter().map(|name| format!("FAILED: {name}")));
        }
        (None, _) | (Some(_), None) => {}
    }
    lines.extend(
        row.looks.iter().map(|look| format!("{}: {}", if look.kept { "seen" } else { "AGAINST IT" }, look.seen)),
    );
    lines.extend(row.promise.missing.map(|missing| format!("missing: {}", missing.en)));
    lines.join("\n                         ")
}

fn json(row: &Row<'_>, evidence: Option<&Evidence>) -> String {
    serde_json::json!({
        "clause": row.promise.clause.0,
        "standing": row.standing.as_str(),
        "how": row.promise.how.en,
        "missing": row.promise.missing.map(|missing| missing.en),
        "tests_passed": row.tests.as_ref().map(|tests| tests.0),
        "tests_failed": row.tests.as_ref().map(|tests| &tests.1),
        "tests_at": evidence.map(|evidence| &evidence.at),
        "seen": row.looks.iter().map(|look| serde_json::json!({ "kept": look.kept, "what": look.seen })).collect::<Vec<_>>(),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn promise(clause: &str) -> &'static Promise {
        PROMISES.iter().find(|it| it.clause.0 == clause).unwrap()
    }

    fn evidence(tests: &[(&str, bool)]) -> Evidence {
        let tests = tests.iter().map(|(name, passed)| TestResult { name: (*name).to_owned(), passed: *passed });
        Evidence { at: "2026-11-26T12:00:00Z".to_owned(), tests: tests.collect() }
    }

    #[test]
    fn a_promise_needs_a_test_that_passed_and_none_that_failed() {
        let standing = |evidence: &Evidence| row(promise("PP-6.3"), Some(evidence), &[]).standing;
        assert_eq!(standing(&evidence(&[("disconnecting::pp_6_3_tokens_are_gone", true)])), Standing::Kept);
        assert_eq!(
            standing(&evidence(&[("pp_6_4_something_else", true), ("pp_6_30_nor_this", true)])),
            Standing::Broken
        );
        assert_eq!(standing(&evidence(&[("pp_6_3_a", true), ("pp_6_3_b", false)])), Standing::Broken);
        assert_eq!(row(promise("PP-6.3"), None, &[]).standing, Standing::ByTests, "nobody asked for tests");
    }

    #[test]
    fn what_is_seen_in_an_instance_can_break_a_promise() {
        let looks =
            [Look { clause: ClauseId("PP-6.7"), kept: false, seen: "2 erasures past their deadline".to_owned() }];
        let row = row(promise("PP-6.7"), None, &looks);
        assert_eq!(row.standing, Standing::Broken);
        assert!(text(&row, None).contains("AGAINST IT: 2 erasures"));
    }
}
