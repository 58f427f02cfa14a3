//! The post page as markup, in the order of TikTok's audit. Owns the looks; what may be chosen comes from the rule engine.

use app::media::pictures::strip_times;
use app::posts::{ComposeTab, ComposeView, Expectation};
use app::settings::TikTokApp;
use domain::consent::Declaration;
use domain::creator::{CreatorStanding, PrivacyLevel};
use domain::id::MediaId;
use domain::media::ThumbnailState;
use domain::media::verdict::minutes_seconds;
use domain::post::PostState;
use domain::rules::{BoxChoice, BoxDisabled, Field, InteractionChoice, LabelPrompt, Problem, Severity};
use domain::schedule::{LocalTime, Resolved, Zone, resolve, to_local};
use domain::time::UnixMillis;
use maud::{Markup, html};

use super::expected::expectation;
use super::form::FormProblem;
use super::{batch, earlier, marks, photos};
use crate::assets::Asset;
use crate::avatar;
use crate::locale::Locale;
use crate::pages::connections::pause;
use crate::pages::guide::app_status;
use crate::pages::labels::part;
use crate::pages::post::beside::Refused;
use crate::pages::post::note;
use crate::pages::snippets;
use crate::ui::account::{Face, Size, face};
use crate::ui::policy::not_agreed;
use crate::ui::{
    Button, Checkbox, Choice, Does, Frame, Head, Icon, Key, Notice, SelectField, TextArea, TextField, Tone, When,
    app_page, button, checkbox, form_errors, icon, link_button, listbox, notice, page_head, shortcuts, switch,
    text_area, text_field,
};
use crate::words;

/// Where TikTok explains the Music Usage Confirmation.
const MUSIC_URL: &str = "https://www.tiktok.com/legal/page/global/music-usage-confirmation/en";
/// Where TikTok explains the Branded Content Policy.
const BRANDED_URL: &str = "https://www.tiktok.com/legal/page/global/bc-policy/en";
/// A proposal for the time, when nothing was typed yet: this far ahead, milliseconds.
const PROPOSE_AHEAD_MS: i64 = 3_600_000;

/// Everything the page shows.
pub struct ComposePage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// What was gathered.
    pub view: &'a ComposeView,
    /// The reader's zone.
    pub zone: &'a Zone,
    /// Rules that the pressed button ran into; empty on a first look.
    pub refused: &'a [Problem],
    /// What was wrong with the fields themselves.
    pub form_problem: Option<FormProblem>,
    /// What the time in the fields means for the post, when it could be told.
    pub expected: Option<Expectation>,
    /// Since when the account of the post rests.
    pub paused: Option<UnixMillis>,
    /// How far the app is at TikTok.
    pub app: TikTokApp,
    /// Another tab or person changed the post meanwhile.
    pub stale: bool,
    /// An earlier state came back just now: the id of the state that was kept for the way forward, or nothing.
    pub restored: Option<&'a str>,
    /// What was typed beside it and not taken.
    pub beside: Option<&'a Refused>,
}

pub(super) struct Words<'a> {
    pub(super) l: Locale,
    pub(super) when: When,
    refused: &'a [Problem],
}

impl Words<'_> {
    pub(super) fn error(&self, field: Field) -> Option<String> {
        self.refused
            .iter()
            .find(|problem| problem.field() == field && problem.severity() == Severity::Blocks)
            .map(|problem| words::problem(self.l, &self.when, problem))
    }
}

/// The element a problem's field has on this page.
const fn element_of(field: Field) -> &'static str {
    match field {
        Field::Account => "account",
        Field::Media => "media",
        Field::Title => "title",
        Field::Caption => "caption",
        Field::Privacy => "privacy",
        Field::Comment => "allow-comment",
        Field::Duet => "allow-duet",
        Field::Stitch => "allow-stitch",
        Field::Disclosure => "disc",
        Field::Cover => "cover",
        Field::Time => "date",
        Field::Delivery => "delivery",
    }
}

