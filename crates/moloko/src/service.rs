//! One running service: its parts wired together, started in order, stopped in the reverse order. Owns wiring only.

use crate::config::{Config, Database, DiskReserve, Mode, Pkce, Processor, Storage};
use crate::instance_key;
use anyhow::{Context, bail};
use app::erasure::{Marks, run_eraser};
use app::export::run_exporter;
use app::media::binding::Binding;
use app::media::tools::{Isolation, Tools};
use app::publishing::Engine;
use app::push::{PushSettings, run_pusher};
use app::requests::{RequestLog, RequestWriter};
use app::settings::PkceMode;
use app::uploads::run_sweeper;
use app::{App, AppParts, Clock, Random, Settings, SystemClock, SystemRandom};
use domain::privacy::clauses::{ERASURE_DAYS, OPTIONAL_SCOPES, SCOPES};
use domain::privacy::documents::day_of;
use domain::time::UnixMillis;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use secrecy::ExposeSecret;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use store::audit::SYSTEM;
use store::blobs::Blobs;
use store::export::folder::ExportFolder;
use store::intact::judged;
use store::journal::Journal;
use store::lock::DataDirLock;
use store::{DatabaseUrl, Store, TombstoneFile};
use tiktok::{AppCredentials, AvatarHosts, Endpoints, HttpOptions, UploadHosts};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use web::documents::{LegalFacts, unnamed_optional, unnamed_scopes};
use web::serve::Limits;
use web::session::CookieNames;
use web::state::WebState;

/// How long open answers (live updates among them) may go on after the engine has stopped.
const DRAIN: Duration = Duration::from_secs(2);

/// Open files that are asked of the system: for every connection, what it does with files, and the rest.
const FILES_WANTED: u64 = 16_384;

/// The database of these settings.
pub fn database_url(config: &Config) -> anyhow::Result<DatabaseUrl> {
    if store::backup::half_restored(&config.data) {
        bail!(
            "putting a backup back into {} was broken off, so what is there is not whole. Run the same moloko restore again; or, to go on with \
             the database that was there before, run moloko restore --give-up",
            config.data.display(),
        );
    }
    restoring_url(config)
}

/// The same, for whoever puts a backup back.
pub fn restoring_url(config: &Config) -> anyhow::Result<DatabaseUrl> {
    let text = match &config.database {
        Database::Embedded => config.data.join("moloko.db").display().to_string(),
        Database::Postgres(url) => url.expose_secret().to_owned(),
    };
    Ok(DatabaseUrl::parse(&text)?)
}

/// Where media files lie, or grow until they go to a storage.
pub fn blobs_folder(config: &Config) -> PathBuf {
    config.data.join("blobs")
}

/// The media files of these settings; a storage was not asked yet.
pub async fn blobs(config: &Config) -> anyhow::Result<Blobs> {
    let folder = blobs_folder(config);
    let opened = match &config.storage {
        Storage::Disk => Blobs::disk(folder).await,
        Storage::Bucket(settings) => Blobs::bucket(folder, settings).await,
    };
    opened.context("the place for media files cannot be used")
}

/// Asks the storage of media files for everything that is needed of it. True when it keeps older versions of what is deleted.
pub async fn storage_keeps_versions(blobs: &Blobs) -> anyhow::Result<bool> {
    let Some(name) = blobs.bucket_name() else { return Ok(false) };
    let random: &dyn Random = &SystemRandom;
    let nonce = random.uuid(SystemClock::new().now());
    let found =
        blobs.check(nonce).await.with_context(|| format!("the storage of media files, {name}, cannot be used"))?;
    Ok(found.is_some_and(|facts| facts.keeps_versions))
}

