#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test says what it expects by failing")]

use proptest::prelude::*;
use secrecy::ExposeSecret as _;
use uuid::Uuid;

use super::*;

fn connection(n: u128) -> ConnectionId {
    ConnectionId::from_uuid(Uuid::from_u128(n))
}

fn keys() -> InstanceKeys {
    InstanceKeys::from_secret(1, [7; 32]).unwrap()
}

const ACCESS: Place<'static> = Place { table: "connection_token", column: "access_sealed", row: "a", version: 3 };

#[test]
fn a_token_opens_only_at_the_place_it_was_sealed_for() {
    let (key, _, _) = keys().new_data_key(connection(1)).unwrap();
    let sealed = key.seal(ACCESS, b"act.canary").unwrap();
    assert_eq!(key.open(ACCESS, &sealed).unwrap().expose_secret(), "act.canary");
    assert!(!sealed.windows(6).any(|part| part == b"canary"));
    for other in [
        Place { table: "attempt", ..ACCESS },
        Place { column: "refresh_sealed", ..ACCESS },
        Place { row: "b", ..ACCESS },
        Place { version: 2, ..ACCESS },
        // The same letters, cut differently.
        Place { table: "connection_tokena", column: "ccess_sealed", ..ACCESS },
    ] {
        let refused = key.open(other, &sealed).unwrap_err();
        assert!(matches!(refused, VaultError::Refused { .. }), "{other}");
        assert!(refused.to_string().contains("copied from another place"), "{refused}");
    }
}

#[test]
fn two_swapped_ciphertexts_do_not_open() {
    let (key, _, _) = keys().new_data_key(connection(1)).unwrap();
    let refresh = Place { column: "refresh_sealed", ..ACCESS };
    let a = key.seal(ACCESS, b"access").unwrap();
    let b = key.seal(refresh, b"refresh").unwrap();
    assert!(key.open(ACCESS, &b).is_err() && key.open(refresh, &a).is_err());
}

#[test]
fn a_data_key_belongs_to_one_connection_and_one_version_of_the_instance_key() {
    let keys = InstanceKeys::from_secrets([(1, [7; 32]), (2, [8; 32])]).unwrap();
    let (key, sealed, version) = keys.new_data_key(connection(1)).unwrap();
    assert_eq!(version, 2, "the newest version seals");
    let token = key.seal(ACCESS, b"token").unwrap();
    let again = keys.open_data_key(connection(1), 2, &sealed).unwrap();
    assert_eq!(again.open(ACCESS, &token).unwrap().expose_secret(), "token");
    assert!(matches!(keys.open_data_key(connection(2), 2, &sealed), Err(VaultError::Refused { .. })));
    assert!(matches!(keys.open_data_key(connection(1), 1, &sealed), Err(VaultError::Refused { .. })));
    assert!(matches!(keys.open_data_key(connection(1), 3, &sealed), Err(VaultError::UnknownKeyVersion { version: 3 })));
    let (other, _, _) = keys.new_data_key(connection(1)).unwrap();
    assert!(other.open(ACCESS, &token).is_err(), "another data key of the same connection");
}

#[test]
fn a_wrong_instance_key_is_recognised_before_anything_is_opened() {
    let right = keys();
    let stored = right.check_value().unwrap();
    right.verify(&stored).unwrap();
    let wrong = InstanceKeys::from_secret(1, [9; 32]).unwrap();
    let refused = wrong.verify(&stored).unwrap_err();
    assert!(matches!(refused, VaultError::WrongInstanceKey));
    assert!(refused.to_string().contains("key file that belongs to the database"));
    let newer = InstanceKeys::from_secrets([(1, [7; 32]), (2, [9; 32])]).unwrap();
    newer.verify(&stored).unwrap();
    let lost = InstanceKeys::from_secret(2, [7; 32]).unwrap();
    assert!(matches!(lost.verify(&stored), Err(VaultError::UnknownKeyVersion { version: 1 })));
    let (_, sealed, version) = right.new_data_key(connection(1)).unwrap();
    assert!(matches!(wrong.open_data_key(connection(1), version, &sealed), Err(VaultError::Refused { .. })));
}

