//! Envelope encryption: instance key -> one data key per connection -> AES-256-GCM of each token.
//!
//! Owns keys and the binding of every ciphertext to its place (table, column, row, version), so that a copied or swapped
//! ciphertext does not open. Must not store anything, and no key leaves this module in clear except as the key file's text.

mod aead;
mod key_file;
mod ring;

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::{constant_time, rand};
use domain::id::ConnectionId;
use secrecy::SecretString;
use zeroize::Zeroizing;

use self::aead::Sealer;
use self::key_file::KeyFile;
use self::ring::{KeyVersion, MarkKey, Ring};

pub use self::key_file::{add_version, remove_version};

/// A failure of the vault. Says what to check, never shows key or content.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The text of the key file is not ours.
    #[error("the key file cannot be read: {0}; expected lines of the form moloko-key-v1:<base64 of 32 bytes>")]
    KeyText(&'static str),
    /// The key file cannot be used.
    #[error("the key file {path} cannot be used: {why}")]
    KeyFile {
        /// Its path.
        path: String,
        /// What is wrong and what to do.
        why: String,
    },
    /// The database was written with another instance key.
    #[error(
        "the instance key is not the one this database was written with; use the key file that belongs to the database, \
         or the stored tokens stay unreadable"
    )]
    WrongInstanceKey,
    /// A version of the instance key is missing.
    #[error("version {version} of the instance key is needed, and this instance key does not have it")]
    UnknownKeyVersion {
        /// The version.
        version: i64,
    },
    /// A ciphertext does not open: wrong key, or it was altered, moved or copied from another place.
    #[error(
        "the sealed value of {place} does not open: it was altered, copied from another place, or sealed with another key"
    )]
    Refused {
        /// Where it was read.
        place: String,
    },
    /// A ciphertext opens, but is not text.
    #[error("the sealed value of {place} is not text")]
    NotText {
        /// Where it was read.
        place: String,
    },
    /// This process was given no instance key.
    #[error("this process has no instance key, so what is sealed stays closed")]
    NoInstanceKey,
    /// An older copy of the key file lies there.
    #[error(
        "{what} was sealed under version {version} of the instance key, and the key ends with version {newest}: an older copy of the key \
         file was put back. What was erased since could not be recognised and would come back, so nothing is started. Put the line of \
         version {version} back from your copy of the key file (docs/keys.md)"
    )]
    OlderKey {
        /// What shows that there was a newer version.
        what: &'static str,
        /// That version.
        version: i64,
        /// The newest of the key at hand.
        newest: i64,
    },
    /// The cryptographic library failed; it has no other reason than a broken system.
    #[error("sealing failed: the system's cryptography is not usable")]
    Sealing,
}

/// Length of every key, bytes.
pub(crate) const KEY_BYTES: usize = 32;

type Secret = Zeroizing<[u8; KEY_BYTES]>;

/// The keys of the instance: the current one seals, the others still open. Prints nothing of them.
///
/// Shared by everything in a process. Versions come and go while it runs: a key file is read again when it was changed, and before a value
/// that needs an unknown version is refused.
pub struct InstanceKeys {
    ring: RwLock<Arc<Ring>>,
    /// Where versions come from while the process runs; `None` when they were given once and for all.
    file: Option<KeyFile>,
}

