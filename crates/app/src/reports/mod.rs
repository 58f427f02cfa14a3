//! Reports of weeks: what went out, how it did, how reliable publishing was, and what is planned for the week after. Owns the composition and which weeks
//! there are; every figure is another use case's, and nothing is kept of a report.
//!
//! An account that is disconnected is in no report, from that moment on. As a workbook a report is [`mod@file`]'s.

pub mod file;
pub mod links;
pub mod weekly;

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::calendar::Day;
use domain::connection::ConnectionState;
use domain::id::{ConnectionId, PostId};
use domain::metrics::{Growth, day_number};
use domain::post::PostState;
use domain::privacy::purposes::{Purpose, Reading};
use domain::report::Week;
use domain::schedule::Zone;
use domain::time::UnixMillis;
use store::metrics::shown::{DayRow, PostNumbers};
use store::{Connection, HistoryFilter};

use crate::history::punctuality::{OUT_MAX, Reliability};
use crate::queue::PostRow;
use crate::{Actor, App, Error, Result};

use self::file::FILE_ROWS_MAX;

/// Posts of one page of a report; a workbook has more.
pub const POSTS: u32 = 200;
/// Posts that did best.
pub const BEST: usize = 3;
/// Weeks of one page of the list.
const WEEKS: i32 = 26;
/// Planned posts that are looked at for the week after.
const MARKS_MAX: i64 = 1_000;

/// Which report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportQuery {
    /// Of which week.
    pub week: Week,
    /// Only of this account.
    pub connection: Option<ConnectionId>,
}

/// What was read in the days of one week; days are counted in UTC, as everywhere with numbers of TikTok.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Numbers {
    /// Each day, Monday first; `None` where nothing was read.
    pub days: Vec<Option<Growth>>,
}

impl Numbers {
    fn of(rows: &[DayRow], days: std::ops::Range<i64>) -> Self {
        Self { days: days.map(|day| rows.iter().find(|row| row.day == day).map(|row| row.growth)).collect() }
    }

    /// Day by day what both tell.
    fn and(&self, other: &Self) -> Self {
        let both = |(a, b): (&Option<Growth>, &Option<Growth>)| a.zip(*b).map(|(a, b)| a.and(b)).or(*a).or(*b);
        Self { days: self.days.iter().zip(&other.days).map(both).collect() }
    }

    /// All days together.
    #[must_use]
    pub fn sum(&self) -> Growth {
        self.days.iter().flatten().copied().fold(Growth::default(), Growth::and)
    }

    /// On how many days something was read.
    #[must_use]
    pub fn days_read(&self) -> usize {
        self.days.iter().flatten().count()
    }

    /// Something was read on each day, so this week can be compared with another one.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        !self.days.is_empty() && self.days_read() == self.days.len()
    }
}

/// The followers of an account at the first and the last reading of a week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Followers {
    /// Which account.
    pub connection: Connection,
    /// How many at first; `None` when they were read once only.
    pub first: Option<i64>,
    /// How many at last.
    pub last: i64,
    /// When that was read.
    pub read_at: UnixMillis,
}

/// What was read in a week and in the one before it.
struct Read {
    week: Numbers,
    before: Numbers,
    is_comparable: bool,
}

/// The report of a week.
#[derive(Debug, Clone)]
pub struct Report {
    /// Of which week and account.
    pub query: ReportQuery,
    /// When the week begins, and the first moment after it.
    pub period: (UnixMillis, UnixMillis),
    /// The accounts that can be in a report.
    pub connections: Vec<Connection>,
    /// What went out in that week, oldest first, with what is known of it.
    pub out: Vec<(PostRow, Option<PostNumbers>)>,
    /// More went out: these are the newest.
    pub is_cut: bool,
    /// Those that are out by a person's word alone: nobody knows since when.
    pub confirmed: HashSet<PostId>,
    /// Numbers of posts are read of an account that the report is about.
    pub has_posts: bool,
    /// What was read in that week.
    pub numbers: Numbers,
    /// What was read in the week before.
    pub before: Numbers,
    /// Both weeks are over in UTC and have every day of the same accounts, so one can be set against the other.
    pub is_comparable: bool,
    /// Those of `out` with the most views, the best first; places within it.
    pub best: Vec<usize>,
    /// Accounts of which the number of followers was read.
    pub followers: Vec<Followers>,
    /// How punctual publishing was.
    pub reliability: Reliability,
    /// What is planned for the week after, by time; `None` when that is over as well.
    pub planned: Option<Vec<PostRow>>,
    /// When it was composed.
    pub now: UnixMillis,
}