#[test]
fn a_purpose_opens_nothing_else() {
    let keys = keys();
    let sealed = keys.seal("sign_in.verifier", b"verifier").unwrap();
    assert_eq!(keys.open("sign_in.verifier", &sealed).unwrap().as_slice(), b"verifier");
    assert!(matches!(keys.open("attempt.upload_url", &sealed), Err(VaultError::Refused { .. })));
    assert!(matches!(keys.open("sign_in.verifier", b"short"), Err(VaultError::Refused { .. })));
}

#[test]
fn the_key_file_survives_its_text_and_nothing_of_a_key_is_printed() {
    let keys = InstanceKeys::generate().unwrap();
    let text = keys.to_text();
    let again = InstanceKeys::parse(&format!("# keep this file\n\n{}", *text)).unwrap();
    assert_eq!(again.check_value().unwrap(), keys.check_value().unwrap());
    let secret = text.trim().rsplit(':').next().unwrap().to_owned();
    let (data_key, _, _) = keys.new_data_key(connection(1)).unwrap();
    assert!(!format!("{keys:?}{data_key:?}").contains(&secret));
    for bad in ["", "moloko-key-v1:AAAA", "moloko-key-v1:%%", "moloko-key-v0:", "hunter2"] {
        let refused = InstanceKeys::parse(bad).unwrap_err().to_string();
        assert!(refused.contains("moloko-key-v1:<base64"), "{refused}");
        assert!(!refused.contains("hunter2"));
    }
    let twice = format!("{0}{0}", *text);
    assert!(InstanceKeys::parse(&twice).is_err());
}

#[test]
fn a_key_file_is_private_and_never_replaced() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("instance.key");
    assert!(InstanceKeys::load(&path).unwrap().is_none());
    let keys = InstanceKeys::generate().unwrap();
    keys.create(&path).unwrap();
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let loaded = InstanceKeys::load(&path).unwrap().unwrap();
    loaded.verify(&keys.check_value().unwrap()).unwrap();
    assert!(InstanceKeys::generate().unwrap().create(&path).is_err(), "the only key there is");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let refused = InstanceKeys::load(&path).unwrap_err().to_string();
    assert!(refused.contains("chmod 600"), "{refused}");
}

proptest! {
    #[test]
    fn every_text_comes_back(text in ".{0,400}", row in "[a-z0-9-]{0,40}", version in any::<i64>()) {
        let (key, sealed_key, at) = keys().new_data_key(connection(1)).unwrap();
        let place = Place { row: &row, version, ..ACCESS };
        let sealed = key.seal(place, text.as_bytes()).unwrap();
        let key = keys().open_data_key(connection(1), at, &sealed_key).unwrap();
        let opened = key.open(place, &sealed).unwrap();
        prop_assert_eq!(opened.expose_secret(), text);
    }

    #[test]
    fn every_changed_or_cut_byte_is_refused(text in ".{0,60}", index in any::<prop::sample::Index>(), flip in 1_u8..=255) {
        let (key, _, _) = keys().new_data_key(connection(1)).unwrap();
        let sealed = key.seal(ACCESS, text.as_bytes()).unwrap();
        let at = index.index(sealed.len());
        let mut changed = sealed.clone();
        changed[at] ^= flip;
        prop_assert!(key.open(ACCESS, &changed).is_err());
        prop_assert!(key.open(ACCESS, &sealed[..at]).is_err());
    }

    #[test]
    fn no_input_makes_the_vault_panic(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        prop_assert!(keys().open("sign_in.verifier", &bytes).is_err());
        prop_assert!(keys().open_data_key(connection(1), 1, &bytes).is_err());
    }
}

#[test]
fn the_word_of_a_gate_opens_that_gate_alone_and_outlives_a_change_of_the_key() {
    let old = keys();
    let word = old.gate_word("attempt-1").unwrap();
    let word = word.expose_secret();
    assert!(old.opens_gate("attempt-1", word) && word.len() == 64);
    assert!(
        !old.opens_gate("attempt-2", word)
            && !old.opens_gate("attempt-1", "")
            && !old.opens_gate("attempt-1", &word[1..])
    );
    let rotated = InstanceKeys::from_secrets([(1, [7; 32]), (2, [8; 32])]).unwrap();
    assert!(rotated.opens_gate("attempt-1", word), "TikTok may be on its way with the old word");
    assert_ne!(rotated.gate_word("attempt-1").unwrap().expose_secret(), word, "new words come from the new key");
    assert!(!InstanceKeys::from_secret(2, [8; 32]).unwrap().opens_gate("attempt-1", word));
}
