//! From the model's rows and events to the real `Attempt`, `Event` and `Facts`, and back. Owns the canonical instants.

use domain::attempt::{
    Attempt, CallFailure, Carried, ChunkRefusal, CreatorVerdict, Event, Evidence, Facts, FromState, InitUse, Kind,
    MediaPlan, Mode, PersonAnswer, PostFacts, Refusal, RemoteClock, RemoteState, SealedUrl, SendOptions, ShortLooks,
    Snapshot, State, StatusReport, StopCause, Task, Trace, Trouble, UncertainCause, UndatedWatch,
};
use domain::connection::ConnectionState;
use domain::creator::PrivacyLevel;
use domain::id::{AttemptId, ConnectionId, ConsentId, PostId, UserId};
use domain::post::PostContent;
use domain::time::UnixMillis;
use uuid::Uuid;

use crate::world::{Account, Clock, Happened, Row, Skew, Told};

const DUE: UnixMillis = UnixMillis::from_millis(1_800_000_000_000);
const CHUNK: u64 = 10_000_000;
const OWN: &str = "own";
const GIVEN: &str = "given";

/// TikTok's clock as this process heard it last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Heard {
    Never,
    LongAgo,
    JustNow,
}

/// What a decision is asked: everything that can matter to it, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Question {
    pub row: Row,
    /// Hours since the task's URL was issued; for a row that says too little to know, since the newest was.
    pub age: u8,
    pub happened: Happened,
    pub clock: Clock,
    pub skew: Skew,
    pub heard: Heard,
    pub wanted: bool,
    pub account: Account,
    pub rests: bool,
    pub commits_lost: bool,
    pub media: bool,
    pub undated: u8,
    /// Many failures came before, of this attempt and of those before it.
    pub tired: bool,
}

/// What a run fixes for all its questions.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    pub mode: Mode,
    pub two_chunks: bool,
    pub undated: bool,
    /// No mistake is switched on.
    pub faultless: bool,
}

fn true_now(clock: Clock) -> UnixMillis {
    match clock {
        Clock::LongBefore => DUE.plus_seconds(-1000),
        Clock::JustBefore => DUE.plus_millis(-500),
        Clock::Due => DUE.plus_seconds(10),
    }
}

fn our_now(question: &Question) -> UnixMillis {
    let ahead = match question.skew {
        Skew::None => 0,
        Skew::Minutes => 1200,
        Skew::Hours => 3 * 3600,
    };
    true_now(question.clock).plus_seconds(ahead)
}

const fn hours(age: u8) -> i64 {
    match age {
        0 => 60,
        1 => 3600 + 900,
        _ => 7200 + 900,
    }
}

fn issued_at(question: &Question) -> UnixMillis {
    true_now(question.clock).plus_seconds(-hours(question.age))
}

fn task(name: &str, question: &Question, frame: Frame) -> Task {
    let issued = if name == GIVEN { true_now(question.clock) } else { issued_at(question) };
    Task {
        publish_id: name.to_owned(),
        upload_url: Some(SealedUrl::from_ciphertext(vec![1])),
        url_date: (!frame.undated).then_some(issued),
    }
}

fn state(question: &Question, frame: Frame) -> State {
    let row = &question.row;
    let now = our_now(question);
    let since = now.plus_seconds(if row.days_old { -73 * 3600 } else { -100 });
    let own = || task(OWN, question, frame);
    let name = row.task.map(|_| OWN.to_owned());
    let last_at = (row.looks > 0).then(|| if row.just_looked { now } else { now.plus_seconds(-50) });
    let post_ids = if row.ids { vec!["7512345678901234567".to_owned()] } else { Vec::new() };
    match row.kind {
        Kind::Ready => State::Ready,
        Kind::InitSent => State::InitSent { sent_at: issued_at(question) },
        Kind::InitAcked => State::InitAcked(own()),
        Kind::Uploading => State::Uploading { task: own(), acked_bytes: 0 },
        Kind::FinalIntent => {
            State::FinalIntent { task: own(), at: since, looks: ShortLooks { count: u32::from(row.looks), last_at } }
        }
        Kind::HandedOver => State::HandedOver { task: own(), since },
        Kind::Published => State::Published { publish_id: name, at: since, post_ids },
        Kind::Delivered => State::Delivered { publish_id: OWN.to_owned(), at: since },
        Kind::Dead => {
            State::Dead { evidence: Evidence::FinalNeverSent { from: FromState::Ready, epoch: 1 }, publish_id: name }
        }
        Kind::Uncertain => {
            let cause = if row.commits_lost { UncertainCause::CommitsLost } else { UncertainCause::Unresolved };
            State::Uncertain { cause, publish_id: name }
        }
    }
}

