//! Sealed anew under another version of the instance key: what is found, and who wins when two change one row.

use domain::attempt::{Kind, State};
use domain::id::AttemptId;
use domain::post::PostState;
use domain::time::UnixMillis;
use store::testing::{START, Seed, engines};
use store::vault::InstanceKeys;
use store::{RevokeTicket, SealedIn, SignIn, SignInPurpose, TokenRow};
use uuid::Uuid;

fn token(seed: &Seed) -> TokenRow {
    TokenRow {
        connection_id: seed.connection,
        instance_key_version: 1,
        data_key_sealed: vec![1; 60],
        version: 1,
        access_sealed: vec![0, 255, 2],
        access_expires_at: START.plus_seconds(86_400),
        refresh_sealed: vec![3],
        refresh_expires_at: START.plus_seconds(365 * 86_400),
        previous_refresh_sealed: None,
        refresh_lease_until: UnixMillis::from_millis(0),
        refresh_sent_at: None,
        updated_at: START,
    }
}

#[tokio::test]
async fn a_refresh_that_began_before_keeps_the_data_key_as_it_was_sealed_meanwhile() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let read = token(&seed);
        let mut tx = store.begin().await.unwrap();
        tx.token_put(&read).await.unwrap();
        tx.commit().await.unwrap();

        let found = store.sealed_under_others(SealedIn::Tokens, 2, "", 10).await.unwrap();
        assert_eq!((found.len(), found[0].version, found[0].sealed.as_slice()), (1, 1, [1; 60].as_slice()));
        let mut tx = store.begin().await.unwrap();
        assert!(tx.sealed_put(SealedIn::Tokens, &found[0], 2, &[2; 60]).await.unwrap());
        assert!(!tx.sealed_put(SealedIn::Tokens, &found[0], 2, &[9; 60]).await.unwrap(), "it is not as it was read");
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let refreshed = TokenRow { version: 2, access_sealed: vec![9], ..read };
        assert!(tx.token_rotate(&refreshed, 1).await.unwrap(), "the refresh counts");
        tx.commit().await.unwrap();
        let now = store.token(seed.connection).await.unwrap().unwrap();
        assert_eq!(now, TokenRow { instance_key_version: 2, data_key_sealed: vec![2; 60], ..refreshed.clone() });
        assert!(store.sealed_under_others(SealedIn::Tokens, 2, "", 10).await.unwrap().is_empty());
        assert_eq!(store.sealed_counts(SealedIn::Tokens).await.unwrap(), [(2, 1)]);

        // A new grant comes with a data key of its own; whoever read the old one does not put it back.
        let found = store.sealed_under_others(SealedIn::Tokens, 3, "", 10).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let granted = TokenRow { version: 3, instance_key_version: 2, data_key_sealed: vec![7; 60], ..refreshed };
        tx.token_put(&granted).await.unwrap();
        assert!(!tx.sealed_put(SealedIn::Tokens, &found[0], 3, &[3; 60]).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.token(seed.connection).await.unwrap(), Some(granted), "{}", store.engine());
    }
}

#[tokio::test]
async fn what_carries_its_version_in_front_is_found_and_counted_by_it() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let keys = InstanceKeys::from_secret(300, [7; 32]).unwrap();
        let walk = |n: u8, sealed: Option<Vec<u8>>| SignIn {
            state_hash: format!("state-{n}"),
            browser_hash: "browser".to_owned(),
            purpose: SignInPurpose::SignIn,
            user_id: None,
            workspace_id: None,
            connection_id: None,
            reading: None,
            by_itself: false,
            verifier_sealed: sealed,
            next_path: "/".to_owned(),
            locale: "en".to_owned(),
            created_at: START,
            expires_at: START.plus_seconds(600),
        };
        let ticket = RevokeTicket {
            connection_id: seed.connection,
            instance_key_version: 1,
            data_key_sealed: vec![1; 60],
            access_sealed: vec![5],
            tries: 0,
            next_at: START,
            expires_at: START.plus_seconds(600),
        };
        let mut tx = store.begin().await.unwrap();
        for n in 0..4 {
            tx.sign_in_insert(&walk(n, Some(keys.seal("verifier", &[n]).unwrap()))).await.unwrap();
        }
        tx.sign_in_insert(&walk(9, None)).await.unwrap();
        tx.ticket_put(&ticket).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.sealed_counts(SealedIn::SignIns).await.unwrap(), [(300, 4)]);
        assert!(store.sealed_under_others(SealedIn::SignIns, 300, "", 10).await.unwrap().is_empty());
        let first = store.sealed_under_others(SealedIn::SignIns, 301, "", 3).await.unwrap();
        let rest = store.sealed_under_others(SealedIn::SignIns, 301, &first[2].id, 3).await.unwrap();
        assert_eq!((first.len(), rest.len(), rest[0].id.as_str()), (3, 1, "state-3"), "{}", store.engine());
        assert!(first.iter().all(|row| row.version == 300));

        let tickets = store.sealed_under_others(SealedIn::Tickets, 2, "", 10).await.unwrap();
        let mut tx = store.begin().await.unwrap();
        let next = InstanceKeys::from_secret(301, [8; 32]).unwrap().seal("verifier", b"x").unwrap();
        assert!(tx.sealed_put(SealedIn::SignIns, &first[0], 301, &next).await.unwrap());
        assert!(tx.sealed_put(SealedIn::Tickets, &tickets[0], 2, &[2; 60]).await.unwrap());
        assert!(tx.ticket_later(seed.connection, START.plus_seconds(60)).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.sealed_counts(SealedIn::SignIns).await.unwrap(), [(300, 3), (301, 1)]);
        assert_eq!(store.sealed_counts(SealedIn::Tickets).await.unwrap(), [(2, 1)]);
        for place in [SealedIn::Unconfirmed, SealedIn::UploadAddresses] {
            assert!(store.sealed_counts(place).await.unwrap().is_empty());
        }
    }
}

