//! The instance key at the command line: what is added, changed over, refused and taken away, and what a start says to a wrong one.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

const SETTINGS: &[(&str, &str)] = &[
    ("MOLOKO_MODE", "development"),
    ("MOLOKO_PUBLIC_URL", "http://127.0.0.1:8080"),
    ("MOLOKO_TIKTOK_CLIENT_KEY", "aw_sim_demo"),
    ("MOLOKO_TIKTOK_CLIENT_SECRET", "simulated"),
    // A port where nobody listens.
    ("MOLOKO_TIKTOK_API_URL", "http://127.0.0.1:9"),
];

/// One instance: its folder and what is set beside the usual.
struct Instance {
    folder: tempfile::TempDir,
    more: Vec<(&'static str, String)>,
}

impl Instance {
    /// A folder with a database and a key, as a service leaves it.
    fn new(more: Vec<(&'static str, String)>) -> Self {
        let instance = Self { folder: tempfile::tempdir().unwrap(), more };
        instance.start().stop();
        instance
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn key(&self) -> PathBuf {
        self.data().join("instance.key")
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_moloko"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MOLOKO_")) {
            command.env_remove(name);
        }
        command.args(args).arg("--data").arg(self.data());
        command.envs(SETTINGS.iter().copied()).envs(self.more.iter().map(|(name, value)| (*name, value.as_str())));
        command
    }

    fn run(&self, args: &[&str]) -> (Option<i32>, String) {
        let Output { status, stdout, stderr } = self.command(args).output().unwrap();
        let text = String::from_utf8([stdout, stderr].concat()).unwrap();
        for file in [self.key(), self.folder.path().join("shared.key")] {
            for secret in
                std::fs::read_to_string(file).unwrap_or_default().lines().filter_map(|it| it.split(':').nth(1))
            {
                assert!(!text.contains(secret), "a key was printed");
            }
        }
        (status.code(), text)
    }

    /// A start that is refused; what it says.
    fn refused(&self) -> String {
        let (code, said) = self.run(&["serve", "--listen", "127.0.0.1:0"]);
        assert_eq!(code, Some(1), "{said}");
        said
    }

