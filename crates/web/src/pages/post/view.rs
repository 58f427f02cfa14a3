//! One post as markup: state, the question when nobody knows, timeline and evidence. Owns the words' order, not the words.

use app::history::PostDetail;
use domain::post::{Delivery, PostState};
use domain::time::UnixMillis;
use maud::{Markup, html};

use crate::locale::Locale;
use crate::pages::queue::view::{is_unknown, status, thumbnail, title};
use crate::ui::{
    Button, Frame, Icon, Kind, Notice, Step, StepTone, Thumb, Tone, When, account, app_page, button, copy_code, icon,
    link_button, notice, page_head, status_drop, thumb, timeline, when,
};
use crate::words;

/// The page of one post.
pub struct PostPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was read.
    pub detail: &'a PostDetail,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The whole page.
#[must_use]
pub fn post_page(page: &PostPage<'_>) -> Markup {
    let l = page.frame.locale;
    let name = title(l, &page.detail.row);
    let content = html! { (page_head(&name, None, None)) (post_body(page)) };
    app_page(page.frame, name.as_str(), &content)
}

/// Everything below the heading; fetched again when something changes.
#[must_use]
pub fn post_body(page: &PostPage<'_>) -> Markup {
    let (l, row) = (page.frame.locale, &page.detail.row);
    let url = format!("/posts/{}/body", row.post.id);
    html! {
        div.stack.loose id="post" hx-get=(url) hx-trigger="post from:#live" hx-target="this" hx-swap="outerMorph" {
            @if is_unknown(row) { (question(l, page)) } @else if let Some(problem) = &row.post.problem {
                @let failure = words::failure(l, &problem.code);
                (notice(&Notice {
                    tone: if row.post.state == PostState::Failed { Tone::Bad } else { Tone::Warn },
                    what: &failure.what, more: &format!("{} {}", failure.why, failure.todo), actions: None, urgent: false,
                }))
            }
            div.cols {
                section.card.stack aria-labelledby="timeline" {
                    h2 id="timeline" { (t!(l, "post-timeline")) }
                    (steps(page))
                }
                aside.stack { (summary(page)) (evidence(page)) (agreed(page)) }
            }
        }
    }
}

/// The one question nobody but a person can answer.
fn question(l: Locale, page: &PostPage<'_>) -> Markup {
    let id = page.detail.row.post.id;
    let profile =
        page.detail.row.connection.username.as_ref().map(|handle| format!("https://www.tiktok.com/@{handle}"));
    html! {
        section.ask-card aria-labelledby="question" {
            div.grow.stack {
                h2 id="question" { (t!(l, "post-question")) }
                p.sub { (t!(l, "post-question-why")) }
                ol.steps {
                    li { (t!(l, "post-question-look")) @if let Some(profile) = &profile { " " a href=(profile) rel="noreferrer" target="_blank" { (profile) } } }
                    li { (t!(l, "post-question-say")) }
                }
                form.row method="post" action=(format!("/posts/{id}/resolve")) {
                    (button(&Button { label: &t!(l, "post-it-is-there"), kind: Kind::Primary, sends: Some(("answer", "there")), ..Button::default() }))
                    (button(&Button { label: &t!(l, "post-it-is-not-there"), sends: Some(("answer", "not_there")), ..Button::default() }))
                }
            }
        }
    }
}

fn summary(page: &PostPage<'_>) -> Markup {
    let (l, row) = (page.frame.locale, &page.detail.row);
    let post = &row.post;
    let base = format!("/posts/{}", post.id);
    let edit = format!("/compose/{}?account={}", post.group_id, row.connection.id);
    let thumb_url = thumbnail(row);
    let duration = row.media.as_ref().and_then(|m| m.facts.as_ref()).map(|facts| when::length(facts.duration_ms));
    html! {
        section.card.stack {
            div.row.post-mini {
                (thumb(&Thumb { url: thumb_url.as_deref(), duration: duration.as_deref(), account: None }))
                div.stack.tight.grow {
                    (status_drop(l, status(row)))
                    (account(&row.connection.display_name, row.connection.username.as_deref(), row.connection.flavour))
                    @if let Some(at) = post.due_at { p.sub { (t!(l, "post-planned")) " " (page.when.moment_element(at)) } }
                    @if let Some(at) = post.published_at { p.sub { (t!(l, "post-out")) " " (page.when.moment_element(at)) } }
                }
            }
            @if !post.content.caption.is_empty() && post.delivery == Delivery::Direct { p { (post.content.caption) } }
            @match post.state {
                PostState::Published => {
                    @match page.detail.tiktok_url() {
                        Some(url) => { a.btn href=(url) rel="noreferrer" target="_blank" { (icon(Icon::Out)) span { (t!(l, "post-open-tiktok")) } } }
                        None => { p.hint { (t!(l, "post-moderation")) } }
                    }
                    p.hint { (t!(l, "post-no-edit")) }
                }
                PostState::InInbox => { p.hint { (t!(l, "post-inbox")) } }
                PostState::Publishing => { p.hint { (t!(l, "compose-takes-minutes")) } }
                PostState::Scheduled | PostState::Failed | PostState::NeedsAttention => {
                    @if !is_unknown(row) {
                        div.row {
                            (link_button(&format!("{base}/move"), &Button { label: &t!(l, "queue-move-or-now"), small: true, ..Button::default() }))
                            (link_button(&edit, &Button { label: &t!(l, "verb-edit"), small: true, ..Button::default() }))
                            (link_button(&format!("{base}/cancel"), &Button { label: &t!(l, "queue-cancel"), small: true, ..Button::default() }))
                        }
                    }
                }
                PostState::Draft | PostState::Cancelled => {
                    (link_button(&edit, &Button { label: &t!(l, "verb-edit"), small: true, ..Button::default() }))
                }
            }
        }
    }
}

