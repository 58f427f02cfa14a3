//! Erasure: what is erased as one, who asked, how far it is, and when it begins and must have ended.
//!
//! Owns words, dates and counts. Must not know a database, a disk or TikTok.

use serde::{Deserialize, Serialize};

use super::clauses::{ERASURE_DAYS, PURGE_INTERVAL_DAYS};
use crate::time::UnixMillis;

const DAY_MS: i64 = 86_400_000;

words! {
    /// What is erased as one.
    Unit {
        /// One TikTok account in one workspace, with its posts, their history and the files only they use.
        Connection = "connection",
        /// One person, with every workspace that nobody else is in.
        Person = "person",
    }
}

words! {
    /// How the wish reached us.
    Door {
        /// A page of ours.
        Page = "page",
        /// The operator, for somebody who wrote to them.
        Operator = "operator",
        /// The person removed us at TikTok.
        TikTok = "tiktok",
        /// We learned that the person is not of age: there is no grace.
        UnderAge = "under_age",
        /// Nobody used it for as long as the policy says.
        Inactive = "inactive",
    }
}

words! {
    /// How far an erasure is.
    State {
        /// The time to think it over runs; tokens are gone already.
        Waiting = "waiting",
        /// Being erased; there is no way back.
        Running = "running",
        /// A legal hold stops it.
        Held = "held",
        /// Everything is gone.
        Done = "done",
        /// Taken back in time.
        Undone = "undone",
    }
}

words! {
    /// What TikTok said to the end of the grant.
    Revoked {
        /// It confirmed.
        Confirmed = "confirmed",
        /// It did not answer yet; a sealed ticket asks again for a day.
        Pending = "pending",
        /// It never confirmed: the person removes the app in TikTok's settings.
        Unconfirmed = "unconfirmed",
        /// There was no grant any more.
        Unneeded = "unneeded",
    }
}

impl State {
    /// Whether something is still to be done.
    #[must_use]
    pub const fn is_open(self) -> bool {
        match self {
            Self::Waiting | Self::Running | Self::Held => true,
            Self::Done | Self::Undone => false,
        }
    }
}

impl Door {
    /// Days in which the erasure can be taken back, out of the instance's own number.
    #[must_use]
    pub const fn grace_days(self, of_the_instance: i64) -> i64 {
        match self {
            Self::Page | Self::Operator | Self::TikTok | Self::Inactive => of_the_instance,
            Self::UnderAge => 0,
        }
    }
}

/// When an erasure begins and by when it has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Calendar {
    /// From here on it cannot be taken back.
    pub begins_at: UnixMillis,
    /// The policy's promise.
    pub deadline_at: UnixMillis,
}

impl Calendar {
    /// The calendar of a wish; the grace always leaves a day for the work itself. That backups fit in as well is checked where the
    /// instance's settings are read.
    #[must_use]
    pub fn of(requested_at: UnixMillis, door: Door, grace_days: i64) -> Self {
        let grace = door.grace_days(grace_days.clamp(0, ERASURE_DAYS - PURGE_INTERVAL_DAYS));
        Self {
            begins_at: requested_at.plus_millis(grace.saturating_mul(DAY_MS)),
            deadline_at: requested_at.plus_millis(ERASURE_DAYS.saturating_mul(DAY_MS)),
        }
    }
}

/// Days after the wish at which an erasure that has not ended raises an alarm.
pub const ALARM_DAYS: [i64; 2] = [20, 27];

/// How many alarms an unfinished erasure has earned by `now`.
#[must_use]
pub fn alarms(requested_at: UnixMillis, now: UnixMillis) -> usize {
    ALARM_DAYS.iter().filter(|days| now.millis_since(requested_at) >= days.saturating_mul(DAY_MS)).count()
}

/// What was erased, in numbers: the proof that a receipt shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Evidence {
    /// Token pairs destroyed with their keys.
    pub tokens: u64,
    /// Connections with their profile and picture.
    pub connections: u64,
    /// Posts with captions, plans and consent records.
    pub posts: u64,
    /// Attempts with their log.
    pub attempts: u64,
    /// Rows about files.
    pub media: u64,
    /// Files unlinked, thumbnails and parts among them.
    pub files: u64,
    /// Uploads that had not ended.
    pub uploads: u64,
    /// Signed-in browsers.
    pub sessions: u64,
    /// People.
    pub people: u64,
}

impl Evidence {
    /// Both together.
    #[must_use]
    pub const fn plus(self, more: Self) -> Self {
        Self {
            tokens: self.tokens.saturating_add(more.tokens),
            connections: self.connections.saturating_add(more.connections),
            posts: self.posts.saturating_add(more.posts),
            attempts: self.attempts.saturating_add(more.attempts),
            media: self.media.saturating_add(more.media),
            files: self.files.saturating_add(more.files),
            uploads: self.uploads.saturating_add(more.uploads),
            sessions: self.sessions.saturating_add(more.sessions),
            people: self.people.saturating_add(more.people),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: UnixMillis = UnixMillis::from_millis(1_795_435_200_000);

    #[test]
    fn pp_6_2_the_calendar_leaves_time_to_think_and_ends_within_the_promise() {
        let calendar = Calendar::of(ASKED, Door::Page, 7);
        assert_eq!(calendar.begins_at.millis_since(ASKED), 7 * DAY_MS);
        assert_eq!(calendar.deadline_at.millis_since(ASKED), 30 * DAY_MS);
        assert_eq!(Calendar::of(ASKED, Door::Page, 0).begins_at, ASKED);
    }

    #[test]
    fn pp_6_4_no_setting_makes_the_grace_so_long_that_the_promise_breaks() {
        assert_eq!(Calendar::of(ASKED, Door::Operator, 300).begins_at.millis_since(ASKED), 29 * DAY_MS);
    }

    #[test]
    fn pp_8_3_an_under_age_report_leaves_no_time_to_undo() {
        assert_eq!(Calendar::of(ASKED, Door::UnderAge, 7).begins_at, ASKED);
    }

    #[test]
    fn pp_6_7_an_overdue_erasure_alarms_at_day_20_and_27() {
        let after = |days: i64| alarms(ASKED, ASKED.plus_millis(days * DAY_MS));
        assert_eq!([after(0), after(19), after(20), after(26), after(27), after(40)], [0, 0, 1, 1, 2, 2]);
    }
}
