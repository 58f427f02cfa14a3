//! One post as markup: state, the question when nobody knows, timeline and evidence. Owns the words' order, not the words.

use app::history::PostDetail;
use app::metrics::shown::PostShown;
use domain::post::{Delivery, PostState};
use domain::time::UnixMillis;
use maud::{Markup, html};

use super::beside::Refused;
use super::note;
use crate::assets::Asset;
use crate::avatar;
use crate::locale::Locale;
use crate::pages::analytics::post_section;
use crate::pages::compose::marks;
use crate::pages::connections::pause;
use crate::pages::history::view::off_time;
use crate::pages::labels::part;
use crate::pages::queue::view::{account_face, held_choices, is_held, is_unknown, measure, status, thumbnail, title};
use crate::ui::{
    Button, Frame, Head, Icon, Kind, Notice, Step, StepTone, Thumb, Tone, When, account, app_page, button, copy_code,
    icon, link_button, notice, page_head, status_drop, thumb, timeline,
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
    /// Since when its account rests, while the post waits.
    pub paused: Option<UnixMillis>,
    /// How it does, where that is read.
    pub numbers: &'a PostShown,
    /// What was typed beside it and not taken.
    pub refused: Option<&'a Refused>,
}

/// The whole page.
#[must_use]
pub fn post_page(page: &PostPage<'_>) -> Markup {
    let name = title(page.frame.locale, &page.detail.row);
    let sheets: &[Asset] = if page.numbers.is_allowed { &[Asset::AnalyticsStyle] } else { &[] };
    app_page(page.frame, Head { title: name, sheets, ..Head::default() }, &post_body(page))
}

/// The whole content; fetched again when something changes.
#[must_use]
pub fn post_body(page: &PostPage<'_>) -> Markup {
    let (l, row) = (page.frame.locale, &page.detail.row);
    let url = format!("/posts/{}/body", row.post.id);
    html! {
        div.stack.loose id="post" hx-get=(url) hx-trigger="post from:#live, connections from:#live" hx-target="this" hx-swap="outerMorph" {
            (page_head(&title(l, row), None, Some(&status_drop(l, status(row)))))
            @if let Some(at) = page.paused { (pause::paused(l, page.when, &row.connection, at)) }
            @if is_unknown(row) { (question(l, page)) } @else if let Some(problem) = &row.post.problem {
                @let failure = words::failure(l, &problem.code);
                (notice(&Notice {
                    tone: if row.post.state == PostState::Failed { Tone::Bad } else { Tone::Warn },
                    what: &failure.what, more: &format!("{} {}", failure.why, failure.todo),
                    actions: is_held(row).then(|| held_choices(l, row)), urgent: false,
                }))
            }
            div.cols.post-cols {
                div.stack {
                    (post_section(l, &row.post, page.numbers, page.when))
                    section.card.stack aria-labelledby="timeline" {
                        h2 id="timeline" { (t!(l, "post-timeline")) }
                        (steps(page))
                    }
                }
                aside.stack { (summary(page)) (evidence(page)) (agreed(page)) (labelled(page)) (note::card(page)) }
            }
        }
    }
}

/// The labels that the post bears, and the form that gives others.
fn labelled(page: &PostPage<'_>) -> Markup {
    let (l, id) = (page.frame.locale, page.detail.row.post.id);
    let giving = part::Giving {
        key: "post",
        action: &format!("/posts/{id}/labels"),
        next: &format!("/posts/{id}"),
        all: &page.detail.all_labels,
        borne: &page.detail.labels,
        refused: page.refused.and_then(Refused::labels),
    };
    html! {
        section.card.stack.tight {
            (part::chips(l, &page.detail.labels))
            details open[giving.refused.is_some()] { summary { (t!(l, "labels-title")) } (part::form(l, &giving)) }
        }
    }
}

