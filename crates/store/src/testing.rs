//! Fresh, migrated stores for tests, also of other crates: SQLite in a temporary folder always, PostgreSQL in a database of its own
//! when `MOLOKO_TEST_POSTGRES_URL` names a server. With `MOLOKO_REQUIRE_POSTGRES=1` a missing server fails the test.
//!
//! Must not be linked into the product. Panics instead of returning errors: a test cannot go on without its database.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test cannot go on without its database")]

use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;

use domain::connection::{ConnectionState, Flavour, Scopes};
use domain::creator::PrivacyLevel;
use domain::id::{ConnectionId, ConsentId, GroupId, MediaId, PostId, UserId, WorkspaceId};
use domain::post::{Delivery, PostContent, PostState};
use domain::time::UnixMillis;
use sqlx::migrate::Migrator;
use sqlx::{AssertSqlSafe, Executor as _};
use tempfile::TempDir;
use uuid::Uuid;

use crate::connection::Connection;
use crate::db::{DatabaseUrl, Engine, Pools, Statement, Store, Tx, TxInner};
use crate::error::StoreError;
use crate::person::Person;
use crate::post::Post;
use crate::vault::InstanceKeys;
use crate::workspace::{Role, Workspace};

#[cfg(feature = "testing-bucket")]
pub mod bucket;
mod server;

use server::{Database, template};

/// A fresh store that is removed when it is dropped.
#[derive(Debug)]
pub struct TestStore {
    store: Store,
    url: DatabaseUrl,
    folder: TempDir,
    database: Option<Database>,
    keys: Arc<InstanceKeys>,
}

impl Deref for TestStore {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl TestStore {
    /// The store, to be cloned where ownership is needed.
    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// The instance key that it works under, for whatever else is part of the instance.
    #[must_use]
    pub fn keys(&self) -> Arc<InstanceKeys> {
        Arc::clone(&self.keys)
    }

    /// The address, to open it a second time as after a restart.
    #[must_use]
    pub const fn url(&self) -> &DatabaseUrl {
        &self.url
    }

    /// An empty folder of the test, for blobs; with SQLite the database file is in it, too.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

impl Drop for TestStore {
    fn drop(&mut self) {
        let Some(database) = self.database.take() else { return };
        // Dropping a database is a query and `drop` cannot await, so it has a small runtime of its own.
        let done = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(database.remove()).map_err(std::io::Error::other)
        });
        if !matches!(done.join(), Ok(Ok(()))) {
            tracing::warn!("a test database was not removed");
        }
    }
}

/// A fresh, migrated store on each engine at hand.
///
/// # Panics
/// When a database cannot be made, or PostgreSQL is required and not named.
pub async fn engines() -> Vec<TestStore> {
    let mut stores = vec![sqlite().await];
    stores.extend(postgres().await);
    stores
}

/// A fresh, migrated SQLite store.
///
/// # Panics
/// When it cannot be made.
pub async fn sqlite() -> TestStore {
    let store = empty_sqlite().await;
    store.migrate().await.expect("migrations apply");
    store.work_under(store.keys());
    store
}

/// A fresh, migrated PostgreSQL store, when a server is named.
///
/// # Panics
/// When it cannot be made, or PostgreSQL is required and not named.
pub async fn postgres() -> Option<TestStore> {
    let server = postgres_server()?;
    let template = template(&server).await;
    let store = in_database(Database::create(server, Some(&template)).await).await;
    store.work_under(store.keys());
    Some(store)
}

/// Stores without any table.
///
/// # Panics
/// See [`engines`].
pub async fn empty_engines() -> Vec<TestStore> {
    let mut stores = vec![empty_sqlite().await];
    stores.extend(empty_postgres().await);
    stores
}

async fn empty_sqlite() -> TestStore {
    let folder = TempDir::new().expect("a temporary folder");
    let url = DatabaseUrl::Sqlite(folder.path().join("moloko.db"));
    let store = Store::open(&url).await.expect("SQLite opens");
    TestStore { store, url, folder, database: None, keys: drawn() }
}

