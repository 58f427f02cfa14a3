//! Lines that tell people what happened while they were away. Owns when somebody is told and when they have read it.
//!
//! Whatever is told is written in the transaction of what it tells. It is no second list of what needs attention: a line leads there.

use domain::id::{NoticeNumber, UserId};
use domain::notice::Notice;
use domain::post::PostState;
use domain::privacy::documents::{Document, day_of};
use domain::privacy::retention::Class;
use domain::time::UnixMillis;
use store::{NoticeRow, Post, Tx};

use crate::push::post_came;
use crate::{Actor, App, Error, Result};

/// Lines of one page.
const PAGE: u32 = 100;
/// People told, or lines removed, in one transaction.
const PORTION: u32 = 500;
const DAY_MS: i64 = 86_400_000;
/// How long after its day a changed document is still told of. Shorter than lines are kept, so that nobody is told twice.
const DOCUMENT_DAYS: i64 = 30;

impl App {
    /// The actor's latest lines, newest first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn notices(&self, actor: &Actor) -> Result<Vec<NoticeRow>> {
        Ok(self.store.notices(actor.user_id, PAGE).await?)
    }

    /// The actor looks at what a line tells of, and has read it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there or somebody else's.
    pub async fn open_notice(&self, actor: &Actor, number: NoticeNumber) -> Result<Notice> {
        let notice = self.store.notice(actor.user_id, number).await?.ok_or(Error::NotFound { what: "notice" })?;
        let mut tx = self.store.begin().await?;
        tx.notice_read(actor.user_id, number, self.now()).await?;
        tx.commit().await?;
        Ok(notice)
    }

    /// The actor has read everything up to a line of theirs.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there or somebody else's.
    pub async fn read_notices(&self, actor: &Actor, upto: NoticeNumber) -> Result<()> {
        self.store.notice(actor.user_id, upto).await?.ok_or(Error::NotFound { what: "notice" })?;
        let mut tx = self.store.begin().await?;
        tx.notices_read(actor.user_id, upto, self.now()).await?;
        tx.commit().await.map_err(Error::from)
    }

    /// Tells everybody who has not answered a changed policy or changed terms, once; gives how many were told.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn tell_of_documents(&self) -> Result<u64> {
        let now = self.now();
        let mut told = 0;
        for version in Document::ALL.into_iter().filter_map(Document::latest_material) {
            let day = day_of(now.plus_millis(DOCUMENT_DAYS.saturating_mul(-DAY_MS)));
            if version.before().is_none() || version.effective < day {
                continue;
            }
            loop {
                let mut tx = self.store.begin().await?;
                let portion = tx.notice_tell_unanswered(version, now, PORTION).await?;
                tx.commit().await?;
                told += portion;
                if portion < u64::from(PORTION) {
                    break;
                }
            }
        }
        Ok(told)
    }

    /// Removes lines whose time is over.
    ///
    /// # Errors
    /// When the database does not answer; what was removed before stays removed.
    pub async fn purge_notices(&self) -> Result<u64> {
        let Some(days) = Class::Notices.retention().active_days else { return Ok(0) };
        let before = self.now().plus_millis(days.saturating_mul(-DAY_MS));
        let mut removed = 0;
        loop {
            let mut tx = self.store.begin().await?;
            let portion = tx.purge_notices(before, PORTION).await?;
            tx.commit().await?;
            removed += portion;
            if portion < u64::from(PORTION) {
                return Ok(removed);
            }
        }
    }
}

/// Tells the people of a post that it failed or waits for them, and their browsers also that it went out, but for those of whoever pressed for it.
pub(crate) async fn post_settled(tx: &mut Tx, post: &Post, by: Option<UserId>, now: UnixMillis) -> Result<()> {
    post_stopped(tx, post, now).await?;
    post_came(tx, post, by, now).await
}

/// Tells the people of a post that it failed or waits for them; of any other state nobody has to be told.
async fn post_stopped(tx: &mut Tx, post: &Post, now: UnixMillis) -> Result<()> {
    let notice = match post.state {
        PostState::Failed => Notice::PostFailed(post.id),
        PostState::NeedsAttention => Notice::PostWaits(post.id),
        PostState::Draft
        | PostState::Scheduled
        | PostState::Publishing
        | PostState::Published
        | PostState::InInbox
        | PostState::Cancelled => return Ok(()),
    };
    tx.notice_tell_workspace(post.workspace_id, notice, now).await.map_err(Error::from)
}
