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

/// A structure whose fields are read from the columns of their names, on either engine: `row! { struct Raw { id: String } }`.
///
/// In place of sqlx's derive, which would compile all of sqlx and SQLite a second time, for the compiler's own use.
macro_rules! row {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($(#[$field_meta:meta])* $field_vis:vis $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        $vis struct $name { $($(#[$field_meta])* $field_vis $field: $type),* }

        row!(@read sqlx::sqlite::SqliteRow, $name, $($field)*);
        row!(@read sqlx::postgres::PgRow, $name, $($field)*);
    };
    (@read $row:ty, $name:ident, $($field:ident)*) => {
        impl sqlx::FromRow<'_, $row> for $name {
            fn from_row(row: &$row) -> sqlx::Result<Self> {
                Ok(Self { $($field: sqlx::Row::try_get(row, stringify!($field))?),* })
            }
        }
    };
}

/// Awaits a statement on the connection of whichever engine the transaction is on, then changes its result.
macro_rules! on_tx {
    ($tx:expr, |$conn:ident| $statement:expr, $then:expr) => {
        match &mut $tx.inner {
            $crate::db::TxInner::Sqlite(tx) => {
                let $conn = tx.connection();
                $statement.await.map($then)
            }
            $crate::db::TxInner::Postgres(tx) => {
                let $conn = &mut **tx;
                $statement.await.map($then)
            }
            #[cfg(feature = "simulation")]
            $crate::db::TxInner::Lockstep(tx) => {
                let $conn = tx.connection();
                $crate::lockstep::at_once($statement).map($then)
            }
        }
    };
}

/// Awaits a statement on the reading pool of whichever engine the store is on. SQLite refuses writes there.
macro_rules! on_store {
    ($store:expr, |$pool:ident| $statement:expr, $then:expr) => {
        match &$store.pools {
            $crate::db::Pools::Sqlite { reader: $pool, .. } => $statement.await.map($then),
            $crate::db::Pools::Postgres(pools) => {
                let $pool = pools.now();
                $statement.await.map($then)
            }
            #[cfg(feature = "simulation")]
            $crate::db::Pools::Lockstep(seat) => {
                let mut reading = seat.read().await?;
                let $pool = &mut *reading;
                $crate::lockstep::at_once($statement).map($then)
            }
        }
    };
}

macro_rules! on {
    (tx $it:expr, |$conn:ident| $statement:expr, $then:expr) => {
        on_tx!($it, |$conn| $statement, $then)
    };
    (store $it:expr, |$conn:ident| $statement:expr, $then:expr) => {
        on_store!($it, |$conn| $statement, $then)
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

/// A read without a purpose that the policy names does not compile.
macro_rules! check_purpose {
    ($sql:path) => {
        const _: () = assert!(
            $crate::purpose::is_said(module_path!(), stringify!($sql)),
            "say in crates/store/src/purpose.rs for which purpose of the policy this statement reads"
        );
    };
}

/// Runs a change and gives the number of rows it touched.
macro_rules! execute {
    ($kind:ident $it:expr, $sql:path $(, $bind:expr)* $(,)?) => {{
        check_arity!($sql $(, $bind)*);
        on!($kind $it, |conn| sqlx::query($sql)$(.bind($bind))*.execute(conn), |done| done.rows_affected())
            .map_err($crate::error::StoreError::from)
    }};
}

/// One row or none, as `$row`.
macro_rules! fetch_optional {
    ($kind:ident $it:expr, $row:ty, $sql:path $(, $bind:expr)* $(,)?) => {{
        check_purpose!($sql);
        check_arity!($sql $(, $bind)*);
        on!($kind $it, |conn| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(conn), |found| found)
            .map_err($crate::error::StoreError::from)
    }};
}

/// Exactly one row, as `$row`.
macro_rules! fetch_one {
    ($kind:ident $it:expr, $row:ty, $sql:path $(, $bind:expr)* $(,)?) => {{
        check_purpose!($sql);
        check_arity!($sql $(, $bind)*);
        on!($kind $it, |conn| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_one(conn), |found| found)
            .map_err($crate::error::StoreError::from)
    }};
}

/// All rows, as `Vec<$row>`; every such statement has a LIMIT or is bounded by its owner.
macro_rules! fetch_all {
    ($kind:ident $it:expr, $row:ty, $sql:path $(, $bind:expr)* $(,)?) => {{
        check_purpose!($sql);
        check_arity!($sql $(, $bind)*);
        on!($kind $it, |conn| sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(conn), |found| found)
            .map_err($crate::error::StoreError::from)
    }};
}
