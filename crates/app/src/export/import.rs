//! Taking an export into an instance that has nobody yet. Owns what is checked before anything is written, and what has to change on the
//! way, so that nothing is published a second time: see docs/export.md.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use async_zip::base::read1::ZipOptions;
use async_zip::base::read1::seek::{ZipArchiveInner, ZipArchiveReader};
use aws_lc_rs::digest::{Context, SHA256};
use domain::board::{POST_LABELS_MAX, is_place};
use domain::id::{MediaId, UserId, WorkspaceId};
use domain::metrics::day_number;
use domain::privacy::retention::{Class, DATA_MAP};
use domain::time::UnixMillis;
use store::PostProblem;
use store::audit::OPERATOR;
use store::blobs::{BlobKey, BlobKind};
use store::export::read::Cell;
use store::export::tables::{ExportTable, TABLES, TakenIn};
use tokio::fs::File;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, BufReader};
use tokio_util::compat::{Compat, FuturesAsyncReadCompatExt as _, TokioAsyncReadCompatExt as _};
use tokio_util::io::ReaderStream;

use super::archive::{hex, length};
use super::build::{FORMAT, Manifest};
use super::{DAY_MS, rows, schema};
use crate::annotations::{AHEAD_DAYS, ANNOTATIONS_MAX, is_note};
use crate::erasure::Said;
use crate::history::{VIEWS_MAX, is_view};
use crate::media::storage;
use crate::{App, Error};

/// Largest file of an export that is taken, bytes.
const FILE_MAX_BYTES: u64 = 8 * 1024 * 1024 * 1024;
/// Largest manifest, bytes.
const MANIFEST_MAX_BYTES: u64 = 64 * 1024 * 1024;
/// Longest line, bytes.
const LINE_MAX_BYTES: u64 = 4 * 1024 * 1024;
/// Most files of an export.
const FILES_MAX: u64 = 200_000;
/// Longest name of a file, bytes.
const NAME_MAX: usize = 200;
/// Rows written in one transaction.
const ROWS: usize = 200;
/// Bytes read at a time.
const BUFFER_BYTES: usize = 256 * 1024;
/// Key in `meta` while an import is under way.
const UNDER_WAY: &str = "import";
/// Why a post that was under way elsewhere stands still here.
const UNDERWAY_ELSEWHERE: &str = "taken-in-underway";

type Reader = Compat<BufReader<File>>;

/// Why an export was not taken in. Nothing was written unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Somebody is here already.
    #[error("this instance has people already; take an export into an empty one")]
    NotEmpty,
    /// An earlier one did not end.
    #[error("an earlier import did not come to its end; begin with an empty data folder and an empty database")]
    Unfinished,
    /// The person was erased from this very instance.
    #[error("this person was erased from this instance, or asked to be; what was erased does not come back")]
    Erased,
    /// It is something else.
    #[error("this is no export that can be taken in: {0}")]
    Foreign(&'static str),
    /// Another version of the format.
    #[error("the export has version {0} of the format, and this program knows version {version} only; use the program it was made for", version = schema::VERSION)]
    Version(u32),
    /// It was changed, or a part is missing.
    #[error("{0} is not what the manifest says; the export was changed or damaged, get it again")]
    Damaged(String),
    /// More than is taken.
    #[error("{0} is larger than anything that is taken")]
    TooLarge(String),
    /// A line cannot be read.
    #[error("line {line} of {file}: {field} is not as it should be")]
    Line {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: u64,
        /// Which field.
        field: &'static str,
    },
    /// The disk or the database refused.
    #[error(transparent)]
    Other(#[from] Error),
}

impl From<store::StoreError> for ImportError {
    fn from(error: store::StoreError) -> Self {
        Self::Other(error.into())
    }
}

impl From<std::io::Error> for ImportError {
    fn from(error: std::io::Error) -> Self {
        Self::Other(error.into())
    }
}

type Result<T> = std::result::Result<T, ImportError>;

/// What an import came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Imported {
    /// Who was taken in.
    pub person: UserId,
    /// Their workspace.
    pub workspace: WorkspaceId,
    /// Rows written.
    pub rows: u64,
    /// Lines kept as they are.
    pub lines: u64,
    /// Files of the library.
    pub files: u64,
    /// Rows left out: attempts that were under way, and what belonged to something that is not in the export.
    pub left_out: u64,
}