async fn empty_postgres() -> Option<TestStore> {
    Some(in_database(Database::create(postgres_server()?, None).await).await)
}

fn postgres_server() -> Option<url::Url> {
    let Ok(server) = std::env::var("MOLOKO_TEST_POSTGRES_URL") else {
        let required = std::env::var("MOLOKO_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
        assert!(!required, "MOLOKO_REQUIRE_POSTGRES=1, but MOLOKO_TEST_POSTGRES_URL names no server");
        return None;
    };
    Some(url::Url::parse(&server).expect("MOLOKO_TEST_POSTGRES_URL is a URL"))
}

async fn in_database(database: Database) -> TestStore {
    let url = database.url();
    let store = Store::open(&url).await.expect("PostgreSQL opens");
    let folder = TempDir::new().expect("a temporary folder");
    TestStore { store, url, folder, database: Some(database), keys: drawn() }
}

fn drawn() -> Arc<InstanceKeys> {
    Arc::new(InstanceKeys::generate().expect("a key"))
}

/// Ids and rows that most tests start from. The `n`-th id of a kind is the UUID of `n`.
#[derive(Debug, Clone, Copy)]
pub struct Seed {
    /// A person.
    pub user: UserId,
    /// Their workspace.
    pub workspace: WorkspaceId,
    /// An active connection of it with both posting scopes.
    pub connection: ConnectionId,
    /// A file of it.
    pub media: MediaId,
}

/// The instant at which a test's story starts: 2026-11-24 09:00 UTC.
pub const START: UnixMillis = UnixMillis::from_seconds(1_795_510_800);

const INSERT_MEDIA: &str = "
INSERT INTO media (id, workspace_id, uploaded_by, file_name, size_bytes, sha256, blob_key, facts, verdict, thumbnail, created_at)
VALUES ($1, $2, $3, 'cake.mp4', 1000, $4, $5, NULL, '{\"outcome\":\"accept\",\"findings\":[]}', 'unavailable', $6)";

const CHANGE_CONSENT: &str = "UPDATE consent SET locale = 'en' WHERE id = $1";

/// Somebody who reads for long, as a dump does: what they saw at their beginning stays in the database for them.
#[derive(Debug)]
pub struct OldSnapshot(sqlx::PgConnection);

impl OldSnapshot {
    /// Begins to read.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn of(url: &DatabaseUrl) -> Self {
        let mut connection: sqlx::PgConnection = match url {
            DatabaseUrl::Postgres(url) => {
                <sqlx::PgConnection as sqlx::Connection>::connect(url.as_str()).await.expect("PostgreSQL opens")
            }
            DatabaseUrl::Sqlite(_) => panic!("only PostgreSQL keeps rows for others"),
        };
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await.expect("it begins");
        connection.execute("SELECT 1 FROM meta").await.expect("it looks");
        Self(connection)
    }

    /// Is done with it.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn end(mut self) {
        self.0.execute("ROLLBACK").await.expect("it ends");
    }
}

/// Every row of a table in words, all columns of it.
///
/// # Panics
/// When the database refuses.
pub async fn rows_in_words(store: &Store, table: &str) -> Vec<String> {
    let columns = store.columns().await.expect("the columns are read");
    let columns: Vec<_> = columns.iter().filter(|(of, _)| of == table).map(|(_, name)| format!("\"{name}\"")).collect();
    let sql = AssertSqlSafe(match store.engine() {
        Engine::Sqlite => format!("SELECT quote({}) FROM \"{table}\"", columns.join(") || ' ' || quote(")),
        Engine::Postgres => {
            format!("SELECT CAST(it AS text) FROM (SELECT {} FROM \"{table}\") AS it", columns.join(", "))
        }
    });
    let rows: crate::Result<Vec<(String,)>> =
        async { on!(store store, |pool| sqlx::query_as(sql).fetch_all(pool), |rows| rows).map_err(StoreError::from) }
            .await;
    rows.expect("the rows are read").into_iter().map(|(text,)| text).collect()
}

