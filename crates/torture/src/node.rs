//! One process of the service: an engine over its own view of time, database and network, which can be killed, frozen and started.
//!
//! Owns the life of the engine. Must not touch the database behind the engine's back.

use std::sync::Arc;

use app::publishing::{Engine, EngineHandle};
use app::{App, AppParts, Settings};
use store::blobs::{Blobs, MemoryBlobs};
use store::journal::Journal;
use store::lockstep::Lockstep;
use store::vault::InstanceKeys;
use store::{Store, TombstoneFile};
use tiktok::{AnyTransport, AppCredentials, Client, Endpoints};

use crate::chance::Chance;
use crate::link::{Link, Outbox};
use crate::seat::DatabaseWay;
use crate::time::{Gate, NodeClock, TrueTime};
use crate::trip::Trip;
use crate::weather::Weather;

/// What all nodes of a run share.
#[derive(Clone)]
pub(crate) struct Ground {
    pub(crate) database: Lockstep,
    pub(crate) blobs: MemoryBlobs,
    pub(crate) keys: Arc<InstanceKeys>,
    pub(crate) router: axum::Router,
    pub(crate) credentials: AppCredentials,
    pub(crate) endpoints: Endpoints,
    pub(crate) settings: Settings,
    pub(crate) time: TrueTime,
    pub(crate) outbox: Outbox,
    pub(crate) shared: bool,
    /// Marks of what ended, beside the database; only where the database comes to forget.
    pub(crate) marks: Option<TombstoneFile>,
}

/// A node. Without an engine it is only a door: pages and webhooks come in through it.
pub(crate) struct Node {
    number: usize,
    ground: Ground,
    chance: Chance,
    /// Beside the database: it outlives the process and what the database forgets.
    journal: Journal,
    pub(crate) clock: NodeClock,
    pub(crate) gate: Gate,
    pub(crate) weather: Arc<Weather>,
    pub(crate) trip: Arc<Trip>,
    app: Arc<App>,
    engine: Option<EngineHandle>,
}

impl Node {
    pub(crate) fn new(number: usize, ground: &Ground, chance: &Chance, clock_offset_ms: i64) -> Self {
        let (gate, weather, trip) = (Gate::open(), Arc::new(Weather::fair()), Arc::new(Trip::unarmed()));
        let clock = NodeClock::new(ground.time, clock_offset_ms, gate.clone());
        let chance = chance.fork();
        let journal = Journal::memory();
        let app = build(number, ground, &chance, &clock, &gate, &weather, &trip, &journal);
        Self { number, ground: ground.clone(), chance, journal, clock, gate, weather, trip, app, engine: None }
    }

    pub(crate) fn app(&self) -> &Arc<App> {
        &self.app
    }

    /// Starts the engine, as the start of a process does.
    pub(crate) fn start(&mut self) {
        if self.engine.is_none() {
            self.engine = Some(Engine::spawn(Arc::clone(&self.app)));
        }
    }

    /// Kills the process where it stands: nothing of its memory is left.
    pub(crate) async fn kill(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.kill().await;
        }
        self.gate.freeze(false);
        self.trip = Arc::new(Trip::unarmed());
        self.app = build(
            self.number,
            &self.ground,
            &self.chance,
            &self.clock,
            &self.gate,
            &self.weather,
            &self.trip,
            &self.journal,
        );
    }

    /// From the next start on, nothing is left of what was noted beside the database.
    pub(crate) fn lose_journal(&mut self) {
        self.journal = Journal::memory();
    }

    /// Stops the process gracefully.
    pub(crate) async fn stop(&mut self) {
        if let Some(engine) = self.engine.take() {
            engine.stop().await;
        }
        self.kill().await;
    }

    pub(crate) fn nudge(&self) {
        if let Some(engine) = &self.engine {
            engine.nudge();
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "every part of a node, named once")]
fn build(
    number: usize,
    ground: &Ground,
    chance: &Chance,
    clock: &NodeClock,
    gate: &Gate,
    weather: &Arc<Weather>,
    trip: &Arc<Trip>,
    journal: &Journal,
) -> Arc<App> {
    let way =
        DatabaseWay { trip: Arc::clone(trip), weather: Arc::clone(weather), gate: gate.clone(), chance: chance.fork() };
    let time = ground.time;
    let store: Store = ground.database.seat(Arc::new(move || time.now_ms()), Arc::new(way), ground.shared);
    let link = Link {
        node: number,
        router: ground.router.clone(),
        time,
        trip: Arc::clone(trip),
        weather: Arc::clone(weather),
        gate: gate.clone(),
        chance: chance.fork(),
        outbox: ground.outbox.clone(),
    };
    let tiktok = Client::with_transport(ground.credentials.clone(), ground.endpoints.clone(), AnyTransport::new(link));
    App::new(AppParts {
        exports: store::export::folder::ExportFolder::of(std::path::Path::new("/nonexistent")),
        marks: app::erasure::Marks::new(ground.marks.clone()),
        store,
        keys: Arc::clone(&ground.keys),
        journal: journal.clone(),
        blobs: Blobs::in_memory(ground.blobs.clone()),
        tiktok,
        clock: Arc::new(clock.clone()),
        random: Arc::new(chance.fork()),
        settings: ground.settings.clone(),
    })
}
