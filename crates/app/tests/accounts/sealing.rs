//! Names and words under keys of their own: what the bytes of the database show of them, and what an erasure leaves of the keys.

use std::collections::BTreeSet;

use app::erasure::Target;
use app::reports::links::Share;
use app::sessions::Device;
use app::sign_in::Purpose;
use domain::post::PostContent;
use domain::privacy::retention::DATA_MAP;
use domain::privacy::support::RequestKind;
use domain::snippet::SnippetKind;
use futures::stream;
use store::DatabaseUrl;
use tiktok_sim::{UserSpec, sample_mp4};

use crate::browser::{Answer, Browser};
use crate::support::*;

/// Nothing else in the world looks like it.
const CANARY: &str = "canary-93c1f0aa";
/// A handle: no blanks, no hyphens.
const HANDLE: &str = "canary_93c1f0aa";

/// Everything that the tables hold, as text and as bytes: the files where there are files, every row otherwise.
async fn everything(stage: &Stage) -> Vec<u8> {
    match stage.database.url() {
        DatabaseUrl::Sqlite(_) => std::fs::read_dir(stage.database.folder())
            .unwrap()
            .flatten()
            .filter(|entry| entry.path().is_file())
            .flat_map(|entry| std::fs::read(entry.path()).unwrap())
            .collect(),
        DatabaseUrl::Postgres(_) => {
            let tables: BTreeSet<&str> = DATA_MAP.iter().map(|data| data.table).collect();
            let mut all = String::new();
            for table in tables {
                all += &stage.database.texts(&format!("SELECT CAST(t AS TEXT) FROM {table} t")).await.concat();
            }
            all.into_bytes()
        }
    }
}

fn holds(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|part| part == needle)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Something in every sealed column, by the use cases; gives the bytes of a picture, too.
async fn written(stage: &Stage) -> (app::Actor, domain::id::ConnectionId, Vec<u8>) {
    let browser = Browser::new();
    let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(HANDLE)).await;
    let device = Device { label: format!("{CANARY} device"), ip: format!("{CANARY} ip") };
    let arrival = stage.app.finish_sign_in(&walk, &browser.secret, None, &device).await.unwrap();
    let signed_in = arrival.connected().unwrap();
    let actor = stage.app.actor_of_session(signed_in.session_secret.as_ref().unwrap()).await.unwrap().unwrap();
    let id = signed_in.connection_id;
    let video = sample_mp4(720, 1280, 30, 10_000, 40_000);
    let name = format!("{CANARY}.mp4");
    let upload = stage.app.upload_create(&actor, &name, u64::try_from(video.len()).unwrap()).await.unwrap();
    let body = stream::iter([Ok::<_, std::io::Error>(video.into())]);
    let media = stage.app.upload_append(&actor, upload.id, 0, body).await.unwrap().media_id.unwrap();
    stage.app.upload_create(&actor, &format!("{CANARY} half.mp4"), 1_000).await.unwrap();
    let words = format!("{CANARY} words");
    stage.app.snippet_add(&actor, SnippetKind::Template, &format!("{CANARY} name"), &words).await.unwrap();
    stage.app.idea_add(&actor, &format!("{CANARY} idea"), None).await.unwrap();
    stage.app.label_add(&actor, &format!("{CANARY} label"), None).await.unwrap();
    stage.app.saved_view_add(&actor, &format!("{CANARY} view"), &format!("words={CANARY}")).await.unwrap();
    stage
        .app
        .annotation_add(&actor, domain::metrics::day_number(stage.now()), None, &format!("{CANARY} day"))
        .await
        .unwrap();
    let share = Share { week: None, connection: None, name: format!("{CANARY} link"), days: 7 };
    stage.app.report_share(&actor, &share).await.unwrap();
    stage.app.media_tags_set(&actor, media, &format!("{CANARY} tag")).await.unwrap();
    let group = stage.app.create_drafts(&actor, media, &[id]).await.unwrap();
    let draft = stage.store().posts_in_group(actor.workspace_id, group).await.unwrap().remove(0);
    let begun = PostContent { caption: format!("Pie {CANARY}"), ..PostContent::default() };
    let begun = app::posts::DraftInput { content: begun, ..everyone() };
    let draft = stage.app.save_draft(&actor, draft.id, draft.revision, &begun).await.unwrap();
    let draft = stage.app.save_draft(&actor, draft.id, draft.revision, &everyone()).await.unwrap();
    let content = PostContent { caption: format!("Cake {CANARY}"), ..everyone().content };
    let input = app::posts::DraftInput { content, ..everyone() };
    let post = stage.app.submit(&actor, draft.id, &submit(&draft, input, at("2026-11-24T10:00"))).await.unwrap();
    stage.app.cancel(&actor, post.id).await.unwrap();
    stage.app.annotate(&actor, post.id, &format!("{CANARY} note")).await.unwrap();
    let asked = stage.app.ask(&actor, RequestKind::Question, &format!("{CANARY} question")).await.unwrap();
    stage.app.operator_answer(asked, &format!("{CANARY} answer")).await.unwrap();
    stage.app.choose_name(&actor, &format!("{CANARY} chosen")).await.unwrap();
    let thrown = stage.app.upload_create(&actor, &format!("{CANARY} thrown.mp4"), 7).await.unwrap();
    let bytes = stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::from_static(b"nothing"))]);
    let thrown = stage.app.upload_append(&actor, thrown.id, 0, bytes).await.unwrap().media_id.unwrap();
    stage.app.media_delete(&actor, thrown).await.unwrap();
    stage.push_begun(&actor, &format!("{CANARY} address")).await;
    stage.asked_about(&actor, CAREFUL).await;
    let picture = stage.store().avatar(actor.workspace_id, id).await.unwrap().expect("a picture came along").bytes;
    (actor, id, picture)
}

