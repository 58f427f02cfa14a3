//! The calendar: which posts stand on which day, and how full TikTok's rolling day is. Owns the reading and its limits; pages own the
//! looks, `posts` whatever changes a time.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::calendar::Day;
use domain::connection::ConnectionState;
use domain::id::{ConnectionId, LabelId, MediaId, PostId};
use domain::media::tags::same;
use domain::post::{Delivery, PostState};
use domain::rules::DIRECT_POSTS_24H_TYPICAL;
use domain::schedule::Zone;
use domain::time::UnixMillis;
use domain::timetable::{CAP_WINDOW_MS, PENDING_DRAFTS_24H, fullest};
use store::Connection;
use store::label::Label;
use store::post::calendar::Mark;

use crate::labels::BEARING_MAX;
use crate::media::library::counted;
use crate::queue::PostRow;
use crate::{Actor, App, Result};

/// Posts that are counted for one page; what is beyond is said to be left out.
const COUNTED_MAX: i64 = 10_000;
/// Free slots of one account that are drawn on a page.
const SLOTS_DRAWN: usize = 300;
/// Days beyond which free slots are not looked for: they are drawn by the hour.
const SLOT_DAYS_MAX: usize = 7;
/// Posts with one tag that are told from others, planned and past.
const TAGGED_MAX: i64 = 100_000;
/// Drafts beside the days.
const DRAFTS_MAX: u32 = 30;

/// What a page of the calendar shows.
#[derive(Debug, Clone)]
pub struct CalendarQuery<'a> {
    /// Its days, in order and without a gap.
    pub days: &'a [Day],
    /// The zone whose days they are.
    pub zone: &'a Zone,
    /// Only this account.
    pub connection: Option<ConnectionId>,
    /// Only this state; without one everything but what was cancelled.
    pub state: Option<PostState>,
    /// Only posts that show a file with this tag.
    pub tag: Option<&'a str>,
    /// Only posts that bear this label.
    pub label: Option<LabelId>,
    /// Posts drawn for each day; the rest is a number.
    pub per_day: usize,
    /// Posts of a day before the first one that is drawn.
    pub skip: usize,
}

/// A page of the calendar.
#[derive(Debug, Clone)]
pub struct CalendarView {
    /// The days, in order.
    pub days: Vec<CalendarDay>,
    /// Drafts without a time, last changed first.
    pub drafts: Vec<PostRow>,
    /// All connections.
    pub connections: Vec<Connection>,
    /// The tags of the workspace's files, with how many files each stands beside.
    pub tags: Vec<(String, usize)>,
    /// All labels, in the order of their words.
    pub labels: Vec<Label>,
    /// There are more posts than are counted: those after this instant are left out.
    pub counted_until: Option<UnixMillis>,
    /// The time of the rendering.
    pub now: UnixMillis,
}

/// One day of it.
#[derive(Debug, Clone)]
pub struct CalendarDay {
    /// Which.
    pub day: Day,
    /// Its first moment.
    pub from: UnixMillis,
    /// The moment after its last one.
    pub until: UnixMillis,
    /// The posts that are drawn, by time.
    pub rows: Vec<PostRow>,
    /// All that fit the filters.
    pub total: usize,
    /// Free slots of accounts, by time.
    pub slots: Vec<(ConnectionId, UnixMillis)>,
    /// How full TikTok's day is for the accounts that post on it.
    pub budgets: Vec<Budget>,
}

/// How much of what TikTok takes within 24 hours an account's posts use, at the fullest moment of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// The account.
    pub connection: ConnectionId,
    /// Which of the two caps.
    pub delivery: Delivery,
    /// Posts within 24 hours.
    pub used: usize,
    /// How many TikTok takes, or usually takes.
    pub allowed: usize,
}

impl Budget {
    /// More than TikTok takes.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.used > self.allowed
    }
}

