//! The page before the post page: drop files, pick one, pick accounts. Owns its markup; uploads themselves are in `uploads`.

use domain::connection::ConnectionState;
use domain::id::{ConnectionId, MediaId};
use domain::media::fit::can_help;
use domain::media::{MediaOutcome, MediaRule};
use domain::schedule::LocalTime;
use domain::time::UnixMillis;
use maud::{Markup, html};
use store::idea::Idea;
use store::rendition::Rendition;
use store::{Connection, Media};

use crate::assets::Asset;
use crate::avatar;
use crate::locale::Locale;
use crate::pages::library::fit::said;
use crate::ui;
use crate::ui::account::{Face, Size, face};
use crate::ui::{
    Button, Frame, Head, Icon, Kind, Thumb, app_page, button, empty_state, form_errors, icon, link_button, page_head,
    thumb,
};

/// The choice that stands for all ticked photos.
pub const PHOTOS: &str = "photos";

/// What the file dialog offers: what TikTok takes, and what can be made to fit.
const ACCEPT: &str = "video/mp4,video/quicktime,video/webm,video/x-matroska,image/jpeg,image/webp,image/png,image/heic,\
    .mp4,.mov,.webm,.mkv,.jpg,.jpeg,.webp,.png,.heic";

/// Everything the page shows.
pub struct StartPage<'a> {
    /// Around it.
    pub frame: &'a Frame,
    /// Uploaded files, newest first.
    pub media: &'a [Media],
    /// Connected accounts.
    pub connections: &'a [Connection],
    /// Files to be ticked, in the order in which they were chosen; without any, the only one that can be posted.
    pub picked: &'a [MediaId],
    /// The time that the drafts will propose.
    pub at: Option<LocalTime>,
    /// The account to be ticked.
    pub account: Option<ConnectionId>,
    /// The idea that becomes a draft.
    pub idea: Option<&'a Idea>,
    /// The pressed button's problems, by element.
    pub errors: Vec<(&'static str, String)>,
    /// What was asked for to make files fit.
    pub fits: &'a [Rendition],
    /// This instance can make files fit.
    pub can_fit: bool,
    /// TikTok can fetch photos from this instance.
    pub can_give_photos: bool,
    /// What time it is.
    pub now: UnixMillis,
}

/// The whole page.
#[must_use]
pub fn start_page(page: &StartPage<'_>) -> Markup {
    let l = page.frame.locale;
    let usable: Vec<&Connection> = page.connections.iter().filter(|c| c.state == ConnectionState::Active).collect();
    // Each ticked video is a post: with several to choose from, none is chosen for the person.
    let mut postable = page.media.iter().filter(|media| !is_hopeless(media)).map(|media| media.id);
    let only: Vec<MediaId> = postable.next().filter(|_| postable.next().is_none()).into_iter().collect();
    let picked = if page.picked.is_empty() { only.as_slice() } else { page.picked };
    let (photos, videos): (Vec<&Media>, Vec<&Media>) = page.media.iter().partition(|media| is_picture(media));
    let photos_picked = photos.iter().any(|media| picked.contains(&media.id));
    let order = page.picked.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let mut here = "/compose".to_owned();
    if let Some(at) = page.at {
        here.push_str(&format!("?at={at}"));
    }
    if let Some(idea) = page.idea {
        here.push_str(&format!("{}idea={}", if page.at.is_some() { "&" } else { "?" }, idea.id));
    }
    let bulk = link_button("/bulk", &Button { label: &t!(l, "bulk-open"), ..Button::default() });
    let connect = link_button(
        "/connections",
        &Button { label: &t!(l, "compose-connect"), kind: Kind::Primary, ..Button::default() },
    );
    let content = html! {
        (page_head(&t!(l, "compose-title"), Some(&t!(l, "compose-start-lede")), Some(&bulk)))
        (form_errors(l, &page.errors))
        @if let Some(idea) = page.idea {
            section.card.stack.tight.of-idea aria-labelledby="of-idea" {
                h2 id="of-idea" { (t!(l, "compose-of-idea")) }
                p.words { (idea.words) }
                p.hint { (t!(l, "compose-of-idea-hint")) }
            }
        }
        @if usable.is_empty() {
            (empty_state(&t!(l, "compose-no-account"), &t!(l, "compose-start-lede"), 2, Some(&connect)))
        } @else {
            div.stack.loose {
                (upload_zone(l, &here, page.can_give_photos))
                form.stack method="post" action="/compose" {
                    input type="hidden" name="order" value=(order);
                    @if let Some(at) = page.at { input type="hidden" name="at" value=(at); }
                    @if let Some(idea) = page.idea { input type="hidden" name="idea" value=(idea.id); }
                    section.card.stack role="group" aria-labelledby="media" {
                        h2 id="media" tabindex="-1" { (t!(l, "compose-from-library")) }
                        @if page.media.is_empty() { p.sub { (t!(l, "compose-no-media")) } } @else if !videos.is_empty() { p.hint { (t!(l, "compose-each-video")) } }
                        @if !page.media.is_empty() { div.list {
                            @if !photos.is_empty() { (photo_choices(page, &photos, picked, photos_picked)) }
                            @for media in videos { (media_choice(page, media, "media", picked.contains(&media.id))) }
                        } }
                    }
                    section.card.stack role="group" aria-labelledby="accounts" {
                        h2 id="accounts" tabindex="-1" { (t!(l, "compose-which-accounts")) }
                        div.inter {
                            @for (index, connection) in usable.iter().enumerate() {
                                @let picture = avatar::address(connection);
                                label.check for=(format!("account-{index}")) {
                                    input id=(format!("account-{index}")) type="checkbox" name="connection" value=(connection.id) checked[usable.len() == 1 || page.account == Some(connection.id)];
                                    span.row.tight { (face(&Face { name: &connection.display_name, flavour: connection.flavour, picture: picture.as_deref() }, Size::Small)) (connection.display_name) }
                                    @if let Some(handle) = &connection.username { small { "@" (handle) } }
                                }
                            }
                        }
                    }
                    div.row { span.end { (button(&Button { label: &t!(l, "compose-start"), kind: Kind::Primary, icon: Some(Icon::Right), ..Button::default() })) } }
                }
            }
        }
    };
    let head = Head { title: t!(l, "compose-title"), script: Some(Asset::Composer), ..Head::default() };
    app_page(page.frame, head, &content)
}

