//! What machines ask about an instance: is it alive, can it take visitors, how punctual is it. Owns these answers; they hold no
//! name, id or text of anybody.

use std::fmt::Write as _;

use app::health::{Alarm, Measurements};
use app::publishing::pulse::LoopHealth;
use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::Json;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use secrecy::ExposeSecret as _;
use std::net::SocketAddr;

use crate::error::WebError;
use crate::state::WebState;

/// The text format of Prometheus.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// `GET /healthz`: the process answers, and says when posts are more than a minute late or something happens more often than it should.
/// Always 200: a restart would not make it better.
pub async fn alive(State(state): State<WebState>) -> Json<serde_json::Value> {
    let mut told = match state.app.alarm().await {
        Alarm::Quiet => serde_json::json!({ "status": "ok" }),
        Alarm::Late { posts, lag_ms } => {
            serde_json::json!({ "status": "late", "late_posts": posts, "oldest_late_s": lag_ms / 1000 })
        }
        Alarm::Unknown => serde_json::json!({ "status": "unknown", "why": "the database does not answer" }),
    };
    let readings = state.app.alerts.readings();
    let alerts: Vec<&str> = readings.iter().filter(|one| one.active).map(|one| one.kind.name()).collect();
    if let Some(told) = told.as_object_mut().filter(|_| !alerts.is_empty()) {
        if told.get("status").is_some_and(|status| status == "ok") {
            told.insert("status".to_owned(), "alert".into());
        }
        told.insert("alerts".to_owned(), alerts.into());
    }
    Json(told)
}

/// `GET /readyz`: the process can do its work, or why not, with each reason.
pub async fn ready(State(state): State<WebState>) -> Response {
    let reasons = state.app.not_ready().await;
    if reasons.is_empty() {
        return "ready".into_response();
    }
    let reasons: Vec<String> = reasons.iter().map(app::health::NotReady::words).collect();
    let document = serde_json::json!({ "title": "not ready", "status": 503, "reasons": reasons });
    let kind = [(header::CONTENT_TYPE, "application/problem+json")];
    (StatusCode::SERVICE_UNAVAILABLE, kind, document.to_string()).into_response()
}

/// `GET /metrics`: for the holder of the secret; without a secret, for this machine alone and only where the instance itself is
/// reached on this machine alone, because behind a proxy everybody seems to be here.
///
/// # Errors
/// 401 for a wrong secret, 404 where nothing is told.
pub async fn metrics(State(state): State<WebState>, request: Request) -> Result<Response, WebError> {
    let settings = &state.app.settings;
    match &settings.metrics_secret {
        Some(secret) if !is_secret(request.headers(), secret.expose_secret()) => {
            return Err(WebError::status(StatusCode::UNAUTHORIZED));
        }
        Some(_) => {}
        None if settings.is_loopback() && is_from_here(&request) => {}
        None => return Err(WebError::status(StatusCode::NOT_FOUND)),
    }
    let mut text = encoded(&state.app.measurements().await?);
    if let Some(log) = &state.requests {
        text.push_str(&encoded_log(log.written(), log.left_out()));
    }
    Ok(([(header::CONTENT_TYPE, TEXT)], text).into_response())
}

fn is_secret(headers: &HeaderMap, secret: &str) -> bool {
    let told = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let told = told.and_then(|value| value.strip_prefix("Bearer "));
    told.is_some_and(|told| verify_slices_are_equal(told.trim().as_bytes(), secret.as_bytes()).is_ok())
}

fn is_from_here(request: &Request) -> bool {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
    let forwarded =
        ["forwarded", "x-forwarded-for", "x-real-ip"].iter().any(|name| request.headers().contains_key(*name));
    !forwarded && peer.is_some_and(|peer| peer.0.ip().to_canonical().is_loopback())
}

struct Text(String);

impl Text {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn value(&mut self, name: &str, labels: &str, value: impl std::fmt::Display) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
        self.family(name, kind, help);
        self.value(name, "", value);
    }
}

/// Milliseconds as seconds, exactly.
fn seconds(ms: u64) -> String {
    format!("{}.{:03}", ms / 1000, ms % 1000)
}

