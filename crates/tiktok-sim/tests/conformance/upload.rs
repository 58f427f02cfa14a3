//! P-33 to P-36: the bytes.

use serde_json::json;
use tiktok_sim::{FaultAction, FaultRule, FaultStatus, ProgressForm, Route};

use crate::support::*;

fn progress(response: &reqwest::Response) -> (u16, String) {
    let range = response.headers().get("content-range").map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), range.unwrap_or_default())
}

#[tokio::test]
async fn p_33_chunks_in_order_make_a_video() {
    const SIZE: usize = 66_259_900;
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let body = direct("PUBLIC_TO_EVERYONE", file(SIZE, 10_000_000, 6));
    let (publish_id, upload_url) = ids(&platform.post(VIDEO, &tokens.access_token, &body).await);
    for index in 0..5_usize {
        let (first, last) = (index * 10_000_000, index * 10_000_000 + 9_999_999);
        let response = platform.put(&upload_url, &format!("bytes {first}-{last}/{SIZE}"), vec![7; 10_000_000]).await;
        assert_eq!(progress(&response), (206, format!("bytes 0-{}/{SIZE}", last + 1)));
    }
    let response = platform.put(&upload_url, &format!("bytes 50000000-66259899/{SIZE}"), vec![7; 16_259_900]).await;
    assert_eq!(progress(&response), (201, format!("bytes 0-{SIZE}/{SIZE}")));
    platform.sim().advance(5_000);
    let post = &platform.sim().posts()[0];
    assert_eq!((post.publish_id.as_str(), post.size_bytes), (publish_id.as_str(), SIZE as u64));
    assert_eq!(std::fs::metadata(&post.files[0]).unwrap().len(), SIZE as u64);
}

/// Three chunks: 5,242,880 twice and the rest.
async fn three_chunks(platform: &Platform) -> (String, String) {
    let tokens = platform.grant("moloko.demo");
    let body = direct("SELF_ONLY", file(THREE, CHUNK, 3));
    ids(&platform.post(VIDEO, &tokens.access_token, &body).await)
}

const CHUNK: usize = 5_242_880;
const THREE: usize = 3 * CHUNK + 10;

async fn put(platform: &Platform, url: &str, first: usize, length: usize) -> u16 {
    let range = format!("bytes {first}-{}/{THREE}", first + length - 1);
    platform.put(url, &range, vec![1; length]).await.status().as_u16()
}

#[tokio::test]
async fn p_34_only_the_next_chunk_is_taken() {
    let platform = Platform::start().await;
    let (_, url) = three_chunks(&platform).await;
    assert_eq!(put(&platform, &url, CHUNK, CHUNK).await, 416, "past progress");
    assert_eq!(put(&platform, &url, 0, CHUNK).await, 206);
    assert_eq!(put(&platform, &url, 2 * CHUNK, CHUNK + 10).await, 416, "skipping");
    assert_eq!(put(&platform, &url, 0, CHUNK).await, 416, "repeating");
    assert_eq!(put(&platform, &url, CHUNK, CHUNK).await, 206);
    assert_eq!(put(&platform, &url, 2 * CHUNK, CHUNK + 10).await, 201);

    let mut lenient = config();
    lenient.quirks.repeated_chunk_accepted = true;
    lenient.quirks.progress = ProgressForm::LastIndex;
    let platform = Platform::with(lenient).await;
    let (_, url) = three_chunks(&platform).await;
    assert_eq!(put(&platform, &url, 0, CHUNK).await, 206);
    let again = platform.put(&url, &format!("bytes 0-{}/{THREE}", CHUNK - 1), vec![1; CHUNK]).await;
    assert_eq!(progress(&again), (206, format!("bytes 0-{}/{THREE}", CHUNK - 1)));
}

