//! Erasing: what is gone when, what stays, what can be taken back, and what a restored backup cannot bring back.

use std::path::Path;
use std::sync::Arc;

use app::App;
use app::erasure::{HoldWish, Target};
use domain::connection::ConnectionState;
use domain::id::MediaId;
use domain::post::PostContent;
use domain::privacy::erasure::{Revoked, State, Unit};
use domain::time::UnixMillis;
use secrecy::{ExposeSecret, SecretString};
use store::{DatabaseUrl, Engine, Post, Store};
use tiktok_sim::{FaultAction, FaultRule, FaultStatus, RemovalReason, Route};

use crate::support::*;

/// Planted in captions; nothing else in the world looks like it.
const CANARY: &str = "canary-7f3e91c5";

async fn planted(stage: &Stage, actor: &app::Actor, connection: domain::id::ConnectionId) -> Post {
    let draft = stage.draft(actor, connection).await;
    let content = PostContent { caption: format!("Cake {CANARY}"), ..everyone().content };
    let input = app::posts::DraftInput { content, ..everyone() };
    stage.app.submit(actor, draft.id, &submit(&draft, input, at("2026-11-24T10:00"))).await.unwrap()
}

async fn state_of(app: &App, secret: &SecretString) -> State {
    app.receipt(secret.expose_secret()).await.unwrap().erasure.state
}

fn is_on_disk(stage: &Stage, key: &store::blobs::BlobKey) -> bool {
    stage.app.blobs.path(key).exists()
}

/// Every file below a folder that holds the text, read as raw bytes: free pages and logs of the database among them.
fn hits(folder: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(hits(&path, needle));
        } else if std::fs::read(&path).unwrap().windows(needle.len()).any(|part| part == needle.as_bytes()) {
            found.push(path.display().to_string());
        }
    }
    found
}

async fn media(stage: &Stage, id: MediaId) -> Option<store::Media> {
    stage.store().media_any(id).await.unwrap()
}

#[tokio::test]
async fn pp_6_5_what_belongs_to_a_disconnected_account_is_gone_after_the_grace_and_nothing_else() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let (mila, oleg) = (signed_in.connection_id, stage.add_account(&actor, CAREFUL).await);
        let post = planted(&stage, &actor, mila).await;
        let kept = stage.scheduled(&actor, oleg).await;
        let shared = stage.upload(&actor).await;
        stage.app.create_drafts(&actor, shared, &[mila, oleg]).await.unwrap();
        let unused = stage.upload(&actor).await;
        let file = media(&stage, post.media_id).await.unwrap().blob_key;
        let receipt = stage.app.disconnect(&actor, mila).await.unwrap();
        assert_eq!(receipt.revoked, Revoked::Confirmed);
        let told = stage.app.receipt(receipt.secret.expose_secret()).await.unwrap().erasure.evidence;
        assert_eq!(told.tokens, 1, "they are gone before anything else is");

        stage.pass(6 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert!(stage.store().post_any(post.id).await.unwrap().is_some() && is_on_disk(&stage, &file));
        assert_eq!(state_of(&stage.app, &receipt.secret).await, State::Waiting);

        stage.pass(DAY_MS + 1);
        assert_eq!(stage.app.erase_due().await.unwrap().done, 1);
        assert!(stage.store().post_any(post.id).await.unwrap().is_none());
        assert!(stage.store().connection_any(mila).await.unwrap().is_none());
        assert!(media(&stage, post.media_id).await.is_none() && !is_on_disk(&stage, &file));
        assert!(media(&stage, shared).await.is_some(), "another account's draft uses it");
        assert!(media(&stage, unused).await.is_some(), "it belongs to no account");
        assert!(stage.store().post_any(kept.id).await.unwrap().is_some());

        let done = stage.app.receipt(receipt.secret.expose_secret()).await.unwrap().erasure;
        assert_eq!((done.state, done.evidence.posts, done.evidence.connections), (State::Done, 2, 1));
        assert!(done.evidence.files >= 1 && done.finished_at.is_some());
        if stage.store().engine() == Engine::Sqlite {
            assert_eq!(hits(stage.database.folder(), CANARY), [""; 0], "not in the file, its free pages or its log");
        }
        stage.pass(23 * DAY_MS);
        stage.app.purge_expired().await.unwrap();
        assert!(stage.app.receipt(receipt.secret.expose_secret()).await.is_err(), "only the tombstone is left");
    })
    .await;
}

