//! The library: files with what was measured, what TikTok would say, where they are used. Owns its routes and looks.

pub mod fit;

use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use domain::id::{MediaId, UploadId};
use domain::media::{MediaOutcome, MediaRule, ThumbnailState};
use domain::time::UnixMillis;
use maud::{Markup, html};
use serde::Deserialize;
use store::Media;
use store::rendition::Rendition;
use store::upload::Upload;

use crate::error::WebError;
use crate::locale::{Locale, text};
use crate::session::SignedIn;
use crate::state::WebState;
use crate::ui::{
    Button, Frame, GlassSize, Icon, Kind, Nav, Thumb, When, app_page, button, empty_state, glass, link_button,
    page_head, thumb, when,
};

/// Files on one page.
const SHOWN: i64 = 60;

/// The library page.
pub struct LibraryPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Files, newest first, each with the number of posts that use it.
    pub files: &'a [(Media, usize)],
    /// Uploads that are not complete, newest first.
    pub open: &'a [Upload],
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
    /// Bytes used and allowed.
    pub room: (u64, u64),
    /// The reader's clock and zone.
    pub when: &'a When,
    /// What was asked for to make files fit.
    pub fits: &'a [Rendition],
    /// This instance can make files fit.
    pub can_fit: bool,
    /// What time it is.
    pub now: UnixMillis,
}

/// The library page.
#[must_use]
pub fn library_page(page: &LibraryPage<'_>) -> Markup {
    let l = page.frame.locale;
    let add = link_button(
        "/compose",
        &Button { label: &t!(l, "library-add"), kind: Kind::Primary, icon: Some(Icon::Upload), ..Button::default() },
    );
    let (used, quota) = page.room;
    let percent = u8::try_from(used.saturating_mul(100) / quota.max(1)).unwrap_or(100);
    let filled = t!(l, "library-room", used = when::size(l, used), quota = when::size(l, quota));
    let content = html! {
        (page_head(&t!(l, "nav-library"), Some(&t!(l, "library-lede")), Some(&add)))
        div.stack.loose {
            p.row.tight { (glass("room", percent, &filled, GlassSize::Small)) span.sub { (filled) } }
            @if !page.open.is_empty() { (unfinished(page)) }
            @if page.files.is_empty() {
                (empty_state(&t!(l, "library-empty"), &t!(l, "library-empty-more"), 2, None))
            } @else {
                div.grid.m20 { @for (media, uses) in page.files { (one(page, media, *uses)) } }
                @if let Some(next) = &page.next {
                    div { (link_button(&format!("/library?before={next}"), &Button { label: &t!(l, "library-older"), ..Button::default() })) }
                }
            }
        }
    };
    app_page(page.frame, t!(l, "nav-library"), &content)
}

/// Uploads that broke off: how far they are, and that the same file goes on where it stopped.
fn unfinished(page: &LibraryPage<'_>) -> Markup {
    let l = page.frame.locale;
    html! {
        section.card.stack aria-labelledby="open" {
            h2 id="open" { (t!(l, "library-open")) }
            p.sub { (t!(l, "library-open-more")) }
            div.list {
                @for upload in page.open {
                    div.item.plain {
                        span.grow {
                            b.ttl { (upload.file_name) }
                            small {
                                (t!(l, "size-of", done = when::size(l, upload.offset_bytes), total = when::size(l, upload.length_bytes)))
                                " · " (t!(l, "library-open-until")) " " (page.when.relative(upload.expires_at))
                            }
                        }
                        form method="post" action=(format!("/library/uploads/{}/delete", upload.id)) {
                            (button(&Button { label: &t!(l, "library-give-up"), small: true, kind: Kind::Ghost, ..Button::default() }))
                        }
                    }
                }
            }
        }
    }
}

fn one(page: &LibraryPage<'_>, media: &Media, uses: usize) -> Markup {
    let l = page.frame.locale;
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
                    @if media.thumbnail == ThumbnailState::Unavailable && media.video().is_some() { p.hint { (t!(l, "thumbnail-unavailable")) } }
                }
            }
            (fit::fit_part(&fit::FitPart {
                locale: l,
                media,
                job: page.fits.iter().find(|job| job.source_id == media.id),
                available: page.can_fit,
                now: page.now,
            }))
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
                dt { (t!(l, "library-used")) } dd { (t!(l, "count-posts", n = uses)) }
            }
            @if uses == 0 {
                form method="post" action=(format!("/library/{}/delete", media.id)) {
                    (button(&Button { label: &t!(l, "verb-delete"), small: true, kind: Kind::Ghost, icon: Some(Icon::Trash), ..Button::default() }))
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

/// The address's query; anything unreadable in it is ignored.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    before: String,
}

fn cursor(text: &str) -> Option<(UnixMillis, MediaId)> {
    let (at, id) = text.split_once('.')?;
    Some((UnixMillis::from_millis(at.parse().ok()?), id.parse().ok()?))
}

/// `GET /library`.
///
/// # Errors
/// When the database does not answer.
pub async fn show(
    State(state): State<WebState>,
    me: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, WebError> {
    let list = state.app.media_list(&me.actor, cursor(&asked.before), SHOWN).await?;
    let is_full = i64::try_from(list.len()).is_ok_and(|shown| shown == SHOWN);
    let next = list.last().filter(|_| is_full).map(|last| format!("{}.{}", last.created_at.millis(), last.id));
    let mut files = Vec::new();
    for media in list {
        let uses = state.app.media_usage(&me.actor, media.id).await?.len();
        files.push((media, uses));
    }
    let open = state.app.uploads_open(&me.actor).await?;
    let room = state.app.media_room(&me.actor).await?;
    let frame = me.frame(Nav::Library, "/library");
    let when = When::new(me.locale(), &me.actor.time_zone, state.app.now());
    let fits = state.app.fits(&me.actor).await?;
    let page = LibraryPage {
        frame: &frame,
        files: &files,
        open: &open,
        next,
        room,
        when: &when,
        fits: &fits,
        can_fit: state.app.media_tools().is_some(),
        now: state.app.now(),
    };
    Ok(library_page(&page).into_response())
}

/// `POST /library/uploads/{id}/delete`: gives an unfinished upload up.
///
/// # Errors
/// When it is not theirs, or bytes arrive.
pub async fn give_up(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<UploadId>,
) -> Result<Response, WebError> {
    state.app.upload_terminate(&me.actor, id).await?;
    Ok(me.flash("/library", "upload-given-up"))
}

/// `POST /library/{id}/delete`.
///
/// # Errors
/// When a post needs the file, or it is not theirs.
pub async fn delete(
    State(state): State<WebState>,
    me: SignedIn,
    Path(id): Path<MediaId>,
) -> Result<Response, WebError> {
    state.app.media_delete(&me.actor, id).await?;
    Ok(me.flash("/library", "media-deleted"))
}
