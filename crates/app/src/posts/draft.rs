//! Drafts: created from media and connections, saved while typing, deleted. Nothing here reaches TikTok.

use domain::id::{ConnectionId, DraftStateId, GroupId, IdeaId, LabelId, MediaId, PostId};
use domain::photos::{Carousel, CarouselProblem, PhotoContent};
use domain::post::{Delivery, Disclosure, PostContent, PostState};
use domain::schedule::{LocalTime, Zone};
use domain::time::UnixMillis;
use store::{Connection, Post, PostNote, StoreError, Tx};

use super::CHANGED_MEANWHILE;
use super::earlier::Keep;
use crate::publishing::{CancelOutcome, cancel_live_attempt};
use crate::{Actor, App, Error, Result};

/// Longest caption a draft may hold, UTF-16 units; sending is limited to 2200.
pub(crate) const DRAFT_CAPTION_MAX: usize = 10_000;
/// Accounts one composition may have.
const GROUP_MAX: usize = 20;
/// Posts that are begun in one go.
pub const TOGETHER_MAX: usize = 50;

/// What the post page holds at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftInput {
    /// Direct or inbox.
    pub delivery: Delivery,
    /// Caption and options.
    pub content: PostContent,
    /// Wall-clock time that was typed, when one was.
    pub local_time: Option<LocalTime>,
    /// Zone in which it was typed.
    pub time_zone: Zone,
    /// The pictures as they are arranged; `None` leaves them as they are. Without meaning for a video.
    pub photos: Option<Carousel>,
}

impl App {
    /// One draft per connection for the same file: a video, or a picture. As [`App::create_drafts_of`].
    ///
    /// # Errors
    /// As [`App::create_drafts_of`].
    pub async fn create_drafts(
        &self,
        actor: &Actor,
        media_id: MediaId,
        connections: &[ConnectionId],
    ) -> Result<GroupId> {
        self.create_drafts_of(actor, &[media_id], connections, None).await
    }

    /// One draft per connection for the same video, or for the same pictures in this order. Options start empty: no default may
    /// choose for the person. `proposed` is the time in the actor's zone that their forms begin with; nothing is planned by it.
    ///
    /// # Errors
    /// [`Error::NotFound`] for foreign media or connections, [`Error::BadInput`] without a connection or for a mixture of files,
    /// [`Error::Limit`] when too many wait or there are too many pictures.
    pub async fn create_drafts_of(
        &self,
        actor: &Actor,
        files: &[MediaId],
        connections: &[ConnectionId],
        proposed: Option<LocalTime>,
    ) -> Result<GroupId> {
        let groups = self.create_drafts_each(actor, &[files.to_vec()], connections, proposed).await?;
        groups.first().copied().ok_or(Error::BadInput { code: "no-file-chosen" })
    }

    /// As [`App::create_drafts_of`] for several posts at once, at most [`TOGETHER_MAX`]: each entry of `posts` has the files of one. All drafts
    /// are made or none; they are one batch afterwards ([`App::batch`]).
    ///
    /// # Errors
    /// As [`App::create_drafts_of`], for any of them.
    pub async fn create_drafts_each(
        &self,
        actor: &Actor,
        posts: &[Vec<MediaId>],
        connections: &[ConnectionId],
        proposed: Option<LocalTime>,
    ) -> Result<Vec<GroupId>> {
        self.begin_drafts(actor, posts, connections, proposed, None).await
    }

    /// As [`App::create_drafts_each`], made of an idea: its text is where each caption begins, its labels go along, and it stands on the
    /// board no longer.
    ///
    /// # Errors
    /// As [`App::create_drafts_each`], and [`Error::NotFound`] for a foreign idea. It stays where any draft could not be made.
    pub async fn create_drafts_of_idea(
        &self,
        actor: &Actor,
        idea: IdeaId,
        posts: &[Vec<MediaId>],
        connections: &[ConnectionId],
        proposed: Option<LocalTime>,
    ) -> Result<Vec<GroupId>> {
        self.idea(actor, idea).await?;
        self.begin_drafts(actor, posts, connections, proposed, Some(idea)).await
    }

