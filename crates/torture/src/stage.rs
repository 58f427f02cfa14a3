//! The stage of one story: a person, accounts at a fresh simulator, nodes on one database, planned posts with their files.
//!
//! Owns the setting up. What happens then is the run's.

use std::sync::Arc;

use app::{Actor, Settings};
use bytes::Bytes;
use domain::connection::{ConnectionState, Flavour, Scopes};
use domain::consent::{Consent, ConsentSubject, DECLARATION_VERSION, Declaration, PhotoSubject};
use domain::creator::PrivacyLevel;
use domain::id::{ConnectionId, ConsentId, GroupId, MediaId, PostId, SessionId, UserId, WorkspaceId};
use domain::media::{
    Container, FileFacts, MediaFacts, MediaOutcome, MediaVerdict, PhotoFacts, PhotoFormat, ThumbnailState, VideoCodec,
    judge_photo,
};
use domain::photos::{Carousel, PhotoContent, set_sha256};
use domain::post::{Delivery, PostContent, PostState};
use domain::time::UnixMillis;
use secrecy::SecretString;
use store::blobs::BlobKey;
use store::media::Media;
use store::workspace::{Role, Workspace};
use store::{Connection, Person, Post, Store, TombstoneFile};
use tiktok::{AppCredentials, Endpoints, Scope, UploadHosts};
use tiktok_sim::{BaseUrls, ClockMode, MediaPolicy, RefreshRotation, SimConfig, Simulator, UserSpec};
use uuid::Uuid;

use crate::chance::Chance;
use crate::gate::{self, LetOut};
use crate::link::Outbox;
use crate::node::{Ground, Node};
use crate::plot::{PlannedPost, Plot};
use crate::run::{Bench, Error};
use crate::time::{START_MS, TrueTime};

pub(crate) const KEY: &str = "torture";
pub(crate) const SECRET: &str = "torture-secret";
const SCOPES: [&str; 3] = ["user.info.basic", "video.publish", "video.upload"];
/// Length of a file that is one chunk, bytes.
const SMALL_BYTES: usize = 1_500;
/// Length of a picture, bytes.
const PICTURE_BYTES: usize = 1_600;

/// A file that posts may share; hashed once.
#[derive(Clone)]
pub(crate) struct SharedFile {
    pub(crate) bytes: Bytes,
    pub(crate) sha256: String,
}

impl SharedFile {
    pub(crate) fn of(bytes: Vec<u8>) -> Self {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, &bytes);
        let sha256 = digest.as_ref().iter().fold(String::new(), |mut text, byte| {
            use std::fmt::Write as _;
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        Self { bytes: Bytes::from(bytes), sha256 }
    }
}

/// An account of the story.
pub(crate) struct Account {
    pub(crate) username: String,
    pub(crate) connection: ConnectionId,
}

/// A post of the story.
pub(crate) struct StagedPost {
    pub(crate) id: PostId,
    pub(crate) account: usize,
    pub(crate) caption: String,
    pub(crate) sha256: String,
    pub(crate) key: BlobKey,
    pub(crate) no_comments: bool,
    pub(crate) is_photo: bool,
}

/// See the module.
pub(crate) struct Stage {
    pub(crate) time: TrueTime,
    pub(crate) sim: Simulator,
    pub(crate) nodes: Vec<Node>,
    pub(crate) door: Node,
    pub(crate) outbox: Outbox,
    pub(crate) accounts: Vec<Account>,
    pub(crate) posts: Vec<StagedPost>,
    pub(crate) actor: Actor,
    marks: Option<MarksFolder>,
    pub(crate) let_out: LetOut,
}

/// Marks of what ended, beside the database, for as long as the story is told.
type MarksFolder = tempfile::TempDir;

fn uuid(kind: u64, number: usize) -> Uuid {
    Uuid::from_u64_pair(kind, u64::try_from(number).unwrap_or(0).saturating_add(1))
}

impl Stage {
    pub(crate) async fn set(bench: &Bench, plot: &Plot) -> Result<Self, Error> {
        bench.database.reset().await?;
        bench.blobs.clear();
        let time = TrueTime::starting_now();
        let chance = Chance::seeded(plot.seed ^ 0x5EED_0F57_A6E5);
        let sim = simulator(bench, plot)?;
        let outbox = Outbox::default();
        // Files cost time, so only stories that need them have some.
        let marks = match plot.forgets() {
            true => Some(tempfile::tempdir().map_err(|error| Error::System(error.to_string()))?),
            false => None,
        };
        let ground = ground(bench, plot, &sim, time, outbox.clone(), marks.as_ref())?;
        let nodes = plot
            .clock_offsets_ms
            .iter()
            .enumerate()
            .map(|(number, offset)| Node::new(number, &ground, &chance, *offset))
            .collect();
        let door = Node::new(plot.nodes, &ground, &chance, 0);
        let let_out = LetOut::default();
        sim.answer_pulls_with(PUBLIC, gate::router(Arc::clone(door.app()), time, let_out.clone()));
        let (user, workspace) = (UserId::from_uuid(uuid(1, 0)), WorkspaceId::from_uuid(uuid(2, 0)));
        let mut stage = Self {
            time,
            sim,
            nodes,
            door,
            outbox,
            accounts: Vec::new(),
            posts: Vec::new(),
            actor: Actor {
                user_id: user,
                workspace_id: workspace,
                session_id: SessionId::from_uuid(uuid(3, 0)),
                display_name: "Mila".to_owned(),
                locale: "en".to_owned(),
                time_zone: "Europe/Berlin".to_owned(),
                theme: "system".to_owned(),
            },
            marks,
            let_out,
        };
        stage.people().await?;
        for number in 0..plot.accounts {
            stage.connect(number).await?;
        }
        for (number, planned) in plot.posts.iter().enumerate() {
            stage.plan(bench, number, planned).await?;
        }
        Ok(stage)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.door.app().store
    }

