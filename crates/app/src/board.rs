//! The board: ideas, drafts, what is called ready, what is planned. Owns the reading, its limits and the moves between columns; must not plan
//! a post, which takes a consent.

use std::collections::HashMap;
use std::sync::Arc;

use domain::board::{IDEAS_MAX, IdeaProblem, Stage, between, idea as checked, is_place, newest};
use domain::id::{ConnectionId, IdeaId, LabelId, PostId};
use domain::media::{MediaOutcome, MediaVerdict};
use domain::post::PostState;
use domain::rules::{PostCheck, PostFiles, Problem, Severity, check};
use domain::schedule::Zone;
use domain::time::UnixMillis;
use store::board::{BoardFilter, BoardPlace};
use store::idea::Idea;
use store::label::Label;
use store::{Connection, Media, Post};

use crate::guide::is_sample;
use crate::labels::named;
use crate::posts::{ClockSays, DraftInput, Files};
use crate::queue::PostRow;
use crate::{Actor, App, Error, Result};

/// Cards of a column that are shown at first, and more at each press.
pub const COLUMN_CARDS: usize = 40;
/// Cards of a column that are shown at most.
pub const COLUMN_MAX: usize = 1_000;
/// Somebody worded the idea anew, in another window.
const IDEA_CHANGED: Error = Error::Conflict { code: "idea-changed-meanwhile" };
/// A way back from where the card does not stand any more.
const MOVED_MEANWHILE: Error = Error::Conflict { code: "board-moved-meanwhile" };

/// What a page of the board shows.
#[derive(Debug, Clone, Default)]
pub struct BoardQuery {
    /// Only this account.
    pub connection: Option<ConnectionId>,
    /// Only what bears this label.
    pub label: Option<LabelId>,
    /// Cards of each column; a column that is not named has [`COLUMN_CARDS`].
    pub cards: HashMap<Stage, usize>,
}

/// A page of the board.
#[derive(Debug, Clone)]
pub struct BoardView {
    /// The columns, from the first thought to the plan.
    pub columns: Vec<Column>,
    /// All labels, in the order of their words.
    pub labels: Vec<Label>,
    /// All connections.
    pub connections: Vec<Connection>,
    /// Posts that failed or wait for a person, which stand in no column.
    pub attention: i64,
    /// There are ideas that came with the samples.
    pub has_samples: bool,
    /// What the next idea is called, so that a form that is sent twice writes it down once.
    pub next_idea: IdeaId,
    /// The time of the rendering.
    pub now: UnixMillis,
}

/// A column.
#[derive(Debug, Clone)]
pub struct Column {
    /// Which.
    pub stage: Stage,
    /// All cards that fit the filters.
    pub total: usize,
    /// Those that are shown, in order.
    pub cards: Vec<Card>,
}

/// A card.
#[derive(Debug, Clone)]
pub enum Card {
    /// A post without a file.
    Idea(IdeaCard),
    /// A draft or a planned post.
    Post(Box<PostCard>),
}

/// An idea with what its card shows.
#[derive(Debug, Clone)]
pub struct IdeaCard {
    /// The idea.
    pub idea: Idea,
    /// Its account.
    pub connection: Option<Arc<Connection>>,
    /// Its labels.
    pub labels: Vec<Label>,
}

/// A post with what its card shows.
#[derive(Debug, Clone)]
pub struct PostCard {
    /// Post, account, file.
    pub row: PostRow,
    /// Its labels.
    pub labels: Vec<Label>,
    /// What a person wrote beside it.
    pub note: Option<String>,
    /// What still hinders it from being planned, where it is called ready. TikTok is not asked for it.
    pub hinders: Vec<Problem>,
    /// It has no time yet, where it is called ready.
    pub is_timeless: bool,
    /// It shows a sample picture.
    pub is_sample: bool,
}

/// Where a card shall stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Spot {
    /// Above all others.
    Top,
    /// Right below a card of the same kind.
    Below(String),
    /// Where it stood before, as long as it stands where it was moved to then.
    Back {
        /// The place that it had.
        place: String,
        /// The column and place that the move gave it.
        from: (Stage, String),
    },
}

/// A move that was made.
#[derive(Debug, Clone)]
pub struct Moved {
    /// The post as it is now.
    pub post: Post,
    /// Where it stood before; `None` where the way back is a new consent.
    pub before: Option<(Stage, String)>,
    /// Where it stands now.
    pub after: (Stage, String),
}

