//! Many drafts at once: what the grid shows, times for several of them, the review of what would be sent, and one consent for each after
//! all were shown. Rows are ordinary drafts; each consent goes the way of a single one ([`App::submit`]). Owns no rule of its own.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::consent::Declaration;
use domain::creator::CreatorStanding;
use domain::id::{ConnectionId, MediaId, PostId};
use domain::media::{MediaOutcome, MediaVerdict};
use domain::post::{Delivery, PostState};
use domain::rhythm::spread;
use domain::rules::{Choices, PostCheck, PostFiles, Problem, check, choices};
use domain::schedule::{LocalTime, Resolved, Zone, resolve, to_local};
use domain::time::UnixMillis;
use domain::timetable::{self, Cap};
use store::label::Label;
use store::library::FileUse;
use store::{Connection, Media, Post};

use super::compose::CAP_WINDOW_MS;
use super::draft::DraftInput;
use super::expectation::AROUND_MAX;
use super::submit::{Agreed, Submit, When, crowded, plan};
use super::twins::files_of;
use super::{CHANGED_MEANWHILE, Expectation, Files};
use crate::queue::PostRow;
use crate::{Actor, App, Error, Result};

/// Rows on one page of the grid, and posts that are reviewed at once.
pub const GRID_ROWS: usize = 50;

/// One row of the grid.
#[derive(Debug)]
pub struct GridRow {
    /// The draft.
    pub post: Post,
    /// Its account.
    pub connection: Arc<Connection>,
    /// Its file or its pictures; `None` when one of them is gone.
    pub files: Option<Files>,
    /// What TikTok says about the creator, as old as this rendering; `None` when it did not answer.
    pub standing: Option<Arc<CreatorStanding>>,
    /// What may be chosen.
    pub choices: Choices,
    /// What stands in the way as the draft is saved.
    pub problems: Vec<Problem>,
    /// What the clock does at its time.
    pub clock: ClockSays,
    /// Its labels.
    pub labels: Vec<Label>,
    /// Other posts of its account with its file, those that changed last first.
    pub twins: Vec<FileUse>,
}

/// What the clock does at the time of a draft.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClockSays {
    /// There is no time yet.
    NoTime,
    /// The time happens once.
    Once(UnixMillis),
    /// The clock skips it; the instant after the jump would be meant.
    Never(UnixMillis),
    /// It happens twice.
    Twice(UnixMillis, UnixMillis),
}

impl ClockSays {
    /// Of a post's typed time.
    #[must_use]
    pub fn of(post: &Post) -> Self {
        let typed = || Some((post.local_time.as_deref()?.parse().ok()?, post.time_zone.as_deref()?.parse().ok()?));
        let Some((local, zone)): Option<(LocalTime, Zone)> = typed() else { return Self::NoTime };
        match resolve(local, &zone) {
            Resolved::Plain { at } => Self::Once(at),
            Resolved::Gap { at, .. } => Self::Never(at),
            Resolved::Overlap { first, second, .. } => Self::Twice(first, second),
        }
    }

    /// The instant that is meant when nothing else is said.
    #[must_use]
    pub const fn at(self) -> Option<UnixMillis> {
        match self {
            Self::NoTime => None,
            Self::Once(at) | Self::Never(at) | Self::Twice(at, _) => Some(at),
        }
    }
}

/// A page of the grid.
#[derive(Debug)]
pub struct GridView {
    /// The rows in the order in which they were made.
    pub rows: Vec<GridRow>,
    /// Which page it is, from one.
    pub page: usize,
    /// How many there are, at least one.
    pub pages: usize,
    /// All drafts.
    pub drafts: usize,
    /// All accounts.
    pub connections: Vec<Connection>,
    /// The time of the rendering.
    pub now: UnixMillis,
}

/// Why a post cannot be agreed to now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Behind {
    /// Rules that it breaks.
    Problems(Vec<Problem>),
    /// It has no time.
    NoTime,
    /// Its time does not exist: the clock skips it.
    SkippedTime,
    /// Its file was deleted.
    FileGone,
    /// It was changed since it was shown, or it is no draft any more.
    Changed,
}

