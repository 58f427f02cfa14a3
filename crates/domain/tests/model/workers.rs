//! Workers: claim, decide, commit, perform, crash, and go on as zombies after their row was given to another.
//!
//! Must not decide anything: what a worker does is what `decide` says. Effects are in `remote`.

use domain::attempt::Kind;

use crate::concrete::Heard;
use crate::machine::{Changes, Follows};
use crate::store::{Model, Step, claimed};
use crate::world::{Act, Clock, Happened, Next, Session, Stored, World};

/// A worker goes on at once at most this often; whoever would wait longer gives the row back.
const AT_ONCE: usize = 6;

impl Model {
    /// Everything that worker `index` may do next.
    pub fn worker(&mut self, world: &World, index: usize, out: &mut Vec<Step>) {
        let Some(session) = world.workers[index] else {
            return self.claim(world, index, out);
        };
        out.push(("a worker crashes", with(world, index, None)));
        match session.next {
            Next::Perform(act) => {
                self.give_back(world, index, &session, out);
                for (label, next, session, happened) in self.perform(world, session, act) {
                    self.think(&next, index, session, happened, label, out);
                }
            }
            Next::Decide(Happened::DueReached) if world.clock != Clock::Due => {}
            Next::Decide(happened) => self.decide(world, index, session, happened, out),
        }
    }

    fn claim(&mut self, world: &World, index: usize, out: &mut Vec<Step>) {
        let Some(live) = world.rows.iter().position(|stored| stored.row.kind != Kind::Dead) else { return };
        let stored = world.rows[live];
        let kind = stored.row.kind;
        if !kind.is_open() && !self.bounds.watch || self.bounds.lost > 0 && stored.epoch >= self.bounds.max_epoch {
            return;
        }
        let stored = Stored { epoch: stored.epoch + 1, ..stored };
        let mut next = world.clone();
        next.rows[live] = stored;
        let session = claimed(&stored, &self.bounds);
        let first = if kind.is_open() { Happened::Resume } else { Happened::Hint };
        self.think(&next, index, session, first, "a worker claims", out);
    }

    /// Gives the row back with what was seen so far; the next worker goes on counting.
    fn give_back(&self, world: &World, index: usize, session: &Session, out: &mut Vec<Step>) {
        let Some(at) = world.rows.iter().position(|stored| stored.id == session.attempt) else { return };
        let stored = &world.rows[at];
        let asks = session.next == Next::Perform(Act::AskStatus);
        let own = stored.epoch == session.epoch && stored.row.kind == session.row.kind;
        if self.bounds.lost == 0 && asks && own && stored.row.looks != session.row.looks {
            let mut next = with(world, index, None);
            next.rows[at].row = session.row;
            out.push(("a worker gives its row back", next));
        }
    }

    /// What TikTok's clock may be to this process when it decides.
    fn heard(&self, happened: Happened) -> Vec<Heard> {
        match happened {
            _ if self.bounds.undated.is_some() => vec![Heard::Never],
            Happened::Status { .. } => vec![Heard::JustNow],
            _ if self.bounds.skew => vec![Heard::Never, Heard::LongAgo, Heard::JustNow],
            _ => vec![Heard::JustNow],
        }
    }

    /// Decides, and again, until the worker has to write, to act or to stop.
    fn think(
        &mut self,
        world: &World,
        index: usize,
        session: Session,
        happened: Happened,
        label: &'static str,
        out: &mut Vec<Step>,
    ) {
        for tired in FRESH_OR_TIRED {
            for heard in self.heard(happened) {
                let after = self.alone(world, session, happened, heard, tired);
                out.push((label, with(world, index, after)));
            }
        }
    }

    /// The session after everything that needs no write; `None` when the row is given back.
    fn alone(
        &mut self,
        world: &World,
        mut session: Session,
        mut happened: Happened,
        heard: Heard,
        tired: bool,
    ) -> Option<Session> {
        let mut waited = false;
        for round in 0..AT_ONCE {
            let (changes, follows) = self.ask(world, &session, happened, heard, tired && round == 0);
            match changes {
                Changes::Commit { .. } => return Some(Session { next: Next::Decide(happened), ..session }),
                Changes::Memory(row) => session.row = row,
                Changes::Nothing => {}
            }
            match follows {
                Follows::Resume => happened = Happened::Resume,
                Follows::Perform(act) => return Some(Session { next: Next::Perform(act), ..session }),
                Follows::Wait if waited => return None,
                Follows::Wait => {
                    waited = true;
                    happened = Happened::Resume;
                }
                Follows::Hold => return Some(Session { next: Next::Decide(Happened::DueReached), ..session }),
                Follows::Over => return None,
            }
        }
        None
    }

    /// Decides again inside the transaction and writes.
    fn decide(&mut self, world: &World, index: usize, session: Session, happened: Happened, out: &mut Vec<Step>) {
        for tired in FRESH_OR_TIRED {
            for heard in self.heard(happened) {
                let (changes, follows) = self.ask(world, &session, happened, heard, tired);
                let Changes::Commit { row, post } = changes else {
                    let after = self.alone(world, session, happened, heard, tired);
                    out.push(("a worker thinks again", with(world, index, after)));
                    continue;
                };
                let Some(next) = self.commit(world, &session, happened, row, post, session.epoch) else {
                    out.push(("a worker is fenced off", with(world, index, None)));
                    continue;
                };
                let label = words(row.kind);
                let session = Session { row, ..session };
                match follows {
                    Follows::Perform(act) => {
                        let session = Session { next: Next::Perform(act), ..session };
                        out.push((label, with(&next, index, Some(session))));
                    }
                    Follows::Resume | Follows::Wait | Follows::Hold if row.kind.is_open() => {
                        self.think(&next, index, session, Happened::Resume, label, out);
                    }
                    Follows::Resume | Follows::Wait | Follows::Hold | Follows::Over => {
                        out.push((label, with(&next, index, None)));
                    }
                }
            }
        }
    }
}

/// Counters of failures are chosen by the adversary.
const FRESH_OR_TIRED: [bool; 2] = [false, true];

fn with(world: &World, index: usize, session: Option<Session>) -> World {
    let mut next = world.clone();
    next.workers[index] = session;
    next
}

const fn words(kind: Kind) -> &'static str {
    match kind {
        Kind::Ready => "a worker writes ready",
        Kind::InitSent => "a worker writes init_sent",
        Kind::InitAcked => "a worker writes init_acked",
        Kind::Uploading => "a worker writes uploading",
        Kind::FinalIntent => "a worker writes final_intent",
        Kind::HandedOver => "a worker writes handed_over",
        Kind::Published => "a worker writes published",
        Kind::Delivered => "a worker writes delivered",
        Kind::Dead => "a worker writes dead",
        Kind::Uncertain => "a worker writes uncertain",
    }
}
