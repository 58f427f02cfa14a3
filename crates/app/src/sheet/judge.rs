//! What a file's rows would become, judged before anything is made: each fault by its row and column. A fault that stops its row leaves the
//! row out; what the grid can mend is only told. Making goes through the same judgement again.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use domain::board::{self, LABELS_MAX, LabelsProblem};
use domain::caption::utf16_len;
use domain::id::{ConnectionId, MediaId, PostId};
use domain::media::MediaOutcome;
use domain::media::tags::same;
use domain::photos::{Carousel, PHOTO_TITLE_MAX_UTF16, PHOTOS_MAX, PhotoContent};
use domain::post::{Delivery, Disclosure, PostContent};
use domain::schedule::{LocalTime, Resolved, Zone, resolve};
use domain::time::UnixMillis;
use domain::timetable::{self, CAP_WINDOW_MS, Cap};
use store::{Connection, Media};

use super::read::{CARRIED_MAX_BYTES, FILE_MAX_BYTES, Rows};
use super::table::{self, Column};
use crate::posts::{Filled, waits};
use crate::{Actor, App, Error, Result};

/// Longest word of a cell that is told back, characters.
const TOLD_CHARS: usize = 60;
/// Posts around the times of a file that are looked at.
const AROUND_MAX: i64 = 5_000;

/// What is wrong with a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// No account of that name.
    UnknownAccount,
    /// Several accounts have that name.
    ManyAccounts,
    /// No file of that name is in the library.
    UnknownFile,
    /// Several different files have that name.
    ManyFiles,
    /// TikTok would refuse the file.
    UnfitFile,
    /// Videos and photos, or several videos, in one post.
    MixedFiles,
    /// More photos than TikTok takes, or one of them twice.
    UnfitPhotos,
    /// The cell has to be filled.
    Missing,
    /// No audience.
    BadPrivacy,
    /// Neither yes nor no.
    BadAnswer,
    /// No moment of the video, and no picture of the post.
    BadCover,
    /// No date.
    BadDate,
    /// No time of day.
    BadTime,
    /// A date without a time, or the other way round.
    HalfTime,
    /// No time zone.
    BadZone,
    /// The clock skips this time.
    SkippedTime,
    /// It happens twice; the review asks.
    TimeTwice,
    /// It has passed.
    PastTime,
    /// Longer than TikTok takes.
    TooLong {
        /// UTF-16 units used.
        used: usize,
        /// UTF-16 units allowed.
        most: usize,
    },
    /// Longer than a draft may be.
    Endless,
    /// One of the labels is longer than a label may be.
    LongLabel,
    /// More labels than a post may have.
    ManyLabels,
    /// The file brings more new labels than there is room for.
    NoRoomForLabels,
    /// More posts of the account within a day than TikTok usually takes.
    OverCap(Cap),
    /// The account has a post with this file already that waits: as when a file is brought twice.
    Twin,
    /// The account's post with this file went out.
    WentOut {
        /// When.
        at: Option<UnixMillis>,
    },
    /// Another row of the file has this account and this file, too.
    SameAsRow {
        /// Its number.
        row: usize,
    },
}

