//! Privacy policy and terms, rendered from the facts the program acts on. Owns the structure and the dates of the texts;
//! must not promise what no mechanism keeps.

use domain::connection::{SCOPE_BASIC, SCOPE_PUBLISH, SCOPE_UPLOAD};
use jiff::civil::{Date, date};
use maud::{Markup, html};

use crate::{
    locale::Locale,
    ui::{Frame, Head, public_page, text::with_link, when},
};

/// The version of both texts; raise it together with [`UPDATED`] when a sentence changes its meaning.
pub const VERSION: &str = "1.0";
/// The day the present version took effect.
pub const UPDATED: Date = date(2026, 11, 24);

/// What the texts say about this instance; all of it comes from configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalFacts {
    /// Who runs this server: a person or a company.
    pub operator: String,
    /// An e-mail or postal address; `None` is said openly (and refused in production by `doctor`).
    pub contact: Option<String>,
    /// Where the data is: `DE` or a name to print as it is.
    pub region: String,
    /// Days until everything is deleted after an account leaves.
    pub retention_days: u32,
}

impl LegalFacts {
    /// An example for tests.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            operator: "Example Media".to_owned(),
            contact: Some("privacy@example.org".to_owned()),
            region: "DE".to_owned(),
            retention_days: 30,
        }
    }

    fn region_words(&self, l: Locale) -> String {
        if self.region.eq_ignore_ascii_case("DE") || self.region.eq_ignore_ascii_case("Germany") {
            t!(l, "region-de")
        } else {
            self.region.clone()
        }
    }

    fn contact(&self, l: Locale) -> Markup {
        html! {
            @match &self.contact {
                Some(address) if is_email(address) => { p { a href=(format!("mailto:{address}")) { (address) } } }
                Some(address) => { p { (address) } }
                None => { p { (t!(l, "legal-contact-missing")) } }
            }
        }
    }
}

fn is_email(address: &str) -> bool {
    address.split_once('@').is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
        && !address.contains(char::is_whitespace)
}

fn dated(l: Locale) -> Markup {
    html! {
        p.muted { time datetime=(UPDATED) { (t!(l, "legal-updated", date = when::full_date(l, UPDATED), version = VERSION)) } }
    }
}

fn document(frame: &Frame, title: String, lead: &str, body: &Markup) -> Markup {
    let head = Head { title: title.clone(), description: Some(lead.to_owned()), script: None };
    public_page(
        frame,
        head,
        &html! {
            main.reading id="main" tabindex="-1" {
                article { h1 { (title) } p.lead { (lead) } (dated(frame.locale)) (body) }
            }
        },
    )
}

/// `/privacy`
#[must_use]
pub fn privacy(frame: &Frame, facts: &LegalFacts) -> Markup {
    let l = frame.locale;
    let days = facts.retention_days;
    let body = html! {
        h2 { (t!(l, "privacy-who")) }
        p { (t!(l, "privacy-who-text", operator = facts.operator.as_str())) }
        h2 { (t!(l, "privacy-collect")) }
        ul.dots {
            li { (t!(l, "privacy-collect-account")) }
            li { (t!(l, "privacy-collect-tokens")) }
            li { (t!(l, "privacy-collect-content")) }
            li { (t!(l, "privacy-collect-usage")) }
            li { (t!(l, "privacy-collect-device")) }
        }
        p { (t!(l, "privacy-cookies")) }
        h2 id="scopes" { (t!(l, "privacy-scopes")) }
        ul.dots {
            li { code { (SCOPE_BASIC) } " – " (t!(l, "privacy-scope-basic")) }
            li { code { (SCOPE_PUBLISH) } " – " (t!(l, "privacy-scope-publish")) }
            li { code { (SCOPE_UPLOAD) } " – " (t!(l, "privacy-scope-upload")) }
        }
        p { (t!(l, "privacy-scopes-never")) }
        h2 { (t!(l, "privacy-use")) }
        p { (t!(l, "privacy-use-text")) }
        h2 { (t!(l, "privacy-share")) }
        ul.dots {
            li { (t!(l, "privacy-share-tiktok")) }
            li { (t!(l, "privacy-share-law")) }
            li { (t!(l, "privacy-share-nobody")) }
        }
        h2 { (t!(l, "privacy-where")) }
        p { (t!(l, "privacy-where-text", region = facts.region_words(l))) }
        h2 { (t!(l, "privacy-long")) }
        ul.dots {
            li { (t!(l, "privacy-long-active")) }
            li { (t!(l, "privacy-long-disconnect", days = days)) }
            li { (t!(l, "privacy-long-revoke")) }
        }
        h2 { (t!(l, "privacy-rights")) }
        p { (t!(l, "privacy-rights-text")) }
        h2 { (t!(l, "privacy-age")) }
        p { (t!(l, "privacy-age-text")) }
        h2 { (t!(l, "privacy-changes")) }
        p { (t!(l, "privacy-changes-text")) }
        h2 id="contact" { (t!(l, "privacy-contact")) }
        (facts.contact(l))
    };
    document(frame, t!(l, "privacy-title"), &t!(l, "privacy-lead"), &body)
}

