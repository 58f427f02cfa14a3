//! Webhook deliveries seen before, the audit record and what is removed in time.

use domain::privacy::documents::{Answer, Document, Given};
use store::testing::{START, Seed, engines};
use store::{Person, PolicyAnswer};

#[tokio::test]
async fn a_repeated_webhook_is_recognised_until_its_note_is_removed() {
    for store in engines().await {
        let mut tx = store.begin().await.unwrap();
        assert!(tx.webhook_first_time("a", START).await.unwrap());
        assert!(!tx.webhook_first_time("a", START.plus_seconds(9)).await.unwrap());
        assert!(tx.webhook_first_time("b", START.plus_seconds(5)).await.unwrap());
        assert_eq!(tx.purge_webhook_seen(START.plus_seconds(5), 100).await.unwrap(), 1);
        assert!(tx.webhook_first_time("a", START.plus_seconds(9)).await.unwrap());
        assert!(!tx.webhook_first_time("b", START.plus_seconds(9)).await.unwrap());
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn the_audit_record_is_read_newest_first_and_shortened_from_its_old_end() {
    for store in engines().await {
        let mut tx = store.begin().await.unwrap();
        for (n, action) in ["signed-in", "connected", "disconnected"].into_iter().enumerate() {
            let at = START.plus_seconds(i64::try_from(n).unwrap());
            tx.audit_append(at, "user:1", action, "connection:1", "").await.unwrap();
        }
        tx.commit().await.unwrap();
        let actions = |entries: Vec<store::AuditEntry>| entries.into_iter().map(|e| e.action).collect::<Vec<_>>();
        assert_eq!(actions(store.audit_latest(2).await.unwrap()), ["disconnected", "connected"]);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(
            tx.purge_audit(START, START.plus_seconds(2), 1).await.unwrap(),
            1,
            "never more than asked for at once"
        );
        assert_eq!(tx.purge_audit(START, START.plus_seconds(2), 100).await.unwrap(), 1);
        tx.commit().await.unwrap();
        assert_eq!(actions(store.audit_latest(10).await.unwrap()), ["disconnected"]);
    }
}

#[tokio::test]
async fn pp_9_3_the_latest_answer_to_each_version_is_kept_and_belongs_to_one_person() {
    let said = |version: &str, answer, seconds| PolicyAnswer {
        given: Given { document: Document::Terms, version: version.to_owned(), answer },
        at: START.plus_seconds(seconds),
    };
    for store in engines().await {
        let mila = Seed::write(&store).await;
        let oleg = Person { id: crate::user_id(2), open_id: "oleg".to_owned(), ..mila.person() };
        let mut tx = store.begin().await.unwrap();
        tx.person_upsert_by_open_id(&oleg).await.unwrap();
        tx.commit().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        tx.policy_answer_put(mila.user, &said("1.0", Answer::Accepted, 0)).await.unwrap();
        tx.policy_answer_put(mila.user, &said("1.1", Answer::Refused, 1)).await.unwrap();
        tx.policy_answer_put(mila.user, &said("1.1", Answer::Read, 2)).await.unwrap();
        assert_eq!(tx.policy_answers(mila.user).await.unwrap().len(), 2);
        tx.commit().await.unwrap();
        let kept = store.policy_answers(mila.user).await.unwrap();
        assert_eq!(kept, [said("1.0", Answer::Accepted, 0), said("1.1", Answer::Read, 2)]);
        assert_eq!(store.policy_answers(oleg.id).await.unwrap(), []);

        let mut tx = store.begin().await.unwrap();
        let stranger = tx.policy_answer_put(crate::user_id(99), &said("1.0", Answer::Accepted, 0)).await;
        assert!(matches!(stranger, Err(store::StoreError::Constraint(_))), "{stranger:?}");
    }
}