#[tokio::test]
async fn p_35_headers_and_body_must_agree() {
    let platform = Platform::start().await;
    let (_, url) = three_chunks(&platform).await;
    for (why, range, length) in [
        ("length against range", format!("bytes 0-{}/{THREE}", CHUNK - 1), CHUNK - 1),
        ("wrong total", format!("bytes 0-{}/{}", CHUNK - 1, THREE + 1), CHUNK),
        ("a chunk of another length", format!("bytes 0-999/{THREE}"), 1000),
        ("no range at all", "bytes */10".to_owned(), CHUNK),
    ] {
        assert_eq!(platform.put(&url, &range, vec![1; length]).await.status().as_u16(), 400, "{why}");
    }
    let bare = platform.http.put(&url).header("content-type", "video/mp4").body(vec![1; CHUNK]).send().await.unwrap();
    assert_eq!(bare.status().as_u16(), 400, "no Content-Range");
    let range = format!("bytes 0-{}/{THREE}", CHUNK - 1);
    let typeless = platform.http.put(&url).header("content-range", &range).body(vec![1; CHUNK]).send().await.unwrap();
    assert_eq!(typeless.status().as_u16(), 400, "no Content-Type");
    let parts = futures::stream::iter([Ok::<_, std::io::Error>(vec![1_u8; CHUNK])]);
    let request = platform.http.put(&url).header("content-type", "video/mp4").header("content-range", &range);
    let chunked = request.body(reqwest::Body::wrap_stream(parts)).send().await.unwrap();
    assert_eq!(chunked.status().as_u16(), 400, "chunked encoding has no length");
    assert!(platform.sim().journal().last().unwrap().notes[0].contains("chunked"));
    assert_eq!(put(&platform, &url, 0, CHUNK).await, 206, "none of it did harm");
}

#[tokio::test]
async fn p_36_upload_addresses_expire_and_gateways_fail() {
    let platform = Platform::start().await;
    let (publish_id, url) = three_chunks(&platform).await;
    platform.sim().fault(FaultRule::once(
        Route::Upload,
        FaultAction::Status(FaultStatus { status: 502, code: None, retry_after_s: None }),
    ));
    assert_eq!(put(&platform, &url, 0, CHUNK).await, 502);
    assert_eq!(put(&platform, &url, 0, CHUNK).await, 206, "the same chunk again");
    let wrong_token = url.replace("upload_token=", "upload_token=x");
    assert_eq!(put(&platform, &wrong_token, CHUNK, CHUNK).await, 404);
    assert_eq!(put(&platform, &platform.url("/upload/video/?upload_id=1&upload_token=a"), 0, CHUNK).await, 404);
    platform.sim().advance(61 * MINUTE);
    assert_eq!(put(&platform, &url, CHUNK, CHUNK).await, 403);
    let task = platform.sim().tasks().into_iter().find(|task| task.publish_id == publish_id).unwrap();
    assert_eq!((task.status, task.fail_reason.as_deref()), ("FAILED", Some("internal")));
}

#[tokio::test]
async fn a_chunk_cut_off_in_the_middle_changes_nothing() {
    let platform = Platform::start().await;
    let (_, url) = three_chunks(&platform).await;
    platform.sim().fault(FaultRule::once(Route::Upload, FaultAction::ResetAfter(1_000_000)));
    let range = format!("bytes 0-{}/{THREE}", CHUNK - 1);
    assert!(platform.try_put(&url, &range, vec![1; CHUNK]).await.is_err(), "the connection was reset");
    assert_eq!(platform.sim().tasks()[0].received_bytes, 0);
    assert_eq!(put(&platform, &url, 0, CHUNK).await, 206);
    assert_eq!(platform.sim().tasks()[0].received_bytes, CHUNK as u64);
}

#[tokio::test]
async fn the_upload_host_wants_no_token() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    let (_, url) = platform.open(&tokens.access_token, "SELF_ONLY", 10).await;
    let request = platform.http.put(&url).bearer_auth("x").header("content-type", "video/mp4");
    let response = request.header("content-range", "bytes 0-9/10").body(vec![0; 10]).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 201, "tolerated");
    let journal = platform.sim().journal();
    assert!(journal.last().unwrap().notes[0].contains("Authorization"), "but noted");
    assert_eq!(json!(journal.last().unwrap().body), json!({"bytes": 10}));
}
