//! How posts with something in common did: hashtags, length of the caption, length of the video, kind, labels. Owns what they have in common and how many
//! posts are looked at; the comparison is `domain::insight`'s.
//!
//! Captions lie sealed, so they are opened for this one answer, of the newest posts, a portion at a time; nothing of them is kept.

use std::collections::{BTreeMap, HashMap};

use domain::caption::{Stretch, stretches};
use domain::id::PostId;
use domain::insight::{FEW, Group, Told, groups};
use domain::media::FileFacts;

use super::insight::{AGE_HOURS, InsightQuery, told};
use crate::queue::PostRow;
use crate::{Actor, App, Result};
use store::metrics::insight::Which;

/// Posts whose captions are opened at most, the newest.
pub const COMPARED_MAX: u32 = 2_000;
/// Posts that are opened at once.
const PORTION: usize = 500;
/// Hashtags that are shown at most, those of the most posts.
const HASHTAGS_MAX: usize = 30;
/// A caption of so many characters or fewer is a short one.
pub const SHORT_CHARS: usize = 80;
/// Where one band of lengths ends and the next begins, milliseconds.
const BANDS_MS: [i64; 4] = [15_000, 30_000, 60_000, 180_000];

/// What posts have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Common {
    /// A video.
    Video,
    /// Photos.
    Photos,
    /// No caption.
    Bare,
    /// A caption of at most [`SHORT_CHARS`] characters.
    Short,
    /// A longer one.
    Long,
    /// A video whose length is in this band, the shortest first: up to 15 seconds, 30, a minute, three, and longer.
    Band(usize),
    /// No hashtag.
    Untagged,
    /// A hashtag, in small letters.
    Hashtag(String),
    /// No label.
    Unlabelled,
    /// A label, by its words.
    Label(String),
}

/// By what they are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Video or photos.
    Kind,
    /// How long the video is.
    Length,
    /// How long the caption is.
    Caption,
    /// Hashtags.
    Hashtag,
    /// Labels.
    Label,
}

/// What the page shows.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// Each comparison with its groups; those of which there are no posts are left away.
    pub parts: Vec<(By, Vec<(Common, Group)>)>,
    /// Posts whose views at the age are known.
    pub posts: usize,
    /// Posts of which they are not.
    pub left_out: usize,
    /// Posts that are younger than that.
    pub young: usize,
    /// There were more posts: these are the newest.
    pub is_cut: bool,
}

/// The hashtags of a caption in small letters, each once.
fn hashtags(caption: &str) -> Vec<String> {
    let tag = |it: Stretch<'_>| match it {
        Stretch::Hashtag(tag) => Some(tag.to_lowercase()),
        Stretch::Words(_) | Stretch::Mention(_) => None,
    };
    let mut all: Vec<String> = stretches(caption).into_iter().filter_map(tag).collect();
    all.sort_unstable();
    all.dedup();
    all
}

fn kind(row: &PostRow) -> Common {
    if row.post.photos.is_some() { Common::Photos } else { Common::Video }
}

fn caption(row: &PostRow) -> Common {
    match row.post.content.caption.trim().chars().count() {
        0 => Common::Bare,
        many if many <= SHORT_CHARS => Common::Short,
        _ => Common::Long,
    }
}

/// `None` for photos, and for a video whose file was never measured.
fn band(row: &PostRow) -> Option<Common> {
    match row.media.as_ref()?.facts.as_ref()? {
        FileFacts::Video(facts) => Some(Common::Band(BANDS_MS.partition_point(|end| *end < facts.duration_ms))),
        FileFacts::Photo(_) => None,
    }
}

type Places = BTreeMap<Common, Vec<usize>>;

fn put(places: &mut Places, common: Option<Common>, place: usize) {
    if let Some(common) = common {
        places.entry(common).or_default().push(place);
    }
}

/// Hashtags that enough posts have, the most used first, after those without any.
fn used(places: Places) -> Vec<(Common, Vec<usize>)> {
    let is_rare = |common: &Common, many: usize| matches!(common, Common::Hashtag(_)) && many < FEW;
    let mut all: Vec<(Common, Vec<usize>)> =
        places.into_iter().filter(|(common, posts)| !is_rare(common, posts.len())).collect();
    all.sort_by_key(|(common, posts)| (*common != Common::Untagged, std::cmp::Reverse(posts.len())));
    all.truncate(HASHTAGS_MAX + 1);
    all
}

impl App {
    /// How the actor's posts of a time did, by what they have in common.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] for a foreign account.
    pub async fn compare(&self, actor: &Actor, query: InsightQuery) -> Result<Comparison> {
        if let Some(id) = query.connection {
            self.connection(actor, id).await?;
        }
        let (from, until) = (query.from, query.until);
        let which = Which { connection: query.connection, from, until, limit: COMPARED_MAX };
        let rows = self.store.metric_at_age(actor.workspace_id, which, AGE_HOURS).await?;
        let is_cut = u32::try_from(rows.len()).is_ok_and(|many| many >= COMPARED_MAX);
        let (mut posts, young) = told(&rows, self.now());
        let all = posts.len();
        posts.retain(|it| it.views.is_some());
        let left_out = all.saturating_sub(posts.len());

        let ids: Vec<PostId> = posts.iter().map(|it| it.post).collect();
        let place: HashMap<PostId, usize> = ids.iter().copied().zip(0..).collect();
        let labels = self.labels_of(actor, &ids).await?;
        let connections = self.connections(actor).await?;
        let mut sorts: [Places; 5] = Default::default();
        let [kinds, bands, captions, tags, labelled] = &mut sorts;
        for portion in ids.chunks(PORTION) {
            let opened = self.store.posts_many(actor.workspace_id, portion).await?;
            for row in self.rows(actor, opened, &connections).await? {
                let Some(at) = place.get(&row.post.id).copied() else { continue };
                put(kinds, Some(kind(&row)), at);
                put(bands, band(&row), at);
                put(captions, Some(caption(&row)), at);
                let found = hashtags(&row.post.content.caption);
                put(tags, found.is_empty().then_some(Common::Untagged), at);
                for tag in found {
                    put(tags, Some(Common::Hashtag(tag)), at);
                }
                let borne = labels.get(&row.post.id).map(Vec::as_slice).unwrap_or_default();
                put(labelled, borne.is_empty().then_some(Common::Unlabelled), at);
                for label in borne {
                    put(labelled, Some(Common::Label(label.words.clone())), at);
                }
            }
        }
        let parts = [By::Kind, By::Length, By::Caption, By::Hashtag, By::Label].into_iter().zip(sorts);
        let part = |(by, places): (By, Places)| (by, compared(&posts, places));
        // One group alone is compared with nothing.
        let parts = parts.map(part).filter(|(_, groups)| groups.len() > 1).collect();
        Ok(Comparison { parts, posts: posts.len(), left_out, young, is_cut })
    }
}

fn compared(posts: &[Told], places: Places) -> Vec<(Common, Group)> {
    let (names, members): (Vec<Common>, Vec<Vec<usize>>) = used(places).into_iter().unzip();
    names.into_iter().zip(groups(posts, &members)).collect()
}
