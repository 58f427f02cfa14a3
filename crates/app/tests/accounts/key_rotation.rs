//! Another version of the instance key, while the service runs: nothing readable is lost at any moment, and the old version is worth
//! nothing in the end.

use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use app::App;
use app::alerts::AlertKind;
use app::keys::{InUse, Retirement, Sealed, in_use, needed_versions};
use app::settings::PkceMode;
use app::sign_in::Purpose;
use domain::attempt::{Kind, SealedUrl, State};
use domain::id::{AttemptId, ConnectionId};
use secrecy::ExposeSecret as _;
use store::attempt::Lease;
use store::audit::Verdict;
use store::testing::ONE;
use store::vault::{InstanceKeys, VaultError, add_version, remove_version, sealed_version};
use store::{DatabaseUrl, SealedIn};
use tiktok_sim::{FaultAction, FaultRule, Route};
use uuid::Uuid;

use crate::browser::Browser;
use crate::support::*;
use crate::underway::under_way;

fn raised(app: &App) -> Vec<AlertKind> {
    app.alerts.readings().into_iter().filter(|one| one.active).map(|one| one.kind).collect()
}

/// Under which versions anything lies.
async fn versions(app: &App) -> Vec<i64> {
    let mut versions: Vec<i64> = in_use(&app.store).await.unwrap().into_iter().map(|it| it.version).collect();
    versions.dedup();
    versions
}

/// A whole rotation by a command of its own, to its end.
async fn rotated(stage: &Stage) -> Arc<App> {
    let operator = stage.node_with(&stage.key_file()).await;
    operator.rotation_begin().await.unwrap();
    operator.rotation_round(|_| ()).await.unwrap();
    assert_eq!(operator.rotation_end().await.unwrap(), []);
    operator
}

/// Takes a version away as the command does, and gives a process that starts afterwards.
async fn retired(stage: &Stage, operator: &App, version: i64) -> Arc<App> {
    stage.pass(MINUTE_MS);
    assert_eq!(operator.retire(version).await.unwrap(), Retirement::Free);
    remove_version(&stage.key_file(), version).unwrap();
    let app = stage.node_with(&stage.key_file()).await;
    app.recall_marks().await.unwrap();
    app
}

async fn all_open(app: &App, connections: &[ConnectionId]) {
    for id in connections {
        app.tokens.access_token(*id, 60).await.unwrap();
    }
}

