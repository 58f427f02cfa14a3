//! The journal for people: the newest requests with secrets masked.

use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use super::console::version_of;
use super::layout::{Frame, masked, page, time};
use crate::journal::Received;
use crate::simulator::Simulator;

/// Requests shown.
const ROWS: usize = 200;
const SECRET_FIELDS: [&str; 9] = [
    "client_secret",
    "access_token",
    "refresh_token",
    "code",
    "code_verifier",
    "token",
    "upload_token",
    "state",
    "request",
];

pub(super) async fn show(State(simulator): State<Simulator>) -> Response {
    let journal = simulator.journal();
    let body = html! {
        section {
            p.quiet { "The newest " (ROWS) " requests to the platform's routes, newest first. Secrets are masked; the admin API has them." }
            @if journal.is_empty() { p { "No request yet." } }
            ul.plain { @for request in journal.iter().rev().take(ROWS) { li { (row(request)) } } }
        }
    };
    page(200, &Frame { title: "Requests", is_narrow: false, version: Some(version_of(&simulator)) }, &body)
}

fn row(request: &Received) -> Markup {
    html! {
        details {
            summary {
                span.quiet { "#" (request.seq) " " (time(request.at_ms)) } " "
                strong { (request.method) " " (request.path) } " "
                @match request.status { Some(status) => { (status) } None => { span.warn { "no answer" } } }
                @if let Some(code) = &request.code { " " (code) }
                @if let Some(username) = &request.username { " " span.quiet { "@" (username) } }
                @if let Some(fault) = &request.fault { " " span.warn { "fault: " (fault) } }
                @if !request.unknown_members.is_empty() { " " span.warn { "unknown: " (request.unknown_members.join(", ")) } }
                @for note in &request.notes { " " span.warn { (note) } }
            }
            @if !request.query.is_empty() { pre { (masked_form(&request.query)) } }
            pre { @for (name, value) in &request.headers { (name) ": " (masked_header(name, value)) "\n" } }
            @if !request.text().is_empty() { pre { (masked_body(request)) } }
            p.quiet { "log_id " (request.log_id) }
        }
    }
}

fn masked_header(name: &str, value: &str) -> String {
    if matches!(name, "authorization" | "cookie") { masked(value) } else { value.to_owned() }
}

fn masked_form(text: &str) -> String {
    url::form_urlencoded::parse(text.as_bytes())
        .map(|(name, value)| {
            let shown = if SECRET_FIELDS.contains(&&*name) { masked(&value) } else { value.into_owned() };
            format!("{name} = {shown}")
        })
        .collect::<Vec<_>>()
        .join("\n")
}

/// JSON bodies of the API hold no secrets; forms do.
fn masked_body(request: &Received) -> String {
    let is_form =
        request.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if is_form { masked_form(request.text()) } else { request.text().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::masked_form;

    #[test]
    fn secrets_are_masked_and_the_rest_is_not() {
        let shown =
            masked_form("client_key=k1&client_secret=verysecret&grant_type=refresh_token&refresh_token=rft.abc");
        assert!(shown.contains("client_key = k1") && shown.contains("grant_type = refresh_token"));
        assert!(!shown.contains("verysecret") && !shown.contains("rft.abc"));
    }
}