impl fmt::Debug for InstanceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ring = self.ring();
        write!(f, "InstanceKeys(current: v{}, versions: {})", ring.current, ring.versions.len())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        use fmt::Write as _;
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl InstanceKeys {
    /// Keys with one version.
    ///
    /// # Errors
    /// [`VaultError::KeyText`] when `version` is not positive, [`VaultError::Sealing`] on a broken system.
    pub fn from_secret(version: i64, secret: [u8; KEY_BYTES]) -> Result<Self, VaultError> {
        Self::from_secrets([(version, secret)])
    }

    /// Keys with one version, freshly drawn.
    ///
    /// # Errors
    /// [`VaultError::Sealing`] on a broken system.
    pub fn generate() -> Result<Self, VaultError> {
        let mut secret = [0; KEY_BYTES];
        rand::fill(&mut secret).map_err(|_| VaultError::Sealing)?;
        Self::from_secret(1, secret)
    }

    fn from_secrets(secrets: impl IntoIterator<Item = (i64, [u8; KEY_BYTES])>) -> Result<Self, VaultError> {
        Ok(Self { ring: RwLock::new(Arc::new(Ring::new(secrets)?)), file: None })
    }

    fn ring(&self) -> Arc<Ring> {
        // A ring is replaced in one move, so a panic elsewhere cannot have left half of one.
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// One version; where it is unknown, the key file is looked at first: another node may be ahead of this one.
    fn version(&self, version: i64) -> Result<Arc<KeyVersion>, VaultError> {
        if let Ok(known) = self.ring().version(version) {
            return Ok(Arc::clone(known));
        }
        self.reload()?;
        self.ring().version(version).map(Arc::clone)
    }

    fn current(&self) -> Result<(i64, Arc<KeyVersion>), VaultError> {
        let ring = self.ring();
        Ok((ring.current, Arc::clone(ring.version(ring.current)?)))
    }

    /// The version that seals.
    #[must_use]
    pub fn current_version(&self) -> i64 {
        self.ring().current
    }

    /// The versions that open, the lowest first.
    #[must_use]
    pub fn versions(&self) -> Vec<i64> {
        self.ring().versions.keys().copied().collect()
    }

    /// From now on this version seals. It is the instance's decision, not the file's: nodes that share a database change over together.
    ///
    /// # Errors
    /// [`VaultError::UnknownKeyVersion`] when this process does not have it; nothing changes then.
    pub fn take_up(&self, version: i64) -> Result<(), VaultError> {
        self.version(version)?;
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        ring.version(version)?;
        *ring = Arc::new(Ring { current: version, ..Ring::clone(&ring) });
        Ok(())
    }

    /// Reads the key file again if it was changed since; gives whether this process now has other versions than before.
    ///
    /// # Errors
    /// [`VaultError::KeyFile`] when it cannot be used: what was known stays in use, and the file is tried again when it has changed.
    pub fn reload(&self) -> Result<bool, VaultError> {
        let Some(file) = &self.file else { return Ok(false) };
        let differs = file.when_changed(|newer| {
            let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
            let next = ring.succeeded_by(newer).map_err(|why| file.unusable(why))?;
            let differs = !next.versions.keys().eq(ring.versions.keys());
            *ring = Arc::new(next);
            Ok(differs)
        })?;
        Ok(differs.unwrap_or(false))
    }

    /// What to store in `meta` to recognise the current version at the next start; tells nothing about it.
    ///
    /// # Errors
    /// None in practice; see [`VaultError`].
    pub fn check_value(&self) -> Result<String, VaultError> {
        self.check_value_of(self.current_version())
    }

    /// The same for any version.
    ///
    /// # Errors
    /// [`VaultError::UnknownKeyVersion`] when that version is missing.
    pub fn check_value_of(&self, version: i64) -> Result<String, VaultError> {
        Ok(format!("v{version}:{}", self.version(version)?.check_value()))
    }

    /// Compares the keys with stored [`InstanceKeys::check_value`]s, several with blanks between them.
    ///
    /// # Errors
    /// [`VaultError::WrongInstanceKey`] for another key of the same version, [`VaultError::UnknownKeyVersion`] when that version is missing.
    pub fn verify(&self, stored: &str) -> Result<(), VaultError> {
        if stored.trim().is_empty() {
            return Err(VaultError::WrongInstanceKey);
        }
        stored.split_whitespace().try_for_each(|one| self.verify_one(one))
    }

    fn verify_one(&self, stored: &str) -> Result<(), VaultError> {
        let version = checked_version(stored).ok_or(VaultError::WrongInstanceKey)?;
        let expected = self.check_value_of(version)?;
        constant_time::verify_slices_are_equal(expected.as_bytes(), stored.as_bytes())
            .map_err(|_| VaultError::WrongInstanceKey)
    }

    /// Draws a data key for a connection. Gives it, its sealed form and the version of the instance key that sealed it.
    ///
    /// # Errors
    /// [`VaultError::Sealing`] on a broken system.
    pub fn new_data_key(&self, connection: ConnectionId) -> Result<(DataKey, Vec<u8>, i64), VaultError> {
        let mut secret = Zeroizing::new([0; KEY_BYTES]);
        rand::fill(secret.as_mut_slice()).map_err(|_| VaultError::Sealing)?;
        let (sealed, version) = self.wrap(connection, &secret)?;
        Ok((DataKey(Sealer::new(&secret)?), sealed, version))
    }

    fn wrap(&self, connection: ConnectionId, secret: &[u8; KEY_BYTES]) -> Result<(Vec<u8>, i64), VaultError> {
        let (version, key) = self.current()?;
        Ok((key.sealer.seal(&data_key_place(connection, version), secret.as_slice())?, version))
    }

    fn unwrap_key(&self, connection: ConnectionId, version: i64, sealed: &[u8]) -> Result<Secret, VaultError> {
        let refused = || VaultError::Refused { place: format!("the data key of connection {connection}") };
        let opened =
            self.version(version)?.sealer.open(&data_key_place(connection, version), sealed).ok_or_else(refused)?;
        <[u8; KEY_BYTES]>::try_from(opened.as_slice()).map(Zeroizing::new).map_err(|_| refused())
    }

    /// Opens the data key of a connection.
    ///
    /// # Errors
    /// [`VaultError::Refused`] for another connection, version or key, [`VaultError::UnknownKeyVersion`] when that version is missing.
    pub fn open_data_key(&self, connection: ConnectionId, version: i64, sealed: &[u8]) -> Result<DataKey, VaultError> {
        Ok(DataKey(Sealer::new(&*self.unwrap_key(connection, version, sealed)?)?))
    }

    /// Seals the same data key under the current version; what it sealed stays as it is. Gives the sealed form and that version.
    ///
    /// # Errors
    /// As [`InstanceKeys::open_data_key`].
    pub fn rewrap_data_key(
        &self,
        connection: ConnectionId,
        version: i64,
        sealed: &[u8],
    ) -> Result<(Vec<u8>, i64), VaultError> {
        self.wrap(connection, &*self.unwrap_key(connection, version, sealed)?)
    }

    /// The unguessable word of one gate, URL-safe, 64 characters. Derived from the instance key, so that it is stored nowhere.
    ///
    /// # Errors
    /// None in practice; see [`VaultError`].
    pub fn gate_word(&self, of: &str) -> Result<SecretString, VaultError> {
        Ok(SecretString::from(self.current()?.1.gate_word(of)))
    }

    /// Whether a word opens the gate; in constant time, and also with an older version of the key, because TikTok may be on its way
    /// while the key is changed.
    #[must_use]
    pub fn opens_gate(&self, of: &str, word: &str) -> bool {
        self.ring().versions.values().fold(false, |opens, version| {
            let fits =
                constant_time::verify_slices_are_equal(version.gate_word(of).as_bytes(), word.as_bytes()).is_ok();
            opens | fits
        })
    }

    /// The mark by which something erased is known again, 64 characters, under the current version first, then under every other one
    /// that ever was. Tells nothing about the thing to whoever lacks the key.
    #[must_use]
    pub fn tombstone_marks(&self, of: &str) -> Vec<String> {
        let ring = self.ring();
        let others = ring.mark_versions().into_iter().filter(|version| *version != ring.current);
        let keys = std::iter::once(ring.current).chain(others).filter_map(|version| ring.mark(version));
        keys.map(|key| key.mark(of)).collect()
    }

    /// The versions under which marks are recognised, also those that are no more; the newest first.
    #[must_use]
    pub fn mark_versions(&self) -> Vec<i64> {
        self.ring().mark_versions()
    }

    /// Seals, under the current version, what makes the marks of another one, so that they outlive it. It opens nothing.
    ///
    /// # Errors
    /// [`VaultError::UnknownKeyVersion`] when this process cannot make such marks.
    pub fn seal_mark_key(&self, version: i64) -> Result<Vec<u8>, VaultError> {
        let ring = self.ring();
        let key = ring.mark(version).ok_or(VaultError::UnknownKeyVersion { version })?;
        self.seal(&mark_purpose(version), key.secret.as_slice())
    }

    /// Takes in a value of [`InstanceKeys::seal_mark_key`].
    ///
    /// # Errors
    /// As [`InstanceKeys::open`].
    pub fn take_mark_key(&self, version: i64, sealed: &[u8]) -> Result<(), VaultError> {
        let purpose = mark_purpose(version);
        let opened = self.open(&purpose, sealed)?;
        let secret = <[u8; KEY_BYTES]>::try_from(opened.as_slice()).map(Zeroizing::new);
        let key = Arc::new(MarkKey::new(secret.map_err(|_| VaultError::Refused { place: purpose })?));
        let mut ring = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = Ring::clone(&ring);
        next.marks.insert(version, key);
        *ring = Arc::new(next);
        Ok(())
    }

    /// Seals a short-lived value that belongs to no connection; `purpose` names the column and opens nothing else.
    ///
    /// # Errors
    /// [`VaultError::Sealing`] on a broken system.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let (version, key) = self.current()?;
        let sealed = key.sealer.seal(&purpose_place(purpose, version), plain)?;
        let mut out = version.to_be_bytes().to_vec();
        out.extend_from_slice(&sealed);
        Ok(out)
    }

    /// Seals the same value under the current version.
    ///
    /// # Errors
    /// As [`InstanceKeys::open`].
    pub fn reseal(&self, purpose: &str, sealed: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.seal(purpose, &self.open(purpose, sealed)?)
    }

    /// Opens a value of [`InstanceKeys::seal`].
    ///
    /// # Errors
    /// [`VaultError::Refused`] for another purpose or key, [`VaultError::UnknownKeyVersion`] when that version is missing.
    pub fn open(&self, purpose: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        let refused = || VaultError::Refused { place: purpose.to_owned() };
        let (version, sealed) = sealed.split_first_chunk::<8>().ok_or_else(refused)?;
        let version = i64::from_be_bytes(*version);
        self.version(version)?.sealer.open(&purpose_place(purpose, version), sealed).ok_or_else(refused)
    }
}

