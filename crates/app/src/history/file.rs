//! The history as a file: CSV, a workbook, or JSON. Owns which columns it has and what stands in them.

use domain::post::Delivery;
use domain::time::UnixMillis;
use serde::Serialize;
use store::PostProblem;

use super::{HistoryPage, HistoryQuery, tiktok_links};
use crate::queue::PostRow;
use crate::sheet::{Format, written};
use crate::{Actor, App, Error, Result};

/// Posts that one file has at most, the newest of those asked for; narrower dates bring the others.
pub const FILE_ROWS_MAX: usize = 10_000;
/// Posts that are read at once.
const PORTION: u32 = 500;

/// What kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryFormat {
    /// A table.
    Table(Format),
    /// A list of objects, with every id as a text.
    Json,
}

/// A post as a line of the file. Instants are UTC, RFC 3339.
#[derive(Debug, Serialize)]
struct Line {
    id: String,
    account: String,
    handle: String,
    state: &'static str,
    delivery: &'static str,
    title: String,
    caption: String,
    file: String,
    planned_at: Option<String>,
    planned_local: Option<String>,
    time_zone: Option<String>,
    published_at: Option<String>,
    /// TikTok's word that it is out, or in the inbox, minus the planned time; nothing where a person said so.
    late_seconds: Option<i64>,
    changed_at: String,
    tiktok_ids: Vec<String>,
    links: Vec<String>,
    problem: Option<String>,
    tiktok_code: Option<String>,
    log_id: Option<String>,
    labels: Vec<String>,
    note: Option<String>,
}

/// Heads of the table, how wide each column is in characters, and what stands in it.
type Column = (&'static str, u16, fn(&Line) -> String);

const COLUMNS: [Column; 21] = [
    ("planned_at", 22, |it| it.planned_at.clone().unwrap_or_default()),
    ("account", 18, |it| it.account.clone()),
    ("handle", 18, |it| it.handle.clone()),
    ("state", 14, |it| it.state.to_owned()),
    ("title", 24, |it| it.title.clone()),
    ("caption", 60, |it| it.caption.clone()),
    ("file", 28, |it| it.file.clone()),
    ("planned_local", 18, |it| it.planned_local.clone().unwrap_or_default()),
    ("time_zone", 18, |it| it.time_zone.clone().unwrap_or_default()),
    ("published_at", 22, |it| it.published_at.clone().unwrap_or_default()),
    ("late_seconds", 12, |it| it.late_seconds.map(|seconds| seconds.to_string()).unwrap_or_default()),
    ("changed_at", 22, |it| it.changed_at.clone()),
    ("delivery", 10, |it| it.delivery.to_owned()),
    ("tiktok_ids", 24, |it| it.tiktok_ids.join("\n")),
    ("links", 50, |it| it.links.join("\n")),
    ("problem", 24, |it| it.problem.clone().unwrap_or_default()),
    ("tiktok_code", 24, |it| it.tiktok_code.clone().unwrap_or_default()),
    ("log_id", 24, |it| it.log_id.clone().unwrap_or_default()),
    ("labels", 24, |it| it.labels.join(", ")),
    ("note", 40, |it| it.note.clone().unwrap_or_default()),
    ("id", 38, |it| it.id.clone()),
];

impl Line {
    fn of(row: &PostRow, page: &HistoryPage) -> Self {
        let post = &row.post;
        let (labels, note) = (page.labels.get(&post.id), page.notes.get(&post.id));
        let told = post.published_at.filter(|_| !page.confirmed.contains(&post.id));
        let problem: Option<&PostProblem> = post.problem.as_ref();
        let after = |out: UnixMillis| post.due_at.map(|due| out.millis_since(due).div_euclid(1000));
        Self {
            id: post.id.to_string(),
            account: row.connection.display_name.clone(),
            handle: row.connection.username.clone().unwrap_or_default(),
            state: post.state.as_str(),
            delivery: match post.delivery {
                Delivery::Direct => "direct",
                Delivery::Inbox => "inbox",
            },
            title: post.content.photos.as_ref().map(|photos| photos.title.clone()).unwrap_or_default(),
            caption: post.content.caption.clone(),
            file: row.media.as_ref().map(|media| media.file_name.clone()).unwrap_or_default(),
            planned_at: post.due_at.map(UnixMillis::in_utc),
            planned_local: post.local_time.clone(),
            time_zone: post.time_zone.clone(),
            published_at: post.published_at.map(UnixMillis::in_utc),
            late_seconds: told.and_then(after),
            changed_at: post.updated_at.in_utc(),
            tiktok_ids: post.tiktok_ids.clone(),
            links: tiktok_links(row),
            problem: problem.map(|it| it.code.clone()),
            tiktok_code: problem.and_then(|it| it.tiktok_code.clone()),
            log_id: problem.and_then(|it| it.log_id.clone()),
            labels: labels.into_iter().flatten().map(|label| label.words.clone()).collect(),
            note: note.cloned(),
        }
    }
}

fn lines_of(page: &HistoryPage) -> impl Iterator<Item = Line> {
    page.rows.iter().map(|row| Line::of(row, page))
}

fn bytes_of(lines: &[Line], format: HistoryFormat, now: UnixMillis) -> Result<Vec<u8>> {
    match format {
        HistoryFormat::Json => serde_json::to_vec_pretty(lines).map_err(|error| Error::Io(error.into())),
        HistoryFormat::Table(format) => {
            let mut rows = vec![COLUMNS.map(|(head, ..)| head.to_owned()).to_vec()];
            rows.extend(lines.iter().map(|line| COLUMNS.map(|(.., cell)| cell(line)).to_vec()));
            written(&rows, &COLUMNS.map(|(_, width, _)| width), format, now)
        }
    }
}

impl App {
    /// What the history page shows, as a file: newest first, at most [`FILE_ROWS_MAX`] posts; of words only what is found in as many captions as one
    /// search opens.
    ///
    /// # Errors
    /// [`Error::NotFound`] for a foreign label.
    pub async fn history_file(&self, actor: &Actor, query: &HistoryQuery, format: HistoryFormat) -> Result<Vec<u8>> {
        let mut query = HistoryQuery { before: None, ..query.clone() };
        let mut lines: Vec<Line> = Vec::new();
        let mut budget = self.settings.search_posts_max;
        loop {
            let (page, looked) = self.history_of(actor, &query, PORTION, budget).await?;
            lines.extend(lines_of(&page));
            query.before = page.next;
            budget = budget.saturating_sub(looked);
            let looked_enough = page.looked_back_to.is_some() || (looked > 0 && budget == 0);
            if page.next.is_none() || lines.len() >= FILE_ROWS_MAX || looked_enough {
                break;
            }
        }
        lines.truncate(FILE_ROWS_MAX);
        let now = self.now();
        // A workbook of ten thousand rows takes a while; nobody else waits for it.
        let made = tokio::task::spawn_blocking(move || bytes_of(&lines, format, now)).await;
        made.map_err(|error| Error::Io(std::io::Error::other(error)))?
    }
}