impl App {
    /// The posts of some days, from the actor's workspace.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] for a foreign account or label.
    pub async fn calendar(&self, actor: &Actor, query: &CalendarQuery<'_>) -> Result<CalendarView> {
        if let Some(account) = query.connection {
            self.connection(actor, account).await?;
        }
        let connections = self.connections(actor).await?;
        let spans: Vec<(Day, UnixMillis, UnixMillis)> =
            query.days.iter().map(|day| (*day, day.start(query.zone), day.end(query.zone))).collect();
        let marks = match (spans.first(), spans.last()) {
            (Some((_, from, _)), Some((_, _, until))) => {
                // The rolling day of the first hours began the day before.
                let from = from.plus_millis(CAP_WINDOW_MS.saturating_neg());
                self.store.posts_marked(actor.workspace_id, query.connection, from, *until, COUNTED_MAX).await?
            }
            (None, _) | (_, None) => Vec::new(),
        };
        let is_all = i64::try_from(marks.len()).unwrap_or(i64::MAX) < COUNTED_MAX;
        let counted_until = if is_all { None } else { marks.last().map(|mark| mark.due_at) };
        let lists = self.tag_lists(actor).await?;
        let tagged = match query.tag {
            Some(tag) => Some(self.tagged(actor, &lists, tag).await?),
            None => None,
        };
        let bearing = match query.label {
            Some(label) => {
                self.label(actor, label).await?;
                Some(self.store.posts_bearing(actor.workspace_id, label, BEARING_MAX).await?)
            }
            None => None,
        };
        let is_tagged = |id: PostId| [&tagged, &bearing].into_iter().flatten().all(|asked_for| asked_for.contains(&id));
        let wanted: Vec<&Mark> =
            marks.iter().filter(|mark| fits(query.state, mark.state) && is_tagged(mark.id)).collect();
        let mut rows = self.drawn(actor, query, &spans, &wanted, &connections).await?;
        let usage = Usage::of(&marks);
        let slots = self.slots_between(actor, query, &spans, &connections).await?;
        let days = spans
            .into_iter()
            .map(|(day, from, until)| {
                let of_day = between(&wanted, from, until);
                let shown = of_day.iter().skip(query.skip).take(query.per_day);
                CalendarDay {
                    day,
                    from,
                    until,
                    rows: shown.filter_map(|mark| rows.remove(&mark.id)).collect(),
                    total: of_day.len(),
                    slots: slots.iter().filter(|(_, at)| (from..until).contains(at)).copied().collect(),
                    budgets: usage.budgets(from, until),
                }
            })
            .collect();
        let drafts = self.store.posts_drafts(actor.workspace_id, DRAFTS_MAX).await?;
        let drafts = drafts
            .into_iter()
            .filter(|draft| query.connection.is_none_or(|id| id == draft.connection_id) && is_tagged(draft.id));
        Ok(CalendarView {
            days,
            drafts: self.rows(actor, drafts.collect(), &connections).await?,
            connections,
            tags: counted(&lists),
            labels: self.labels(actor).await?,
            counted_until,
            now: self.now(),
        })
    }

    /// Free slots on these days, by time. Of accounts that are shown, and only from now on.
    async fn slots_between(
        &self,
        actor: &Actor,
        query: &CalendarQuery<'_>,
        spans: &[(Day, UnixMillis, UnixMillis)],
        connections: &[Connection],
    ) -> Result<Vec<(ConnectionId, UnixMillis)>> {
        let (Some((_, from, _)), Some((_, _, until))) = (spans.first(), spans.last()) else { return Ok(Vec::new()) };
        if spans.len() > SLOT_DAYS_MAX {
            return Ok(Vec::new());
        }
        let after = self.now().max(*from);
        let rhythms = self.rhythms(actor).await?;
        let mut slots = Vec::new();
        for connection in connections {
            let shown =
                connection.state == ConnectionState::Active && query.connection.is_none_or(|id| id == connection.id);
            if !shown || rhythms.get(&connection.id).is_none_or(|it| it.week.is_empty()) {
                continue;
            }
            let delivery = if connection.scopes.can_publish() { Delivery::Direct } else { Delivery::Inbox };
            let free = self.free_between(actor, connection.id, delivery, &[], (after, *until), SLOTS_DRAWN).await?;
            slots.extend(free.into_iter().map(|at| (connection.id, at)));
        }
        slots.sort_unstable_by_key(|(id, at)| (*at, *id));
        Ok(slots)
    }