/// The whole page.
#[must_use]
pub fn compose_page(page: &ComposePage<'_>) -> Markup {
    let l = page.frame.locale;
    let view = page.view;
    let when = When::new(l, page.zone.name(), view.now);
    let w = Words { l, when, refused: page.refused };
    let base = format!("/compose/{}", view.current.post.group_id);
    let mut errors: Vec<(&str, String)> = page
        .refused
        .iter()
        .filter(|problem| problem.severity() == Severity::Blocks)
        .map(|problem| (element_of(problem.field()), words::problem(l, &w.when, problem)))
        .collect();
    match page.form_problem {
        Some(FormProblem::Time) => errors.push(("date", t!(l, "compose-time-missing"))),
        Some(FormProblem::Jump) => errors.push(("jump", t!(l, "compose-time-jumps"))),
        Some(FormProblem::Policy) | None => {}
    }
    let is_draft = view.current.post.state == PostState::Draft;
    let lede = t!(l, "compose-lede", n = view.tabs.len());
    // What was typed came back unsaved.
    let is_unsaved = page.stale || page.form_problem.is_some() || !page.refused.is_empty();
    let autosave = is_draft.then(|| format!("{base}/{}/draft", view.current.post.id));
    let content = html! {
        (page_head(&if is_draft { t!(l, "compose-title") } else { t!(l, "compose-title-edit") }, Some(&lede), None))
        @if page.stale {
            (notice(&Notice {
                tone: Tone::Warn,
                what: &t!(l, "compose-stale"),
                more: &t!(l, "compose-stale-do"),
                actions: Some(link_button(&account_href(&base, &view.current), &Button { label: &t!(l, "compose-reload"), small: true, ..Button::default() })),
                urgent: true,
            }))
        }
        @if is_draft && !page.stale {
            // Shown by the script when another window saved the same draft.
            div data-conflict="" hidden {
                (notice(&Notice {
                    tone: Tone::Warn,
                    what: &t!(l, "compose-stale"),
                    more: &t!(l, "compose-conflict-do"),
                    actions: Some(link_button(&account_href(&base, &view.current), &Button { label: &t!(l, "compose-reload"), small: true, ..Button::default() })),
                    ..Notice::default()
                }))
            }
        }
        @if let Some(at) = page.paused { (pause::paused(l, &w.when, &view.current.connection, at)) }
        @if view.current.post.state == PostState::Scheduled {
            (notice(&Notice { tone: Tone::Info, what: &t!(l, "compose-scheduled-edit"), more: &t!(l, "compose-scheduled-edit-more"), ..Notice::default() }))
        }
        @if page.form_problem == Some(FormProblem::Policy) { (not_agreed(l)) }
        (form_errors(l, &errors))
        (out_before(&w, view))
        (batch::strip(l, view))
        (account_tabs(l, &base, view))
        form.cols.composer id="composer" method="post" novalidate action=(format!("{base}/{}", view.current.post.id)) data-composer=""
            data-autosave=[autosave] data-unsaved=[is_unsaved.then_some("")]
            data-why-server=[fixed_reason(&w, view)] data-why-privacy=(t!(l, "problem-privacy-missing")) data-why-disclosure=(t!(l, "problem-disclosure-empty"))
            data-why-branded=(t!(l, "problem-branded-private")) data-why-caption=(t!(l, "compose-caption-too-long")) {
            input type="hidden" name="revision" value=(view.current.post.revision);
            @if view.current.post.photos.is_some() || !view.earlier.is_empty() { (photos::default_button(&w)) }
            // After the button that Enter presses: this one takes everything back.
            @if let Some(kept) = page.restored { (earlier::restored(&w, view, kept)) }
            div.stack {
                (account_block(&w, view))
                (caption_block(&w, view))
                section.card.stack { @if is_direct(view) { (app_status(l, page.app)) } (privacy_block(&w, view)) (interactions_block(&w, view)) }
                (disclosure_block(&w, view))
                @if let Some(photos) = &view.current.post.content.photos { (photos::music(&w, photos)) } @else { section.card {
                    (switch(&Checkbox {
                        id: "aigc", name: "ai_generated", label: &t!(l, "compose-ai"), note: Some(&t!(l, "compose-ai-note")),
                        checked: view.current.post.content.ai_generated, ..Checkbox::default()
                    }))
                } }
            }
            (preview_block(&w, view))
            (submit_bar(&w, page))
        }
        (beside(page))
        (shortcuts(l, &keys(l, is_draft)))
    };
    let head = Head { title: t!(l, "compose-title"), script: Some(Asset::Composer), ..Head::default() };
    app_page(page.frame, head, &content)
}

