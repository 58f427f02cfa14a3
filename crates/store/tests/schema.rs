//! The two schemas and the statements: what one engine has the other has, too, and every text is understood by both.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test says what it expects by failing"
)]

use std::collections::{BTreeMap, BTreeSet};

use sqlx::{Connection as _, PgConnection, Row as _, SqliteConnection};
use store::testing::{self, TestStore};
use store::{DatabaseUrl, Engine, StoreError};

/// What a column looks like from outside, in words that both engines share.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Column {
    class: &'static str,
    nullable: bool,
}

type Columns = BTreeMap<(String, String), Column>;
/// Name of the index to table, uniqueness and columns.
type Indexes = BTreeMap<String, (String, bool, Vec<String>)>;

async fn open_sqlite(store: &TestStore) -> SqliteConnection {
    let DatabaseUrl::Sqlite(path) = store.url() else { panic!("an SQLite store") };
    SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap()
}

async fn open_postgres(store: &TestStore) -> PgConnection {
    let DatabaseUrl::Postgres(url) = store.url() else { panic!("a PostgreSQL store") };
    PgConnection::connect(url.as_str()).await.unwrap()
}

async fn sqlite_columns(db: &mut SqliteConnection) -> Columns {
    let rows = sqlx::query(
        "SELECT t.name, c.name, c.type, c.\"notnull\", c.pk
         FROM sqlite_schema t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name <> '_sqlx_migrations'",
    )
    .fetch_all(db)
    .await
    .unwrap();
    rows.iter()
        .map(|row| {
            let declared: String = row.get(2);
            let class = match declared.as_str() {
                "TEXT" => "text",
                "BIGINT" | "INTEGER" => "integer",
                "BLOB" => "bytes",
                other => panic!("a column type that is not portable: {other}"),
            };
            let required = row.get::<i64, _>(3) == 1 || row.get::<i64, _>(4) > 0;
            ((row.get(0), row.get(1)), Column { class, nullable: !required })
        })
        .collect()
}

async fn postgres_columns(db: &mut PgConnection) -> Columns {
    let rows = sqlx::query(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text
         FROM information_schema.columns
         WHERE table_schema = current_schema() AND table_name <> '_sqlx_migrations'",
    )
    .fetch_all(db)
    .await
    .unwrap();
    rows.iter()
        .map(|row| {
            let declared: String = row.get(2);
            let class = match declared.as_str() {
                "text" => "text",
                "bigint" => "integer",
                "bytea" => "bytes",
                other => panic!("a column type that is not portable: {other}"),
            };
            let nullable = row.get::<String, _>(3) == "YES";
            ((row.get(0), row.get(1)), Column { class, nullable })
        })
        .collect()
}

async fn sqlite_indexes(db: &mut SqliteConnection) -> Indexes {
    let rows = sqlx::query(
        "SELECT i.name, t.name, i.\"unique\", c.name
         FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
         WHERE t.type = 'table' AND i.origin = 'c' AND t.name <> '_sqlx_migrations' AND c.cid >= 0 -- no expressions
         ORDER BY i.name, c.seqno",
    )
    .fetch_all(db)
    .await
    .unwrap();
    let mut indexes = Indexes::new();
    for row in rows {
        let entry = indexes.entry(row.get(0)).or_insert((row.get(1), row.get::<i64, _>(2) == 1, Vec::new()));
        entry.2.push(row.get(3));
    }
    indexes
}

async fn postgres_indexes(db: &mut PgConnection) -> Indexes {
    // Indexes that only serve a constraint are compared through the constraint.
    let rows = sqlx::query(
        "SELECT i.relname::text, t.relname::text, x.indisunique, a.attname::text
         FROM pg_index x
         JOIN pg_class i ON i.oid = x.indexrelid
         JOIN pg_class t ON t.oid = x.indrelid
         JOIN pg_namespace n ON n.oid = t.relnamespace
         JOIN LATERAL unnest(x.indkey) WITH ORDINALITY AS k (attnum, place) ON TRUE
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
         WHERE n.nspname = current_schema()
           AND t.relname <> '_sqlx_migrations'
           AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u'))
         ORDER BY i.relname, k.place",
    )
    .fetch_all(db)
    .await
    .unwrap();
    let mut indexes = Indexes::new();
    for row in rows {
        let entry = indexes.entry(row.get(0)).or_insert((row.get(1), row.get::<bool, _>(2), Vec::new()));
        entry.2.push(row.get(3));
    }
    indexes
}

