//! Everything random of a run comes from its seed, in one order. Owns the generator; nothing here is secret.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use app::Random;

/// A seeded generator; clones draw from the same one.
#[derive(Debug, Clone)]
pub(crate) struct Chance {
    generator: Arc<Mutex<fastrand::Rng>>,
}

impl Chance {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self { generator: Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))) }
    }

    fn rng(&self) -> MutexGuard<'_, fastrand::Rng> {
        self.generator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A generator of its own, so that what one part draws does not move what another part gets.
    pub(crate) fn fork(&self) -> Self {
        Self { generator: Arc::new(Mutex::new(self.rng().fork())) }
    }

    /// True in `percent` of 100 cases.
    pub(crate) fn percent(&self, percent: u32) -> bool {
        self.rng().u32(0..100) < percent
    }

    /// From `low` to `high`, both included.
    pub(crate) fn within(&self, low: i64, high: i64) -> i64 {
        self.rng().i64(low..=high)
    }

    /// An index below `length`, which must not be 0.
    pub(crate) fn index(&self, length: usize) -> usize {
        self.rng().usize(0..length.max(1))
    }

    /// One of these.
    pub(crate) fn pick<'a, T>(&self, from: &'a [T]) -> Option<&'a T> {
        from.get(self.index(from.len()))
    }

    pub(crate) fn shuffle<T>(&self, items: &mut [T]) {
        self.rng().shuffle(items);
    }
}

impl Random for Chance {
    fn fill(&self, bytes: &mut [u8]) {
        self.rng().fill(bytes);
    }
}