/// What stands beside the post and goes nowhere: labels and a note. Forms of their own, so that they change nothing of what is typed above.
fn beside(page: &ComposePage<'_>) -> Markup {
    let (l, view) = (page.frame.locale, page.view);
    let (id, next) =
        (view.current.post.id, account_href(&format!("/compose/{}", view.current.post.group_id), &view.current));
    let (borne, all) = &view.labels;
    let action = format!("/posts/{id}/labels");
    let giving = part::Giving {
        key: "beside",
        action: &action,
        next: &next,
        all,
        borne,
        refused: page.beside.and_then(Refused::labels),
    };
    let refused_note = page.beside.and_then(Refused::note);
    html! {
        section.beside id="beside" aria-label=(t!(l, "compose-beside")) {
            div.card.stack.tight {
                (part::chips(l, borne))
                details open[!borne.is_empty() || giving.refused.is_some()] { summary { (t!(l, "labels-title")) } (part::form(l, &giving)) }
            }
            div.card.stack.tight {
                details open[view.note.is_some() || refused_note.is_some()] { summary { (t!(l, "note-title")) } (note::form(l, id, view.note.as_deref().unwrap_or_default(), &next, refused_note)) }
            }
        }
    }
}

/// Keys of this page; none of them sends anything to TikTok. Saving makes a draft of whatever the post is, so only a draft has a key for it.
fn keys(l: Locale, is_draft: bool) -> Vec<Key> {
    let save = Key { key: "s", words: t!(l, "compose-save"), does: Does::Presses("#delivery button[value=save]") };
    let mut keys = vec![
        Key { key: "e", words: t!(l, "keys-caption"), does: Does::Focuses("#caption") },
        Key { key: "j", words: t!(l, "keys-next-post"), does: Does::Presses("a[rel=next]") },
        Key { key: "k", words: t!(l, "keys-previous-post"), does: Does::Presses("a[rel=prev]") },
    ];
    if is_draft {
        keys.insert(1, save);
    }
    keys
}

/// What no choice on this page can mend; the script must not take it back.
fn fixed_reason(w: &Words<'_>, view: &ComposeView) -> Option<String> {
    let reason = view.choices.submit_disabled_because.as_ref()?;
    (*reason != Problem::DisclosureEmpty).then(|| words::problem(w.l, &w.when, reason))
}

fn account_href(base: &str, tab: &ComposeTab) -> String {
    format!("{base}?account={}", tab.connection.id)
}

fn account_tabs(l: Locale, base: &str, view: &ComposeView) -> Markup {
    html! {
        div.acc-tabs role="group" aria-label=(t!(l, "compose-accounts")) {
            @for tab in &view.tabs {
                @let picture = avatar::address(&tab.connection);
                a.acc-tab data-flavour=(tab.connection.flavour.as_str()) href=(account_href(base, tab))
                    aria-current=[(tab.post.id == view.current.post.id).then_some("page")] {
                    (face(&Face { name: &tab.connection.display_name, flavour: tab.connection.flavour, picture: picture.as_deref() }, Size::Medium))
                    span { b { (tab.connection.display_name) } small { (crate::ui::Status::from(tab.post.state).word(l)) } }
                }
            }
            @if !view.other_connections.is_empty() {
                form.row.tight method="post" action=(format!("{base}/account")) {
                    div.field {
                        label.vh for="add-account" { (t!(l, "compose-add-account")) }
                        select id="add-account" name="connection" {
                            @for connection in &view.other_connections {
                                option value=(connection.id) { (connection.display_name) }
                            }
                        }
                    }
                    (button(&Button { label: &t!(l, "compose-add-account"), icon: Some(Icon::Plus), small: true, ..Button::default() }))
                }
            }
        }
    }
}