fn encoded(now: &Measurements) -> String {
    let mut text = Text(String::new());
    let lag = u64::try_from(now.lag_ms).unwrap_or(0);
    text.one(
        "moloko_publishing_lag_seconds",
        "gauge",
        "How late the oldest due post is that was not begun.",
        seconds(lag),
    );
    text.one("moloko_publishing_backlog_posts", "gauge", "Due posts that were not begun.", now.backlog.posts);
    let alive = match now.publishing {
        LoopHealth::Alive => 1,
        LoopHealth::NotStarted | LoopHealth::Stalled(_) | LoopHealth::Ended => 0,
    };
    text.one("moloko_publishing_loop_alive", "gauge", "1 while the publishing loop works or sleeps as planned.", alive);
    let name = "moloko_release_lateness_seconds";
    text.family(name, "histogram", "From the due time to the release of the last chunk.");
    for (upto, count) in &now.readings.lateness {
        text.value(&format!("{name}_bucket"), &format!("{{le=\"{}\"}}", seconds(*upto)), count);
    }
    text.value(&format!("{name}_bucket"), "{le=\"+Inf\"}", now.readings.releases);
    text.value(&format!("{name}_sum"), "", seconds(now.readings.lateness_sum_ms));
    text.value(&format!("{name}_count"), "", now.readings.releases);
    text.one("moloko_posts_out_total", "counter", "Posts that are out or in an inbox.", now.readings.out);
    text.family("moloko_posts_stopped_total", "counter", "Posts that failed or wait for a person, by code.");
    for (code, count) in &now.readings.stopped {
        text.value("moloko_posts_stopped_total", &format!("{{code=\"{code}\"}}"), count);
    }
    text.one("moloko_database_commits_total", "counter", "Durable commits.", now.commits);
    let (free, reserve) = now.disk;
    text.one("moloko_disk_free_bytes", "gauge", "Free bytes where the files lie.", free);
    text.one("moloko_disk_reserve_bytes", "gauge", "Free bytes below which uploads are refused.", reserve);
    text.family("moloko_alert_events_total", "counter", "What happened that should be rare, by alert.");
    for one in &now.alerts {
        text.value("moloko_alert_events_total", &format!("{{alert=\"{}\"}}", one.kind.name()), one.total);
    }
    text.family("moloko_alert_active", "gauge", "1 while it happens more often than it should.");
    for one in &now.alerts {
        text.value("moloko_alert_active", &format!("{{alert=\"{}\"}}", one.kind.name()), u8::from(one.active));
    }
    text.0
}

fn encoded_log(written: u64, left_out: u64) -> String {
    let mut text = Text(String::new());
    text.one("moloko_request_log_lines_total", "counter", "Lines written into the request log.", written);
    let help = "Lines left out of the request log: queue full, disk refused, or enough for the day.";
    text.one("moloko_request_log_left_out_total", "counter", help, left_out);
    text.0
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use app::alerts::{AlertKind, AlertReading};
    use app::publishing::pulse::Readings;
    use store::backlog::Backlog;

    use super::*;

    #[test]
    fn measurements_are_written_in_the_text_format() {
        let text = encoded(&Measurements {
            backlog: Backlog { posts: 3, oldest_due_at: None },
            lag_ms: 61_005,
            readings: Readings {
                lateness: vec![(10, 1), (1000, 2)],
                releases: 3,
                lateness_sum_ms: 90_500,
                out: 2,
                stopped: BTreeMap::from([("spam_risk", 1)]),
            },
            publishing: LoopHealth::Alive,
            commits: 9,
            disk: (5, 4),
            alerts: vec![AlertReading { kind: AlertKind::RevokeFailures, total: 4, active: true }],
        });
        for line in [
            "moloko_publishing_lag_seconds 61.005",
            "moloko_publishing_backlog_posts 3",
            "moloko_publishing_loop_alive 1",
            "# TYPE moloko_release_lateness_seconds histogram",
            "moloko_release_lateness_seconds_bucket{le=\"0.010\"} 1",
            "moloko_release_lateness_seconds_bucket{le=\"1.000\"} 2",
            "moloko_release_lateness_seconds_bucket{le=\"+Inf\"} 3",
            "moloko_release_lateness_seconds_sum 90.500",
            "moloko_release_lateness_seconds_count 3",
            "moloko_posts_stopped_total{code=\"spam_risk\"} 1",
            "moloko_disk_free_bytes 5",
            "moloko_alert_events_total{alert=\"revoke_failures\"} 4",
            "moloko_alert_active{alert=\"revoke_failures\"} 1",
        ] {
            assert!(text.lines().any(|one| one == line), "{line} in\n{text}");
        }
        assert!(text.ends_with('\n'));
    }
}
