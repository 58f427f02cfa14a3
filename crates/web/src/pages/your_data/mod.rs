//! "Your data": what is held about the reader, why, from where, for how long and who else receives it. Owns its routes and looks; the
//! facts are those of `datamap.toml`, by which the program is built.

pub mod consents;
pub mod correct;
pub mod export;

use app::your_data::{HELD_TOLD, HeldByLaw};
use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::privacy::retention::{Class, DATA_MAP, KeyOf, Retention};
use maud::{Markup, html};
use store::held::Held;

use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, Frame, Nav, When, app_page, link_button, page_head};

/// The page of what is held.
pub struct YourDataPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What is held, by class.
    pub held: &'a [Held],
    /// Legal duties that keep something now.
    pub by_law: &'a [HeldByLaw],
    /// The reader's clock and zone.
    pub when: &'a When,
    /// Taking it along.
    pub export: &'a Markup,
}

/// The page of what is held.
#[must_use]
pub fn your_data_page(page: &YourDataPage<'_>) -> Markup {
    let l = page.frame.locale;
    let content = html! {
        (page_head(&t!(l, "data-title"), Some(&t!(l, "data-lede")), None))
        div.stack.loose {
            @if !page.by_law.is_empty() { (by_law(page)) }
            (page.export)
            @for held in page.held { (one(l, *held)) }
            section.card.stack aria-labelledby="data-withheld" {
                h2 id="data-withheld" { (t!(l, "data-withheld")) }
                p.sub { (t!(l, "data-withheld-more")) }
            }
            (ways(l))
            section.card.row {
                (link_button("/your-data.json", &Button { label: &t!(l, "data-json"), ..Button::default() }))
                (link_button("/settings/leave", &Button { label: &t!(l, "leave-verb"), ..Button::default() }))
            }
        }
    };
    app_page(page.frame, t!(l, "data-title"), &content)
}

/// What the law keeps: what, since when, until when, and in general words why.
fn by_law(page: &YourDataPage<'_>) -> Markup {
    let (l, when) = (page.frame.locale, page.when);
    html! {
        section.card.stack aria-labelledby="data-by-law" {
            h2 id="data-by-law" { (t!(l, "data-by-law")) }
            p { (t!(l, "data-by-law-more")) }
            @for hold in page.by_law {
                dl.facts {
                    dt { (t!(l, "data-by-law-what")) }
                    dd {
                        @match &hold.account {
                            None => { (t!(l, "data-by-law-person")) }
                            Some(name) => { (t!(l, "data-by-law-account", name = name.as_str())) }
                        }
                    }
                    dt { (t!(l, "data-by-law-since")) } dd { (when.moment_element(hold.since)) }
                    dt { (t!(l, "data-by-law-until")) } dd { (when.moment_element(hold.until)) }
                }
            }
            div { (link_button("/help", &Button { label: &t!(l, "help-write"), small: true, ..Button::default() })) }
        }
    }
}

/// What the reader may do about it.
fn ways(l: Locale) -> Markup {
    html! {
        section.card.stack aria-labelledby="data-ways" {
            h2 id="data-ways" { (t!(l, "data-ways")) }
            div.row {
                (link_button("/your-data/correct", &Button { label: &t!(l, "correct-title"), ..Button::default() }))
                (link_button("/your-data/consents", &Button { label: &t!(l, "consents-title"), ..Button::default() }))
                (link_button("/your-data/receipts", &Button { label: &t!(l, "receipts-title"), ..Button::default() }))
                (link_button("/help", &Button { label: &t!(l, "help-write"), ..Button::default() }))
            }
        }
    }
}

/// The key of a class in the locale files.
fn key(class: Class) -> String {
    class.facts().map_or_else(String::new, |facts| facts.name.replace('_', "-"))
}

fn words(l: Locale, id: &str) -> String {
    l.message(id, []).unwrap_or_default()
}

/// Where the reader sees the things themselves.
const fn seen_at(class: Class) -> Option<&'static str> {
    match class {
        Class::Person | Class::Sessions => Some("/settings"),
        Class::ConnectionProfile | Class::Tokens | Class::Ticket => Some("/connections"),
        Class::Media => Some("/library"),
        Class::Posts | Class::Consents => Some("/queue"),
        Class::Attempts => Some("/history"),
        Class::Metrics => Some("/analytics"),
        Class::Support => Some("/help"),
        Class::Notices => Some("/notices"),
        Class::Erasure => Some("/your-data/receipts"),
        Class::Keys
        | Class::Audit
        | Class::Requests
        | Class::Hold
        | Class::Exports
        | Class::Operators
        | Class::Instance => None,
    }
}

fn clauses(class: Class) -> Vec<&'static str> {
    let mut ids: Vec<_> = DATA_MAP.iter().filter(|data| data.class == class).map(|data| data.clause.0).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// Under whose keys something of a class is sealed.
