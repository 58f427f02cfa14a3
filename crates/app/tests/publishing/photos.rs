//! Photo posts: TikTok fetches the pictures through a gate that opens at the release and never otherwise.

use domain::attempt::{Kind, State};
use domain::post::{Delivery, PostState};
use store::testing::engines;
use tiktok_sim::{FaultAction, FaultRule, Route};

use crate::world::{Setting, World};

#[tokio::test]
async fn ux_26_photos_go_out_once_at_their_time_fetched_from_the_verified_address() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let (post, pictures) = world.photos(Delivery::Direct, 60).await;
        world.start_engine();
        world.pass(59).await;
        assert_eq!((world.post(&post).await.state, world.inits()), (PostState::Scheduled, 0));
        let out = world.until_state(&post, PostState::Published, 600).await;
        assert!(out.published_at.unwrap() >= out.due_at.unwrap());
        let ledger = world.sim.posts().remove(0);
        assert!(ledger.is_photo && ledger.auto_add_music && !ledger.comment_disabled);
        for (file, media) in ledger.files.iter().zip(&pictures) {
            assert_eq!(
                crate::world::aws_hex(&std::fs::read(file).unwrap()),
                media.sha256,
                "UX-20: the bytes as uploaded"
            );
        }
        assert_eq!(
            world.log(&post).await,
            [
                "1 None -> Ready started",
                "1 Some(Ready) -> InitSent init_announced",
                "1 Some(InitSent) -> InitAcked task_received",
                "1 Some(InitAcked) -> FinalIntent released",
                "1 Some(FinalIntent) -> Published tiktok_published",
            ]
        );
        let init = world.calls(Route::ContentInit).remove(0);
        assert!(format!("{:?}", init.body).contains("PULL_FROM_URL"), "photos have no other way");
        let visits = world.visits(&post).await.remove(0);
        assert_eq!(
            visits.iter().map(|visit| visit.picture).collect::<Vec<_>>(),
            [0, 1, 2],
            "what was served is on record"
        );
        assert!(visits.iter().zip(&pictures).all(|(visit, media)| visit.last_byte + 1 == media.size_bytes));
        world.check(&post).await;
    }
}

async fn uploaded(world: &World, name: &str, bytes: &[u8]) -> store::Media {
    let actor = world.actor();
    let upload = world.app.upload_create(&actor, name, u64::try_from(bytes.len()).unwrap()).await.unwrap();
    let body = futures::stream::iter([Ok::<_, std::io::Error>(bytes.to_vec().into())]);
    let done = world.app.upload_append(&actor, upload.id, 0, body).await.unwrap();
    world.app.media(&actor, done.media_id.unwrap()).await.unwrap()
}

#[tokio::test]
async fn pp_4_1_ux_20_what_tiktok_receives_is_byte_for_byte_what_was_uploaded() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let film = tiktok_sim::sample_mp4(720, 1280, 30, 12_000, 90_000);
        let looks: Vec<Vec<u8>> =
            (0..2_u8).map(|n| [tiktok_sim::sample_jpeg(1080, 1350), vec![n; 200_000]].concat()).collect();
        let video = uploaded(&world, "film.mp4", &film).await;
        let mut pictures = Vec::new();
        for bytes in &looks {
            pictures.push(uploaded(&world, "look.jpg", bytes).await);
        }
        let of_video = world.plan(&video, Delivery::Direct, 5).await;
        let of_photos = world.photos_of(&pictures, Delivery::Direct, 5).await;
        world.start_engine();
        for (post, sent) in [(&of_video, std::slice::from_ref(&film)), (&of_photos, looks.as_slice())] {
            world.until_state(post, PostState::Published, 600).await;
            let publish_id = world.attempts(post).await.remove(0).state.publish_id().unwrap().to_owned();
            let out = world.sim.posts().into_iter().find(|it| it.publish_id == publish_id).unwrap();
            let received: Vec<Vec<u8>> = out.files.iter().map(|file| std::fs::read(file).unwrap()).collect();
            assert!(received == sent, "nothing is added, removed or drawn over");
        }
        let init = world.calls(Route::VideoInit).remove(0);
        assert!(format!("{:?}", init.body).contains("FILE_UPLOAD"), "UX-26: a video comes from the person's device");
    }
}

#[tokio::test]
async fn photos_for_the_inbox_keep_their_texts_and_go_without_options() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let (post, _) = world.photos(Delivery::Inbox, 5).await;
        world.start_engine();
        world.until_state(&post, PostState::InInbox, 600).await;
        assert_eq!(world.calls(Route::CreatorInfo).len(), 0, "a draft has no options");
        let task = world.sim.tasks().remove(0);
        assert_eq!(task.channel, "photo_inbox", "{task:?}");
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f03_a_lost_answer_of_a_photo_init_costs_one_more_init_and_its_gate_never_opens() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let (post, _) = world.photos(Delivery::Direct, 5).await;
        world.fault(FaultRule::once(Route::ContentInit, FaultAction::DropAfter));
        world.start_engine();
        world.until_state(&post, PostState::Published, 600).await;
        assert_eq!((world.inits(), world.sim.posts().len()), (2, 1), "{:#?}", world.log(&post).await);
        let served: Vec<usize> = world.visits(&post).await.iter().map(Vec::len).collect();
        assert_eq!(served, [0, 3], "of the lost task no byte was ever served");
        world.check(&post).await;
    }
}

