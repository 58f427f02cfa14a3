//! Receipts for whoever never had their address: somebody who comes back, somebody whose grant TikTok ended, and of files deleted from the
//! library; and what people are told of legal holds.

use app::Error;
use app::erasure::{HoldWish, Target};
use app::inactivity::Tended;
use app::media::library::LibraryQuery;
use domain::id::DeletionId;
use domain::notice::Notice;
use domain::post::PostState;
use domain::privacy::erasure::{Door, State, Unit};
use tiktok_sim::RemovalReason;

use crate::support::*;

async fn told(stage: &Stage, actor: &app::Actor) -> Vec<Notice> {
    stage.app.notices(actor).await.unwrap().into_iter().map(|it| it.notice).collect()
}

#[tokio::test]
async fn pp_6_7_who_comes_back_after_a_long_absence_finds_the_receipt_and_nobody_else_does() {
    everywhere(async |stage| {
        let (gone, _) = stage.sign_in(MILA).await;
        let end = START.date().start().plus_months(24);
        for days in [-30, -7, 0] {
            stage.pass(end.plus_millis(days * DAY_MS).millis_since(stage.now()));
            stage.app.tend_inactive().await.unwrap();
        }
        assert_eq!(stage.app.tend_inactive().await.unwrap(), Tended::default(), "it is on the calendar");
        stage.pass(8 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert!(stage.store().person(gone.user_id).await.unwrap().is_none());

        let (back, _) = stage.sign_in(MILA).await;
        assert_ne!(back.user_id, gone.user_id);
        let receipts = stage.app.receipts(&back).await.unwrap().erasures;
        let [receipt] = receipts.as_slice() else { panic!("{receipts:?}") };
        assert_eq!((receipt.door, receipt.state, receipt.unit), (Door::Inactive, State::Done, Unit::Person));
        assert_eq!(receipt.evidence.people, 1);
        assert_eq!(told(&stage, &back).await, [Notice::ErasedBefore(receipt.id)]);
        assert_eq!(stage.app.own_receipt(&back, receipt.id).await.unwrap().erasure, *receipt);

        let (oleg, _) = stage.sign_in(OLEG).await;
        assert_eq!(stage.app.receipts(&oleg).await.unwrap().erasures, []);
        assert!(matches!(stage.app.own_receipt(&oleg, receipt.id).await, Err(Error::NotFound { .. })));
        assert!(told(&stage, &oleg).await.is_empty());

        // The row names the account to nobody who lacks the key, and is gone with its days; the line that leads to it goes along.
        let mark =
            stage.database.texts("SELECT account_mark FROM erasure WHERE account_mark IS NOT NULL").await.remove(0);
        assert!(mark.len() >= 32 && !mark.contains(MILA), "{mark}");
        stage.pass(30 * DAY_MS);
        stage.app.purge_expired().await.unwrap();
        assert_eq!(stage.app.receipts(&back).await.unwrap().erasures, []);
        assert!(told(&stage, &back).await.is_empty());
    })
    .await;
}

#[tokio::test]
async fn pp_6_7_an_erasure_that_tiktok_began_has_a_receipt_that_its_people_find() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        stage.tiktok().disconnect(KEY, MILA, RemovalReason::UserDisconnected).unwrap();
        stage.pass(25 * HOUR_MS);
        stage.app.creator_standing(&actor, signed_in.connection_id).await.unwrap_err();
        stage.app.erase_due().await.unwrap();
        let receipt = stage.app.receipts(&actor).await.unwrap().erasures.remove(0);
        assert_eq!((receipt.door, receipt.state), (Door::TikTok, State::Waiting));
        assert!(told(&stage, &actor).await.contains(&Notice::ErasureBegun(receipt.id)));
        stage.app.erase_due().await.unwrap();
        let lines = told(&stage, &actor).await;
        assert_eq!(lines.iter().filter(|it| matches!(it, Notice::ErasureBegun(_))).count(), 1, "told once: {lines:?}");
        stage.pass(8 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        let done = stage.app.own_receipt(&actor, receipt.id).await.unwrap().erasure;
        assert_eq!((done.state, done.evidence.connections), (State::Done, 1));
    })
    .await;
}

