//! Messages to browsers: begun by a press in one, told once to each, taken back by what ends the session, and never standing in anybody's way.

use std::sync::Arc;

use app::push::door::Door;
use app::push::seal::Signer;
use app::push::{PushSettings, Wishes};
use app::{Actor, Error, Settings};
use domain::id::{PostId, UserId};
use domain::post::PostState;
use domain::privacy::purposes::{Act, Purpose};
use domain::push::{PER_HOUR, Told};
use store::Engine;
use store::push::{PushTarget, PushTask};
use tiktok_sim::{FaultAction, FaultRule, FaultStatus, Route};

use crate::push_service::PushService;
use crate::support::*;

const CONTACT: &str = "privacy@moloko.example";
const EVERYTHING: Wishes = Wishes { published: true, needs_you: true };

/// What a page would say; the real words are the pages'.
fn words(locale: &str, told: Told, subject: &str) -> String {
    serde_json::json!({ "title": told.as_str(), "lang": locale, "path": format!("/posts/{subject}") }).to_string()
}

/// A push service, and the instance with which it is used.
struct Scene {
    stage: Stage,
    service: PushService,
    /// Somebody else's.
    other: PushService,
    signer: Signer,
    door: Door,
}

impl Scene {
    async fn subscribed(&self, actor: &Actor, name: &str, wishes: Wishes) -> PushTarget {
        let target = self.service.subscribe(name, &self.signer.public_text());
        self.stage.app.push_on(actor, &target, wishes).await.unwrap();
        target
    }

    /// A post of the actor's first account.
    async fn post(&self, actor: &Actor) -> PostId {
        let account = self.stage.app.connections(actor).await.unwrap().remove(0).id;
        self.stage.draft(actor, account).await.id
    }

    /// It comes of a post; gives how many browsers are to be told.
    async fn tell(&self, actor: &Actor, told: Told, post: PostId) -> u64 {
        self.tell_but(actor, told, post, None).await
    }

    async fn tell_but(&self, actor: &Actor, told: Told, post: PostId, but: Option<UserId>) -> u64 {
        let state = match told {
            Told::Published => PostState::Published,
            Told::InInbox => PostState::InInbox,
            Told::Failed => PostState::Failed,
            Told::Waits | Told::Reconnect | Told::Report => PostState::NeedsAttention,
        };
        let any =
            [PostState::Draft, PostState::Published, PostState::InInbox, PostState::Failed, PostState::NeedsAttention];
        let (now, id) = (self.stage.now(), post.to_string());
        let mut tx = self.stage.store().begin().await.unwrap();
        tx.post_set_state(post, &any, state, now).await.unwrap();
        let many = tx.push_tell_workspace(actor.workspace_id, told, &id, but, now).await.unwrap();
        tx.commit().await.unwrap();
        many
    }

    /// The first message that is due, in the hands of a process that does nothing with it yet.
    async fn claimed(&self) -> Option<PushTask> {
        let now = self.stage.now();
        let due = self.stage.store().push_due(now, 10).await.unwrap();
        let mut tx = self.stage.store().begin().await.unwrap();
        let task = tx.push_claim(*due.first()?, now, now.plus_seconds(300)).await.unwrap();
        tx.commit().await.unwrap();
        task
    }

    async fn round(&self) -> usize {
        self.stage.app.push_round(&self.door, &self.signer, words).await.unwrap()
    }

    async fn told(&self, actor: &Actor) -> usize {
        self.stage.app.push_view(actor).await.unwrap().unwrap().browsers.len()
    }

    async fn waiting(&self) -> usize {
        self.stage.database.texts("SELECT kind FROM push_message").await.len()
    }
}

fn settings(origins: &[&str]) -> PushSettings {
    let hosts = PushSettings::HOSTS.map(str::to_owned).to_vec();
    PushSettings {
        contact: CONTACT.to_owned(),
        hosts,
        origins: origins.iter().map(|origin| origin.parse().unwrap()).collect(),
    }
}

