//! The review: every post as it will be sent, those that stay behind with the reason, one button after all of them; and what came of it.
//! Owns looks and the tokens that say what was shown; must not decide.

use app::posts::{Agreement, Behind, Reviewed, Settled, waits};
use domain::consent::Declaration;
use domain::creator::CreatorStanding;
use domain::post::{Delivery, PostContent};
use domain::rules::LabelPrompt;
use domain::time::UnixMillis;
use maud::{Markup, html};
use store::{Connection, Post};

use crate::assets::Asset;
use crate::avatar;
use crate::locale::Locale;
use crate::pages::compose::expected::{cap_words, expectation};
use crate::pages::compose::marks::marked;
use crate::pages::compose::page::{cover_words, declaration, privacy_word};
use crate::pages::queue::view::title;
use crate::pages::small_picture;
use crate::ui::account::{Face, Size, face};
use crate::ui::policy::not_agreed;
use crate::ui::{
    Button, Frame, Head, Icon, Kind, Notice, Tone, When, app_page, button, icon, link_button, notice, page_head,
};
use crate::words;

/// The review page.
pub struct ReviewPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The ticked posts, in the order of the grid.
    pub reviewed: &'a [Reviewed],
    /// How many of those that were ticked are not there any more.
    pub gone: usize,
    /// The reader's clock and zone.
    pub when: &'a When,
    /// All accounts, for the names of those that had the same content before.
    pub connections: &'a [Connection],
    /// The person has not agreed to the policy or the terms in force.
    pub not_agreed: bool,
}

/// Says exactly what was shown: post, revision, instant and declaration; and bears the word by which the server knows that it was.
#[must_use]
pub fn token(post: &Post, at: UnixMillis, mark: &str) -> String {
    let declaration = Declaration::for_disclosure(post.content.disclosure);
    format!("{}.{}.{}.{}.{mark}", post.id, post.revision, at.millis(), word(declaration))
}

const fn word(declaration: Declaration) -> &'static str {
    match declaration {
        Declaration::Music => "music",
        Declaration::BrandedAndMusic => "branded",
    }
}

/// What a token says; `None` for one that is not ours.
#[must_use]
pub fn parsed(text: &str) -> Option<Agreement> {
    let mut parts = text.split('.');
    let id = parts.next()?.parse().ok()?;
    let revision = parts.next()?.parse().ok()?;
    let at = UnixMillis::from_millis(parts.next()?.parse().ok()?);
    let said = parts.next()?;
    let declaration = [Declaration::Music, Declaration::BrandedAndMusic].into_iter().find(|it| word(*it) == said)?;
    let mark = parts.next()?.to_owned();
    parts.next().is_none().then_some(Agreement { id, revision, at, declaration, mark })
}

/// The whole page.
#[must_use]
pub fn review_page(page: &ReviewPage<'_>) -> Markup {
    let l = page.frame.locale;
    let (held, ready): (Vec<&Reviewed>, Vec<&Reviewed>) = page.reviewed.iter().partition(|one| one.behind.is_some());
    let back = link_button("/bulk#rows", &Button { label: &t!(l, "bulk-back"), ..Button::default() });
    let content = html! {
        div.stack.loose {
            (page_head(&t!(l, "bulk-review-title"), Some(&t!(l, "bulk-review-lede", n = ready.len())), Some(&back)))
            @if page.not_agreed { (not_agreed(l)) }
            @if !held.is_empty() || page.gone > 0 { (left_behind(page, &held)) }
            @if ready.is_empty() {
                @if !page.not_agreed { p.card.sub { (t!(l, "bulk-none-ready")) } }
            } @else {
                form.stack.loose method="post" action="/bulk/consent" data-review="" data-text-left=(t!(l, "bulk-look-first")) {
                    ol.review {
                        @for (n, one) in (1_usize..).zip(&ready) { li { (card(page, one, n, ready.len())) } }
                    }
                    section.card.stack.lift aria-label=(t!(l, "compose-send")) {
                        (declarations(l, &ready))
                        p.hint { (t!(l, "bulk-agree-more")) }
                        p.why id="left" role="status" hidden data-left="" {}
                        div.row {
                            span.row.tight.end {
                                (back)
                                (button(&Button { label: &t!(l, "bulk-agree", n = ready.len()), kind: Kind::Primary, big: true, ..Button::default() }))
                            }
                        }
                    }
                }
            }
        }
    };
    app_page(
        page.frame,
        Head { title: t!(l, "bulk-review-title"), script: Some(Asset::Bulk), ..Head::default() },
        &content,
    )
}

