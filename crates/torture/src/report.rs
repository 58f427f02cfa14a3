//! What came of stories: one outcome each, and the sum of many. Owns counting and the machine-readable form.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::check::Invariant;

/// One broken promise.
#[derive(Debug, Clone, Serialize)]
pub struct Breach {
    /// Which invariant.
    pub invariant: Invariant,
    /// What was seen.
    pub what: String,
}

/// What came of one story.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Outcome {
    /// Its seed.
    pub seed: u64,
    /// Broken promises.
    pub breaches: Vec<Breach>,
    /// How often each invariant was looked at.
    pub checks: BTreeMap<Invariant, u64>,
    /// Ends of posts: state, with the reason if there is one.
    pub ends: BTreeMap<String, u64>,
    /// Inits sent for each post.
    pub inits: Vec<u32>,
    /// Places at which a node could have died.
    pub steps: u64,
    /// Times a node was claimed dead and started again, calls made, virtual seconds.
    pub virtual_seconds: u64,
    /// The timeline of the posts with a broken promise.
    pub timeline: Vec<String>,
}

/// What came of many stories.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Summary {
    /// Stories told.
    pub seeds: u64,
    /// Posts in them.
    pub posts: u64,
    /// Posts that appeared more than once (I1).
    pub duplicates: u64,
    /// Posts that did not go out although nothing stood in the way, or whose end has no true reason.
    pub lost: u64,
    /// Posts that appeared before their time, or after a cancel that was confirmed (I3, I4).
    pub early: u64,
    /// States that do not tell the truth, and every other broken invariant.
    pub false_states: u64,
    /// Posts without an end (I2).
    pub stuck: u64,
    /// Real seconds.
    pub seconds: f64,
    /// Looks at each invariant.
    pub checks: BTreeMap<Invariant, u64>,
    /// Ends of posts.
    pub ends: BTreeMap<String, u64>,
    /// Seeds with a broken promise, the first hundred.
    pub failing_seeds: Vec<u64>,
    /// Inits beyond the first, by how many posts needed them.
    pub extra_inits: BTreeMap<u32, u64>,
    /// Virtual time, seconds.
    pub virtual_seconds: u64,
}

impl Summary {
    /// Adds one story.
    pub fn add(&mut self, outcome: &Outcome) {
        self.seeds += 1;
        self.posts += u64::try_from(outcome.inits.len()).unwrap_or(0);
        self.virtual_seconds += outcome.virtual_seconds;
        for (invariant, count) in &outcome.checks {
            *self.checks.entry(*invariant).or_default() += count;
        }
        for (end, count) in &outcome.ends {
            *self.ends.entry(end.clone()).or_default() += count;
        }
        for inits in &outcome.inits {
            *self.extra_inits.entry(inits.saturating_sub(1)).or_default() += 1;
        }
        for breach in &outcome.breaches {
            *match breach.invariant {
                Invariant::I01 => &mut self.duplicates,
                Invariant::I02 => &mut self.stuck,
                Invariant::I03 | Invariant::I04 => &mut self.early,
                Invariant::Lost => &mut self.lost,
                Invariant::I05
                | Invariant::I06
                | Invariant::I07
                | Invariant::I08
                | Invariant::I09
                | Invariant::I10
                | Invariant::I11
                | Invariant::I12
                | Invariant::I13
                | Invariant::I14
                | Invariant::I15 => &mut self.false_states,
            } += 1;
        }
        if !outcome.breaches.is_empty() && self.failing_seeds.len() < 100 {
            self.failing_seeds.push(outcome.seed);
        }
    }

    /// Adds what another worker counted.
    pub fn merge(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.posts += other.posts;
        self.duplicates += other.duplicates;
        self.lost += other.lost;
        self.early += other.early;
        self.false_states += other.false_states;
        self.stuck += other.stuck;
        self.virtual_seconds += other.virtual_seconds;
        for (invariant, count) in other.checks {
            *self.checks.entry(invariant).or_default() += count;
        }
        for (end, count) in other.ends {
            *self.ends.entry(end).or_default() += count;
        }
        for (inits, count) in other.extra_inits {
            *self.extra_inits.entry(inits).or_default() += count;
        }
        self.failing_seeds.extend(other.failing_seeds);
        self.failing_seeds.sort_unstable();
        self.failing_seeds.truncate(100);
    }

    /// Every promise was kept.
    #[must_use]
    pub const fn is_clean(&self) -> bool {
        self.duplicates == 0 && self.lost == 0 && self.early == 0 && self.false_states == 0 && self.stuck == 0
    }
}
