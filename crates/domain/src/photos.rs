//! The pictures of a photo post: 1 to 35 in an order, one of them the cover. Owns the arrangement and the hash that stands for
//! the whole set; must not know files.

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

use crate::id::MediaId;

/// Most pictures of one post.
pub const PHOTOS_MAX: usize = 35;
/// Longest title of a photo post, UTF-16 code units.
pub const PHOTO_TITLE_MAX_UTF16: usize = 90;
/// Longest description of a photo post, UTF-16 code units.
pub const PHOTO_DESCRIPTION_MAX_UTF16: usize = 4000;

/// What a person chose that only photo posts have. Nothing has a default that TikTok forbids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PhotoContent {
    /// The title, at most [`PHOTO_TITLE_MAX_UTF16`] UTF-16 units once sent; empty for none.
    pub title: String,
    /// TikTok may add a recommended track. Off until ticked.
    pub auto_add_music: bool,
}

/// Why pictures are no set for a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CarouselProblem {
    /// None.
    #[error("a photo post needs at least one picture")]
    Empty,
    /// More than TikTok takes.
    #[error("a photo post has at most {PHOTOS_MAX} pictures")]
    TooMany,
    /// One of them stands there twice.
    #[error("the same picture is in the post twice")]
    Twice,
    /// The cover is none of them.
    #[error("the cover is none of the post's pictures")]
    CoverElsewhere,
}

/// One change that a person makes to the arrangement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrange {
    /// One place towards the beginning.
    Earlier(MediaId),
    /// One place towards the end.
    Later(MediaId),
    /// Not in this post any more.
    Remove(MediaId),
    /// One more, at the end.
    Add(MediaId),
}

/// The pictures in their order. The cover is one of them and stays it, wherever it is moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Carousel {
    pictures: Vec<MediaId>,
    cover: MediaId,
}

impl Carousel {
    /// Checks count, repetition and cover.
    ///
    /// # Errors
    /// [`CarouselProblem`].
    pub fn new(pictures: Vec<MediaId>, cover: MediaId) -> Result<Self, CarouselProblem> {
        if pictures.is_empty() {
            return Err(CarouselProblem::Empty);
        }
        if pictures.len() > PHOTOS_MAX {
            return Err(CarouselProblem::TooMany);
        }
        let mut seen = std::collections::HashSet::new();
        if !pictures.iter().all(|picture| seen.insert(*picture)) {
            return Err(CarouselProblem::Twice);
        }
        if !pictures.contains(&cover) {
            return Err(CarouselProblem::CoverElsewhere);
        }
        Ok(Self { pictures, cover })
    }

    /// The same with the first picture as cover.
    ///
    /// # Errors
    /// [`CarouselProblem`].
    pub fn of(pictures: Vec<MediaId>) -> Result<Self, CarouselProblem> {
        let first = pictures.first().copied().ok_or(CarouselProblem::Empty)?;
        Self::new(pictures, first)
    }

    /// The pictures, first to last.
    #[must_use]
    pub fn pictures(&self) -> &[MediaId] {
        &self.pictures
    }

    /// The cover.
    #[must_use]
    pub const fn cover(&self) -> MediaId {
        self.cover
    }

    /// Place of the cover among the pictures, from zero, as TikTok wants it.
    #[must_use]
    pub fn cover_index(&self) -> u32 {
        let place = self.pictures.iter().position(|picture| *picture == self.cover).unwrap_or(0);
        u32::try_from(place).unwrap_or(0)
    }

    /// The arrangement after one change. What cannot be moved further stays where it is.
    ///
    /// # Errors
    /// [`CarouselProblem`] when the last picture would go, one would be there twice, or one too many.
    pub fn arranged(&self, change: Arrange) -> Result<Self, CarouselProblem> {
        let mut pictures = self.pictures.clone();
        let place = |of: MediaId| self.pictures.iter().position(|picture| *picture == of);
        match change {
            Arrange::Earlier(picture) => {
                if let Some((at, before)) = place(picture).and_then(|at| Some((at, at.checked_sub(1)?))) {
                    pictures.swap(at, before);
                }
            }
            Arrange::Later(picture) => {
                if let Some(at) = place(picture).filter(|at| at.saturating_add(1) < pictures.len()) {
                    pictures.swap(at, at.saturating_add(1));
                }
            }
            Arrange::Remove(picture) => pictures.retain(|kept| *kept != picture),
            Arrange::Add(picture) => pictures.push(picture),
        }
        let cover = if pictures.contains(&self.cover) {
            self.cover
        } else {
            pictures.first().copied().ok_or(CarouselProblem::Empty)?
        };
        Self::new(pictures, cover)
    }
}