#[tokio::test]
async fn pp_5_2_everything_is_sealed_anew_while_tokens_are_refreshed_and_the_old_version_is_useless_afterwards() {
    everywhere_with(
        |it| it.settings.pkce = PkceMode::Always,
        async |stage| {
            let (actor, signed_in) = stage.sign_in(MILA).await;
            let mut connections = vec![signed_in.connection_id];
            let ended = stage.add_account(&actor, OLEG).await;
            stage.tiktok().fault(FaultRule::once(Route::Revoke, FaultAction::DropBefore));
            stage.app.disconnect(&actor, ended).await.unwrap();
            connections.push(stage.sign_in(CAREFUL).await.1.connection_id);
            let waiting = stage.asked_about(&actor, CAREFUL).await;
            let walker = Browser::new();
            let consent = walker.set_out(&stage.app, Purpose::SignIn).await;
            let before = stage.store().token(connections[0]).await.unwrap().unwrap();
            let old = InstanceKeys::parse(&stage.keys.to_text()).unwrap();
            let kinds: Vec<Sealed> = in_use(stage.store()).await.unwrap().into_iter().map(|it| it.what).collect();
            let places = [
                SealedIn::Tokens,
                SealedIn::People,
                SealedIn::Profiles,
                SealedIn::Unconfirmed,
                SealedIn::Tickets,
                SealedIn::SignIns,
            ];
            assert_eq!(kinds, [places.map(Sealed::In).as_slice(), &[Sealed::AuditKey]].concat(), "all kinds are there");

            assert_eq!(add_version(&stage.key_file()).unwrap(), 2);
            let operator = stage.node_with(&stage.key_file()).await;
            operator.note_added_key(2).await.unwrap();
            let begun = operator.rotation_begin().await.unwrap();
            assert_eq!((begun.version, begun.before), (2, Some(1)));
            // The service has not noticed yet, and goes on under the old version; it opens what the command has sealed under the new one.
            let service = async {
                for day in 0..6 {
                    stage.pass(25 * HOUR_MS);
                    for id in &connections {
                        stage.app.tokens.access_token(*id, 60).await.unwrap();
                    }
                    if day == 3 {
                        stage.app.follow_keys().await.unwrap();
                    }
                }
            };
            let command = async {
                for _ in 0..6 {
                    operator.rotation_round(|_| ()).await.unwrap();
                }
            };
            tokio::join!(service, command);
            assert_eq!(stage.app.keys.current_version(), 2);
            operator.rotation_round(|_| ()).await.unwrap();
            assert_eq!(operator.rotation_end().await.unwrap(), []);
            assert_eq!(versions(&operator).await, [2]);
            assert_eq!(stage.refreshes(), 12, "no refresh was lost or made twice");

            assert!(matches!(operator.retirement(1).await.unwrap(), Retirement::Settling(_)));
            let after = retired(&stage, &operator, 1).await;
            assert_eq!(after.keys.versions(), [2]);
            stage.app.follow_keys().await.unwrap();
            assert_eq!(stage.app.keys.versions(), [2], "the running service has forgotten it, too");
            for app in [&after, &stage.app] {
                all_open(app, &connections).await;
                stage.pass(25 * HOUR_MS);
                all_open(app, &connections).await;
                app.note_added_key(9).await.unwrap();
                assert!(matches!(app.store.audit_verify(None).await.unwrap(), Verdict::Intact(_)));
                assert_eq!(raised(app), []);
            }
            // What somebody kept opens nothing of today, and what somebody copied opens by nothing of today.
            for id in &connections {
                let row = after.store.token(*id).await.unwrap().unwrap();
                let refused = old.open_data_key(*id, row.instance_key_version, &row.data_key_sealed);
                assert!(matches!(refused, Err(VaultError::UnknownKeyVersion { version: 2 })));
                assert!(old.open_data_key(*id, 1, &row.data_key_sealed).is_err());
            }
            let refused =
                after.keys.open_data_key(connections[0], before.instance_key_version, &before.data_key_sealed);
            assert!(matches!(refused, Err(VaultError::UnknownKeyVersion { version: 1 })));
            assert!(old.open_data_key(connections[0], 1, &before.data_key_sealed).is_ok(), "the copy was a real one");
            let row = after.store.token(connections[0]).await.unwrap().unwrap();
            assert!(after.keys.open_data_key(connections[1], 2, &row.data_key_sealed).is_err(), "swapped");
            // The walk and the question that were open all the time are too old by now; they were readable to their end.
            assert!(consent.query().is_some() && stage.app.confirm_account(&actor, waiting).await.is_err());
            let entries = after.store.audit_latest_of("instance_key", 10).await.unwrap();
            let mut said: Vec<_> = entries.iter().map(|it| format!("{} {}", it.action, it.subject)).collect();
            said.reverse();
            assert_eq!(
                said[..4],
                ["instance_key.add v2", "instance_key.rotate v2", "instance_key.rotated v2", "instance_key.retire v1"]
            );
            assert!(entries.iter().all(|it| it.actor == "operator"));
        },
    )
    .await;
}

#[tokio::test]
async fn pp_5_2_what_is_under_way_when_the_version_changes_comes_to_its_end() {
    everywhere_with(
        |it| it.settings.pkce = PkceMode::Always,
        async |stage| {
            let (actor, signed_in) = stage.sign_in(MILA).await;
            let waiting = stage.asked_about(&actor, CAREFUL).await;
            let browser = Browser::new();
            let walk = browser.walk(&stage.app, Purpose::SignIn, &crate::browser::Answer::allow(MILA)).await;
            let ended = stage.add_account(&actor, OLEG).await;
            stage.tiktok().fault(FaultRule::once(Route::Revoke, FaultAction::DropBefore));
            stage.app.disconnect(&actor, ended).await.unwrap();

            add_version(&stage.key_file()).unwrap();
            let operator = rotated(&stage).await;
            let after = retired(&stage, &operator, 1).await;
            let arrived = after.finish_sign_in(&walk, &browser.secret, None, &laptop()).await.unwrap();
            assert!(arrived.connected().is_some(), "the sign-in");
            let confirmed = after.confirm_account(&actor, waiting).await.unwrap();
            all_open(&after, &[signed_in.connection_id, confirmed.connection_id]).await;
            stage.pass(HOUR_MS);
            assert!(after.erase_due().await.unwrap().tickets > 0, "and TikTok is told that the grant is over");
        },
    )
    .await;
}

/// Lets a future take that many turns; `None` when it is dropped before its end.
async fn killed_after<F: Future>(mut turns: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|context| match turns.checked_sub(1) {
        None => Poll::Ready(None),
        Some(left) => {
            turns = left;
            future.as_mut().poll(context).map(Some)
        }
    })
    .await
}

