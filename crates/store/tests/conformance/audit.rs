//! The audit record as a chain: whatever somebody changes in the database behind the program's back is found, and what the program
//! itself does to it (erasing ids, removing old entries, taking in older ones) is not taken for it.

use std::sync::Arc;

use store::audit::{Break, PSEUDONYMISE, Verdict, Walk};
use store::testing::{START, TestStore, engines};
use store::vault::InstanceKeys;
use store::{DatabaseUrl, Store};

const MILA: &str = "019a-mila";
const OLEG: &str = "019a-oleg";

/// Six entries of two people.
async fn written(store: &Store) {
    let mut tx = store.begin().await.unwrap();
    for (n, (actor, action)) in [
        (MILA, "sign_in"),
        (OLEG, "sign_in"),
        (MILA, "connection.add"),
        (MILA, "connection.disconnect"),
        (OLEG, "session.end"),
        (OLEG, "media.delete"),
    ]
    .into_iter()
    .enumerate()
    {
        let at = START.plus_seconds(i64::try_from(n).unwrap());
        tx.audit_append(at, actor, action, &format!("subject-{n}"), "a detail").await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn intact(store: &Store) -> Walk {
    let verdict = store.audit_verify(None).await.unwrap();
    let engine = store.engine();
    assert!(matches!(verdict, Verdict::Intact(_)), "{engine}: {verdict:?}");
    match verdict {
        Verdict::Intact(walk) | Verdict::Broken(walk, _) => walk,
        Verdict::NotBegun => Walk::default(),
    }
}

async fn broken(store: &Store) -> Break {
    broken_by(store, None).await
}

async fn broken_by(store: &Store, note: Option<(i64, &str)>) -> Break {
    let verdict = store.audit_verify(note).await.unwrap();
    let said = format!("{}: {verdict:?}", store.engine());
    match verdict {
        Verdict::Broken(_, broken) => Some(broken),
        Verdict::Intact(_) | Verdict::NotBegun => None,
    }
    .ok_or(said)
    .unwrap()
}

/// What each of these tampers with, and what the walk says; each is undone afterwards.
async fn each_is_found(store: &TestStore, attempts: &[(&str, &[&str], Break)]) {
    store
        .tamper(&["CREATE TABLE saved AS SELECT * FROM audit", "CREATE TABLE saved_chain AS SELECT * FROM audit_chain"])
        .await;
    for (what, statements, expected) in attempts {
        store.tamper(statements).await;
        assert_eq!(broken(store).await, *expected, "{what} on {}", store.engine());
        store
            .tamper(&[
                "DELETE FROM audit",
                "INSERT INTO audit SELECT * FROM saved",
                "DELETE FROM audit_chain",
                "INSERT INTO audit_chain SELECT * FROM saved_chain",
            ])
            .await;
        assert_eq!(intact(store).await.entries, 6, "{what} was undone");
    }
}

#[tokio::test]
async fn pp_5_5_a_walk_tells_how_many_entries_there_are_and_of_which_days() {
    for store in engines().await {
        assert_eq!(store.audit_verify(None).await.unwrap(), Verdict::NotBegun);
        written(&store).await;
        let walk = intact(&store).await;
        assert_eq!((walk.entries, walk.head.0, walk.removed_upto), (6, 6, 0));
        assert_eq!((walk.first_at, walk.last_at), (Some(START), Some(START.plus_seconds(5))));
        assert_eq!(walk.began_at, Some(START));
    }
}

#[tokio::test]
async fn pp_5_5_a_change_of_any_column_is_found() {
    for store in engines().await {
        written(&store).await;
        let change = |set: &str| format!("UPDATE audit SET {set} WHERE seq = 3");
        let sets = [
            ("at = at + 1", Break::Altered(3)),
            ("action = 'sign_in'", Break::Altered(3)),
            ("detail = 'another'", Break::Altered(3)),
            ("actor_ref = subject_ref", Break::Altered(3)),
            ("subject_ref = ''", Break::Altered(3)),
            ("hash = 'ff'", Break::Altered(3)),
            ("hash = ''", Break::Foreign(3)),
            ("seq = 30", Break::Altered(4)),
            ("actor = '019a-oleg'", Break::Id(3, "actor")),
            ("subject = 'subject-1'", Break::Id(3, "subject")),
            ("actor = ''", Break::Id(3, "actor")),
            ("subject = ''", Break::Id(3, "subject")),
        ];
        let texts: Vec<String> = sets.iter().map(|(set, _)| change(set)).collect();
        let statements: Vec<[&str; 1]> = texts.iter().map(|text| [text.as_str()]).collect();
        let mut attempts: Vec<(&str, &[&str], Break)> = sets
            .iter()
            .zip(&statements)
            .map(|((set, found), statement)| (*set, statement.as_slice(), found.clone()))
            .collect();
        // Without number 3 the next entry does not follow.
        attempts.iter_mut().filter(|it| it.0 == "seq = 30").for_each(|it| it.2 = Break::Missing(2, 4));
        for set in
            ["began_at = 1", "anchor_seq = -1", "anchor_hash = 'x'", "head_seq = 7", "head_hash = 'x'", "seal = 'x'"]
        {
            let text: &'static str = format!("UPDATE audit_chain SET {set}").leak();
            attempts.push((set, Vec::from([text]).leak(), Break::Ends));
        }
        each_is_found(&store, &attempts).await;
    }
}

#[tokio::test]
async fn pp_5_5_removing_adding_and_swapping_entries_is_found() {
    for store in engines().await {
        written(&store).await;
        let columns = "at, actor, action, subject, detail, actor_ref, subject_ref, hash";
        let copy = |of: i64, to: i64| -> &'static str {
            format!("INSERT INTO audit (seq, {columns}) SELECT {to}, {columns} FROM audit WHERE seq = {of}").leak()
        };
        let (past_the_end, before_the_start) = (copy(6, 7), copy(1, 0));
        each_is_found(
            &store,
            &[
                ("one in the middle", &["DELETE FROM audit WHERE seq = 4"], Break::Missing(3, 5)),
                ("two in the middle", &["DELETE FROM audit WHERE seq IN (3, 4)"], Break::Missing(2, 5)),
                ("the first", &["DELETE FROM audit WHERE seq = 1"], Break::Missing(0, 2)),
                ("the newest", &["DELETE FROM audit WHERE seq >= 5"], Break::Cut(4, 6)),
                ("all", &["DELETE FROM audit"], Break::Cut(0, 6)),
                (
                    "the newest, with an end made to fit",
                    &[
                        "DELETE FROM audit WHERE seq = 6",
                        "UPDATE audit_chain SET head_seq = 5, head_hash = (SELECT hash FROM audit WHERE seq = 5)",
                    ],
                    Break::Ends,
                ),
                (
                    "the oldest, as if their time were over",
                    &[
                        "UPDATE audit_chain SET anchor_seq = 2, anchor_hash = (SELECT hash FROM audit WHERE seq = 2)",
                        "DELETE FROM audit WHERE seq <= 2",
                    ],
                    Break::Ends,
                ),
                ("one more at the end", &[past_the_end], Break::Altered(7)),
                ("one more at the start", &[before_the_start], Break::Foreign(0)),
                (
                    "two change places",
                    &[
                        "UPDATE audit SET seq = 99 WHERE seq = 2",
                        "UPDATE audit SET seq = 2 WHERE seq = 3",
                        "UPDATE audit SET seq = 3 WHERE seq = 99",
                    ],
                    Break::Altered(2),
                ),
                ("the chain's own row", &["DELETE FROM audit_chain"], Break::NoChain),
                ("a fresh start", &["UPDATE audit_chain SET seal = ''"], Break::Ends),
            ],
        )
        .await;
    }
}

#[tokio::test]
async fn pp_5_5_a_record_that_was_written_anew_does_not_meet_what_was_noted_of_it() {
    for store in engines().await {
        written(&store).await;
        let (seq, hash) = intact(&store).await.head;
        let met = store.audit_verify(Some((seq, &hash))).await.unwrap();
        assert!(matches!(&met, Verdict::Intact(walk) if walk.met_note), "{met:?}");
        // With everything of the chain gone, its key too, the next entry begins another one.
        store
            .tamper(&[
                "DELETE FROM audit",
                "UPDATE audit_chain SET began_at = 0, head_seq = 0, head_hash = '', seal = ''",
                "DELETE FROM meta WHERE key = 'audit_key'",
            ])
            .await;
        written(&store).await;
        assert_eq!(intact(&store).await.entries, 6, "by itself it is whole");
        assert_eq!(broken_by(&store, Some((seq, &hash))).await, Break::Unmet(6));
    }
}

#[tokio::test]
async fn pp_5_5_without_the_key_nothing_is_appended_and_nothing_is_believed() {
    for store in engines().await {
        written(&store).await;
        store.tamper(&["DELETE FROM meta WHERE key = 'audit_key'"]).await;
        assert!(matches!(broken(&store).await, Break::NoKey(_)));
        let mut tx = store.begin().await.unwrap();
        let refused = tx.audit_append(START, MILA, "sign_in", "", "").await.unwrap_err();
        assert!(refused.to_string().contains("the key of the chain is missing"), "{refused}");
    }
}

#[tokio::test]
async fn pp_5_5_an_erased_person_is_in_no_entry_and_the_chain_holds() {
    for store in engines().await {
        written(&store).await;
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.audit_pseudonymise(START.plus_seconds(9), MILA).await.unwrap(), 3);
        assert_eq!(tx.audit_pseudonymise(START.plus_seconds(9), "subject-0").await.unwrap(), 1);
        assert_eq!(tx.audit_pseudonymise(START.plus_seconds(9), "nobody").await.unwrap(), 0);
        assert_eq!(tx.audit_pseudonymise(START.plus_seconds(9), "").await.unwrap(), 0);
        tx.commit().await.unwrap();
        let all = store.audit_latest(100).await.unwrap();
        assert_eq!(all.len(), 8, "each erasure is told of");
        let readable = format!("{all:?}");
        assert!(!readable.contains(MILA) && !readable.contains("subject-0") && readable.contains(OLEG), "{readable}");
        assert_eq!(intact(&store).await.entries, 8);
        assert_eq!(store.audit_latest_of("audit.", 5).await.unwrap().len(), 2);
        assert_eq!(all[0].action, PSEUDONYMISE);
    }
}

