//! Starts ffmpeg and ffprobe, the only programs that decode what people upload. Owns the way they are started: inside the sandbox or, by the
//! operator's word, with limits alone; how long they run, how much of their answer is read, and that they end with us.
//!
//! Arguments only, never a shell; an empty environment. Must not know what the programs are asked to do.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process_group, prlimit};
use sandbox::{Limits, REFUSED, Walls};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};
use tokio::task::JoinHandle;

/// The command of the binary that raises the walls.
pub const CONFINED: &str = "confined";

/// The part of a complaint that is read, bytes.
const COMPLAINT_MAX: u64 = 2_000;

/// Longest line of a progress report, bytes.
const LINE_MAX: u64 = 4_096;

/// What is around a program that decodes people's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Isolation {
    /// The sandbox, raised by this binary when it is started with [`CONFINED`].
    Sandbox {
        /// The binary.
        launcher: PathBuf,
    },
    /// Limits of time and memory alone; the operator said so.
    Off,
    /// The kernel cannot enforce the sandbox, and nobody said to do without: such programs are not started.
    Refused(String),
}

/// The programs of this machine and what is around them.
#[derive(Debug, Clone)]
pub struct Tools {
    /// ffmpeg.
    pub ffmpeg: PathBuf,
    isolation: Isolation,
}

/// One run of a program.
#[derive(Debug)]
pub(crate) struct Run {
    /// Which one.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// The files it may read.
    pub read: Vec<PathBuf>,
    /// The one folder it may write to.
    pub folder: Option<PathBuf>,
    /// How much it may use.
    pub limits: Limits,
    /// How long it may take, wall clock.
    pub time_max: Duration,
}

/// Why a program gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum ToolError {
    /// It could not be started.
    #[error("it could not be started: {0}")]
    NotStarted(#[source] std::io::Error),
    /// The sandbox could not be raised, so nothing ran.
    #[error("the sandbox could not be raised: {0}")]
    NoSandbox(String),
    /// It took too long and was ended.
    #[error("it took longer than {} s", .0.as_secs())]
    TimedOut(Duration),
    /// It said more than is read of it and was ended.
    #[error("its answer is longer than {0} bytes")]
    TooMuch(u64),
    /// It gave up.
    #[error("it gave up on the file")]
    Failed,
}

impl Tools {
    /// The ffmpeg at `ffmpeg`, with what is around it; nothing is started yet.
    ///
    /// # Errors
    /// [`ToolError::NoSandbox`] when nothing may be started.
    pub fn new(ffmpeg: PathBuf, isolation: Isolation) -> Result<Self, ToolError> {
        match isolation {
            Isolation::Refused(why) => Err(ToolError::NoSandbox(why)),
            Isolation::Sandbox { .. } | Isolation::Off => Ok(Self { ffmpeg, isolation }),
        }
    }

    /// The ffprobe that lies beside ffmpeg, when there is one.
    #[must_use]
    pub fn ffprobe(&self) -> Option<PathBuf> {
        let beside = self.ffmpeg.with_file_name("ffprobe");
        beside.is_file().then_some(beside)
    }

    /// The first line of what ffmpeg says about itself, told from inside the sandbox: so it is there, starts, and the walls stand.
    ///
    /// # Errors
    /// [`ToolError`].
    pub async fn version(&self) -> Result<String, ToolError> {
        let said = self.run(self.about("-version"), 64 * 1024).await?;
        let said = String::from_utf8_lossy(&said);
        Ok(said.split_whitespace().take(3).collect::<Vec<_>>().join(" "))
    }

    /// Whether this ffmpeg was built with what maps high dynamic range.
    pub(crate) async fn can_map_tones(&self) -> bool {
        let said = self.run(self.about("-filters"), 256 * 1024).await.unwrap_or_default();
        let said = String::from_utf8_lossy(&said);
        let has = |name| said.lines().any(|line| line.split_whitespace().nth(1) == Some(name));
        has("zscale") && has("tonemap")
    }

