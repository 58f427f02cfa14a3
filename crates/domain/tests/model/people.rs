//! People: the scheduler's start that they asked for, cancel, retry, disconnect, reconnect, and "is it there?".

use domain::attempt::Kind;

use crate::bounds::Person;
use crate::concrete::Heard;
use crate::machine::Changes;
use crate::remote::on_its_way;
use crate::store::{Model, Step, begin_too, claimed, is_over};
use crate::world::{Account, Happened, Post, Remote, World};

impl Model {
    /// Everything that people and the scheduler may do next.
    pub fn people(&mut self, world: &World, out: &mut Vec<Step>) {
        if world.post == Post::Scheduled && world.account == Account::Active {
            out.push(("the scheduler starts the post", self.begin_unseeing(world)));
        }
        self.cancel(world, out);
        let parked = matches!(world.post, Post::Failed | Post::NeedsAttention | Post::Asked);
        if parked && world.live().is_none() && world.account == Account::Active {
            // Whoever cancelled has changed their mind.
            let next = World { cancel_acknowledged: false, ..self.begin(world) };
            out.push(("a person tries again", next));
        }
        if self.bounds.revoke {
            self.account(world, out);
        }
        if self.bounds.rests {
            self.rest(world, out);
        }
        self.answer(world, out);
    }

    /// A person's wish against the row as it is, in one transaction.
    fn wish(&mut self, world: &World, happened: Happened) -> Option<World> {
        let held = claimed(world.live()?, &self.bounds);
        match self.ask(world, &held, happened, Heard::Never, false) {
            (Changes::Commit { row, post }, _) => self.commit(world, &held, happened, row, post, held.epoch + 1),
            (Changes::Memory(_) | Changes::Nothing, _) => None,
        }
    }

    fn cancel(&mut self, world: &World, out: &mut Vec<Step>) {
        if matches!(world.post, Post::Published | Post::InInbox | Post::Cancelled) {
            return;
        }
        let stopped = match world.live() {
            None => {
                let mut next = world.clone();
                self.remember(&mut next);
                Some(next)
            }
            Some(_) => self.wish(world, Happened::StopCancelled),
        };
        if let Some(mut next) = stopped {
            next.post = Post::Cancelled;
            next.cancel_acknowledged = true;
            out.push(("a cancel is acknowledged", next));
        }
    }

    fn rest(&mut self, world: &World, out: &mut Vec<Step>) {
        if world.rests {
            out.push(("the rest is over", World { rests: false, rest_for_sure: false, ..world.clone() }));
            return;
        }
        let stopped = match world.live() {
            None => Some(world.clone()),
            Some(_) => self.wish(world, Happened::StopPaused),
        };
        let for_sure = stopped.is_some() && !world.tasks.iter().any(|task| task.may_be_seen());
        let next = stopped.unwrap_or_else(|| world.clone());
        out.push(("the account rests", World { rests: true, rest_for_sure: for_sure, ..next }));
    }

    fn account(&mut self, world: &World, out: &mut Vec<Step>) {
        if !world.grant_gone && world.account == Account::Active && world.post != Post::Scheduled {
            out.push(("TikTok takes the grant back", World { grant_gone: true, ..world.clone() }));
        }
        if world.account != Account::Disconnected {
            let mut next = self.wish(world, Happened::StopDisconnected).unwrap_or_else(|| world.clone());
            next.account = Account::Disconnected;
            if next.post == Post::Scheduled {
                next.post = Post::NeedsAttention;
            }
            out.push(("the person disconnects", next));
        }
        if world.account != Account::Active {
            out.push((
                "the person connects again",
                World { account: Account::Active, grant_gone: false, ..world.clone() },
            ));
        }
    }

    fn answer(&mut self, world: &World, out: &mut Vec<Step>) {
        let (Some(person), Some(live)) = (self.bounds.person, world.live()) else { return };
        let row = live.row;
        if row.kind != Kind::Uncertain {
            return;
        }
        let own = row.task.map(usize::from);
        let seen = |index: usize| world.tasks[index].is_seen();
        let there = own.map_or_else(|| (0..world.tasks.len()).any(seen), seen);
        if there {
            out.extend(self.wish(world, Happened::PersonSaidYes).map(|next| ("a person says: it is there", next)));
        }
        let coming = world.tasks.iter().enumerate().any(|(index, task)| {
            task.remote == Remote::Processing || !is_over(task.remote, task.age) && on_its_way(world, index)
        });
        let any = (0..world.tasks.len()).any(seen);
        if !any && (person == Person::Rash || !coming) {
            let Some(mut next) = self.wish(world, Happened::PersonSaidNo) else { return };
            // What follows is in the same transaction, and is a wish of its own: "publish again".
            next.cancel_acknowledged = false;
            if world.account == Account::Active {
                begin_too(&mut next);
            } else {
                next.post = Post::NeedsAttention;
            }
            out.push(("a person says: it is not there", next));
        }
    }
}
