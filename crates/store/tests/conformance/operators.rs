//! Operators, their passkeys and browsers, and what they see of an instance.

use domain::id::{OperatorId, SessionId};
use store::console::Node;
use store::operator::{Ceremony, CeremonyPurpose, Operator, OperatorLink, OperatorSession, Passkey};
use store::testing::{START, engines};
use store::{Store, StoreError};
use uuid::Uuid;

fn ann() -> Operator {
    Operator { id: OperatorId::from_uuid(Uuid::from_u128(1)), name: "Ann".to_owned(), created_at: START }
}

fn passkey() -> Passkey {
    Passkey {
        credential_id: "key".to_owned(),
        operator_id: ann().id,
        public_key: vec![1, 2, 3],
        algorithm: -7,
        counter: 4,
        created_at: START,
        last_used_at: None,
    }
}

fn session() -> OperatorSession {
    OperatorSession {
        id: SessionId::from_uuid(Uuid::from_u128(2)),
        secret_hash: "hash".to_owned(),
        operator_id: ann().id,
        device: "Chrome, Linux".to_owned(),
        ip: "127.0.0.1".to_owned(),
        created_at: START,
        last_seen_at: START,
        expires_at: START.plus_seconds(3600),
        verified_at: START,
    }
}

pub async fn with_ann(store: &Store) {
    let mut tx = store.begin().await.unwrap();
    tx.operator_insert(&ann()).await.unwrap();
    tx.operator_passkey_insert(&passkey()).await.unwrap();
    tx.operator_session_insert(&session()).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn pp_5_3_a_link_and_a_question_to_an_authenticator_count_once_and_not_for_ever() {
    for store in engines().await {
        let link = OperatorLink {
            secret_hash: "link".to_owned(),
            operator_id: ann().id,
            name: "Ann".to_owned(),
            created_at: START,
            expires_at: START.plus_seconds(600),
        };
        let ceremony = |purpose, challenge: &str| Ceremony {
            browser_hash: "browser".to_owned(),
            purpose,
            challenge: challenge.to_owned(),
            subject: String::new(),
            expires_at: START.plus_seconds(300),
        };
        let mut tx = store.begin().await.unwrap();
        tx.operator_link_insert(&link).await.unwrap();
        tx.operator_ceremony_put(&ceremony(CeremonyPurpose::SignIn, "first")).await.unwrap();
        tx.operator_ceremony_put(&ceremony(CeremonyPurpose::SignIn, "second")).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.operator_link("link", START).await.unwrap(), Some(link.clone()));
        assert_eq!(store.operator_link("link", START.plus_seconds(600)).await.unwrap(), None, "its time is over");

        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.operator_link_take("link", START.plus_seconds(600)).await.unwrap(), None);
        assert_eq!(tx.operator_link_take("link", START).await.unwrap(), Some(link));
        assert_eq!(tx.operator_link_take("link", START).await.unwrap(), None, "once");
        let other = tx.operator_ceremony_take("browser", CeremonyPurpose::Confirm, START).await.unwrap();
        assert_eq!(other, None, "another purpose");
        let late = tx.operator_ceremony_take("browser", CeremonyPurpose::SignIn, START.plus_seconds(300)).await;
        assert_eq!(late.unwrap(), None);
        let taken = tx.operator_ceremony_take("browser", CeremonyPurpose::SignIn, START).await.unwrap();
        assert_eq!(taken.map(|it| it.challenge).as_deref(), Some("second"), "the newest question of the browser");
        let again = tx.operator_ceremony_take("browser", CeremonyPurpose::SignIn, START).await.unwrap();
        assert_eq!(again, None, "once");
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn pp_5_3_a_passkeys_counter_moves_only_from_where_it_stood() {
    for store in engines().await {
        with_ann(&store).await;
        let key = store.operator_passkey("key").await.unwrap().unwrap();
        assert_eq!(key, passkey());
        let mut tx = store.begin().await.unwrap();
        assert!(tx.operator_passkey_used(&key, 5, START.plus_seconds(1)).await.unwrap());
        assert!(!tx.operator_passkey_used(&key, 6, START.plus_seconds(1)).await.unwrap(), "somebody was quicker");
        tx.commit().await.unwrap();
        let used = store.operator_passkeys(ann().id).await.unwrap().remove(0);
        assert_eq!((used.counter, used.last_used_at), (5, Some(START.plus_seconds(1))));
    }
}

#[tokio::test]
async fn pp_5_3_an_operator_who_is_removed_takes_passkeys_and_browsers_along() {
    for store in engines().await {
        with_ann(&store).await;
        let mut tx = store.begin().await.unwrap();
        let twin = Operator { id: OperatorId::from_uuid(Uuid::from_u128(9)), ..ann() };
        let taken = tx.operator_insert(&twin).await;
        assert!(matches!(taken, Err(StoreError::Conflict(_))), "{taken:?}");
        drop(tx);
        let listed = store.operators(START).await.unwrap().remove(0);
        assert_eq!((listed.operator, listed.passkeys, listed.sessions), (ann(), 1, 1));
        assert_eq!(store.operator_session("hash", START).await.unwrap(), Some(session()));
        assert_eq!(store.operator_session("hash", START.plus_seconds(3600)).await.unwrap(), None);

        let mut tx = store.begin().await.unwrap();
        assert!(tx.operator_session_touch(session().id, START, START.plus_seconds(7200)).await.unwrap());
        assert!(tx.operator_session_verified(session().id, START.plus_seconds(5)).await.unwrap());
        tx.commit().await.unwrap();
        let kept = store.operator_sessions(ann().id, START).await.unwrap().remove(0);
        assert_eq!((kept.expires_at, kept.verified_at), (START.plus_seconds(7200), START.plus_seconds(5)));

        let mut tx = store.begin().await.unwrap();
        assert!(tx.operator_delete(ann().id).await.unwrap());
        assert!(!tx.operator_delete(ann().id).await.unwrap());
        tx.commit().await.unwrap();
        assert_eq!(store.operator_session("hash", START).await.unwrap(), None);
        assert_eq!(store.operator_passkey("key").await.unwrap(), None);
        assert_eq!(store.operator(ann().id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn what_is_over_of_operators_is_removed() {
    for store in engines().await {
        with_ann(&store).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.purge_operators(START).await.unwrap(), 0);
        assert_eq!(tx.purge_operators(START.plus_seconds(3600)).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert!(store.operator_sessions(ann().id, START).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn an_empty_instance_counts_nothing_and_knows_its_size() {
    for store in engines().await {
        let stored = store.stored().await.unwrap();
        assert_eq!((stored.files, stored.file_bytes, stored.trash, stored.uploads), (0, 0, 0, 0));
        assert!(stored.database_bytes > 10_000, "{stored:?}");
        let tickets = store.ticket_counts(START).await.unwrap();
        assert_eq!((tickets.open, tickets.first_expires_at, tickets.overdue), (0, None, 0));
        assert!(store.failed_since(START).await.unwrap().is_empty());
        assert!(store.connection_counts().await.unwrap().is_empty());
        assert!(store.connections_in_need().await.unwrap().is_empty());
        assert!(store.answer_counts().await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn the_sweeper_and_each_process_say_when_they_were_last_at_work() {
    for store in engines().await {
        let node = |id: &str, seen_at| Node {
            id: id.to_owned(),
            program: "0.1.0".to_owned(),
            key_version: 1,
            started_at: START,
            seen_at,
        };
        let mut tx = store.begin().await.unwrap();
        tx.swept("sessions", START, 3).await.unwrap();
        tx.swept("sessions", START.plus_seconds(600), 0).await.unwrap();
        tx.node_seen(&node("old", START), START).await.unwrap();
        tx.node_seen(&node("new", START), START).await.unwrap();
        tx.node_seen(&node("new", START.plus_seconds(600)), START.plus_seconds(1)).await.unwrap();
        tx.commit().await.unwrap();
        let sweeps = store.sweeps().await.unwrap();
        assert_eq!(sweeps.len(), 1);
        assert_eq!((sweeps[0].at, sweeps[0].removed), (START.plus_seconds(600), 0));
        assert_eq!(store.nodes().await.unwrap(), [node("new", START.plus_seconds(600))], "the other was forgotten");
    }
}
