//! Turns `datamap.toml` and `clauses.toml` into Rust, so that a mistake in them fails the build. Owns reading the files; what the facts mean is
//! `privacy`'s.

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use toml_edit::{DocumentMut, Item, Value};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let map = read("datamap.toml")?;
    let out = std::env::var("OUT_DIR")?;
    let out = Path::new(&out);
    std::fs::write(out.join("datamap.rs"), [classes(&map)?, columns(&map)?, files(&map)?].concat())?;
    std::fs::write(out.join("promises.rs"), promises(&read("clauses.toml")?)?)?;
    Ok(())
}

fn read(name: &str) -> Result<DocumentMut, Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name);
    println!("cargo::rerun-if-changed={}", path.display());
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.parse().map_err(|error| format!("{name}: {error}"))?)
}

fn promises(file: &DocumentMut) -> Result<String, Box<dyn Error>> {
    let mut rust = String::from(
        "/// Every clause that promises something, in the order of the policy.\npub const PROMISES: &[Promise] = &[\n",
    );
    for (id, item) in file.iter() {
        let clause = item.as_table_like().ok_or_else(|| format!("clauses.toml: {id} is no table"))?;
        let proof = match clause.get("proof").and_then(Item::as_str) {
            Some("test") => "Test",
            Some("duty") => "Duty",
            _ => return Err(format!("clauses.toml: the proof of {id} is neither \"test\" nor \"duty\"").into()),
        };
        let how = both(id, clause, "how")?.ok_or_else(|| format!("clauses.toml: {id} needs how.en and how.ru"))?;
        let missing = both(id, clause, "missing")?.map_or_else(|| "None".to_owned(), |words| format!("Some({words})"));
        writeln!(
            rust,
            "    Promise {{ clause: ClauseId({id:?}), how: {how}, proof: Proof::{proof}, missing: {missing} }},"
        )?;
    }
    rust.push_str("];\n");
    Ok(rust)
}

/// A text in both languages.
fn both(id: &str, clause: &dyn toml_edit::TableLike, key: &str) -> Result<Option<String>, String> {
    let Some(words) = clause.get(key) else { return Ok(None) };
    let word = |tag: &str| {
        words
            .get(tag)
            .and_then(Item::as_str)
            .filter(|text| !text.trim().is_empty())
            .ok_or_else(|| format!("clauses.toml: {id} needs {key}.{tag}"))
    };
    Ok(Some(format!("Words {{ en: {:?}, ru: {:?} }}", word("en")?, word("ru")?)))
}

/// `connection_profile` as `ConnectionProfile`.
fn camel(word: &str) -> String {
    word.split('_')
        .map(|part| {
            let mut letters = part.chars();
            letters.next().map(|first| first.to_uppercase().chain(letters).collect::<String>()).unwrap_or_default()
        })
        .collect()
}

fn table<'a>(map: &'a DocumentMut, name: &str) -> Result<&'a dyn toml_edit::TableLike, String> {
    map.get(name).and_then(Item::as_table_like).ok_or_else(|| format!("datamap.toml: no table [{name}]"))
}

fn text<'a>(place: &str, from: &'a dyn toml_edit::TableLike, key: &str) -> Result<&'a str, String> {
    from.get(key).and_then(Item::as_str).ok_or_else(|| format!("datamap.toml: {place} needs a text {key}"))
}

fn days(place: &str, from: &dyn toml_edit::TableLike, key: &str) -> Result<Option<i64>, String> {
    match from.get(key) {
        None => Ok(None),
        Some(item) => {
            let days = item.as_integer().filter(|days| (0..=3_650).contains(days));
            days.map(Some).ok_or_else(|| format!("datamap.toml: {place}.{key} is no number of days"))
        }
    }
}

