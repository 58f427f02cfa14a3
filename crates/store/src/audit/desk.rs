//! The key of the audit chain and what is made with it: hashes, seals, references. Owns how they are made; must not read or write rows.
//!
//! The key is the instance's own, sealed in `meta` under the instance key: who can only write to the database can forge nothing.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::{constant_time, hkdf, hmac, rand};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::UnixMillis;
use zeroize::Zeroizing;

use crate::error::{Result, StoreError};
use crate::vault::{InstanceKeys, sealed_version};

/// What the key is sealed for; it opens as nothing else.
const PURPOSE: &str = "meta.audit_key";
/// Length of the key, bytes.
const KEY_BYTES: usize = 32;
/// Length of a reference, hex digits: two ids never meet in one, and the id cannot be found from it without the key.
const REFERENCE_DIGITS: usize = 32;

/// Where a store finds the key; one per store, shared by its clones and transactions.
#[derive(Clone, Default)]
pub(crate) struct Desk(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    keys: Option<Arc<InstanceKeys>>,
    /// The key that was opened last, with its sealed text: a rolled back transaction must not leave its key here.
    opened: Option<(String, Arc<AuditKey>)>,
}

impl fmt::Debug for Desk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Desk(..)")
    }
}

/// Both halves of the audit key. Prints nothing of it.
pub(crate) struct AuditKey {
    chain: hmac::Key,
    references: hmac::Key,
    others: hkdf::Prk,
}

/// What of an entry the chain covers.
pub(crate) struct Link<'a> {
    pub(crate) seq: i64,
    pub(crate) at: UnixMillis,
    pub(crate) actor_ref: &'a str,
    pub(crate) action: &'a str,
    pub(crate) subject_ref: &'a str,
    pub(crate) detail: &'a str,
}

impl Desk {
    pub(crate) fn sit(&self, keys: Arc<InstanceKeys>) {
        *self.inner() = Inner { keys: Some(keys), opened: None };
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keys(&self) -> Result<Arc<InstanceKeys>> {
        self.inner().keys.clone().ok_or_else(|| StoreError::Audit("this process has no instance key".to_owned()))
    }

    /// Draws a new key, sealed.
    pub(crate) fn draw(&self) -> Result<String> {
        let mut secret = Zeroizing::new([0; KEY_BYTES]);
        rand::fill(secret.as_mut_slice()).map_err(|_| unusable())?;
        let sealed = self.keys()?.seal(PURPOSE, secret.as_slice()).map_err(|error| said(&error))?;
        Ok(STANDARD.encode(sealed))
    }

    /// The same key sealed under the current version; `None` when it is.
    pub(crate) fn reseal(&self, sealed: &str) -> Result<Option<String>> {
        let keys = self.keys()?;
        if version_of(sealed)? == keys.current_version() {
            return Ok(None);
        }
        let resealed = keys.reseal(PURPOSE, &decoded(sealed)?).map_err(|error| said(&error))?;
        Ok(Some(STANDARD.encode(resealed)))
    }

    /// Opens a sealed key.
    pub(crate) fn open(&self, sealed: &str) -> Result<Arc<AuditKey>> {
        if let Some((before, key)) = &self.inner().opened
            && before == sealed
        {
            return Ok(Arc::clone(key));
        }
        let bytes = decoded(sealed)?;
        let secret = self.keys()?.open(PURPOSE, &bytes).map_err(|error| said(&error))?;
        let key = Arc::new(AuditKey::new(&secret)?);
        self.inner().opened = Some((sealed.to_owned(), Arc::clone(&key)));
        Ok(key)
    }
}

/// The version of the instance key that a sealed key needs.
pub(crate) fn version_of(sealed: &str) -> Result<i64> {
    sealed_version(&decoded(sealed)?).ok_or_else(damaged)
}

fn decoded(sealed: &str) -> Result<Vec<u8>> {
    STANDARD.decode(sealed).map_err(|_| damaged())
}

fn damaged() -> StoreError {
    StoreError::Audit("the audit key is damaged".to_owned())
}

fn said(error: &crate::vault::VaultError) -> StoreError {
    StoreError::Audit(error.to_string())
}

fn unusable() -> StoreError {
    StoreError::Audit("the system's cryptography is not usable".to_owned())
}

impl AuditKey {
    fn new(secret: &[u8]) -> Result<Self> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"moloko audit key").extract(secret);
        let half =
            |info: &'static [u8]| root.expand(&[info], hmac::HMAC_SHA256).map(hmac::Key::from).map_err(|_| unusable());
        let others = hkdf::Salt::new(hkdf::HKDF_SHA256, b"moloko keys of the instance").extract(secret);
        Ok(Self { chain: half(b"chain")?, references: half(b"references")?, others })
    }

    /// A secret for one purpose, always the same; nothing can be told from it about the key or another one.
    pub(crate) fn other(&self, purpose: &str) -> Result<Zeroizing<[u8; KEY_BYTES]>> {
        let mut secret = Zeroizing::new([0; KEY_BYTES]);
        let info = [purpose.as_bytes()];
        let made = self.others.expand(&info, hkdf::HKDF_SHA256).map_err(|_| unusable())?;
        made.fill(secret.as_mut_slice()).map_err(|_| unusable())?;
        Ok(secret)
    }

    /// What stands in the chain for an id; nothing for nothing.
    pub(crate) fn reference(&self, id: &str) -> String {
        if id.is_empty() {
            return String::new();
        }
        let mut text = hex(hmac::sign(&self.references, id.as_bytes()).as_ref());
        text.truncate(REFERENCE_DIGITS);
        text
    }

    /// The hash of an entry behind another one.
    pub(crate) fn hash(&self, previous: &str, link: &Link<'_>) -> String {
        self.sign(&[
            "entry",
            previous,
            &link.seq.to_string(),
            &link.at.millis().to_string(),
            link.actor_ref,
            link.action,
            link.subject_ref,
            link.detail,
        ])
    }

    /// The chain's own seal: who began it when, where it begins now and where it ends.
    pub(crate) fn seal(&self, began_at: i64, anchor: (i64, &str), head: (i64, &str)) -> String {
        let numbers = [began_at, anchor.0, head.0].map(|number| number.to_string());
        let [began, first, last] = &numbers;
        self.sign(&["chain", began, first, anchor.1, last, head.1])
    }

    /// Length before each part: no two different lists have the same bytes.
    fn sign(&self, parts: &[&str]) -> String {
        let mut context = hmac::Context::with_key(&self.chain);
        for part in parts {
            context.update(&u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
            context.update(part.as_bytes());
        }
        hex(context.sign().as_ref())
    }
}

/// Compares two hashes without telling by the time where they differ.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