/// An archive that is read, twice at once where need be.
struct Source {
    path: std::path::PathBuf,
    inner: Arc<ZipArchiveInner>,
    places: HashMap<String, usize>,
}

fn unreadable(_: async_zip::error::ZipError) -> ImportError {
    ImportError::Foreign("it is no ZIP archive, or it has more or larger files than an export can have")
}

impl Source {
    async fn open(path: &Path) -> Result<Self> {
        let file = BufReader::with_capacity(BUFFER_BYTES, File::open(path).await?).compat();
        let options = ZipOptions {
            max_uncompressed_size_per_file: FILE_MAX_BYTES,
            max_compressed_size_per_file: FILE_MAX_BYTES,
            max_cd_num_files: FILES_MAX,
            max_cd_num_files_load: FILES_MAX,
            max_cd_size_in_bytes: FILES_MAX * 256,
            ..ZipOptions::untrusted()
        };
        let archive = ZipArchiveReader::open_with_options(file, options).await.map_err(unreadable)?;
        let mut places = HashMap::new();
        for (place, record) in archive.cdrs().iter().enumerate() {
            let name = record.insecure_file_name.as_str().unwrap_or_default();
            if !is_a_name(name) {
                return Err(ImportError::Foreign("a file in it has a name that no export has"));
            }
            if places.insert(name.to_owned(), place).is_some() {
                return Err(ImportError::Foreign("a name in it stands there twice"));
            }
        }
        Ok(Self { path: path.to_owned(), inner: Arc::clone(archive.inner()), places })
    }

    async fn reader(&self) -> Result<ZipArchiveReader<Reader>> {
        let file = BufReader::with_capacity(BUFFER_BYTES, File::open(&self.path).await?).compat();
        Ok(ZipArchiveReader::new_with_inner(file, Arc::clone(&self.inner)))
    }

    /// The bytes of a file, unpacked; none beyond `limit`.
    fn has(&self, name: &str) -> bool {
        self.places.contains_key(name)
    }

    async fn entry(&self, name: &str, limit: u64) -> Result<impl tokio::io::AsyncRead + Unpin + use<>> {
        let place = self.places.get(name).copied().ok_or_else(|| ImportError::Damaged(name.to_owned()))?;
        let entry = self.reader().await?.file_oneshot(place).await.map_err(unreadable)?;
        Ok(entry.compat().take(limit))
    }

    async fn whole(&self, name: &str, limit: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut entry = self.entry(name, limit.saturating_add(1)).await?;
        entry.read_to_end(&mut bytes).await.map_err(|_| ImportError::Damaged(name.to_owned()))?;
        if length(&bytes) > limit { Err(ImportError::TooLarge(name.to_owned())) } else { Ok(bytes) }
    }

