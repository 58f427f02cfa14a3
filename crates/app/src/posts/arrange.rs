//! Other times for several planned posts at once: into the next free slots, spread evenly, shuffled. Owns the proposal and the one
//! transaction that moves all of them or none; each new time is a new consent, as for a single move.

use std::collections::{BTreeMap, BTreeSet};

use domain::consent::Declaration;
use domain::id::{ConnectionId, PostId};
use domain::post::{Delivery, PostState};
use domain::rhythm::spread;
use domain::rules::Problem;
use domain::schedule::{Resolved, Zone, resolve, to_local};
use domain::time::UnixMillis;
use domain::timetable::{self, Cap};
use store::Post;

use super::compose::CAP_WINDOW_MS;
use super::expectation::AROUND_MAX;
use super::submit::{Agreed, When, crowded, plan, write_agreed};
use super::{CHANGED_MEANWHILE, Files};
use crate::queue::PostRow;
use crate::{Actor, App, Error, Result};

/// Posts that are arranged at once.
pub const ARRANGED_MAX: usize = 50;

/// How posts get other times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Each into the next free slot of its account.
    Slots,
    /// Evenly from one instant to another, both included.
    Spread {
        /// The first post's time.
        from: UnixMillis,
        /// The last post's time.
        until: UnixMillis,
    },
    /// The posts of an account change places.
    Shuffle,
}

/// A new time for one post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Move {
    /// The post.
    pub id: PostId,
    /// Its revision as it was shown.
    pub revision: i64,
    /// Its new time.
    pub at: UnixMillis,
}

/// One line of a proposal.
#[derive(Debug, Clone)]
pub struct Proposed {
    /// The post as it stands.
    pub row: PostRow,
    /// Its new time; `None` where there is none for it.
    pub at: Option<UnixMillis>,
    /// What stands in the way.
    pub problems: Vec<Problem>,
    /// A cap of TikTok's that it may run into at that time, with all posts moved; a warning, nothing is refused for it.
    pub cap: Option<Cap>,
}

/// What an arrangement would change.
#[derive(Debug, Clone, Default)]
pub struct Proposal {
    /// The posts in the order of their present times.
    pub lines: Vec<Proposed>,
}

impl Proposal {
    /// Every post has a time, and nothing stands in the way of any.
    #[must_use]
    pub fn is_possible(&self) -> bool {
        !self.lines.is_empty() && self.lines.iter().all(|line| line.at.is_some() && line.problems.is_empty())
    }

    /// The moves that it stands for.
    #[must_use]
    pub fn moves(&self) -> Vec<Move> {
        let one = |line: &Proposed| {
            let post = &line.row.post;
            line.at.map(|at| Move { id: post.id, revision: post.revision, at })
        };
        self.lines.iter().filter_map(one).collect()
    }
}

/// What came of an arrangement.
#[derive(Debug, Clone)]
pub enum Arranged {
    /// All have their new times.
    Done {
        /// The posts as they stand now, by time.
        rows: Vec<PostRow>,
        /// The moves that take all of it back; a post whose old time has passed is not among them.
        back: Vec<Move>,
    },
    /// Nothing changed, because of these.
    Refused(Proposal),
}

/// The wall-clock words of an instant, to the minute.
fn words(at: UnixMillis, zone: &Zone) -> When {
    let local = to_local(at, zone);
    let second = matches!(resolve(local, zone), Resolved::Overlap { second, .. } if second == at);
    When::At { local, zone: zone.clone(), second }
}

