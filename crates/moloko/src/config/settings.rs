//! The settings of one instance, parsed and checked against each other. Collects every problem instead of stopping at the
//! first; opens no database and makes no request.

use super::catalogue as name;
use super::source::Source;
use super::storage::Storage;
use super::values::{self, DiskReserve, Processor, PublicUrl, is_simulator_key};
use super::{ConfigProblem, secret};
use domain::privacy::clauses::{ERASURE_DAYS, PURGE_INTERVAL_DAYS, REQUEST_LOG_DAYS, REQUEST_LOG_IP_DAYS};
use secrecy::SecretString;
use std::net::SocketAddr;
use std::path::PathBuf;
use store::requests::Keep;
use url::Url;

/// For whom the instance runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// People's accounts at TikTok: nothing of a simulator is accepted.
    Production,
    /// Trying things out: a simulator may stand in for TikTok.
    Development,
}

/// Where the rows live.
#[derive(Debug)]
pub enum Database {
    /// The embedded database in the data folder.
    Embedded,
    /// A PostgreSQL; the address may hold a password.
    Postgres(SecretString),
}

/// Where the key that wraps all others comes from.
#[derive(Debug)]
pub enum InstanceKeySource {
    /// Given as text: by the environment, or by a command.
    Given(SecretString),
    /// A file of the operator's, perhaps shared by several nodes.
    File(PathBuf),
    /// `instance.key` in the data folder, made at the first start.
    DataFolder,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Pretty,
    /// One JSON object a line.
    Json,
}

/// When the sign-in carries a proof key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pkce {
    /// With a loopback address only.
    Auto,
    Always,
    Never,
}

/// The app registered at TikTok (or at a simulator) and where it is reached.
#[derive(Debug)]
pub struct TikTokApp {
    pub client_key: String,
    pub client_secret: SecretString,
    pub authorize_url: Url,
    pub api_url: Url,
    /// The one origin uploads may go to, and pictures come from, instead of TikTok's hosts; only outside production.
    pub upload_origin: Option<Url>,
    /// How names of hosts end from which pictures of accounts are fetched.
    pub avatar_hosts: Vec<String>,
    pub pkce: Pkce,
    /// How far it is there.
    pub status: app::settings::TikTokApp,
    /// More certificates to trust, as a PEM file.
    pub ca_file: Option<PathBuf>,
}

/// Everything an instance needs to know before it starts.
#[derive(Debug)]
pub struct Config {
    pub mode: Mode,
    pub public_url: PublicUrl,
    /// Where TikTok fetches photos, when that is another address.
    pub pull_url: Option<PublicUrl>,
    /// TikTok's word for the verified address.
    pub site_verification: Option<String>,
    pub listen: SocketAddr,
    pub data: PathBuf,
    pub database: Database,
    /// Where finished media files lie.
    pub storage: Storage,
    pub instance_key: InstanceKeySource,
    pub tiktok: TikTokApp,
    pub operator: String,
    pub operator_address: Option<String>,
    pub contact: Option<String>,
    /// Data protection officer or representative.
    pub officer: Option<String>,
    pub complaint_authority: Option<String>,
    pub processors: Vec<Processor>,
    pub data_location: String,
    pub disk_reserve: DiskReserve,
    pub workspace_quota_bytes: u64,
    pub open_uploads_max: u32,
    pub upload_expiry_hours: u32,
    pub waiting_posts_max: u32,
    pub publish_concurrency: usize,
    pub hold_when_late_minutes: u32,
    pub hold_overdue_posts: u32,
    pub hold_overdue_minutes: u32,
    pub late_spacing_minutes: u32,
    /// Days in which an erasure can be taken back.
    pub erasure_grace_days: u32,
    /// Days for which the operator keeps backups.
    pub backup_days: u32,
    /// Days for which the file of a published post is kept.
    pub published_media_days: u32,
    /// Months after which somebody who does not come any more is erased.
    pub inactive_months: u32,
    /// A disconnect keeps no ticket for telling TikTok later.
    pub strict_disconnect: bool,
    pub early_upload: bool,
    /// Bytes per second that this node sends to TikTok at most.
    pub upload_rate: Option<u64>,
    pub ffmpeg: Option<PathBuf>,
    /// ffmpeg is started in a sandbox or not at all.
    pub media_sandbox: bool,
    pub log: String,
    pub log_format: LogFormat,
    /// How long the request log is kept; `None` where there is none.
    pub request_log: Option<Keep>,
    /// Who knows it may read the measurements from anywhere.
    pub metrics_secret: Option<SecretString>,
    /// People may let browsers be told things.
    pub push: bool,
    /// How names of hosts end to which such messages go.
    pub push_hosts: Vec<String>,
    /// The one origin they go to instead; only outside production.
    pub push_origin: Option<Url>,
}

