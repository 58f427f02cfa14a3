//! People, workspaces, sessions and walks through the consent page.

use domain::connection::{AvatarFormat, Scopes};
use domain::id::{SessionId, WorkspaceId};
use store::testing::{START, Seed, engines};
use store::{Avatar, Person, Session, SignIn, SignInPurpose, StoreError, Unconfirmed};
use uuid::Uuid;

use crate::{connection_id, user_id};

#[tokio::test]
async fn signing_in_again_refreshes_the_name_and_keeps_what_the_person_chose() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let mut tx = store.begin().await.unwrap();
        assert!(tx.person_set_preferences(seed.user, "ru", "Asia/Almaty", "dark").await.unwrap());
        assert!(!tx.person_set_preferences(user_id(99), "ru", "Asia/Almaty", "dark").await.unwrap());
        let again = Person {
            id: user_id(2),
            display_name: "Mila K.".to_owned(),
            adult_confirmed_at: START.plus_seconds(60),
            ..seed.person()
        };
        let kept = tx.person_upsert_by_open_id(&again).await.unwrap();
        tx.commit().await.unwrap();
        let expected = Person {
            display_name: "Mila K.".to_owned(),
            locale: "ru".to_owned(),
            time_zone: "Asia/Almaty".to_owned(),
            theme: "dark".to_owned(),
            ..seed.person()
        };
        assert_eq!(kept, expected, "{}", store.engine());
        assert_eq!(store.person(seed.user).await.unwrap(), Some(expected.clone()));
        assert_eq!(store.person_by_open_id("open-1").await.unwrap(), Some(expected));
        assert_eq!(store.person_by_open_id("open-2").await.unwrap(), None);

        let mut tx = store.begin().await.unwrap();
        let newer = Person { adult_text_version: "2027-01".to_owned(), ..again };
        let confirmed = tx.person_upsert_by_open_id(&newer).await.unwrap();
        assert_eq!(confirmed.adult_confirmed_at, START.plus_seconds(60), "a new wording was confirmed anew");
        assert_eq!(confirmed.adult_text_version, "2027-01");
    }
}

#[tokio::test]
async fn a_workspace_has_members() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        assert_eq!(store.workspace_of(seed.user).await.unwrap().unwrap().name, "Bakery");
        assert_eq!(store.workspace_of(user_id(9)).await.unwrap(), None);
        assert!(store.is_member(seed.workspace, seed.user).await.unwrap());
        assert!(!store.is_member(WorkspaceId::from_uuid(Uuid::from_u128(9)), seed.user).await.unwrap());
    }
}

fn session(seed: &Seed, n: u128) -> Session {
    Session {
        id: SessionId::from_uuid(Uuid::from_u128(n)),
        secret_hash: format!("hash-{n}"),
        user_id: seed.user,
        workspace_id: seed.workspace,
        device: "Firefox on Linux".to_owned(),
        ip: "192.0.2.1".to_owned(),
        created_at: START,
        last_seen_at: START.plus_seconds(i64::try_from(n).unwrap()),
        expires_at: START.plus_seconds(3600),
    }
}

#[tokio::test]
async fn a_session_lives_until_it_expires_is_touched_or_ended() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let mut tx = store.begin().await.unwrap();
        for n in 1..=3 {
            tx.session_insert(&session(&seed, n)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let (now, late) = (START.plus_seconds(10), START.plus_seconds(3600));
        assert_eq!(store.session_by_hash("hash-1", now).await.unwrap(), Some(session(&seed, 1)));
        assert_eq!(store.session_by_hash("hash-1", late).await.unwrap(), None, "expired at this very instant");
        assert_eq!(store.session_by_hash("hash-9", now).await.unwrap(), None);
        let listed: Vec<_> = store.sessions_of(seed.user, now).await.unwrap().into_iter().map(|s| s.id).collect();
        assert_eq!(listed, [3, 2, 1].map(|n| session(&seed, n).id), "last used first");

        let mut tx = store.begin().await.unwrap();
        let later = late.plus_seconds(3600);
        assert!(tx.session_touch(session(&seed, 1).id, now, later).await.unwrap());
        assert!(!tx.session_delete(user_id(9), session(&seed, 2).id).await.unwrap(), "somebody else's");
        assert!(tx.session_delete(seed.user, session(&seed, 2).id).await.unwrap());
        assert!(!tx.session_delete(seed.user, session(&seed, 2).id).await.unwrap());
        assert_eq!(tx.purge_sessions(late, 100).await.unwrap(), 1, "the third has expired");
        tx.commit().await.unwrap();
        assert_eq!(store.sessions_of(seed.user, late).await.unwrap().len(), 1);

        let mut tx = store.begin().await.unwrap();
        assert!(tx.session_delete_by_hash("hash-1").await.unwrap());
        assert!(!tx.session_delete_by_hash("hash-1").await.unwrap());
        assert!(!tx.session_touch(session(&seed, 1).id, now, later).await.unwrap());
    }
}

