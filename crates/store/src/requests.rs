//! The request log's files: one a day, one JSON object a line. Owns their form, appending, shortening of addresses and removal.
//!
//! Must not read a clock or know HTTP: instants and days come in as arguments. What a line may hold is the struct below and nothing else:
//! a route's template, never a path, a query or a header.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, BufWriter, Read as _, Seek as _, SeekFrom, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use domain::time::{Date, UnixMillis};
use serde::{Deserialize, Serialize};

/// Name of the folder in the data folder.
pub const FOLDER: &str = "requests";
/// How the name of a file of one day ends.
const WHOLE: &str = ".jsonl";
/// The same once its addresses are shortened.
const SHORTENED: &str = ".short.jsonl";
/// The same while it is written.
const PARTIAL: &str = ".short.part";
/// A day has no more than this, bytes: a flood must not fill the disk with the record of itself.
const DAY_MAX_BYTES: u64 = 512 * 1024 * 1024;
/// A longer line was not written by us, bytes.
const LINE_MAX_BYTES: u64 = 4096;

/// One request. Text fields are words of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RequestLine {
    /// When it came, UTC.
    pub at: String,
    /// The template of its route, as `/posts/{id}`; `-` where there is none.
    pub route: String,
    /// Its method.
    pub method: String,
    /// The answer's status; 499 when the visitor left before there was one.
    pub status: u16,
    /// Milliseconds until the answer began.
    pub ms: u64,
    /// The family of its browser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// The family of its system.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub system: Option<String>,
    /// Where it came from: an address, later its network.
    pub ip: String,
    /// Of somebody signed in: the beginning of the hash of their session's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// How long what is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Keep {
    /// Days after which an address is cut to its network.
    pub ip_days: u32,
    /// Days after which the file is removed.
    pub days: u32,
}

/// What one sweep did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Files whose addresses were cut.
    pub shortened: u32,
    /// Files that were removed.
    pub removed: u32,
}

/// The file of the day that is being written.
#[derive(Debug)]
struct Day {
    date: Date,
    file: File,
    length: u64,
}

/// Appends lines. One per folder.
#[derive(Debug)]
pub struct RequestFiles {
    folder: PathBuf,
    day: Option<Day>,
}

impl RequestFiles {
    /// Files in `folder`, which is made with the first line.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, day: None }
    }

    /// Appends lines; gives how many were left out because their day has enough.
    ///
    /// # Errors
    /// When the disk refuses; what was half written is taken back, and the file is opened anew the next time.
    pub fn append(&mut self, lines: &[(UnixMillis, RequestLine)]) -> io::Result<u64> {
        let mut left_out = 0;
        let mut rest = lines;
        while let Some((first, _)) = rest.first() {
            let date = first.date();
            let same = rest.iter().take_while(|(at, _)| at.date() == date).count();
            let (now, later) = rest.split_at_checked(same).unwrap_or((rest, &[]));
            left_out += self.append_day(date, now)?;
            rest = later;
        }
        Ok(left_out)
    }

    fn append_day(&mut self, date: Date, lines: &[(UnixMillis, RequestLine)]) -> io::Result<u64> {
        let mut day = match self.day.take() {
            Some(day) if day.date == date => day,
            Some(_) | None => self.open(date)?,
        };
        let (mut bytes, mut left_out) = (Vec::new(), 0);
        for (_, line) in lines {
            let before = bytes.len();
            serde_json::to_writer(&mut bytes, line)?;
            bytes.push(b'\n');
            if day.length.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX)) > DAY_MAX_BYTES {
                bytes.truncate(before);
                left_out += 1;
            }
        }
        if let Err(error) = day.file.write_all(&bytes) {
            // Half a line must not stand before the next one; where that fails too, the half is skipped when the file is read.
            let _ = day.file.set_len(day.length);
            return Err(error);
        }
        day.length = day.length.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        self.day = Some(day);
        Ok(left_out)
    }

    fn open(&self, date: Date) -> io::Result<Day> {
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let path = self.folder.join(format!("{date}{WHOLE}"));
        let mut file = OpenOptions::new().read(true).append(true).create(true).mode(0o600).open(path)?;
        let length = file.seek(SeekFrom::End(0))?;
        let mut day = Day { date, file, length };
        if length > 0 {
            // After a power cut the last line may be torn.
            let mut last = [0];
            day.file.seek(SeekFrom::Start(length.saturating_sub(1)))?;
            day.file.read_exact(&mut last)?;
            if last != [b'\n'] {
                day.file.write_all(b"\n")?;
                day.length = length.saturating_add(1);
            }
        }
        Ok(day)
    }
}

