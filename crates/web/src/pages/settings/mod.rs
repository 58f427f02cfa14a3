//! Language, time zone, theme; sessions with device and place of sign-in. Owns their routes and looks.

pub mod push;

use app::push::PushView;
use app::sessions::SessionView;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use domain::id::SessionId;
use domain::report::Wish;
use domain::schedule::Zone;
use maud::{Markup, html};
use serde::Deserialize;

use crate::assets::Asset;
use crate::error::WebError;
use crate::locale::Locale;
use crate::pages::reports::weekly;
use crate::pages::{erasure, guide};
use crate::session::{MaybeSignedIn, SignedIn};
use crate::state::WebState;
use crate::ui::preferences::{PreferencesForm, remember, save as save_in_browser};
use crate::ui::{
    Button, Choice, Frame, Head, Kind, Nav, SelectField, Theme, When, app_page, button, link_button, page_head,
    select_field,
};

/// The settings page.
pub struct SettingsPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The reader's own zone.
    pub time_zone: &'a str,
    /// Every zone that may be chosen.
    pub zones: &'a [String],
    /// Signed-in browsers.
    pub sessions: &'a [SessionView],
    /// The reader's wish to leave, while it is open.
    pub leaving: Option<&'a app::erasure::Leaving>,
    /// Messages to browsers; `None` where the operator lets nobody be told anything.
    pub push: Option<&'a PushView>,
    /// The session of the reader's browser.
    pub session: SessionId,
    /// How the reader is told of weekly reports.
    pub wish: Wish,
    /// The first steps were put away.
    pub guide_hidden: bool,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The settings page.
#[must_use]
pub fn settings_page(page: &SettingsPage<'_>) -> Markup {
    let l = page.frame.locale;
    let content = html! {
        (page_head(&t!(l, "nav-settings"), None, None))
        div.stack.loose {
            (preferences(page))
            section.card.row {
                span.grow { b.ttl { (t!(l, "snippets-title")) } br; small.muted { (t!(l, "snippets-none-more")) } }
                (link_button("/snippets", &Button { label: &t!(l, "snippets-manage"), ..Button::default() }))
            }
            (weekly::section(l, page.wish))
            @if let Some(view) = page.push { (push::section(l, view, page.session, page.when)) }
            section.card.row {
                span.grow { b.ttl { (t!(l, "labels-title")) } br; small.muted { (t!(l, "labels-lede")) } }
                (link_button("/labels", &Button { label: &t!(l, "labels-manage"), ..Button::default() }))
            }
            @if page.guide_hidden { (guide::settings_card(l)) }
            (sessions(page))
            section.card.row {
                form method="post" action="/sign-out" { (button(&Button { label: &t!(l, "verb-sign-out"), ..Button::default() })) }
            }
            (erasure::settings_card(l, page.leaving, page.when))
        }
    };
    let script = page.push.map(|_| Asset::Push);
    app_page(page.frame, Head { title: t!(l, "nav-settings"), script, ..Head::default() }, &content)
}

fn preferences(page: &SettingsPage<'_>) -> Markup {
    let l = page.frame.locale;
    let locales: Vec<Choice<'_>> = Locale::ALL
        .iter()
        .map(|locale| Choice { value: locale.tag(), label: locale.endonym(), ..Choice::default() })
        .collect();
    let theme_words: Vec<String> = Theme::ALL
        .iter()
        .map(|theme| match theme {
            Theme::System => t!(l, "theme-system"),
            Theme::Light => t!(l, "theme-light"),
            Theme::Dark => t!(l, "theme-dark"),
        })
        .collect();
    let themes: Vec<Choice<'_>> = Theme::ALL
        .iter()
        .zip(&theme_words)
        .map(|(theme, word)| Choice { value: theme.as_str(), label: word, ..Choice::default() })
        .collect();
    let zones: Vec<Choice<'_>> =
        page.zones.iter().map(|zone| Choice { value: zone, label: zone, ..Choice::default() }).collect();
    html! {
        section.card.stack aria-labelledby="preferences" {
            h2 id="preferences" { (t!(l, "settings-preferences")) }
            form.stack method="post" action="/settings" {
                (select_field(&SelectField { id: "locale", name: "locale", label: &t!(l, "switch-language"), choices: &locales, selected: Some(l.tag()), ..SelectField::default() }))
                (select_field(&SelectField {
                    id: "time_zone", name: "time_zone", label: &t!(l, "settings-zone"), choices: &zones, selected: Some(page.time_zone),
                    hint: Some(&t!(l, "settings-zone-now", zone = page.when.zone_label(page.when.now))), ..SelectField::default()
                }))
                (select_field(&SelectField { id: "theme", name: "theme", label: &t!(l, "switch-theme"), choices: &themes, selected: Some(page.frame.theme.as_str()), ..SelectField::default() }))
                div { (button(&Button { label: &t!(l, "verb-save"), kind: Kind::Primary, ..Button::default() })) }
            }
        }
    }
}

