//! Hostile input: whatever arrives, the simulator answers and goes on.

use proptest::prelude::*;
use tiktok_sim::{MediaPolicy, sample_mp4};

use crate::support::*;

fn paths() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        TOKEN,
        REVOKE,
        CREATOR,
        VIDEO,
        INBOX,
        PHOTO,
        STATUS,
        CANCEL,
        "/v2/video/list/?fields=id",
        AUTHORIZE,
    ])
    .prop_map(str::to_owned)
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let json = prop::sample::select(vec![
        r#"{"post_info":{"title":"#, r#"{"source_info":{"video_size":-1,"chunk_size":0,"total_chunk_count":0,"source":"FILE_UPLOAD"},"post_info":{}}"#,
        r#"{"source_info":{"video_size":9223372036854775807,"chunk_size":9223372036854775807,"total_chunk_count":1,"source":"FILE_UPLOAD"},"post_info":{"privacy_level":"SELF_ONLY"}}"#,
        r#"{"publish_id":null}"#, "[[[[[[[[", "null", "\u{feff}{}", r#"{"max_count":-5,"cursor":-9223372036854775808}"#,
        r#"{"media_type":"PHOTO","post_mode":"DIRECT_POST","post_info":{},"source_info":{"source":"PULL_FROM_URL","photo_images":["https://["],"photo_cover_index":-1}}"#,
    ])
    .prop_map(|text| text.as_bytes().to_vec());
    prop_oneof![json, prop::collection::vec(any::<u8>(), 0..300)]
}

#[test]
fn hostile_bodies_never_end_the_simulator() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (platform, token) = runtime.block_on(async {
        let platform = Platform::start().await;
        let token = platform.grant("moloko.demo").access_token;
        (platform, token)
    });
    let kinds = prop::sample::select(vec!["application/json", "application/x-www-form-urlencoded", "text/plain"]);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 300, ..ProptestConfig::default() });
    runner
        .run(&(paths(), bodies(), kinds), |(path, body, kind)| {
            platform.sim().advance(MINUTE);
            let request = platform.http.post(platform.url(&path)).bearer_auth(&token).header("content-type", kind);
            let answer =
                runtime.block_on(request.body(body).send()).map_err(|error| TestCaseError::fail(error.to_string()))?;
            prop_assert!(answer.status().as_u16() < 500, "{path}: {}", answer.status());
            Ok(())
        })
        .unwrap();
}

#[test]
fn hostile_queries_and_ranges_never_end_the_simulator() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let platform = runtime.block_on(Platform::start());
    let query = prop_oneof![
        "[ -~]{0,80}",
        Just(format!("client_key={KEY}&redirect_uri=%FF%FE&state=%00")),
        Just("upload_id=99999999999999999999&upload_token=%".to_owned())
    ];
    let range = prop_oneof!["bytes [0-9]{0,25}-[0-9]{0,25}/[0-9]{0,25}", "[ -~]{0,40}"];
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 150, ..ProptestConfig::default() });
    runner
        .run(&(query, range), |(query, range)| {
            let query: String = url::form_urlencoded::byte_serialize(query.as_bytes())
                .collect::<String>()
                .replace("%3D", "=")
                .replace("%26", "&");
            let page = platform.http.get(format!("{}?{query}", platform.url(AUTHORIZE)));
            let put =
                platform.http.put(format!("{}?{query}", platform.url("/upload/video/"))).header("content-range", range);
            for request in [page, put.body("x")] {
                let answer =
                    runtime.block_on(request.send()).map_err(|error| TestCaseError::fail(error.to_string()))?;
                prop_assert!(answer.status().as_u16() < 500);
            }
            Ok(())
        })
        .unwrap();
}

/// Damages a good file anywhere: the checks refuse or pass it, and the platform goes on.
#[test]
fn damaged_videos_never_end_the_simulator() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let platform = runtime.block_on(async {
        let mut config = config();
        config.quirks.media = MediaPolicy::Inspect;
        config.users[0].daily_post_cap = 100_000;
        Platform::with(config).await
    });
    let good = sample_mp4(720, 1280, 30, 5_000, 2_000);
    let webm = [
        &[0x1A, 0x45, 0xDF, 0xA3, 0x80, 0x18, 0x53, 0x80, 0x67, 0xFF][..],
        &[0x16, 0x54, 0xAE, 0x6B, 0x90, 0xAE, 0x8E, 0x83, 0x81, 1, 0xE0, 0x88, 0xB0, 0x82, 2, 0, 0xBA, 0x82, 3, 0],
    ]
    .concat();
    let start = prop_oneof![Just(good), Just(webm)];
    let damage = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..40);
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: 80, ..ProptestConfig::default() });
    runner
        .run(&(start, damage), |(mut bytes, damage)| {
            for (at, value) in damage {
                let at = at.index(bytes.len().min(1_000));
                bytes[at] = value;
            }
            platform.sim().advance(MINUTE);
            let token = platform.grant("moloko.demo").access_token;
            let publish_id = runtime.block_on(platform.publish(&token, "SELF_ONLY", bytes));
            let status = runtime.block_on(platform.status(&token, &publish_id));
            prop_assert!(status["status"] == "FAILED" || status["status"] == "PUBLISH_COMPLETE", "{status}");
            Ok(())
        })
        .unwrap();
}
