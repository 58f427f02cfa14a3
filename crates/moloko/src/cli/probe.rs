//! `moloko probe FILE`: what a video or picture is and whether TikTok takes it, without an instance. Exit 0 accepted, 1 not, 2 wrong use.

use crate::args::ProbeArgs;
use crate::terminal::{complain, say};
use domain::media::{FileFacts, MediaOutcome, judge_file};
use std::process::ExitCode;

pub async fn run(args: ProbeArgs) -> ExitCode {
    match std::fs::metadata(&args.file) {
        Ok(facts) if facts.is_file() => {}
        Ok(_) => return misuse(&format!("{} is not a file. Name a video or a picture.", args.file.display())),
        Err(error) => {
            return misuse(&format!("{} cannot be read ({error}). Name a video or a picture.", args.file.display()));
        }
    }
    let facts = app::media::probe::probe_path(&args.file).await;
    let verdict = judge_file(facts.as_ref());
    if args.json {
        let line = serde_json::json!({ "file": args.file, "facts": facts.as_ref().ok(), "verdict": verdict });
        say(&line.to_string());
    } else {
        match &facts {
            Ok(FileFacts::Photo(facts)) => say(&format!(
                "{}: {} x {} px, {} bytes, {}",
                args.file.display(),
                facts.width_px,
                facts.height_px,
                facts.size_bytes,
                facts.format.mime()
            )),
            Ok(FileFacts::Video(facts)) => say(&format!(
                "{}: {} x {} px, {} s, {} bytes, {}",
                args.file.display(),
                facts.width_px,
                facts.height_px,
                facts.duration_ms / 1000,
                facts.size_bytes,
                facts.container.mime()
            )),
            Err(failure) => say(&format!("{}: {}", args.file.display(), failure.code())),
        }
        say(&format!("TikTok: {}", verdict.outcome.code()));
        for finding in &verdict.findings {
            say(&format!("  {}: measured {}, allowed {}", finding.rule.code(), finding.measured, finding.allowed));
        }
    }
    match verdict.outcome {
        MediaOutcome::Accept => ExitCode::SUCCESS,
        MediaOutcome::Fixable | MediaOutcome::Reject => ExitCode::from(1),
    }
}

fn misuse(text: &str) -> ExitCode {
    complain(&format!("moloko: {text}"));
    ExitCode::from(2)
}
