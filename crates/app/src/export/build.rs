//! What is written into an export, in which order, and how far it is. Owns the contents; the form of the archive is `archive`'s, of rows
//! `rows`'. Reads portion by portion, so that memory stays the same however much there is.

use std::collections::HashSet;
use std::path::Path;

use domain::id::{SessionId, UserId};
use domain::media::FileFacts;
use serde::{Deserialize, Serialize};
use store::Media;
use store::blobs::BlobError;
use store::export::folder::aside;
use store::export::read::{Cell, ExportScope, Place};
use store::export::tables::{ExportTable, TABLES};

use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::archive::{Archive, Aside, Entry, ListedFile, Pack};
use super::beat::Beat;
use super::{rows, schema};
use crate::media::storage;
use crate::random::secret_hash;
use crate::{App, Result};

/// Name of the format.
pub(super) const FORMAT: &str = "moloko-export";
/// Rows of the library read at once.
const FILES: i64 = 100;
/// Digits by which the request log knows a session.
const SESSION_DIGITS: usize = 8;
const README: &str = include_str!("readme.txt");

/// What an export is, of whom and when, and every other file in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// What this format is called.
    pub format: String,
    /// [`schema::VERSION`].
    pub version: u32,
    /// When it was made, UTC.
    pub made_at: String,
    /// The address of the instance that made it.
    pub instance: String,
    /// Whose it is.
    pub person: String,
    /// Whose data is in it with theirs.
    pub workspace: String,
    /// With the files that were uploaded.
    pub with_media: bool,
    /// Every other file in it, in order.
    pub files: Vec<ListedFile>,
}

/// Where the file of the library lies in an export.
pub(super) fn media_name(media: &Media) -> String {
    let end = match media.facts.as_ref().map(FileFacts::mime) {
        Some("video/mp4") => "mp4",
        Some("video/quicktime") => "mov",
        Some("video/webm") => "webm",
        Some("video/x-matroska") => "mkv",
        Some("image/jpeg") => "jpg",
        Some("image/webp") => "webp",
        Some(_) | None => "bin",
    };
    format!("media/{}.{end}", media.id)
}

/// A build that is under way.
struct Work<'a> {
    app: &'a App,
    archive: Archive<'a>,
    path: &'a Path,
    scope: ExportScope,
    beat: &'a mut Beat<'a>,
}

impl App {
    /// Writes an export to a file; what was there before is gone. A build that ends early leaves a part that is no archive.
    pub(super) async fn build_export<'a>(
        &'a self,
        scope: ExportScope,
        with_media: bool,
        path: &'a Path,
        beat: &'a mut Beat<'a>,
    ) -> Result<()> {
        let extent = self.store.export_extent(scope.workspace).await?;
        let files = if with_media { extent.files } else { 0 };
        // Each post is written into its table, and into the collection for other programs.
        beat.begin(extent.posts.saturating_mul(2).saturating_add(files)).await?;
        let mut work = Work { app: self, archive: Archive::create(self, path)?, path, scope, beat };
        work.archive.whole("README.txt", README.as_bytes()).await?;
        for name in schema::names() {
            if let Some(schema) = schema::schema(name) {
                work.archive.whole(&format!("schemas/{name}.json"), format!("{schema:#}\n").as_bytes()).await?;
            }
        }
        for table in TABLES {
            work.table(table).await?;
        }
        work.requests().await?;
        self.export_outbox(&mut work.archive, &scope, work.beat).await?;
        work.avatars().await?;
        if with_media {
            work.media().await?;
        }
        let manifest = Manifest {
            format: FORMAT.to_owned(),
            version: schema::VERSION,
            made_at: self.now().in_utc(),
            instance: self.settings.public_url.to_string(),
            person: scope.person.to_string(),
            workspace: scope.workspace.to_string(),
            with_media,
            files: work.archive.listed().to_vec(),
        };
        let text = serde_json::to_string_pretty(&manifest).map_err(std::io::Error::other)?;
        work.archive.whole("manifest.json", format!("{text}\n").as_bytes()).await?;
        work.archive.close().await
    }
}

/// An entry of lines and the same as CSV, collected beside the archive until the entry is finished.
struct Twin<'a> {
    entry: Entry<'a>,
    csv: Aside,
    columns: Vec<&'static str>,
}

impl Twin<'_> {
    async fn line(&mut self, line: &str) -> Result<()> {
        self.entry.write(format!("{line}\n").as_bytes()).await?;
        self.csv.write(rows::csv_of_json(&self.columns, line).as_bytes()).await
    }

    /// What an earlier instance wrote into the file of this name comes before what this one knows.
    async fn imported(&mut self, app: &App, person: UserId, file: &str) -> Result<()> {
        let mut after = -1;
        loop {
            let some = app.store.imported_lines(person, file, after).await?;
            let Some((last, _)) = some.last() else { return Ok(()) };
            after = *last;
            for (_, line) in &some {
                self.line(line).await?;
            }
        }
    }
}