/// Refuses a storage whose files are not known to be this database's: what a database does not know is removed in the end.
pub async fn bind_storage(app: &App) -> anyhow::Result<()> {
    let found = match app.bind_storage().await.context("whose files are at the storage could not be found out")? {
        Binding::Bound => return Ok(()),
        Binding::Unknown => "holds files, and nothing there says which database they belong to",
        Binding::Others => {
            "holds files of another database: the id in its object \"instance\" is not the one in this database"
        }
    };
    let name = app.blobs.bucket_name().unwrap_or_default();
    bail!(
        "the storage of media files, {name}, {found}. Files that a database does not know are removed in the end, so nothing was \
         touched. Correct MOLOKO_BLOBS or the database, or give another prefix; if the files do belong to this database (it came \
         from a backup, for example), run moloko blobs bind once"
    )
}

/// The client for TikTok (or the simulator) of these settings.
pub fn tiktok_client(config: &Config) -> anyhow::Result<tiktok::Client> {
    let it = &config.tiktok;
    let (upload_hosts, avatar_hosts) = match &it.upload_origin {
        Some(origin) => (UploadHosts::origin(origin), AvatarHosts::origin(origin)),
        None => (UploadHosts::tiktok(), AvatarHosts::HttpsSuffixes(it.avatar_hosts.clone())),
    };
    let endpoints =
        Endpoints::custom(it.authorize_url.clone(), it.api_url.clone(), upload_hosts).with_avatar_hosts(avatar_hosts);
    let credentials = AppCredentials { client_key: it.client_key.clone(), client_secret: it.client_secret.clone() };
    let extra_ca_pem = match &it.ca_file {
        Some(path) => Some(std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?),
        None => None,
    };
    // TikTok sees which program calls, and nothing about the machine.
    let user_agent = concat!("moloko/", env!("CARGO_PKG_VERSION")).to_owned();
    let options = HttpOptions { extra_ca_pem, user_agent, ..HttpOptions::default() };
    Ok(tiktok::Client::new(credentials, endpoints, options)?)
}

/// A service whose parts are open, and the right to its data folder for as long as it lives.
pub struct Built {
    pub app: Arc<App>,
    /// What the policy pages say about this instance.
    legal: LegalFacts,
    lock: DataDirLock,
    requests: Option<(RequestLog, RequestWriter)>,
}

impl Built {
    /// Name of the session cookie of this instance.
    pub fn cookie_name(&self) -> &'static str {
        CookieNames::of(&WebState::new(Arc::clone(&self.app), self.legal.clone())).session()
    }
}

/// Opens everything, brings the database to this version and checks that key and database belong together.
pub async fn build(config: &Config, clock: Arc<dyn Clock>) -> anyhow::Result<Built> {
    check_scopes(&SCOPES, &OPTIONAL_SCOPES, clock.now())?;
    instance_key::prepare_folder(&config.data)?;
    let lock = DataDirLock::acquire(&config.data)?;
    let url = database_url(config)?;
    let store =
        Store::open(&url).await.map_err(judged).with_context(|| format!("the database {url} cannot be opened"))?;
    store.check_intact().await.with_context(|| format!("the database {url} cannot be used"))?;
    let steps = store.migrations_pending().await.context("the database does not tell its version")?;
    store.migrate().await.context("the database cannot be brought to this version")?;
    raise_wall(&store).await;
    let keys = instance_key::obtain(config, &store, clock.now()).await?;
    seal_clear(&store).await?;
    begin_audit(&store, steps, clock.now()).await.context("the audit record cannot be written")?;
    let blobs = blobs(config).await?;
    if storage_keeps_versions(&blobs).await? {
        tracing::warn!(
            "the bucket of media files keeps older versions: what people delete stays there. Switch that off, and remove the versions it has"
        );
    }
    let journal = Journal::open(&config.data, Arc::clone(&keys))?;
    let app = App::new(AppParts {
        exports: ExportFolder::of(&config.data),
        marks: Marks::new(Some(TombstoneFile::of(&config.data))),
        store,
        keys,
        blobs,
        journal,
        tiktok: tiktok_client(config)?,
        clock,
        random: Arc::new(SystemRandom),
        settings: Settings { isolation: isolation(config).await, ..app_settings(config) },
    });
    let folder = config.data.join(store::requests::FOLDER);
    let requests = config.request_log.map(|keep| RequestLog::new(folder, keep));
    bind_storage(&app).await?;
    app.replay_tombstones().await.context("what was erased could not be compared with the database")?;
    Ok(Built { app, legal: legal_facts(config), lock, requests })
}