#[tokio::test]
async fn entries_whose_time_is_over_go_from_the_old_end_and_the_rest_still_holds() {
    for store in engines().await {
        written(&store).await;
        let noted = intact(&store).await.head;
        let now = START.plus_seconds(100);
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.purge_audit(now, START.plus_seconds(3), 2).await.unwrap(), 2, "no more than asked for");
        assert_eq!(tx.purge_audit(now, START.plus_seconds(3), 100).await.unwrap(), 1);
        assert_eq!(tx.purge_audit(now, START.plus_seconds(3), 100).await.unwrap(), 0);
        tx.commit().await.unwrap();
        let walk = intact(&store).await;
        assert_eq!((walk.entries, walk.removed_upto, walk.first_at), (3, 3, Some(START.plus_seconds(3))));
        // All of them: the next one follows what is no longer there.
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.purge_audit(now, now, 100).await.unwrap(), 3);
        tx.audit_append(now, OLEG, "sign_in", "", "").await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(intact(&store).await.head.0, 7);
        let verdict = store.audit_verify(Some((noted.0, &noted.1))).await.unwrap();
        assert!(matches!(verdict, Verdict::Intact(_)), "a note whose entry went in time is no break: {verdict:?}");
    }
}

#[tokio::test]
async fn entries_from_before_the_chain_are_taken_into_it() {
    for store in engines().await {
        // Numbers have gaps where a transaction was rolled back.
        for seq in [1, 2, 5] {
            let sql = format!(
                "INSERT INTO audit (seq, at, actor, action, subject, detail) VALUES ({seq}, {seq}, '{MILA}', 'sign_in', 'c', '')"
            );
            store.tamper(&[&sql]).await;
        }
        assert_eq!(store.audit_begin(START).await.unwrap(), 3);
        assert_eq!(store.audit_begin(START).await.unwrap(), 0, "once");
        assert_eq!(intact(&store).await.entries, 3);
        written(&store).await;
        let walk = intact(&store).await;
        assert_eq!((walk.entries, walk.head.0), (9, 11));
        store.tamper(&["UPDATE audit SET detail = 'x' WHERE seq = 2"]).await;
        assert_eq!(broken(&store).await, Break::Altered(2));
    }
}

