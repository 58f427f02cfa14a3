//! Labels on other pages: as chips, as the form that gives them, as a filter. Owns their looks; what is filtered belongs to the page.

use app::labels::Labelling;
use domain::board::POST_LABELS_MAX;
use domain::id::LabelId;
use maud::{Markup, html};
use store::label::Label;

use crate::locale::Locale;
use crate::ui::{Button, Icon, button, field_error, icon};

/// Labels as they stand on a card. The colour never stands alone.
#[must_use]
pub fn chips(l: Locale, labels: &[Label]) -> Markup {
    html! {
        @if !labels.is_empty() {
            span.lbls { span.vh { (t!(l, "labels-title")) ": " } @for label in labels { (chip(label)) " " } }
        }
    }
}

fn chip(label: &Label) -> Markup {
    html! { span.lbl data-flavour=(label.flavour.as_str()) { (label.words) } }
}

/// The form that gives labels.
#[derive(Debug, Clone, Copy)]
pub struct Giving<'a> {
    /// Tells this form's ids from those of others on the page.
    pub key: &'a str,
    /// Where it is sent.
    pub action: &'a str,
    /// The page that comes after it.
    pub next: &'a str,
    /// All labels there are.
    pub all: &'a [Label],
    /// Those that are borne now.
    pub borne: &'a [Label],
    /// What was ticked and typed, and why it was not taken.
    pub refused: Option<(&'a Labelling, &'a str)>,
}

/// A box for each label there is, and a field for a new one.
#[must_use]
pub fn form(l: Locale, it: &Giving<'_>) -> Markup {
    let Giving { key, action, next, all, borne, refused } = *it;
    let (new, hint) = (format!("{key}-label-new"), format!("{key}-label-new-hint"));
    let is_ticked = |label: &Label| match refused {
        Some((typed, _)) => typed.chosen.contains(&label.id),
        None => borne.iter().any(|it| it.id == label.id),
    };
    let typed = refused.map_or("", |(typed, _)| typed.new.as_str());
    let described = if refused.is_some() { format!("{new}-error {hint}") } else { hint.clone() };
    html! {
        form.stack.tight.labelling method="post" action=(action) {
            input type="hidden" name="next" value=(next);
            @if !all.is_empty() {
                fieldset {
                    legend.vh { (t!(l, "labels-title")) }
                    div.lbl-boxes {
                        @for label in all {
                            @let id = format!("{key}-label-{}", label.id);
                            label.lbl-box for=(id) data-flavour=(label.flavour.as_str()) {
                                input id=(id) type="checkbox" name="label" value=(label.id) checked[is_ticked(label)];
                                span { (label.words) }
                            }
                        }
                    }
                }
            }
            div.field {
                label for=(new) { (t!(l, "labels-new")) }
                input id=(new) name="new" type="text" value=(typed) autocomplete="off" aria-invalid=[refused.map(|_| "true")] aria-describedby=(described);
                @if let Some((_, why)) = refused { (field_error(&new, why)) }
                span.hint id=(hint) { (t!(l, "labels-new-hint", n = POST_LABELS_MAX)) " " a href="/labels" { (t!(l, "labels-manage")) } }
            }
            div { (button(&Button { label: &t!(l, "labels-save"), small: true, ..Button::default() })) }
        }
    }
}

/// The choice of one label to see alone; `address` gives where a choice leads.
#[must_use]
pub fn filter(
    l: Locale,
    all: &[Label],
    chosen: Option<LabelId>,
    address: impl Fn(Option<LabelId>) -> String,
) -> Markup {
    let word = all.iter().find(|label| Some(label.id) == chosen).map(|label| label.words.clone());
    html! {
        @if !all.is_empty() {
            details.cal-states open[chosen.is_some()] {
                summary { (icon(Icon::Tag)) (t!(l, "labels-label")) ": " (word.unwrap_or_else(|| t!(l, "labels-any"))) }
                nav.row.tight aria-label=(t!(l, "labels-title")) {
                    a.acc-chip href=(address(None)) aria-current=[chosen.is_none().then_some("true")] { (t!(l, "labels-any")) }
                    @for label in all {
                        a.acc-chip data-flavour=(label.flavour.as_str()) href=(address(Some(label.id)))
                            aria-current=[(Some(label.id) == chosen).then_some("true")] { (label.words) }
                    }
                    a href="/labels" { (t!(l, "labels-manage")) }
                }
            }
        }
    }
}