impl Fault {
    /// Stable name; the text is `sheet-fault-<code>` in the locale files.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownAccount => "unknown-account",
            Self::ManyAccounts => "many-accounts",
            Self::UnknownFile => "unknown-file",
            Self::ManyFiles => "many-files",
            Self::UnfitFile => "unfit-file",
            Self::MixedFiles => "mixed-files",
            Self::UnfitPhotos => "unfit-photos",
            Self::Missing => "missing",
            Self::BadPrivacy => "bad-privacy",
            Self::BadAnswer => "bad-answer",
            Self::BadCover => "bad-cover",
            Self::BadDate => "bad-date",
            Self::BadTime => "bad-time",
            Self::HalfTime => "half-time",
            Self::BadZone => "bad-zone",
            Self::SkippedTime => "skipped-time",
            Self::TimeTwice => "time-twice",
            Self::PastTime => "past-time",
            Self::TooLong { .. } => "too-long",
            Self::Endless => "endless",
            Self::LongLabel => "long-label",
            Self::ManyLabels => "many-labels",
            Self::NoRoomForLabels => "no-room-for-labels",
            Self::OverCap(_) => "over-cap",
            Self::Twin => "twin",
            Self::WentOut { .. } => "went-out",
            Self::SameAsRow { .. } => "same-as-row",
        }
    }

    /// The row is left out for it.
    #[must_use]
    pub const fn stops(&self) -> bool {
        match self {
            Self::UnknownAccount
            | Self::ManyAccounts
            | Self::UnknownFile
            | Self::ManyFiles
            | Self::UnfitFile
            | Self::MixedFiles
            | Self::UnfitPhotos
            | Self::Missing
            | Self::BadPrivacy
            | Self::BadAnswer
            | Self::BadCover
            | Self::BadDate
            | Self::BadTime
            | Self::HalfTime
            | Self::BadZone
            | Self::SkippedTime
            | Self::LongLabel
            | Self::ManyLabels
            | Self::NoRoomForLabels
            | Self::Endless => true,
            Self::TimeTwice
            | Self::PastTime
            | Self::TooLong { .. }
            | Self::OverCap(_)
            | Self::Twin
            | Self::WentOut { .. }
            | Self::SameAsRow { .. } => false,
        }
    }
}

/// A fault with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Number of the row in the sheet, from one.
    pub row: usize,
    /// The column.
    pub column: Column,
    /// What stands there, as far as it is told.
    pub word: String,
    /// What is wrong with it.
    pub fault: Fault,
}

/// A row that would become a draft.
#[derive(Debug, Clone)]
pub struct Judged {
    /// Number of the row in the sheet, from one.
    pub row: usize,
    /// What it would become.
    pub filled: Filled,
    /// Its account has a waiting post with its file already.
    pub is_there: bool,
}

/// What came of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// The drafts, in the order of the rows.
    pub drafts: Vec<PostId>,
    /// Rows that were left out.
    pub left_out: usize,
}

/// What a file would become.
#[derive(Debug, Clone, Default)]
pub struct DryRun {
    /// Rows below the head.
    pub rows: usize,
    /// Those that would become drafts.
    pub ready: Vec<Judged>,
    /// Everything that is wrong, by row.
    pub found: Vec<Found>,
    /// Heads that mean nothing here.
    pub ignored: Vec<String>,
    /// The file as it was read, as a CSV that reads back the same.
    pub as_csv: String,
}

impl App {
    /// What a file would become. Makes nothing.
    ///
    /// # Errors
    /// [`Error::BadInput`] for what is no sheet or lacks a column, [`Error::Limit`] for one that is too large.
    pub async fn sheet_try(&self, actor: &Actor, bytes: Vec<u8>) -> Result<DryRun> {
        self.judge_rows(actor, Rows::of(bytes, FILE_MAX_BYTES).await?).await
    }

    async fn judge_rows(&self, actor: &Actor, Rows(rows): Rows) -> Result<DryRun> {
        let as_csv = super::write::csv_of(rows.iter().map(|(_, cells)| cells.as_slice()))?;
        let mut rows = rows.into_iter();
        let (_, heads) = rows.next().ok_or(Error::BadInput { code: "sheet-empty" })?;
        let columns: Vec<Option<Column>> = heads.iter().map(|head| Column::parse(head)).collect();
        for (needed, code) in [(Column::Account, "sheet-no-account-column"), (Column::File, "sheet-no-file-column")] {
            if !columns.contains(&Some(needed)) {
                return Err(Error::BadInput { code });
            }
        }
        let known = Known::read(self, actor).await?;
        let mut labels: Vec<String> = self.labels(actor).await?.into_iter().map(|label| label.words).collect();
        let mut dry = DryRun {
            as_csv,
            ignored: heads
                .iter()
                .zip(&columns)
                .filter(|(head, it)| it.is_none() && !head.trim().is_empty())
                .map(|(head, _)| told(head))
                .collect(),
            ..DryRun::default()
        };
        for (row, cells) in rows {
            dry.rows = dry.rows.saturating_add(1);
            let mut line = Line { row, columns: &columns, cells: &cells, found: Vec::new() };
            let filled = line.judge(&known);
            let new = line.new_labels(filled.as_ref(), &labels);
            let stopped = line.found.iter().any(|found| found.fault.stops());
            dry.found.extend(line.found);
            if let Some(filled) = filled.filter(|_| !stopped) {
                labels.extend(new);
                dry.ready.push(Judged { row, filled, is_there: false });
            }
        }
        self.warn_of_twins(actor, &mut dry).await?;
        self.warn_of_sheet_caps(&mut dry).await?;
        dry.found.sort_by_key(|found| found.row);
        Ok(dry)
    }

