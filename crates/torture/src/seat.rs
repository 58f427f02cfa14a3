//! One node's way to the database: other tasks get a turn between transactions, and the weather reaches it.

use std::sync::Arc;

use futures::FutureExt as _;
use futures::future::BoxFuture;
use store::StoreError;
use store::lockstep::{Interference, Moment, unavailable};

use crate::chance::Chance;
use crate::time::Gate;
use crate::trip::{Place, Trip};
use crate::weather::Weather;

/// Cases in 100 in which another task gets a turn first.
const YIELD_PERCENT: u32 = 15;

pub(crate) struct DatabaseWay {
    pub(crate) trip: Arc<Trip>,
    pub(crate) weather: Arc<Weather>,
    pub(crate) gate: Gate,
    pub(crate) chance: Chance,
}

impl Interference for DatabaseWay {
    fn at(&self, moment: Moment) -> BoxFuture<'_, Result<(), StoreError>> {
        async move {
            self.trip.pass(Place::Database(moment)).await;
            match moment {
                Moment::BeforeRead | Moment::BeforeBegin => {
                    self.gate.pass().await;
                    if self.chance.percent(YIELD_PERCENT) {
                        tokio::task::yield_now().await;
                    }
                    if self.weather.database_down() { Err(unavailable()) } else { Ok(()) }
                }
                // The database would end a transaction whose node is frozen, so nobody freezes within one.
                Moment::BeforeCommit => {
                    if self.weather.database_down() {
                        Err(unavailable())
                    } else if self.weather.take_undone() {
                        Err(StoreError::CommitUnknown)
                    } else {
                        Ok(())
                    }
                }
                Moment::AfterCommit => {
                    self.gate.pass().await;
                    if self.weather.take_unheard() { Err(StoreError::CommitUnknown) } else { Ok(()) }
                }
            }
        }
        .boxed()
    }
}