/// Each declaration that one of the posts needs, once, beside the button.
fn declarations(l: Locale, ready: &[&Reviewed]) -> Markup {
    let mut needed: Vec<Declaration> = Vec::new();
    for one in ready {
        let declaration = Declaration::for_disclosure(one.row.post.content.disclosure);
        if !needed.contains(&declaration) {
            needed.push(declaration);
        }
    }
    html! { @for one in needed { (declaration(l, one)) } }
}

/// Why a post stays behind.
#[must_use]
pub fn reason(l: Locale, when: &When, behind: &Behind) -> String {
    match behind {
        Behind::Problems(problems) => {
            problems.iter().map(|problem| words::problem(l, when, problem)).collect::<Vec<_>>().join(" ")
        }
        Behind::NoTime => t!(l, "bulk-no-time"),
        Behind::SkippedTime => t!(l, "bulk-skipped-time"),
        Behind::FileGone => t!(l, "bulk-file-gone"),
        Behind::Changed => t!(l, "bulk-changed"),
    }
}

fn name_of(l: Locale, one: &Reviewed) -> String {
    let line = one.row.post.content.headline().lines().find(|line| !line.trim().is_empty()).map(str::to_owned);
    line.or_else(|| one.row.files.as_ref().map(|files| files.media.file_name.clone()))
        .unwrap_or_else(|| t!(l, "queue-untitled"))
}

fn left_behind(page: &ReviewPage<'_>, held: &[&Reviewed]) -> Markup {
    let l = page.frame.locale;
    html! {
        section.card.stack.tight aria-labelledby="behind" {
            h2 id="behind" { (t!(l, "bulk-behind", n = held.len().saturating_add(page.gone))) }
            @if page.gone > 0 { p.field-error { (t!(l, "bulk-gone", n = page.gone)) } }
            ul.list {
                @for one in held {
                    li.item.plain.stack.tight data-behind=(one.row.post.id) data-flavour=(one.row.connection.flavour.as_str()) {
                        b.ttl { (name_of(l, one)) " " small.muted { (one.row.connection.display_name) } }
                        @if let Some(behind) = &one.behind { p.field-error { (reason(l, page.when, behind)) } }
                    }
                }
            }
        }
    }
}

/// One post as it will be sent: UX-1, 2, 6, 8, 12 to 14, 18, 19, 29, 30.
fn card(page: &ReviewPage<'_>, one: &Reviewed, n: usize, count: usize) -> Markup {
    let l = page.frame.locale;
    let (post, connection) = (&one.row.post, &one.row.connection);
    let creator = match one.row.standing.as_deref() {
        Some(CreatorStanding::CanPost(creator)) => Some(creator),
        Some(CreatorStanding::Blocked(_)) | None => None,
    };
    let nickname = creator.map_or(connection.display_name.as_str(), |it| it.nickname.as_str());
    let handle = creator.map(|it| it.username.as_str()).or(connection.username.as_deref());
    let picture = avatar::address(connection);
    let heading = format!("post-{}", post.id);
    let is_direct = post.delivery == Delivery::Direct;
    html! {
        article.card.review-card aria-labelledby=(heading) data-flavour=(connection.flavour.as_str()) data-post=(post.id) tabindex="-1" {
            header.row.tight {
                (face(&Face { name: nickname, flavour: connection.flavour, picture: picture.as_deref() }, Size::Medium))
                span.grow {
                    h2 id=(heading) { (nickname) }
                    @if let Some(handle) = handle { small { "@" (handle) } }
                }
                small.muted.tnum { (n) " / " (count) }
            }
            div.seen {
                (preview(l, one))
                div.stack.tight {
                    @if let Some(photos) = &post.content.photos { @if !photos.title.is_empty() { p { b { (photos.title) } } } }
                    p.cap-text { @if post.content.caption.is_empty() { span.muted { (t!(l, "compose-earlier-wordless")) } } @else { (marked(&post.content.caption)) } }
                    dl.facts {
                        dt { (t!(l, "bulk-when")) }
                        dd { (time(page, one)) }
                        @if is_direct { (choices(l, &post.content, post.photos.is_some())) } @else { dt { (t!(l, "compose-send")) } dd { (t!(l, "bulk-to-inbox")) } }
                    }
                    @if let Some(expected) = &one.expected { (expectation(l, page.when, expected)) }
                    @if let Some((what, more)) = one.cap.map(|cap| cap_words(l, cap)) { (notice(&Notice { tone: Tone::Warn, what: &what, more: &more, ..Notice::default() })) }
                    @if !one.out_before.is_empty() { (out_before(page, one)) }
                    @if one.row.twins.iter().any(|twin| waits(twin.state)) { (twins(page, one)) }
                }
            }
            div data-seen="" { (declaration(l, Declaration::for_disclosure(post.content.disclosure))) }
        }
    }
}

