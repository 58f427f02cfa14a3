//! A report as a table that spreadsheets open: one line for each post. Owns which columns it has.

use domain::time::UnixMillis;

use super::{Report, ReportQuery};
use crate::history::tiktok_links;
use crate::queue::PostRow;
use crate::sheet::{Format, written};
use crate::{Actor, App, Error, Result};

/// Posts that one file has at most.
pub const FILE_ROWS_MAX: u32 = 5_000;

/// Heads of the columns, and how wide each is in characters.
const COLUMNS: [(&str, u16); 15] = [
    ("week", 10),
    ("account", 18),
    ("state", 12),
    ("caption", 60),
    ("planned_at", 22),
    ("published_at", 22),
    ("late_seconds", 12),
    ("views", 12),
    ("likes", 12),
    ("comments", 12),
    ("shares", 12),
    ("read_at", 22),
    ("links", 50),
    ("tiktok_ids", 24),
    ("id", 38),
];

/// Everything is text, so no spreadsheet rounds an id; instants are UTC.
fn rows(report: &Report) -> Vec<Vec<String>> {
    let head = COLUMNS.map(|(name, _)| name.to_owned()).to_vec();
    let text = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let instant = |at: Option<UnixMillis>| at.map(UnixMillis::in_utc).unwrap_or_default();
    let out = report.out.iter().map(|(row, known)| {
        let PostRow { post, connection, .. } = row;
        let told = post.published_at.filter(|_| !report.confirmed.contains(&post.id));
        let late = told.zip(post.due_at).map(|(out, due)| out.millis_since(due).div_euclid(1000));
        let counters = known.map(|it| it.counters).unwrap_or_default();
        vec![
            report.query.week.to_string(),
            connection.display_name.clone(),
            post.state.as_str().to_owned(),
            post.content.caption.clone(),
            instant(post.due_at),
            instant(post.published_at),
            text(late),
            text(counters.views),
            text(counters.likes),
            text(counters.comments),
            text(counters.shares),
            instant(known.and_then(|it| it.read_at)),
            tiktok_links(row).join("\n"),
            post.tiktok_ids.join("\n"),
            post.id.to_string(),
        ]
    });
    let planned = report.planned.iter().flatten().map(|row| {
        let PostRow { post, connection, .. } = row;
        let known = [
            report.query.week.plus(1).map(|it| it.to_string()).unwrap_or_default(),
            connection.display_name.clone(),
            post.state.as_str().to_owned(),
            post.content.caption.clone(),
            instant(post.due_at),
        ];
        let rest = COLUMNS.len().saturating_sub(known.len()).saturating_sub(1);
        let rest = std::iter::repeat_n(String::new(), rest).chain([post.id.to_string()]);
        known.into_iter().chain(rest).collect()
    });
    std::iter::once(head).chain(out).chain(planned).collect()
}

impl App {
    /// The posts of a report, then what is planned for the week after, as a workbook.
    ///
    /// # Errors
    /// As [`App::report`].
    pub async fn report_file(&self, actor: &Actor, query: ReportQuery) -> Result<Vec<u8>> {
        let report = self.report_of(actor, query, FILE_ROWS_MAX, None).await?;
        let now = self.now();
        let widths = COLUMNS.map(|(_, width)| width);
        let made = tokio::task::spawn_blocking(move || written(&rows(&report), &widths, Format::Xlsx, now)).await;
        made.map_err(|error| Error::Io(std::io::Error::other(error)))?
    }
}
