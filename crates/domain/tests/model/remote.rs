//! TikTok's side: what each effect may do and answer, and what TikTok and the clocks do by themselves.

use domain::attempt::{Kind, Mode, mutant::Mutant};

use crate::bounds::Gate;
use crate::store::{Model, Step};
use crate::world::{Account, Act, Clock, Happened, Next, Remote, Session, Skew, Task, Told, World};

const FRESH: Task = Task { remote: Remote::Open, bytes: 0, age: 0, lagging: false, extra_posts: 0, announced: false };

/// What an effect may lead to.
type Outcome = (&'static str, World, Session, Happened);

impl Model {
    /// Every outcome of an effect.
    pub fn perform(&self, world: &World, session: Session, act: Act) -> Vec<Outcome> {
        let mut out = Vec::new();
        let mut may = |label, world: World, happened| out.push((label, world, session, happened));
        match act {
            Act::Verify => {
                let looked = Session { media: true, ..session };
                may("the file has changed", world.clone(), Happened::MediaMismatch);
                out.push(("the file is right", world.clone(), looked, Happened::MediaVerified));
                return out;
            }
            Act::Put { last } => return self.put(world, session, last),
            Act::CheckCreator | Act::SendInit | Act::AskStatus | Act::RefreshToken => {}
        }
        if world.account == Account::Disconnected {
            may("there is no token", world.clone(), Happened::Disconnected);
            return out;
        }
        if world.grant_gone || world.account == Account::ReconnectNeeded {
            let next = World { account: Account::ReconnectNeeded, ..world.clone() };
            may("TikTok gives no token", next, Happened::ReconnectNeeded);
            return out;
        }
        if self.bounds.unauthorized && matches!(act, Act::CheckCreator | Act::AskStatus) {
            may("TikTok refuses the token", world.clone(), Happened::TokenRefused);
        }
        match act {
            Act::CheckCreator => {
                may("the creator may post", world.clone(), Happened::CreatorGo);
                if self.bounds.whims {
                    may("the creator may not post", world.clone(), Happened::CreatorPark);
                }
            }
            Act::RefreshToken => may("the token is renewed", world.clone(), Happened::TokenRefreshed),
            Act::AskStatus => self.status(world, session, &mut out),
            Act::SendInit => self.init(world, session, &mut out),
            Act::Verify | Act::Put { .. } => {}
        }
        out
    }

    fn init(&self, world: &World, session: Session, out: &mut Vec<Outcome>) {
        let mut given = world.clone();
        let index = u8::try_from(given.tasks.len()).unwrap();
        given.tasks.push(FRESH);
        if self.bounds.mutant == Some(Mutant::TaskSavedAfterUpload) {
            // The upload goes on in the worker's memory; the row learns of the task afterwards.
            let mut next = given.clone();
            next.tasks[usize::from(index)].bytes = 2;
            next.tasks[usize::from(index)].remote = Remote::Processing;
            out.push(("init answered, all bytes sent before saving", next, session, Happened::TaskGiven(index)));
        }
        if self.bounds.pull == Some(Gate::Open) && given.tasks.len() <= 3 {
            out.push(("the answer of init is lost", given.clone(), session, Happened::InitUnknown));
        }
        out.push(("init answered", given, session, Happened::TaskGiven(index)));
        // Made or not, nobody has its URL: such a task can take no byte and need not be remembered.
        out.push(("init or its answer is lost", world.clone(), session, Happened::InitUnknown));
        for for_good in [false, true] {
            out.push(("init refused", world.clone(), session, Happened::InitRefused { for_good }));
        }
    }

    fn put(&self, world: &World, session: Session, last: bool) -> Vec<Outcome> {
        let Some(index) = session.row.task.map(usize::from) else {
            return vec![("there is nowhere to send to", world.clone(), session, Happened::ChunkUnknown)];
        };
        let task = world.tasks[index];
        let mut out = vec![("a chunk does not arrive", world.clone(), session, Happened::ChunkUnknown)];
        let mut may = |label, world: World, happened| out.push((label, world, session, happened));
        if self.bounds.pull.is_some() {
            // TikTok fetches by itself; nothing is sent.
            return out;
        }
        if task.remote == Remote::Open && task.age >= 1 {
            may("the URL's hour is over", world.clone(), Happened::ChunkUrlExpired);
        }
        if task.remote != Remote::Open {
            let mut again = world.clone();
            if self.bounds.lag && last && task.bytes == 2 {
                again.tasks[index].extra_posts = 1;
            }
            may("a repeated chunk arrives", again, Happened::ChunkWrongRange);
        } else if task.age < 2 {
            let mut next = world.clone();
            if !last {
                next.tasks[index].bytes = task.bytes.max(1);
                may("the first chunk arrives", next.clone(), Happened::ChunkAccepted);
                may("the first chunk arrives, its answer is lost", next, Happened::ChunkUnknown);
            } else if self.bounds.two_chunks && task.bytes == 0 {
                may("the first chunk is missing", next, Happened::ChunkWrongRange);
            } else {
                next.tasks[index].bytes = 2;
                next.tasks[index].lagging = self.bounds.lag;
                next.tasks[index].remote = Remote::Processing;
                may("the last chunk arrives", next.clone(), Happened::ChunkComplete);
                may("the last chunk arrives, its answer is lost", next.clone(), Happened::ChunkUnknown);
                may("the last chunk arrives and is refused", next, Happened::ChunkUrlExpired);
            }
        }
        out
    }

    fn status(&self, world: &World, session: Session, out: &mut Vec<Outcome>) {
        let mut may = |label, session, happened| out.push((label, world.clone(), session, happened));
        let Some(task) = world.task_of(&session.row) else {
            return may("there is no task to ask for", session, Happened::TaskUnknown);
        };
        if self.bounds.whims {
            may("TikTok does not know the task", session, Happened::TaskUnknown);
        }
        let shown = if task.lagging { u8::from(self.bounds.two_chunks) } else { task.bytes };
        // The first incomplete answer without a Date starts the two clocks of the process.
        let dated = self.bounds.undated.is_none();
        let noted = Session { undated: if dated { 0 } else { session.undated.max(1) }, ..session };
        let age = if dated { task.age } else { noted.undated };
        let status = |told| Happened::Status { told, bytes: shown, age };
        match task.remote {
            Remote::Open => may("status: incomplete", noted, status(Told::Pending)),
            Remote::Processing => may("status: processing", session, status(Told::Pending)),
            Remote::Out => {
                may("status: published, no ids", session, status(Told::Out { ids: false }));
                if self.bounds.watch {
                    may("status: published", session, status(Told::Out { ids: true }));
                }
            }
            Remote::InInbox => may("status: in the inbox", session, status(Told::InInbox)),
            Remote::Failed(for_good) => may("status: failed", session, status(Told::Failed { for_good })),
        }
    }

    /// What happens without us.
    pub fn elsewhere(&self, world: &World, out: &mut Vec<Step>) {
        for (index, task) in world.tasks.iter().enumerate() {
            let mut become_ = |label, remote| {
                let mut next = world.clone();
                next.tasks[index].remote = remote;
                out.push((label, next));
            };
            match task.remote {
                Remote::Open => {
                    become_("TikTok ends a task", Remote::Failed(false));
                    if self.may_fetch(world, index) {
                        let mut next = world.clone();
                        next.tasks[index].remote = Remote::Processing;
                        next.tasks[index].bytes = 2;
                        out.push(("TikTok fetches the file", next));
                    }
                }
                Remote::Processing => {
                    become_("TikTok fails a task", Remote::Failed(false));
                    become_("TikTok fails a task for good", Remote::Failed(true));
                    match self.bounds.mode {
                        Mode::InboxFile => become_("a draft lies in the inbox", Remote::InInbox),
                        _ => become_("a post becomes visible", Remote::Out),
                    }
                }
                Remote::InInbox => become_("the creator posts the draft", Remote::Out),
                Remote::Out | Remote::Failed(_) => {}
            }
        }
        self.time(world, out);
    }

    fn may_fetch(&self, world: &World, index: usize) -> bool {
        let fresh = world.tasks[index].age < 2;
        match self.bounds.pull {
            None => false,
            Some(Gate::Open) => fresh,
            Some(Gate::Guarded) => {
                fresh
                    && world.rows.iter().any(|stored| {
                        stored.row.kind == Kind::FinalIntent && stored.row.task.map(usize::from) == Some(index)
                    })
            }
        }
    }

    fn time(&self, world: &World, out: &mut Vec<Step>) {
        match world.clock {
            Clock::LongBefore => {
                out.push(("the due time is near", World { clock: Clock::JustBefore, ..world.clone() }));
            }
            Clock::JustBefore => out.push(("the due time comes", World { clock: Clock::Due, ..world.clone() })),
            Clock::Due => {}
        }
        if self.bounds.lag {
            out.push(("20 seconds pass", seconds(world)));
        }
        let busy = |hours: u8| {
            let late = |task: &Task| task.remote == Remote::Processing && task.age + hours >= 2;
            self.bounds.settles && world.tasks.iter().any(late)
        };
        let asked = world.live().is_some_and(|stored| stored.row.kind == Kind::Uncertain);
        if world.tasks.iter().any(|task| (asked || task.remote == Remote::Open) && task.age < 2) && !busy(1) {
            out.push(("an hour passes", later(world, 1)));
        }
        if self.bounds.undated.is_some() && !busy(2) {
            let mut next = later(world, 2);
            each_session(&mut next, |session| session.undated = if session.undated > 0 { 2 } else { 0 });
            out.push(("two hours pass", next));
        }
        if self.bounds.days && world.live().is_some() && !busy(2) {
            let mut next = later(world, 2);
            for stored in &mut next.rows {
                stored.row.days_old = true;
            }
            each_session(&mut next, |session| session.row.days_old = true);
            out.push(("three days pass", next));
        }
        if self.bounds.skew {
            for (label, skew) in [
                ("our clock is set right", Skew::None),
                ("our clock jumps 20 minutes ahead", Skew::Minutes),
                ("our clock jumps 3 hours ahead", Skew::Hours),
            ] {
                if (world.skew == Skew::None) != (skew == Skew::None) {
                    out.push((label, World { skew, ..world.clone() }));
                }
            }
        }
    }
}

fn each_session(world: &mut World, change: impl Fn(&mut Session)) {
    world.workers.iter_mut().flatten().for_each(change);
}

fn seconds(world: &World) -> World {
    let mut next = world.clone();
    for task in &mut next.tasks {
        task.lagging = false;
    }
    for stored in &mut next.rows {
        stored.row.just_looked = false;
    }
    each_session(&mut next, |session| session.row.just_looked = false);
    next
}

fn later(world: &World, hours: u8) -> World {
    let mut next = seconds(world);
    next.clock = Clock::Due;
    for task in &mut next.tasks {
        task.age = (task.age + hours).min(2);
    }
    next
}

/// Whether a worker holds a last chunk that TikTok would still take.
pub fn on_its_way(world: &World, index: usize) -> bool {
    world.workers.iter().flatten().any(|session| {
        session.row.task.map(usize::from) == Some(index) && session.next == Next::Perform(Act::Put { last: true })
    })
}