/// UX-19: what will be posted, playing.
fn preview(l: Locale, one: &Reviewed) -> Markup {
    let Some(files) = &one.row.files else { return html! {} };
    let address = format!("/media/{}/file", files.media.id);
    html! {
        @if files.pictures.is_empty() {
            video.sent src=(address) poster=[small_picture(&files.media)] controls playsinline preload="none" aria-label=(format!("{}: {}", t!(l, "compose-preview"), files.media.file_name)) {}
        } @else {
            div.slides tabindex="0" role="group" aria-label=(t!(l, "compose-preview")) {
                @for (n, media) in (1_usize..).zip(&files.pictures) {
                    img src=(format!("/media/{}/file", media.id)) alt=(t!(l, "compose-photo-of", n = n, count = files.pictures.len())) loading="lazy" decoding="async";
                }
            }
        }
    }
}

/// The time, or the two that it may be.
fn time(page: &ReviewPage<'_>, one: &Reviewed) -> Markup {
    let l = page.frame.locale;
    let post = &one.row.post;
    match one.marks.as_slice() {
        [] => html! {},
        [(at, mark)] => html! {
            b { (page.when.moment_element(*at)) } " " small.muted { (page.when.zone_label(*at)) }
            input type="hidden" name="agree" value=(token(post, *at, mark));
        },
        several => html! {
            select.input name="agree" aria-label=(t!(l, "compose-overlap")) {
                @for (at, mark) in several { option value=(token(post, *at, mark)) { (page.when.moment(*at)) ", " (page.when.zone_label(*at)) } }
            }
        },
    }
}

fn choices(l: Locale, content: &PostContent, is_photos: bool) -> Markup {
    let allowed: Vec<String> = [
        (content.allow_comment, t!(l, "compose-comment")),
        (content.allow_duet && !is_photos, t!(l, "compose-duet")),
        (content.allow_stitch && !is_photos, t!(l, "compose-stitch")),
    ]
    .into_iter()
    .filter_map(|(on, words)| on.then_some(words))
    .collect();
    let label = match (content.disclosure.branded_content, content.disclosure.your_brand) {
        (true, _) => Some((LabelPrompt::PaidPartnership, t!(l, "label-prompt-paid-partnership"))),
        (false, true) => Some((LabelPrompt::PromotionalContent, t!(l, "label-prompt-promotional-content"))),
        (false, false) => None,
    };
    html! {
        dt { (if is_photos { t!(l, "compose-privacy-photos") } else { t!(l, "compose-privacy") }) }
        dd { @if let Some(level) = content.privacy { b { (privacy_word(l, level)) } } }
        dt { (t!(l, "compose-viewers-may")) }
        dd { @if allowed.is_empty() { (t!(l, "bulk-nothing-allowed")) } @else { (allowed.join(", ")) } }
        dt { (t!(l, "compose-disclosure")) }
        dd {
            @match label {
                Some((prompt, local)) => { span lang="en" { (prompt.text()) } @if l == Locale::Ru { small { (local) } } }
                None => (t!(l, "bulk-no")),
            }
        }
        @if !is_photos {
            dt { (t!(l, "compose-ai")) }
            dd { @if content.ai_generated { (t!(l, "bulk-yes")) } @else { (t!(l, "bulk-no")) } }
            @if let Some(cover) = content.cover_ms { dt { (t!(l, "compose-cover")) } dd { (cover_words(cover)) } }
        }
        @if content.photos.as_ref().is_some_and(|photos| photos.auto_add_music) { dt { (t!(l, "compose-music")) } dd { (t!(l, "bulk-yes")) } }
    }
}

