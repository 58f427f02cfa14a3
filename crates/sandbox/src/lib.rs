//! Walls around one program that reads people's files: what it may open, which system calls it may make, how much it may use.
//!
//! Owns the description of the walls, its form on a command line, and the step that raises them and becomes the program. Must not
//! know which program that is, and must never start it when a wall could not be raised.
//!
//! A process can only confine itself as a whole while it has one thread, so whoever wants a program confined starts its own binary
//! again with [`Walls::arguments`], and that one calls [`Walls::raise_and_become`] before anything else.

mod arguments;
mod calls;
mod files;

use std::convert::Infallible;
use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use rustix::process::{Resource, Rlimit, Signal, set_parent_process_death_signal, setrlimit};

pub use arguments::WrongUse;

/// The exit code that says: a wall could not be raised or the program is not there; nothing ran.
pub const REFUSED: u8 = 125;

/// How much a program may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Processor time, seconds.
    pub cpu_seconds: u64,
    /// Address space, bytes.
    pub memory_bytes: u64,
    /// Largest file it may write, bytes.
    pub file_bytes: u64,
    /// Files it may have open.
    pub open_files: u64,
}

/// Threads of one user that may exist while a thread is added. The kernel counts those of the service, too, so this is a far wall; the near one
/// is the address space, of which each thread takes its stack. New processes are refused altogether.
const THREADS_MAX: u64 = 2048;

/// What a program is confined to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walls {
    /// Files and folders it may read, besides its own libraries.
    pub read: Vec<PathBuf>,
    /// The one folder in which it may make, read and write files.
    pub folder: Option<PathBuf>,
    /// How much it may use.
    pub limits: Limits,
}

/// Why the program was not started.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// A resource limit was not taken.
    #[error("the limit of {0} could not be set: {1}")]
    Limit(&'static str, std::io::Error),
    /// The kernel has no file walls, or they were not taken.
    #[error(
        "the kernel does not enforce which files are opened (Landlock, Linux 5.13 or newer with it switched on): {0}"
    )]
    Files(String),
    /// The kernel does not filter system calls.
    #[error("the kernel does not filter system calls (seccomp): {0}")]
    Calls(String),
    /// All walls stand, but the program did not start.
    #[error("{program} could not be started: {source}")]
    Program {
        /// Which one.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl Walls {
    /// Raises every wall around this process and becomes `program`, with an empty environment. Comes back only when that failed, and
    /// then nothing ran.
    ///
    /// # Errors
    /// [`Refusal`].
    pub fn raise_and_become(&self, program: PathBuf, arguments: &[OsString]) -> Result<Infallible, Refusal> {
        // Symbolic links (Debian's alternatives) are followed now; afterwards only what they lead to is open.
        let program = program.canonicalize().map_err(|source| Refusal::Program { program: program.clone(), source })?;
        // Whoever waits for the result may die without a chance to end us.
        let _ = set_parent_process_death_signal(Some(Signal::KILL));
        self.limits.set()?;
        files::restrict(self, &program)?;
        calls::restrict()?;
        let source = Command::new(&program).args(arguments).env_clear().exec();
        Err(Refusal::Program { program, source })
    }
}

impl Limits {
    fn set(&self) -> Result<(), Refusal> {
        let limits = [
            ("processor time", Resource::Cpu, self.cpu_seconds),
            ("address space", Resource::As, self.memory_bytes),
            ("file size", Resource::Fsize, self.file_bytes),
            ("open files", Resource::Nofile, self.open_files),
            ("threads", Resource::Nproc, THREADS_MAX),
            ("core dumps", Resource::Core, 0),
        ];
        for (name, resource, value) in limits {
            // A limit of the surroundings that is lower already stays: it cannot be raised and need not be.
            let value = rustix::process::getrlimit(resource).maximum.map_or(value, |highest| highest.min(value));
            let rlimit = Rlimit { current: Some(value), maximum: Some(value) };
            setrlimit(resource, rlimit).map_err(|error| Refusal::Limit(name, error.into()))?;
        }
        Ok(())
    }
}