async fn everywhere_pushing(story: impl AsyncFn(Scene)) {
    everywhere(async |stage| {
        // The scene's own process: the one of the stage lets nobody be told anything.
        let ((listener, origin), (other_listener, other_origin)) = (PushService::bind(), PushService::bind());
        let push = settings(&[&origin, &other_origin]);
        let door = Door::new(&push).unwrap();
        let app = stage.process_with(Settings { push: Some(push), ..stage.app.settings.clone() }).await;
        let clock: Arc<dyn app::Clock> = Arc::clone(&app.clock);
        let service = PushService::open(listener, Arc::clone(&clock), CONTACT);
        let other = PushService::open(other_listener, clock, CONTACT);
        let stage = Stage { app, ..stage };
        // As a start does it.
        stage.store().audit_begin(stage.now()).await.unwrap();
        let signer = Signer::of(stage.store()).await.unwrap().unwrap();
        story(Scene { stage, service, other, signer, door }).await;
    })
    .await;
}

#[tokio::test]
async fn pp_4_4_a_browser_that_asked_is_told_once_and_only_it_can_read_what() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post_1 = scene.post(&mila).await;
        let post_2 = scene.post(&mila).await;
        let (oleg, _) = scene.stage.sign_in(OLEG).await;
        scene.subscribed(&mila, "phone", EVERYTHING).await;
        scene.subscribed(&oleg, "other", EVERYTHING).await;
        assert_eq!(scene.tell(&mila, Told::Failed, post_1).await, 1, "nobody else's browser is told");
        assert_eq!(scene.tell(&mila, Told::Failed, post_1).await, 0, "the same waits already");
        assert_eq!(scene.round().await, 1);
        assert_eq!((scene.round().await, scene.waiting().await), (0, 0));
        let delivered = scene.service.delivered();
        assert_eq!((delivered.len(), delivered[0].browser.as_str()), (1, "phone"));
        assert_eq!(delivered[0].text["path"], format!("/posts/{post_1}"));
        assert_eq!((delivered[0].ttl_s, delivered[0].urgency.as_str()), (86_400, "high"));
        assert_eq!(delivered[0].topic.len(), 32);
        scene.tell(&mila, Told::Published, post_2).await;
        scene.round().await;
        let second = scene.service.delivered().remove(1);
        assert_eq!((second.ttl_s, second.urgency.as_str()), (4 * 3_600, "normal"));
        assert_eq!(second.bytes, delivered[0].bytes, "the length tells nothing");
        assert_ne!(second.topic, delivered[0].topic);
    })
    .await;
}

#[tokio::test]
async fn somebody_is_told_what_they_chose_and_in_their_language() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post_1 = scene.post(&mila).await;
        let post_2 = scene.post(&mila).await;
        scene.subscribed(&mila, "phone", Wishes { published: false, needs_you: true }).await;
        assert_eq!(scene.tell(&mila, Told::Published, post_1).await, 0);
        assert_eq!(scene.tell(&mila, Told::InInbox, post_1).await, 1);
        scene.stage.app.set_preferences(&mila, "ru", "Europe/Berlin", "system").await.unwrap();
        scene.round().await;
        assert_eq!(scene.service.delivered()[0].text["lang"], "ru");
        scene.stage.app.push_choose(&mila, Wishes { published: true, needs_you: false }).await.unwrap();
        assert_eq!(scene.tell(&mila, Told::Waits, post_2).await, 0);
        assert_eq!(scene.tell(&mila, Told::Published, post_2).await, 1);
        let nothing = Wishes { published: false, needs_you: false };
        let refused = scene.stage.app.push_choose(&mila, nothing).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "push-nothing" })));
    })
    .await;
}