/// The real attempt.
pub fn attempt(question: &Question, frame: Frame) -> Attempt {
    let now = our_now(question);
    let chunks = if frame.two_chunks { 2 } else { 1 };
    Attempt {
        id: AttemptId::from_uuid(Uuid::from_u128(1)),
        post_id: PostId::from_uuid(Uuid::from_u128(2)),
        connection_id: ConnectionId::from_uuid(Uuid::from_u128(3)),
        ordinal: 1,
        mode: frame.mode,
        epoch: 1,
        due_at: DUE,
        revision: 1,
        snapshot: Snapshot {
            content: PostContent { privacy: Some(PrivacyLevel::PublicToEveryone), ..PostContent::default() },
            consent_id: ConsentId::from_uuid(Uuid::from_u128(4)),
            blob_key: "blob".to_owned(),
            mime: "video/mp4".to_owned(),
            photos: None,
            carried: Carried {
                released_at: DUE,
                internal_failures: if question.tired { 9 } else { 0 },
                upload_restarts: if question.tired { 9 } else { 0 },
                init_failures: 0,
            },
        },
        plan: MediaPlan::new("00".repeat(32), chunks * CHUNK, CHUNK, chunks).unwrap(),
        state: state(question, frame),
        trace: Trace {
            init_sent_at: Some(issued_at(question)),
            url_date: (question.row.task.is_some() && !frame.undated).then(|| issued_at(question)),
            ..Trace::default()
        },
        tries: if question.tired { 9 } else { 0 },
        next_at: now,
        created_at: now.plus_seconds(-7200),
        updated_at: now.plus_seconds(updated_ago(question)),
    }
}

/// A row says nothing of when a question arose, but that was after the newest task was issued: for the promise the earliest is the
/// hardest.
fn updated_ago(question: &Question) -> i64 {
    match question.happened {
        _ if question.row.days_old => -73 * 3600,
        Happened::PersonSaidNo => -hours(question.age),
        _ => -60,
    }
}

/// The real event.
pub fn event(question: &Question, frame: Frame) -> Event {
    let refusal = |code: &str| Refusal { code: code.to_owned(), http_status: 400, log_id: None };
    match question.happened {
        Happened::Resume => Event::Resume,
        Happened::DueReached => Event::DueReached,
        Happened::Hint => Event::Hint,
        Happened::CreatorGo => Event::CreatorChecked(CreatorVerdict::Go(SendOptions {
            disable_comment: false,
            disable_duet: false,
            disable_stitch: false,
        })),
        Happened::CreatorPark => Event::CreatorChecked(CreatorVerdict::Park(Trouble::ours("privacy-not-offered"))),
        Happened::TaskGiven(_) => Event::InitAnswered(task(GIVEN, question, frame)),
        Happened::InitRefused { for_good } => {
            Event::InitRefused(refusal(if for_good { "invalid_params" } else { "rate_limit_exceeded" }))
        }
        Happened::InitUnknown => Event::InitUnknown,
        Happened::ChunkAccepted => Event::ChunkAccepted { index: 0 },
        Happened::ChunkComplete => Event::ChunkComplete,
        Happened::ChunkUrlExpired => Event::ChunkRefused(ChunkRefusal::UrlExpired),
        Happened::ChunkWrongRange => Event::ChunkRefused(ChunkRefusal::WrongRange),
        Happened::ChunkUnknown => Event::ChunkUnknown,
        Happened::MediaVerified => Event::MediaVerified,
        Happened::MediaMismatch => Event::MediaMismatch,
        Happened::Status { told, bytes, age } => Event::StatusSeen(report(question, frame, told, bytes, age)),
        Happened::TaskUnknown => Event::TaskUnknown { log_id: None },
        Happened::TokenRefused => Event::CallFailed(CallFailure::TokenRefused),
        Happened::TokenRefreshed => Event::TokenRefreshed,
        Happened::ReconnectNeeded => Event::CallFailed(CallFailure::ReconnectNeeded),
        Happened::Disconnected => Event::CallFailed(CallFailure::Disconnected),
        Happened::StopCancelled => Event::Stop(StopCause::Cancelled),
        Happened::StopDisconnected => Event::Stop(StopCause::Disconnected),
        Happened::StopPaused => Event::Stop(StopCause::Paused),
        Happened::PersonSaidYes => answer(PersonAnswer::ItIsThere),
        Happened::PersonSaidNo => answer(PersonAnswer::ItIsNotThere),
    }
}

