//! What every successful call brings besides its value, and lenient readers for single members of TikTok's JSON.
//! Leniency ends here: what a member means is decided in the modules of the values.

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The value of a successful call with the facts worth keeping beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer<T> {
    /// What was asked for.
    pub value: T,
    /// Unix seconds of the `Date` header: TikTok's own clock, the one that counts for the life of upload addresses.
    pub remote_date: Option<i64>,
    /// TikTok's name for the request.
    pub log_id: Option<String>,
}

impl<T> Answer<T> {
    /// Changes the value and keeps the rest.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Answer<U> {
        Answer { value: change(self.value), remote_date: self.remote_date, log_id: self.log_id }
    }

    pub(crate) fn try_map<U, E>(self, change: impl FnOnce(T) -> Result<U, E>) -> Result<Answer<U>, E> {
        Ok(Answer { value: change(self.value)?, remote_date: self.remote_date, log_id: self.log_id })
    }
}

/// Reads `null` like a missing member.
pub(crate) fn null_is_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// Reads ids in any of the shapes seen: a list or a single one, numbers or strings, `null`.
///
/// Ids exceed 2^53, so the digits are taken from the text; a number in any other notation is dropped rather than rounded.
pub(crate) fn ids<'de, D>(deserializer: D) -> Result<Vec<String>, D::Error>
where
    D: Deserializer<'de>,
{
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    let text = raw.get().trim();
    if text.starts_with('[') {
        let items: Vec<&RawValue> = serde_json::from_str(text).map_err(serde::de::Error::custom)?;
        Ok(items.iter().filter_map(|item| id_text(item.get())).collect())
    } else {
        Ok(id_text(text).into_iter().collect())
    }
}

/// Reads one id that may be a number or a string.
pub(crate) fn id<'de, D>(deserializer: D) -> Result<Option<String>, D::Error>
where
    D: Deserializer<'de>,
{
    Ok(ids(deserializer)?.into_iter().next())
}

/// Digits of one JSON number or string.
fn id_text(json: &str) -> Option<String> {
    let json = json.trim();
    let text = if json.starts_with('"') { serde_json::from_str::<String>(json).ok()? } else { json.to_owned() };
    let is_id = (1..=32).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    is_id.then_some(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde::Deserialize;

    #[derive(Deserialize)]
    struct Holder {
        #[serde(default, deserialize_with = "super::ids")]
        ids: Vec<String>,
    }

    fn read(json: &str) -> Vec<String> {
        serde_json::from_str::<Holder>(json).unwrap().ids
    }

    #[test]
    fn ids_beyond_two_to_the_53_survive_in_every_shape() {
        let id = ["7600000000000000123"];
        assert_eq!(read(r#"{"ids":[7600000000000000123]}"#), id);
        assert_eq!(read(r#"{"ids":["7600000000000000123"]}"#), id);
        assert_eq!(read(r#"{"ids":"7600000000000000123"}"#), id);
        assert_eq!(read(r#"{"ids":7600000000000000123}"#), id);
        assert_eq!(read(r#"{"ids":[18446744073709551616, 2]}"#), ["18446744073709551616", "2"]);
    }

    #[test]
    fn no_ids_is_normal_and_rounded_ids_are_dropped() {
        for json in
            ["{}", r#"{"ids":null}"#, r#"{"ids":[]}"#, r#"{"ids":""}"#, r#"{"ids":[7.6e18, "x", null, {"a":1}]}"#]
        {
            assert!(read(json).is_empty(), "{json}");
        }
    }
}