    /// A question about ffmpeg itself.
    fn about(&self, what: &str) -> Run {
        Run {
            program: self.ffmpeg.clone(),
            arguments: vec!["-hide_banner".into(), what.into()],
            read: Vec::new(),
            folder: None,
            limits: Limits { cpu_seconds: 5, memory_bytes: 2 << 30, file_bytes: 0, open_files: 64 },
            time_max: Duration::from_secs(10),
        }
    }

    /// Runs a program and gives what it wrote to its output, at most `output_max` bytes.
    pub(crate) async fn run(&self, run: Run, output_max: u64) -> Result<Vec<u8>, ToolError> {
        let time_max = run.time_max;
        let mut running = self.start(run)?;
        let work = async {
            let mut said = Vec::new();
            // One byte more than allowed tells a whole answer from a cut one.
            let read = (&mut running.output).take(output_max + 1).read_to_end(&mut said).await;
            if u64::try_from(said.len()).is_ok_and(|length| length > output_max) {
                return Err(ToolError::TooMuch(output_max));
            }
            running.end().await?;
            read.map_err(|_| ToolError::Failed)?;
            Ok(said)
        };
        tokio::time::timeout(time_max, work).await.unwrap_or(Err(ToolError::TimedOut(time_max)))
    }

    /// Runs a program whose output is lines that are told while it works.
    pub(crate) async fn watch(&self, run: Run, mut line: impl FnMut(&str) + Send) -> Result<(), ToolError> {
        let time_max = run.time_max;
        let mut running = self.start(run)?;
        let work = async {
            let mut lines = BufReader::new(&mut running.output);
            let mut one = Vec::new();
            loop {
                one.clear();
                let read = (&mut lines).take(LINE_MAX).read_until(b'\n', &mut one).await;
                match read {
                    Ok(0) => break,
                    Ok(_) => line(String::from_utf8_lossy(&one).trim_end()),
                    Err(_) => return Err(ToolError::Failed),
                }
            }
            running.end().await
        };
        tokio::time::timeout(time_max, work).await.unwrap_or(Err(ToolError::TimedOut(time_max)))
    }

    fn start(&self, run: Run) -> Result<Running, ToolError> {
        let mut command = match &self.isolation {
            Isolation::Refused(why) => return Err(ToolError::NoSandbox(why.clone())),
            Isolation::Off => Command::new(&run.program),
            Isolation::Sandbox { launcher } => {
                let walls = Walls { read: run.read, folder: run.folder.clone(), limits: run.limits };
                let mut command = Command::new(launcher);
                command.arg(CONFINED).arg("--").args(walls.arguments(run.program.as_os_str()));
                command
            }
        };
        command
            .args(&run.arguments)
            .env_clear()
            .current_dir("/")
            // A group of its own, so that all of it can be ended.
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        let mut child = command.spawn().map_err(ToolError::NotStarted)?;
        let group = child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
        if self.isolation == Isolation::Off
            && let Some(pid) = group
        {
            limit(pid, run.limits);
        }
        match (child.stdout.take(), child.stderr.take()) {
            (Some(output), Some(errors)) => {
                // Read all the while: a program that nobody listens to would wait for ever.
                let complaint = tokio::spawn(complaint(errors));
                Ok(Running { child, output, complaint: Some(complaint), group })
            }
            (None, _) | (_, None) => Err(ToolError::Failed),
        }
    }
}

/// A started program. Dropped, it is ended with everything it started.
struct Running {
    child: Child,
    output: ChildStdout,
    complaint: Option<JoinHandle<Vec<u8>>>,
    group: Option<Pid>,
}

