//! Keyed hashes of what was erased or ended: how a thing is recognised again without being remembered.
//!
//! Owns the key, which lies sealed in the database. Must not write marks: whoever ends or erases something does.

use std::sync::{Arc, OnceLock};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::WorkspaceId;
use domain::time::UnixMillis;
use store::vault::InstanceKeys;
use store::{Store, Tombstone, TombstoneFile};

use crate::random::Random;
use crate::{Error, Result};

/// Where the sealed key lies in `meta`.
const META: &str = "tombstone_key";
/// What the key is sealed for.
const PURPOSE: &str = "tombstone key";

/// Makes marks, and knows the file in which they outlive the database.
#[derive(Debug, Default)]
pub struct Marks {
    key: OnceLock<Arc<aws_lc_rs::hmac::Key>>,
    file: Option<TombstoneFile>,
}

/// What a mark says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Said<'a> {
    /// The grant of an account in a workspace ended.
    GrantEnded(WorkspaceId, &'a str),
    /// An account was erased from a workspace.
    ConnectionErased(WorkspaceId, &'a str),
    /// A person was erased.
    PersonErased(&'a str),
}

impl Marks {
    /// Marks that are also kept in a file; without one they live and die with the database.
    #[must_use]
    pub const fn new(file: Option<TombstoneFile>) -> Self {
        Self { key: OnceLock::new(), file }
    }

    pub(crate) const fn file(&self) -> Option<&TombstoneFile> {
        self.file.as_ref()
    }

    /// Reads the key, or makes it the first time.
    pub(crate) async fn ready(&self, store: &Store, keys: &InstanceKeys, random: &dyn Random) -> Result<()> {
        if self.key.get().is_some() {
            return Ok(());
        }
        let known = match store.meta_get(META).await? {
            Some(known) => known,
            None => {
                let mut secret = [0_u8; 32];
                random.fill(&mut secret);
                let sealed = STANDARD.encode(keys.seal(PURPOSE, secret.as_slice())?);
                let mut tx = store.begin().await?;
                // Another process may have been faster.
                let known = match tx.meta_get(META).await? {
                    Some(known) => known,
                    None => {
                        tx.meta_put(META, &sealed).await?;
                        sealed
                    }
                };
                tx.commit().await?;
                known
            }
        };
        let sealed = STANDARD.decode(known).map_err(|_| unreadable())?;
        let secret = keys.open(PURPOSE, &sealed)?;
        let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &secret);
        let _ = self.key.set(Arc::new(key));
        Ok(())
    }

    /// The mark of something, as of `at`.
    pub(crate) fn mark(&self, said: Said<'_>, at: UnixMillis) -> Result<Tombstone> {
        use std::fmt::Write as _;
        let key = self.key.get().ok_or_else(unreadable)?;
        let text = match said {
            Said::GrantEnded(workspace, account) => format!("grant\n{workspace}\n{account}"),
            Said::ConnectionErased(workspace, account) => format!("connection\n{workspace}\n{account}"),
            Said::PersonErased(account) => format!("person\n{account}"),
        };
        let tag = aws_lc_rs::hmac::sign(key, text.as_bytes());
        let mark = tag.as_ref().iter().fold(String::new(), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Ok(Tombstone { mark, erased_at: at })
    }

    /// Writes marks to the file, durably and before the answer that promises the end.
    pub(crate) async fn keep(&self, marks: Vec<Tombstone>) -> Result<()> {
        let Some(file) = self.file.clone() else { return Ok(()) };
        tokio::task::spawn_blocking(move || file.add(&marks)).await.map_err(std::io::Error::other)??;
        Ok(())
    }
}

fn unreadable() -> Error {
    Error::Io(std::io::Error::other("the key of the tombstones cannot be read"))
}