fn sessions(page: &SettingsPage<'_>) -> Markup {
    let l = page.frame.locale;
    html! {
        section.card.stack aria-labelledby="sessions" {
            h2 id="sessions" { (t!(l, "settings-sessions")) }
            p.sub { (t!(l, "settings-sessions-more")) }
            div.list {
                @for session in page.sessions {
                    div.item.plain {
                        span.grow {
                            b.ttl { (session.device) @if session.is_current { " · " (t!(l, "settings-this-one")) } }
                            small { (session.ip) " · " (t!(l, "settings-opened")) " " (page.when.moment(session.created_at)) " · " (t!(l, "settings-seen")) " " (page.when.relative(session.last_seen_at)) }
                        }
                        @if !session.is_current {
                            form method="post" action=(format!("/settings/sessions/{}/end", session.id)) {
                                (button(&Button { label: &t!(l, "settings-end"), small: true, ..Button::default() }))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// `GET /settings`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    let sessions = state.app.sessions(&me.actor).await?;
    let frame = me.frame(Nav::Settings, "/settings");
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    let zones = Zone::names();
    let leaving = state.app.leaving(&me.actor).await?;
    let push = state.app.push_view(&me.actor).await?;
    let page = SettingsPage {
        frame: &frame,
        time_zone: &me.actor.time_zone,
        zones: &zones,
        sessions: &sessions,
        leaving: leaving.as_ref(),
        push: push.as_ref(),
        session: me.actor.session_id,
        wish: state.app.report_wish(&me.actor).await?,
        guide_hidden: state.app.guide_is_hidden(&me.actor).await?,
        when: &when,
    };
    Ok(settings_page(&page).into_response())
}

/// The preferences form.
#[derive(Debug, Deserialize)]
pub struct SettingsForm {
    locale: String,
    time_zone: String,
    theme: String,
}

/// `POST /settings`.
///
/// # Errors
/// For a value that is not on offer.
pub async fn save(
    State(state): State<WebState>,
    me: SignedIn,
    Form(form): Form<SettingsForm>,
) -> Result<Response, WebError> {
    // "UTC" is what somebody has who never chose; who chooses it gets the same clock under its full name.
    let zone = if form.time_zone == Zone::utc().name() { "Etc/UTC" } else { &form.time_zone };
    state.app.set_preferences(&me.actor, &form.locale, zone, &form.theme).await?;
    let mut answer = me.flash("/settings", "settings-saved");
    // Whoever signs in with this browser again goes on in this language.
    remember(answer.headers_mut(), &form.locale, &form.theme);
    Ok(answer)
}

/// `POST /preferences`: the switches at the foot of every page. In this browser for everybody, and kept for a signed-in person.
///
/// # Errors
/// When the database does not answer.
pub async fn switch(
    State(state): State<WebState>,
    who: MaybeSignedIn,
    Form(form): Form<PreferencesForm>,
) -> Result<Response, WebError> {
    if let Some(me) = &who.0 {
        let actor = &me.actor;
        let locale =
            form.locale.as_deref().and_then(Locale::parse).map_or(actor.locale.as_str(), |locale| locale.tag());
        let theme = form.theme.as_deref().and_then(Theme::parse).map_or(actor.theme.as_str(), |theme| theme.as_str());
        state.app.set_preferences(actor, locale, &actor.time_zone, theme).await?;
    }
    Ok(save_in_browser(Form(form)).await)
}

/// `POST /settings/sessions/{id}/end`.
///
/// # Errors
/// When it is not theirs.
pub async fn end_session(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<SessionId>,
) -> Result<Response, WebError> {
    state.app.end_session(&me.actor, id).await?;
    Ok(me.flash("/settings", "session-ended"))
}
