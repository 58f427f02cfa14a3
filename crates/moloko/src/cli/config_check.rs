//! `moloko config check`: every setting, where it comes from, and what is wrong. Starts nothing and shows no secret.

use crate::args::InstanceArgs;
use crate::config::{Config, ConfigProblem, Source};
use crate::terminal::{complain, say};
use std::process::ExitCode;

/// Exit 0 when the instance could start with these settings, 1 otherwise.
pub fn run(instance: &InstanceArgs) -> ExitCode {
    let source = match Source::new(instance.overrides(), instance.config.as_deref()) {
        Ok(source) => source,
        Err(problems) => return refuse(&problems),
    };
    for (name, value, origin) in source.overview() {
        say(&format!("{name:<32} {value}  [{origin}]"));
    }
    match Config::read(&source) {
        Ok(_) => {
            say("the settings make sense; `moloko doctor` looks at the world around them");
            ExitCode::SUCCESS
        }
        Err(problems) => refuse(&problems),
    }
}

fn refuse(problems: &[ConfigProblem]) -> ExitCode {
    for problem in problems {
        complain(&problem.to_string());
    }
    ExitCode::from(1)
}
