//! PostgreSQL through its own programs: `pg_dump` writes SQL text, `psql` takes it in as one transaction. Owns how they are started and what is said to them;
//! the password is given in the environment, where only this user sees it.
//!
//! Both talk to this process through pipes. When it is killed, `pg_dump` has nobody to write to and `psql` hears no COMMIT: neither outlives it.

use std::path::Path;
use std::process::{ExitStatus, Stdio};

use aws_lc_rs::digest::{Context, SHA256};
use sqlx::ConnectOptions as _;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, BufWriter};
use tokio::process::{Child, ChildStdin, Command};

use super::libpq::address;
use super::{BackupError, RESTORED, Result, io};
use crate::console::NODE_SILENT_S;
use crate::db::{DatabaseUrl, Engine, Pools, Statement, Store};
use crate::error::StoreError;
use crate::wall::TABLES;

const SCHEMA: &str = "SELECT CAST(current_schema() AS text)";
/// Everything that can hold rows, but for what belongs to an extension or to a column.
const RELATIONS: &str = "
SELECT CAST(c.relname AS text)
FROM pg_class c
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema()
  AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  AND NOT EXISTS (
    SELECT 1 FROM pg_depend d
    WHERE d.classid = CAST('pg_class' AS regclass) AND d.objid = c.oid AND d.deptype IN ('a', 'e', 'i')
  )
ORDER BY 1";
const LOCK_COMMAND: &str = "SELECT pg_try_advisory_lock($1, hashtext(current_schema()))";

pub(crate) const STATEMENTS: &[Statement] =
    statements![SCHEMA @ Postgres, RELATIONS @ Postgres, LOCK_COMMAND @ Postgres, MAKE_ROLE @ Postgres];

/// One command that puts back works with a schema.
const COMMAND_LOCK: i32 = 0x6d6f_6c6b;
/// One `psql` does: what is left of a command that was killed may still be at it.
const PSQL_LOCK: i32 = 0x6d6f_6c6c;
/// Tables of ours that no row of anybody is in: the schema's own book of versions, and what an erasure is tried out on.
const BESIDE: [&str; 2] = ["_sqlx_migrations", "_scrub_probe"];
/// What the schema has besides tables.
const FUNCTIONS: [&str; 1] = ["consent_is_immutable"];
/// The role of the second wall, which policies in the text name; the server may be another one than that of the copy.
const MAKE_ROLE: &str = "DO $moloko$ BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'moloko_tenant') THEN CREATE ROLE moloko_tenant NOLOGIN; END IF;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
  WHEN insufficient_privilege THEN
    RAISE EXCEPTION 'the copy has row policies for the role moloko_tenant, which is not there, and % may not make it. Have somebody who may run CREATE ROLE moloko_tenant NOLOGIN', current_user;
END $moloko$";
/// How a line that makes a policy for it begins and ends.
const POLICY: (&[u8], &[u8]) = (b"CREATE POLICY ", b" TO moloko_tenant ");
/// Longest line of an error that is told.
const ERROR_BYTES: u64 = 16 * 1024;