#[tokio::test]
async fn pp_5_2_a_rotation_that_is_killed_at_any_moment_loses_nothing_and_goes_on() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let connections = [signed_in.connection_id, stage.add_account(&actor, OLEG).await];
        let (mut unfinished, mut turns) = (0, 0);
        loop {
            let version = add_version(&stage.key_file()).unwrap();
            let operator = stage.node_with(&stage.key_file()).await;
            let whole = async {
                operator.rotation_begin().await.unwrap();
                operator.rotation_round(|_| ()).await.unwrap();
                operator.rotation_end().await.unwrap()
            };
            let outcome = killed_after(turns, whole).await;
            operator.store.close().await;
            all_open(&stage.app, &connections).await;
            // Whoever starts now finds all it needs, and a second run ends what the first began.
            let file = InstanceKeys::load(&stage.key_file()).unwrap().unwrap();
            assert!(needed_versions(stage.store()).await.unwrap().iter().all(|it| file.versions().contains(it)));
            let again = rotated(&stage).await;
            assert_eq!(versions(&again).await, [version], "after {turns} turns");
            stage.app.follow_keys().await.unwrap();
            let after = retired(&stage, &again, version - 1).await;
            all_open(&after, &connections).await;
            for node in [again, after] {
                node.store.close().await;
            }
            unfinished += usize::from(outcome.is_none());
            if outcome.is_some() {
                break;
            }
            turns += 1 + turns / 4;
        }
        assert!(unfinished > 10, "{unfinished} deaths");
        assert_eq!(raised(&stage.app), []);
    })
    .await;
}

#[tokio::test]
async fn pp_5_2_swapped_data_keys_are_named_and_left_alone_and_their_version_stays() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let (one, other) = (signed_in.connection_id, stage.add_account(&actor, OLEG).await);
        let third = stage.add_account(&actor, CAREFUL).await;
        let swap = format!(
            "UPDATE connection_token SET data_key_sealed = (SELECT data_key_sealed FROM connection_token WHERE connection_id = '{one}')
             WHERE connection_id = '{other}'"
        );
        stage.database.tamper(&[&swap]).await;
        add_version(&stage.key_file()).unwrap();
        let operator = stage.node_with(&stage.key_file()).await;
        operator.rotation_begin().await.unwrap();
        let round = operator.rotation_round(|_| ()).await.unwrap();
        assert_eq!(round.unreadable, [format!("tokens of accounts {other}")]);
        all_open(&operator, &[one, third]).await;
        let left = [InUse { version: 1, what: Sealed::In(SealedIn::Tokens), count: 1 }];
        assert_eq!(operator.rotation_end().await.unwrap(), left);
        stage.pass(HOUR_MS);
        assert_eq!(operator.retire(1).await.unwrap(), Retirement::Needed(left.to_vec()));
        // What cannot be read is no reason to keep the version for ever: its owner connects the account again.
        stage.app.disconnect(&actor, other).await.unwrap();
        assert_eq!(operator.retire(1).await.unwrap(), Retirement::Unfinished);
        rotated(&stage).await;
        retired(&stage, &operator, 1).await;
    })
    .await;
}

