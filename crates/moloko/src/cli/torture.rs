//! `moloko torture`: the engine against the simulator under every fault that seeds think of. Exit 0 only if each promise was kept.

use crate::args::TortureArgs;
use crate::terminal::{complain, say};
use anyhow::Result;
use std::process::ExitCode;
use std::time::Instant;
use torture::{Bench, Outcome, Plot, Summary};

pub fn run(args: &TortureArgs) -> Result<ExitCode> {
    match args.seed {
        Some(seed) => replay(seed, args.json),
        None => many(args),
    }
}

/// One story, step by step.
fn replay(seed: u64, json: bool) -> Result<ExitCode> {
    let plot = Plot::of_seed(seed);
    let (outcome, steps) = Bench::new()?.replay(&plot)?;
    if json {
        say(&serde_json::json!({ "plot": plot, "outcome": outcome, "steps": steps }).to_string());
    } else {
        say(&format!(
            "seed {seed}: {} node(s), {} account(s), {} post(s)",
            plot.nodes,
            plot.accounts,
            plot.posts.len()
        ));
        steps.iter().for_each(|step| say(step));
        told(&outcome);
        for (end, count) in &outcome.ends {
            say(&format!("{count} x {end}"));
        }
    }
    Ok(exit(outcome.breaches.is_empty()))
}

fn many(args: &TortureArgs) -> Result<ExitCode> {
    let began = now();
    let workers = args.workers.unwrap_or_else(torture::workers);
    let mut sum = Summary::default();
    if args.systematic {
        let bench = Bench::new()?;
        sum = torture::every_step(&bench, |name, steps| {
            if !args.json {
                say(&format!("died at each of {steps} steps: {name}"));
            }
        })?;
    }
    sum.merge(torture::seeds(args.from, args.seeds, workers, |outcome| {
        if !args.json {
            told(outcome);
        }
    })?);
    sum.seconds = began.elapsed().as_secs_f64();
    if args.json {
        say(&serde_json::to_string(&sum)?);
    } else {
        table(&sum);
    }
    Ok(exit(sum.is_clean()))
}

#[expect(clippy::disallowed_methods, reason = "how long the torture took is said in real time")]
fn now() -> Instant {
    Instant::now()
}

fn told(outcome: &Outcome) {
    for breach in &outcome.breaches {
        complain(&format!("seed {}: {:?}: {}", outcome.seed, breach.invariant, breach.what));
    }
}

fn table(sum: &Summary) {
    for (invariant, count) in &sum.checks {
        say(&format!("{invariant:?}: looked at {count} times"));
    }
    for (end, count) in &sum.ends {
        say(&format!("{count} posts ended: {end}"));
    }
    say(&format!(
        "{} stories with {} posts and {} h of virtual time in {:.1} s ({:.0} a second)",
        sum.seeds,
        sum.posts,
        sum.virtual_seconds / 3600,
        sum.seconds,
        per_second(sum)
    ));
    say(&format!(
        "duplicates {}, lost {}, early {}, false states {}, stuck {}",
        sum.duplicates, sum.lost, sum.early, sum.false_states, sum.stuck
    ));
    if !sum.failing_seeds.is_empty() {
        say(&format!("replay one with: moloko torture --seed N, N of {:?}", sum.failing_seeds));
    }
}

fn per_second(sum: &Summary) -> f64 {
    f64::from(u32::try_from(sum.seeds).unwrap_or(u32::MAX)) / sum.seconds.max(0.001)
}

const fn exit(clean: bool) -> ExitCode {
    if clean { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