/// Primary and unique keys by table and columns.
async fn sqlite_keys(db: &mut SqliteConnection) -> BTreeSet<(String, Vec<String>)> {
    let mut keys: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    let unique = sqlx::query(
        "SELECT t.name, i.name, c.name
         FROM sqlite_schema t, pragma_index_list(t.name) i, pragma_index_info(i.name) c
         WHERE t.type = 'table' AND i.origin IN ('pk', 'u') AND t.name <> '_sqlx_migrations'
         ORDER BY i.name, c.seqno",
    );
    for row in unique.fetch_all(&mut *db).await.unwrap() {
        keys.entry((row.get(0), row.get(1))).or_default().push(row.get(2));
    }
    // A table whose key is the row number has no index of it.
    let numbered = sqlx::query(
        "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
         WHERE t.type = 'table' AND c.pk = 1 AND c.type = 'INTEGER'
           AND t.name NOT LIKE 'sqlite_%' AND t.name <> '_sqlx_migrations'",
    );
    for row in numbered.fetch_all(db).await.unwrap() {
        keys.entry((row.get(0), "row number".to_owned())).or_default().push(row.get(1));
    }
    keys.into_iter().map(|((table, _), columns)| (table, columns)).collect()
}

async fn postgres_keys(db: &mut PgConnection) -> BTreeSet<(String, Vec<String>)> {
    let rows = sqlx::query(
        "SELECT t.relname::text, c.conname::text, a.attname::text
         FROM pg_constraint c
         JOIN pg_class t ON t.oid = c.conrelid
         JOIN pg_namespace n ON n.oid = t.relnamespace
         JOIN LATERAL unnest(c.conkey) WITH ORDINALITY AS k (attnum, place) ON TRUE
         JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
         WHERE n.nspname = current_schema() AND c.contype IN ('p', 'u') AND t.relname <> '_sqlx_migrations'
         ORDER BY c.conname, k.place",
    )
    .fetch_all(db)
    .await
    .unwrap();
    let mut keys: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for row in rows {
        keys.entry((row.get(0), row.get(1))).or_default().push(row.get(2));
    }
    keys.into_iter().map(|((table, _), columns)| (table, columns)).collect()
}

#[tokio::test]
async fn both_migrated_schemas_are_the_same() {
    let Some(postgres) = testing::postgres().await else { return };
    let sqlite = testing::sqlite().await;
    let (mut lite, mut big) = (open_sqlite(&sqlite).await, open_postgres(&postgres).await);
    let columns = sqlite_columns(&mut lite).await;
    assert!(columns.len() > 100, "the query finds the columns");
    assert_eq!(columns, postgres_columns(&mut big).await);
    let indexes = sqlite_indexes(&mut lite).await;
    assert!(indexes.len() > 10, "the query finds the indexes");
    assert_eq!(indexes, postgres_indexes(&mut big).await);
    assert_eq!(sqlite_keys(&mut lite).await, postgres_keys(&mut big).await);
}

#[tokio::test]
async fn every_column_of_the_migrated_schema_is_in_the_data_map_exactly_once() {
    let sqlite = testing::sqlite().await;
    let migrated: Vec<(String, String)> = sqlite_columns(&mut open_sqlite(&sqlite).await).await.into_keys().collect();
    let mut mapped: Vec<(String, String)> = domain::privacy::retention::DATA_MAP
        .iter()
        .map(|data| (data.table.to_owned(), data.column.to_owned()))
        .collect();
    mapped.sort();
    assert_eq!(mapped, migrated, "every stored column needs a class, a retention and a way to erase it");
}

