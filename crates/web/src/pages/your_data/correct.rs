//! Correcting one's data: the own name, and accounts read anew from TikTok. Owns its routes and looks; a note beside an entry of the
//! history is written on the page of its post.

use app::correction::NOTE_MAX;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::connection::ConnectionState;
use domain::id::ConnectionId;
use maud::{Markup, html};
use serde::Deserialize;
use store::Connection;

use crate::avatar;
use crate::error::WebError;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::account::{Face, Size, face};
use crate::ui::{
    Button, Frame, Icon, Kind, Nav, TextField, When, app_page, button, link_button, page_head, text_field,
};

/// The page of corrections.
pub struct CorrectPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// How the reader is called here.
    pub name: &'a str,
    /// The accounts.
    pub connections: &'a [Connection],
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The page of corrections.
#[must_use]
pub fn correct_page(page: &CorrectPage<'_>) -> Markup {
    let l = page.frame.locale;
    let content = html! {
        (page_head(&t!(l, "correct-title"), Some(&t!(l, "correct-lede")), None))
        div.stack.loose {
            section.card.stack aria-labelledby="own-name" {
                h2 id="own-name" { (t!(l, "correct-name")) }
                form.stack method="post" action="/your-data/name" {
                    (text_field(&TextField {
                        id: "name", name: "name", label: &t!(l, "correct-name-label"), value: page.name, required: true,
                        hint: Some(&t!(l, "correct-name-hint")), autocomplete: Some("nickname"), ..TextField::default()
                    }))
                    div.row {
                        (button(&Button { label: &t!(l, "verb-save"), kind: Kind::Primary, ..Button::default() }))
                    }
                }
                form method="post" action="/your-data/name" {
                    (button(&Button { label: &t!(l, "correct-name-tiktok"), small: true, sends: Some(("from", "tiktok")), ..Button::default() }))
                }
            }
            section.card.stack aria-labelledby="from-tiktok" {
                h2 id="from-tiktok" { (t!(l, "correct-accounts")) }
                p.sub { (t!(l, "correct-accounts-more")) }
                @if page.connections.is_empty() { p { (t!(l, "connections-empty")) } }
                @else { div.list { @for connection in page.connections { (account(page, connection)) } } }
            }
            section.card.stack aria-labelledby="history-notes" {
                h2 id="history-notes" { (t!(l, "correct-history")) }
                p.sub { (t!(l, "correct-history-more", max = NOTE_MAX)) }
                div { (link_button("/history", &Button { label: &t!(l, "nav-history"), ..Button::default() })) }
            }
            section.card.stack aria-labelledby="anything-else" {
                h2 id="anything-else" { (t!(l, "correct-else")) }
                p.sub { (t!(l, "correct-else-more")) }
                div { (link_button("/help", &Button { label: &t!(l, "help-write"), ..Button::default() })) }
            }
        }
    };
    app_page(page.frame, t!(l, "correct-title"), &content)
}

fn account(page: &CorrectPage<'_>, c: &Connection) -> Markup {
    let l = page.frame.locale;
    let picture = avatar::address(c);
    html! {
        div.item.plain {
            (face(&Face { name: &c.display_name, flavour: c.flavour, picture: picture.as_deref() }, Size::Small))
            span.grow {
                b.ttl { (c.display_name) }
                @if let Some(handle) = &c.username { small { "@" (handle) } }
            }
            @match c.state {
                ConnectionState::Active => {
                    form method="post" action=(format!("/connections/{}/refresh", c.id)) {
                        button.btn.small type="submit" aria-label=(t!(l, "correct-refresh-what", what = c.display_name.as_str())) {
                            (crate::ui::icon(Icon::Refresh)) span { (t!(l, "correct-refresh")) }
                        }
                    }
                }
                ConnectionState::ReconnectNeeded | ConnectionState::Disconnected => {
                    (link_button("/connections", &Button { label: &t!(l, "verb-reconnect"), small: true, ..Button::default() }))
                }
            }
        }
    }
}

/// `GET /your-data/correct`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    let connections = state.app.connections(&me.actor).await?;
    let frame = me.frame(Nav::Settings, "/your-data/correct");
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    let page = CorrectPage { frame: &frame, name: &me.actor.display_name, connections: &connections, when: &when };
    Ok(correct_page(&page).into_response())
}

/// The own name, or where it comes from.
#[derive(Debug, Deserialize)]
pub struct NameForm {
    #[serde(default)]
    name: String,
    #[serde(default)]
    from: String,
}

/// `POST /your-data/name`.
///
/// # Errors
/// For what cannot be a name.
pub async fn rename(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<NameForm>,
) -> Result<Response, WebError> {
    if form.from == "tiktok" {
        state.app.take_name_of_tiktok(&me.actor).await?;
    } else {
        state.app.choose_name(&me.actor, &form.name).await?;
    }
    Ok(me.flash("/your-data/correct", "name-changed"))
}

/// `POST /connections/{id}/refresh`.
///
/// # Errors
/// 404 for a foreign account; when it was read a moment ago, the grant is over, or TikTok does not answer.
pub async fn refresh(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
) -> Result<Response, WebError> {
    state.app.refresh_profile(&me.actor, id).await?;
    Ok(me.flash("/your-data/correct", "profile-refreshed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::{check, samples};

    #[test]
    fn pp_7_2_the_page_of_corrections_renders_for_every_state_of_an_account_and_language() {
        let states = [ConnectionState::Active, ConnectionState::ReconnectNeeded, ConnectionState::Disconnected];
        for state in states {
            let connections = [Connection { state, ..samples::connection() }];
            check::in_every_language(|frame| {
                let when = When::new(frame.locale, "Europe/Berlin", samples::NOW);
                let page = correct_page(&CorrectPage { frame, name: "<Mila>", connections: &connections, when: &when });
                assert!(page.0.contains("value=\"&lt;Mila&gt;\""));
                assert_eq!(page.0.contains("/refresh\""), state == ConnectionState::Active);
                page
            });
        }
    }
}
