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

/// A key file of this test, and the keys of a process that read it.
fn key_file() -> (tempfile::TempDir, std::path::PathBuf, InstanceKeys) {
    let folder = tempfile::TempDir::new().unwrap();
    let path = folder.path().join("instance.key");
    InstanceKeys::generate().unwrap().create(&path).unwrap();
    let keys = InstanceKeys::load(&path).unwrap().unwrap();
    (folder, path, keys)
}

#[test]
fn a_version_is_added_beside_the_others_and_seals_nothing_until_it_is_taken_up() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path, running) = key_file();
    std::fs::write(&path, format!("# of Monday\n{}", running.to_text().trim())).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o400)).unwrap();
    let before = running.seal("here", b"old").unwrap();
    // What a command that was killed left behind stands in nobody's way.
    std::fs::write(folder.path().join("instance.key.new"), "half a k").unwrap();
    assert_eq!(add_version(&path).unwrap(), 2);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o400, "the rights stay");
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("# of Monday\n"), "and the operator's own words");
    assert!(!folder.path().join("instance.key.new").exists());

    assert!(running.reload().unwrap(), "a running process has it, too");
    assert!(!running.reload().unwrap(), "which is said once");
    assert_eq!((running.current_version(), running.versions()), (1, vec![1, 2]));
    assert_eq!(sealed_version(&running.seal("here", b"x").unwrap()), Some(1));
    running.take_up(2).unwrap();
    let after = running.seal("here", b"new").unwrap();
    assert_eq!(sealed_version(&after), Some(2));
    assert_eq!(running.open("here", &before).unwrap().as_slice(), b"old");
    assert!(matches!(running.take_up(7), Err(VaultError::UnknownKeyVersion { version: 7 })));
    assert_eq!(running.current_version(), 2);

    let again = running.reseal("here", &before).unwrap();
    let (_, data_key, one) = {
        let first = InstanceKeys::parse(running.to_text().lines().next().unwrap()).unwrap();
        first.new_data_key(connection(1)).unwrap()
    };
    let (rewrapped, two) = running.rewrap_data_key(connection(1), one, &data_key).unwrap();
    assert_eq!((one, two), (1, 2));
    assert!(running.rewrap_data_key(connection(2), 1, &data_key).is_err(), "another connection's");
    remove_version(&path, 1).unwrap();
    assert_eq!(InstanceKeys::load(&path).unwrap().unwrap().versions(), [2]);
    assert!(running.reload().unwrap());
    assert_eq!(running.open("here", &again).unwrap().as_slice(), b"old");
    running.open_data_key(connection(1), 2, &rewrapped).unwrap();
    for refused in
        [running.open("here", &before).map(drop), running.open_data_key(connection(1), 1, &data_key).map(drop)]
    {
        assert!(matches!(refused, Err(VaultError::UnknownKeyVersion { version: 1 })), "{refused:?}");
    }
    assert!(matches!(remove_version(&path, 1), Err(VaultError::UnknownKeyVersion { version: 1 })));
    assert!(remove_version(&path, 2).is_err(), "the last one stays");
    assert_eq!(add_version(&path).unwrap(), 3);
}

#[test]
fn a_value_of_another_nodes_newer_version_makes_a_process_look_into_its_key_file_before_it_refuses() {
    let (_folder, path, running) = key_file();
    add_version(&path).unwrap();
    let other = InstanceKeys::load(&path).unwrap().unwrap();
    other.take_up(2).unwrap();
    let sealed = other.seal("here", b"theirs").unwrap();
    let (_, data_key, version) = other.new_data_key(connection(1)).unwrap();
    assert_eq!(running.versions(), [1], "it has not looked yet");
    assert_eq!(running.open("here", &sealed).unwrap().as_slice(), b"theirs");
    running.open_data_key(connection(1), version, &data_key).unwrap();
    assert_eq!(running.current_version(), 1, "opening is not changing over");
}