/// A claim of one row, whoever's it is.
pub const ONE: crate::attempt::Turn<'static> = crate::attempt::Turn { per_account: 1, limit: 1, after: "", not: "" };

const FORGET_POLICY_ANSWERS: &str = "DELETE FROM policy_answer WHERE person_id = $1";

const WRITE_META: &str = "INSERT INTO meta (key, value) VALUES ('key', 'value')";

impl Seed {
    /// Writes a person, workspace, connection and file.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn write(store: &Store) -> Self {
        let seed = Self {
            user: UserId::from_uuid(Uuid::from_u128(1)),
            workspace: WorkspaceId::from_uuid(Uuid::from_u128(1)),
            connection: ConnectionId::from_uuid(Uuid::from_u128(1)),
            media: MediaId::from_uuid(Uuid::from_u128(1)),
        };
        let mut tx = store.begin().await.expect("begin");
        tx.person_upsert_by_open_id(&seed.person()).await.expect("person");
        let workspace = Workspace { id: seed.workspace, name: "Bakery".to_owned(), created_at: START };
        tx.workspace_insert(&workspace, seed.user).await.expect("workspace");
        tx.member_insert(seed.workspace, seed.user, Role::Owner, START).await.expect("member");
        tx.connection_upsert(&seed.connection_row()).await.expect("connection");
        seed.write_media(&mut tx, seed.media).await;
        tx.commit().await.expect("commit");
        seed
    }

    /// Adds one more file.
    ///
    /// # Panics
    /// When the store refuses.
    pub async fn write_media(&self, tx: &mut Tx, id: MediaId) {
        execute!(
            tx tx, INSERT_MEDIA,
            id.to_string(),
            self.workspace.to_string(),
            self.user.to_string(),
            "ab".repeat(32),
            format!("media-{id}"),
            START.millis(),
        )
        .expect("media");
    }

    /// The person as written.
    #[must_use]
    pub fn person(&self) -> Person {
        Person {
            id: self.user,
            open_id: "open-1".to_owned(),
            display_name: "Mila".to_owned(),
            locale: "en".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            theme: "system".to_owned(),
            adult_confirmed_at: START,
            adult_text_version: "2026-11".to_owned(),
            created_at: START,
        }
    }

    /// The connection as written.
    #[must_use]
    pub fn connection_row(&self) -> Connection {
        Connection {
            id: self.connection,
            workspace_id: self.workspace,
            open_id: "open-1".to_owned(),
            display_name: "Mila bakes".to_owned(),
            username: None,
            flavour: Flavour::Sea,
            scopes: Scopes::parse("user.info.basic,video.publish,video.upload"),
            state: ConnectionState::Active,
            creator: None,
            creator_at: None,
            connected_at: START,
            consented_at: START,
            updated_at: START,
            avatar_sha256: None,
        }
    }

    /// A post that could be written: direct, public, in this state; with a due time unless it is a draft. Not written.
    #[must_use]
    pub fn post(&self, n: u128, state: PostState) -> Post {
        let due = match state {
            PostState::Draft => None,
            PostState::Scheduled
            | PostState::Publishing
            | PostState::Published
            | PostState::InInbox
            | PostState::Failed
            | PostState::NeedsAttention
            | PostState::Cancelled => Some(START.plus_seconds(3600)),
        };
        Post {
            id: PostId::from_uuid(Uuid::from_u128(n)),
            workspace_id: self.workspace,
            group_id: GroupId::from_uuid(Uuid::from_u128(n)),
            connection_id: self.connection,
            media_id: self.media,
            photos: None,
            author_id: self.user,
            state,
            delivery: Delivery::Direct,
            content: PostContent {
                caption: "Honey cake".to_owned(),
                privacy: Some(PrivacyLevel::PublicToEveryone),
                ..PostContent::default()
            },
            revision: 1,
            local_time: due.map(|_| "2026-11-24T11:00".to_owned()),
            time_zone: due.map(|_| "Europe/Berlin".to_owned()),
            due_at: due,
            consent_id: None,
            problem: None,
            published_at: None,
            tiktok_ids: Vec::new(),
            created_at: START,
            updated_at: START,
        }
    }
}