/// `/terms`
#[must_use]
pub fn terms(frame: &Frame, facts: &LegalFacts) -> Markup {
    let l = frame.locale;
    let body = html! {
        h2 { (t!(l, "terms-what")) }
        p { (t!(l, "terms-what-text")) }
        h2 { (t!(l, "terms-who")) }
        p { (t!(l, "terms-who-text")) }
        h2 { (t!(l, "terms-yours")) }
        p { (t!(l, "terms-yours-text")) }
        h2 { (t!(l, "terms-rules")) }
        ul.dots {
            li { (t!(l, "terms-rules-original")) }
            li { (with_link(&t!(l, "terms-rules-tiktok"), "https://www.tiktok.com/legal/")) }
            li { (t!(l, "terms-rules-disclose")) }
            li { (t!(l, "terms-rules-fair")) }
        }
        h2 { (t!(l, "terms-promise")) }
        ul.dots {
            li { (t!(l, "terms-promise-consent")) }
            li { (t!(l, "terms-promise-once")) }
            li { (t!(l, "terms-promise-honest")) }
        }
        h2 { (t!(l, "terms-limits")) }
        p { (t!(l, "terms-limits-text")) }
        h2 { (t!(l, "terms-end")) }
        p { (t!(l, "terms-end-text")) }
        h2 { (t!(l, "terms-changes")) }
        p { (t!(l, "terms-changes-text")) }
        h2 id="contact" { (t!(l, "terms-contact")) }
        (facts.contact(l))
    };
    document(frame, t!(l, "terms-title"), &t!(l, "terms-lead"), &body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{pages::check, ui::Theme};

    #[test]
    fn both_texts_render_in_every_language() {
        check::in_every_language(|frame| privacy(frame, &LegalFacts::sample()));
        check::in_every_language(|frame| terms(frame, &LegalFacts::sample()));
    }

    #[test]
    fn the_policy_names_exactly_what_the_program_asks_for_and_where_it_keeps_it() {
        let frame = Frame::public(Locale::En, Theme::System, "/privacy");
        let html = privacy(&frame, &LegalFacts { retention_days: 21, ..LegalFacts::sample() }).0;
        for fact in [
            SCOPE_BASIC,
            SCOPE_PUBLISH,
            SCOPE_UPLOAD,
            "servers in Germany",
            "within 21 days",
            "mailto:privacy@example.org",
            "24 November 2026",
        ] {
            assert!(html.contains(fact), "{fact}");
        }
        assert!(!html.contains("video.list"), "a scope the program does not ask for");
        let elsewhere =
            privacy(&frame, &LegalFacts { region: "Finland".into(), contact: None, ..LegalFacts::sample() }).0;
        assert!(elsewhere.contains("servers in Finland") && elsewhere.contains("has not set a contact"));
    }

    /// The texts of the version that [`VERSION`] and [`UPDATED`] date, as a hash of both pages in both languages.
    const TEXT_HASH: &str = "016dad15cb5a25e1";

    #[test]
    fn pp_9_2_a_changed_text_needs_a_new_date() {
        let mut text = String::new();
        for l in Locale::ALL {
            let frame = Frame::public(l, Theme::System, "/");
            for page in [privacy(&frame, &LegalFacts::sample()), terms(&frame, &LegalFacts::sample())] {
                let article = page.0.split("<article>").nth(1).and_then(|rest| rest.split("</article>").next());
                text.push_str(article.unwrap_or_default());
            }
        }
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
        let hex: String = hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(
            hex, TEXT_HASH,
            "the legal texts changed: raise VERSION and UPDATED, then put this hash into TEXT_HASH"
        );
    }

    #[test]
    fn russian_days_agree_with_their_number() {
        let frame = Frame::public(Locale::Ru, Theme::System, "/privacy");
        let said = |days| privacy(&frame, &LegalFacts { retention_days: days, ..LegalFacts::sample() }).0;
        assert!(said(30).contains("в течение 30 дней") && said(21).contains("в течение 21 дня"));
    }
}