impl App {
    /// New times for planned posts, with what stands in the way of each. Changes nothing.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one is not theirs, [`Error::BadInput`] for none or an end before the beginning, [`Error::Limit`] for
    /// too many, [`Error::Conflict`] when one does not wait any more, [`Error::PolicyUnanswered`].
    pub async fn propose(&self, actor: &Actor, ids: &[PostId], how: How) -> Result<Proposal> {
        let rows = self.chosen_posts(actor, ids).await?;
        let times = match how {
            How::Slots => self.next_free(actor, &rows).await?,
            How::Spread { from, until } if until <= from => {
                return Err(Error::BadInput { code: "spread-ends-before-it-begins" });
            }
            How::Spread { from, until } => spread(from, until, rows.len()).into_iter().map(Some).collect(),
            How::Shuffle => self.shuffled(&rows),
        };
        let lines = rows.into_iter().zip(times).map(|(row, at)| Proposed { row, at, problems: Vec::new(), cap: None });
        let mut proposal = Proposal { lines: lines.collect() };
        let moves = proposal.moves();
        let (_, problems) = self.try_moves(actor, &moves, false).await?;
        take_in(&mut proposal, problems);
        self.warn_of_caps(&mut proposal).await?;
        Ok(proposal)
    }

    /// Gives all of these posts their new times, or none. The press is the consent to each of them: the page shows the declaration of
    /// each beside the button.
    ///
    /// # Errors
    /// As [`App::propose`]; [`Error::Conflict`] when one changed meanwhile.
    pub async fn arrange(&self, actor: &Actor, moves: &[Move]) -> Result<Arranged> {
        let ids: Vec<PostId> = moves.iter().map(|one| one.id).collect();
        let rows = self.chosen_posts(actor, &ids).await?;
        if rows.len() != moves.len() {
            // One post twice: which time is meant?
            return Err(CHANGED_MEANWHILE);
        }
        let (after, problems) = self.try_moves(actor, moves, true).await?;
        if problems.is_empty() {
            let now = self.now();
            let back = after.iter().filter_map(|after| {
                let before = rows.iter().find(|row| row.post.id == after.id)?.post.due_at;
                let at = before.filter(|at| *at > now)?;
                Some(Move { id: after.id, revision: after.revision, at })
            });
            let back = back.collect();
            let mut after = after;
            after.sort_unstable_by_key(|post| (post.due_at, post.id));
            let connections = self.connections(actor).await?;
            return Ok(Arranged::Done { rows: self.rows(actor, after, &connections).await?, back });
        }
        let lines = rows.into_iter().map(|row| {
            let at = moves.iter().find(|one| one.id == row.post.id).map(|one| one.at);
            Proposed { row, at, problems: Vec::new(), cap: None }
        });
        let mut proposal = Proposal { lines: lines.collect() };
        take_in(&mut proposal, problems);
        self.warn_of_caps(&mut proposal).await?;
        Ok(Arranged::Refused(proposal))
    }

    /// Posts that were arranged, as they stand now, by time; and the moves that take it back, as long as nothing else happened to any of them.
    /// `back` are the revisions since the arrangement and the times before it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one is not theirs, [`Error::BadInput`] for none, [`Error::Limit`] for too many.
    pub async fn arrangement(&self, actor: &Actor, back: &[Move]) -> Result<(Vec<PostRow>, Vec<Move>)> {
        let ids: BTreeSet<PostId> = back.iter().map(|one| one.id).collect();
        if ids.is_empty() {
            return Err(Error::BadInput { code: "no-post-chosen" });
        }
        if ids.len() > ARRANGED_MAX || ids.len() < back.len() {
            return Err(Error::Limit { code: "too-many-posts-chosen" });
        }
        let ids: Vec<PostId> = ids.into_iter().collect();
        let mut posts = self.store.posts_many(actor.workspace_id, &ids).await?;
        if posts.len() < ids.len() {
            return Err(Error::NotFound { what: "post" });
        }
        posts.sort_unstable_by_key(|post| (post.due_at, post.id));
        let is_as_left = posts.iter().all(|post| {
            let stands = |one: &Move| one.id == post.id && one.revision == post.revision;
            post.state == PostState::Scheduled && back.iter().any(stands)
        });
        let now = self.now();
        let back = back.iter().filter(|one| is_as_left && one.at > now).cloned().collect();
        let connections = self.connections(actor).await?;
        Ok((self.rows(actor, posts, &connections).await?, back))
    }

