//! AES-256-GCM with a random nonce in front of the ciphertext. Owns the byte format; must not know what is sealed.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use super::{KEY_BYTES, VaultError};

/// First byte of every ciphertext, so that a later format can be told apart.
const FORMAT: u8 = 1;

pub(super) struct Sealer(RandomizedNonceKey);

impl Sealer {
    pub(super) fn new(key: &[u8; KEY_BYTES]) -> Result<Self, VaultError> {
        RandomizedNonceKey::new(&AES_256_GCM, key).map(Self).map_err(|_| VaultError::Sealing)
    }

    /// Format byte, nonce, ciphertext with tag.
    pub(super) fn seal(&self, place: &[u8], plain: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut body = plain.to_vec();
        let nonce = self.0.seal_in_place_append_tag(Aad::from(place), &mut body).map_err(|_| VaultError::Sealing)?;
        let mut out = Vec::with_capacity(1 + NONCE_LEN + body.len());
        out.push(FORMAT);
        out.extend_from_slice(nonce.as_ref());
        out.append(&mut body);
        Ok(out)
    }

    /// `None` when anything about key, place or bytes is not as it was.
    pub(super) fn open(&self, place: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (&FORMAT, rest) = sealed.split_first()? else { return None };
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>()?;
        let mut plain = Zeroizing::new(body.to_vec());
        let length = self.0.open_in_place(Nonce::from(nonce), Aad::from(place), plain.as_mut_slice()).ok()?.len();
        plain.truncate(length);
        Some(plain)
    }
}
