//! Seeded pseudo-randomness: one seed, one story. It must never be used for anything that has to be secret.

/// A small deterministic generator (64-bit state, additive step, avalanche mix).
#[derive(Debug, Clone)]
pub(crate) struct Seeded {
    state: u64,
}

impl Seeded {
    pub(crate) fn new(seed: u64) -> Self {
        Self { state: seed ^ 0x6D6F_6C6F_6B6F_5349 }
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.state)
    }

    /// `length` characters out of digits and letters.
    pub(crate) fn word(&mut self, length: usize) -> String {
        const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        self.spell(length, LETTERS)
    }

    /// `length` upper-case hexadecimal digits.
    pub(crate) fn upper_hex(&mut self, length: usize) -> String {
        self.spell(length, b"0123456789ABCDEF")
    }

    fn spell(&mut self, length: usize, alphabet: &[u8]) -> String {
        let letters = u64::try_from(alphabet.len()).unwrap_or(1).max(1);
        (0..length)
            .map(|_| {
                let at = usize::try_from(self.next() % letters).unwrap_or(0);
                char::from(alphabet.get(at).copied().unwrap_or(b'0'))
            })
            .collect()
    }
}

/// Spreads the bits of a number; also used for deterministic counters.
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// A stable number for a text, for ids that must not depend on the order of calls.
pub(crate) fn of_text(text: &str) -> u64 {
    text.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| mix(hash ^ u64::from(byte)))
}