#[tokio::test]
async fn what_is_no_push_service_and_no_key_is_refused_and_nothing_is_kept() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let good = scene.service.subscribe("phone", &scene.signer.public_text());
        let with = |endpoint: &str, auth: &str| PushTarget {
            endpoint: endpoint.to_owned(),
            auth: auth.to_owned(),
            ..good.clone()
        };
        let on = async |target: PushTarget| scene.stage.app.push_on(&mila, &target, EVERYTHING).await;
        for elsewhere in ["https://evil.example/push/phone", "http://127.0.0.1:1/push/phone", "", "file:///etc/passwd"]
        {
            let refused = on(with(elsewhere, &good.auth)).await;
            assert!(matches!(refused, Err(Error::BadInput { code: "push-service" })), "{elsewhere}");
        }
        let refused = on(with(&good.endpoint, "short")).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "push-keys" })));
        assert_eq!(scene.told(&mila).await, 0);
        let off = scene.stage.process_with(Settings { push: None, ..scene.stage.app.settings.clone() }).await;
        let refused = off.push_on(&mila, &good, EVERYTHING).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "push-off" })));
        assert!(off.push_view(&mila).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn a_push_service_that_is_out_of_order_is_asked_again_and_one_that_says_gone_is_believed() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post_1 = scene.post(&mila).await;
        let post_2 = scene.post(&mila).await;
        let post_3 = scene.post(&mila).await;
        let post_4 = scene.post(&mila).await;
        scene.subscribed(&mila, "phone", EVERYTHING).await;
        scene.service.answer_next(503, None);
        scene.service.answer_next(429, Some("600"));
        scene.tell(&mila, Told::Waits, post_1).await;
        assert_eq!((scene.round().await, scene.round().await), (1, 0), "not at once again");
        scene.stage.pass(31_000);
        assert_eq!(scene.round().await, 1);
        scene.stage.pass(599_000);
        assert_eq!(scene.round().await, 0, "it asked for ten minutes");
        scene.stage.pass(2_000);
        assert_eq!(scene.round().await, 1);
        assert_eq!((scene.service.delivered().len(), scene.waiting().await), (1, 0));
        let ttl_s = scene.service.delivered()[0].ttl_s;
        assert!((85_000..86_400).contains(&ttl_s), "the time that has passed is taken off: {ttl_s}");
        for never in [400, 413] {
            scene.service.answer_next(never, None);
            scene.tell(&mila, Told::Waits, post_2).await;
            scene.round().await;
            assert_eq!((scene.waiting().await, scene.told(&mila).await), (0, 1), "{never}");
        }
        // Our word may not be believed for a moment; a browser that never believes it has another key, and is forgotten.
        scene.tell(&mila, Told::Failed, post_2).await;
        for told in [1, 1, 0] {
            scene.service.answer_next(403, None);
            scene.round().await;
            scene.stage.pass(10 * MINUTE_MS);
            assert_eq!(scene.told(&mila).await, told);
        }
        for gone in [404, 410] {
            scene.subscribed(&mila, "phone", EVERYTHING).await;
            scene.tell(&mila, Told::Waits, post_3).await;
            scene.tell(&mila, Told::Failed, post_4).await;
            scene.service.answer_next(gone, None);
            scene.service.answer_next(gone, None);
            scene.round().await;
            scene.stage.app.purge_push().await.unwrap();
            assert_eq!((scene.waiting().await, scene.told(&mila).await), (0, 0), "{gone}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_message_in_the_hands_of_a_process_that_died_is_handed_over_by_another_one() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post_1 = scene.post(&mila).await;
        scene.subscribed(&mila, "phone", EVERYTHING).await;
        scene.tell(&mila, Told::Waits, post_1).await;
        assert!(scene.claimed().await.is_some());
        assert_eq!(scene.round().await, 0, "it is in somebody's hands");
        scene.stage.pass(301_000);
        assert_eq!(scene.round().await, 1);
        assert_eq!(scene.service.delivered().len(), 1);
    })
    .await;
}

#[tokio::test]
async fn a_browser_is_told_so_much_an_hour_and_what_waits_for_somebody_is_told_later() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post_0 = scene.post(&mila).await;
        let post_9 = scene.post(&mila).await;
        scene.subscribed(&mila, "phone", EVERYTHING).await;
        let enough = usize::try_from(PER_HOUR).unwrap();
        for n in 0..enough + 5 {
            let post = scene.post(&mila).await;
            assert_eq!(scene.tell(&mila, Told::Published, post).await, 1, "{n}");
        }
        scene.tell(&mila, Told::Waits, post_0).await;
        while scene.round().await > 0 {}
        assert_eq!(scene.service.delivered().len(), enough);
        assert_eq!(scene.waiting().await, 1, "posts that went out are not told any more; what waits is");
        scene.stage.pass(HOUR_MS + 1_000);
        scene.round().await;
        assert_eq!(scene.service.delivered().last().unwrap().text["title"], "waits");
        // What nobody could be told for a day is not told at all.
        scene.service.answer_next(503, Some("3600"));
        scene.tell(&mila, Told::Waits, post_9).await;
        scene.round().await;
        scene.stage.pass(DAY_MS + 1_000);
        scene.round().await;
        assert_eq!((scene.service.delivered().len(), scene.waiting().await), (enough + 1, 0));
    })
    .await;
}