/// Cuts addresses and removes files whose time is over, counted by days of the calendar in UTC, so that no address is kept a moment
/// longer than promised when this runs after each midnight. Leaves alone what is not named like one of these files.
///
/// # Errors
/// When the disk refuses; the next sweep goes on there.
pub fn sweep(folder: &Path, now: UnixMillis, keep: Keep) -> io::Result<Swept> {
    let mut swept = Swept::default();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(swept),
        Err(error) => return Err(error),
    };
    let today = now.date();
    for entry in entries {
        let path = entry?.path();
        let Some((date, kind)) = path.file_name().and_then(|name| name.to_str()).and_then(named) else { continue };
        let age_days = today.days_since(date);
        if age_days >= i64::from(keep.days) {
            std::fs::remove_file(&path)?;
            swept.removed += 1;
        } else if kind == Kind::Partial {
            // The power went while it was written; what it is made from is still there.
            std::fs::remove_file(&path)?;
        } else if kind == Kind::Whole && age_days >= i64::from(keep.ip_days) {
            shorten(folder, date, &path)?;
            swept.shortened += 1;
        }
    }
    Ok(swept)
}

/// Copies the lines of these sessions, as they stand, into a file; the oldest day first. Reads while others write: a line that is half
/// there is left out.
///
/// # Errors
/// When the disk refuses.
pub fn lines_of(folder: &Path, sessions: &std::collections::HashSet<String>, into: &Path) -> io::Result<u64> {
    let out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(into)?;
    let mut out = BufWriter::new(out);
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut days = Vec::new();
    for entry in entries {
        let path = entry?.path();
        match path.file_name().and_then(|name| name.to_str()).and_then(named) {
            Some((date, Kind::Whole | Kind::Shortened)) => days.push((date, path)),
            Some((_, Kind::Partial)) | None => {}
        }
    }
    days.sort();
    let (mut copied, mut bytes) = (0, Vec::new());
    for (_, path) in days {
        let mut from = match File::open(path) {
            Ok(file) => BufReader::new(file),
            // Shortened or removed in this very moment.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(error),
        };
        loop {
            bytes.clear();
            if (&mut from).take(LINE_MAX_BYTES).read_until(b'\n', &mut bytes)? == 0 {
                break;
            }
            let Ok(line) = serde_json::from_slice::<RequestLine>(&bytes) else { continue };
            if line.session.is_some_and(|session| sessions.contains(&session)) && bytes.ends_with(b"\n") {
                out.write_all(&bytes)?;
                copied += 1;
            }
        }
    }
    out.flush()?;
    Ok(copied)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Whole,
    Shortened,
    Partial,
}

fn named(name: &str) -> Option<(Date, Kind)> {
    let (date, end) = name.split_at_checked(10)?;
    let kind = match end {
        WHOLE => Kind::Whole,
        SHORTENED => Kind::Shortened,
        PARTIAL => Kind::Partial,
        _ => return None,
    };
    Some((date.parse().ok()?, kind))
}

/// Writes a day anew with networks in the place of addresses; lines that are not ours are left out.
fn shorten(folder: &Path, date: Date, path: &Path) -> io::Result<()> {
    let partial = folder.join(format!("{date}{PARTIAL}"));
    let shortened = folder.join(format!("{date}{SHORTENED}"));
    let mut from = BufReader::new(File::open(path)?);
    let out = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&partial)?;
    let mut out = BufWriter::new(out);
    let mut bytes = Vec::new();
    loop {
        bytes.clear();
        if (&mut from).take(LINE_MAX_BYTES).read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        let Ok(mut line) = serde_json::from_slice::<RequestLine>(&bytes) else { continue };
        line.ip = line.ip.parse().map_or_else(|_| String::new(), network);
        serde_json::to_writer(&mut out, &line)?;
        out.write_all(b"\n")?;
    }
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    std::fs::rename(&partial, &shortened)?;
    // First the new name is durable, then the old one goes.
    File::open(folder)?.sync_all()?;
    std::fs::remove_file(path)
}

/// The network of an address: the first three numbers of an IPv4, the first three groups of an IPv6.
#[must_use]
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{}/24", Ipv4Addr::new(a, b, c, 0))
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{}/48", Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0))
        }
    }
}

#[cfg(test)]
mod tests;
