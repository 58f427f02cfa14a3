//! The command line as other programs see it: exit codes, streams, and that nothing secret is ever printed.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::path::Path;
use std::process::{Command, Output};

/// A secret that must never appear in any output.
const CANARY: &str = "canary-7f3a-secret";

fn moloko(args: &[&str], environment: &[(&str, &str)]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_moloko"));
    command.args(args);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MOLOKO_")) {
        command.env_remove(name);
    }
    command.envs(environment.iter().copied()).output().unwrap()
}

fn text(output: &Output) -> String {
    let both = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    let text = String::from_utf8(both).unwrap();
    assert!(!text.contains(CANARY), "a secret was printed:\n{text}");
    text
}

const REAL: &[(&str, &str)] = &[
    ("MOLOKO_PUBLIC_URL", "https://moloko.invalid"),
    ("MOLOKO_TIKTOK_CLIENT_KEY", "awexample0123456"),
    ("MOLOKO_TIKTOK_CLIENT_SECRET", CANARY),
    ("MOLOKO_OPERATOR", "Example Media"),
    ("MOLOKO_CONTACT", "privacy@moloko.invalid"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    REAL.iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name)).chain(more).copied().collect()
}

#[test]
fn config_check_accepts_five_settings_and_names_the_source_of_each() {
    let output = moloko(&["config", "check"], REAL);
    let text = text(&output);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("MOLOKO_TIKTOK_CLIENT_SECRET") && text.contains("(hidden)"));
    assert!(text.contains("https://moloko.invalid  [environment]"));
}

#[test]
fn config_check_names_everything_that_is_wrong_at_once() {
    let output =
        moloko(&["config", "check"], &with(&[("MOLOKO_LISTEN", "nowhere"), ("MOLOKO_EARLY_UPLOAD", "perhaps")]));
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("MOLOKO_LISTEN: ") && text.contains("MOLOKO_EARLY_UPLOAD: "), "{text}");
}

#[test]
fn serve_refuses_a_simulators_key_in_production_mode_before_it_touches_anything() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let environment = with(&[("MOLOKO_TIKTOK_CLIENT_KEY", "aw_sim_demo")]);
    let output = moloko(&["serve", "--data", data.to_str().unwrap()], &environment);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1));
    assert!(text.contains("simulator's key") && text.contains("MOLOKO_MODE=development"), "{text}");
    assert!(!data.exists());
}

#[test]
fn pp_10_1_serve_refuses_to_start_in_production_without_somebody_who_answers_for_the_data() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let anonymous: Vec<_> =
        REAL.iter().filter(|(name, _)| !matches!(*name, "MOLOKO_OPERATOR" | "MOLOKO_CONTACT")).copied().collect();
    let output = moloko(&["serve", "--data", data.to_str().unwrap()], &anonymous);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1));
    for said in ["MOLOKO_OPERATOR: ", "MOLOKO_CONTACT: ", "privacy policy", "Write one e-mail address"] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert!(!data.exists());
}

#[test]
fn pp_5_1_serve_refuses_a_plain_http_address_that_others_can_reach() {
    let output = moloko(&["serve"], &with(&[("MOLOKO_PUBLIC_URL", "http://moloko.invalid")]));
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output).contains("plain http"));
}

#[test]
fn wrong_use_is_exit_code_two() {
    assert_eq!(moloko(&["serve", "--listen", "nonsense"], REAL).status.code(), Some(2));
    assert_eq!(moloko(&["probe"], &[]).status.code(), Some(2));
    assert_eq!(moloko(&["no-such-command"], &[]).status.code(), Some(2));
}

#[test]
fn probe_tells_an_acceptable_video_from_something_else() {
    let dir = tempfile::tempdir().unwrap();
    let probe = |name: &str, bytes: &[u8]| {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let output = moloko(&["probe", "--json", path.to_str().unwrap()], &[]);
        let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code(), line)
    };
    let (code, line) = probe("good.mp4", &tiktok_sim::sample_mp4(540, 960, 30, 3_000, 0));
    assert_eq!(code, Some(0), "{line}");
    assert_eq!(line["facts"]["width_px"], 540);
    let (code, line) = probe("words.mp4", b"these are words and no video at all");
    assert_eq!(code, Some(1), "{line}");
    assert!(!line["verdict"]["findings"].as_array().unwrap().is_empty());
    assert_eq!(moloko(&["probe", dir.path().join("absent.mp4").to_str().unwrap()], &[]).status.code(), Some(2));
}

#[test]
fn migrate_makes_the_database_once_and_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let args = ["migrate", "--data", data.to_str().unwrap()];
    assert!(text(&moloko(&args, REAL)).contains("applied"));
    assert!(data.join("moloko.db").exists());
    assert!(text(&moloko(&args, REAL)).contains("at this version already"));
    assert_eq!(mode(&data), 0o700);
}

#[test]
fn doctor_reports_each_topic_and_fails_when_tiktok_cannot_be_reached() {
    let dir = tempfile::tempdir().unwrap();
    let environment = with(&[
        ("MOLOKO_MODE", "development"),
        ("MOLOKO_PUBLIC_URL", "http://127.0.0.1:8080"),
        ("MOLOKO_TIKTOK_CLIENT_KEY", "aw_sim_demo"),
        // A port where nobody listens.
        ("MOLOKO_TIKTOK_API_URL", "http://127.0.0.1:9"),
    ]);
    let output = moloko(&["doctor", "--data", dir.path().join("data").to_str().unwrap()], &environment);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    for topic in [
        "settings",
        "client key",
        "redirect",
        "tiktok",
        "public address",
        "data folder",
        "instance key",
        "disk",
        "ffmpeg",
        "database",
    ] {
        assert!(text.contains(topic), "{topic} is missing in:\n{text}");
    }
    assert!(text.contains("FAIL  tiktok") && text.contains("do:"));
}

fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// A service that is running, and stops in order.
struct Serving(std::process::Child);

impl Serving {
    fn start(data: &Path, environment: &[(&str, &str)]) -> Self {
        use std::io::BufRead as _;
        let mut command = Command::new(env!("CARGO_BIN_EXE_moloko"));
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("MOLOKO_")) {
            command.env_remove(name);
        }
        command.args(["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()]);
        command.envs(environment.iter().copied()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut log = std::io::BufReader::new(child.stderr.take().unwrap()).lines();
        let ready = log.by_ref().map_while(Result::ok).any(|line| line.contains("ready"));
        // The pipe must not fill up behind us.
        std::thread::spawn(move || log.for_each(drop));
        assert!(ready, "the service starts");
        Self(child)
    }

    fn stop(mut self) {
        let pid = rustix::process::Pid::from_child(&self.0);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(self.0.wait().unwrap().success());
    }
}

const SIMULATED: &[(&str, &str)] = &[
    ("MOLOKO_MODE", "development"),
    ("MOLOKO_PUBLIC_URL", "http://127.0.0.1:8080"),
    ("MOLOKO_TIKTOK_CLIENT_KEY", "aw_sim_demo"),
    // A port where nobody listens.
    ("MOLOKO_TIKTOK_API_URL", "http://127.0.0.1:9"),
];

#[test]
fn pp_5_5_audit_verify_walks_the_record_beside_a_running_service_and_names_what_was_altered() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let folder = data.to_str().unwrap();
    let environment = with(SIMULATED);
    let run = |args: &[&str]| {
        let output = moloko(&[args, &["--data", folder]].concat(), &environment);
        (output.status.code(), text(&output))
    };
    let (code, said) = run(&["audit", "verify"]);
    assert_eq!(code, Some(1));
    assert!(said.contains("there is no database"), "{said}");
    assert!(!data.join("moloko.db").exists(), "and none is made by looking");

    let service = Serving::start(&data, &environment);
    let (code, said) = run(&["audit", "verify"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("2 intact entries") && said.contains("nothing was changed and nothing is missing"), "{said}");
    let noted = said.split("the last one is ").nth(1).unwrap().lines().next().unwrap().to_owned();
    let (_, shown) = run(&["audit", "show"]);
    assert!(shown.contains("instance_key.made") && shown.contains("schema.migrate"), "{shown}");
    let (_, shown) = run(&["audit", "show", "--action", "audit", "--json"]);
    let entry: serde_json::Value = serde_json::from_str(shown.trim()).unwrap();
    assert_eq!((entry["action"].as_str(), entry["actor"].as_str()), (Some("audit.show"), Some("operator")));
    assert_eq!(run(&["audit", "verify", "--noted", &noted]).0, Some(0));
    let (code, said) = run(&["audit", "verify", "--noted", "1:ff"]);
    assert!(code == Some(1) && said.contains("written anew"), "{said}");
    service.stop();

    // Somebody with an editor and the database's file.
    let file = data.join("moloko.db");
    let bytes = std::fs::read(&file).unwrap();
    let (old, new) = (b"instance_key.made", b"instance_key.gone");
    let at = bytes.windows(old.len()).position(|window| window == old).expect("the log was folded into the file");
    let altered = [&bytes[..at], new, &bytes[at + new.len()..]].concat();
    std::fs::write(&file, altered).unwrap();
    let (code, said) = run(&["audit", "verify"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("BROKEN: entry 1 is not what was written"), "{said}");
}

#[test]
fn pp_5_6_incident_report_prints_the_deadline_and_is_itself_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let folder = data.to_str().unwrap();
    let environment = with(SIMULATED);
    Serving::start(&data, &environment).stop();
    let run = |args: &[&str]| {
        let output = moloko(&[args, &["--data", folder]].concat(), &environment);
        (output.status.code(), text(&output))
    };
    let period = ["incident", "report", "--from", "2026-11-01", "--to", "2026-11-26", "--noticed-at"];
    let (code, said) = run(&[&period[..], &["2026-11-26T14:00:00Z"]].concat());
    assert_eq!(code, Some(0), "{said}");
    for words in [
        "period      2026-11-01T00:00:00.000Z to 2026-11-26T23:59:59.999Z",
        "TELL THE AUTHORITY BY 2026-11-29T14:00:00.000Z",
        "people      0",
    ] {
        assert!(said.contains(words), "{words} in\n{said}");
    }
    let (_, said) = run(&[&period[..], &["2026-11-26T14:00:00Z", "--json"]].concat());
    let report: serde_json::Value = serde_json::from_str(said.trim()).unwrap();
    assert_eq!(report["tell_authority_by"], "2026-11-29T14:00:00.000Z");
    assert_eq!(report["people_count"], 0);
    let nobody = "00000000-0000-0000-0000-000000000009";
    let (code, said) = run(&[&period[..], &["2026-11-26", "--person", nobody]].concat());
    assert!(code == Some(1) && said.contains("nobody whom this concerns"), "{said}");
    let (code, said) = run(&["incident", "report", "--from", "yesterday", "--to", "2026-11-26"]);
    assert!(code == Some(1) && said.contains("neither a day"), "{said}");
    let (_, shown) = run(&["audit", "show", "--action", "incident.report"]);
    assert_eq!(shown.lines().filter(|line| line.contains("people: 0")).count(), 2, "{shown}");
}