/// What was kept before people and accounts had keys of their own is sealed before anybody is served.
pub async fn seal_clear(store: &Store) -> anyhow::Result<u64> {
    let rows = store.seal_clear().await.context(
        "names and words that are still clear could not be sealed; nothing is lost, and the next start goes on where this one stopped",
    )?;
    if rows > 0 {
        tracing::info!(
            rows,
            "names and words are sealed under keys of their own from now on, and gone from the database's files"
        );
    }
    Ok(rows)
}

/// Takes entries from before the chain into it, and notes that the schema was changed.
async fn begin_audit(store: &Store, steps: u32, now: UnixMillis) -> anyhow::Result<()> {
    let taken_in = store.audit_begin(now).await?;
    if taken_in > 0 {
        tracing::info!(
            entries = taken_in,
            "the audit record is a chain from now on; entries from before were taken into it"
        );
    }
    if steps > 0 {
        let mut tx = store.begin().await?;
        tx.audit_append(now, SYSTEM, "schema.migrate", "", &format!("steps: {steps}")).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// The service's parts for a command of the operator, beside a service that may be running: nothing is brought to this version, no
/// lock is taken, and nothing is published.
pub async fn beside(config: &Config) -> anyhow::Result<Arc<App>> {
    let url = database_url(config)?;
    let store = Store::open(&url).await.with_context(|| format!("the database {url} cannot be opened"))?;
    if store.migrations_pending().await? > 0 {
        bail!("the database {url} is of another version; start the service once, or run moloko migrate");
    }
    let Some(keys) = instance_key::existing(config)? else {
        bail!("there is no instance key, so there is no instance to act upon; give --config or --data");
    };
    instance_key::suffices(&store, &keys).await?;
    if instance_key::matches(&store, &keys).await? != Some(true) {
        bail!("the instance key is not the one that this database was written under");
    }
    let blobs = blobs(config).await?;
    let app = App::new(AppParts {
        exports: ExportFolder::of(&config.data),
        marks: Marks::new(Some(TombstoneFile::of(&config.data))),
        store,
        keys: Arc::new(keys),
        blobs,
        journal: Journal::memory(),
        tiktok: tiktok_client(config)?,
        clock: Arc::new(SystemClock::new()),
        random: Arc::new(SystemRandom),
        settings: Settings { isolation: isolation(config).await, ..app_settings(config) },
    });
    app.recall_marks().await.context("marks of what was erased cannot be recognised")?;
    Ok(app)
}

/// A database that refuses the second wall is still used: the first one stands.
async fn raise_wall(store: &Store) {
    match store.raise_wall().await {
        Ok(true) => tracing::info!("requests run behind the database's row policies"),
        Ok(false) => {}
        Err(error) => {
            tracing::warn!(%error, "the database's row policies are not in force: its user may not create the role moloko_tenant; see docs/operating.md")
        }
    }
}

fn legal_facts(config: &Config) -> LegalFacts {
    LegalFacts {
        operator: config.operator.clone(),
        operator_address: config.operator_address.clone(),
        contact: config.contact.clone(),
        officer: config.officer.clone(),
        authority: config.complaint_authority.clone(),
        processors: config.processors.iter().map(processor).collect(),
        region: config.data_location.clone(),
        retention_days: u32::try_from(ERASURE_DAYS).unwrap_or(30),
        inactive_months: config.inactive_months,
    }
}

fn processor(it: &Processor) -> web::documents::Processor {
    let Processor { name, purpose, country } = it.clone();
    web::documents::Processor { name, purpose, country }
}

/// Nothing is asked of TikTok that the policy in force, or one that is announced, does not name; and nothing optional that the newest does not.
fn check_scopes(requested: &[&str], optional: &[&str], now: UnixMillis) -> anyhow::Result<()> {
    let mut unnamed = unnamed_scopes(requested, day_of(now));
    unnamed.extend(unnamed_optional(optional));
    if !unnamed.is_empty() {
        bail!(
            "the privacy policy does not name every permission that TikTok is asked for: {}. People must read in the policy what they \
             allow; publish a version that names it, or do not ask for it",
            unnamed.join(", ")
        );
    }
    Ok(())
}

fn app_settings(config: &Config) -> Settings {
    Settings {
        production: match config.mode {
            Mode::Production => true,
            Mode::Development => false,
        },
        tiktok_app: config.tiktok.status,
        pkce: match config.tiktok.pkce {
            Pkce::Auto => PkceMode::Auto,
            Pkce::Always => PkceMode::Always,
            Pkce::Never => PkceMode::Never,
        },
        region: config.data_location.clone(),
        contact_email: config.contact.clone(),
        media_quota_bytes: config.workspace_quota_bytes,
        open_uploads_max: config.open_uploads_max,
        upload_expiry_hours: config.upload_expiry_hours,
        disk_reserve_bytes: match config.disk_reserve {
            DiskReserve::Auto => None,
            DiskReserve::Bytes(bytes) => Some(bytes),
        },
        early_upload: config.early_upload,
        upload_rate: config.upload_rate,
        pull_url: config.pull_url.as_ref().map(|url| url.url().clone()),
        site_verification: config.site_verification.clone(),
        publishing_concurrency: config.publish_concurrency,
        hold_when_late_minutes: config.hold_when_late_minutes,
        hold_overdue_posts: config.hold_overdue_posts,
        hold_overdue_minutes: config.hold_overdue_minutes,
        late_spacing_minutes: config.late_spacing_minutes,
        erasure_grace_days: config.erasure_grace_days,
        published_media_days: config.published_media_days,
        inactive_months: config.inactive_months,
        strict_disconnect: config.strict_disconnect,
        ffmpeg: config.ffmpeg.clone(),
        waiting_posts_max: config.waiting_posts_max,
        metrics_secret: config.metrics_secret.clone(),
        push: config.contact.clone().filter(|_| config.push).map(|contact| PushSettings {
            contact,
            hosts: config.push_hosts.clone(),
            origins: config.push_origin.iter().cloned().collect(),
        }),
        ..Settings::new(config.public_url.url().clone())
    }
}

/// This very binary, also when its file was replaced since.
pub const THIS_BINARY: &str = "/proc/self/exe";

/// What is around ffmpeg in this instance, found out by starting it.
pub async fn isolation(config: &Config) -> Isolation {
    let sandbox = Isolation::Sandbox { launcher: THIS_BINARY.into() };
    let Some(ffmpeg) = config.ffmpeg.clone() else { return sandbox };
    if !config.media_sandbox {
        tracing::warn!("ffmpeg reads people's files without a sandbox, as MOLOKO_MEDIA_SANDBOX=off says");
        return Isolation::Off;
    }
    let version = match Tools::new(ffmpeg, sandbox.clone()) {
        Ok(tools) => tools.version().await,
        Err(error) => Err(error),
    };
    match version {
        Ok(version) => {
            tracing::info!(version, "ffmpeg reads people's files inside a sandbox");
            sandbox
        }
        Err(error) => {
            tracing::warn!(
                %error,
                "ffmpeg is not used: its sandbox does not stand. Thumbnails and conversions are off; moloko doctor says more"
            );
            Isolation::Refused(error.to_string())
        }
    }
}

/// As many open files as the system lets this process have, so that visitors cannot take those that files and the database need: half of
/// them are for connections.
fn connection_limits() -> Limits {
    let limits = Limits::default();
    let allowed = getrlimit(Resource::Nofile);
    let raised =
        Rlimit { current: allowed.maximum.map(|most| most.min(FILES_WANTED)).or(Some(FILES_WANTED)), ..allowed };
    let wanted = raised.current > allowed.current && allowed.current.is_some();
    let current = match wanted.then(|| setrlimit(Resource::Nofile, raised)) {
        Some(Ok(())) => raised.current,
        None | Some(Err(_)) => allowed.current,
    };
    let half = current.map_or(usize::MAX, |files| usize::try_from(files / 2).unwrap_or(usize::MAX));
    Limits { connections: limits.connections.min(half).max(1), ..limits }
}

/// Serves pages and publishes posts until `stop`; then finishes what was begun.
pub async fn run(built: Built, listener: TcpListener, stop: CancellationToken) -> anyhow::Result<()> {
    let Built { app, legal, lock, requests } = built;
    let quiet = CancellationToken::new();
    let mut state = WebState::new(Arc::clone(&app), legal);
    let mut writer = None;
    if let Some((log, task)) = requests {
        state.requests = Some(log);
        writer = Some(tokio::spawn(task.run(Arc::clone(&app.clock), quiet.clone())));
    }
    let router = web::router(state);
    let engine = Engine::spawn(Arc::clone(&app));
    let sweeper = tokio::spawn(run_sweeper(Arc::clone(&app)));
    let eraser = tokio::spawn(run_eraser(Arc::clone(&app)));
    let exporter = tokio::spawn(run_exporter(Arc::clone(&app)));
    let pictures = tokio::spawn(app::media::pictures::run(Arc::clone(&app)));
    let fitter = tokio::spawn(app::media::fit::run_fitter(Arc::clone(&app)));
    let pusher = tokio::spawn(run_pusher(Arc::clone(&app), web::push::words));
    let sampler = tokio::spawn(app::metrics::sampler::run_sampler(Arc::clone(&app)));
    let reporter = tokio::spawn(app::reports::weekly::run_reporter(Arc::clone(&app)));
    let keys = tokio::spawn(app::keys::run_key_watch(Arc::clone(&app)));
    let node = tokio::spawn(app::nodes::run_node(Arc::clone(&app), quiet.clone()));
    let mut pages = tokio::spawn(web::serve::serve(listener, router, connection_limits(), stop.clone()));
    let early = tokio::select! {
        ended = &mut pages => Some(ended),
        () = stop.cancelled() => None,
        why = app.store.alarm().rung() => {
            // Nothing is finished on a disk that does not save, or on rows that were exchanged: whatever was begun is settled after the next start.
            engine.kill().await;
            pages.abort();
            bail!("{why}");
        }
    };
    engine.stop().await;
    sweeper.abort();
    eraser.abort();
    exporter.abort();
    pictures.abort();
    fitter.abort();
    pusher.abort();
    sampler.abort();
    reporter.abort();
    keys.abort();
    let outcome = match early {
        Some(ended) => ended.context("the server stopped"),
        None => {
            // A live-update stream never ends by itself.
            if tokio::time::timeout(DRAIN, &mut pages).await.is_err() {
                pages.abort();
            }
            Ok(())
        }
    };
    // Only now is nobody left who leaves lines.
    quiet.cancel();
    if let Some(writer) = writer {
        let _ = tokio::time::timeout(DRAIN, writer).await;
    }
    let _ = tokio::time::timeout(DRAIN, node).await;
    app.store.close().await;
    drop(lock);
    outcome
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pp_3_2_a_permission_that_the_policy_does_not_name_refuses_the_start() {
        // 2026-12-01
        let now = UnixMillis::from_seconds(1_796_083_200);
        assert!(check_scopes(&SCOPES, &OPTIONAL_SCOPES, now).is_ok());
        let optional = check_scopes(&SCOPES, &["video.list", "user.info.profile"], now).unwrap_err().to_string();
        assert!(
            optional.contains("user.info.profile (version 1.2, English)") && !optional.contains("video.list"),
            "{optional}"
        );
        let refused = check_scopes(&["video.publish", "video.list"], &[], now).unwrap_err().to_string();
        assert!(refused.contains("video.list (version 1.0, English)") && refused.contains("1.1"), "{refused}");
        assert!(!refused.contains("video.publish"), "{refused}");
    }
}