#[tokio::test]
async fn pp_6_2_connecting_again_in_time_keeps_everything() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = planted(&stage, &actor, signed_in.connection_id).await;
        let receipt = stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        stage.pass(3 * DAY_MS);
        assert_eq!(stage.add_account(&actor, MILA).await, signed_in.connection_id);
        stage.pass(10 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert_eq!(state_of(&stage.app, &receipt.secret).await, State::Undone);
        assert!(stage.store().post_any(post.id).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn pp_6_2_without_a_grace_it_begins_at_once() {
    everywhere_with(
        |setting| setting.settings.erasure_grace_days = 0,
        async |stage| {
            let (actor, signed_in) = stage.sign_in(MILA).await;
            let post = planted(&stage, &actor, signed_in.connection_id).await;
            let receipt = stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
            stage.app.erase_due().await.unwrap();
            assert_eq!(state_of(&stage.app, &receipt.secret).await, State::Done);
            assert!(stage.store().post_any(post.id).await.unwrap().is_none());
        },
    )
    .await;
}

fn down() -> FaultRule {
    let status = FaultStatus { status: 503, code: None, retry_after_s: None };
    FaultRule { times: None, ..FaultRule::once(Route::Revoke, FaultAction::Status(status)) }
}

#[tokio::test]
async fn pp_6_3_a_sealed_ticket_tells_tiktok_later_and_opens_nothing_else() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        stage.tiktok().fault(down());
        let receipt = stage.app.disconnect(&actor, id).await.unwrap();
        assert_eq!(receipt.revoked, Revoked::Pending);
        assert!(stage.store().token(id).await.unwrap().is_none(), "the refresh token and its key are gone at once");
        stage.pass(HOUR_MS);
        assert_eq!(stage.app.use_tickets().await.unwrap(), 0, "TikTok is still down");
        stage.tiktok().clear_faults();
        stage.pass(2 * HOUR_MS);
        assert_eq!(stage.app.use_tickets().await.unwrap(), 1);
        assert!(stage.tiktok().grants()[0].removed);
        assert!(stage.store().ticket_next().await.unwrap().is_none());
        let told = stage.app.receipt(receipt.secret.expose_secret()).await.unwrap().erasure.revoked;
        assert_eq!(told, Revoked::Confirmed);
    })
    .await;
}

#[tokio::test]
async fn pp_6_3_a_ticket_lives_for_a_day_whatever_tiktok_does() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        stage.tiktok().fault(down());
        let receipt = stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        stage.pass(DAY_MS + 1);
        stage.tiktok().clear_journal();
        assert_eq!(stage.app.use_tickets().await.unwrap(), 1);
        assert!(stage.requests(Route::Revoke).is_empty(), "its time is over, so it is not used any more");
        assert!(stage.store().ticket_next().await.unwrap().is_none());
        let told = stage.app.receipt(receipt.secret.expose_secret()).await.unwrap().erasure.revoked;
        assert_eq!(told, Revoked::Unconfirmed, "and the person is told to look in TikTok's settings");
    })
    .await;
}

#[tokio::test]
async fn pp_6_3_strict_mode_keeps_no_ticket() {
    everywhere_with(
        |setting| setting.settings.strict_disconnect = true,
        async |stage| {
            let (actor, signed_in) = stage.sign_in(MILA).await;
            stage.tiktok().fault(down());
            let receipt = stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
            assert_eq!(receipt.revoked, Revoked::Unconfirmed);
            assert!(stage.store().ticket_next().await.unwrap().is_none());
        },
    )
    .await;
}

#[tokio::test]
async fn pp_6_3_a_ticket_never_ends_the_grant_of_an_account_that_was_connected_again() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        stage.tiktok().fault(down());
        stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        stage.tiktok().clear_faults();
        stage.add_account(&actor, MILA).await;
        stage.pass(HOUR_MS);
        assert_eq!(stage.app.use_tickets().await.unwrap(), 0);
        assert!(stage.requests(Route::Revoke).len() <= 1, "nothing after the new grant");
        let state = stage.app.connection(&actor, signed_in.connection_id).await.unwrap().state;
        assert_eq!(state, ConnectionState::Active);
    })
    .await;
}

