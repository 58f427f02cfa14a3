//! The database: whether it opens, is at this version, was written under this key, and what it thinks the time is.

use super::Finding;
use crate::config::{Config, Database};
use crate::{instance_key, service};
use app::erasure::OVERDUE_MS;
use app::{Clock, SystemClock};
use store::Store;

/// Difference between the database's clock and ours that is worth a word, and the one that stops a start, seconds.
const CLOCK_WARN_S: i64 = 2;
const CLOCK_FAIL_S: i64 = 60;

pub async fn look(config: &Config) -> Vec<Finding> {
    match &config.database {
        Database::Embedded if !config.data.join("moloko.db").exists() => {
            vec![Finding::ok("database", "the embedded one will be made at the first start")]
        }
        Database::Embedded | Database::Postgres(_) => open(config).await,
    }
}

async fn open(config: &Config) -> Vec<Finding> {
    let store = match service::database_url(config) {
        Ok(url) => match Store::open(&url).await {
            Ok(store) => store,
            Err(error) => {
                return vec![Finding::fail(
                    "database",
                    format!("{url} cannot be opened ({error})"),
                    "nothing works without it",
                    "If the instance runs now, stop it first or take this as good news; otherwise check address, password and disk.",
                )];
            }
        },
        Err(error) => {
            return vec![Finding::fail(
                "database",
                format!("{error:#}"),
                "nothing works without it",
                "Correct MOLOKO_DATABASE_URL.",
            )];
        }
    };
    let findings = vec![
        version(&store).await,
        key(config, &store).await,
        super::keys::look(config, &store).await,
        clock(&store).await,
        overdue(config, &store).await,
        rewrites(&store).await,
    ];
    store.close().await;
    findings
}

async fn version(store: &Store) -> Finding {
    match store.migrations_pending().await {
        Ok(0) => Finding::ok("database", format!("{} opens and is at this version", store.engine())),
        Ok(steps) => Finding::warn(
            "database",
            format!("{} opens; {steps} step(s) to this version are missing", store.engine()),
            "`serve` applies them at its start",
            "Make a backup, then run `moloko migrate` or start the instance.",
        ),
        Err(error) => Finding::fail(
            "database",
            format!("its version cannot be read ({error})"),
            "it may belong to another program",
            "Check MOLOKO_DATABASE_URL.",
        ),
    }
}

async fn key(config: &Config, store: &Store) -> Finding {
    let matching = match instance_key::existing(config) {
        Ok(Some(keys)) => instance_key::matches(store, &keys).await,
        Ok(None) => Ok(None),
        Err(error) => Err(error),
    };
    match matching {
        Ok(Some(true)) => Finding::ok("key and data", "the database was written under this instance key"),
        Ok(None) => Finding::ok("key and data", "the database has seen no instance key yet"),
        Ok(Some(false)) => Finding::fail(
            "key and data",
            "the database was written under another instance key",
            "no token can be read, so nothing can be published",
            "Put the right key back.",
        ),
        Err(error) => Finding::fail(
            "key and data",
            format!("cannot be compared ({error:#})"),
            "the key must fit the database",
            "Run `moloko migrate` first.",
        ),
    }
}

async fn clock(store: &Store) -> Finding {
    let theirs = match store.now_db().await {
        Ok(theirs) => theirs,
        Err(error) => {
            return Finding::fail(
                "database clock",
                format!("cannot be read ({error})"),
                "leases depend on it",
                "Check the database.",
            );
        }
    };
    let apart_s = theirs.millis_since(SystemClock::new().now()).abs() / 1000;
    let what = format!("{apart_s} s apart from this machine's");
    let todo = "Let both machines follow the same time server.";
    if apart_s > CLOCK_FAIL_S {
        Finding::fail("database clock", what, "leases would be taken for expired", todo)
    } else if apart_s > CLOCK_WARN_S {
        Finding::warn("database clock", what, "leases live by the database's clock", todo)
    } else {
        Finding::ok("database clock", what)
    }
}

/// Whether bytes of erased rows are left in unused space for longer than they should.
async fn rewrites(store: &Store) -> Finding {
    let what = "unused space";
    match store.rewrites_owed().await {
        Ok(Some(owed)) if SystemClock::new().now().millis_since(owed.since) > OVERDUE_MS => Finding::warn(
            what,
            format!("since {} these tables wait to be written anew: {}", owed.since.date(), owed.tables.join(", ")),
            "bytes of erased rows, which no key opens, may still be there: it is never quiet for long enough, or they are too large",
            "In a quiet hour run VACUUM (FULL) on each of them.",
        ),
        Ok(_) => Finding::ok(what, "nothing of erased rows is overdue there"),
        Err(error) => Finding::fail(
            what,
            format!("cannot be asked about ({error})"),
            "erased rows have to leave it within 30 days",
            "Check the database.",
        ),
    }
}

/// What the next start would do with posts whose time has passed.
async fn overdue(config: &Config, store: &Store) -> Finding {
    let now = SystemClock::new().now();
    let overdue = match store.posts_overdue(now.plus_seconds(-60)).await {
        Ok(overdue) => overdue,
        Err(error) => {
            return Finding::fail(
                "overdue posts",
                format!("cannot be counted ({error})"),
                "the start holds them when there are many",
                "Run `moloko migrate` first.",
            );
        }
    };
    let Some(since) = overdue.since else {
        return Finding::ok("overdue posts", "none");
    };
    let minutes = now.millis_since(since) / 60_000;
    let what = format!("{} scheduled, the first for {minutes} min", overdue.count);
    let many = overdue.count > i64::from(config.hold_overdue_posts);
    if many || minutes > i64::from(config.hold_overdue_minutes) {
        return Finding::warn(
            "overdue posts",
            what,
            "a start now would hold all of them and ask their owners",
            "That is right after a long stop. For a planned one, raise MOLOKO_HOLD_OVERDUE_POSTS and MOLOKO_HOLD_OVERDUE_MINUTES.",
        );
    }
    Finding::ok("overdue posts", what)
}