/// The account has the same file in another post that waits.
fn twins(page: &ReviewPage<'_>, one: &Reviewed) -> Markup {
    let l = page.frame.locale;
    let waiting: Vec<_> = one.row.twins.iter().filter(|twin| waits(twin.state)).take(3).collect();
    let links = html! { @for twin in waiting { a href=(format!("/posts/{}", twin.post_id)) { @match twin.due_at { Some(at) => (page.when.moment(at)), None => (t!(l, "bulk-twin-link")) } } } };
    notice(&Notice {
        tone: Tone::Warn,
        what: &t!(l, "bulk-twin-waits"),
        more: &t!(l, "bulk-twin-waits-more"),
        actions: Some(links),
        ..Notice::default()
    })
}

fn out_before(page: &ReviewPage<'_>, one: &Reviewed) -> Markup {
    let l = page.frame.locale;
    let gone = t!(l, "library-account-gone");
    let name = |id| page.connections.iter().find(|it| it.id == id).map_or(gone.as_str(), |it| it.display_name.as_str());
    let links = html! { @for used in &one.out_before { a href=(format!("/posts/{}", used.post_id)) { (name(used.connection_id)) @if let Some(at) = used.published_at { ", " (page.when.moment(at)) } } } };
    notice(&Notice {
        tone: Tone::Warn,
        what: &t!(l, "compose-out-before"),
        more: &t!(l, "compose-out-before-more"),
        actions: Some(links),
        ..Notice::default()
    })
}

/// What came of the press.
pub struct DonePage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// The posts, as agreed to.
    pub settled: &'a [Settled],
    /// How many of them are not there any more.
    pub gone: usize,
    /// The reader's clock and zone.
    pub when: &'a When,
}

/// The page after the press.
#[must_use]
pub fn done_page(page: &DonePage<'_>) -> Markup {
    let l = page.frame.locale;
    let planned = page.settled.iter().filter(|one| one.behind.is_none()).count();
    let queue =
        link_button("/queue", &Button { label: &t!(l, "arrange-to-queue"), kind: Kind::Primary, ..Button::default() });
    let title_words = t!(l, "bulk-done", n = planned);
    let content = html! {
        div.stack.loose {
            (page_head(&title_words, None, Some(&queue)))
            @if planned < page.settled.len() {
                (notice(&Notice { tone: Tone::Warn, what: &t!(l, "bulk-done-behind", n = page.settled.len().saturating_sub(planned)), urgent: true,
                    actions: Some(link_button("/bulk#rows", &Button { label: &t!(l, "bulk-back"), small: true, ..Button::default() })), ..Notice::default() }))
            }
            @if page.gone > 0 { (notice(&Notice { tone: Tone::Warn, what: &t!(l, "bulk-gone", n = page.gone), ..Notice::default() })) }
            ul.card.list id="settled" {
                @for one in page.settled {
                    li.item.plain.stack.tight data-flavour=(one.row.connection.flavour.as_str()) data-settled=(if one.behind.is_none() { "planned" } else { "behind" }) {
                        b.ttl { (title(l, &one.row)) " " small.muted { (one.row.connection.display_name) } }
                        @match &one.behind {
                            Some(behind) => { p.field-error { (reason(l, page.when, behind)) } }
                            None => { p { (icon(Icon::Check)) " " @if let Some(at) = one.row.post.due_at { (page.when.moment_element(at)) } } }
                        }
                    }
                }
            }
        }
    };
    app_page(page.frame, title_words, &content)
}
