//! Files that pages hand out: how they are named and sent, and reading the days that they are asked for. Must not know what stands in them.

use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use domain::schedule::{LocalTime, Zone, resolve, to_local};
use domain::time::UnixMillis;

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A table as text.
    Csv,
    /// A workbook.
    Xlsx,
    /// Objects as text.
    Json,
}

/// The file as an answer that a browser keeps; `name` is without its end.
pub fn download(kind: Kind, name: &str, bytes: Vec<u8>) -> Response {
    let (content, end) = match kind {
        Kind::Csv => ("text/csv; charset=utf-8", "csv"),
        Kind::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        Kind::Json => ("application/json", "json"),
    };
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{end}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}

/// When a day in a zone begins; `None` for a text that is no date.
#[must_use]
pub fn day_begins(date: &str, zone: &Zone) -> Option<UnixMillis> {
    let local: LocalTime = format!("{date}T00:00").parse().ok()?;
    Some(resolve(local, zone).at())
}

/// When a day in a zone is over, however long it is; `None` for a text that is no date.
#[must_use]
pub fn day_ends(date: &str, zone: &Zone) -> Option<UnixMillis> {
    const DAY_MS: i64 = 86_400_000;
    let begins = day_begins(date, zone)?;
    // Two hours into the next day, whatever the clocks do in between.
    let next = to_local(begins.plus_millis(DAY_MS + DAY_MS / 12), zone).to_string();
    let (next, _) = next.split_once('T')?;
    Some(day_begins(next, zone).unwrap_or_else(|| begins.plus_millis(DAY_MS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_as_long_as_the_clocks_of_its_zone_make_it() {
        let zone: Zone = "Europe/Berlin".parse().unwrap();
        for (date, hours) in [("2026-10-24", 24), ("2026-10-25", 25), ("2026-03-29", 23)] {
            let length = day_ends(date, &zone).unwrap().millis_since(day_begins(date, &zone).unwrap());
            assert_eq!(length, hours * 3_600_000, "{date}");
        }
        for wrong in ["", "tomorrow", "2026-02-30", "2026-13-01"] {
            assert_eq!((day_begins(wrong, &zone), day_ends(wrong, &zone)), (None, None), "{wrong}");
        }
    }
}