impl Config {
    /// Reads and checks everything.
    ///
    /// # Errors
    /// All that is wrong, each with what to do about it.
    pub fn read(source: &Source) -> Result<Self, Vec<ConfigProblem>> {
        let mut reader = Reader { source, problems: Vec::new() };
        let config = reader.config();
        let problems = reader.problems;
        match config {
            Some(config) if problems.is_empty() => {
                let clashes = config.clashes(source);
                if clashes.is_empty() { Ok(config) } else { Err(clashes) }
            }
            _ => Err(problems),
        }
    }

    /// Settings that are each right but not together.
    fn clashes(&self, source: &Source) -> Vec<ConfigProblem> {
        let mut problems = Vec::new();
        let plain_allowed = source.text(name::ALLOW_PLAIN_HTTP).as_deref() == Some("true");
        if !self.public_url.is_https() && !self.public_url.is_loopback() && !plain_allowed {
            problems.push(ConfigProblem::new(
                name::PUBLIC_URL,
                "people would reach the instance over plain http, so anybody on the way could read their session",
                format!("Use https://, or set {}=true if the network itself is private.", name::ALLOW_PLAIN_HTTP),
            ));
        }
        let days = i64::from(self.erasure_grace_days) + PURGE_INTERVAL_DAYS + i64::from(self.backup_days);
        if days > ERASURE_DAYS {
            problems.push(ConfigProblem::new(
                name::BACKUP_DAYS,
                format!("{days} days would pass until an erasure has reached the oldest backup, but {ERASURE_DAYS} are promised"),
                format!(
                    "Keep backups for fewer days, or lower {}: the two and one day for the work are {ERASURE_DAYS} at most.",
                    name::ERASURE_GRACE
                ),
            ));
        }
        if self.push && self.contact.is_none() {
            problems.push(ConfigProblem::new(
                name::PUSH,
                "push services want to know whom to write to when something is wrong, and there is no address",
                format!("Give {} as well, or leave this away.", name::CONTACT),
            ));
        }
        match self.mode {
            Mode::Production => {
                self.production_clashes(&mut problems);
                self.nobody_answers(source, &mut problems);
            }
            Mode::Development => {}
        }
        problems
    }

    /// People have to know who is responsible for their data, and how to reach them.
    fn nobody_answers(&self, source: &Source, problems: &mut Vec<ConfigProblem>) {
        if source.given(name::OPERATOR).is_none() {
            problems.push(ConfigProblem::new(
                name::OPERATOR,
                "it is missing, and the privacy policy has to say who is responsible for people's data",
                "Write the name of the person or company that runs this instance.",
            ));
        }
        if self.contact.is_none() {
            problems.push(ConfigProblem::new(
                name::CONTACT,
                "it is missing, and the privacy policy has to say where people can ask about their data",
                "Write one e-mail address that somebody reads.",
            ));
        }
    }

