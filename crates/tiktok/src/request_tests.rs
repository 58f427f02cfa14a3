//! What exactly goes on the wire for each call, and what is never sent.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use url::Url;

use super::*;
use crate::endpoint::UploadHosts;

fn token() -> SecretString {
    "act.sim0001!5259".into()
}

fn app() -> AppCredentials {
    AppCredentials { client_key: "aw_sim_live_01".into(), client_secret: "hush&=".into() }
}

fn text(request: &Request) -> String {
    match &request.body {
        Body::Bytes(bytes) => String::from_utf8(bytes.to_vec()).unwrap(),
        Body::Empty => String::new(),
        Body::Stream(_) => panic!("a stream has no text"),
    }
}

fn body(request: &Request) -> Value {
    serde_json::from_str(&text(request)).unwrap()
}

fn video(title: &str) -> DirectVideo {
    DirectVideo {
        title: title.into(),
        privacy_level: PrivacyLevel::PublicToEveryone,
        disable_comment: false,
        disable_duet: true,
        disable_stitch: true,
        video_cover_timestamp_ms: Some(1500),
        brand_content_toggle: false,
        brand_organic_toggle: true,
        is_aigc: false,
        plan: ChunkPlan::for_size(66_259_900).unwrap(),
    }
}

#[test]
fn a_code_is_form_encoded_again_with_key_secret_and_redirect_address() {
    let request =
        exchange_code(&Endpoints::production(), &app(), "simcode-7Qm*0!6410", "https://demo.example/cb/", None)
            .unwrap();
    assert_eq!(request.url.as_str(), "https://open.tiktokapis.com/v2/oauth/token/");
    assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
    assert_eq!(
        text(&request),
        "client_key=aw_sim_live_01&client_secret=hush%26%3D&grant_type=authorization_code\
         &code=simcode-7Qm*0%216410&redirect_uri=https%3A%2F%2Fdemo.example%2Fcb%2F"
    );
}

#[test]
fn refresh_and_revoke_carry_no_redirect_address() {
    let refreshed = text(&refresh(&Endpoints::production(), &app(), &"rft.1".into()).unwrap());
    assert!(refreshed.ends_with("&grant_type=refresh_token&refresh_token=rft.1"));
    let revoked = text(&revoke(&Endpoints::production(), &app(), &token()).unwrap());
    assert!(revoked.starts_with("client_key=") && revoked.ends_with("&token=act.sim0001%215259"));
}

#[test]
fn a_direct_video_states_every_option() {
    let request = init_video(&Endpoints::production(), &token(), &video("Новый выпуск #moloko")).unwrap();
    assert_eq!(request.headers["content-type"], "application/json; charset=UTF-8");
    assert_eq!(request.headers["authorization"], "Bearer act.sim0001!5259");
    assert!(request.headers["authorization"].is_sensitive());
    assert_eq!(
        body(&request),
        json!({
            "post_info": {
                "title": "Новый выпуск #moloko", "privacy_level": "PUBLIC_TO_EVERYONE",
                "disable_duet": true, "disable_stitch": true, "disable_comment": false,
                "video_cover_timestamp_ms": 1500,
                "brand_content_toggle": false, "brand_organic_toggle": true, "is_aigc": false,
            },
            "source_info": {
                "source": "FILE_UPLOAD", "video_size": 66_259_900,
                "chunk_size": 10_000_000, "total_chunk_count": 6,
            },
        })
    );
}

#[test]
fn an_empty_caption_and_no_cover_are_left_out() {
    let mut video = video("");
    video.video_cover_timestamp_ms = None;
    let request = init_video(&Endpoints::production(), &token(), &video).unwrap();
    let info = &body(&request)["post_info"];
    assert!(info.get("title").is_none() && info.get("video_cover_timestamp_ms").is_none());
}

#[test]
fn captions_are_counted_in_utf16_units() {
    let try_with = |title: String| init_video(&Endpoints::production(), &token(), &video(&title)).map(|_| ());
    assert!(try_with("я".repeat(2_200)).is_ok());
    assert!(try_with("🥛".repeat(1_100)).is_ok());
    assert_eq!(
        try_with("🥛".repeat(1_101)),
        Err(Refusal::TooLong { what: "the caption", unit: "UTF-16 units", limit: 2_200, actual: 2_202 })
    );
}

