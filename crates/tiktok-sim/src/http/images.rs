//! Pictures in place of TikTok's image host: avatars and covers, drawn from their name, whose addresses are signed and expire.

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::{HeaderValue, Uri, header};
use axum::response::Response;

use crate::answer::{self, Call};
use crate::config::{AvatarSpec, BaseUrls, UserSpec};
use crate::random::of_text;
use crate::simulator::Simulator;

const AVATAR_TTL_MS: i64 = 7_200_000;
const COVER_TTL_MS: i64 = 21_600_000;

/// Address of an avatar, good for two hours; empty when the account has none.
pub(super) fn avatar(base: &BaseUrls, user: &UserSpec, now_ms: i64) -> String {
    let origin = match &user.avatar {
        AvatarSpec::Drawn | AvatarSpec::Oversized(_) | AvatarSpec::Page | AvatarSpec::Moved(_) => &base.api,
        AvatarSpec::Elsewhere(origin) => origin,
        AvatarSpec::Missing => return String::new(),
    };
    address(origin, &format!("/sim-cdn/avatar/{}.png", user.username), now_ms + AVATAR_TTL_MS)
}

/// Address of a cover, good for six hours.
pub(super) fn cover(base: &BaseUrls, post_id: u64, now_ms: i64) -> String {
    address(&base.api, &format!("/sim-cdn/cover/{post_id}.png"), now_ms + COVER_TTL_MS)
}

fn address(origin: &str, path: &str, expires_ms: i64) -> String {
    let expires_s = expires_ms.div_euclid(1000);
    format!("{}{path}?x-expires={expires_s}&x-signature={}", origin.trim_end_matches('/'), signature(path, expires_s))
}

/// Not secret, but nobody gets an address right by changing its end.
fn signature(path: &str, expires_s: i64) -> String {
    format!("{:016x}", of_text(&format!("picture {path} {expires_s}")))
}

/// `GET /sim-cdn/{kind}/{name}`
pub(super) async fn show(
    State(simulator): State<Simulator>,
    Extension(call): Extension<Call>,
    Path((kind, name)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    if !is_open(&uri, call.at_ms) {
        return answer::bare(403);
    }
    match kind.as_str() {
        "avatar" => {
            let spec = name
                .strip_suffix(".png")
                .and_then(|username| simulator.world().users.get(username).map(|user| user.avatar.clone()));
            spec.map_or_else(|| answer::bare(404), |spec| portrait(&spec, &name))
        }
        "cover" => picture(png(180, 320, of_text(&name))),
        _ => answer::bare(404),
    }
}

/// The address is one of ours and its time is not over.
fn is_open(uri: &Uri, now_ms: i64) -> bool {
    let query = uri.query().unwrap_or_default();
    let value = |wanted: &str| {
        url::form_urlencoded::parse(query.as_bytes())
            .find(|(key, _)| key == wanted)
            .map(|(_, value)| value.into_owned())
    };
    let Some(expires_s) = value("x-expires").and_then(|text| text.parse::<i64>().ok()) else { return false };
    value("x-signature") == Some(signature(uri.path(), expires_s)) && expires_s.saturating_mul(1000) > now_ms
}

fn portrait(spec: &AvatarSpec, name: &str) -> Response {
    let drawn = || png(168, 168, of_text(name));
    match spec {
        AvatarSpec::Drawn | AvatarSpec::Elsewhere(_) => picture(drawn()),
        AvatarSpec::Oversized(size_bytes) => {
            let mut bytes = drawn();
            bytes.resize(usize::try_from(*size_bytes).unwrap_or(0).max(bytes.len()), 0);
            picture(bytes)
        }
        AvatarSpec::Page => picture(b"<!doctype html><script>alert(1)</script>".to_vec()),
        AvatarSpec::Moved(to) => {
            let mut response = answer::bare(302);
            answer::set_header(&mut response, header::LOCATION, to);
            response
        }
        AvatarSpec::Missing => answer::bare(404),
    }
}

fn picture(bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("image/png"));
    response
}

/// A soft pattern of four shades out of a number, as a PNG with a palette; `width` is a multiple of four.
fn png(width: u16, height: u16, seed: u64) -> Vec<u8> {
    let [red, green, blue, shift, ..] = seed.to_le_bytes();
    let mut rows = Vec::with_capacity((usize::from(width / 4) + 1) * usize::from(height));
    for y in 0..height {
        rows.push(0);
        // Four pixels a byte, the first one highest.
        for x in (0..width).step_by(4) {
            rows.push((x..x + 4).fold(0, |byte, x| byte << 2 | shade(x, y, shift)));
        }
    }
    let palette: Vec<u8> = (0..4_u8)
        .flat_map(|shade| {
            let light = 55 + shade * 12;
            [red / 2 + light, green / 2 + light, blue / 2 + light]
        })
        .collect();
    let header = [&u32::from(width).to_be_bytes()[..], &u32::from(height).to_be_bytes(), &[2, 3, 0, 0, 0]].concat();
    [
        &b"\x89PNG\r\n\x1A\n"[..],
        &part(b"IHDR", &header),
        &part(b"PLTE", &palette),
        &part(b"IDAT", &stored(&rows)),
        &part(b"IEND", &[]),
    ]
    .concat()
}

/// 0 to 3.
fn shade(x: u16, y: u16, shift: u8) -> u8 {
    u8::try_from((x / 24 + y / 24 + u16::from(shift)) % 4).unwrap_or(0)
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
        assert!(picture.len() < 8_000, "{} bytes", picture.len());
    }
}
