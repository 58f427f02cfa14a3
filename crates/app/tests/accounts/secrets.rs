//! What the disk holds: no token, code, session or other secret in clear, and nothing of TikTok's answers that nobody needs.

use std::path::Path;

use app::sign_in::Purpose;
use secrecy::ExposeSecret as _;
use store::DatabaseUrl;
use store::vault::InstanceKeys;
use tiktok_sim::UserSpec;

use crate::browser::{Answer, Browser};
use crate::support::*;

/// Every byte of a folder's files: database, write-ahead log, shared memory, blobs.
fn everything_in(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            bytes.extend(everything_in(&path));
        } else {
            bytes.extend(std::fs::read(&path).unwrap());
        }
    }
    bytes
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    assert!(!needle.is_empty());
    haystack.windows(needle.len()).any(|window| window == needle)
}

/// The raw files are SQLite's; what PostgreSQL writes, its own server keeps.
fn has_files(stage: &Stage) -> bool {
    matches!(stage.database.url(), DatabaseUrl::Sqlite(_))
}

#[tokio::test]
async fn pp_1_2_no_secret_is_on_the_disk_in_clear_not_even_after_disconnecting() {
    everywhere(async |stage| {
        if !has_files(&stage) {
            return;
        }
        let mut secrets: Vec<String> = vec![SECRET.to_owned()];
        let note = |secrets: &mut Vec<String>| {
            for grant in stage.tiktok().grants() {
                secrets.extend([grant.access_token, grant.refresh_token]);
            }
        };
        let browser = Browser::new();
        let abandoned = browser.set_out(&stage.app, Purpose::SignIn).await;
        secrets.extend(abandoned.query_pairs().filter(|(key, _)| key == "state").map(|(_, value)| value.into_owned()));
        secrets.push(browser.secret.expose_secret().to_owned());

        let browser = Browser::new();
        let walk = browser.walk(&stage.app, Purpose::SignIn, &Answer::allow(MILA)).await;
        secrets.extend([walk.state.clone().unwrap(), walk.code.clone().unwrap()]);
        let signed_in =
            stage.app.finish_sign_in(&walk, &browser.secret, None, &laptop()).await.unwrap().connected().unwrap();
        let session = signed_in.session_secret.unwrap();
        let actor = stage.app.actor_of_session(&session).await.unwrap().unwrap();
        secrets.push(session.expose_secret().to_owned());
        note(&mut secrets);
        stage.scheduled(&actor, signed_in.connection_id).await;
        stage.pass(25 * HOUR_MS);
        stage.app.tokens.access_token(signed_in.connection_id, 60).await.unwrap();
        note(&mut secrets);

        let open_id = stage.tiktok().grants()[0].open_id.clone();
        let folder = stage.database.folder();
        let check = |when: &str| {
            let bytes = everything_in(folder);
            assert!(holds(&bytes, open_id.as_bytes()), "{when}: the scan sees what is there");
            for (n, secret) in secrets.iter().enumerate() {
                assert!(!holds(&bytes, secret.as_bytes()), "{when}: secret {n} is on the disk");
            }
        };
        check("while connected");
        stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        check("after disconnecting");
        stage.store().close().await;
        check("after the end of the process");
    })
    .await;
}

#[tokio::test]
async fn pp_6_3_after_disconnecting_not_even_the_ciphertexts_are_left() {
    everywhere(async |stage| {
        if !has_files(&stage) {
            return;
        }
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let row = stage.store().token(signed_in.connection_id).await.unwrap().unwrap();
        let folder = stage.database.folder();
        assert!(holds(&everything_in(folder), &row.data_key_sealed), "the scan sees what is there");
        stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        stage.store().close().await;
        let bytes = everything_in(folder);
        for sealed in [row.data_key_sealed, row.access_sealed, row.refresh_sealed] {
            assert!(!holds(&bytes, &sealed));
        }
    })
    .await;
}

#[tokio::test]
async fn pp_1_1_nothing_is_kept_of_tiktoks_answers_but_what_is_needed() {
    everywhere_with(
        |it| {
            it.simulator.users[0] = UserSpec {
                bio: "CANARY of a bio".to_owned(),
                follower_count: 918_273_645,
                following_count: 918_273_646,
                likes_count: 918_273_647,
                ..UserSpec::public(MILA, "Moloko Demo")
            };
        },
        async |stage| {
            if !has_files(&stage) {
                return;
            }
            let (actor, signed_in) = stage.sign_in(MILA).await;
            stage.scheduled(&actor, signed_in.connection_id).await;
            let token = stage.tiktok().grants()[0].access_token.clone().into();
            let fields = [tiktok::UserField::UnionId, tiktok::UserField::AvatarUrl];
            let told = stage.app.tiktok.user_info(&token, &fields).await.unwrap().value;
            let bytes = everything_in(stage.database.folder());
            for (what, canary) in [
                ("bio", "CANARY of a bio".to_owned()),
                ("followers", "918273645".to_owned()),
                ("following", "918273646".to_owned()),
                ("likes", "918273647".to_owned()),
                ("union id", told.union_id.unwrap()),
                ("picture's address", told.avatar_url.unwrap()),
                ("picture host", "/sim-cdn/".to_owned()),
            ] {
                assert!(!holds(&bytes, canary.as_bytes()), "{what} was kept");
            }
            let open_id = stage.tiktok().grants()[0].open_id.clone();
            assert!(holds(&bytes, open_id.as_bytes()), "the scan sees what is there");
            assert!(!holds(&bytes, MILA.as_bytes()), "not even who it is");
        },
    )
    .await;
}

#[tokio::test]
async fn another_instance_key_opens_nothing() {
    everywhere(async |stage| {
        let (_, signed_in) = stage.sign_in(MILA).await;
        let row = stage.store().token(signed_in.connection_id).await.unwrap().unwrap();
        let other = InstanceKeys::generate().unwrap();
        assert!(other.open_data_key(row.connection_id, row.instance_key_version, &row.data_key_sealed).is_err());
    })
    .await;
}
