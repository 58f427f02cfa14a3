//! Making files fit, with a real ffmpeg and real databases: what comes out, giving up, crashes, and what is refused.
//!
//! The sandbox around ffmpeg is raised by the binary, whose tests hold it to its word; here ffmpeg has limits alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::wildcard_enum_match_arm
)]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use app::live::LiveChange;
use app::media::deeper::{Deeper, look};
use app::media::probe::traces_path;
use app::media::tools::Isolation;
use app::{Actor, App, AppParts, Clock, Error, Settings, SystemRandom};
use bytes::Bytes;
use domain::id::{MediaId, SessionId};
use domain::media::fit::Trim;
use domain::media::{Container, MediaOutcome, MediaRule, Traces, VideoCodec};
use domain::time::UnixMillis;
use futures::future::BoxFuture;
use futures::stream;
use store::Media;
use store::blobs::Blobs;
use store::rendition::{Rendition, RenditionState};
use store::testing::bucket::BucketServer;
use store::testing::{START, Seed, TestStore, engines};

/// A clock that a test moves.
#[derive(Debug, Default)]
struct HandClock(AtomicI64);

impl Clock for HandClock {
    fn now(&self) -> UnixMillis {
        START.plus_millis(self.0.load(Ordering::Relaxed))
    }

    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.load(Ordering::Relaxed)).unwrap())
    }

    fn sleep_until(&self, _at: UnixMillis) -> BoxFuture<'static, ()> {
        Box::pin(std::future::pending())
    }
}

struct Instance {
    app: Arc<App>,
    clock: Arc<HandClock>,
    actor: Actor,
    folder: PathBuf,
}

impl Instance {
    async fn start(test: &TestStore, change: impl FnOnce(&mut Settings)) -> Self {
        Self::over(Blobs::disk(test.folder().join("blobs")).await.unwrap(), test, change).await
    }

    async fn over(blobs: Blobs, test: &TestStore, change: impl FnOnce(&mut Settings)) -> Self {
        let seed = Seed::write(test).await;
        let mut settings = Settings::new(url::Url::parse("http://127.0.0.1:8080/").unwrap());
        settings.disk_reserve_bytes = Some(0);
        settings.ffmpeg = Some("/usr/bin/ffmpeg".into());
        settings.isolation = Isolation::Off;
        change(&mut settings);
        let credentials =
            tiktok::AppCredentials { client_key: "unused".to_owned(), client_secret: "unused".to_owned().into() };
        let client =
            tiktok::Client::new(credentials, tiktok::Endpoints::production(), tiktok::HttpOptions::default()).unwrap();
        let clock = Arc::new(HandClock::default());
        let folder = test.folder().join("blobs");
        let app = App::new(AppParts {
            exports: store::export::folder::ExportFolder::of(&folder),
            marks: app::erasure::Marks::default(),
            store: test.store().clone(),
            keys: test.keys(),
            journal: store::journal::Journal::memory(),
            blobs,
            tiktok: client,
            clock: clock.clone(),
            random: Arc::new(SystemRandom),
            settings,
        });
        let actor = Actor {
            user_id: seed.user,
            workspace_id: seed.workspace,
            session_id: SessionId::from_uuid(uuid::Uuid::from_u128(1)),
            display_name: "Baker".to_owned(),
            locale: "en".to_owned(),
            time_zone: "UTC".to_owned(),
            theme: "system".to_owned(),
        };
        Self { app, clock, actor, folder }
    }

    async fn upload(&self, path: &Path) -> Media {
        let bytes = std::fs::read(path).unwrap();
        let name = path.file_name().unwrap().to_str().unwrap();
        let length = u64::try_from(bytes.len()).unwrap();
        let upload = self.app.upload_create(&self.actor, name, length).await.unwrap();
        let body = stream::iter([Ok::<_, std::io::Error>(Bytes::from(bytes))]);
        let done = self.app.upload_append(&self.actor, upload.id, 0, body).await.unwrap();
        self.app.media(&self.actor, done.media_id.unwrap()).await.unwrap()
    }