    async fn manifest(&self) -> Result<Manifest> {
        let bytes = self.whole("manifest.json", MANIFEST_MAX_BYTES).await?;
        let told: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|_| ImportError::Foreign("its manifest cannot be read"))?;
        if told.get("format").and_then(serde_json::Value::as_str) != Some(FORMAT) {
            return Err(ImportError::Foreign("its manifest is of something else"));
        }
        let version = told
            .get("version")
            .and_then(serde_json::Value::as_u64)
            .and_then(|version| u32::try_from(version).ok())
            .unwrap_or(0);
        if version != schema::VERSION {
            return Err(ImportError::Version(version));
        }
        serde_json::from_value(told).map_err(|_| ImportError::Foreign("its manifest cannot be read"))
    }

    /// Every file is what the manifest says, and there is no other.
    async fn verify(&self, manifest: &Manifest) -> Result<u64> {
        let listed: HashSet<_> = manifest.files.iter().map(|file| file.name.as_str()).collect();
        if listed.len() != manifest.files.len() {
            return Err(ImportError::Foreign("its manifest lists a file twice"));
        }
        if self.places.keys().any(|name| name != "manifest.json" && !listed.contains(name.as_str())) {
            return Err(ImportError::Foreign("it holds files that its manifest does not list"));
        }
        let mut media_bytes = 0_u64;
        for file in &manifest.files {
            if file.size_bytes > FILE_MAX_BYTES {
                return Err(ImportError::TooLarge(file.name.clone()));
            }
            let damaged = || ImportError::Damaged(file.name.clone());
            let mut entry = self.entry(&file.name, file.size_bytes.saturating_add(1)).await?;
            let (mut hash, mut size, mut buffer) = (Context::new(&SHA256), 0_u64, vec![0; BUFFER_BYTES]);
            loop {
                let many = entry.read(&mut buffer).await.map_err(|_| damaged())?;
                let Some(bytes) = buffer.get(..many).filter(|bytes| !bytes.is_empty()) else { break };
                hash.update(bytes);
                size = size.saturating_add(length(bytes));
            }
            if size != file.size_bytes || hex(hash) != file.sha256 {
                return Err(damaged());
            }
            if file.name.starts_with("media/") {
                media_bytes = media_bytes.saturating_add(size);
            }
        }
        Ok(media_bytes)
    }
}

/// Names are never paths on this machine; they must not look like others either.
fn is_a_name(name: &str) -> bool {
    let fits = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_'))
    };
    let known = match name.split_once('/') {
        None => ["README.txt", "manifest.json", "outbox.json"].contains(&name),
        Some((folder, rest)) => {
            ["data", "csv", "schemas", "media", "avatars"].contains(&folder) && !rest.contains('/') && fits(rest)
        }
    };
    name.len() <= NAME_MAX && known
}

/// What is known of the rows so far, so that nothing is written that belongs to nothing.
struct Taking<'a> {
    app: &'a App,
    source: &'a Source,
    person: UserId,
    workspace: WorkspaceId,
    now: UnixMillis,
    known: HashMap<&'static str, HashSet<String>>,
    files: HashSet<MediaId>,
    done: Imported,
}

impl App {
    /// Takes an export into this instance, which has nobody yet.
    ///
    /// # Errors
    /// [`ImportError`] says what was found; before [`ImportError::Unfinished`] can happen everything was checked.
    pub async fn import(&self, path: &Path) -> Result<Imported> {
        if self.store.meta_get(UNDER_WAY).await?.is_some() {
            return Err(ImportError::Unfinished);
        }
        if self.store.people_count().await? > 0 {
            return Err(ImportError::NotEmpty);
        }
        let source = Source::open(path).await?;
        let manifest = source.manifest().await?;
        let media_bytes = source.verify(&manifest).await?;
        self.check_disk(media_bytes).await?;
        let (Ok(person), Ok(workspace)) = (manifest.person.parse(), manifest.workspace.parse()) else {
            return Err(ImportError::Foreign("its manifest names nobody"));
        };
        let now = self.now();
        let mut taking = Taking {
            app: self,
            source: &source,
            person,
            workspace,
            now,
            known: HashMap::new(),
            files: HashSet::new(),
            done: Imported { person, workspace, rows: 0, lines: 0, files: 0, left_out: 0 },
        };
        // Everything is read once before anything is written.
        for table in TABLES {
            taking.table(table, false).await?;
        }
        taking.was_not_erased().await?;
        taking.known.clear();
        taking.done = Imported { rows: 0, lines: 0, files: 0, left_out: 0, ..taking.done };
        let mut tx = self.store.begin().await?;
        tx.meta_put(UNDER_WAY, &manifest.made_at).await?;
        tx.commit().await?;
        taking.media(&manifest).await?;
        for table in TABLES {
            taking.table(table, true).await?;
        }
        taking.lines("request", Class::Requests).await?;
        let done = taking.done;
        let mut tx = self.store.begin().await?;
        tx.meta_delete(UNDER_WAY).await?;
        tx.audit_append(now, OPERATOR, "export.import", &person.to_string(), &manifest.made_at).await?;
        tx.commit().await?;
        Ok(done)
    }
}