#[tokio::test]
async fn messages_end_with_a_press_with_the_session_and_with_the_person() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post_1 = scene.post(&mila).await;
        let post_2 = scene.post(&mila).await;
        let post_3 = scene.post(&mila).await;
        scene.subscribed(&mila, "laptop", EVERYTHING).await;
        let (phone, _) = scene.stage.sign_in(MILA).await;
        assert_eq!(phone.user_id, mila.user_id);
        scene.subscribed(&phone, "phone", EVERYTHING).await;
        let (oleg, _) = scene.stage.sign_in(OLEG).await;
        let foreign = scene.stage.app.push_end(&oleg, phone.session_id).await;
        assert!(matches!(foreign, Err(Error::NotFound { .. })));
        assert_eq!(scene.tell(&mila, Told::Waits, post_1).await, 2);
        scene.stage.app.push_end(&mila, phone.session_id).await.unwrap();
        assert_eq!((scene.told(&mila).await, scene.waiting().await), (1, 1), "with what it still had to be told");
        assert_eq!(scene.round().await, 1);
        assert_eq!(scene.service.delivered()[0].browser, "laptop", "the other one goes on");
        scene.tell(&mila, Told::Failed, post_1).await;
        scene.stage.app.end_session(&mila, mila.session_id).await.unwrap();
        assert_eq!((scene.told(&phone).await, scene.waiting().await, scene.round().await), (0, 0, 0));
        scene.subscribed(&phone, "phone", EVERYTHING).await;
        assert_eq!(scene.tell(&phone, Told::Waits, post_2).await, 1);
        scene.stage.pass(31 * DAY_MS);
        assert_eq!(scene.round().await, 0, "the session is over");
        assert_eq!(scene.tell(&phone, Told::Failed, post_2).await, 0);
        scene.stage.app.purge_expired().await.unwrap();
        scene.stage.app.purge_push().await.unwrap();
        assert!(scene.stage.database.texts("SELECT session_id FROM push_browser").await.is_empty());
        assert_eq!(scene.waiting().await, 0);
        let (again, _) = scene.stage.sign_in(MILA).await;
        scene.subscribed(&again, "phone", EVERYTHING).await;
        scene.tell(&again, Told::Waits, post_3).await;
        scene.stage.app.end_session(&again, again.session_id).await.unwrap();
        assert_eq!(scene.waiting().await, 0);
        let (again, _) = scene.stage.sign_in(MILA).await;
        scene.subscribed(&again, "phone", EVERYTHING).await;
        scene.tell(&again, Told::Failed, post_3).await;
        scene.stage.app.leave(&again).await.unwrap();
        scene.stage.pass(8 * DAY_MS);
        scene.stage.app.erase_due().await.unwrap();
        assert_eq!(scene.waiting().await, 0);
        assert!(scene.stage.database.texts("SELECT session_id FROM push_browser").await.is_empty());
        assert_eq!(scene.round().await, 0);
        assert_eq!(scene.service.requests(), 1, "nobody else was told anything");
    })
    .await;
}

#[tokio::test]
async fn where_the_operator_switches_it_off_what_was_begun_is_forgotten() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        scene.subscribed(&mila, "phone", EVERYTHING).await;
        scene.stage.app.purge_push().await.unwrap();
        assert_eq!(scene.told(&mila).await, 1);
        let off = scene.stage.process_with(Settings { push: None, ..scene.stage.app.settings.clone() }).await;
        off.purge_push().await.unwrap();
        assert_eq!(scene.told(&mila).await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_moved_is_told_at_its_new_address() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post_1 = scene.post(&mila).await;
        scene.subscribed(&mila, "old", Wishes { published: false, needs_you: true }).await;
        let moved = scene.service.subscribe("new", &scene.signer.public_text());
        scene.service.unsubscribe("old");
        scene.stage.app.push_renew(&mila, &moved).await.unwrap();
        scene.tell(&mila, Told::Waits, post_1).await;
        scene.round().await;
        assert_eq!(scene.service.delivered()[0].browser, "new");
        let view = scene.stage.app.push_view(&mila).await.unwrap().unwrap();
        assert!(view.browsers[0].needs_you && !view.browsers[0].published, "what was chosen stays");
        let (oleg, _) = scene.stage.sign_in(OLEG).await;
        assert!(matches!(scene.stage.app.push_renew(&oleg, &moved).await, Err(Error::NotFound { .. })));
    })
    .await;
}

