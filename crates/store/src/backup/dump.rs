//! PostgreSQL through its own programs: `pg_dump` writes SQL text, `psql` takes it in as one transaction. Owns how they are started; the password is
//! given to them in the environment, where only this user sees it.

use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::{BackupError, RESTORED, Result, io};
use crate::db::{DatabaseUrl, Statement, Store};

const SCHEMA: &str = "SELECT CAST(current_schema() AS text)";
/// What of an address these programs know.
const PARAMETERS: [&str; 9] = [
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "application_name",
    "options",
    "connect_timeout",
    "target_session_attrs",
    "channel_binding",
];
/// The role of the second wall, which policies in the text name; the server may be another one than that of the copy.
const MAKE_ROLE: &str = "DO $$ BEGIN IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'moloko_tenant') THEN CREATE ROLE moloko_tenant NOLOGIN; \
                         END IF; END $$";

pub(crate) const STATEMENTS: &[Statement] = statements![SCHEMA @ Postgres, MAKE_ROLE @ Postgres];

async fn schema(store: &Store) -> Result<String> {
    let (schema,): (String,) = fetch_one!(store store, (String,), SCHEMA)?;
    Ok(schema.replace('"', "\"\""))
}

/// Writes the whole schema of the instance as SQL text, and at its end that it is a copy.
pub(super) async fn write(store: &Store, url: &DatabaseUrl, to: &Path, name: &str) -> Result<()> {
    let schema = schema(store).await?;
    let mut command = program("pg_dump", url)?;
    command.args(["--format=plain", "--no-owner", "--no-privileges", "--no-password", "--encoding=UTF8"]);
    command.arg(format!("--schema=\"{schema}\"")).arg("--file").arg(to);
    run("pg_dump", command).await?;
    // The name is a time: nothing in it needs quoting.
    let mark = format!(
        "\nINSERT INTO \"{schema}\".meta (key, value) VALUES ('{RESTORED}', '{name}') ON CONFLICT (key) DO UPDATE SET value = excluded.value;\n"
    );
    let mut file = std::fs::OpenOptions::new().append(true).open(to).map_err(io("open", to))?;
    file.write_all(mark.as_bytes()).and_then(|()| file.sync_all()).map_err(io("write", to))
}

/// Puts SQL text in the place of everything in the schema of the instance: all of it or, when anything goes wrong, nothing.
pub(super) async fn read(store: &Store, url: &DatabaseUrl, from: &Path) -> Result<()> {
    let schema = schema(store).await?;
    // The text makes the schema itself, except where every database has it.
    let drop = format!("DROP SCHEMA IF EXISTS \"{schema}\" CASCADE");
    let mut command = program("psql", url)?;
    command.args(["--no-psqlrc", "--quiet", "--no-password", "--single-transaction", "--set", "ON_ERROR_STOP=1"]);
    command.args(["--output", "/dev/null", "--command", "SET client_min_messages = warning"]);
    command.args(["--command", MAKE_ROLE, "--command", &drop]);
    if !makes_schema(from)? {
        command.args(["--command", &format!("CREATE SCHEMA \"{schema}\"")]);
    }
    command.arg("--file").arg(from);
    run("psql", command).await
}

/// Whether the text makes its schema: `pg_dump` leaves that away where it is as every new database has it.
fn makes_schema(text: &Path) -> Result<bool> {
    use std::io::BufRead as _;
    let file = std::fs::File::open(text).map_err(io("open", text))?;
    for line in std::io::BufReader::new(file).split(b'\n') {
        let line = line.map_err(io("read", text))?;
        if line.starts_with(b"CREATE SCHEMA ") {
            return Ok(true);
        }
        // Tables come after schemas, and rows after tables.
        if line.starts_with(b"CREATE TABLE ") {
            return Ok(false);
        }
    }
    Ok(false)
}

fn program(name: &'static str, url: &DatabaseUrl) -> Result<Command> {
    let DatabaseUrl::Postgres(url) = url else {
        return Err(BackupError::Refused("this is not a PostgreSQL database".to_owned()));
    };
    let mut bare = url.clone();
    let mut command = Command::new(name);
    let decoded = |text: &str| {
        // A password in an address is percent-encoded; as a value of a form it is decoded by the same rules, but for the plus sign.
        let form = format!("p={}", text.replace('+', "%2B"));
        url::form_urlencoded::parse(form.as_bytes()).map(|(_, value)| value.into_owned()).next().unwrap_or_default()
    };
    let mut password = url.password().map(decoded);
    let given: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    // Only text that has a host can have a password.
    let _ = bare.set_password(None);
    bare.set_query(None);
    for (key, value) in given {
        if key == "password" {
            password = Some(value);
        } else if PARAMETERS.contains(&key.as_str()) || ["host", "port", "user", "dbname"].contains(&key.as_str()) {
            bare.query_pairs_mut().append_pair(&key, &value);
        }
    }
    if let Some(password) = password {
        command.env("PGPASSWORD", password);
    }
    command.arg("--dbname").arg(bare.as_str()).stdin(Stdio::null()).kill_on_drop(true);
    Ok(command)
}

async fn run(name: &'static str, mut command: Command) -> Result<()> {
    let output = command.output().await.map_err(|error| BackupError::Program {
        program: name,
        why: if error.kind() == std::io::ErrorKind::NotFound {
            "it is not on the PATH. Install PostgreSQL's client programs (on Debian: postgresql-client), of the server's version or newer"
                .to_owned()
        } else {
            format!("it cannot be started: {error}")
        },
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> = said.lines().filter(|line| !line.trim().is_empty()).take(5).collect();
    Err(BackupError::Program { program: name, why: said.join("; ") })
}
