//! The simulated TikTok as the demo and `moloko sim` use it: its app, its clock as the service's clock. Must not be reachable
//! from `serve` in production mode.

use app::Clock;
use domain::time::UnixMillis;
use futures::future::BoxFuture;
use std::time::Duration;
use tiktok_sim::SimClock;

/// Key of the simulated app. Settings that carry it are refused in production mode.
pub const CLIENT_KEY: &str = "aw_sim_demo";
/// Its secret, which opens nothing but a simulator.
pub const CLIENT_SECRET: &str = "simulated-secret-of-the-demo";

/// The simulator's clock for the service: moving time in the console moves the plan as well.
#[derive(Debug)]
pub struct SharedClock {
    simulated: SimClock,
    started_ms: i64,
}

impl SharedClock {
    pub fn new(simulated: SimClock) -> Self {
        let started_ms = simulated.now_ms();
        Self { simulated, started_ms }
    }
}

impl Clock for SharedClock {
    fn now(&self) -> UnixMillis {
        UnixMillis::from_millis(self.simulated.now_ms())
    }

    // Wall and monotonic time move together, as on a machine whose clock nobody sets.
    fn monotonic(&self) -> Duration {
        let elapsed = self.simulated.now_ms().saturating_sub(self.started_ms);
        Duration::from_millis(u64::try_from(elapsed).unwrap_or(0))
    }

    fn sleep_until(&self, at: UnixMillis) -> BoxFuture<'static, ()> {
        let clock = self.simulated.clone();
        Box::pin(async move { clock.sleep_until(at.millis()).await })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiktok_sim::ClockMode;

    #[tokio::test]
    async fn moving_the_simulators_time_moves_the_services_clocks_and_wakes_sleepers() {
        let simulated = SimClock::new(ClockMode::Frozen { at_ms: 1_000_000 });
        let clock = SharedClock::new(simulated.clone());
        let sleeper = tokio::spawn(clock.sleep_until(UnixMillis::from_millis(1_060_000)));
        simulated.advance(60_000);
        sleeper.await.unwrap();
        assert_eq!(clock.now().millis(), 1_060_000);
        assert_eq!(clock.monotonic(), Duration::from_secs(60));
    }
}
