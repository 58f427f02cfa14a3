//! The settings of an instance: their names and defaults, where a value came from, and what it means once parsed.
//! Must not start anything: a wrong value is reported, all of them at once, before the first effect.

mod catalogue;
mod env_file;
mod secret;
mod settings;
mod source;
mod storage;
mod values;

pub use settings::{Config, Database, InstanceKeySource, LogFormat, Mode, Pkce};
pub use source::{Overrides, Source};
pub use storage::Storage;
pub use values::{DiskReserve, Processor, program};

/// Something about the settings that must be put right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {what}. {fix}")]
pub struct ConfigProblem {
    /// Name of the setting, or of the file.
    pub setting: String,
    /// What is wrong and why. Never holds a secret's value.
    pub what: String,
    /// What to do.
    pub fix: String,
}

impl ConfigProblem {
    pub fn new(setting: impl Into<String>, what: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { setting: setting.into(), what: what.into(), fix: fix.into() }
    }
}
