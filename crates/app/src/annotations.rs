//! Notes on days: what happened when the numbers changed. Owns the use cases and how long and how many notes may be.

use domain::id::{AnnotationId, ConnectionId};
use domain::metrics::day_number;
use store::annotation::Annotation;

use crate::{Actor, App, Error, Result};

/// Notes that a workspace keeps at most.
pub const ANNOTATIONS_MAX: usize = 200;
/// Longest note, characters.
pub const ANNOTATION_CHARS: usize = 140;
/// How far back and ahead of today a note may stand, days: as long as numbers are kept, and a year.
const BACK_DAYS: i64 = 730;
pub(crate) const AHEAD_DAYS: i64 = 366;

/// The words of a note on one line without anything around them; `None` when there are none, or too many.
fn note(words: &str) -> Option<String> {
    let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
    let is_note =
        !words.is_empty() && words.chars().count() <= ANNOTATION_CHARS && !words.chars().any(char::is_control);
    is_note.then_some(words)
}

/// Whether words are a note as they are.
pub(crate) fn is_note(words: &str) -> bool {
    note(words).as_deref() == Some(words)
}

impl App {
    /// The notes on the days of a range; with an account those about it and those about all.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign account.
    pub async fn annotations(
        &self,
        actor: &Actor,
        days: std::ops::Range<i64>,
        connection: Option<ConnectionId>,
    ) -> Result<Vec<Annotation>> {
        if let Some(id) = connection {
            self.connection(actor, id).await?;
        }
        let mut all = self.store.annotations_on(actor.workspace_id, days).await?;
        all.retain(|it| connection.is_none() || it.connection_id.is_none() || it.connection_id == connection);
        Ok(all)
    }

    /// Keeps a note on a day.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign account, [`Error::BadInput`] for words that are none or too many and for a day that is too far away,
    /// [`Error::Limit`] when there are as many notes as there may be.
    pub async fn annotation_add(
        &self,
        actor: &Actor,
        day: i64,
        connection: Option<ConnectionId>,
        words: &str,
    ) -> Result<AnnotationId> {
        if let Some(id) = connection {
            self.connection(actor, id).await?;
        }
        let words = note(words).ok_or(Error::BadInput { code: "annotation-words" })?;
        let now = self.now();
        let ahead = day.saturating_sub(day_number(now));
        if !(-BACK_DAYS..=AHEAD_DAYS).contains(&ahead) {
            return Err(Error::BadInput { code: "annotation-day" });
        }
        let id = AnnotationId::from_uuid(self.random.uuid(now));
        let (workspace_id, person_id) = (actor.workspace_id, actor.user_id);
        let mut tx = self.store.begin().await?;
        if tx.annotation_count(workspace_id).await? >= i64::try_from(ANNOTATIONS_MAX).unwrap_or(i64::MAX) {
            return Err(Error::Limit { code: "too-many-annotations" });
        }
        let it = Annotation { id, workspace_id, person_id, connection_id: connection, day, words, at: now };
        tx.annotation_put(&it).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Removes a note.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs.
    pub async fn annotation_delete(&self, actor: &Actor, id: AnnotationId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if !tx.annotation_delete(actor.workspace_id, id).await? {
            return Err(Error::NotFound { what: "annotation" });
        }
        tx.commit().await.map_err(Error::from)
    }
}
