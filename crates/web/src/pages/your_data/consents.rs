//! What the reader consented to, purpose by purpose, with the way to take each back, and the ledger. Owns its route and looks.

use app::consents::Consents;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::connection::Scopes;
use domain::privacy::documents::{Answer, Document};
use domain::privacy::purposes::{Act, Purpose, Reading};
use maud::{Markup, html};
use store::Connection;
use store::ledger::LedgerLine;

use crate::error::WebError;
use crate::locale::Locale;
use crate::pages::analytics::stop_button;
use crate::pages::connections::permissions;
use crate::pages::reports::share;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::policy::document_name;
use crate::ui::{Button, Frame, Nav, When, app_page, link_button, page_head};

/// The page of consents.
pub struct ConsentsPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was read.
    pub consents: &'a Consents,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The page of consents.
#[must_use]
pub fn consents_page(page: &ConsentsPage<'_>) -> Markup {
    let (l, consents) = (page.frame.locale, page.consents);
    let content = html! {
        (page_head(&t!(l, "consents-title"), Some(&t!(l, "consents-lede")), None))
        div.stack.loose {
            section.stack aria-labelledby="connect" {
                h2 id="connect" { (t!(l, "consents-connect")) }
                p.sub { (t!(l, "consents-connect-more")) }
                @if consents.connections.is_empty() { p { (t!(l, "consents-none")) } }
                @for connection in &consents.connections { (connect(page, connection)) }
            }
            section.card.stack aria-labelledby="documents" {
                h2 id="documents" { (t!(l, "consents-documents")) }
                ul.stack.tight {
                    @for answer in &consents.answers {
                        li {
                            a href=(format!("/{}/{}", answer.given.document.as_str(), answer.given.version)) {
                                (document_name(l, answer.given.document)) " " (answer.given.version)
                            }
                            " – " (answer_words(l, answer.given.answer)) ", " (page.when.moment_element(answer.at))
                        }
                    }
                }
                div { (link_button("/agreement", &Button { label: &t!(l, "consents-documents-change"), ..Button::default() })) }
            }
            section.card.stack aria-labelledby="optional" {
                h2 id="optional" { (t!(l, "consents-optional")) }
                p.sub { (t!(l, "consents-optional-more")) }
                (optional(page))
            }
            (share::links(l, &consents.links, &consents.connections, page.when, "/your-data/consents#links"))
            section.card.stack aria-labelledby="ledger" {
                h2 id="ledger" { (t!(l, "consents-ledger")) }
                p.sub { (t!(l, "consents-ledger-more")) }
                div.list { @for line in &consents.ledger { (line_of(page, line)) } }
            }
        }
    };
    app_page(page.frame, t!(l, "consents-title"), &content)
}

/// Whatever is off by itself: numbers of each account, and messages to browsers.
fn optional(page: &ConsentsPage<'_>) -> Markup {
    let (l, consents) = (page.frame.locale, page.consents);
    let given = consents.readings.iter().flat_map(|account| account.readings.iter().map(move |view| (account, view)));
    let given = given.filter_map(|(account, view)| view.consent.as_ref().map(|consent| (&account.connection, consent)));
    html! {
        div.list {
            @for (account, consent) in given {
                div.item.plain {
                    span.grow {
                        b.ttl { (reading(l, consent.reading, &account.display_name)) }
                        small { (t!(l, "consents-given")) " " (page.when.moment_element(consent.given_at)) " · " (t!(l, "consents-version", version = consent.text_version.as_str())) }
                    }
                    (stop_button(l, account.id, consent.reading, &account.display_name))
                }
            }
        }
        p { (t!(l, "consents-browsers", n = consents.told_browsers)) }
        div.row {
            (link_button("/analytics", &Button { label: &t!(l, "consents-numbers-open"), small: true, ..Button::default() }))
            (link_button("/settings#push", &Button { label: &t!(l, "consents-messages-open"), small: true, ..Button::default() }))
        }
    }
}

fn reading(l: Locale, reading: Reading, account: &str) -> String {
    match reading {
        Reading::Metrics => t!(l, "consents-purpose-metrics", account = account),
        Reading::Followers => t!(l, "consents-purpose-followers", account = account),
    }
}

/// One account: since when, for what, under which words, and the way back.
fn connect(page: &ConsentsPage<'_>, c: &Connection) -> Markup {
    let (l, consents) = (page.frame.locale, page.consents);
    let given = consents
        .ledger
        .iter()
        .find(|line| line.connection_id == Some(c.id) && line.purpose == Purpose::Connect && line.act == Act::Given);
    html! {
        section.card.stack aria-labelledby=(format!("c-{}", c.id)) data-flavour=(c.flavour.as_str()) {
            h3 id=(format!("c-{}", c.id)) { (c.display_name) @if let Some(handle) = &c.username { " · @" (handle) } }
            (permissions(l, &c.scopes))
            dl.facts {
                dt { (t!(l, "consents-since")) } dd { (page.when.moment_element(c.consented_at)) }
                @if let Some(given) = given { dt { (t!(l, "consents-words")) } dd { (given.text_version) } }
                dt { (t!(l, "consents-adult")) }
                dd { (page.when.moment_element(consents.adult_at)) " (" (consents.adult_text_version) ")" }
            }
            div { (link_button(&format!("/connections/{}/disconnect", c.id), &Button { label: &t!(l, "verb-disconnect"), small: true, ..Button::default() })) }
        }
    }
}