#[test]
fn an_impossible_plan_or_cover_never_leaves() {
    let mut wrong_plan = video("x");
    wrong_plan.plan.chunk_count = 7;
    assert!(init_video(&Endpoints::production(), &token(), &wrong_plan).is_err());
    let mut wrong_cover = video("x");
    wrong_cover.video_cover_timestamp_ms = Some(-1);
    assert!(init_video(&Endpoints::production(), &token(), &wrong_cover).is_err());
}

#[test]
fn an_inbox_draft_carries_the_plan_and_nothing_else() {
    let plan = ChunkPlan::for_size(4_194_304).unwrap();
    let request = init_inbox_video(&Endpoints::production(), &token(), &plan).unwrap();
    assert_eq!(
        body(&request),
        json!({"source_info": {
            "source": "FILE_UPLOAD", "video_size": 4_194_304, "chunk_size": 4_194_304, "total_chunk_count": 1,
        }})
    );
}

#[test]
fn a_pulled_video_names_only_its_address_and_needs_https() {
    let pull = |url: &str| PullVideo { options: video("x"), video_url: Url::parse(url).unwrap() };
    let endpoints = Endpoints::production();
    let request = init_pull_video(&endpoints, &token(), &pull("https://m.example/v/a.mp4")).unwrap();
    assert_eq!(
        body(&request)["source_info"],
        json!({"source": "PULL_FROM_URL", "video_url": "https://m.example/v/a.mp4"})
    );
    assert!(init_pull_video(&endpoints, &token(), &pull("http://m.example/v/a.mp4")).is_err());
}

fn photo(count: usize, cover_index: u32) -> PhotoPost {
    PhotoPost {
        mode: PhotoMode::DirectPost {
            privacy_level: PrivacyLevel::SelfOnly,
            disable_comment: true,
            auto_add_music: false,
            brand_content_toggle: false,
            brand_organic_toggle: false,
        },
        title: "Backstage".into(),
        description: "Фото со съёмки #moloko".into(),
        images: (0..count).map(|n| Url::parse(&format!("https://m.example/v/{n}.jpg")).unwrap()).collect(),
        cover_index,
    }
}

#[test]
fn a_photo_post_has_the_documented_shape() {
    let request = init_photo(&Endpoints::production(), &token(), &photo(2, 1)).unwrap();
    assert_eq!(
        body(&request),
        json!({
            "media_type": "PHOTO", "post_mode": "DIRECT_POST",
            "post_info": {
                "title": "Backstage", "description": "Фото со съёмки #moloko", "privacy_level": "SELF_ONLY",
                "disable_comment": true, "auto_add_music": false,
                "brand_content_toggle": false, "brand_organic_toggle": false,
            },
            "source_info": {
                "source": "PULL_FROM_URL", "photo_cover_index": 1,
                "photo_images": ["https://m.example/v/0.jpg", "https://m.example/v/1.jpg"],
            },
        })
    );
}

#[test]
fn a_photo_draft_keeps_its_texts_only() {
    let mut post = photo(1, 0);
    post.mode = PhotoMode::MediaUpload;
    let request = init_photo(&Endpoints::production(), &token(), &post).unwrap();
    assert_eq!(body(&request)["post_info"], json!({"title": "Backstage", "description": "Фото со съёмки #moloko"}));
    assert_eq!(body(&request)["post_mode"], "MEDIA_UPLOAD");
}

#[test]
fn photo_limits_are_checked_before_sending() {
    let refused = |post: &PhotoPost| init_photo(&Endpoints::production(), &token(), post).is_err();
    assert!(refused(&photo(0, 0)));
    assert!(!refused(&photo(35, 34)));
    assert!(refused(&photo(36, 0)));
    assert!(refused(&photo(2, 2)));
    let mut long_title = photo(1, 0);
    long_title.title = "x".repeat(91);
    assert!(refused(&long_title));
    let mut long_description = photo(1, 0);
    long_description.description = "x".repeat(4_001);
    assert!(refused(&long_description));
}

fn chunk_request(url: &str, mime: &str) -> Result<Request, Refusal> {
    let plan = ChunkPlan::for_size(66_259_900).unwrap();
    let chunk = plan.chunk(5).unwrap();
    let source = futures::stream::empty();
    put_chunk(
        &Endpoints::production(),
        &UploadUrl::parse(url).unwrap(),
        &chunk,
        mime,
        SizedStream::new(source, chunk.len()),
        Duration::from_secs(80),
    )
}

