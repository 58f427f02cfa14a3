//! The first steps of a workspace: which there are and which are done, told by what is there; and samples that show the board. Owns the
//! reading and the samples; must not do a step for anybody.

mod picture;

use std::sync::{Arc, LazyLock};

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use domain::board::{IDEAS_MAX, idea as checked, newest};
use domain::connection::ConnectionState;
use domain::id::{ConnectionId, IdeaId, MediaId};
use domain::post::PostState;
use domain::schedule::Zone;
use store::idea::Idea;
use store::{HistoryFilter, Media, Post};

use self::picture::{Scene, jpeg};
use crate::posts::DraftInput;

use crate::{Actor, App, Error, Result};

/// What the contents of the sample pictures are called: a file with one of them is a sample, whatever its name.
static CONTENTS: LazyLock<[String; 3]> = LazyLock::new(|| {
    Scene::ALL.map(|scene| digest(&SHA256, &jpeg(scene)).as_ref().iter().map(|byte| format!("{byte:02x}")).collect())
});
/// A sample draft that nobody changed since it was made and got its caption.
const UNTOUCHED: i64 = 2;

/// The words of the samples, in the reader's language.
#[derive(Debug, Clone)]
pub struct SampleWords {
    /// Ideas, the first on top.
    pub ideas: Vec<String>,
    /// Names of the pictures.
    pub pictures: [String; 3],
    /// Captions of the drafts: of one picture, and of the two others.
    pub captions: [String; 2],
}

/// Whether a file is one of the sample pictures.
#[must_use]
pub fn is_sample(media: &Media) -> bool {
    CONTENTS.contains(&media.sha256)
}

/// A step towards the first planned post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A TikTok account that works is connected.
    Account,
    /// There is a file.
    File,
    /// An account has weekly slots. It can be left out.
    Slots,
    /// A post is planned. With it the guide is over.
    Plan,
}

/// Where a workspace stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guide {
    /// The steps in order, and whether each is done.
    pub steps: [(Step, bool); 4],
    /// The account whose slots can be chosen.
    pub account: Option<ConnectionId>,
    /// Samples stand on the board.
    pub has_samples: bool,
}

impl Guide {
    /// The step to be taken next; slots are no condition for a plan, so they are named first only until they are chosen.
    #[must_use]
    pub fn next(&self) -> Option<Step> {
        self.steps.iter().find(|(_, is_done)| !is_done).map(|(step, _)| *step)
    }
}