fn line_of(page: &ConsentsPage<'_>, line: &LedgerLine) -> Markup {
    let l = page.frame.locale;
    let act = match line.act {
        Act::Given => t!(l, "consents-given"),
        Act::Withdrawn => t!(l, "consents-withdrawn"),
    };
    html! {
        div.item.plain {
            span.grow {
                b.ttl { (purpose(page, line)) }
                small {
                    (act) " · " (page.when.moment_element(line.at))
                    @if !line.text_version.is_empty() { " · " (t!(l, "consents-version", version = line.text_version.as_str())) }
                    @if line.purpose == Purpose::Connect && line.act == Act::Given { " · " code { (Scopes::parse(&line.detail)) } }
                }
            }
        }
    }
}

fn purpose(page: &ConsentsPage<'_>, line: &LedgerLine) -> String {
    let l = page.frame.locale;
    match line.purpose {
        Purpose::Connect => {
            let known = page.consents.connections.iter().find(|it| Some(it.id) == line.connection_id);
            match known {
                Some(account) => t!(l, "consents-purpose-connect", account = account.display_name.as_str()),
                None => t!(l, "consents-purpose-connect-gone"),
            }
        }
        Purpose::Metrics => reading(l, Reading::Metrics, &account_of(page, line)),
        Purpose::Followers => reading(l, Reading::Followers, &account_of(page, line)),
        Purpose::Messages => t!(l, "consents-purpose-messages"),
        Purpose::Sharing => t!(l, "consents-purpose-sharing"),
        Purpose::Privacy => document_name(l, Document::Privacy),
        Purpose::Terms => document_name(l, Document::Terms),
    }
}

fn account_of(page: &ConsentsPage<'_>, line: &LedgerLine) -> String {
    let known = page.consents.connections.iter().find(|it| Some(it.id) == line.connection_id);
    known.map_or_else(|| t!(page.frame.locale, "consents-account-gone"), |it| it.display_name.clone())
}

fn answer_words(l: Locale, answer: Answer) -> String {
    match answer {
        Answer::Accepted => t!(l, "agreement-said-accepted"),
        Answer::Read => t!(l, "agreement-said-read"),
        Answer::Refused => t!(l, "agreement-said-refused"),
    }
}

/// `GET /your-data/consents`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    let consents = state.app.consents(&me.actor).await?;
    let frame = me.frame(Nav::Settings, "/your-data/consents");
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    Ok(consents_page(&ConsentsPage { frame: &frame, consents: &consents, when: &when }).into_response())
}

#[cfg(test)]
mod tests {
    use app::metrics::{ReadingView, ReadingsView};
    use domain::privacy::documents::Given;
    use store::{MetricConsent, PolicyAnswer};

    use super::*;
    use crate::pages::{check, samples};

    #[test]
    fn pp_7_4_the_page_lists_every_purpose_with_its_way_back_and_offers_none_that_is_not_there() {
        let account = samples::connection();
        let line = |purpose, act, connection_id| LedgerLine {
            purpose,
            connection_id,
            act,
            text_version: "2026-11".to_owned(),
            detail: "user.info.basic,video.publish".to_owned(),
            at: samples::NOW,
        };
        let said = |answer| PolicyAnswer {
            given: Given { document: Document::Terms, version: "1.0".to_owned(), answer },
            at: samples::NOW,
        };
        let view = |reading, on: bool| ReadingView {
            reading,
            granted: on,
            consent: on.then(|| MetricConsent {
                connection_id: account.id,
                reading,
                person_id: "01930000-0000-7000-8000-00000000000a".parse().unwrap(),
                text_version: "1.2".to_owned(),
                given_at: samples::NOW,
            }),
        };
        let readings = vec![view(Reading::Metrics, true), view(Reading::Followers, false)];
        let consents = Consents {
            readings: vec![ReadingsView { connection: account.clone(), readings }],
            links: Vec::new(),
            told_browsers: 1,
            ledger: vec![
                line(Purpose::Connect, Act::Given, Some(account.id)),
                line(Purpose::Connect, Act::Withdrawn, None),
                line(Purpose::Privacy, Act::Given, None),
                line(Purpose::Terms, Act::Withdrawn, None),
                line(Purpose::Metrics, Act::Given, Some(account.id)),
                line(Purpose::Followers, Act::Withdrawn, None),
                line(Purpose::Messages, Act::Given, None),
                line(Purpose::Sharing, Act::Given, None),
            ],
            answers: [Answer::Accepted, Answer::Read, Answer::Refused].map(said).to_vec(),
            adult_at: samples::NOW,
            adult_text_version: "2026-11".to_owned(),
            connections: vec![account.clone()],
        };
        check::in_every_language(|frame| {
            let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
            let page = consents_page(&ConsentsPage { frame, consents: &consents, when: &when });
            for way in [format!("/connections/{}/disconnect", account.id), "/agreement".to_owned()] {
                assert!(page.0.contains(&format!("href=\"{way}\"")), "{way}");
            }
            assert_eq!(page.0.matches("/numbers/stop\"").count(), 1, "one press for what is on, none for what is off");
            assert!(!page.0.contains("type=\"checkbox\""), "no switch for what does not exist");
            page
        });
    }
}
