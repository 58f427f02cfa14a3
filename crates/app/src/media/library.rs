//! The library as an editor looks through it: words, filters, order, pages, and what is told beside each file.
//!
//! Owns the view. Names are sealed under keys of people, so the database cannot search them: the newest files are opened page by page
//! and looked through here, at most [`LOOKED_AT_MAX`] of them. Must not change anything.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use domain::creator::CreatorStanding;
use domain::id::MediaId;
use domain::media::MediaOutcome;
use domain::media::tags::{same, tags};
use domain::post::PostState;
use domain::time::UnixMillis;
use store::library::{BytesByKind, FileUse};
use store::rendition::Rendition;
use store::{Connection, Media};

use crate::{Actor, App, Result};

/// Files on one page.
pub const SHOWN: usize = 60;
/// Files that a search, a filter or an order looks through, the newest.
pub const LOOKED_AT_MAX: usize = 2_000;
/// Files opened in one go.
const PORTION: i64 = 200;
/// Characters of a search.
const WORDS_MAX: usize = 200;
const DAY_MS: i64 = 86_400_000;

/// In which order.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Order {
    /// What was uploaded last first.
    #[default]
    Newest,
    /// What takes most room first.
    Largest,
    /// What is deleted next first.
    DeletedSoonest,
}

/// Which kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Videos.
    Video,
    /// Pictures.
    Photo,
}

/// What an editor wants to see.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LibraryQuery {
    /// Words that are all in the name or in the tags, in any order, in capitals or not.
    pub words: String,
    /// Of this kind alone.
    pub kind: Option<FileKind>,
    /// With this judgement alone.
    pub fits: Option<MediaOutcome>,
    /// Used by a post, or by none.
    pub used: Option<bool>,
    /// With this word beside it.
    pub tag: Option<String>,
    /// In which order.
    pub order: Order,
    /// Behind this place.
    pub after: Option<Place>,
}

/// A place in an order: what it is ordered by, and the file. It survives the deletion of that file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// What the order goes by, ascending.
    pub key: i64,
    /// The file.
    pub id: MediaId,
}

/// A file with what is told beside it.
#[derive(Debug, Clone)]
pub struct LibraryFile {
    /// The file.
    pub media: Media,
    /// The words beside it.
    pub tags: Vec<String>,
    /// The posts that use it, those that changed last first.
    pub uses: Vec<FileUse>,
    /// The oldest other file of the same content.
    pub same: Option<Media>,
    /// The file from which this one was made.
    pub made_from: Option<Media>,
    /// When the file is deleted by itself, not before a hold ends that the person may know of; `None` while nothing of it went out, or
    /// something is still to go.
    pub goes_at: Option<UnixMillis>,
}

/// A page of the library.
#[derive(Debug)]
pub struct LibraryView {
    /// The files.
    pub files: Vec<LibraryFile>,
    /// Where the next page begins.
    pub next: Option<Place>,
    /// There are more files than were looked through.
    pub cut: bool,
    /// Until when a legal hold keeps every file, whatever else; `None` without one, and where it may not be told.
    pub held_until: Option<UnixMillis>,
    /// Accounts, to tell what each of them may post.
    pub connections: Vec<Connection>,
    /// What was asked for to make files fit.
    pub fits: Vec<Rendition>,
    /// Every word that stands beside a file, and beside how many, in alphabetical order.
    pub tags: Vec<(String, usize)>,
    /// Bytes used, by kind.
    pub bytes: BytesByKind,
    /// Bytes allowed.
    pub quota_bytes: u64,
}

impl LibraryQuery {
    /// Nothing is left out and the order is that of the database.
    const fn is_plain(&self) -> bool {
        matches!(self.order, Order::Newest)
            && self.words.is_empty()
            && self.kind.is_none()
            && self.fits.is_none()
            && self.used.is_none()
            && self.tag.is_none()
    }

    /// Which posts use a file decides whether it is shown, or where.
    const fn asks_for_uses(&self) -> bool {
        self.used.is_some() || matches!(self.order, Order::DeletedSoonest)
    }

