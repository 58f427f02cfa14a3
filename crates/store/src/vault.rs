//! Envelope encryption: instance key -> one data key per connection -> AES-256-GCM of each token.
//!
//! Owns keys and the binding of every ciphertext to its place (table, column, row, version), so that a copied or swapped
//! ciphertext does not open. Must not store anything, and no key leaves this module in clear except as the key file's text.

mod aead;
mod key_file;

use std::collections::BTreeMap;
use std::fmt;

use aws_lc_rs::{constant_time, hkdf, hmac, rand};
use domain::id::ConnectionId;
use secrecy::SecretString;
use zeroize::Zeroizing;

use self::aead::Sealer;

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
    #[error("version {version} of the instance key is needed and is not in the key file")]
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
    /// The cryptographic library failed; it has no other reason than a broken system.
    #[error("sealing failed: the system's cryptography is not usable")]
    Sealing,
}

/// Length of every key, bytes.
const KEY_BYTES: usize = 32;

/// The keys of the instance: the current one seals, older ones still open. Prints nothing of them.
pub struct InstanceKeys {
    current: i64,
    versions: BTreeMap<i64, KeyVersion>,
}

struct KeyVersion {
    secret: Zeroizing<[u8; KEY_BYTES]>,
    sealer: Sealer,
    check: hmac::Key,
    gate: hmac::Key,
    tombstone: hmac::Key,
}

impl fmt::Debug for InstanceKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InstanceKeys(current: v{}, versions: {})", self.current, self.versions.len())
    }
}

