//! A file's card: its picture, what TikTok and each account say to it, where it is used, what it is of, until when it stays. Owns looks only.

use app::media::library::{LibraryFile, longest_s};
use domain::media::{MediaOutcome, MediaRule, ThumbnailState};
use maud::{Markup, html};
use store::Media;

use super::{LibraryPage, fit};
use crate::locale::{Locale, text};
use crate::ui::{Button, Icon, Kind, Thumb, button, status_drop, thumb, when};

/// Posts that a card names.
const USES_SHOWN: usize = 5;

pub(super) fn card(page: &LibraryPage<'_>, file: &LibraryFile) -> Markup {
    let l = page.frame.locale;
    let media = &file.media;
    let thumb_url = crate::pages::small_picture(media);
    let duration = media.video().map(|facts| when::length(facts.duration_ms));
    let outcome = l.message(&format!("media-outcome-{}", media.verdict.outcome.code()), []).unwrap_or_default();
    html! {
        section.card.stack aria-labelledby=(format!("m-{}", media.id)) {
            div.row.post-mini {
                (thumb(&Thumb { url: thumb_url.as_deref(), duration: duration.as_deref(), account: None }))
                div.stack.tight.grow {
                    h2.ttl id=(format!("m-{}", media.id)) { (media.file_name) }
                    p { b { @if media.verdict.outcome == MediaOutcome::Fixable { (t!(l, "library-does-not-fit")) } @else { (outcome) } } }
                    @for finding in &media.verdict.findings { p.hint { (finding_words(l, finding.rule, &finding.measured, &finding.allowed)) } }
                    (accounts(page, media))
                    @if media.thumbnail == ThumbnailState::Unavailable && media.video().is_some() { p.hint { (t!(l, "thumbnail-unavailable")) } }
                }
            }
            label.check {
                input type="checkbox" name="file" value=(media.id) form="pick";
                span { (t!(l, "library-pick")) span.vh { " " (media.file_name) } }
            }
            (fit::fit_part(&fit::FitPart {
                locale: l,
                media,
                job: page.view.fits.iter().find(|job| job.source_id == media.id),
                available: page.can_fit,
                now: page.now,
            }))
            (super::tags::part(l, media.id, &media.file_name, &file.tags))
            (facts(page, media))
            (told(page, file))
            (uses(page, file))
            @if file.uses.is_empty() {
                form method="post" action=(format!("/library/{}/delete", media.id)) {
                    (button(&Button { label: &t!(l, "verb-delete"), small: true, kind: Kind::Ghost, icon: Some(Icon::Trash), ..Button::default() }))
                }
            }
        }
    }
}

fn facts(page: &LibraryPage<'_>, media: &Media) -> Markup {
    let l = page.frame.locale;
    html! {
        dl.facts {
            dt { (t!(l, "library-size")) } dd { (when::size(l, media.size_bytes)) }
            @if let Some(facts) = media.photo() {
                dt { (t!(l, "library-picture")) } dd { (facts.width_px) "×" (facts.height_px) }
                dt { (t!(l, "library-format")) } dd { (facts.format.name()) }
            }
            @if let Some(facts) = media.video() {
                dt { (t!(l, "library-picture")) } dd { (facts.width_px) "×" (facts.height_px) }
                @if let Some(fps) = facts.fps_milli { dt { (t!(l, "library-fps")) } dd { (fps / 1000) "." (fps % 1000 / 10) } }
                dt { (t!(l, "library-format")) } dd { (facts.container.mime()) }
            }
            dt { (t!(l, "library-uploaded")) } dd { (page.when.moment_element(media.created_at)) }
        }
    }
}

/// What each account says to a video that TikTok takes in general: its own longest time counts.
fn accounts(page: &LibraryPage<'_>, media: &Media) -> Markup {
    let l = page.frame.locale;
    let Some(video) = media.video().filter(|_| media.verdict.outcome == MediaOutcome::Accept) else { return html! {} };
    html! {
        @for connection in &page.view.connections {
            @if let Some(longest) = longest_s(connection) {
                @let longest_ms = longest.saturating_mul(1_000);
                @if video.duration_ms > longest_ms {
                    p.hint { b { (t!(l, "library-too-long-for", name = connection.display_name.clone(), longest = when::length(longest_ms))) } }
                } @else {
                    p.hint { (t!(l, "library-fits-account", name = connection.display_name.clone())) }
                }
            }
        }
    }
}

/// What the file is of, and until when it stays.
fn told(page: &LibraryPage<'_>, file: &LibraryFile) -> Markup {
    let l = page.frame.locale;
    html! {
        @if let Some(source) = &file.made_from {
            p.hint { (t!(l, "library-made-from")) " " a href=(super::view::named(&source.file_name)) { (source.file_name) } }
        }
        @if let Some(twin) = &file.same {
            p.hint {
                (t!(l, "library-same")) " " a href=(super::view::named(&twin.file_name)) { (twin.file_name) }
                ", " (page.when.moment_element(twin.created_at))
            }
        }
        p.hint {
            @match file.goes_at {
                Some(at) if page.view.held_until == Some(at) => { (t!(l, "library-held")) " " (page.when.relative_element(at)) }
                Some(at) => { (t!(l, "library-goes")) " " (page.when.relative_element(at)) }
                None => { (t!(l, "library-stays")) }
            }
        }
    }
}

fn uses(page: &LibraryPage<'_>, file: &LibraryFile) -> Markup {
    let l = page.frame.locale;
    let unnamed = t!(l, "library-account-gone");
    let name =
        |id| page.view.connections.iter().find(|one| one.id == id).map_or(unnamed.as_str(), |one| &one.display_name);
    html! {
        @if file.uses.is_empty() { p.hint { (t!(l, "library-unused")) } } @else {
            div.stack.tight {
                p { b { (t!(l, "library-used")) " " (t!(l, "count-posts", n = file.uses.len())) } }
                @for one in file.uses.iter().take(USES_SHOWN) {
                    p.row.tight {
                        (status_drop(l, one.state))
                        a href=(format!("/posts/{}", one.post_id)) {
                            (name(one.connection_id))
                            @if let Some(at) = one.published_at.or(one.due_at) { ", " (page.when.moment(at)) }
                        }
                    }
                }
            }
        }
    }
}

/// A deviation in words; a file that could not be read has words of its own.
fn finding_words(l: Locale, rule: MediaRule, measured: &str, allowed: &str) -> String {
    let probe = format!("probe-{measured}");
    if rule == MediaRule::Readable && l.has(&probe) {
        return l.message(&probe, []).unwrap_or_default();
    }
    let arguments = [("measured", text(measured.to_owned())), ("allowed", text(allowed.to_owned()))];
    l.message(&format!("media-rule-{}", rule.code()), arguments).unwrap_or_else(|| rule.code().to_owned())
}
