use super::*;

/// 2026-11-24 09:00 UTC.
const START: UnixMillis = UnixMillis::from_seconds(1_795_510_800);
const KEEP: Keep = Keep { ip_days: 7, days: 30 };

fn line(at: UnixMillis, ip: &str) -> (UnixMillis, RequestLine) {
    let line = RequestLine {
        at: at.in_utc(),
        route: "/posts/{id}".to_owned(),
        method: "GET".to_owned(),
        status: 200,
        ms: 3,
        browser: Some("Firefox".to_owned()),
        system: None,
        ip: ip.to_owned(),
        session: None,
    };
    (at, line)
}

fn days(n: i64) -> i64 {
    n * 86_400_000
}

/// Names of the files and their texts together.
fn all(folder: &Path) -> (Vec<String>, String) {
    let mut names: Vec<String> = std::fs::read_dir(folder)
        .map(|entries| entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect())
        .unwrap_or_default();
    names.sort();
    let text = names.iter().map(|name| std::fs::read_to_string(folder.join(name)).unwrap()).collect();
    (names, text)
}

#[test]
fn each_day_has_its_file_that_only_its_owner_reads() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join(FOLDER);
    let mut files = RequestFiles::new(folder.clone());
    let next = START.plus_millis(days(1));
    assert_eq!(files.append(&[line(START, "192.0.2.7"), line(next, "192.0.2.8"), line(next, "192.0.2.9")]).unwrap(), 0);
    let (names, text) = all(&folder);
    assert_eq!(names, ["2026-11-24.jsonl", "2026-11-25.jsonl"]);
    assert_eq!(text.lines().count(), 3);
    assert_eq!(
        text.lines().next().unwrap(),
        r#"{"at":"2026-11-24T09:00:00.000Z","route":"/posts/{id}","method":"GET","status":200,"ms":3,"browser":"Firefox","ip":"192.0.2.7"}"#
    );
    for path in [folder.clone(), folder.join("2026-11-24.jsonl")] {
        assert_eq!(std::fs::metadata(path).unwrap().permissions().mode() & 0o077, 0);
    }
}

#[test]
fn pp_1_5_addresses_are_cut_after_seven_days_and_rows_are_gone_after_thirty() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path();
    let mut files = RequestFiles::new(folder.to_owned());
    files.append(&[line(START, "192.0.2.77"), line(START, "2001:db8:1:2::3"), line(START, "no address")]).unwrap();
    let at = |days_later| sweep(folder, START.plus_millis(days(days_later)), KEEP).unwrap();
    assert_eq!(at(6), Swept::default());
    assert!(all(folder).1.contains("192.0.2.77"));
    assert_eq!(at(8), Swept { shortened: 1, removed: 0 });
    let (names, text) = all(folder);
    assert_eq!(names, ["2026-11-24.short.jsonl"]);
    assert!(!text.contains("192.0.2.77") && !text.contains("2001:db8:1:2") && !text.contains("no address"), "{text}");
    assert!(text.contains("\"192.0.2.0/24\"") && text.contains("\"2001:db8:1::/48\""), "{text}");
    assert_eq!(text.lines().count(), 3, "the rows themselves stay");
    assert_eq!(at(8), Swept::default(), "once");
    assert_eq!(at(29), Swept::default());
    assert_eq!(at(31), Swept { shortened: 0, removed: 1 });
    assert!(all(folder).0.is_empty());
}

#[test]
fn pp_1_5_no_address_lives_a_moment_longer_when_the_sweep_runs_after_midnight() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = RequestFiles::new(dir.path().to_owned());
    let first_of_the_day = START.date().start();
    files.append(&[line(first_of_the_day, "192.0.2.77")]).unwrap();
    let seven_days_later = first_of_the_day.plus_millis(days(7));
    assert_eq!(sweep(dir.path(), seven_days_later, KEEP).unwrap().shortened, 1);
}

#[test]
fn a_sweep_that_was_cut_short_is_made_up_for_and_foreign_files_are_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = RequestFiles::new(dir.path().to_owned());
    files.append(&[line(START, "192.0.2.77")]).unwrap();
    // The power went before the old name was gone, and another time while the new file was written.
    std::fs::write(dir.path().join("2026-11-24.short.jsonl"), "half").unwrap();
    std::fs::write(dir.path().join("2026-11-23.short.part"), "{\"at").unwrap();
    std::fs::write(dir.path().join("notes.txt"), "mine").unwrap();
    std::fs::write(dir.path().join("2026-11-24.jsonl.bak"), "mine").unwrap();
    sweep(dir.path(), START.plus_millis(days(9)), KEEP).unwrap();
    let (names, text) = all(dir.path());
    assert_eq!(names, ["2026-11-24.jsonl.bak", "2026-11-24.short.jsonl", "notes.txt"]);
    assert!(text.contains("192.0.2.0/24") && !text.contains("half"));
    assert_eq!(sweep(Path::new("/nowhere/at/all"), START, KEEP).unwrap(), Swept::default());
}

#[test]
fn a_torn_line_spoils_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("2026-11-24.jsonl");
    RequestFiles::new(dir.path().to_owned()).append(&[line(START, "192.0.2.1")]).unwrap();
    let torn = std::fs::read(&path).unwrap();
    std::fs::write(&path, [torn.as_slice(), b"{\"at\":\"2026"].concat()).unwrap();
    RequestFiles::new(dir.path().to_owned()).append(&[line(START, "192.0.2.2")]).unwrap();
    sweep(dir.path(), START.plus_millis(days(8)), KEEP).unwrap();
    let (_, text) = all(dir.path());
    assert_eq!(text.lines().count(), 2, "{text}");
}
