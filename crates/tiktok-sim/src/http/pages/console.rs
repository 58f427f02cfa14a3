//! What the console's forms do, and the number by which it notices change. Every form ends at the overview again.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::header;
use axum::response::Response;
use maud::html;

use super::layout::{Frame, page};
use crate::answer;
use crate::config::AccountVisibility;
use crate::error::SimError;
use crate::faults::{FaultAction, FaultRule, FaultStatus};
use crate::journal::Route;
use crate::random::mix;
use crate::simulator::Simulator;
use crate::world::RemovalReason;

type Fields = BTreeMap<String, String>;

fn fields(body: &[u8]) -> Fields {
    url::form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

fn text<'a>(fields: &'a Fields, name: &str) -> &'a str {
    fields.get(name).map_or("", String::as_str)
}

fn number<T: std::str::FromStr>(fields: &Fields, name: &str) -> Option<T> {
    text(fields, name).trim().parse().ok()
}

fn to_overview() -> Response {
    let mut response = answer::bare(303);
    answer::set_header(&mut response, header::LOCATION, "/console");
    response
}

/// Back to the overview, or a page saying what was wrong.
fn finish(result: Result<(), SimError>) -> Response {
    match result {
        Ok(()) => to_overview(),
        Err(error) => {
            let body = html! { section { p.warn { (error) } p { a href="/console" { "Back" } } } };
            page(400, &Frame { title: "That did not work", is_narrow: true, version: None }, &body)
        }
    }
}

/// A number that changes when the overview would.
pub(super) fn version_of(simulator: &Simulator) -> u64 {
    let world = simulator.world();
    let requests = world.journal.all().next_back().map_or(0, |request| request.seq);
    let states = simulator_states(&world.tasks.values().map(crate::views::SimTask::of).collect::<Vec<_>>());
    let sent = world.webhooks.iter().map(|webhook| u64::from(webhook.attempts)).sum::<u64>();
    let rules = world.faults.rules().iter().map(|rule| u64::from(rule.times.unwrap_or(7)) + 1).sum::<u64>();
    [requests, states, sent, rules].into_iter().fold(0, |hash, part| mix(hash ^ part))
}

fn simulator_states(tasks: &[crate::views::SimTask]) -> u64 {
    tasks.iter().fold(0, |hash, task| mix(hash ^ crate::random::of_text(task.status) ^ task.received_bytes))
}

pub(super) async fn version(State(simulator): State<Simulator>) -> String {
    let now_ms = simulator.now_ms();
    simulator.world().settle(now_ms);
    version_of(&simulator).to_string()
}

pub(super) async fn enter() -> Response {
    to_overview()
}

pub(super) async fn move_clock(State(simulator): State<Simulator>, body: Bytes) -> Response {
    let fields = fields(&body);
    let step = number::<i64>(&fields, "minutes").map(|minutes| minutes.saturating_mul(60_000));
    match step {
        Some(ms) => {
            simulator.advance(ms);
            to_overview()
        }
        None => finish(Err(SimError::Config("the number of minutes is missing or no whole number".to_owned()))),
    }
}

fn fault_rule(fields: &Fields) -> Result<FaultRule, SimError> {
    let wrong = |what: &str| SimError::Config(format!("the fault's {what} is missing or not understood"));
    let route = Route::FAULTABLE
        .into_iter()
        .find(|route| route.as_str() == text(fields, "route"))
        .ok_or_else(|| wrong("route"))?;
    let status = || -> Result<FaultStatus, SimError> {
        let status =
            number(fields, "value").filter(|status| (100..=599).contains(status)).ok_or_else(|| wrong("status"))?;
        let code = Some(text(fields, "code").trim().to_owned()).filter(|code| !code.is_empty());
        Ok(FaultStatus { status, code, retry_after_s: None })
    };
    let action = match text(fields, "action") {
        "status" => FaultAction::Status(status()?),
        "status_after" => FaultAction::StatusAfter(status()?),
        "latency" => FaultAction::Latency(number(fields, "value").ok_or_else(|| wrong("delay"))?),
        "drop_before" => FaultAction::DropBefore,
        "drop_after" => FaultAction::DropAfter,
        "truncate" => FaultAction::Truncate(number(fields, "value").ok_or_else(|| wrong("length"))?),
        "reset_after" => FaultAction::ResetAfter(number(fields, "value").ok_or_else(|| wrong("length"))?),
        "trickle" => FaultAction::Trickle(number(fields, "value").ok_or_else(|| wrong("rate"))?),
        _ => return Err(wrong("action")),
    };
    Ok(FaultRule { route, action, times: number(fields, "times"), skip: number(fields, "skip").unwrap_or(0) })
}

pub(super) async fn add_fault(State(simulator): State<Simulator>, body: Bytes) -> Response {
    finish(fault_rule(&fields(&body)).map(|rule| simulator.fault(rule)))
}

pub(super) async fn clear_faults(State(simulator): State<Simulator>) -> Response {
    simulator.clear_faults();
    to_overview()
}

pub(super) async fn change_user(State(simulator): State<Simulator>, body: Bytes) -> Response {
    let fields = fields(&body);
    let on = |name: &str| text(&fields, name) == "on";
    finish(simulator.set_user(text(&fields, "username"), |user| {
        user.visibility = if on("private") { AccountVisibility::Private } else { AccountVisibility::Public };
        user.comment_disabled = on("comment_disabled");
        user.duet_disabled = on("duet_disabled");
        user.stitch_disabled = on("stitch_disabled");
        user.banned = on("banned");
        user.processing_held = on("processing_held");
        if let Some(seconds) = number(&fields, "max_video_post_duration_sec") {
            user.max_video_post_duration_sec = seconds;
        }
        if let Some(posts) = number(&fields, "posts_elsewhere_today") {
            user.posts_elsewhere_today = posts;
        }
        user.fail_next = text(&fields, "fail_next")
            .split(',')
            .map(str::trim)
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
    }))
}

pub(super) async fn publish_draft(State(simulator): State<Simulator>, body: Bytes) -> Response {
    let fields = fields(&body);
    finish(simulator.publish_draft(text(&fields, "publish_id"), text(&fields, "privacy_level")))
}

pub(super) async fn change_privacy(State(simulator): State<Simulator>, body: Bytes) -> Response {
    let fields = fields(&body);
    finish(simulator.change_privacy(number(&fields, "post_id").unwrap_or(0), text(&fields, "privacy_level")))
}

pub(super) async fn delete_post(State(simulator): State<Simulator>, body: Bytes) -> Response {
    finish(simulator.delete_post(number(&fields(&body), "post_id").unwrap_or(0)))
}

pub(super) async fn disconnect(State(simulator): State<Simulator>, body: Bytes) -> Response {
    let fields = fields(&body);
    finish(simulator.disconnect(
        text(&fields, "client_key"),
        text(&fields, "username"),
        RemovalReason::UserDisconnected,
    ))
}
