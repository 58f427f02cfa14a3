//! The second wall between workspaces, on PostgreSQL: a request that belongs to somebody runs under a role whose row policies show the rows of
//! that one workspace, whatever a statement forgot to say. SQLite has no such thing.
//!
//! Owns the role, the policies, and which workspace a task is within. The first wall is each use case's own; nothing may rely on this one alone.

use std::sync::{Arc, OnceLock};

use domain::id::WorkspaceId;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{Acquire as _, AssertSqlSafe, Executor as _, PgConnection, Postgres, Transaction};

use crate::db::{ACQUIRE_TIMEOUT, Engine, Pools, Statement, Store};
use crate::error::{Result, StoreError};

/// The role under which a request runs. It cannot log in and owns nothing.
const ROLE: &str = "moloko_tenant";
/// Where a connection says within which workspace it is.
const SETTING: &str = "moloko.workspace";
/// Connections for requests.
const CONNECTIONS: u32 = 16;
/// Name of the policies; another rule needs another name.
const POLICY: &str = "wall_1";
/// Nodes that start together raise the wall one after the other.
const LOCK: i64 = 0x6d6f_6c6b_7761_6c6c;

/// By what a table's rows belong to a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Belongs {
    /// By this column.
    By(&'static str),
    /// As the row of another table does that this column names.
    With(&'static str, &'static str),
    /// To no workspace, or it is asked about before anybody knows which; says why.
    Not(&'static str),
}

/// Every table, once.
pub const TABLES: &[(&str, Belongs)] = &[
    ("workspace", Belongs::By("id")),
    ("connection", Belongs::By("workspace_id")),
    ("unconfirmed", Belongs::By("workspace_id")),
    ("upload", Belongs::By("workspace_id")),
    ("media", Belongs::By("workspace_id")),
    ("post", Belongs::By("workspace_id")),
    ("post_event", Belongs::By("workspace_id")),
    ("export_job", Belongs::By("workspace_id")),
    ("rendition", Belongs::By("workspace_id")),
    ("snippet", Belongs::By("workspace_id")),
    ("saved_view", Belongs::By("workspace_id")),
    ("annotation", Belongs::By("workspace_id")),
    ("report_link", Belongs::By("workspace_id")),
    ("report_turn", Belongs::By("workspace_id")),
    ("idea", Belongs::By("workspace_id")),
    ("label", Belongs::By("workspace_id")),
    ("guide", Belongs::By("workspace_id")),
    ("erasure", Belongs::By("workspace_id")),
    ("deletion", Belongs::By("workspace_id")),
    ("connection_token", Belongs::With("connection", "connection_id")),
    ("connection_key", Belongs::With("connection", "connection_id")),
    ("avatar", Belongs::With("connection", "connection_id")),
    ("rhythm", Belongs::With("connection", "connection_id")),
    ("metric_consent", Belongs::With("connection", "connection_id")),
    ("metric_watch", Belongs::With("connection", "connection_id")),
    ("metric_sample", Belongs::With("connection", "connection_id")),
    ("metric_mark", Belongs::With("connection", "connection_id")),
    ("metric_day", Belongs::With("connection", "connection_id")),
    ("follower_sample", Belongs::With("connection", "connection_id")),
    ("consent", Belongs::With("post", "post_id")),
    ("post_photo", Belongs::With("post", "post_id")),
    ("post_note", Belongs::With("post", "post_id")),
    ("draft_state", Belongs::With("post", "post_id")),
    ("post_label", Belongs::With("post", "post_id")),
    ("board_place", Belongs::With("post", "post_id")),
    ("media_tags", Belongs::With("media", "media_id")),
    ("attempt", Belongs::With("post", "post_id")),
    ("attempt_log", Belongs::With("attempt", "attempt_id")),
    ("gate_visit", Belongs::With("attempt", "attempt_id")),
    ("meta", Belongs::Not("it is the instance's")),
    ("person", Belongs::Not("a person is not of one workspace")),
    ("person_key", Belongs::Not("a person is not of one workspace")),
    ("member", Belongs::Not("it is what tells the workspace")),
    ("session", Belongs::Not("it is what tells the person")),
    ("sign_in", Belongs::Not("it is asked for before anybody is known")),
    ("policy_answer", Belongs::Not("a person's, whatever the workspace")),
    ("consent_ledger", Belongs::Not("a person's, whatever the workspace")),
    ("imported", Belongs::Not("a person's, whatever the workspace")),
    ("support_request", Belongs::Not("a person's, whatever the workspace")),
    ("support_message", Belongs::Not("a person's, whatever the workspace")),
    ("notice", Belongs::Not("a person's, whatever the workspace")),
    ("push_browser", Belongs::Not("a person's, whatever the workspace")),
    ("push_message", Belongs::Not("a person's, whatever the workspace")),
    ("inactivity", Belongs::Not("a person's, whatever the workspace")),
    ("lane", Belongs::Not("the engine's turns")),
    ("webhook_seen", Belongs::Not("TikTok's deliveries")),
    ("audit", Belongs::Not("one record for the instance")),
    ("audit_chain", Belongs::Not("one record for the instance")),
    ("blob_trash", Belongs::Not("keys without content")),
    ("revoke_ticket", Belongs::Not("a renewed grant ends the tickets of every workspace")),
    ("tombstone", Belongs::Not("marks without content")),
    ("hold", Belongs::Not("the operator's")),
    ("operator", Belongs::Not("an operator is of no workspace")),
    ("operator_link", Belongs::Not("an operator is of no workspace")),
    ("operator_passkey", Belongs::Not("an operator is of no workspace")),
    ("operator_session", Belongs::Not("an operator is of no workspace")),
    ("operator_ceremony", Belongs::Not("an operator is of no workspace")),
    ("sweep", Belongs::Not("it is the instance's")),
    ("node", Belongs::Not("it is the instance's")),
];

/// Within which workspace a request turned out to be.
type Place = Arc<OnceLock<WorkspaceId>>;

tokio::task_local! {
    static WITHIN: Place;
}

/// Runs a request, which may turn out to be within a workspace.
pub async fn request<F: Future>(future: F) -> F::Output {
    WITHIN.scope(Place::default(), future).await
}

/// From here on this request sees the rows of one workspace. Outside of [`request`] it changes nothing.
pub fn within(workspace: WorkspaceId) {
    // The first word counts: nothing in a request may move it elsewhere.
    let _ = WITHIN.try_with(|place| place.set(workspace));
}

/// Looks over the wall, for the few questions that are about every workspace by their nature.
pub async fn over<F: Future>(future: F) -> F::Output {
    WITHIN.scope(Place::default(), future).await
}

fn place() -> Option<WorkspaceId> {
    WITHIN.try_with(|place| place.get().copied()).ok().flatten()
}

/// The connections of one PostgreSQL database: those of the program itself, and those of requests.
#[derive(Debug, Clone)]
pub(crate) struct PgPools {
    pub(crate) whole: PgPool,
    options: Arc<PgConnectOptions>,
    within: Arc<OnceLock<PgPool>>,
}

impl PgPools {
    pub(crate) fn new(whole: PgPool, options: PgConnectOptions) -> Self {
        Self { whole, options: Arc::new(options), within: Arc::default() }
    }

    /// The connections that the running task may use.
    pub(crate) fn now(&self) -> &PgPool {
        match self.within.get() {
            Some(within) if place().is_some() => within,
            Some(_) | None => &self.whole,
        }
    }

    /// How a further connection is made.
    pub(crate) fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    pub(crate) async fn close(&self) {
        if let Some(within) = self.within.get() {
            within.close().await;
        }
        self.whole.close().await;
    }
}

async fn step_within(connection: &mut PgConnection) -> std::result::Result<(), sqlx::Error> {
    // Nobody's place is a workspace that does not exist.
    let place = place().map(|it| it.to_string()).unwrap_or_default();
    sqlx::query("SELECT set_config($1, $2, false)").bind(SETTING).bind(place).execute(connection).await.map(drop)
}

fn within_pool(options: PgConnectOptions) -> PgPool {
    PgPoolOptions::new()
        .max_connections(CONNECTIONS)
        .acquire_timeout(ACQUIRE_TIMEOUT)
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute(AssertSqlSafe(format!("SET ROLE {ROLE}"))).await?;
                step_within(connection).await
            })
        })
        .before_acquire(|connection, _| Box::pin(async move { step_within(connection).await.map(|()| true) }))
        .connect_lazy_with(options)
}

