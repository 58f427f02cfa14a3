//! The media sandbox held to its word: programs that try to get out of it, each beside the same program without walls, which succeeds.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use app::media::tools::{Isolation, Tools};
use sandbox::{Limits, REFUSED, Walls};

const MOLOKO: &str = env!("CARGO_BIN_EXE_moloko");
const FFMPEG: &str = "/usr/bin/ffmpeg";
const SHELL: &str = "/bin/sh";

fn walls(folder: &Path) -> Walls {
    let limits = Limits { cpu_seconds: 20, memory_bytes: 2 << 30, file_bytes: 5_000_000, open_files: 32 };
    Walls { read: Vec::new(), folder: Some(folder.to_path_buf()), limits }
}

fn confined(walls: &Walls, program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(MOLOKO);
    command.args(["confined", "--"]).args(walls.arguments(program.as_ref())).args(arguments);
    command.output().unwrap()
}

fn free(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap()
}

/// A job's folder, and beside it something that is none of its business.
struct Place {
    folder: tempfile::TempDir,
    outside: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: tempfile::tempdir().unwrap(), outside: tempfile::tempdir().unwrap() };
        let made = free(
            FFMPEG,
            &[
                "-v",
                "error",
                "-f",
                "lavfi",
                "-i",
                "testsrc2=size=64x64:rate=5:duration=1",
                "-c:v",
                "libx264",
                place.secret().to_str().unwrap(),
            ],
        );
        assert!(made.status.success(), "ffmpeg is needed here: {made:?}");
        place
    }

    fn secret(&self) -> PathBuf {
        self.outside.path().join("secret.mp4")
    }

    fn inside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

/// The bytes of a file, as ffmpeg gives them out when it can read it.
fn bytes_of(path: &Path) -> Vec<String> {
    ["-v", "error", "-f", "data", "-i", path.to_str().unwrap(), "-map", "0", "-c", "copy", "-f", "data", "pipe:1"]
        .map(str::to_owned)
        .to_vec()
}

fn as_str(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(String::as_str).collect()
}

#[test]
fn pp_5_7_a_confined_program_reads_its_input_and_nothing_else() {
    let place = Place::new();
    let mut walls = walls(place.folder.path());
    for secret in [place.secret(), PathBuf::from("/etc/passwd"), PathBuf::from("/proc/self/environ")] {
        let ask = bytes_of(&secret);
        assert!(!free(FFMPEG, &as_str(&ask)).stdout.is_empty(), "{} is there", secret.display());
        let said = confined(&walls, FFMPEG, &as_str(&ask));
        assert!(!said.status.success() && said.stdout.is_empty(), "{said:?}");
    }
    walls.read.push(place.secret());
    let said = confined(&walls, FFMPEG, &as_str(&bytes_of(&place.secret())));
    assert_eq!(said.stdout, std::fs::read(place.secret()).unwrap(), "the input is open");
}

#[test]
fn pp_5_7_a_list_of_files_and_a_link_lead_nowhere() {
    let place = Place::new();
    let list = place.inside("list.ffconcat");
    std::fs::write(&list, format!("ffconcat version 1.0\nfile '{}'\n", place.secret().display())).unwrap();
    let link = place.inside("link.mp4");
    std::os::unix::fs::symlink(place.secret(), &link).unwrap();
    let walls = walls(place.folder.path());
    let by_list = ["-v", "error", "-f", "concat", "-safe", "0", "-i", list.to_str().unwrap(), "-f", "null", "-"];
    let by_link = ["-v", "error", "-i", link.to_str().unwrap(), "-f", "null", "-"];
    for ask in [by_list.as_slice(), by_link.as_slice()] {
        assert!(free(FFMPEG, ask).status.success());
        let said = confined(&walls, FFMPEG, ask);
        assert!(!said.status.success(), "{said:?}");
        assert!(String::from_utf8_lossy(&said.stderr).contains("Permission denied"), "{said:?}");
    }
}

