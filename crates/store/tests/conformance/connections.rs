//! Connections and their tokens.

use domain::connection::{AvatarFormat, ConnectionState, Flavour, Scopes};
use domain::creator::{CreatorSnapshot, CreatorStanding, PostingBlock, PrivacyLevel};
use domain::id::WorkspaceId;
use store::testing::{START, Seed, engines};
use store::{Avatar, Connection, StoreError, TokenRow};
use uuid::Uuid;

use crate::connection_id;

fn standing() -> CreatorStanding {
    CreatorStanding::CanPost(CreatorSnapshot {
        nickname: "Mila bakes".to_owned(),
        username: "mila.bakes".to_owned(),
        privacy_options: vec![PrivacyLevel::PublicToEveryone, PrivacyLevel::SelfOnly],
        comment_disabled: false,
        duet_disabled: true,
        stitch_disabled: true,
        max_video_duration_s: 600,
    })
}

#[tokio::test]
async fn connecting_an_account_again_renews_it_and_keeps_its_id_and_flavour() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.connection_set_creator(seed.connection, &standing(), START).await.unwrap());
        assert!(tx.connection_set_profile(seed.connection, "Mila", Some("mila.bakes"), START).await.unwrap());
        assert!(tx.connection_set_profile(seed.connection, "Mila B.", None, START).await.unwrap());
        let gone = ConnectionState::Disconnected;
        assert!(tx.connection_set_state(seed.connection, gone, START.plus_seconds(5)).await.unwrap());
        assert!(!tx.connection_set_state(connection_id(9), gone, START).await.unwrap());
        tx.commit().await.unwrap();
        let before = store.connection(seed.workspace, seed.connection).await.unwrap().unwrap();
        assert_eq!(before.username.as_deref(), Some("mila.bakes"), "a missing handle keeps the known one");
        assert_eq!((before.state, before.updated_at), (gone, START.plus_seconds(5)));

        let later = START.plus_seconds(60);
        let again = Connection {
            id: connection_id(2),
            flavour: Flavour::Honey,
            scopes: Scopes::parse("user.info.basic"),
            connected_at: later,
            consented_at: later,
            updated_at: later,
            ..seed.connection_row()
        };
        let mut tx = store.begin().await.unwrap();
        let renewed = tx.connection_upsert(&again).await.unwrap();
        tx.commit().await.unwrap();
        let expected = Connection {
            id: seed.connection,
            flavour: Flavour::Sea,
            username: Some("mila.bakes".to_owned()),
            creator: Some(standing()),
            creator_at: Some(START),
            ..again
        };
        assert_eq!(renewed, expected, "{}", store.engine());
        assert_eq!(store.connections(seed.workspace).await.unwrap(), vec![expected.clone()]);
        assert_eq!(store.connections_by_open_id("open-1").await.unwrap(), vec![expected.clone()]);
        assert_eq!(store.connection_any(seed.connection).await.unwrap(), Some(expected));
        assert_eq!(store.avatar(seed.workspace, connection_id(9)).await.unwrap(), None, "nothing is kept for nobody");
        let stranger = WorkspaceId::from_uuid(Uuid::from_u128(9));
        assert_eq!(store.connection(stranger, seed.connection).await.unwrap(), None, "another workspace sees nothing");
        assert!(store.connections(stranger).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn a_block_told_by_tiktok_is_kept_verbatim() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let blocked = CreatorStanding::Blocked(PostingBlock::Other("user_has_\"quotes\"_and_ё".to_owned()));
        let mut tx = store.begin().await.unwrap();
        tx.connection_set_creator(seed.connection, &blocked, START).await.unwrap();
        assert_eq!(tx.connection_any(seed.connection).await.unwrap().unwrap().creator, Some(blocked));
    }
}

#[tokio::test]
async fn a_picture_stands_beside_its_connection_and_goes_without_it() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let first = Avatar { format: AvatarFormat::Jpeg, bytes: vec![0xff, 0xd8, 0, 39, 255] };
        assert_eq!(store.avatar(seed.workspace, seed.connection).await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.avatar_delete(seed.connection).await.unwrap());
        tx.avatar_put(seed.connection, &first, START).await.unwrap();
        tx.avatar_put(connection_id(9), &first, START).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.avatar(seed.workspace, seed.connection).await.unwrap(), Some(first.clone()));
        let stranger = WorkspaceId::from_uuid(Uuid::from_u128(9));
        assert_eq!(store.avatar(stranger, seed.connection).await.unwrap(), None, "another workspace sees nothing");

        let second = Avatar { format: AvatarFormat::Webp, bytes: vec![7; 300_000] };
        let mut tx = store.begin().await.unwrap();
        tx.avatar_put(seed.connection, &second, START.plus_seconds(1)).await.unwrap();
        let renewed = tx.connection_upsert(&seed.connection_row()).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(renewed.avatar_sha256, Some(second.sha256()), "{}", store.engine());
        assert_eq!(store.avatar(seed.workspace, seed.connection).await.unwrap(), Some(second));
        assert_eq!(store.connections(seed.workspace).await.unwrap(), vec![renewed]);

        let mut tx = store.begin().await.unwrap();
        assert!(tx.avatar_delete(seed.connection).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.connection_any(seed.connection).await.unwrap().unwrap().avatar_sha256, None);
    }
}

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
        refresh_lease_until: domain::time::UnixMillis::from_millis(0),
        refresh_sent_at: None,
        updated_at: START,
    }
}

