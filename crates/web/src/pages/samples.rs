//! A post, its account, its file and the views around them, as the use cases would hand them over. For tests of pages.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use std::sync::Arc;

use app::history::{AttemptView, PostDetail};
use app::posts::{ComposeTab, ComposeView, Files};
use app::queue::PostRow;
use domain::attempt::{Attempt, Carried, MediaPlan, Mode, NEVER, Snapshot, State, Trace, UncertainCause};
use domain::connection::{ConnectionState, Flavour, Scopes};
use domain::creator::{CreatorSnapshot, CreatorStanding, PrivacyLevel};
use domain::media::{
    Container, FileFacts, MediaFacts, PhotoFacts, PhotoFormat, ThumbnailState, VideoCodec, judge, judge_photo,
};
use domain::photos::{Carousel, PhotoContent};
use domain::post::{Delivery, PostContent, PostState};
use domain::rules::{PostCheck, check, choices};
use domain::time::UnixMillis;
use store::blobs::BlobKey;
use store::label::Label;
use store::{Connection, Media, Post, PostProblem};

/// 24 November 2026, 12:30 UTC.
pub const NOW: UnixMillis = UnixMillis::from_seconds(1_795_523_400);
const ID: &str = "01930000-0000-7000-8000-000000000001";

/// A creator who is offered three audiences and turned stitches off.
pub fn creator() -> CreatorSnapshot {
    CreatorSnapshot {
        nickname: "Кухня дома".to_owned(),
        username: "kitchen.at.home".to_owned(),
        privacy_options: vec![
            PrivacyLevel::PublicToEveryone,
            PrivacyLevel::MutualFollowFriends,
            PrivacyLevel::SelfOnly,
        ],
        comment_disabled: false,
        duet_disabled: false,
        stitch_disabled: true,
        max_video_duration_s: 600,
    }
}

pub fn connection() -> Connection {
    Connection {
        id: ID.parse().unwrap(),
        workspace_id: ID.parse().unwrap(),
        open_id: "open".to_owned(),
        display_name: "Kitchen".to_owned(),
        username: Some("kitchen.at.home".to_owned()),
        flavour: Flavour::Sea,
        scopes: Scopes::parse("user.info.basic,video.publish,video.upload"),
        state: ConnectionState::Active,
        creator: None,
        creator_at: None,
        connected_at: NOW,
        consented_at: NOW,
        updated_at: NOW,
        avatar_sha256: Some("ab".repeat(32)),
    }
}

pub fn media(duration_ms: i64) -> Media {
    let facts = MediaFacts {
        container: Container::Mp4,
        size_bytes: 10_000_000,
        video_codec: VideoCodec::H264,
        audio_codec: None,
        width_px: 1080,
        height_px: 1920,
        rotation_deg: 0,
        duration_ms,
        fps_milli: Some(30_000),
    };
    Media {
        id: ID.parse().unwrap(),
        workspace_id: ID.parse().unwrap(),
        uploaded_by: ID.parse().unwrap(),
        file_name: "morning.mp4".to_owned(),
        size_bytes: 10_000_000,
        sha256: "00".repeat(32),
        blob_key: BlobKey::parse(ID).unwrap(),
        verdict: judge(Ok(&facts)),
        facts: Some(FileFacts::Video(facts)),
        thumbnail: ThumbnailState::Ready,
        created_at: NOW,
        file_gone_at: None,
    }
}

pub fn post(state: PostState, content: PostContent) -> Post {
    Post {
        id: ID.parse().unwrap(),
        workspace_id: ID.parse().unwrap(),
        group_id: ID.parse().unwrap(),
        connection_id: ID.parse().unwrap(),
        media_id: ID.parse().unwrap(),
        photos: None,
        author_id: ID.parse().unwrap(),
        state,
        delivery: Delivery::Direct,
        content,
        revision: 1,
        local_time: None,
        time_zone: None,
        due_at: (state != PostState::Draft).then_some(NOW),
        consent_id: None,
        problem: None,
        published_at: (state == PostState::Published).then_some(NOW),
        tiktok_ids: Vec::new(),
        created_at: NOW,
        updated_at: NOW,
    }
}

/// The post page's view of a draft, judged by the real rules.
pub fn compose(content: PostContent, standing: CreatorStanding, duration_ms: i64) -> ComposeView {
    composed(post(PostState::Draft, content), Files::video(media(duration_ms)), standing)
}

/// Two labels, one of which looks like markup.
pub fn labels() -> Vec<Label> {
    let of = connection();
    let made = |n: u8, words: &str, flavour| Label {
        id: format!("00000000-0000-0000-0000-0000000004{n:02}").parse().unwrap(),
        workspace_id: of.workspace_id,
        person_id: of.workspace_id.to_string().parse().unwrap(),
        words: words.to_owned(),
        flavour,
        at: NOW,
    };
    vec![made(1, "Milk & <honey>", Flavour::Mint), made(2, "Утро", Flavour::Raspberry)]
}

