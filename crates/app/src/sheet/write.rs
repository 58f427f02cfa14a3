//! Tables as files that spreadsheets open. Owns how cells are written; must not know what a table is about.

use domain::time::UnixMillis;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format as CellFormat, Workbook};

use super::table::guarded;
use crate::{Error, Result};

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Text with commas, UTF-8 with a mark that tells spreadsheets so.
    Csv,
    /// A workbook.
    Xlsx,
}

fn unwritable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::Io(std::io::Error::other(error))
}

/// Rows as a CSV.
pub(super) fn csv_of<'a>(rows: impl Iterator<Item = &'a [String]>) -> Result<String> {
    let mut writer = csv::WriterBuilder::new().flexible(true).terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row.iter().map(|cell| guarded(cell))).map_err(unwritable)?;
    }
    let bytes = writer.into_inner().map_err(|error| unwritable(error.into_error()))?;
    String::from_utf8(bytes).map_err(unwritable)
}

/// Rows as a workbook of one sheet in which everything is text, so no spreadsheet rounds an id.
fn workbook_of(rows: &[Vec<String>], widths: &[u16], now: UnixMillis) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    // When it was written, by our clock; the library would look at its own.
    let written = ExcelDateTime::from_timestamp(now.millis().div_euclid(1000)).map_err(unwritable)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&written));
    let (head, wrap) = (CellFormat::new().set_bold(), CellFormat::new().set_text_wrap());
    let sheet = book.add_worksheet();
    for (number, row) in (0_u32..).zip(rows) {
        for (column, cell) in (0_u16..).zip(row) {
            let format = if number == 0 { &head } else { &wrap };
            sheet.write_string_with_format(number, column, guarded(cell), format).map_err(unwritable)?;
        }
    }
    sheet.set_freeze_panes(1, 2).map_err(unwritable)?;
    for (column, width) in (0_u16..).zip(widths) {
        sheet.set_column_width(column, *width).map_err(unwritable)?;
    }
    book.save_to_buffer().map_err(unwritable)
}

/// A file of these rows, the first of which has the heads; `widths` are of columns, in characters.
pub(crate) fn written(rows: &[Vec<String>], widths: &[u16], format: Format, now: UnixMillis) -> Result<Vec<u8>> {
    match format {
        Format::Csv => {
            let text = csv_of(rows.iter().map(Vec::as_slice))?;
            Ok(format!("\u{feff}{text}").into_bytes())
        }
        Format::Xlsx => workbook_of(rows, widths, now),
    }
}