impl Taking<'_> {
    /// Who was erased here must not come back by this door: the next start would erase them again.
    async fn was_not_erased(&self) -> Result<()> {
        for account in self.known.get("open_id").into_iter().flatten() {
            for said in [Said::PersonErased(account), Said::Leaving(account)] {
                for mark in said.marks(&self.app.keys) {
                    if self.app.store.tombstone(&mark).await?.is_some() {
                        return Err(ImportError::Erased);
                    }
                }
            }
        }
        Ok(())
    }

    /// The files of the library, under their own ids.
    async fn media(&mut self, manifest: &Manifest) -> Result<()> {
        for file in manifest.files.iter().filter(|file| file.name.starts_with("media/")) {
            let id = file.name.trim_start_matches("media/").split('.').next().unwrap_or_default();
            let id: MediaId = id.parse().map_err(|_| ImportError::Foreign("a file of the library has no id"))?;
            let key = BlobKey::of(id.uuid());
            for kind in [BlobKind::Partial, BlobKind::Whole] {
                self.app.blobs.delete(kind, &key).await.map_err(storage)?;
            }
            self.app.blobs.create_partial(&key).await.map_err(storage)?;
            let entry = self.source.entry(&file.name, file.size_bytes).await?;
            let stream = ReaderStream::with_capacity(entry, BUFFER_BYTES);
            self.app.blobs.append(&key, 0, file.size_bytes, stream).await.map_err(storage)?;
            self.app.blobs.finish(&key, file.size_bytes).await.map_err(storage)?;
            self.files.insert(id);
            self.done.files += 1;
        }
        Ok(())
    }

    /// A table: only read, or written as well.
    async fn table(&mut self, table: &'static ExportTable, writes: bool) -> Result<()> {
        match table.taken_in {
            TakenIn::Rows(_) => self.rows(table, writes).await,
            TakenIn::Lines if writes => {
                let class =
                    DATA_MAP.iter().find(|data| data.table == table.name).map_or(Class::Audit, |data| data.class);
                self.lines(table.name, class).await
            }
            // Read to the end, so that what cannot be read is found before anything is written.
            TakenIn::Lines => {
                let name = format!("data/{}.jsonl", table.name);
                let mut lines = LineReader::new(&name, self.source.entry(&name, FILE_MAX_BYTES).await?);
                while lines.next().await?.is_some() {}
                Ok(())
            }
        }
    }

    async fn rows(&mut self, table: &'static ExportTable, writes: bool) -> Result<()> {
        let name = format!("data/{}.jsonl", table.name);
        // An export that was made before there was such a table; what its manifest names is there.
        if !self.source.has(&name) {
            return Ok(());
        }
        let mut lines = LineReader::new(&name, self.source.entry(&name, FILE_MAX_BYTES).await?);
        let mut batch = Vec::new();
        while let Some(line) = lines.next().await? {
            let mut row = rows::from_json(table, &line).map_err(|bad| lines.wrong(bad.0))?;
            // A picture that was gone by the time it was to be written has its row alone.
            let without_picture =
                table.name == "avatar" && rows::avatar_name(&row).is_some_and(|name| !self.source.has(&name));
            if without_picture || !self.fits(table, &mut row) {
                self.done.left_out += 1;
                continue;
            }
            if writes && table.name == "avatar" {
                self.picture(&mut row).await?;
            }
            batch.push(row);
            if batch.len() >= ROWS {
                self.write(table, std::mem::take(&mut batch), writes).await?;
            }
        }
        self.write(table, batch, writes).await
    }

    async fn write(&mut self, table: &'static ExportTable, batch: Vec<Vec<Cell>>, writes: bool) -> Result<()> {
        self.done.rows += u64::try_from(batch.len()).unwrap_or(0);
        if !writes || batch.is_empty() {
            return Ok(());
        }
        let mut tx = self.app.store.begin().await?;
        for row in &batch {
            tx.import_row(table, row, self.person).await?;
        }
        tx.commit().await.map_err(ImportError::from)
    }

    async fn picture(&self, row: &mut [Cell]) -> Result<()> {
        let Some(name) = rows::avatar_name(row) else { return Ok(()) };
        let bytes = self.source.whole(&name, LINE_MAX_BYTES).await?;
        if let Some(last) = row.last_mut() {
            *last = Cell::Bytes(bytes);
        }
        Ok(())
    }

    /// Lines that only the other instance can vouch for: kept as they are, for as long as such things are kept.
    async fn lines(&mut self, table: &str, class: Class) -> Result<()> {
        let days = class.retention().active_days.unwrap_or(30);
        let until = self.now.plus_millis(days.saturating_mul(DAY_MS));
        let name = format!("data/{table}.jsonl");
        let mut lines = LineReader::new(&name, self.source.entry(&name, FILE_MAX_BYTES).await?);
        let (mut batch, mut position) = (Vec::new(), 0_i64);
        loop {
            let line = lines.next().await?;
            let ended = line.is_none();
            batch.extend(line);
            if batch.len() >= ROWS || (ended && !batch.is_empty()) {
                let mut tx = self.app.store.begin().await?;
                for line in std::mem::take(&mut batch) {
                    tx.import_line(self.person, table, (position, &line), until).await?;
                    position += 1;
                    self.done.lines += 1;
                }
                tx.commit().await?;
            }
            if ended {
                return Ok(());
            }
        }
    }

    fn knows(&self, what: &str, id: Option<&str>) -> bool {
        id.is_some_and(|id| self.known.get(what).is_some_and(|ids| ids.contains(id)))
    }

    fn note(&mut self, what: &'static str, id: &str) {
        self.known.entry(what).or_default().insert(id.to_owned());
    }

    /// Whether a row belongs to what is there, after what has to change on the way.
    fn fits(&mut self, table: &'static ExportTable, row: &mut [Cell]) -> bool {
        let field = |name: &str| {
            let place = table.columns.iter().position(|column| column.name == name)?;
            match row.get(place) {
                Some(Cell::Text(text)) => Some(text.clone()),
                Some(Cell::Empty | Cell::Number(_) | Cell::Bytes(_)) | None => None,
            }
        };
        let (person, workspace) = (self.person.to_string(), self.workspace.to_string());
        let ours = |name: &str, id: &str| field(name).as_deref() == Some(id);
        let id = field("id").unwrap_or_default();
        match table.name {
            "person" => {
                if let Some(account) = field("open_id") {
                    self.note("open_id", &account);
                }
                id == person
            }
            "workspace" => id == workspace,
            "member" => ours("workspace_id", &workspace) && ours("user_id", &person),
            "policy_answer" | "inactivity" => ours("person_id", &person),
            "consent_ledger" => {
                let account = field("connection_id");
                ours("person_id", &person) && (account.is_none() || self.knows("connection", account.as_deref()))
            }
            "draft_state" => {
                self.knows("post", field("post_id").as_deref())
                    && self.knows("connection", field("connection_id").as_deref())
            }
            "post_note" => {
                let post = field("post_id");
                put(table, row, "person_id", Cell::Text(person));
                self.knows("post", post.as_deref())
            }
            "connection" => {
                let fits = ours("workspace_id", &workspace);
                if ours("state", "active") {
                    put(table, row, "state", Cell::Text("reconnect_needed".to_owned()));
                }
                if fits {
                    self.note("connection", &id);
                }
                fits
            }
            "avatar" | "rhythm" => self.knows("connection", field("connection_id").as_deref()),
            "media" => {
                let fits = ours("workspace_id", &workspace);
                if !id.parse().is_ok_and(|id| self.files.contains(&id)) && is_empty(table, row, "file_gone_at") {
                    put(table, row, "file_gone_at", Cell::Number(self.now.millis()));
                }
                put(table, row, "uploaded_by", Cell::Text(person));
                if fits {
                    self.note("media", &id);
                }
                fits
            }
            "media_tags" => {
                let file = field("media_id");
                put(table, row, "person_id", Cell::Text(person));
                self.knows("media", file.as_deref())
            }
            "guide" => ours("workspace_id", &workspace),
            "label" => {
                let fits = ours("workspace_id", &workspace);
                put(table, row, "person_id", Cell::Text(person));
                if fits {
                    self.note("label", &id);
                }
                fits
            }
            "idea" => {
                let (fits, account) = (ours("workspace_id", &workspace), field("connection_id"));
                let labels = field("labels").unwrap_or_default();
                put(table, row, "person_id", Cell::Text(person));
                if account.is_some() && !self.knows("connection", account.as_deref()) {
                    put(table, row, "connection_id", Cell::Empty);
                }
                let known = labels.split(',').filter(|it| self.knows("label", Some(it))).take(POST_LABELS_MAX);
                put(table, row, "labels", Cell::Text(known.collect::<Vec<_>>().join(",")));
                settle(table, row, &id);
                fits
            }
            "post_label" => {
                self.knows("post", field("post_id").as_deref()) && self.knows("label", field("label_id").as_deref())
            }
            "board_place" => {
                let post = field("post_id");
                settle(table, row, post.as_deref().unwrap_or_default());
                self.knows("post", post.as_deref())
            }
            "saved_view" => {
                let (name, query) = (field("name").unwrap_or_default(), field("query").unwrap_or_default());
                let fits = ours("workspace_id", &workspace) && is_view(&name, &query);
                put(table, row, "person_id", Cell::Text(person));
                let kept = self.known.entry("saved_view").or_default();
                let fits = fits && kept.len() < VIEWS_MAX;
                if fits {
                    kept.insert(id);
                }
                fits
            }
            "annotation" => {
                let day = table.columns.iter().position(|column| column.name == "day").and_then(|place| row.get(place));
                let day = if let Some(Cell::Number(day)) = day { *day } else { -1 };
                let days = 0..=day_number(self.now).saturating_add(AHEAD_DAYS);
                let (account, words) = (field("connection_id"), field("words").unwrap_or_default());
                let fits = ours("workspace_id", &workspace) && is_note(&words) && days.contains(&day);
                put(table, row, "person_id", Cell::Text(person));
                if account.is_some() && !self.knows("connection", account.as_deref()) {
                    put(table, row, "connection_id", Cell::Empty);
                }
                let kept = self.known.entry("annotation").or_default();
                let fits = fits && kept.len() < ANNOTATIONS_MAX;
                if fits {
                    kept.insert(id);
                }
                fits
            }
            "snippet" => {
                let fits = ours("workspace_id", &workspace);
                put(table, row, "person_id", Cell::Text(person));
                fits
            }
            "post" => {
                let fits = ours("workspace_id", &workspace)
                    && self.knows("connection", field("connection_id").as_deref())
                    && self.knows("media", field("media_id").as_deref());
                let (state, problem) = (field("state"), field("problem").unwrap_or_default());
                put(table, row, "author_id", Cell::Text(person));
                self.park(table, row, state.as_deref().unwrap_or_default(), &problem);
                if fits {
                    self.note("post", &id);
                }
                fits
            }
            "post_photo" => {
                self.knows("post", field("post_id").as_deref()) && self.knows("media", field("media_id").as_deref())
            }
            "consent" | "post_event" => self.knows("post", field("post_id").as_deref()),
            "attempt" => {
                // What was under way belongs to the other instance: this one must never take it up.
                let over = ["published", "delivered", "dead"].into_iter().any(|state| ours("state", state));
                let fits = over
                    && self.knows("post", field("post_id").as_deref())
                    && self.knows("connection", field("connection_id").as_deref());
                if fits {
                    self.note("attempt", &id);
                }
                fits
            }
            _ => self.knows("attempt", field("attempt_id").as_deref()),
        }
    }

    /// A planned post is a draft again, and one that was under way stands still: the other instance may still send either.
    fn park(&self, table: &ExportTable, row: &mut [Cell], state: &str, problem: &str) {
        let underway = state == "publishing" || (state == "needs_attention" && problem.contains("\"outcome-unknown"));
        if !underway && !["scheduled", "needs_attention"].contains(&state) {
            return;
        }
        put(table, row, "consent_id", Cell::Empty);
        if underway {
            let problem = PostProblem {
                code: UNDERWAY_ELSEWHERE.to_owned(),
                tiktok_code: None,
                log_id: None,
                detail: None,
                at: self.now,
            };
            let told = serde_json::to_string(&problem).map_or(Cell::Empty, Cell::Text);
            put(table, row, "state", Cell::Text("failed".to_owned()));
            put(table, row, "problem", told);
        } else {
            put(table, row, "state", Cell::Text("draft".to_owned()));
            put(table, row, "problem", Cell::Empty);
            put(table, row, "due_at", Cell::Empty);
        }
    }
}