    /// Makes drafts of the rows that can be, all of them or none: of a file, or of [`DryRun::as_csv`]. Rows whose post is there already are
    /// left out unless they are meant `again`.
    ///
    /// # Errors
    /// As [`App::sheet_try`], and [`Error::Limit`] when too many posts wait.
    pub async fn sheet_make(&self, actor: &Actor, bytes: Vec<u8>, again: bool) -> Result<Made> {
        let mut dry = self.judge_rows(actor, Rows::of(bytes, CARRIED_MAX_BYTES).await?).await?;
        dry.ready.retain(|row| again || !row.is_there);
        let drafts = self.create_filled(actor, dry.ready.into_iter().map(|row| row.filled).collect()).await?;
        let left_out = dry.rows.saturating_sub(drafts.len());
        Ok(Made { drafts, left_out })
    }

    /// Rows whose account has a post with the file already, and rows that say the same twice.
    async fn warn_of_twins(&self, actor: &Actor, dry: &mut DryRun) -> Result<()> {
        let shown = |filled: &Filled| match &filled.photos {
            Some(photos) => photos.pictures().to_vec(),
            None => vec![filled.media_id],
        };
        let files: Vec<MediaId> = dry.ready.iter().flat_map(|row| shown(&row.filled)).collect();
        let twins = self.twins(actor, &files).await?;
        let mut first: HashMap<(Vec<MediaId>, ConnectionId), usize> = HashMap::new();
        for one in &mut dry.ready {
            let (files, account) = (shown(&one.filled), one.filled.connection.id);
            let beside = twins.of(&files, account, None);
            one.is_there = beside.iter().any(|twin| waits(twin.state));
            let mut faults = Vec::new();
            if one.is_there {
                faults.push(Fault::Twin);
            } else if let Some(out) = beside.first() {
                faults.push(Fault::WentOut { at: out.published_at });
            }
            match first.entry((files, account)) {
                Entry::Occupied(same) => faults.push(Fault::SameAsRow { row: *same.get() }),
                Entry::Vacant(place) => {
                    place.insert(one.row);
                }
            }
            let found = |fault| Found { row: one.row, column: Column::File, word: String::new(), fault };
            dry.found.extend(faults.into_iter().map(found));
        }
        Ok(())
    }

    /// Counts as the warning for a single post does, with what is planned and all rows of the file.
    async fn warn_of_sheet_caps(&self, dry: &mut DryRun) -> Result<()> {
        let mut wanted: BTreeMap<(ConnectionId, bool), Vec<Wanted>> = BTreeMap::new();
        for Judged { row, filled, .. } in &dry.ready {
            if let (Some(local), Some(zone)) = (filled.local_time, &filled.time_zone) {
                let key = (filled.connection.id, filled.delivery == Delivery::Inbox);
                let at = resolve(local, zone).at();
                wanted.entry(key).or_default().push(Wanted { row: *row, delivery: filled.delivery, at });
            }
        }
        for ((account, _), rows) in wanted {
            let times = || rows.iter().map(|one| one.at);
            let (Some(first), Some(last)) = (times().min(), times().max()) else { continue };
            let from = first.plus_millis(CAP_WINDOW_MS.saturating_neg());
            let planned = self.store.posts_planned(account, from, last, AROUND_MAX).await?;
            for one in &rows {
                let planned = planned.iter().filter(|other| other.delivery == one.delivery).map(|other| other.due_at);
                let beside = rows.iter().filter(|other| other.row != one.row).map(|other| other.at);
                let others: Vec<UnixMillis> = planned.chain(beside).collect();
                if let Some(cap) = timetable::cap(one.delivery, one.at, &others) {
                    let fault = Fault::OverCap(cap);
                    dry.found.push(Found { row: one.row, column: Column::Time, word: String::new(), fault });
                }
            }
        }
        Ok(())
    }
}

