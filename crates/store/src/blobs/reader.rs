//! Reading a stored file from an offset on. Owns nothing but the position.

use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

use super::bucket::reading::ObjectReader;

/// The rest of a stored file.
#[derive(Debug)]
pub struct BlobReader(pub(super) Source);

#[derive(Debug)]
pub(super) enum Source {
    File(tokio::fs::File),
    Object(ObjectReader),
    #[cfg(feature = "simulation")]
    Memory(std::io::Cursor<bytes::Bytes>),
}

impl AsyncRead for BlobReader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<std::io::Result<()>> {
        match &mut self.0 {
            Source::File(file) => Pin::new(file).poll_read(cx, buf),
            Source::Object(object) => Pin::new(object).poll_read(cx, buf),
            #[cfg(feature = "simulation")]
            Source::Memory(bytes) => Pin::new(bytes).poll_read(cx, buf),
        }
    }
}