fn refused(problem: IdeaProblem) -> Error {
    let code = match problem {
        IdeaProblem::Missing => "idea-missing",
        IdeaProblem::TooLong => "idea-too-long",
        IdeaProblem::ControlCharacter => "idea-control-character",
    };
    Error::BadInput { code }
}

/// A place that an address named.
fn known_place(text: &str) -> Result<String> {
    if is_place(text) { Ok(text.to_owned()) } else { Err(Error::BadInput { code: "board-place-unknown" }) }
}

impl App {
    /// The board of the actor's workspace.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign account or label.
    pub async fn board(&self, actor: &Actor, query: &BoardQuery) -> Result<BoardView> {
        if let Some(account) = query.connection {
            self.connection(actor, account).await?;
        }
        let labels = self.labels(actor).await?;
        if let Some(wanted) = query.label
            && !labels.iter().any(|label| label.id == wanted)
        {
            return Err(Error::NotFound { what: "label" });
        }
        let connections = self.connections(actor).await?;
        let ideas = self.store.ideas(actor.workspace_id).await?;
        let mut has_samples = ideas.iter().any(|idea| idea.is_sample);
        let mut columns = Vec::new();
        for stage in Stage::ALL {
            let shown = query.cards.get(&stage).copied().unwrap_or(COLUMN_CARDS).clamp(1, COLUMN_MAX);
            columns.push(match stage {
                Stage::Ideas => idea_column(&ideas, query, shown, &connections, &labels),
                Stage::Drafts | Stage::Ready | Stage::Scheduled => {
                    self.post_column(actor, stage, query, shown, &connections, &labels).await?
                }
            });
        }
        let is_sample = |card: &Card| matches!(card, Card::Post(card) if card.is_sample);
        has_samples |= columns.iter().any(|column| column.cards.iter().any(is_sample));
        let attention = self.store.post_count_attention(actor.workspace_id).await?;
        let now = self.now();
        let next_idea = IdeaId::from_uuid(self.random.uuid(now));
        Ok(BoardView { columns, labels, connections, attention, has_samples, next_idea, now })
    }

    async fn post_column(
        &self,
        actor: &Actor,
        stage: Stage,
        query: &BoardQuery,
        shown: usize,
        connections: &[Connection],
        labels: &[Label],
    ) -> Result<Column> {
        let filter = BoardFilter { connection: query.connection, label: query.label };
        let limit = i64::try_from(shown).unwrap_or(i64::MAX);
        let (ids, total) = self.store.board_column(actor.workspace_id, stage, filter, limit).await?;
        let mut cards = self.post_cards(actor, stage, &ids, connections, labels).await?;
        let cards = ids.iter().filter_map(|id| cards.remove(id)).map(|card| Card::Post(Box::new(card))).collect();
        Ok(Column { stage, total: usize::try_from(total).unwrap_or(0), cards })
    }

    async fn post_cards(
        &self,
        actor: &Actor,
        stage: Stage,
        ids: &[PostId],
        connections: &[Connection],
        labels: &[Label],
    ) -> Result<HashMap<PostId, PostCard>> {
        let posts = self.store.posts_many(actor.workspace_id, ids).await?;
        let media = if stage == Stage::Ready { self.media_of(actor, &posts).await? } else { Vec::new() };
        let mut borne = self.store.labels_of(actor.workspace_id, ids).await?;
        let notes = self.store.notes_of(actor.workspace_id, ids).await?;
        let mut notes: HashMap<PostId, String> = notes.into_iter().map(|note| (note.post_id, note.words)).collect();
        let mut cards = HashMap::new();
        for row in self.rows(actor, posts, connections).await? {
            let id = row.post.id;
            let hinders = if stage == Stage::Ready { self.hinders(&row, &media) } else { Vec::new() };
            let is_timeless = stage == Stage::Ready && row.post.local_time.is_none();
            let labels = named(labels, &borne.remove(&id).unwrap_or_default());
            let is_sample = row.media.as_ref().is_some_and(|media| is_sample(media));
            cards.insert(id, PostCard { row, labels, note: notes.remove(&id), hinders, is_timeless, is_sample });
        }
        Ok(cards)
    }