    async fn begin_drafts(
        &self,
        actor: &Actor,
        posts: &[Vec<MediaId>],
        connections: &[ConnectionId],
        proposed: Option<LocalTime>,
        idea: Option<IdeaId>,
    ) -> Result<Vec<GroupId>> {
        if posts.is_empty() {
            return Err(Error::BadInput { code: "no-file-chosen" });
        }
        if posts.len() > TOGETHER_MAX {
            return Err(Error::Limit { code: "too-many-begun" });
        }
        // Ids made at one instant begin alike: that is what makes the posts a batch.
        let now = self.now();
        let mut all = Vec::new();
        for files in posts {
            let made_of = MadeOf { proposed, now, ..self.made_of(actor, files).await? };
            all.push((GroupId::from_uuid(self.random.uuid(now)), made_of));
        }
        let mut chosen: Vec<Connection> = Vec::new();
        for id in connections {
            if chosen.iter().any(|connection| connection.id == *id) {
                continue;
            }
            if chosen.len() == GROUP_MAX {
                return Err(Error::Limit { code: "too-many-accounts" });
            }
            chosen.push(self.connection(actor, *id).await?);
        }
        if chosen.is_empty() {
            return Err(Error::BadInput { code: "no-account-chosen" });
        }
        let groups = all.iter().map(|(group, _)| *group).collect();
        self.add_drafts(actor, all, &chosen, idea).await?;
        Ok(groups)
    }

    /// One video, or pictures: what a new draft is made of.
    async fn made_of(&self, actor: &Actor, files: &[MediaId]) -> Result<MadeOf> {
        let first = files.first().copied().ok_or(Error::BadInput { code: "no-file-chosen" })?;
        let mut photos = 0_usize;
        for file in files {
            photos = photos.saturating_add(usize::from(self.media_with_file(actor, *file).await?.photo().is_some()));
        }
        if photos == 0 && files.len() == 1 {
            return Ok(MadeOf {
                media_id: first,
                photos: None,
                content: PostContent::default(),
                proposed: None,
                labels: Vec::new(),
                now: self.now(),
            });
        }
        if photos != files.len() {
            return Err(Error::BadInput { code: "one-video-or-photos" });
        }
        let carousel = Carousel::of(files.to_vec()).map_err(unfit)?;
        let content = PostContent { photos: Some(PhotoContent::default()), ..PostContent::default() };
        Ok(MadeOf {
            media_id: first,
            photos: Some(carousel),
            content,
            proposed: None,
            labels: Vec::new(),
            now: self.now(),
        })
    }

    /// Adds an account to a composition. Only the texts and the arrangement of photos are taken over; every choice is made anew for this account.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign group or connection, [`Error::Conflict`] when the account is in the group already.
    pub async fn add_account(&self, actor: &Actor, group: GroupId, connection: ConnectionId) -> Result<PostId> {
        let posts = self.store.posts_in_group(actor.workspace_id, group).await?;
        let first = posts.first().ok_or(Error::NotFound { what: "post" })?;
        if posts.iter().any(|post| post.connection_id == connection) {
            return Err(Error::Conflict { code: "account-already-added" });
        }
        if posts.len() >= GROUP_MAX {
            return Err(Error::Limit { code: "too-many-accounts" });
        }
        let connection = self.connection(actor, connection).await?;
        self.media_with_file(actor, first.media_id).await?;
        let made_of = MadeOf {
            media_id: first.media_id,
            photos: first.photos.clone(),
            content: texts_of(&first.content),
            proposed: None,
            labels: self.store.labels_of(actor.workspace_id, &[first.id]).await?.remove(&first.id).unwrap_or_default(),
            now: self.now(),
        };
        let added = self.add_drafts(actor, vec![(group, made_of)], std::slice::from_ref(&connection), None).await?;
        added.first().copied().ok_or(Error::NotFound { what: "connection" })
    }