impl Report {
    /// The week is over.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.period.1 <= self.now
    }

    /// Nothing went out, stopped or was read.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.out.is_empty()
            && self.followers.is_empty()
            && self.numbers.days_read() == 0
            && self.reliability.all == crate::history::punctuality::Came::default()
            && self.planned.as_ref().is_none_or(Vec::is_empty)
    }

    /// The account that it is about; `None` for all.
    #[must_use]
    pub fn account(&self) -> Option<&Connection> {
        self.query.connection.and_then(|id| self.connections.iter().find(|it| it.id == id))
    }
}

/// A week that has anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekRow {
    /// Which.
    pub week: Week,
    /// Posts that went out in it.
    pub posts: usize,
    /// By how much views grew; `None` when nothing was read.
    pub views: Option<i64>,
    /// On how many of its days something was read.
    pub days_read: usize,
}

/// The weeks that there are reports of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weeks {
    /// Newest first.
    pub rows: Vec<WeekRow>,
    /// The newest week before these in which something went out.
    pub older: Option<Week>,
}

fn zone_of(actor: &Actor) -> Zone {
    actor.time_zone.parse().unwrap_or_else(|_| Zone::utc())
}

impl App {
    /// The weeks in which anything went out or was read, newest first, the running one among them; from `newest` on backwards.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign account.
    pub async fn report_weeks(
        &self,
        actor: &Actor,
        connection: Option<ConnectionId>,
        newest: Option<Week>,
    ) -> Result<Weeks> {
        if let Some(id) = connection {
            self.connection(actor, id).await?;
        }
        let (zone, workspace) = (zone_of(actor), actor.workspace_id);
        let running = Week::of(self.now(), &zone);
        let newest = newest.map_or(running, |it| it.min(running));
        let oldest = newest.plus(1_i32.saturating_sub(WEEKS)).unwrap_or(newest);
        let (from, until) = (oldest.period(&zone).0, newest.period(&zone).1);
        let gone = gone(&self.connections(actor).await?);
        let out = self.store.posts_out(workspace, (from, until), connection, OUT_MAX).await?;
        let days = oldest.day_numbers().start..newest.day_numbers().end;
        let days = self.store.metric_days(workspace, connection, days).await?;
        let mut found: BTreeMap<Week, (usize, Numbers)> = BTreeMap::new();
        for it in out.iter().filter(|it| !gone.contains(&it.connection_id)) {
            let (posts, _) = found.entry(Week::of(it.published_at, &zone)).or_default();
            *posts = posts.saturating_add(1);
        }
        for week in (0..WEEKS).filter_map(|n| newest.plus(-n)) {
            let numbers = Numbers::of(&days, week.day_numbers());
            if numbers.days_read() > 0 {
                found.entry(week).or_default().1 = numbers;
            }
        }
        let before = self.store.posts_out(workspace, (UnixMillis::from_millis(0), from), connection, 1).await?;
        let row = |(week, (posts, numbers)): (Week, (usize, Numbers))| WeekRow {
            week,
            posts,
            views: numbers.sum().views,
            days_read: numbers.days_read(),
        };
        Ok(Weeks {
            rows: found.into_iter().rev().map(row).collect(),
            older: before.first().map(|it| Week::of(it.published_at, &zone)),
        })
    }

    /// The report of a week.
    ///
    /// # Errors
    /// [`Error::NotFound`] for an account that is foreign or disconnected.
    pub async fn report(&self, actor: &Actor, query: ReportQuery) -> Result<Report> {
        self.report_of(actor, query, POSTS, None).await
    }

    /// The accounts that a report can be about, and those that it leaves out: disconnected ones, and where it was shared, those that were connected since.
    async fn of_report(
        &self,
        actor: &Actor,
        query: &ReportQuery,
        shared_at: Option<UnixMillis>,
    ) -> Result<(Vec<Connection>, Vec<ConnectionId>)> {
        let all = self.connections(actor).await?;
        let mut left_out = gone(&all);
        if let Some(shared_at) = shared_at {
            left_out.extend(all.iter().filter(|it| it.connected_at > shared_at).map(|it| it.id));
            // Whoever takes the grant back takes it from readers too; a new grant is no new press.
            left_out.extend(self.store.ledger_ended_since(actor.workspace_id, Purpose::Connect, shared_at).await?);
        }
        let connections: Vec<Connection> = all.into_iter().filter(|it| !left_out.contains(&it.id)).collect();
        if query.connection.is_some_and(|id| connections.iter().all(|it| it.id != id)) {
            return Err(Error::NotFound { what: "connection" });
        }
        Ok((connections, left_out))
    }

