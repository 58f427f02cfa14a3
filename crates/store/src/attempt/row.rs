//! The attempt row between SQL and the machine's types. A row that says two things at once is corrupt, never guessed at.

use domain::attempt::{
    Attempt, Evidence, Kind, MediaPlan, Mode, SealedUrl, ShortLooks, Snapshot, State, Task, Trace, UncertainCause,
};
use domain::time::UnixMillis;

use crate::column::{Table, instant, instant_opt};
use crate::error::{Result, StoreError};
use crate::personal::{Owner, Safe};

pub(super) const ATTEMPT: Table = Table("attempt");
/// The sealed column.
pub(super) const SNAPSHOT: &str = "snapshot";

row! {
    /// One row as the driver gives it.
    pub(super) struct Raw {
        id: String,
        post_id: String,
        connection_id: String,
        ordinal: i64,
        mode: String,
        state: String,
        epoch: i64,
        due_at: i64,
        revision: i64,
        snapshot: String,
        media_sha256: String,
        media_size: i64,
        chunk_size: i64,
        chunk_count: i64,
        init_sent_at: Option<i64>,
        publish_id: Option<String>,
        upload_url_sealed: Option<Vec<u8>>,
        url_remote_date: Option<i64>,
        acked_bytes: i64,
        final_intent_at: Option<i64>,
        final_acked_at: Option<i64>,
        short_looks: i64,
        short_look_at: Option<i64>,
        status: Option<String>,
        status_remote_date: Option<i64>,
        fail_reason: Option<String>,
        post_ids: String,
        log_id: Option<String>,
        evidence: Option<String>,
        cause: Option<String>,
        next_at: i64,
        tries: i64,
        doubted: i64,
        created_at: i64,
        updated_at: i64,
        wrapped: Option<Vec<u8>>,
    }
}

fn missing(column: &'static str) -> StoreError {
    ATTEMPT.corrupt(column, "missing in this state")
}

fn count(column: &'static str, value: i64) -> Result<u32> {
    u32::try_from(value).map_err(|_| ATTEMPT.corrupt(column, "not a small count"))
}

impl Raw {
    /// The order in which an account's attempts begin.
    pub(super) fn order(&self) -> (i64, &str) {
        (self.due_at, &self.post_id)
    }

    fn task(&self) -> Result<Task> {
        Ok(Task {
            publish_id: self.publish_id.clone().ok_or(missing("publish_id"))?,
            upload_url: match self.upload_url_sealed.clone() {
                Some(sealed) => Some(SealedUrl::from_ciphertext(sealed)),
                // Photos are fetched by TikTok: there is no place to send them to.
                None if Mode::parse(&self.mode).is_some_and(Mode::is_pull) => None,
                None => return Err(missing("upload_url_sealed")),
            },
            url_date: instant_opt(self.url_remote_date),
        })
    }

    fn state(&self) -> Result<State> {
        let kind = ATTEMPT.word("state", &self.state, Kind::parse)?;
        let acked_bytes = ATTEMPT.unsigned("acked_bytes", self.acked_bytes)?;
        // A settled row changes only to say that its ids are known or given up; before that, its last change is the moment.
        let settled_at = instant(self.updated_at);
        Ok(match kind {
            Kind::Ready => State::Ready,
            Kind::InitSent => {
                State::InitSent { sent_at: instant_opt(self.init_sent_at).ok_or(missing("init_sent_at"))? }
            }
            Kind::InitAcked => State::InitAcked(self.task()?),
            Kind::Uploading => State::Uploading { task: self.task()?, acked_bytes },
            Kind::FinalIntent => State::FinalIntent {
                task: self.task()?,
                at: instant_opt(self.final_intent_at).ok_or(missing("final_intent_at"))?,
                looks: ShortLooks {
                    count: count("short_looks", self.short_looks)?,
                    last_at: instant_opt(self.short_look_at),
                },
            },
            Kind::HandedOver => State::HandedOver {
                task: self.task()?,
                since: instant_opt(self.final_acked_at).ok_or(missing("final_acked_at"))?,
            },
            Kind::Published => State::Published {
                publish_id: self.publish_id.clone(),
                at: settled_at,
                post_ids: ATTEMPT.json("post_ids", &self.post_ids)?,
            },
            Kind::Delivered => {
                State::Delivered { publish_id: self.publish_id.clone().ok_or(missing("publish_id"))?, at: settled_at }
            }
            Kind::Dead => State::Dead {
                evidence: ATTEMPT
                    .json_opt::<Evidence>("evidence", self.evidence.as_deref())?
                    .ok_or(missing("evidence"))?,
                publish_id: self.publish_id.clone(),
            },
            Kind::Uncertain => State::Uncertain {
                cause: ATTEMPT.word("cause", self.cause.as_deref().unwrap_or_default(), UncertainCause::parse)?,
                publish_id: self.publish_id.clone(),
            },
        })
    }
}

