//! Reading columns into domain types. A value outside the domain is [`StoreError::Corrupt`]; must not print the value.

use std::str::FromStr;

use domain::time::UnixMillis;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::{Result, StoreError};

/// Where a value was read, for the error text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table(pub(crate) &'static str);

impl Table {
    /// A value that cannot be one of ours.
    pub(crate) fn corrupt(self, column: &'static str, why: impl Into<String>) -> StoreError {
        StoreError::Corrupt { table: self.0, column, why: why.into() }
    }

    /// A text with a parser, mostly an id.
    pub(crate) fn parse<T>(self, column: &'static str, text: &str) -> Result<T>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        text.parse().map_err(|error: T::Err| self.corrupt(column, error.to_string()))
    }

    /// A nullable text with a parser.
    pub(crate) fn parse_opt<T>(self, column: &'static str, text: Option<&str>) -> Result<Option<T>>
    where
        T: FromStr,
        T::Err: std::fmt::Display,
    {
        text.map(|text| self.parse(column, text)).transpose()
    }

    /// One of the words an enum has: `word("state", &raw.state, PostState::parse)`.
    pub(crate) fn word<T>(self, column: &'static str, text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
        parse(text).ok_or_else(|| self.corrupt(column, "not one of the known words"))
    }

    /// A JSON text.
    pub(crate) fn json<T: DeserializeOwned>(self, column: &'static str, text: &str) -> Result<T> {
        // serde_json quotes parts of the value in some messages, so only the place is told.
        serde_json::from_str(text).map_err(|error| {
            self.corrupt(column, format!("not the expected JSON (line {}, column {})", error.line(), error.column()))
        })
    }

    /// A nullable JSON text.
    pub(crate) fn json_opt<T: DeserializeOwned>(self, column: &'static str, text: Option<&str>) -> Result<Option<T>> {
        text.map(|text| self.json(column, text)).transpose()
    }

    /// The JSON text to store.
    pub(crate) fn to_json<T: Serialize>(self, column: &'static str, value: &T) -> Result<String> {
        serde_json::to_string(value)
            .map_err(|error| self.corrupt(column, format!("cannot be written as JSON: {error}")))
    }

    /// A nullable JSON text to store.
    pub(crate) fn to_json_opt<T: Serialize>(self, column: &'static str, value: Option<&T>) -> Result<Option<String>> {
        value.map(|value| self.to_json(column, value)).transpose()
    }

    /// A count or size that was stored as a signed number.
    pub(crate) fn unsigned(self, column: &'static str, value: i64) -> Result<u64> {
        u64::try_from(value).map_err(|_| self.corrupt(column, "a negative size"))
    }
}

/// An instant.
pub(crate) fn instant(ms: i64) -> UnixMillis {
    UnixMillis::from_millis(ms)
}

/// A nullable instant.
pub(crate) fn instant_opt(ms: Option<i64>) -> Option<UnixMillis> {
    ms.map(UnixMillis::from_millis)
}
