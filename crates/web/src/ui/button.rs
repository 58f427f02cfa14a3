//! Buttons and links that look like them. One primary per view; a disabled button keeps its focus and says why beside it.

use maud::{Markup, html};

use super::icon::{Icon, icon};

/// How loud a button is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kind {
    /// The one thing to do on this page.
    Primary,
    /// An ordinary action.
    #[default]
    Plain,
    /// Deletes or stops something.
    Danger,
    /// Present but quiet.
    Ghost,
}

/// A button. `Button { label: "Save", ..Default::default() }` submits its form.
#[derive(Debug, Clone, Copy, Default)]
pub struct Button<'a> {
    /// The words; with `icon_only` they are read, not shown.
    pub label: &'a str,
    /// Loudness.
    pub kind: Kind,
    /// A drawing before the words.
    pub icon: Option<Icon>,
    /// Shows the drawing alone.
    pub icon_only: bool,
    /// 36 px high, for dense rows only.
    pub small: bool,
    /// 56 px high, for the landing page.
    pub big: bool,
    /// `name` and `value` sent with the form.
    pub sends: Option<(&'a str, &'a str)>,
    /// The address this button submits to instead of the form's own.
    pub form_action: Option<&'a str>,
    /// The id of the form, when the button stands outside it.
    pub form: Option<&'a str>,
    /// The id of the dialog this opens.
    pub opens: Option<&'a str>,
    /// The id of the element that says why this cannot be pressed now; its presence disables the button.
    pub disabled_by: Option<&'a str>,
    /// Does not submit: `type="button"`.
    pub inert: bool,
}

impl Button<'_> {
    fn class(&self) -> String {
        let kind = match self.kind {
            Kind::Primary => " primary",
            Kind::Plain => "",
            Kind::Danger => " danger",
            Kind::Ghost => " ghost",
        };
        let size = match (self.small, self.big) {
            (true, _) => " small",
            (false, true) => " big",
            (false, false) => "",
        };
        format!("btn{kind}{size}{}", if self.icon_only { " icon" } else { "" })
    }

    fn inside(&self) -> Markup {
        html! {
            @if let Some(symbol) = self.icon { (icon(symbol)) }
            @if !self.icon_only { span { (self.label) } }
        }
    }
}

/// Draws a `<button>`.
#[must_use]
pub fn button(b: &Button<'_>) -> Markup {
    html! {
        button class=(b.class()) type=(if b.inert || b.opens.is_some() { "button" } else { "submit" })
            name=[b.sends.map(|(name, _)| name)] value=[b.sends.map(|(_, value)| value)]
            formaction=[b.form_action] form=[b.form] data-opens=[b.opens]
            aria-label=[b.icon_only.then_some(b.label)] title=[b.icon_only.then_some(b.label)]
            aria-disabled=[b.disabled_by.map(|_| "true")] aria-describedby=[b.disabled_by] { (b.inside()) }
    }
}

/// Draws a link that looks like a button.
#[must_use]
pub fn link_button(href: &str, b: &Button<'_>) -> Markup {
    html! {
        a class=(b.class()) href=(href) data-opens=[b.opens]
            aria-label=[b.icon_only.then_some(b.label)] title=[b.icon_only.then_some(b.label)] { (b.inside()) }
    }
}
