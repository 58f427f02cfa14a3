//! The first steps: the list on an empty queue, the samples, and what the state of the app at TikTok means. Owns their routes and looks; which
//! steps are done is told by what is there.

use app::guide::{Guide, SampleWords, Step};
use app::settings::TikTokApp;
use axum::extract::State;
use axum::response::Response;
use maud::{Markup, html};

use crate::error::WebError;
use crate::locale::Locale;
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{Button, Icon, Kind, Notice, button, icon, link_button, notice};

/// The list of steps.
#[must_use]
pub fn card(l: Locale, guide: &Guide) -> Markup {
    let done = guide.steps.iter().filter(|(_, is_done)| *is_done).count();
    let next = guide.next();
    html! {
        section.card.stack.guide aria-labelledby="guide" {
            div.row.spread {
                h2 id="guide" { (t!(l, "guide-title")) }
                small.muted.tnum { (t!(l, "guide-done", done = done, of = guide.steps.len())) }
            }
            ol.plain.stack.tight {
                @for (step, is_done) in guide.steps {
                    li.guide-step.is-done[is_done] aria-current=[(next == Some(step)).then_some("step")] {
                        span.guide-mark { (icon(if is_done { Icon::Check } else { Icon::Right })) span.vh { (if is_done { t!(l, "guide-is-done") } else { t!(l, "guide-is-open") }) ": " } }
                        span.grow { b { (title(l, step)) } small { (why(l, step)) } }
                        @if !is_done { (way(l, guide, step, next == Some(step))) }
                    }
                }
            }
            div.row {
                @if guide.has_samples {
                    (link_button("/board?col=ideas", &Button { label: &t!(l, "guide-samples-look"), small: true, ..Button::default() }))
                } @else {
                    form method="post" action="/samples" { (button(&Button { label: &t!(l, "guide-samples"), small: true, ..Button::default() })) }
                }
                span.end { form method="post" action="/guide/hide" { (button(&Button { label: &t!(l, "guide-hide"), small: true, kind: Kind::Ghost, ..Button::default() })) } }
            }
        }
    }
}

fn title(l: Locale, step: Step) -> String {
    match step {
        Step::Account => t!(l, "guide-account"),
        Step::File => t!(l, "guide-file"),
        Step::Slots => t!(l, "guide-slots"),
        Step::Plan => t!(l, "guide-plan"),
    }
}

fn why(l: Locale, step: Step) -> String {
    match step {
        Step::Account => t!(l, "guide-account-why"),
        Step::File => t!(l, "guide-file-why"),
        Step::Slots => t!(l, "guide-slots-why"),
        Step::Plan => t!(l, "guide-plan-why"),
    }
}

/// Where a step is taken.
fn way(l: Locale, guide: &Guide, step: Step, is_next: bool) -> Markup {
    let href = match (step, guide.account) {
        (Step::Account, _) | (Step::Slots, None) => "/connections".to_owned(),
        (Step::Slots, Some(account)) => format!("/connections/{account}/rhythm"),
        (Step::File | Step::Plan, _) => "/compose".to_owned(),
    };
    let label = match step {
        Step::Account => t!(l, "guide-account-do"),
        Step::File => t!(l, "guide-file-do"),
        Step::Slots => t!(l, "guide-slots-do"),
        Step::Plan => t!(l, "guide-plan-do"),
    };
    let kind = if is_next { Kind::Primary } else { Kind::Plain };
    link_button(&href, &Button { label: &label, kind, small: true, ..Button::default() })
}

/// What the state of the app at TikTok means for what can be chosen; nothing where it limits nothing, or nobody said.
#[must_use]
pub fn app_status(l: Locale, status: TikTokApp) -> Markup {
    let (what, more) = match status {
        TikTokApp::Unsaid | TikTokApp::Audited => return Markup::default(),
        TikTokApp::Sandbox => (t!(l, "app-sandbox"), t!(l, "app-sandbox-more")),
        TikTokApp::Unaudited => (t!(l, "app-unaudited"), t!(l, "app-unaudited-more")),
    };
    notice(&Notice { what: &what, more: &more, ..Notice::default() })
}

/// The card of the settings that brings the first steps back.
#[must_use]
pub fn settings_card(l: Locale) -> Markup {
    html! {
        section.card.row {
            span.grow { b.ttl { (t!(l, "guide-title")) } br; small.muted { (t!(l, "guide-hidden")) } }
            form method="post" action="/guide/show" { (button(&Button { label: &t!(l, "guide-show"), ..Button::default() })) }
        }
    }
}

/// `POST /guide/hide`.
///
/// # Errors
/// When the database does not answer.
pub async fn hide(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    state.app.guide_set(&me.actor, true).await?;
    Ok(me.flash("/queue", "guide-hidden"))
}

/// `POST /guide/show`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    state.app.guide_set(&me.actor, false).await?;
    Ok(me.flash("/queue", "guide-shown"))
}

/// `POST /samples`: ideas in the reader's language, pictures and drafts, marked as samples.
///
/// # Errors
/// When there are too many ideas already, or no room for the pictures.
pub async fn add_samples(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    let l = me.locale();
    let words = SampleWords {
        ideas: vec![t!(l, "sample-idea-1"), t!(l, "sample-idea-2"), t!(l, "sample-idea-3"), t!(l, "sample-idea-4")],
        pictures: [t!(l, "sample-picture-1"), t!(l, "sample-picture-2"), t!(l, "sample-picture-3")],
        captions: [t!(l, "sample-caption-1"), t!(l, "sample-caption-2")],
    };
    state.app.samples_add(&me.actor, &words).await?;
    Ok(me.flash("/board?col=ideas", "samples-added"))
}

/// `POST /samples/remove`.
///
/// # Errors
/// When the database does not answer.
pub async fn remove_samples(State(state): State<WebState>, me: SignedIn) -> Result<Response, WebError> {
    state.app.samples_remove(&me.actor).await?;
    Ok(me.flash("/board?col=ideas", "samples-removed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pages::{check, samples};

    #[test]
    fn steps_lead_to_their_places_and_are_ticked_by_facts() {
        let account = samples::connection().id;
        for l in Locale::ALL {
            let steps = [(Step::Account, true), (Step::File, false), (Step::Slots, false), (Step::Plan, false)];
            let html = card(l, &Guide { steps, account: Some(account), has_samples: false }).into_string();
            check::fragment(&html);
            assert!(html.contains(&format!("/connections/{account}/rhythm")) && html.contains("href=\"/compose\""));
            assert_eq!(html.matches("is-done").count(), 1, "{html}");
            assert_eq!(html.matches("aria-current").count(), 1, "one step is the next one");
            check::fragment(&settings_card(l).into_string());
        }
    }

    #[test]
    fn only_what_limits_a_choice_is_explained() {
        for l in Locale::ALL {
            for (status, is_told) in [
                (TikTokApp::Unsaid, false),
                (TikTokApp::Audited, false),
                (TikTokApp::Sandbox, true),
                (TikTokApp::Unaudited, true),
            ] {
                let html = app_status(l, status).into_string();
                check::fragment(&html);
                assert_eq!(!html.is_empty(), is_told, "{status:?}");
            }
        }
    }
}