    /// Drafts with their cells filled, in this order, all or none. Their files and accounts were looked up in the actor's workspace.
    pub(crate) async fn create_filled(&self, actor: &Actor, all: Vec<Filled>) -> Result<Vec<PostId>> {
        let max = self.settings.waiting_posts_max;
        let drafts = self.store.posts_drafts(actor.workspace_id, max).await?;
        if drafts.len().saturating_add(all.len()) > usize::try_from(max).unwrap_or(usize::MAX) {
            return Err(Error::Limit { code: "too-many-waiting-posts" });
        }
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let has_labels = all.iter().any(|filled| !filled.labels.is_empty());
        let mut labels = if has_labels { tx.labels_held(actor.workspace_id).await? } else { Vec::new() };
        let mut made = Vec::new();
        for (place, filled) in (0_i64..).zip(all) {
            // A millisecond each keeps their order, and none is taken for a part of another's batch.
            let at = now.plus_millis(place);
            let content = cleaned(filled.content, filled.photos.is_some());
            let (media_id, photos) = (filled.media_id, filled.photos);
            let made_of = MadeOf { media_id, photos, content, proposed: None, labels: Vec::new(), now: at };
            let post = Post {
                delivery: filled.delivery,
                local_time: filled.local_time.map(|local| local.to_string()),
                time_zone: filled.local_time.and(filled.time_zone).map(|zone| zone.to_string()),
                ..self.new_draft(actor, GroupId::from_uuid(self.random.uuid(at)), &made_of, &filled.connection)
            };
            tx.post_insert(&post).await?;
            let none = serde_json::json!({});
            tx.event_append(actor.workspace_id, post.id, "created", Some(actor.user_id), &none, now).await?;
            let borne = self.labels_of_words(actor, &mut tx, &mut labels, &filled.labels).await?;
            tx.post_labels_put(post.id, &borne).await?;
            made.push(post.id);
        }
        tx.commit().await?;
        Ok(made)
    }

    /// A draft of another account in place of this one: texts, pictures and time go along, no choice does.
    pub(super) async fn replace_draft(&self, actor: &Actor, post: &Post, connection: &Connection) -> Result<PostId> {
        let made_of = MadeOf {
            media_id: post.media_id,
            photos: post.photos.clone(),
            content: texts_of(&post.content),
            proposed: None,
            labels: Vec::new(),
            now: self.now(),
        };
        let new = Post {
            local_time: post.local_time.clone(),
            time_zone: post.time_zone.clone(),
            // It stands where the other one stood.
            created_at: post.created_at,
            ..self.new_draft(actor, post.group_id, &made_of, connection)
        };
        let note = self.store.post_note(post.id).await?;
        let mut tx = self.store.begin().await?;
        tx.post_insert(&new).await?;
        let none = serde_json::json!({});
        tx.event_append(actor.workspace_id, new.id, "created", Some(actor.user_id), &none, made_of.now).await?;
        // What stands beside it and not in it goes along.
        let labels = tx.post_labels(post.id).await?;
        tx.post_labels_put(new.id, &labels).await?;
        if let Some(place) = tx.board_place(actor.workspace_id, post.id).await? {
            tx.board_put(new.id, &place).await?;
        }
        if let Some(note) = note {
            tx.post_note_put(actor.user_id, &PostNote { post_id: new.id, ..note }).await?;
        }
        let now_there = tx.post(actor.workspace_id, post.id).await?.ok_or(Error::NotFound { what: "post" })?;
        if now_there.revision != post.revision || !tx.post_delete_draft(actor.workspace_id, post.id).await? {
            return Err(CHANGED_MEANWHILE);
        }
        tx.audit_append(made_of.now, &actor.user_id.to_string(), "draft.delete", &post.id.to_string(), "").await?;
        tx.commit().await?;
        Ok(new.id)
    }

    /// One draft for each composition and account, all or none.
    async fn add_drafts(
        &self,
        actor: &Actor,
        mut compositions: Vec<(GroupId, MadeOf)>,
        connections: &[Connection],
        idea: Option<IdeaId>,
    ) -> Result<Vec<PostId>> {
        let max = self.settings.waiting_posts_max;
        let drafts = self.store.posts_drafts(actor.workspace_id, max).await?;
        let more = compositions.len().saturating_mul(connections.len());
        if drafts.len().saturating_add(more) > usize::try_from(max).unwrap_or(usize::MAX) {
            return Err(Error::Limit { code: "too-many-waiting-posts" });
        }
        let mut tx = self.store.begin().await?;
        let has_labels = idea.is_some() || compositions.iter().any(|(_, made_of)| !made_of.labels.is_empty());
        let there: Vec<LabelId> = if has_labels {
            tx.labels_held(actor.workspace_id).await?.into_iter().map(|label| label.id).collect()
        } else {
            Vec::new()
        };
        if let Some(id) = idea {
            // As it is now, not as the page showed it: what another window wrote since goes along. Two windows that make a draft of the same
            // idea make it once.
            let idea = tx.idea_held(actor.workspace_id, id).await?.ok_or(Error::NotFound { what: "idea" })?;
            for (_, made_of) in &mut compositions {
                made_of.content.caption.clone_from(&idea.words);
                made_of.labels.clone_from(&idea.labels);
            }
            tx.idea_delete(actor.workspace_id, id).await?;
        }
        let mut added = Vec::new();
        for (group, made_of) in &compositions {
            for connection in connections {
                let post = self.new_draft(actor, *group, made_of, connection);
                tx.post_insert(&post).await?;
                let none = serde_json::json!({});
                tx.event_append(actor.workspace_id, post.id, "created", Some(actor.user_id), &none, post.created_at)
                    .await?;
                let labels: Vec<LabelId> = made_of.labels.iter().copied().filter(|id| there.contains(id)).collect();
                tx.post_labels_put(post.id, &labels).await?;
                added.push(post.id);
            }
        }
        tx.commit().await?;
        Ok(added)
    }

