//! The page of labels as markup. Owns its order and words; nothing is read or written here.

use domain::board::LABEL_CHARS_MAX;
use domain::connection::Flavour;
use domain::id::LabelId;
use maud::{Markup, html};
use store::label::Label;

use super::LabelForm;
use super::part::chips;
use crate::locale::Locale;
use crate::ui::{
    Button, Choice, Frame, Kind, SelectField, TextField, app_page, button, empty_state, form_errors, page_head,
    select_field, text_field,
};

/// A form that was refused.
pub(super) struct RefusedLabel {
    /// Which label was to be changed; none for a new one.
    pub(super) of: Option<LabelId>,
    /// What was typed.
    pub(super) form: LabelForm,
    /// What is wrong and what to do.
    pub(super) why: String,
}

/// The page.
pub(super) struct LabelsPage<'a> {
    /// Around it.
    pub(super) frame: &'a Frame,
    /// All labels.
    pub(super) all: &'a [Label],
    /// What was not taken.
    pub(super) refused: Option<&'a RefusedLabel>,
}

fn flavour_word(l: Locale, flavour: Flavour) -> String {
    match flavour {
        Flavour::Cornflower => t!(l, "flavour-cornflower"),
        Flavour::Raspberry => t!(l, "flavour-raspberry"),
        Flavour::Honey => t!(l, "flavour-honey"),
        Flavour::Mint => t!(l, "flavour-mint"),
        Flavour::Blueberry => t!(l, "flavour-blueberry"),
        Flavour::Cocoa => t!(l, "flavour-cocoa"),
        Flavour::Pistachio => t!(l, "flavour-pistachio"),
        Flavour::Sea => t!(l, "flavour-sea"),
    }
}

/// The whole page.
#[must_use]
pub(super) fn labels_page(page: &LabelsPage<'_>) -> Markup {
    let l = page.frame.locale;
    let errors: Vec<(&str, String)> =
        page.refused.iter().map(|refused| ("refused-words", refused.why.clone())).collect();
    let content = html! {
        (page_head(&t!(l, "labels-title"), Some(&t!(l, "labels-lede")), None))
        (form_errors(l, &errors))
        div.stack.loose {
            section.card.stack aria-labelledby="label-new" {
                h2 id="label-new" { (t!(l, "labels-new")) }
                (form(l, None, page.refused.filter(|refused| refused.of.is_none())))
            }
            @if page.all.is_empty() {
                (empty_state(&t!(l, "labels-none"), &t!(l, "labels-none-more"), 2, None))
            } @else {
                section.card.stack aria-labelledby="labels-all" {
                    h2 id="labels-all" { (t!(l, "labels-all")) }
                    div.list { @for it in page.all { (item(l, it, page.refused.filter(|refused| refused.of == Some(it.id)))) } }
                }
            }
        }
    };
    app_page(page.frame, t!(l, "labels-title"), &content)
}

fn item(l: Locale, it: &Label, refused: Option<&RefusedLabel>) -> Markup {
    html! {
        div.item.plain {
            span.grow.stack.tight {
                (chips(l, std::slice::from_ref(it)))
                details.hint open[refused.is_some()] {
                    summary { (t!(l, "labels-change")) span.vh { ": " (it.words) } }
                    (form(l, Some(it), refused))
                }
            }
            details.hint {
                summary { (t!(l, "verb-delete")) span.vh { ": " (it.words) } }
                form.stack.tight method="post" action=(format!("/labels/{}/delete", it.id)) {
                    p.hint { (t!(l, "labels-delete-why")) }
                    div { button.btn.small type="submit" { (t!(l, "labels-delete-now")) span.vh { ": " (it.words) } } }
                }
            }
        }
    }
}

/// The fields of a new label, or of one that is there.
fn form(l: Locale, it: Option<&Label>, refused: Option<&RefusedLabel>) -> Markup {
    let action = it.map_or_else(|| "/labels".to_owned(), |it| format!("/labels/{}", it.id));
    let key = it.map_or_else(|| "new".to_owned(), |it| it.id.to_string());
    let words_id = if refused.is_some() { "refused-words".to_owned() } else { format!("words-{key}") };
    let words = refused.map(|refused| refused.form.words.as_str()).or(it.map(|it| it.words.as_str()));
    let kept = it.map(|it| it.flavour.as_str());
    let chosen = refused.map(|refused| refused.form.flavour.as_str()).or(kept).unwrap_or_default();
    let names = Flavour::ALL.map(|flavour| flavour_word(l, flavour));
    let by_itself = t!(l, "labels-colour-any");
    let mut choices = Vec::new();
    if it.is_none() {
        choices.push(Choice { value: "", label: &by_itself, ..Choice::default() });
    }
    choices.extend(Flavour::ALL.iter().zip(&names).map(|(flavour, name)| Choice {
        value: flavour.as_str(),
        label: name,
        ..Choice::default()
    }));
    let label = if it.is_some() { t!(l, "verb-save") } else { t!(l, "labels-add") };
    let kind = if it.is_some() { Kind::Plain } else { Kind::Primary };
    html! {
        form.stack.tight method="post" action=(action) {
            (text_field(&TextField {
                id: &words_id, name: "words", label: &t!(l, "labels-word"), value: words.unwrap_or_default(),
                hint: Some(&t!(l, "labels-word-hint", n = LABEL_CHARS_MAX)), error: refused.map(|refused| refused.why.as_str()),
                required: true, ..TextField::default()
            }))
            (select_field(&SelectField {
                id: &format!("flavour-{key}"), name: "flavour", label: &t!(l, "labels-colour"), choices: &choices, selected: Some(chosen), ..SelectField::default()
            }))
            div { (button(&Button { label: &label, small: it.is_some(), kind, ..Button::default() })) }
        }
    }
}