impl App {
    /// The first steps of the actor's workspace; `None` once a post was planned, or when somebody put them away.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn guide(&self, actor: &Actor) -> Result<Option<Guide>> {
        if self.store.guide_is_hidden(actor.workspace_id).await? || self.has_planned(actor).await? {
            return Ok(None);
        }
        let connections = self.connections(actor).await?;
        let account = connections.iter().find(|it| it.state == ConnectionState::Active).map(|it| it.id);
        // The samples are nobody's own first file.
        let has_file = self.media_list(actor, None, 4).await?.iter().any(|media| !is_sample(media));
        let has_slots = self.rhythms(actor).await?.values().any(|rhythm| !rhythm.week.is_empty());
        let has_samples = self.store.ideas(actor.workspace_id).await?.iter().any(|idea| idea.is_sample)
            || !self.store.media_of_contents(actor.workspace_id, &CONTENTS).await?.is_empty();
        let steps =
            [(Step::Account, account.is_some()), (Step::File, has_file), (Step::Slots, has_slots), (Step::Plan, false)];
        Ok(Some(Guide { steps, account, has_samples }))
    }

    /// Whether a post is planned, or ever was.
    async fn has_planned(&self, actor: &Actor) -> Result<bool> {
        let workspace = actor.workspace_id;
        if !self.store.posts_scheduled(workspace, 1).await?.is_empty()
            || !self.store.posts_under_way(workspace, 1).await?.is_empty()
            || !self.store.posts_attention(workspace, 1).await?.is_empty()
        {
            return Ok(true);
        }
        let states = vec![PostState::Published, PostState::InInbox, PostState::Failed, PostState::Cancelled];
        let over = HistoryFilter { states, ..HistoryFilter::default() };
        Ok(!self.store.posts_history(workspace, &over, None, 1).await?.is_empty())
    }

    /// Whether somebody put the first steps away.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn guide_is_hidden(&self, actor: &Actor) -> Result<bool> {
        Ok(self.store.guide_is_hidden(actor.workspace_id).await?)
    }

    /// Puts the first steps away, or brings them back.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn guide_set(&self, actor: &Actor, hidden: bool) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if hidden {
            tx.guide_hide(actor.workspace_id, self.now()).await?;
        } else {
            tx.guide_show(actor.workspace_id).await?;
        }
        tx.commit().await.map_err(Error::from)
    }

    /// Puts samples on the board: ideas, which have no file and no account, in place of those of an earlier time; three pictures that this
    /// program draws; and where an account is connected two drafts of them. Nothing of it goes out without a consent like any other's.
    ///
    /// # Errors
    /// [`Error::Limit`] `too-many-ideas`, [`Error::BadInput`] for a text that is no idea, and what an upload can run into.
    pub async fn samples_add(self: &Arc<Self>, actor: &Actor, words: &SampleWords) -> Result<()> {
        self.sample_ideas(actor, &words.ideas).await?;
        let there = self.store.media_of_contents(actor.workspace_id, &CONTENTS).await?;
        let mut files = Vec::new();
        for ((scene, content), name) in Scene::ALL.into_iter().zip(CONTENTS.iter()).zip(&words.pictures) {
            files.push(match there.iter().find(|media| media.sha256 == *content) {
                Some(media) => media.id,
                None => self.sample_file(actor, name, jpeg(scene)).await?,
            });
        }
        let accounts = self.connections(actor).await?;
        let account = accounts.iter().find(|it| it.state == ConnectionState::Active);
        let (Some(account), [one, two, three]) = (account, files.as_slice()) else { return Ok(()) };
        if !self.sample_drafts(actor, &files).await?.is_empty() {
            return Ok(());
        }
        let posts = [vec![*one], vec![*two, *three]];
        let groups = self.create_drafts_each(actor, &posts, &[account.id], None).await?;
        for (group, caption) in groups.into_iter().zip(&words.captions) {
            for post in self.store.posts_in_group(actor.workspace_id, group).await? {
                let mut content = post.content.clone();
                content.caption.clone_from(caption);
                let time_zone = actor.time_zone.parse().unwrap_or_else(|_| Zone::utc());
                let input = DraftInput { delivery: post.delivery, content, local_time: None, time_zone, photos: None };
                self.save_draft(actor, post.id, post.revision, &input).await?;
            }
        }
        Ok(())
    }

    /// A file of the library with these bytes, by the same way as everybody's.
    async fn sample_file(self: &Arc<Self>, actor: &Actor, name: &str, bytes: Vec<u8>) -> Result<MediaId> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let upload = self.upload_create(actor, name, length).await?;
        let body = futures::stream::iter([Ok::<_, std::io::Error>(Bytes::from(bytes))]);
        let progress = self.upload_append(actor, upload.id, 0, body).await?;
        progress.media_id.ok_or(Error::NotFound { what: "media" })
    }

    /// Drafts of these files.
    async fn sample_drafts(&self, actor: &Actor, files: &[MediaId]) -> Result<Vec<Post>> {
        let mut found: Vec<Post> = Vec::new();
        for file in files {
            for (id, state) in self.store.media_usage(*file).await? {
                if state == PostState::Draft && found.iter().all(|post| post.id != id) {
                    found.push(self.post(actor, id).await?);
                }
            }
        }
        Ok(found)
    }

    async fn sample_ideas(&self, actor: &Actor, texts: &[String]) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        tx.idea_samples_delete(actor.workspace_id).await?;
        let there = usize::try_from(tx.idea_count(actor.workspace_id).await?).unwrap_or(IDEAS_MAX);
        if there.saturating_add(texts.len()) > IDEAS_MAX {
            return Err(Error::Limit { code: "too-many-ideas" });
        }
        for (before, text) in (1_i64..).zip(texts) {
            // A millisecond each keeps their order, the first on top.
            let id = IdeaId::from_uuid(self.random.uuid(now.plus_millis(before.saturating_neg())));
            tx.idea_put(&Idea {
                id,
                workspace_id: actor.workspace_id,
                person_id: actor.user_id,
                connection_id: None,
                words: checked(text).map_err(|_| Error::BadInput { code: "idea-missing" })?,
                labels: Vec::new(),
                place: newest(id.uuid()),
                is_sample: true,
                at: now,
            })
            .await?;
        }
        tx.commit().await.map_err(Error::from)
    }

    /// Takes all samples away; what somebody changed, planned or made a draft of is theirs and stays, with its pictures.
    ///
    /// # Errors
    /// [`Error::Conflict`] `media-held` while a legal hold keeps the files.
    pub async fn samples_remove(&self, actor: &Actor) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.idea_samples_delete(actor.workspace_id).await?;
        tx.commit().await?;
        let files = self.store.media_of_contents(actor.workspace_id, &CONTENTS).await?;
        let files: Vec<MediaId> = files.into_iter().map(|media| media.id).collect();
        for post in self.sample_drafts(actor, &files).await? {
            if post.revision <= UNTOUCHED {
                match self.delete_draft(actor, post.id).await {
                    // Somebody took it up, or away, in this moment.
                    Ok(()) | Err(Error::Conflict { .. } | Error::NotFound { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        if files.is_empty() {
            return Ok(());
        }
        match self.media_delete_many(actor, &files).await {
            // What a post of theirs needs stays.
            Ok(_) | Err(Error::Conflict { code: "media-in-use" } | Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }
}