struct Entry {
    at: UnixMillis,
    tone: StepTone,
    what: String,
    codes: Option<Markup>,
}

fn steps(page: &PostPage<'_>) -> Markup {
    let l = page.frame.locale;
    let say = |id: String, fallback: &str| l.message(&id, []).unwrap_or_else(|| fallback.replace('_', " "));
    let mut entries: Vec<Entry> = Vec::new();
    for event in &page.detail.events {
        let kind = event.kind.replace('_', "-");
        entries.push(Entry {
            at: event.at,
            tone: StepTone::Plain,
            what: say(format!("event-{kind}"), &event.kind),
            codes: None,
        });
    }
    for attempt in &page.detail.attempts {
        for line in &attempt.log {
            let cause = line.cause.replace('_', "-");
            entries.push(Entry {
                at: line.at,
                tone: tone(line.to.as_str()),
                what: say(format!("cause-{cause}"), &line.cause),
                codes: line.log_id.as_deref().map(|log_id| copy_code(l, "log_id", log_id)),
            });
        }
    }
    entries.sort_by_key(|entry| entry.at);
    let times: Vec<(String, String)> =
        entries.iter().map(|entry| (page.when.time_with_seconds(entry.at), page.when.iso(entry.at))).collect();
    let steps: Vec<Step<'_>> = entries
        .iter()
        .zip(&times)
        .map(|(entry, (time, iso))| Step {
            tone: entry.tone,
            time,
            iso,
            what: &entry.what,
            more: None,
            codes: entry.codes.clone(),
        })
        .collect();
    timeline(&steps)
}

fn tone(state: &str) -> StepTone {
    match state {
        "published" | "delivered" => StepTone::Good,
        "dead" => StepTone::Bad,
        "uncertain" => StepTone::Ask,
        "ready" => StepTone::Plain,
        _ => StepTone::Going,
    }
}

/// TikTok's own words, for its support.
fn evidence(page: &PostPage<'_>) -> Markup {
    let (l, post) = (page.frame.locale, &page.detail.row.post);
    let log_id = post.problem.as_ref().and_then(|problem| problem.log_id.as_deref());
    let code = post.problem.as_ref().and_then(|problem| problem.tiktok_code.as_deref());
    let any = log_id.is_some() || code.is_some() || !post.tiktok_ids.is_empty();
    html! {
        @if any {
            section.card.stack.tight {
                h2 { (t!(l, "post-evidence")) }
                @if let Some(code) = code { (copy_code(l, "code", code)) }
                @if let Some(log_id) = log_id { (copy_code(l, "log_id", log_id)) }
                @for id in &post.tiktok_ids { (copy_code(l, "post id", id)) }
            }
        }
    }
}

/// What was agreed to, when, and in which words.
fn agreed(page: &PostPage<'_>) -> Markup {
    let l = page.frame.locale;
    html! {
        @if let Some(consent) = &page.detail.consent {
            details.card {
                summary { (t!(l, "post-consent")) }
                dl.facts {
                    dt { (t!(l, "post-consent-when")) } dd { (page.when.moment_element(consent.given_at)) }
                    dt { (t!(l, "post-consent-words")) } dd lang="en" { (consent.declaration.text()) }
                    dt { (t!(l, "post-consent-print")) } dd { code { (consent.fingerprint.get(..16).unwrap_or_default()) } }
                }
            }
        }
    }
}
