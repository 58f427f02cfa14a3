//! A lossless H.264 writer of the plainest kind: a macroblock that changed is sent as raw samples (I_PCM), one that did not is
//! skipped. Every decoder of the constrained baseline profile reads it. Owns the bit syntax; knows nothing of files.

use super::picture::Macroblock;

/// Numbers of the profile (66 = baseline), its constraint flags and the level (3.0).
const PROFILE: [u8; 3] = [66, 0xC0, 30];

/// Writes one stream of equally sized frames.
pub struct Encoder {
    width_mb: u32,
    height_mb: u32,
    previous: Option<Vec<Macroblock>>,
    frame_num: u32,
}

/// The two parameter sets as network units, without length.
pub struct ParameterSets {
    /// Sequence parameter set.
    pub sequence: Vec<u8>,
    /// Picture parameter set.
    pub picture: Vec<u8>,
}

impl Encoder {
    pub fn new(width_mb: u32, height_mb: u32) -> Self {
        Self { width_mb, height_mb, previous: None, frame_num: 0 }
    }

    /// What a decoder must know before the first frame.
    pub fn parameter_sets(&self) -> ParameterSets {
        let mut sps = Bits::default();
        sps.unsigned(0); // this set's id
        sps.unsigned(4); // frame numbers have 8 bits
        sps.unsigned(2); // frames are shown in the order they are sent
        sps.unsigned(1); // one reference frame
        sps.bit(false); // no gaps in frame numbers
        sps.unsigned(self.width_mb - 1);
        sps.unsigned(self.height_mb - 1);
        sps.bit(true); // progressive
        sps.bit(true); // 8 by 8 inference
        sps.bit(false); // no cropping
        sps.bit(false); // no display hints

        let mut pps = Bits::default();
        pps.unsigned(0); // this set's id
        pps.unsigned(0); // the sequence set it belongs to
        pps.bit(false); // variable-length codes
        pps.bit(false);
        pps.unsigned(0); // one slice group
        pps.unsigned(0);
        pps.unsigned(0);
        pps.bit(false); // no weighted prediction
        pps.fixed(0, 2);
        pps.unsigned(0); // quantiser offsets, all zero
        pps.unsigned(0);
        pps.unsigned(0);
        pps.bit(true); // slices say whether edges are smoothed
        pps.bit(false);
        pps.bit(false);

        let mut sequence = vec![0x67];
        sequence.extend(escape(PROFILE.iter().copied().chain(sps.finish())));
        let mut picture = vec![0x68];
        picture.extend(escape(pps.finish()));
        ParameterSets { sequence, picture }
    }

    /// The next frame as one network unit, without length.
    pub fn frame(&mut self, blocks: &[Macroblock]) -> Vec<u8> {
        let (header, bits) = match self.previous.take() {
            None => (0x65, intra(blocks)),
            Some(before) => {
                self.frame_num = (self.frame_num + 1) % 256;
                (0x41, predicted(self.frame_num, &before, blocks))
            }
        };
        self.previous = Some(blocks.to_vec());
        let mut unit = vec![header];
        unit.extend(escape(bits.finish()));
        unit
    }
}

fn intra(blocks: &[Macroblock]) -> Bits {
    let mut bits = Bits::default();
    bits.unsigned(0); // first macroblock
    bits.unsigned(7); // all slices of the frame are intra
    bits.unsigned(0); // picture parameter set
    bits.fixed(0, 8); // frame number
    bits.unsigned(0); // identifier of this start picture
    bits.bit(false); // earlier pictures may be shown
    bits.bit(false); // a short-term reference
    bits.unsigned(0); // quantiser change
    bits.unsigned(1); // edges are left alone
    for block in blocks {
        bits.unsigned(25); // raw samples, in an intra slice
        bits.samples(block);
    }
    bits
}

fn predicted(frame_num: u32, before: &[Macroblock], blocks: &[Macroblock]) -> Bits {
    let mut bits = Bits::default();
    bits.unsigned(0);
    bits.unsigned(5); // all slices of the frame are predicted
    bits.unsigned(0);
    bits.fixed(frame_num, 8);
    bits.bit(false); // as many references as said before
    bits.bit(false); // in their usual order
    bits.bit(false); // the oldest reference makes room
    bits.unsigned(0);
    bits.unsigned(1);
    let mut skipped = 0;
    for (old, new) in before.iter().zip(blocks) {
        if old == new {
            skipped += 1;
        } else {
            bits.unsigned(skipped);
            bits.unsigned(30); // raw samples, in a predicted slice
            bits.samples(new);
            skipped = 0;
        }
    }
    if skipped > 0 {
        bits.unsigned(skipped);
    }
    bits
}

/// Puts a 3 where a payload would look like a start code.
fn escape(payload: impl IntoIterator<Item = u8>) -> Vec<u8> {
    let mut out = Vec::new();
    let mut zeros = 0;
    for byte in payload {
        if zeros >= 2 && byte <= 3 {
            out.push(3);
            zeros = 0;
        }
        zeros = if byte == 0 { zeros + 1 } else { 0 };
        out.push(byte);
    }
    out
}

/// Bits, the most significant first.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    pending: u8,
    filled: u32,
}

impl Bits {
    fn bit(&mut self, one: bool) {
        self.pending = (self.pending << 1) | u8::from(one);
        self.filled += 1;
        if self.filled == 8 {
            self.bytes.push(self.pending);
            self.pending = 0;
            self.filled = 0;
        }
    }

    /// `value` in exactly `width` bits.
    fn fixed(&mut self, value: u32, width: u32) {
        for shift in (0..width).rev() {
            self.bit((value >> shift) & 1 == 1);
        }
    }

    /// An unsigned exponential-Golomb number.
    fn unsigned(&mut self, value: u32) {
        let coded = value.saturating_add(1);
        let width = 32 - coded.leading_zeros();
        self.fixed(0, width - 1);
        self.fixed(coded, width);
    }

    /// Raw samples, which start at a whole byte.
    fn samples(&mut self, block: &Macroblock) {
        while self.filled != 0 {
            self.bit(false);
        }
        self.bytes.extend_from_slice(block);
    }

    /// The closing bit, then zeros up to a whole byte.
    fn finish(mut self) -> Vec<u8> {
        self.bit(true);
        while self.filled != 0 {
            self.bit(false);
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_exponential_golomb_code() {
        let mut bits = Bits::default();
        for value in [0, 1, 2, 3, 25] {
            bits.unsigned(value);
        }
        // 1 010 011 00100 000011010, the closing bit, padding
        assert_eq!(bits.finish(), [0b1010_0110, 0b0100_0000, 0b1101_0100]);
    }

    #[test]
    fn a_payload_never_holds_a_start_code() {
        assert_eq!(escape([0, 0, 1, 0, 0, 0, 0]), [0, 0, 3, 1, 0, 0, 3, 0, 0]);
    }

    #[test]
    fn a_still_frame_costs_a_few_bytes() {
        let blocks = vec![[128u8; 384]; 920];
        let mut encoder = Encoder::new(23, 40);
        assert!(encoder.frame(&blocks).len() > 350_000);
        assert!(encoder.frame(&blocks).len() < 16);
    }
}
