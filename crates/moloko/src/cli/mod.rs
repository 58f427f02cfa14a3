//! One file per command. Owns the translation from arguments to calls and from results to exit codes.

mod config_check;

use crate::args::{Command, ConfigCommand, InstanceArgs};
use crate::config::{Config, ConfigProblem, Source};
use anyhow::bail;
use std::process::ExitCode;

/// Runs a command; the code is what the command line promises for its outcome.
pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Config(ConfigCommand::Check(instance)) => Ok(config_check::run(&instance)),
    }
}

/// The instance's settings, or an error that names all that is wrong.
fn settings(instance: &InstanceArgs) -> anyhow::Result<Config> {
    match Source::new(instance.overrides(), instance.config.as_deref()).and_then(|source| Config::read(&source)) {
        Ok(config) => Ok(config),
        Err(problems) => bail!("the settings need attention:\n{}", list(&problems)),
    }
}

fn list(problems: &[ConfigProblem]) -> String {
    problems.iter().map(|problem| format!("  {problem}")).collect::<Vec<_>>().join("\n")
}
