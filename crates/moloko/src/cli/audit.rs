//! `moloko audit`: shows the audit record, and walks it to find what was changed behind the program's back.

use crate::args::{AuditShowArgs, AuditVerifyArgs};
use crate::operator;
use crate::terminal::say;
use anyhow::Context;
use app::{Clock, SystemClock};
use domain::time::UnixMillis;
use std::process::ExitCode;
use store::audit::{OPERATOR, Verdict, Walk};

/// Exit 0 when every entry is as it was written and none is missing, 1 otherwise.
pub async fn verify(args: &AuditVerifyArgs) -> anyhow::Result<ExitCode> {
    let config = super::settings(&args.instance)?;
    let note = args.noted.as_deref().map(noted).transpose()?;
    let store = operator::open(&config).await?;
    let verdict = store.audit_verify(note).await?;
    store.close().await;
    Ok(match verdict {
        Verdict::NotBegun => {
            say("no audit record has begun in this database; it begins with the first start of the service");
            ExitCode::from(1)
        }
        Verdict::Intact(walk) => {
            say(&format!("{}\nnothing was changed and nothing is missing", seen(&walk)));
            ExitCode::SUCCESS
        }
        Verdict::Broken(walk, broken) => {
            say(&format!(
                "{}\nBROKEN: {broken}\nWhat comes behind it was not looked at. Somebody changed the database behind the program's back, or an \
                 older copy was put back: keep a copy as it is, compare it with a backup, and see docs/operating.md.",
                seen(&walk)
            ));
            ExitCode::from(1)
        }
    })
}

fn noted(text: &str) -> anyhow::Result<(i64, &str)> {
    text.split_once(':').and_then(|(seq, hash)| Some((seq.parse().ok()?, hash))).with_context(|| {
        format!("\"{text}\" is not NUMBER:HASH, as an earlier `moloko audit verify` or the log gave it")
    })
}

fn seen(walk: &Walk) -> String {
    let when = |at: Option<UnixMillis>| at.map_or_else(|| "-".to_owned(), UnixMillis::in_utc);
    let mut text = format!("{} intact entries, {} to {}", walk.entries, when(walk.first_at), when(walk.last_at));
    text.push_str(&format!("\nchained since {}", when(walk.began_at)));
    if walk.removed_upto > 0 {
        text.push_str(&format!("; entries up to {} were removed because their time was over", walk.removed_upto));
    }
    let (seq, hash) = &walk.head;
    text.push_str(&format!("\nthe last one is {seq}:{hash}"));
    text
}

/// The newest entries, and a new one that says that they were looked at.
pub async fn show(args: &AuditShowArgs) -> anyhow::Result<()> {
    let config = super::settings(&args.instance)?;
    let store = operator::open(&config).await?;
    let action = args.action.as_deref().unwrap_or_default();
    let entries = store.audit_latest_of(action, args.limit).await?;
    let mut tx = store.begin().await?;
    tx.audit_append(SystemClock::new().now(), OPERATOR, "audit.show", "", action).await?;
    tx.commit().await?;
    store.close().await;
    for entry in &entries {
        say(&if args.json {
            serde_json::json!({
                "seq": entry.seq, "at": entry.at.in_utc(), "actor": entry.actor, "action": entry.action,
                "subject": entry.subject, "detail": entry.detail,
            })
            .to_string()
        } else {
            let word = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
            format!(
                "{:>6}  {}  {:<28} {:<36} {:<36} {}",
                entry.seq,
                entry.at.in_utc(),
                entry.action,
                word(&entry.actor),
                word(&entry.subject),
                entry.detail
            )
            .trim_end()
            .to_owned()
        });
    }
    if entries.is_empty() {
        say("no such entry");
    }
    Ok(())
}