/// A post of a review.
#[derive(Debug)]
pub struct Reviewed {
    /// The row as in the grid.
    pub row: GridRow,
    /// What stands in the way; a post with nothing can be agreed to.
    pub behind: Option<Behind>,
    /// What its time means, where that is out of the ordinary.
    pub expected: Option<Expectation>,
    /// A cap of TikTok's that it may run into, with all posts of the review planned.
    pub cap: Option<Cap>,
    /// Posts that went out with the same content.
    pub out_before: Vec<FileUse>,
    /// For each instant that its time may be, the word without which nobody's agreement is taken: it is made by the review alone.
    pub marks: Vec<(UnixMillis, String)>,
}

/// The posts of a review.
#[derive(Debug, Default)]
pub struct Review {
    /// Those that are there, in the order in which they were named.
    pub posts: Vec<Reviewed>,
    /// How many of those that were named are not there any more.
    pub gone: usize,
}

/// What came of the agreements.
#[derive(Debug, Default)]
pub struct Consented {
    /// One by one, of posts that are there.
    pub settled: Vec<Settled>,
    /// How many of those that were agreed to are not there any more.
    pub gone: usize,
}

/// What was agreed to: exactly this revision, at this instant, below this declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The post.
    pub id: PostId,
    /// Its revision as it was shown.
    pub revision: i64,
    /// Its time as it was shown.
    pub at: UnixMillis,
    /// The declaration that it was shown with.
    pub declaration: Declaration,
    /// Our own word that exactly this was shown to this person, see [`Reviewed::marks`].
    pub mark: String,
}

/// What came of one agreement.
#[derive(Debug)]
pub struct Settled {
    /// The post as it is now.
    pub row: PostRow,
    /// Why it stays behind; `None` when it is planned.
    pub behind: Option<Behind>,
}

impl App {
    /// A page of all drafts, oldest first; a page that is not there is the last one.
    ///
    /// # Errors
    /// When the database does not answer. A TikTok that does not answer is shown in the rows.
    pub async fn bulk_grid(&self, actor: &Actor, page: Option<usize>) -> Result<GridView> {
        let connections = self.connections(actor).await?;
        let mut drafts = self.store.posts_drafts(actor.workspace_id, self.settings.waiting_posts_max).await?;
        drafts.retain(|post| connections.iter().any(|connection| connection.id == post.connection_id));
        let names = self.names_of(actor, &drafts).await?;
        // What was made in one moment is ordered by the names of its files.
        drafts.sort_by_cached_key(|post| {
            (post.created_at, names.get(&post.media_id).cloned(), post.connection_id, post.id)
        });
        let count = drafts.len();
        let pages = count.div_ceil(GRID_ROWS).max(1);
        let page = page.map_or(pages, |page| page.clamp(1, pages));
        let shown = drafts.into_iter().skip(page.saturating_sub(1).saturating_mul(GRID_ROWS)).take(GRID_ROWS).collect();
        let rows = self.grid_rows(actor, shown, &connections).await?;
        Ok(GridView { rows, page, pages, drafts: count, connections, now: self.now() })
    }

    /// One row, judged anew.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign post.
    pub async fn bulk_row(&self, actor: &Actor, id: PostId) -> Result<GridRow> {
        let post = self.post(actor, id).await?;
        let connections = self.connections(actor).await?;
        let mut rows = self.grid_rows(actor, vec![post], &connections).await?;
        rows.pop().ok_or(Error::NotFound { what: "post" })
    }

    async fn names_of(&self, actor: &Actor, posts: &[Post]) -> Result<HashMap<MediaId, String>> {
        let mut ids: Vec<MediaId> = posts.iter().map(|post| post.media_id).collect();
        ids.sort_unstable();
        ids.dedup();
        let media = self.store.media_many(actor.workspace_id, &ids).await?;
        Ok(media.into_iter().map(|media| (media.id, media.file_name.to_lowercase())).collect())
    }