    /// The same with at most so many posts, and for whoever has a link of that time.
    async fn report_of(
        &self,
        actor: &Actor,
        query: ReportQuery,
        most: u32,
        shared_at: Option<UnixMillis>,
    ) -> Result<Report> {
        let (zone, workspace, now) = (zone_of(actor), actor.workspace_id, self.now());
        let (connections, gone) = self.of_report(actor, &query, shared_at).await?;
        let period = query.week.period(&zone);
        // Limits count what is shown: where accounts are left out, each of the others is asked for by itself.
        let each: Vec<Option<ConnectionId>> = match query.connection {
            None if !gone.is_empty() => connections.iter().map(|it| Some(it.id)).collect(),
            one => vec![one],
        };
        let (out, is_cut) = self.posts_of(actor, &each, period, &connections, most).await?;
        let ids: Vec<PostId> = out.iter().map(|(row, _)| row.post.id).collect();
        let week_before = query.week.plus(-1).map_or((period.0, period.0), |it| it.period(&zone));
        let read = self.numbers_of(actor, &query, &connections, now).await?;
        let consents = self.store.metric_consents(workspace).await?;
        let is_about = |id: ConnectionId| {
            query.connection.is_none_or(|only| only == id) && connections.iter().any(|it| it.id == id)
        };
        Ok(Report {
            query,
            period,
            best: best(&out),
            confirmed: self.store.posts_confirmed(workspace, &ids).await?,
            out,
            is_cut,
            has_posts: consents.iter().any(|it| it.reading == Reading::Metrics && is_about(it.connection_id)),
            numbers: read.week,
            before: read.before,
            is_comparable: read.is_comparable,
            followers: self.followers_of(actor, &query, &connections).await?,
            reliability: self.reliability_without(actor, period, week_before, query.connection, &gone).await?,
            planned: self.planned_after(actor, &query, &each, &zone, &connections).await?,
            connections,
            now,
        })
    }

    /// What was read of the accounts that the report is about, in its week and in the one before.
    async fn numbers_of(
        &self,
        actor: &Actor,
        query: &ReportQuery,
        connections: &[Connection],
        now: UnixMillis,
    ) -> Result<Read> {
        let days = query.week.day_numbers();
        let earlier = query.week.plus(-1).map_or(days.start..days.start, Week::day_numbers);
        let none = |days: std::ops::Range<i64>| Numbers { days: days.map(|_| None).collect() };
        let (mut week, mut before) = (none(days.clone()), none(earlier.clone()));
        let (mut whole, mut partly) = (0_usize, 0_usize);
        for it in connections.iter().filter(|it| query.connection.is_none_or(|only| only == it.id)) {
            let rows = self.store.metric_days(actor.workspace_id, Some(it.id), earlier.start..days.end).await?;
            let (own, own_before) = (Numbers::of(&rows, days.clone()), Numbers::of(&rows, earlier.clone()));
            let count = if own.is_whole() && own_before.is_whole() { &mut whole } else { &mut partly };
            *count = count.saturating_add(usize::from(!rows.is_empty()));
            (week, before) = (week.and(&own), before.and(&own_before));
        }
        let is_over = day_number(now) >= days.end;
        Ok(Read { week, before, is_comparable: is_over && whole > 0 && partly == 0 })
    }