#[tokio::test]
async fn the_key_of_an_instance_stays_and_another_one_is_not_believed() {
    everywhere_pushing(async |scene| {
        let again = Signer::of(scene.stage.store()).await.unwrap().unwrap();
        assert_eq!(again.public_text(), scene.signer.public_text());
        let (other, _) = scene.stage.empty_instance().await;
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post_1 = scene.post(&mila).await;
        scene.subscribed(&mila, "phone", EVERYTHING).await;
        scene.tell(&mila, Told::Waits, post_1).await;
        assert!(Signer::of(&other).await.unwrap().is_none(), "before its first start");
        other.audit_begin(scene.stage.now()).await.unwrap();
        let stranger = Signer::of(&other).await.unwrap().unwrap();
        assert_ne!(stranger.public_text(), scene.signer.public_text());
        scene.stage.app.push_round(&scene.door, &stranger, words).await.unwrap();
        assert!(scene.service.delivered().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_is_not_so_any_more_is_not_told() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post = scene.post(&mila).await;
        scene.subscribed(&mila, "phone", EVERYTHING).await;
        scene.service.answer_next(503, None);
        scene.tell(&mila, Told::Waits, post).await;
        scene.round().await;
        // Somebody looked after it meanwhile, and it went out.
        scene.tell(&mila, Told::Published, post).await;
        scene.stage.pass(31_000);
        scene.round().await;
        let titles: Vec<_> = scene.service.delivered().into_iter().map(|it| it.text["title"].clone()).collect();
        assert_eq!((titles, scene.waiting().await), (vec!["published".into()], 0), "one of the two, and the true one");
    })
    .await;
}

#[tokio::test]
async fn an_account_that_has_to_be_connected_again_is_told_until_it_is() {
    everywhere_pushing(async |scene| {
        let (mila, signed_in) = scene.stage.sign_in(MILA).await;
        let account = signed_in.connection_id;
        scene.subscribed(&mila, "phone", Wishes { published: false, needs_you: true }).await;
        let (oleg, _) = scene.stage.sign_in(OLEG).await;
        scene.subscribed(&oleg, "other", EVERYTHING).await;
        let refused = FaultStatus { status: 400, code: Some("invalid_grant".to_owned()), retry_after_s: None };
        let rule = FaultRule::once(Route::Token, FaultAction::Status(refused));
        scene.stage.tiktok().fault(FaultRule { times: None, ..rule });
        scene.stage.pass(25 * HOUR_MS);
        assert!(scene.stage.app.tokens.access_token(account, 60).await.is_err());
        assert_eq!(scene.waiting().await, 1);
        scene.round().await;
        let delivered = scene.service.delivered();
        assert_eq!((delivered.len(), delivered[0].browser.as_str()), (1, "phone"));
        assert_eq!(delivered[0].text["title"], "reconnect");
    })
    .await;
}

#[tokio::test]
async fn whoever_presses_is_not_told_what_they_see() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post = scene.post(&mila).await;
        scene.subscribed(&mila, "phone", EVERYTHING).await;
        assert_eq!(scene.tell_but(&mila, Told::Published, post, Some(mila.user_id)).await, 0);
        let (oleg, _) = scene.stage.sign_in(OLEG).await;
        assert_eq!(scene.tell_but(&mila, Told::Published, post, Some(oleg.user_id)).await, 1, "the others are");
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_was_renewed_while_a_message_was_under_way_is_not_forgotten() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post = scene.post(&mila).await;
        scene.subscribed(&mila, "old", EVERYTHING).await;
        scene.tell(&mila, Told::Waits, post).await;
        let task = scene.claimed().await.unwrap();
        let moved = scene.service.subscribe("new", &scene.signer.public_text());
        scene.stage.app.push_renew(&mila, &moved).await.unwrap();
        let mut tx = scene.stage.store().begin().await.unwrap();
        assert!(!tx.push_forget(&task).await.unwrap(), "the push service spoke of the old address");
        tx.commit().await.unwrap();
        scene.stage.pass(301_000);
        scene.round().await;
        assert_eq!(scene.service.delivered()[0].browser, "new");
        scene.tell(&mila, Told::Failed, post).await;
        let task = scene.claimed().await.unwrap();
        let mut tx = scene.stage.store().begin().await.unwrap();
        assert!(tx.push_forget(&task).await.unwrap());
        tx.commit().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn one_browser_is_told_once_whoever_was_signed_in_in_it_before() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post = scene.post(&mila).await;
        let target = scene.subscribed(&mila, "shared", EVERYTHING).await;
        // The cookie was lost, so the session before is still there.
        let (again, _) = scene.stage.sign_in(MILA).await;
        scene.stage.app.push_on(&again, &target, EVERYTHING).await.unwrap();
        assert_eq!((scene.told(&again).await, scene.tell(&again, Told::Waits, post).await), (1, 1));
        let (oleg, _) = scene.stage.sign_in(OLEG).await;
        scene.stage.app.push_on(&oleg, &target, EVERYTHING).await.unwrap();
        assert_eq!((scene.told(&again).await, scene.told(&oleg).await), (0, 1), "it is another person's browser now");
        assert_eq!(scene.round().await, 0, "who is told nothing of the one before");
    })
    .await;
}