impl Work<'_> {
    /// Opens the lines of a file and its CSV.
    async fn twin(&mut self, name: &str, columns: Vec<&'static str>) -> Result<Twin<'_>> {
        let mut csv = Aside::create(aside(self.path, 0))?;
        csv.write(rows::csv(columns.iter().map(|name| (*name).to_owned())).as_bytes()).await?;
        let entry = self.archive.begin(format!("data/{name}.jsonl"), Pack::Deflate).await?;
        let mut twin = Twin { entry, csv, columns };
        twin.imported(self.app, self.scope.person, name).await?;
        Ok(twin)
    }

    async fn collected(&mut self, name: &str, mut csv: Aside) -> Result<()> {
        let mut file = csv.reread().await?;
        self.archive.copy(format!("csv/{name}.csv"), Pack::Deflate, &mut file, self.beat).await
    }

    async fn table(&mut self, table: &'static ExportTable) -> Result<()> {
        let (app, scope) = (self.app, self.scope);
        let columns = table.columns.iter().map(|column| column.name).collect();
        let mut posts = 0;
        let mut twin = self.twin(table.name, columns).await?;
        let mut place = Some(Place::default());
        while let Some(from) = place {
            let portion = app.store.export_portion(table, &scope, &from).await?;
            let (mut json, mut csv) = (String::new(), String::new());
            for row in &portion.rows {
                json.push_str(&rows::json_line(table, row));
                csv.push_str(&rows::csv_line(table, row));
            }
            twin.entry.write(json.as_bytes()).await?;
            twin.csv.write(csv.as_bytes()).await?;
            posts += i64::try_from(portion.rows.len()).unwrap_or(0);
            tokio::task::yield_now().await;
            place = portion.next;
        }
        let Twin { entry, csv, .. } = twin;
        entry.finish().await?;
        self.beat.more(if table.name == "post" { posts } else { 0 }).await?;
        self.collected(table.name, csv).await
    }

    /// The person's own lines of the request log, known by their sessions.
    async fn requests(&mut self) -> Result<()> {
        let sessions = self.app.store.sessions_of(self.scope.person, self.app.now()).await?;
        let digits = |id: SessionId| secret_hash(&id.to_string()).chars().take(SESSION_DIGITS).collect::<String>();
        let own: HashSet<_> = sessions.into_iter().map(|session| digits(session.id)).collect();
        let mut found = Aside::create(aside(self.path, 1))?;
        let (folder, into) = (self.app.exports.requests(), aside(self.path, 1));
        let search = tokio::task::spawn_blocking(move || store::requests::lines_of(&folder, &own, &into));
        search.await.map_err(std::io::Error::other)??;
        let mut lines = BufReader::new(found.reread().await?).lines();
        let mut twin = self.twin("request", schema::REQUEST_COLUMNS.to_vec()).await?;
        while let Some(line) = lines.next_line().await? {
            twin.line(&line).await?;
        }
        let Twin { entry, csv, .. } = twin;
        entry.finish().await?;
        self.collected("request", csv).await
    }

    async fn avatars(&mut self) -> Result<()> {
        let Some(table) = store::export::tables::table("avatar") else { return Ok(()) };
        let mut place = Some(Place::default());
        while let Some(from) = place {
            let portion = self.app.store.export_portion(table, &self.scope, &from).await?;
            for row in &portion.rows {
                if let (Some(name), Some(Cell::Bytes(bytes))) = (rows::avatar_name(row), row.last()) {
                    let mut entry = self.archive.begin(name, Pack::Store).await?;
                    entry.write(bytes).await?;
                    entry.finish().await?;
                }
            }
            place = portion.next;
        }
        Ok(())
    }

    async fn media(&mut self) -> Result<()> {
        let mut before = None;
        loop {
            let files = self.app.store.media_list(self.scope.workspace, before, FILES).await?;
            let Some(last) = files.last() else { return Ok(()) };
            before = Some((last.created_at, last.id));
            for media in &files {
                match self.app.blobs.read_at(&media.blob_key, 0).await {
                    Ok(mut file) => self.archive.copy(media_name(media), Pack::Store, &mut file, self.beat).await?,
                    // Deleted in this very moment.
                    Err(BlobError::Missing(_)) => {}
                    Err(error) => return Err(storage(error)),
                }
                self.beat.more(1).await?;
            }
        }
    }
}
