//! The last step of an upload: its bytes become a file of the library, measured and judged, or it stays an upload.

use std::time::Duration;

use store::Media;
use store::upload::{Assembly, Upload, UploadState};

use domain::id::MediaId;
use domain::media::{ProbeFailure, ThumbnailState, judge_file};

use super::desk::Claim;
use super::{Progress, blob_key, upload_storage};
use crate::media::probe::probe_path;
use crate::{App, Error, Result};

/// How long a finished upload still answers a sender that did not hear of it.
const ANSWERS_FOR: Duration = Duration::from_secs(3600);

impl App {
    /// Makes a complete upload a file of the library. Repeating it after a crash at any point gives the same file.
    pub(super) async fn finish_upload(&self, upload: &Upload, _claim: &Claim) -> Result<Progress> {
        let key = blob_key(upload.id);
        let hash = match self.uploads.hash_at(upload.id, upload.length_bytes) {
            Some(hash) => hash,
            None => self.hash_again(upload.id, upload.length_bytes).await?,
        };
        // The name of the whole file is durable before the row says that it is there; it is measured while it is still here.
        self.blobs.close(&key, upload.length_bytes).await.map_err(upload_storage)?;
        let probed = {
            let file = self.blobs.local(&key, self.random.uuid(self.now())).await.map_err(upload_storage)?;
            probe_path(file.path()).await
        };
        if probed == Err(ProbeFailure::Storage) {
            return Err(Error::Io(std::io::Error::other("the finished upload could not be read")));
        }
        self.blobs.deliver(&key).await.map_err(upload_storage)?;
        let (now, (sha256, blake3)) = (self.now(), hash.hex());
        let media = Media {
            // The same id each time, so that repeating this cannot make two files of one upload.
            id: MediaId::from_uuid(upload.id.uuid()),
            workspace_id: upload.workspace_id,
            uploaded_by: upload.user_id,
            file_name: upload.file_name.clone(),
            size_bytes: upload.length_bytes,
            sha256,
            blob_key: key,
            verdict: judge_file(probed.as_ref()),
            facts: probed.ok(),
            thumbnail: ThumbnailState::Pending,
            created_at: now,
            file_gone_at: None,
        };
        let answers_for = i64::try_from(ANSWERS_FOR.as_secs()).unwrap_or(0);
        let expires_at = now.plus_seconds(answers_for);
        let mut tx = self.store.begin().await?;
        if !tx.upload_complete(upload.id, media.id, now, expires_at).await? {
            tx.rollback().await?;
            return self.finished_elsewhere(upload).await;
        }
        tx.media_insert(&media).await?;
        tx.media_set_blake3(media.id, &blake3).await?;
        let parts = match &upload.assembly {
            Assembly::Final(parts) => parts.as_slice(),
            Assembly::Whole | Assembly::Part => &[],
        };
        for part in parts {
            tx.upload_delete(upload.workspace_id, *part).await?;
        }
        tx.commit().await?;
        self.uploads.forget(upload.id);
        for part in parts {
            self.uploads.forget(*part);
            // The file is whole without them; what stays behind belongs to nothing and is swept away.
            if let Err(error) = self.remove_blobs(&blob_key(*part)).await {
                tracing::warn!(upload = %upload.id, %error, "a part that was put together could not be removed");
            }
        }
        self.uploads.pictures_wanted.notify_one();
        self.upload_changed(upload);
        Ok(Progress::of(&Upload {
            state: UploadState::Complete,
            media_id: Some(media.id),
            offset_bytes: upload.length_bytes,
            updated_at: now,
            expires_at,
            ..upload.clone()
        }))
    }

    /// Another process finished it, or it was given up or erased while its last step ran: then its bytes go, too.
    async fn finished_elsewhere(&self, upload: &Upload) -> Result<Progress> {
        match self.store.upload(upload.workspace_id, upload.id).await? {
            Some(done) if done.state == UploadState::Complete => Ok(Progress::of(&done)),
            Some(_) => Err(super::LOCKED),
            None => {
                self.remove_blobs(&blob_key(upload.id)).await?;
                Err(Error::NotFound { what: "upload" })
            }
        }
    }
}
