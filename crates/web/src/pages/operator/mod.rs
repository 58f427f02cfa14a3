//! Pages of whoever operates the instance. Each shows figures and ids of the whole instance, and nothing of people's own but what they wrote to the
//! operator. Owns the parts that these pages share; who may see them is [`crate::operator`]'s.

pub mod access;
pub mod audit;
pub mod door;
pub mod duties;
pub mod overview;
pub mod promises;
pub mod requests;

use app::operators::OperatorActor;
use maud::{Markup, html};

use crate::assets::Asset;
use crate::locale::Locale;
use crate::ui::{Frame, Head, Place, desk_page, page_head};

/// What every page of a signed-in operator knows.
pub struct Around<'a> {
    /// Language and theme.
    pub frame: &'a Frame,
    /// Who looks.
    pub actor: &'a OperatorActor,
}

impl Around<'_> {
    fn page(&self, place: Place, title: &str, lede: &str, content: &Markup) -> Markup {
        let head = Head { title: title.to_owned(), script: Some(Asset::Operator), ..Head::default() };
        let content = html! {
            (page_head(title, Some(lede), None))
            (passkey_words(self.frame.locale))
            div.stack.loose { (content) }
        };
        desk_page(self.frame, &self.actor.name, place, head, &content)
    }

    /// Until when a form may be sent without asking for the passkey, for the script.
    fn fresh_until(&self) -> i64 {
        self.actor.fresh_until().millis()
    }
}

/// What the script says, and where. A sentence there is announced.
fn passkey_words(l: Locale) -> Markup {
    html! {
        p.sub id="passkey-said" role="status" data-passkey-words="" data-waiting=(t!(l, "operator-passkey-waiting"))
            data-cancelled=(t!(l, "operator-passkey-cancelled")) data-unable=(t!(l, "operator-passkey-unable")) {}
    }
}

/// A figure with its word below.
fn figure(value: &str, word: &str) -> Markup {
    html! { div.figure { b { (value) } small { (word) } } }
}

/// A count for people of a language.
fn count(l: Locale, n: i64) -> String {
    crate::ui::when::number(l, u64::try_from(n).unwrap_or(0))
}

/// Bytes in words.
fn bytes(l: Locale, n: i64) -> String {
    crate::ui::when::size(l, u64::try_from(n).unwrap_or(0))
}

#[cfg(test)]
pub(crate) mod samples {
    //! An operator, for tests of pages.

    use app::operators::OperatorActor;
    use domain::id::{OperatorId, SessionId};
    use uuid::Uuid;

    use crate::pages::samples::NOW;

    pub fn actor() -> OperatorActor {
        OperatorActor {
            id: OperatorId::from_uuid(Uuid::from_u128(1)),
            name: "Ann <b>".to_owned(),
            session_id: SessionId::from_uuid(Uuid::from_u128(2)),
            verified_at: NOW,
        }
    }
}
