//! The sample pictures: drawn and written as JPEG by this program, so that no file has to come along. Owns the drawing and a writer of the
//! plainest kind: every block of eight by eight pixels has one colour. Pure; the same picture is the same bytes every time.

/// Blocks across and down: 720 by 1280 pixels.
const BLOCKS: (i32, i32) = (90, 160);

/// What there is to see. Their order is the order in which they are offered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scene {
    /// A sun above the hills.
    Dawn,
    /// A bottle on a table.
    Bottle,
    /// Layers of a cake.
    Cake,
}

impl Scene {
    pub(super) const ALL: [Self; 3] = [Self::Dawn, Self::Bottle, Self::Cake];

    /// The colour of a block, red, green and blue.
    fn colour(self, x: i32, y: i32) -> [i32; 3] {
        match self {
            Self::Dawn => {
                let hill = 110 + (x - 30).pow(2) / 120;
                if (x - 58).pow(2) + (y - 62).pow(2) < 300 {
                    [255, 236, 170]
                } else if y > hill {
                    [46, 84, 72]
                } else {
                    [250 - y / 4, 170 + y / 3, 150 + y / 2]
                }
            }
            Self::Bottle => {
                let half = if y < 62 { 7 } else { (7 + (y - 62)).min(20) };
                let is_within = (x - 45).abs() < half && (36..132).contains(&y);
                match (is_within, y) {
                    (true, 36..=41) => [48, 94, 190],
                    (true, 42..=70) => [232, 240, 246],
                    (true, _) => [252, 250, 242],
                    (false, 132..) => [150, 104, 72],
                    (false, _) => [120 + y / 2, 178 + y / 4, 206],
                }
            }
            Self::Cake => {
                let is_within = (18..72).contains(&x) && (56..128).contains(&y);
                match (is_within, y, (y - 56) % 12) {
                    (true, _, 0..=7) => [214, 158, 92],
                    (true, _, _) => [255, 246, 224],
                    (false, 128..=133, _) => [236, 236, 240],
                    (false, _, _) => [236 - y / 5, 150 + y / 6, 168 + y / 6],
                }
            }
        }
    }
}

/// Lengths of the codes for differences of brightness and of colour between blocks, by how many bits the difference has (ITU-T T.81, annex K.3).
const LUMA_DC: [u8; 16] = [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0];
const CHROMA_DC: [u8; 16] = [0, 3, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0];
/// Of what could follow within a block only its end is ever written.
const ONLY_END: [u8; 16] = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];

/// Code and length for a value of a table whose values are in order.
fn code(lengths: &[u8; 16], value: u32) -> (u32, u32) {
    let (mut code, mut index) = (0_u32, 0_u32);
    for (length, count) in (1_u32..).zip(lengths) {
        let count = u32::from(*count);
        if value < index.saturating_add(count) {
            return (code.saturating_add(value.saturating_sub(index)), length);
        }
        code = code.saturating_add(count) << 1;
        index = index.saturating_add(count);
    }
    (0, 0)
}

#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, value: u32, count: u32) {
        for bit in (0..count).rev() {
            self.held = (self.held << 1) | ((value >> bit) & 1);
            self.count = self.count.saturating_add(1);
            if self.count == 8 {
                let byte = u8::try_from(self.held & 0xFF).unwrap_or(0);
                self.bytes.push(byte);
                // After such a byte a zero says that it begins no marker.
                if byte == 0xFF {
                    self.bytes.push(0);
                }
                (self.held, self.count) = (0, 0);
            }
        }
    }

    /// A block of one colour: how its brightness differs from the block before, and nothing else.
    fn block(&mut self, lengths: &[u8; 16], difference: i32) {
        let magnitude = difference.unsigned_abs();
        let size = 32_u32.saturating_sub(magnitude.leading_zeros());
        let (word, length) = code(lengths, size);
        self.put(word, length);
        let mask = (1_u32 << size).saturating_sub(1);
        self.put(if difference < 0 { !magnitude & mask } else { magnitude }, size);
        self.put(0, 1);
    }
}

/// Brightness and colours around their middle, in the steps of the quantisation.
fn components([red, green, blue]: [i32; 3]) -> [i32; 3] {
    let luma = (299 * red + 587 * green + 114 * blue) / 1000;
    let (cb, cr) = ((blue - luma) * 564 / 1000, (red - luma) * 713 / 1000);
    // A block's first coefficient is eight times its middle; it is divided by eight again.
    [luma - 128, cb, cr]
}

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len().saturating_add(2)).unwrap_or(u16::MAX).to_be_bytes();
    [&[0xFF, marker][..], &length, content].concat()
}

fn table(kind: u8, lengths: &[u8; 16]) -> Vec<u8> {
    let count: u8 = lengths.iter().sum();
    [&[kind][..], lengths, &(0..count).collect::<Vec<u8>>()].concat()
}

/// A picture as JPEG.
pub(super) fn jpeg(scene: Scene) -> Vec<u8> {
    let (width, height) = BLOCKS;
    let side = |blocks: i32| u16::try_from(blocks.saturating_mul(8)).unwrap_or(0).to_be_bytes();
    let mut bits = Bits::default();
    let mut before = [0; 3];
    for y in 0..height {
        for x in 0..width {
            let now = components(scene.colour(x, y));
            for ((lengths, now), before) in [&LUMA_DC, &CHROMA_DC, &CHROMA_DC].into_iter().zip(now).zip(&mut before) {
                bits.block(lengths, now - *before);
                *before = now;
            }
        }
    }
    // The last byte is filled with ones.
    bits.put(0x7F, (8 - bits.count) % 8);
    let tables = [table(0, &LUMA_DC), table(0x10, &ONLY_END), table(1, &CHROMA_DC), table(0x11, &ONLY_END)].concat();
    let frame = [&[8][..], &side(height), &side(width), &[3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]].concat();
    [
        vec![0xFF, 0xD8],
        segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0"),
        segment(0xDB, &[&[0][..], &[8; 64]].concat()),
        segment(0xC0, &frame),
        segment(0xC4, &tables),
        segment(0xDA, &[3, 1, 0x00, 2, 0x11, 3, 0x11, 0, 63, 0]),
        bits.bytes,
        vec![0xFF, 0xD9],
    ]
    .concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        assert_eq!((code(&LUMA_DC, 0), code(&LUMA_DC, 1), code(&LUMA_DC, 6)), ((0, 2), (2, 3), (14, 4)));
        assert_eq!((code(&CHROMA_DC, 0), code(&CHROMA_DC, 3)), ((0, 2), (6, 3)));
    }

    #[test]
    fn pictures_are_small_and_the_same_every_time() {
        for scene in Scene::ALL {
            let bytes = jpeg(scene);
            assert!(bytes.len() < 60_000, "{scene:?}: {}", bytes.len());
            assert_eq!(bytes, jpeg(scene));
        }
    }
}