/// The version of the instance key that a value of [`InstanceKeys::seal`] needs; `None` when it is none.
#[must_use]
pub fn sealed_version(sealed: &[u8]) -> Option<i64> {
    sealed.first_chunk::<8>().map(|version| i64::from_be_bytes(*version))
}

/// The version that a [`InstanceKeys::check_value`] speaks of; `None` when it is none.
#[must_use]
pub fn checked_version(stored: &str) -> Option<i64> {
    stored.strip_prefix('v').and_then(|rest| rest.split_once(':')).and_then(|(version, _)| version.parse().ok())
}

fn mark_purpose(version: i64) -> String {
    format!("tombstone key v{version}")
}

/// Where a ciphertext lives; it opens nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Table.
    pub table: &'a str,
    /// Column.
    pub column: &'a str,
    /// Id of the row.
    pub row: &'a str,
    /// Version of the row, so that an older ciphertext cannot be put back.
    pub version: i64,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        place(&["cell", self.table, self.column, self.row], self.version)
    }
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{} of {} (version {})", self.table, self.column, self.row, self.version)
    }
}

/// The key of one connection or person. Prints nothing of it; forgotten when dropped.
pub struct DataKey(Sealer);

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(..)")
    }
}

impl DataKey {
    pub(crate) fn new(secret: &[u8; KEY_BYTES]) -> Result<Self, VaultError> {
        Sealer::new(secret).map(Self)
    }