/// Where files are dropped. Without a script it is a plain form; with one each file is resumable and shows its glass.
///
/// `here` is where the uploaded files are picked.
#[must_use]
pub fn upload_zone(l: Locale, here: &str, can_give_photos: bool) -> Markup {
    html! {
        section.card.stack.dropzone data-uploads="/api/v1/uploads" data-done=(here) data-text-cut=(t!(l, "compose-upload-cut"))
            data-text-pause=(t!(l, "compose-pause")) data-text-resume=(t!(l, "compose-resume")) {
            // Filled and shown by the script when another application has shared something.
            div.stack.tight.shared-in hidden data-shared="" role="status" {
                b { (t!(l, "share-waits")) }
                ul {}
                p hidden data-shared-words="" { q {} " " (t!(l, "share-words")) }
                span.row.tight {
                    button.btn.primary type="button" data-shared-take="" { (icon(Icon::Upload)) span { (t!(l, "share-take")) } }
                    button.btn.ghost type="button" data-shared-drop="" { (t!(l, "share-drop")) }
                }
            }
            form.stack method="post" action="/library" enctype="multipart/form-data" {
                input type="hidden" name="next" value=(here);
                div.field.drop-here {
                    (icon(Icon::Upload))
                    label for="file" { (t!(l, "compose-drop")) }
                    input id="file" name="file" type="file" accept=(ACCEPT) multiple aria-describedby="file-hint";
                    span.hint id="file-hint" {
                        (t!(l, "compose-drop-hint"))
                        @if !can_give_photos { " " b { (t!(l, "compose-photos-unreachable")) } }
                    }
                }
                // Where there is a camera to the touch; without a script it would be a second file beside the first.
                div.record {
                    label.btn for="record" { (icon(Icon::Film)) span { (t!(l, "compose-record")) } }
                    input.vh id="record" type="file" accept="video/*" capture="environment";
                }
                div data-plain-upload="" { button.btn type="submit" { (icon(Icon::Upload)) span { (t!(l, "compose-upload")) } } }
            }
            div.stack.tight data-upload-list="" role="group" aria-label=(t!(l, "compose-uploading")) {}
            template {
                div.upload.card {
                    (filling_glass())
                    b data-name="" {}
                    small.muted.tnum data-note="" {}
                    progress value="0" max="1" {}
                    span.row.tight {
                        button.btn.small type="button" data-toggle="" { (t!(l, "compose-pause")) }
                        button.btn.ghost.small type="button" data-remove="" { (t!(l, "compose-remove")) }
                    }
                }
            }
        }
    }
}

