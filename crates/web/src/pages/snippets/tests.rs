//! The page of kept texts from samples, in both languages.

use domain::snippet::SnippetKind;
use store::snippet::Snippet;

use super::SnippetForm;
use super::view::{Refused, SnippetsPage, offered, snippets_page};
use crate::locale::Locale;
use crate::pages::{check, samples};

fn kept(n: u8, kind: SnippetKind, name: &str, words: &str) -> Snippet {
    let of = samples::connection();
    Snippet {
        id: format!("00000000-0000-0000-0000-0000000003{n:02}").parse().unwrap(),
        workspace_id: of.workspace_id,
        person_id: of.workspace_id.to_string().parse().unwrap(),
        kind,
        name: name.to_owned(),
        words: words.to_owned(),
        at: samples::NOW,
    }
}

fn all() -> Vec<Snippet> {
    vec![
        kept(1, SnippetKind::Template, "Hello <all>", "Good morning,\nmilk & honey"),
        kept(2, SnippetKind::Hashtags, "Утро", "#milk #утро"),
    ]
}

#[test]
fn texts_are_listed_and_can_be_changed_and_nothing_of_them_is_markup() {
    let all = all();
    check::in_every_language(|frame| {
        let html = snippets_page(&SnippetsPage { frame, all: &all, refused: None });
        assert!(
            html.0.contains("Hello &lt;all&gt;") && html.0.contains("milk &amp; honey") && html.0.contains("#утро")
        );
        html
    });
    check::in_every_language(|frame| snippets_page(&SnippetsPage { frame, all: &[], refused: None }));
}

#[test]
fn what_was_refused_still_stands_in_its_fields_with_the_reason() {
    let all = all();
    for (of, at_name) in [(None, true), (Some(all[1].id), false)] {
        let form = SnippetForm { kind: "hashtags".to_owned(), name: "Typed".to_owned(), words: "#typed".to_owned() };
        let refused = Refused { of, form, why: "Something is wrong.".to_owned(), at_name };
        check::in_every_language(|frame| {
            let html = snippets_page(&SnippetsPage { frame, all: &all, refused: Some(&refused) });
            assert!(html.0.contains("value=\"Typed\"") && html.0.contains("#typed</textarea>"));
            assert!(html.0.contains("Something is wrong.") && html.0.contains("aria-invalid=\"true\""));
            html
        });
    }
}

#[test]
fn beside_a_caption_they_can_be_read_without_a_script() {
    for l in Locale::ALL {
        let html = offered(l, &all()).into_string();
        assert!(html.contains("data-insert=\"#milk #утро\"") && html.contains("hidden"));
        assert!(html.contains("<span class=\"snippet-words\">#milk #утро</span>"));
        assert!(offered(l, &[]).into_string().contains("href=\"/snippets\""));
    }
}