/// UX-1 to UX-4: who receives the post, whether they can post now, and how long it may be.
fn account_block(w: &Words<'_>, view: &ComposeView) -> Markup {
    let l = w.l;
    let connection = &view.current.connection;
    let creator = match &view.standing {
        Ok(CreatorStanding::CanPost(creator)) => Some(creator),
        Ok(CreatorStanding::Blocked(_)) | Err(_) => None,
    };
    let nickname = creator.map_or(connection.display_name.as_str(), |c| c.nickname.as_str());
    let handle = creator.map(|c| c.username.as_str()).or(connection.username.as_deref());
    let length = view.files.media.video().map(|facts| minutes_seconds(facts.duration_ms));
    let of_files = view.problems.iter().filter(|problem| problem.field() == Field::Media);
    let picture = avatar::address(connection);
    let posted_to = if is_photos(view) { t!(l, "compose-posted-to-photos") } else { t!(l, "compose-posted-to") };
    html! {
        section.card.acc-head id="account" tabindex="-1" data-flavour=(connection.flavour.as_str()) {
            span.who {
                (face(&Face { name: nickname, flavour: connection.flavour, picture: picture.as_deref() }, Size::Large))
                span {
                    small { (posted_to) }
                    b.nick { (nickname) }
                    @if let Some(handle) = handle { small { "@" (handle) } }
                }
            }
            span.acc-facts {
                @if creator.is_some() {
                    span.chip { (icon(Icon::Check)) (t!(l, "compose-can-post")) }
                }
                @if let (Some(creator), Some(length)) = (creator, &length) {
                    span.chip { (icon(Icon::Clock)) (t!(l, "compose-length", length = length.as_str(), max = minutes_seconds(creator.max_video_duration_s.saturating_mul(1000)))) }
                }
            }
        }
        @for problem in view.problems.iter().filter(|problem| problem.field() == Field::Account) {
            (notice(&Notice {
                tone: if problem.severity() == Severity::Blocks { Tone::Bad } else { Tone::Warn },
                what: &words::problem(l, &w.when, problem),
                actions: matches!(problem, Problem::ReconnectNeeded | Problem::Disconnected)
                    .then(|| link_button("/connections", &Button { label: &t!(l, "verb-reconnect"), small: true, ..Button::default() })),
                ..Notice::default()
            }))
        }
        @if let Err(error) = &view.standing {
            @if let app::Error::TikTok(error) = error {
                p.hint { (t!(l, "compose-tiktok-silent", code = error.code())) }
            }
        }
        @for problem in of_files {
            (notice(&Notice { tone: Tone::Bad, what: &words::problem(l, &w.when, problem), ..Notice::default() }))
        }
    }
}

/// The account takes direct posts: to the inbox alone no limit of the app applies.
fn is_direct(view: &ComposeView) -> bool {
    view.current.connection.scopes.can_publish()
}

/// Photos have texts of their own, and only comments.
fn is_photos(view: &ComposeView) -> bool {
    view.current.post.photos.is_some()
}

/// UX-5: the caption, always editable.
fn caption_block(w: &Words<'_>, view: &ComposeView) -> Markup {
    let error = w.error(Field::Caption);
    let content = &view.current.post.content;
    let label = if is_photos(view) { t!(w.l, "compose-photo-description") } else { t!(w.l, "compose-caption") };
    html! {
        section.card.stack {
            @if let Some(photos) = &content.photos { (photos::title(w, photos)) }
            (text_area(&TextArea {
                id: "caption", name: "caption", label: &label, value: &view.current.post.content.caption,
                limit_utf16: content.caption_max_utf16(), rows: 4, hint: Some(&t!(w.l, "compose-caption-hint")), error: error.as_deref(),
            }))
            (marks::below(w.l, &content.caption))
            (snippets::offered(w.l, &view.snippets))
        }
    }
}

/// An audience in words.
#[must_use]
pub fn privacy_word(l: Locale, level: PrivacyLevel) -> String {
    match level {
        PrivacyLevel::PublicToEveryone => t!(l, "privacy-everyone"),
        PrivacyLevel::MutualFollowFriends => t!(l, "privacy-friends"),
        PrivacyLevel::FollowerOfCreator => t!(l, "privacy-followers"),
        PrivacyLevel::SelfOnly => t!(l, "privacy-only-you"),
    }
}

/// UX-6, UX-7, UX-17: exactly TikTok's options, none picked, "Only you" refused for branded content with the reason beside it.
fn privacy_block(w: &Words<'_>, view: &ComposeView) -> Markup {
    let l = w.l;
    let labels: Vec<(String, Option<String>)> = view
        .choices
        .privacy
        .iter()
        .map(|choice| {
            let why = choice.disabled_because.map(|because| match because {
                domain::rules::PrivacyDisabled::BrandedPrivate => {
                    domain::rules::choices::BRANDED_PRIVATE_TEXT.to_owned()
                }
                domain::rules::PrivacyDisabled::BrandedFollowers => words::problem(l, &w.when, &because.problem()),
            });
            (privacy_word(l, choice.level), why)
        })
        .collect();
    let choices: Vec<Choice<'_>> = view
        .choices
        .privacy
        .iter()
        .zip(&labels)
        .map(|(choice, (label, why))| Choice {
            value: choice.level.as_str(),
            label,
            note: why.as_deref(),
            disabled: choice.disabled_because.is_some(),
        })
        .collect();
    let selected = view.choices.privacy.iter().find(|choice| choice.chosen).map(|choice| choice.level.as_str());
    let error = w.error(Field::Privacy);
    html! {
        @if choices.is_empty() {
            p.hint id="privacy" tabindex="-1" {
                @if matches!(view.standing, Ok(CreatorStanding::Blocked(_))) { (t!(l, "compose-privacy-later")) } @else { (t!(l, "compose-privacy-unknown")) }
            }
        } @else {
            (listbox(&SelectField {
                id: "privacy", name: "privacy", label: &if is_photos(view) { t!(l, "compose-privacy-photos") } else { t!(l, "compose-privacy") }, choices: &choices, selected,
                placeholder: Some(&t!(l, "compose-privacy-choose")), hint: None, error: error.as_deref(),
            }))
            p.hint.when-branded { span lang="en" { (domain::rules::choices::BRANDED_PRIVATE_TEXT) } @if l == Locale::Ru { " " (t!(l, "compose-branded-private-local")) } }
        }
    }
}

