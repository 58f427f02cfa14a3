//! What the post page shows of photos: the carousel in the phone, their order with its buttons, title and music. Owns looks only.
//!
//! Everything works without a script: each button sends the whole form, so nothing typed is lost.

use app::posts::ComposeView;
use domain::photos::{Carousel, PHOTO_TITLE_MAX_UTF16, PHOTOS_MAX, PhotoContent};
use domain::rules::Field;
use maud::{Markup, html};
use store::Media;

use super::page::Words;
use crate::ui::{Checkbox, Icon, TextArea, checkbox, icon, text_area};

/// The title above the description, and the music.
pub(super) fn title(w: &Words<'_>, photos: &PhotoContent) -> Markup {
    html! {
        (text_area(&TextArea {
            id: "title", name: "title", label: &t!(w.l, "compose-photo-title"), value: &photos.title,
            limit_utf16: PHOTO_TITLE_MAX_UTF16, rows: 1, hint: None, error: w.error(Field::Title).as_deref(),
        }))
    }
}

/// Whether TikTok may add a track.
pub(super) fn music(w: &Words<'_>, photos: &PhotoContent) -> Markup {
    html! {
        section.card {
            (checkbox(&Checkbox {
                id: "add-music", name: "add_music", label: &t!(w.l, "compose-music"), note: Some(&t!(w.l, "compose-music-note")),
                checked: photos.auto_add_music, ..Checkbox::default()
            }))
        }
    }
}

fn address(media: &Media) -> String {
    format!("/media/{}/file", media.id)
}

/// UX-19: the pictures as they will be swiped through, inside the phone.
pub(super) fn slides(w: &Words<'_>, view: &ComposeView) -> Markup {
    let count = view.files.pictures.len();
    html! {
        div.slides tabindex="0" role="group" aria-label=(t!(w.l, "compose-preview")) {
            @for (n, media) in (1_usize..).zip(&view.files.pictures) {
                figure {
                    img src=(address(media)) alt=(t!(w.l, "compose-photo-of", n = n, count = count)) decoding="async" loading=(if n == 1 { "eager" } else { "lazy" });
                    figcaption aria-hidden="true" { (n) " / " (count) }
                }
            }
        }
    }
}

/// The pictures in their order: cover, moving, removing, adding.
pub(super) fn arranger(w: &Words<'_>, view: &ComposeView, photos: &Carousel) -> Markup {
    let l = w.l;
    let list = photos.pictures().iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
    let count = view.files.pictures.len();
    html! {
        section.card.stack id="media" tabindex="-1" aria-labelledby="photos-title" {
            div.card-head { h2 id="photos-title" { (t!(l, "compose-photos")) } span.muted.tnum { (count) " / " (PHOTOS_MAX) } }
            input type="hidden" name="photos" value=(list);
            ol.arrange {
                @for (n, media) in (1_usize..).zip(&view.files.pictures) {
                    li {
                        span.thumb aria-hidden="true" { img src=(super::super::small_picture(media).unwrap_or_else(|| address(media))) alt="" loading="lazy" decoding="async"; }
                        div.stack.tight.grow {
                            span.ttl { (n) ". " (media.file_name) }
                            label.check {
                                input type="radio" name="cover_photo" value=(media.id) checked[media.id == photos.cover()];
                                span { (t!(l, "compose-cover")) }
                            }
                        }
                        span.row.tight {
                            (arrange("earlier", media, &t!(l, "compose-photo-earlier", n = n), Icon::Left, n == 1))
                            (arrange("later", media, &t!(l, "compose-photo-later", n = n), Icon::Right, n == count))
                            (arrange("remove", media, &t!(l, "compose-photo-remove", n = n), Icon::Close, count == 1))
                        }
                    }
                }
            }
            @if !view.more_pictures.is_empty() && count < PHOTOS_MAX {
                details.hint {
                    summary { (t!(l, "compose-photo-add")) }
                    div.more-photos {
                        @for media in &view.more_pictures {
                            button.thumb type="submit" name="arrange" value=(format!("add:{}", media.id)) aria-label=(t!(l, "compose-photo-add-one", name = media.file_name.clone())) title=(media.file_name) {
                                img src=(super::super::small_picture(media).unwrap_or_else(|| address(media))) alt="" loading="lazy" decoding="async";
                            }
                        }
                    }
                }
            }
            p.hint { (t!(l, "compose-nothing-sent")) }
        }
    }
}

fn arrange(how: &str, media: &Media, label: &str, of: Icon, disabled: bool) -> Markup {
    html! {
        button.btn.ghost.small type="submit" name="arrange" value=(format!("{how}:{}", media.id)) aria-label=(label) title=(label) disabled[disabled] { (icon(of)) }
    }
}

/// The button that Enter presses: the first one of a form wins, and that must be none of those that move pictures.
pub(super) fn default_button(w: &Words<'_>) -> Markup {
    html! {
        span.vh aria-hidden="true" {
            button type="submit" name="action" value="save" tabindex="-1" { (t!(w.l, "compose-save")) }
        }
    }
}
