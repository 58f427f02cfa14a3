//! Secrets: from the environment, from a file named by NAME_FILE, or from a command's output. Never prints what it read.

use super::ConfigProblem;
use super::source::Source;
use secrecy::SecretString;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Largest secret, bytes.
const MAX_BYTES: usize = 16 * 1024;
/// How long a command may take.
const COMMAND_TIME: Duration = Duration::from_secs(20);

/// The secret of that setting, `None` when nobody gave one.
pub fn read(source: &Source, name: &str) -> Result<Option<SecretString>, ConfigProblem> {
    let file_name = format!("{name}_FILE");
    match (source.given(name), source.given(&file_name)) {
        (Some(_), Some(_)) => {
            Err(ConfigProblem::new(name, format!("both {name} and {file_name} are given"), "Keep one of them."))
        }
        (Some(value), None) => Ok(Some(SecretString::from(value))),
        (None, Some(path)) => from_file(&file_name, Path::new(&path)).map(Some),
        (None, None) => Ok(None),
    }
}

fn from_file(setting: &str, path: &Path) -> Result<SecretString, ConfigProblem> {
    let wrong =
        |what: String| ConfigProblem::new(setting, what, "Name a readable text file that holds only the secret.");
    let bytes = std::fs::read(path).map_err(|error| wrong(format!("{} cannot be read ({error})", path.display())))?;
    text(bytes).map_err(|what| wrong(format!("{} {what}", path.display())))
}

/// What a command prints: one secret on its standard output.
#[expect(
    clippy::disallowed_methods,
    reason = "before the start there is no injected clock, and only a waiting time is measured"
)]
pub fn from_command(setting: &str, line: &str) -> Result<SecretString, ConfigProblem> {
    let wrong = |what: String| {
        ConfigProblem::new(setting, what, "The command must print the secret and end within 20 seconds.")
    };
    let mut words = line.split_whitespace();
    let program = words.next().ok_or_else(|| wrong("the command is empty".to_owned()))?;
    let mut child = Command::new(program)
        .args(words)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .map_err(|error| wrong(format!("{program} cannot be started ({error})")))?;
    let began = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if began.elapsed() < COMMAND_TIME => std::thread::sleep(Duration::from_millis(20)),
            Ok(None) => {
                // It may have ended just now; either way nothing of it is used.
                let _ = child.kill();
                let _ = child.wait();
                return Err(wrong(format!("{program} did not end in time")));
            }
            Err(error) => return Err(wrong(format!("{program} cannot be waited for ({error})"))),
        }
    };
    let mut printed = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        use std::io::Read;
        let limit = u64::try_from(MAX_BYTES + 1).unwrap_or(u64::MAX);
        stdout
            .take(limit)
            .read_to_end(&mut printed)
            .map_err(|error| wrong(format!("its output cannot be read ({error})")))?;
    }
    if !status.success() {
        return Err(wrong(format!("{program} ended with {status}")));
    }
    text(printed).map_err(|what| wrong(format!("the output of {program} {what}")))
}

fn text(bytes: Vec<u8>) -> Result<SecretString, &'static str> {
    if bytes.len() > MAX_BYTES {
        return Err("is larger than 16 KiB");
    }
    let text = String::from_utf8(bytes).map_err(|_| "is not UTF-8 text")?;
    match text.trim() {
        "" => Err("is empty"),
        value => Ok(SecretString::from(value.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn a_secret_comes_from_the_file_named_for_it_without_its_line_end() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        std::fs::write(&path, "s3cret\n").unwrap();
        let source = Source::from_values(&[("MOLOKO_TIKTOK_CLIENT_SECRET_FILE", path.to_str().unwrap())]);
        let secret = read(&source, "MOLOKO_TIKTOK_CLIENT_SECRET").unwrap().unwrap();
        assert_eq!(secret.expose_secret(), "s3cret");
    }

    #[test]
    fn two_sources_at_once_are_refused() {
        let source = Source::from_values(&[("MOLOKO_INSTANCE_KEY", "a"), ("MOLOKO_INSTANCE_KEY_FILE", "b")]);
        assert!(read(&source, "MOLOKO_INSTANCE_KEY").is_err());
    }

    #[test]
    fn a_command_gives_its_first_output_or_a_reason() {
        assert_eq!(from_command("K", "echo from-a-vault").unwrap().expose_secret(), "from-a-vault");
        assert!(from_command("K", "false").unwrap_err().what.contains("exit status: 1"));
        assert!(from_command("K", "no-such-program-here").unwrap_err().what.contains("cannot be started"));
    }
}
