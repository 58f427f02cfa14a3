//! The command line, as other programs rely on it. Owns names and help; values are parsed here, acted upon in `cli`.

use crate::config::Overrides;
use clap::{Args as ClapArgs, Parser, Subcommand};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Plan TikTok posts once; they go out on time, exactly once.
#[derive(Debug, Parser)]
#[command(name = "moloko", version, about, max_term_width = 100)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say what is set, where it comes from, and what is wrong with it.
    Check(InstanceArgs),
}

/// Which instance: its settings file and the two settings that are often given by hand.
#[derive(Debug, ClapArgs)]
pub struct InstanceArgs {
    /// Settings file; config/moloko.example.env explains every line of one.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// IP address and port to listen on.
    #[arg(long, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// Folder for everything the instance keeps.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

impl InstanceArgs {
    /// The settings given on the command line.
    pub fn overrides(&self) -> Overrides {
        let mut overrides = Overrides::new();
        if let Some(listen) = self.listen {
            overrides.insert("MOLOKO_LISTEN", listen.to_string());
        }
        if let Some(data) = &self.data {
            overrides.insert("MOLOKO_DATA", data.display().to_string());
        }
        overrides
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Args::command().debug_assert();
    }
}