fn named(setting: &mut Setting) {
    setting.simulator.users[0] = UserSpec::public(HANDLE, format!("{CANARY} nick"));
}

/// Columns that these stories do not reach: lines of an earlier export and attempts have their own.
const ELSEWHERE: [(&str, &str); 2] = [("imported", "line"), ("attempt", "snapshot")];

#[tokio::test]
async fn pp_5_2_of_what_people_are_called_and_write_the_database_shows_nothing() {
    everywhere_with(named, async |stage| {
        let (actor, id, picture) = written(&stage).await;
        for data in DATA_MAP.iter().filter(|data| data.sealed.is_some()) {
            let (table, column) = (data.table, data.column);
            if ELSEWHERE.contains(&(table, column)) {
                continue;
            }
            let sql = format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL");
            let sealed = match column {
                "bytes" | "avatar" => stage.database.bytes(&sql).await,
                _ => stage.database.texts(&sql).await.into_iter().map(String::into_bytes).collect(),
            };
            assert!(!sealed.is_empty(), "{table}.{column} was written");
            assert!(sealed.iter().all(|cell| cell.first() == Some(&1) || cell.is_empty()), "{table}.{column}");
        }
        let bytes = everything(&stage).await;
        assert!(holds(&bytes, actor.workspace_id.to_string().as_bytes()), "the scan sees what is there");
        for canary in [CANARY, HANDLE] {
            assert!(!holds(&bytes, canary.as_bytes()), "{canary} on {}", stage.store().engine());
        }
        let middle = &picture[picture.len() / 2..][..32];
        assert!(!holds(&bytes, middle) && !holds(&bytes, hex(middle).as_bytes()));

        // And whoever may see it, sees it.
        let shown = stage.app.connection(&actor, id).await.unwrap();
        assert!(shown.display_name.contains(CANARY) && shown.username.as_deref() == Some(HANDLE));
        assert_eq!(stage.app.sessions(&actor).await.unwrap()[0].device, format!("{CANARY} device"));
        assert_eq!(stage.store().connections_find("CANARY-93C1").await.unwrap().len(), 1, "the operator finds it");
    })
    .await;
}

#[tokio::test]
async fn pp_6_6_an_erasure_leaves_no_key_and_without_it_the_old_ciphertext_is_worth_nothing() {
    everywhere_with(named, async |stage| {
        let (actor, id, _) = written(&stage).await;
        let name = stage.database.texts("SELECT display_name FROM person").await.remove(0);
        let profile = stage.database.texts("SELECT display_name FROM connection").await.remove(0);
        let keys = [
            stage.database.bytes("SELECT data_key_sealed FROM person_key").await,
            stage.database.bytes("SELECT data_key_sealed FROM connection_key").await,
        ]
        .concat();
        assert_eq!(keys.len(), 2);
        // The name is shown until the grace is over, so its key outlives the tokens'.
        stage.app.disconnect(&actor, id).await.unwrap();
        assert!(stage.app.connection(&actor, id).await.unwrap().display_name.contains(CANARY));
        let before = everything(&stage).await;
        assert!(keys.iter().all(|key| holds(&before, key) || holds(&before, hex(key).as_bytes())), "they are there");

        stage.app.operator_erase(Target::Person(actor.user_id), true).await.unwrap();
        assert!(stage.app.erase_due().await.unwrap().done >= 1);
        let after = everything(&stage).await;
        for key in &keys {
            assert!(!holds(&after, key) && !holds(&after, hex(key).as_bytes()), "{}", stage.store().engine());
        }
        assert_eq!(stage.database.texts("SELECT person_id FROM person_key").await, [""; 0]);
        assert_eq!(stage.database.texts("SELECT connection_id FROM connection_key").await, [""; 0]);

        // Somebody new under the same account; a copy of the old cell in the new row opens by no key that there is.
        let (again, signed_in) = stage.sign_in(HANDLE).await;
        stage.database.tamper(&[&format!("UPDATE person SET display_name = '{name}'")]).await;
        stage.database.tamper(&[&format!("UPDATE connection SET display_name = '{profile}'")]).await;
        assert_eq!(stage.store().person(again.user_id).await.unwrap().unwrap().display_name, "");
        let account = stage.store().connection_any(signed_in.connection_id).await.unwrap().unwrap();
        assert_eq!(account.display_name, "");
        stage.app.follow_keys().await.unwrap();
        let raised: Vec<_> = stage.app.alerts.readings().into_iter().filter(|one| one.active).collect();
        assert!(!raised.is_empty(), "and the operator is told that something did not open");
    })
    .await;
}