fn answer(answer: PersonAnswer) -> Event {
    Event::Answer { user_id: UserId::from_uuid(Uuid::from_u128(5)), answer }
}

fn report(question: &Question, frame: Frame, told: Told, bytes: u8, age: u8) -> StatusReport {
    let total = if frame.two_chunks { 2 * CHUNK } else { CHUNK };
    let uploaded = match bytes {
        0 => 0,
        1 => CHUNK,
        _ => total,
    };
    let (state, post_ids) = match told {
        Told::Pending => (RemoteState::Pending, Vec::new()),
        Told::Out { ids } => {
            (RemoteState::Published, if ids { vec!["7512345678901234567".to_owned()] } else { Vec::new() })
        }
        Told::InInbox => (RemoteState::InInbox, Vec::new()),
        Told::Failed { for_good } => {
            let reason = if for_good { "duration_check_failed" } else { "internal" };
            (RemoteState::Failed { reason: reason.to_owned() }, Vec::new())
        }
    };
    StatusReport {
        state,
        word: "PROCESSING_UPLOAD".to_owned(),
        uploaded_bytes: Some(uploaded),
        post_ids,
        // When TikTok said it, not when it is thought about.
        remote_date: (!frame.undated).then(|| issued_at(question).plus_seconds(hours(age))),
        log_id: None,
    }
}

/// The real facts.
pub fn facts(question: &Question, frame: Frame) -> Facts {
    let (real, now) = (true_now(question.clock), our_now(question));
    let remote = match question.heard {
        Heard::Never => None,
        Heard::LongAgo => Some(real.plus_seconds(-86_400)).map(|date| RemoteClock { date, seen_at: date }),
        Heard::JustNow => {
            let whole = UnixMillis::from_millis(real.millis().div_euclid(1000) * 1000);
            Some(RemoteClock { date: whole, seen_at: now })
        }
    };
    let ages = [0, 1000, 7_300_000];
    Facts {
        now,
        clock_suspect: false,
        remote: remote.filter(|_| !frame.undated),
        post: PostFacts {
            wanted: question.wanted,
            revision: 1,
            consent_matches: true,
            connection: match question.account {
                Account::Active => ConnectionState::Active,
                Account::ReconnectNeeded => ConnectionState::ReconnectNeeded,
                Account::Disconnected => ConnectionState::Disconnected,
            },
            paused: question.rests,
        },
        inits: InitUse { last_hour: 0, hour_frees_at: now, last_day: 0, day_frees_at: now, rate_frees_at: now },
        upload_rate: None,
        hold_after_ms: None,
        media_verified: question.media,
        commits_may_be_lost: question.commits_lost,
        undated: (question.undated > 0).then(|| {
            let ms = ages[usize::from(question.undated)];
            UndatedWatch { wall_ms: ms, monotonic_ms: ms }
        }),
        jitter: 0,
    }
}

/// Which task a row names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    Nothing,
    Own,
    Given,
}

/// The model's row of a real attempt; the index of the task is the caller's to fill in.
pub fn row(attempt: &Attempt, before: &Row, now: UnixMillis) -> (Row, Names) {
    let names = match attempt.state.publish_id() {
        None => Names::Nothing,
        Some(GIVEN) => Names::Given,
        Some(_) => Names::Own,
    };
    let looks = match &attempt.state {
        State::FinalIntent { looks, .. } => *looks,
        _ => ShortLooks::default(),
    };
    let since = match &attempt.state {
        State::FinalIntent { at, .. } => *at,
        State::HandedOver { since, .. } => *since,
        State::Published { at, .. } | State::Delivered { at, .. } => *at,
        _ => attempt.updated_at,
    };
    let row = Row {
        kind: attempt.state.kind(),
        task: before.task,
        looks: u8::try_from(looks.count).unwrap(),
        just_looked: looks.last_at.is_some_and(|at| now.millis_since(at) < 20_000),
        days_old: now.millis_since(since) > 72 * 3_600_000,
        commits_lost: matches!(&attempt.state, State::Uncertain { cause: UncertainCause::CommitsLost, .. }),
        ids: matches!(&attempt.state, State::Published { post_ids, .. } if !post_ids.is_empty()),
    };
    (row, names)
}

/// Our clock in a question.
pub fn now(question: &Question) -> UnixMillis {
    our_now(question)
}