impl KeyVersion {
    fn new(secret: [u8; KEY_BYTES]) -> Result<Self, VaultError> {
        let secret = Zeroizing::new(secret);
        // Two keys from one secret, so that the published check value tells nothing about the sealing key.
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"moloko instance key").extract(secret.as_slice());
        let mut sealing = Zeroizing::new([0; KEY_BYTES]);
        root.expand(&[b"seal"], hkdf::HKDF_SHA256)
            .and_then(|key| key.fill(sealing.as_mut_slice()))
            .map_err(|_| VaultError::Sealing)?;
        let check =
            root.expand(&[b"check"], hmac::HMAC_SHA256).map(hmac::Key::from).map_err(|_| VaultError::Sealing)?;
        let gate = root.expand(&[b"gate"], hmac::HMAC_SHA256).map(hmac::Key::from).map_err(|_| VaultError::Sealing)?;
        let tombstone =
            root.expand(&[b"tombstone"], hmac::HMAC_SHA256).map(hmac::Key::from).map_err(|_| VaultError::Sealing)?;
        Ok(Self { sealer: Sealer::new(&sealing)?, secret, check, gate, tombstone })
    }

    fn check_value(&self) -> String {
        let tag = hmac::sign(&self.check, b"moloko instance key check");
        hex(tag.as_ref().get(..16).unwrap_or_default())
    }

    fn gate_word(&self, of: &str) -> String {
        hex(hmac::sign(&self.gate, of.as_bytes()).as_ref())
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
        let mut versions = BTreeMap::new();
        for (version, secret) in secrets {
            if version < 1 {
                return Err(VaultError::KeyText("a version is not a positive number"));
            }
            if versions.insert(version, KeyVersion::new(secret)?).is_some() {
                return Err(VaultError::KeyText("a version appears twice"));
            }
        }
        let current = versions.keys().next_back().copied().ok_or(VaultError::KeyText("it holds no key"))?;
        Ok(Self { current, versions })
    }

    fn version(&self, version: i64) -> Result<&KeyVersion, VaultError> {
        self.versions.get(&version).ok_or(VaultError::UnknownKeyVersion { version })
    }

    fn current(&self) -> Result<&KeyVersion, VaultError> {
        self.version(self.current)
    }

    /// What to store in `meta` to recognise these keys at the next start; tells nothing about them.
    ///
    /// # Errors
    /// None in practice; see [`VaultError`].
    pub fn check_value(&self) -> Result<String, VaultError> {
        Ok(format!("v{}:{}", self.current, self.current()?.check_value()))
    }

    /// Compares the keys with a stored [`InstanceKeys::check_value`].
    ///
    /// # Errors
    /// [`VaultError::WrongInstanceKey`] for another key of the same version, [`VaultError::UnknownKeyVersion`] when that version is missing.
    pub fn verify(&self, stored: &str) -> Result<(), VaultError> {
        let (version, value) = stored
            .strip_prefix('v')
            .and_then(|rest| rest.split_once(':'))
            .and_then(|(version, value)| Some((version.parse::<i64>().ok()?, value)))
            .ok_or(VaultError::WrongInstanceKey)?;
        let expected = self.version(version)?.check_value();
        constant_time::verify_slices_are_equal(expected.as_bytes(), value.as_bytes())
            .map_err(|_| VaultError::WrongInstanceKey)
    }

    /// Draws a data key for a connection. Gives it, its sealed form and the version of the instance key that sealed it.
    ///
    /// # Errors
    /// [`VaultError::Sealing`] on a broken system.
    pub fn new_data_key(&self, connection: ConnectionId) -> Result<(DataKey, Vec<u8>, i64), VaultError> {
        let mut secret = Zeroizing::new([0; KEY_BYTES]);
        rand::fill(secret.as_mut_slice()).map_err(|_| VaultError::Sealing)?;
        let sealed = self.current()?.sealer.seal(&data_key_place(connection, self.current), secret.as_slice())?;
        Ok((DataKey(Sealer::new(&secret)?), sealed, self.current))
    }

    /// Opens the data key of a connection.
    ///
    /// # Errors
    /// [`VaultError::Refused`] for another connection, version or key, [`VaultError::UnknownKeyVersion`] when that version is missing.
    pub fn open_data_key(&self, connection: ConnectionId, version: i64, sealed: &[u8]) -> Result<DataKey, VaultError> {
        let refused = || VaultError::Refused { place: format!("the data key of connection {connection}") };
        let opened =
            self.version(version)?.sealer.open(&data_key_place(connection, version), sealed).ok_or_else(refused)?;
        let secret = <[u8; KEY_BYTES]>::try_from(opened.as_slice()).map_err(|_| refused())?;
        Ok(DataKey(Sealer::new(&Zeroizing::new(secret))?))
    }

    /// The unguessable word of one gate, URL-safe, 64 characters. Derived from the instance key, so that it is stored nowhere.
    ///
    /// # Errors
    /// None in practice; see [`VaultError`].
    pub fn gate_word(&self, of: &str) -> Result<SecretString, VaultError> {
        Ok(SecretString::from(self.current()?.gate_word(of)))
    }

    /// Whether a word opens the gate; in constant time, and also with an older version of the key, because TikTok may be on its way
    /// while the key is changed.
    #[must_use]
    pub fn opens_gate(&self, of: &str, word: &str) -> bool {
        self.versions.values().fold(false, |opens, version| {
            let fits =
                constant_time::verify_slices_are_equal(version.gate_word(of).as_bytes(), word.as_bytes()).is_ok();
            opens | fits
        })
    }

    /// The mark by which something erased is known again, 64 characters, under every version of the key, the current one first. Tells
    /// nothing about the thing to whoever lacks the key.
    #[must_use]
    pub fn tombstone_marks(&self, of: &str) -> Vec<String> {
        let newest_first = self.versions.values().rev();
        newest_first.map(|version| hex(hmac::sign(&version.tombstone, of.as_bytes()).as_ref())).collect()
    }

    /// Seals a short-lived value that belongs to no connection; `purpose` names the column and opens nothing else.
    ///
    /// # Errors
    /// [`VaultError::Sealing`] on a broken system.
    pub fn seal(&self, purpose: &str, plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let sealed = self.current()?.sealer.seal(&purpose_place(purpose, self.current), plain)?;
        let mut out = self.current.to_be_bytes().to_vec();
        out.extend_from_slice(&sealed);
        Ok(out)
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

/// The key of one connection. Prints nothing of it; forgotten when dropped.
pub struct DataKey(Sealer);

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(..)")
    }
}

impl DataKey {
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