impl Running {
    async fn end(&mut self) -> Result<(), ToolError> {
        let complaint = match self.complaint.take() {
            Some(reading) => reading.await.unwrap_or_default(),
            None => Vec::new(),
        };
        let status = self.child.wait().await.map_err(ToolError::NotStarted)?;
        // It has been waited for, so its number may be somebody else's from now on.
        self.group = None;
        match status.code() {
            Some(0) => Ok(()),
            Some(code) if code == i32::from(REFUSED) => {
                Err(ToolError::NoSandbox(String::from_utf8_lossy(&complaint).trim().to_owned()))
            }
            Some(_) | None => Err(ToolError::Failed),
        }
    }
}

/// The beginning of what a program says on its second output; the rest goes nowhere.
async fn complaint(errors: ChildStderr) -> Vec<u8> {
    let mut said = Vec::new();
    let mut errors = errors.take(COMPLAINT_MAX);
    let _ = errors.read_to_end(&mut said).await;
    let _ = tokio::io::copy(errors.get_mut(), &mut tokio::io::sink()).await;
    said
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(group) = self.group.take() {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

/// Limits a program that has just been started without a sandbox. One that is already gone needs none.
fn limit(pid: Pid, limits: Limits) {
    let limits = [
        (Resource::Cpu, limits.cpu_seconds),
        (Resource::As, limits.memory_bytes),
        (Resource::Fsize, limits.file_bytes),
        (Resource::Core, 0),
        (Resource::Nofile, limits.open_files),
    ];
    for (resource, value) in limits {
        let rlimit = Rlimit { current: Some(value), maximum: Some(value) };
        if let Err(error) = prlimit(Some(pid), resource, rlimit) {
            tracing::debug!(%error, "a limit of a media program could not be set");
        }
    }
}

/// A file's name as ffmpeg takes it: whole, because the program starts elsewhere, and by the one way of reading that is allowed.
pub(crate) fn file_argument(path: &Path) -> OsString {
    let mut argument = OsString::from("file:");
    argument.push(path);
    argument
}

/// The whole path of a file of ours.
pub(crate) fn whole(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]
    use super::*;

    fn run(program: &str, argument: &str, time_max: Duration) -> Run {
        Run {
            program: program.into(),
            arguments: vec![argument.into()],
            read: Vec::new(),
            folder: None,
            limits: Limits { cpu_seconds: 20, memory_bytes: 1 << 30, file_bytes: 0, open_files: 32 },
            time_max,
        }
    }

    fn tools() -> Tools {
        Tools::new("/usr/bin/ffmpeg".into(), Isolation::Off).unwrap()
    }

    #[tokio::test]
    async fn an_endless_answer_is_cut_and_its_program_ended() {
        let said = tools().run(run("/usr/bin/yes", "more", Duration::from_secs(20)), 10_000).await;
        assert!(matches!(said, Err(ToolError::TooMuch(10_000))), "{said:?}");
    }

    #[tokio::test]
    async fn a_program_that_complains_at_length_is_not_kept_waiting() {
        let complains = "head -c 1000000 /dev/zero >&2; echo done";
        let mut long = run("/bin/sh", "-c", Duration::from_secs(20));
        long.arguments.push(complains.into());
        assert_eq!(tools().run(long, 10).await.unwrap(), b"done\n");
    }

    #[tokio::test]
    async fn a_program_that_never_ends_is_ended() {
        let said = tools().run(run("/bin/sleep", "100000", Duration::from_millis(100)), 10).await;
        assert!(matches!(said, Err(ToolError::TimedOut(_))), "{said:?}");
    }

    #[tokio::test]
    async fn nothing_is_started_where_the_sandbox_does_not_stand() {
        let refused = Tools::new("/usr/bin/ffmpeg".into(), Isolation::Refused("too old".to_owned()));
        assert!(matches!(refused, Err(ToolError::NoSandbox(_))));
        let sandbox = Isolation::Sandbox { launcher: "/no/such/binary".into() };
        let said = Tools::new("/usr/bin/ffmpeg".into(), sandbox).unwrap().version().await;
        assert!(matches!(said, Err(ToolError::NotStarted(_))), "{said:?}");
    }
}
