//! How somebody is told that a week's report is there: the part of the settings. Owns its route and looks.

use axum::Form;
use axum::extract::State;
use axum::response::Response;
use domain::report::Wish;
use maud::{Markup, html};
use serde::Deserialize;

use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, Choice, SelectField, button, link_button, select_field};

/// The part of the settings.
#[must_use]
pub fn section(l: Locale, wish: Wish) -> Markup {
    let words = Wish::ALL.map(|it| match it {
        Wish::Off => t!(l, "weekly-off"),
        Wish::News => t!(l, "weekly-news"),
        Wish::Browsers => t!(l, "weekly-browsers"),
    });
    let choices: Vec<Choice<'_>> = Wish::ALL
        .iter()
        .zip(&words)
        .map(|(it, label)| Choice { value: it.as_str(), label, ..Choice::default() })
        .collect();
    html! {
        section.card.stack aria-labelledby="weekly" {
            h2 id="weekly" { (t!(l, "weekly-title")) }
            p.sub { (t!(l, "weekly-more")) }
            form.row.filters method="post" action="/reports/wish" {
                (select_field(&SelectField { id: "wish", name: "wish", label: &t!(l, "weekly-how"), choices: &choices, selected: Some(wish.as_str()), ..SelectField::default() }))
                (button(&Button { label: &t!(l, "verb-save"), ..Button::default() }))
            }
            div { (link_button("/reports", &Button { label: &t!(l, "reports-title"), small: true, ..Button::default() })) }
        }
    }
}

/// What the form sends.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct WishForm {
    wish: String,
}

/// `POST /reports/wish`.
///
/// # Errors
/// For a way that is not on offer.
pub async fn choose(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<WishForm>,
) -> Result<Response, WebError> {
    let wish = Wish::parse(&form.wish).ok_or(app::Error::BadInput { code: "report-wish" })?;
    state.app.report_choose(&me.actor, wish).await?;
    Ok(me.flash("/settings#weekly", "settings-saved"))
}
