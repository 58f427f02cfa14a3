//! MOLOKO.VIDEO, the one binary: the service, the demo, the simulator and what operators need.
//!
//! Owns the command line, the settings, start and stop. Must not decide anything about posts: that is `app` and `domain`.

mod args;
mod cli;
mod config;
mod demo;
mod instance_key;
mod operator;
mod service;
mod signals;
mod simulated;
mod telemetry;
mod terminal;
mod traces;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = args::Args::parse();
    match cli::run(args.command) {
        Ok(code) => code,
        Err(error) => {
            terminal::complain(&format!("moloko: {error:#}"));
            ExitCode::from(1)
        }
    }
}