#[tokio::test]
async fn what_becomes_of_a_post_waits_for_nobody_who_ends_their_messages() {
    everywhere_pushing(async |scene| {
        // The embedded database has one writer at a time.
        if scene.stage.store().engine() == Engine::Sqlite {
            return;
        }
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post = scene.post(&mila).await;
        scene.subscribed(&mila, "phone", EVERYTHING).await;
        let mut ending = scene.stage.store().begin().await.unwrap();
        assert!(ending.push_end(mila.user_id, mila.session_id).await.unwrap());
        // Not committed yet: to others the browser is still there.
        assert_eq!(scene.tell(&mila, Told::Published, post).await, 1);
        ending.commit().await.unwrap();
        assert_eq!(scene.round().await, 0, "and nobody is told what belongs to no browser");
        scene.stage.app.purge_push().await.unwrap();
        assert_eq!(scene.waiting().await, 0);
    })
    .await;
}

#[tokio::test]
async fn only_what_was_taken_counts_for_the_hour() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let post = scene.post(&mila).await;
        scene.subscribed(&mila, "phone", EVERYTHING).await;
        let many = || scene.stage.database.texts("SELECT CAST(hour_many AS TEXT) FROM push_browser");
        scene.service.answer_next(503, None);
        scene.tell(&mila, Told::Waits, post).await;
        scene.round().await;
        assert_eq!(many().await, ["0"]);
        scene.stage.pass(31_000);
        scene.round().await;
        assert_eq!(many().await, ["1"]);
    })
    .await;
}

#[tokio::test]
async fn pp_7_4_messages_to_a_browser_stand_in_the_ledger_when_they_begin_and_when_they_end() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        scene.subscribed(&mila, "phone", EVERYTHING).await;
        scene.stage.app.push_end(&mila, mila.session_id).await.unwrap();
        let mut said = scene.stage.app.consents(&mila).await.unwrap().ledger;
        said.retain(|line| line.purpose == Purpose::Messages);
        let told: Vec<_> =
            said.iter().rev().map(|line| (line.act, line.text_version.as_str(), line.connection_id)).collect();
        assert_eq!(told, [(Act::Given, "1.2", None), (Act::Withdrawn, "1.2", None)]);
    })
    .await;
}

#[tokio::test]
async fn a_push_service_that_hangs_holds_back_nobody_elses_messages() {
    everywhere_pushing(async |scene| {
        let (mila, _) = scene.stage.sign_in(MILA).await;
        let (oleg, _) = scene.stage.sign_in(OLEG).await;
        let hanging = scene.other.subscribe("hangs", &scene.signer.public_text());
        scene.stage.app.push_on(&mila, &hanging, EVERYTHING).await.unwrap();
        scene.subscribed(&oleg, "phone", EVERYTHING).await;
        scene.other.hang();
        for _ in 0..8 {
            let post = scene.post(&mila).await;
            scene.tell(&mila, Told::Failed, post).await;
        }
        let his = scene.post(&oleg).await;
        scene.tell(&oleg, Told::Failed, his).await;
        tokio::select! {
            () = scene.stage.app.push_for_ever(&scene.door, &scene.signer, words) => unreachable!("it never ends"),
            () = scene.service.delivers() => {}
        }
        assert_eq!(scene.service.delivered()[0].browser, "phone");
        assert!((1..=4).contains(&scene.other.requests()), "a few places each: {}", scene.other.requests());
        assert!(scene.other.delivered().is_empty());
    })
    .await;
}
