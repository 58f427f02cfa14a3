//! What only the browser can open, and the word by which a push service knows us: message encryption for web push (RFC 8291 on RFC 8188) and VAPID
//! (RFC 8292), on the cryptography that is linked anyway. Must not know where anything is sent.

use aws_lc_rs::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use aws_lc_rs::agreement::{ECDH_P256, ParsedPublicKey, PrivateKey, UnparsedPublicKey, agree};
use aws_lc_rs::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::time::UnixMillis;
use serde_json::json;
use store::Store;
use store::push::PushTarget;
use url::Url;
use zeroize::Zeroizing;

use crate::{Random, Result};

/// What the key of this instance is made for; another word would make another key, and every browser would have to be asked anew.
const PURPOSE: &str = "push key";
/// Draws until a number is a key: all but one in four thousand millions are.
const DRAWS: u8 = 8;
/// How long a push service may take our word for ours, seconds; 24 hours are allowed.
const WORD_S: i64 = 12 * 3_600;
/// Bytes of a public key: a mark and two coordinates.
const POINT_BYTES: usize = 65;
const AUTH_BYTES: usize = 16;
const SALT_BYTES: usize = 16;
/// Every message is one record of this size at most, bytes.
const RECORD_BYTES: u32 = 4_096;
/// Messages are filled up to a multiple of it, bytes, so that their length tells nothing.
const FILL_BYTES: usize = 512;
/// Longest text, bytes: a push service takes 4096 with everything around it.
pub const TEXT_MAX: usize = 3_000;

/// The keys of a browser.
pub struct Subscriber {
    public: Vec<u8>,
    auth: Vec<u8>,
}

impl Subscriber {
    /// Reads the keys that a browser gave; `None` when they are none.
    #[must_use]
    pub fn parse(target: &PushTarget) -> Option<Self> {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let (public, auth) = (bytes(&target.p256dh)?, bytes(&target.auth)?);
        if public.len() != POINT_BYTES || auth.len() != AUTH_BYTES {
            return None;
        }
        // A point that lies on the curve, and not only as many bytes.
        ParsedPublicKey::try_from(&UnparsedPublicKey::new(&ECDH_P256, public.as_slice())).ok()?;
        Some(Self { public, auth })
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expanded<const N: usize>(key: &Prk, info: &[&[u8]]) -> Option<[u8; N]> {
    let mut out = [0; N];
    key.expand(info, Length(N)).ok()?.fill(&mut out).ok()?;
    Some(out)
}

/// The text sealed for a browser, as the body of a request; `None` when it is too long or the keys are none.
#[must_use]
pub fn sealed(text: &[u8], to: &Subscriber, random: &dyn Random) -> Option<Vec<u8>> {
    if text.len() > TEXT_MAX {
        return None;
    }
    let (own, salt) = (drawn(random)?, salt(random));
    let filled = text.len().saturating_add(1).next_multiple_of(FILL_BYTES);
    sealed_with(text, filled, to, &own, salt)
}

fn salt(random: &dyn Random) -> [u8; SALT_BYTES] {
    let mut salt = [0; SALT_BYTES];
    random.fill(&mut salt);
    salt
}

fn drawn(random: &dyn Random) -> Option<PrivateKey> {
    (0..DRAWS).find_map(|_| {
        let mut secret = Zeroizing::new([0; 32]);
        random.fill(secret.as_mut_slice());
        PrivateKey::from_private_key(&ECDH_P256, secret.as_slice()).ok()
    })
}

fn sealed_with(
    text: &[u8],
    filled: usize,
    to: &Subscriber,
    own: &PrivateKey,
    salt: [u8; SALT_BYTES],
) -> Option<Vec<u8>> {
    let public = own.compute_public_key().ok()?;
    let public = public.as_ref();
    let theirs = UnparsedPublicKey::new(&ECDH_P256, to.public.as_slice());
    let shared = agree(own, theirs, (), |secret| Ok(Salt::new(HKDF_SHA256, &to.auth).extract(secret))).ok()?;
    let input: Zeroizing<[u8; 32]> =
        Zeroizing::new(expanded(&shared, &[b"WebPush: info\0".as_slice(), &to.public, public])?);
    let root = Salt::new(HKDF_SHA256, &salt).extract(input.as_slice());
    let key: [u8; 16] = expanded(&root, &[b"Content-Encoding: aes128gcm\0".as_slice()])?;
    let nonce: [u8; 12] = expanded(&root, &[b"Content-Encoding: nonce\0".as_slice()])?;
    let mut record = text.to_vec();
    // The mark of the last record, then filling.
    record.push(2);
    record.resize(filled.max(record.len()), 0);
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).ok()?);
    key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::empty(), &mut record).ok()?;
    let mut body = salt.to_vec();
    body.extend_from_slice(&RECORD_BYTES.to_be_bytes());
    body.push(u8::try_from(public.len()).ok()?);
    body.extend_from_slice(public);
    body.append(&mut record);
    Some(body)
}