    async fn job(&self, id: MediaId) -> Rendition {
        self.app.fit_of(&self.actor, id).await.unwrap().unwrap()
    }

    /// Makes a file fit and gives the new one.
    async fn fitted(&self, source: &Media, trim: Trim) -> Media {
        self.app.ask_fit(&self.actor, source.id, trim).await.unwrap();
        assert!(self.app.fit_next().await.unwrap());
        let job = self.job(source.id).await;
        assert_eq!((job.state, job.problem), (RenditionState::Ready, None), "{}", source.file_name);
        let made = self.app.media(&self.actor, job.media_id.unwrap()).await.unwrap();
        assert_eq!(made.verdict.outcome, MediaOutcome::Accept);
        assert!(self.app.media_with_file(&self.actor, source.id).await.is_ok(), "the original stays");
        assert_eq!(self.at_work(), 0, "nothing is left where it was made");
        made
    }

    fn path(&self, media: &Media) -> PathBuf {
        self.app.blobs.path(&media.blob_key)
    }

    async fn deeper(&self, media: &Media) -> Deeper {
        let tools = self.app.media_tools().unwrap();
        look(&tools, &self.path(media), media.facts.as_ref().unwrap()).await.unwrap().unwrap()
    }

    fn at_work(&self) -> usize {
        std::fs::read_dir(self.folder.join("workshops")).map_or(0, Iterator::count)
    }

    fn stored(&self) -> usize {
        ["partial", "whole"].map(|part| std::fs::read_dir(self.folder.join(part)).unwrap().count()).iter().sum()
    }
}

fn ffmpeg(arguments: &[&str], to: &Path) -> PathBuf {
    let done = Command::new("ffmpeg").args(["-nostdin", "-v", "error", "-y"]).args(arguments).arg(to).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    to.to_path_buf()
}

/// A video that TikTok refuses three times over, with sound, that says where it was made.
fn unfit(folder: &Path, seconds: u32) -> PathBuf {
    let picture = format!("testsrc2=size=322x200:rate=12:duration={seconds}");
    let sound = format!("sine=duration={seconds}");
    ffmpeg(
        &[
            "-f",
            "lavfi",
            "-i",
            &picture,
            "-f",
            "lavfi",
            "-i",
            &sound,
            "-c:v",
            "libx264",
            "-preset",
            "ultrafast",
            "-pix_fmt",
            "yuv444p",
            "-c:a",
            "libopus",
            "-metadata",
            "location=+55.7500+037.6100/",
        ],
        &folder.join("clip.mkv"),
    )
}