#[tokio::test]
async fn every_statement_is_understood_by_both_engines_with_the_same_number_of_parameters() {
    let statements = store::statements();
    assert!(statements.len() > 60, "the list is not empty");
    for engine in testing::engines().await {
        for (module, statement) in &statements {
            if !testing::is_for(statement, engine.engine()) {
                continue;
            }
            let parameters = testing::parameters(engine.store(), statement)
                .await
                .unwrap_or_else(|error| panic!("{module}::{} on {}: {error}", statement.name, engine.engine()));
            assert_eq!(parameters, statement.arity(), "{module}::{} on {}", statement.name, engine.engine());
        }
    }
}

/// Constants of a source text that look like SQL, by name.
fn sql_constants(source: &str) -> BTreeSet<String> {
    source
        .split("\nconst ")
        .skip(1)
        .filter_map(|rest| {
            let (name, value) = rest.split_once(": &str =")?;
            let value = value.split(';').next().unwrap_or_default();
            ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "WITH "]
                .iter()
                .any(|word| value.contains(word))
                .then(|| name.to_owned())
        })
        .collect()
}

#[test]
fn every_sql_constant_is_in_the_list_of_its_module() {
    let listed: BTreeSet<(&str, &str)> =
        store::statements().iter().map(|(module, statement)| (*module, statement.name)).collect();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = 0;
    for (module, source) in sources(&folder, "") {
        if module == "testing" || module.ends_with("tests") {
            continue;
        }
        for name in sql_constants(&source) {
            found += 1;
            let known = listed.contains(&(module.as_str(), name.as_str()))
                || listed.contains(&(module.split('/').next().unwrap_or_default(), name.as_str()));
            assert!(known, "{module}::{name} is missing in STATEMENTS, so nobody prepares it on both engines");
        }
    }
    assert!(found > 60, "the search finds the constants");
}

fn sources(folder: &std::path::Path, prefix: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            all.extend(sources(&path, &format!("{prefix}{name}/")));
        } else {
            all.push((format!("{prefix}{name}"), std::fs::read_to_string(&path).unwrap()));
        }
    }
    all
}

#[tokio::test]
async fn migrations_are_counted_and_running_them_again_does_nothing() {
    for fresh in testing::empty_engines().await {
        assert!(fresh.migrations_pending().await.unwrap() >= 1);
        fresh.migrate().await.unwrap();
        assert_eq!(fresh.migrations_pending().await.unwrap(), 0);
        fresh.migrate().await.unwrap();
    }
}

