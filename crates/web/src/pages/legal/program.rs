//! A document for programs: version, dates, clauses with ids and a hash of the text, in every language. Owns the shape of that answer.

use axum::Json;
use domain::privacy::documents::{Document, Version};
use jiff::civil::Date;
use serde_json::{Value, json};

use super::LegalFacts;
use crate::documents::fill;
use crate::locale::Locale;

/// `/privacy.json` and `/terms.json`.
pub fn as_json(document: Document, facts: &LegalFacts, today: Date) -> Json<Value> {
    let version = document.in_force(today);
    let languages: serde_json::Map<String, Value> =
        Locale::ALL.into_iter().map(|l| (l.tag().to_owned(), language(version, l, facts))).collect();
    Json(json!({
        "document": document.as_str(),
        "version": version.id,
        "effective": version.effective.to_string(),
        "last_updated": version.effective.to_string(),
        "material": version.material,
        "address": version.path(),
        "versions": document.versions().map(one).collect::<Vec<_>>(),
        "announced": document.announced(today).map(one),
        "sha256_is_of": "text, in UTF-8",
        "languages": languages,
    }))
}

fn one(version: &Version) -> Value {
    json!({
        "version": version.id,
        "effective": version.effective.to_string(),
        "material": version.material,
        "address": version.path(),
        "changes": version.before().map(|_| format!("{}/changes", version.path())),
    })
}

fn language(version: &Version, l: Locale, facts: &LegalFacts) -> Value {
    let text = fill(version, l, facts);
    let clauses: Vec<Value> = text
        .chapters
        .iter()
        .flat_map(|chapter| chapter.clauses.iter().map(|clause| (chapter.heading.as_str(), clause)))
        .map(|(heading, clause)| {
            json!({ "id": clause.id, "chapter": heading, "title": clause.title, "text": clause.plain() })
        })
        .collect();
    json!({ "title": text.title, "sha256": text.sha256(), "text": text.plain(), "clauses": clauses })
}
