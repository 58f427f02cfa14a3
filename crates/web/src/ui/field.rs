//! Form fields: label, control, hint and error wired together for keyboard and screen readers. Must not validate anything.

use maud::{Markup, html};

use super::icon::{Icon, icon};
use crate::locale::Locale;

/// A one-line input.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextField<'a> {
    /// Element id; error and hint derive theirs from it.
    pub id: &'a str,
    /// Form name.
    pub name: &'a str,
    /// The visible label.
    pub label: &'a str,
    /// What it holds now.
    pub value: &'a str,
    /// `text` when empty; `date`, `time`, `datetime-local`, `email`, `search` …
    pub kind: &'a str,
    /// A remark below.
    pub hint: Option<&'a str>,
    /// What is wrong, why, and what to do; marks the field invalid.
    pub error: Option<&'a str>,
    /// Must be filled.
    pub required: bool,
    /// `autocomplete` token.
    pub autocomplete: Option<&'a str>,
    /// `min` of dates and times.
    pub min: Option<&'a str>,
    /// `list` of suggestions.
    pub list: Option<&'a str>,
}

/// A labelled one-line input.
#[must_use]
pub fn text_field(f: &TextField<'_>) -> Markup {
    let described = described_by(f.id, f.hint, f.error, None);
    html! {
        div.field {
            label for=(f.id) { (f.label) }
            input id=(f.id) name=(f.name) type=(if f.kind.is_empty() { "text" } else { f.kind }) value=(f.value)
                required[f.required] autocomplete=[f.autocomplete] min=[f.min] list=[f.list]
                aria-invalid=[f.error.map(|_| "true")] aria-describedby=[described];
            (below(f.id, f.hint, f.error))
        }
    }
}

/// A text of several lines with a live count.
#[derive(Debug, Clone, Copy, Default)]
pub struct TextArea<'a> {
    /// Element id.
    pub id: &'a str,
    /// Form name.
    pub name: &'a str,
    /// The visible label.
    pub label: &'a str,
    /// What it holds now.
    pub value: &'a str,
    /// The most it may hold, UTF-16 code units; 0 shows no count.
    pub limit_utf16: usize,
    /// Visible lines.
    pub rows: u8,
    /// A remark below.
    pub hint: Option<&'a str>,
    /// What is wrong; marks the field invalid.
    pub error: Option<&'a str>,
}

/// A labelled text area. Typing past the limit is allowed and shown; the server refuses it with words.
#[must_use]
pub fn text_area(f: &TextArea<'_>) -> Markup {
    let counter = (f.limit_utf16 > 0).then(|| format!("{}-count", f.id));
    let length = f.value.encode_utf16().count();
    html! {
        div.field {
            label for=(f.id) { (f.label) }
            textarea id=(f.id) name=(f.name) rows=(if f.rows == 0 { 3 } else { f.rows }) data-counter=[counter.as_deref()]
                data-limit=[counter.as_ref().map(|_| f.limit_utf16)]
                aria-invalid=[f.error.map(|_| "true")]
                aria-describedby=[described_by(f.id, f.hint, f.error, counter.as_deref())] {
                // a parser drops the first line break of a text area
                @if f.value.starts_with('\n') { "\n" }
                (f.value)
            }
            div.field-foot {
                (below(f.id, f.hint, f.error))
                @if let Some(counter) = &counter {
                    span id=(counter) class=(if length > f.limit_utf16 { "counter over" } else { "counter" }) {
                        (length) " / " (f.limit_utf16)
                    }
                }
            }
        }
    }
}

/// One entry of a list.
#[derive(Debug, Clone, Copy, Default)]
pub struct Choice<'a> {
    /// Form value.
    pub value: &'a str,
    /// The words.
    pub label: &'a str,
    /// A remark after the words; for a disabled entry, the reason.
    pub note: Option<&'a str>,
    /// Cannot be picked.
    pub disabled: bool,
}

