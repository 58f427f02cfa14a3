//! `moloko doctor`: looks at the world around an instance and says what to do. Changes nothing, prints no secret.

mod database;
mod keys;
mod machine;
mod network;
mod policy;
mod registration;
mod storage;

use crate::args::InstanceArgs;
use crate::config::{Config, Source};
use crate::terminal::say;
use std::process::ExitCode;

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Ok,
    Warn,
    Fail,
}

/// One line of the report.
#[derive(Debug)]
struct Finding {
    verdict: Verdict,
    topic: &'static str,
    what: String,
    /// Why it matters and what to do; empty when all is well.
    advice: Option<(String, String)>,
}

impl Finding {
    fn ok(topic: &'static str, what: impl Into<String>) -> Self {
        Self { verdict: Verdict::Ok, topic, what: what.into(), advice: None }
    }

    fn warn(topic: &'static str, what: impl Into<String>, why: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { verdict: Verdict::Warn, topic, what: what.into(), advice: Some((why.into(), todo.into())) }
    }

    fn fail(topic: &'static str, what: impl Into<String>, why: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { verdict: Verdict::Fail, topic, what: what.into(), advice: Some((why.into(), todo.into())) }
    }

    fn lines(&self) -> String {
        let mark = match self.verdict {
            Verdict::Ok => "ok  ",
            Verdict::Warn => "warn",
            Verdict::Fail => "FAIL",
        };
        let first = format!("{mark}  {:<14} {}", self.topic, self.what);
        match &self.advice {
            None => first,
            Some((why, todo)) => format!("{first}\n      why:  {why}\n      do:   {todo}"),
        }
    }
}

/// Exit 0 when nothing fails (warnings may remain), 1 otherwise.
pub async fn run(instance: &InstanceArgs) -> anyhow::Result<ExitCode> {
    let source = Source::new(instance.overrides(), instance.config.as_deref());
    let config = match source.and_then(|source| Config::read(&source)) {
        Ok(config) => config,
        Err(problems) => {
            for problem in problems {
                let finding = Finding::fail(
                    "settings",
                    format!("{}: {}", problem.setting, problem.what),
                    "nothing can start like this",
                    problem.fix,
                );
                say(&finding.lines());
            }
            say("the rest is looked at once the settings make sense");
            return Ok(ExitCode::from(1));
        }
    };
    let mut findings = vec![Finding::ok("settings", "every setting makes sense")];
    findings.extend(registration::look(&config));
    findings.extend(policy::look(&config));
    findings.extend(network::look(&config).await);
    findings.extend(machine::look(&config).await);
    findings.push(storage::look(&config).await);
    findings.extend(database::look(&config).await);
    for finding in &findings {
        say(&finding.lines());
    }
    let count = |verdict: Verdict| findings.iter().filter(|f| f.verdict == verdict).count();
    let (failures, warnings) = (count(Verdict::Fail), count(Verdict::Warn));
    say(&format!("{failures} to repair, {warnings} to think about"));
    Ok(if failures == 0 { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_that_needs_somebody_says_why_and_what_to_do() {
        let lines = Finding::fail("clock", "300 s ahead", "posts would be early", "start an NTP client").lines();
        assert_eq!(
            lines,
            "FAIL  clock          300 s ahead\n      why:  posts would be early\n      do:   start an NTP client"
        );
    }
}