    /// Counts as the warning for a single post does: what is out or planned within TikTok's rolling day, and the posts of the proposal at
    /// their new times instead of their old ones.
    async fn warn_of_caps(&self, proposal: &mut Proposal) -> Result<()> {
        let moved: Vec<(PostId, ConnectionId, Delivery, UnixMillis)> = proposal
            .lines
            .iter()
            .filter_map(|line| Some((line.row.post.id, line.row.connection.id, line.row.post.delivery, line.at?)))
            .collect();
        for line in &mut proposal.lines {
            let Some(at) = line.at else { continue };
            let (account, delivery) = (line.row.connection.id, line.row.post.delivery);
            let from = at.plus_millis(CAP_WINDOW_MS.saturating_neg());
            let around = self.store.posts_planned(account, from, at, AROUND_MAX).await?;
            let staying = around.iter().filter(|other| other.delivery == delivery);
            let staying =
                staying.filter(|other| moved.iter().all(|(id, ..)| *id != other.id)).map(|other| other.due_at);
            let going =
                moved.iter().filter(|(id, to, how, _)| (*to, *how) == (account, delivery) && *id != line.row.post.id);
            let others: Vec<UnixMillis> = staying.chain(going.map(|(.., at)| *at)).collect();
            line.cap = timetable::cap(delivery, at, &others);
        }
        Ok(())
    }

    /// Planned posts of the actor's workspace, by time.
    ///
    /// # Errors
    /// As [`App::propose`].
    async fn chosen_posts(&self, actor: &Actor, ids: &[PostId]) -> Result<Vec<PostRow>> {
        let wanted: BTreeSet<PostId> = ids.iter().copied().collect();
        if wanted.is_empty() {
            return Err(Error::BadInput { code: "no-post-chosen" });
        }
        if wanted.len() > ARRANGED_MAX {
            return Err(Error::Limit { code: "too-many-posts-chosen" });
        }
        let ids: Vec<PostId> = wanted.into_iter().collect();
        let posts = self.store.posts_many(actor.workspace_id, &ids).await?;
        if posts.len() < ids.len() {
            return Err(Error::NotFound { what: "post" });
        }
        if posts.iter().any(|post| post.state != PostState::Scheduled) {
            return Err(Error::Conflict { code: "only-waiting-posts-are-arranged" });
        }
        let connections = self.connections(actor).await?;
        self.rows(actor, posts, &connections).await
    }

    async fn next_free(&self, actor: &Actor, rows: &[PostRow]) -> Result<Vec<Option<UnixMillis>>> {
        let ids: Vec<PostId> = rows.iter().map(|row| row.post.id).collect();
        let mut places: BTreeMap<(ConnectionId, bool), usize> = BTreeMap::new();
        for row in rows {
            let count = places.entry((row.connection.id, row.post.delivery == Delivery::Inbox)).or_default();
            *count = count.saturating_add(1);
        }
        // Posts and drafts of one account share its slots: whoever stands earlier now takes the earlier one.
        let mut free: BTreeMap<ConnectionId, Vec<(UnixMillis, [bool; 2])>> = BTreeMap::new();
        for ((account, is_inbox), _) in places {
            let delivery = if is_inbox { Delivery::Inbox } else { Delivery::Direct };
            let found = self.free_slots(actor, account, delivery, &ids, rows.len()).await?;
            let of_account = free.entry(account).or_default();
            for at in found {
                match of_account.iter_mut().find(|(known, _)| *known == at) {
                    Some((_, fits)) => mark(fits, is_inbox),
                    None => {
                        let mut fits = [false; 2];
                        mark(&mut fits, is_inbox);
                        of_account.push((at, fits));
                    }
                }
            }
            of_account.sort_unstable_by_key(|(at, _)| *at);
        }
        Ok(rows
            .iter()
            .map(|row| {
                let of_account = free.get_mut(&row.connection.id)?;
                let is_inbox = row.post.delivery == Delivery::Inbox;
                let place =
                    of_account.iter().position(|(_, [direct, inbox])| if is_inbox { *inbox } else { *direct })?;
                Some(of_account.remove(place).0)
            })
            .collect())
    }

