//! The folder of exports: one file for each, and what is still being written. Owns names and access rights; must not know what is in a file.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use domain::id::ExportId;

/// Name of the folder in the data folder.
pub const FOLDER: &str = "exports";
const WHOLE: &str = "zip";
const PARTIAL: &str = "part";

/// Where finished and unfinished files lie. Cheap to clone; the folder is made with the first file.
#[derive(Debug, Clone)]
pub struct ExportFolder {
    data: PathBuf,
}

impl ExportFolder {
    /// The folder of exports of a data folder.
    #[must_use]
    pub fn of(data: &Path) -> Self {
        Self { data: data.to_owned() }
    }

    /// Where the request log of the same data folder lies.
    #[must_use]
    pub fn requests(&self) -> PathBuf {
        self.data.join(crate::requests::FOLDER)
    }

    fn folder(&self) -> PathBuf {
        self.data.join(FOLDER)
    }

    /// The finished file of an export; it need not be there.
    #[must_use]
    pub fn whole(&self, id: ExportId) -> PathBuf {
        self.folder().join(format!("{id}.{WHOLE}"))
    }

    /// The file that is being written.
    #[must_use]
    pub fn partial(&self, id: ExportId) -> PathBuf {
        self.folder().join(format!("{id}.{PARTIAL}"))
    }

    /// Makes the folder, for its owner only.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn make(&self) -> io::Result<()> {
        DirBuilder::new().recursive(true).mode(0o700).create(self.folder())
    }

    /// From now on the file is offered; after a power cut it is whole or not there.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn finish(&self, id: ExportId) -> io::Result<()> {
        File::open(self.partial(id))?.sync_all()?;
        std::fs::rename(self.partial(id), self.whole(id))?;
        File::open(self.folder())?.sync_all()
    }

    /// Removes everything of an export; what is not there is fine. Gives how many files went.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn remove(&self, id: ExportId) -> io::Result<u64> {
        let mut gone = 0;
        for path in [self.whole(id), self.partial(id), aside(&self.partial(id), 0), aside(&self.partial(id), 1)] {
            match std::fs::remove_file(path) {
                Ok(()) => gone += 1,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(gone)
    }

    /// The exports of which something lies here.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn list(&self) -> io::Result<Vec<ExportId>> {
        let entries = match std::fs::read_dir(self.folder()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut ids = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            // What is named otherwise was put there by somebody else and is left alone.
            let id: Option<ExportId> =
                name.to_str().and_then(|name| name.split_once('.')).and_then(|(id, _)| id.parse().ok());
            ids.extend(id);
        }
        ids.sort_by_key(ToString::to_string);
        ids.dedup();
        Ok(ids)
    }
}

/// A file beside one that is being written, for what is collected meanwhile.
#[must_use]
pub fn aside(partial: &Path, n: u32) -> PathBuf {
    partial.with_extension(format!("{n}.{PARTIAL}"))
}

/// Makes or empties a file that only its owner may read.
///
/// # Errors
/// When the disk refuses.
pub fn create(path: &Path) -> io::Result<File> {
    std::fs::OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(path)
}
