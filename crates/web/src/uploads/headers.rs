//! What the headers of tus say. Owns their names and their forms; must not decide what happens then.

use app::uploads::{Assembly, Checksum};
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::id::UploadId;
use domain::time::UnixMillis;

use super::Refused;

pub(super) const RESUMABLE: HeaderName = HeaderName::from_static("tus-resumable");
pub(super) const VERSION: HeaderName = HeaderName::from_static("tus-version");
pub(super) const EXTENSION: HeaderName = HeaderName::from_static("tus-extension");
pub(super) const MAX_SIZE: HeaderName = HeaderName::from_static("tus-max-size");
pub(super) const OFFSET: HeaderName = HeaderName::from_static("upload-offset");
pub(super) const LENGTH: HeaderName = HeaderName::from_static("upload-length");
pub(super) const DEFER: HeaderName = HeaderName::from_static("upload-defer-length");
pub(super) const METADATA: HeaderName = HeaderName::from_static("upload-metadata");
pub(super) const EXPIRES: HeaderName = HeaderName::from_static("upload-expires");
pub(super) const CHECKSUM: HeaderName = HeaderName::from_static("upload-checksum");
pub(super) const CHECKSUM_ALGORITHMS: HeaderName = HeaderName::from_static("tus-checksum-algorithm");
pub(super) const CONCAT: HeaderName = HeaderName::from_static("upload-concat");
/// Which file an upload became; a word of ours.
pub(super) const MEDIA: HeaderName = HeaderName::from_static("moloko-media");

/// The protocol version spoken here.
pub(super) const TUS: &str = "1.0.0";
/// Extensions spoken here.
pub(super) const EXTENSIONS: &str = "creation,creation-with-upload,termination,expiration,checksum,concatenation";
/// The content type of appended bytes.
pub(super) const OFFSET_STREAM: &str = "application/offset+octet-stream";
/// Longest metadata header, characters.
pub(super) const METADATA_MAX: usize = 4_096;
/// The protocol's own status for bytes that are not what their checksum says.
pub(super) const CHECKSUM_MISMATCH: u16 = 460;
/// Where uploads live.
const UPLOADS: &str = "/api/v1/uploads/";
/// Longest list of parts, characters.
const CONCAT_MAX: usize = 8_192;

/// What `Upload-Concat` says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Concat {
    /// Nothing.
    None,
    /// A part.
    Partial,
    /// The sum of these.
    Final(Vec<UploadId>),
}

pub(super) fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok()
}

pub(super) fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    headers.get(name)?.to_str().ok().filter(|text| text.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()
}

/// The `filename` of `Upload-Metadata`: pairs of a key and a base64 value, separated by commas.
pub(super) fn file_name(headers: &HeaderMap) -> Result<String, Refused> {
    let Some(value) = headers.get(METADATA) else { return Ok(String::new()) };
    let bad = || Refused::coded(StatusCode::BAD_REQUEST, "upload-metadata");
    let text = value.to_str().ok().filter(|text| text.len() <= METADATA_MAX).ok_or_else(bad)?;
    for pair in text.split(',') {
        let mut words = pair.split_whitespace();
        if words.next() == Some("filename") {
            let bytes = STANDARD.decode(words.next().unwrap_or_default()).map_err(|_| bad())?;
            return String::from_utf8(bytes).map_err(|_| bad());
        }
    }
    Ok(String::new())
}

