//! Breadth-first search through every reachable state, and back from the settled ones. Owns no rule of publishing.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use crate::bounds::{Bounds, Compare};
use crate::canon::canonical;
use crate::promise::{broken, settled};
use crate::store::{Model, Step};
use crate::world::{Account, Clock, Post, Skew, World};

/// A quick hash for states that nobody chose to collide.
#[derive(Default)]
pub struct Mix(u64);

/// Builds [`Mix`].
pub type Quick = BuildHasherDefault<Mix>;

impl Hasher for Mix {
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u8(&mut self, value: u8) {
        self.write_u64(u64::from(value));
    }

    fn write_isize(&mut self, value: isize) {
        self.write_u64(value.unsigned_abs() as u64);
    }

    fn write_usize(&mut self, value: usize) {
        self.write_u64(value as u64);
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = (self.0.rotate_left(5) ^ value).wrapping_mul(0x517c_c1b7_2722_0a95);
    }
}

/// What a run found.
#[derive(Debug)]
pub struct Found {
    pub states: usize,
    /// The first broken promise and the steps that lead to it.
    pub violated: Option<(&'static str, Vec<&'static str>)>,
    /// A state from which nothing settled can be reached, and the steps that lead to it.
    pub stuck: Option<Vec<&'static str>>,
}

fn first(bounds: &Bounds) -> World {
    World {
        post: Post::Scheduled,
        cancel_acknowledged: false,
        account: Account::Active,
        rests: false,
        rest_for_sure: false,
        grant_gone: false,
        clock: if bounds.early { Clock::LongBefore } else { Clock::Due },
        skew: Skew::None,
        rows: Vec::new(),
        tasks: Vec::new(),
        workers: vec![None; bounds.workers],
        versions: Vec::new(),
        rolled_back: false,
        pestered: false,
    }
}

fn successors(model: &mut Model, world: &World) -> Vec<Step> {
    let mut out = Vec::new();
    model.people(world, &mut out);
    model.elsewhere(world, &mut out);
    for index in 0..world.workers.len() {
        // Workers are alike and in order: of equal ones the first is enough.
        if index == 0 || world.workers[index] != world.workers[index - 1] {
            model.worker(world, index, &mut out);
        }
    }
    model.failover(world, &mut out);
    out
}

/// Explores one run until the first broken promise or the end.
pub fn explore(model: &mut Model) -> Found {
    assert!(model.bounds.compare == Compare::StateAndEpoch || model.bounds.lost == 0);
    let start = canonical(first(&model.bounds), &model.bounds);
    let mut known: HashMap<World, u32, Quick> = HashMap::default();
    let mut states = vec![start.clone()];
    let mut came: Vec<(u32, &'static str)> = vec![(0, "")];
    let mut edges: Vec<(u32, u32)> = Vec::new();
    known.insert(start, 0);
    let mut at = 0;
    while at < states.len() {
        let world = states[at].clone();
        let here = u32::try_from(at).unwrap();
        for (label, next) in successors(model, &world) {
            let next = canonical(next, &model.bounds);
            let fresh = u32::try_from(states.len()).unwrap();
            let to = *known.entry(next).or_insert_with_key(|next| {
                states.push(next.clone());
                came.push((here, label));
                fresh
            });
            edges.push((to, here));
            if to == fresh
                && let Some(promise) = broken(&states[states.len() - 1], &model.bounds)
            {
                return Found { states: states.len(), violated: Some((promise, path(&came, to))), stuck: None };
            }
        }
        at += 1;
    }
    let stuck = stuck(&states, edges, &model.bounds).map(|state| path(&came, state));
    Found { states: states.len(), violated: None, stuck }
}

fn path(came: &[(u32, &'static str)], mut to: u32) -> Vec<&'static str> {
    let mut steps = Vec::new();
    while to != 0 {
        let (from, label) = came[to as usize];
        steps.push(label);
        to = from;
    }
    steps.reverse();
    steps
}

/// The first state from which no settled one can be reached.
fn stuck(states: &[World], mut edges: Vec<(u32, u32)>, bounds: &Bounds) -> Option<u32> {
    edges.sort_unstable();
    edges.dedup();
    let mut good: Vec<bool> = states.iter().map(|world| settled(world, bounds)).collect();
    let mut todo: Vec<u32> = (0..u32::try_from(states.len()).unwrap()).filter(|state| good[*state as usize]).collect();
    while let Some(state) = todo.pop() {
        let from = edges.partition_point(|(to, _)| *to < state);
        for (_, before) in edges[from..].iter().take_while(|(to, _)| *to == state) {
            if !good[*before as usize] {
                good[*before as usize] = true;
                todo.push(*before);
            }
        }
    }
    good.iter().position(|good| !good).map(|state| u32::try_from(state).unwrap())
}
