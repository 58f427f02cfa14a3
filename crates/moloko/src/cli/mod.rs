//! One file per command. Owns the translation from arguments to calls and from results to exit codes.

mod audit;
mod backup;
mod blobs;
mod config_check;
mod confined;
mod demo;
mod doctor;
mod import;
mod incident;
mod key;
mod migrate;
mod operators;
mod policy;
mod privacy;
mod probe;
mod requests;
mod restore;
mod scan;
mod serve;
mod sim;
mod torture;

use crate::args::{AuditCommand, Command, ConfigCommand, IncidentCommand, InstanceArgs, PolicyCommand, PrivacyCommand};
use crate::config::{Config, ConfigProblem, Source};
use anyhow::{Context, bail};
use std::process::ExitCode;

/// Runs a command; the code is what the command line promises for its outcome.
pub fn run(command: Command) -> anyhow::Result<ExitCode> {
    // It must still have one thread, and becomes another program.
    if let Command::Confined { arguments } = command {
        return Ok(confined::run(arguments));
    }
    // It makes a runtime for each of its stories, which cannot be within another one.
    if let Command::Torture(args) = &command {
        return torture::run(args);
    }
    let runtime = tokio::runtime::Runtime::new().context("the async runtime cannot be started")?;
    let code = runtime.block_on(async {
        match command {
            Command::Demo(args) => demo::run(args).await.map(|()| ExitCode::SUCCESS),
            Command::Serve(instance) => serve::run(&instance).await.map(|()| ExitCode::SUCCESS),
            Command::Sim(args) => sim::run(args).await.map(|()| ExitCode::SUCCESS),
            Command::Probe(args) => Ok(probe::run(args).await),
            Command::Doctor(instance) => doctor::run(&instance).await,
            Command::Config(ConfigCommand::Check(instance)) => Ok(config_check::run(&instance)),
            Command::Migrate(instance) => migrate::run(&instance).await.map(|()| ExitCode::SUCCESS),
            Command::Privacy(PrivacyCommand::Scan { text, texts, places, json, instance }) => {
                scan::run(&scan::Wish { text, texts, places, json }, &instance).await
            }
            Command::Privacy(command) => privacy::run(command).await.map(|()| ExitCode::SUCCESS),
            Command::Policy(PolicyCommand::Check(args)) => policy::check(&args).await,
            Command::Requests(command) => requests::run(command).await.map(|()| ExitCode::SUCCESS),
            Command::Operator(command) => operators::run(command).await.map(|()| ExitCode::SUCCESS),
            Command::Blobs(command) => blobs::run(command).await,
            Command::Backup(args) => backup::run(&args).await,
            Command::Restore(args) => restore::run(&args).await,
            Command::Import(args) => import::run(&args).await.map(|()| ExitCode::SUCCESS),
            Command::Audit(AuditCommand::Verify(args)) => audit::verify(&args).await,
            Command::Audit(AuditCommand::Show(args)) => audit::show(&args).await.map(|()| ExitCode::SUCCESS),
            Command::Incident(IncidentCommand::Report(args)) => incident::run(&args).await.map(|()| ExitCode::SUCCESS),
            Command::Key(command) => key::run(&command).await,
            Command::Torture(args) => torture::run(&args),
            Command::Confined { arguments } => Ok(confined::run(arguments)),
        }
    });
    // Blocking work that was abandoned (a slow disk, a child) must not keep the process alive.
    runtime.shutdown_background();
    code
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
