//! A file of people as rows of texts: CSV or XLSX, by what it begins with. Owns the limits, which hold before anything is opened with a
//! library: a workbook is unpacked once and counted, and its cells are taken one by one, never as the range that it claims to have.

use std::io::Cursor;

use async_zip::base::read1::ZipOptions;
use async_zip::base::read1::seek::ZipArchiveReader;
use calamine::{DataRef, Reader as _, Xlsx};
use futures::AsyncReadExt as _;

use super::table::unguarded;
use crate::{Error, Result};

/// Largest file, bytes.
pub const FILE_MAX_BYTES: usize = 2 * 1024 * 1024;
/// Largest file that a page carried along, bytes: the same texts, with quotes around them.
pub(super) const CARRIED_MAX_BYTES: usize = 5 * 1024 * 1024;
/// Most bytes of all texts together. A workbook can name one long text in many cells.
const TEXT_MAX_BYTES: usize = FILE_MAX_BYTES;
/// Most rows below the head.
pub const ROWS_MAX: usize = 500;
/// Most columns.
pub const COLUMNS_MAX: usize = 50;
/// Most bytes that a workbook may hold when it is unpacked.
const UNPACKED_MAX_BYTES: usize = 8 * 1024 * 1024;
/// Most parts of a workbook.
const PARTS_MAX: u64 = 200;

/// Rows as they stand, with their numbers in the sheet; rows without a word are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Rows(pub(super) Vec<(usize, Vec<String>)>);

const UNREADABLE: Error = Error::BadInput { code: "sheet-unreadable" };
const TOO_LARGE: Error = Error::Limit { code: "sheet-too-large" };
const TOO_MANY_ROWS: Error = Error::Limit { code: "sheet-too-many-rows" };
const TOO_MANY_COLUMNS: Error = Error::Limit { code: "sheet-too-many-columns" };