#[test]
fn a_key_file_that_was_spoilt_takes_nothing_from_a_running_process() {
    let (_folder, path, running) = key_file();
    let good = running.to_text();
    let other = InstanceKeys::generate().unwrap().to_text();
    for (spoilt, said) in [
        (other.replace("-v1:", "-v2:"), "the version that seals is not in it any more"),
        (other.to_string(), "another key than it was"),
        ("hunter2".to_owned(), "a line is not a key"),
    ] {
        std::fs::write(&path, &spoilt).unwrap();
        let complaint = running.reload().unwrap_err().to_string();
        assert!(complaint.contains(said) && !complaint.contains("hunter2"), "{complaint}");
        assert!(!running.reload().unwrap(), "it complains once");
        running.verify(&InstanceKeys::parse(&good).unwrap().check_value().unwrap()).unwrap();
    }
    std::fs::remove_file(&path).unwrap();
    assert!(running.reload().unwrap_err().to_string().contains("it is gone"));
    assert!(add_version(&path).is_err(), "and no other one is made in its place");
    assert!(!path.exists());
    assert_eq!(running.seal("here", b"x").map(|sealed| sealed_version(&sealed)).unwrap(), Some(1));
}

#[test]
fn a_wrong_key_is_recognised_among_several_versions() {
    let right = InstanceKeys::from_secrets([(1, [7; 32]), (2, [8; 32])]).unwrap();
    let stored = format!("{} {}", right.check_value_of(1).unwrap(), right.check_value().unwrap());
    assert_eq!(checked_version(&right.check_value().unwrap()), Some(2));
    right.verify(&stored).unwrap();
    for wrong in [[(1, [9; 32]), (2, [8; 32])], [(1, [7; 32]), (2, [9; 32])]] {
        let refused = InstanceKeys::from_secrets(wrong).unwrap().verify(&stored);
        assert!(matches!(refused, Err(VaultError::WrongInstanceKey)), "{refused:?}");
    }
    assert!(matches!(keys().verify(&stored), Err(VaultError::UnknownKeyVersion { version: 2 })));
    assert!(right.verify("").is_err() && right.verify("v1").is_err());
}

#[test]
fn marks_of_a_version_that_is_no_more_are_recognised_for_ever() {
    // Marks that were written by earlier releases lie in files: how they are derived never changes.
    let one = "5f80221a6c121f175f2c72de77e69782ff65a80daa0434ad9abaf0bd0d0ab255";
    assert_eq!(keys().tombstone_marks("person\nabc"), [one]);
    let gate = "3c13a7a9e1330def6c04022e92fc65bb71a6d767b40852d1029189b3f6a9106a";
    assert_eq!(keys().gate_word("attempt-1").unwrap().expose_secret(), gate);
    let both = InstanceKeys::from_secrets([(1, [7; 32]), (2, [8; 32])]).unwrap();
    let sealed = both.seal_mark_key(1).unwrap();
    assert_eq!(sealed_version(&sealed), Some(2));
    let only_two = InstanceKeys::from_secret(2, [8; 32]).unwrap();
    assert_eq!(only_two.tombstone_marks("person\nabc").len(), 1);
    assert!(only_two.take_mark_key(3, &sealed).is_err(), "it belongs to version 1");
    only_two.take_mark_key(1, &sealed).unwrap();
    assert_eq!(only_two.mark_versions(), [2, 1]);
    let marks = only_two.tombstone_marks("person\nabc");
    assert!(marks.len() == 2 && marks[1] == one && marks[0] != one, "new marks come from the current version");
    let handed_on = only_two.seal_mark_key(1).unwrap();
    assert!(handed_on != sealed && only_two.seal_mark_key(5).is_err());
    assert!(only_two.open("here", &sealed).is_err() && only_two.versions() == [2], "it opens nothing");
    // Before a change of the current version the older one makes the marks.
    both.take_up(1).unwrap();
    assert_eq!(both.tombstone_marks("person\nabc")[0], one);
}