    /// The posts that show a file with this tag.
    async fn tagged(&self, actor: &Actor, lists: &HashMap<MediaId, Vec<String>>, tag: &str) -> Result<HashSet<PostId>> {
        let files: Vec<MediaId> =
            lists.iter().filter(|(_, words)| words.iter().any(|word| same(word, tag))).map(|(file, _)| *file).collect();
        Ok(self.store.posts_using(actor.workspace_id, &files, TAGGED_MAX).await?)
    }

    /// The posts that are drawn, by id.
    async fn drawn(
        &self,
        actor: &Actor,
        query: &CalendarQuery<'_>,
        spans: &[(Day, UnixMillis, UnixMillis)],
        wanted: &[&Mark],
        connections: &[Connection],
    ) -> Result<HashMap<PostId, PostRow>> {
        let ids: HashSet<PostId> = spans
            .iter()
            .flat_map(|(_, from, until)| between(wanted, *from, *until).iter().skip(query.skip).take(query.per_day))
            .map(|mark| mark.id)
            .collect();
        let ids: Vec<PostId> = ids.into_iter().collect();
        let posts = self.store.posts_many(actor.workspace_id, &ids).await?;
        let rows = self.rows(actor, posts, connections).await?;
        Ok(rows.into_iter().map(|row| (row.post.id, row)).collect())
    }
}

/// Whether a state is asked for.
fn fits(asked: Option<PostState>, state: PostState) -> bool {
    asked.map_or(state != PostState::Cancelled, |asked| asked == state)
}

/// Those with a time from `from` on and before `until`, of marks in the order of their times.
fn between<'m>(marks: &'m [&'m Mark], from: UnixMillis, until: UnixMillis) -> &'m [&'m Mark] {
    let begin = marks.partition_point(|mark| mark.due_at < from);
    let end = marks.partition_point(|mark| mark.due_at < until);
    marks.get(begin..end).unwrap_or_default()
}

/// The times that count against TikTok's caps, by account and delivery.
struct Usage(BTreeMap<(ConnectionId, bool), Vec<UnixMillis>>);

impl Usage {
    fn of(marks: &[Mark]) -> Self {
        let mut times: BTreeMap<(ConnectionId, bool), Vec<UnixMillis>> = BTreeMap::new();
        for mark in marks.iter().filter(|mark| counts(mark.state)) {
            times.entry((mark.connection_id, mark.delivery == Delivery::Inbox)).or_default().push(mark.due_at);
        }
        Self(times)
    }

    fn budgets(&self, from: UnixMillis, until: UnixMillis) -> Vec<Budget> {
        self.0
            .iter()
            .filter_map(|((connection, is_inbox), times)| {
                let used = fullest(times, from, until);
                let (delivery, allowed) = if *is_inbox {
                    (Delivery::Inbox, PENDING_DRAFTS_24H)
                } else {
                    (Delivery::Direct, usize::try_from(DIRECT_POSTS_24H_TYPICAL).unwrap_or(usize::MAX))
                };
                (used > 0).then_some(Budget { connection: *connection, delivery, used, allowed })
            })
            .collect()
    }
}

/// The states that the warning before planning counts, too.
const fn counts(state: PostState) -> bool {
    match state {
        PostState::Scheduled | PostState::Publishing | PostState::Published | PostState::InInbox => true,
        PostState::Draft | PostState::Failed | PostState::NeedsAttention | PostState::Cancelled => false,
    }
}
