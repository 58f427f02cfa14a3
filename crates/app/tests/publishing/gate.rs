//! The instance's public address as TikTok sees it: a small web server in front of the gate, and what photo stories need.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use app::App;
use app::publishing::GateAnswer;
use domain::consent::{Consent, ConsentSubject, Declaration, PhotoSubject};
use domain::id::{ConsentId, MediaId, PostId};
use domain::media::{FileFacts, PhotoFacts, PhotoFormat};
use domain::photos::{Carousel, PhotoContent, set_sha256};
use domain::post::{Delivery, PostContent, PostState};
use futures::StreamExt as _;
use store::blobs::BlobKey;
use store::media::Media;
use store::{GateVisit, Post};
use tiktok_sim::{PullRoute, SimConfig, sample_jpeg};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::world::{World, aws_hex};

/// Where the simulated TikTok believes that the instance is.
pub const PUBLIC: &str = "https://photos.example";

/// The web server.
pub struct Origin {
    address: String,
    app: Arc<Mutex<Option<Arc<App>>>>,
    under_way: Arc<AtomicUsize>,
}

impl Origin {
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let app: Arc<Mutex<Option<Arc<App>>>> = Arc::default();
        let serving = Arc::clone(&app);
        let under_way: Arc<AtomicUsize> = Arc::default();
        let counting = Arc::clone(&under_way);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let app = serving.lock().unwrap().clone();
                let counting = Arc::clone(&counting);
                counting.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(async move {
                    answer(socket, app).await;
                    counting.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        Self { address, app, under_way }
    }

    /// A picture is on its way, so virtual time must not run off.
    pub fn is_busy(&self) -> bool {
        self.under_way.load(Ordering::SeqCst) > 0
    }

    /// From now on this process answers.
    pub fn serve(&self, app: &Arc<App>) {
        *self.app.lock().unwrap() = Some(Arc::clone(app));
    }

    /// Makes the simulator's world know the address.
    pub fn name_to(&self, config: &mut SimConfig, verified: bool) {
        let prefix = if verified { "pull" } else { "elsewhere" };
        for app in &mut config.apps {
            app.verified_prefixes = vec![format!("{PUBLIC}/{prefix}/")];
        }
        config.pull_routes = vec![PullRoute { origin: PUBLIC.to_owned(), fetch_from: self.address.clone() }];
    }
}

async fn answer(mut socket: TcpStream, app: Option<Arc<App>>) {
    let mut request = vec![0; 8192];
    let length = socket.read(&mut request).await.unwrap_or(0);
    let text = String::from_utf8_lossy(&request[..length]).into_owned();
    let path = text.split(' ').nth(1).unwrap_or_default().to_owned();
    let parts: Vec<&str> = path.trim_start_matches("/pull/").split('/').collect();
    let (Some(app), [attempt, word, n]) = (app, parts.as_slice()) else { return };
    let head = |status: &str, length: u64| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")
    };
    let (Ok(attempt), Ok(n)) = (attempt.parse(), n.parse()) else { return };
    match app.pull_gate(attempt, word, n).await {
        Ok(GateAnswer::Open { size_bytes, mut bytes, .. }) => {
            let _ = socket.write_all(head("200 OK", size_bytes).as_bytes()).await;
            while let Some(Ok(piece)) = bytes.next().await {
                let _ = socket.write_all(&piece).await;
            }
        }
        Ok(GateAnswer::NotYet) => drop(socket.write_all(head("503 Later", 0).as_bytes()).await),
        Ok(GateAnswer::Gone) => drop(socket.write_all(head("410 Gone", 0).as_bytes()).await),
        Ok(GateAnswer::Unknown) => drop(socket.write_all(head("404 Unknown", 0).as_bytes()).await),
        Err(_) => {}
    }
}

