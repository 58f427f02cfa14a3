//! Attempts in every state, every kind of event, and facts that allow or forbid. Owns no assertions.

use uuid::Uuid;

use crate::attempt::{
    Attempt, CallFailure, Carried, ChunkRefusal, CreatorVerdict, Event, Evidence, Facts, FromState, InitUse, MediaPlan,
    Mode, PersonAnswer, PostFacts, Refusal, RemoteClock, RemoteState, SealedUrl, SendOptions, ShortLooks, Snapshot,
    State, StatusReport, StopCause, Task, Trace, Trouble, UncertainCause, UndatedWatch,
};
use crate::connection::ConnectionState;
use crate::creator::PrivacyLevel;
use crate::id::{AttemptId, ConnectionId, ConsentId, PostId, UserId};
use crate::post::PostContent;
use crate::time::UnixMillis;

/// The due time of every sample.
pub const DUE: UnixMillis = UnixMillis::from_millis(1_800_000_000_000);
pub const SIZE: u64 = 25_000_000;
pub const CHUNK: u64 = 10_000_000;

pub fn task() -> Task {
    Task {
        publish_id: "v_pub_file~v2-1.7".to_owned(),
        upload_url: Some(SealedUrl::from_ciphertext(vec![1, 2, 3])),
        url_date: Some(DUE.plus_seconds(-60)),
    }
}

pub fn attempt(state: State) -> Attempt {
    Attempt {
        id: AttemptId::from_uuid(Uuid::from_u128(1)),
        post_id: PostId::from_uuid(Uuid::from_u128(2)),
        connection_id: ConnectionId::from_uuid(Uuid::from_u128(3)),
        ordinal: 1,
        mode: Mode::DirectFile,
        epoch: 4,
        due_at: DUE,
        revision: 1,
        snapshot: Snapshot {
            content: PostContent { privacy: Some(PrivacyLevel::PublicToEveryone), ..PostContent::default() },
            consent_id: ConsentId::from_uuid(Uuid::from_u128(5)),
            blob_key: "blob".to_owned(),
            mime: "video/mp4".to_owned(),
            carried: Carried { released_at: DUE, internal_failures: 0, upload_restarts: 0, init_failures: 0 },
            photos: None,
        },
        plan: MediaPlan::new("00".repeat(32), SIZE, CHUNK, 2).unwrap(),
        state,
        trace: Trace { init_sent_at: Some(DUE.plus_seconds(-60)), ..Trace::default() },
        tries: 0,
        next_at: DUE,
        created_at: DUE.plus_seconds(-120),
        updated_at: DUE.plus_seconds(-60),
    }
}

pub fn uploading(acked_bytes: u64) -> State {
    State::Uploading { task: task(), acked_bytes }
}

pub fn final_intent() -> State {
    State::FinalIntent { task: task(), at: DUE, looks: ShortLooks::default() }
}

pub fn handed_over() -> State {
    State::HandedOver { task: task(), since: DUE }
}

pub fn user() -> UserId {
    UserId::from_uuid(Uuid::from_u128(9))
}

/// One attempt in every state.
pub fn states() -> Vec<State> {
    let publish_id = Some(task().publish_id);
    vec![
        State::Ready,
        State::InitSent { sent_at: DUE },
        State::InitAcked(task()),
        uploading(0),
        uploading(CHUNK),
        final_intent(),
        State::FinalIntent {
            task: task(),
            at: DUE,
            looks: ShortLooks { count: 1, last_at: Some(DUE.plus_seconds(-60)) },
        },
        handed_over(),
        State::Published { publish_id: publish_id.clone(), at: DUE, post_ids: Vec::new() },
        State::Published { publish_id: publish_id.clone(), at: DUE, post_ids: vec!["7512345678901234567".to_owned()] },
        State::Delivered { publish_id: task().publish_id, at: DUE },
        State::Dead {
            evidence: Evidence::FinalNeverSent { from: FromState::Ready, epoch: 1 },
            publish_id: publish_id.clone(),
        },
        State::Uncertain { cause: UncertainCause::Unresolved, publish_id },
        State::Uncertain { cause: UncertainCause::CommitsLost, publish_id: None },
    ]
}

pub fn report(state: RemoteState, uploaded_bytes: Option<u64>, date: UnixMillis) -> StatusReport {
    StatusReport {
        state,
        word: "PROCESSING_UPLOAD".to_owned(),
        uploaded_bytes,
        post_ids: Vec::new(),
        remote_date: Some(date),
        log_id: Some("log".to_owned()),
    }
}

pub fn pending(uploaded_bytes: u64, date: UnixMillis) -> Event {
    Event::StatusSeen(report(RemoteState::Pending, Some(uploaded_bytes), date))
}

pub fn remote_failed(reason: &str) -> Event {
    Event::StatusSeen(report(RemoteState::Failed { reason: reason.to_owned() }, None, DUE))
}

pub fn refusal(code: &str, http_status: u16) -> Refusal {
    Refusal { code: code.to_owned(), http_status, log_id: None }
}

pub const OPTIONS: SendOptions = SendOptions { disable_comment: true, disable_duet: true, disable_stitch: true };

