//! Schedule, Post now, Send to inbox: the press of the button is the consent. Owns the consent record.

use domain::consent::{Consent, ConsentSubject, DECLARATION_VERSION, Declaration};
use domain::creator::CreatorStanding;
use domain::id::{ConsentId, PostId};
use domain::photos::Carousel;
use domain::post::PostState;
use domain::rhythm::too_close;
use domain::rules::{PostCheck, Problem, Severity, check};
use domain::schedule::{LocalTime, Resolved, Zone, resolve};
use domain::time::UnixMillis;
use store::{Connection, Post, Rhythm, Tx};

use super::compose::CAP_WINDOW_MS;
use super::draft::{DraftInput, cleaned, make_editable};
use super::{CHANGED_MEANWHILE, Files};
use crate::{Actor, App, Error, Result};

/// Posts around new times that are looked at.
const AROUND_MAX: i64 = 5_000;

/// When a post shall go out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum When {
    /// At once.
    Now,
    /// At a wall-clock time of a zone.
    At {
        /// The time that was typed.
        local: LocalTime,
        /// Its zone.
        zone: Zone,
        /// Of a time that happens twice, the second one.
        second: bool,
    },
}

/// The pressed button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submit {
    /// Revision of the post that the page showed.
    pub revision: i64,
    /// What the form held.
    pub input: DraftInput,
    /// When.
    pub when: When,
    /// The declaration that stood next to the button.
    pub declaration: Declaration,
}

/// An instant with the words it came from.
pub(super) struct Planned {
    /// When the button was pressed: the moment at which everything is judged, however long the checks take.
    pub(super) pressed_at: UnixMillis,
    pub(super) at: UnixMillis,
    pub(super) local_time: Option<String>,
    pub(super) time_zone: Option<String>,
}

pub(super) fn plan(when: &When, now: UnixMillis) -> Planned {
    match when {
        When::Now => Planned { pressed_at: now, at: now, local_time: None, time_zone: None },
        When::At { local, zone, second } => {
            let (at, local) = match resolve(*local, zone) {
                Resolved::Plain { at } => (at, *local),
                Resolved::Gap { at, moved_to } => (at, moved_to),
                Resolved::Overlap { first, second: late, .. } => (if *second { late } else { first }, *local),
            };
            Planned { pressed_at: now, at, local_time: Some(local.to_string()), time_zone: Some(zone.to_string()) }
        }
    }
}

impl App {
    /// Checks every rule, records the consent and plans the post, in one transaction.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every broken rule, [`Error::Conflict`] when the post changed meanwhile or cannot be changed any more,
    /// [`Error::PolicyUnanswered`], [`Error::TikTok`] when the creator's current settings cannot be read for a direct post.
    pub async fn submit(&self, actor: &Actor, id: PostId, submit: &Submit) -> Result<Post> {
        let post = self.post(actor, id).await?;
        if post.revision != submit.revision {
            return Err(CHANGED_MEANWHILE);
        }
        let now = self.now();
        let planned = plan(&submit.when, now);
        let connection = self.connection(actor, post.connection_id).await?;
        let photos = self.arranged(actor, &post, submit.input.photos.as_ref()).await?;
        let wanted = Post {
            delivery: submit.input.delivery,
            content: cleaned(submit.input.content.clone(), photos.is_some()),
            media_id: photos.as_ref().map_or(post.media_id, Carousel::cover),
            photos,
            ..post
        };
        let files = Files::read(&self.store, &wanted).await?;
        if files.are_gone() {
            return Err(Error::Conflict { code: "media-file-gone" });
        }
        self.give_consent(actor, wanted, &connection, &files, submit.declaration, planned, "scheduled").await
    }

    /// The one way in which a post becomes scheduled.
    #[expect(clippy::too_many_arguments, reason = "one transaction's inputs, private to this module")]
    pub(super) async fn give_consent(
        &self,
        actor: &Actor,
        wanted: Post,
        connection: &Connection,
        files: &Files,
        declaration: Declaration,
        planned: Planned,
        event: &'static str,
    ) -> Result<Post> {
        let agreed = self.agreed(actor, wanted, connection, files, (declaration, planned), event).await?;
        let mut tx = self.store.begin().await?;
        let rhythm = tx.rhythm_locked(connection.id).await?;
        if let Some((_, problem)) = crowded(&mut tx, &rhythm, &[&agreed]).await?.into_iter().next() {
            return Err(Error::Invalid(vec![problem]));
        }
        let after = write_agreed(&mut tx, actor, agreed).await?;
        tx.commit().await?;
        self.post_changed(actor, after.id, after.state);
        Ok(after)
    }