fn put(table: &ExportTable, row: &mut [Cell], name: &str, value: Cell) {
    let place = table.columns.iter().position(|column| column.name == name);
    if let Some(cell) = place.and_then(|place| row.get_mut(place)) {
        *cell = value;
    }
}

/// What names no place stands where its id puts it: another text would have another order in each database.
fn settle(table: &ExportTable, row: &mut [Cell], id: &str) {
    let at = table.columns.iter().position(|column| column.name == "place").and_then(|at| row.get(at));
    if !matches!(at, Some(Cell::Text(place)) if is_place(place)) {
        put(table, row, "place", Cell::Text(id.replace('-', "")));
    }
}

fn is_empty(table: &ExportTable, row: &[Cell], name: &str) -> bool {
    let place = table.columns.iter().position(|column| column.name == name);
    place.and_then(|place| row.get(place)) == Some(&Cell::Empty)
}

/// Lines of a file, none of them longer than is allowed.
struct LineReader<R> {
    name: String,
    from: BufReader<R>,
    line: u64,
}

impl<R: tokio::io::AsyncRead + Unpin> LineReader<R> {
    fn new(name: &str, from: R) -> Self {
        Self { name: name.to_owned(), from: BufReader::with_capacity(BUFFER_BYTES, from), line: 0 }
    }

    fn wrong(&self, field: &'static str) -> ImportError {
        ImportError::Line { file: self.name.clone(), line: self.line, field }
    }

    async fn next(&mut self) -> Result<Option<String>> {
        let mut bytes = Vec::new();
        let many = (&mut self.from).take(LINE_MAX_BYTES).read_until(b'\n', &mut bytes).await?;
        if many == 0 {
            return Ok(None);
        }
        self.line += 1;
        if bytes.pop() != Some(b'\n') {
            return Err(self.wrong("line"));
        }
        String::from_utf8(bytes).map(Some).map_err(|_| self.wrong("line"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_an_export_has_are_taken() {
        for good in ["README.txt", "data/post.jsonl", "media/0193-a.mp4", "avatars/x.jpeg", "schemas/post.json"] {
            assert!(is_a_name(good), "{good}");
        }
        for bad in [
            "../x",
            "/etc/passwd",
            "media/../x",
            "media/a/b",
            "media\\x",
            "data/",
            "other/x",
            "media/.x",
            "a",
            "media/ё",
        ] {
            assert!(!is_a_name(bad), "{bad}");
        }
    }
}
