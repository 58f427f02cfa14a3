//! The markup of kept texts. Owns their order and words; nothing is read or written here.

use domain::id::SnippetId;
use domain::post::CAPTION_MAX_UTF16;
use domain::snippet::{NAME_CHARS_MAX, SnippetKind};
use maud::{Markup, html};
use store::snippet::Snippet;

use super::SnippetForm;
use crate::locale::Locale;
use crate::ui::{
    Button, Choice, Frame, Kind, SelectField, TextArea, TextField, app_page, button, empty_state, form_errors,
    page_head, select_field, text_area, text_field,
};

/// A form that was refused.
pub(super) struct Refused {
    /// Which text was to be changed; none for a new one.
    pub(super) of: Option<SnippetId>,
    /// What was typed.
    pub(super) form: SnippetForm,
    /// What is wrong and what to do.
    pub(super) why: String,
    /// The name is at fault, not the text.
    pub(super) at_name: bool,
}

/// The page.
pub(super) struct SnippetsPage<'a> {
    /// Around it.
    pub(super) frame: &'a Frame,
    /// What is kept.
    pub(super) all: &'a [Snippet],
    /// What was not taken.
    pub(super) refused: Option<&'a Refused>,
}

fn kind_word(l: Locale, kind: SnippetKind) -> String {
    match kind {
        SnippetKind::Template => t!(l, "snippet-kind-template"),
        SnippetKind::Hashtags => t!(l, "snippet-kind-hashtags"),
    }
}

/// The whole page.
#[must_use]
pub(super) fn snippets_page(page: &SnippetsPage<'_>) -> Markup {
    let l = page.frame.locale;
    let errors: Vec<(&str, String)> = page
        .refused
        .iter()
        .map(|refused| (if refused.at_name { "refused-name" } else { "refused-words" }, refused.why.clone()))
        .collect();
    let content = html! {
        (page_head(&t!(l, "snippets-title"), Some(&t!(l, "snippets-lede")), None))
        (form_errors(l, &errors))
        div.stack.loose {
            section.card.stack aria-labelledby="snippet-new" {
                h2 id="snippet-new" { (t!(l, "snippets-new")) }
                (form(l, None, page.refused.filter(|refused| refused.of.is_none())))
            }
            @if page.all.is_empty() {
                (empty_state(&t!(l, "snippets-none"), &t!(l, "snippets-none-more"), 2, None))
            } @else {
                section.card.stack aria-labelledby="snippets-kept" {
                    h2 id="snippets-kept" { (t!(l, "snippets-kept")) }
                    div.list {
                        @for it in page.all { (item(l, it, page.refused.filter(|refused| refused.of == Some(it.id)))) }
                    }
                }
            }
        }
    };
    app_page(page.frame, t!(l, "snippets-title"), &content)
}

fn item(l: Locale, it: &Snippet, refused: Option<&Refused>) -> Markup {
    html! {
        div.item.plain.snippet {
            span.grow.stack.tight {
                span.row.tight { b.ttl { (it.name) } span.label { (kind_word(l, it.kind)) } }
                p.snippet-words { (it.words) }
                details.hint open[refused.is_some()] {
                    summary { (t!(l, "snippets-change")) span.vh { ": " (it.name) } }
                    (form(l, Some(it), refused))
                }
            }
            form method="post" action=(format!("/snippets/{}/delete", it.id)) {
                button.btn.small type="submit" { (t!(l, "verb-delete")) span.vh { ": " (it.name) } }
            }
        }
    }
}

/// The fields of a new text, or of one that is there.
fn form(l: Locale, it: Option<&Snippet>, refused: Option<&Refused>) -> Markup {
    let action = it.map_or_else(|| "/snippets".to_owned(), |it| format!("/snippets/{}", it.id));
    let (name_id, words_id) = match (refused, it) {
        (Some(_), _) => ("refused-name".to_owned(), "refused-words".to_owned()),
        (None, Some(it)) => (format!("name-{}", it.id), format!("words-{}", it.id)),
        (None, None) => ("name-new".to_owned(), "words-new".to_owned()),
    };
    let typed = |kept: fn(&Snippet) -> &str, typed: fn(&SnippetForm) -> &str| {
        refused.map(|refused| typed(&refused.form)).or(it.map(kept)).unwrap_or_default()
    };
    let kinds = SnippetKind::ALL.map(|kind| kind_word(l, kind));
    let choices: Vec<Choice<'_>> = SnippetKind::ALL
        .iter()
        .zip(&kinds)
        .map(|(kind, label)| Choice { value: kind.as_str(), label, ..Choice::default() })
        .collect();
    let chosen = refused.map_or(SnippetKind::Template.as_str(), |refused| refused.form.kind.as_str());
    let why = |at_name: bool| refused.filter(|refused| refused.at_name == at_name).map(|refused| refused.why.as_str());
    let label = if it.is_some() { t!(l, "verb-save") } else { t!(l, "snippets-keep") };
    html! {
        form.stack.tight method="post" action=(action) {
            @if it.is_none() {
                (select_field(&SelectField {
                    id: "snippet-kind", name: "kind", label: &t!(l, "snippet-kind"), choices: &choices, selected: Some(chosen), ..SelectField::default()
                }))
            }
            (text_field(&TextField {
                id: &name_id, name: "name", label: &t!(l, "snippet-name"), value: typed(|it| &it.name, |form| &form.name),
                hint: Some(&t!(l, "snippet-name-hint", n = NAME_CHARS_MAX)), error: why(true), required: true, ..TextField::default()
            }))
            (text_area(&TextArea {
                id: &words_id, name: "words", label: &t!(l, "snippet-words"), value: typed(|it| &it.words, |form| &form.words),
                limit_utf16: CAPTION_MAX_UTF16, rows: 3, hint: None, error: why(false),
            }))
            div { (button(&Button { label: &label, small: it.is_some(), kind: if it.is_some() { Kind::Plain } else { Kind::Primary }, ..Button::default() })) }
        }
    }
}

/// Kept texts beside a caption. Without a script they stand there to be copied; with one a press puts them in.
#[must_use]
pub fn offered(l: Locale, all: &[Snippet]) -> Markup {
    html! {
        details.snippets {
            summary { (t!(l, "snippets-title")) }
            @if all.is_empty() { p.hint { (t!(l, "snippets-none-more")) } }
            @if !all.is_empty() {
                ul.plain.stack.tight {
                    @for it in all {
                        li.row.tight {
                            button.btn.small type="button" hidden data-insert=(it.words) data-kind=(it.kind.as_str()) {
                                (t!(l, "snippets-insert")) span.vh { ": " (it.name) }
                            }
                            span.grow { b { (it.name) } span.snippet-words { (it.words) } }
                        }
                    }
                }
            }
            p.hint { a href="/snippets" { (t!(l, "snippets-manage")) } }
        }
    }
}