/// The one question nobody but a person can answer.
fn question(l: Locale, page: &PostPage<'_>) -> Markup {
    let id = page.detail.row.post.id;
    let from = page.detail.absence_too_soon_until();
    let not_there = Button {
        sends: Some(("answer", "not_there")),
        disabled_by: from.map(|_| "too-soon"),
        inert: from.is_some(),
        ..Button::default()
    };
    let handle = page.detail.row.connection.username.as_ref();
    html! {
        section.ask-card aria-labelledby="question" {
            div.grow.stack {
                h2 id="question" { (t!(l, "post-question")) }
                p.sub { (t!(l, "post-question-why")) }
                ol.steps {
                    li { (t!(l, "post-question-look")) @if let Some(handle) = handle { " " a href=(format!("https://www.tiktok.com/@{handle}")) rel="noreferrer" target="_blank" { "@" (handle) } } }
                    li { (t!(l, "post-question-say")) }
                }
                form.row method="post" action=(format!("/posts/{id}/resolve")) {
                    (button(&Button { label: &t!(l, "post-it-is-there"), kind: Kind::Primary, sends: Some(("answer", "there")), ..Button::default() }))
                    (button(&Button { label: &t!(l, "post-it-is-not-there"), ..not_there }))
                }
                @if let Some(from) = from { (too_soon(page, from)) }
            }
        }
    }
}

/// Why "it is not there" cannot be said yet and from when; asks for the page again at that moment.
fn too_soon(page: &PostPage<'_>, from: UnixMillis) -> Markup {
    let l = page.frame.locale;
    let url = format!("/posts/{}/body", page.detail.row.post.id);
    let wait = format!("load delay:{}s", from.millis_since(page.detail.now).max(0) / 1000 + 1);
    html! {
        p.sub id="too-soon" hx-get=(url) hx-trigger=(wait) hx-target="#post" hx-swap="outerMorph" {
            (t!(l, "post-too-soon", when = page.when.moment(from)))
        }
    }
}

