//! The tables of an export that hold numbers of TikTok. Owns their definitions; another instance keeps them as lines, for nobody allowed it to read there.

use super::read;
use super::tables::Kind::{Instant, Number, Text};
use super::tables::{ExportTable, PORTION, TakenIn, Walk, may, must};

pub(super) const METRIC_CONSENT: ExportTable = ExportTable {
    name: "metric_consent",
    what: "What the person allowed to be read of TikTok beyond publishing, account by account.",
    walk: Walk::Workspace,
    read: read::METRIC_CONSENT,
    portion: PORTION,
    taken_in: TakenIn::Lines,
    columns: &[
        must("connection_id", Text),
        must("purpose", Text),
        must("person_id", Text),
        must("text_version", Text),
        must("given_at", Instant),
    ],
};

pub(super) const METRIC_DAY: ExportTable = ExportTable {
    name: "metric_day",
    what: "By how much the counters of an account's posts grew, by the day (UTC, counted from 1970-01-01) on which that was read. An empty one was not told.",
    walk: Walk::Workspace,
    read: read::METRIC_DAY,
    portion: PORTION,
    taken_in: TakenIn::Lines,
    columns: &[
        must("connection_id", Text),
        must("day", Number),
        may("views", Number),
        may("likes", Number),
        may("comments", Number),
        may("shares", Number),
        must("readings", Number),
    ],
};

pub(super) const FOLLOWER_SAMPLE: ExportTable = ExportTable {
    name: "follower_sample",
    what: "How many followers an account had when that was read.",
    walk: Walk::Workspace,
    read: read::FOLLOWER_SAMPLE,
    portion: PORTION,
    taken_in: TakenIn::Lines,
    columns: &[must("connection_id", Text), must("read_at", Instant), must("followers", Number)],
};

pub(super) const METRIC_WATCH: ExportTable = ExportTable {
    name: "metric_watch",
    what: "Posts whose counters are read at TikTok, with what was read last. An empty counter was not told.",
    walk: Walk::Posts,
    read: read::METRIC_WATCH,
    portion: PORTION,
    taken_in: TakenIn::Lines,
    columns: &[
        must("post_id", Text),
        must("video_id", Text),
        must("connection_id", Text),
        must("state", Text),
        must("since", Instant),
        may("read_at", Instant),
        may("views", Number),
        may("likes", Number),
        may("comments", Number),
        may("shares", Number),
    ],
};

pub(super) const METRIC_MARK: ExportTable = ExportTable {
    name: "metric_mark",
    what: "What the counters of a post were at some ages, between the readings before and after. An empty counter was not told.",
    walk: Walk::Posts,
    read: read::METRIC_MARK,
    portion: PORTION,
    taken_in: TakenIn::Lines,
    columns: &[
        must("post_id", Text),
        must("video_id", Text),
        must("age_hours", Number),
        must("connection_id", Text),
        must("read_at", Instant),
        may("views", Number),
        may("likes", Number),
        may("comments", Number),
        may("shares", Number),
    ],
};

pub(super) const METRIC_SAMPLE: ExportTable = ExportTable {
    name: "metric_sample",
    what: "What TikTok said about a post, each time it was read. An empty counter was not told.",
    walk: Walk::Posts,
    read: read::METRIC_SAMPLE,
    portion: PORTION,
    taken_in: TakenIn::Lines,
    columns: &[
        must("post_id", Text),
        must("video_id", Text),
        must("read_at", Instant),
        must("connection_id", Text),
        may("views", Number),
        may("likes", Number),
        may("comments", Number),
        may("shares", Number),
    ],
};
