//! Names and words under keys of their own: what stands in the database, what a swap is worth, and what a destroyed key leaves.

use std::future::poll_fn;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use domain::connection::AvatarFormat;
use domain::id::{ConsentId, SessionId, UserId};
use domain::post::PostContent;
use store::testing::{START, Seed, TestStore, empty_engines, engines};
use store::vault::InstanceKeys;
use store::{Avatar, DatabaseUrl, Session, StoreError};
use uuid::Uuid;

use crate::{connection_id, post_id, user_id};

/// Every sealed text column of the seed, as it stands in the database.
async fn standing(store: &TestStore) -> Vec<String> {
    store
        .texts(
            "SELECT display_name FROM person UNION ALL SELECT name FROM workspace
             UNION ALL SELECT display_name FROM connection UNION ALL SELECT username FROM connection WHERE username IS NOT NULL
             UNION ALL SELECT device FROM session UNION ALL SELECT ip FROM session
             UNION ALL SELECT file_name FROM media UNION ALL SELECT line FROM imported
             UNION ALL SELECT content FROM post WHERE content NOT LIKE '{%' UNION ALL SELECT caption FROM post
             UNION ALL SELECT snapshot FROM attempt UNION ALL SELECT subject FROM consent",
        )
        .await
}

async fn destroyed(store: &TestStore, seed: &Seed) {
    let mut tx = store.begin().await.unwrap();
    assert!(tx.connection_blank(seed.connection, START).await.unwrap());
    assert!(tx.person_blank(seed.user).await.unwrap());
    tx.commit().await.unwrap();
}

pub fn session(seed: &Seed) -> Session {
    Session {
        id: SessionId::from_uuid(Uuid::from_u128(4)),
        secret_hash: "hash".to_owned(),
        user_id: seed.user,
        workspace_id: seed.workspace,
        device: "Firefox on Linux".to_owned(),
        ip: "203.0.113.7".to_owned(),
        created_at: START,
        last_seen_at: START,
        expires_at: START.plus_seconds(600),
    }
}

#[tokio::test]
async fn pp_5_2_a_sealed_name_copied_to_another_row_or_column_does_not_open() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let mut tx = store.begin().await.unwrap();
        let other = store::Person { id: user_id(2), open_id: "open-2".to_owned(), ..seed.person() };
        tx.person_upsert_by_open_id(&other).await.unwrap();
        tx.session_insert(&session(&seed)).await.unwrap();
        tx.commit().await.unwrap();
        // Whoever is called that can still be found, shown and erased; the operator is told.
        let refused = |result: Result<Option<store::Person>, StoreError>| {
            assert_eq!(result.unwrap().unwrap().display_name, "", "{}", store.engine());
            assert!(store.refused_to_open() > 0, "{}", store.engine());
        };
        let one = seed.user;
        store
            .tamper(&[&format!(
                "UPDATE person SET display_name = (SELECT display_name FROM person WHERE id = '{one}') WHERE id = '{}'",
                other.id
            )])
            .await;
        refused(store.person(other.id).await);
        assert_eq!(store.person(one).await.unwrap().unwrap().display_name, "Mila", "where it belongs it opens");
        store.tamper(&["UPDATE session SET device = ip"]).await;
        let swapped = store.session_by_hash("hash", START).await.unwrap().unwrap();
        assert_eq!((swapped.device.as_str(), store.refused_to_open()), ("", 1));
        // The key of one put into the row of another is refused as well, though it was opened a moment ago.
        store
            .tamper(&[&format!(
                "UPDATE person_key SET data_key_sealed = (SELECT data_key_sealed FROM person_key WHERE person_id = '{one}') \
                 WHERE person_id = '{}'",
                other.id
            )])
            .await;
        refused(store.person(other.id).await);
    }
}