    /// One post of the board, and its column.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs, or past being planned.
    pub async fn board_card(&self, actor: &Actor, id: PostId) -> Result<(Stage, PostCard)> {
        let missing = || Error::NotFound { what: "post" };
        let stage = self.board_stage(actor, id).await?.ok_or_else(missing)?;
        let (connections, labels) = (self.connections(actor).await?, self.labels(actor).await?);
        let mut cards = self.post_cards(actor, stage, &[id], &connections, &labels).await?;
        Ok((stage, cards.remove(&id).ok_or_else(missing)?))
    }

    /// What hinders a draft, as far as that can be told without asking TikTok.
    fn hinders(&self, row: &PostRow, media: &[Media]) -> Vec<Problem> {
        let files = Files::among(media, &row.post).filter(|files| !files.are_gone());
        let pictures = files.as_ref().map(Files::photo_files).unwrap_or_default();
        let gone = MediaVerdict { outcome: MediaOutcome::Reject, findings: Vec::new() };
        let found = check(&PostCheck {
            delivery: row.post.delivery,
            content: &row.post.content,
            files: match &files {
                Some(files) => files.checked(&pictures, self.settings.pull_base().is_some()),
                None => PostFiles::Video { facts: None, verdict: &gone },
            },
            scopes: &row.connection.scopes,
            connection_state: row.connection.state,
            standing: None,
            // A time that passed since, or lies too far ahead. What counts is when it is planned.
            due_at: ClockSays::of(&row.post).at(),
            now: self.now(),
            direct_posts_24h: 0,
            upload_limit: self.settings.upload_rate,
        });
        // That nobody asked TikTok is no fault of the draft.
        let told = |it: &Problem| it.severity() == Severity::Blocks && *it != Problem::CreatorUnknown;
        found.into_iter().filter(told).collect()
    }

    /// Writes down an idea.
    ///
    /// # Errors
    /// As [`App::idea_add_once`].
    pub async fn idea_add(&self, actor: &Actor, words: &str, account: Option<ConnectionId>) -> Result<IdeaId> {
        let id = IdeaId::from_uuid(self.random.uuid(self.now()));
        self.idea_add_once(actor, id, words, account).await
    }

    /// Writes down an idea under the id that its form had, so that a form whose answer was lost can be sent once more. Where this id has other
    /// words already, or is somebody else's, the idea gets another one.
    ///
    /// # Errors
    /// [`Error::BadInput`] `idea-…` for what is wrong with it, [`Error::NotFound`] for a foreign account, [`Error::Limit`] `too-many-ideas`.
    pub async fn idea_add_once(
        &self,
        actor: &Actor,
        id: IdeaId,
        words: &str,
        account: Option<ConnectionId>,
    ) -> Result<IdeaId> {
        let words = checked(words).map_err(refused)?;
        if let Some(account) = account {
            self.connection(actor, account).await?;
        }
        let now = self.now();
        let fresh = self.random.uuid(now);
        let mut tx = self.store.begin().await?;
        if tx.idea_held(actor.workspace_id, id).await?.is_some_and(|there| there.words == words) {
            return Ok(id);
        }
        if tx.idea_count(actor.workspace_id).await? >= i64::try_from(IDEAS_MAX).unwrap_or(i64::MAX) {
            return Err(Error::Limit { code: "too-many-ideas" });
        }
        let mut idea = Idea {
            id,
            workspace_id: actor.workspace_id,
            person_id: actor.user_id,
            connection_id: account,
            words,
            labels: Vec::new(),
            place: newest(fresh),
            is_sample: false,
            at: now,
        };
        if !tx.idea_put(&idea).await? {
            // A form that was sent twice at once: the other one was quicker.
            if tx.idea_held(actor.workspace_id, id).await?.is_some_and(|there| there.words == idea.words) {
                return Ok(id);
            }
            idea.id = IdeaId::from_uuid(fresh);
            tx.idea_put(&idea).await?;
        }
        tx.commit().await?;
        Ok(idea.id)
    }

    /// One idea of the actor's workspace.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there or not theirs.
    pub async fn idea(&self, actor: &Actor, id: IdeaId) -> Result<Idea> {
        self.store.idea(actor.workspace_id, id).await?.ok_or(Error::NotFound { what: "idea" })
    }

