//! Numbers out of header bytes. Owns the reading position inside one piece; must not read files.

use domain::media::ProbeFailure;

/// Reads big-endian fields one after the other; running out is [`ProbeFailure::Damaged`].
pub(super) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], ProbeFailure> {
        let (taken, rest) =
            self.rest.split_at_checked(len).ok_or_else(|| ProbeFailure::Damaged("a header is too short".to_owned()))?;
        self.rest = rest;
        Ok(taken)
    }

    pub(super) fn skip(&mut self, len: usize) -> Result<(), ProbeFailure> {
        self.take(len).map(|_| ())
    }

    /// An unsigned number of up to eight bytes.
    pub(super) fn number(&mut self, len: usize) -> Result<u64, ProbeFailure> {
        Ok(big_endian(self.take(len)?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, ProbeFailure> {
        Ok(u32::try_from(self.number(4)?).unwrap_or(u32::MAX))
    }

    pub(super) fn i32(&mut self) -> Result<i32, ProbeFailure> {
        Ok(self.u32()?.cast_signed())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }
}

/// An unsigned number from at most eight bytes; longer ones keep their last eight.
pub(super) fn big_endian(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0_u64, |number, byte| (number << 8) | u64::from(*byte))
}

/// A four-character code or codec id as text that is safe to show.
pub(super) fn printable(bytes: &[u8]) -> String {
    bytes
        .iter()
        .take(32)
        .map(|byte| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '?' })
        .collect::<String>()
        .trim_end()
        .to_owned()
}

/// `amount * factor / divisor` rounded to the nearest, without overflow; `None` when it does not fit or divides by zero.
pub(super) fn scaled(amount: u64, factor: u64, divisor: u64) -> Option<u64> {
    if divisor == 0 {
        return None;
    }
    let exact = (u128::from(amount) * u128::from(factor) + u128::from(divisor / 2)) / u128::from(divisor);
    u64::try_from(exact).ok()
}