#[tokio::test]
async fn a_transaction_that_is_undone_leaves_neither_entry_nor_key() {
    for store in engines().await {
        let mut tx = store.begin().await.unwrap();
        tx.audit_append(START, MILA, "sign_in", "", "").await.unwrap();
        tx.rollback().await.unwrap();
        assert_eq!(store.audit_verify(None).await.unwrap(), Verdict::NotBegun);
        written(&store).await;
        assert_eq!(intact(&store).await.head.0, 6);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_that_append_at_the_same_time_make_one_chain() {
    for store in engines().await {
        let keys = Arc::new(InstanceKeys::generate().unwrap());
        let nodes = [reopened(store.url(), &keys).await, reopened(store.url(), &keys).await];
        let tasks: Vec<_> = (0..24_usize)
            .map(|n| {
                let node = nodes[n % 2].clone();
                tokio::spawn(async move {
                    let mut tx = node.begin().await.unwrap();
                    tx.audit_append(START, MILA, "sign_in", &format!("s{n}"), "").await.unwrap();
                    if n % 6 == 5 { tx.rollback().await.unwrap() } else { tx.commit().await.unwrap() }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let walk = intact(&nodes[0]).await;
        assert_eq!((walk.entries, walk.head.0), (20, 20), "{}: no number twice, none left out", store.engine());
        for node in nodes {
            node.close().await;
        }
    }
}

async fn reopened(url: &DatabaseUrl, keys: &Arc<InstanceKeys>) -> Store {
    let node = Store::open(url).await.unwrap();
    node.work_under(Arc::clone(keys));
    node
}
