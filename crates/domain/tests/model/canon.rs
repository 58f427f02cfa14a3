//! Equal futures, one name: forgets what can no longer matter and puts the rest in order. Must not hide a task that may be seen.

use domain::attempt::Kind;

use crate::bounds::{Bounds, Compare, Gate};
use crate::world::{Act, Happened, Next, READY, Remote, Row, Session, Stored, World};

/// The world's canonical form.
pub fn canonical(mut world: World, bounds: &Bounds) -> World {
    if bounds.forget && bounds.mutant.is_none() && bounds.compare == Compare::StateAndEpoch {
        forget_zombies(&mut world, bounds);
    }
    forget_rows(&mut world);
    forget_tasks(&mut world, bounds);
    if bounds.lost == 0 {
        for index in 0..world.workers.len() {
            if let Some(mut session) = world.workers[index] {
                let own = world.stored(session.attempt).is_some_and(|stored| stored.epoch == session.epoch);
                session.epoch = u8::from(own);
                world.workers[index] = Some(session);
            }
        }
        for stored in &mut world.rows {
            stored.epoch = 1;
            stored.epoch_at_change = 1;
        }
    }
    world.workers.sort_unstable();
    name_attempts(&mut world);
    world
}

/// Whoever holds an epoch that is gone for good can make no commit; what it may still do is send what it announced.
fn forget_zombies(world: &mut World, bounds: &Bounds) {
    for index in 0..world.workers.len() {
        let Some(session) = world.workers[index] else { continue };
        if !is_zombie(world, &session, bounds) {
            continue;
        }
        let open = world.task_of(&session.row).is_some_and(|task| task.remote == Remote::Open && task.age < 2);
        let sends = match session.next {
            Next::Perform(Act::Put { .. }) => bounds.pull.is_none() && (open || bounds.lag),
            // An orphan matters only where TikTok fetches without being let in.
            Next::Perform(Act::SendInit) => bounds.pull == Some(Gate::Open),
            Next::Perform(Act::CheckCreator | Act::Verify | Act::AskStatus | Act::RefreshToken) | Next::Decide(_) => {
                false
            }
        };
        world.workers[index] = sends.then_some(Session {
            row: Row { kind: session.row.kind, task: session.row.task, ..READY },
            epoch: 0,
            undated: 0,
            ..session
        });
    }
}

/// Its epoch is lower than any that the database may have or get again.
fn is_zombie(world: &World, session: &Session, bounds: &Bounds) -> bool {
    let epochs = |rows: &[Stored]| rows.iter().find(|stored| stored.id == session.attempt).copied();
    let now = epochs(&world.rows);
    let lowest = if bounds.lost == 0 || world.rolled_back {
        now.map(|stored| stored.epoch)
    } else {
        let past = world.versions.iter().filter_map(|version| epochs(&version.rows));
        past.chain(now).map(|stored| stored.epoch_at_change).min()
    };
    lowest.is_none_or(|lowest| session.epoch < lowest)
}

/// Dead attempts matter while a worker holds them or while their task may still be seen.
fn forget_rows(world: &mut World) {
    let held: Vec<u8> = world.workers.iter().flatten().map(|session| session.attempt).collect();
    let seen: Vec<bool> = world.tasks.iter().map(|task| task.may_be_seen()).collect();
    let matters = |stored: &Stored| {
        let seen = stored.row.task.is_some_and(|task| seen[usize::from(task)]);
        stored.row.kind != Kind::Dead || seen || held.contains(&stored.id)
    };
    world.rows.retain(matters);
    for version in &mut world.versions {
        version.rows.retain(matters);
    }
}

/// Tasks matter while a row, a worker or a lost version names them, and when they may be seen.
fn forget_tasks(world: &mut World, bounds: &Bounds) {
    let mut order: Vec<u8> = Vec::new();
    let mut name = |task: Option<u8>| {
        if let Some(task) = task
            && !order.contains(&task)
        {
            order.push(task);
        }
    };
    let rows = world.rows.iter().chain(world.versions.iter().flat_map(|version| &version.rows));
    rows.for_each(|stored| name(stored.row.task));
    for session in world.workers.iter().flatten() {
        name(session.row.task);
        name(given(session));
    }
    for (index, task) in world.tasks.iter().enumerate() {
        let fetched = bounds.pull == Some(Gate::Open) && task.remote == Remote::Open && task.age < 2;
        if task.may_be_seen() || fetched {
            name(Some(u8::try_from(index).unwrap()));
        }
    }
    let place = |task: Option<u8>| {
        task.and_then(|task| order.iter().position(|kept| *kept == task)).map(|at| u8::try_from(at).unwrap())
    };
    for stored in world.rows.iter_mut().chain(world.versions.iter_mut().flat_map(|version| &mut version.rows)) {
        stored.row.task = place(stored.row.task);
    }
    for session in world.workers.iter_mut().flatten() {
        session.row.task = place(session.row.task);
        if let Next::Decide(Happened::TaskGiven(task)) = &mut session.next {
            *task = place(Some(*task)).unwrap();
        }
    }
    world.tasks = order.iter().map(|task| world.tasks[usize::from(*task)]).collect();
    for task in &mut world.tasks {
        // Only a person's answer depends on how old a task is that takes no more bytes.
        if task.remote != Remote::Open && bounds.person.is_none() {
            task.age = 0;
        }
    }
}

/// Attempts are named in the order in which they are met.
fn name_attempts(world: &mut World) {
    let mut order: Vec<u8> = Vec::new();
    let mut name = |id: &mut u8| {
        let at = order.iter().position(|known| known == id).unwrap_or_else(|| {
            order.push(*id);
            order.len() - 1
        });
        *id = u8::try_from(at).unwrap();
    };
    let rows = world.rows.iter_mut().chain(world.versions.iter_mut().flat_map(|version| &mut version.rows));
    rows.for_each(|stored| name(&mut stored.id));
    world.workers.iter_mut().flatten().for_each(|session| name(&mut session.attempt));
}

const fn given(session: &Session) -> Option<u8> {
    match session.next {
        Next::Decide(Happened::TaskGiven(task)) => Some(task),
        Next::Decide(_) | Next::Perform(_) => None,
    }
}
