//! JSON Schemas (2020-12) of everything in an export, made from the one definition of its tables. Owns their words and addresses.

use serde_json::{Value, json};
use store::export::tables::{Column, ExportTable, Kind, TABLES};

/// Version of the format; a change that an older reader would stumble over makes a new one.
pub const VERSION: u32 = 1;

/// Columns of the lines of the request log.
pub(super) const REQUEST_COLUMNS: [&str; 9] =
    ["at", "route", "method", "status", "ms", "browser", "system", "ip", "session"];

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

fn address(name: &str) -> String {
    format!("/schemas/export/{VERSION}/{name}.json")
}

fn kind(column: &Column) -> Value {
    let (name, more) = match column.kind {
        Kind::Text => ("string", None),
        Kind::Number => ("integer", None),
        Kind::Instant => ("string", Some(("format", "date-time"))),
        Kind::Json => return json!({ "description": "A value of this service's own, as it is stored." }),
        Kind::Bytes => ("string", Some(("description", "The name of a file in the archive."))),
        Kind::Inline => ("string", Some(("contentEncoding", "base64"))),
    };
    let types = if column.optional { json!([name, "null"]) } else { json!(name) };
    let mut schema = serde_json::Map::from_iter([("type".to_owned(), types)]);
    schema.extend(more.map(|(key, value)| (key.to_owned(), json!(value))));
    Value::Object(schema)
}

fn of_table(table: &ExportTable) -> Value {
    let properties: serde_json::Map<_, _> =
        table.columns.iter().map(|column| (column.name.to_owned(), kind(column))).collect();
    let names: Vec<_> = table.columns.iter().map(|column| column.name).collect();
    json!({
        "$schema": DRAFT,
        "$id": address(table.name),
        "title": format!("A line of data/{}.jsonl", table.name),
        "description": table.what,
        "type": "object",
        "properties": properties,
        "required": names,
        "additionalProperties": false,
    })
}

fn of_request() -> Value {
    let text = json!({ "type": "string" });
    let number = json!({ "type": "integer", "minimum": 0 });
    json!({
        "$schema": DRAFT,
        "$id": address("request"),
        "title": "A line of data/request.jsonl",
        "description": "The person's own lines of the log of requests, by the sessions that still exist. Addresses are shortened with age.",
        "type": "object",
        "properties": {
            "at": { "type": "string", "format": "date-time" }, "route": text, "method": text, "status": number, "ms": number,
            "browser": text, "system": text, "ip": text, "session": text,
        },
        "required": ["at", "route", "method", "status", "ms", "ip"],
        "additionalProperties": false,
    })
}

fn of_manifest() -> Value {
    json!({
        "$schema": DRAFT,
        "$id": address("manifest"),
        "title": "manifest.json",
        "description": "What an export is, of whom and when, and every other file in it.",
        "type": "object",
        "properties": {
            "format": { "const": "moloko-export" },
            "version": { "const": VERSION },
            "made_at": { "type": "string", "format": "date-time" },
            "instance": { "type": "string", "format": "uri" },
            "person": { "type": "string", "format": "uuid" },
            "workspace": { "type": "string", "format": "uuid" },
            "with_media": { "type": "boolean" },
            "files": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {
                        "name": { "type": "string" },
                        "size_bytes": { "type": "integer", "minimum": 0 },
                        "sha256": { "type": "string", "pattern": "^[0-9a-f]{64}$" },
                    },
                    "required": ["name", "size_bytes", "sha256"],
                    "additionalProperties": false,
                },
            },
        },
        "required": ["format", "version", "made_at", "instance", "person", "workspace", "with_media", "files"],
        "additionalProperties": false,
    })
}

fn of_outbox() -> Value {
    let text = json!({ "type": "string" });
    let instant = json!({ "type": "string", "format": "date-time" });
    let attachment = json!({
        "type": "object",
        "properties": { "type": { "enum": ["Video", "Image", "Document"] }, "mediaType": text, "name": text, "url": text },
        "required": ["type", "mediaType", "name", "url"],
    });
    let object = json!({
        "type": "object",
        "properties": {
            "type": { "enum": ["Video", "Note"] }, "id": text, "name": text, "content": text, "published": instant,
            "updated": instant, "startTime": instant, "generator": text, "state": text,
            "attachment": { "type": "array", "items": attachment },
        },
        "required": ["type", "id", "content", "updated", "state", "attachment"],
    });
    let activity = json!({
        "type": "object",
        "properties": { "type": { "const": "Create" }, "id": text, "actor": text, "published": instant, "object": object },
        "required": ["type", "id", "actor", "object"],
    });
    json!({
        "$schema": DRAFT,
        "$id": address("outbox"),
        "title": "outbox.json",
        "description": "Posts as an ActivityStreams 2.0 OrderedCollection, the oldest first.",
        "type": "object",
        "properties": {
            "@context": { "type": "array" },
            "type": { "const": "OrderedCollection" },
            "id": text,
            "orderedItems": { "type": "array", "items": activity },
            "totalItems": { "type": "integer", "minimum": 0 },
        },
        "required": ["@context", "type", "id", "orderedItems", "totalItems"],
    })
}

/// The schema of this name: of a table, or `manifest`, `outbox`, `request`.
#[must_use]
pub fn schema(name: &str) -> Option<Value> {
    match name {
        "manifest" => Some(of_manifest()),
        "outbox" => Some(of_outbox()),
        "request" => Some(of_request()),
        name => store::export::tables::table(name).map(of_table),
    }
}

/// The names of all schemas.
#[must_use]
pub fn names() -> Vec<&'static str> {
    ["manifest", "outbox", "request"].into_iter().chain(TABLES.iter().map(|table| table.name)).collect()
}
