//! `moloko incident report`: whom an incident concerns, what was held of them, and until when it has to be told.

use crate::args::IncidentReportArgs;
use crate::operator;
use crate::terminal::say;
use anyhow::Context;
use app::incident::{Affected, Concerned, Held, Incident, Report, Span, report};
use app::{Clock, SystemClock};
use domain::time::{Date, UnixMillis};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// People that the text for reading names; `--json` names all.
const NAMED: usize = 50;

pub async fn run(args: &IncidentReportArgs) -> anyhow::Result<()> {
    let config = super::settings(&args.instance)?;
    let now = SystemClock::new().now();
    let concerned = match (&args.person, &args.connection, args.key) {
        (Some(id), _, _) => Concerned::Person(id.parse().context("--person is not the id of a person")?),
        (None, Some(id), _) => Concerned::Connection(id.parse().context("--connection is not the id of an account")?),
        (None, None, Some(version)) => Concerned::KeyVersion(version),
        (None, None, None) => Concerned::Everybody,
    };
    let asked = Incident {
        from: instant(&args.from, Edge::Start)?,
        to: instant(&args.to, Edge::End)?,
        concerned,
        noticed_at: args.noticed_at.as_deref().map_or(Ok(now), |text| instant(text, Edge::Start))?,
    };
    let store = operator::open(&config).await?;
    let made = report(&store, asked, now).await;
    store.close().await;
    let made = made.context("no report")?;
    say(&if args.json { document(&made).to_string() } else { text(&made) });
    Ok(())
}

enum Edge {
    Start,
    End,
}

/// A day, or an instant with its zone.
fn instant(text: &str, edge: Edge) -> anyhow::Result<UnixMillis> {
    if let Ok(date) = text.parse::<Date>() {
        return Ok(match edge {
            Edge::Start => date.start(),
            Edge::End => date.end().plus_millis(-1),
        });
    }
    let at: jiff::Timestamp = text
        .parse()
        .with_context(|| format!("\"{text}\" is neither a day (2026-11-26) nor a time (2026-11-26T14:00:00Z)"))?;
    Ok(UnixMillis::from_millis(at.as_millisecond()))
}

fn about(concerned: Concerned) -> String {
    match concerned {
        Concerned::Everybody => "everybody whose data were held until the end of the period".to_owned(),
        Concerned::Person(id) => format!("person {id}"),
        Concerned::Connection(id) => format!("TikTok account {id}"),
        Concerned::KeyVersion(version) => format!("whatever is sealed under version {version} of the instance key"),
    }
}

fn span(span: Span) -> String {
    match (span.first_at, span.last_at) {
        (Some(first), Some(last)) => format!("{}, {} to {}", span.entries, first.in_utc(), last.in_utc()),
        (_, _) => span.entries.to_string(),
    }
}

fn text(report: &Report) -> String {
    let mut lines = vec![
        format!("INCIDENT REPORT, made {}", report.made_at.in_utc()),
        format!("period      {} to {}", report.asked.from.in_utc(), report.asked.to.in_utc()),
        format!("concerns    {}", about(report.asked.concerned)),
        String::new(),
        format!("TELL THE AUTHORITY BY {}: 72 hours after it was noticed, {}", report.tell_by.in_utc(), left(report)),
        "(GDPR, article 33; the people themselves without delay where the risk for them is high, article 34)"
            .to_owned(),
        String::new(),
        format!("people      {}", people(report)),
        format!("sign-ins    {}", span(report.sign_ins)),
        format!("entries     {} (of everybody in this time: {})", span(report.entries), span(report.entries_of_all)),
        String::new(),
        "data held of them:".to_owned(),
    ];
    for held in &report.held {
        lines.push(format!("  {:<20} {:>9} rows  {}", held.class, held.rows, held.clauses.join(" ")));
        lines.extend(tables(held).into_iter().map(|(table, columns)| format!("      {table}: {}", columns.join(", "))));
    }
    lines.extend([String::new(), "the people:".to_owned()]);
    for one in report.people.iter().take(NAMED) {
        lines.push(format!(
            "  {}  {}  {}  sign-ins {}, entries {}",
            one.person,
            one.since.in_utc(),
            one.display_name,
            one.sign_ins,
            one.entries
        ));
    }
    let more = report.people.len().saturating_sub(NAMED);
    if more > 0 {
        lines.push(format!("  and {more} more; --json names them"));
    }
    if report.people_left_out > 0 {
        lines.push(format!("  and {} that no report can hold; ask for a shorter period", report.people_left_out));
    }
    lines.push("\nThat this report was made is in the audit record.".to_owned());
    lines.join("\n")
}

/// Columns by their tables.
fn tables(held: &Held) -> BTreeMap<&str, Vec<&str>> {
    let mut tables: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (table, column) in held.columns.iter().filter_map(|place| place.split_once('.')) {
        tables.entry(table).or_default().push(column);
    }
    tables
}

fn people(report: &Report) -> u64 {
    u64::try_from(report.people.len()).unwrap_or(u64::MAX).saturating_add(report.people_left_out)
}

/// How much of the 72 hours is left.
fn left(report: &Report) -> String {
    let minutes = report.tell_by.millis_since(report.made_at) / 60_000;
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    if minutes < 0 { format!("{hours} h {rest} min ago") } else { format!("{hours} h {rest} min left") }
}

fn document(report: &Report) -> Value {
    let when = |at: Option<UnixMillis>| at.map(UnixMillis::in_utc);
    let span =
        |span: Span| json!({ "count": span.entries, "first_at": when(span.first_at), "last_at": when(span.last_at) });
    let person = |one: &Affected| {
        json!({
            "person": one.person,
            "display_name": one.display_name,
            "since": one.since.in_utc(),
            "rows": one.rows.iter().copied().collect::<BTreeMap<_, _>>(),
            "sign_ins": one.sign_ins,
            "entries": one.entries,
        })
    };
    let held = report.held.iter().map(
        |held| json!({ "class": held.class, "rows": held.rows, "columns": held.columns, "clauses": held.clauses }),
    );
    json!({
        "made_at": report.made_at.in_utc(),
        "from": report.asked.from.in_utc(),
        "to": report.asked.to.in_utc(),
        "concerns": about(report.asked.concerned),
        "noticed_at": report.asked.noticed_at.in_utc(),
        "tell_authority_by": report.tell_by.in_utc(),
        "people_count": people(report),
        "people_left_out": report.people_left_out,
        "people": report.people.iter().map(person).collect::<Vec<_>>(),
        "held": held.collect::<Vec<_>>(),
        "sign_ins": span(report.sign_ins),
        "entries": span(report.entries),
        "entries_of_everybody": span(report.entries_of_all),
    })
}