#[tokio::test]
async fn a_session_secret_is_unique() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let mut tx = store.begin().await.unwrap();
        tx.session_insert(&session(&seed, 1)).await.unwrap();
        let twin = Session { secret_hash: "hash-1".to_owned(), ..session(&seed, 2) };
        let refused = tx.session_insert(&twin).await.unwrap_err();
        assert!(matches!(refused, StoreError::Conflict("session")), "{refused}");
    }
}

fn walk(n: u32, expires_s: i64) -> SignIn {
    SignIn {
        state_hash: format!("state-{n}"),
        browser_hash: "browser".to_owned(),
        purpose: SignInPurpose::Reconnect,
        user_id: None,
        workspace_id: None,
        connection_id: Some(connection_id(1)),
        reading: None,
        by_itself: false,
        verifier_sealed: Some(vec![0, 255, 7]),
        next_path: "/queue".to_owned(),
        locale: "en".to_owned(),
        created_at: START,
        expires_at: START.plus_seconds(expires_s),
    }
}

#[tokio::test]
async fn a_walk_through_the_consent_page_is_used_once_and_in_time() {
    for store in engines().await {
        let mut tx = store.begin().await.unwrap();
        for (n, expires_s) in [(1, 600), (2, 600), (3, 5)] {
            tx.sign_in_insert(&walk(n, expires_s)).await.unwrap();
        }
        tx.commit().await.unwrap();
        let now = START.plus_seconds(60);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.sign_in_take("state-1", now).await.unwrap(), Some(walk(1, 600)));
        assert_eq!(tx.sign_in_take("state-1", now).await.unwrap(), None, "used");
        assert_eq!(tx.sign_in_take("state-3", now).await.unwrap(), None, "too late");
        assert_eq!(tx.sign_in_take("state-9", now).await.unwrap(), None, "unknown");
        assert_eq!(tx.purge_sign_ins(START.plus_seconds(600), 100).await.unwrap(), 1);
        tx.commit().await.unwrap();
    }
}

fn unconfirmed(seed: &Seed, n: u128, expires_s: i64) -> Unconfirmed {
    Unconfirmed {
        id: connection_id(n),
        workspace_id: seed.workspace,
        user_id: seed.user,
        open_id: format!("open-{n}"),
        display_name: "Oleg".to_owned(),
        username: None,
        scopes: Scopes::parse("user.info.basic"),
        instance_key_version: 1,
        data_key_sealed: vec![0, 255],
        access_sealed: vec![1],
        access_expires_at: START.plus_seconds(86_400),
        refresh_sealed: vec![2],
        refresh_expires_at: START.plus_seconds(864_000),
        granted_at: START,
        expires_at: START.plus_seconds(expires_s),
        // Not every account has one.
        avatar: (n == 11).then(|| Avatar { format: AvatarFormat::Png, bytes: vec![0, 255, 39] }),
    }
}

#[tokio::test]
async fn an_account_to_confirm_is_answered_once_in_time_and_by_its_person() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        assert_eq!(store.unconfirmed_next_expiry().await.unwrap(), None);
        let mut tx = store.begin().await.unwrap();
        for (n, expires_s) in [(11, 600), (12, 300), (13, 600)] {
            tx.unconfirmed_put(&unconfirmed(&seed, n, expires_s)).await.unwrap();
        }
        // The same account came back once more: only the newer grant is kept.
        let again = Unconfirmed { id: connection_id(14), ..unconfirmed(&seed, 13, 900) };
        tx.unconfirmed_put(&again).await.unwrap();
        assert_eq!(tx.unconfirmed_count(seed.workspace).await.unwrap(), 3);
        tx.commit().await.unwrap();
        assert_eq!(store.unconfirmed_next_expiry().await.unwrap(), Some(START.plus_seconds(300)));

        let now = START.plus_seconds(300);
        let read = store.unconfirmed(seed.user, connection_id(11), now).await.unwrap();
        assert_eq!(read, Some(unconfirmed(&seed, 11, 600)), "{}", store.engine());
        assert_eq!(store.unconfirmed(user_id(9), connection_id(11), now).await.unwrap(), None, "somebody else's");
        assert_eq!(store.unconfirmed(seed.user, connection_id(12), now).await.unwrap(), None, "too late");
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.unconfirmed_take(user_id(9), connection_id(11), now).await.unwrap(), None);
        assert_eq!(tx.unconfirmed_take(seed.user, connection_id(12), now).await.unwrap(), None);
        assert_eq!(tx.unconfirmed_take(seed.user, connection_id(13), now).await.unwrap(), None, "replaced");
        assert_eq!(tx.unconfirmed_take(seed.user, connection_id(11), now).await.unwrap(), read);
        assert_eq!(tx.unconfirmed_take(seed.user, connection_id(11), now).await.unwrap(), None, "answered");
        assert_eq!(tx.unconfirmed_take_expired(now, 10).await.unwrap(), [unconfirmed(&seed, 12, 300)]);
        assert!(tx.unconfirmed_take_expired(now, 10).await.unwrap().is_empty());
        tx.commit().await.unwrap();
        assert_eq!(store.unconfirmed_next_expiry().await.unwrap(), Some(again.expires_at));
    }
}