    /// On another machine nothing is left of what was noted beside the database.
    pub(crate) fn lose_marks(&self) {
        if let Some(folder) = &self.marks
            && let Err(error) = TombstoneFile::of(folder.path()).replace(&[])
        {
            tracing::error!(%error, "the marks could not be lost");
        }
    }

    fn start(&self) -> UnixMillis {
        UnixMillis::from_millis(START_MS)
    }

    /// What whoever puts a backup back writes into the database.
    pub(crate) async fn mark_restored(&self) -> Result<(), Error> {
        let mut tx = self.store().begin().await?;
        tx.meta_put(app::publishing::RESTORED, "the morning's backup").await?;
        Ok(tx.commit().await?)
    }

    /// Another text in the post's row, with nothing else changed.
    pub(crate) async fn scribble(&self, id: PostId) -> Result<(), Error> {
        let mut tx = self.store().begin().await?;
        if let Some(mut post) = tx.post_any(id).await? {
            post.content.caption.push_str(" (scribbled)");
            tx.post_update(&post, post.revision, post.state).await?;
        }
        Ok(tx.commit().await?)
    }

    async fn people(&self) -> Result<(), Error> {
        let now = self.start();
        let mut tx = self.store().begin().await?;
        tx.person_upsert_by_open_id(&Person {
            id: self.actor.user_id,
            open_id: "person".to_owned(),
            display_name: self.actor.display_name.clone(),
            locale: self.actor.locale.clone(),
            time_zone: self.actor.time_zone.clone(),
            theme: self.actor.theme.clone(),
            adult_confirmed_at: now,
            adult_text_version: "2026-11".to_owned(),
            created_at: now,
        })
        .await?;
        let workspace = Workspace { id: self.actor.workspace_id, name: "Bakery".to_owned(), created_at: now };
        tx.workspace_insert(&workspace, self.actor.user_id).await?;
        tx.member_insert(self.actor.workspace_id, self.actor.user_id, Role::Owner, now).await?;
        Ok(tx.commit().await?)
    }

    async fn connect(&mut self, number: usize) -> Result<(), Error> {
        let username = username(number);
        let grant = self.sim.issue_grant(KEY, &username, &SCOPES)?;
        let connection = ConnectionId::from_uuid(uuid(4, number));
        let now = self.start();
        let row = Connection {
            id: connection,
            workspace_id: self.actor.workspace_id,
            open_id: grant.open_id.clone(),
            display_name: username.clone(),
            username: Some(username.clone()),
            flavour: Flavour::Sea,
            scopes: Scopes::parse(&grant.scope),
            state: ConnectionState::Active,
            creator: None,
            creator_at: None,
            connected_at: now,
            consented_at: now,
            updated_at: now,
            avatar_sha256: None,
        };
        let pair = tiktok::TokenGrant {
            access_token: SecretString::from(grant.access_token),
            expires_in_s: grant.expires_in,
            refresh_token: SecretString::from(grant.refresh_token),
            refresh_expires_in_s: grant.refresh_expires_in,
            open_id: grant.open_id,
            scopes: grant.scope.split(',').map(Scope::parse).collect(),
        };
        let mut tx = self.store().begin().await?;
        tx.connection_upsert(&row).await?;
        self.door.app().tokens.store_grant(&mut tx, connection, &pair, now).await.map_err(app::Error::from)?;
        tx.commit().await?;
        self.accounts.push(Account { username, connection });
        Ok(())
    }

