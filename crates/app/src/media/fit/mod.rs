//! Making files fit for TikTok. Owns who may ask for it, how many wait, and giving a job up; `convert` says what ffmpeg is asked, `work` does it.
//!
//! The result is a file of the library of its own, of the original's workspace and uploader; the original stays as it is.

mod convert;
mod work;

use domain::id::{MediaId, RenditionId};
use domain::media::MediaOutcome;
use domain::media::fit::{Trim, can_help};
use store::rendition::{Rendition, RenditionState};
use store::{Media, StoreError};

pub(crate) use work::remove_left_behind;
pub use work::run_fitter;

use crate::live::{LiveChange, LiveEvent};
use crate::{Actor, App, Error, Result};

/// Jobs of one workspace that may wait.
const OPEN_MAX: i64 = 20;

impl App {
    /// Asks for a file to be made fit, or for a part of it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs; [`Error::Conflict`] `no-converter` where no ffmpeg may be started, `fits-already`,
    /// `fit-underway`; [`Error::BadInput`] `cannot-fit` when no conversion helps, `no-such-part`; [`Error::Limit`] `fit-too-many`,
    /// `upload-quota`; [`Error::DiskReserve`].
    pub async fn ask_fit(&self, actor: &Actor, id: MediaId, trim: Trim) -> Result<Rendition> {
        let media = self.media_with_file(actor, id).await?;
        if self.media_tools().is_none() {
            return Err(Error::Conflict { code: "no-converter" });
        }
        if media.verdict.outcome == MediaOutcome::Reject {
            return Err(Error::BadInput { code: "cannot-fit" });
        }
        let trim = part(&media, trim)?;
        if trim == Trim::default() && !can_help(&media.verdict) {
            return Err(Error::Conflict { code: "fits-already" });
        }
        self.check_disk(media.size_bytes).await?;
        let now = self.now();
        let job = Rendition {
            id: RenditionId::from_uuid(self.random.uuid(now)),
            workspace_id: actor.workspace_id,
            source_id: id,
            asked_by: actor.user_id,
            state: RenditionState::Asked,
            trim,
            asked_at: now,
            tries: 0,
            begun_at: None,
            done_permille: 0,
            media_id: None,
            ended_at: None,
            problem: None,
        };
        let mut tx = self.store.begin().await?;
        if tx.renditions_open(actor.workspace_id).await? >= OPEN_MAX {
            return Err(Error::Limit { code: "fit-too-many" });
        }
        // Nobody knows how large the result will be; about as large as the original is a fair guess.
        let wanted = tx.media_bytes(actor.workspace_id).await?.saturating_add(media.size_bytes);
        if wanted > self.settings.media_quota_bytes {
            return Err(Error::Limit { code: "upload-quota" });
        }
        match tx.rendition_insert(&job).await {
            Ok(()) => {}
            Err(StoreError::Conflict(_)) => return Err(Error::Conflict { code: "fit-underway" }),
            Err(error) => return Err(error.into()),
        }
        tx.audit_append(now, &actor.user_id.to_string(), "media.fit", &id.to_string(), "").await?;
        tx.commit().await?;
        self.fit_nudge.notify_one();
        self.fit_changed(&job);
        Ok(job)
    }

    /// Gives up making a file fit; when it is over already, nothing happens.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the file is not theirs.
    pub async fn cancel_fit(&self, actor: &Actor, id: MediaId) -> Result<()> {
        self.media(actor, id).await?;
        let now = self.now();
        let mut tx = self.store.begin().await?;
        if tx.rendition_cancel(actor.workspace_id, id, now).await? {
            tx.audit_append(now, &actor.user_id.to_string(), "media.fit-cancel", &id.to_string(), "").await?;
        }
        tx.commit().await?;
        if let Some(job) = self.store.rendition_of(actor.workspace_id, id).await? {
            self.fit_changed(&job);
        }
        Ok(())
    }

    /// How far a file is on its way to fit, or what came of it; `None` when nobody asked.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the file is not theirs.
    pub async fn fit_of(&self, actor: &Actor, id: MediaId) -> Result<Option<Rendition>> {
        self.media(actor, id).await?;
        Ok(self.store.rendition_of(actor.workspace_id, id).await?)
    }

    /// The same for all files of the actor's workspace, newest first.
    ///
    /// # Errors
    /// See [`Error`].
    pub async fn fits(&self, actor: &Actor) -> Result<Vec<Rendition>> {
        Ok(self.store.renditions(actor.workspace_id).await?)
    }

    fn fit_changed(&self, job: &Rendition) {
        self.live.publish(LiveEvent { workspace_id: job.workspace_id, what: LiveChange::Rendition });
    }
}

/// A picture has no parts.
fn part(media: &Media, trim: Trim) -> Result<Trim> {
    const NO_SUCH_PART: Error = Error::BadInput { code: "no-such-part" };
    match media.video() {
        Some(video) => trim.within(video.duration_ms).map_err(|_| NO_SUCH_PART),
        None if trim == Trim::default() => Ok(trim),
        None => Err(NO_SUCH_PART),
    }
}