    fn production_clashes(&self, problems: &mut Vec<ConfigProblem>) {
        if self.push_origin.is_some() {
            problems.push(ConfigProblem::new(
                name::PUSH_ORIGIN,
                "in production mode messages go to the push services of browsers only",
                format!("Leave the setting away, or set {}=development.", name::MODE),
            ));
        }
        if is_simulator_key(&self.tiktok.client_key) {
            problems.push(ConfigProblem::new(
                name::CLIENT_KEY,
                "this is a simulator's key and the instance runs in production mode",
                format!("Give the key of your app at TikTok, or set {}=development.", name::MODE),
            ));
        }
        let official = |host: &str, wanted: &str| host == wanted;
        for (setting, url, wanted) in [
            (name::AUTHORIZE_URL, &self.tiktok.authorize_url, "www.tiktok.com"),
            (name::API_URL, &self.tiktok.api_url, "open.tiktokapis.com"),
        ] {
            if url.scheme() != "https" || !url.host_str().is_some_and(|host| official(host, wanted)) {
                problems.push(ConfigProblem::new(
                    setting,
                    format!("in production mode this must be https://{wanted}, because tokens are sent there"),
                    format!("Leave the setting away, or set {}=development.", name::MODE),
                ));
            }
        }
        if self.tiktok.upload_origin.is_some() {
            problems.push(ConfigProblem::new(
                name::UPLOAD_ORIGIN,
                "in production mode videos go to TikTok's own hosts only",
                format!("Leave the setting away, or set {}=development.", name::MODE),
            ));
        }
    }
}

/// Nobody needs requests of more than a year ago.
const REQUEST_LOG_DAYS_MAX: u32 = 366;
/// Shortest secret that is no invitation to guess, characters.
const METRICS_SECRET_MIN: usize = 16;

/// Collects problems while values are read.
pub(super) struct Reader<'a> {
    pub(super) source: &'a Source,
    pub(super) problems: Vec<ConfigProblem>,
}