#[tokio::test]
async fn pp_6_5_a_person_who_leaves_is_forgotten_whole() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let (elsewhere, _) = stage.sign_in(MILA).await;
        stage.add_account(&actor, CAREFUL).await;
        let post = planted(&stage, &actor, signed_in.connection_id).await;
        let unused = stage.upload(&actor).await;
        let file = media(&stage, unused).await.unwrap().blob_key;
        let half = stage.app.upload_create(&actor, "half.mp4", 1_000_000).await.unwrap();
        let (oleg, _) = stage.sign_in(OLEG).await;

        let receipt = stage.app.leave(&actor).await.unwrap();
        assert_eq!(receipt.revoked, Revoked::Confirmed);
        assert_eq!(stage.app.sessions(&actor).await.unwrap().len(), 1, "this browser stays until the end");
        assert_ne!(elsewhere.session_id, actor.session_id);
        assert!(stage.tiktok().grants().iter().filter(|grant| !grant.removed).count() == 1, "only the other person's");
        assert!(stage.app.leaving(&actor).await.unwrap().is_some());
        assert!(stage.app.leave(&actor).await.is_err(), "once is enough");

        stage.pass(7 * DAY_MS + 1);
        stage.app.erase_due().await.unwrap();
        assert_eq!(state_of(&stage.app, &receipt.secret).await, State::Done);
        assert!(stage.store().person(actor.user_id).await.unwrap().is_none());
        assert!(stage.app.sessions(&actor).await.unwrap().is_empty());
        assert!(stage.store().post_any(post.id).await.unwrap().is_none());
        assert!(media(&stage, unused).await.is_none() && !is_on_disk(&stage, &file));
        assert!(!stage.store().upload_is_open(half.id).await.unwrap());
        assert!(stage.store().connections(actor.workspace_id).await.unwrap().is_empty());
        assert!(stage.store().person(oleg.user_id).await.unwrap().is_some(), "somebody else is not touched");
        if stage.store().engine() == Engine::Sqlite {
            for secret in [CANARY, MILA, "Moloko Demo"] {
                assert_eq!(hits(stage.database.folder(), secret), [""; 0], "{secret}");
            }
        }
        let record = format!("{:?}", stage.store().audit_latest(100).await.unwrap());
        assert!(!record.contains(&actor.user_id.to_string()), "the record tells of nobody any more");
        assert!(matches!(stage.store().audit_verify(None).await.unwrap(), store::audit::Verdict::Intact(_)));
        let (again, _) = stage.sign_in(MILA).await;
        assert_ne!(again.user_id, actor.user_id, "who comes back is new here");
        stage.pass(24 * DAY_MS);
        stage.app.purge_expired().await.unwrap();
        stage.store().scrub().await.unwrap();
        if stage.store().engine() == Engine::Sqlite {
            let id = actor.user_id.to_string();
            assert_eq!(hits(stage.database.folder(), &id), [""; 0], "with the receipt the last id is gone");
        }
    })
    .await;
}

#[tokio::test]
async fn pp_6_5_the_receipt_of_a_person_tells_of_everything_also_when_the_process_died_between_two_portions() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        planted(&stage, &actor, signed_in.connection_id).await;
        let receipt = stage.app.leave(&actor).await.unwrap();
        stage.pass(7 * DAY_MS + 1);
        // A portion that was counted has moved the wish on; those of the accounts still have their old time.
        let subject = actor.user_id.to_string();
        let mut tx = stage.store().begin().await.unwrap();
        let mut wish = tx.erasure_open(Unit::Person, &subject).await.unwrap().unwrap();
        wish.next_at = stage.app.clock.now();
        let before = wish.state;
        assert!(tx.erasure_update(&wish, before).await.unwrap());
        tx.commit().await.unwrap();
        stage.app.erase_due().await.unwrap();
        let told = stage.app.receipt(receipt.secret.expose_secret()).await.unwrap().erasure;
        assert_eq!((told.state, told.evidence.posts, told.evidence.people), (State::Done, 1, 1));
    })
    .await;
}

