//! The plan written as a spreadsheet: drafts and planned posts, so that the file reads back as it was. Owns the order and the names that are
//! written; the words of cells are the table's.

use domain::id::{ConnectionId, PostId};
use domain::time::UnixMillis;
use store::label::Label;
use store::{Connection, Media, Post};

use super::table::{Column, privacy_word, yes};
use super::write::{Format, written};
use crate::posts::ClockSays;
use crate::{Actor, App, Result};

/// Planned posts that are written at most.
const PLANNED_MAX: u32 = 5_000;

/// Which posts are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PlanFilter {
    /// Of this account alone.
    pub connection: Option<ConnectionId>,
    /// From this instant on; posts without a time are left out then.
    pub from: Option<UnixMillis>,
    /// Before this instant.
    pub until: Option<UnixMillis>,
}

/// How wide a column is shown, characters.
const fn width(column: Column) -> u16 {
    match column {
        Column::Caption => 60,
        Column::File | Column::Title => 28,
        Column::Account | Column::Zone | Column::Labels => 18,
        Column::Privacy
        | Column::AllowComment
        | Column::AllowDuet
        | Column::AllowStitch
        | Column::Disclosure
        | Column::YourBrand
        | Column::BrandedContent
        | Column::AiGenerated
        | Column::Cover
        | Column::AddMusic
        | Column::Date
        | Column::Time
        | Column::State => 14,
    }
}

/// A file of these rows.
fn file_of(rows: &[Vec<String>], format: Format, now: UnixMillis) -> Result<Vec<u8>> {
    written(rows, &Column::ALL.map(width), format, now)
}

fn heads() -> Vec<String> {
    Column::ALL.iter().map(|column| column.head().to_owned()).collect()
}

/// Names that a file's cells can have: those that mean one thing alone, ids where a name would mean several.
struct Names<'a> {
    connections: &'a [Connection],
    files: &'a [Media],
}

impl Names<'_> {
    fn account(&self, id: ConnectionId) -> String {
        let Some(one) = self.connections.iter().find(|it| it.id == id) else { return id.to_string() };
        let same = |a: &str, b: &str| a.to_lowercase() == b.to_lowercase();
        let of_handle = |name: &str| {
            self.connections.iter().filter(|it| it.username.as_deref().is_some_and(|it| same(it, name))).count()
        };
        let of_name = |name: &str| self.connections.iter().filter(|it| same(&it.display_name, name)).count();
        match &one.username {
            Some(name) if of_handle(name) == 1 => name.clone(),
            Some(_) | None if of_name(&one.display_name) == 1 && of_handle(&one.display_name) == 0 => {
                one.display_name.clone()
            }
            Some(_) | None => id.to_string(),
        }
    }

    fn file(&self, media: &Media) -> String {
        let name = media.file_name.to_lowercase();
        let others = self.files.iter().filter(|it| it.file_name.to_lowercase() == name);
        // A name that would be read as another file, or as several lines, is no name.
        let is_plain = !media.file_name.contains(['\n', '\r']) && media.file_name.trim() == media.file_name;
        if is_plain && others.count() == 1 { media.file_name.clone() } else { media.id.to_string() }
    }
}

/// A post as a row.
fn row_of(post: &Post, names: &Names<'_>, files: &[Media], labels: &[Label]) -> Vec<String> {
    let content = &post.content;
    let name = |id| files.iter().find(|media| media.id == id).map_or_else(|| id.to_string(), |it| names.file(it));
    let (date, time) = post.local_time.as_deref().and_then(|local| local.split_once('T')).unwrap_or_default();
    let photos = content.photos.as_ref();
    let cell = |column: Column| match column {
        Column::Account => names.account(post.connection_id),
        Column::File => match &post.photos {
            Some(set) => set.pictures().iter().map(|id| name(*id)).collect::<Vec<_>>().join("\n"),
            None => name(post.media_id),
        },
        Column::Title => photos.map(|photos| photos.title.clone()).unwrap_or_default(),
        Column::Caption => content.caption.clone(),
        Column::Privacy => content.privacy.map(privacy_word).unwrap_or_default().to_owned(),
        Column::AllowComment => yes(content.allow_comment).to_owned(),
        Column::AllowDuet => yes(content.allow_duet).to_owned(),
        Column::AllowStitch => yes(content.allow_stitch).to_owned(),
        Column::Disclosure => yes(content.disclosure.on).to_owned(),
        Column::YourBrand => yes(content.disclosure.your_brand).to_owned(),
        Column::BrandedContent => yes(content.disclosure.branded_content).to_owned(),
        Column::AiGenerated => yes(content.ai_generated).to_owned(),
        Column::Cover => match &post.photos {
            Some(set) => set.cover_index().saturating_add(1).to_string(),
            None => content.cover_ms.map(|ms| ms.to_string()).unwrap_or_default(),
        },
        Column::AddMusic => yes(photos.is_some_and(|photos| photos.auto_add_music)).to_owned(),
        Column::Date => date.to_owned(),
        Column::Time => time.to_owned(),
        Column::Zone => if date.is_empty() { "" } else { post.time_zone.as_deref().unwrap_or_default() }.to_owned(),
        Column::Labels => labels.iter().map(|label| label.words.as_str()).collect::<Vec<_>>().join(", "),
        Column::State => post.state.as_str().to_owned(),
    };
    Column::ALL.into_iter().map(cell).collect()
}

impl App {
    /// The plan as a file: planned posts and drafts by time, drafts without one at the end.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] for a foreign account.
    pub async fn sheet_of_plan(&self, actor: &Actor, filter: &PlanFilter, format: Format) -> Result<Vec<u8>> {
        if let Some(account) = filter.connection {
            self.connection(actor, account).await?;
        }
        let mut posts = self.store.posts_scheduled(actor.workspace_id, PLANNED_MAX).await?;
        posts.extend(self.store.posts_drafts(actor.workspace_id, self.settings.waiting_posts_max).await?);
        let at = |post: &Post| post.due_at.or_else(|| ClockSays::of(post).at());
        posts.retain(|post| {
            filter.connection.is_none_or(|account| post.connection_id == account)
                && filter.from.is_none_or(|from| at(post).is_some_and(|at| at >= from))
                && filter.until.is_none_or(|until| at(post).is_some_and(|at| at < until))
        });
        posts.sort_by_key(|post| (at(post).is_none(), at(post), post.created_at, post.id));
        let (known, _) = self.newest(actor).await?;
        let files = self.media_of(actor, &posts).await?;
        let connections = self.connections(actor).await?;
        let names = Names { connections: &connections, files: &known };
        let mut rows = vec![heads()];
        let ids: Vec<PostId> = posts.iter().map(|post| post.id).collect();
        let labels = self.labels_of(actor, &ids).await?;
        let borne = |id: &PostId| labels.get(id).map_or(&[][..], Vec::as_slice);
        rows.extend(posts.iter().map(|post| row_of(post, &names, &files, borne(&post.id))));
        file_of(&rows, format, self.now())
    }

    /// An empty plan: the heads alone.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn sheet_template(&self, format: Format) -> Result<Vec<u8>> {
        file_of(&[heads()], format, self.now())
    }
}