    fn start(&self) -> Serving {
        use std::io::BufRead as _;
        let mut child = self.command(&["serve", "--listen", "127.0.0.1:0"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut log = std::io::BufReader::new(child.stderr.take().unwrap()).lines();
        let ready = log.by_ref().map_while(Result::ok).any(|line| line.contains("ready"));
        // The pipe must not fill up behind us.
        std::thread::spawn(move || log.for_each(drop));
        assert!(ready, "the service starts");
        Serving(child)
    }
}

struct Serving(Child);

impl Serving {
    fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}

fn write_key(path: &Path, text: &str) {
    if path.exists() {
        std::fs::remove_file(path).unwrap();
    }
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o400)).unwrap();
}

#[test]
fn pp_5_2_a_version_is_added_sealed_under_and_kept_while_it_may_be_needed() {
    let it = Instance::new(Vec::new());
    let (code, said) = it.run(&["key", "rotate"]);
    assert!(code == Some(0) && said.contains("version 1 is the only one there is"), "{said}");
    let (code, said) = it.run(&["key", "retire", "1"]);
    assert!(code == Some(1) && said.contains("version 1 is the one that seals"), "{said}");
    let (code, said) = it.run(&["key", "add"]);
    assert!(code == Some(0) && said.contains("version 2 is in") && said.contains("moloko key rotate"), "{said}");
    assert_eq!(std::fs::metadata(it.key()).unwrap().permissions().mode() & 0o777, 0o400);
    let (_, said) = it.run(&["key", "status"]);
    assert!(said.contains("version 1: seals") && said.contains("version 2: seals nothing yet"), "{said}");
    let (_, said) = it.run(&["doctor"]);
    assert!(
        said.contains("warn  key versions   v1 seals: 1 the key of the audit record; v2 is new: nothing yet"),
        "{said}"
    );
    // Many starts with a newer version change nothing: it is the rotation that lets it seal.
    it.start().stop();
    let (code, said) = it.run(&["key", "rotate"]);
    assert!(code == Some(0) && said.contains("version 2 seals from now on, in place of version 1"), "{said}");
    assert!(said.contains("nothing is sealed under another version than 2 any more"), "{said}");
    let (code, said) = it.run(&["key", "retire", "1"]);
    assert!(code == Some(1) && said.contains("may still be in use; try again at 20"), "{said}");
    assert_eq!(it.run(&["audit", "verify"]).0, Some(0));
    let (_, said) = it.run(&["audit", "show", "--action", "instance_key"]);
    for entry in ["instance_key.made", "instance_key.add", "instance_key.rotate ", "instance_key.rotated"] {
        assert!(said.contains(entry), "{entry} in {said}");
    }
    let (_, said) = it.run(&["doctor"]);
    assert!(said.contains("ok    key versions") && said.contains("v2 seals: 1 the key of the audit record"), "{said}");
    it.start().stop();
}

#[test]
fn pp_5_2_a_start_with_a_wrong_or_an_incomplete_key_is_refused_in_plain_words_also_with_several_versions() {
    let it = Instance::new(Vec::new());
    let first = std::fs::read_to_string(it.key()).unwrap();
    let before = std::fs::read(it.data().join("moloko.db")).unwrap();
    assert_eq!(it.run(&["key", "add"]).0, Some(0));
    assert_eq!(it.run(&["key", "rotate"]).0, Some(0));
    let both = std::fs::read_to_string(it.key()).unwrap();
    let second = both.lines().find(|line| line.starts_with("moloko-key-v2:")).unwrap().to_owned();

    // Only the old one, and the new one under a wrong secret.
    write_key(&it.key(), &first);
    let said = it.refused();
    assert!(said.contains("sealed under v2 of the instance key, and the key has only v1"), "{said}");
    write_key(&it.key(), &format!("{first}{}\n", first.trim().replace("-v1:", "-v2:")));
    assert!(it.refused().contains("not the one this database was written with"));
    let (_, said) = it.run(&["doctor"]);
    assert!(said.contains("FAIL  key and data"), "{said}");

    // Only the new one is enough from now on.
    write_key(&it.key(), &format!("{second}\n"));
    it.start().stop();
    // An older copy of the database needs what is gone.
    let now = std::fs::read(it.data().join("moloko.db")).unwrap();
    std::fs::write(it.data().join("moloko.db"), before).unwrap();
    let said = it.refused();
    for words in
        ["sealed under v1", "the key has only v2", "an older copy of the database was put back", "docs/keys.md"]
    {
        assert!(said.contains(words), "{words} in {said}");
    }
    let (code, said) = it.run(&["key", "status"]);
    assert!(code == Some(1) && said.contains("the key has only v2"), "{said}");
    let (_, said) = it.run(&["doctor"]);
    assert!(said.contains("FAIL  key versions   the database needs v1, and the key has not"), "{said}");
    std::fs::write(it.data().join("moloko.db"), now).unwrap();
    it.start().stop();
}

#[test]
fn a_key_that_comes_from_elsewhere_is_not_written_to_and_a_shared_file_is() {
    let secret = format!("moloko-key-v1:{}=", "A".repeat(43));
    let mut it = Instance::new(vec![("MOLOKO_INSTANCE_KEY", secret.clone())]);
    let (code, said) = it.run(&["key", "add"]);
    assert_eq!(code, Some(1));
    for words in ["MOLOKO_INSTANCE_KEY_COMMAND", "printf 'moloko-key-v2:", "restart every node", "moloko key rotate"] {
        assert!(said.contains(words), "{words} in {said}");
    }
    assert!(!said.contains(&secret) && !it.key().exists());
    let second = format!("moloko-key-v2:{}=", "B".repeat(42) + "A");
    it.more = vec![("MOLOKO_INSTANCE_KEY", format!("{secret}\n{second}"))];
    it.start().stop();
    let (code, said) = it.run(&["key", "rotate"]);
    assert!(code == Some(0) && said.contains("in place of version 1"), "{said}");

    let shared = it.folder.path().join("shared.key");
    std::fs::write(&shared, format!("# of all nodes\n{secret}\n{second}\n")).unwrap();
    std::fs::set_permissions(&shared, std::fs::Permissions::from_mode(0o640)).unwrap();
    it.more = vec![("MOLOKO_INSTANCE_KEY_FILE", shared.display().to_string())];
    let (code, said) = it.run(&["key", "add"]);
    assert!(code == Some(0) && said.contains("shared.key"), "{said}");
    let text = std::fs::read_to_string(&shared).unwrap();
    assert!(text.starts_with("# of all nodes\n") && text.contains("\nmoloko-key-v3:"), "the rest of it stays");
    assert_eq!(std::fs::metadata(&shared).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(it.run(&["key", "rotate"]).0, Some(0));
    it.start().stop();
}
