//! "Connect this account?": which account TikTok gave, before it can be posted to. Owns the question's routes and looks.

use app::sign_in::SignInFailure;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::connection::Flavour;
use domain::id::ConnectionId;
use maud::{Markup, html};
use store::Unconfirmed;

use super::connected_flash;
use crate::avatar;
use crate::error::WebError;
use crate::pages::connections::permissions;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::account::{Face, Size, face};
use crate::ui::{Button, Frame, Kind, Nav, When, app_page, button};

/// The page that asks.
pub struct ConfirmPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The account that TikTok gave.
    pub account: &'a Unconfirmed,
    /// The colour it will have.
    pub flavour: Flavour,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// Picture, name, handle and permissions of the account, and the two answers.
#[must_use]
pub fn confirm_page(page: &ConfirmPage<'_>) -> Markup {
    let (l, it) = (page.frame.locale, page.account);
    let base = format!("/connect/account/{}", it.id);
    let picture = avatar::address_of_unconfirmed(it);
    let content = html! {
        div.stack.loose.narrow {
            div { h1 { (t!(l, "confirm-title")) } p.lead { (t!(l, "confirm-lede")) } }
            form.card.stack method="post" action=(base) data-flavour=(page.flavour.as_str()) {
                div.row {
                    (face(&Face { name: &it.display_name, flavour: page.flavour, picture: picture.as_deref() }, Size::Large))
                    div.grow { h2 { (it.display_name) } @if let Some(handle) = &it.username { p.sub { "@" (handle) } } }
                }
                (permissions(l, &it.scopes))
                div.row {
                    (button(&Button { label: &t!(l, "confirm-yes"), kind: Kind::Primary, ..Button::default() }))
                    (button(&Button { label: &t!(l, "confirm-no"), form_action: Some(&format!("{base}/decline")), ..Button::default() }))
                }
                p.hint { (t!(l, "confirm-until")) " " (page.when.relative_element(it.expires_at)) "." }
            }
            section {
                h2 { (t!(l, "confirm-wrong")) }
                p.sub { (t!(l, "confirm-wrong-why")) }
            }
        }
    };
    app_page(page.frame, t!(l, "confirm-title"), &content)
}

/// `GET /connect/account/{id}`.
///
/// # Errors
/// 404 for a question that is over or somebody else's.
pub async fn ask(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
) -> Result<Response, WebError> {
    let account = state.app.unconfirmed(&me.actor, id).await.map_err(told)?;
    let known = state.app.connections(&me.actor).await?;
    // One that was disconnected keeps its colour.
    let flavour = known
        .iter()
        .find(|connection| connection.open_id == account.open_id)
        .map_or_else(|| Flavour::nth(known.len()), |connection| connection.flavour);
    let frame = me.frame(Nav::Connections, &format!("/connect/account/{id}"));
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    Ok(confirm_page(&ConfirmPage { frame: &frame, account: &account, flavour, when: &when }).into_response())
}

/// `POST /connect/account/{id}`: yes, this one.
///
/// # Errors
/// 404 for a question that is over or somebody else's.
pub async fn confirm(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
) -> Result<Response, WebError> {
    match state.app.confirm_account(&me.actor, id).await {
        Ok(signed) => Ok(me.flash(&signed.next_path, connected_flash(&signed))),
        Err(SignInFailure::Ours(error)) => Err(told(error)),
        Err(failure) => Ok(super::failed(crate::session::CookieNames::of(&state), &failure)),
    }
}

/// `POST /connect/account/{id}/decline`: no, another one.
///
/// # Errors
/// 404 for a question that is over or somebody else's.
pub async fn decline(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<ConnectionId>,
) -> Result<Response, WebError> {
    let done = state.app.decline_account(&me.actor, id).await.map_err(told)?;
    Ok(me.flash("/connections", if done.confirmed_by_tiktok { "declined" } else { "declined-unconfirmed" }))
}

/// Answered before, out of time, or never theirs: nobody can tell which.
fn told(error: app::Error) -> WebError {
    let over = matches!(error, app::Error::NotFound { .. });
    let error = WebError::from(error);
    if over { WebError { code: Some("confirm-over".to_owned()), ..error } } else { error }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use domain::connection::{AvatarFormat, Scopes};
    use domain::time::UnixMillis;
    use store::Avatar;

    use super::*;
    use crate::locale::Locale;
    use crate::pages::{check, samples};
    use crate::ui::Theme;

    fn account(username: Option<&str>) -> Unconfirmed {
        let id = samples::connection().id;
        Unconfirmed {
            id,
            workspace_id: samples::connection().workspace_id,
            user_id: id.to_string().parse().unwrap(),
            open_id: "open".to_owned(),
            display_name: "Море <рядом>".to_owned(),
            username: username.map(str::to_owned),
            scopes: Scopes::parse("user.info.basic,video.publish"),
            instance_key_version: 1,
            data_key_sealed: Vec::new(),
            access_sealed: Vec::new(),
            access_expires_at: samples::NOW,
            refresh_sealed: Vec::new(),
            refresh_expires_at: UnixMillis::from_millis(0),
            granted_at: samples::NOW,
            expires_at: samples::NOW.plus_seconds(600),
            avatar: username.map(|_| Avatar { format: AvatarFormat::Jpeg, bytes: vec![1] }),
        }
    }

    #[test]
    fn the_question_names_the_account_and_has_two_answers_without_a_script() {
        for username in [Some("more.ryadom"), None] {
            let account = account(username);
            check::in_every_language(|frame| {
                let when = When::new(frame.locale, "UTC", samples::NOW);
                confirm_page(&ConfirmPage { frame, account: &account, flavour: Flavour::Honey, when: &when })
            });
        }
        let frame = Frame::sample(Locale::En, Theme::System, Nav::Connections);
        let when = When::new(Locale::En, "UTC", samples::NOW);
        let account = account(Some("more.ryadom"));
        let page =
            confirm_page(&ConfirmPage { frame: &frame, account: &account, flavour: Flavour::Honey, when: &when }).0;
        assert!(page.contains("Connect this account?") && page.contains("@more.ryadom"));
        assert!(page.contains("Море &lt;рядом&gt;"), "a name is text");
        let base = format!("/connect/account/{}", account.id);
        assert!(page.contains(&format!("action=\"{base}\"")));
        assert!(page.contains(&format!("formaction=\"{base}/decline\"")));
        assert!(page.contains(&format!("<img src=\"{base}/avatar\" alt=\"\"")), "people know each other by sight");
    }
}
