//! The name of a process generation, as rows of attempts carry it, and whether another one is certainly gone.
//!
//! A wrong "gone" costs efficiency only: the epoch fences whoever wakes up late. Must not touch the database.

use std::fmt;
use std::path::Path;

use uuid::Uuid;

/// Machine, process and one start of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Generation {
    machine: String,
    process: u32,
    start: String,
}

impl Generation {
    /// This process; `start` is a fresh id.
    pub(super) fn mine(start: Uuid) -> Self {
        Self { machine: machine(), process: std::process::id(), start: start.simple().to_string() }
    }

    /// Reads the name in a row; `None` for a text of another form.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.rsplitn(3, '/');
        let start = parts.next()?.to_owned();
        let process = parts.next()?.parse().ok()?;
        let machine = parts.next()?.to_owned();
        Some(Self { machine, process, start })
    }

    /// The other one ran on this machine and does not any more: its process is gone, or its number is ours now.
    pub(super) fn knows_gone(&self, other: &Self) -> bool {
        if self.machine != other.machine || self.start == other.start {
            return false;
        }
        let processes = Path::new("/proc");
        self.process == other.process
            || (processes.join("self").exists() && !processes.join(other.process.to_string()).exists())
    }
}

impl fmt::Display for Generation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.machine, self.process, self.start)
    }
}

/// Boot and host name: containers on one machine share the boot but see other processes.
fn machine() -> String {
    let read = |path| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let boot = read("/proc/sys/kernel/random/boot_id");
    let host = read("/proc/sys/kernel/hostname");
    format!("{host}.{boot}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn only_a_dead_process_of_this_machine_is_known_to_be_gone() {
        let me = Generation::mine(Uuid::from_u128(1));
        assert_eq!(Generation::parse(&me.to_string()), Some(me.clone()));
        assert!(!me.knows_gone(&me));
        let before = Generation { start: "other".to_owned(), ..me.clone() };
        assert!(me.knows_gone(&before), "our number was used before");
        let init = Generation { process: 1, ..before.clone() };
        assert!(!me.knows_gone(&init), "it runs");
        let dead = Generation { process: 4_194_305, ..before.clone() };
        assert!(me.knows_gone(&dead), "no process has such a number");
        let elsewhere = Generation { machine: "elsewhere".to_owned(), ..dead };
        assert!(!me.knows_gone(&elsewhere));
        assert_eq!(Generation::parse("something else"), None);
    }
}