    async fn plan(&mut self, bench: &Bench, number: usize, planned: &PlannedPost) -> Result<(), Error> {
        let Some(connection_id) = self.accounts.get(planned.account).map(|account| account.connection) else {
            return Ok(());
        };
        let now = self.start();
        let (files, approved) = self.files(bench, number, planned, now);
        let Some(first) = files.first() else { return Ok(()) };
        let (media_id, key) = (first.id, first.blob_key.clone());
        let is_photo = planned.pictures > 0;
        let carousel = is_photo.then(|| Carousel::new(files.iter().map(|file| file.id).collect(), media_id).ok());
        let hashes: Vec<String> = files.iter().map(|file| file.sha256.clone()).collect();
        let due_at = now.plus_millis(planned.due_ms.max(0));
        let delivery = if planned.to_inbox { Delivery::Inbox } else { Delivery::Direct };
        let content = PostContent {
            caption: format!("Honey cake {number} \u{1f36f}"),
            privacy: Some(PrivacyLevel::PublicToEveryone),
            allow_comment: !planned.no_comments,
            allow_duet: !is_photo,
            allow_stitch: false,
            photos: is_photo.then(|| PhotoContent { title: "Backstage".to_owned(), auto_add_music: true }),
            ..PostContent::default()
        };
        let subject = ConsentSubject {
            connection_id,
            delivery,
            content: content.clone(),
            media_sha256: if is_photo { set_sha256(hashes.iter().map(String::as_str)) } else { first.sha256.clone() },
            photos: is_photo.then(|| PhotoSubject { sha256: hashes.clone(), cover_index: 0 }),
            due_at,
        };
        let id = PostId::from_uuid(uuid(6, number));
        let consent = Consent {
            id: ConsentId::from_uuid(uuid(7, number)),
            post_id: id,
            user_id: self.actor.user_id,
            given_at: now,
            declaration: Declaration::Music,
            text_version: DECLARATION_VERSION.to_owned(),
            locale: "en".to_owned(),
            fingerprint: subject.fingerprint(),
            subject,
            creator: None,
        };
        let post = Post {
            id,
            workspace_id: self.actor.workspace_id,
            group_id: GroupId::from_uuid(uuid(8, number)),
            connection_id,
            media_id,
            photos: carousel.flatten(),
            author_id: self.actor.user_id,
            state: PostState::Scheduled,
            delivery,
            content: content.clone(),
            revision: 1,
            local_time: None,
            time_zone: None,
            due_at: Some(due_at),
            consent_id: Some(consent.id),
            problem: None,
            published_at: None,
            tiktok_ids: Vec::new(),
            created_at: now,
            updated_at: now,
        };
        let mut tx = self.store().begin().await?;
        for file in &files {
            tx.media_insert(file).await?;
        }
        tx.post_insert(&post).await?;
        tx.consent_insert(&consent).await?;
        tx.commit().await?;
        self.posts.push(StagedPost {
            id,
            account: planned.account,
            caption: content.caption,
            sha256: approved,
            key,
            no_comments: planned.no_comments,
            is_photo,
        });
        Ok(())
    }

    /// The post's video or pictures, stored, and the hash of everything that is to arrive at TikTok.
    fn files(&self, bench: &Bench, number: usize, planned: &PlannedPost, now: UnixMillis) -> (Vec<Media>, String) {
        if planned.pictures == 0 {
            let file = file(bench, number, planned.is_large);
            let key = BlobKey::of(uuid(5, number));
            bench.blobs.put(&key, file.bytes.clone());
            let media = self.media(uuid(5, number), &file, key, now);
            return (vec![media], file.sha256);
        }
        let mut all = Vec::new();
        let mut pictures = Vec::new();
        for picture in 0..planned.pictures {
            let id = uuid(9, number.saturating_mul(100).saturating_add(picture));
            let file = SharedFile::of(id.as_bytes().repeat(PICTURE_BYTES / 16));
            let key = BlobKey::of(id);
            bench.blobs.put(&key, file.bytes.clone());
            all.extend_from_slice(&file.bytes);
            let size_bytes = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
            let facts = PhotoFacts { format: PhotoFormat::Jpeg, size_bytes, width_px: 1080, height_px: 1440 };
            pictures.push(Media {
                file_name: "cake.jpg".to_owned(),
                verdict: judge_photo(&facts),
                facts: Some(FileFacts::Photo(facts)),
                ..self.media(id, &file, key, now)
            });
        }
        (pictures, SharedFile::of(all).sha256)
    }

