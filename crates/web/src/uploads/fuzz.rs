//! Headers of uploads that nobody sends by accident: real ones, damaged, and noise. In the ordinary tests for a moment; `make fuzz`
//! goes on for as long as it is let.

use app::uploads::Assembly;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use proptest::prelude::*;
use proptest::sample::Index;

use super::headers::{
    CHECKSUM, CONCAT, Concat, LENGTH, METADATA, METADATA_MAX, OFFSET, checksum, concat, concat_of, file_name, number,
};

/// What a well-behaved client sends.
const REAL: [&str; 6] = [
    "104857600",
    "filename 0L/QsNGA0YPRgS5tcDQ=,filetype dmlkZW8vbXA0,flag",
    "sha1 Lve95gjOVATpfV8EL5X4nxwjKHE=",
    "sha256 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
    "partial",
    "final;/api/v1/uploads/01930000-0000-7000-8000-000000000001 https://moloko.example/api/v1/uploads/01930000-0000-7000-8000-000000000002",
];

/// The bytes of a value: whatever HTTP lets through, which is all but most control characters.
fn values() -> impl Strategy<Value = Vec<u8>> {
    let byte = || prop_oneof![Just(b'\t'), 32_u8..=126, 128_u8..=255];
    let pieces: Vec<&str> =
        vec!["", " ", ",", ";", "final;", "/api/v1/uploads/", "=", "filename ", "-", "0x", "99999999999999999999"];
    let change = (any::<Index>(), 0_usize..10, prop::sample::select(pieces), byte());
    let damaged = (any::<Index>(), prop::collection::vec(change, 0..6)).prop_map(|(which, changes)| {
        let mut bytes = which.get(&REAL).as_bytes().to_vec();
        for (at, gone, piece, byte) in changes {
            let at = at.index(bytes.len() + 1);
            let end = (at + gone).min(bytes.len());
            let piece = if piece.is_empty() { vec![byte] } else { piece.as_bytes().to_vec() };
            bytes.splice(at..end, piece);
        }
        bytes
    });
    let long = (any::<Index>(), 1_usize..400).prop_map(|(which, times)| which.get(&REAL).repeat(times).into_bytes());
    prop_oneof![4 => damaged, 1 => prop::collection::vec(byte(), 0..200), 1 => long]
}

fn headers(name: &HeaderName, value: &[u8]) -> Option<HeaderMap> {
    Some([(name.clone(), HeaderValue::from_bytes(value).ok()?)].into_iter().collect())
}

proptest! {
    #[test]
    fn any_value_of_any_header(value in values()) {
        for name in [&LENGTH, &OFFSET] {
            let Some(headers) = headers(name, &value) else { return Ok(()) };
            if let Some(read) = number(&headers, name) {
                prop_assert!(value.iter().all(u8::is_ascii_digit), "{read} is more than digits");
            }
        }
        if let Some(headers) = headers(&METADATA, &value)
            && let Ok(name) = file_name(&headers)
        {
            prop_assert!(name.len() <= METADATA_MAX);
        }
        if let Some(headers) = headers(&CHECKSUM, &value)
            && let Ok(found) = checksum(&headers)
        {
            prop_assert!(found.is_some(), "a header that is there is read or refused");
        }
        if let Some(headers) = headers(&CONCAT, &value) {
            match concat(&headers) {
                Ok(Concat::Final(parts)) => {
                    let told = concat_of(&Assembly::Final(parts.clone())).unwrap_or_default();
                    let again = self::headers(&CONCAT, told.as_bytes()).and_then(|headers| concat(&headers).ok());
                    prop_assert_eq!(again, Some(Concat::Final(parts)));
                }
                Ok(Concat::None) => prop_assert!(false, "a header that is there is read or refused"),
                Ok(Concat::Partial) | Err(_) => {}
            }
        }
    }
}
