//! Databases on the PostgreSQL server of the tests. Owns making them, copied from one that is migrated once for all processes, and removing them.
//!
//! Must not be linked into the product. Panics like the rest of the test kit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test cannot go on without its database")]

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};
use uuid::Uuid;

use crate::db::{DatabaseUrl, Store};
use crate::migrations::POSTGRES;

/// A database that lives for one test.
#[derive(Debug)]
pub(super) struct Database {
    server: url::Url,
    name: String,
}

impl Database {
    /// An empty one, or a copy of `template`.
    pub(super) async fn create(server: url::Url, template: Option<&str>) -> Self {
        let name = fresh_name();
        let mut connection = connect(&server).await;
        let of = template.map(|template| format!(" TEMPLATE {template}")).unwrap_or_default();
        let create = AssertSqlSafe(format!("CREATE DATABASE {name}{of}"));
        connection.execute(create).await.expect("the test user may create databases");
        connection.close().await.expect("the connection closes");
        Self { server, name }
    }

    pub(super) fn url(&self) -> DatabaseUrl {
        DatabaseUrl::parse(within(&self.server, &self.name).as_str()).expect("the address stays valid")
    }

    /// Also ends a transaction that the test dropped last: its runtime has no turn left to roll it back.
    pub(super) async fn remove(self) -> Result<(), sqlx::Error> {
        let mut connection = PgConnection::connect(self.server.as_str()).await?;
        connection.execute(AssertSqlSafe(format!("DROP DATABASE {} WITH (FORCE)", self.name))).await?;
        connection.close().await
    }
}

/// The name of the migrated database of these migrations, made by whoever asks first.
pub(super) async fn template(server: &url::Url) -> String {
    let mut hash = aws_lc_rs::digest::Context::new(&aws_lc_rs::digest::SHA256);
    for one in POSTGRES.iter() {
        hash.update(&one.checksum);
    }
    let start: String = hash.finish().as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let name = format!("moloko_template_{start}");
    let mut connection = connect(server).await;
    if !exists(&mut connection, &name).await {
        // Only one process makes the template; the others wait for it.
        sqlx::query("SELECT pg_advisory_lock(7215110)").execute(&mut connection).await.expect("the lock is taken");
        if !exists(&mut connection, &name).await {
            make(server, &mut connection, &name).await;
        }
    }
    connection.close().await.expect("the connection closes");
    name
}

/// It gets its name when it is whole, so that one which died half-way is nobody's template.
async fn make(server: &url::Url, connection: &mut PgConnection, name: &str) {
    let raw = Database::create(server.clone(), None).await;
    let store = Store::open(&raw.url()).await.expect("PostgreSQL opens");
    store.migrate().await.expect("migrations apply");
    store.close().await;
    let rename = AssertSqlSafe(format!("ALTER DATABASE {} RENAME TO {name}", raw.name));
    connection.execute(rename).await.expect("the template gets its name");
}

async fn exists(connection: &mut PgConnection, name: &str) -> bool {
    let found = sqlx::query("SELECT 1 FROM pg_database WHERE datname = $1").bind(name);
    found.fetch_optional(connection).await.expect("the databases are listed").is_some()
}

async fn connect(server: &url::Url) -> PgConnection {
    PgConnection::connect(server.as_str()).await.expect("the server of MOLOKO_TEST_POSTGRES_URL answers")
}

fn within(server: &url::Url, database: &str) -> url::Url {
    let mut url = server.clone();
    url.set_path(database);
    url
}

fn fresh_name() -> String {
    let mut random = [0; 16];
    aws_lc_rs::rand::fill(&mut random).expect("random bytes");
    format!("test_{}", Uuid::from_bytes(random).simple())
}
