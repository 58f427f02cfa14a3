//! The instance key as a file: one line per version, `moloko-key-v1:<base64>`. Owns its text and its access rights.
//!
//! The file belongs outside of database backups: whoever has both can read the tokens.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::ring::Ring;
use super::{InstanceKeys, KEY_BYTES, VaultError};

const PREFIX: &str = "moloko-key-v";

/// More than any real key file has.
const MAX_BYTES: u64 = 64 * 1024;

impl InstanceKeys {
    /// Reads the text of a key file: one line per version, blank lines and `#` comments allowed.
    ///
    /// # Errors
    /// [`VaultError::KeyText`] says what is wrong, without showing any of it.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let mut secrets = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (version, secret) = line
                .strip_prefix(PREFIX)
                .and_then(|rest| rest.split_once(':'))
                .ok_or(VaultError::KeyText("a line is not a key"))?;
            let version = version.parse().map_err(|_| VaultError::KeyText("a version is not a number"))?;
            let secret =
                Zeroizing::new(STANDARD.decode(secret.trim()).map_err(|_| VaultError::KeyText("a key is not base64"))?);
            let secret = <[u8; KEY_BYTES]>::try_from(secret.as_slice())
                .map_err(|_| VaultError::KeyText("a key has not 32 bytes"))?;
            secrets.push((version, secret));
        }
        Self::from_secrets(secrets)
    }

    /// The text of a key file. This is the key itself: write it to a file of its own, never to a log.
    #[must_use]
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = Zeroizing::new(String::new());
        for (version, key) in &self.ring().versions {
            text.push_str(&line(*version, &key.secret));
        }
        text
    }

    /// Reads a key file; `None` when there is none. What is read stays bound to the file: see [`InstanceKeys::reload`].
    ///
    /// # Errors
    /// [`VaultError::KeyFile`] when it cannot be read or others may read it, [`VaultError::KeyText`] when its text is not ours.
    pub fn load(path: &Path) -> Result<Option<Self>, VaultError> {
        Self::bound_to(path, Rights::OwnerOnly)
    }

    /// The same for a file whose rights are the operator's business: nodes under several users may share it.
    ///
    /// # Errors
    /// As [`InstanceKeys::load`], whoever may read it.
    pub fn load_given(path: &Path) -> Result<Option<Self>, VaultError> {
        Self::bound_to(path, Rights::Any)
    }

    fn bound_to(path: &Path, rights: Rights) -> Result<Option<Self>, VaultError> {
        let Some(opened) = Opened::read(path, rights)? else { return Ok(None) };
        let file = KeyFile { path: path.to_owned(), rights, seen: Mutex::new(Some(opened.stamp)) };
        Ok(Some(Self { file: Some(file), ..Self::parse(&opened.text)? }))
    }

    /// Writes a new key file that only its owner can read, durably. An existing file is never replaced: it may be the only key there is.
    ///
    /// # Errors
    /// [`VaultError::KeyFile`] when it exists or cannot be written.
    pub fn create(&self, path: &Path) -> Result<(), VaultError> {
        let write = || -> std::io::Result<()> {
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
            file.write_all(self.to_text().as_bytes())?;
            file.sync_all()?;
            // The name has to be durable, too, before anything is sealed with the key.
            sync_folder(path)
        };
        write().map_err(|error| unusable(path, error.to_string()))
    }
}

/// Who may read a key file besides its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rights {
    OwnerOnly,
    Any,
}

/// The file from which the keys of a running process came, and how it looked when it was last read.
pub(super) struct KeyFile {
    path: PathBuf,
    rights: Rights,
    seen: Mutex<Option<Stamp>>,
}

/// By what a changed file is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    device: u64,
    inode: u64,
    length: u64,
    modified: (i64, i64),
    /// Also rights that were put right: they change nothing else.
    changed: (i64, i64),
}

impl Stamp {
    fn of(facts: &Metadata) -> Self {
        Self {
            device: facts.dev(),
            inode: facts.ino(),
            length: facts.len(),
            modified: (facts.mtime(), facts.mtime_nsec()),
            changed: (facts.ctime(), facts.ctime_nsec()),
        }
    }
}

impl KeyFile {
    /// Hands over the versions in it, when it was changed since it was last looked at. Others who ask meanwhile wait for the outcome.
    pub(super) fn when_changed<T>(
        &self,
        take: impl FnOnce(Ring) -> Result<T, VaultError>,
    ) -> Result<Option<T>, VaultError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = std::fs::metadata(&self.path).ok().map(|facts| Stamp::of(&facts));
        if *seen == stamp {
            return Ok(None);
        }
        // Noted first: a file that cannot be used is complained about once, not at each look.
        *seen = stamp;
        let Some(opened) = Opened::read(&self.path, self.rights)? else {
            return Err(self.unusable("it is gone"));
        };
        *seen = Some(opened.stamp);
        let newer = Ring::clone(&InstanceKeys::parse(&opened.text)?.ring());
        take(newer).map(Some)
    }

    pub(super) fn unusable(&self, why: &str) -> VaultError {
        unusable(&self.path, format!("{why}; this process goes on with what it read before. Put the file right"))
    }
}

