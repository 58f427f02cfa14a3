//! Strict reading of request bodies: wrong types are refused, unknown members ignored but remembered.
//! It knows JSON, not TikTok's rules.

use serde_json::{Map, Value};

use crate::answer::ApiFault;

/// Deepest object path reported for an unknown member is two; nothing in the API nests further.
const MAX_UNKNOWN_REPORTED: usize = 50;

/// What reading a body left behind besides its values.
#[derive(Debug, Default)]
pub(crate) struct Noticed {
    pub(crate) unknown: Vec<String>,
}

/// One JSON object being read member by member.
pub(crate) struct Members<'a> {
    map: &'a Map<String, Value>,
    path: &'static str,
}

/// The refusal for a member of the wrong type.
fn wrong_type(path: &str, name: &str, expected: &str) -> ApiFault {
    let dot = if path.is_empty() { "" } else { "." };
    ApiFault::new(400, "invalid_params", format!("The field {path}{dot}{name} must be {expected}"))
}

/// Parses a body as one JSON object.
pub(crate) fn object(body: &[u8]) -> Result<Map<String, Value>, ApiFault> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(ApiFault::new(400, "invalid_params", "The request body must be a JSON object")),
        Err(_) => Err(ApiFault::new(400, "invalid_params", "The request body is not valid JSON")),
    }
}

impl<'a> Members<'a> {
    /// Starts reading; members outside `known` are noticed.
    pub(crate) fn new(map: &'a Map<String, Value>, path: &'static str, known: &[&str], noticed: &mut Noticed) -> Self {
        for name in map.keys() {
            if !known.contains(&name.as_str()) && noticed.unknown.len() < MAX_UNKNOWN_REPORTED {
                let dot = if path.is_empty() { "" } else { "." };
                noticed.unknown.push(format!("{path}{dot}{}", name.chars().take(80).collect::<String>()));
            }
        }
        Self { map, path }
    }

    /// `null` counts as absent.
    fn get(&self, name: &str) -> Option<&'a Value> {
        self.map.get(name).filter(|value| !value.is_null())
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, ApiFault> {
        self.get(name).map(|value| value.as_str().ok_or_else(|| wrong_type(self.path, name, "a string"))).transpose()
    }

    pub(crate) fn flag(&self, name: &str) -> Result<Option<bool>, ApiFault> {
        self.get(name).map(|value| value.as_bool().ok_or_else(|| wrong_type(self.path, name, "a boolean"))).transpose()
    }

    pub(crate) fn integer(&self, name: &str) -> Result<Option<i64>, ApiFault> {
        self.get(name).map(|value| value.as_i64().ok_or_else(|| wrong_type(self.path, name, "an integer"))).transpose()
    }

    pub(crate) fn object(&self, name: &str) -> Result<Option<&'a Map<String, Value>>, ApiFault> {
        self.get(name)
            .map(|value| value.as_object().ok_or_else(|| wrong_type(self.path, name, "an object")))
            .transpose()
    }

    pub(crate) fn texts(&self, name: &str) -> Result<Option<Vec<&'a str>>, ApiFault> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| wrong_type(self.path, name, "a list of strings"))?;
        list.iter()
            .map(|item| item.as_str().ok_or_else(|| wrong_type(self.path, name, "a list of strings")))
            .collect::<Result<Vec<_>, _>>()
            .map(Some)
    }
}