/// UX-8, UX-9, UX-10: three boxes, for photos one, unticked, greyed with the reason when the creator turned one off.
fn interactions_block(w: &Words<'_>, view: &ComposeView) -> Markup {
    let l = w.l;
    let off = t!(l, "compose-turned-off");
    let one = |id: &str, name: &str, label: &str, choice: InteractionChoice| {
        checkbox(&Checkbox {
            id,
            name,
            label,
            note: choice.turned_off.then_some(off.as_str()),
            checked: choice.ticked,
            disabled: choice.turned_off,
            ..Checkbox::default()
        })
    };
    html! {
        fieldset {
            legend.label { (t!(l, "compose-viewers-may")) }
            div.inter {
                (one("allow-comment", "allow_comment", &t!(l, "compose-comment"), view.choices.comment))
                @if let Some(duet) = view.choices.duet { (one("allow-duet", "allow_duet", &t!(l, "compose-duet"), duet)) }
                @if let Some(stitch) = view.choices.stitch { (one("allow-stitch", "allow_stitch", &t!(l, "compose-stitch"), stitch)) }
            }
        }
    }
}

/// UX-12 to UX-16: the switch, off; two boxes, unticked; prompts only after a tick.
fn disclosure_block(w: &Words<'_>, view: &ComposeView) -> Markup {
    let l = w.l;
    let choices = &view.choices;
    let prompt = |class: &str, prompt: LabelPrompt| {
        let local = match prompt {
            LabelPrompt::PromotionalContent => t!(l, "label-prompt-promotional-content"),
            LabelPrompt::PaidPartnership => t!(l, "label-prompt-paid-partnership"),
        };
        html! {
            p class=(format!("prompt {class}")) {
                (icon(Icon::DropScheduled))
                span { span lang="en" { (prompt.text()) } @if l == Locale::Ru { small { (local) } } }
            }
        }
    };
    html! {
        section.card.disclosure {
            (switch(&Checkbox {
                id: "disc", name: "disclosure", label: &t!(l, "compose-disclosure"), note: Some(&t!(l, "compose-disclosure-note")),
                checked: choices.disclosure_on, ..Checkbox::default()
            }))
            div.boxes {
                (checkbox(&Checkbox {
                    id: "yb", name: "your_brand", label: &t!(l, "compose-your-brand"), note: Some(&t!(l, "compose-your-brand-note")),
                    checked: choices.your_brand.ticked, ..Checkbox::default()
                }))
                (branded_box(l, choices.branded_content))
                (prompt("p-own", LabelPrompt::PromotionalContent))
                (prompt("p-paid", LabelPrompt::PaidPartnership))
                p.prompt.p-none { (icon(Icon::Alert)) span { span lang="en" { (domain::rules::choices::DISCLOSURE_EMPTY_TEXT) } @if l == Locale::Ru { small { (t!(l, "problem-disclosure-empty")) } } } }
            }
        }
    }
}

/// The box with every reason it may be refused for; the style sheet shows the one that fits the chosen audience.
fn branded_box(l: Locale, choice: BoxChoice) -> Markup {
    let nothing_public = choice.disabled_because == Some(BoxDisabled::NothingPublicOffered);
    html! {
        label.check for="bc" {
            input id="bc" name="branded_content" type="checkbox" value="on" checked[choice.ticked]
                disabled[choice.disabled_because.is_some()] aria-describedby="bc-note";
            span { (t!(l, "compose-branded")) }
            small.branded-why id="bc-note" {
                @if nothing_public {
                    (t!(l, "branded-disabled-nothing-public"))
                } @else {
                    span.free { (t!(l, "compose-branded-note")) }
                    span.only-you { (t!(l, "branded-disabled-only-you")) }
                    span.followers { (t!(l, "branded-disabled-followers")) }
                }
            }
        }
    }
}