    async fn grid_rows(&self, actor: &Actor, posts: Vec<Post>, connections: &[Connection]) -> Result<Vec<GridRow>> {
        let used: BTreeSet<ConnectionId> = posts.iter().map(|post| post.connection_id).collect();
        let accounts: HashMap<ConnectionId, Arc<Connection>> =
            connections.iter().filter(|it| used.contains(&it.id)).map(|it| (it.id, Arc::new(it.clone()))).collect();
        // Each account is asked about once, all of them together.
        let asked = accounts.keys().map(async |id| (*id, self.creator_standing(actor, *id).await.ok().map(Arc::new)));
        let standings: HashMap<_, _> = futures::future::join_all(asked).await.into_iter().collect();
        let now = self.now();
        let since = now.plus_millis(CAP_WINDOW_MS.saturating_neg());
        let mut sent = HashMap::new();
        for id in accounts.keys() {
            sent.insert(*id, self.store.post_count_direct_since(*id, since).await?);
        }
        let all = self.media_of(actor, &posts).await?;
        let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
        let mut borne = self.labels_of(actor, &ids).await?;
        let twins = self.twins(actor, &posts.iter().flat_map(files_of).collect::<Vec<_>>()).await?;
        let mut rows = Vec::new();
        for post in posts {
            let Some(connection) = accounts.get(&post.connection_id).map(Arc::clone) else { continue };
            let files = Files::among(&all, &post).filter(|files| !files.are_gone());
            let standing = standings.get(&connection.id).cloned().flatten();
            let clock = ClockSays::of(&post);
            let gone = MediaVerdict { outcome: MediaOutcome::Reject, findings: Vec::new() };
            let pictures = files.as_ref().map(Files::photo_files).unwrap_or_default();
            let asked = PostCheck {
                delivery: post.delivery,
                content: &post.content,
                files: match &files {
                    Some(files) => files.checked(&pictures, self.settings.pull_base().is_some()),
                    None => PostFiles::Video { facts: None, verdict: &gone },
                },
                scopes: &connection.scopes,
                connection_state: connection.state,
                standing: standing.as_deref(),
                due_at: clock.at(),
                now,
                direct_posts_24h: sent.get(&connection.id).copied().unwrap_or(0),
                upload_limit: self.settings.upload_rate,
            };
            let (problems, choices) = (check(&asked), choices(&asked));
            drop(pictures);
            let labels = borne.remove(&post.id).unwrap_or_default();
            let twins = twins.of(&files_of(&post), post.connection_id, Some(post.id));
            rows.push(GridRow { post, connection, files, standing, choices, problems, clock, labels, twins });
        }
        Ok(rows)
    }

    /// The files of all these posts, read in one go.
    pub(crate) async fn media_of(&self, actor: &Actor, posts: &[Post]) -> Result<Vec<Media>> {
        let mut ids: Vec<MediaId> = Vec::new();
        for post in posts {
            ids.push(post.media_id);
            ids.extend(post.photos.iter().flat_map(|photos| photos.pictures().iter().copied()));
        }
        ids.sort_unstable();
        ids.dedup();
        Ok(self.store.media_many(actor.workspace_id, &ids).await?)
    }

    /// Puts times into several drafts, in the order in which they are given: the next free slots of their accounts, or evenly spread. Nothing
    /// is planned by it. Those without a free slot stay as they are.
    ///
    /// # Errors
    /// [`Error::NotFound`] when one is not theirs, [`Error::BadInput`] for none or an end before the beginning, [`Error::Limit`] for too
    /// many, [`Error::Conflict`] when one is no draft.
    pub async fn bulk_times(&self, actor: &Actor, ids: &[PostId], how: Times) -> Result<usize> {
        let posts = self.chosen_drafts(actor, ids).await?;
        let zone: Zone = actor.time_zone.parse().unwrap_or_else(|_| Zone::utc());
        let times: Vec<Option<UnixMillis>> = match how {
            Times::Spread { from, until } if until <= from => {
                return Err(Error::BadInput { code: "spread-ends-before-it-begins" });
            }
            Times::Spread { from, until } => spread(from, until, posts.len()).into_iter().map(Some).collect(),
            Times::Slots => self.slots_for(actor, &posts).await?,
        };
        let mut given = 0_usize;
        for (post, at) in posts.into_iter().zip(times) {
            let Some(at) = at else { continue };
            let input = DraftInput {
                delivery: post.delivery,
                content: post.content.clone(),
                local_time: Some(to_local(at, &zone)),
                time_zone: zone.clone(),
                photos: None,
            };
            self.save_draft(actor, post.id, post.revision, &input).await?;
            given = given.saturating_add(1);
        }
        Ok(given)
    }