/// A glass whose milk a script can raise: the drawn one is geometry from the server, this one has a movable rectangle.
fn filling_glass() -> Markup {
    html! {
        svg.glass.s viewBox="0 0 48 58" aria-hidden="true" focusable="false" {
            clipPath id="filling" { path d="M5 3h38l-3.8 46a6 6 0 0 1-6 5.500H14.800a6 6 0 0 1-6-5.500Z" {} }
            g clip-path="url(#filling)" {
                rect.g-back width="48" height="58" {}
                rect.g-milk data-milk="" x="0" y="52.5" width="48" height="58" {}
            }
            path.g-rim d="M5 3h38l-3.800 46a6 6 0 0 1-6 5.500H14.800a6 6 0 0 1-6-5.500Z" {}
        }
    }
}

/// TikTok would refuse the file, whatever else is chosen: one bad picture fails a whole post.
fn is_hopeless(media: &Media) -> bool {
    match media.verdict.outcome {
        MediaOutcome::Accept => false,
        MediaOutcome::Fixable => media.video().is_none(),
        MediaOutcome::Reject => true,
    }
}

/// It is a picture, whether or not TikTok takes it.
fn is_picture(media: &Media) -> bool {
    media.photo().is_some() || media.verdict.findings.iter().any(|found| found.rule == MediaRule::PhotoFormat)
}

/// One choice among the videos that stands for all ticked photos; their boxes show once it is made.
fn photo_choices(page: &StartPage<'_>, photos: &[&Media], picked: &[MediaId], chosen: bool) -> Markup {
    let l = page.frame.locale;
    html! {
        div.pick-photos {
            label.item.pick-row for="photos" {
                input id="photos" type="checkbox" name="media" value=(PHOTOS) checked[chosen];
                span.grow { b.ttl { (t!(l, "compose-photos")) } small { @if page.can_give_photos { (t!(l, "compose-photos-hint")) } @else { (t!(l, "compose-photos-unreachable")) } } }
            }
            div.photo-ticks role="group" aria-label=(t!(l, "compose-photos")) {
                @for media in photos { (media_choice(page, media, "photo", picked.contains(&media.id))) }
            }
        }
    }
}

/// Below a file that does not fit: the way to make it fit, or how far that is.
fn fit_offer(page: &StartPage<'_>, media: &Media) -> Markup {
    let l = page.frame.locale;
    if media.verdict.outcome == MediaOutcome::Accept || !can_help(&media.verdict) {
        return html! {};
    }
    let job = page.fits.iter().find(|job| job.source_id == media.id);
    let action = format!("/library/{}/fit?next=/compose", media.id);
    html! {
        div.row.tight.fit-offer {
            @match job {
                Some(job) if job.state.is_open() => {
                    span.hint { (said(l, job, page.now)) }
                    a href="/library" { (t!(l, "fit-see")) }
                }
                // The new file stands in this list itself.
                Some(job) if job.media_id.is_some() => { span.hint { (t!(l, "fit-ready")) } }
                Some(_) | None if page.can_fit => {
                    (button(&Button { label: &t!(l, "fit-ask"), small: true, form_action: Some(&action), ..Button::default() }))
                    a href="/library" { (t!(l, "fit-why")) }
                }
                Some(_) | None => { a href="/library" { (t!(l, "fit-why")) } }
            }
        }
    }
}

fn media_choice(page: &StartPage<'_>, media: &Media, name: &str, picked: bool) -> Markup {
    let l = page.frame.locale;
    let id = format!("media-{}", media.id);
    let thumbnail = crate::pages::small_picture(media);
    let duration = media.video().map(|facts| ui::when::length(facts.duration_ms));
    let outcome = l.message(&format!("media-outcome-{}", media.verdict.outcome.code()), []).unwrap_or_default();
    html! {
        label.item.pick-row for=(id) {
            input id=(id) type="checkbox" name=(name) value=(media.id) checked[picked && !is_hopeless(media)] disabled[is_hopeless(media)];
            (thumb(&Thumb { url: thumbnail.as_deref(), duration: duration.as_deref(), account: None }))
            span.grow {
                b.ttl { (media.file_name) }
                small { (ui::when::size(l, media.size_bytes)) " · " (outcome) }
            }
        }
        (fit_offer(page, media))
    }
}