#[tokio::test]
async fn pp_6_2_who_changes_their_mind_stays() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = planted(&stage, &actor, signed_in.connection_id).await;
        let receipt = stage.app.leave(&actor).await.unwrap();
        stage.pass(DAY_MS);
        stage.app.stay(&actor).await.unwrap();
        assert!(stage.app.stay(&actor).await.is_err());
        stage.add_account(&actor, MILA).await;
        stage.pass(20 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert_eq!(state_of(&stage.app, &receipt.secret).await, State::Undone);
        assert!(stage.store().post_any(post.id).await.unwrap().is_some());
    })
    .await;
}

#[tokio::test]
async fn pp_4_3_a_legal_hold_stops_the_erasure_until_it_ends_and_never_keeps_tokens() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        let post = planted(&stage, &actor, id).await;
        let target = Target::Connection(id);
        let hold = stage.app.hold(HoldWish { target, reason: "file 12/26", days: 60, untold: None }).await.unwrap();
        let receipt = stage.app.disconnect(&actor, id).await.unwrap();
        assert!(stage.store().token(id).await.unwrap().is_none());
        stage.pass(8 * DAY_MS);
        assert_eq!(stage.app.erase_due().await.unwrap().held, 1);
        let view = stage.app.receipt(receipt.secret.expose_secret()).await.unwrap();
        assert_eq!((view.erasure.state, view.held_until), (State::Held, Some(hold.expires_at)));
        assert!(stage.store().post_any(post.id).await.unwrap().is_some());
        stage.app.release_hold(hold.id).await.unwrap();
        assert_eq!(stage.app.erase_due().await.unwrap().done, 1);
        assert!(stage.store().post_any(post.id).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn pp_4_3_a_hold_that_expires_lets_the_erasure_go_on() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let target = Target::Connection(signed_in.connection_id);
        stage.app.hold(HoldWish { target, reason: "file 13/26", days: 10, untold: None }).await.unwrap();
        assert!(
            stage.app.hold(HoldWish { target, reason: " ", days: 10, untold: None }).await.is_err(),
            "a hold has a reason"
        );
        let other = stage.app.hold(HoldWish { target, reason: "file 14/26", days: 100, untold: None }).await.unwrap();
        let receipt = stage.app.leave(&actor).await.unwrap();
        stage.pass(8 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        stage.app.release_hold(other.id).await.unwrap();
        stage.app.erase_due().await.unwrap();
        assert_eq!(
            state_of(&stage.app, &receipt.secret).await,
            State::Held,
            "a person's account is held, so is the person"
        );
        stage.pass(2 * DAY_MS + 1);
        stage.app.erase_due().await.unwrap();
        assert_eq!(state_of(&stage.app, &receipt.secret).await, State::Done);
    })
    .await;
}

#[tokio::test]
async fn pp_8_3_an_under_age_report_erases_at_once() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = planted(&stage, &actor, signed_in.connection_id).await;
        let receipt = stage.app.operator_erase(Target::Person(actor.user_id), true).await.unwrap();
        assert_eq!(receipt.calendar.begins_at, stage.now(), "there is nothing to take back");
        stage.app.erase_due().await.unwrap();
        assert_eq!(state_of(&stage.app, &receipt.secret).await, State::Done);
        assert!(stage.store().post_any(post.id).await.unwrap().is_none());
        assert!(stage.store().person(actor.user_id).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn pp_3_4_a_grant_that_tiktok_ended_leads_to_the_same_erasure() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        let post = planted(&stage, &actor, id).await;
        stage.tiktok().disconnect(KEY, MILA, RemovalReason::UserDisconnected).unwrap();
        stage.pass(25 * HOUR_MS);
        // No webhook came: the next refresh tells.
        stage.app.creator_standing(&actor, id).await.unwrap_err();
        assert_eq!(stage.app.connection(&actor, id).await.unwrap().state, ConnectionState::ReconnectNeeded);
        stage.app.erase_due().await.unwrap();
        let views = stage.app.connection_views(&actor).await.unwrap();
        assert!(views[0].erased_from.is_some(), "the page says from when on");
        stage.pass(8 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert!(stage.store().post_any(post.id).await.unwrap().is_none());
        assert!(stage.store().connection_any(id).await.unwrap().is_none());
    })
    .await;
}

