//! PP-7.2: a chosen name stays, what TikTok told is read anew, and a note stands beside an entry of the history without changing it.

use app::Error;
use app::history::HistoryQuery;
use domain::connection::ConnectionState;
use domain::post::PostState;
use tiktok_sim::Route;

use crate::support::*;

async fn name(stage: &Stage, actor: &app::Actor) -> String {
    stage.store().person(actor.user_id).await.unwrap().unwrap().display_name
}

async fn workspace(stage: &Stage, actor: &app::Actor) -> String {
    stage.store().workspace_of(actor.user_id).await.unwrap().unwrap().name
}

#[tokio::test]
async fn pp_7_2_a_chosen_name_is_shown_everywhere_and_a_later_sign_in_does_not_overwrite_it() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        stage.app.choose_name(&actor, "  Mila   from the sea ").await.unwrap();
        assert_eq!(name(&stage, &actor).await, "Mila from the sea");
        assert_eq!(workspace(&stage, &actor).await, "Mila from the sea");
        let (again, _) = stage.sign_in(MILA).await;
        assert_eq!(again.user_id, actor.user_id);
        assert_eq!(again.display_name, "Mila from the sea");
        let record = stage.store().audit_latest_of("person.rename", 5).await.unwrap();
        assert_eq!(record.len(), 1);
        assert!(record[0].subject == actor.user_id.to_string() && record[0].detail.is_empty(), "by id alone");
        for unfit in ["", "   ", &"x".repeat(51), "a\u{202e}b"] {
            let refused = stage.app.choose_name(&again, unfit).await;
            assert!(matches!(refused, Err(Error::BadInput { code: "name-unfit" })), "{unfit:?}");
        }
        stage.app.take_name_of_tiktok(&again).await.unwrap();
        assert_eq!(name(&stage, &actor).await, "Moloko Demo");
        stage.tiktok().set_user(MILA, |user| user.nickname = "Mila anew".to_owned()).unwrap();
        let (third, _) = stage.sign_in(MILA).await;
        assert_eq!(third.display_name, "Mila anew", "and from then on it is TikTok's again");
    })
    .await;
}

#[tokio::test]
async fn pp_7_2_reading_anew_replaces_a_stale_name_and_the_chosen_one_stays() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        stage.tiktok().set_user(MILA, |user| user.nickname = "Mila anew".to_owned()).unwrap();
        stage.app.refresh_profile(&actor, id).await.unwrap();
        assert_eq!(stage.app.connection(&actor, id).await.unwrap().display_name, "Mila anew");
        assert_eq!(name(&stage, &actor).await, "Mila anew", "nobody chose another one");

        let calls = stage.tiktok().journal().len();
        let refused = stage.app.refresh_profile(&actor, id).await;
        assert!(matches!(refused, Err(Error::Limit { code: "profile-refresh-often" })), "{refused:?}");
        assert_eq!(stage.tiktok().journal().len(), calls, "TikTok was asked nothing");
        let fresh = stage.sign_in(MILA).await.0;
        stage.app.choose_name(&fresh, "Mila").await.unwrap();
        stage.tiktok().set_user(MILA, |user| user.nickname = "Once more".to_owned()).unwrap();
        stage.pass(MINUTE_MS);
        stage.app.refresh_profile(&actor, id).await.unwrap();
        assert_eq!(stage.app.connection(&actor, id).await.unwrap().display_name, "Once more");
        assert_eq!(name(&stage, &actor).await, "Mila");
    })
    .await;
}

#[tokio::test]
async fn pp_7_2_an_account_that_is_disconnected_is_not_read() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        stage.tiktok().clear_journal();
        let refused = stage.app.refresh_profile(&actor, signed_in.connection_id).await;
        assert!(matches!(refused, Err(Error::ReconnectNeeded)), "{refused:?}");
        assert!(stage.requests(Route::UserInfo).is_empty());
        let state = stage.app.connection(&actor, signed_in.connection_id).await.unwrap().state;
        assert_eq!(state, ConnectionState::Disconnected);
        let refused = stage.app.take_name_of_tiktok(&actor).await;
        assert!(refused.is_ok(), "its name is still known until it is erased");
    })
    .await;
}

#[tokio::test]
async fn pp_7_2_a_note_stands_beside_an_entry_and_the_entry_stays_as_it_is() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = stage.scheduled(&actor, signed_in.connection_id).await;
        stage.app.annotate(&actor, post.id, "Ask Anna first").await.unwrap();
        assert_eq!(stage.app.post(&actor, post.id).await.unwrap(), post, "a planned post keeps its consent");
        stage.app.annotate(&actor, post.id, "").await.unwrap();
        let mut tx = stage.store().begin().await.unwrap();
        assert!(tx.post_set_state(post.id, &[PostState::Scheduled], PostState::Published, stage.now()).await.unwrap());
        tx.commit().await.unwrap();
        let before = stage.app.post(&actor, post.id).await.unwrap();

        stage.app.annotate(&actor, post.id, " The wrong cake.\r\nSorry. ").await.unwrap();
        assert_eq!(stage.app.post(&actor, post.id).await.unwrap(), before);
        let detail = stage.app.post_detail(&actor, post.id).await.unwrap();
        assert_eq!(detail.note.unwrap().words, "The wrong cake.\nSorry.");
        assert_eq!(detail.events.last().unwrap().kind, "annotated");
        assert!(
            !detail.events.last().unwrap().detail.to_string().contains("cake"),
            "the timeline holds no words of it"
        );
        let history = stage.app.history(&actor, &HistoryQuery::default()).await.unwrap();
        assert_eq!(history.notes.get(&post.id).map(String::as_str), Some("The wrong cake.\nSorry."));

        let long = stage.app.annotate(&actor, post.id, &"x".repeat(501)).await;
        assert!(matches!(long, Err(Error::BadInput { code: "note-too-long" })), "{long:?}");
        stage.app.annotate(&actor, post.id, "").await.unwrap();
        assert!(stage.app.post_detail(&actor, post.id).await.unwrap().note.is_none());
        for _ in 0..30 {
            stage.app.annotate(&actor, post.id, "Again").await.unwrap();
            stage.app.annotate(&actor, post.id, "").await.unwrap();
        }
        stage.app.annotate(&actor, post.id, "Again").await.unwrap();
        let detail = stage.app.post_detail(&actor, post.id).await.unwrap();
        assert_eq!(detail.note.unwrap().words, "Again");
        let told = detail.events.iter().filter(|event| event.kind == "annotated").count();
        assert_eq!(told, 50, "somebody who cannot make up their mind does not fill the timeline");
        stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        stage.pass(8 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert!(stage.store().post_note(post.id).await.unwrap().is_none());
    })
    .await;
}