fn sealed(class: Class) -> Vec<KeyOf> {
    let mut keys: Vec<_> = DATA_MAP.iter().filter(|data| data.class == class).filter_map(|data| data.sealed).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

fn one(l: Locale, held: Held) -> Markup {
    let key = key(held.class);
    let Retention { active_days, after_erasure_days } = held.class.retention();
    html! {
        section.card.stack aria-labelledby=(format!("data-{key}")) {
            div.card-head {
                h2 id=(format!("data-{key}")) { (words(l, &format!("held-{key}"))) }
                span.sub {
                    @if held.count > HELD_TOLD { (t!(l, "data-count-many")) } @else { (t!(l, "data-count", n = held.count)) }
                }
            }
            dl.facts {
                dt { (t!(l, "data-why")) } dd { (words(l, &format!("data-why-{key}"))) }
                dt { (t!(l, "data-from")) } dd { (words(l, &format!("data-from-{key}"))) }
                dt { (t!(l, "data-to")) } dd { (words(l, &format!("data-to-{key}"))) }
                dt { (t!(l, "data-kept")) }
                dd {
                    @match active_days {
                        None => { (t!(l, "data-kept-life")) }
                        Some(days) => { (t!(l, "data-kept-days", n = days)) }
                    }
                    "; "
                    @if after_erasure_days == 0 { (t!(l, "data-gone-at-once")) } @else { (t!(l, "data-gone-days", n = after_erasure_days)) }
                }
                @if !sealed(held.class).is_empty() {
                    dt { (t!(l, "data-sealed")) }
                    dd {
                        @for (n, key) in sealed(held.class).into_iter().enumerate() {
                            @if n > 0 { "; " }
                            @match key {
                                KeyOf::Person => { (t!(l, "data-sealed-person")) }
                                KeyOf::Connection => { (t!(l, "data-sealed-connection")) }
                            }
                        }
                    }
                }
                dt { (t!(l, "data-clauses")) }
                dd { @for (n, id) in clauses(held.class).into_iter().enumerate() { @if n > 0 { ", " } a href=(format!("/privacy#{id}")) { (id) } } }
            }
            @if let Some(href) = seen_at(held.class) { div { (link_button(href, &Button { label: &t!(l, "data-see"), small: true, ..Button::default() })) } }
        }
    }
}

/// `GET /your-data`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    let held = state.app.your_data_told(&me.actor).await?;
    let by_law = state.app.held_by_law(&me.actor).await?;
    let frame = me.frame(Nav::Settings, "/your-data");
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    let export = export::section(&state, &me).await?;
    let page = YourDataPage { frame: &frame, held: &held, by_law: &by_law, when: &when, export: &export };
    Ok(your_data_page(&page).into_response())
}

/// `GET /your-data.json`: the same for programs, with every column that stands behind a class.
///
/// # Errors
/// When the database does not answer.
pub async fn file(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    let held = state.app.your_data(&me.actor).await?;
    let classes: Vec<_> = held
        .iter()
        .filter_map(|held| {
            let facts = held.class.facts()?;
            let columns: Vec<_> = DATA_MAP
                .iter()
                .filter(|data| data.class == held.class)
                .map(|data| {
                    serde_json::json!({
                        "name": format!("{}.{}", data.table, data.column),
                        "clause": data.clause.0,
                        "exported": data.exported,
                        "sealed": data.sealed.map(KeyOf::as_str),
                    })
                })
                .collect();
            Some(serde_json::json!({
                "class": facts.name,
                "what": facts.what,
                "ground": facts.ground,
                "source": facts.source,
                "recipients": facts.recipients,
                "kept_days": facts.retention.active_days,
                "gone_days_after_erasure": facts.retention.after_erasure_days,
                "count": held.count,
                "columns": columns,
            }))
        })
        .collect();
    let when = When::new(Locale::En, "UTC", state.app.now());
    let by_law = state.app.held_by_law(&me.actor).await?;
    let by_law: Vec<_> = by_law
        .iter()
        .map(|hold| {
            serde_json::json!({
                "account": hold.account,
                "since": when.iso(hold.since),
                "until": when.iso(hold.until),
            })
        })
        .collect();
    Ok(Json(serde_json::json!({ "classes": classes, "held_by_law": by_law })).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::check;
    use crate::pages::samples::NOW;
    use domain::privacy::retention::CLASSES;

    /// Classes that are counted for nobody.
    const NOT_THEIRS: [Class; 4] = [Class::Instance, Class::Hold, Class::Requests, Class::Operators];

    #[test]
    fn pp_7_1_every_class_has_its_words_in_every_language() {
        for l in Locale::ALL {
            for facts in CLASSES.iter().filter(|facts| !NOT_THEIRS.contains(&facts.class)) {
                for part in ["held", "data-why", "data-from", "data-to"] {
                    let id = format!("{part}-{}", key(facts.class));
                    assert!(l.message(&id, []).is_some(), "{id} in {}", l.tag());
                }
            }
        }
    }

    #[test]
    fn pp_7_1_the_page_renders_in_every_language() {
        let held: Vec<_> = CLASSES
            .iter()
            .filter(|facts| facts.class != Class::Operators)
            .map(|facts| Held { class: facts.class, count: 3 })
            .collect();
        let hold = |account: Option<&str>| HeldByLaw {
            account: account.map(str::to_owned),
            since: NOW,
            until: NOW.plus_seconds(60 * 86_400),
        };
        let by_law = [hold(None), hold(Some("Mila <3"))];
        check::in_every_language(|frame| {
            let when = When::new(frame.locale, "Europe/Berlin", NOW);
            your_data_page(&YourDataPage { frame, held: &held, by_law: &by_law, when: &when, export: &html! {} })
        });
    }
}