    /// Words an idea anew, which was `seen` as it was worded at that instant. A sample that somebody changed is theirs, and stays when the
    /// samples go.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it or the account is not theirs, [`Error::Conflict`] `idea-changed-meanwhile` when somebody else worded it since,
    /// and as [`App::idea_add`].
    pub async fn idea_change(
        &self,
        actor: &Actor,
        id: IdeaId,
        seen: UnixMillis,
        words: &str,
        account: Option<ConnectionId>,
    ) -> Result<()> {
        let words = checked(words).map_err(refused)?;
        if let Some(account) = account {
            self.connection(actor, account).await?;
        }
        let mut tx = self.store.begin().await?;
        // Gone meanwhile, into a draft or for good: it does not come back.
        let before = tx.idea_held(actor.workspace_id, id).await?.ok_or(Error::NotFound { what: "idea" })?;
        if before.words == words && before.connection_id == account {
            return Ok(());
        }
        if before.at != seen {
            return Err(IDEA_CHANGED);
        }
        let is_sample = before.is_sample && before.words == words;
        let person_id = actor.user_id;
        // Also two within a millisecond, or after the clock was put back, differ.
        let at = self.now().max(before.at.plus_millis(1));
        if !tx.idea_rewrite(&Idea { words, connection_id: account, person_id, is_sample, at, ..before }, seen).await? {
            return Err(IDEA_CHANGED);
        }
        tx.commit().await.map_err(Error::from)
    }

    /// Forgets an idea.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs.
    pub async fn idea_delete(&self, actor: &Actor, id: IdeaId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        if !tx.idea_delete(actor.workspace_id, id).await? {
            return Err(Error::NotFound { what: "idea" });
        }
        tx.commit().await.map_err(Error::from)
    }

    /// Puts an idea elsewhere among the ideas; gives the place at which it stood and the one at which it stands now.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it, or the one above, is not theirs, [`Error::Conflict`] `board-moved-meanwhile` for a way back from elsewhere.
    pub async fn idea_move(&self, actor: &Actor, id: IdeaId, spot: &Spot) -> Result<(String, String)> {
        let mut tx = self.store.begin().await?;
        let before = tx.idea_held(actor.workspace_id, id).await?.ok_or(Error::NotFound { what: "idea" })?;
        let place = match spot {
            Spot::Top => newest(self.random.uuid(self.now())),
            Spot::Back { place, from: (_, from) } if *from == before.place => known_place(place)?,
            Spot::Back { .. } => return Err(MOVED_MEANWHILE),
            Spot::Below(above) => {
                let missing = Error::NotFound { what: "idea" };
                let Ok(above) = above.parse() else { return Err(missing) };
                let above = tx.idea(actor.workspace_id, above).await?.ok_or(missing)?;
                let below = tx.idea_place_below(actor.workspace_id, &above.place, id).await?;
                between(&below.unwrap_or_default(), Some(&above.place))
            }
        };
        tx.idea_move(actor.workspace_id, id, &place).await?;
        tx.commit().await?;
        Ok((before.place, place))
    }