fn policy(table: &str, belongs: Belongs) -> Option<String> {
    let rule = match belongs {
        Belongs::By(column) => format!("{column} = current_setting('{SETTING}', true)"),
        // The other table's own policy decides what of it is there.
        Belongs::With(other, column) => format!("EXISTS (SELECT 1 FROM {other} WHERE {other}.id = {table}.{column})"),
        Belongs::Not(_) => return None,
    };
    Some(format!(
        "DO $wall$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_policies WHERE schemaname = current_schema() AND tablename = '{table}' AND policyname = '{POLICY}') THEN
    ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;
    CREATE POLICY {POLICY} ON {table} TO {ROLE} USING ({rule}) WITH CHECK ({rule});
  END IF;
END $wall$"
    ))
}

const MAKE_ROLE: &str = "DO $wall$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'moloko_tenant') THEN
    CREATE ROLE moloko_tenant NOLOGIN;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $wall$";

const GRANT_ROLE: &str = "DO $wall$ BEGIN
  EXECUTE format('GRANT moloko_tenant TO %I', current_user);
END $wall$";

const TAKE_ROLE: &str = "SET LOCAL ROLE moloko_tenant";

const GRANTS: &str = "DO $wall$ BEGIN
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO moloko_tenant', current_schema());
  EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %I TO moloko_tenant', current_schema());
  EXECUTE format('GRANT USAGE ON ALL SEQUENCES IN SCHEMA %I TO moloko_tenant', current_schema());
