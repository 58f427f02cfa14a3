//! What a browser shows when it is told something. Owns the words and where a press leads; says that something happened, never what is in it: a lock
//! screen is read by others, too.

use domain::push::{Kind, Told};
use serde_json::json;

use crate::locale::Locale;

/// The text for the worker (`assets/ts/worker.ts`): title, body, the language of both, where a press leads, what a later message replaces, and whether it
/// is to be heard again when it does.
#[must_use]
pub fn words(locale: &str, told: Told, subject: &str) -> String {
    let l = Locale::parse(locale).unwrap_or(Locale::En);
    let (title, body) = match told {
        Told::Published => (t!(l, "push-published"), t!(l, "push-published-more")),
        Told::InInbox => (t!(l, "push-in-inbox"), t!(l, "push-in-inbox-more")),
        Told::Failed => (t!(l, "push-failed"), t!(l, "push-failed-more")),
        Told::Waits => (t!(l, "push-waits"), t!(l, "push-waits-more")),
        Told::Reconnect => (t!(l, "push-reconnect"), t!(l, "push-reconnect-more")),
        Told::Report => (t!(l, "push-report"), t!(l, "push-report-more")),
    };
    let path = match told {
        Told::Published | Told::InInbox | Told::Failed | Told::Waits => format!("/posts/{subject}"),
        Told::Reconnect => "/connections".to_owned(),
        Told::Report => format!("/reports/{subject}"),
    };
    let urgent = told.kind() == Kind::NeedsYou;
    json!({ "title": title, "body": body, "lang": l.tag(), "path": path, "tag": subject, "urgent": urgent }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pp_4_4_a_message_says_that_something_happened_and_never_what_is_in_it() {
        for l in Locale::ALL {
            for told in Told::ALL {
                let id = "01930000-0000-7000-8000-000000000001";
                let text = words(l.tag(), told, id);
                // With the mark of its end it fills one piece of filling, as every other: no length tells which it is.
                assert!(text.len() < 512, "{} bytes: {text}", text.len());
                let text: serde_json::Value = serde_json::from_str(&text).unwrap();
                let said = |key: &str| text[key].as_str().unwrap().to_owned();
                assert!(
                    !said("title").is_empty() && !said("body").is_empty() && said("path").starts_with('/'),
                    "{text}"
                );
                assert_eq!((said("lang").as_str(), said("tag").as_str()), (l.tag(), id));
                assert_eq!(text.as_object().unwrap().len(), 6, "nothing else is in it");
            }
        }
    }
}
