//! Bounded random access to a file. Owns the budget of bytes and steps that one file may cost.

use std::io::{Read, Seek, SeekFrom};
use std::sync::atomic::{AtomicBool, Ordering};

use domain::media::ProbeFailure;

/// Boxes and elements looked at, at most: two hours of video at sixty frames, both tracks, with room to spare.
const STEPS_MAX: u32 = 3_000_000;
/// Bytes looked at, at most; sample tables of the longest videos have a few megabytes.
const BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Largest single piece.
const PIECE_MAX: usize = 64 * 1024;
/// Read ahead, so that neighbouring headers cost one call.
const WINDOW: usize = 4096;

pub(super) type Result<T> = std::result::Result<T, ProbeFailure>;

pub(super) struct Source<'a, R> {
    reader: R,
    size: u64,
    window: Vec<u8>,
    window_at: u64,
    bytes_left: u64,
    steps_left: u32,
    stop: &'a AtomicBool,
}

impl<'a, R: Read + Seek> Source<'a, R> {
    pub(super) fn new(reader: R, size: u64, stop: &'a AtomicBool) -> Self {
        Self { reader, size, window: Vec::new(), window_at: 0, bytes_left: BYTES_MAX, steps_left: STEPS_MAX, stop }
    }

    /// Size of the file, bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The first bytes, at most 16.
    pub(super) fn head(&mut self) -> Result<Vec<u8>> {
        let len = usize::try_from(self.size.min(16)).unwrap_or(16);
        self.piece(0, len)
    }

    /// Counts one box, element or table block.
    pub(super) fn step(&mut self) -> Result<()> {
        if self.stop.load(Ordering::Relaxed) {
            return Err(ProbeFailure::TimedOut);
        }
        self.steps_left =
            self.steps_left.checked_sub(1).ok_or_else(|| ProbeFailure::TooComplex("too many parts".to_owned()))?;
        Ok(())
    }

    /// Exactly `N` bytes.
    pub(super) fn bytes<const N: usize>(&mut self, at: u64) -> Result<[u8; N]> {
        let piece = self.piece(at, N)?;
        <[u8; N]>::try_from(piece.as_slice()).map_err(|_| ProbeFailure::Truncated("it ends inside a header".to_owned()))
    }

    /// Exactly `len` bytes; at most 64 KiB.
    pub(super) fn piece(&mut self, at: u64, len: usize) -> Result<Vec<u8>> {
        if len > PIECE_MAX {
            return Err(ProbeFailure::TooComplex("one header is too large".to_owned()));
        }
        let wanted = u64::try_from(len).unwrap_or(u64::MAX);
        if at.checked_add(wanted).is_none_or(|end| end > self.size) {
            return Err(ProbeFailure::Truncated("it ends inside a header".to_owned()));
        }
        self.bytes_left = self
            .bytes_left
            .checked_sub(wanted)
            .ok_or_else(|| ProbeFailure::TooComplex("its headers are too large".to_owned()))?;
        if let Some(piece) = self.windowed(at, len) {
            return Ok(piece);
        }
        self.refill(at, len)?;
        self.windowed(at, len).ok_or(ProbeFailure::Storage)
    }

    fn windowed(&self, at: u64, len: usize) -> Option<Vec<u8>> {
        let start = usize::try_from(at.checked_sub(self.window_at)?).ok()?;
        let piece = self.window.get(start..start.checked_add(len)?)?;
        Some(piece.to_vec())
    }

    fn refill(&mut self, at: u64, len: usize) -> Result<()> {
        let left = usize::try_from(self.size - at).unwrap_or(usize::MAX);
        self.window.resize(len.max(WINDOW).min(left), 0);
        self.window_at = at;
        let read = self.reader.seek(SeekFrom::Start(at)).and_then(|_| self.reader.read_exact(&mut self.window));
        if read.is_err() {
            self.window.clear();
            return Err(ProbeFailure::Storage);
        }
        Ok(())
    }
}