#[tokio::test]
async fn pp_5_2_a_version_stays_while_an_upload_needs_it_and_nobodys_upload_is_disturbed() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        under_way(&stage, &actor, 1, Kind::InitAcked).await;
        let id = AttemptId::from_uuid(Uuid::from_u128(1));
        let purpose = format!("attempt.upload_url:{id}");
        let mut attempt = stage.store().attempt(id).await.unwrap().unwrap();
        let State::InitAcked(mut task) = attempt.state.clone() else { panic!("acknowledged") };
        let sealed = stage.keys.seal(&purpose, b"https://upload.invalid/").unwrap();
        task.upload_url = Some(SealedUrl::from_ciphertext(sealed));
        attempt.state = State::Uploading { task, acked_bytes: 10_000_000 };
        let now = stage.store().now_db().await.unwrap();
        let lease = Lease { owner: "worker", now, until: now.plus_seconds(3600) };
        let mut tx = stage.store().begin().await.unwrap();
        assert!(tx.attempt_advance(&attempt, Kind::InitAcked, attempt.epoch).await.unwrap());
        let held = tx.attempt_claim(stage.now(), lease, ONE).await.unwrap().remove(0).unwrap();
        tx.commit().await.unwrap();

        add_version(&stage.key_file()).unwrap();
        let operator = stage.node_with(&stage.key_file()).await;
        operator.rotation_begin().await.unwrap();
        let round = operator.rotation_round(|_| ()).await.unwrap();
        assert_eq!((round.passed, round.unreadable.len()), (1, 0), "a worker has it in hand");
        assert_eq!(stage.store().attempt(id).await.unwrap().unwrap(), held);
        let left = [InUse { version: 1, what: Sealed::In(SealedIn::UploadAddresses), count: 1 }];
        assert_eq!(operator.rotation_end().await.unwrap(), left);
        assert_eq!(operator.retirement(1).await.unwrap(), Retirement::Needed(left.to_vec()));

        let mut tx = stage.store().begin().await.unwrap();
        tx.attempt_release(&held, "worker").await.unwrap();
        tx.commit().await.unwrap();
        operator.rotation_round(|_| ()).await.unwrap();
        assert_eq!(operator.rotation_end().await.unwrap(), []);
        let moved = stage.store().attempt(id).await.unwrap().unwrap();
        let url = moved.state.task().unwrap().upload_url.clone().unwrap();
        assert_eq!(sealed_version(url.ciphertext()), Some(2));
        assert_eq!(operator.keys.open(&purpose, url.ciphertext()).unwrap().as_slice(), b"https://upload.invalid/");
        assert!(moved.epoch > held.epoch, "whoever read the old address cannot write it back");
        let mut tx = stage.store().begin().await.unwrap();
        assert!(!tx.attempt_advance(&held, Kind::Uploading, held.epoch).await.unwrap());
        tx.rollback().await.unwrap();
        retired(&stage, &operator, 1).await;
    })
    .await;
}

#[tokio::test]
async fn pp_5_2_a_version_is_taken_away_only_when_nobody_would_miss_it() {
    everywhere(async |stage| {
        let (_, signed_in) = stage.sign_in(MILA).await;
        add_version(&stage.key_file()).unwrap();
        let operator = stage.node_with(&stage.key_file()).await;
        assert_eq!(operator.retirement(1).await.unwrap(), Retirement::Sealing);
        assert_eq!(operator.retirement(2).await.unwrap(), Retirement::Free, "nothing was sealed under it yet");
        operator.rotation_begin().await.unwrap();
        assert_eq!(operator.rotation_begin().await.unwrap().before, None, "twice is once");
        assert_eq!(operator.retirement(2).await.unwrap(), Retirement::Sealing);
        assert_eq!(operator.retirement(1).await.unwrap(), Retirement::Unfinished, "older marks are not kept yet");
        operator.rotation_round(|_| ()).await.unwrap();
        assert_eq!(operator.retirement(1).await.unwrap(), Retirement::Unfinished, "the end was not noted");
        // A service that has not noticed the change yet signs somebody in.
        let (_, late) = stage.sign_in(OLEG).await;
        assert_eq!(stage.store().token(late.connection_id).await.unwrap().unwrap().instance_key_version, 1);
        let left = [SealedIn::Tokens, SealedIn::People, SealedIn::Profiles].map(|place| InUse {
            version: 1,
            what: Sealed::In(place),
            count: 1,
        });
        assert_eq!(operator.rotation_end().await.unwrap(), left);
        operator.rotation_round(|_| ()).await.unwrap();
        assert_eq!(operator.rotation_end().await.unwrap(), []);
        let ended = stage.now();
        assert_eq!(operator.retirement(1).await.unwrap(), Retirement::Settling(ended.plus_millis(MINUTE_MS)));
        // TikTok was told the addresses of pictures under the old version.
        stage.pass(MINUTE_MS);
        let photos = format!("UPDATE attempt SET mode = 'direct_photos' WHERE id = '{}'", Uuid::from_u128(7));
        stage.app.follow_keys().await.unwrap();
        let (actor, _) = stage.sign_in(MILA).await;
        under_way(&stage, &actor, 7, Kind::InitSent).await;
        stage.database.tamper(&[&photos]).await;
        let needed = [InUse { version: 1, what: Sealed::PictureAddresses, count: 1 }];
        assert_eq!(operator.retirement(1).await.unwrap(), Retirement::Needed(needed.to_vec()));
        stage.database.tamper(&["UPDATE attempt SET state = 'dead', evidence = '\"no_init\"'"]).await;
        let after = retired(&stage, &operator, 1).await;
        all_open(&after, &[signed_in.connection_id, late.connection_id]).await;
    })
    .await;
}

