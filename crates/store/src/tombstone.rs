//! Marks of what was erased or must not come back, in the database and in a file beside it: a restored backup has lost the former.
//!
//! Owns rows and file. A mark is a keyed hash made elsewhere and tells nobody anything; must not be joined with anything readable.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::UnixMillis;

use crate::column::instant;
use crate::db::{Statement, Store, Tx};
use crate::error::Result;

/// Name of the file in the data folder.
pub const FILE_NAME: &str = "tombstones";
/// A larger file was not written by us, bytes.
const FILE_MAX_BYTES: u64 = 256 * 1024 * 1024;

/// One mark.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Tombstone {
    /// Keyed hash, lower-case hex.
    pub mark: String,
    /// When the thing was erased, or its end was asked for.
    pub erased_at: UnixMillis,
}

/// What makes the marks of versions of the instance key that are no more, each sealed under the current one, by version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarkKeys(pub BTreeMap<i64, Vec<u8>>);

impl MarkKeys {
    /// Reads `version:base64` words; a word that is not whole is passed over.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let word = |word: &str| {
            let (version, sealed) = word.split_once(':')?;
            Some((version.parse().ok()?, STANDARD.decode(sealed).ok()?))
        };
        Self(text.split_whitespace().filter_map(word).collect())
    }
}

impl fmt::Display for MarkKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words: Vec<String> =
            self.0.iter().map(|(version, sealed)| format!("{version}:{}", STANDARD.encode(sealed))).collect();
        f.write_str(&words.join(" "))
    }
}

const PUT: &str = "
INSERT INTO tombstone (mark, erased_at)
VALUES ($1, $2)
ON CONFLICT (mark) DO UPDATE SET erased_at = CASE WHEN excluded.erased_at > tombstone.erased_at
  THEN excluded.erased_at ELSE tombstone.erased_at END";
const SINCE: &str = "SELECT mark, erased_at FROM tombstone WHERE erased_at >= $1 ORDER BY erased_at LIMIT $2";
const ALL: &str = "SELECT mark, erased_at FROM tombstone WHERE mark > $1 ORDER BY mark LIMIT $2";
const ONE: &str = "SELECT erased_at FROM tombstone WHERE mark = $1";
const PURGE: &str = "
DELETE FROM tombstone
WHERE mark IN (SELECT mark FROM tombstone WHERE erased_at < $1 ORDER BY erased_at LIMIT $2)";

pub(crate) const STATEMENTS: &[Statement] = statements![PUT, SINCE, ALL, ONE, PURGE];

impl Store {
    /// Marks after `after` in the order of their text, at most `limit`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn tombstones(&self, after: &str, limit: u32) -> Result<Vec<Tombstone>> {
        let rows = fetch_all!(store self, (String, i64), ALL, after, i64::from(limit))?;
        Ok(rows.into_iter().map(|(mark, at)| Tombstone { mark, erased_at: instant(at) }).collect())
    }

    /// Marks of this instant and later, the earliest first, at most `limit`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn tombstones_since(&self, since: UnixMillis, limit: u32) -> Result<Vec<Tombstone>> {
        let rows = fetch_all!(store self, (String, i64), SINCE, since.millis(), i64::from(limit))?;
        Ok(rows.into_iter().map(|(mark, at)| Tombstone { mark, erased_at: instant(at) }).collect())
    }

    /// When the thing with this mark was erased.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn tombstone(&self, mark: &str) -> Result<Option<UnixMillis>> {
        Ok(fetch_optional!(store self, (i64,), ONE, mark)?.map(|(at,)| instant(at)))
    }
}

impl Tx {
    /// Keeps a mark; the later of two instants counts.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn tombstone_put(&mut self, it: &Tombstone) -> Result<()> {
        execute!(tx self, PUT, &it.mark, it.erased_at.millis())?;
        Ok(())
    }

    /// Removes marks older than every backup; gives how many.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn purge_tombstones(&mut self, before: UnixMillis, limit: u32) -> Result<u64> {
        execute!(tx self, PURGE, before.millis(), i64::from(limit))
    }
}

/// The file of marks. One line each, `+ mark milliseconds`; of two lines with one mark the later instant counts. A line `k version:base64`
/// holds what makes the marks of a version of the instance key that is no more; of two with one version the later line counts.
#[derive(Debug, Clone)]
pub struct TombstoneFile {
    path: PathBuf,
}

impl TombstoneFile {
    /// The file of this data folder; it need not exist.
    #[must_use]
    pub fn of(folder: &Path) -> Self {
        Self { path: folder.join(FILE_NAME) }
    }