/// UX-19, UX-30: what will be posted, playing; the cover; the file.
fn preview_block(w: &Words<'_>, view: &ComposeView) -> Markup {
    let l = w.l;
    let post = &view.current.post;
    let media = &view.files.media;
    let connection = &view.current.connection;
    let handle = connection.username.as_deref().unwrap_or(&connection.display_name);
    let picture = avatar::address(connection);
    let creator = Face { name: &connection.display_name, flavour: connection.flavour, picture: picture.as_deref() };
    let duration_ms = media.video().map_or(0, |facts| facts.duration_ms);
    let cover_ms = post.content.cover_ms.unwrap_or(0);
    let error = w.error(Field::Cover);
    let file = format!("/media/{}/file", media.id);
    html! {
        aside.stack.preview aria-label=(t!(l, "compose-preview")) {
            div.phone {
                div.screen {
                    @if is_photos(view) { (photos::slides(w, view)) } @else {
                        video id="preview" src=(file) controls playsinline loop preload="metadata" aria-label=(t!(l, "compose-preview")) {}
                    }
                    span.cap-text {
                        b { "@" (handle) }
                        span id="preview-caption" { (marks::marked(&post.content.caption)) }
                        span.label.p-own lang="en" { "Promotional content" }
                        span.label.p-paid lang="en" { "Paid partnership" }
                    }
                    span.rail aria-hidden="true" { (face(&creator, Size::Medium)) (icon(Icon::Heart)) (icon(Icon::Comment)) (icon(Icon::Share)) }
                }
            }
            @if duration_ms > 0 {
                section.card {
                    div.card-head { h2 { (t!(l, "compose-cover")) } output.muted.tnum for="cover" id="cover-time" { (cover_words(cover_ms)) } }
                    @if media.thumbnail == ThumbnailState::Ready { (cover_frames(l, media.id, duration_ms)) }
                    div.field {
                        label.vh for="cover" { (t!(l, "compose-cover-moment")) }
                        input id="cover" name="cover_ms" type="range" min="0" max=(duration_ms.saturating_sub(1)) step="100" value=(cover_ms)
                            aria-describedby="cover-hint" aria-invalid=[error.as_ref().map(|_| "true")];
                        span.hint id="cover-hint" { (t!(l, "compose-cover-hint")) }
                        @if let Some(error) = &error { span.error { (icon(Icon::Alert)) span { (error) } } }
                    }
                }
            }
            @if let Some(carousel) = &post.photos { (photos::arranger(w, view, carousel)) } @else { section.card id="media" tabindex="-1" {
                p.row.spread { b { (media.file_name) } small.muted { (crate::ui::when::size(l, media.size_bytes)) } }
                p.hint { (t!(l, "compose-nothing-sent")) }
            } }
            (earlier::list(w, view, false))
        }
    }
}

/// Eight moments of the video. Without the script a picked frame counts when the form is sent; with it the frames move the slider.
fn cover_frames(l: Locale, media: MediaId, duration_ms: i64) -> Markup {
    html! {
        div role="radiogroup" aria-label=(t!(l, "compose-cover-moment")) data-covers="" {
            div.covers {
                @for (n, ms) in strip_times(duration_ms).into_iter().enumerate() {
                    label {
                        input type="radio" name="cover_frame" value=(ms);
                        span.thumb { img src=(format!("/media/{media}/frames/{n}")) alt=(cover_words(ms)) loading="lazy" decoding="async"; }
                    }
                }
            }
            label.check data-own-moment="" {
                input type="radio" name="cover_frame" value="" checked;
                span { (t!(l, "compose-cover-own")) }
            }
        }
    }
}

/// The same content went out before: when, with which account, and the post.
fn out_before(w: &Words<'_>, view: &ComposeView) -> Markup {
    let l = w.l;
    let gone = t!(l, "library-account-gone");
    let known = || view.tabs.iter().map(|tab| &tab.connection).chain(&view.other_connections);
    let links = html! {
        @for one in &view.out_before {
            a href=(format!("/posts/{}", one.post_id)) {
                (known().find(|c| c.id == one.connection_id).map_or(gone.as_str(), |c| &c.display_name))
                @if let Some(at) = one.published_at { ", " (w.when.moment(at)) }
            }
        }
    };
    html! {
        @if !view.out_before.is_empty() {
            (notice(&Notice { tone: Tone::Warn, what: &t!(l, "compose-out-before"), more: &t!(l, "compose-out-before-more"), actions: Some(links), ..Notice::default() }))
        }
    }
}

