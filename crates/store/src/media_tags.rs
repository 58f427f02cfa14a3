//! The words that people sort their files by. Owns the list of each file; what a word may be is `domain`'s, whom it is shown to is decided elsewhere.

use domain::id::{MediaId, UserId, WorkspaceId};
use domain::time::UnixMillis;

use crate::column::Table;
use crate::db::{Engine, Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("media_tags");
/// Files whose lists are read at once, those changed last.
const LIST_MAX: i64 = 5_000;

/// The list of one file, as a person wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaTags {
    /// Which file.
    pub media_id: MediaId,
    /// The words, separated by commas; empty when they could not be opened.
    pub words: String,
}

const PUT: &str = "
INSERT INTO media_tags (media_id, person_id, words, at)
VALUES ($1, $2, $3, $4)
ON CONFLICT (media_id) DO UPDATE SET
  person_id = excluded.person_id,
  words = excluded.words,
  at = excluded.at";
const DELETE: &str = "DELETE FROM media_tags WHERE media_id = $1";
const LIST: &str = concat!(
    "
SELECT media_tags.media_id, media_tags.person_id, media_tags.words, ",
    person_key!("media_tags.person_id"),
    "
FROM media_tags
JOIN media ON media.id = media_tags.media_id
WHERE media.workspace_id = $1
  AND media.file_gone_at IS NULL
ORDER BY media_tags.at DESC, media_tags.media_id
LIMIT $2"
);

const OF_FILE: &str = concat!(
    "
SELECT media_tags.media_id, media_tags.person_id, media_tags.words, ",
    person_key!("media_tags.person_id"),
    "
FROM media_tags
WHERE media_tags.media_id = $1"
);
// The file and not the list, which may not be there yet. On SQLite there is one writer at a time anyway.
const HOLD_FILE: &str = "SELECT id FROM media WHERE id = $1 FOR UPDATE";

pub(crate) const STATEMENTS: &[Statement] = statements![PUT, DELETE, LIST, OF_FILE, HOLD_FILE @ Postgres];

row! {
    struct Raw {
        media_id: String,
        person_id: String,
        words: String,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<MediaTags> {
        let row = safe.shown_row(Owner::person(&self.person_id), self.wrapped.as_deref(), TABLE, &self.media_id)?;
        let media_id = TABLE.parse("media_id", &self.media_id)?;
        Ok(MediaTags { media_id, words: row.shown("words", self.words) })
    }
}

impl Store {
    /// The lists of a workspace's files that are still here; at most 5,000, those changed last.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_tags(&self, workspace: WorkspaceId) -> Result<Vec<MediaTags>> {
        let rows = fetch_all!(store self, Raw, LIST, workspace.to_string(), LIST_MAX)?;
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }
}

impl Tx {
    /// The list of one file, to be written again in this transaction: nobody else writes it before the end of that. Empty when there is
    /// none. Whoever asks for several files does so in the order of their ids, or two such transactions could wait for each other.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn media_tags_of(&mut self, media: MediaId) -> Result<String> {
        let media = media.to_string();
        if self.engine() == Engine::Postgres {
            fetch_optional!(tx self, (String,), HOLD_FILE, &media)?;
        }
        let row = fetch_optional!(tx self, Raw, OF_FILE, &media)?;
        Ok(row.map(|raw| raw.open(&self.safe)).transpose()?.map(|list| list.words).unwrap_or_default())
    }

    /// Writes a file's list in place of the one before; an empty one removes it.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] when there is no such file or person.
    pub async fn media_tags_put(&mut self, person: UserId, it: &MediaTags, now: UnixMillis) -> Result<()> {
        let (media, person) = (it.media_id.to_string(), person.to_string());
        if it.words.is_empty() {
            execute!(tx self, DELETE, &media)?;
            return Ok(());
        }
        let words = self.row_of(Owner::person(&person), TABLE, &media).await?.write("words", &it.words)?;
        execute!(tx self, PUT, &media, &person, &words, now.millis())?;
        Ok(())
    }
}
