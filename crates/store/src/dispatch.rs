//! The macros that run one statement on whichever database is behind a [`crate::Store`] or [`crate::Tx`].
//!
//! Own nothing else. The number of bound values is compared with the statement while compiling.

/// Lists the statements of a module: `statements![SELECT, INSERT, CLAIM_SQLITE @ Sqlite, CLAIM_POSTGRES @ Postgres]`.
macro_rules! statements {
    (@only) => { None };
    (@only $engine:ident) => { Some($crate::db::Engine::$engine) };
    ($($name:ident $(@ $engine:ident)?),* $(,)?) => {
        &[$($crate::db::Statement {
            name: stringify!($name),
            sql: $name,
            only: statements!(@only $($engine)?),
        }),*]
    };
}

/// Runs the body with the connection of whichever engine the transaction is on.
macro_rules! on_tx {
    ($tx:expr, |$conn:ident| $body:expr) => {
        match &mut $tx.inner {
            $crate::db::TxInner::Sqlite(tx) => {
                let $conn = tx.connection();
                $body
            }
            $crate::db::TxInner::Postgres(tx) => {
                let $conn = &mut **tx;
                $body
            }
        }
    };
}

/// Runs the body with the reading pool of whichever engine the store is on. SQLite refuses writes there.
macro_rules! on_store {
    ($store:expr, |$pool:ident| $body:expr) => {
        match &$store.pools {
            $crate::db::Pools::Sqlite { reader: $pool, .. } => $body,
            $crate::db::Pools::Postgres($pool) => $body,
        }
    };
}

macro_rules! on {
    (tx $it:expr, |$conn:ident| $body:expr) => {
        on_tx!($it, |$conn| $body)
    };
    (store $it:expr, |$conn:ident| $body:expr) => {
        on_store!($it, |$conn| $body)
    };
}

macro_rules! check_arity {
    ($sql:path $(, $bind:expr)*) => {
        const _: () = assert!(
            $crate::db::arity($sql) == <[&str]>::len(&[$(stringify!($bind)),*]),
            "the number of bound values differs from the statement"
        );
    };
}

/// Runs a change and gives the number of rows it touched.
macro_rules! execute {
    ($kind:ident $it:expr, $sql:path $(, $bind:expr)* $(,)?) => {{
        check_arity!($sql $(, $bind)*);
        on!($kind $it, |conn| sqlx::query($sql)$(.bind($bind))*.execute(conn).await.map(|done| done.rows_affected()))
            .map_err($crate::error::StoreError::from)
    }};
}

/// One row or none, as `$row`.
macro_rules! fetch_optional {
    ($kind:ident $it:expr, $row:ty, $sql:path $(, $bind:expr)* $(,)?) => {{
        check_arity!($sql $(, $bind)*);
        on!($kind $it, |conn| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(conn).await)
            .map_err($crate::error::StoreError::from)
    }};
}

/// Exactly one row, as `$row`.
macro_rules! fetch_one {
    ($kind:ident $it:expr, $row:ty, $sql:path $(, $bind:expr)* $(,)?) => {{
        check_arity!($sql $(, $bind)*);
        on!($kind $it, |conn| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_one(conn).await)
            .map_err($crate::error::StoreError::from)
    }};
}

/// All rows, as `Vec<$row>`; every such statement has a LIMIT or is bounded by its owner.
macro_rules! fetch_all {
    ($kind:ident $it:expr, $row:ty, $sql:path $(, $bind:expr)* $(,)?) => {{
        check_arity!($sql $(, $bind)*);
        on!($kind $it, |conn| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(conn).await)
            .map_err($crate::error::StoreError::from)
    }};
}