/// `0:17.4` for a moment of the video.
#[must_use]
pub fn cover_words(ms: i64) -> String {
    format!("{}.{}", minutes_seconds(ms), ms.rem_euclid(1000) / 100)
}

/// UX-11, UX-15, UX-18, UX-23, UX-31, UX-33: the declaration, the time, the buttons.
fn submit_bar(w: &Words<'_>, page: &ComposePage<'_>) -> Markup {
    let l = w.l;
    let view = page.view;
    let connection = &view.current.connection;
    let reason = view.choices.submit_disabled_because.as_ref();
    let why = reason.map(|problem| words::problem(l, &w.when, problem));
    let hover = match reason {
        Some(Problem::DisclosureEmpty) => Some(domain::rules::choices::DISCLOSURE_EMPTY_TEXT.to_owned()),
        Some(_) | None => why.clone(),
    };
    let direct = connection.scopes.can_publish();
    html! {
        section.sched.card.lift aria-label=(t!(l, "compose-send")) {
            div.decl { (music(l, "d-m")) (branded(l, "d-bm")) small.muted { (t!(l, "compose-takes-minutes")) } }
            @if connection.scopes.can_send_to_inbox() {
                @if is_photos(view) {
                    details.hint { summary { (t!(l, "compose-inbox-what-photos")) } p { (t!(l, "compose-inbox-explained-photos")) } }
                } @else {
                    details.hint { summary { (t!(l, "compose-inbox-what")) } p { (t!(l, "compose-inbox-explained")) } }
                }
            }
            (jump_place(w, page))
            small.why id="why" hidden[why.is_none()] { (icon(Icon::Alert)) span data-why="" { (why.as_deref().unwrap_or_default()) } }
            div.go id="delivery" tabindex="-1" {
                (time_fields(w, page))
                span.row.tight.end {
                    (earlier::saved_sign(w, view))
                    (button(&Button { label: &t!(l, "compose-save"), sends: Some(("action", "save")), ..Button::default() }))
                    @if connection.scopes.can_send_to_inbox() {
                        (button(&Button { label: &t!(l, "compose-inbox"), icon: Some(Icon::Download), sends: Some(("action", "inbox")), ..Button::default() }))
                    }
                    @if direct {
                        (send_button(&t!(l, "compose-now"), "now", "btn", why.is_some(), hover.as_deref()))
                        (send_button(&t!(l, "compose-schedule"), "schedule", "btn primary big", why.is_some(), hover.as_deref()))
                    }
                }
                // Last, so that Enter in a field does not press it.
                @if let Some(at) = page.view.free_slot {
                    (button(&Button { label: &t!(l, "compose-next-slot", at = w.when.moment(at)), small: true, icon: Some(Icon::Clock), sends: Some(("action", "slot")), ..Button::default() }))
                }
            }
        }
    }
}

fn music(l: Locale, class: &str) -> Markup {
    html! {
        p class=(class) lang="en" { b { "By posting, you agree to TikTok's " a href=(MUSIC_URL) rel="noreferrer" target="_blank" { "Music Usage Confirmation" } } }
        @if l == Locale::Ru { small class=(format!("muted {class}")) { (t!(l, "compose-declaration-music")) } }
    }
}

fn branded(l: Locale, class: &str) -> Markup {
    html! {
        p class=(class) lang="en" {
            b {
                "By posting, you agree to TikTok's " a href=(BRANDED_URL) rel="noreferrer" target="_blank" { "Branded Content Policy" }
                " and " a href=(MUSIC_URL) rel="noreferrer" target="_blank" { "Music Usage Confirmation" }
            }
        }
        @if l == Locale::Ru { small class=(format!("muted {class}")) { (t!(l, "compose-declaration-branded")) } }
    }
}

/// The declaration that belongs to content that is not changed on this page.
#[must_use]
pub fn declaration(l: Locale, declaration: Declaration) -> Markup {
    html! {
        div.decl {
            @match declaration {
                Declaration::Music => (music(l, "said")),
                Declaration::BrandedAndMusic => (branded(l, "said")),
            }
            small.muted { (t!(l, "compose-takes-minutes")) }
        }
    }
}

/// A button that sends: while something is missing it keeps its focus, says why, and the server refuses with the same words.
fn send_button(label: &str, action: &str, class: &str, disabled: bool, hover: Option<&str>) -> Markup {
    html! {
        button class=(class) type="submit" name="action" value=(action) data-sends="" aria-disabled=[disabled.then_some("true")]
            aria-describedby="why" title=[hover] { (label) }
    }
}