/// A list of which one is picked.
#[derive(Debug, Clone, Copy, Default)]
pub struct SelectField<'a> {
    /// Element id.
    pub id: &'a str,
    /// Form name.
    pub name: &'a str,
    /// The visible label.
    pub label: &'a str,
    /// The entries, in order.
    pub choices: &'a [Choice<'a>],
    /// The value picked; `None` or an unknown one leaves the list open.
    pub selected: Option<&'a str>,
    /// The words of an open list, as an entry that cannot be picked again. Without it the first entry is picked by browsers.
    pub placeholder: Option<&'a str>,
    /// A remark below.
    pub hint: Option<&'a str>,
    /// What is wrong; marks the field invalid.
    pub error: Option<&'a str>,
}

/// A labelled native list. With a placeholder nothing is picked until a person picks.
#[must_use]
pub fn select_field(f: &SelectField<'_>) -> Markup {
    let known = f.choices.iter().any(|c| Some(c.value) == f.selected);
    html! {
        div.field {
            label for=(f.id) { (f.label) }
            select id=(f.id) name=(f.name) required[f.placeholder.is_some()]
                aria-invalid=[f.error.map(|_| "true")] aria-describedby=[described_by(f.id, f.hint, f.error, None)] {
                @if let Some(placeholder) = f.placeholder {
                    option value="" selected[!known] disabled { (placeholder) }
                }
                @for choice in f.choices {
                    option value=(choice.value) selected[Some(choice.value) == f.selected] disabled[choice.disabled] {
                        (choice.label) @if let Some(note) = choice.note { " · " (note) }
                    }
                }
            }
            (below(f.id, f.hint, f.error))
        }
    }
}

/// A list whose entries may be explained and refused: radio buttons that unfold under their label. Unlike native entries,
/// these can carry a hover text and a note that a screen reader reads. Works without a script.
///
/// At most six entries (the style sheet shows the picked one by its place). Nothing is picked unless `selected` says so.
#[must_use]
pub fn listbox(f: &SelectField<'_>) -> Markup {
    html! {
        fieldset.field id=(f.id) aria-describedby=[described_by(f.id, f.hint, f.error, None)] {
            legend.label { (f.label) }
            details.listbox name="listbox" {
                summary.input aria-invalid=[f.error.map(|_| "true")] {
                    span.unset { (f.placeholder.unwrap_or("…")) }
                    @for choice in f.choices.iter().take(LISTBOX_MAX) { span.pick { (choice.label) } }
                    (icon(Icon::Down))
                }
                div.listbox-pop {
                    @for (index, choice) in f.choices.iter().take(LISTBOX_MAX).enumerate() {
                        @let id = format!("{}-{index}", f.id);
                        @let note_id = choice.note.map(|_| format!("{id}-note"));
                        label.option for=(id) title=[choice.note.filter(|_| choice.disabled)] {
                            input id=(id) type="radio" name=(f.name) value=(choice.value) required[f.placeholder.is_some()]
                                checked[Some(choice.value) == f.selected] disabled[choice.disabled] aria-describedby=[note_id.as_deref()];
                            span { (choice.label) }
                            @if let Some(note) = choice.note { small id=[note_id.as_deref()] { (note) } }
                        }
                    }
                }
            }
            (below(f.id, f.hint, f.error))
        }
    }
}

/// Entries a [`listbox`] can show.
pub const LISTBOX_MAX: usize = 6;

/// A box to tick, or a switch.
#[derive(Debug, Clone, Copy, Default)]
pub struct Checkbox<'a> {
    /// Element id.
    pub id: &'a str,
    /// Form name.
    pub name: &'a str,
    /// Form value; `on` when empty.
    pub value: &'a str,
    /// The words.
    pub label: &'a str,
    /// A remark below; for a disabled box, the reason.
    pub note: Option<&'a str>,
    /// Ticked now.
    pub checked: bool,
    /// Cannot be changed.
    pub disabled: bool,
    /// Must be ticked.
    pub required: bool,
    /// A radio button instead of a box.
    pub radio: bool,
}

