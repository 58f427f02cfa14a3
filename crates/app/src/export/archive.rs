//! The archive while it is written: entries one after the other, each hashed on its way, and room left on the disk. Owns the ZIP and the
//! list of what is in it; must not know what the entries mean. Memory does not grow with the entries.

use std::path::Path;

use async_zip::base::write::EntryStreamWriter;
use async_zip::{Compression, DeflateOption, ZipDateTimeBuilder, ZipEntryBuilder};
use aws_lc_rs::digest::{Context, SHA256};
use futures::AsyncWriteExt as _;
use serde::{Deserialize, Serialize};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufWriter};
use tokio_util::compat::Compat;

use super::beat::Beat;
use crate::{App, Error, Result};

/// Bytes gathered before the disk is asked.
const BUFFER_BYTES: usize = 256 * 1024;
/// Bytes written between two looks at the room on the disk.
const LOOK_BYTES: u64 = 16 * 1024 * 1024;

/// A file of an export, as its manifest lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedFile {
    /// Its name in the archive.
    pub name: String,
    /// Its size, bytes.
    pub size_bytes: u64,
    /// SHA-256 of it, lower-case hex.
    pub sha256: String,
}

type Sink = BufWriter<File>;

/// An archive that is being written.
pub(super) struct Archive<'a> {
    app: &'a App,
    zip: async_zip::tokio::write::ZipFileWriter<Sink>,
    listed: Vec<ListedFile>,
    unseen_bytes: u64,
}

/// One entry of it that is being written.
pub(super) struct Entry<'a> {
    app: &'a App,
    writer: EntryStreamWriter<'a, Compat<Sink>>,
    listed: &'a mut Vec<ListedFile>,
    unseen_bytes: &'a mut u64,
    name: String,
    size_bytes: u64,
    hash: Context,
}

/// How an entry is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pack {
    /// Text.
    Deflate,
    /// Videos and pictures, which are packed already.
    Store,
}

pub(super) fn packing(error: async_zip::error::ZipError) -> Error {
    if let async_zip::error::ZipError::UpstreamReadError(error) = error {
        writing(error)
    } else {
        Error::Io(std::io::Error::other(format!("the archive: {error}")))
    }
}

/// A disk that is full is no mystery.
pub(super) fn writing(error: std::io::Error) -> Error {
    if matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded) {
        Error::DiskReserve
    } else {
        Error::Io(error)
    }
}

pub(super) fn hex(hash: Context) -> String {
    use std::fmt::Write as _;
    hash.finish().as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(super) fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

impl<'a> Archive<'a> {
    /// An empty archive; what was there before is gone.
    pub(super) fn create(app: &'a App, path: &Path) -> Result<Self> {
        let file = store::export::folder::create(path).map_err(writing)?;
        let sink = BufWriter::with_capacity(BUFFER_BYTES, File::from_std(file));
        Ok(Self {
            app,
            zip: async_zip::base::write::ZipFileWriter::with_tokio(sink),
            listed: Vec::new(),
            unseen_bytes: 0,
        })
    }

    /// Begins an entry; it is in the archive when it is finished.
    pub(super) async fn begin(&mut self, name: String, pack: Pack) -> Result<Entry<'_>> {
        let method = match pack {
            Pack::Deflate => Compression::Deflate,
            Pack::Store => Compression::Stored,
        };
        let entry = ZipEntryBuilder::new(name.clone().into(), method)
            .deflate_option(DeflateOption::Fast)
            // When it was made stands in the manifest; a date that is none makes other programs complain.
            .last_modification_date(ZipDateTimeBuilder::new().year(1980).month(1).day(1).build())
            .unix_permissions(0o600);
        Ok(Entry {
            app: self.app,
            writer: self.zip.write_entry_stream(entry).await.map_err(packing)?,
            listed: &mut self.listed,
            unseen_bytes: &mut self.unseen_bytes,
            name,
            size_bytes: 0,
            hash: Context::new(&SHA256),
        })
    }

    /// A small entry in one go.
    pub(super) async fn whole(&mut self, name: &str, bytes: &[u8]) -> Result<()> {
        let mut entry = self.begin(name.to_owned(), Pack::Deflate).await?;
        entry.write(bytes).await?;
        entry.finish().await
    }

    /// An entry with everything that a reader gives.
    pub(super) async fn copy(
        &mut self,
        name: String,
        pack: Pack,
        from: &mut (impl AsyncRead + Unpin),
        beat: &mut Beat<'_>,
    ) -> Result<()> {
        let mut entry = self.begin(name, pack).await?;
        let mut buffer = vec![0; BUFFER_BYTES];
        loop {
            let many = from.read(&mut buffer).await?;
            let Some(bytes) = buffer.get(..many).filter(|bytes| !bytes.is_empty()) else { break };
            entry.write(bytes).await?;
            beat.again().await?;
        }
        entry.finish().await
    }

    /// What is in it so far.
    pub(super) fn listed(&self) -> &[ListedFile] {
        &self.listed
    }

    /// Ends the archive; it is durable only when its owner says so.
    pub(super) async fn close(self) -> Result<()> {
        let mut sink = self.zip.close().await.map_err(packing)?.into_inner();
        sink.flush().await.map_err(writing)
    }
}

impl Entry<'_> {
    /// More bytes of the entry.
    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        let many = length(bytes);
        *self.unseen_bytes = self.unseen_bytes.saturating_add(many);
        if *self.unseen_bytes > LOOK_BYTES {
            // The database lies on the same disk and must never find it full.
            self.app.check_disk(LOOK_BYTES).await?;
            *self.unseen_bytes = 0;
        }
        self.hash.update(bytes);
        self.size_bytes = self.size_bytes.saturating_add(many);
        self.writer.write_all(bytes).await.map_err(writing)
    }

    /// Ends the entry.
    pub(super) async fn finish(self) -> Result<()> {
        let Self { writer, listed, name, size_bytes, hash, .. } = self;
        writer.close().await.map_err(packing)?;
        listed.push(ListedFile { name, size_bytes, sha256: hex(hash) });
        Ok(())
    }
}

/// What is collected beside the archive while an entry of it is open. The file goes with the value.
pub(super) struct Aside {
    path: std::path::PathBuf,
    file: BufWriter<File>,
}

impl Aside {
    pub(super) fn create(path: std::path::PathBuf) -> Result<Self> {
        let file = store::export::folder::create(&path).map_err(writing)?;
        Ok(Self { path, file: BufWriter::with_capacity(BUFFER_BYTES, File::from_std(file)) })
    }

    pub(super) async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).await.map_err(writing)
    }

    /// Everything that was collected, from its beginning.
    pub(super) async fn reread(&mut self) -> Result<File> {
        self.file.flush().await.map_err(writing)?;
        Ok(File::open(&self.path).await?)
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        // Where this fails, the sweeper finds it.
        let _ = std::fs::remove_file(&self.path);
    }
}
