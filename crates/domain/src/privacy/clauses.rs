//! The facts that policy page, consent screens, authorize request and sweeper share. One change here changes all of them.

use crate::connection::{SCOPE_BASIC, SCOPE_PUBLISH, SCOPE_STATS, SCOPE_UPLOAD, SCOPE_VIDEO_LIST};

/// Every permission that is asked of TikTok to connect an account, in the order of the consent page. The policy names the same three.
pub const SCOPES: [&str; 3] = [SCOPE_BASIC, SCOPE_PUBLISH, SCOPE_UPLOAD];

/// Permissions that are asked for only after a press for exactly one account and one purpose. The policy names them as optional.
pub const OPTIONAL_SCOPES: [&str; 2] = [SCOPE_VIDEO_LIST, SCOPE_STATS];

/// Counters that were read of TikTok are kept this many months.
pub const METRICS_MONTHS: u32 = 24;

/// The same in days, never more than the months.
pub const METRICS_DAYS: i64 = 730;

/// Version of the sentence next to the 18+ box.
pub const ADULT_TEXT_VERSION: &str = "2026-11";

/// Version of the words under which an account is connected: what is asked of TikTok, and what for.
pub const CONNECT_TEXT_VERSION: &str = "2026-11";

/// Country of the servers unless the operator declares another one.
pub const DEFAULT_REGION: &str = "DE";

/// Everything that identifies a person is gone this many days after a disconnect or deletion.
pub const ERASURE_DAYS: i64 = 30;

/// Days in which a deletion can be taken back.
pub const GRACE_DAYS: i64 = 7;

/// A revocation that TikTok did not confirm is tried again for this many days, with an access token alone.
pub const TICKET_DAYS: i64 = 1;

/// Longest time between two runs of the sweeper, days.
pub const PURGE_INTERVAL_DAYS: i64 = 1;

/// Longest life of a backup, days.
pub const BACKUP_DAYS: i64 = 21;

/// Tombstones are kept this many days: far longer than any backup that could bring back what they name.
pub const TOMBSTONE_DAYS: i64 = 366;

/// Media of published posts are kept this many days unless the operator says otherwise.
pub const PUBLISHED_MEDIA_DAYS: i64 = 30;

/// Whoever does not use the service for this many months is erased, unless the operator chose another number.
pub const INACTIVE_MONTHS: u32 = 24;

/// The first warning of that comes this many days before.
pub const INACTIVE_FIRST_DAYS: i64 = 30;

/// The last warning of that comes this many days before.
pub const INACTIVE_LAST_DAYS: i64 = 7;

/// An unfinished upload is given up after this many hours without a byte.
pub const UPLOAD_IDLE_HOURS: i64 = 24;

/// The request log shows whole addresses for this many days; then their networks only.
pub const REQUEST_LOG_IP_DAYS: u32 = 7;

/// The request log of a day is removed after this many days.
pub const REQUEST_LOG_DAYS: u32 = 30;

/// The file of an export is removed this many days after it was asked for.
pub const EXPORT_DAYS: i64 = 7;

/// A link to the file of an export works for this many hours.
pub const EXPORT_LINK_HOURS: i64 = 24;

/// Somebody can ask for the next export this many hours after the one before.
pub const EXPORT_PAUSE_HOURS: i64 = 24;

/// A clause of the privacy policy by its stable id, for example `PP-1.1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClauseId(pub &'static str);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pp_3_2_only_the_permissions_that_the_policy_names_are_asked_for() {
        assert_eq!(SCOPES, ["user.info.basic", "video.publish", "video.upload"]);
    }

    #[test]
    fn pp_1_4_pp_3_5_connecting_asks_for_nothing_that_reads_and_two_permissions_are_optional() {
        for reading in ["video.list", "user.info.stats", "user.info.profile", "research", "message"] {
            assert!(SCOPES.iter().all(|scope| !scope.contains(reading)), "{reading}");
        }
        assert_eq!(OPTIONAL_SCOPES, ["video.list", "user.info.stats"], "and no other permission is ever asked for");
    }

    #[test]
    fn pp_6_1_counters_are_kept_no_longer_than_the_months_that_are_promised() {
        // The shortest run of that many months has two Februaries of 28 days.
        assert!(METRICS_DAYS <= 365 * i64::from(METRICS_MONTHS) / 12);
    }

    #[test]
    fn pp_6_6_grace_purge_and_backups_fit_into_the_promised_days() {
        const { assert!(GRACE_DAYS + PURGE_INTERVAL_DAYS + BACKUP_DAYS <= ERASURE_DAYS) }
    }
}
