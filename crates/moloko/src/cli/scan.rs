//! `moloko privacy scan`: whether a text is anywhere in what this instance keeps. Owns where is looked and the words; never says a text that was looked for.

use crate::args::InstanceArgs;
use crate::config::Database;
use crate::service;
use crate::terminal::{complain, say};
use crate::traces::{Trace, Traced, Tracer};
use anyhow::Context;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use store::Store;

/// What is looked for, and where besides the instance.
pub struct Wish {
    pub text: Vec<String>,
    pub texts: Option<PathBuf>,
    pub places: Vec<PathBuf>,
    pub json: bool,
}

pub async fn run(wish: &Wish, instance: &InstanceArgs) -> anyhow::Result<ExitCode> {
    let config = super::settings(instance)?;
    let mut texts = wish.text.clone();
    if let Some(from) = &wish.texts {
        texts.extend(read(from)?.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
    }
    let tracer = Tracer::new(&texts)?;
    let mut traced = Traced::default();
    tracer.walk(&config.data, &mut traced);
    for place in &wish.places {
        tracer.walk(place, &mut traced);
    }
    let mut rows = 0;
    if let Database::Postgres(_) = &config.database {
        let url = service::database_url(&config)?;
        let store = Store::open(&url).await.with_context(|| format!("the database {url} cannot be opened"))?;
        let look = |table: &str, row: &str| tracer.words(&format!("table {table}"), row, &mut traced);
        rows = store.each_row_in_words(look).await?;
        store.close().await;
    }
    for trace in &traced.traces {
        say(&if wish.json { document(trace, &config.data).to_string() } else { line(trace, &config.data) });
    }
    for unread in &traced.unread {
        complain(&format!("not read: {unread}"));
    }
    let clean = traced.traces.is_empty() && traced.unread.is_empty();
    say(&if wish.json {
        serde_json::json!({
            "ok": clean, "traces": traced.traces.len(), "files": traced.files, "bytes": traced.bytes, "rows": rows, "unread": traced.unread.len(),
        })
        .to_string()
    } else {
        format!(
            "{} traces; {} files, {} MiB and {rows} rows read",
            traced.traces.len(),
            traced.files,
            traced.bytes >> 20
        )
    });
    if rows > 0 && !wish.json {
        say(
            "deleted rows that PostgreSQL has not yet written over are not seen through it: give its own folder with --in, where it is on this machine",
        );
    }
    Ok(if clean { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn read(from: &Path) -> anyhow::Result<String> {
    if from == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).context("standard input cannot be read")?;
        return Ok(text);
    }
    std::fs::read_to_string(from).with_context(|| format!("{} cannot be read", from.display()))
}

fn line(trace: &Trace, data: &Path) -> String {
    let at = trace.first.map(|first| format!(" at byte {first}")).unwrap_or_default();
    let times = if trace.times > 1 { format!(", {} times", trace.times) } else { String::new() };
    format!("text {} {}{at}{times}: {} ({})", trace.text, trace.form, trace.place, class(trace, data))
}

fn document(trace: &Trace, data: &Path) -> serde_json::Value {
    serde_json::json!({
        "text": trace.text, "form": trace.form, "place": trace.place, "class": class(trace, data), "first": trace.first, "times": trace.times,
    })
}

/// What kind of data lies there.
fn class(trace: &Trace, data: &Path) -> &'static str {
    if trace.place.starts_with("table ") {
        return "database";
    }
    let Ok(inside) = Path::new(&trace.place).strip_prefix(data) else { return "elsewhere" };
    match inside.components().next().and_then(|first| first.as_os_str().to_str()) {
        Some(name) if name.starts_with("moloko.db") => "database",
        Some("blobs") => "stored files",
        Some(name) if name == store::export::folder::FOLDER => "exports",
        Some(name) if name == store::requests::FOLDER => "request log",
        Some(name) if name.starts_with(store::journal::FILE_NAME) => "intent journal",
        Some(name) if name.starts_with(store::tombstone::FILE_NAME) => "marks of what was erased",
        Some(_) | None => "data folder",
    }
}
