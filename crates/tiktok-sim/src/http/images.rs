//! Pictures in place of TikTok's image host: avatars and covers, drawn from their name, whose addresses expire.

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, Uri, header};
use axum::response::Response;

use crate::answer::{self, Call};
use crate::config::BaseUrls;
use crate::random::of_text;
use crate::simulator::Simulator;

const AVATAR_TTL_MS: i64 = 7_200_000;
const COVER_TTL_MS: i64 = 21_600_000;

/// Address of an avatar, good for two hours.
pub(super) fn avatar(base: &BaseUrls, username: &str, now_ms: i64) -> String {
    format!("{}/sim-cdn/avatar/{username}.png?x-expires={}", base.api, (now_ms + AVATAR_TTL_MS).div_euclid(1000))
}

/// Address of a cover, good for six hours.
pub(super) fn cover(base: &BaseUrls, post_id: u64, now_ms: i64) -> String {
    format!("{}/sim-cdn/cover/{post_id}.png?x-expires={}", base.api, (now_ms + COVER_TTL_MS).div_euclid(1000))
}

/// `GET /sim-cdn/{kind}/{name}`
pub(super) async fn show(
    State(_): State<Simulator>,
    Extension(call): Extension<Call>,
    Path((kind, name)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    let expires_s = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .find(|(key, _)| key == "x-expires")
        .and_then(|(_, value)| value.parse::<i64>().ok());
    let (width, height) = match kind.as_str() {
        "avatar" => (168, 168),
        "cover" => (180, 320),
        _ => return answer::bare(404),
    };
    if expires_s.is_none_or(|expires| expires.saturating_mul(1000) <= call.at_ms) {
        return answer::bare(403);
    }
    let mut response = Response::new(Body::from(png(width, height, of_text(&name))));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    response
}

/// A soft two-colour pattern out of a number, as an uncompressed PNG.
fn png(width: u16, height: u16, seed: u64) -> Vec<u8> {
    let [red, green, blue, shift, ..] = seed.to_le_bytes();
    let mut rows = Vec::with_capacity((usize::from(width) * 3 + 1) * usize::from(height));
    for y in 0..height {
        rows.push(0);
        for x in 0..width {
            let wave = (u32::from(x / 24) + u32::from(y / 24) + u32::from(shift)) % 4;
            let light = 110 + u8::try_from(wave * 24).unwrap_or(0);
            rows.extend([red / 2 + light / 2, green / 2 + light / 2, blue / 2 + light / 2]);
        }
    }
    let header = [&u32::from(width).to_be_bytes()[..], &u32::from(height).to_be_bytes(), &[8, 2, 0, 0, 0]].concat();
    [&b"\x89PNG\r\n\x1A\n"[..], &part(b"IHDR", &header), &part(b"IDAT", &stored(&rows)), &part(b"IEND", &[])].concat()
}

/// One PNG chunk.
fn part(name: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).unwrap_or(0);
    let checked = [&name[..], body].concat();
    [&length.to_be_bytes()[..], &checked, &crc32(&checked).to_be_bytes()].concat()
}

/// A zlib stream of stored blocks.
fn stored(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x01];
    let mut blocks = bytes.chunks(65_535).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(0);
        stream.push(u8::from(blocks.peek().is_none()));
        stream.extend(length.to_le_bytes());
        stream.extend((!length).to_le_bytes());
        stream.extend(block);
    }
    let (low, high) = bytes.iter().fold((1_u32, 0_u32), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    stream.extend((high << 16 | low).to_be_bytes());
    stream
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_the_standard_ones() {
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
        let picture = png(168, 168, 7);
        assert_eq!(picture.get(..8), Some(&b"\x89PNG\r\n\x1A\n"[..]));
    }
}
