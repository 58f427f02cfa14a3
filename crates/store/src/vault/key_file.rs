//! The instance key as a file: one line per version, `moloko-key-v1:<base64>`. Owns its text and its access rights.
//!
//! The file belongs outside of database backups: whoever has both can read the tokens.

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

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
        for (version, key) in &self.versions {
            let secret = Zeroizing::new(STANDARD.encode(key.secret.as_slice()));
            text.push_str(PREFIX);
            text.push_str(&version.to_string());
            text.push(':');
            text.push_str(&secret);
            text.push('\n');
        }
        text
    }

    /// Reads a key file; `None` when there is none.
    ///
    /// # Errors
    /// [`VaultError::KeyFile`] when it cannot be read or others may read it, [`VaultError::KeyText`] when its text is not ours.
    pub fn load(path: &Path) -> Result<Option<Self>, VaultError> {
        let mut file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(unusable(path, error.to_string())),
        };
        let facts = file.metadata().map_err(|error| unusable(path, error.to_string()))?;
        let mode = facts.permissions().mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(unusable(path, format!("its mode is {mode:o}, others may use it; run chmod 600 on it")));
        }
        if facts.len() > MAX_BYTES {
            return Err(unusable(path, "it is far too long to be a key file".to_owned()));
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text).map_err(|error| unusable(path, error.to_string()))?;
        Self::parse(&text).map(Some)
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
            match path.parent().filter(|parent| !parent.as_os_str().is_empty()) {
                Some(parent) => File::open(parent)?.sync_all(),
                None => File::open(".")?.sync_all(),
            }
        };
        write().map_err(|error| unusable(path, error.to_string()))
    }
}

fn unusable(path: &Path, why: String) -> VaultError {
    VaultError::KeyFile { path: path.display().to_string(), why }
}