    fn media(&self, id: Uuid, file: &SharedFile, blob_key: BlobKey, now: UnixMillis) -> Media {
        let size_bytes = u64::try_from(file.bytes.len()).unwrap_or(u64::MAX);
        Media {
            id: MediaId::from_uuid(id),
            workspace_id: self.actor.workspace_id,
            uploaded_by: self.actor.user_id,
            file_name: "cake.mp4".to_owned(),
            size_bytes,
            sha256: file.sha256.clone(),
            blob_key,
            facts: Some(FileFacts::Video(MediaFacts {
                container: Container::Mp4,
                size_bytes,
                video_codec: VideoCodec::H264,
                audio_codec: None,
                width_px: 720,
                height_px: 1280,
                rotation_deg: 0,
                duration_ms: 12_000,
                fps_milli: Some(30_000),
            })),
            verdict: MediaVerdict { outcome: MediaOutcome::Accept, findings: Vec::new() },
            thumbnail: ThumbnailState::Unavailable,
            created_at: now,
            file_gone_at: None,
        }
    }
}

fn username(number: usize) -> String {
    format!("creator{number}")
}

fn file(bench: &Bench, number: usize, is_large: bool) -> SharedFile {
    if is_large && let Some(large) = bench.large_files.get(number.checked_rem(bench.large_files.len()).unwrap_or(0)) {
        return large.clone();
    }
    let seed = u8::try_from(number % 251).unwrap_or(0);
    let bytes: Vec<u8> = (0..SMALL_BYTES).map(|at| u8::try_from(at % 256).unwrap_or(0) ^ seed).collect();
    SharedFile::of(bytes)
}

fn simulator(bench: &Bench, plot: &Plot) -> Result<Simulator, Error> {
    let mut config = SimConfig::demo(KEY, SECRET, ["http://127.0.0.1:8080/oauth/tiktok/callback/"]);
    config.clock = ClockMode::Runtime { at_ms: START_MS };
    config.users = (0..plot.accounts)
        .map(|number| UserSpec { daily_post_cap: 100, ..UserSpec::public(username(number), "Mila bakes") })
        .collect();
    config.seed = plot.seed;
    config.base_urls = Some(BaseUrls::under(ORIGIN));
    config.discard_received = true;
    config.data_dir = Some(bench.folder.path().to_path_buf());
    config.quirks.media = MediaPolicy::Trust;
    config.quirks.refresh_rotation = RefreshRotation::Random;
    config.quirks.refresh_ends_old_access_token = plot.refresh_ends_access;
    config.quirks.repeated_chunk_accepted = plot.repeats_accepted;
    config.quirks.webhook_duplicates = plot.webhooks == crate::plot::Webhooks::Unruly;
    config.quirks.webhook_reorder = plot.webhooks == crate::plot::Webhooks::Unruly;
    for app in &mut config.apps {
        app.verified_prefixes = vec![format!("{PUBLIC}/pull/")];
    }
    if let Some(app) = config.apps.first_mut()
        && plot.webhooks != crate::plot::Webhooks::Lost
    {
        app.webhook_url = Some("http://127.0.0.1:8080/webhooks/tiktok".to_owned());
    }
    Ok(Simulator::new(config)?)
}

const ORIGIN: &str = "http://127.0.0.1:9";

/// Where TikTok believes that pictures are.
const PUBLIC: &str = "https://photos.example";

fn ground(
    bench: &Bench,
    plot: &Plot,
    sim: &Simulator,
    time: TrueTime,
    outbox: Outbox,
    marks: Option<&MarksFolder>,
) -> Result<Ground, Error> {
    let url = tiktok::Url::parse(ORIGIN).map_err(|_| Error::Address)?;
    let own = tiktok::Url::parse("http://127.0.0.1:8080").map_err(|_| Error::Address)?;
    let mut settings = Settings::new(own);
    settings.pull_url = Some(tiktok::Url::parse(PUBLIC).map_err(|_| Error::Address)?);
    settings.early_upload = plot.early_upload;
    settings.hold_when_late_minutes = plot.hold_when_late_minutes;
    Ok(Ground {
        database: bench.database.clone(),
        blobs: bench.blobs.clone(),
        keys: Arc::clone(&bench.keys),
        router: sim.router(),
        credentials: AppCredentials { client_key: KEY.to_owned(), client_secret: SecretString::from(SECRET) },
        endpoints: Endpoints::custom(url.clone(), url.clone(), UploadHosts::origin(&url)),
        settings,
        time,
        outbox,
        shared: plot.shared,
        marks: marks.map(|folder| TombstoneFile::of(folder.path())),
    })
}
