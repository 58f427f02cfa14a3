//! What a post is made of, read from the library: one video, or pictures in their order. Owns what the rules and a consent
//! need to know about the files; must not decide.

use domain::consent::PhotoSubject;
use domain::id::MediaId;
use domain::photos::{Carousel, set_sha256};
use domain::rules::{PhotoFile, PostFiles};
use store::{Media, Post, Store};

use crate::{Error, Result};

/// The files of one post.
#[derive(Debug, Clone)]
pub struct Files {
    /// The video, or the cover.
    pub media: Media,
    /// Every picture of a photo post in its order; empty for a video.
    pub pictures: Vec<Media>,
    cover_index: Option<u32>,
}

impl Files {
    /// One video.
    #[must_use]
    pub const fn video(media: Media) -> Self {
        Self { media, pictures: Vec::new(), cover_index: None }
    }

    /// Pictures in their order; `None` when the cover is none of them.
    #[must_use]
    pub fn photos(pictures: Vec<Media>, cover_index: u32) -> Option<Self> {
        let media = pictures.get(usize::try_from(cover_index).ok()?)?.clone();
        Some(Self { media, pictures, cover_index: Some(cover_index) })
    }

    /// Whether one of them was deleted, long after other posts of it went out.
    pub(crate) fn are_gone(&self) -> bool {
        std::iter::once(&self.media).chain(&self.pictures).any(|media| media.file_gone_at.is_some())
    }

    /// Reads a post's files.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one of them is not in the post's workspace.
    pub(crate) async fn read(store: &Store, post: &Post) -> Result<Self> {
        Self::of(store, post, post.photos.as_ref()).await
    }

    /// As [`Files::read`], with another arrangement than the stored one.
    ///
    /// # Errors
    /// As [`Files::read`].
    pub(crate) async fn of(store: &Store, post: &Post, photos: Option<&Carousel>) -> Result<Self> {
        let wanted = photos.map_or_else(|| std::slice::from_ref(&post.media_id), Carousel::pictures);
        let found = store.media_many(post.workspace_id, wanted).await?;
        Self::found(&found, post.media_id, photos).ok_or(Error::NotFound { what: "media" })
    }

    /// A post's files out of many that were read together; `None` when one of them is not among them.
    pub(crate) fn among(all: &[Media], post: &Post) -> Option<Self> {
        Self::found(all, post.media_id, post.photos.as_ref())
    }

    fn found(all: &[Media], alone: MediaId, photos: Option<&Carousel>) -> Option<Self> {
        let one = |id: MediaId| all.iter().find(|media| media.id == id).cloned();
        Some(Self {
            media: one(photos.map_or(alone, Carousel::cover))?,
            pictures: match photos {
                Some(photos) => photos.pictures().iter().map(|id| one(*id)).collect::<Option<_>>()?,
                None => Vec::new(),
            },
            cover_index: photos.map(Carousel::cover_index),
        })
    }

    /// The pictures as the rules see them.
    #[must_use]
    pub fn photo_files(&self) -> Vec<PhotoFile<'_>> {
        self.pictures
            .iter()
            .map(|media| PhotoFile {
                name: &media.file_name,
                is_picture: media.photo().is_some(),
                verdict: &media.verdict,
            })
            .collect()
    }

    /// What the rules judge. `pictures` is [`Files::photo_files`].
    #[must_use]
    pub fn checked<'a>(&'a self, pictures: &'a [PhotoFile<'a>], reachable: bool) -> PostFiles<'a> {
        if self.cover_index.is_some() {
            PostFiles::Photos { pictures, reachable }
        } else {
            PostFiles::Video { facts: self.media.video(), verdict: &self.media.verdict }
        }
    }

    /// The hash that a consent covers.
    pub(crate) fn sha256(&self) -> String {
        if self.cover_index.is_some() {
            set_sha256(self.pictures.iter().map(|media| media.sha256.as_str()))
        } else {
            self.media.sha256.clone()
        }
    }

    /// The pictures that a consent covers; `None` for a video.
    pub(crate) fn subject(&self) -> Option<PhotoSubject> {
        let cover_index = self.cover_index?;
        Some(PhotoSubject { sha256: self.pictures.iter().map(|media| media.sha256.clone()).collect(), cover_index })
    }
}