#[tokio::test]
async fn the_embedded_database_is_as_durable_as_promised() {
    let store = testing::sqlite().await;
    // The file is opened by the store's own options once more, read through a pool of it.
    let mut db = open_sqlite(&store).await;
    let mode: String = sqlx::query("PRAGMA journal_mode").fetch_one(&mut db).await.unwrap().get(0);
    assert_eq!(mode, "wal");
    for (name, expected) in [("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1)] {
        let value = testing::writer_pragma(store.store(), name).await;
        assert_eq!(value, Some(expected), "{name}");
    }
    let version: String = sqlx::query("SELECT sqlite_version()").fetch_one(&mut db).await.unwrap().get(0);
    let parts: Vec<u32> = version.split('.').map(|part| part.parse().unwrap()).collect();
    assert!(parts >= vec![3, 51, 3], "{version} may lose the write-ahead log");
    let folder_mode = {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::metadata(store.folder().join("moloko.db")).unwrap().permissions().mode() & 0o777
    };
    assert_eq!(folder_mode, 0o600);
}

#[tokio::test]
async fn a_database_that_cannot_be_opened_says_so() {
    let folder = tempfile::TempDir::new().unwrap();
    let missing = DatabaseUrl::Sqlite(folder.path().join("no/such/folder/moloko.db"));
    assert!(store::Store::open(&missing).await.is_err());
    let nobody = DatabaseUrl::parse("postgres://nobody@127.0.0.1:1/nothing").unwrap();
    let refused = store::Store::open(&nobody).await.unwrap_err();
    assert!(matches!(refused, StoreError::Unavailable(_)), "{refused}");
    assert_eq!(nobody.engine(), Engine::Postgres);
}

#[tokio::test]
async fn widening_the_modes_of_an_attempt_keeps_every_attempt_and_every_line_of_its_log() {
    let mut db = SqliteConnection::connect("sqlite::memory:").await.unwrap();
    sqlx::raw_sql("PRAGMA foreign_keys = ON").execute(&mut db).await.unwrap();
    sqlx::raw_sql(include_str!("../../../migrations/sqlite/0001_initial.sql")).execute(&mut db).await.unwrap();
    sqlx::raw_sql(
        "INSERT INTO person VALUES ('u', 'o', 'Mila', 'en', 'UTC', 'system', 1, 'v', 1);
         INSERT INTO workspace VALUES ('w', 'Bakery', 1);
         INSERT INTO connection VALUES ('c', 'w', 'o', 'Mila', NULL, 'sea', 's', 'active', NULL, NULL, 1, 1, 1);
         INSERT INTO media VALUES ('m', 'w', 'u', 'a.mp4', 1, 'h', 'b', NULL, '{}', 'pending', 1);
         INSERT INTO post (id, workspace_id, group_id, connection_id, media_id, author_id, state, delivery, content, caption,
                           revision, created_at, updated_at)
         VALUES ('p', 'w', 'g', 'c', 'm', 'u', 'publishing', 'direct', '{}', '', 1, 1, 1);
         INSERT INTO attempt (id, post_id, connection_id, ordinal, mode, state, epoch, due_at, revision, snapshot, media_sha256,
                              media_size, chunk_size, chunk_count, publish_id, upload_url_sealed, next_at, created_at, updated_at)
         VALUES ('a', 'p', 'c', 1, 'direct_file', 'final_intent', 4, 5, 1, '{}', 'h', 10, 10, 1, 'v_1', x'010203', 7, 8, 9);
         INSERT INTO attempt_log (attempt_id, epoch, from_state, to_state, cause, at) VALUES ('a', 4, NULL, 'ready', 'started', 1);
         INSERT INTO attempt_log (attempt_id, epoch, from_state, to_state, cause, at) VALUES ('a', 4, 'ready', 'init_sent', 'x', 2)",
    )
    .execute(&mut db)
    .await
    .unwrap();
    let before: Vec<(String, i64, Option<Vec<u8>>, i64)> =
        sqlx::query_as("SELECT state, epoch, upload_url_sealed, updated_at FROM attempt")
            .fetch_all(&mut db)
            .await
            .unwrap();
    let mut tx = db.begin().await.unwrap();
    sqlx::raw_sql(include_str!("../../../migrations/sqlite/0002_photos.sql")).execute(&mut *tx).await.unwrap();
    tx.commit().await.unwrap();
    let after: Vec<(String, i64, Option<Vec<u8>>, i64)> =
        sqlx::query_as("SELECT state, epoch, upload_url_sealed, updated_at FROM attempt")
            .fetch_all(&mut db)
            .await
            .unwrap();
    assert_eq!(after, before);
    let log: Vec<(i64, String)> =
        sqlx::query_as("SELECT seq, cause FROM attempt_log ORDER BY seq").fetch_all(&mut db).await.unwrap();
    assert_eq!(log, [(1, "started".to_owned()), (2, "x".to_owned())]);
    sqlx::raw_sql("INSERT INTO attempt_log (attempt_id, epoch, to_state, cause, at) VALUES ('a', 5, 'dead', 'y', 3)")
        .execute(&mut db)
        .await
        .unwrap();
    let (last,): (i64,) = sqlx::query_as("SELECT MAX(seq) FROM attempt_log").fetch_one(&mut db).await.unwrap();
    assert_eq!(last, 3, "the order of the log goes on");
    let refused = sqlx::raw_sql("UPDATE attempt SET mode = 'by_pigeon'").execute(&mut db).await;
    assert!(refused.is_err());
}
