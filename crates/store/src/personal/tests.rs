//! How long an opened key stays in memory.
#![allow(clippy::unwrap_used)]

use super::*;
use crate::vault::InstanceKeys;

fn safe() -> Safe {
    let safe = Safe::default();
    safe.sit(Arc::new(InstanceKeys::generate().unwrap()));
    safe
}

#[test]
fn pp_5_2_an_opened_key_leaves_the_memory_when_it_is_not_used_and_at_once_when_it_is_destroyed() {
    let safe = safe();
    let (mila, oleg) = (Owner::person("mila"), Owner::person("oleg"));
    let (of_mila, of_oleg) = (safe.draw(mila).unwrap(), safe.draw(oleg).unwrap());
    safe.key(mila, &of_mila).unwrap();
    safe.key(oleg, &of_oleg).unwrap();
    safe.turn();
    let again = safe.key(mila, &of_mila).unwrap();
    assert_eq!(safe.opened(), 2);
    safe.turn();
    assert_eq!(safe.opened(), 1, "nobody asked for the other one");
    assert!(Arc::ptr_eq(&again, &safe.key(mila, &of_mila).unwrap()), "what is used is opened once");
    safe.forget(mila, &of_mila);
    assert_eq!(safe.opened(), 0);
    for n in 0..5_000 {
        let id = n.to_string();
        let owner = Owner::connection(&id);
        safe.key(owner, &safe.draw(owner).unwrap()).unwrap();
    }
    assert!(safe.opened() <= 2_048, "however many there are");
}

#[test]
fn pp_5_2_a_wrapped_key_opens_as_nobody_elses_not_even_when_it_was_opened_before() {
    let safe = safe();
    let (mila, oleg) = (Owner::person("7"), Owner::connection("7"));
    let wrapped = safe.draw(mila).unwrap();
    safe.key(mila, &wrapped).unwrap();
    assert!(matches!(safe.key(oleg, &wrapped), Err(StoreError::Vault(VaultError::Refused { .. }))));
    assert!(matches!(safe.key(Owner::person("8"), &wrapped), Err(StoreError::Vault(VaultError::Refused { .. }))));
    let without = Safe::default();
    assert!(matches!(without.key(mila, &wrapped), Err(StoreError::Vault(VaultError::NoInstanceKey))));
}
