//! What many posts say together: at which times they do well, how they grow after they went out, and which slots that speaks for. Owns which posts are looked
//! at; counting and judging is `domain::insight`.

use std::collections::{BTreeMap, BTreeSet};

use domain::id::{ConnectionId, PostId};
use domain::insight::{Curve, HourGrowth, Suggestion, Table, Told, after_posting, suggestions};
use domain::metrics::DAILY_AFTER_MS;
use domain::rhythm::Slot;
use domain::schedule::Zone;
use domain::time::UnixMillis;
use store::Rhythm;
use store::metrics::insight::{AgeRow, FirstRow, Which};

use crate::{Actor, App, Result};

/// The age at which posts are compared, hours.
pub const AGE_HOURS: i64 = 24;
/// Times of the week are looked for in so many days at least: a month has four Thursdays.
pub const TIMES_DAYS: i64 = 365;
/// Posts that are compared at most, the newest.
pub const POSTS_MAX: u32 = 5_000;
/// Posts of which the first two days are looked at, the newest.
pub const FIRST_DAYS_MAX: u32 = 200;
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 86_400_000;

/// Of which posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InsightQuery {
    /// Only this account.
    pub connection: Option<ConnectionId>,
    /// Out at this instant or later.
    pub from: UnixMillis,
    /// Out before this instant.
    pub until: UnixMillis,
}

/// What the page shows.
#[derive(Debug, Clone)]
pub struct Insight {
    /// By weekday and hour, in the reader's zone.
    pub table: Table,
    /// How many accounts have posts in it.
    pub accounts: usize,
    /// The posts of the table went out at this instant or later.
    pub since: UnixMillis,
    /// Posts that are younger than the age at which they are compared.
    pub young: usize,
    /// There were more posts than are looked at.
    pub is_cut: bool,
    /// Times that did better.
    pub suggested: Vec<Suggested>,
    /// Hour by hour after posting.
    pub hours: Vec<HourGrowth>,
    /// Posts whose hours were looked at.
    pub hours_posts: usize,
    /// They went out at this instant or later: what was read before is thinned out to one reading a day.
    pub hours_since: UnixMillis,
}

/// A time that did better, and how the week of its account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Suggested {
    /// The evidence.
    pub it: Suggestion,
    /// A slot that the account has within the same block.
    pub there: Option<Slot>,
}

impl App {
    /// What the actor's posts say about when to post.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] for a foreign account.
    pub async fn insight(&self, actor: &Actor, query: InsightQuery) -> Result<Insight> {
        if let Some(id) = query.connection {
            self.connection(actor, id).await?;
        }
        let now = self.now();
        let zone: Zone = actor.time_zone.parse().unwrap_or_else(|_| Zone::utc());
        let since = query.from.min(query.until.plus_millis(TIMES_DAYS.saturating_mul(DAY_MS).saturating_neg()));
        let which = Which { connection: query.connection, from: since, until: query.until, limit: POSTS_MAX };
        let rows = self.store.metric_at_age(actor.workspace_id, which, AGE_HOURS).await?;
        let is_cut = u32::try_from(rows.len()).is_ok_and(|many| many >= POSTS_MAX);
        let (told, young) = told(&rows, now);

        let hours_since = query.from.max(now.plus_millis(DAILY_AFTER_MS.saturating_neg()));
        let which = Which { from: hours_since, limit: FIRST_DAYS_MAX, ..which };
        let curves = curves(self.store.metric_first_days(actor.workspace_id, which).await?);

        let rhythms = self.rhythms(actor).await?;
        let with = |it: Suggestion| Suggested { it, there: rhythms.get(&it.account).and_then(|has| there(has, &it)) };
        let accounts: BTreeSet<ConnectionId> =
            told.iter().filter(|it| it.views.is_some()).map(|it| it.account).collect();
        Ok(Insight {
            table: Table::of(&told, &zone),
            accounts: accounts.len(),
            since,
            young,
            is_cut,
            suggested: suggestions(&told, &zone).into_iter().map(with).collect(),
            hours: after_posting(&curves),
            hours_posts: curves.len(),
            hours_since,
        })
    }
}

/// Posts that are old enough, and how many are not.
pub(super) fn told(rows: &[AgeRow], now: UnixMillis) -> (Vec<Told>, usize) {
    let is_old = |it: &&AgeRow| it.views.is_some() || now.millis_since(it.published_at) > (AGE_HOURS + 1) * HOUR_MS;
    let told = |it: &AgeRow| Told {
        post: it.post_id,
        account: it.connection_id,
        published_at: it.published_at,
        views: it.views,
    };
    let told: Vec<Told> = rows.iter().filter(is_old).map(told).collect();
    let young = rows.len().saturating_sub(told.len());
    (told, young)
}

/// The curves of each post, one for each of its ids.
fn curves(rows: Vec<FirstRow>) -> Vec<Vec<Curve>> {
    let mut posts: BTreeMap<PostId, Vec<Curve>> = BTreeMap::new();
    for row in rows {
        let curve = Curve { published_at: row.published_at, views: row.views };
        posts.entry(row.post_id).or_default().push(curve);
    }
    posts.into_values().collect()
}

/// The suggested slot when the account has it, else another one in the same block.
fn there(rhythm: &Rhythm, it: &Suggestion) -> Option<Slot> {
    let near = |slot: &Slot| slot.weekday() == it.slot.weekday() && slot.hour() / 2 == it.from_hour / 2;
    rhythm.week.iter().find(|slot| *slot == it.slot).or_else(|| rhythm.week.iter().find(near))
}
