//! The walls as arguments of a command line and back. Owns the form; it is between two runs of the same binary and no promise to others.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::{Limits, Walls};

/// The arguments do not describe walls and a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is a command between two processes of the service and not for people")]
pub struct WrongUse;

impl Walls {
    /// What to give the binary so that it becomes `program` within these walls.
    #[must_use]
    pub fn arguments(&self, program: &OsStr) -> Vec<OsString> {
        let Limits { cpu_seconds, memory_bytes, file_bytes, open_files } = self.limits;
        let mut arguments: Vec<OsString> = Vec::new();
        for number in [cpu_seconds, memory_bytes, file_bytes, open_files] {
            arguments.push(number.to_string().into());
        }
        arguments.push(self.folder.as_deref().map(OsString::from).unwrap_or_default());
        arguments.push(self.read.len().to_string().into());
        arguments.extend(self.read.iter().map(OsString::from));
        arguments.push(program.to_owned());
        arguments
    }

    /// Reads what [`Walls::arguments`] wrote: the walls, the program and its own arguments.
    ///
    /// # Errors
    /// [`WrongUse`].
    pub fn parse(arguments: Vec<OsString>) -> Result<(Self, PathBuf, Vec<OsString>), WrongUse> {
        let mut rest = arguments.into_iter();
        let mut next = || rest.next().ok_or(WrongUse);
        let number = |text: OsString| text.to_str().and_then(|text| text.parse::<u64>().ok()).ok_or(WrongUse);
        let limits = Limits {
            cpu_seconds: number(next()?)?,
            memory_bytes: number(next()?)?,
            file_bytes: number(next()?)?,
            open_files: number(next()?)?,
        };
        let folder = next()?;
        let folder = (!folder.is_empty()).then(|| PathBuf::from(folder));
        let mut read = Vec::new();
        for _ in 0..number(next()?)? {
            read.push(PathBuf::from(next()?));
        }
        let program = PathBuf::from(next()?);
        Ok((Self { read, folder, limits }, program, rest.collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walls_read_back_as_what_they_were() {
        let limits = Limits { cpu_seconds: 1, memory_bytes: 2, file_bytes: 3, open_files: 4 };
        for (read, folder) in [(vec![], None), (vec!["/a b".into(), "/c".into()], Some(PathBuf::from("/--")))] {
            let walls = Walls { read, folder, limits };
            let mut arguments = walls.arguments(OsStr::new("/usr/bin/true"));
            arguments.push("-x".into());
            let read = Walls::parse(arguments).unwrap();
            assert_eq!(read, (walls, PathBuf::from("/usr/bin/true"), vec!["-x".into()]));
        }
        assert_eq!(Walls::parse(vec!["--help".into()]), Err(WrongUse));
    }
}