/// Every kind of event, with the variants of its content that can matter.
pub fn events() -> Vec<Event> {
    let late = DUE.plus_seconds(3 * 3600);
    let mut events = vec![
        Event::Resume,
        Event::DueReached,
        Event::CreatorChecked(CreatorVerdict::Go(OPTIONS)),
        Event::CreatorChecked(CreatorVerdict::Park(Trouble::ours("privacy-not-offered"))),
        Event::CallFailed(CallFailure::Transient),
        Event::CallFailed(CallFailure::RateLimited { until: None }),
        Event::CallFailed(CallFailure::TokenRefused),
        Event::CallFailed(CallFailure::ReconnectNeeded),
        Event::CallFailed(CallFailure::Disconnected),
        Event::CallFailed(CallFailure::Refused(refusal("scope_not_authorized", 401))),
        Event::CallFailed(CallFailure::Refused(refusal("odd", 400))),
        Event::TokenRefreshed,
        Event::InitAnswered(task()),
        Event::InitUnknown,
        Event::ChunkAccepted { index: 0 },
        Event::ChunkAccepted { index: 1 },
        Event::ChunkComplete,
        Event::ChunkUnknown,
        Event::MediaVerified,
        Event::MediaMismatch,
        Event::TaskUnknown { log_id: None },
        Event::Hint,
        Event::EngineFailed,
        pending(0, DUE),
        pending(CHUNK, DUE),
        pending(SIZE, DUE),
        pending(CHUNK, late),
        pending(SIZE, late),
        Event::StatusSeen(report(RemoteState::Pending, None, DUE)),
        Event::StatusSeen(StatusReport { remote_date: None, ..report(RemoteState::Pending, Some(CHUNK), DUE) }),
        Event::StatusSeen(report(RemoteState::InInbox, None, DUE)),
        Event::StatusSeen(report(RemoteState::Published, None, DUE)),
        Event::StatusSeen(StatusReport {
            post_ids: vec!["7512345678901234567".to_owned()],
            ..report(RemoteState::Published, None, DUE)
        }),
    ];
    for reason in ["internal", "duration_check_failed", "spam_risk_too_many_posts", ""] {
        events.push(remote_failed(reason));
    }
    for (code, status) in [
        ("rate_limit_exceeded", 429),
        ("access_token_invalid", 401),
        ("invalid_params", 400),
        ("spam_risk_too_many_posts", 403),
    ] {
        events.push(Event::InitRefused(refusal(code, status)));
    }
    for refusal in
        [ChunkRefusal::BadRequest, ChunkRefusal::UrlExpired, ChunkRefusal::NoSuchUpload, ChunkRefusal::WrongRange]
    {
        events.push(Event::ChunkRefused(refusal));
    }
    for cause in
        [StopCause::Cancelled, StopCause::Edited, StopCause::Deleted, StopCause::Disconnected, StopCause::Paused]
    {
        events.push(Event::Stop(cause));
    }
    for answer in [PersonAnswer::ItIsThere, PersonAnswer::ItIsNotThere] {
        events.push(Event::Answer { user_id: user(), answer });
    }
    events
}

/// Everything is as it should be, `seconds` after the due time.
pub fn calm(seconds: i64) -> Facts {
    let now = DUE.plus_seconds(seconds);
    Facts {
        now,
        clock_suspect: false,
        remote: Some(RemoteClock { date: now, seen_at: now }),
        post: PostFacts {
            wanted: true,
            revision: 1,
            consent_matches: true,
            connection: ConnectionState::Active,
            paused: false,
        },
        inits: InitUse { last_hour: 0, hour_frees_at: now, last_day: 0, day_frees_at: now, rate_frees_at: now },
        upload_rate: None,
        hold_after_ms: Some(900_000),
        media_verified: true,
        commits_may_be_lost: false,
        undated: None,
        jitter: 500,
    }
}

/// Facts that differ from calm in every way that can matter.
pub fn all_facts() -> Vec<Facts> {
    let mut all = Vec::new();
    for seconds in [-3000, -10, 0, 5, 901, 3 * 3600, 73 * 3600] {
        let base = calm(seconds);
        all.push(base);
        all.push(Facts { clock_suspect: true, ..base });
        all.push(Facts { remote: None, ..base });
        all.push(Facts {
            remote: base.remote.map(|remote| RemoteClock { date: remote.date.plus_seconds(-600), ..remote }),
            ..base
        });
        all.push(Facts { media_verified: false, ..base });
        all.push(Facts { commits_may_be_lost: true, ..base });
        all.push(Facts { upload_rate: Some(1000), ..base });
        all.push(Facts { undated: Some(UndatedWatch { wall_ms: 7_200_001, monotonic_ms: 7_200_001 }), ..base });
        all.push(Facts {
            inits: InitUse { last_hour: 3, hour_frees_at: base.now.plus_seconds(1800), ..base.inits },
            ..base
        });
        for post in [
            PostFacts { wanted: false, ..base.post },
            PostFacts { revision: 2, ..base.post },
            PostFacts { consent_matches: false, ..base.post },
            PostFacts { connection: ConnectionState::ReconnectNeeded, ..base.post },
            PostFacts { connection: ConnectionState::Disconnected, ..base.post },
            PostFacts { paused: true, ..base.post },
        ] {
            all.push(Facts { post, ..base });
        }
    }
    all
}