fn code(error: &Error) -> &'static str {
    match error {
        Error::Conflict { code } | Error::BadInput { code } | Error::Limit { code } => code,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_video_that_breaks_three_rules_becomes_one_that_breaks_none() {
    for test in engines().await {
        let it = Instance::start(&test, |_| ()).await;
        let source = it.upload(&unfit(test.folder(), 2)).await;
        let rules: Vec<_> = source.verdict.findings.iter().map(|found| found.rule).collect();
        assert_eq!(rules, [MediaRule::Container, MediaRule::FrameRate, MediaRule::PictureSide]);
        let made = it.fitted(&source, Trim::default()).await;
        let facts = made.video().unwrap();
        assert_eq!((facts.container, &facts.video_codec), (Container::Mp4, &VideoCodec::H264));
        assert_eq!((facts.width_px, facts.height_px), (580, 360));
        assert_eq!((facts.fps_milli, facts.audio_codec.as_deref()), (Some(24_000), Some("mp4a")));
        assert!((1_950..=2_150).contains(&facts.duration_ms), "{}", facts.duration_ms);
        assert_eq!((made.workspace_id, made.uploaded_by), (source.workspace_id, source.uploaded_by));
        assert_eq!(made.file_name, "clip (TikTok).mp4");
        let told = it.deeper(&made).await;
        assert_eq!(traces_path(&it.path(&made)).await.or(told.traces), Traces::default(), "no place is told");
        assert_eq!(told.pixel_format.as_deref(), Some("yuv420p"));
        let bytes = std::fs::read(it.path(&made)).unwrap();
        let at = |name: &[u8]| bytes.windows(4).position(|part| part == name).unwrap();
        assert!(at(b"moov") < at(b"mdat"), "its index comes first");
        assert_eq!(it.app.draw_pending_pictures().await.unwrap(), 2, "both get their small pictures");
    }
}

#[tokio::test]
async fn a_turned_film_of_high_dynamic_range_becomes_an_upright_ordinary_one() {
    let test = engines().await.into_iter().next().unwrap();
    let it = Instance::start(&test, |_| ()).await;
    let flat = ffmpeg(
        &[
            "-f",
            "lavfi",
            "-i",
            "testsrc2=size=640x360:rate=15:duration=1",
            "-c:v",
            "libx265",
            "-preset",
            "ultrafast",
            "-x265-params",
            "log-level=none",
            "-tag:v",
            "hvc1",
            "-pix_fmt",
            "yuv420p10le",
            "-color_primaries",
            "bt2020",
            "-color_trc",
            "smpte2084",
            "-colorspace",
            "bt2020nc",
        ],
        &test.folder().join("flat.mp4"),
    );
    let turned = test.folder().join("turned.mov");
    ffmpeg(&["-i", flat.to_str().unwrap(), "-c", "copy", "-metadata:s:v:0", "rotate=90"], &turned);
    let source = it.upload(&turned).await;
    assert_eq!(it.deeper(&source).await.high_dynamic_range, Some("PQ"));
    let made = it.fitted(&source, Trim::default()).await;
    let facts = made.video().unwrap();
    assert_eq!((facts.width_px, facts.height_px, facts.rotation_deg), (360, 640, 0));
    let told = it.deeper(&made).await;
    assert_eq!((told.high_dynamic_range, told.rotation_deg, told.variable_frame_rate), (None, 0, false));
}

#[tokio::test]
async fn a_part_of_a_video_is_cut_out() {
    let test = engines().await.into_iter().next().unwrap();
    let it = Instance::start(&test, |_| ()).await;
    let source = it.upload(&unfit(test.folder(), 4)).await;
    let made = it.fitted(&source, Trim { from_ms: 1_000, until_ms: Some(2_500) }).await;
    assert!((1_400..=1_650).contains(&made.video().unwrap().duration_ms), "{:?}", made.video());
    // The wish before is over, so another part can be asked for.
    let rest = it.fitted(&source, Trim { from_ms: 2_000, until_ms: None }).await;
    assert!((1_900..=2_150).contains(&rest.video().unwrap().duration_ms), "{:?}", rest.video());
    let refused = it.app.ask_fit(&it.actor, source.id, Trim { from_ms: 9_000, until_ms: None }).await.unwrap_err();
    assert_eq!(code(&refused), "no-such-part");
}

#[tokio::test]
async fn pictures_become_jpegs_of_the_right_size_the_right_way_up() {
    let test = engines().await.into_iter().next().unwrap();
    let it = Instance::start(&test, |_| ()).await;
    let draw = |name: &str| {
        let size = "testsrc2=size=1600x1200";
        ffmpeg(&["-f", "lavfi", "-i", size, "-frames:v", "1"], &test.folder().join(name))
    };
    let picture = |media: &Media| media.photo().map(|photo| (photo.format.name(), photo.width_px, photo.height_px));
    let png = it.upload(&draw("a.png")).await;
    assert_eq!(png.facts, None);
    assert_eq!(picture(&it.fitted(&png, Trim::default()).await), Some(("JPEG", 1440, 1080)));
    let webp = it.upload(&draw("b.webp")).await;
    assert_eq!(picture(&it.fitted(&webp, Trim::default()).await), Some(("JPEG", 1440, 1080)));
    // A phone that was held upright says so beside the picture, and where it was.
    let plain = std::fs::read(draw("c.jpg")).unwrap();
    let tiff = b"MM\0*\0\0\0\x08\0\x02\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\x88\x25\0\x04\0\0\0\x01\0\0\0\0\0\0\0\0";
    let length = u16::try_from(tiff.len() + 8).unwrap().to_be_bytes();
    let held = [&plain[..2], &[0xff, 0xe1], &length, b"Exif\0\0", tiff, &plain[2..]].concat();
    let path = test.folder().join("held.jpg");
    std::fs::write(&path, held).unwrap();
    let held = it.upload(&path).await;
    assert!(traces_path(&it.path(&held)).await.location);
    let made = it.fitted(&held, Trim::default()).await;
    assert_eq!(picture(&made), Some(("JPEG", 1080, 1440)));
    assert_eq!(traces_path(&it.path(&made)).await, Traces::default());
    // What only begins like a picture ends with a reason.
    let path = test.folder().join("broken.png");
    std::fs::write(&path, b"\x89PNG\r\n\x1a\n and then nothing of the kind").unwrap();
    let broken = it.upload(&path).await;
    it.app.ask_fit(&it.actor, broken.id, Trim::default()).await.unwrap();
    it.app.fit_next().await.unwrap();
    let job = it.job(broken.id).await;
    assert_eq!((job.state, job.problem.as_deref()), (RenditionState::Failed, Some("unreadable")));
}

/// Starts on a job in the background and comes back when it has come some way.
async fn under_way(it: &Instance, source: MediaId) -> tokio::task::JoinHandle<bool> {
    let mut heard = it.app.live.subscribe();
    it.app.ask_fit(&it.actor, source, Trim::default()).await.unwrap();
    let app = Arc::clone(&it.app);
    let work = tokio::spawn(async move { app.fit_next().await.unwrap() });
    loop {
        let event = heard.recv().await.unwrap();
        if event.what == LiveChange::Rendition && it.job(source).await.done_permille > 0 {
            return work;
        }
    }
}

#[tokio::test]
async fn whoever_gives_up_or_deletes_the_file_gets_nothing_and_nothing_is_left() {
    for test in engines().await {
        let it = Instance::start(&test, |_| ()).await;
        let source = it.upload(&unfit(test.folder(), 600)).await;
        let stored = it.stored();
        let work = under_way(&it, source.id).await;
        assert_eq!(it.at_work(), 1);
        it.app.cancel_fit(&it.actor, source.id).await.unwrap();
        assert!(work.await.unwrap());
        assert_eq!(it.job(source.id).await.state, RenditionState::Cancelled);
        assert_eq!((it.at_work(), it.stored()), (0, stored));
        // Once it is over, giving up changes nothing; it can be asked for again.
        it.app.cancel_fit(&it.actor, source.id).await.unwrap();
        let work = under_way(&it, source.id).await;
        it.app.media_delete(&it.actor, source.id).await.unwrap();
        assert!(work.await.unwrap());
        assert_eq!((it.at_work(), it.stored()), (0, 0));
        assert!(it.app.fits(&it.actor).await.unwrap().is_empty());
        assert!(!it.app.fit_next().await.unwrap(), "nothing waits");
    }
}

#[tokio::test]
async fn a_result_whose_way_to_the_storage_outlasts_the_lease_stays_with_whoever_made_it() {
    for test in engines().await {
        let server = BucketServer::start().await;
        let blobs = Blobs::bucket(test.folder().join("blobs"), &server.settings()).await.unwrap();
        let it = Instance::over(blobs, &test, |_| ()).await;
        let source = it.upload(&unfit(test.folder(), 1)).await;
        it.app.ask_fit(&it.actor, source.id, Trim::default()).await.unwrap();
        server.hold("PUT");
        let app = Arc::clone(&it.app);
        let work = tokio::spawn(async move { app.fit_next().await });
        server.holding().await;
        it.clock.0.fetch_add(601_000, Ordering::Relaxed);
        let renewed = async {
            while it.app.store.rendition_next(it.app.clock.now()).await.unwrap().is_some() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), renewed).await.expect("it says that it is still at work");
        assert!(!work.is_finished());
        work.abort();
    }
}