impl World {
    /// A picture in the library; every one is different.
    pub async fn picture(&mut self) -> Media {
        let id = self.id();
        let mut bytes = sample_jpeg(1080, 1440);
        bytes.extend_from_slice(format!("picture {id}").repeat(3000).as_bytes());
        let key = BlobKey::of(id);
        let size = u64::try_from(bytes.len()).unwrap();
        let sha256 = aws_hex(&bytes);
        self.app.blobs.create_partial(&key).await.unwrap();
        let stream = futures::stream::iter([Ok::<_, std::io::Error>(bytes.into())]);
        self.app.blobs.append(&key, 0, size, stream).await.unwrap();
        self.app.blobs.finish(&key, size).await.unwrap();
        let facts = PhotoFacts { format: PhotoFormat::Jpeg, size_bytes: size, width_px: 1080, height_px: 1440 };
        let media = Media {
            id: MediaId::from_uuid(id),
            workspace_id: self.seed.workspace,
            uploaded_by: self.seed.user,
            file_name: "backstage.jpg".to_owned(),
            size_bytes: size,
            sha256,
            blob_key: key,
            verdict: domain::media::judge_photo(&facts),
            facts: Some(FileFacts::Photo(facts)),
            thumbnail: domain::media::ThumbnailState::Unavailable,
            created_at: self.now(),
            file_gone_at: None,
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.media_insert(&media).await.unwrap();
        tx.commit().await.unwrap();
        media
    }

    /// A consented post of three pictures with the second as its cover, due in so many seconds.
    pub async fn photos(&mut self, delivery: Delivery, due_in_s: i64) -> (Post, Vec<Media>) {
        let mut pictures = Vec::new();
        for _ in 0..3 {
            pictures.push(self.picture().await);
        }
        let post = self.photos_of(&pictures, delivery, due_in_s).await;
        (post, pictures)
    }

    /// A consented post of these pictures with the second as its cover.
    pub async fn photos_of(&mut self, pictures: &[Media], delivery: Delivery, due_in_s: i64) -> Post {
        let ids: Vec<MediaId> = pictures.iter().map(|media| media.id).collect();
        let carousel = Carousel::new(ids.clone(), ids[1]).unwrap();
        let hashes: Vec<String> = pictures.iter().map(|media| media.sha256.clone()).collect();
        let content = PostContent {
            allow_duet: false,
            allow_stitch: false,
            photos: Some(PhotoContent { title: "Backstage".to_owned(), auto_add_music: true }),
            ..Self::content(&format!("Three looks {} \u{1f4f7}", self.next))
        };
        let post_id = PostId::from_uuid(self.id());
        let due_at = self.now().plus_seconds(due_in_s);
        let subject = ConsentSubject {
            connection_id: self.seed.connection,
            delivery,
            content: content.clone(),
            media_sha256: set_sha256(hashes.iter().map(String::as_str)),
            photos: Some(PhotoSubject { sha256: hashes, cover_index: 1 }),
            due_at,
        };
        let consent = Consent {
            id: ConsentId::from_uuid(self.id()),
            post_id,
            user_id: self.seed.user,
            given_at: self.now(),
            declaration: Declaration::Music,
            text_version: domain::consent::DECLARATION_VERSION.to_owned(),
            locale: "en".to_owned(),
            fingerprint: subject.fingerprint(),
            subject,
            creator: None,
        };
        let post = Post {
            id: post_id,
            media_id: carousel.cover(),
            photos: Some(carousel),
            delivery,
            content,
            due_at: Some(due_at),
            consent_id: Some(consent.id),
            ..self.seed.post(self.next, PostState::Scheduled)
        };
        let mut tx = self.store.begin().await.unwrap();
        tx.post_insert(&post).await.unwrap();
        tx.consent_insert(&consent).await.unwrap();
        tx.commit().await.unwrap();
        self.app.engine_nudge.notify_one();
        post
    }

    /// What was served of each attempt of a post.
    pub async fn visits(&self, post: &Post) -> Vec<Vec<GateVisit>> {
        let mut all = Vec::new();
        for attempt in self.attempts(post).await {
            all.push(self.store.gate_visits(attempt.id).await.unwrap());
        }
        all
    }

    /// The hash of what was approved, as the simulator counts it: over all bytes, one file after the other.
    pub async fn approved_sha256(&self, post: &Post) -> String {
        let Some(photos) = &post.photos else {
            return self.store.media_any(post.media_id).await.unwrap().unwrap().sha256;
        };
        let mut bytes = Vec::new();
        for picture in photos.pictures() {
            let media = self.store.media_any(*picture).await.unwrap().unwrap();
            bytes.extend(std::fs::read(self.app.blobs.path(&media.blob_key)).unwrap());
        }
        aws_hex(&bytes)
    }
}