/// The same instance over a copy of its database, as a backup holds it.
async fn restored(stage: &Stage, copy: &Path) -> Arc<App> {
    let store = Store::open(&DatabaseUrl::Sqlite(copy.to_path_buf())).await.unwrap();
    stage.process_over(store).await
}

fn database_file(stage: &Stage) -> std::path::PathBuf {
    match stage.database.url() {
        DatabaseUrl::Sqlite(path) => path.clone(),
        DatabaseUrl::Postgres(_) => panic!("an embedded database"),
    }
}

#[tokio::test]
async fn pp_6_6_a_restored_backup_brings_nobody_back() {
    everywhere(async |stage| {
        if stage.store().engine() != Engine::Sqlite {
            return;
        }
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let (leaver, _) = stage.sign_in(OLEG).await;
        let (stranger, theirs) = stage.sign_in(CAREFUL).await;
        let post = planted(&stage, &actor, signed_in.connection_id).await;
        let kept = stage.scheduled(&stranger, theirs.connection_id).await;
        stage.store().scrub().await.unwrap();
        let backup = stage.database.folder().join("backup.db");
        std::fs::copy(database_file(&stage), &backup).unwrap();

        stage.pass(MINUTE_MS);
        stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        stage.app.leave(&leaver).await.unwrap();
        stage.pass(8 * DAY_MS);
        stage.app.erase_due().await.unwrap();

        let app = restored(&stage, &backup).await;
        assert!(app.store.post_any(post.id).await.unwrap().is_some(), "the backup knows them");
        let replayed = app.replay_tombstones().await.unwrap();
        assert!(replayed.marks >= 4 && replayed.erased == 2, "{replayed:?}");
        assert!(app.store.post_any(post.id).await.unwrap().is_none());
        assert!(app.store.connection_any(signed_in.connection_id).await.unwrap().is_none());
        assert!(app.store.person(leaver.user_id).await.unwrap().is_none());
        assert!(app.store.post_any(kept.id).await.unwrap().is_some());
        assert!(app.store.person(stranger.user_id).await.unwrap().is_some());
        assert_eq!(app.replay_tombstones().await.unwrap().erased, 0, "once is enough");
    })
    .await;
}

#[tokio::test]
async fn pp_6_6_a_restored_backup_does_not_bring_an_ended_grant_back() {
    everywhere(async |stage| {
        if stage.store().engine() != Engine::Sqlite {
            return;
        }
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        stage.store().scrub().await.unwrap();
        let backup = stage.database.folder().join("backup.db");
        std::fs::copy(database_file(&stage), &backup).unwrap();
        stage.pass(MINUTE_MS);
        let asked_at: UnixMillis = stage.now();
        stage.app.disconnect(&actor, id).await.unwrap();
        stage.pass(DAY_MS);
        let app = restored(&stage, &backup).await;
        assert_eq!(app.replay_tombstones().await.unwrap().grants, 1);
        assert!(app.store.token(id).await.unwrap().is_none());
        let wish = app.receipts(&actor).await.unwrap().erasures.remove(0);
        assert_eq!((wish.state, wish.requested_at), (State::Waiting, asked_at), "the old promise counts");
    })
    .await;
}

#[tokio::test]
async fn pp_6_4_files_that_a_crash_left_to_unlink_are_unlinked_by_the_next_round() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = planted(&stage, &actor, signed_in.connection_id).await;
        let file = media(&stage, post.media_id).await.unwrap().blob_key;
        let receipt = stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        stage.pass(8 * DAY_MS);
        let wish = stage.store().erasures_due(stage.now()).await.unwrap().remove(0);
        // As far as the rows, and no further: the process dies here.
        let mut tx = stage.store().begin().await.unwrap();
        let mut running = wish.clone();
        running.state = State::Running;
        tx.erasure_update(&running, State::Waiting).await.unwrap();
        tx.erase_posts(store::Whose::Connection(signed_in.connection_id), 10, wish.id, stage.now()).await.unwrap();
        tx.commit().await.unwrap();
        assert!(is_on_disk(&stage, &file));
        let after = stage.second_process().await;
        after.erase_due().await.unwrap();
        assert!(!is_on_disk(&stage, &file));
        assert_eq!(state_of(&after, &receipt.secret).await, State::Done);
        assert!(stage.store().trash("", 10).await.unwrap().is_empty());
    })
    .await;
}