/// One hash for a set of pictures in their order: SHA-256 over their hashes, a line each, lower-case hex.
#[must_use]
pub fn set_sha256<'a>(hashes: impl IntoIterator<Item = &'a str>) -> String {
    use std::fmt::Write as _;
    let mut context = digest::Context::new(&digest::SHA256);
    for hash in hashes {
        context.update(hash.as_bytes());
        context.update(b"\n");
    }
    context.finish().as_ref().iter().fold(String::new(), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;
    use uuid::Uuid;

    fn picture(n: u128) -> MediaId {
        MediaId::from_uuid(Uuid::from_u128(n))
    }

    fn numbers(carousel: &Carousel) -> Vec<u128> {
        carousel.pictures().iter().map(|picture| picture.uuid().as_u128()).collect()
    }

    fn set(count: u128) -> Carousel {
        Carousel::of((1..=count).map(picture).collect()).unwrap_or_else(|problem| panic!("{problem}"))
    }

    #[test]
    fn a_post_has_one_to_thirty_five_different_pictures() {
        assert_eq!(Carousel::of(Vec::new()), Err(CarouselProblem::Empty));
        assert_eq!(set(35).pictures().len(), 35);
        assert_eq!(Carousel::of((1..=36).map(picture).collect()), Err(CarouselProblem::TooMany));
        assert_eq!(Carousel::of(vec![picture(1), picture(1)]), Err(CarouselProblem::Twice));
        assert_eq!(Carousel::new(vec![picture(1)], picture(2)), Err(CarouselProblem::CoverElsewhere));
    }

    #[test]
    fn the_cover_stays_the_cover_wherever_it_is_moved() {
        let set =
            Carousel::new((1..=3).map(picture).collect(), picture(3)).unwrap_or_else(|problem| panic!("{problem}"));
        let moved = set.arranged(Arrange::Earlier(picture(3))).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!((numbers(&moved), moved.cover_index()), (vec![1, 3, 2], 1));
        let without = moved.arranged(Arrange::Remove(picture(3))).unwrap_or_else(|problem| panic!("{problem}"));
        assert_eq!((numbers(&without), without.cover()), (vec![1, 2], picture(1)), "the first one takes its place");
    }

    #[test]
    fn no_sequence_of_changes_loses_or_doubles_a_picture() {
        let mut carousel = set(5);
        let mut seed: u128 = 7;
        for _ in 0..2000 {
            seed = (seed * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % (1 << 64);
            let of = picture((seed >> 33) % 40 + 1);
            let change = match (seed >> 20) % 4 {
                0 => Arrange::Earlier(of),
                1 => Arrange::Later(of),
                2 => Arrange::Remove(of),
                _ => Arrange::Add(of),
            };
            let before = numbers(&carousel);
            match carousel.arranged(change) {
                Ok(after) => {
                    let (mut old, mut new) = (before, numbers(&after));
                    match change {
                        Arrange::Remove(_) => old.retain(|n| *n != of.uuid().as_u128()),
                        Arrange::Add(_) => old.push(of.uuid().as_u128()),
                        Arrange::Earlier(_) | Arrange::Later(_) => {}
                    }
                    old.sort_unstable();
                    new.sort_unstable();
                    assert_eq!(old, new);
                    assert!(after.pictures().contains(&after.cover()));
                    carousel = after;
                }
                Err(problem) => match change {
                    Arrange::Remove(_) => assert_eq!(problem, CarouselProblem::Empty),
                    Arrange::Add(_) => assert!(matches!(problem, CarouselProblem::Twice | CarouselProblem::TooMany)),
                    Arrange::Earlier(_) | Arrange::Later(_) => panic!("moving never fails: {problem}"),
                },
            }
        }
    }

    #[test]
    fn the_hash_of_a_set_covers_every_picture_and_the_order() {
        let one = set_sha256(["aa", "bb"]);
        assert_ne!(one, set_sha256(["bb", "aa"]));
        assert_ne!(one, set_sha256(["aa"]));
        assert_ne!(one, set_sha256(["aab", "b"]));
        assert_eq!(one, set_sha256(["aa", "bb"]));
        assert_eq!(one.len(), 64);
    }
}