impl Reader<'_> {
    fn config(&mut self) -> Option<Config> {
        // Every value is read before the first `?`, so that one run names all mistakes.
        let mode = self.parsed(name::MODE, "Write production or development.", |text| match text {
            "production" => Ok(Mode::Production),
            "development" => Ok(Mode::Development),
            other => Err(format!("\"{other}\" is not a mode")),
        });
        let public_url = self.parsed(
            name::PUBLIC_URL,
            "Write the address people use, for example https://moloko.example.",
            PublicUrl::parse,
        );
        let pull_url = self.optional(
            name::PULL_URL,
            "Write the https address under which TikTok reaches this server, or leave it away.",
            |text| match PublicUrl::parse(text) {
                Ok(url) if url.is_https() => Ok(url),
                Ok(_) => Err(format!("\"{text}\" is not https, and TikTok fetches photos over https only")),
                Err(problem) => Err(problem),
            },
        );
        let site_verification = self.optional(
            name::SITE_VERIFICATION,
            "Write what stands between \"tiktok\" and \".txt\" in the name of the file that TikTok gave.",
            |text| match text.len() <= 128 && text.chars().all(|c| c.is_ascii_alphanumeric()) {
                true => Ok(text.to_owned()),
                false => Err("it has characters that TikTok's file names have not".to_owned()),
            },
        );
        let listen = self.parsed(name::LISTEN, "Write an IP address and a port, for example 127.0.0.1:8080.", |text| {
            text.parse::<SocketAddr>().map_err(|_| format!("\"{text}\" is not an IP address with a port"))
        });
        let data = self
            .parsed(name::DATA, "Name the folder for everything the instance keeps.", |text| Ok(PathBuf::from(text)));
        let database = self.database();
        let storage = self.storage();
        let instance_key = self.instance_key();
        let tiktok = self.tiktok();
        let disk_reserve = self.parsed(name::DISK_RESERVE_MIB, "Write auto or a number of MiB.", DiskReserve::parse);
        let workspace_quota_bytes = self.parsed(name::WORKSPACE_QUOTA_MIB, "Write a number of MiB.", values::mib);
        let open_uploads_max = self.number(name::OPEN_UPLOADS, 1, 1_000);
        let upload_expiry_hours = self.number(name::UPLOAD_EXPIRY, 1, 168);
        let waiting_posts_max = self.number(name::WAITING_POSTS, 1, 1_000_000);
        let publish_concurrency = self.number(name::PUBLISH_CONCURRENCY, 1, 64).and_then(|n| usize::try_from(n).ok());
        let hold_when_late_minutes = self.number(name::HOLD_WHEN_LATE, 0, 1_440);
        let hold_overdue_posts = self.number(name::HOLD_OVERDUE_POSTS, 0, 100_000);
        let hold_overdue_minutes = self.number(name::HOLD_OVERDUE_MINUTES, 1, 10_080);
        let late_spacing_minutes = self.number(name::LATE_SPACING, 0, 1_440);
        let erasure_grace_days = self.number(name::ERASURE_GRACE, 0, 29);
        let backup_days = self.number(name::BACKUP_DAYS, 0, 29);
        let published_media_days = self.number(name::PUBLISHED_MEDIA, 1, 3_650);
        let inactive_months = self.number(name::INACTIVE_MONTHS, 6, 36);
        let strict_disconnect = self.parsed(name::STRICT_DISCONNECT, "Write true or false.", values::switch);
        let ffmpeg =
            self.parsed(name::FFMPEG, "Write auto, none or the full path of the program.", values::program("ffmpeg"));
        let media_sandbox = self.parsed(name::MEDIA_SANDBOX, "Write on or off.", |text| match text {
            "on" => Ok(true),
            "off" => Ok(false),
            other => Err(format!("\"{other}\" is neither")),
        });
        let contact = self.optional(name::CONTACT, "Write one e-mail address.", |text| match text.split_once('@') {
            Some((user, host)) if !user.is_empty() && host.contains('.') && !text.contains(char::is_whitespace) => {
                Ok(text.to_owned())
            }
            Some(_) | None => Err(format!("\"{text}\" is not an e-mail address")),
        });
        let processors = self.optional(
            name::PROCESSORS,
            "Write name | purpose | country, with a semicolon between two.",
            values::processors,
        );
        let early_upload = self.parsed(name::EARLY_UPLOAD, "Write true or false.", values::switch);
        let upload_rate = self.parsed(
            name::UPLOAD_RATE,
            "Write none or a speed from 100kB/s to 10GB/s, for example 20MB/s.",
            values::upload_rate,
        );
        let plain = self.parsed(name::ALLOW_PLAIN_HTTP, "Write true or false.", values::switch);
        let log = self.parsed(
            name::LOG,
            "Write a level (error, warn, info, debug) or a filter such as info,app=debug.",
            |text| {
                tracing_subscriber::EnvFilter::try_new(text)
                    .map(|_| text.to_owned())
                    .map_err(|error| format!("\"{text}\" is not a log filter ({error})"))
            },
        );
        let log_format = self.parsed(name::LOG_FORMAT, "Write pretty or json.", |text| match text {
            "pretty" => Ok(LogFormat::Pretty),
            "json" => Ok(LogFormat::Json),
            other => Err(format!("\"{other}\" is not a format")),
        });
        let request_log = self.request_log();
        let metrics_secret = self.metrics_secret();
        let push = self.parsed(name::PUSH, "Write true or false.", values::switch);
        let push_hosts = self.parsed(
            name::PUSH_HOSTS,
            "Write endings of host names with a comma between them, for example .push.apple.com, or leave it away.",
            values::host_endings,
        );
        let push_origin = self.optional(name::PUSH_ORIGIN, "Write an address, or leave it away.", |text| {
            Url::parse(text).map_err(|error| format!("\"{text}\" is not an address ({error})"))
        });
        plain?;
        let public_url = public_url?;
        let host = public_url.url().host_str().unwrap_or_default().to_owned();
        Some(Config {
            operator: self.source.text(name::OPERATOR).unwrap_or(host),
            mode: mode?,
            public_url,
            pull_url: pull_url?,
            site_verification: site_verification?,
            listen: listen?,
            data: data?,
            database: database?,
            storage: storage?,
            instance_key: instance_key?,
            tiktok: tiktok?,
            operator_address: self.source.text(name::OPERATOR_ADDRESS),
            contact: contact?,
            officer: self.source.text(name::OFFICER),
            complaint_authority: self.source.text(name::AUTHORITY),
            processors: processors?.unwrap_or_default(),
            data_location: self.source.text(name::DATA_LOCATION).unwrap_or_default(),
            disk_reserve: disk_reserve?,
            workspace_quota_bytes: workspace_quota_bytes?,
            open_uploads_max: open_uploads_max?,
            upload_expiry_hours: upload_expiry_hours?,
            waiting_posts_max: waiting_posts_max?,
            publish_concurrency: publish_concurrency?,
            hold_when_late_minutes: hold_when_late_minutes?,
            hold_overdue_posts: hold_overdue_posts?,
            hold_overdue_minutes: hold_overdue_minutes?,
            late_spacing_minutes: late_spacing_minutes?,
            erasure_grace_days: erasure_grace_days?,
            backup_days: backup_days?,
            published_media_days: published_media_days?,
            inactive_months: inactive_months?,
            strict_disconnect: strict_disconnect?,
            early_upload: early_upload?,
            upload_rate: upload_rate?,
            ffmpeg: ffmpeg?,
            media_sandbox: media_sandbox?,
            log: log?,
            log_format: log_format?,
            request_log: request_log?,
            metrics_secret: metrics_secret?,
            push: push?,
            push_hosts: push_hosts?,
            push_origin: push_origin?,
        })
    }

    fn tiktok(&mut self) -> Option<TikTokApp> {
        let shape = |text: &str| match text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
            && text.len() <= 128
        {
            true => Ok(text.to_owned()),
            false => Err("the key has characters that no client key has".to_owned()),
        };
        let client_key =
            self.parsed(name::CLIENT_KEY, "Copy the client key from your app's page at TikTok for Developers.", shape);
        let client_secret = self.secret(name::CLIENT_SECRET);
        if let Some(None) = client_secret {
            self.problems.push(ConfigProblem::new(
                name::CLIENT_SECRET,
                "it is missing",
                format!(
                    "Copy the client secret of the same app into it or into a file named by {}_FILE.",
                    name::CLIENT_SECRET
                ),
            ));
        }
        let address = |text: &str| Url::parse(text).map_err(|error| format!("\"{text}\" is not an address ({error})"));
        let authorize_url = self.parsed(name::AUTHORIZE_URL, "Leave it away for TikTok.", address);
        let api_url = self.parsed(name::API_URL, "Leave it away for TikTok.", address);
        let upload_origin =
            self.optional(name::UPLOAD_ORIGIN, "Write the simulator's address, or leave it away.", address);
        let avatar_hosts = self.parsed(
            name::AVATAR_HOSTS,
            "Write endings of host names with a comma between them, for example .tiktokcdn.com, or leave it away.",
            values::host_endings,
        );
        let statuses = "Write sandbox, unaudited, audited or unsaid.";
        let status = self.parsed(name::APP_STATUS, statuses, |text| match text {
            "unsaid" => Ok(app::settings::TikTokApp::Unsaid),
            "sandbox" => Ok(app::settings::TikTokApp::Sandbox),
            "unaudited" => Ok(app::settings::TikTokApp::Unaudited),
            "audited" => Ok(app::settings::TikTokApp::Audited),
            other => Err(format!("\"{other}\" is not one of them")),
        });
        let pkce = self.parsed(name::PKCE, "Write auto, always or never.", |text| match text {
            "auto" => Ok(Pkce::Auto),
            "always" => Ok(Pkce::Always),
            "never" => Ok(Pkce::Never),
            other => Err(format!("\"{other}\" is not one of them")),
        });
        let ca_file = self.optional(name::CA_FILE, "Name a readable PEM file.", |text| match std::fs::metadata(text) {
            Ok(_) => Ok(PathBuf::from(text)),
            Err(error) => Err(format!("{text} cannot be read ({error})")),
        });
        Some(TikTokApp {
            client_key: client_key?,
            client_secret: client_secret??,
            authorize_url: authorize_url?,
            api_url: api_url?,
            upload_origin: upload_origin?,
            avatar_hosts: avatar_hosts?,
            pkce: pkce?,
            status: status?,
            ca_file: ca_file?,
        })
    }

    fn database(&mut self) -> Option<Database> {
        use secrecy::ExposeSecret;
        match self.secret(name::DATABASE_URL)? {
            None => Some(Database::Embedded),
            Some(url)
                if url.expose_secret().starts_with("postgres://")
                    || url.expose_secret().starts_with("postgresql://") =>
            {
                Some(Database::Postgres(url))
            }
            Some(_) => {
                self.problems.push(ConfigProblem::new(
                    name::DATABASE_URL,
                    "it does not begin with postgres://",
                    "Write postgres://user:password@host/database, or leave it away for the embedded database.",
                ));
                None
            }
        }
    }

    /// Outer `None`: a problem was noted. Inner `None`: no request log is wanted.
    fn request_log(&mut self) -> Option<Option<Keep>> {
        let wanted = self.parsed(name::REQUEST_LOG, "Write true or false.", values::switch);
        let longer = self.parsed(name::REQUEST_LOG_LONGER, "Write true or false.", values::switch);
        let ip_days = self.number(name::REQUEST_LOG_IP_DAYS, 1, REQUEST_LOG_DAYS_MAX);
        let days = self.number(name::REQUEST_LOG_DAYS, 1, REQUEST_LOG_DAYS_MAX);
        let (longer, keep) = (longer?, Keep { ip_days: ip_days?, days: days? });
        for (setting, given, promised) in [
            (name::REQUEST_LOG_IP_DAYS, keep.ip_days, REQUEST_LOG_IP_DAYS),
            (name::REQUEST_LOG_DAYS, keep.days, REQUEST_LOG_DAYS),
        ] {
            if given > promised && !longer {
                self.problems.push(ConfigProblem::new(
                    setting,
                    format!("the privacy policy promises {promised} days and this is {given}"),
                    format!(
                        "Write {promised} or less, or set {}=true and say it in your policy.",
                        name::REQUEST_LOG_LONGER
                    ),
                ));
            }
        }
        Some(wanted?.then_some(keep))
    }

    fn metrics_secret(&mut self) -> Option<Option<SecretString>> {
        use secrecy::ExposeSecret;
        let given = self.secret(name::METRICS_SECRET)?;
        if given.as_ref().is_some_and(|secret| secret.expose_secret().len() < METRICS_SECRET_MIN) {
            self.problems.push(ConfigProblem::new(
                name::METRICS_SECRET,
                format!("it is shorter than {METRICS_SECRET_MIN} characters, so it could be guessed"),
                "Write a long random text, for example from `openssl rand -hex 24`, or leave it away.",
            ));
            return None;
        }
        Some(given)
    }

    fn instance_key(&mut self) -> Option<InstanceKeySource> {
        let given = self.secret(name::INSTANCE_KEY)?;
        match (given, self.source.given(name::INSTANCE_KEY_COMMAND)) {
            (Some(_), Some(_)) => {
                self.problems.push(ConfigProblem::new(
                    name::INSTANCE_KEY,
                    format!("both it and {} are given", name::INSTANCE_KEY_COMMAND),
                    "Keep one of them.",
                ));
                None
            }
            // Read above, so that a wrong name is told with all other problems; the file itself can be read again when it changes.
            (Some(key), None) => Some(match self.source.given(&format!("{}_FILE", name::INSTANCE_KEY)) {
                Some(path) => InstanceKeySource::File(PathBuf::from(path)),
                None => InstanceKeySource::Given(key),
            }),
            (None, Some(line)) => match secret::from_command(name::INSTANCE_KEY_COMMAND, &line) {
                Ok(key) => Some(InstanceKeySource::Given(key)),
                Err(problem) => {
                    self.problems.push(problem);
                    None
                }
            },
            (None, None) => Some(InstanceKeySource::DataFolder),
        }
    }

    /// Outer `None`: a problem was noted. Inner `None`: nobody gave one.
    pub(super) fn secret(&mut self, setting: &str) -> Option<Option<SecretString>> {
        match secret::read(self.source, setting) {
            Ok(value) => Some(value),
            Err(problem) => {
                self.problems.push(problem);
                None
            }
        }
    }

    pub(super) fn parsed<T>(
        &mut self,
        setting: &str,
        fix: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let outcome = match self.source.text(setting) {
            Some(text) => parse(&text),
            None => Err("it is missing".to_owned()),
        };
        self.note(setting, fix, outcome)
    }

    /// Like `parsed`, for a setting that may be absent.
    pub(super) fn optional<T>(
        &mut self,
        setting: &str,
        fix: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<Option<T>> {
        match self.source.text(setting) {
            None => Some(None),
            Some(text) => self.note(setting, fix, parse(&text)).map(Some),
        }
    }

    fn number(&mut self, setting: &str, least: u32, most: u32) -> Option<u32> {
        let fix = format!("Write a whole number from {least} to {most}.");
        self.parsed(setting, &fix, |text| {
            text.parse()
                .ok()
                .filter(|n| (least..=most).contains(n))
                .ok_or_else(|| format!("\"{text}\" is not such a number"))
        })
    }

    fn note<T>(&mut self, setting: &str, fix: &str, outcome: Result<T, String>) -> Option<T> {
        outcome.map_err(|what| self.problems.push(ConfigProblem::new(setting, what, fix))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REAL: &[(&str, &str)] = &[
        ("MOLOKO_PUBLIC_URL", "https://moloko.example"),
        ("MOLOKO_TIKTOK_CLIENT_KEY", "awexample0123456"),
        ("MOLOKO_TIKTOK_CLIENT_SECRET", "canary"),
        ("MOLOKO_OPERATOR", "Example Media"),
        ("MOLOKO_CONTACT", "privacy@moloko.example"),
    ];

    fn with(more: &[(&'static str, &'static str)]) -> Result<Config, Vec<ConfigProblem>> {
        let mut values: Vec<_> = REAL.iter().filter(|(n, _)| !more.iter().any(|(m, _)| m == n)).copied().collect();
        values.extend_from_slice(more);
        Config::read(&Source::from_values(&values))
    }

    fn names(outcome: Result<Config, Vec<ConfigProblem>>) -> Vec<String> {
        outcome.unwrap_err().into_iter().map(|p| p.setting).collect()
    }

    #[test]
    fn real_tiktok_needs_a_key_a_secret_an_address_and_somebody_who_answers_only() {
        let config = with(&[]).unwrap();
        assert_eq!(config.mode, Mode::Production);
        assert!(matches!(config.database, Database::Embedded));
        assert!(matches!(config.instance_key, InstanceKeySource::DataFolder));
        assert_eq!(config.tiktok.avatar_hosts, tiktok::AvatarHosts::TIKTOK);
    }

    #[test]
    fn all_that_is_missing_is_named_at_once() {
        let problems = names(Config::read(&Source::from_values(&[])));
        assert_eq!(problems, ["MOLOKO_PUBLIC_URL", "MOLOKO_TIKTOK_CLIENT_KEY", "MOLOKO_TIKTOK_CLIENT_SECRET"]);
    }

    #[test]
    fn production_refuses_everything_of_a_simulator() {
        assert_eq!(names(with(&[("MOLOKO_TIKTOK_CLIENT_KEY", "aw_sim_live_01")])), ["MOLOKO_TIKTOK_CLIENT_KEY"]);
        assert_eq!(names(with(&[("MOLOKO_TIKTOK_API_URL", "http://127.0.0.1:9100")])), ["MOLOKO_TIKTOK_API_URL"]);
        assert_eq!(
            names(with(&[("MOLOKO_TIKTOK_AUTHORIZE_URL", "https://tiktok.example/")])),
            ["MOLOKO_TIKTOK_AUTHORIZE_URL"]
        );
        assert_eq!(
            names(with(&[("MOLOKO_TIKTOK_UPLOAD_ORIGIN", "http://127.0.0.1:9100")])),
            ["MOLOKO_TIKTOK_UPLOAD_ORIGIN"]
        );
        let development = with(&[
            ("MOLOKO_MODE", "development"),
            ("MOLOKO_TIKTOK_CLIENT_KEY", "aw_sim_live_01"),
            ("MOLOKO_TIKTOK_API_URL", "http://127.0.0.1:9100"),
            ("MOLOKO_TIKTOK_UPLOAD_ORIGIN", "http://127.0.0.1:9100"),
        ]);
        assert!(development.is_ok());
    }

    #[test]
    fn messages_to_browsers_need_somebody_to_write_to_and_go_to_push_services_alone() {
        assert!(!with(&[]).unwrap().push, "off until somebody wants it");
        let on = with(&[("MOLOKO_PUSH", "true")]).unwrap();
        assert_eq!(on.push_hosts, app::push::PushSettings::HOSTS);
        assert_eq!(names(with(&[("MOLOKO_PUSH_ORIGIN", "http://127.0.0.1:9300")])), ["MOLOKO_PUSH_ORIGIN"]);
        assert_eq!(names(with(&[("MOLOKO_PUSH_HOSTS", "evil.example")])), ["MOLOKO_PUSH_HOSTS"]);
        let without: Vec<_> = REAL.iter().filter(|(name, _)| !name.contains("CONTACT")).copied().collect();
        let tried: Vec<_> =
            without.into_iter().chain([("MOLOKO_MODE", "development"), ("MOLOKO_PUSH", "true")]).collect();
        assert_eq!(names(Config::read(&Source::from_values(&tried))), ["MOLOKO_PUSH"]);
    }

    #[test]
    fn pp_6_6_backups_that_outlive_the_promised_days_refuse_the_start() {
        assert_eq!(names(with(&[("MOLOKO_BACKUP_DAYS", "23")])), ["MOLOKO_BACKUP_DAYS"]);
        assert!(with(&[("MOLOKO_BACKUP_DAYS", "22")]).is_ok());
        assert!(with(&[("MOLOKO_BACKUP_DAYS", "29"), ("MOLOKO_ERASURE_GRACE_DAYS", "0")]).is_ok());
        assert!(with(&[("MOLOKO_ERASURE_GRACE_DAYS", "9")]).is_err());
    }

    #[test]
    fn pp_10_1_production_needs_somebody_who_answers_for_the_data() {
        let anonymous: Vec<_> =
            REAL.iter().filter(|(n, _)| !n.contains("OPERATOR") && !n.contains("CONTACT")).copied().collect();
        let problems = Config::read(&Source::from_values(&anonymous)).unwrap_err();
        assert_eq!(
            problems.iter().map(|it| it.setting.as_str()).collect::<Vec<_>>(),
            ["MOLOKO_OPERATOR", "MOLOKO_CONTACT"]
        );
        assert!(problems.iter().all(|it| it.what.contains("privacy policy")), "{problems:?}");
        let tried: Vec<_> = anonymous.into_iter().chain([("MOLOKO_MODE", "development")]).collect();
        let config = Config::read(&Source::from_values(&tried)).unwrap();
        assert_eq!((config.operator.as_str(), config.contact), ("moloko.example", None));
    }

    #[test]
    fn pp_5_1_plain_http_is_for_loopback_or_by_explicit_wish() {
        assert_eq!(names(with(&[("MOLOKO_PUBLIC_URL", "http://moloko.example")])), ["MOLOKO_PUBLIC_URL"]);
        assert!(with(&[("MOLOKO_PUBLIC_URL", "http://127.0.0.1:8080")]).is_ok());
        assert!(with(&[("MOLOKO_PUBLIC_URL", "http://moloko.example"), ("MOLOKO_ALLOW_PLAIN_HTTP", "true")]).is_ok());
    }

    #[test]
    fn pp_1_5_a_request_log_that_is_kept_longer_than_promised_needs_an_explicit_word() {
        assert_eq!(with(&[]).unwrap().request_log, Some(Keep { ip_days: 7, days: 30 }));
        assert_eq!(with(&[("MOLOKO_REQUEST_LOG", "false")]).unwrap().request_log, None);
        let shorter = with(&[("MOLOKO_REQUEST_LOG_IP_DAYS", "1"), ("MOLOKO_REQUEST_LOG_DAYS", "14")]).unwrap();
        assert_eq!(shorter.request_log, Some(Keep { ip_days: 1, days: 14 }));
        let longer = [("MOLOKO_REQUEST_LOG_IP_DAYS", "8"), ("MOLOKO_REQUEST_LOG_DAYS", "90")];
        assert_eq!(names(with(&longer)), ["MOLOKO_REQUEST_LOG_IP_DAYS", "MOLOKO_REQUEST_LOG_DAYS"]);
        let [ip_days, days] = longer;
        let said = with(&[ip_days, days, ("MOLOKO_REQUEST_LOG_LONGER", "true")]).unwrap();
        assert_eq!(said.request_log, Some(Keep { ip_days: 8, days: 90 }));
    }

    #[test]
    fn neither_debug_nor_a_problem_shows_a_secret() {
        assert!(!format!("{:?}", with(&[]).unwrap()).contains("canary"));
        let problems = with(&[("MOLOKO_DATABASE_URL", "mysql://canary@host")]).unwrap_err();
        assert!(!format!("{problems:?}").contains("canary"));
    }
}
