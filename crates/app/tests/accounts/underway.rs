//! What people may still do while an attempt is under way: everything before the last chunk is announced, nothing after it (R8).

use app::posts::When;
use app::{Actor, Error, Result};
use domain::attempt::{
    Attempt, Carried, Kind, MediaPlan, Mode, SealedUrl, ShortLooks, Snapshot, State, Task, Trace, UncertainCause,
};
use domain::consent::Declaration;
use domain::id::AttemptId;
use domain::post::PostState;
use store::Post;
use uuid::Uuid;

use crate::support::*;

fn task(n: u128) -> Task {
    Task {
        publish_id: format!("v_pub_file~v2-1.{n}"),
        upload_url: Some(SealedUrl::from_ciphertext(vec![1, 2, 3])),
        url_date: Some(START),
    }
}

/// The way of an attempt from its start to the end of a handover that nobody confirmed.
fn way(n: u128) -> [State; 7] {
    let publish_id = Some(task(n).publish_id);
    [
        State::Ready,
        State::InitSent { sent_at: START },
        State::InitAcked(task(n)),
        State::Uploading { task: task(n), acked_bytes: 10_000_000 },
        State::FinalIntent { task: task(n), at: START, looks: ShortLooks::default() },
        State::HandedOver { task: task(n), since: START },
        State::Uncertain { cause: UncertainCause::Disconnected, publish_id },
    ]
}

/// A scheduled post whose attempt went its way up to this state.
pub async fn under_way(stage: &Stage, actor: &Actor, n: u128, until: Kind) -> Post {
    let connection = stage.app.connections(actor).await.unwrap().remove(0).id;
    let before = stage.scheduled(actor, connection).await;
    let mut attempt = Attempt {
        id: AttemptId::from_uuid(Uuid::from_u128(n)),
        post_id: before.id,
        connection_id: connection,
        ordinal: 1,
        mode: Mode::DirectFile,
        epoch: 1,
        due_at: before.due_at.unwrap(),
        revision: before.revision,
        snapshot: Snapshot {
            content: before.content.clone(),
            consent_id: before.consent_id.unwrap(),
            blob_key: "media".to_owned(),
            mime: "video/mp4".to_owned(),
            carried: Carried { released_at: START, internal_failures: 0, upload_restarts: 0, init_failures: 0 },
            photos: None,
        },
        plan: MediaPlan::new("ab".repeat(32), 25_000_000, 10_000_000, 2).unwrap(),
        state: State::Ready,
        trace: Trace {
            init_sent_at: Some(START),
            url_date: Some(START),
            final_intent_at: Some(START),
            final_acked_at: Some(START),
            ..Trace::default()
        },
        tries: 0,
        next_at: START,
        created_at: START,
        updated_at: START,
    };
    let state = if until == Kind::Uncertain { PostState::NeedsAttention } else { PostState::Publishing };
    let after = Post { state, ..before.clone() };
    let mut tx = stage.store().begin().await.unwrap();
    assert!(tx.post_update(&after, before.revision, before.state).await.unwrap());
    assert!(tx.attempt_insert(&attempt).await.unwrap());
    for state in way(n).into_iter().skip(1) {
        let from = attempt.state.kind();
        if from == until {
            break;
        }
        attempt.state = state;
        assert!(tx.attempt_advance(&attempt, from, attempt.epoch).await.unwrap());
    }
    assert_eq!(attempt.state.kind(), until);
    tx.commit().await.unwrap();
    after
}

/// Everything a person can do to a planned post.
#[derive(Debug, Clone, Copy)]
enum Act {
    Edit,
    Submit,
    Move,
    PostNow,
    Cancel,
}

impl Act {
    const ALL: [Self; 5] = [Self::Edit, Self::Submit, Self::Move, Self::PostNow, Self::Cancel];

    async fn perform(self, stage: &Stage, actor: &Actor, post: &Post) -> Result<()> {
        let (app, music) = (&stage.app, Declaration::Music);
        let later = at("2026-11-25T10:00");
        match self {
            Self::Edit => app.save_draft(actor, post.id, post.revision, &everyone()).await.map(drop),
            Self::Submit => app.submit(actor, post.id, &submit(post, everyone(), later)).await.map(drop),
            Self::Move => app.reschedule(actor, post.id, post.revision, &later, music).await.map(drop),
            Self::PostNow => app.reschedule(actor, post.id, post.revision, &When::Now, music).await.map(drop),
            Self::Cancel => app.cancel(actor, post.id).await,
        }
    }

    fn leaves(self) -> PostState {
        match self {
            Self::Edit => PostState::Draft,
            Self::Submit | Self::Move | Self::PostNow => PostState::Scheduled,
            Self::Cancel => PostState::Cancelled,
        }
    }
}

#[tokio::test]
async fn r8_before_the_last_chunk_every_act_stops_the_attempt_for_good() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let mut n = 0;
        for state in [Kind::Ready, Kind::InitSent, Kind::InitAcked, Kind::Uploading] {
            for act in Act::ALL {
                n += 1;
                let post = under_way(&stage, &actor, n, state).await;
                act.perform(&stage, &actor, &post).await.unwrap_or_else(|error| panic!("{act:?} {state:?}: {error}"));
                let after = stage.app.post(&actor, post.id).await.unwrap();
                assert_eq!((after.state, after.revision), (act.leaves(), post.revision + 1), "{act:?} {state:?}");
                let attempts = stage.store().attempts(post.id).await.unwrap();
                assert_eq!(attempts.iter().map(|it| it.state.kind()).collect::<Vec<_>>(), [Kind::Dead], "{act:?}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn r8_once_the_last_chunk_is_announced_nothing_is_promised_any_more() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        for (n, state) in (1..).zip([Kind::FinalIntent, Kind::HandedOver, Kind::Uncertain]) {
            let post = under_way(&stage, &actor, n, state).await;
            let attempts = stage.store().attempts(post.id).await.unwrap();
            for act in Act::ALL {
                let refused = act.perform(&stage, &actor, &post).await;
                let too_late = matches!(refused, Err(Error::Conflict { code: "last-byte-already-sent" }));
                assert!(too_late, "{act:?} {state:?}: {refused:?}");
            }
            assert_eq!(stage.app.post(&actor, post.id).await.unwrap(), post);
            assert_eq!(stage.store().attempts(post.id).await.unwrap(), attempts);
        }
    })
    .await;
}
