//! What must hold in every state, and what counts as an end. The names are those of `docs/exactly-once.md`.

use domain::attempt::Kind;

use crate::bounds::Bounds;
use crate::world::{Clock, Post, Remote, World};

/// The broken promise, if any.
pub fn broken(world: &World, bounds: &Bounds) -> Option<&'static str> {
    let seen: u8 = world.tasks.iter().map(|task| u8::from(task.is_seen()) + task.extra_posts).sum();
    let complete = world.tasks.iter().any(|task| task.may_be_seen());
    if seen > 1 {
        return Some("I1 two posts");
    }
    if complete && world.clock != Clock::Due {
        return Some("I3 a post before its time");
    }
    if complete && world.cancel_acknowledged {
        return Some("I4 a post after an acknowledged cancel");
    }
    if complete && world.rest_for_sure {
        return Some("I4 a post while its account rests");
    }
    for stored in &world.rows {
        let task = world.task_of(&stored.row);
        match stored.row.kind {
            Kind::Dead if task.is_some_and(|task| task.may_be_seen()) => {
                return Some("I5 an attempt declared dead completed");
            }
            Kind::Published if task.map_or(seen == 0, |task| task.remote != Remote::Out) => {
                return Some("I5 published without a post");
            }
            Kind::Delivered if !task.is_some_and(|task| task.is_seen()) => {
                return Some("I5 delivered without a draft");
            }
            _ => {}
        }
    }
    if world.post == Post::Asked && !world.rows.iter().any(|stored| stored.row.kind == Kind::Uncertain) {
        return Some("I5 a person is asked what is known");
    }
    if world.pestered {
        return Some("I7 a refusal for good was tried again");
    }
    if world.rows.iter().filter(|stored| stored.row.kind != Kind::Dead).count() > 1 {
        return Some("I8 two live attempts");
    }
    if bounds.strict && world.tasks.iter().any(|task| task.may_be_seen() && !task.announced) {
        return Some("I9 a last byte without a durable intent");
    }
    None
}

/// Nothing is left to do for a worker, or the bounds of the run end here.
pub fn settled(world: &World, bounds: &Bounds) -> bool {
    let live = world.live();
    let open = live.is_some_and(|stored| stored.row.kind.is_open());
    let over = match world.post {
        Post::Scheduled | Post::Publishing => false,
        Post::Published | Post::InInbox | Post::Failed | Post::NeedsAttention | Post::Asked | Post::Cancelled => !open,
    };
    over || bounds.lost > 0 && live.is_some_and(|stored| stored.epoch >= bounds.max_epoch)
}