/// A time that a row wants.
struct Wanted {
    row: usize,
    delivery: Delivery,
    at: UnixMillis,
}

/// What names in a file can mean.
struct Known {
    connections: Vec<Connection>,
    /// Files by their name in small letters, the newest first.
    by_name: HashMap<String, Vec<Media>>,
    zone: Zone,
    now: UnixMillis,
}

impl Known {
    async fn read(app: &App, actor: &Actor) -> Result<Self> {
        let (files, _) = app.newest(actor).await?;
        let mut by_name: HashMap<String, Vec<Media>> = HashMap::new();
        for media in files.into_iter().filter(|media| media.file_gone_at.is_none()) {
            by_name.entry(media.file_name.to_lowercase()).or_default().push(media);
        }
        Ok(Self {
            connections: app.connections(actor).await?,
            by_name,
            zone: actor.time_zone.parse().unwrap_or_else(|_| Zone::utc()),
            now: app.now(),
        })
    }

    fn account(&self, word: &str) -> std::result::Result<&Connection, Fault> {
        let plain = word.trim().to_lowercase();
        let handle = plain.strip_prefix('@').unwrap_or(&plain);
        if let Some(one) = self.connections.iter().find(|it| it.id.to_string() == plain) {
            return Ok(one);
        }
        let by_handle = |it: &&Connection| it.username.as_deref().is_some_and(|name| name.to_lowercase() == handle);
        let by_name = |it: &&Connection| it.display_name.to_lowercase() == plain;
        let mut found: Vec<&Connection> = self.connections.iter().filter(by_handle).collect();
        if found.is_empty() {
            found = self.connections.iter().filter(by_name).collect();
        }
        match found.as_slice() {
            [] => Err(Fault::UnknownAccount),
            [one] => Ok(one),
            _ => Err(Fault::ManyAccounts),
        }
    }

    fn file(&self, word: &str) -> std::result::Result<&Media, Fault> {
        let plain = word.trim().to_lowercase();
        let named = self.by_name.get(&plain).map(Vec::as_slice).unwrap_or_default();
        let Some(newest) = named.first() else {
            let by_id = self.by_name.values().flatten().find(|media| media.id.to_string() == plain);
            return by_id.ok_or(Fault::UnknownFile);
        };
        // The same content under one name is one file, whichever of them is taken.
        if named.iter().all(|media| media.sha256 == newest.sha256) { Ok(newest) } else { Err(Fault::ManyFiles) }
    }
}

/// The beginning of a cell, as it is told back.
fn told(word: &str) -> String {
    word.trim().chars().take(TOLD_CHARS).collect()
}

/// One row on its way.
struct Line<'a> {
    row: usize,
    columns: &'a [Option<Column>],
    cells: &'a [String],
    found: Vec<Found>,
}

