//! What the nodes of one story log, at every level, kept in memory to be searched for secrets. Owns the capturing only.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;

/// The program's own crates; what others log is their business, and none of them is given a secret in the clear.
const OURS: [&str; 4] = ["app", "store", "tiktok", "domain"];

/// See the module. Clones are handles to the same log.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Everything that is logged on this thread while `run` runs ends up here, and nowhere else.
    pub(crate) fn read_while<T>(self, run: impl FnOnce() -> T) -> T {
        let ours = Targets::new().with_targets(OURS.map(|target| (target, Level::TRACE)));
        let written = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(self);
        tracing::subscriber::with_default(tracing_subscriber::registry().with(ours).with(written), run)
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self::Writer {
        self.clone()
    }
}