#[tokio::test]
async fn a_node_whose_key_file_lags_says_so_and_follows_as_soon_as_the_file_is_there() {
    everywhere(async |stage| {
        let (_, signed_in) = stage.sign_in(MILA).await;
        let elsewhere = stage.database.folder().join("other-node.key");
        std::fs::copy(stage.key_file(), &elsewhere).unwrap();
        let other = stage.node_with(&elsewhere).await;
        add_version(&stage.key_file()).unwrap();
        rotated(&stage).await;
        let refused = other.follow_keys().await.unwrap_err();
        assert!(matches!(refused, app::Error::Vault(VaultError::UnknownKeyVersion { version: 2 })), "{refused}");
        std::fs::copy(stage.key_file(), &elsewhere).unwrap();
        // Nobody told it: the row itself makes it look.
        other.tokens.access_token(signed_in.connection_id, 60).await.unwrap();
        assert_eq!(raised(&other), [], "and nobody is alarmed");
        assert_eq!(other.keys.current_version(), 1);
        other.follow_keys().await.unwrap();
        assert_eq!(other.keys.current_version(), 2);
    })
    .await;
}

#[tokio::test]
async fn pp_6_6_what_was_erased_under_a_retired_version_stays_erased_after_a_restore() {
    everywhere(async |stage| {
        let DatabaseUrl::Sqlite(file) = stage.database.url().clone() else { return };
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let (leaver, _) = stage.sign_in(OLEG).await;
        assert!(stage.store().scrub().await.unwrap());
        let backup = stage.database.folder().join("backup.db");
        std::fs::copy(&file, &backup).unwrap();
        stage.pass(MINUTE_MS);
        stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        let receipt = stage.app.leave(&leaver).await.unwrap();
        stage.pass(8 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert!(!receipt.secret.expose_secret().is_empty());
        let kept = stage.database.folder().join("copy-of-the-key");
        std::fs::copy(stage.key_file(), &kept).unwrap();

        // Twice, so that the first version's marks are handed on by a version that is no more itself.
        for version in [1, 2] {
            add_version(&stage.key_file()).unwrap();
            let operator = rotated(&stage).await;
            stage.app.follow_keys().await.unwrap();
            let after = retired(&stage, &operator, version).await;
            after.replay_tombstones().await.unwrap();
        }
        let file = store::TombstoneFile::of(stage.database.folder());
        assert_eq!(file.keys().unwrap().0.keys().collect::<Vec<_>>(), [&1, &2]);

        // The old key file beside the old database fits, but cannot recognise what was erased since: the start is refused.
        let url = DatabaseUrl::Sqlite(backup);
        let app = stage.node_over(&url, &kept).await;
        let refused = app.replay_tombstones().await.unwrap_err();
        assert!(matches!(refused, app::Error::Vault(VaultError::OlderKey { version: 3, newest: 1, .. })), "{refused}");
        assert!(refused.to_string().contains("Put the line of version 3 back"), "{refused}");
        app.store.close().await;
        // The backup needs the first version, and the key has only the third: nothing of it is served.
        let app = stage.node_over(&url, &stage.key_file()).await;
        assert!(!needed_versions(&app.store).await.unwrap().contains(&3));
        assert!(app.tokens.access_token(signed_in.connection_id, 60).await.is_err());
        app.store.close().await;
        // With its line put back from the copy it can be used, and whoever was erased is erased again.
        let copy = std::fs::read_to_string(&kept).unwrap();
        let text = std::fs::read_to_string(stage.key_file()).unwrap();
        std::fs::write(stage.key_file(), format!("{copy}{text}")).unwrap();
        let app = stage.node_over(&url, &stage.key_file()).await;
        assert_eq!((app.keys.current_version(), app.keys.versions()), (1, vec![1, 3]));
        let replayed = app.replay_tombstones().await.unwrap();
        assert!(replayed.marks >= 4 && replayed.erased == 2, "{replayed:?}");
        assert!(app.store.person(leaver.user_id).await.unwrap().is_none());
        assert!(app.store.connection_any(signed_in.connection_id).await.unwrap().is_none());

        // And without the first version, but with what makes its marks: a database of the third that lost its marks.
        std::fs::write(stage.key_file(), text).unwrap();
        stage.database.tamper(&["DELETE FROM tombstone", "DELETE FROM meta WHERE key = 'tombstone_keys'"]).await;
        stage.app.follow_keys().await.unwrap();
        stage.pass(MINUTE_MS);
        let (again, _) = stage.sign_in(OLEG).await;
        let app = stage.node_with(&stage.key_file()).await;
        assert!(app.replay_tombstones().await.unwrap().marks >= 4);
        let person = app.store.person(again.user_id).await.unwrap().unwrap();
        assert!(person.created_at > START, "who came back later is not erased by an older mark");
        assert_eq!(app.keys.mark_versions(), [3, 2, 1]);
    })
    .await;
}