impl Rows {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Error::BadInput`] `sheet-unreadable` or `sheet-not-utf8`, [`Error::Limit`] for what is too large.
    pub(super) async fn of(bytes: Vec<u8>, most_bytes: usize) -> Result<Self> {
        if bytes.len() > most_bytes {
            return Err(TOO_LARGE);
        }
        let is_workbook = bytes.starts_with(b"PK");
        if is_workbook {
            measure(&bytes).await?;
        }
        let read = move || if is_workbook { workbook(bytes) } else { lines(&bytes) };
        // A library that panics over a file has said that it cannot read it.
        let rows = tokio::task::spawn_blocking(read).await.map_err(|_| UNREADABLE)??;
        Ok(Self(rows.into_iter().filter(|(_, cells)| cells.iter().any(|cell| !cell.trim().is_empty())).collect()))
    }
}

/// Unpacks every part once and throws it away: how large they say they are is not believed.
async fn measure(bytes: &[u8]) -> Result<()> {
    // Whether heads agree with each other is no matter here: programs that write workbooks as streams leave sizes out.
    let options = ZipOptions {
        validate_compressed_size_header_match: false,
        validate_uncompressed_size_header_match: false,
        validate_crc_header_match: false,
        validate_gpf_header_match: false,
        max_uncompressed_size_per_file: u64::try_from(UNPACKED_MAX_BYTES).unwrap_or(0),
        max_cd_num_files: PARTS_MAX,
        max_cd_num_files_load: PARTS_MAX,
        ..ZipOptions::untrusted()
    };
    let archive = ZipArchiveReader::open_with_options(futures::io::Cursor::new(bytes), options).await;
    let mut archive = archive.map_err(|_| UNREADABLE)?;
    let parts = archive.cdrs().len();
    let mut left = UNPACKED_MAX_BYTES;
    let mut piece = vec![0_u8; 64 * 1024];
    for part in 0..parts {
        let mut reader = archive.file(part).await.map_err(|_| TOO_LARGE)?;
        loop {
            let read = reader.read(&mut piece).await.map_err(|_| UNREADABLE)?;
            if read == 0 {
                break;
            }
            left = left.checked_sub(read).ok_or(TOO_LARGE)?;
        }
    }
    Ok(())
}

type Numbered = Vec<(usize, Vec<String>)>;

/// The first sheet of a workbook.
fn workbook(bytes: Vec<u8>) -> Result<Numbered> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| UNREADABLE)?;
    let name = book.sheet_names().first().cloned().ok_or(UNREADABLE)?;
    let mut cells = book.worksheet_cells_reader(&name).map_err(|_| UNREADABLE)?;
    let mut rows: Numbered = Vec::new();
    let mut left = TEXT_MAX_BYTES;
    while let Some(cell) = cells.next_cell().map_err(|_| UNREADABLE)? {
        let text = words(cell.get_value());
        if text.is_empty() {
            continue;
        }
        left = left.checked_sub(text.len()).ok_or(TOO_LARGE)?;
        let (row, column) = cell.get_position();
        let (row, column) = (usize::try_from(row).unwrap_or(usize::MAX), usize::try_from(column).unwrap_or(usize::MAX));
        if column >= COLUMNS_MAX {
            return Err(TOO_MANY_COLUMNS);
        }
        let number = row.saturating_add(1);
        if rows.last().is_none_or(|(last, _)| *last != number) {
            if rows.len() > ROWS_MAX {
                return Err(TOO_MANY_ROWS);
            }
            rows.push((number, Vec::new()));
        }
        if let Some((_, texts)) = rows.last_mut() {
            texts.resize(texts.len().max(column.saturating_add(1)), String::new());
            if let Some(place) = texts.get_mut(column) {
                *place = text;
            }
        }
    }
    Ok(rows)
}

/// A cell as it would be typed.
fn words(cell: &DataRef<'_>) -> String {
    match cell {
        DataRef::String(text) => unguarded(text).to_owned(),
        DataRef::SharedString(text) => unguarded(text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number.to_string(),
        DataRef::Bool(on) => if *on { "yes" } else { "no" }.to_owned(),
        DataRef::DateTime(at) => moment(at.as_f64()),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(_) => "#".to_owned(),
        DataRef::Empty => String::new(),
    }
}

/// A spreadsheet's number of days, to the minute: a time without a day, a day without a time, or both.
fn moment(days: f64) -> String {
    const MINUTES: i64 = 1_440;
    // Where the days of spreadsheets begin, in days before 1970.
    const FIRST_DAY: i64 = 25_569;
    let minutes = (days * 1_440.0).round();
    if !(0.0..1e10).contains(&minutes) {
        return "#".to_owned();
    }
    let Ok(minutes) = format!("{minutes:.0}").parse::<i64>() else { return "#".to_owned() };
    let (day, rest) = (minutes.div_euclid(MINUTES), minutes.rem_euclid(MINUTES));
    let time = format!("{:02}:{:02}", rest / 60, rest % 60);
    if day == 0 {
        return time;
    }
    let at = domain::time::UnixMillis::from_seconds((day - FIRST_DAY).saturating_mul(86_400));
    let date = at.in_utc().get(..10).unwrap_or("#").to_owned();
    if rest == 0 { date } else { format!("{date} {time}") }
}

/// A text file: commas, semicolons or tabs between cells, whichever the head has most of.
fn lines(bytes: &[u8]) -> Result<Numbered> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| Error::BadInput { code: "sheet-not-utf8" })?;
    let head = text.lines().next().unwrap_or_default();
    let between = [b',', b';', b'\t'].into_iter().max_by_key(|sign| head.bytes().filter(|byte| byte == sign).count());
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(between.unwrap_or(b','))
        .from_reader(text.as_bytes());
    let mut rows: Numbered = Vec::new();
    for (number, record) in (1_usize..).zip(reader.records()) {
        let record = record.map_err(|_| UNREADABLE)?;
        if record.len() > COLUMNS_MAX && record.iter().skip(COLUMNS_MAX).any(|cell| !cell.is_empty()) {
            return Err(TOO_MANY_COLUMNS);
        }
        if rows.len() > ROWS_MAX {
            return Err(TOO_MANY_ROWS);
        }
        let cells: Vec<String> = record.iter().take(COLUMNS_MAX).map(|cell| unguarded(cell).to_owned()).collect();
        if cells.iter().any(|cell| !cell.trim().is_empty()) {
            rows.push((number, cells));
        }
    }
    Ok(rows)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn days_of_spreadsheets_are_dates_times_or_both_to_the_minute() {
        assert_eq!(moment(46_380.0), "2026-12-24");
        assert_eq!(moment(0.395_833_333), "09:30");
        assert_eq!(moment(46_380.770_833_333), "2026-12-24 18:30");
        assert_eq!((moment(-1.0).as_str(), moment(1e300).as_str(), moment(f64::NAN).as_str()), ("#", "#", "#"));
    }

    #[tokio::test]
    async fn text_files_are_read_with_any_of_three_signs_between_and_keep_their_row_numbers() {
        let read = async |text: &str| Rows::of(text.as_bytes().to_vec(), FILE_MAX_BYTES).await;
        let expected = Rows(vec![
            (1, vec!["account".to_owned(), "caption".to_owned()]),
            (3, vec!["mila".to_owned(), "Milk, and\n\"honey\"".to_owned()]),
        ]);
        for sign in [",", ";", "\t"] {
            let text = format!("\u{feff}account{sign}caption\r\n{sign}\r\nmila{sign}\"Milk, and\n\"\"honey\"\"\"\r\n");
            assert_eq!(read(&text).await.unwrap(), expected, "{sign:?}");
        }
        let refused = Rows::of(b"account,caption\n\xff\xfe".to_vec(), FILE_MAX_BYTES).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "sheet-not-utf8" })));
        assert!(matches!(read(&"a\n".repeat(502)).await, Err(Error::Limit { code: "sheet-too-many-rows" })));
        assert!(read(&"a\n".repeat(501)).await.is_ok());
        assert!(read(&format!("a{}", ",".repeat(60))).await.is_ok(), "empty cells are none");
        assert!(matches!(read(&"a,a".repeat(60)).await, Err(Error::Limit { code: "sheet-too-many-columns" })));
        assert!(matches!(
            Rows::of(vec![b'a'; FILE_MAX_BYTES + 1], FILE_MAX_BYTES).await,
            Err(Error::Limit { code: "sheet-too-large" })
        ));
        assert!(matches!(
            Rows::of(b"PK nothing".to_vec(), FILE_MAX_BYTES).await,
            Err(Error::BadInput { code: "sheet-unreadable" })
        ));
    }
}