    fn takes(&self, words: &[String], file: &LibraryFile) -> bool {
        let name = file.media.file_name.to_lowercase();
        let kind = match self.kind {
            None => true,
            Some(FileKind::Video) => file.media.video().is_some(),
            Some(FileKind::Photo) => file.media.photo().is_some(),
        };
        kind && self.fits.is_none_or(|outcome| file.media.verdict.outcome == outcome)
            && self.used.is_none_or(|used| used != file.uses.is_empty())
            && self.tag.as_ref().is_none_or(|tag| file.tags.iter().any(|one| same(one, tag)))
            && words
                .iter()
                .all(|word| name.contains(word) || file.tags.iter().any(|tag| tag.to_lowercase().contains(word)))
    }

    fn place(&self, file: &LibraryFile) -> Place {
        let key = match self.order {
            Order::Newest => file.media.created_at.millis().saturating_neg(),
            Order::Largest => i64::try_from(file.media.size_bytes).unwrap_or(i64::MAX).saturating_neg(),
            Order::DeletedSoonest => file.goes_at.map_or(i64::MAX, UnixMillis::millis),
        };
        Place { key, id: file.media.id }
    }
}

fn ordered(place: &Place) -> (i64, Reverse<MediaId>) {
    (place.key, Reverse(place.id))
}

/// Each word as it was written first in the alphabet, with the number of files it stands beside.
pub(crate) fn counted(lists: &HashMap<MediaId, Vec<String>>) -> Vec<(String, usize)> {
    let mut words: BTreeMap<String, (String, usize)> = BTreeMap::new();
    for word in lists.values().flatten() {
        let entry = words.entry(word.to_lowercase()).or_insert_with(|| (word.clone(), 0));
        entry.1 = entry.1.saturating_add(1);
        if *word < entry.0 {
            entry.0.clone_from(word);
        }
    }
    words.into_values().collect()
}

/// How long a creator's videos may be, seconds, as TikTok said last; `None` when it never told.
#[must_use]
pub fn longest_s(connection: &Connection) -> Option<i64> {
    match connection.creator.as_ref()? {
        CreatorStanding::CanPost(creator) => Some(creator.max_video_duration_s),
        CreatorStanding::Blocked(_) => None,
    }
}

impl App {
    /// A page of the library.
    ///
    /// # Errors
    /// See [`crate::Error`].
    pub async fn library(&self, actor: &Actor, query: &LibraryQuery) -> Result<LibraryView> {
        let words: String = query.words.chars().take(WORDS_MAX).collect::<String>().to_lowercase();
        let words: Vec<String> = words.split_whitespace().map(str::to_owned).collect();
        // Before the files: a page that tells of a new file has it.
        let fits = self.fits(actor).await?;
        let (found, cut) = if query.is_plain() {
            let before = query.after.map(|place| (UnixMillis::from_millis(place.key.saturating_neg()), place.id));
            let one_more = i64::try_from(SHOWN).unwrap_or(PORTION).saturating_add(1);
            (self.store.media_list(actor.workspace_id, before, one_more).await?, false)
        } else {
            self.newest(actor).await?
        };
        let mut lists = self.tag_lists(actor).await?;
        let all_tags = counted(&lists);
        let held_until =
            self.store.holds_told(actor.workspace_id, self.now()).await?.first().map(|hold| hold.expires_at);
        let mut files: Vec<LibraryFile> = found
            .into_iter()
            .map(|media| LibraryFile {
                tags: lists.remove(&media.id).unwrap_or_default(),
                media,
                uses: Vec::new(),
                same: None,
                made_from: None,
                goes_at: None,
            })
            .collect();
        if query.asks_for_uses() {
            self.tell_uses(actor, &mut files, held_until).await?;
        }
        files.retain(|file| query.takes(&words, file));
        files.sort_by_key(|file| ordered(&query.place(file)));
        if let Some(after) = &query.after {
            files.retain(|file| ordered(&query.place(file)) > ordered(after));
        }
        let more = files.len() > SHOWN;
        files.truncate(SHOWN);
        let next = files.last().filter(|_| more).map(|file| query.place(file));
        if !query.asks_for_uses() {
            self.tell_uses(actor, &mut files, held_until).await?;
        }
        self.tell_origins(actor, &mut files, &fits).await?;
        Ok(LibraryView {
            files,
            next,
            cut,
            held_until,
            connections: self.connections(actor).await?,
            fits,
            tags: all_tags,
            bytes: self.store.media_bytes_by_kind(actor.workspace_id).await?,
            quota_bytes: self.settings.media_quota_bytes,
        })
    }