#[tokio::test]
async fn pp_6_7_the_receipt_of_deleted_files_can_be_seen_again_for_thirty_days() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let (one, two) = (stage.upload(&mila).await, stage.upload(&mila).await);
        let needed = stage.scheduled(&mila, signed_in.connection_id).await.media_id;
        let done = stage.app.media_delete_many(&mila, &[one, needed, two]).await.unwrap();
        let single = stage.upload(&mila).await;
        let alone = stage.app.media_delete(&mila, single).await.unwrap();

        let again = stage.app.deletion(&mila, done.id).await.unwrap();
        assert_eq!(again, done);
        assert_eq!((again.files, again.named.gone.len(), again.named.kept.len()), (2, 2, 1));
        let listed: Vec<DeletionId> =
            stage.app.receipts(&mila).await.unwrap().deletions.iter().map(|it| it.id).collect();
        assert_eq!(listed.len(), 2);
        assert!(listed.contains(&done.id) && listed.contains(&alone.id));
        let cells = stage.database.texts("SELECT names FROM deletion").await;
        assert!(cells.iter().all(|cell| cell.starts_with('\u{1}')), "sealed in the database");
        let (oleg, _) = stage.sign_in(OLEG).await;
        assert!(matches!(stage.app.deletion(&oleg, done.id).await, Err(Error::NotFound { .. })));
        let refused = stage.app.media_delete_many(&mila, &[needed]).await;
        assert!(matches!(refused, Err(Error::Conflict { code: "media-in-use" })), "{refused:?}");

        stage.pass(29 * DAY_MS);
        stage.app.purge_expired().await.unwrap();
        stage.app.deletion(&mila, done.id).await.unwrap();
        stage.pass(DAY_MS + 1);
        assert_eq!(stage.app.purge_expired().await.unwrap().deletions, 2);
        assert!(matches!(stage.app.deletion(&mila, done.id).await, Err(Error::NotFound { .. })));
    })
    .await;
}

#[tokio::test]
async fn pp_4_3_people_see_what_the_law_keeps_of_them_and_until_when_unless_it_forbids_to_tell() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        let post = stage.scheduled(&mila, id).await;
        let mut tx = stage.store().begin().await.unwrap();
        tx.post_set_state(post.id, &[PostState::Scheduled], PostState::Published, stage.now()).await.unwrap();
        tx.commit().await.unwrap();
        let goes_at = async || {
            let view = stage.app.library(&mila, &LibraryQuery::default()).await.unwrap();
            view.files.iter().find(|file| file.media.id == post.media_id).unwrap().goes_at.unwrap()
        };
        let alone = goes_at().await;
        assert_eq!(stage.app.held_by_law(&mila).await.unwrap(), []);

        let target = Target::Connection(id);
        let untold = Some("an order of secrecy");
        stage.app.hold(HoldWish { target, reason: "file 20/26", days: 200, untold }).await.unwrap();
        assert_eq!(stage.app.held_by_law(&mila).await.unwrap(), [], "the law forbids to tell of this one");
        assert_eq!(goes_at().await, alone);

        let target = Target::Person(mila.user_id);
        let told = HoldWish { target, reason: "file 21/26", days: 60, untold: Some("  ") };
        let told = stage.app.hold(told).await.unwrap();
        let shown = stage.app.held_by_law(&mila).await.unwrap();
        let [hold] = shown.as_slice() else { panic!("{shown:?}") };
        assert_eq!((hold.account.as_deref(), hold.since, hold.until), (None, told.placed_at, told.expires_at));
        assert!(!format!("{hold:?}").contains("21/26"), "the file number is the operator's");
        assert_eq!(goes_at().await, told.expires_at, "not before the hold ends");
        let (oleg, _) = stage.sign_in(OLEG).await;
        assert_eq!(stage.app.held_by_law(&oleg).await.unwrap(), []);

        stage.app.release_hold(told.id).await.unwrap();
        assert_eq!(stage.app.held_by_law(&mila).await.unwrap(), []);
    })
    .await;
}