#[test]
fn pp_5_7_a_confined_program_reaches_no_other_machine() {
    let place = Place::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = format!("tcp://{}?timeout=100000", listener.local_addr().unwrap());
    let ask = ["-v", "error", "-f", "data", "-i", &address, "-f", "null", "-"];
    free(FFMPEG, &ask);
    assert!(listener.accept().is_ok(), "without walls it calls");
    let said = confined(&walls(place.folder.path()), FFMPEG, &ask);
    assert!(!said.status.success());
    assert_eq!(listener.accept().map(drop).map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
    let http = format!("http://{}/list.m3u8", listener.local_addr().unwrap());
    confined(&walls(place.folder.path()), FFMPEG, &["-v", "error", "-i", &http, "-f", "null", "-"]);
    assert_eq!(listener.accept().map(drop).map_err(|error| error.kind()), Err(ErrorKind::WouldBlock));
}

#[test]
fn pp_5_7_a_confined_program_writes_into_its_folder_and_nowhere_else() {
    let place = Place::new();
    let walls = walls(place.folder.path());
    let draw = |to: &Path| {
        confined(
            &walls,
            FFMPEG,
            &["-v", "error", "-y", "-f", "lavfi", "-i", "color=duration=1", "-c:v", "libx264", to.to_str().unwrap()],
        )
    };
    assert!(draw(&place.inside("a.mp4")).status.success());
    assert!(place.inside("a.mp4").metadata().unwrap().len() > 0);
    let before = std::fs::read(place.secret()).unwrap();
    for elsewhere in [place.outside.path().join("a.mp4"), place.secret()] {
        assert!(!draw(&elsewhere).status.success(), "{}", elsewhere.display());
    }
    assert!(!place.outside.path().join("a.mp4").exists());
    assert_eq!(std::fs::read(place.secret()).unwrap(), before);
}

#[test]
fn pp_5_7_bombs_stay_small() {
    let place = Place::new();
    let mut walls = walls(place.folder.path());
    // Processes: not even one.
    let fork = "( : ) && echo made";
    assert_eq!(free(SHELL, &["-c", fork]).stdout, b"made\n");
    let said = confined(&walls, SHELL, &["-c", fork]);
    assert!(!said.status.success() && said.stdout.is_empty(), "{said:?}");
    // Output: as much as one file may have.
    let endless = place.inside("endless.nut");
    let ask =
        ["-v", "error", "-f", "lavfi", "-i", "testsrc2=size=640x480", "-c:v", "rawvideo", endless.to_str().unwrap()];
    assert!(!confined(&walls, FFMPEG, &ask).status.success());
    assert!(endless.metadata().unwrap().len() <= walls.limits.file_bytes);
    // Memory: what one large picture needs is more than is there.
    let large = ["-v", "error", "-f", "lavfi", "-i", "color=size=8192x8192", "-frames:v", "2", "-f", "null", "-"];
    assert!(confined(&walls, FFMPEG, &large).status.success());
    walls.limits.memory_bytes = 256 << 20;
    assert!(!confined(&walls, FFMPEG, &large).status.success());
    // Processor time.
    walls.limits = Limits { cpu_seconds: 1, memory_bytes: 2 << 30, ..walls.limits };
    assert_eq!(confined(&walls, SHELL, &["-c", "while :; do :; done"]).status.code(), None, "ended by a signal");
}

#[test]
fn pp_5_7_a_confined_program_knows_nothing_of_the_service_and_cannot_touch_it() {
    let place = Place::new();
    let walls = walls(place.folder.path());
    let mut command = Command::new(MOLOKO);
    command.args(["confined", "--"]).args(walls.arguments("/usr/bin/env".as_ref())).env("MOLOKO_SECRET", "canary");
    assert!(command.output().unwrap().stdout.is_empty());
    let signal = format!("kill -0 {}", std::process::id());
    assert!(free(SHELL, &["-c", &signal]).status.success());
    assert!(!confined(&walls, SHELL, &["-c", &signal]).status.success());
    // Nor does it become another program.
    let other = confined(&walls, SHELL, &["-c", "exec /usr/bin/env"]);
    assert!(!other.status.success(), "{other:?}");
    for link in ["ln -s /etc/passwd", "ln /bin/true", "mkfifo", "mkdir"] {
        let (program, rest) = link.split_once(' ').unwrap_or((link, ""));
        let at = place.inside("made");
        let mut ask: Vec<_> = rest.split_whitespace().collect();
        ask.push(at.to_str().unwrap());
        let said = confined(&walls, &format!("/usr/bin/{program}"), &ask);
        assert!(!said.status.success() && at.symlink_metadata().is_err(), "{link}: {said:?}");
    }
}

#[test]
fn pp_5_7_what_older_kernels_leave_to_the_wall_of_files_is_refused_as_a_call() {
    const NO_SUCH_CALL: &str = "38 38";
    let place = Place::new();
    let mut walls = walls(place.folder.path());
    // Perl reads nothing first.
    walls.read.extend([place.secret(), PathBuf::from("/dev/null")]);
    // Who hears of a file (8 is F_SETOWN), which would be a way to signal the service; and emptying a file by opening it to read.
    let script = "use Fcntl; open(O, '<', $ARGV[0]) or die; my $own = fcntl(O, 8, getppid) ? 0 : $!+0;
        my $cut = sysopen(F, $ARGV[0], O_RDONLY|O_TRUNC) ? 0 : $!+0; print qq($own $cut)";
    let secret = place.secret();
    let ask = ["-e", script, secret.to_str().unwrap()];
    let said = confined(&walls, "/usr/bin/perl", &ask);
    assert_eq!(String::from_utf8_lossy(&said.stdout), NO_SUCH_CALL, "{said:?}");
    assert!(secret.metadata().unwrap().len() > 0);
    assert_eq!(free("/usr/bin/perl", &ask).stdout, b"0 0", "without walls both work");
    assert_eq!(secret.metadata().unwrap().len(), 0);
}

#[test]
fn nothing_runs_when_a_wall_cannot_be_raised() {
    let place = Place::new();
    let nowhere = walls(&place.inside("no-such-folder"));
    let said = confined(&nowhere, SHELL, &["-c", "echo ran"]);
    assert_eq!(said.status.code(), Some(i32::from(REFUSED)));
    assert!(said.stdout.is_empty() && !said.stderr.is_empty());
    let by_hand = Command::new(MOLOKO).args(["confined", "/bin/true"]).output().unwrap();
    assert_eq!(by_hand.status.code(), Some(i32::from(REFUSED)));
}

#[tokio::test]
async fn ffmpeg_starts_inside_the_sandbox_on_this_kernel() {
    let tools = Tools::new(FFMPEG.into(), Isolation::Sandbox { launcher: MOLOKO.into() }).unwrap();
    assert!(tools.version().await.unwrap().starts_with("ffmpeg version"));
}