#[tokio::test]
async fn one_of_many_gets_to_refresh_and_a_rotation_needs_the_version_it_saw() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let mut tx = store.begin().await.unwrap();
        tx.token_put(&token(&seed)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.token(seed.connection).await.unwrap(), Some(token(&seed)));
        let until = START.plus_seconds(30);
        let mut winners = 0;
        for _ in 0..4 {
            let mut tx = store.begin().await.unwrap();
            winners += u32::from(tx.token_lease_refresh(seed.connection, 1, START, until).await.unwrap());
            tx.commit().await.unwrap();
        }
        assert_eq!(winners, 1, "{}", store.engine());
        assert_eq!(store.token(seed.connection).await.unwrap().unwrap().refresh_sent_at, Some(START));

        let rotated = TokenRow {
            version: 2,
            access_sealed: vec![9],
            refresh_sealed: vec![8],
            previous_refresh_sealed: Some(vec![3]),
            ..token(&seed)
        };
        let mut tx = store.begin().await.unwrap();
        assert!(tx.token_rotate(&rotated, 1).await.unwrap());
        assert!(!tx.token_rotate(&rotated, 1).await.unwrap(), "somebody else rotated before");
        assert!(!tx.token_lease_refresh(seed.connection, 1, until, until.plus_seconds(1)).await.unwrap());
        assert!(tx.token_lease_refresh(seed.connection, 2, until, until.plus_seconds(1)).await.unwrap());
        assert!(tx.token_release_refresh(seed.connection, 2, until).await.unwrap());
        assert!(tx.token_lease_refresh(seed.connection, 2, until, until.plus_seconds(1)).await.unwrap());
        assert!(!tx.token_forget_previous(seed.connection, 1).await.unwrap());
        assert!(tx.token_forget_previous(seed.connection, 2).await.unwrap());
        let now = tx.token(seed.connection).await.unwrap().unwrap();
        assert_eq!((now.version, now.access_sealed, now.previous_refresh_sealed), (2, vec![9], None));
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_lapsed_lease_of_a_crashed_process_is_taken_over() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let mut tx = store.begin().await.unwrap();
        tx.token_put(&token(&seed)).await.unwrap();
        let until = START.plus_seconds(30);
        assert!(tx.token_lease_refresh(seed.connection, 1, START, until).await.unwrap());
        let early = until.plus_millis(-1);
        assert!(!tx.token_lease_refresh(seed.connection, 1, early, until.plus_seconds(30)).await.unwrap());
        assert!(tx.token_lease_refresh(seed.connection, 1, until, until.plus_seconds(30)).await.unwrap());
    }
}

#[tokio::test]
async fn expiring_tokens_are_listed_and_destroyed_tokens_are_gone() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let mut tx = store.begin().await.unwrap();
        let orphan = TokenRow { connection_id: connection_id(9), ..token(&seed) };
        tx.token_put(&token(&seed)).await.unwrap();
        tx.commit().await.unwrap();
        let end = token(&seed).access_expires_at;
        assert!(store.tokens_expiring(end, 10).await.unwrap().is_empty());
        assert_eq!(store.tokens_expiring(end.plus_millis(1), 10).await.unwrap(), vec![seed.connection]);
        assert!(store.tokens_expiring(end.plus_millis(1), 0).await.unwrap().is_empty());

        let mut tx = store.begin().await.unwrap();
        assert!(matches!(tx.token_put(&orphan).await, Err(StoreError::Constraint(_))));
        drop(tx);
        let mut tx = store.begin().await.unwrap();
        assert!(tx.token_delete(seed.connection).await.unwrap());
        assert!(!tx.token_delete(seed.connection).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.token(seed.connection).await.unwrap(), None);
    }
}

#[test]
fn a_token_row_prints_no_ciphertext() {
    let seed = Seed {
        user: crate::user_id(1),
        workspace: WorkspaceId::from_uuid(Uuid::from_u128(1)),
        connection: connection_id(1),
        media: domain::id::MediaId::from_uuid(Uuid::from_u128(1)),
    };
    let printed = format!("{:?}", token(&seed));
    assert!(printed.contains("version: 1") && !printed.contains("sealed"), "{printed}");
}
