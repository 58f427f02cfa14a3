//! The database: compare-and-set by the store's rule, the post in the same transaction, and what a failover takes back.

use domain::attempt::{Kind, is_allowed};

use crate::bounds::{Bounds, Compare, Read};
use crate::concrete::{Frame, Heard, Question};
use crate::machine::{Changes, Follows, Machine, PostWrite};
use crate::world::{Happened, Next, Post, READY, Remote, Row, Session, Stored, Told, Version, World};

/// One step: what happened, in words, and the world after it.
pub type Step = (&'static str, World);

/// The model of one run.
pub struct Model {
    pub bounds: Bounds,
    pub machine: Machine,
}

impl Model {
    pub fn new(bounds: Bounds) -> Self {
        let frame = Frame {
            mode: bounds.mode,
            two_chunks: bounds.two_chunks,
            undated: bounds.undated.is_some(),
            faultless: bounds.mutant.is_none(),
        };
        Self { bounds, machine: Machine::new(frame) }
    }

    /// Asks the real machine about a row in somebody's hands.
    pub fn ask(
        &mut self,
        world: &World,
        session: &Session,
        happened: Happened,
        heard: Heard,
        tired: bool,
    ) -> (Changes, Follows) {
        let age = match (world.task_of(&session.row), happened) {
            (Some(task), _) if !session.row.commits_lost && self.bounds.undated.is_none() => task.age,
            (_, Happened::PersonSaidNo) => world.tasks.iter().map(|task| task.age).min().unwrap_or(2),
            (task, _) => task.map_or(0, |task| task.age),
        };
        let (mut changes, follows) = self.machine.ask(&Question {
            row: session.row,
            age,
            happened,
            clock: world.clock,
            skew: world.skew,
            heard,
            wanted: world.post == Post::Publishing,
            account: world.account,
            // Nobody asks any more once the last chunk is announced.
            rests: world.rests && session.row.kind.is_before_final(),
            commits_lost: world.rolled_back && self.bounds.careful,
            media: session.media,
            undated: match happened {
                Happened::Status { age, .. } if self.bounds.undated == Some(Read::AtTheAnswer) => age,
                _ => session.undated,
            },
            tired,
        });
        if !self.bounds.lag
            && let Changes::Memory(row) | Changes::Commit { row, .. } = &mut changes
        {
            // Workers are never hurried: every look is far enough from the one before.
            row.just_looked = false;
        }
        (changes, follows)
    }

    /// The world before a change is what a failover may go back to.
    pub fn remember(&self, world: &mut World) {
        if self.bounds.lost > 0 && !world.rolled_back {
            world.versions.insert(0, Version { post: world.post, rows: world.rows.clone() });
            world.versions.truncate(self.bounds.lost);
        }
    }

    fn hits(&self, stored: &Stored, held: &Session) -> bool {
        let state = stored.row.kind == held.row.kind;
        let epoch = stored.epoch == held.epoch;
        match self.bounds.compare {
            Compare::StateAndEpoch => state && epoch,
            Compare::StateOnly => state,
            Compare::EpochOnly => epoch,
            Compare::Nothing => true,
        }
    }

    /// One transaction; `None` when the compare-and-set missed or the store refused the edge.
    pub fn commit(
        &self,
        world: &World,
        held: &Session,
        happened: Happened,
        row: Row,
        post: PostWrite,
        next_epoch: u8,
    ) -> Option<World> {
        let index = world.rows.iter().position(|stored| stored.id == held.attempt)?;
        if !self.hits(&world.rows[index], held) || !is_allowed(held.row.kind, row.kind) {
            return None;
        }
        // The unique index: at most one attempt of a post that is not dead.
        let another = world.live().is_some_and(|live| live.id != held.attempt);
        if row.kind != Kind::Dead && another {
            return None;
        }
        let mut next = world.clone();
        self.remember(&mut next);
        next.rows[index] = Stored { id: held.attempt, row, epoch: next_epoch, epoch_at_change: next_epoch };
        if row.kind == Kind::FinalIntent
            && let Some(task) = row.task
        {
            next.tasks[usize::from(task)].announced = true;
        }
        match post {
            PostWrite::Keep => {}
            PostWrite::Waits => next.post = Post::Scheduled,
            PostWrite::Published => next.post = Post::Published,
            PostWrite::InInbox => next.post = Post::InInbox,
            PostWrite::Failed => next.post = Post::Failed,
            PostWrite::NeedsAttention => next.post = Post::NeedsAttention,
            PostWrite::Asked => next.post = Post::Asked,
            PostWrite::Again => {
                next.pestered |= for_good(happened);
                if next.live().is_some() {
                    return None;
                }
                insert(&mut next);
            }
        }
        Some(next)
    }

    /// A new attempt that a person asks for.
    pub fn begin(&self, world: &World) -> World {
        let mut next = world.clone();
        self.remember(&mut next);
        begin_too(&mut next);
        next
    }

    /// A new attempt by the scheduler, who may have looked for a rest a moment before it began.
    pub fn begin_unseeing(&self, world: &World) -> World {
        World { rests: world.rests, ..self.begin(&World { rests: false, ..world.clone() }) }
    }

    /// The last changes are gone, with or without the claims before them.
    pub fn failover(&self, world: &World, out: &mut Vec<Step>) {
        if self.bounds.lost == 0 || world.rolled_back {
            return;
        }
        let now = Version { post: world.post, rows: world.rows.clone() };
        for (lost, version) in std::iter::once(&now).chain(&world.versions).enumerate() {
            let mut unclaimed = version.clone();
            for stored in &mut unclaimed.rows {
                stored.epoch = stored.epoch_at_change;
            }
            let label = match lost {
                0 => "the database loses claims",
                1 => "the database loses its last change",
                2 => "the database loses its last two changes",
                _ => "the database loses its last three changes",
            };
            for before in [version.clone(), unclaimed] {
                if before == now {
                    continue;
                }
                let mut next = world.clone();
                next.rows = before.rows;
                next.post = match (world.cancel_acknowledged, self.bounds.cancel_lost) {
                    (true, false) => Post::Cancelled,
                    (true, true) | (false, _) => before.post,
                };
                next.versions = Vec::new();
                next.rolled_back = true;
                out.push((label, next));
            }
        }
    }
}

/// A new attempt within a transaction that is already open.
pub fn begin_too(world: &mut World) {
    if world.rests {
        // It waits with all others until the rest is over.
        world.post = Post::Scheduled;
        return;
    }
    world.post = Post::Publishing;
    insert(world);
}

fn insert(world: &mut World) {
    let id = world.new_id();
    world.rows.push(Stored { id, row: READY, epoch: 1, epoch_at_change: 1 });
}

/// TikTok said that no new try can help.
const fn for_good(happened: Happened) -> bool {
    matches!(
        happened,
        Happened::Status { told: Told::Failed { for_good: true }, .. } | Happened::InitRefused { for_good: true }
    )
}

/// A worker that was just given a row.
pub fn claimed(stored: &Stored, bounds: &Bounds) -> Session {
    Session {
        attempt: stored.id,
        row: stored.row,
        epoch: stored.epoch,
        next: Next::Decide(Happened::Resume),
        media: !bounds.media,
        undated: 0,
    }
}

/// TikTok will never take another byte for this task, nor end it with a post.
pub const fn is_over(remote: Remote, age: u8) -> bool {
    match remote {
        Remote::Failed(_) => true,
        Remote::Open => age >= 2,
        Remote::Processing | Remote::Out | Remote::InInbox => false,
    }
}