async fn backup(stage: &Stage, name: &str) -> std::path::PathBuf {
    assert!(stage.store().scrub().await.unwrap());
    let copy = stage.database.folder().join(name);
    std::fs::copy(database_file(stage), &copy).unwrap();
    copy
}

#[tokio::test]
async fn pp_6_6_who_changed_their_mind_is_not_erased_by_a_restore() {
    everywhere(async |stage| {
        if stage.store().engine() != Engine::Sqlite {
            return;
        }
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        let post = planted(&stage, &actor, id).await;
        let before = backup(&stage, "before.db").await;
        stage.pass(DAY_MS);
        stage.app.disconnect(&actor, id).await.unwrap();
        let while_open = backup(&stage, "open.db").await;
        stage.pass(DAY_MS);
        stage.add_account(&actor, MILA).await;
        stage.app.erase_due().await.unwrap();
        stage.pass(10 * DAY_MS);
        for copy in [before, while_open] {
            let app = restored(&stage, &copy).await;
            app.replay_tombstones().await.unwrap();
            app.erase_due().await.unwrap();
            assert!(app.store.post_any(post.id).await.unwrap().is_some(), "{copy:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn pp_6_6_who_asked_to_leave_leaves_after_a_restore_as_well() {
    everywhere(async |stage| {
        if stage.store().engine() != Engine::Sqlite {
            return;
        }
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = planted(&stage, &actor, signed_in.connection_id).await;
        // Known to the file before: an account that was disconnected and came back once.
        stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        stage.pass(MINUTE_MS);
        stage.add_account(&actor, MILA).await;
        let copy = backup(&stage, "before.db").await;
        stage.pass(DAY_MS);
        stage.app.leave(&actor).await.unwrap();
        stage.pass(DAY_MS);
        let app = restored(&stage, &copy).await;
        let replayed = app.replay_tombstones().await.unwrap();
        assert!(replayed.erased == 1 && replayed.marks > 0, "{replayed:?}");
        assert!(app.store.token(signed_in.connection_id).await.unwrap().is_none(), "the grant ended a second time");
        assert!(app.store.post_any(post.id).await.unwrap().is_some(), "the grace still runs");
        stage.pass(7 * DAY_MS);
        app.erase_due().await.unwrap();
        assert!(app.store.person(actor.user_id).await.unwrap().is_none());
        assert!(app.store.post_any(post.id).await.unwrap().is_none());
    })
    .await;
}

#[tokio::test]
async fn pp_4_3_a_hold_on_a_person_holds_their_accounts_and_their_old_files() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let post = planted(&stage, &actor, signed_in.connection_id).await;
        let target = Target::Person(actor.user_id);
        stage.app.hold(HoldWish { target, reason: "file 15/26", days: 90, untold: None }).await.unwrap();
        let receipt = stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        stage.pass(8 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert_eq!(state_of(&stage.app, &receipt.secret).await, State::Held);
        assert!(stage.store().post_any(post.id).await.unwrap().is_some());
        let mut tx = stage.store().begin().await.unwrap();
        let parked = domain::post::PostState::NeedsAttention;
        tx.post_set_state(post.id, &[parked], domain::post::PostState::Published, stage.now()).await.unwrap();
        tx.commit().await.unwrap();
        stage.pass(40 * DAY_MS);
        assert_eq!(stage.app.purge_served().await.unwrap().files, 0);
        stage.pass(90 * DAY_MS);
        assert_eq!(stage.app.purge_served().await.unwrap().files, 1);
        let nobody = Target::Person(domain::id::UserId::from_uuid(uuid::Uuid::nil()));
        assert!(
            stage.app.hold(HoldWish { target: nobody, reason: "file 16/26", days: 1, untold: None }).await.is_err()
        );
    })
    .await;
}

#[tokio::test]
async fn pp_4_3_what_the_law_keeps_a_person_cannot_delete_either() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        for target in [Target::Person(actor.user_id), Target::Connection(signed_in.connection_id)] {
            let file = stage.upload(&actor).await;
            let hold = stage.app.hold(HoldWish { target, reason: "file 17/26", days: 90, untold: None }).await.unwrap();
            let refused = stage.app.media_delete(&actor, file).await;
            assert!(matches!(refused, Err(app::Error::Conflict { code: "media-held" })), "{refused:?}");
            stage.app.release_hold(hold.id).await.unwrap();
            stage.app.media_delete(&actor, file).await.unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn pp_6_3_an_account_that_another_workspace_posts_with_keeps_its_grant_there() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let (oleg, _) = stage.sign_in(OLEG).await;
        stage.add_account(&oleg, MILA).await;
        let receipt = stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        assert_eq!(receipt.revoked, Revoked::Unneeded);
        assert!(stage.store().token(signed_in.connection_id).await.unwrap().is_none());
        assert!(stage.requests(Route::Revoke).is_empty(), "a revocation would end the other one, too");
    })
    .await;
}

