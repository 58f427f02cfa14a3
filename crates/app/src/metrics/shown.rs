//! What pages show of the numbers that were read: sums of days, posts, one post, followers. Owns these use cases; every figure comes from samples that are
//! still there.

use domain::id::{ConnectionId, PostId};
use domain::metrics::{Counters, Growth, is_gap};
use domain::privacy::purposes::Reading;
use domain::time::UnixMillis;
use store::metrics::reading::WatchRow;
use store::metrics::shown::{DayRow, FollowerRow, PostNumbers, SampleRow};

use super::ReadingsView;
use crate::queue::PostRow;
use crate::{Actor, App, Result};

/// Posts of the table.
pub const POSTS: u32 = 25;
const DAY_MS: i64 = 86_400_000;

/// What the page is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NumbersQuery {
    /// Only this account.
    pub connection: Option<ConnectionId>,
    /// The first day, counted from 1970-01-01 in UTC.
    pub first_day: i64,
    /// The day after the last one.
    pub end_day: i64,
    /// What it is compared with.
    pub against: Against,
}

/// What the days of a page are compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// As many days before.
    Before,
    /// As many days 52 weeks before: the same weekdays.
    YearBefore,
    /// Nothing.
    Nothing,
}

impl Against {
    /// By how many days those that are compared with come earlier.
    const fn earlier(self, wide: i64) -> Option<i64> {
        match self {
            Self::Before => Some(wide),
            Self::YearBefore => Some(364),
            Self::Nothing => None,
        }
    }
}

/// What the page shows.
#[derive(Debug, Clone)]
pub struct Numbers {
    /// The accounts and what may be read of each.
    pub accounts: Vec<ReadingsView>,
    /// First day of the range, counted from 1970-01-01 in UTC.
    pub first_day: i64,
    /// The day after the last one.
    pub end_day: i64,
    /// Days on which something was read, in order.
    pub days: Vec<DayRow>,
    /// The growth of the days that are compared with; `None` when too few of them, or of these, were read to be compared.
    pub before: Option<Growth>,
    /// Posts that went out within the range, those with the most views first.
    pub posts: Vec<(PostRow, PostNumbers)>,
    /// Followers within the range, oldest first.
    pub followers: Vec<FollowerRow>,
}

impl Numbers {
    /// The growth within the range.
    #[must_use]
    pub fn growth(&self) -> Growth {
        sum(&self.days)
    }

    /// The numbers of posts are read of some account.
    #[must_use]
    pub fn has_posts(&self) -> bool {
        self.allows(Reading::Metrics)
    }

    /// The number of followers is read of some account.
    #[must_use]
    pub fn has_followers(&self) -> bool {
        self.allows(Reading::Followers)
    }

    fn allows(&self, reading: Reading) -> bool {
        self.accounts.iter().flat_map(|it| &it.readings).any(|it| it.reading == reading && it.consent.is_some())
    }
}

/// Of ten days nine were read at least: a comparison with less would say more about the reading than about the posts.
fn is_whole(days: &[DayRow], wide: i64) -> bool {
    i64::try_from(days.len()).unwrap_or(0).saturating_mul(10) >= wide.saturating_mul(9)
}

fn sum(days: &[DayRow]) -> Growth {
    days.iter().fold(Growth::default(), |sum, day| sum.and(day.growth))
}

/// One moment at which a post was read, over all its ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// When.
    pub at: UnixMillis,
    /// What TikTok told.
    pub counters: Counters,
    /// Before it something is missing.
    pub after_gap: bool,
}

/// How one post does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostShown {
    /// Somebody allowed that it is read.
    pub is_allowed: bool,
    /// Its ids at TikTok, with what is known of each.
    pub watches: Vec<WatchRow>,
    /// Every reading, oldest first.
    pub points: Vec<Point>,
}

impl App {
    /// The numbers of some days.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] for a foreign account.
    pub async fn numbers(&self, actor: &Actor, query: NumbersQuery) -> Result<Numbers> {
        if let Some(id) = query.connection {
            self.connection(actor, id).await?;
        }
        let (workspace, first_day, end_day) = (actor.workspace_id, query.first_day, query.end_day);
        let wide = end_day.saturating_sub(first_day).max(1);
        let days = self.store.metric_days(workspace, query.connection, first_day..end_day).await?;
        let earlier = match query.against.earlier(wide) {
            Some(by) => {
                let days = first_day.saturating_sub(by)..end_day.saturating_sub(by);
                self.store.metric_days(workspace, query.connection, days).await?
            }
            None => Vec::new(),
        };
        let at = |day: i64| UnixMillis::from_millis(day.saturating_mul(DAY_MS));
        let times = at(first_day)..at(end_day);
        let told = self.store.metric_posts(workspace, query.connection, times.clone(), POSTS).await?;
        let mut posts = Vec::new();
        for it in &told {
            posts.extend(self.store.post(workspace, it.post_id).await?);
        }
        let connections = self.connections(actor).await?;
        let rows = self.rows(actor, posts, &connections).await?;
        let with = |row: PostRow| told.iter().find(|it| it.post_id == row.post.id).map(|it| (row, *it));
        Ok(Numbers {
            accounts: self.readings(actor).await?,
            first_day,
            end_day,
            before: (is_whole(&earlier, wide) && is_whole(&days, wide)).then(|| sum(&earlier)),
            days,
            posts: rows.into_iter().filter_map(with).collect(),
            followers: self.store.followers(workspace, query.connection, times).await?,
        })
    }

    /// How one post does.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] for a foreign post.
    pub async fn post_numbers(&self, actor: &Actor, id: PostId) -> Result<PostShown> {
        let post = self.post(actor, id).await?;
        let allowed = self.store.metric_consents_of(post.connection_id).await?;
        let watches = self.store.metric_watches(actor.workspace_id, id).await?;
        let samples = self.store.metric_samples(actor.workspace_id, id).await?;
        Ok(PostShown {
            is_allowed: allowed.iter().any(|it| it.reading == Reading::Metrics),
            points: points(&watches, &samples, self.now()),
            watches,
        })
    }
}

/// Moments at which every id of the post was read; of others the sum would be too small.
fn points(watches: &[WatchRow], samples: &[SampleRow], now: UnixMillis) -> Vec<Point> {
    let Some(published_at) = watches.first().map(|it| it.published_at) else { return Vec::new() };
    let mut points: Vec<Point> = Vec::new();
    let mut rest = samples;
    while let Some(first) = rest.first() {
        let many = rest.iter().take_while(|it| it.read_at == first.read_at).count();
        let (together, later) = rest.split_at(many);
        rest = later;
        if many < watches.len() {
            continue;
        }
        let counters = together.iter().map(|it| it.counters).reduce(|a, b| Counters {
            views: a.views.zip(b.views).map(|(a, b)| a.saturating_add(b)),
            likes: a.likes.zip(b.likes).map(|(a, b)| a.saturating_add(b)),
            comments: a.comments.zip(b.comments).map(|(a, b)| a.saturating_add(b)),
            shares: a.shares.zip(b.shares).map(|(a, b)| a.saturating_add(b)),
        });
        let after_gap = points.last().is_some_and(|before| is_gap(published_at, before.at, first.read_at, now));
        points.push(Point { at: first.read_at, counters: counters.unwrap_or_default(), after_gap });
    }
    points
}
