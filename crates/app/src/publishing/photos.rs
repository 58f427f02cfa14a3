//! The two effects of photo posts: looking at every picture, and the init that names our own gate as their place.
//!
//! The init is sent at the due time and never repeated; what TikTok finds at the gate before the release is nothing.

use domain::attempt::{Event, PhotosSnapshot, SendOptions, Task};
use domain::rules::EffectiveOptions;
use secrecy::SecretString;
use tiktok::{PhotoMode, PhotoPost};

use super::engine::Engine;
use super::loading::Session;
use super::persist::{Drive, Halt};
use super::send::{self, CheckedMedia};
use super::{answers, gate};
use crate::Error;

impl Engine {
    /// Hashes every picture; one that is missing or different is enough to stop.
    pub(super) async fn verify_photos(&self, session: &mut Session, photos: &PhotosSnapshot) -> Drive<Event> {
        for picture in &photos.pictures {
            let Some(file) = self.open_blob(&picture.blob_key, 0).await? else {
                return Ok(Event::MediaMismatch);
            };
            match send::is_approved(file, &picture.sha256, picture.size_bytes).await {
                Ok(true) => {}
                Ok(false) => return Ok(Event::MediaMismatch),
                Err(error) => return Err(Halt::Failed(Error::Io(error))),
            }
        }
        session.media = Some(CheckedMedia::pictures());
        Ok(Event::MediaVerified)
    }

    /// Asks TikTok to fetch the pictures from the attempt's own gate.
    pub(super) async fn init_photos(
        &self,
        session: &mut Session,
        token: &SecretString,
        options: Option<SendOptions>,
    ) -> Drive<Event> {
        let attempt = &session.attempt;
        let mode = match (options, &session.options) {
            (Some(sent), Some(effective)) => direct(effective, sent),
            (Some(_), None) => return Ok(Event::InitUnknown),
            (None, _) => PhotoMode::MediaUpload,
        };
        let Some(photos) = &attempt.snapshot.photos else {
            return Ok(Event::InitUnknown);
        };
        let images = gate::addresses(&self.app, attempt.id, photos.pictures.len())?;
        let content = &attempt.snapshot.content;
        let post = PhotoPost {
            mode,
            title: content.photos.as_ref().map(|photos| photos.title.clone()).unwrap_or_default(),
            description: content.caption.clone(),
            images,
            cover_index: photos.cover_index,
        };
        match self.app.tiktok.init_photo(token, &post).await {
            Ok(answer) => {
                self.heard(answer.remote_date);
                session.attempt.trace.log_id.clone_from(&answer.log_id);
                Ok(Event::InitAnswered(Task {
                    publish_id: answer.value.as_str().to_owned(),
                    upload_url: None,
                    url_date: answers::date(answer.remote_date),
                }))
            }
            Err(error) => {
                self.heard(error.remote_date());
                self.note_rate(attempt.connection_id, &error);
                tracing::warn!(attempt = %attempt.id, code = error.code(), log_id = error.log_id(), "init of photos failed");
                self.renew_refused(session, token, &error).await;
                Ok(answers::init_failed(&error))
            }
        }
    }
}

fn direct(effective: &EffectiveOptions, sent: SendOptions) -> PhotoMode {
    PhotoMode::DirectPost {
        privacy_level: tiktok::PrivacyLevel::parse(effective.privacy.as_str()),
        disable_comment: sent.disable_comment,
        auto_add_music: effective.photos.as_ref().is_some_and(|photos| photos.auto_add_music),
        brand_content_toggle: effective.brand_content,
        brand_organic_toggle: effective.brand_organic,
    }
}