    fn text(&self) -> std::io::Result<String> {
        let mut text = String::new();
        match File::open(&self.path) {
            Ok(file) => file.take(FILE_MAX_BYTES).read_to_string(&mut text)?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error),
        };
        Ok(text)
    }

    /// Everything in force. A line that is not whole, as after a power cut, is passed over.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn read(&self) -> std::io::Result<Vec<Tombstone>> {
        let mut known = BTreeMap::new();
        for line in self.text()?.lines() {
            let mut words = line.split(' ');
            match (words.next(), words.next(), words.next().and_then(|at| at.parse::<i64>().ok())) {
                (Some("+"), Some(mark), Some(at)) if mark.len() == 64 => {
                    let kept = known.entry(mark.to_owned()).or_insert(at);
                    *kept = at.max(*kept);
                }
                _ => {}
            }
        }
        Ok(known.into_iter().map(|(mark, at)| Tombstone { mark, erased_at: instant(at) }).collect())
    }

    /// What makes the marks of versions of the instance key that are no more.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn keys(&self) -> std::io::Result<MarkKeys> {
        let text = self.text()?;
        let lines = text.lines().filter_map(|line| line.strip_prefix("k "));
        Ok(MarkKeys(lines.flat_map(|line| MarkKeys::parse(line).0).collect()))
    }

    /// Adds such keys durably.
    ///
    /// # Errors
    /// When the disk does not take them; no version may be given up then.
    pub fn add_keys(&self, keys: &MarkKeys) -> std::io::Result<()> {
        self.append(&format!("k {keys}\n"))
    }

    /// Adds marks durably.
    ///
    /// # Errors
    /// When the disk does not take them; the erasure must not go on then.
    pub fn add(&self, marks: &[Tombstone]) -> std::io::Result<()> {
        self.append(
            &marks.iter().fold(String::new(), |text, it| format!("{text}+ {} {}\n", it.mark, it.erased_at.millis())),
        )
    }

    /// Writes the file anew with only these marks, and with its keys; readers find the old or the new one, also after a crash.
    ///
    /// # Errors
    /// When the disk does not take it; the old file is in use then.
    pub fn replace(&self, marks: &[Tombstone]) -> std::io::Result<()> {
        let beside = Self { path: self.path.with_extension("new") };
        if let Err(error) = std::fs::remove_file(&beside.path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            return Err(error);
        }
        beside.append("")?;
        let keys = self.keys()?;
        if !keys.0.is_empty() {
            beside.add_keys(&keys)?;
        }
        beside.add(marks)?;
        std::fs::rename(&beside.path, &self.path)?;
        self.sync_folder()
    }

    fn append(&self, text: &str) -> std::io::Result<()> {
        let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(&self.path)?;
        // A line that was torn off by a power cut must not run into this one.
        if !text.is_empty() && file.metadata()?.len() > 0 {
            file.write_all(b"\n")?;
        }
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        self.sync_folder()
    }

    fn sync_folder(&self) -> std::io::Result<()> {
        match self.path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
            Some(_) | None => File::open(".")?.sync_all(),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]
    use super::*;

    fn stone(letter: &str, at: i64) -> Tombstone {
        Tombstone { mark: letter.repeat(64), erased_at: UnixMillis::from_millis(at) }
    }

    #[test]
    fn marks_survive_a_torn_line_and_the_later_instant_counts() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = TombstoneFile::of(folder.path());
        assert!(file.read().unwrap().is_empty());
        file.add(&[stone("a", 1), stone("b", 2)]).unwrap();
        let mut raw = OpenOptions::new().append(true).open(folder.path().join(FILE_NAME)).unwrap();
        raw.write_all(b"+ ccccc").unwrap();
        file.add(&[stone("a", 5), stone("d", 3)]).unwrap();
        assert_eq!(file.read().unwrap(), [stone("a", 5), stone("b", 2), stone("d", 3)]);
        file.add(&[stone("a", 2)]).unwrap();
        assert_eq!(file.read().unwrap().first(), Some(&stone("a", 5)));
        file.replace(&[stone("d", 3)]).unwrap();
        assert_eq!(file.read().unwrap(), [stone("d", 3)]);
        assert_eq!(file.keys().unwrap(), MarkKeys::default());
    }

    #[test]
    fn keys_of_marks_lie_beside_the_marks_and_the_later_line_counts() {
        let folder = tempfile::TempDir::new().unwrap();
        let file = TombstoneFile::of(folder.path());
        file.add(&[stone("a", 1)]).unwrap();
        file.add_keys(&MarkKeys::parse("1:AQID 2:BAUG")).unwrap();
        file.add_keys(&MarkKeys::parse("1:BwgJ broken 3:?")).unwrap();
        assert_eq!(file.keys().unwrap().to_string(), "1:BwgJ 2:BAUG");
        file.replace(&[stone("b", 2)]).unwrap();
        assert_eq!(file.keys().unwrap().to_string(), "1:BwgJ 2:BAUG", "writing the file anew keeps them");
        assert_eq!(file.read().unwrap(), [stone("b", 2)]);
    }
}
