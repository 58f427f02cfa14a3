//! Which files may be opened, by the kernel's Landlock. Owns the list of folders that programs need to start at all.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope, path_beneath_rules,
};

use super::{Refusal, Walls};

/// Where shared libraries lie. What is not there is left out.
const LIBRARIES: [&str; 8] =
    ["/lib", "/lib32", "/lib64", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache"];

/// The kernels' feature sets that are asked for. What an older kernel lacks of it is left out, except the first one: that has the files.
const FILES: ABI = ABI::V5;
const NETWORK: ABI = ABI::V4;
const SIGNALS: ABI = ABI::V6;

/// Confines this process, which must have one thread.
pub fn restrict(walls: &Walls, program: &Path) -> Result<(), Refusal> {
    let failed = |error: landlock::RulesetError| Refusal::Files(error.to_string());
    let missing = |error: landlock::PathFdError| Refusal::Files(error.to_string());
    let read = AccessFs::ReadFile | AccessFs::ReadDir;
    let run = AccessFs::Execute | AccessFs::ReadFile;
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(FILES))
        .and_then(|rules| rules.handle_access(AccessNet::from_all(NETWORK)))
        .and_then(|rules| rules.scope(Scope::from_all(SIGNALS)))
        .and_then(Ruleset::create)
        .and_then(|rules| rules.add_rules(path_beneath_rules(LIBRARIES, read | AccessFs::Execute)))
        .map_err(failed)?;
    rules = rules.add_rule(PathBeneath::new(PathFd::new(program).map_err(missing)?, run)).map_err(failed)?;
    for path in &walls.read {
        // A folder may be listed, a file only read.
        let access = if path.is_dir() { read } else { BitFlags::from(AccessFs::ReadFile) };
        rules = rules.add_rule(PathBeneath::new(PathFd::new(path).map_err(missing)?, access)).map_err(failed)?;
    }
    if let Some(folder) = &walls.folder {
        // No links, pipes, sockets, devices or folders: whoever reads the result must find plain files.
        let access = read | AccessFs::WriteFile | AccessFs::Truncate | AccessFs::MakeReg | AccessFs::RemoveFile;
        rules = rules.add_rule(PathBeneath::new(PathFd::new(folder).map_err(missing)?, access)).map_err(failed)?;
    }
    let status = rules.restrict_self().map_err(failed)?;
    match status.ruleset {
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced if status.no_new_privs => Ok(()),
        RulesetStatus::FullyEnforced | RulesetStatus::PartiallyEnforced => {
            Err(Refusal::Files("privileges could still be gained".to_owned()))
        }
        RulesetStatus::NotEnforced => Err(Refusal::Files("it is not there".to_owned())),
    }
}
