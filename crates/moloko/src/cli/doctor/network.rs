//! Reaching TikTok, its opinion of our clock, and whether people can reach us safely.

use super::Finding;
use crate::config::Config;
use crate::service;
use app::{Clock, SystemClock};
use jiff::fmt::rfc2822;
use reqwest::header::DATE;
use std::time::Duration;

/// Longest wait for one answer.
const WAIT: Duration = Duration::from_secs(10);
/// Clock difference that is worth a word, and the one that stops publishing, seconds.
const CLOCK_WARN_S: i64 = 2;
const CLOCK_FAIL_S: i64 = 60;

pub async fn look(config: &Config) -> Vec<Finding> {
    let client = match client(config) {
        Ok(client) => client,
        Err(error) => {
            return vec![Finding::fail(
                "network",
                format!("no connection can be set up ({error:#})"),
                "every call to TikTok needs one",
                "Check MOLOKO_TIKTOK_CA_FILE and the package ca-certificates.",
            )];
        }
    };
    let mut findings = tiktok(config, &client).await;
    findings.push(public_address(config, &client).await);
    findings.push(push(config));
    findings
}

fn client(config: &Config) -> anyhow::Result<reqwest::Client> {
    let mut builder = reqwest::Client::builder().timeout(WAIT).redirect(reqwest::redirect::Policy::none());
    if let Some(path) = &config.tiktok.ca_file {
        builder = builder.add_root_certificate(reqwest::Certificate::from_pem(&std::fs::read(path)?)?);
    }
    Ok(builder.build()?)
}

async fn tiktok(config: &Config, client: &reqwest::Client) -> Vec<Finding> {
    let url = config.tiktok.api_url.clone();
    let host = url.host_str().unwrap_or("TikTok").to_owned();
    let answer = match client.get(url).send().await {
        Ok(answer) => answer,
        Err(error) => {
            return vec![Finding::fail(
                "tiktok",
                format!("{host} does not answer ({})", reason(&error)),
                "nothing can be published without it",
                "Check the network, the name service and the firewall of this machine.",
            )];
        }
    };
    let reached = Finding::ok("tiktok", format!("{host} answers"));
    let date = answer.headers().get(DATE).and_then(|value| value.to_str().ok());
    let clock = match date.and_then(|text| rfc2822::DateTimeParser::new().parse_timestamp(text).ok()) {
        Some(theirs) => clock(SystemClock::new().now().seconds() - theirs.as_second()),
        None => Finding::warn(
            "clock",
            "the answer told no time",
            "an unchecked clock may be wrong",
            "Make sure an NTP client runs.",
        ),
    };
    vec![reached, clock, credentials(config).await]
}

/// Asks for a token of the app itself, which gives access to nobody's data.
async fn credentials(config: &Config) -> Finding {
    let outcome = match service::tiktok_client(config) {
        Ok(client) => client.client_token().await.map_err(anyhow::Error::from),
        Err(error) => Err(error),
    };
    match outcome {
        Ok(_) => Finding::ok(
            "key and secret",
            "TikTok knows the app and its secret (this does not tell whether it is approved)",
        ),
        Err(error) => Finding::fail(
            "key and secret",
            format!("TikTok refuses them ({error:#})"),
            "nobody can sign in and no token can be renewed",
            "Copy both again from the page of your app; production and sandbox have different pairs.",
        ),
    }
}

fn clock(ahead_s: i64) -> Finding {
    let side = if ahead_s < 0 { "behind" } else { "ahead of" };
    let what = format!("{} s {side} TikTok's", ahead_s.abs());
    let todo = "Start an NTP client (on Debian: apt-get install systemd-timesyncd).";
    if ahead_s.abs() > CLOCK_FAIL_S {
        Finding::fail(
            "clock",
            what,
            "posts would leave at the wrong time and upload addresses would be taken for expired",
            todo,
        )
    } else if ahead_s.abs() > CLOCK_WARN_S {
        Finding::warn("clock", what, "posts leave by this machine's clock", todo)
    } else {
        Finding::ok("clock", what)
    }
}

async fn public_address(config: &Config, client: &reqwest::Client) -> Finding {
    let origin = config.public_url.origin();
    if !config.public_url.is_https() {
        return if config.public_url.is_loopback() {
            Finding::ok("public address", format!("{origin} is this machine only, TLS is not needed"))
        } else {
            Finding::warn(
                "public address",
                format!("{origin} has no TLS"),
                "anybody on the way can read sessions",
                "Put a web server with TLS in front and use https:// in MOLOKO_PUBLIC_URL.",
            )
        };
    }
    match client.get(format!("{origin}/healthz")).send().await {
        Ok(answer) if answer.status().is_success() => {
            Finding::ok("public address", format!("{origin} answers with a valid certificate"))
        }
        Ok(answer) => Finding::warn(
            "public address",
            format!("{origin}/healthz answers {} with a valid certificate", answer.status().as_u16()),
            "either the instance does not run now, or the web server in front passes requests elsewhere",
            "Start the instance and look again.",
        ),
        Err(error) if error.is_connect() || error.is_timeout() => Finding::warn(
            "public address",
            format!("{origin} does not answer from here ({})", reason(&error)),
            "people and TikTok's webhooks must reach it; some networks cannot reach their own public address",
            "Open the address in a browser from outside; look at the certificate and the port.",
        ),
        Err(error) => Finding::fail(
            "public address",
            format!("{origin}: {}", reason(&error)),
            "browsers will refuse it as well",
            "Repair the certificate of the web server in front.",
        ),
    }
}

fn push(config: &Config) -> Finding {
    if !config.push {
        return Finding::ok("messages to browsers", "MOLOKO_PUSH is false: nobody can switch them on");
    }
    if !config.public_url.is_https() && !config.public_url.is_loopback() {
        return Finding::warn(
            "messages to browsers",
            "MOLOKO_PUSH is true and the public address has no TLS",
            "browsers let no page without TLS ask for messages",
            "Put a web server with TLS in front and use https:// in MOLOKO_PUBLIC_URL.",
        );
    }
    let hosts = config.push_hosts.join(", ");
    Finding::ok("messages to browsers", format!("people can switch them on; they go to hosts below {hosts}, port 443"))
}

/// The innermost cause: the outer ones only repeat the address.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn small_differences_of_the_clock_are_fine_larger_ones_are_not() {
        let verdicts: Vec<_> = [0, -2, 3, -61, 3600].into_iter().map(|s| clock(s).verdict).collect();
        assert_eq!(verdicts, [Verdict::Ok, Verdict::Ok, Verdict::Warn, Verdict::Fail, Verdict::Fail]);
    }
}