// Rows that are never read in full, so their JSON is as short as the schema allows. Half of the posts are out, half are planned.
const FILL_POSTS: &str = "
WITH RECURSIVE numbers (n) AS (
  SELECT CAST(1000 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < 999 + $1
)
INSERT INTO post (id, workspace_id, group_id, connection_id, media_id, author_id, state, delivery, content, caption, revision,
                  due_at, created_at, updated_at)
SELECT 'post-' || n, $2, 'group-' || n, $3, $4, $5, CASE WHEN n % 2 = 0 THEN 'published' ELSE 'scheduled' END, 'direct', '{}', '', 1,
       $6 + n * 1000, $6, $6 + n
FROM numbers";
const FILL_ATTEMPTS: &str = "
INSERT INTO attempt (id, post_id, connection_id, ordinal, mode, state, epoch, due_at, revision, snapshot, media_sha256, media_size,
                     chunk_size, chunk_count, publish_id, next_at, created_at, updated_at)
SELECT 'attempt-' || id, id, connection_id, 1, 'direct_file', CASE WHEN state = 'published' THEN 'published' ELSE 'ready' END, 1,
       due_at, 1, '{}', '', 1, 1, 1, CASE WHEN state = 'published' THEN 'publish-' || id END, due_at, created_at, updated_at
FROM post
WHERE id LIKE 'post-%'";

// A consent and an attempt for every post that is no draft, but one; rows that are counted and never read.
const CONSENT_OF_ALL: &str = "
INSERT INTO consent (id, post_id, user_id, given_at, declaration, text_version, locale, subject, fingerprint)
SELECT 'consent-' || id, id, author_id, created_at, 'music', '1', 'en', '{}', ''
FROM post
WHERE state <> 'draft' AND id <> $1";
const ATTEMPT_OF_ALL: &str = "
INSERT INTO attempt (id, post_id, connection_id, ordinal, mode, state, epoch, due_at, revision, snapshot, media_sha256, media_size,
                     chunk_size, chunk_count, publish_id, next_at, created_at, updated_at)
SELECT 'attempt-' || id, id, connection_id, 1, 'direct_file', 'published', 1, due_at, 1, '{}', '', 1, 1, 1, 'publish-' || id, due_at,
       created_at, updated_at
FROM post
WHERE state = 'published' AND id <> $1";

/// Gives every post but one what stands beside a post that went out. Only counted, never read: pages of these posts cannot be shown.
///
/// # Panics
/// When the store refuses.
pub async fn stand_beside(store: &Store, except: PostId) {
    let mut tx = store.begin().await.expect("begin");
    execute!(tx tx, CONSENT_OF_ALL, except.to_string()).expect("consents");
    execute!(tx tx, ATTEMPT_OF_ALL, except.to_string()).expect("attempts");
    tx.commit().await.expect("commit");
    analyse(store).await;
}

// Two thousand accounts more, and planned posts spread over them.
const FILL_ACCOUNTS: &str = "
WITH RECURSIVE numbers (n) AS (
  SELECT CAST(1000 AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n < 999 + $1
)
INSERT INTO connection (id, workspace_id, open_id, display_name, flavour, scopes, state, connected_at, consented_at, updated_at)
SELECT 'account-' || n, workspace_id, 'open-' || n, display_name, flavour, scopes, state, connected_at, consented_at, updated_at
FROM connection CROSS JOIN numbers
WHERE id = $2";
const SPREAD_POSTS: &str = "
UPDATE post SET connection_id = 'account-' || (1000 + CAST(SUBSTR(id, 6) AS BIGINT) % $1)
WHERE id LIKE 'post-%'";
const SPREAD_ATTEMPTS: &str = "
UPDATE attempt SET connection_id = (SELECT connection_id FROM post WHERE post.id = attempt.post_id)
WHERE id LIKE 'attempt-%'";
const SPREAD_LANES: &str = "
INSERT INTO lane (connection_id, next_at)
SELECT connection_id, MIN(due_at) FROM post WHERE state = 'scheduled' AND id LIKE 'post-%' GROUP BY connection_id";

/// Spreads what [`fill`] wrote over so many accounts, each with a turn of its own.
///
/// # Panics
/// When the store refuses.
pub async fn spread(store: &Store, seed: &Seed, accounts: u32) {
    let mut tx = store.begin().await.expect("begin");
    if let TxInner::Postgres(inner) = &mut tx.inner {
        sqlx::query("SET LOCAL statement_timeout = 0").execute(&mut **inner).await.expect("a long statement");
    }
    execute!(tx tx, FILL_ACCOUNTS, i64::from(accounts), seed.connection.to_string()).expect("accounts");
    execute!(tx tx, SPREAD_POSTS, i64::from(accounts)).expect("posts");
    execute!(tx tx, SPREAD_ATTEMPTS).expect("attempts");
    execute!(tx tx, SPREAD_LANES).expect("lanes");
    tx.commit().await.expect("commit");
    analyse(store).await;
}

/// Adds `rows` posts with an attempt each, none of them due before [`START`] plus a second: what a claim has to look past.
///
/// # Panics
/// When the store refuses.
pub async fn fill(store: &Store, seed: &Seed, rows: u32) {
    let mut tx = store.begin().await.expect("begin");
    if let TxInner::Postgres(inner) = &mut tx.inner {
        sqlx::query("SET LOCAL statement_timeout = 0").execute(&mut **inner).await.expect("a long statement");
    }
    execute!(
        tx tx, FILL_POSTS,
        i64::from(rows),
        seed.workspace.to_string(),
        seed.connection.to_string(),
        seed.media.to_string(),
        seed.user.to_string(),
        START.millis(),
    )
    .expect("posts");
    execute!(tx tx, FILL_ATTEMPTS).expect("attempts");
    tx.commit().await.expect("commit");
    analyse(store).await;
}

/// Planners go by what they counted, and nobody may wait for them to count by themselves.
async fn analyse(store: &Store) {
    let analyse = "ANALYZE";
    match &store.pools {
        Pools::Sqlite { writer, .. } => {
            let mut turn = writer.aside().await.expect("the writer");
            sqlx::query(analyse).execute(turn.connection()).await.map(drop)
        }
        Pools::Postgres(pools) => sqlx::query(analyse).execute(&pools.whole).await.map(drop),
        #[cfg(feature = "simulation")]
        Pools::Lockstep(_) => Ok(()),
    }
    .expect("statistics");
}

/// Prepares a statement and gives the number of its parameters, as the engine counts them.
///
/// # Errors
/// What the engine says about the text.
pub async fn parameters(store: &Store, statement: &Statement) -> Result<usize, sqlx::Error> {
    use either_parameters::count;
    macro_rules! counted {
        ($pool:expr) => {{
            let mut connection = $pool.acquire().await?;
            let described = (&mut *connection).prepare(sqlx::SqlSafeStr::into_sql_str(statement.sql)).await?;
            Ok(count(&described))
        }};
    }
    match &store.pools {
        Pools::Sqlite { reader, .. } => counted!(reader),
        Pools::Postgres(pools) => counted!(pools.whole),
        #[cfg(feature = "simulation")]
        Pools::Lockstep(_) => Err(sqlx::Error::PoolClosed),
    }
}

/// The value of a numeric SQLite setting on the connection that writes; `None` on PostgreSQL.
///
/// # Panics
/// When the setting does not exist.
pub async fn writer_pragma(store: &Store, name: &str) -> Option<i64> {
    match &store.pools {
        Pools::Sqlite { writer, .. } => {
            let sql = AssertSqlSafe(format!("PRAGMA {name}"));
            let mut turn = writer.aside().await.expect("the writer");
            let (value,): (i64,) = sqlx::query_as(sql).fetch_one(turn.connection()).await.expect("a known setting");
            Some(value)
        }
        Pools::Postgres(_) => None,
        #[cfg(feature = "simulation")]
        Pools::Lockstep(_) => None,
    }
}

/// Tries to change a consent behind the store's back, which the schema has to refuse.
///
/// # Errors
/// [`crate::StoreError::Constraint`], if all is well.
pub async fn change_consent(tx: &mut Tx, id: ConsentId) -> crate::Result<u64> {
    execute!(tx tx, CHANGE_CONSENT, id.to_string())
}

/// Makes a person one of those who came before answers to the policy were recorded.
///
/// # Panics
/// When the store refuses.
pub async fn forget_policy_answers(store: &Store, person: UserId) {
    let mut tx = store.begin().await.expect("begin");
    execute!(tx &mut tx, FORGET_POLICY_ANSWERS, person.to_string()).expect("deleted");
    tx.commit().await.expect("commit");
}

/// Tries to write through a connection that is for reading, which SQLite has to refuse.
///
/// # Errors
/// That it is read-only, if all is well.
pub async fn write_through_reader(store: &Store) -> crate::Result<u64> {
    execute!(store store, WRITE_META)
}

/// Ends the server's side of this transaction's connection, as a crash of PostgreSQL would.
///
/// # Panics
/// On SQLite, which has no server.
pub async fn kill_connection(store: &Store, tx: &mut Tx) {
    let (TxInner::Postgres(inner), Pools::Postgres(pools)) = (&mut tx.inner, &store.pools) else {
        panic!("only PostgreSQL has a server");
    };
    let (pid,): (i32,) =
        sqlx::query_as("SELECT pg_backend_pid()").fetch_one(&mut **inner).await.expect("its own number");
    sqlx::query("SELECT pg_terminate_backend($1)").bind(pid).execute(&pools.whole).await.expect("it can be ended");
}

mod either_parameters {
    use sqlx::{Either, Statement};

    pub(super) fn count<S: Statement>(statement: &S) -> usize {
        match statement.parameters() {
            Some(Either::Left(types)) => types.len(),
            Some(Either::Right(count)) => count,
            None => 0,
        }
    }
}

/// Which engines a statement is for.
#[must_use]
pub fn is_for(statement: &Statement, engine: Engine) -> bool {
    statement.only.is_none_or(|only| only == engine)
}

/// What [`TestStore::save_attempts`] copies, as whole tables.
const SAVED: [&str; 5] = ["attempt", "attempt_log", "post", "post_event", "lane"];

impl TestStore {
    async fn run(&self, statements: &[String]) {
        for sql in statements {
            let sql = AssertSqlSafe(sql.clone());
            match &self.store.pools {
                Pools::Sqlite { writer, .. } => {
                    let mut aside = writer.aside().await.expect("the writing connection");
                    aside.connection().execute(sql).await.map(|_| ())
                }
                Pools::Postgres(pools) => pools.whole.execute(sql).await.map(|_| ()),
                #[cfg(feature = "simulation")]
                Pools::Lockstep(_) => Ok(()),
            }
            .expect("the copy is made");
        }
    }

    /// What a statement of one text column gives, as it stands in the database.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let sql = AssertSqlSafe(sql.to_owned());
        let rows: crate::Result<Vec<(String,)>> = async {
            on!(store self.store, |pool| sqlx::query_as(sql).fetch_all(pool), |rows| rows).map_err(StoreError::from)
        }
        .await;
        let rows = rows.expect("the column is read");
        rows.into_iter().map(|(text,)| text).collect()
    }

    /// The same of a column of bytes.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn bytes(&self, sql: &str) -> Vec<Vec<u8>> {
        let sql = AssertSqlSafe(sql.to_owned());
        let rows: crate::Result<Vec<(Vec<u8>,)>> = async {
            on!(store self.store, |pool| sqlx::query_as(sql).fetch_all(pool), |rows| rows).map_err(StoreError::from)
        }
        .await;
        let rows = rows.expect("the column is read");
        rows.into_iter().map(|(bytes,)| bytes).collect()
    }

    /// Brings an empty database to an older version only.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn migrate_until(&self, version: i64) {
        let until = |all: &Migrator| {
            Migrator::with_migrations(all.iter().filter(|one| one.version <= version).cloned().collect())
        };
        match &self.store.pools {
            Pools::Sqlite { writer, .. } => {
                let mut turn = writer.aside().await.expect("the writing connection");
                until(&crate::migrations::SQLITE).run(turn.connection()).await
            }
            Pools::Postgres(pools) => until(&crate::migrations::POSTGRES).run(&pools.whole).await,
            #[cfg(feature = "simulation")]
            Pools::Lockstep(_) => Ok(()),
        }
        .expect("older migrations apply");
    }

    /// Runs statements behind the program's back, as somebody who has got hold of the database would.
    ///
    /// # Panics
    /// When the database refuses.
    pub async fn tamper(&self, statements: &[&str]) {
        self.run(&statements.iter().map(|sql| (*sql).to_owned()).collect::<Vec<_>>()).await;
    }

    /// Copies what the database says about posts and their attempts, for [`TestStore::rewind_attempts`].
    ///
    /// # Panics
    /// When the database does not answer.
    pub async fn save_attempts(&self) {
        let drop = SAVED.map(|table| format!("DROP TABLE IF EXISTS saved_{table}"));
        let make = SAVED.map(|table| format!("CREATE TABLE saved_{table} AS SELECT * FROM {table}"));
        self.run(&[drop, make].concat()).await;
    }

    /// Makes the database say again what it said at [`TestStore::save_attempts`]: everything since is lost, numbers included.
    ///
    /// # Panics
    /// When the database does not answer, or nothing was saved.
    pub async fn rewind_attempts(&self) {
        let post =
            "state, revision, local_time, time_zone, due_at, consent_id, problem, published_at, tiktok_ids, updated_at";
        let (numbers, back) = match self.store.engine() {
            Engine::Sqlite => (
                "",
                "UPDATE sqlite_sequence SET seq = (SELECT COALESCE(MAX(seq), 0) FROM attempt_log) WHERE name = 'attempt_log'",
            ),
            Engine::Postgres => (
                "OVERRIDING SYSTEM VALUE",
                "SELECT setval(pg_get_serial_sequence('attempt_log', 'seq'), GREATEST((SELECT MAX(seq) FROM attempt_log), 1))",
            ),
        };
        let columns = "seq, attempt_id, epoch, from_state, to_state, cause, log_id, remote_date, at";
        self.run(&[
            "DELETE FROM attempt_log".to_owned(),
            "DELETE FROM attempt".to_owned(),
            "DELETE FROM post_event WHERE seq NOT IN (SELECT seq FROM saved_post_event)".to_owned(),
            format!("UPDATE post SET ({post}) = (SELECT {post} FROM saved_post WHERE saved_post.id = post.id) WHERE id IN (SELECT id FROM saved_post)"),
            "DELETE FROM lane".to_owned(),
            "INSERT INTO lane SELECT * FROM saved_lane".to_owned(),
            "INSERT INTO attempt SELECT * FROM saved_attempt".to_owned(),
            format!("INSERT INTO attempt_log ({columns}) {numbers} SELECT {columns} FROM saved_attempt_log"),
            back.to_owned(),
        ])
        .await;
    }
}
