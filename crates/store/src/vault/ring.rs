//! The versions of the instance key that a process knows, and what is derived from each. Owns derivation; must not read files or decide
//! which version is current.

use std::collections::BTreeMap;
use std::sync::Arc;

use aws_lc_rs::{constant_time, hkdf, hmac};
use zeroize::Zeroizing;

use super::aead::Sealer;
use super::{KEY_BYTES, VaultError, hex};

/// Everything known at one moment; replaced as a whole, so that one act never sees two states.
#[derive(Clone)]
pub(super) struct Ring {
    /// The version that seals.
    pub(super) current: i64,
    /// The versions that open.
    pub(super) versions: BTreeMap<i64, Arc<KeyVersion>>,
    /// What makes the marks of versions that are no more: they recognise what was erased, and open nothing.
    pub(super) marks: BTreeMap<i64, Arc<MarkKey>>,
}

/// One version of the instance key.
pub(super) struct KeyVersion {
    pub(super) secret: Zeroizing<[u8; KEY_BYTES]>,
    pub(super) sealer: Sealer,
    pub(super) mark: Arc<MarkKey>,
    check: hmac::Key,
    gate: hmac::Key,
}

/// What makes the marks of one version. It cannot be turned back into the version it comes from.
pub(super) struct MarkKey {
    pub(super) secret: Zeroizing<[u8; KEY_BYTES]>,
    key: hmac::Key,
}

impl Ring {
    /// The highest version seals until it is told otherwise.
    pub(super) fn new(secrets: impl IntoIterator<Item = (i64, [u8; KEY_BYTES])>) -> Result<Self, VaultError> {
        let mut versions = BTreeMap::new();
        for (version, secret) in secrets {
            if version < 1 {
                return Err(VaultError::KeyText("a version is not a positive number"));
            }
            if versions.insert(version, Arc::new(KeyVersion::new(secret)?)).is_some() {
                return Err(VaultError::KeyText("a version appears twice"));
            }
        }
        let current = versions.keys().next_back().copied().ok_or(VaultError::KeyText("it holds no key"))?;
        Ok(Self { current, versions, marks: BTreeMap::new() })
    }

    pub(super) fn version(&self, version: i64) -> Result<&Arc<KeyVersion>, VaultError> {
        self.versions.get(&version).ok_or(VaultError::UnknownKeyVersion { version })
    }

    /// What makes the marks of a version, also of one that is no more.
    pub(super) fn mark(&self, version: i64) -> Option<&Arc<MarkKey>> {
        self.versions.get(&version).map(|it| &it.mark).or_else(|| self.marks.get(&version))
    }

    /// The versions whose marks are recognised, the newest first.
    pub(super) fn mark_versions(&self) -> Vec<i64> {
        let mut all: Vec<i64> = self.versions.keys().chain(self.marks.keys()).copied().collect();
        all.sort_unstable_by_key(|version| std::cmp::Reverse(*version));
        all.dedup();
        all
    }

    /// This ring with the versions of a newer one. Whoever lost a version by it goes on recognising its marks.
    ///
    /// The current version and every version that both have must be the same key: a file that says otherwise is a mistake.
    pub(super) fn succeeded_by(&self, newer: Self) -> Result<Self, &'static str> {
        if !newer.versions.contains_key(&self.current) {
            return Err("the version that seals is not in it any more");
        }
        let same = |(version, it): (&i64, &Arc<KeyVersion>)| {
            newer.versions.get(version).is_none_or(|other| {
                constant_time::verify_slices_are_equal(other.secret.as_slice(), it.secret.as_slice()).is_ok()
            })
        };
        if !self.versions.iter().all(same) {
            return Err("a version in it is another key than it was");
        }
        let gone = self.versions.iter().filter(|(version, _)| !newer.versions.contains_key(version));
        let mut marks = self.marks.clone();
        marks.extend(gone.map(|(version, it)| (*version, Arc::clone(&it.mark))));
        Ok(Self { current: self.current, versions: newer.versions, marks })
    }
}

impl KeyVersion {
    fn new(secret: [u8; KEY_BYTES]) -> Result<Self, VaultError> {
        let secret = Zeroizing::new(secret);
        // Several keys from one secret, so that the published check value tells nothing about the sealing key.
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, b"moloko instance key").extract(secret.as_slice());
        let bytes = |info: &'static [u8]| {
            let mut bytes = Zeroizing::new([0; KEY_BYTES]);
            root.expand(&[info], hkdf::HKDF_SHA256)
                .and_then(|key| key.fill(bytes.as_mut_slice()))
                .map_err(|_| VaultError::Sealing)?;
            Ok::<_, VaultError>(bytes)
        };
        let mac = |info: &'static [u8]| {
            root.expand(&[info], hmac::HMAC_SHA256).map(hmac::Key::from).map_err(|_| VaultError::Sealing)
        };
        let (check, gate) = (mac(b"check")?, mac(b"gate")?);
        let mark = Arc::new(MarkKey::new(bytes(b"tombstone")?));
        Ok(Self { sealer: Sealer::new(&*bytes(b"seal")?)?, mark, check, gate, secret })
    }

    pub(super) fn check_value(&self) -> String {
        let tag = hmac::sign(&self.check, b"moloko instance key check");
        hex(tag.as_ref().get(..16).unwrap_or_default())
    }

    pub(super) fn gate_word(&self, of: &str) -> String {
        hex(hmac::sign(&self.gate, of.as_bytes()).as_ref())
    }
}

impl MarkKey {
    pub(super) fn new(secret: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        Self { key: hmac::Key::new(hmac::HMAC_SHA256, secret.as_slice()), secret }
    }

    pub(super) fn mark(&self, of: &str) -> String {
        hex(hmac::sign(&self.key, of.as_bytes()).as_ref())
    }
}
