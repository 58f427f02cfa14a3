//! Webhook deliveries seen before, the audit record and what is removed in time.

use store::testing::{START, engines};

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
