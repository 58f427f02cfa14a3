//! `moloko probe FILE`: what a video or picture is and whether TikTok takes it, without an instance. Exit 0 accepted, 1 not, 2 wrong use.
//!
//! Our own reading of the headers decides; ffprobe, where it is installed and its sandbox stands, tells more.

use crate::args::ProbeArgs;
use crate::config::program;
use crate::service::THIS_BINARY;
use crate::terminal::{complain, say};
use app::media::deeper::{Deeper, look};
use app::media::probe::{probe_path, traces_path};
use app::media::tools::{Isolation, Tools};
use domain::media::{FileFacts, Finding, MediaOutcome, MediaVerdict, ProbeFailure, Traces, judge_file};
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;

/// Everything that is known about a file.
struct Report<'a> {
    file: &'a Path,
    facts: Result<FileFacts, ProbeFailure>,
    deeper: Option<Deeper>,
    traces: Traces,
    verdict: MediaVerdict,
}

pub async fn run(args: ProbeArgs) -> ExitCode {
    match std::fs::metadata(&args.file) {
        Ok(facts) if facts.is_file() => {}
        Ok(_) => return misuse(&format!("{} is not a file. Name a video or a picture.", args.file.display())),
        Err(error) => {
            return misuse(&format!("{} cannot be read ({error}). Name a video or a picture.", args.file.display()));
        }
    }
    let facts = probe_path(&args.file).await;
    let deeper = match &facts {
        Ok(facts) => deeper(&args.file, facts).await,
        Err(_) => None,
    };
    let traces = traces_path(&args.file).await.or(deeper.as_ref().map_or_else(Traces::default, |it| it.traces));
    let verdict = judge_file(facts.as_ref());
    let report = Report { file: &args.file, facts, deeper, traces, verdict };
    if args.json {
        say(&report.json().to_string());
    } else {
        for line in report.lines() {
            say(&line);
        }
    }
    match report.verdict.outcome {
        MediaOutcome::Accept => ExitCode::SUCCESS,
        MediaOutcome::Fixable | MediaOutcome::Reject => ExitCode::from(1),
    }
}

async fn deeper(file: &Path, facts: &FileFacts) -> Option<Deeper> {
    let ffmpeg = program("ffmpeg")("auto").ok().flatten()?;
    let tools = Tools::new(ffmpeg, Isolation::Sandbox { launcher: THIS_BINARY.into() }).ok()?;
    match look(&tools, file, facts).await {
        Ok(deeper) => deeper,
        Err(error) => {
            complain(&format!("moloko: ffprobe told nothing ({error}); what follows is from the headers alone"));
            None
        }
    }
}

impl Report<'_> {
    fn json(&self) -> serde_json::Value {
        let findings: Vec<_> = self.verdict.findings.iter().map(finding).collect();
        json!({
            "file": self.file,
            "facts": self.facts.as_ref().ok(),
            "deeper": self.deeper,
            "traces": self.traces,
            "verdict": { "outcome": self.verdict.outcome, "findings": findings },
        })
    }

    fn lines(&self) -> Vec<String> {
        let file = self.file.display();
        let mut lines = match &self.facts {
            Ok(FileFacts::Photo(facts)) => vec![format!(
                "{file}: {} x {} px, {} bytes, {}",
                facts.width_px,
                facts.height_px,
                facts.size_bytes,
                facts.format.mime()
            )],
            Ok(FileFacts::Video(facts)) => {
                let rate = facts
                    .fps_milli
                    .map_or_else(|| "?".to_owned(), |fps| format!("{}.{:02}", fps / 1000, fps % 1000 / 10));
                vec![
                    format!(
                        "{file}: {} x {} px, {} s, {} bytes, {}",
                        facts.width_px,
                        facts.height_px,
                        facts.duration_ms / 1000,
                        facts.size_bytes,
                        facts.container.mime()
                    ),
                    format!(
                        "video: {}, {rate} frames a second, turned by {} degrees; sound: {}",
                        facts.video_codec.name(),
                        facts.rotation_deg,
                        facts.audio_codec.as_deref().unwrap_or("none")
                    ),
                ]
            }
            Err(failure) => vec![format!("{file}: {failure}")],
        };
        if let Some(deeper) = &self.deeper {
            if deeper.variable_frame_rate {
                lines.push("frames do not follow each other evenly".to_owned());
            }
            if let Some(transfer) = deeper.high_dynamic_range {
                lines.push(format!("high dynamic range ({transfer})"));
            }
        }
        for (told, what) in [(self.traces.location, "where it was made"), (self.traces.device, "with which device")] {
            if told {
                lines.push(format!("it tells {what}"));
            }
        }
        lines.push(format!("TikTok: {}", self.verdict.outcome.code()));
        lines.extend(
            self.verdict
                .findings
                .iter()
                .map(|found| format!("  {}: measured {}, allowed {}", found.reason(), found.measured, found.allowed)),
        );
        lines
    }
}

fn finding(it: &Finding) -> serde_json::Value {
    json!({
        "rule": it.rule,
        "reason": it.reason(),
        "effect": it.effect,
        "measured": it.measured,
        "allowed": it.allowed,
        "source": it.rule.source(),
    })
}

fn misuse(text: &str) -> ExitCode {
    complain(&format!("moloko: {text}"));
    ExitCode::from(2)
}
