//! Many stories on all cores: each worker has a bench of its own and takes the next seed. Owns the threads.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::plot::Plot;
use crate::report::{Outcome, Summary};
use crate::run::{Bench, Error};

/// Tells the stories of the seeds `first` to `first + count - 1`; `failed` hears of every broken promise.
///
/// # Errors
/// When a stage cannot be set; promises that were broken are no errors.
pub fn seeds(first: u64, count: u64, workers: usize, failed: impl Fn(&Outcome) + Sync) -> Result<Summary, Error> {
    let next = AtomicU64::new(0);
    let work = || -> Result<Summary, Error> {
        let bench = Bench::new()?;
        let mut summary = Summary::default();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return Ok(summary);
            }
            let outcome = bench.run(&Plot::of_seed(first.saturating_add(number)))?;
            if !outcome.breaches.is_empty() {
                failed(&outcome);
            }
            summary.add(&outcome);
        }
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers.max(1)).map(|_| scope.spawn(work)).collect();
        let mut sum = Summary::default();
        for thread in threads {
            let part = thread.join().unwrap_or_else(|_| Err(Error::System("a worker panicked".to_owned())))?;
            sum.merge(part);
        }
        Ok(sum)
    })
}