    /// Everything that is judged before a post becomes scheduled, and the consent as it is to be recorded.
    pub(super) async fn agreed(
        &self,
        actor: &Actor,
        wanted: Post,
        connection: &Connection,
        files: &Files,
        (declaration, planned): (Declaration, Planned),
        event: &'static str,
    ) -> Result<Agreed> {
        self.may_plan(actor).await?;
        let now = planned.pressed_at;
        if declaration != Declaration::for_disclosure(wanted.content.disclosure) {
            return Err(Error::BadInput { code: "declaration-does-not-fit" });
        }
        let standing = self.standing_for(actor, &wanted, connection).await?;
        let direct_posts_24h =
            self.store.post_count_direct_since(connection.id, now.plus_millis(-CAP_WINDOW_MS)).await?;
        let pictures = files.photo_files();
        let problems: Vec<_> = check(&PostCheck {
            delivery: wanted.delivery,
            content: &wanted.content,
            files: files.checked(&pictures, self.settings.pull_base().is_some()),
            scopes: &connection.scopes,
            connection_state: connection.state,
            standing: standing.as_ref(),
            due_at: Some(planned.at),
            now,
            direct_posts_24h,
            upload_limit: self.settings.upload_rate,
        })
        .into_iter()
        .filter(|problem| problem.severity() == Severity::Blocks)
        .collect();
        if !problems.is_empty() {
            return Err(Error::Invalid(problems));
        }
        let subject = ConsentSubject {
            connection_id: connection.id,
            delivery: wanted.delivery,
            content: wanted.content.clone(),
            media_sha256: files.sha256(),
            photos: files.subject(),
            due_at: planned.at,
        };
        let consent = Consent {
            id: ConsentId::from_uuid(self.random.uuid(now)),
            post_id: wanted.id,
            user_id: actor.user_id,
            given_at: now,
            declaration,
            text_version: DECLARATION_VERSION.to_owned(),
            locale: actor.locale.clone(),
            fingerprint: subject.fingerprint(),
            subject,
            creator: match standing {
                Some(CreatorStanding::CanPost(creator)) => Some(creator),
                Some(CreatorStanding::Blocked(_)) | None => None,
            },
        };
        Ok(Agreed { wanted, consent, planned, event })
    }

    /// Creator info is asked where the grant allows it; an inbox draft of an account without `video.publish` goes without.
    async fn standing_for(
        &self,
        actor: &Actor,
        post: &Post,
        connection: &Connection,
    ) -> Result<Option<CreatorStanding>> {
        if !connection.scopes.can_publish() {
            return Ok(None);
        }
        match (post.delivery, self.creator_standing(actor, connection.id).await) {
            (_, Ok(standing)) => Ok(Some(standing)),
            (domain::post::Delivery::Inbox, Err(_)) => Ok(None),
            (domain::post::Delivery::Direct, Err(error)) => Err(error),
        }
    }
}

/// A post and the consent to it, judged and not written yet.
pub(super) struct Agreed {
    pub(super) wanted: Post,
    consent: Consent,
    pub(super) planned: Planned,
    event: &'static str,
}

/// Writes the consent and plans the post. The rhythm of its account is locked, and its distance to other posts was looked at.
pub(super) async fn write_agreed(tx: &mut Tx, actor: &Actor, agreed: Agreed) -> Result<Post> {
    let Agreed { wanted, consent, planned, event } = agreed;
    let now = planned.pressed_at;
    let before = tx.post(actor.workspace_id, wanted.id).await?.ok_or(Error::NotFound { what: "post" })?;
    if before.revision != wanted.revision {
        return Err(CHANGED_MEANWHILE);
    }
    make_editable(tx, &before, now).await?;
    let after = Post {
        state: PostState::Scheduled,
        delivery: wanted.delivery,
        content: wanted.content,
        media_id: wanted.media_id,
        photos: wanted.photos,
        revision: before.revision + 1,
        local_time: planned.local_time,
        time_zone: planned.time_zone,
        due_at: Some(planned.at),
        consent_id: Some(consent.id),
        problem: None,
        updated_at: now,
        ..before.clone()
    };
    if !tx.post_update(&after, before.revision, before.state).await? {
        return Err(CHANGED_MEANWHILE);
    }
    tx.consent_insert(&consent).await?;
    let detail = serde_json::json!({ "due_at": planned.at, "consent": consent.id.to_string() });
    tx.event_append(actor.workspace_id, after.id, event, Some(actor.user_id), &detail, now).await?;
    Ok(after)
}

/// Which of these posts of one account would stand closer to another one than its gap: to one that is planned or out, or to one of these.
pub(super) async fn crowded(tx: &mut Tx, rhythm: &Rhythm, agreed: &[&Agreed]) -> Result<Vec<(PostId, Problem)>> {
    let minutes = rhythm.gap_minutes;
    let times = || agreed.iter().map(|one| one.planned.at);
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return Ok(Vec::new()) };
    if minutes == 0 {
        return Ok(Vec::new());
    }
    let gap_ms = i64::from(minutes).saturating_mul(60_000);
    let from = first.plus_millis(gap_ms.saturating_neg());
    let mut others = tx.posts_planned(rhythm.connection_id, from, last.plus_millis(gap_ms), AROUND_MAX).await?;
    others.retain(|other| !agreed.iter().any(|one| one.wanted.id == other.id));
    let mut found = Vec::new();
    for one in agreed {
        let beside = agreed.iter().filter(|it| it.wanted.id != one.wanted.id).map(|it| it.planned.at);
        let others = others.iter().map(|other| other.due_at).chain(beside);
        if let Some(other_at) = too_close(minutes, one.planned.at, others) {
            found.push((one.wanted.id, Problem::GapTooSmall { minutes, other_at }));
        }
    }
    Ok(found)
}