#[tokio::test]
async fn pp_8_3_an_under_age_report_overtakes_a_wish_with_a_grace() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let first = stage.app.leave(&actor).await.unwrap();
        let target = Target::Person(actor.user_id);
        assert!(stage.app.operator_erase(target, false).await.is_err(), "it is on the calendar already");
        let second = stage.app.operator_erase(target, true).await.unwrap();
        stage.app.erase_due().await.unwrap();
        assert_eq!(state_of(&stage.app, &first.secret).await, State::Undone);
        assert_eq!(state_of(&stage.app, &second.secret).await, State::Done);
    })
    .await;
}

#[tokio::test]
async fn pp_6_4_a_file_that_cannot_be_unlinked_holds_up_nobody_else() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let (oleg, theirs) = stage.sign_in(CAREFUL).await;
        let stuck = planted(&stage, &actor, signed_in.connection_id).await;
        planted(&stage, &oleg, theirs.connection_id).await;
        let path = stage.app.blobs.path(&media(&stage, stuck.media_id).await.unwrap().blob_key);
        // A folder in place of the file: nobody can unlink that, not even root.
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir(&path).unwrap();
        let mila = stage.app.disconnect(&actor, signed_in.connection_id).await.unwrap();
        let oleg = stage.app.disconnect(&oleg, theirs.connection_id).await.unwrap();
        stage.pass(8 * DAY_MS);
        let round = stage.app.erase_due().await.unwrap();
        assert_eq!((round.done, round.failed), (1, 1));
        assert_eq!(state_of(&stage.app, &oleg.secret).await, State::Done);
        assert_eq!(state_of(&stage.app, &mila.secret).await, State::Running);
        let overdue = || {
            let measured = stage.app.alerts.readings();
            measured.into_iter().any(|one| one.kind == app::alerts::AlertKind::OverdueErasures && one.active)
        };
        assert!(!overdue());
        stage.pass(13 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert!(overdue(), "pp_6_7: at day 20 whoever operates the instance is told");
        std::fs::remove_dir(&path).unwrap();
        stage.pass(10 * MINUTE_MS);
        stage.app.erase_due().await.unwrap();
        assert_eq!(state_of(&stage.app, &mila.secret).await, State::Done);
    })
    .await;
}

#[tokio::test]
async fn pp_6_6_what_a_hold_kept_and_its_person_took_back_is_not_erased_by_a_restore() {
    everywhere(async |stage| {
        if stage.store().engine() != Engine::Sqlite {
            return;
        }
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        let post = planted(&stage, &actor, id).await;
        let copy = backup(&stage, "before.db").await;
        stage
            .app
            .hold(HoldWish { target: Target::Connection(id), reason: "file 17/26", days: 60, untold: None })
            .await
            .unwrap();
        stage.app.disconnect(&actor, id).await.unwrap();
        stage.pass(8 * DAY_MS);
        assert_eq!(stage.app.erase_due().await.unwrap().held, 1);
        stage.add_account(&actor, MILA).await;
        stage.app.erase_due().await.unwrap();
        let app = restored(&stage, &copy).await;
        assert_eq!(app.replay_tombstones().await.unwrap().erased, 0, "nothing of it was ever erased");
        assert!(app.store.post_any(post.id).await.unwrap().is_some());
    })
    .await;
}