    /// What went out in the week, oldest first.
    async fn posts_of(
        &self,
        actor: &Actor,
        each: &[Option<ConnectionId>],
        (from, until): (UnixMillis, UnixMillis),
        connections: &[Connection],
        most: u32,
    ) -> Result<(Vec<(PostRow, Option<PostNumbers>)>, bool)> {
        let (mut posts, mut known) = (Vec::new(), HashMap::new());
        for connection in each.iter().copied() {
            let filter = HistoryFilter {
                states: vec![PostState::Published, PostState::InInbox],
                connection,
                from: Some(from),
                until: Some(until),
                ..HistoryFilter::default()
            };
            posts.extend(self.store.posts_history(actor.workspace_id, &filter, None, most.saturating_add(1)).await?);
            // More of them than are listed: those with the most views are not those that are the newest.
            let numbers = self.store.metric_posts(actor.workspace_id, connection, from..until, FILE_ROWS_MAX).await?;
            known.extend(numbers.into_iter().map(|it| (it.post_id, it)));
        }
        posts.sort_by_key(|post| std::cmp::Reverse((post.published_at.unwrap_or(post.updated_at), post.id)));
        let size = usize::try_from(most).unwrap_or(usize::MAX);
        let is_cut = posts.len() > size;
        posts.truncate(size);
        posts.sort_by_key(|post| (post.published_at.unwrap_or(post.updated_at), post.id));
        // Posts of accounts that are not among these have no row.
        let rows = self.rows(actor, posts, connections).await?;
        let with = |row: PostRow| {
            let numbers = known.get(&row.post.id).copied();
            (row, numbers)
        };
        Ok((rows.into_iter().map(with).collect(), is_cut))
    }

    async fn followers_of(
        &self,
        actor: &Actor,
        query: &ReportQuery,
        connections: &[Connection],
    ) -> Result<Vec<Followers>> {
        let days = query.week.day_numbers();
        let at = |day: i64| UnixMillis::from_millis(day.saturating_mul(86_400_000));
        let read = self.store.followers(actor.workspace_id, query.connection, at(days.start)..at(days.end)).await?;
        let of = |it: &Connection| {
            let mut own = read.iter().filter(|row| row.connection_id == it.id);
            let first = own.next()?;
            let later = own.next_back();
            let last = later.unwrap_or(first);
            let (first, last, read_at) = (later.map(|_| first.followers), last.followers, last.read_at);
            Some(Followers { connection: it.clone(), first, last, read_at })
        };
        Ok(connections.iter().filter_map(of).collect())
    }

    /// What is planned for the week after; `None` when that is over as well.
    async fn planned_after(
        &self,
        actor: &Actor,
        query: &ReportQuery,
        each: &[Option<ConnectionId>],
        zone: &Zone,
        connections: &[Connection],
    ) -> Result<Option<Vec<PostRow>>> {
        let Some((from, until)) = query.week.plus(1).map(|it| it.period(zone)) else { return Ok(None) };
        if until <= self.now() {
            return Ok(None);
        }
        let mut marks = Vec::new();
        for connection in each.iter().copied() {
            marks.extend(self.store.posts_marked(actor.workspace_id, connection, from, until, MARKS_MAX).await?);
        }
        marks.sort_by_key(|it| (it.due_at, it.id));
        let is_planned = |state: PostState| matches!(state, PostState::Scheduled | PostState::Publishing);
        let size = usize::try_from(POSTS).unwrap_or(usize::MAX);
        let ids: Vec<PostId> = marks.into_iter().filter(|it| is_planned(it.state)).map(|it| it.id).take(size).collect();
        let posts = self.store.posts_many(actor.workspace_id, &ids).await?;
        Ok(Some(self.rows(actor, posts, connections).await?))
    }
}

/// Accounts that are in no report.
fn gone(connections: &[Connection]) -> Vec<ConnectionId> {
    connections.iter().filter(|it| it.state == ConnectionState::Disconnected).map(|it| it.id).collect()
}

/// Places of the posts with the most views; none where no views are known.
fn best(out: &[(PostRow, Option<PostNumbers>)]) -> Vec<usize> {
    let views = |it: &Option<PostNumbers>| it.and_then(|it| it.counters.views).filter(|views| *views > 0);
    let mut known: Vec<(usize, i64)> =
        out.iter().enumerate().filter_map(|(place, (_, numbers))| Some((place, views(numbers)?))).collect();
    known.sort_by_key(|(place, views)| (std::cmp::Reverse(*views), *place));
    known.into_iter().map(|(place, _)| place).take(BEST).collect()
}

/// The days of a report, each with what was read on it and on the same day of the week before.
#[must_use]
pub fn days(report: &Report) -> Vec<(Day, Option<Growth>, Option<Growth>)> {
    let of = |numbers: &Numbers, n: usize| numbers.days.get(n).copied().flatten();
    let days = report.query.week.days().into_iter().enumerate();
    days.map(|(n, day)| (day, of(&report.numbers, n), of(&report.before, n))).collect()
}