pub(super) fn http_date(at: UnixMillis) -> String {
    let zoned = jiff::Timestamp::from_millisecond(at.millis()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    zoned.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// The address of an upload, relative to the host, so that it holds behind every proxy.
pub(super) fn address(id: UploadId) -> String {
    format!("{UPLOADS}{id}")
}

/// `Upload-Checksum`: an algorithm and a base64 value.
pub(super) fn checksum(headers: &HeaderMap) -> Result<Option<Checksum>, Refused> {
    let Some(value) = headers.get(CHECKSUM) else { return Ok(None) };
    let bad = || Refused::coded(StatusCode::BAD_REQUEST, "upload-checksum-unknown");
    let (algorithm, sum) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(bad)?;
    let expected = STANDARD.decode(sum.trim()).map_err(|_| bad())?;
    Checksum::new(algorithm, expected).map(Some).ok_or_else(bad)
}

/// `Upload-Concat`: `partial`, or `final;` and the addresses of the parts, with or without a host.
pub(super) fn concat(headers: &HeaderMap) -> Result<Concat, Refused> {
    let Some(value) = headers.get(CONCAT) else { return Ok(Concat::None) };
    let bad = || Refused::coded(StatusCode::BAD_REQUEST, "upload-parts");
    let text = value.to_str().ok().filter(|text| text.len() <= CONCAT_MAX).ok_or_else(bad)?;
    if text == "partial" {
        return Ok(Concat::Partial);
    }
    let list = text.strip_prefix("final;").ok_or_else(bad)?;
    // What the parts add up to is known; a client that says something else is mistaken about one of them.
    if headers.contains_key(LENGTH) {
        return Err(bad());
    }
    let part = |address: &str| -> Option<UploadId> { address.rsplit_once(UPLOADS)?.1.parse().ok() };
    list.split_whitespace().map(part).collect::<Option<Vec<_>>>().map(Concat::Final).ok_or_else(bad)
}

/// What is said about an upload that has to do with others.
pub(super) fn concat_of(assembly: &Assembly) -> Option<String> {
    match assembly {
        Assembly::Whole => None,
        Assembly::Part => Some("partial".to_owned()),
        Assembly::Final(parts) => {
            Some(format!("final;{}", parts.iter().copied().map(address).collect::<Vec<_>>().join(" ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn a_name_is_read_from_the_metadata_whatever_else_is_there() {
        let mut headers = HeaderMap::new();
        headers.insert(METADATA, HeaderValue::from_static("filetype dmlkZW8vbXA0,filename 0L/QsNGA0YPRgS5tcDQ=,flag"));
        assert_eq!(file_name(&headers).ok().as_deref(), Some("парус.mp4"));
        headers.insert(METADATA, HeaderValue::from_static("filename ***"));
        assert!(file_name(&headers).is_err());
    }

    #[test]
    fn lengths_are_plain_numbers() {
        let mut headers = HeaderMap::new();
        for (text, read) in
            [("12", Some(12)), ("+12", None), ("-1", None), ("1.0", None), ("", None), ("99999999999999999999", None)]
        {
            headers.insert(LENGTH, HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("x")));
            assert_eq!(number(&headers, &LENGTH), read, "{text}");
        }
    }

    #[test]
    fn dates_are_in_the_form_of_http() {
        assert_eq!(http_date(UnixMillis::from_seconds(784_111_777)), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn a_checksum_names_a_known_algorithm_and_has_its_length() {
        let read = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CHECKSUM, HeaderValue::from_static(value));
            checksum(&headers).map(|found| found.is_some())
        };
        assert_eq!(read("sha1 Lve95gjOVATpfV8EL5X4nxwjKHE=").ok(), Some(true));
        for wrong in ["sha1 Lve95g==", "crc32 Lve95gjOVATpfV8EL5X4nxwjKHE=", "sha1", "sha1 ***", ""] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn parts_are_named_by_their_addresses() {
        let read = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONCAT, HeaderValue::from_str(value).unwrap_or(HeaderValue::from_static("x")));
            concat(&headers)
        };
        let (one, two) = ("01930000-0000-7000-8000-000000000001", "01930000-0000-7000-8000-000000000002");
        let found = read(&format!("final;/api/v1/uploads/{one} https://moloko.example/api/v1/uploads/{two}"));
        assert_eq!(found.ok(), one.parse().ok().zip(two.parse().ok()).map(|(one, two)| Concat::Final(vec![one, two])));
        assert_eq!(read("partial").ok(), Some(Concat::Partial));
        for wrong in
            ["whole", "final", "final;/etc/passwd", &format!("final;/elsewhere/{one}"), "final;/api/v1/uploads/x"]
        {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
