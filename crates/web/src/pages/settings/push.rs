//! Messages to browsers of whoever is away: the part of the settings where they begin and end. Owns its routes and looks; asking for permission and
//! the browser's own half are `assets/ts/push.ts`.

use app::push::{PushView, Wishes};
use axum::Form;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use domain::id::SessionId;
use domain::privacy::documents::Document;
use maud::{Markup, html};
use serde::Deserialize;
use store::push::PushTarget;

use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, Checkbox, Kind, When, button, checkbox};

/// The part of the page, for the browser of this session.
#[must_use]
pub fn section(l: Locale, view: &PushView, this: SessionId, when: &When) -> Markup {
    let own = view.browsers.iter().find(|it| it.session_id == this);
    let (published, needs_you) = own.map_or((true, true), |it| (it.published, it.needs_you));
    html! {
        section.card.stack aria-labelledby="push" {
            h2 id="push" { (t!(l, "settings-push")) }
            p.sub { (t!(l, "settings-push-more")) }
            form.stack method="post" action="/settings/push" data-push=(view.key) {
                fieldset {
                    legend { (t!(l, "settings-push-of")) }
                    (checkbox(&Checkbox { id: "push-published", name: "published", label: &t!(l, "settings-push-published"), checked: published, ..Checkbox::default() }))
                    (checkbox(&Checkbox { id: "push-needs-you", name: "needs_you", label: &t!(l, "settings-push-needs-you"), note: Some(&t!(l, "settings-push-needs-you-more")), checked: needs_you, ..Checkbox::default() }))
                }
                @for name in ["endpoint", "p256dh", "auth"] { input type="hidden" name=(name); }
                @if own.is_none() {
                    // What is agreed to is read before the button, not behind something to unfold.
                    p { b { (t!(l, "settings-push-others")) } " " (t!(l, "settings-push-others-more")) " " a href=(format!("{}#PP-4.4", Document::Privacy.newest().path())) { (t!(l, "settings-push-policy")) " " (Document::Privacy.newest().id) } }
                }
                div.row { (button(&Button {
                    label: &if own.is_some() { t!(l, "verb-save") } else { t!(l, "settings-push-begin") },
                    kind: if own.is_some() { Kind::Plain } else { Kind::Primary }, ..Button::default()
                })) }
                // The script shows the one that is true.
                p.banner.warn role="alert" hidden data-push-says="denied" { (t!(l, "settings-push-denied")) }
                p.banner.warn role="alert" hidden data-push-says="trouble" { (t!(l, "settings-push-trouble")) }
                p.muted hidden data-push-says="missing" { (t!(l, "settings-push-missing")) }
                noscript { p.muted { (t!(l, "settings-push-noscript")) } }
            }
            @if !view.browsers.is_empty() {
                h3 { (t!(l, "settings-push-browsers")) }
                ul.list {
                    @for it in &view.browsers {
                        @let what = wished(l, it.published, it.needs_you);
                        li.item.plain {
                            span.grow {
                                b.ttl { (it.device) @if it.session_id == this { " · " (t!(l, "settings-this-one")) } }
                                small { (what) " · " (t!(l, "settings-push-since")) " " (when.moment(it.created_at)) }
                            }
                            form method="post" action=(format!("/settings/push/{}/end", it.session_id)) data-push-end[it.session_id == this] {
                                button.btn.small type="submit" aria-label=(t!(l, "settings-push-end-what", what = it.device.as_str())) { span { (t!(l, "settings-end")) } }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn wished(l: Locale, published: bool, needs_you: bool) -> String {
    match (published, needs_you) {
        (true, true) => t!(l, "settings-push-both"),
        (true, false) => t!(l, "settings-push-published"),
        (false, true) | (false, false) => t!(l, "settings-push-needs-you"),
    }
}

/// What the form sends. Without an address at a push service it only changes what the browser is told.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct PushForm {
    endpoint: String,
    p256dh: String,
    auth: String,
    published: Option<String>,
    needs_you: Option<String>,
    /// From the worker: the address changed, and nothing else.
    renew: Option<String>,
}

/// `POST /settings/push`: this browser is told things from now on.
///
/// # Errors
/// When the address is not a push service's, nothing was chosen, or the operator lets nobody be told anything.
pub async fn begin(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<PushForm>,
) -> Result<Response, WebError> {
    let PushForm { endpoint, p256dh, auth, published, needs_you, renew } = form;
    let wishes = Wishes { published: published.is_some(), needs_you: needs_you.is_some() };
    let target = PushTarget { endpoint, p256dh, auth };
    if renew.is_some() {
        // The worker asks, not a person: there is no page that would say anything.
        state.app.push_renew(&me.actor, &target).await?;
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    match target.endpoint.is_empty() {
        true => state.app.push_choose(&me.actor, wishes).await?,
        false => state.app.push_on(&me.actor, &target, wishes).await?,
    }
    Ok(me.flash("/settings#push", "push-begun"))
}

/// `POST /settings/push/{id}/end`: that browser is told nothing more.
///
/// # Errors
/// 404 when it is not theirs.
pub async fn end(State(state): State<WebState>, me: SignedIn, Path(id): Path<SessionId>) -> Result<Response, WebError> {
    state.app.push_end(&me.actor, id).await?;
    Ok(me.flash("/settings#push", "push-ended"))
}

#[cfg(test)]
mod tests {
    use domain::id::SessionId;
    use store::push::PushBrowser;
    use uuid::Uuid;

    use super::*;
    use crate::pages::check;
    use crate::pages::samples::NOW;
    use crate::pages::settings::{SettingsPage, settings_page};

    fn told(n: u128, published: bool, needs_you: bool) -> PushBrowser {
        let session_id = SessionId::from_uuid(Uuid::from_u128(n));
        PushBrowser { session_id, device: format!("<Firefox> on {n}"), published, needs_you, created_at: NOW }
    }

    #[test]
    fn the_settings_read_well_with_and_without_browsers_that_are_told() {
        let all = [told(1, true, true), told(2, true, false), told(3, false, true)];
        for browsers in [&all[..], &all[1..], &[]] {
            let view = PushView { key: "BKey".to_owned(), browsers: browsers.to_vec() };
            check::in_every_language(|frame| {
                let when = When::new(frame.locale, "Europe/Berlin", NOW);
                let page = settings_page(&SettingsPage {
                    frame,
                    time_zone: "Europe/Berlin",
                    zones: &["Europe/Berlin".to_owned()],
                    sessions: &[],
                    leaving: None,
                    wish: domain::report::Wish::News,
                    guide_hidden: false,
                    push: Some(&view),
                    session: SessionId::from_uuid(Uuid::from_u128(1)),
                    when: &when,
                });
                assert_eq!(page.0.matches("/end\"").count(), browsers.len(), "each can be ended");
                assert_eq!(page.0.contains("data-push-end"), browsers.len() == 3, "one of them is the reader's own");
                page
            });
        }
    }
}