/// The key by which push services know this instance, and with which browsers subscribe.
pub struct Signer {
    pair: EcdsaKeyPair,
    public: Vec<u8>,
}

impl Signer {
    /// The key of an instance, always the same; `None` while it has no secrets yet.
    ///
    /// # Errors
    /// When the database does not answer, or the instance key does not open its secret.
    pub async fn of(store: &Store) -> Result<Option<Self>> {
        for draw in 0..DRAWS {
            let Some(secret) = store.instance_secret(&format!("{PURPOSE} {draw}")).await? else { return Ok(None) };
            if let Some(signer) = Self::new(secret.as_slice()) {
                return Ok(Some(signer));
            }
        }
        Ok(None)
    }

    fn new(secret: &[u8]) -> Option<Self> {
        let public = PrivateKey::from_private_key(&ECDH_P256, secret).ok()?.compute_public_key().ok()?;
        let public = public.as_ref().to_vec();
        let pair =
            EcdsaKeyPair::from_private_key_and_public_key(&ECDSA_P256_SHA256_FIXED_SIGNING, secret, &public).ok()?;
        Some(Self { pair, public })
    }

    /// The public half, base64url.
    #[must_use]
    pub fn public_text(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.public)
    }

    /// The `Authorization` for one push service.
    #[must_use]
    pub fn word(&self, endpoint: &Url, contact: &str, now: UnixMillis) -> Option<String> {
        let audience = endpoint.origin().ascii_serialization();
        let said =
            json!({ "aud": audience, "exp": now.plus_seconds(WORD_S).seconds(), "sub": format!("mailto:{contact}") });
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let text = format!("{head}.{}", URL_SAFE_NO_PAD.encode(said.to_string()));
        let signature = self.pair.sign(&SystemRandom::new(), text.as_bytes()).ok()?;
        Some(format!("vapid t={text}.{}, k={}", URL_SAFE_NO_PAD.encode(signature), self.public_text()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Vec<u8> {
        URL_SAFE_NO_PAD.decode(text).unwrap()
    }

    #[test]
    fn a_message_is_sealed_as_the_standard_shows_it() {
        // RFC 8291, section 5 and appendix A.
        let to = Subscriber::parse(&PushTarget {
            endpoint: String::new(),
            p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
                .to_owned(),
            auth: "BTBZMqHH6r4Tts7J_aSIgg".to_owned(),
        })
        .unwrap();
        let own =
            PrivateKey::from_private_key(&ECDH_P256, &bytes("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")).unwrap();
        let salt = bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap();
        let body = sealed_with(b"When I grow up, I want to be a watermelon", 0, &to, &own, salt).unwrap();
        let wanted = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(body), wanted);
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let parse = |p256dh: &str, auth: &str| {
            let target = PushTarget { endpoint: String::new(), p256dh: p256dh.to_owned(), auth: auth.to_owned() };
            Subscriber::parse(&target).is_some()
        };
        let good = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
        assert!(parse(good, "BTBZMqHH6r4Tts7J_aSIgg") && parse(good, "BTBZMqHH6r4Tts7J_aSIgg=="));
        assert!(!parse(good, "BTBZ") && !parse("BCVx", "BTBZMqHH6r4Tts7J_aSIgg") && !parse("", ""));
        let off_the_curve = URL_SAFE_NO_PAD.encode([&[4_u8][..], &[7; 64]].concat());
        assert!(!parse(&off_the_curve, "BTBZMqHH6r4Tts7J_aSIgg"));
    }
}