#[tokio::test]
async fn r8_photos_cancelled_before_the_release_never_go_out_although_tiktok_has_a_task() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let (post, _) = world.photos(Delivery::Direct, 5).await;
        world.fault(FaultRule::once(Route::ContentInit, FaultAction::Latency(300)));
        world.start_engine();
        world.until_kind(&post, Kind::InitSent, 600).await;
        world.app.cancel(&world.actor(), post.id).await.unwrap();
        world.pass(300).await;
        assert_eq!(world.post(&post).await.state, PostState::Cancelled);
        assert_eq!(world.sim.posts().len(), 0);
        assert_eq!(world.visits(&post).await.concat(), [], "the gate of a cancelled attempt stays shut");
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f01_a_crash_in_every_state_of_a_photo_post_leads_to_one_post() {
    for (kind, slow, inits) in [(Kind::Ready, Route::CreatorInfo, 1), (Kind::InitSent, Route::ContentInit, 2)] {
        for store in engines().await {
            let mut world = World::new(store).await;
            let (post, _) = world.photos(Delivery::Direct, 5).await;
            world.fault(FaultRule::once(slow, FaultAction::Latency(300)));
            world.start_engine();
            world.until_kind(&post, kind, 600).await;
            // Announced is not sent yet: what was not sent costs no second init.
            world.at_once("asked", |world| !world.calls(slow).is_empty()).await;
            world.crash().await;
            world.start_engine();
            world.until_state(&post, PostState::Published, 600).await;
            assert_eq!((world.inits(), world.sim.posts().len()), (inits, 1), "{:#?}", world.log(&post).await);
            world.check(&post).await;
        }
    }
}

#[tokio::test]
async fn f01_a_crash_after_the_release_only_asks_and_the_gate_stays_open() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let (post, _) = world.photos(Delivery::Direct, 5).await;
        world.sim.set_user("mila", |user| user.processing_held = true).unwrap();
        world.start_engine();
        world.until_kind(&post, Kind::FinalIntent, 600).await;
        world.crash().await;
        let refused = world.app.cancel(&world.actor(), post.id).await.unwrap_err();
        assert!(refused.to_string().contains("last-byte-already-sent"), "{refused}");
        world.start_engine();
        world.pass(30).await;
        world.sim.set_user("mila", |user| user.processing_held = false).unwrap();
        world.until_state(&post, PostState::Published, 600).await;
        assert_eq!((world.inits(), world.sim.posts().len()), (1, 1));
        world.check(&post).await;
    }
}

#[tokio::test]
async fn f40_a_picture_that_is_gone_or_changed_after_approval_stops_the_post_before_any_init() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let (lost, pictures) = world.photos(Delivery::Direct, 5).await;
        world.lose(&pictures[2]).await;
        let (changed, pictures) = world.photos(Delivery::Direct, 5).await;
        world.damage(&pictures[0]);
        world.start_engine();
        for post in [&lost, &changed] {
            let asked = world.until_state(post, PostState::NeedsAttention, 600).await;
            assert_eq!(asked.problem.unwrap().code, "media-changed");
        }
        assert_eq!((world.inits(), world.sim.posts().len()), (0, 0));
    }
}

#[tokio::test]
async fn f40_a_picture_that_changes_after_the_last_look_does_not_get_through_the_gate() {
    for store in engines().await {
        let mut world = World::new(store).await;
        let (post, pictures) = world.photos(Delivery::Direct, 5).await;
        world.fault(FaultRule::once(Route::ContentInit, FaultAction::Latency(300)));
        world.start_engine();
        world.until_kind(&post, Kind::InitSent, 600).await;
        world.damage(&pictures[1]);
        let asked = world.until_state(&post, PostState::NeedsAttention, 600).await;
        assert_eq!(asked.problem.unwrap().code, "media-changed", "{:#?}", world.log(&post).await);
        assert_eq!(world.sim.posts().len(), 0);
        let first = world.attempts(&post).await.remove(0);
        let State::Dead { evidence, .. } = first.state else { panic!("{:?}", first.state) };
        assert_eq!(evidence.id(), "E1", "TikTok itself said that the fetch failed");
    }
}

#[tokio::test]
async fn an_address_that_the_operator_did_not_verify_is_told_to_the_person_and_never_tried_again() {
    for store in engines().await {
        let mut world = World::with(store, Setting { prefix_verified: false, ..Setting::default() }).await;
        let (post, _) = world.photos(Delivery::Direct, 5).await;
        world.start_engine();
        let asked = world.until_state(&post, PostState::NeedsAttention, 600).await;
        let problem = asked.problem.unwrap();
        assert_eq!(
            (problem.code.as_str(), problem.tiktok_code.as_deref()),
            ("url-unverified", Some("url_ownership_unverified"))
        );
        world.pass(600).await;
        assert_eq!((world.inits(), world.sim.posts().len()), (1, 0));
    }
}
