//! The command line, as other programs rely on it. Owns names and help; values are parsed here, acted upon in `cli`.

use crate::config::Overrides;
use clap::{Args as ClapArgs, Parser, Subcommand, ValueEnum};
use domain::id::{ConnectionId, HoldId, OperatorId, RequestNumber, UserId};
use std::ffi::OsString;
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
    /// Start the service, a simulated TikTok and sample data in one process.
    Demo(DemoArgs),
    /// Start the service.
    Serve(InstanceArgs),
    /// Start the simulated TikTok alone, with its console.
    Sim(SimArgs),
    /// Measure a video and say whether TikTok takes it. Exit code 0: yes, 1: no, 2: wrong use.
    Probe(ProbeArgs),
    /// Look at keys, addresses, TLS, clock, disk and database, and say what to do.
    Doctor(InstanceArgs),
    /// Look at the settings.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Bring the database to this version.
    Migrate(InstanceArgs),
    /// Erase accounts and people, place legal holds, and see what is to be erased.
    #[command(subcommand)]
    Privacy(PrivacyCommand),
    /// Hold the program and this instance to the privacy policy.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Read what people wrote to the operator, and answer.
    #[command(subcommand)]
    Requests(RequestsCommand),
    /// Let somebody operate the instance at its pages: a link for a passkey, the list, the removal.
    #[command(subcommand)]
    Operator(OperatorCommand),
    /// Look after the stored media files: hold them to the database, or move them to a storage and back.
    #[command(subcommand)]
    Blobs(BlobsCommand),
    /// Copy database and stored files into a folder of backups, beside the running service; copies whose time is over are removed. The instance key is
    /// never in it: keep a copy of that elsewhere.
    Backup(BackupArgs),
    /// Put a backup back into the data folder, or into the PostgreSQL database of the settings. The service must not be running.
    Restore(RestoreArgs),
    /// Take an export of this or another instance into an empty one. The service must not be running.
    Import(ImportArgs),
    /// Look at the audit record: who signed in, connected, deleted, and which keys were used.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Change the instance key while the service runs: add a version, seal everything under it, retire the old one.
    #[command(subcommand)]
    Key(KeyCommand),
    /// What an operator needs when data may have come into wrong hands.
    #[command(subcommand)]
    Incident(IncidentCommand),
    /// Between two processes of the service: raise the walls of the media sandbox and become the program that is named.
    #[command(name = app::media::tools::CONFINED, hide = true)]
    Confined {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Torture the publishing engine with seeded faults in virtual time. Exit code 0 only if every promise was kept.
    Torture(TortureArgs),
}

#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Say what is set, where it comes from, and what is wrong with it.
    Check(InstanceArgs),
}

/// What to take in.
#[derive(Debug, ClapArgs)]
pub struct ImportArgs {
    /// The file, as a person downloaded it or `moloko privacy export` wrote it.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    pub instance: InstanceArgs,
}

/// What to copy where.
#[derive(Debug, ClapArgs)]
#[command(args_conflicts_with_subcommands = true)]
pub struct BackupArgs {
    #[command(subcommand)]
    pub command: Option<BackupCommand>,
    /// The folder of backups; it is made. On another disk, or copied to another machine afterwards.
    #[arg(long, value_name = "FOLDER")]
    pub to: Option<PathBuf>,
    /// For how many days backups are kept, without it MOLOKO_BACKUP_DAYS; never longer, because people were promised that.
    #[arg(long, value_name = "N")]
    pub keep_days: Option<u32>,
    /// Bring only the marks of what was erased to the folder: small enough to be done each minute.
    #[arg(long)]
    pub marks_only: bool,
    /// Make the backup although none of the stored files that the database names is there, because they are lost.
    #[arg(long)]
    pub without_files: bool,
    #[command(flatten)]
    pub instance: InstanceArgs,
}

