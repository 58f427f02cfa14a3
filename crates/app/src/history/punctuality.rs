//! How punctual publishing was: what was out beside its planned time, and what stopped and why. Owns the periods and the comparison.

use std::collections::BTreeMap;

use domain::id::ConnectionId;
use domain::post::PostState;
use domain::punctuality::Punctuality;
use domain::time::UnixMillis;
use store::Connection;
use store::post::punctual::{Out, Stopped};

use crate::{Actor, App, Result};

/// Posts of one period that are looked at, the newest.
pub const OUT_MAX: u32 = 20_000;
/// Posts that stopped in one period that are looked at, the newest.
const STOPPED_MAX: u32 = 2_000;

/// What came of the posts of a period.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Came {
    /// Those with a planned time that are out; `None` when there are none.
    pub punctuality: Option<Punctuality>,
    /// Those that are out.
    pub out: usize,
    /// Those that failed.
    pub failed: usize,
    /// Those that wait for a person.
    pub waiting: usize,
}

impl Came {
    fn of<'a>(out: impl Iterator<Item = &'a Out> + Clone, stopped: impl Iterator<Item = &'a Stopped> + Clone) -> Self {
        let late = out.clone().filter_map(|it| Some(it.published_at.millis_since(it.due_at?)));
        let of = |state: PostState| stopped.clone().filter(|it| it.state == state).count();
        Self {
            punctuality: Punctuality::of(late),
            out: out.count(),
            failed: of(PostState::Failed),
            waiting: of(PostState::NeedsAttention),
        }
    }
}

/// The punctuality of a workspace in a period.
#[derive(Debug, Clone)]
pub struct Reliability {
    /// All of it.
    pub all: Came,
    /// The period before it.
    pub before: Came,
    /// By account, in the order of their names; without those of which nothing came.
    pub accounts: Vec<(Connection, Came)>,
    /// Why posts stopped: our key of the reason, and how many, most first.
    pub reasons: Vec<(String, usize)>,
    /// There were more posts than are looked at: these are the newest.
    pub is_cut: bool,
}

impl App {
    /// How punctual publishing was between two instants; of one account, or of all.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] for a foreign account.
    pub async fn reliability(
        &self,
        actor: &Actor,
        (from, until): (UnixMillis, UnixMillis),
        connection: Option<ConnectionId>,
    ) -> Result<Reliability> {
        let earlier = (from.plus_millis(from.millis_since(until)), from);
        self.reliability_without(actor, (from, until), earlier, connection, &[]).await
    }

    /// The same beside a period that is named, for weeks are not all of one length, and without some accounts.
    ///
    /// # Errors
    /// As [`App::reliability`].
    pub(crate) async fn reliability_without(
        &self,
        actor: &Actor,
        (from, until): (UnixMillis, UnixMillis),
        earlier: (UnixMillis, UnixMillis),
        connection: Option<ConnectionId>,
        without: &[ConnectionId],
    ) -> Result<Reliability> {
        if let Some(id) = connection {
            self.connection(actor, id).await?;
        }
        let workspace = actor.workspace_id;
        let mut out = self.store.posts_out(workspace, (from, until), connection, OUT_MAX).await?;
        let mut stopped = self.store.posts_stopped(workspace, (from, until), connection, STOPPED_MAX).await?;
        let mut out_before = self.store.posts_out(workspace, earlier, connection, OUT_MAX).await?;
        let mut stopped_before = self.store.posts_stopped(workspace, earlier, connection, STOPPED_MAX).await?;
        let full = |len: usize, max: u32| u32::try_from(len).is_ok_and(|len| len >= max);
        let is_cut = [out.len(), out_before.len()].into_iter().any(|len| full(len, OUT_MAX))
            || [stopped.len(), stopped_before.len()].into_iter().any(|len| full(len, STOPPED_MAX));
        for some in [&mut out, &mut out_before] {
            some.retain(|it| !without.contains(&it.connection_id));
        }
        for some in [&mut stopped, &mut stopped_before] {
            some.retain(|it| !without.contains(&it.connection_id));
        }

        let mut connections = self.connections(actor).await?;
        connections.sort_by_key(|it| (it.display_name.to_lowercase(), it.id));
        let of = |id: ConnectionId| {
            Came::of(
                out.iter().filter(move |it| it.connection_id == id),
                stopped.iter().filter(move |it| it.connection_id == id),
            )
        };
        let accounts: Vec<(Connection, Came)> =
            connections.into_iter().map(|it| (of(it.id), it)).map(|(came, it)| (it, came)).collect();
        let accounts = accounts.into_iter().filter(|(_, came)| *came != Came::default()).collect();

        let mut counted: BTreeMap<&str, usize> = BTreeMap::new();
        for problem in stopped.iter().filter_map(|it| it.problem.as_ref()) {
            let count = counted.entry(&problem.code).or_default();
            *count = count.saturating_add(1);
        }
        let mut reasons: Vec<(String, usize)> =
            counted.into_iter().map(|(code, count)| (code.to_owned(), count)).collect();
        reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));

        Ok(Reliability {
            all: Came::of(out.iter(), stopped.iter()),
            before: Came::of(out_before.iter(), stopped_before.iter()),
            accounts,
            reasons,
            is_cut,
        })
    }
}