    /// The posts of the actor's workspace that use any of these files.
    ///
    /// # Errors
    /// As [`App::chosen_files`].
    pub async fn uses_of(&self, actor: &Actor, ids: &[MediaId]) -> Result<Vec<FileUse>> {
        self.chosen_files(actor, ids).await?;
        Ok(self.store.file_uses(actor.workspace_id, ids).await?)
    }

    pub(crate) async fn tag_lists(&self, actor: &Actor) -> Result<HashMap<MediaId, Vec<String>>> {
        let lists = self.store.media_tags(actor.workspace_id).await?;
        // What an older version allowed is shown as far as it is readable.
        Ok(lists.into_iter().map(|list| (list.media_id, tags(&list.words).unwrap_or_default())).collect())
    }

    /// The newest files, and whether there are more.
    pub(crate) async fn newest(&self, actor: &Actor) -> Result<(Vec<Media>, bool)> {
        let mut all: Vec<Media> = Vec::new();
        loop {
            let before = all.last().map(|media| (media.created_at, media.id));
            let portion = self.store.media_list(actor.workspace_id, before, PORTION).await?;
            let ended = i64::try_from(portion.len()).is_ok_and(|read| read < PORTION);
            all.extend(portion);
            if ended {
                return Ok((all, false));
            }
            if all.len() >= LOOKED_AT_MAX {
                return Ok((all, true));
            }
        }
    }

    async fn tell_uses(&self, actor: &Actor, files: &mut [LibraryFile], held_until: Option<UnixMillis>) -> Result<()> {
        let ids: Vec<MediaId> = files.iter().map(|file| file.media.id).collect();
        let mut uses: HashMap<MediaId, Vec<FileUse>> = HashMap::new();
        for one in self.store.file_uses(actor.workspace_id, &ids).await? {
            uses.entry(one.media_id).or_default().push(one);
        }
        for file in files {
            file.uses = uses.remove(&file.media.id).unwrap_or_default();
            file.goes_at = self.goes_at(&file.media, &file.uses).map(|at| held_until.map_or(at, |until| at.max(until)));
        }
        Ok(())
    }

    /// The rule of `purge_served`: everything that uses the file is out, for so many days.
    fn goes_at(&self, media: &Media, uses: &[FileUse]) -> Option<UnixMillis> {
        let out = |one: &FileUse| matches!(one.state, PostState::Published | PostState::InInbox);
        let last = uses.iter().map(|one| one.updated_at).max().filter(|_| uses.iter().all(out))?;
        let days = i64::from(self.settings.published_media_days);
        Some(last.max(media.created_at).plus_millis(days.saturating_mul(DAY_MS)))
    }

    async fn tell_origins(&self, actor: &Actor, files: &mut [LibraryFile], fits: &[Rendition]) -> Result<()> {
        let ids: Vec<MediaId> = files.iter().map(|file| file.media.id).collect();
        let twins = self.store.media_same(actor.workspace_id, &ids).await?;
        let made_of = |id: MediaId| fits.iter().find(|job| job.media_id == Some(id)).map(|job| job.source_id);
        let sources: Vec<MediaId> = ids.iter().filter_map(|id| made_of(*id)).collect();
        let sources = self.store.media_many(actor.workspace_id, &sources).await?;
        for file in files {
            let (id, sha256) = (file.media.id, &file.media.sha256);
            file.same = twins.iter().find(|twin| twin.id != id && twin.sha256 == *sha256).cloned();
            let source = made_of(id);
            file.made_from = sources.iter().find(|one| Some(one.id) == source).cloned();
        }
        Ok(())
    }
}
