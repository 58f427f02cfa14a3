//! Many stories on all cores: each worker has a bench of its own and takes the next seed. Owns the threads and their cores.

use std::sync::atomic::{AtomicU64, Ordering};

use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

use crate::plot::Plot;
use crate::report::{Outcome, Summary};
use crate::run::{Bench, Error};

/// Workers that share a core.
const WORKERS_PER_CORE: usize = 2;

/// Tells the stories of the seeds `first` to `first + count - 1`; `failed` hears of every broken promise.
///
/// # Errors
/// When a stage cannot be set; promises that were broken are no errors.
pub fn seeds(first: u64, count: u64, workers: usize, failed: impl Fn(&Outcome) + Sync) -> Result<Summary, Error> {
    let (next, failed) = (&AtomicU64::new(0), &failed);
    let work = |number: usize| -> Result<Summary, Error> {
        stay_on_one_core(number);
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
        let threads: Vec<_> = (0..workers.max(1)).map(|number| scope.spawn(move || work(number))).collect();
        let mut sum = Summary::default();
        for thread in threads {
            let part = thread.join().unwrap_or_else(|_| Err(Error::System("a worker panicked".to_owned())))?;
            sum.merge(part);
        }
        Ok(sum)
    })
}

/// Keeps a worker, and the thread of its database, on one core. The two only ever take turns: to wake a thread on another core costs
/// several times what the turn does. Where the system does not allow it, stories are merely slower.
fn stay_on_one_core(worker: usize) {
    let Ok(allowed) = sched_getaffinity(None) else { return };
    let cores: Vec<usize> = (0..CpuSet::MAX_CPU).filter(|core| allowed.is_set(*core)).collect();
    let Some(core) = worker.checked_rem(cores.len()).and_then(|place| cores.get(place)) else { return };
    let mut one = CpuSet::new();
    one.set(*core);
    if let Err(error) = sched_setaffinity(None, &one) {
        tracing::debug!(%error, "a worker is not kept on one core");
    }
}

/// How many workers fill this machine: a few for each core, so that one works while another's bytes are on their way.
#[must_use]
pub fn workers() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).saturating_mul(WORKERS_PER_CORE)
}