/// A box (or radio button) with its words; the whole row is the target.
#[must_use]
pub fn checkbox(f: &Checkbox<'_>) -> Markup {
    tickable(f, "check", false)
}

/// A switch: the same form value as a box, for something that is on or off.
#[must_use]
pub fn switch(f: &Checkbox<'_>) -> Markup {
    tickable(f, "switch", true)
}

fn tickable(f: &Checkbox<'_>, class: &str, is_switch: bool) -> Markup {
    let note_id = f.note.map(|_| format!("{}-note", f.id));
    html! {
        label class=(class) for=(f.id) {
            input id=(f.id) name=(f.name) type=(if f.radio { "radio" } else { "checkbox" })
                value=(if f.value.is_empty() { "on" } else { f.value }) role=[is_switch.then_some("switch")]
                checked[f.checked] disabled[f.disabled] required[f.required] aria-describedby=[note_id.as_deref()];
            span { @if is_switch { b { (f.label) } } @else { (f.label) } }
            @if let Some(note) = f.note { small id=[note_id.as_deref()] { (note) } }
        }
    }
}

/// A summary of what is wrong with a form, to stand above it; each entry leads to its field.
#[must_use]
pub fn form_errors(l: Locale, errors: &[(&str, String)]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.banner.bad role="alert" {
                (icon(Icon::Alert))
                div.grow {
                    b { (t!(l, "form-has-errors", n = errors.len())) }
                    ul { @for (id, text) in errors { li { a href=(format!("#{id}")) { (text) } } } }
                }
            }
        }
    }
}

fn described_by(id: &str, hint: Option<&str>, error: Option<&str>, counter: Option<&str>) -> Option<String> {
    let parts: Vec<String> =
        [error.map(|_| format!("{id}-error")), hint.map(|_| format!("{id}-hint")), counter.map(str::to_owned)]
            .into_iter()
            .flatten()
            .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// What is wrong with a field, below it; the field says `aria-describedby` with `-error` behind its id.
#[must_use]
pub fn field_error(id: &str, error: &str) -> Markup {
    html! { span.error id=(format!("{id}-error")) { (icon(Icon::Alert)) span { (error) } } }
}

fn below(id: &str, hint: Option<&str>, error: Option<&str>) -> Markup {
    html! {
        @if let Some(error) = error { (field_error(id, error)) }
        @if let Some(hint) = hint { span.hint id=(format!("{id}-hint")) { (hint) } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_open_list_has_nothing_picked() {
        let choices = [Choice { value: "PUBLIC", label: "Everyone", ..Default::default() }];
        let html = select_field(&SelectField {
            id: "p",
            name: "p",
            label: "Who",
            choices: &choices,
            placeholder: Some("Choose"),
            ..Default::default()
        })
        .0;
        assert!(html.contains("<option value=\"\" selected disabled>Choose"), "{html}");
        assert_eq!(html.matches(" selected").count(), 1);
    }

    #[test]
    fn the_count_is_in_utf16_units() {
        let html = text_area(&TextArea {
            id: "c",
            name: "c",
            label: "Caption",
            value: "🥛да",
            limit_utf16: 3,
            ..Default::default()
        })
        .0;
        assert!(html.contains("counter over") && html.contains("4 / 3"), "{html}");
    }

    #[test]
    fn a_wrong_field_names_its_error() {
        let html = text_field(&TextField {
            id: "t",
            name: "t",
            label: "Time",
            error: Some("No such time."),
            hint: Some("24 h"),
            ..Default::default()
        })
        .0;
        assert!(
            html.contains("aria-describedby=\"t-error t-hint\"") && html.contains("aria-invalid=\"true\""),
            "{html}"
        );
    }
}