impl<'a> Line<'a> {
    fn cell(&self, column: Column) -> &'a str {
        let place = self.columns.iter().position(|it| *it == Some(column));
        place.and_then(|place| self.cells.get(place)).map_or("", String::as_str)
    }

    fn fault(&mut self, column: Column, fault: Fault) {
        let word = told(self.cell(column));
        self.found.push(Found { row: self.row, column, word, fault });
    }

    fn or_fault<T>(&mut self, column: Column, found: std::result::Result<T, Fault>) -> Option<T> {
        found.map_err(|fault| self.fault(column, fault)).ok()
    }

    fn answer(&mut self, column: Column) -> bool {
        let read = table::yes_or_no(self.cell(column)).ok_or(Fault::BadAnswer);
        self.or_fault(column, read).unwrap_or(false)
    }

    /// Everything is looked at, so that one round tells all that is wrong.
    fn judge(&mut self, known: &Known) -> Option<Filled> {
        let account = match self.cell(Column::Account).trim() {
            "" => Err(Fault::Missing),
            word => known.account(word),
        };
        let connection = self.or_fault(Column::Account, account).cloned();
        let files = self.files(known);
        let is_photos = files.as_ref().is_some_and(|files| files.1.is_some());
        let content = self.content(files.as_ref());
        let (local_time, time_zone) = self.time(known);
        let labels = match board::labels(self.cell(Column::Labels)) {
            Ok(labels) => labels,
            Err(problem) => {
                let fault = match problem {
                    LabelsProblem::TooLong => Fault::LongLabel,
                    LabelsProblem::TooMany => Fault::ManyLabels,
                };
                self.fault(Column::Labels, fault);
                Vec::new()
            }
        };
        let (media_id, photos) = files.map(|(media, photos)| (media.id, photos))?;
        let connection = connection?;
        let direct = connection.scopes.can_publish() || !connection.scopes.can_send_to_inbox();
        let photos = if is_photos { photos } else { None };
        Some(Filled {
            media_id: photos.as_ref().map_or(media_id, Carousel::cover),
            photos,
            content,
            local_time,
            time_zone,
            labels,
            delivery: if direct { Delivery::Direct } else { Delivery::Inbox },
            connection,
        })
    }

    /// The labels of this row that there are not yet, as far as there is room for them.
    fn new_labels(&mut self, filled: Option<&Filled>, there: &[String]) -> Vec<String> {
        let wanted = filled.map_or(&[][..], |filled| filled.labels.as_slice());
        let new: Vec<String> =
            wanted.iter().filter(|word| !there.iter().any(|known| same(known, word))).cloned().collect();
        if !new.is_empty() && there.len().saturating_add(new.len()) > LABELS_MAX {
            self.fault(Column::Labels, Fault::NoRoomForLabels);
        }
        new
    }

    /// One video, or pictures in their order.
    fn files(&mut self, known: &Known) -> Option<(Media, Option<Carousel>)> {
        let names: Vec<&str> = self.cell(Column::File).lines().map(str::trim).filter(|name| !name.is_empty()).collect();
        let read = || -> std::result::Result<(Media, Option<Carousel>), Fault> {
            let files =
                names.iter().map(|name| known.file(name)).collect::<std::result::Result<Vec<&Media>, Fault>>()?;
            let first = *files.first().ok_or(Fault::Missing)?;
            let unfit = |media: &&Media| match media.verdict.outcome {
                MediaOutcome::Accept => false,
                MediaOutcome::Fixable => media.photo().is_some(),
                MediaOutcome::Reject => true,
            };
            if files.iter().any(unfit) {
                return Err(Fault::UnfitFile);
            }
            let photos = files.iter().filter(|media| media.photo().is_some()).count();
            if photos == 0 && files.len() == 1 {
                return Ok((first.clone(), None));
            }
            if photos != files.len() {
                return Err(Fault::MixedFiles);
            }
            let ids: Vec<MediaId> = files.iter().map(|media| media.id).collect();
            if ids.len() > PHOTOS_MAX {
                return Err(Fault::UnfitPhotos);
            }
            let cover = match self.cell(Column::Cover).trim() {
                "" => ids.first(),
                number => number.parse::<usize>().ok().and_then(|number| ids.get(number.checked_sub(1)?)),
            };
            let cover = *cover.ok_or(Fault::BadCover)?;
            Ok((first.clone(), Some(Carousel::new(ids, cover).map_err(|_| Fault::UnfitPhotos)?)))
        };
        match read() {
            Ok(files) => Some(files),
            Err(fault @ Fault::BadCover) => {
                self.fault(Column::Cover, fault);
                None
            }
            Err(fault) => {
                self.fault(Column::File, fault);
                None
            }
        }
    }

    fn content(&mut self, files: Option<&(Media, Option<Carousel>)>) -> PostContent {
        let is_photos = files.is_some_and(|(_, photos)| photos.is_some());
        let privacy = match self.cell(Column::Privacy).trim() {
            "" => None,
            word => {
                let read = table::privacy(word).ok_or(Fault::BadPrivacy);
                self.or_fault(Column::Privacy, read)
            }
        };
        let (your_brand, branded_content) = (self.answer(Column::YourBrand), self.answer(Column::BrandedContent));
        let on = self.answer(Column::Disclosure) || your_brand || branded_content;
        let title = domain::caption::normalise(self.cell(Column::Title)).replace('\n', " ");
        let add_music = self.answer(Column::AddMusic);
        let content = PostContent {
            caption: domain::caption::normalise(self.cell(Column::Caption)),
            privacy,
            allow_comment: self.answer(Column::AllowComment),
            allow_duet: self.answer(Column::AllowDuet),
            allow_stitch: self.answer(Column::AllowStitch),
            disclosure: Disclosure { on, your_brand, branded_content },
            ai_generated: self.answer(Column::AiGenerated),
            cover_ms: if is_photos { None } else { self.cover(files) },
            photos: is_photos.then(|| PhotoContent { title: title.clone(), auto_add_music: add_music }),
        };
        for (column, text, most) in [
            (Column::Caption, &content.caption, content.caption_max_utf16()),
            (Column::Title, &title, PHOTO_TITLE_MAX_UTF16),
        ] {
            let used = utf16_len(text);
            if used > crate::posts::DRAFT_CAPTION_MAX {
                self.fault(column, Fault::Endless);
            } else if used > most {
                self.fault(column, Fault::TooLong { used, most });
            }
        }
        content
    }

    fn cover(&mut self, files: Option<&(Media, Option<Carousel>)>) -> Option<i64> {
        let word = self.cell(Column::Cover).trim();
        if word.is_empty() {
            return None;
        }
        let longest = files.and_then(|(media, _)| media.video()).map_or(i64::MAX, |facts| facts.duration_ms);
        let read = word.parse::<i64>().ok().filter(|ms| (0..=longest).contains(ms)).ok_or(Fault::BadCover);
        self.or_fault(Column::Cover, read).filter(|ms| *ms > 0)
    }

    fn time(&mut self, known: &Known) -> (Option<LocalTime>, Option<Zone>) {
        let (date, time) = self.date_and_time();
        let (Some(date), Some(time)) = (&date, &time) else {
            // One of them alone is no time; what is there but wrong was told already.
            let is_told = self.found.iter().any(|it| matches!(it.fault, Fault::BadDate | Fault::BadTime));
            if date.is_some() != time.is_some() && !is_told {
                let missing = if date.is_some() { Column::Time } else { Column::Date };
                self.fault(missing, Fault::HalfTime);
            }
            return (None, None);
        };
        let zone = match self.cell(Column::Zone).trim() {
            "" => Some(known.zone.clone()),
            word => {
                let read = word.parse::<Zone>().map_err(|_| Fault::BadZone);
                self.or_fault(Column::Zone, read)
            }
        };
        let read = format!("{date}T{time}").parse::<LocalTime>().map_err(|_| Fault::BadDate);
        let local = self.or_fault(Column::Date, read);
        if let (Some(local), Some(zone)) = (local, &zone) {
            match resolve(local, zone) {
                Resolved::Gap { .. } => self.fault(Column::Time, Fault::SkippedTime),
                Resolved::Overlap { .. } => self.fault(Column::Time, Fault::TimeTwice),
                Resolved::Plain { at } if at < known.now => self.fault(Column::Date, Fault::PastTime),
                Resolved::Plain { .. } => {}
            }
        }
        (local, zone)
    }

    /// Both may stand in the column of the date, as a workbook keeps a moment.
    fn date_and_time(&mut self) -> (Option<String>, Option<String>) {
        let (date, time) = (self.cell(Column::Date).trim(), self.cell(Column::Time).trim());
        let (date, time) = match date.split_once([' ', 'T']) {
            Some((day, rest)) if time.is_empty() => (day, rest),
            Some(_) | None => (date, time),
        };
        let date = (!date.is_empty()).then(|| table::date(date).ok_or(Fault::BadDate));
        let time = (!time.is_empty()).then(|| table::time(time).ok_or(Fault::BadTime));
        (
            date.and_then(|read| self.or_fault(Column::Date, read)),
            time.and_then(|read| self.or_fault(Column::Time, read)),
        )
    }
}
