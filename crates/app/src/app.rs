//! The service in one value: what every use case needs. Owns wiring only; behaviour lives in the modules by noun.

use std::sync::Arc;

use store::Store;
use store::blobs::Blobs;
use store::export::folder::ExportFolder;
use store::journal::Journal;
use store::vault::InstanceKeys;
use tokio::sync::Notify;

use domain::time::UnixMillis;

use crate::alerts::Alerts;
use crate::clock::Clock;
use crate::correction::Refreshes;
use crate::creator::CreatorCache;
use crate::erasure::Marks;
use crate::live::Live;
use crate::publishing::pulse::Pulse;
use crate::publishing::{ClockWatch, Pace};
use crate::random::Random;
use crate::settings::Settings;
use crate::tokens::Tokens;

/// What an instance is made of.
pub struct AppParts {
    /// The database.
    pub store: Store,
    /// The instance key and older versions of it.
    pub keys: Arc<InstanceKeys>,
    /// Media files.
    pub blobs: Blobs,
    /// What was begun, noted beside the database.
    pub journal: Journal,
    /// What was erased, noted beside the database.
    pub marks: Marks,
    /// Where exports lie.
    pub exports: ExportFolder,
    /// TikTok.
    pub tiktok: tiktok::Client,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The operator's settings.
    pub settings: Settings,
}

/// The service. Use cases are methods, one file per noun.
pub struct App {
    /// The database.
    pub store: Store,
    /// The instance key and older versions of it.
    pub keys: Arc<InstanceKeys>,
    /// Media files.
    pub blobs: Blobs,
    /// What was begun, noted beside the database.
    pub journal: Journal,
    /// What was erased, noted beside the database.
    pub marks: Marks,
    /// Where exports lie.
    pub exports: ExportFolder,
    /// TikTok.
    pub tiktok: tiktok::Client,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Random>,
    /// The operator's settings.
    pub settings: Settings,
    /// Live updates of this process.
    pub live: Live,
    /// Access tokens, refreshed single-flight.
    pub tokens: Tokens,
    /// Wakes the publishing engine after a commit that concerns it.
    pub engine_nudge: Arc<Notify>,
    /// Wakes the sweeper when something begins that it has to end soon.
    pub(crate) sweep_nudge: Arc<Notify>,
    /// Wakes the eraser when something is to be erased or TikTok to be told.
    pub(crate) erase_nudge: Arc<Notify>,
    /// Wakes whoever builds exports.
    pub(crate) export_nudge: Arc<Notify>,
    /// Wakes whoever tells browsers.
    pub(crate) push_nudge: Arc<Notify>,
    /// Wakes whoever reads numbers.
    pub(crate) metrics_nudge: Arc<Notify>,
    /// When this process may ask TikTok for numbers again.
    pub(crate) sample_pace: crate::metrics::sampler::Turnstile,
    /// This process looked through all samples for what is to be thinned out.
    pub(crate) thinned: std::sync::atomic::AtomicBool,
    /// Wakes whoever makes files fit.
    pub(crate) fit_nudge: Arc<Notify>,
    /// The database's log still has to be emptied of what was deleted.
    pub(crate) scrub_owed: std::sync::atomic::AtomicBool,
    /// In-memory side of uploads: who appends, running hashes.
    pub uploads: crate::uploads::UploadDesk,
    /// How punctual this process is, for whoever watches it.
    pub pulse: Pulse,
    /// What happens more often than it should.
    pub alerts: Arc<Alerts>,
    pub(crate) creator_cache: CreatorCache,
    /// When accounts were last read anew from TikTok.
    pub(crate) refreshes: Refreshes,
    /// Whether this process may believe its own clock.
    pub(crate) watch: ClockWatch,
    /// How fast bytes may leave for TikTok.
    pub(crate) pace: Pace,
    /// Which rows this process began to work with.
    pub(crate) history: std::sync::OnceLock<store::put_back::History>,
}

impl App {
    /// Wires the parts together.
    #[must_use]
    pub fn new(parts: AppParts) -> Arc<Self> {
        let live = Live::new(parts.clock.now());
        let alerts = Arc::new(Alerts::new(Arc::clone(&parts.clock)));
        parts.store.work_under(Arc::clone(&parts.keys));
        let tokens = Tokens::new(
            parts.store.clone(),
            Arc::clone(&parts.keys),
            parts.tiktok.clone(),
            Arc::clone(&parts.clock),
            live.clone(),
            Arc::clone(&alerts),
        );
        let pace = Pace::new(parts.settings.upload_rate, Arc::clone(&parts.clock));
        Arc::new(Self {
            store: parts.store,
            keys: parts.keys,
            blobs: parts.blobs,
            journal: parts.journal,
            marks: parts.marks,
            exports: parts.exports,
            tiktok: parts.tiktok,
            clock: parts.clock,
            random: parts.random,
            settings: parts.settings,
            live,
            tokens,
            engine_nudge: Arc::new(Notify::new()),
            sweep_nudge: Arc::new(Notify::new()),
            erase_nudge: Arc::new(Notify::new()),
            export_nudge: Arc::new(Notify::new()),
            push_nudge: Arc::new(Notify::new()),
            metrics_nudge: Arc::new(Notify::new()),
            sample_pace: crate::metrics::sampler::Turnstile::default(),
            thinned: std::sync::atomic::AtomicBool::new(false),
            fit_nudge: Arc::new(Notify::new()),
            scrub_owed: std::sync::atomic::AtomicBool::new(false),
            uploads: crate::uploads::UploadDesk::default(),
            pulse: Pulse::default(),
            alerts,
            creator_cache: CreatorCache::default(),
            refreshes: Refreshes::default(),
            watch: ClockWatch::default(),
            pace,
            history: std::sync::OnceLock::new(),
        })
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> UnixMillis {
        self.clock.now()
    }
}
