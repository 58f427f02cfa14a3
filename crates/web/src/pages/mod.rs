//! Pages: one file per page, each a struct with a sample and its markup. Must hold no rule of the product.

pub mod analytics;
pub mod board;
pub mod bulk;
pub mod calendar;
pub mod compose;
pub mod connect;
pub mod connections;
mod download;
pub mod erasure;
pub mod gallery;
pub mod guide;
pub mod help;
pub mod history;
pub mod installed;
pub mod labels;
pub mod landing;
pub mod legal;
pub mod library;
pub mod not_found;
pub mod notices;
pub mod operator;
pub mod post;
pub mod queue;
pub mod reports;
pub mod settings;
pub mod snippets;
pub mod your_data;

#[cfg(test)]
pub(crate) mod check;
#[cfg(test)]
mod looks;
#[cfg(test)]
pub(crate) mod samples;

/// What a date field and a time field hold together, seconds left aside; nothing where one of them is empty or no such thing.
pub(crate) fn local_of(date: &str, time: &str) -> Option<domain::schedule::LocalTime> {
    format!("{date}T{}", time.get(..5).unwrap_or(time)).parse().ok()
}

/// Where a file's small picture is; a photo that none could be drawn of shows itself.
#[must_use]
pub fn small_picture(media: &store::Media) -> Option<String> {
    match (media.thumbnail, media.photo()) {
        (domain::media::ThumbnailState::Ready, _) => Some(format!("/media/{}/thumbnail", media.id)),
        (domain::media::ThumbnailState::Pending | domain::media::ThumbnailState::Unavailable, Some(_)) => {
            Some(format!("/media/{}/file", media.id))
        }
        (domain::media::ThumbnailState::Pending | domain::media::ThumbnailState::Unavailable, None) => None,
    }
}