#[test]
fn a_chunk_has_its_three_headers_and_no_bearer() {
    let url = "https://open-upload.tiktokapis.com/video/?upload_id=9001&upload_token=Sx1";
    let request = chunk_request(url, "video/mp4").unwrap();
    assert_eq!(request.method, Method::PUT);
    assert_eq!(request.url.as_str(), url);
    assert_eq!(request.headers["content-type"], "video/mp4");
    assert_eq!(request.headers["content-length"], "16259900");
    assert_eq!(request.headers["content-range"], "bytes 50000000-66259899/66259900");
    assert!(request.headers.get("authorization").is_none());
}

#[test]
fn bytes_never_go_to_a_foreign_host_or_under_a_foreign_type() {
    assert_eq!(
        chunk_request("https://evil.example/video/?upload_token=canary", "video/mp4").unwrap_err(),
        Refusal::UploadHostNotAllowed { host: "evil.example".into() }
    );
    let url = "https://open-upload.tiktokapis.com/video/";
    assert!(chunk_request(url, "application/octet-stream").is_err());
}

#[test]
fn a_token_with_a_line_break_is_refused_instead_of_sent() {
    let endpoints = Endpoints::production();
    assert!(creator_info(&endpoints, &"act.1\r\nX: y".into()).is_err());
    assert!(creator_info(&endpoints, &"".into()).is_err());
    assert!(creator_info(&endpoints, &"a".repeat(8_193).into()).is_err());
}

#[test]
fn display_calls_name_their_members_in_the_address() {
    let base = Url::parse("http://127.0.0.1:9/").unwrap();
    let endpoints = Endpoints::custom(base.clone(), base.clone(), UploadHosts::origin(&base));
    let fields = [VideoField::Id, VideoField::ViewCount];
    let page = PageRequest { cursor: Some(1_767_225_660_000), max_count: 2 };
    let request = list_videos(&endpoints, &token(), &fields, page).unwrap();
    assert_eq!(request.url.as_str(), "http://127.0.0.1:9/v2/video/list/?fields=id%2Cview_count");
    assert_eq!(body(&request), json!({"max_count": 2, "cursor": 1_767_225_660_000_i64}));
    let too_many = PageRequest { cursor: None, max_count: 21 };
    assert!(list_videos(&endpoints, &token(), &fields, too_many).is_err());

    let ids = vec!["7600000000000000123".to_owned()];
    let request = query_videos(&endpoints, &token(), &fields, &ids).unwrap();
    assert_eq!(body(&request), json!({"filters": {"video_ids": ["7600000000000000123"]}}));
    assert!(query_videos(&endpoints, &token(), &fields, &vec!["1".to_owned(); 21]).is_err());
    assert!(query_videos(&endpoints, &token(), &fields, &["x".to_owned()]).is_err());

    let request = user_info(&endpoints, &token(), &[UserField::OpenId, UserField::DisplayName]).unwrap();
    assert_eq!(request.method, Method::GET);
    assert_eq!(request.url.query(), Some("fields=open_id%2Cdisplay_name"));
    assert!(user_info(&endpoints, &token(), &[]).is_err());
}

#[test]
fn a_profile_picture_is_asked_for_without_a_token_and_only_from_tiktoks_image_hosts() {
    let minute = Duration::from_secs(60);
    let endpoints = Endpoints::production();
    let address = "https://p16-sign-va.tiktokcdn.com/a~c5_168x168.jpeg?x-expires=1767240000&x-signature=a%2Bb%3D";
    let request = avatar(&endpoints, address, minute).unwrap();
    assert_eq!((request.method, request.url.as_str()), (Method::GET, address), "the signature is not touched");
    assert_eq!((request.timeout, request.answer_max_bytes), (Some(minute), 512 * 1024));
    assert!(!request.headers.contains_key("authorization"));
    assert_eq!(request.headers["accept"], "image/webp,image/jpeg,image/png");

    let refused = avatar(&endpoints, "https://evil.example/a.jpeg?x-signature=canary", minute).unwrap_err();
    assert_eq!(refused, Refusal::AvatarHostNotAllowed { host: "evil.example".into() });
    assert!(!refused.to_string().contains("canary"));
    assert!(matches!(avatar(&endpoints, "", minute), Err(Refusal::Invalid { why: "is empty", .. })));
    assert!(matches!(avatar(&endpoints, "/a.jpeg", minute), Err(Refusal::Invalid { why: "is no address", .. })));
    let long = format!("https://p16.tiktokcdn.com/{}", "a".repeat(2_048));
    assert!(matches!(avatar(&endpoints, &long, minute), Err(Refusal::TooLong { limit: 2_048, .. })));
}