fn classes(map: &DocumentMut) -> Result<String, Box<dyn Error>> {
    let mut facts = String::from("/// What each class says.\npub const CLASSES: &[ClassFacts] = &[\n");
    let mut arms = String::new();
    for (number, (name, item)) in table(map, "class")?.iter().enumerate() {
        let class = item.as_table_like().ok_or_else(|| format!("datamap.toml: class.{name} is no table"))?;
        let active = days(name, class, "active_days")?;
        let after = days(name, class, "after_erasure_days")?
            .ok_or_else(|| format!("datamap.toml: class.{name} needs after_erasure_days"))?;
        writeln!(
            facts,
            "    ClassFacts {{ class: Class::{}, name: {name:?}, what: {:?}, ground: {:?}, source: {:?}, recipients: {:?}, \
             retention: Retention {{ active_days: {active:?}, after_erasure_days: {after} }}, erase: ErasePath::{} }},",
            camel(name),
            text(name, class, "what")?,
            text(name, class, "ground")?,
            text(name, class, "source")?,
            text(name, class, "recipients")?,
            camel(text(name, class, "erase")?),
        )?;
        writeln!(arms, "            Self::{} => {number},", camel(name))?;
    }
    Ok(format!(
        "{facts}];\n\nimpl Class {{\n    const fn number(self) -> usize {{\n        match self {{\n{arms}        }}\n    }}\n}}\n\n"
    ))
}

fn columns(map: &DocumentMut) -> Result<String, Box<dyn Error>> {
    let mut rust = String::from("/// Every column of the schema, once.\npub const DATA_MAP: &[DataClass] = &[\n");
    for (name, rows) in table(map, "columns")?.iter() {
        let rows = rows.as_array().ok_or_else(|| format!("datamap.toml: columns.{name} is no list"))?;
        for row in rows {
            let row = row.as_inline_table().ok_or_else(|| format!("datamap.toml: columns.{name} holds no table"))?;
            let names = row.get("names").and_then(Value::as_array);
            let names = names.ok_or_else(|| format!("datamap.toml: columns.{name} needs names"))?;
            for column in names {
                let column =
                    column.as_str().ok_or_else(|| format!("datamap.toml: columns.{name}: a name is a text"))?;
                let (kind, sealed) = (kind(name, row)?, sealed(name, row)?);
                writeln!(rust, "    DataClass {{ table: {name:?}, column: {column:?}, {kind}, sealed: {sealed} }},")?;
            }
        }
    }
    rust.push_str("];\n\n");
    Ok(rust)
}

fn files(map: &DocumentMut) -> Result<String, Box<dyn Error>> {
    let mut rust = String::from(
        "/// Everything that lies beside the database, by its name in the data folder; a folder ends in `/`.\npub const FILES: &[FileClass] = &[\n",
    );
    for (name, row) in table(map, "files")?.iter() {
        let row = row.as_inline_table().ok_or_else(|| format!("datamap.toml: files.{name} is no table"))?;
        writeln!(rust, "    FileClass {{ name: {name:?}, {} }},", kind(name, row)?)?;
    }
    rust.push_str("];\n");
    Ok(rust)
}

/// Under whose key it is sealed, if it is.
fn sealed(place: &str, row: &toml_edit::InlineTable) -> Result<String, String> {
    match row.get("sealed").map(Value::as_str) {
        None => Ok("None".to_owned()),
        Some(Some(word @ ("person" | "connection"))) => Ok(format!("Some(KeyOf::{})", camel(word))),
        Some(_) => Err(format!("datamap.toml: {place} is sealed under the key of a person or a connection")),
    }
}

/// Class, clause and whether it is exported, as fields.
fn kind(place: &str, row: &toml_edit::InlineTable) -> Result<String, String> {
    let word = |key: &str| {
        row.get(key).and_then(Value::as_str).ok_or_else(|| format!("datamap.toml: {place} needs a text {key}"))
    };
    let exported = row.get("exported").and_then(Value::as_bool);
    let exported = exported.ok_or_else(|| format!("datamap.toml: {place} says whether it is exported"))?;
    Ok(format!(
        "class: Class::{}, clause: ClauseId({:?}), exported: {exported}",
        camel(word("class")?),
        word("clause")?
    ))
}