#[tokio::test]
async fn a_job_whose_process_died_begins_anew_and_one_that_kills_each_time_is_given_up() {
    for test in engines().await {
        let it = Instance::start(&test, |_| ()).await;
        let source = it.upload(&unfit(test.folder(), 1)).await;
        let job = it.app.ask_fit(&it.actor, source.id, Trim::default()).await.unwrap();
        let die = async || {
            let now = it.app.clock.now();
            let mut tx = it.app.store.begin().await.unwrap();
            assert!(tx.rendition_claim(job.id, "dead", now.plus_seconds(60), now).await.unwrap());
            tx.commit().await.unwrap();
            let left = it.app.blobs.workshop(job.id.uuid());
            std::fs::create_dir_all(&left).unwrap();
            std::fs::write(left.join("out.mp4"), b"half of it").unwrap();
            assert!(!it.app.fit_next().await.unwrap(), "for a while it may still live");
            it.clock.0.fetch_add(61_000, Ordering::Relaxed);
        };
        die().await;
        assert!(it.app.fit_next().await.unwrap());
        let done = it.job(source.id).await;
        assert_eq!((done.state, done.tries), (RenditionState::Ready, 2));
        assert_eq!(it.at_work(), 0, "what the dead one had written is gone");
        let second = it.upload(&unfit(test.folder(), 1)).await;
        let job = it.app.ask_fit(&it.actor, second.id, Trim::default()).await.unwrap();
        for _ in 0..3 {
            let now = it.app.clock.now();
            let mut tx = it.app.store.begin().await.unwrap();
            assert!(tx.rendition_claim(job.id, "dead", now.plus_seconds(60), now).await.unwrap());
            tx.commit().await.unwrap();
            it.clock.0.fetch_add(61_000, Ordering::Relaxed);
        }
        it.app.fit_next().await.unwrap();
        let given_up = it.job(second.id).await;
        assert_eq!((given_up.state, given_up.problem.as_deref()), (RenditionState::Failed, Some("trouble")));
        // What is over is forgotten with its days.
        it.clock.0.fetch_add(31 * 86_400_000, Ordering::Relaxed);
        it.app.purge_served().await.unwrap();
        assert!(it.app.fits(&it.actor).await.unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_cannot_or_need_not_be_done_is_refused_with_its_reason() {
    let test = engines().await.into_iter().next().unwrap();
    let it = Instance::start(&test, |settings| settings.media_quota_bytes = 60_000_000).await;
    let ask = async |id: MediaId| it.app.ask_fit(&it.actor, id, Trim::default()).await.map(drop);
    let path = test.folder().join("good.mp4");
    std::fs::write(&path, tiktok_sim::sample_mp4(540, 960, 30, 3_000, 0)).unwrap();
    let good = it.upload(&path).await;
    assert_eq!(code(&ask(good.id).await.unwrap_err()), "fits-already");
    std::fs::write(&path, b"words").unwrap();
    assert_eq!(code(&ask(it.upload(&path).await.id).await.unwrap_err()), "cannot-fit");
    let source = it.upload(&unfit(test.folder(), 1)).await;
    ask(source.id).await.unwrap();
    assert_eq!(code(&ask(source.id).await.unwrap_err()), "fit-underway");
    let other = engines().await.into_iter().next().unwrap();
    let without = Instance::start(&other, |settings| settings.ffmpeg = None).await;
    let theirs = without.upload(&unfit(other.folder(), 1)).await;
    let refused = without.app.ask_fit(&without.actor, theirs.id, Trim::default()).await.unwrap_err();
    assert_eq!(code(&refused), "no-converter");
    assert!(matches!(ask(theirs.id).await, Err(Error::NotFound { .. })), "somebody else's file is not there");
}