#[tokio::test]
async fn pp_6_6_after_the_keys_are_destroyed_no_copy_of_the_ciphertext_opens_any_more() {
    for store in engines().await {
        let seed = Seed::write(&store).await;
        let picture = Avatar { format: AvatarFormat::Png, bytes: vec![0x89, 0x50, 1, 2, 3] };
        let mut tx = store.begin().await.unwrap();
        tx.avatar_put(seed.connection, &picture, START).await.unwrap();
        tx.commit().await.unwrap();
        let name = store.texts("SELECT display_name FROM person").await.remove(0);
        let bytes = store.bytes("SELECT bytes FROM avatar").await.remove(0);
        assert!(!name.contains("Mila") && !bytes.ends_with(&[1, 2, 3]));
        destroyed(&store, &seed).await;
        for keys in ["SELECT person_id FROM person_key", "SELECT connection_id FROM connection_key"] {
            assert!(store.texts(keys).await.is_empty());
        }
        // As an old page, a log or a backup of the table has it.
        store.tamper(&[&format!("UPDATE person SET display_name = '{name}'")]).await;
        let read = store.person(seed.user).await.unwrap().unwrap();
        assert_eq!(read.display_name, "", "{}", store.engine());
        assert_eq!(store.avatar(seed.workspace, seed.connection).await.unwrap(), None);
        // A new key is another one, and nothing is kept for whoever has none.
        let mut tx = store.begin().await.unwrap();
        tx.session_insert(&session(&seed)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(store.session_by_hash("hash", START).await.unwrap().unwrap().device, "");
        store.tamper(&[&format!("UPDATE person SET open_id = 'open-1' WHERE id = '{}'", seed.user)]).await;
        let mut tx = store.begin().await.unwrap();
        tx.person_upsert_by_open_id(&seed.person()).await.unwrap();
        tx.commit().await.unwrap();
        store.tamper(&[&format!("UPDATE person SET display_name = '{name}'")]).await;
        assert_eq!(store.person(seed.user).await.unwrap().unwrap().display_name, "", "{}", store.engine());
        assert_eq!(store.refused_to_open(), 1);
    }
}

/// Every row that the version before could have written, in clear.
fn rows_of_before(rows: usize) -> Vec<String> {
    let (one, at) = (Uuid::from_u128(1), START.millis());
    let content = PostContent { caption: "clear caption".to_owned(), ..PostContent::default() };
    let content = serde_json::to_string(&content).unwrap();
    let mut sql = vec![
        format!(
            "INSERT INTO person (id, open_id, display_name, locale, time_zone, theme, adult_confirmed_at, adult_text_version, created_at) \
             VALUES ('{one}', 'open-1', 'clear Mila', 'en', 'UTC', 'system', {at}, '1', {at})"
        ),
        format!("INSERT INTO workspace (id, name, created_at) VALUES ('{one}', 'clear Bakery', {at})"),
        format!(
            "INSERT INTO member (workspace_id, user_id, role, created_at) VALUES ('{one}', '{one}', 'owner', {at})"
        ),
        format!(
            "INSERT INTO connection (id, workspace_id, open_id, display_name, username, flavour, scopes, state, creator, connected_at, \
             consented_at, updated_at) VALUES ('{one}', '{one}', 'open-1', 'clear Mila bakes', 'clear_mila', 'sea', '', 'active', \
             '{{\"standing\":\"clear-not-ours\"}}', {at}, {at}, {at})"
        ),
        format!(
            "INSERT INTO avatar (connection_id, sha256, format, fetched_at, bytes) VALUES ('{one}', 'x', 'png', {at}, \
             CAST('{}' AS BYTES))",
            "clear picture"
        ),
        format!(
            "INSERT INTO imported (person_id, file, position, line, until) VALUES ('{one}', 'session', 1, 'clear line', {at})"
        ),
    ];
    sql.push(format!(
        "INSERT INTO media (id, workspace_id, uploaded_by, file_name, size_bytes, sha256, blob_key, verdict, thumbnail, created_at) \
         VALUES ('{one}', '{one}', '{one}', 'clear.mp4', 1, 'x', 'key', '{{\"outcome\":\"accept\",\"findings\":[]}}', 'unavailable', {at})"
    ));
    sql.push(format!(
        "INSERT INTO post (id, workspace_id, group_id, connection_id, media_id, author_id, state, delivery, content, caption, revision, \
         created_at, updated_at) VALUES ('{one}', '{one}', '{one}', '{one}', '{one}', '{one}', 'draft', 'direct', '{content}', \
         'clear caption', 1, {at}, {at})"
    ));
    sql.push(format!(
        "INSERT INTO consent (id, post_id, user_id, given_at, declaration, text_version, locale, subject, fingerprint, creator) \
         VALUES ('{one}', '{one}', '{one}', {at}, 'music', '1', 'en', 'clear subject', 'print', NULL)"
    ));
    sql.push(format!(
        "INSERT INTO attempt (id, post_id, connection_id, ordinal, mode, state, epoch, due_at, revision, snapshot, media_sha256, \
         media_size, chunk_size, chunk_count, next_at, created_at, updated_at) VALUES ('{one}', '{one}', '{one}', 1, 'direct_file', \
         'ready', 1, {at}, 1, 'clear snapshot', 'x', 1, 1, 1, {at}, {at}, {at})"
    ));
    for n in 2..=rows {
        let id = Uuid::from_u128(n.try_into().unwrap());
        sql.push(format!(
            "INSERT INTO session (id, secret_hash, user_id, workspace_id, device, ip, created_at, last_seen_at, expires_at) \
             VALUES ('{id}', 'hash-{n}', '{one}', '{one}', 'clear device {n}', 'clear ip', {at}, {at}, {})",
            at + 600_000
        ));
        sql.push(format!(
            "INSERT INTO media (id, workspace_id, uploaded_by, file_name, size_bytes, sha256, blob_key, verdict, thumbnail, created_at) \
             VALUES ('{id}', '{one}', '{one}', 'clear {n}.mp4', 1, 'x', 'key-{n}', '{{\"outcome\":\"accept\",\"findings\":[]}}', \
             'unavailable', {at})"
        ));
    }
    sql
}

/// A database as the version before left it, brought to this one.
async fn of_the_version_before(store: &TestStore, rows: usize) {
    store.migrate_until(13).await;
    let bytes = match store.url() {
        DatabaseUrl::Sqlite(_) => "BLOB",
        DatabaseUrl::Postgres(_) => "BYTEA",
    };
    let sql: Vec<String> =
        rows_of_before(rows).into_iter().map(|sql| sql.replace("AS BYTES", &format!("AS {bytes}"))).collect();
    store.tamper(&sql.iter().map(String::as_str).collect::<Vec<_>>()).await;
    store.migrate().await.unwrap();
    store.work_under(Arc::new(InstanceKeys::generate().unwrap()));
    assert!(standing(store).await.iter().all(|text| text.starts_with("clear")), "it is as it was");
}

fn files_hold(folder: &Path, needle: &str) -> bool {
    std::fs::read_dir(folder).unwrap().flatten().any(|entry| {
        let bytes = std::fs::read(entry.path()).unwrap_or_default();
        bytes.windows(needle.len()).any(|part| part == needle.as_bytes())
    })
}

#[tokio::test]
async fn pp_5_2_what_the_version_before_kept_in_clear_is_sealed_at_the_start_and_gone_from_the_files() {
    for store in empty_engines().await {
        of_the_version_before(&store, 450).await;
        // Somebody's own text may look like a sealed one.
        store.tamper(&["UPDATE session SET device = '\u{1}AQ' WHERE secret_hash = 'hash-9'"]).await;
        assert_eq!(store.seal_clear().await.unwrap(), 2 * 449 + 9, "{}", store.engine());
        assert_eq!(store.seal_clear().await.unwrap(), 0, "once");
        assert!(standing(&store).await.iter().all(|text| text.starts_with('\u{1}')));
        assert!(store.bytes("SELECT bytes FROM avatar").await[0].len() > "clear picture".len() + 28);
        if let DatabaseUrl::Sqlite(_) = store.url() {
            assert!(!files_hold(store.folder(), "clear"), "not in a free page and not in the log");
            assert!(files_hold(store.folder(), "open-1"), "the scan sees what is there");
        }
        let person = store.person(user_id(1)).await.unwrap().unwrap();
        assert_eq!(person.display_name, "clear Mila");
        assert_eq!(store.workspace_of(person.id).await.unwrap().unwrap().name, "clear Bakery");
        let found = store.connections_find("CLEAR_MI").await.unwrap();
        assert_eq!((found.len(), found[0].username.as_deref()), (1, Some("clear_mila")));
        let workspace = store.workspace_of(person.id).await.unwrap().unwrap().id;
        assert_eq!(store.avatar(workspace, connection_id(1)).await.unwrap().unwrap().bytes, b"clear picture");
        let session = store.session_by_hash("hash-7", START).await.unwrap().unwrap();
        assert_eq!((session.device.as_str(), session.ip.as_str()), ("clear device 7", "clear ip"));
        assert_eq!(store.session_by_hash("hash-9", START).await.unwrap().unwrap().device, "\u{1}AQ");
        assert_eq!(store.media_list(workspace, None, 200).await.unwrap().len(), 200);
        let post = store.post_any(post_id(1)).await.unwrap().unwrap();
        assert_eq!(post.content.caption, "clear caption");
        let mut tx = store.begin().await.unwrap();
        let again = store::testing::change_consent(&mut tx, ConsentId::from_uuid(Uuid::from_u128(1))).await;
        assert!(matches!(again, Err(StoreError::Constraint(_))), "sealed or not, a consent is never changed");
        drop(tx);
        assert_eq!(store.imported_lines(person.id, "session", 0).await.unwrap(), [(1, "clear line".to_owned())]);
    }
}

/// Lets a future take that many turns; false when it is dropped before its end.
async fn killed_after<F: Future>(mut turns: usize, future: F) -> bool {
    let mut future = pin!(future);
    poll_fn(|context| match turns.checked_sub(1) {
        None => Poll::Ready(false),
        Some(left) => {
            turns = left;
            future.as_mut().poll(context).map(|_| true)
        }
    })
    .await
}

#[tokio::test]
async fn pp_5_2_sealing_that_is_killed_at_any_moment_goes_on_where_it_was() {
    for store in empty_engines().await {
        of_the_version_before(&store, 230).await;
        let (mut turns, mut killed) = (1, 0);
        while !killed_after(turns, store.seal_clear()).await {
            turns += 1 + turns / 3;
            killed += 1;
            let mut names = Vec::new();
            for n in [2, 200, 230] {
                names.push(store.session_by_hash(&format!("hash-{n}"), START).await.unwrap().unwrap().device);
            }
            assert_eq!(names, ["clear device 2", "clear device 200", "clear device 230"], "readable at every moment");
        }
        assert!(killed > 5, "{killed}");
        assert!(standing(&store).await.iter().all(|text| text.starts_with('\u{1}')), "{}", store.engine());
        if let DatabaseUrl::Sqlite(_) = store.url() {
            assert!(!files_hold(store.folder(), "clear"));
        }
        let person: UserId = user_id(1);
        assert_eq!(store.person(person).await.unwrap().unwrap().display_name, "clear Mila");
    }
}