#[tokio::test]
async fn pp_4_3_what_a_hold_kept_goes_on_the_day_it_ends_and_not_a_month_later() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        let post = stage.scheduled(&mila, signed_in.connection_id).await;
        let mut tx = stage.store().begin().await.unwrap();
        tx.post_set_state(post.id, &[PostState::Scheduled], PostState::Published, stage.now()).await.unwrap();
        tx.commit().await.unwrap();
        let target = Target::Person(mila.user_id);
        stage.app.hold(HoldWish { target, reason: "file 22/26", days: 60, untold: None }).await.unwrap();
        stage.pass(59 * DAY_MS);
        assert_eq!(stage.app.purge_served().await.unwrap().files, 0);
        stage.pass(DAY_MS + 1);
        assert_eq!(stage.app.purge_served().await.unwrap().files, 1);
    })
    .await;
}

/// The file of a table as PostgreSQL has it on the disk.
async fn file_of(stage: &Stage, table: &str) -> String {
    stage.database.tamper(&["CHECKPOINT"]).await;
    let bytes = format!("SELECT encode(pg_read_binary_file(pg_relation_filepath('{table}')), 'hex')");
    stage.database.texts(&bytes).await.concat()
}

#[tokio::test]
async fn pp_6_5_an_erasure_leaves_no_wrapped_key_and_no_account_id_in_the_files_of_postgresql() {
    everywhere(async |stage| {
        if stage.store().engine() == store::Engine::Sqlite {
            return;
        }
        let (mila, _) = stage.sign_in(MILA).await;
        stage.sign_in(OLEG).await;
        let id = mila.user_id;
        let column = async |sql: String| stage.database.texts(&sql).await.remove(0);
        let key = column(format!("SELECT encode(data_key_sealed, 'hex') FROM person_key WHERE person_id = '{id}'")).await;
        let account = column(format!("SELECT encode(open_id::bytea, 'hex') FROM person WHERE id = '{id}'")).await;
        let tokens = column(format!("SELECT encode(t.data_key_sealed, 'hex') FROM connection_token t JOIN member ON member.user_id = '{id}' JOIN connection c ON c.id = t.connection_id AND c.workspace_id = member.workspace_id")).await;
        let sought = [("person_key", &key), ("person", &account), ("connection", &account), ("connection_token", &tokens)];
        for (table, bytes) in sought {
            assert!(file_of(&stage, table).await.contains(bytes.as_str()), "the scan sees {table}");
        }
        stage.app.operator_erase(Target::Person(id), true).await.unwrap();
        stage.app.erase_due().await.unwrap();
        // Whoever works with a table in this very moment, or looks at the cluster from before, keeps its old rows until the next time.
        let mut left = Vec::new();
        for _ in 0..50 {
            stage.store().scrub().await.unwrap();
            left.clear();
            for (table, bytes) in sought {
                if file_of(&stage, table).await.contains(bytes.as_str()) {
                    left.push(table);
                }
            }
            if left.is_empty() {
                break;
            }
        }
        assert_eq!(left, [""; 0], "they still show it");
    })
    .await;
}

#[tokio::test]
async fn the_operator_finds_people_without_an_account_too() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        stage.app.choose_name(&mila, "Людмила с пекарни").await.unwrap();
        let found = stage.app.operator_find("ПЕКАРНИ").await.unwrap();
        assert_eq!((found.accounts.len(), found.people.len()), (0, 1), "by the name that she chose");
        stage.app.disconnect(&mila, signed_in.connection_id).await.unwrap();
        stage.pass(8 * DAY_MS);
        stage.app.erase_due().await.unwrap();
        assert!(stage.app.connections(&mila).await.unwrap().is_empty());
        let found = stage.app.operator_find("пекар").await.unwrap();
        assert_eq!(found.people.iter().map(|it| it.id).collect::<Vec<_>>(), [mila.user_id]);
        assert_eq!(stage.app.operator_find("nobody at all").await.unwrap(), app::erasure::Found::default());
        stage.app.operator_erase(Target::Person(mila.user_id), true).await.unwrap();
        stage.app.erase_due().await.unwrap();
        assert!(stage.app.operator_find("").await.unwrap().people.is_empty(), "whoever was erased is not found");
    })
    .await;
}
