//! Draws the frames: a glass on a warm ground, a thread of milk, a level that rises. Pure arithmetic on 8-bit planes.

/// Width in macroblocks of 16 pixels.
pub const WIDTH_MB: u32 = 23;
/// Height in macroblocks of 16 pixels.
pub const HEIGHT_MB: u32 = 40;
/// Frames in a second.
pub const FRAMES_PER_SECOND: u32 = 24;
/// Frames in the video: four seconds.
pub const FRAMES: u32 = 96;

/// One colour in 8-bit BT.601 (limited range).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Colour {
    y: u8,
    cb: u8,
    cr: u8,
}

const GROUND: Colour = Colour { y: 152, cb: 92, cr: 166 };
const TABLE: Colour = Colour { y: 118, cb: 100, cr: 160 };
const GLASS: Colour = Colour { y: 176, cb: 108, cr: 150 };
const RIM: Colour = Colour { y: 205, cb: 116, cr: 138 };
const MILK: Colour = Colour { y: 233, cb: 126, cr: 130 };
const FOAM: Colour = Colour { y: 220, cb: 124, cr: 132 };

/// One 16 by 16 macroblock in 4:2:0: luma in reading order, then both chroma blocks of 8 by 8.
pub type Macroblock = [u8; 384];

/// The macroblocks of one frame in reading order.
pub fn draw(frame: u32) -> Vec<Macroblock> {
    let mut blocks = Vec::new();
    for row in 0..HEIGHT_MB {
        for column in 0..WIDTH_MB {
            blocks.push(block(column * 16, row * 16, frame));
        }
    }
    blocks
}

fn block(left: u32, top: u32, frame: u32) -> Macroblock {
    let luma = (0..256u32).map(|i| pixel(left + i % 16, top + i / 16, frame).y);
    // Chroma has half the resolution both ways: the upper left of each four pixels stands for them.
    let chroma =
        |pick: fn(Colour) -> u8| (0..64u32).map(move |i| pick(pixel(left + i % 8 * 2, top + i / 8 * 2, frame)));
    let mut bytes = luma.chain(chroma(|c| c.cb)).chain(chroma(|c| c.cr));
    std::array::from_fn(|_| bytes.next().unwrap_or(16))
}

/// The glass: outer walls, wider at the top, its floor at 548.
const RIM_Y: u32 = 236;
const FLOOR_Y: u32 = 548;

fn pixel(x: u32, y: u32, frame: u32) -> Colour {
    let middle = WIDTH_MB * 8;
    let off = x.abs_diff(middle);
    // 96 pixels half width at the rim, 76 at the floor.
    let half = 96 - y.saturating_sub(RIM_Y).min(FLOOR_Y - RIM_Y) * 20 / (FLOOR_Y - RIM_Y);
    let level = FLOOR_Y - 12 - frame * 230 / FRAMES;
    let inside = (RIM_Y..FLOOR_Y).contains(&y) && off < half;
    let wall = inside && (off + 5 >= half || y + 8 >= FLOOR_Y);
    let pouring = frame + 14 < FRAMES;
    let thread = pouring && off < 6 && y < level && y < frame * 48;
    if wall {
        if y < RIM_Y + 4 { RIM } else { GLASS }
    } else if inside && y >= level {
        if y < level + 5 { FOAM } else { MILK }
    } else if thread {
        MILK
    } else if y >= 540 {
        TABLE
    } else {
        GROUND
    }
}