    /// Free slots for drafts, none of which another draft proposes already.
    async fn slots_for(&self, actor: &Actor, posts: &[Post]) -> Result<Vec<Option<UnixMillis>>> {
        let drafts = self.store.posts_drafts(actor.workspace_id, self.settings.waiting_posts_max).await?;
        let mut free: BTreeMap<(ConnectionId, bool), Vec<UnixMillis>> = BTreeMap::new();
        let mut given: BTreeSet<(ConnectionId, UnixMillis)> = drafts
            .iter()
            .filter(|draft| posts.iter().all(|post| post.id != draft.id))
            .filter_map(|draft| Some((draft.connection_id, ClockSays::of(draft).at()?)))
            .collect();
        let mut times = Vec::new();
        for post in posts {
            let key = (post.connection_id, post.delivery == Delivery::Inbox);
            if let Entry::Vacant(place) = free.entry(key) {
                let count = posts.len().saturating_add(given.len());
                place.insert(self.free_slots(actor, post.connection_id, post.delivery, &[], count).await?);
            }
            let at = free.get(&key).and_then(|slots| slots.iter().find(|at| !given.contains(&(key.0, **at)))).copied();
            given.extend(at.map(|at| (key.0, at)));
            times.push(at);
        }
        Ok(times)
    }

    /// Drafts of the actor's workspace in the order in which they are named; each once.
    async fn chosen_drafts(&self, actor: &Actor, ids: &[PostId]) -> Result<Vec<Post>> {
        let (posts, gone) = self.named_posts(actor, ids).await?;
        if gone > 0 {
            return Err(Error::NotFound { what: "post" });
        }
        if posts.iter().any(|post| post.state != PostState::Draft) {
            return Err(Error::Conflict { code: "only-drafts-in-bulk" });
        }
        Ok(posts)
    }

    /// Posts of the actor's workspace in the order in which they are named, each once; and how many are not there.
    async fn named_posts(&self, actor: &Actor, ids: &[PostId]) -> Result<(Vec<Post>, usize)> {
        let mut seen = BTreeSet::new();
        let wanted: Vec<PostId> = ids.iter().copied().filter(|id| seen.insert(*id)).collect();
        if wanted.is_empty() {
            return Err(Error::BadInput { code: "no-post-chosen" });
        }
        if wanted.len() > GRID_ROWS {
            return Err(Error::Limit { code: "too-many-posts-chosen" });
        }
        let mut posts = self.store.posts_many(actor.workspace_id, &wanted).await?;
        posts.sort_by_key(|post| wanted.iter().position(|id| *id == post.id));
        let gone = wanted.len().saturating_sub(posts.len());
        Ok((posts, gone))
    }

    /// Deletes several drafts.
    ///
    /// # Errors
    /// As [`App::bulk_times`].
    pub async fn bulk_delete(&self, actor: &Actor, ids: &[PostId]) -> Result<usize> {
        let posts = self.chosen_drafts(actor, ids).await?;
        for post in &posts {
            self.delete_draft(actor, post.id).await?;
        }
        Ok(posts.len())
    }

    /// Gives a draft another account. The texts, the pictures and the time go along; every choice is made anew for the other account, as
    /// when an account is added to a composition.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign post or account, [`Error::Conflict`] when it is no draft, changed meanwhile, or its composition has
    /// the account already.
    pub async fn bulk_account(
        &self,
        actor: &Actor,
        id: PostId,
        revision: i64,
        account: ConnectionId,
    ) -> Result<PostId> {
        let post = self.post(actor, id).await?;
        if post.state != PostState::Draft {
            return Err(Error::Conflict { code: "only-drafts-in-bulk" });
        }
        if post.revision != revision {
            return Err(CHANGED_MEANWHILE);
        }
        if post.connection_id == account {
            return Ok(id);
        }
        let beside = self.store.posts_in_group(actor.workspace_id, post.group_id).await?;
        if beside.iter().any(|other| other.connection_id == account) {
            return Err(Error::Conflict { code: "account-already-added" });
        }
        let connection = self.connection(actor, account).await?;
        self.replace_draft(actor, &post, &connection).await
    }