    /// The posts of each account get each other's times.
    fn shuffled(&self, rows: &[PostRow]) -> Vec<Option<UnixMillis>> {
        let mut times: Vec<Option<UnixMillis>> = rows.iter().map(|row| row.post.due_at).collect();
        let accounts: BTreeSet<ConnectionId> = rows.iter().map(|row| row.connection.id).collect();
        for account in accounts {
            let places: Vec<usize> =
                rows.iter().zip(0..).filter(|(row, _)| row.connection.id == account).map(|(_, place)| place).collect();
            let mut order = places.clone();
            for last in (1..order.len()).rev() {
                order.swap(last, self.below(last.saturating_add(1)));
            }
            if order == places {
                // Chance left all of them where they are: that is no shuffling.
                let by = usize::from(order.len() > 1);
                order.rotate_left(by);
            }
            let stood: Vec<Option<UnixMillis>> =
                order.iter().map(|place| rows.get(*place).and_then(|row| row.post.due_at)).collect();
            for (place, at) in places.into_iter().zip(stood) {
                if let Some(slot) = times.get_mut(place) {
                    *slot = at;
                }
            }
        }
        times
    }

    /// A number from zero on and below `limit`.
    fn below(&self, limit: usize) -> usize {
        let mut bytes = [0_u8; 8];
        self.random.fill(&mut bytes);
        usize::try_from(u64::from_le_bytes(bytes) >> 32).unwrap_or(0).checked_rem(limit).unwrap_or(0)
    }

    /// Judges all moves as single ones are, then writes them in one transaction if nothing stands in the way and `keep` says so.
    async fn try_moves(
        &self,
        actor: &Actor,
        moves: &[Move],
        keep: bool,
    ) -> Result<(Vec<Post>, BTreeMap<PostId, Vec<Problem>>)> {
        let now = self.now();
        let zone: Zone = actor.time_zone.parse().unwrap_or_else(|_| Zone::utc());
        let mut agreed: Vec<Agreed> = Vec::new();
        let mut problems: BTreeMap<PostId, Vec<Problem>> = BTreeMap::new();
        for one in moves {
            let post = self.post(actor, one.id).await?;
            if post.revision != one.revision {
                return Err(CHANGED_MEANWHILE);
            }
            let connection = self.connection(actor, post.connection_id).await?;
            let files = Files::read(&self.store, &post).await?;
            let declaration = Declaration::for_disclosure(post.content.disclosure);
            let planned = plan(&words(one.at, &zone), now);
            match self.agreed(actor, post, &connection, &files, (declaration, planned), "moved").await {
                Ok(one) => agreed.push(one),
                Err(Error::Invalid(found)) => problems.entry(one.id).or_default().extend(found),
                Err(error) => return Err(error),
            }
        }
        let accounts: BTreeSet<ConnectionId> = agreed.iter().map(|one| one.wanted.connection_id).collect();
        let mut tx = self.store.begin().await?;
        for account in accounts {
            let rhythm = tx.rhythm_locked(account).await?;
            let of_account: Vec<&Agreed> = agreed.iter().filter(|one| one.wanted.connection_id == account).collect();
            for (id, problem) in crowded(&mut tx, &rhythm, &of_account).await? {
                problems.entry(id).or_default().push(problem);
            }
        }
        let mut after = Vec::new();
        if !keep || !problems.is_empty() {
            tx.rollback().await?;
            return Ok((after, problems));
        }
        // Whoever writes to several accounts does so in the order of their ids, or two of them wait for each other.
        agreed.sort_by_key(|one| one.wanted.connection_id);
        for one in agreed {
            after.push(write_agreed(&mut tx, actor, one).await?);
        }
        tx.commit().await?;
        for post in &after {
            self.post_changed(actor, post.id, post.state);
        }
        Ok((after, problems))
    }
}

const fn mark(fits: &mut [bool; 2], is_inbox: bool) {
    let [direct, inbox] = fits;
    if is_inbox {
        *inbox = true;
    } else {
        *direct = true;
    }
}

fn take_in(proposal: &mut Proposal, mut problems: BTreeMap<PostId, Vec<Problem>>) {
    for line in &mut proposal.lines {
        line.problems = problems.remove(&line.row.post.id).unwrap_or_default();
    }
}