END $wall$";

/// No request of a person has any business with operators.
const OPERATORS_APART: &str =
    "REVOKE ALL ON operator, operator_link, operator_passkey, operator_session, operator_ceremony FROM moloko_tenant";

const STANDING: &str = "
SELECT COUNT(*) FROM pg_policies
WHERE schemaname = current_schema() AND policyname = $1 AND roles = ARRAY[CAST('moloko_tenant' AS name)]";

pub(crate) const STATEMENTS: &[Statement] = statements![
    STANDING @ Postgres,
    MAKE_ROLE @ Postgres,
    GRANT_ROLE @ Postgres,
    TAKE_ROLE @ Postgres,
    GRANTS @ Postgres,
    OPERATORS_APART @ Postgres,
];

async fn may_take_role(tx: &mut Transaction<'_, Postgres>) -> Result<bool> {
    let mut trial = tx.begin().await.map_err(StoreError::from)?;
    let taken = trial.execute(TAKE_ROLE).await.is_ok();
    // Back to the role and the state before, whatever came of it.
    trial.rollback().await.map_err(StoreError::from)?;
    Ok(taken)
}

impl Store {
    /// How many tables have their policy, and how many should; `None` where the database has no such thing.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn wall(&self) -> Result<Option<(i64, i64)>> {
        match self.engine() {
            Engine::Sqlite => return Ok(None),
            Engine::Postgres => {}
        }
        let (there,) = fetch_one!(store self, (i64,), STANDING, POLICY)?;
        let wanted = TABLES.iter().filter(|(table, belongs)| policy(table, *belongs).is_some()).count();
        Ok(Some((there, i64::try_from(wanted).unwrap_or(i64::MAX))))
    }

    /// Makes role and policies where they are missing, and lets requests run behind them from here on. True on PostgreSQL, false where
    /// there is nothing of the kind. Running it again does nothing.
    ///
    /// # Errors
    /// When the database's user may not create a role and nobody else did: see docs/operating.md.
    pub async fn raise_wall(&self) -> Result<bool> {
        let Pools::Postgres(pools) = &self.pools else { return Ok(false) };
        let mut tx = pools.whole.begin().await.map_err(StoreError::from)?;
        sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *tx).await.map_err(StoreError::from)?;
        tx.execute(MAKE_ROLE).await.map_err(StoreError::from)?;
        // Membership alone is not enough: whoever made the role may belong to it without being allowed to take it.
        if !may_take_role(&mut tx).await? {
            tx.execute(GRANT_ROLE).await.map_err(StoreError::from)?;
            tx.execute(TAKE_ROLE).await.map_err(StoreError::from)?;
            tx.execute("RESET ROLE").await.map_err(StoreError::from)?;
        }
        let policies = TABLES.iter().filter_map(|(table, belongs)| policy(table, *belongs));
        for statement in policies.chain([GRANTS.to_owned(), OPERATORS_APART.to_owned()]) {
            tx.execute(AssertSqlSafe(statement)).await.map_err(StoreError::from)?;
        }
        tx.commit().await.map_err(StoreError::from)?;
        // Two tasks that raise it together make two pools, of which one is kept.
        let _ = pools.within.set(within_pool(PgConnectOptions::clone(&pools.options)));
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use domain::privacy::retention::DATA_MAP;

    use super::*;

    #[test]
    fn pp_4_5_every_table_says_to_whom_its_rows_belong() {
        let told: Vec<&str> = TABLES.iter().map(|(table, _)| *table).collect();
        let there: BTreeSet<&str> = DATA_MAP.iter().map(|it| it.table).collect();
        assert_eq!(told.len(), there.len(), "each once");
        assert_eq!(told.into_iter().collect::<BTreeSet<_>>(), there);
        let has = |table: &str, column: &str| DATA_MAP.iter().any(|it| it.table == table && it.column == column);
        for (table, belongs) in TABLES {
            match belongs {
                Belongs::By(column) => assert!(has(table, column), "{table}.{column}"),
                Belongs::With(other, column) => assert!(has(table, column) && has(other, "id"), "{table}.{column}"),
                Belongs::Not(why) => assert!(!why.is_empty()),
            }
        }
    }
}
