//! An authenticator as browsers have one: makes a P-256 passkey and signs with it, in the form that `navigator.credentials` gives. Written from
//! the specification alone, so that a mistake of the service's library does not hide itself.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// One passkey, and what a story may do to it.
pub struct Authenticator {
    pair: EcdsaKeyPair,
    id: Vec<u8>,
    pub origin: String,
    pub rp_id: String,
    /// What it says it counted; a story may turn it back.
    pub counter: u32,
    /// Whether it asks its user for a finger or a number.
    pub verifies: bool,
    handle: String,
}

impl Authenticator {
    pub fn new(origin: &str, rp_id: &str) -> Self {
        let mut id = vec![0; 32];
        aws_lc_rs::rand::fill(&mut id).unwrap();
        Self {
            pair: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap(),
            id,
            origin: origin.to_owned(),
            rp_id: rp_id.to_owned(),
            counter: 0,
            verifies: true,
            handle: String::new(),
        }
    }

    fn client(&self, kind: &str, challenge: &Value) -> Vec<u8> {
        let client = json!({ "type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": false });
        client.to_string().into_bytes()
    }

    fn header(&mut self, more: u8) -> Vec<u8> {
        self.counter += 1;
        let mut data = digest(&SHA256, self.rp_id.as_bytes()).as_ref().to_vec();
        data.push(PRESENT | more | if self.verifies { VERIFIED } else { 0 });
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// `navigator.credentials.create()`.
    pub fn create(&mut self, options: &Value) -> Vec<u8> {
        self.handle = options["user"]["id"].as_str().unwrap().to_owned();
        let client = self.client("webauthn.create", &options["challenge"]);
        let mut data = self.header(ATTESTED);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        data.extend(&self.id);
        let point = self.pair.public_key().as_ref();
        // A map of five: kind 2 (EC2), algorithm -7 (ES256), curve 1 (P-256), both coordinates.
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..65]);
        let mut object = vec![0xa3];
        for word in ["fmt", "none", "attStmt"] {
            object.push(0x60 + u8::try_from(word.len()).unwrap());
            object.extend(word.as_bytes());
        }
        object.push(0xa0);
        object.push(0x68);
        object.extend(b"authData");
        object.extend([0x58, u8::try_from(data.len()).unwrap()]);
        object.extend(data);
        let answer = json!({
            "id": URL_SAFE_NO_PAD.encode(&self.id), "rawId": URL_SAFE_NO_PAD.encode(&self.id), "type": "public-key",
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client), "attestationObject": URL_SAFE_NO_PAD.encode(object),
                "transports": ["internal"],
            },
            "clientExtensionResults": {},
        });
        answer.to_string().into_bytes()
    }

    /// `navigator.credentials.get()`.
    pub fn get(&mut self, options: &Value) -> Vec<u8> {
        let client = self.client("webauthn.get", &options["challenge"]);
        let data = self.header(0);
        let mut signed = data.clone();
        signed.extend(digest(&SHA256, &client).as_ref());
        let signature = self.pair.sign(&SystemRandom::new(), &signed).unwrap();
        let answer = json!({
            "id": URL_SAFE_NO_PAD.encode(&self.id), "rawId": URL_SAFE_NO_PAD.encode(&self.id), "type": "public-key",
            "response": {
                "clientDataJSON": URL_SAFE_NO_PAD.encode(client), "authenticatorData": URL_SAFE_NO_PAD.encode(data),
                "signature": URL_SAFE_NO_PAD.encode(signature.as_ref()), "userHandle": self.handle,
            },
            "clientExtensionResults": {},
        });
        answer.to_string().into_bytes()
    }
}