    /// Whether a draft may get another account: asked before its other changes are saved.
    ///
    /// # Errors
    /// [`Error::BadInput`] when its composition has the account already, [`Error::NotFound`] for a foreign post or account.
    pub async fn bulk_may_have(&self, actor: &Actor, id: PostId, account: ConnectionId) -> Result<()> {
        let post = self.post(actor, id).await?;
        self.connection(actor, account).await?;
        let beside = self.store.posts_in_group(actor.workspace_id, post.group_id).await?;
        if beside.iter().any(|other| other.id != post.id && other.connection_id == account) {
            return Err(Error::BadInput { code: "account-already-added" });
        }
        Ok(())
    }

    /// What each of these drafts would be when it is agreed to now, and what stands in the way of it. Changes nothing.
    ///
    /// # Errors
    /// As [`App::bulk_times`], and [`Error::PolicyUnanswered`].
    pub async fn bulk_review(&self, actor: &Actor, ids: &[PostId]) -> Result<Review> {
        let (posts, gone) = self.named_posts(actor, ids).await?;
        if posts.is_empty() {
            return Err(Error::NotFound { what: "post" });
        }
        self.may_plan(actor).await?;
        let connections = self.connections(actor).await?;
        let rows = self.grid_rows(actor, posts, &connections).await?;
        let mut reviewed = Vec::new();
        let mut agreed: Vec<Agreed> = Vec::new();
        for row in rows {
            let tried = match when_of(&row.post, row.clock) {
                // Planned in another tab, for example.
                _ if row.post.state != PostState::Draft => Some(Behind::Changed),
                Err(behind) => Some(behind),
                Ok(when) => match self.judged(actor, &row, &when).await {
                    Ok(one) => {
                        agreed.push(one);
                        None
                    }
                    Err(error) => Some(behind(error)?),
                },
            };
            reviewed.push(Reviewed {
                row,
                behind: tried,
                expected: None,
                cap: None,
                out_before: Vec::new(),
                marks: Vec::new(),
            });
        }
        self.find_crowded(&mut reviewed, &agreed).await?;
        let key = self.review_key().await?;
        for one in &mut reviewed {
            if one.behind.is_none() {
                let instants = match one.row.clock {
                    ClockSays::Once(at) => vec![at],
                    ClockSays::Twice(first, second) => vec![first, second],
                    ClockSays::NoTime | ClockSays::Never(_) => Vec::new(),
                };
                one.marks = instants.into_iter().map(|at| (at, mark(&key, actor, &one.row.post, at))).collect();
            }
            if let (Some(at), None) = (one.row.clock.at(), &one.behind) {
                one.expected = Some(self.expectation(actor, one.row.post.id, at).await?).filter(|it| it.from.is_some());
                one.cap = self.cap_beside(&one.row.post, at, &agreed).await?;
            }
            if let Some(files) = &one.row.files {
                let hashes: Vec<&str> =
                    std::iter::once(&files.media).chain(&files.pictures).map(|media| media.sha256.as_str()).collect();
                one.out_before = self.store.out_before(actor.workspace_id, &hashes).await?;
            }
        }
        Ok(Review { posts: reviewed, gone })
    }

    /// What the words of reviews are made with.
    async fn review_key(&self) -> Result<hmac::Key> {
        let secret = self.store.instance_secret("review").await?.ok_or(Error::NotFound { what: "secret" })?;
        Ok(hmac::Key::new(hmac::HMAC_SHA256, secret.as_slice()))
    }