/// The right to put a copy back into a schema; the server takes it back when this process ends.
#[derive(Debug)]
pub struct Turn(#[expect(dead_code, reason = "it holds the lock for as long as it is connected")] sqlx::PgConnection);

impl Store {
    /// The right to put a copy back into this database, for one command at a time; `None` on SQLite, where the folder's lock is enough.
    ///
    /// # Errors
    /// [`BackupError::Refused`] when another command has it.
    pub async fn turn_to_restore(&self) -> Result<Option<Turn>> {
        let Pools::Postgres(pools) = &self.pools else { return Ok(None) };
        let mut connection = pools.options().connect().await.map_err(StoreError::from)?;
        let (taken,): (bool,) = sqlx::query_as(LOCK_COMMAND)
            .bind(COMMAND_LOCK)
            .fetch_one(&mut connection)
            .await
            .map_err(StoreError::from)?;
        if taken {
            return Ok(Some(Turn(connection)));
        }
        Err(BackupError::Refused("another command puts a copy back into this database; wait for it".to_owned()))
    }

    /// Refuses a PostgreSQL database in whose place no copy may be put now: somebody works with it, or keeps something of their own in its schema.
    ///
    /// # Errors
    /// [`BackupError::Refused`] with who or what, and what to do.
    pub async fn may_be_replaced(&self) -> Result<()> {
        match self.engine() {
            Engine::Sqlite => return Ok(()),
            Engine::Postgres => {}
        }
        let at_work: Vec<String> = self
            .nodes_at_work()
            .await?
            .iter()
            .map(|(node, age_s)| format!("{} (version {}, heard {age_s} s ago)", node.id, node.program))
            .collect();
        if !at_work.is_empty() {
            return Err(BackupError::Refused(format!(
                "the service is at work with this database: {}. Stop every node first; one that was killed is taken for gone {NODE_SILENT_S} s after it was last heard",
                at_work.join(", ")
            )));
        }
        is_ours_alone(self).await
    }
}

async fn schema(store: &Store) -> Result<String> {
    let (schema,): (Option<String>,) = fetch_one!(store store, (Option<String>,), SCHEMA)?;
    let schema = schema.ok_or_else(|| {
        BackupError::Refused("the schema that the database's address names is not there; make it first".to_owned())
    })?;
    Ok(schema.replace('"', "\"\""))
}

/// What lies in the schema: our tables, and what is somebody else's.
async fn relations(store: &Store) -> Result<(Vec<String>, Vec<String>)> {
    let all: Vec<(String,)> = fetch_all!(store store, (String,), RELATIONS)?;
    let ours = |name: &String| BESIDE.contains(&name.as_str()) || TABLES.iter().any(|(table, _)| table == name);
    Ok(all.into_iter().map(|(name,)| name).partition(ours))
}

/// Refuses a schema in which somebody else keeps something: a copy takes the place of all that is there.
async fn is_ours_alone(store: &Store) -> Result<()> {
    let (_, others) = relations(store).await?;
    if others.is_empty() {
        return Ok(());
    }
    Err(BackupError::Refused(format!(
        "the schema {} of the database also holds what is not this version's: {}. Nothing was touched. Give this program a database or a schema of its own \
         (a copy of a newer version needs that version)",
        schema(store).await?,
        others.join(", ")
    )))
}

/// Writes the whole schema of the instance as SQL text, and at its end that it is a copy. What others keep there is not in it.
pub(super) async fn write(store: &Store, url: &DatabaseUrl, to: &Path, name: &str) -> Result<()> {
    let schema = schema(store).await?;
    let (ours, others) = relations(store).await?;
    let mut command = program("pg_dump", url)?;
    command.args(["--format=plain", "--no-owner", "--no-privileges", "--no-password", "--encoding=UTF8"]);
    // Of ours there are none, and that of the schema can be set by its owner alone.
    command.arg("--no-comments");
    command.arg(format!("--schema=\"{schema}\""));
    command.args(others.iter().map(|other| format!("--exclude-table=\"{schema}\".\"{}\"", other.replace('"', "\"\""))));
    let mut child = started("pg_dump", command.stdin(Stdio::null()).stdout(Stdio::piped()))?;
    let mut file = tokio::fs::File::create(to).await.map_err(io("make", to))?;
    let text = child.stdout.take();
    let copied = async {
        let Some(mut text) = text else { return Ok(0) };
        tokio::io::copy(&mut text, &mut file).await
    };
    let errors = complaints(&mut child);
    let (copied, said) = tokio::join!(copied, errors);
    ended("pg_dump", child.wait().await, &said)?;
    copied.map_err(io("write", to))?;
    // The name is a time: nothing in it needs quoting.
    let mut mark = format!(
        "\nINSERT INTO \"{schema}\".meta (key, value) VALUES ('{RESTORED}', '{name}') ON CONFLICT (key) DO UPDATE SET value = excluded.value;\n"
    );
    if ours.iter().any(|table| table == "node") {
        // Nobody works with the copy.
        mark.push_str(&format!("DELETE FROM \"{schema}\".node;\n"));
    }
    file.write_all(mark.as_bytes()).await.map_err(io("write", to))?;
    file.sync_all().await.map_err(io("write", to))
}

/// Puts SQL text in the place of everything of ours in the schema of the instance: all of it or, when anything goes wrong, nothing. What was read has to be
/// what was written.
pub(super) async fn read(store: &Store, url: &DatabaseUrl, from: &Path, sha256: &str) -> Result<()> {
    is_ours_alone(store).await?;
    let schema = schema(store).await?;
    let (ours, _) = relations(store).await?;
    let mut command = program("psql", url)?;
    command.args(["--no-psqlrc", "--quiet", "--no-password", "--set", "ON_ERROR_STOP=1", "--output", "/dev/null"]);
    let mut child = started("psql", command.args(["--file", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()))?;
    let stdin = child.stdin.take();
    let told = async {
        let Some(stdin) = stdin else { return Ok(()) };
        let mut psql =
            Teller { psql: BufWriter::new(stdin), schema: &schema, has_role: false, rows: false, tables: false };
        psql.tell(&opening(&schema, &ours)).await?;
        let sum = psql.text(from).await?;
        if sum != sha256 {
            return Err(BackupError::Refused(format!(
                "{} was read with other bytes than were written, so nothing was changed",
                from.display()
            )));
        }
        psql.tell("\nCOMMIT;\n").await?;
        psql.psql.shutdown().await.map_err(Teller::deaf)
    };
    let errors = complaints(&mut child);
    let (told, said) = tokio::join!(told, errors);
    let status = child.wait().await;
    match told {
        // It stopped listening, and says why; or it heard everything, and says what came of it.
        Ok(()) | Err(BackupError::Program { .. }) => ended("psql", status, &said).and(told),
        // We stopped talking. What it says is about half a statement.
        Err(ours) => Err(ours),
    }
}

/// The beginning of the transaction: one at a time, nobody at work, and room for the text.
fn opening(schema: &str, ours: &[String]) -> String {
    let tables: Vec<String> = ours.iter().map(|table| format!("\"{schema}\".\"{table}\"")).collect();
    // Without CASCADE: what somebody else made of our tables refuses it.
    let tables = if tables.is_empty() { String::new() } else { format!("DROP TABLE {};\n", tables.join(", ")) };
    let functions: String =
        FUNCTIONS.iter().map(|name| format!("DROP FUNCTION IF EXISTS \"{schema}\".{name};\n")).collect();
    let quoted = schema.replace('\'', "''");
    format!(
        "SET client_min_messages = warning;
BEGIN;
SET LOCAL lock_timeout = '60s';
SELECT pg_advisory_xact_lock({PSQL_LOCK}, hashtext('{quoted}'));
DO $moloko$ DECLARE at_work text; BEGIN
  IF to_regclass('\"{quoted}\".node') IS NULL THEN RETURN; END IF;
  EXECUTE 'SELECT id FROM \"{quoted}\".node WHERE seen_at > 1000 * (extract(epoch FROM clock_timestamp()) - {NODE_SILENT_S}) LIMIT 1' INTO at_work;
  IF at_work IS NOT NULL THEN RAISE EXCEPTION 'the process % is at work with this database; stop it', at_work; END IF;
END $moloko$;
{tables}{functions}"
    )
}

/// What is said to `psql`.
struct Teller<'a> {
    psql: BufWriter<ChildStdin>,
    schema: &'a str,
    has_role: bool,
    /// Within the rows of a table.
    rows: bool,
    /// Tables have come.
    tables: bool,
}

impl Teller<'_> {
    /// It ended; why is among its errors.
    fn deaf(error: std::io::Error) -> BackupError {
        BackupError::Program { program: "psql", why: format!("it ended before it had everything: {error}") }
    }

    async fn tell(&mut self, text: &str) -> Result<()> {
        self.psql.write_all(text.as_bytes()).await.map_err(Self::deaf)
    }

    /// Says a file, line by line; gives the SHA-256 of what it read.
    async fn text(&mut self, from: &Path) -> Result<String> {
        let mut file = BufReader::new(tokio::fs::File::open(from).await.map_err(io("open", from))?);
        let (mut hash, mut line) = (Context::new(&SHA256), Vec::new());
        loop {
            line.clear();
            if file.read_until(b'\n', &mut line).await.map_err(io("read", from))? == 0 {
                break;
            }
            hash.update(&line);
            self.line(&line).await?;
        }
        Ok(hash.finish().as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
    }

    async fn line(&mut self, line: &[u8]) -> Result<()> {
        if self.rows {
            self.rows = line != b"\\.\n";
        } else if line.starts_with(b"COPY ") && line.ends_with(b" FROM stdin;\n") {
            self.rows = true;
        } else if !self.tables && is_of_the_schema(line) {
            return Ok(());
        } else if line.starts_with(b"CREATE TABLE ") && !self.tables {
            self.tables = true;
            let here = [format!("CREATE TABLE {}.", self.schema), format!("CREATE TABLE \"{}\".", self.schema)];
            if !here.iter().any(|here| line.starts_with(here.as_bytes())) {
                return Err(BackupError::Refused(format!(
                    "the copy is of another schema than {}, which the database's address names; name that one",
                    self.schema
                )));
            }
        } else if !self.has_role && line.starts_with(POLICY.0) && holds(line, POLICY.1) {
            self.has_role = true;
            self.tell(MAKE_ROLE).await?;
            self.tell(";\n").await?;
        }
        self.psql.write_all(line).await.map_err(Self::deaf)
    }
}

/// What makes the schema, which is there already, or in older copies gives it a comment of one line: the database's user may be allowed neither.
fn is_of_the_schema(line: &[u8]) -> bool {
    // Two apostrophes are one within the comment.
    let is_whole = line.ends_with(b"';\n") && !line.ends_with(b"'';\n");
    line.starts_with(b"CREATE SCHEMA ") || (line.starts_with(b"COMMENT ON SCHEMA ") && is_whole)
}

fn holds(line: &[u8], part: &[u8]) -> bool {
    line.windows(part.len()).any(|window| window == part)
}

fn program(name: &'static str, url: &DatabaseUrl) -> Result<Command> {
    let DatabaseUrl::Postgres(url) = url else {
        return Err(BackupError::Refused("this is not a PostgreSQL database".to_owned()));
    };
    let address = address(url)?;
    let mut command = Command::new(name);
    if let Some(password) = address.password {
        command.env("PGPASSWORD", password);
    }
    command.arg("--dbname").arg(address.words).stderr(Stdio::piped()).kill_on_drop(true);
    Ok(command)
}

fn started(name: &'static str, command: &mut Command) -> Result<Child> {
    command.spawn().map_err(|error| BackupError::Program {
        program: name,
        why: if error.kind() == std::io::ErrorKind::NotFound {
            "it is not on the PATH. Install PostgreSQL's client programs (on Debian: postgresql-client), of the server's version or newer"
                .to_owned()
        } else {
            format!("it cannot be started: {error}")
        },
    })
}

/// The first lines of what a program complains of, once it has ended.
fn complaints(child: &mut Child) -> impl Future<Output = String> + use<> {
    let errors = child.stderr.take();
    async move {
        let Some(mut errors) = errors else { return String::new() };
        let mut said = Vec::new();
        let _ = (&mut errors).take(ERROR_BYTES).read_to_end(&mut said).await;
        // It must not wait for somebody to read the rest.
        let _ = tokio::io::copy(&mut errors, &mut tokio::io::sink()).await;
        let said = String::from_utf8_lossy(&said);
        let said: Vec<&str> = said
            .lines()
            // A hint is for whoever types: ours would tell them to drop what is not ours.
            .filter(|line| !line.trim().is_empty() && !line.starts_with("HINT:"))
            .take(5)
            .collect();
        said.join("; ")
    }
}

fn ended(program: &'static str, status: std::io::Result<ExitStatus>, said: &str) -> Result<()> {
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) if said.is_empty() => Err(BackupError::Program { program, why: format!("it ended with {status}") }),
        Ok(_) => Err(BackupError::Program { program, why: said.to_owned() }),
        Err(error) => Err(BackupError::Program { program, why: error.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_the_owner_of_a_schema_may_say_is_passed_over() {
        assert!(is_of_the_schema(b"CREATE SCHEMA public;\n"));
        assert!(is_of_the_schema(b"COMMENT ON SCHEMA public IS 'standard public schema';\n"));
        assert!(!is_of_the_schema(b"COMMENT ON SCHEMA public IS 'the first of two lines\n"));
        assert!(!is_of_the_schema(b"COMMENT ON SCHEMA public IS 'it''s the first '';\n"));
        assert!(!is_of_the_schema(b"CREATE TABLE public.person (\n"));
    }
}
