//! Playing received media: files from disk with single byte ranges, as browsers ask for video.

use std::io::SeekFrom;
use std::path::Path;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use axum::response::Response;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use tokio_util::io::ReaderStream;

use crate::answer;

/// The wanted part of a file: `bytes=a-b`, `bytes=a-`, `bytes=-n`. `Err` when it lies outside.
fn range(header: Option<&str>, size: u64) -> Result<Option<(u64, u64)>, ()> {
    let Some(wanted) = header.and_then(|value| value.strip_prefix("bytes=")).filter(|value| !value.contains(','))
    else {
        return Ok(None);
    };
    let Some((first, last)) = wanted.split_once('-') else { return Ok(None) };
    let (first, last) = match (first.parse::<u64>(), last.parse::<u64>()) {
        (Ok(first), Ok(last)) => (first, last.min(size.saturating_sub(1))),
        (Ok(first), Err(_)) if last.is_empty() => (first, size.saturating_sub(1)),
        (Err(_), Ok(suffix)) if first.is_empty() => (size.saturating_sub(suffix), size.saturating_sub(1)),
        (_, _) => return Ok(None),
    };
    if first >= size || first > last { Err(()) } else { Ok(Some((first, last))) }
}

/// Streams a file.
pub(super) async fn file(path: &Path, mime: &str, headers: &HeaderMap) -> Response {
    let Ok(mut file) = tokio::fs::File::open(path).await else { return answer::bare(404) };
    let Ok(size) = file.metadata().await.map(|facts| facts.len()) else { return answer::bare(404) };
    let wanted = headers.get(header::RANGE).and_then(|value| value.to_str().ok());
    let Ok(part) = range(wanted, size) else {
        let mut response = answer::bare(416);
        answer::set_header(&mut response, header::CONTENT_RANGE, &format!("bytes */{size}"));
        return response;
    };
    let (first, last) = part.unwrap_or((0, size.saturating_sub(1)));
    if file.seek(SeekFrom::Start(first)).await.is_err() {
        return answer::bare(500);
    }
    let length = if size == 0 { 0 } else { last - first + 1 };
    let mut response = answer::bare(if part.is_some() { 206 } else { 200 });
    *response.body_mut() = Body::from_stream(ReaderStream::new(file.take(length)));
    answer::set_header(&mut response, header::CONTENT_TYPE, mime);
    answer::set_header(&mut response, header::ACCEPT_RANGES, "bytes");
    answer::set_header(&mut response, header::CONTENT_LENGTH, &length.to_string());
    if part.is_some() {
        answer::set_header(&mut response, header::CONTENT_RANGE, &format!("bytes {first}-{last}/{size}"));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::range;

    #[test]
    fn ranges_follow_the_http_rules() {
        assert_eq!(range(None, 10), Ok(None));
        assert_eq!(range(Some("bytes=0-"), 10), Ok(Some((0, 9))));
        assert_eq!(range(Some("bytes=2-4"), 10), Ok(Some((2, 4))));
        assert_eq!(range(Some("bytes=8-99"), 10), Ok(Some((8, 9))));
        assert_eq!(range(Some("bytes=-3"), 10), Ok(Some((7, 9))));
        assert_eq!(range(Some("bytes=10-"), 10), Err(()));
        assert_eq!(range(Some("bytes=0-1,3-4"), 10), Ok(None));
    }
}
