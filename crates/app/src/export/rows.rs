//! Rows as they stand in an export, and back: one JSON object a line, the columns of the table in their order, and CSV.
//!
//! Owns the forms of values. A JSON column is written as it is stored, byte for byte, so that a fingerprint over it stays true.

use std::collections::HashMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::UnixMillis;
use serde_json::value::RawValue;
use store::export::read::Cell;
use store::export::tables::{Column, ExportTable, Kind};

/// A cell of a table of columns that a spreadsheet takes for a formula begins with one of these.
const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// The value of one cell: as JSON, and as the text of a table of columns.
fn value(column: &Column, cell: &Cell, row: &[Cell]) -> (String, String) {
    let nothing = || ("null".to_owned(), String::new());
    match (cell, column.kind) {
        (Cell::Empty, _) => nothing(),
        (Cell::Number(at), Kind::Instant) => text(UnixMillis::from_millis(*at).in_utc()),
        (Cell::Number(number), _) => (number.to_string(), number.to_string()),
        (Cell::Text(json), Kind::Json) => match raw(json) {
            Some(json) => (json.clone(), json),
            None => text(json.clone()),
        },
        (Cell::Text(plain), _) => text(plain.clone()),
        (Cell::Bytes(_), Kind::Bytes) => avatar_name(row).map_or_else(nothing, text),
        (Cell::Bytes(bytes), _) => text(STANDARD.encode(bytes)),
    }
}

/// Stored JSON that fits into one line.
fn raw(json: &str) -> Option<String> {
    let json = RawValue::from_string(json.to_owned()).ok()?;
    (!json.get().contains('\n')).then(|| json.get().to_owned())
}

fn text(plain: String) -> (String, String) {
    (quoted(&plain), plain)
}

/// A text as JSON.
pub(super) fn quoted(plain: &str) -> String {
    serde_json::Value::from(plain).to_string()
}

/// Where the picture of a row of the table of pictures lies.
pub(super) fn avatar_name(row: &[Cell]) -> Option<String> {
    match (row.first(), row.get(2)) {
        (Some(Cell::Text(id)), Some(Cell::Text(format))) => Some(format!("avatars/{id}.{format}")),
        _ => None,
    }
}

/// A row as a line of JSON, with its end.
pub(super) fn json_line(table: &ExportTable, row: &[Cell]) -> String {
    let mut line = String::from("{");
    for (n, (column, cell)) in table.columns.iter().zip(row).enumerate() {
        if n > 0 {
            line.push(',');
        }
        line.push_str(&quoted(column.name));
        line.push(':');
        line.push_str(&value(column, cell, row).0);
    }
    line.push_str("}\n");
    line
}

/// A row as a line of CSV, with its end.
pub(super) fn csv_line(table: &ExportTable, row: &[Cell]) -> String {
    csv(table.columns.iter().zip(row).map(|(column, cell)| value(column, cell, row).1))
}

/// A line of JSON of an earlier export as a line of CSV.
pub(super) fn csv_of_json(columns: &[&str], line: &str) -> String {
    let fields: HashMap<String, Box<RawValue>> = serde_json::from_str(line).unwrap_or_default();
    csv(columns.iter().map(|name| match fields.get(*name).map(|field| field.get()) {
        None | Some("null") => String::new(),
        Some(raw) => serde_json::from_str(raw).unwrap_or_else(|_| raw.to_owned()),
    }))
}

/// Fields as a line of CSV (RFC 4180), none of which a spreadsheet takes for a formula.
pub(super) fn csv(fields: impl Iterator<Item = String>) -> String {
    let mut line = String::new();
    for (n, field) in fields.enumerate() {
        if n > 0 {
            line.push(',');
        }
        let safe = if field.starts_with(FORMULAS) { format!("'{field}") } else { field };
        if safe.contains([',', '"', '\n', '\r']) {
            line.push_str(&format!("\"{}\"", safe.replace('"', "\"\"")));
        } else {
            line.push_str(&safe);
        }
    }
    line.push_str("\r\n");
    line
}

/// Why a line is no row of its table; the name of the column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct BadField(pub(super) &'static str);

/// Reads what [`json_line`] wrote. Pictures come from files of their own and are empty here.
pub(super) fn from_json(table: &ExportTable, line: &str) -> Result<Vec<Cell>, BadField> {
    let mut fields: HashMap<String, Box<RawValue>> = serde_json::from_str(line).map_err(|_| BadField("line"))?;
    let mut row = Vec::with_capacity(table.columns.len());
    for column in table.columns {
        let field = fields.remove(column.name).ok_or(BadField(column.name))?;
        row.push(cell(column, &field).ok_or(BadField(column.name))?);
    }
    if fields.is_empty() { Ok(row) } else { Err(BadField("line")) }
}

fn cell(column: &Column, field: &RawValue) -> Option<Cell> {
    if field.get() == "null" {
        return (column.optional || column.kind == Kind::Bytes).then_some(Cell::Empty);
    }
    match column.kind {
        Kind::Text => serde_json::from_str(field.get()).ok().map(Cell::Text),
        Kind::Number => serde_json::from_str(field.get()).ok().map(Cell::Number),
        Kind::Instant => {
            let text: String = serde_json::from_str(field.get()).ok()?;
            UnixMillis::from_utc(&text).ok().map(|at| Cell::Number(at.millis()))
        }
        Kind::Json => Some(Cell::Text(field.get().to_owned())),
        Kind::Bytes | Kind::Inline => Some(Cell::Empty),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use store::export::tables::table;

    #[test]
    fn no_cell_is_a_formula_and_quotes_are_doubled() {
        let line =
            csv(["=1+1", "+1", "-1", "@x", "\tx", "\rx", "a,b", "say \"hi\"", "plain"].map(String::from).into_iter());
        assert_eq!(line, "'=1+1,'+1,'-1,'@x,'\tx,\"'\rx\",\"a,b\",\"say \"\"hi\"\"\",plain\r\n");
    }

    #[test]
    fn a_row_survives_its_line_and_stored_json_stays_as_it_is() {
        let table = table("post_event").unwrap();
        let row = vec![
            Cell::Text("w".to_owned()),
            Cell::Text("p".to_owned()),
            Cell::Text("moved \"\n".to_owned()),
            Cell::Empty,
            Cell::Text(r#"{ "z":1.0,"a":[12345678901234567890]}"#.to_owned()),
            Cell::Number(1_795_510_800_123),
        ];
        let line = json_line(table, &row);
        assert_eq!(line.lines().count(), 1);
        assert!(
            line.contains(r#""detail":{ "z":1.0,"a":[12345678901234567890]},"at":"2026-11-24T09:00:00.123Z"}"#),
            "{line}"
        );
        assert_eq!(from_json(table, line.trim_end()).unwrap(), row);
        for wrong in ["{}", "[]", "{\"workspace_id\":1}", &line.replace("\"at\"", "\"when\"")] {
            assert!(from_json(table, wrong).is_err(), "{wrong}");
        }
    }
}