#[tokio::test]
async fn attempts_that_told_tiktok_addresses_of_pictures_are_counted_until_they_are_over() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let post = crate::photos::photos(&store, &seed, PostState::Publishing).await;
        crate::photos::write(&store, &post).await;
        let mut attempt = crate::attempt_of(&post, AttemptId::from_uuid(Uuid::from_u128(5)));
        let mut tx = store.begin().await.unwrap();
        assert!(tx.attempt_insert(&attempt).await.unwrap());
        tx.commit().await.unwrap();
        let later = START.plus_seconds(60);
        assert_eq!(store.gates_before(later).await.unwrap(), 0, "it told nothing yet");
        attempt.state = State::InitSent { sent_at: START };
        attempt.trace.init_sent_at = Some(START);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.attempt_advance(&attempt, Kind::Ready, attempt.epoch).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!((store.gates_before(later).await.unwrap(), store.gates_before(START).await.unwrap()), (1, 0));
    }
}

/// Whether the files of a table hold these bytes, as the server's disk has them.
async fn on_disk(store: &store::testing::TestStore, table: &str, bytes: &[u8]) -> bool {
    // What the server keeps in memory is not on its disk yet.
    store.tamper(&["CHECKPOINT"]).await;
    let folder = store.texts("SELECT setting FROM pg_settings WHERE name = 'data_directory'").await.remove(0);
    let path = store.texts(&format!("SELECT pg_relation_filepath('{table}')")).await.remove(0);
    let file = std::fs::read(std::path::Path::new(&folder).join(path)).unwrap();
    file.windows(bytes.len()).any(|part| part == bytes)
}

#[tokio::test]
async fn pp_6_5_on_postgresql_a_destroyed_key_leaves_the_disk_once_no_old_transaction_sees_it_any_more() {
    let Some(store) = store::testing::postgres().await else { return };
    let seed = store::testing::Seed::write(&store).await;
    let key = store.bytes("SELECT data_key_sealed FROM person_key").await.remove(0);
    assert!(on_disk(&store, "person_key", &key).await, "what is looked for can be found");
    // Somebody reads, as a dump does, and goes on reading while the key is destroyed.
    let dump = store::testing::OldSnapshot::of(store.url()).await;
    let mut tx = store.begin().await.unwrap();
    tx.person_blank(seed.user).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!store.scrub().await.unwrap(), "not done while somebody still sees the row");
    assert!(on_disk(&store, "person_key", &key).await, "the rewriting kept it for them");
    dump.end().await;
    // Whoever writes in another database of the same server looks back as well, for as long as they write.
    let mut tries = 0;
    while !store.scrub().await.unwrap() {
        tries += 1;
        assert!(tries < 1_000, "somebody looks back for ever");
    }
    assert!(!on_disk(&store, "person_key", &key).await);
    assert!(
        store.columns().await.unwrap().iter().all(|(table, _)| !table.contains("probe")),
        "it is no part of the schema"
    );
}

#[tokio::test]
async fn pp_6_5_on_postgresql_erased_rows_leave_the_disk_when_their_table_is_written_anew() {
    let Some(store) = store::testing::postgres().await else { return };
    let seed = store::testing::Seed::write(&store).await;
    let mut tx = store.begin().await.unwrap();
    tx.post_insert(&seed.post(7, PostState::Scheduled)).await.unwrap();
    tx.commit().await.unwrap();
    let id = store.texts("SELECT id FROM post").await.remove(0);
    store.tamper(&["DELETE FROM post"]).await;
    assert_eq!(store.rewrites_owed().await.unwrap(), None);
    let mut tx = store.begin().await.unwrap();
    tx.owe_rewrites(START).await.unwrap();
    tx.owe_rewrites(START.plus_seconds(60)).await.unwrap();
    tx.commit().await.unwrap();
    let mut owed = store.rewrites_owed().await.unwrap().unwrap();
    assert_eq!(owed.since, START, "the first one waits the longest");
    assert!(on_disk(&store, "post", id.as_bytes()).await, "deleted is not gone yet");
    // Whoever reads keeps it there.
    let dump = store::testing::OldSnapshot::of(store.url()).await;
    let within = std::time::Duration::from_secs(10);
    assert_eq!(store.rewrite(&owed, "post", within).await.unwrap(), None);
    dump.end().await;
    for table in owed.tables.clone() {
        let mut tries = 0;
        owed = loop {
            if let Some(left) = store.rewrite(&owed, table, within).await.unwrap() {
                break left;
            }
            tries += 1;
            assert!(tries < 1_000, "{table} cannot be written anew");
        };
    }
    assert!(!on_disk(&store, "post", id.as_bytes()).await);
    assert_eq!(store.rewrites_owed().await.unwrap(), None);
    // What was erased meanwhile is not taken for done.
    let mut tx = store.begin().await.unwrap();
    tx.owe_rewrites(START.plus_seconds(120)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.rewrite(&store::rewrite::Owed { since: START, ..owed }, "post", within).await.unwrap(), None);
}