/// The instant of the wall-clock time in the fields.
#[must_use]
pub fn planned_at(view: &ComposeView, zone: &Zone) -> UnixMillis {
    let (zone, local) = planned_in(view, zone);
    resolve(local, &zone).at()
}

/// The wall-clock time in the fields: what was typed, or a proposal.
fn planned(page: &ComposePage<'_>) -> (Zone, LocalTime) {
    planned_in(page.view, page.zone)
}

fn planned_in(view: &ComposeView, own: &Zone) -> (Zone, LocalTime) {
    let (post, now) = (&view.current.post, view.now);
    let zone: Zone = post.time_zone.as_deref().and_then(|zone| zone.parse().ok()).unwrap_or_else(|| own.clone());
    let typed = post.local_time.as_deref().and_then(|local| local.parse().ok());
    let local = typed.unwrap_or_else(|| to_local(now.plus_millis(PROPOSE_AHEAD_MS), &zone));
    (zone, local)
}

/// Where a clock change is explained, for the time in the fields.
fn jump_place(w: &Words<'_>, page: &ComposePage<'_>) -> Markup {
    let (zone, local) = planned(page);
    html! {
        div id="jump" tabindex="-1" aria-live="polite" {
            (jump(w.l, &zone, local))
            @if let Some(expected) = &page.expected { (expectation(w.l, &When::new(w.l, zone.name(), page.view.now), expected)) }
        }
    }
}

fn time_fields(w: &Words<'_>, page: &ComposePage<'_>) -> Markup {
    let l = w.l;
    let view = page.view;
    let (zone, local) = planned(page);
    let text = local.to_string();
    let (date, time) = text.split_once('T').unwrap_or((&text, ""));
    let today = to_local(view.now, &zone).to_string();
    let error = w
        .error(Field::Time)
        .or_else(|| (page.form_problem == Some(FormProblem::Time)).then(|| t!(l, "compose-time-missing")));
    html! {
        div.row.when data-when="/compose/when" data-post=(view.current.post.id) {
            (text_field(&TextField { id: "date", name: "date", label: &t!(l, "compose-date"), value: date, kind: "date", min: today.get(..10), error: error.as_deref(), ..TextField::default() }))
            (text_field(&TextField { id: "time", name: "time", label: &t!(l, "compose-time"), value: time, kind: "time", ..TextField::default() }))
            input type="hidden" name="zone" value=(zone.name());
            small.muted { (When::new(l, zone.name(), view.now).zone_label(resolve(local, &zone).at())) }
        }
    }
}

/// What happens when the clock skips or repeats the chosen time; empty otherwise. Sending it along says that it was seen.
#[must_use]
pub fn jump(l: Locale, zone: &Zone, local: LocalTime) -> Markup {
    jump_with(l, zone, local, false)
}

/// The same, with the first or the second of two equal times chosen.
#[must_use]
pub fn jump_with(l: Locale, zone: &Zone, local: LocalTime, chosen: bool) -> Markup {
    let offset = |seconds: i32| {
        let minutes = seconds / 60;
        format!("UTC{}{}:{:02}", if minutes < 0 { '−' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60)
    };
    match resolve(local, zone) {
        Resolved::Plain { .. } => html! {},
        Resolved::Gap { moved_to, .. } => {
            let moved = moved_to.to_string();
            let moved = moved.split_once('T').map_or("", |(_, time)| time);
            html! {
                input type="hidden" name="jump_seen" value=(local);
                (notice(&Notice { tone: Tone::Warn, what: &t!(l, "compose-gap"), more: &t!(l, "compose-gap-more", moved = moved), ..Notice::default() }))
            }
        }
        Resolved::Overlap { first_offset_s, second_offset_s, .. } => html! {
            input type="hidden" name="jump_seen" value=(local);
            fieldset.stack {
                legend.label { (t!(l, "compose-overlap")) }
                (checkbox(&Checkbox { id: "first", name: "occurrence", value: "first", label: &t!(l, "compose-overlap-first", offset = offset(first_offset_s)), checked: !chosen, radio: true, ..Checkbox::default() }))
                (checkbox(&Checkbox { id: "second", name: "occurrence", value: "second", label: &t!(l, "compose-overlap-second", offset = offset(second_offset_s)), checked: chosen, radio: true, ..Checkbox::default() }))
            }
        },
    }
}