impl Raw {
    /// `None` when the key of what it publishes was destroyed.
    pub(super) fn open(self, safe: &Safe) -> Result<Option<Attempt>> {
        let mut raw = self;
        let state = raw.state()?;
        let snapshot = {
            let sealed = std::mem::take(&mut raw.snapshot);
            let row = safe.row(Owner::connection(&raw.connection_id), raw.wrapped.as_deref(), ATTEMPT, &raw.id)?;
            row.read(SNAPSHOT, sealed)?
        };
        if snapshot.is_empty() {
            return Ok(None);
        }
        let plan = MediaPlan::new(
            raw.media_sha256,
            ATTEMPT.unsigned("media_size", raw.media_size)?,
            ATTEMPT.unsigned("chunk_size", raw.chunk_size)?,
            ATTEMPT.unsigned("chunk_count", raw.chunk_count)?,
        )
        .map_err(|error| ATTEMPT.corrupt("chunk_count", error.to_string()))?;
        Ok(Some(Attempt {
            id: ATTEMPT.parse("id", &raw.id)?,
            post_id: ATTEMPT.parse("post_id", &raw.post_id)?,
            connection_id: ATTEMPT.parse("connection_id", &raw.connection_id)?,
            ordinal: count("ordinal", raw.ordinal)?,
            mode: ATTEMPT.word("mode", &raw.mode, Mode::parse)?,
            epoch: raw.epoch,
            due_at: instant(raw.due_at),
            revision: raw.revision,
            snapshot: ATTEMPT.json::<Snapshot>(SNAPSHOT, &snapshot)?,
            plan,
            state,
            trace: Trace {
                init_sent_at: instant_opt(raw.init_sent_at),
                url_date: instant_opt(raw.url_remote_date),
                final_intent_at: instant_opt(raw.final_intent_at),
                final_acked_at: instant_opt(raw.final_acked_at),
                acked_bytes: ATTEMPT.unsigned("acked_bytes", raw.acked_bytes)?,
                status: raw.status,
                status_date: instant_opt(raw.status_remote_date),
                fail_reason: raw.fail_reason,
                log_id: raw.log_id,
                doubted: raw.doubted != 0,
            },
            tries: count("tries", raw.tries)?,
            next_at: instant(raw.next_at),
            created_at: instant(raw.created_at),
            updated_at: instant(raw.updated_at),
        }))
    }
}

/// The columns of a state that change, ready to bind.
pub(super) struct Cells {
    pub(super) state: &'static str,
    pub(super) init_sent_at: Option<i64>,
    pub(super) publish_id: Option<String>,
    pub(super) upload_url_sealed: Option<Vec<u8>>,
    pub(super) url_remote_date: Option<i64>,
    pub(super) acked_bytes: i64,
    pub(super) final_intent_at: Option<i64>,
    pub(super) final_acked_at: Option<i64>,
    pub(super) short_looks: i64,
    pub(super) short_look_at: Option<i64>,
    pub(super) status_remote_date: Option<i64>,
    pub(super) post_ids: String,
    pub(super) evidence: Option<String>,
    pub(super) cause: Option<&'static str>,
}

fn ms(at: Option<UnixMillis>) -> Option<i64> {
    at.map(UnixMillis::millis)
}

/// A size as the database keeps it; larger than any file TikTok takes is refused long before.
pub(super) fn signed(column: &'static str, value: u64) -> Result<i64> {
    i64::try_from(value).map_err(|_| ATTEMPT.corrupt(column, "too large"))
}

impl Cells {
    pub(super) fn of(attempt: &Attempt) -> Result<Self> {
        let trace = &attempt.trace;
        let (looks, post_ids, evidence, cause) = match &attempt.state {
            State::FinalIntent { looks, .. } => (*looks, None, None, None),
            State::Published { post_ids, .. } => (ShortLooks::default(), Some(post_ids), None, None),
            State::Dead { evidence, .. } => (ShortLooks::default(), None, Some(evidence), None),
            State::Uncertain { cause, .. } => (ShortLooks::default(), None, None, Some(*cause)),
            State::Ready
            | State::InitSent { .. }
            | State::InitAcked(_)
            | State::Uploading { .. }
            | State::HandedOver { .. }
            | State::Delivered { .. } => (ShortLooks::default(), None, None, None),
        };
        let no_ids = Vec::new();
        Ok(Self {
            state: attempt.state.kind().as_str(),
            init_sent_at: ms(trace.init_sent_at),
            publish_id: attempt.state.publish_id().map(str::to_owned),
            // Wiped with the state that could use it.
            upload_url_sealed: attempt
                .state
                .task()
                .and_then(|task| task.upload_url.as_ref())
                .map(|url| url.ciphertext().to_vec()),
            url_remote_date: ms(trace.url_date),
            acked_bytes: signed("acked_bytes", trace.acked_bytes)?,
            final_intent_at: ms(trace.final_intent_at),
            final_acked_at: ms(trace.final_acked_at),
            short_looks: i64::from(looks.count),
            short_look_at: ms(looks.last_at),
            status_remote_date: ms(trace.status_date),
            post_ids: ATTEMPT.to_json("post_ids", post_ids.unwrap_or(&no_ids))?,
            evidence: ATTEMPT.to_json_opt("evidence", evidence)?,
            cause: cause.map(UncertainCause::as_str),
        })
    }
}