/// A picture of the library.
pub fn picture(n: u8) -> Media {
    let facts = PhotoFacts { format: PhotoFormat::Jpeg, size_bytes: 800_000, width_px: 1080, height_px: 1440 };
    Media {
        id: format!("00000000-0000-0000-0000-0000000000{n:02}").parse().unwrap(),
        file_name: format!("look-{n}.jpg"),
        size_bytes: 800_000,
        verdict: judge_photo(&facts),
        facts: Some(FileFacts::Photo(facts)),
        thumbnail: ThumbnailState::Unavailable,
        ..media(1)
    }
}

/// The post page's view of a draft of these pictures, the second one its cover.
pub fn compose_photos(content: PostContent, standing: CreatorStanding, pictures: Vec<Media>) -> ComposeView {
    let ids: Vec<_> = pictures.iter().map(|media| media.id).collect();
    let carousel = Carousel::new(ids.clone(), ids[1]).unwrap();
    let photos = content.photos.clone().or_else(|| Some(PhotoContent::default()));
    let draft =
        Post { media_id: ids[1], photos: Some(carousel), ..post(PostState::Draft, PostContent { photos, ..content }) };
    let files = Files::photos(pictures, 1).unwrap();
    ComposeView { more_pictures: vec![picture(9)], ..composed(draft, files, standing) }
}

fn composed(post: Post, files: Files, standing: CreatorStanding) -> ComposeView {
    let connection = connection();
    let pictures = files.photo_files();
    let asked = PostCheck {
        delivery: post.delivery,
        content: &post.content,
        files: files.checked(&pictures, true),
        scopes: &connection.scopes,
        connection_state: connection.state,
        standing: Some(&standing),
        due_at: None,
        now: NOW,
        direct_posts_24h: 0,
        upload_limit: None,
    };
    let (problems, choices) = (check(&asked), choices(&asked));
    drop(pictures);
    let current = ComposeTab { post, connection };
    ComposeView {
        batch: Vec::new(),
        earlier: Vec::new(),
        tabs: vec![current.clone()],
        current,
        files,
        out_before: Vec::new(),
        more_pictures: Vec::new(),
        standing: Ok(standing),
        choices,
        snippets: Vec::new(),
        labels: (labels()[..1].to_vec(), labels()),
        note: Some("Ask Anna".to_owned()),
        problems,
        other_connections: Vec::new(),
        direct_posts_24h: 0,
        free_slot: Some(NOW.plus_seconds(86_400)),
        now: NOW,
    }
}

/// One post with everything known about it.
pub fn detail(post: Post) -> PostDetail {
    PostDetail {
        row: PostRow { post, connection: Arc::new(connection()), media: Some(Arc::new(media(6_000))) },
        consent: None,
        events: Vec::new(),
        attempts: Vec::new(),
        note: None,
        labels: labels()[..1].to_vec(),
        all_labels: labels(),
        now: NOW,
    }
}

/// A post of which a person is asked, since `asked_at`, what became of it.
pub fn unknown(asked_at: UnixMillis) -> PostDetail {
    let problem = PostProblem {
        code: "outcome-unknown-disconnected".to_owned(),
        tiktok_code: None,
        log_id: Some("2026LOG".to_owned()),
        detail: None,
        at: asked_at,
    };
    let post = Post { problem: Some(problem), ..post(PostState::NeedsAttention, PostContent::default()) };
    let attempt = Attempt {
        id: ID.parse().unwrap(),
        post_id: post.id,
        connection_id: post.connection_id,
        ordinal: 1,
        mode: Mode::DirectFile,
        epoch: 3,
        due_at: asked_at,
        revision: post.revision,
        snapshot: Snapshot {
            content: post.content.clone(),
            consent_id: ID.parse().unwrap(),
            blob_key: ID.to_owned(),
            mime: "video/mp4".to_owned(),
            carried: Carried { released_at: asked_at, internal_failures: 0, upload_restarts: 0, init_failures: 0 },
            photos: None,
        },
        plan: MediaPlan::new("00".repeat(32), 10_000_000, 10_000_000, 1).unwrap(),
        state: State::Uncertain {
            cause: UncertainCause::Disconnected,
            publish_id: Some("v_pub_file~v2-1.7".to_owned()),
        },
        trace: Trace { url_date: Some(asked_at), ..Trace::default() },
        tries: 0,
        next_at: NEVER,
        created_at: asked_at,
        updated_at: asked_at,
    };
    PostDetail { attempts: vec![AttemptView { attempt, log: Vec::new() }], ..detail(post) }
}
