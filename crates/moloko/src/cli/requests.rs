//! `moloko requests`: what people wrote to the operator, and the answers. Works beside a running service.

use crate::args::RequestsCommand;
use crate::service;
use crate::terminal::say;
use anyhow::{Context, bail};
use app::App;
use app::support::Thread;
use domain::id::RequestNumber;
use domain::privacy::support::RequestState;
use std::io::Read;
use store::SupportRequest;

/// Most that is read of an answer, bytes: more than the longest message has.
const ANSWER_MAX_BYTES: u64 = 64 * 1024;

pub async fn run(command: RequestsCommand) -> anyhow::Result<()> {
    match command {
        RequestsCommand::List { all, json, instance } => {
            list(&*service::beside(&super::settings(&instance)?).await?, all, json).await
        }
        RequestsCommand::Show { number, instance } => {
            show(&*service::beside(&super::settings(&instance)?).await?, number).await
        }
        RequestsCommand::Answer { number, text, instance } => {
            let text = text.map_or_else(typed, Ok)?;
            let done = service::beside(&super::settings(&instance)?).await?.operator_answer(number, &text).await;
            told(done, number)?;
            say(&format!("answered; the person sees it on the page of request {number}"));
            Ok(())
        }
        RequestsCommand::Close { number, instance } => {
            told(service::beside(&super::settings(&instance)?).await?.operator_close(number).await, number)?;
            say(&format!("request {number} is closed"));
            Ok(())
        }
    }
}

/// The answer from standard input.
fn typed() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().take(ANSWER_MAX_BYTES).read_to_string(&mut text).context("the answer cannot be read")?;
    Ok(text)
}

fn told(done: app::Result<()>, number: RequestNumber) -> anyhow::Result<()> {
    match done {
        Err(app::Error::NotFound { .. }) => bail!("there is no request {number}; moloko requests list shows them"),
        Err(app::Error::BadInput { .. }) => {
            bail!("give a text of at most 4,000 characters, by --text or on standard input")
        }
        Err(app::Error::Conflict { code: "request-closed" }) => {
            bail!("request {number} is closed; the person begins another when there is more to say")
        }
        Err(app::Error::Conflict { .. }) => {
            bail!("somebody wrote to request {number} at the same moment; look at it again")
        }
        Err(app::Error::Limit { .. }) => bail!("the thread of request {number} is full; close it"),
        done => Ok(done?),
    }
}

async fn list(app: &App, all: bool, json: bool) -> anyhow::Result<()> {
    let requests = app.operator_requests(all).await?;
    if requests.is_empty() && !json {
        say(if all { "nobody has written yet" } else { "no request waits for an answer" });
    }
    let now = app.now();
    for it in requests {
        say(&if json { document(&it).to_string() } else { line(&it, now > it.due_at) });
    }
    Ok(())
}

fn line(it: &SupportRequest, is_late: bool) -> String {
    let due = match it.state {
        RequestState::Open if is_late => format!("  OVERDUE since {}", it.due_at.date()),
        RequestState::Open => format!("  answer by {}", it.due_at.date()),
        RequestState::Answered | RequestState::Closed => String::new(),
    };
    format!(
        "{:>5}  {:<10}  {:<8}  asked {}  person {}{due}",
        it.number.get(),
        it.kind.as_str(),
        it.state.as_str(),
        it.asked_at.date(),
        it.person_id
    )
}

fn document(it: &SupportRequest) -> serde_json::Value {
    serde_json::json!({
        "number": it.number.get(), "kind": it.kind, "state": it.state, "person": it.person_id,
        "asked_at": it.asked_at.in_utc(), "due_at": it.due_at.in_utc(), "changed_at": it.changed_at.in_utc(),
    })
}

async fn show(app: &App, number: RequestNumber) -> anyhow::Result<()> {
    let thread = match app.operator_request(number).await {
        Err(app::Error::NotFound { .. }) => bail!("there is no request {number}; moloko requests list shows them"),
        found => found?,
    };
    let Thread { request, messages } = thread;
    say(&line(&request, app.now() > request.due_at));
    for it in messages {
        say(&format!("\n{} wrote {}:\n{}", it.author.as_str(), it.at.in_utc(), plain(&it.words)));
    }
    Ok(())
}

/// What somebody else wrote, without characters that steer a terminal.
fn plain(words: &str) -> String {
    words.chars().filter(|c| *c == '\n' || !c.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_person_wrote_cannot_steer_the_terminal() {
        assert_eq!(plain("one\u{1b}[2J\ntwo\r\u{9b}x"), "one[2J\ntwox");
    }
}