    /// Opens a value that need not be text.
    pub(crate) fn open_bytes(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        self.0.open(&place.bytes(), sealed).ok_or_else(|| VaultError::Refused { place: place.to_string() })
    }

    /// Seals a value for its place.
    ///
    /// # Errors
    /// [`VaultError::Sealing`] on a broken system.
    pub fn seal(&self, place: Place<'_>, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        self.0.seal(&place.bytes(), plain)
    }

    /// Opens a value read at its place.
    ///
    /// # Errors
    /// [`VaultError::Refused`] when it was sealed for another place, version or key, [`VaultError::NotText`] when it is not UTF-8.
    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<SecretString, VaultError> {
        let opened =
            self.0.open(&place.bytes(), sealed).ok_or_else(|| VaultError::Refused { place: place.to_string() })?;
        let text = std::str::from_utf8(&opened).map_err(|_| VaultError::NotText { place: place.to_string() })?;
        Ok(SecretString::from(text))
    }
}

fn data_key_place(connection: ConnectionId, version: i64) -> Vec<u8> {
    place(&["data key", &connection.to_string()], version)
}

fn purpose_place(purpose: &str, version: i64) -> Vec<u8> {
    place(&["purpose", purpose], version)
}

/// Length before each part: no two different places have the same bytes.
fn place(parts: &[&str], version: i64) -> Vec<u8> {
    let mut bytes = version.to_be_bytes().to_vec();
    for part in parts {
        bytes.extend_from_slice(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests;