fn summary(page: &PostPage<'_>) -> Markup {
    let (l, row) = (page.frame.locale, &page.detail.row);
    let post = &row.post;
    let base = format!("/posts/{}", post.id);
    let edit = format!("/compose/{}?account={}", post.group_id, row.connection.id);
    let thumb_url = thumbnail(row);
    let picture = avatar::address(&row.connection);
    let duration = measure(l, row);
    html! {
        section.card.stack {
            div.row.post-mini {
                (thumb(&Thumb { url: thumb_url.as_deref(), duration: duration.as_deref(), account: None }))
                div.stack.tight.grow {
                    (account(&account_face(row, picture.as_deref()), row.connection.username.as_deref()))
                    @if let Some(at) = post.due_at { p.sub { (t!(l, "post-planned")) " " (page.when.moment_element(at)) } }
                    @if let Some(at) = post.published_at { p.sub { (t!(l, "post-out")) " " (page.when.moment_element(at)) } }
                    @if let Some(words) = off_time(l, post, page.detail.is_out_by_word()) { p.sub { (words) } }
                }
            }
            @if let Some(photos) = &post.content.photos { @if !photos.title.is_empty() { p.words { b { (photos.title) } } } }
            @if !post.content.caption.is_empty() && (post.delivery == Delivery::Direct || post.photos.is_some()) { p.words { (post.content.caption) } }
            @match post.state {
                PostState::Published => {
                    @let links = page.detail.tiktok_links();
                    @for link in &links { a.btn href=(link) rel="noreferrer" target="_blank" { (icon(Icon::Out)) span { (t!(l, "post-open-tiktok")) } } }
                    @if links.is_empty() { p.hint { (t!(l, "post-moderation")) } }
                    p.hint { (t!(l, "post-no-edit")) }
                }
                PostState::InInbox => {
                    p.hint { (t!(l, "post-inbox")) }
                    @if !post.content.caption.is_empty() { div { (marks::copy(l, Ok(&post.content.caption))) } }
                }
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
    /// Order within one moment: what led to a step stands before what came of it.
    rank: u8,
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
        let (tone, rank) = meaning(page, &event.kind);
        entries.push(Entry { at: event.at, rank, tone, what: say(format!("event-{kind}"), &event.kind), codes: None });
    }
    for attempt in &page.detail.attempts {
        let mut told = None;
        // "Publishing begun" tells of the first attempt already.
        for line in attempt.log.iter().filter(|line| line.cause != "started") {
            let cause = line.cause.replace('_', "-");
            // One log id accompanies several steps; it is told where it first appears.
            let log_id = line.log_id.as_deref().filter(|log_id| told != Some(*log_id));
            told = log_id.or(told);
            entries.push(Entry {
                at: line.at,
                rank: 1,
                tone: tone(line.to.as_str()),
                what: say(format!("cause-{cause}"), &line.cause),
                codes: log_id.map(|log_id| copy_code(l, "log_id", log_id)),
            });
        }
    }
    entries.sort_by_key(|entry| (entry.at, entry.rank));
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

/// What an event means, and whether it opens a moment (0) or is what came of it (2).
fn meaning(page: &PostPage<'_>, kind: &str) -> (StepTone, u8) {
    match kind {
        "published" | "in_inbox" | "linked" => (StepTone::Good, 2),
        "failed" => (StepTone::Bad, 2),
        "needs_attention" if is_unknown(&page.detail.row) => (StepTone::Ask, 2),
        "needs_attention" => (StepTone::Bad, 2),
        "trying_again" => (StepTone::Going, 2),
        _ => (StepTone::Plain, 0),
    }
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

#[cfg(test)]
mod tests {
    use domain::post::PostContent;
    use domain::schedule::Zone;
    use store::PostProblem;

    use super::*;
    use crate::pages::{check, samples};
    use crate::ui::{Nav, Theme};

    fn drawn(post: &store::Post) -> [(Locale, String); 2] {
        let detail = samples::detail(post.clone());
        [Locale::En, Locale::Ru].map(|locale| {
            let frame = Frame::sample(locale, Theme::System, Nav::History);
            let when = When::new(locale, Zone::utc().name(), samples::NOW);
            let numbers = PostShown { is_allowed: false, watches: Vec::new(), points: Vec::new() };
            let html = post_page(&PostPage {
                frame: &frame,
                detail: &detail,
                when: &when,
                paused: None,
                numbers: &numbers,
                refused: None,
            })
            .into_string();
            check::page(locale, &html);
            (locale, html)
        })
    }

    fn said(l: Locale, id: &str) -> String {
        l.message(id, []).unwrap_or_default()
    }

    #[test]
    fn every_state_is_a_whole_page_in_every_language() {
        for state in PostState::ALL {
            let content =
                PostContent { caption: "Honey cake, layer by layer #baking".to_owned(), ..PostContent::default() };
            for (l, html) in drawn(&samples::post(state, content)) {
                check::kept(&format!("post-{}", state.as_str()), l, &html);
                assert!(html.contains("Honey cake, layer by layer"));
            }
        }
    }

    #[test]
    fn ux_23_a_post_on_its_way_says_that_tiktok_needs_minutes() {
        for (l, html) in drawn(&samples::post(PostState::Publishing, PostContent::default())) {
            assert!(html.contains(&said(l, "compose-takes-minutes")));
        }
    }

    #[test]
    fn ux_24_every_state_has_its_word_and_the_page_renews_itself() {
        for state in PostState::ALL {
            for (l, html) in drawn(&samples::post(state, PostContent::default())) {
                assert!(html.contains(&crate::ui::Status::Post(state).word(l)), "{state:?}");
                assert!(html.contains("hx-trigger=\"post from:#live, connections from:#live\""));
            }
        }
    }

    #[test]
    fn ux_31_a_draft_in_the_inbox_says_that_the_notification_must_be_tapped() {
        let mut post = samples::post(PostState::InInbox, PostContent::default());
        post.delivery = Delivery::Inbox;
        for (l, html) in drawn(&post) {
            assert!(html.contains(&said(l, "post-inbox")));
        }
    }

    #[test]
    fn ux_32_published_and_waiting_for_moderation_is_not_the_same_as_public() {
        let mut post = samples::post(PostState::Published, PostContent::default());
        for (l, html) in drawn(&post) {
            assert!(html.contains(&said(l, "post-moderation")) && !html.contains("/video/"));
        }
        post.tiktok_ids = vec!["7512345678901234567".to_owned()];
        for (l, html) in drawn(&post) {
            assert!(!html.contains(&said(l, "post-moderation")));
            assert!(html.contains("href=\"https://www.tiktok.com/@kitchen.at.home/video/7512345678901234567\""));
        }
    }

    #[test]
    fn ux_33_a_published_post_offers_no_edit_and_says_why() {
        for (l, html) in drawn(&samples::post(PostState::Published, PostContent::default())) {
            assert!(html.contains(&said(l, "post-no-edit")) && !html.contains("/compose/01930000"));
        }
    }

    #[test]
    fn a_held_post_offers_to_publish_it_to_move_it_and_to_say_that_it_is_out() {
        for code in ["held-after-restore", "held-overdue", "too-late"] {
            let mut post = samples::post(PostState::NeedsAttention, PostContent::default());
            let code = code.to_owned();
            post.problem = Some(PostProblem { code, tiktok_code: None, log_id: None, detail: None, at: samples::NOW });
            for (l, html) in drawn(&post) {
                assert!(html.contains("/published\"") && html.contains(&said(l, "queue-is-out")));
                assert!(html.contains("/move\"") && html.contains(&said(l, "queue-now-or-move")));
                assert!(!html.contains(&said(l, "post-question")), "nobody is asked what became of an attempt");
            }
        }
    }

    #[test]
    fn not_there_opens_later_and_the_page_says_when_and_why() {
        for (asked_at, opens) in [(samples::NOW, true), (samples::NOW.plus_seconds(-2 * 3600), false)] {
            let detail = samples::unknown(asked_at);
            for l in [Locale::En, Locale::Ru] {
                let frame = Frame::sample(l, Theme::System, Nav::History);
                let when = When::new(l, Zone::utc().name(), samples::NOW);
                let numbers = PostShown { is_allowed: false, watches: Vec::new(), points: Vec::new() };
                let html = post_page(&PostPage {
                    frame: &frame,
                    detail: &detail,
                    when: &when,
                    paused: None,
                    numbers: &numbers,
                    refused: None,
                })
                .into_string();
                check::page(l, &html);
                assert!(html.contains("value=\"there\"") && html.contains("value=\"not_there\""));
                let said = t!(l, "post-too-soon", when = when.moment(asked_at.plus_seconds(2 * 3600)));
                assert_eq!(html.contains(&maud::html! { (said) }.into_string()), opens, "14:30 for {l:?}");
                assert_eq!(html.contains("aria-disabled=\"true\" aria-describedby=\"too-soon\""), opens);
                assert_eq!(html.contains("hx-trigger=\"load delay:7201s\""), opens, "the page renews itself then");
            }
        }
    }

    #[test]
    fn an_unknown_outcome_asks_one_question_and_offers_nothing_else() {
        let mut post = samples::post(PostState::NeedsAttention, PostContent::default());
        let code = "outcome-unknown-unresolved".to_owned();
        post.problem = Some(PostProblem {
            code,
            tiktok_code: None,
            log_id: Some("2026LOG".to_owned()),
            detail: None,
            at: samples::NOW,
        });
        for (l, html) in drawn(&post) {
            assert!(html.contains(&said(l, "post-question")) && html.contains("value=\"not_there\""));
            assert!(html.contains("2026LOG") && !html.contains("/move\""));
        }
    }
}