    fn new_draft(&self, actor: &Actor, group_id: GroupId, made_of: &MadeOf, connection: &Connection) -> Post {
        let now = made_of.now;
        let delivery = if connection.scopes.can_publish() || !connection.scopes.can_send_to_inbox() {
            Delivery::Direct
        } else {
            Delivery::Inbox
        };
        Post {
            id: PostId::from_uuid(self.random.uuid(now)),
            workspace_id: actor.workspace_id,
            group_id,
            connection_id: connection.id,
            media_id: made_of.media_id,
            photos: made_of.photos.clone(),
            author_id: actor.user_id,
            state: PostState::Draft,
            delivery,
            content: made_of.content.clone(),
            revision: 1,
            local_time: made_of.proposed.map(|local| local.to_string()),
            time_zone: made_of.proposed.map(|_| actor.time_zone.clone()),
            due_at: None,
            consent_id: None,
            problem: None,
            published_at: None,
            tiktok_ids: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }

    /// Saves what the page holds. A scheduled post becomes a draft again: any change voids the consent.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the post changed meanwhile or is past changing, [`Error::BadInput`] for an endless caption.
    pub async fn save_draft(&self, actor: &Actor, id: PostId, revision: i64, input: &DraftInput) -> Result<Post> {
        self.save_draft_keeping(actor, id, revision, input, Keep::Some).await.map(|(post, _)| post)
    }

    /// As [`App::save_draft`], told which earlier states to keep; says which one was kept now.
    pub(super) async fn save_draft_keeping(
        &self,
        actor: &Actor,
        id: PostId,
        revision: i64,
        input: &DraftInput,
        keep: Keep,
    ) -> Result<(Post, Option<DraftStateId>)> {
        if domain::caption::utf16_len(&input.content.caption) > DRAFT_CAPTION_MAX {
            return Err(Error::BadInput { code: "caption-endless" });
        }
        let photos = self.arranged(actor, &self.post(actor, id).await?, input.photos.as_ref()).await?;
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let before = tx.post(actor.workspace_id, id).await?.ok_or(Error::NotFound { what: "post" })?;
        if before.revision != revision {
            return Err(CHANGED_MEANWHILE);
        }
        make_editable(&mut tx, &before, now).await?;
        let after = Post {
            state: PostState::Draft,
            delivery: input.delivery,
            content: cleaned(input.content.clone(), photos.is_some()),
            media_id: photos.as_ref().map_or(before.media_id, Carousel::cover),
            photos,
            revision: before.revision + 1,
            local_time: input.local_time.as_ref().map(ToString::to_string),
            time_zone: Some(input.time_zone.to_string()),
            due_at: None,
            consent_id: None,
            problem: None,
            updated_at: now,
            ..before.clone()
        };
        if !tx.post_update(&after, before.revision, before.state).await? {
            return Err(CHANGED_MEANWHILE);
        }
        let kept = self.keep_state(&mut tx, &before, &after, keep).await?;
        if before.state != PostState::Draft {
            tx.event_append(
                actor.workspace_id,
                id,
                "consent_voided",
                Some(actor.user_id),
                &serde_json::json!({ "from": before.state.as_str() }),
                now,
            )
            .await?;
        }
        tx.commit().await?;
        if before.state != PostState::Draft {
            self.post_changed(actor, id, after.state);
        }
        Ok((after, kept))
    }

    /// Removes a draft; nothing of it was ever sent.
    ///
    /// # Errors
    /// [`Error::Conflict`] when it is no draft.
    pub async fn delete_draft(&self, actor: &Actor, id: PostId) -> Result<()> {
        let post = self.post(actor, id).await?;
        let mut tx = self.store.begin().await?;
        if post.state != PostState::Draft || !tx.post_delete_draft(actor.workspace_id, id).await? {
            return Err(Error::Conflict { code: "only-drafts-are-deleted" });
        }
        tx.audit_append(self.now(), &actor.user_id.to_string(), "draft.delete", &id.to_string(), "").await?;
        tx.commit().await.map_err(Error::from)
    }
}

/// Stops an attempt that runs ahead of time, or says why the post cannot be changed any more.
pub(super) async fn make_editable(tx: &mut Tx, post: &Post, now: UnixMillis) -> Result<()> {
    match post.state {
        PostState::Draft | PostState::Cancelled => return Ok(()),
        PostState::Published | PostState::InInbox => {
            return Err(Error::Conflict { code: "post-is-out" });
        }
        PostState::Scheduled | PostState::Publishing | PostState::Failed | PostState::NeedsAttention => {}
    }
    match cancel_live_attempt(tx, post.id, now, "edited").await {
        // The engine took a step in this very moment.
        Err(Error::Store(StoreError::Conflict(_))) => Err(CHANGED_MEANWHILE),
        Err(error) => Err(error),
        Ok(CancelOutcome::NoLiveAttempt | CancelOutcome::Stopped) => Ok(()),
        Ok(CancelOutcome::TooLate | CancelOutcome::ProofNeeded) => {
            Err(Error::Conflict { code: "last-byte-already-sent" })
        }
    }
}

/// What of a content goes along to another account: its texts alone, for every choice is made anew for each account.
fn texts_of(content: &PostContent) -> PostContent {
    let title = |photos: &PhotoContent| PhotoContent { title: photos.title.clone(), ..PhotoContent::default() };
    PostContent {
        caption: content.caption.clone(),
        photos: content.photos.as_ref().map(title),
        ..PostContent::default()
    }
}

/// A draft whose cells somebody filled elsewhere. Everything in it was written by a person; nothing has a default.
#[derive(Debug, Clone)]
pub struct Filled {
    /// The video, or the cover.
    pub media_id: MediaId,
    /// The pictures; `None` for a video.
    pub photos: Option<Carousel>,
    /// For which account.
    pub connection: Connection,
    /// Direct or inbox.
    pub delivery: Delivery,
    /// Caption and options.
    pub content: PostContent,
    /// Wall-clock time.
    pub local_time: Option<LocalTime>,
    /// Its zone.
    pub time_zone: Option<Zone>,
    /// The words of its labels; those that are missing are made.
    pub labels: Vec<String>,
}

/// What new drafts are made of.
struct MadeOf {
    media_id: MediaId,
    photos: Option<Carousel>,
    content: PostContent,
    /// The time that the forms begin with.
    proposed: Option<LocalTime>,
    /// The labels that they bear from the beginning, as far as there still are such.
    labels: Vec<LabelId>,
    /// When they are made.
    now: UnixMillis,
}

/// Why pictures are no set, in words for people.
const fn unfit(problem: CarouselProblem) -> Error {
    match problem {
        CarouselProblem::TooMany => Error::Limit { code: "too-many-photos" },
        CarouselProblem::Empty | CarouselProblem::Twice | CarouselProblem::CoverElsewhere => {
            Error::BadInput { code: "photos-unfit" }
        }
    }
}

impl App {
    /// The pictures of a post once it is saved: as arranged when the form says so, every one of them the actor's own picture.
    pub(super) async fn arranged(
        &self,
        actor: &Actor,
        post: &Post,
        wanted: Option<&Carousel>,
    ) -> Result<Option<Carousel>> {
        let (Some(stored), Some(wanted)) = (&post.photos, wanted) else { return Ok(post.photos.clone()) };
        if wanted.pictures().iter().any(|picture| !stored.pictures().contains(picture)) {
            let found = self.store.media_many(actor.workspace_id, wanted.pictures()).await?;
            if found.iter().filter(|media| media.photo().is_some()).count() != wanted.pictures().len() {
                return Err(Error::NotFound { what: "media" });
            }
        }
        Ok(Some(wanted.clone()))
    }
}

/// Boxes without their switch mean nothing and are dropped, so that hidden fields cannot speak; so is what the kind of post lacks.
pub(super) fn cleaned(mut content: PostContent, is_photos: bool) -> PostContent {
    if is_photos {
        content.photos.get_or_insert_default();
        content.allow_duet = false;
        content.allow_stitch = false;
        content.ai_generated = false;
        content.cover_ms = None;
    } else {
        content.photos = None;
    }
    if !content.disclosure.on {
        content.disclosure = Disclosure::default();
    }
    content.caption = content.caption.replace("\r\n", "\n");
    content
}
