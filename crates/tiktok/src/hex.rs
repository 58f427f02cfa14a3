//! Lower-case hexadecimal, which TikTok uses for PKCE challenges and webhook signatures.
//! Nothing else belongs here.

use std::fmt::Write as _;

/// Lower-case hex of `bytes`.
pub(crate) fn encode(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Bytes of a hex text of either case; `None` for odd lengths and foreign characters.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits =
        text.chars().map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect::<Option<Vec<u8>>>()?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs
        .map(|pair| match pair {
            [high, low] => Some(high * 16 + low),
            [] | [_] | [_, _, ..] => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{decode, encode};

    #[test]
    fn bytes_survive_a_round_trip_and_junk_is_refused() {
        assert_eq!(encode(&[0, 15, 255]), "000fff");
        assert_eq!(decode("000fFF").unwrap(), [0, 15, 255]);
        assert_eq!(decode("abc"), None);
        assert_eq!(decode("zz"), None);
        assert_eq!(decode("éé"), None);
    }
}