#[derive(Debug, Subcommand)]
pub enum BackupCommand {
    /// Read every backup and compare it with what was written. Exit code 0: each can be put back; 1: something is wrong, or there is none.
    Verify {
        /// The folder of backups.
        #[arg(long, value_name = "FOLDER")]
        from: PathBuf,
        /// Print one line of JSON for each finding, and one for the sum.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// List the backups, the oldest first.
    List {
        /// The folder of backups.
        #[arg(long, value_name = "FOLDER")]
        from: PathBuf,
    },
}

/// What to put back.
#[derive(Debug, ClapArgs)]
pub struct RestoreArgs {
    /// The folder of backups.
    #[arg(long, value_name = "FOLDER", required_unless_present = "give_up")]
    pub from: Option<PathBuf>,
    /// Which backup, as the list names it; without it the newest.
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// There is a database already: the backup takes its place, and what is in it now is lost.
    #[arg(long)]
    pub replace: bool,
    /// After a restore that was broken off: go on with the database that was there before it.
    #[arg(long, conflicts_with_all = ["from", "name", "replace"])]
    pub give_up: bool,
    #[command(flatten)]
    pub instance: InstanceArgs,
}

#[derive(Debug, Subcommand)]
pub enum BlobsCommand {
    /// Read every stored file and find what is missing, corrupt, or belongs to nothing. Exit code 0: all is well; 1: something is not.
    Verify {
        /// Print one line of JSON for each finding, and one for the sum.
        #[arg(long)]
        json: bool,
        /// Remove what has belonged to nothing for more than a day. Nothing else is changed.
        #[arg(long)]
        repair: bool,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Move the stored files from the data folder to the storage that MOLOKO_BLOBS names, or back. The service must not be running. It can be
    /// broken off and run again.
    Move {
        /// Where to.
        #[arg(long, value_name = "PLACE")]
        to: BlobsPlace,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Say at the storage that MOLOKO_BLOBS names that all its files belong to this database, for example after it came from a backup. Files
    /// there that this database does not know are removed in the end.
    Bind(InstanceArgs),
}

/// Where stored files lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BlobsPlace {
    /// The storage that MOLOKO_BLOBS names.
    Bucket,
    /// The data folder.
    Disk,
}

#[derive(Debug, Subcommand)]
pub enum PrivacyCommand {
    /// Find the ids of accounts and of people by handle or name; people without an account, too.
    Find {
        /// Part of a handle or name.
        text: String,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Erase an account or a person, as if they had asked for it on the page.
    Erase {
        #[command(flatten)]
        target: TargetArgs,
        /// They are not of age: erase at once, without time to take it back.
        #[arg(long)]
        under_age: bool,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Write everything that is held about a person into a file, as they can on the page, for somebody who wrote to you.
    Export {
        /// Id of the person, or of a workspace that one person is in.
        #[arg(value_name = "WORKSPACE|PERSON")]
        of: UserId,
        /// The file to write; it must not be there yet.
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Without the files that they uploaded.
        #[arg(long)]
        without_media: bool,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Look for texts in the raw bytes of the data folder, of a PostgreSQL database's rows and of further folders (backups, logs): as they are, in every usual
    /// encoding, inside packed files, and in names of files. Exit code 0: none was found; 1: one was, or something could not be read.
    Scan {
        /// A text, for example a handle, a caption or part of a file; can be given several times.
        #[arg(long, value_name = "TEXT")]
        text: Vec<String>,
        /// A file of texts, one a line; - reads standard input, so that no text stands in the shell's history.
        #[arg(long, value_name = "FILE")]
        texts: Option<PathBuf>,
        /// A further folder or file to look through; can be given several times.
        #[arg(long = "in", value_name = "PATH")]
        places: Vec<PathBuf>,
        /// Print one line of JSON for each trace, and one for the sum.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Say what is to be erased, since when, and what is held.
    Status {
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Say who has not been here for long, which warnings they had, and when they are erased unless they come back.
    Inactive {
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Keep an account's or a person's data although it is to be erased. Tokens are not kept.
    Hold {
        #[command(flatten)]
        target: TargetArgs,
        /// Why, for example a file number; never content.
        #[arg(long, value_name = "TEXT")]
        reason: String,
        /// For how many days, 366 at most.
        #[arg(long, value_name = "N")]
        days: i64,
        /// The law forbids to tell the people of it: why. Without it they see on "Your data" that something is kept, and until when.
        #[arg(long, value_name = "WHY")]
        untold: Option<String>,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// End a hold; what waited for it is erased.
    Release {
        /// The hold's id.
        hold: HoldId,
        #[command(flatten)]
        instance: InstanceArgs,
    },
}

#[derive(Debug, Subcommand)]
pub enum OperatorCommand {
    /// Print an address that registers one passkey within ten minutes. For a name that is known it adds another passkey.
    Link {
        /// What the operator is called.
        #[arg(long, value_name = "NAME", default_value = "operator")]
        name: String,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// List operators with their passkeys and signed-in browsers.
    List {
        /// Print one line of JSON for each.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Remove an operator: passkeys and sessions end at once.
    Remove {
        /// The operator's id, as the list shows it.
        operator: OperatorId,
        #[command(flatten)]
        instance: InstanceArgs,
    },
}

#[derive(Debug, Subcommand)]
pub enum RequestsCommand {
    /// List the requests that wait for an answer, longest first, with the date by which it is owed.
    List {
        /// Also those that were answered or closed, newest first.
        #[arg(long)]
        all: bool,
        /// Print one line of JSON for each.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Show a request with everything that was written.
    Show {
        /// The request's number.
        number: RequestNumber,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Answer a request; without --text the answer is read from standard input.
    Answer {
        /// The request's number.
        number: RequestNumber,
        /// The answer.
        #[arg(long, value_name = "TEXT")]
        text: Option<String>,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Close a request; nothing more can be written to it.
    Close {
        /// The request's number.
        number: RequestNumber,
        #[command(flatten)]
        instance: InstanceArgs,
    },
}

/// What the operator acts upon.
#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub struct TargetArgs {
    /// Id of an account's connection.
    #[arg(long, value_name = "ID")]
    pub connection: Option<ConnectionId>,
    /// Id of a person.
    #[arg(long, value_name = "ID")]
    pub person: Option<UserId>,
}

#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Say for each clause what keeps it, what shows that, and what was seen in this instance. Exit code 0: nothing speaks against a promise; 1: something does.
    Check(PolicyCheckArgs),
}

/// What the policy is held to.
#[derive(Debug, ClapArgs)]
pub struct PolicyCheckArgs {
    /// Results of the tests, as `make test` leaves them in target/promises.json; each promise then needs a test that passed.
    #[arg(long, value_name = "FILE")]
    pub evidence: Option<PathBuf>,
    /// Look at the program alone, not at an instance.
    #[arg(long)]
    pub program_only: bool,
    /// Print one line of JSON for each clause.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub instance: InstanceArgs,
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Walk the whole record. Exit code 0: every entry is as it was written and none is missing; 1: not so, with the first that is not.
    Verify(AuditVerifyArgs),
    /// Show the newest entries.
    Show(AuditShowArgs),
}

/// What to hold the record to.
#[derive(Debug, ClapArgs)]
pub struct AuditVerifyArgs {
    /// The last entry at an earlier time, as an earlier run or the daily line of the log gave it: finds a record that was written anew.
    #[arg(long, value_name = "NUMBER:HASH")]
    pub noted: Option<String>,
    #[command(flatten)]
    pub instance: InstanceArgs,
}

/// Which entries.
#[derive(Debug, ClapArgs)]
pub struct AuditShowArgs {
    /// How many.
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub limit: u32,
    /// Only those whose action begins like this, for example connection.
    #[arg(long, value_name = "WORD")]
    pub action: Option<String>,
    /// Print one line of JSON for each.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub instance: InstanceArgs,
}

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Write a new version into the key file. It seals nothing yet.
    Add(InstanceArgs),
    /// Let the newest version seal, and seal everything under it. Exit code 0: nothing is sealed under another one any more; 1: something still is, run it again.
    Rotate(InstanceArgs),
    /// Take a version out of the key file. Refuses while anything needs it.
    Retire {
        /// The version.
        #[arg(value_name = "VERSION", value_parser = clap::value_parser!(i64).range(1..))]
        version: i64,
        #[command(flatten)]
        instance: InstanceArgs,
    },
    /// Say which versions there are, which one seals, and what is sealed under which.
    Status(InstanceArgs),
}

#[derive(Debug, Subcommand)]
pub enum IncidentCommand {
    /// Whom it concerns, what was held of them, and until when the authority has to be told.
    Report(IncidentReportArgs),
}

/// What happened when, to whom.
#[derive(Debug, ClapArgs)]
pub struct IncidentReportArgs {
    /// From when something may have been open: a day (2026-11-26) or a time (2026-11-26T14:00:00Z).
    #[arg(long, value_name = "WHEN")]
    pub from: String,
    /// Until when; a day counts to its end.
    #[arg(long, value_name = "WHEN")]
    pub to: String,
    /// Only this person.
    #[arg(long, value_name = "ID", conflicts_with_all = ["connection", "key"])]
    pub person: Option<String>,
    /// Only whoever works with this TikTok account.
    #[arg(long, value_name = "ID", conflicts_with = "key")]
    pub connection: Option<String>,
    /// Only what is sealed under this version of the instance key.
    #[arg(long, value_name = "VERSION", value_parser = clap::value_parser!(i64).range(1..))]
    pub key: Option<i64>,
    /// When it was noticed, where the 72 hours begin; without it now.
    #[arg(long, value_name = "WHEN")]
    pub noticed_at: Option<String>,
    /// Print one line of JSON.
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub instance: InstanceArgs,
}

/// Where the demo runs.
#[derive(Debug, ClapArgs)]
pub struct DemoArgs {
    /// IP address and port of the service; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Folder to keep everything in; without it a temporary one is used and removed at the end.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// When ready, print one line of JSON with url, simulator, cookie and token, and nothing else.
    #[arg(long)]
    pub json: bool,
    /// Begin with so many months of posts and their numbers, made in a quarter of a minute a month by going through them in virtual time.
    #[arg(long, value_name = "MONTHS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=6))]
    pub months: u32,
}

/// What the simulator is.
#[derive(Debug, ClapArgs)]
pub struct SimArgs {
    /// IP address and port; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:9100")]
    pub listen: SocketAddr,
    /// Key of the one app it knows.
    #[arg(long, value_name = "KEY", default_value = crate::simulated::CLIENT_KEY)]
    pub client_key: String,
    /// Secret of that app. Not a real secret: it opens nothing but this simulator.
    #[arg(long, value_name = "SECRET", default_value = crate::simulated::CLIENT_SECRET)]
    pub client_secret: String,
    /// A redirect address the app has registered; can be given several times.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:8080/oauth/tiktok/callback/")]
    pub redirect_uri: Vec<String>,
    /// Accept every redirect address. TikTok does not.
    #[arg(long)]
    pub accept_any_redirect: bool,
    /// Where the app wants to be told about its posts.
    #[arg(long, value_name = "URL")]
    pub webhook_url: Option<String>,
    /// Seed of everything that is random in it.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub seed: u64,
    /// How far the app has come with TikTok's reviews.
    #[arg(long, value_name = "STAGE", default_value = "live")]
    pub app: SimApp,
    /// Folder for the videos it receives; without it a temporary one.
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// When ready, print one line of JSON with url and console, and nothing else.
    #[arg(long)]
    pub json: bool,
}

/// How far an app has come with TikTok's reviews.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SimApp {
    /// Reviewed and audited: may post publicly.
    Live,
    /// Reviewed, not audited: private posts of few people only.
    Unaudited,
    /// A sandbox: its target users only.
    Sandbox,
    /// Not reviewed: nobody may sign in.
    Draft,
}

/// What to measure.
#[derive(Debug, ClapArgs)]
pub struct ProbeArgs {
    /// The video.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Print one line of JSON.
    #[arg(long)]
    pub json: bool,
}

/// Which stories to tell.
#[derive(Debug, ClapArgs)]
pub struct TortureArgs {
    /// How many seeds.
    #[arg(long, value_name = "N", default_value_t = 1000)]
    pub seeds: u64,
    /// The first of them.
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub from: u64,
    /// Replay one seed, step by step.
    #[arg(long, value_name = "NUMBER", conflicts_with_all = ["seeds", "from"])]
    pub seed: Option<u64>,
    /// Before the seeds, let the node die at every single step of a few small stories.
    #[arg(long)]
    pub systematic: bool,
    /// Threads; without it a few for each core.
    #[arg(long, value_name = "N")]
    pub workers: Option<usize>,
    /// Print one line of JSON.
    #[arg(long)]
    pub json: bool,
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