    /// Puts a post into the column of drafts or of what is ready. A planned one becomes a draft again, and its consent is void.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it, or the one above, is not theirs, [`Error::BadInput`] for a column that takes a consent or no file,
    /// [`Error::Conflict`] when it changed meanwhile or is past changing, or for a way back from where it does not stand.
    pub async fn board_move(
        &self,
        actor: &Actor,
        id: PostId,
        revision: i64,
        stage: Stage,
        spot: &Spot,
    ) -> Result<Moved> {
        let is_ready = match stage {
            Stage::Drafts => false,
            Stage::Ready => true,
            Stage::Ideas => return Err(Error::BadInput { code: "board-keeps-file" }),
            Stage::Scheduled => return Err(Error::BadInput { code: "board-needs-consent" }),
        };
        let before = self.post(actor, id).await?;
        let was_draft = match before.state {
            PostState::Draft => true,
            PostState::Scheduled => false,
            PostState::Publishing
            | PostState::Published
            | PostState::InInbox
            | PostState::Failed
            | PostState::NeedsAttention
            | PostState::Cancelled => return Err(Error::Conflict { code: "board-not-here" }),
        };
        let missing = || Error::NotFound { what: "post" };
        // Before a plan is given up for it: a place that is no such thing leaves everything as it was.
        match spot {
            Spot::Top => {}
            // The way back to a plan is a new consent, and the way back out of one needs a look first.
            Spot::Back { .. } if !was_draft => return Err(MOVED_MEANWHILE),
            Spot::Back { place, .. } => drop(known_place(place)?),
            Spot::Below(above) => {
                let above: PostId = above.parse().map_err(|_| missing())?;
                self.store.board_place(actor.workspace_id, above).await?.ok_or_else(missing)?;
            }
        }
        let post = if was_draft { before } else { self.unplan(actor, &before, revision).await? };
        let mut tx = self.store.begin().await?;
        let stood = tx.board_place(actor.workspace_id, id).await?.ok_or_else(missing)?;
        let from = if stood.ready_at.is_some() { Stage::Ready } else { Stage::Drafts };
        let place = match spot {
            Spot::Top => newest(self.random.uuid(self.now())),
            Spot::Back { place, from: (column, at) } if (*column, at) == (from, &stood.place) => known_place(place)?,
            Spot::Back { .. } => return Err(MOVED_MEANWHILE),
            Spot::Below(above) => {
                let above = above.parse().map_err(|_| missing())?;
                match tx.board_place(actor.workspace_id, above).await? {
                    Some(above) => {
                        let below = tx.board_place_below(actor.workspace_id, &above.place, id).await?;
                        between(&below.unwrap_or_default(), Some(&above.place))
                    }
                    // Gone since it was looked at: the move counts, at the top.
                    None => newest(self.random.uuid(self.now())),
                }
            }
        };
        // Since when it is ready stays, where it only moves within the column.
        let ready_at = is_ready.then(|| stood.ready_at.unwrap_or_else(|| self.now()));
        tx.board_put(id, &BoardPlace { ready_at, place: place.clone() }).await?;
        tx.commit().await?;
        self.post_changed(actor, id, PostState::Draft);
        Ok(Moved { post, before: was_draft.then_some((from, stood.place)), after: (stage, place) })
    }

    /// A planned post becomes a draft with everything that it holds, the time in its field.
    async fn unplan(&self, actor: &Actor, post: &Post, revision: i64) -> Result<Post> {
        let zone = post.time_zone.as_deref().and_then(|zone| zone.parse().ok());
        let input = DraftInput {
            delivery: post.delivery,
            content: post.content.clone(),
            local_time: post.local_time.as_deref().and_then(|local| local.parse().ok()),
            time_zone: zone.unwrap_or_else(|| actor.time_zone.parse().unwrap_or_else(|_| Zone::utc())),
            photos: None,
        };
        self.save_draft(actor, post.id, revision, &input).await
    }

    /// At which place a post stands on the board.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs.
    pub async fn board_place(&self, actor: &Actor, id: PostId) -> Result<String> {
        let place = self.store.board_place(actor.workspace_id, id).await?.ok_or(Error::NotFound { what: "post" })?;
        Ok(place.place)
    }

    /// In which column a post stands; none for what is past being planned.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs.
    pub async fn board_stage(&self, actor: &Actor, id: PostId) -> Result<Option<Stage>> {
        let post = self.post(actor, id).await?;
        let place = self.store.board_place(actor.workspace_id, id).await?;
        Ok(match post.state {
            PostState::Draft if place.is_some_and(|place| place.ready_at.is_some()) => Some(Stage::Ready),
            PostState::Draft => Some(Stage::Drafts),
            PostState::Scheduled => Some(Stage::Scheduled),
            PostState::Publishing
            | PostState::Published
            | PostState::InInbox
            | PostState::Failed
            | PostState::NeedsAttention
            | PostState::Cancelled => None,
        })
    }
}

fn idea_column(
    ideas: &[Idea],
    query: &BoardQuery,
    shown: usize,
    connections: &[Connection],
    labels: &[Label],
) -> Column {
    let fits = |idea: &&Idea| {
        query.connection.is_none_or(|account| idea.connection_id == Some(account))
            && query.label.is_none_or(|label| idea.labels.contains(&label))
    };
    let fitting: Vec<&Idea> = ideas.iter().filter(fits).collect();
    let account = |id: ConnectionId| connections.iter().find(|it| it.id == id).map(|it| Arc::new(it.clone()));
    let card = |idea: &&Idea| {
        Card::Idea(IdeaCard {
            idea: (*idea).clone(),
            connection: idea.connection_id.and_then(account),
            labels: named(labels, &idea.labels),
        })
    };
    Column { stage: Stage::Ideas, total: fitting.len(), cards: fitting.iter().take(shown).map(card).collect() }
}