    /// The cap of TikTok's that a post may run into, with what is planned and all others of the review.
    async fn cap_beside(&self, post: &Post, at: UnixMillis, agreed: &[Agreed]) -> Result<Option<Cap>> {
        let from = at.plus_millis(CAP_WINDOW_MS.saturating_neg());
        let planned = self.store.posts_planned(post.connection_id, from, at, AROUND_MAX).await?;
        let planned = planned.iter().filter(|other| other.delivery == post.delivery).map(|other| other.due_at);
        let like_it = |other: &&Agreed| {
            let wanted = &other.wanted;
            wanted.id != post.id && (wanted.connection_id, wanted.delivery) == (post.connection_id, post.delivery)
        };
        let beside = agreed.iter().filter(like_it).map(|other| other.planned.at);
        let others: Vec<UnixMillis> = planned.chain(beside).collect();
        Ok(timetable::cap(post.delivery, at, &others))
    }

    /// The same judgement that the press of a single post's button runs into.
    async fn judged(&self, actor: &Actor, row: &GridRow, when: &When) -> Result<Agreed> {
        let files = row.files.as_ref().ok_or(Error::Conflict { code: "media-file-gone" })?;
        let declaration = Declaration::for_disclosure(row.post.content.disclosure);
        let planned = plan(when, self.now());
        self.agreed(actor, row.post.clone(), &row.connection, files, (declaration, planned), "scheduled").await
    }

    /// Which of them would stand too close to a planned post, or to each other.
    async fn find_crowded(&self, reviewed: &mut [Reviewed], agreed: &[Agreed]) -> Result<()> {
        let accounts: BTreeSet<ConnectionId> = agreed.iter().map(|one| one.wanted.connection_id).collect();
        let mut tx = self.store.begin().await?;
        let mut found = Vec::new();
        for account in accounts {
            let rhythm = tx.rhythm_locked(account).await?;
            let of_account: Vec<&Agreed> = agreed.iter().filter(|one| one.wanted.connection_id == account).collect();
            found.extend(crowded(&mut tx, &rhythm, &of_account).await?);
        }
        tx.rollback().await?;
        for (id, problem) in found {
            if let Some(one) = reviewed.iter_mut().find(|one| one.row.post.id == id) {
                one.behind = Some(Behind::Problems(vec![problem]));
            }
        }
        Ok(())
    }

    /// Plans every post that was agreed to, each by [`App::submit`] with a consent of its own. A post that cannot be planned stays a draft
    /// and says why; it holds back no other.
    ///
    /// # Errors
    /// As [`App::bulk_times`], and [`Error::PolicyUnanswered`].
    pub async fn bulk_consent(&self, actor: &Actor, agreements: &[Agreement]) -> Result<Consented> {
        let ids: BTreeSet<PostId> = agreements.iter().map(|one| one.id).collect();
        if ids.is_empty() {
            return Err(Error::BadInput { code: "no-post-chosen" });
        }
        if agreements.len() > GRID_ROWS || ids.len() < agreements.len() {
            return Err(Error::Limit { code: "too-many-posts-chosen" });
        }
        let ids: Vec<PostId> = ids.into_iter().collect();
        if self.store.posts_many(actor.workspace_id, &ids).await?.is_empty() {
            return Err(Error::NotFound { what: "post" });
        }
        self.may_plan(actor).await?;
        let key = self.review_key().await?;
        let connections = self.connections(actor).await?;
        let (mut settled, mut gone) = (Vec::new(), 0_usize);
        for one in agreements {
            let tried = match self.agree(actor, one, &key).await {
                Ok(()) => None,
                // Deleted in between, or another account's draft now: there is nothing to plan, and the others go on.
                Err(Error::NotFound { .. }) => {
                    gone = gone.saturating_add(1);
                    continue;
                }
                Err(error) => Some(behind(error)?),
            };
            let post = match self.post(actor, one.id).await {
                Err(Error::NotFound { .. }) => {
                    gone = gone.saturating_add(1);
                    continue;
                }
                found => found?,
            };
            let rows = self.rows(actor, vec![post], &connections).await?;
            settled.extend(rows.into_iter().map(|row| Settled { row, behind: tried.clone() }));
        }
        Ok(Consented { settled, gone })
    }