/// A key file that was read.
struct Opened {
    file: File,
    facts: Metadata,
    stamp: Stamp,
    text: Zeroizing<String>,
}

impl Opened {
    fn read(path: &Path, rights: Rights) -> Result<Option<Self>, VaultError> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(path, error.to_string())),
        };
        let facts = file.metadata().map_err(|error| unusable(path, error.to_string()))?;
        let mode = facts.permissions().mode() & 0o777;
        if rights == Rights::OwnerOnly && mode & 0o077 != 0 {
            return Err(unusable(path, format!("its mode is {mode:o}, others may use it; run chmod 600 on it")));
        }
        if facts.len() > MAX_BYTES {
            return Err(unusable(path, "it is far too long to be a key file".to_owned()));
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(|error| unusable(path, error.to_string()))?;
        Ok(Some(Self { file, stamp: Stamp::of(&facts), facts, text }))
    }
}

/// Draws another version of the instance key and writes it into the file; gives its number. It seals nothing until it is taken up.
///
/// # Errors
/// [`VaultError::KeyFile`] when the file is not there or cannot be replaced; it is as it was then.
pub fn add_version(path: &Path) -> Result<i64, VaultError> {
    let mut secret = Zeroizing::new([0; KEY_BYTES]);
    rand::fill(secret.as_mut_slice()).map_err(|_| VaultError::Sealing)?;
    let mut added = 0;
    rewrite(path, |text| {
        let newest = InstanceKeys::parse(text)?.versions().last().copied().unwrap_or(0);
        added = newest.checked_add(1).ok_or(VaultError::KeyText("a version is too large"))?;
        let mut next = Zeroizing::new(text.trim_end_matches('\n').to_owned());
        next.push('\n');
        next.push_str(&line(added, &secret));
        Ok(next)
    })?;
    Ok(added)
}

/// Takes a version out of the file. What is still sealed under it can then be read by nobody who has no copy of the file.
///
/// # Errors
/// [`VaultError::UnknownKeyVersion`] when it is not in the file, [`VaultError::KeyText`] when it is the only one, [`VaultError::KeyFile`] as
/// for [`add_version`].
pub fn remove_version(path: &Path, version: i64) -> Result<(), VaultError> {
    rewrite(path, |text| {
        if !InstanceKeys::parse(text)?.versions().contains(&version) {
            return Err(VaultError::UnknownKeyVersion { version });
        }
        let prefix = format!("{PREFIX}{version}:");
        let mut next = Zeroizing::new(String::new());
        for kept in text.lines().filter(|line| !line.trim().starts_with(&prefix)) {
            next.push_str(kept);
            next.push('\n');
        }
        Ok(next)
    })
}

/// Replaces the file by one with another text, the same owner and the same rights: readers and crashes find the old or the new one.
fn rewrite(path: &Path, change: impl FnOnce(&str) -> Result<Zeroizing<String>, VaultError>) -> Result<(), VaultError> {
    // A name that only points to the file stays what it is.
    let path = &path.canonicalize().map_err(|error| unusable(path, error.to_string()))?;
    let failed = |error: std::io::Error| unusable(path, error.to_string());
    let busy = || unusable(path, "another command is changing it; run this one again".to_owned());
    let Some(opened) = Opened::read(path, Rights::Any)? else { return Err(unusable(path, "it is gone".to_owned())) };
    opened.file.try_lock().map_err(|_| busy())?;
    // Whoever had the lock before may have put another file in this one's place.
    if Stamp::of(&std::fs::metadata(path).map_err(failed)?) != opened.stamp {
        return Err(busy());
    }
    let next = change(&opened.text)?;
    InstanceKeys::parse(&next)?;
    let mut name = path.as_os_str().to_owned();
    name.push(".new");
    let beside = PathBuf::from(name);
    let write = || -> std::io::Result<()> {
        match std::fs::remove_file(&beside) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            // Left behind by a command that was killed: nothing is sealed with what it drew.
            Ok(()) | Err(_) => {}
        }
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&beside)?;
        file.write_all(next.as_bytes())?;
        let made = file.metadata()?;
        if (made.uid(), made.gid()) != (opened.facts.uid(), opened.facts.gid()) {
            // The service that reads it need not be the user who runs this command.
            std::os::unix::fs::fchown(&file, Some(opened.facts.uid()), Some(opened.facts.gid()))?;
        }
        file.set_permissions(opened.facts.permissions())?;
        file.sync_all()?;
        std::fs::rename(&beside, path)?;
        sync_folder(path)
    };
    write().map_err(failed)
}

fn line(version: i64, secret: &[u8; KEY_BYTES]) -> Zeroizing<String> {
    let secret = Zeroizing::new(STANDARD.encode(secret));
    Zeroizing::new(format!("{PREFIX}{version}:{}\n", *secret))
}

fn sync_folder(path: &Path) -> std::io::Result<()> {
    match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
        Some(parent) => File::open(parent)?.sync_all(),
        None => File::open(".")?.sync_all(),
    }
}

fn unusable(path: &Path, why: String) -> VaultError {
    VaultError::KeyFile { path: path.display().to_string(), why }
}
