//! Received media on disk: one folder, one file per task, written by offset and served by range.
//! Nothing is ever read whole into memory.

use std::path::{Path, PathBuf};

use crate::error::SimError;

/// The folder for received media.
#[derive(Debug)]
pub(crate) struct Store {
    folder: PathBuf,
    /// Removes the folder when the simulator goes.
    _temporary: Option<tempfile::TempDir>,
}

impl Store {
    pub(crate) fn open(folder: Option<&Path>) -> Result<Self, SimError> {
        match folder {
            Some(folder) => {
                std::fs::create_dir_all(folder).map_err(SimError::io("create its data folder"))?;
                Ok(Self { folder: folder.to_path_buf(), _temporary: None })
            }
            None => {
                let temporary = tempfile::Builder::new()
                    .prefix("tiktok-sim-")
                    .tempdir()
                    .map_err(SimError::io("create a temporary folder"))?;
                Ok(Self { folder: temporary.path().to_path_buf(), _temporary: Some(temporary) })
            }
        }
    }

    /// Where the bytes of a task go; ids contain characters files should not.
    pub(crate) fn path(&self, publish_id: &str, part: usize) -> PathBuf {
        let safe: String = publish_id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
        self.folder.join(format!("{safe}.{part}"))
    }
}