    async fn agree(&self, actor: &Actor, one: &Agreement, key: &hmac::Key) -> Result<()> {
        let post = self.post(actor, one.id).await?;
        // What no review showed to this person is agreed to by nobody, whatever a form says.
        let said = shown(actor, (one.id, one.revision), one.at, one.declaration);
        let is_ours =
            URL_SAFE_NO_PAD.decode(&one.mark).is_ok_and(|mark| hmac::verify(key, said.as_bytes(), &mark).is_ok());
        if !is_ours {
            return Err(CHANGED_MEANWHILE);
        }
        // Pressed twice, or the page of the answer asked for again: what was agreed to is what is planned.
        let is_planned = post.state == PostState::Scheduled && post.due_at == Some(one.at);
        if is_planned && post.revision == one.revision.saturating_add(1) {
            return Ok(());
        }
        if post.state != PostState::Draft || post.revision != one.revision {
            return Err(CHANGED_MEANWHILE);
        }
        let clock = ClockSays::of(&post);
        let second = matches!(clock, ClockSays::Twice(_, second) if second == one.at);
        if !second && clock.at() != Some(one.at) {
            return Err(CHANGED_MEANWHILE);
        }
        let Ok(When::At { local, zone, .. }) = when_of(&post, clock) else { return Err(CHANGED_MEANWHILE) };
        let input = DraftInput {
            delivery: post.delivery,
            content: post.content.clone(),
            local_time: Some(local),
            time_zone: zone.clone(),
            photos: None,
        };
        let when = When::At { local, zone, second };
        let pressed = Submit { revision: one.revision, input, when, declaration: one.declaration };
        self.submit(actor, one.id, &pressed).await.map(drop)
    }
}

/// What a review showed, as one text.
fn shown(actor: &Actor, (id, revision): (PostId, i64), at: UnixMillis, declaration: Declaration) -> String {
    let (person, workspace) = (actor.user_id, actor.workspace_id);
    format!("{person} {workspace} {id} {revision} {} {declaration:?}", at.millis())
}

fn mark(key: &hmac::Key, actor: &Actor, post: &Post, at: UnixMillis) -> String {
    let declaration = Declaration::for_disclosure(post.content.disclosure);
    let said = shown(actor, (post.id, post.revision), at, declaration);
    URL_SAFE_NO_PAD.encode(hmac::sign(key, said.as_bytes()))
}

/// How several drafts get times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// Each the next free slot of its account.
    Slots,
    /// Evenly from one instant to another, both included.
    Spread {
        /// The first one's time.
        from: UnixMillis,
        /// The last one's time.
        until: UnixMillis,
    },
}

/// The time that stands in a draft, where the clock has it.
fn when_of(post: &Post, clock: ClockSays) -> std::result::Result<When, Behind> {
    match clock {
        ClockSays::NoTime => return Err(Behind::NoTime),
        ClockSays::Never(_) => return Err(Behind::SkippedTime),
        ClockSays::Once(_) | ClockSays::Twice(..) => {}
    }
    let local = post.local_time.as_deref().and_then(|local| local.parse().ok()).ok_or(Behind::NoTime)?;
    let zone = post.time_zone.as_deref().and_then(|zone| zone.parse().ok()).ok_or(Behind::NoTime)?;
    Ok(When::At { local, zone, second: false })
}

/// What keeps one post back, as opposed to what ends the whole act.
fn behind(error: Error) -> Result<Behind> {
    match error {
        Error::Invalid(problems) => Ok(Behind::Problems(problems)),
        Error::ReconnectNeeded => Ok(Behind::Problems(vec![Problem::ReconnectNeeded])),
        Error::TikTok(_) => Ok(Behind::Problems(vec![Problem::CreatorUnknown])),
        Error::Conflict { code: "media-file-gone" } => Ok(Behind::FileGone),
        Error::Conflict { .. } | Error::BadInput { code: "declaration-does-not-fit" } => Ok(Behind::Changed),
        error @ (Error::NotFound { .. }
        | Error::BadInput { .. }
        | Error::Limit { .. }
        | Error::DiskReserve
        | Error::PolicyUnanswered
        | Error::Pkce(_)
        | Error::Store(_)
        | Error::Vault(_)
        | Error::Io(_)) => Err(error),
    }
}
