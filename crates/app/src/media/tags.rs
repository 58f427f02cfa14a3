//! Sorting files by words of one's own. Owns the two use cases; the library shows and filters by them.

use domain::id::MediaId;
use domain::media::tags::{TagProblem, same, tags, written};
use store::media_tags::MediaTags;

use crate::{Actor, App, Error, Result};

fn refused(problem: TagProblem) -> Error {
    match problem {
        TagProblem::TooMany => Error::BadInput { code: "too-many-tags" },
        TagProblem::TooLong => Error::BadInput { code: "tag-too-long" },
    }
}

impl App {
    /// Writes the words beside one file in place of those before; an empty text removes them.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the file is not theirs, [`Error::BadInput`] `too-many-tags` or `tag-too-long`.
    pub async fn media_tags_set(&self, actor: &Actor, id: MediaId, text: &str) -> Result<()> {
        self.media_with_file(actor, id).await?;
        let words = written(&tags(text).map_err(refused)?);
        let mut tx = self.store.begin().await?;
        tx.media_tags_put(actor.user_id, &MediaTags { media_id: id, words }, self.now()).await?;
        tx.commit().await.map_err(Error::from)
    }

    /// Adds words to several files, all or none; gives how many files were asked for.
    ///
    /// # Errors
    /// As [`App::chosen_files`] and [`App::media_tags_set`].
    pub async fn media_tags_add(&self, actor: &Actor, ids: &[MediaId], text: &str) -> Result<usize> {
        let mut files = self.chosen_files(actor, ids).await?;
        files.sort_by_key(|file| file.id);
        let added = tags(text).map_err(refused)?;
        if added.is_empty() {
            return Err(Error::BadInput { code: "no-tags" });
        }
        let mut tx = self.store.begin().await?;
        for file in &files {
            let mut all = tags(&tx.media_tags_of(file.id).await?).unwrap_or_default();
            let new: Vec<String> =
                added.iter().filter(|word| !all.iter().any(|old| same(old, word))).cloned().collect();
            all.extend(new);
            // Counted again: together they may be too many.
            let words = written(&tags(&written(&all)).map_err(refused)?);
            tx.media_tags_put(actor.user_id, &MediaTags { media_id: file.id, words }, self.now()).await?;
        }
        tx.commit().await?;
        Ok(files.len())
    }
}
