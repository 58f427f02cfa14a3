//! Answers as TikTok gives them, with their quirks, and junk that must never pass for success.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use bytes::Bytes;
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use super::*;
use crate::creator::PrivacyLevel;
use crate::error::ErrorClass;
use crate::scope::Scope;
use crate::status::{FailReason, PublishState};
use crate::upload::ChunkPlan;

const LOG_ID: &str = "20261123120101AAAAAAAAAAAAAAAAAAAA";

fn response(status: u16, body: &str) -> Response {
    http::Response::builder()
        .status(status)
        .header("date", "Mon, 23 Nov 2026 12:01:01 GMT")
        .header("x-tt-logid", "from-the-header")
        .body(Bytes::copy_from_slice(body.as_bytes()))
        .unwrap()
}

fn ok(data: &str) -> Response {
    let error = format!(r#"{{"code":"ok","message":"","log_id":"{LOG_ID}"}}"#);
    response(200, &format!(r#"{{"data":{data},"error":{error}}}"#))
}

#[test]
fn creator_info_is_read_with_date_and_log_id() {
    let answer = creator_info(&ok(
        r#"{"creator_avatar_url":"https://cdn.sim.example/c.jpeg","creator_username":"moloko.demo","creator_nickname":"Moloko Demo","privacy_level_options":["PUBLIC_TO_EVERYONE","CLOSE_FRIENDS"],"comment_disabled":false,"duet_disabled":false,"stitch_disabled":true,"max_video_post_duration_sec":600,"unknown":1}"#,
    ))
    .unwrap();
    assert_eq!(answer.remote_date, Some(1_795_435_261));
    assert_eq!(answer.log_id.as_deref(), Some(LOG_ID));
    assert_eq!(answer.value.nickname, "Moloko Demo");
    assert!(answer.value.stitch_disabled && !answer.value.comment_disabled);
    assert_eq!(
        answer.value.privacy_level_options,
        [PrivacyLevel::PublicToEveryone, PrivacyLevel::Other("CLOSE_FRIENDS".into())]
    );
}

#[test]
fn a_cap_told_with_http_200_is_an_error() {
    for data in [r#""data":{},"#, r#""data":null,"#, ""] {
        let body = format!(
            r#"{{{data}"error":{{"code":"spam_risk_too_many_posts","message":"Please review","log_id":"{LOG_ID}"}}}}"#
        );
        let error = creator_info(&response(200, &body)).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Cap);
        assert_eq!(error.code(), "spam_risk_too_many_posts");
        assert_eq!(error.log_id(), Some(LOG_ID));
        assert_eq!(error.http_status(), Some(200));
        assert_eq!(error.remote_date(), Some(1_795_435_261));
    }
}

#[test]
fn both_spellings_and_both_log_id_names_are_understood() {
    for code in ["invalid_param", "invalid_params"] {
        let body =
            format!(r#"{{"error":{{"code":"{code}","message":"The chunk size is invalid","logid":"{LOG_ID}"}}}}"#);
        let error = upload_grant(Endpoint::VideoInit, &response(400, &body)).unwrap_err();
        let Error::Api(error) = error else { panic!() };
        assert_eq!(error.code, ErrorCode::InvalidParams);
        assert_eq!(error.raw_code, code);
        assert_eq!(error.message, "The chunk size is invalid");
        assert_eq!(error.log_id.as_deref(), Some(LOG_ID));
    }
}

#[test]
fn an_upload_grant_needs_id_and_address() {
    let grant = upload_grant(
        Endpoint::VideoInit,
        &ok(r#"{"publish_id":"v_pub_file~v2-1.7600000000000000001","upload_url":"https://upload.sim.example/video/?upload_id=9001&upload_token=Sx1"}"#),
    )
    .unwrap()
    .value;
    assert_eq!(grant.publish_id.as_str(), "v_pub_file~v2-1.7600000000000000001");
    assert!(grant.upload_url.expose().ends_with("upload_token=Sx1"));
    for data in [
        r#"{"publish_id":"x"}"#,
        r#"{"upload_url":"https://a/"}"#,
        r#"{"publish_id":"x","upload_url":"nonsense"}"#,
        "{}",
        "null",
        "[]",
    ] {
        let error = upload_grant(Endpoint::VideoInit, &ok(data)).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Ambiguous, "{data}");
    }
}

#[test]
fn a_pull_init_has_no_address() {
    let answer = publish_id(Endpoint::ContentInit, &ok(r#"{"publish_id":"p_pub_url~v2.7600000000000000003"}"#));
    assert_eq!(answer.unwrap().value.as_str(), "p_pub_url~v2.7600000000000000003");
}

#[test]
fn a_failed_task_is_a_successful_answer() {
    let status = status(&ok(
        r#"{"status":"FAILED","fail_reason":"picture_size_check_failed","publicaly_available_post_id":[],"uploaded_bytes":42}"#,
    ))
    .unwrap()
    .value;
    assert_eq!(status.state, PublishState::Failed);
    assert_eq!(status.fail_reason, Some(FailReason::PictureSizeCheckFailed));
    assert_eq!(status.uploaded_bytes, Some(42));
}

#[test]
fn post_ids_keep_every_digit() {
    let answer = status(&ok(r#"{"status":"PUBLISH_COMPLETE","publicaly_available_post_id":[7600000000000000123]}"#));
    assert_eq!(answer.unwrap().value.post_ids, ["7600000000000000123"]);
}

#[test]
fn token_errors_are_found_in_the_body_whatever_the_status() {
    for http_status in [200, 400, 401] {
        let body = format!(
            r#"{{"error":"invalid_grant","error_description":"Refresh token is invalid or expired.","log_id":"{LOG_ID}"}}"#
        );
        let error = refresh(&response(http_status, &body), &"rft.old".into()).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Auth);
        assert_eq!(error.code(), "invalid_grant");
        assert_eq!(error.log_id(), Some(LOG_ID));
    }
}

#[test]
fn a_grant_is_read_with_its_scopes() {
    let body = r#"{"access_token":"act.sim0001!5259","expires_in":86400,"open_id":"-000simOpenId01","refresh_expires_in":31536000,"refresh_token":"rft.sim0001!5259","scope":"user.info.basic,video.publish","token_type":"Bearer"}"#;
    let grant = exchange_code(&response(200, body)).unwrap();
    assert_eq!(grant.access_token.expose_secret(), "act.sim0001!5259");
    assert_eq!(grant.refresh_token.expose_secret(), "rft.sim0001!5259");
    assert_eq!(grant.open_id, "-000simOpenId01");
    assert_eq!(grant.scopes, [Scope::UserInfoBasic, Scope::VideoPublish]);
    assert_eq!((grant.expires_in_s, grant.refresh_expires_in_s), (86_400, 31_536_000));
}

#[test]
fn a_refresh_without_a_new_refresh_token_keeps_the_old_one() {
    let body = r#"{"access_token":"act.2","open_id":"o","error":""}"#;
    let grant = refresh(&response(200, body), &"rft.old".into()).unwrap();
    assert_eq!(grant.refresh_token.expose_secret(), "rft.old");
}

#[test]
fn a_grant_without_its_essentials_leaves_the_outcome_open() {
    for body in [
        r#"{"access_token":"act.2","open_id":"o"}"#,
        r#"{"refresh_token":"r","open_id":"o"}"#,
        r#"{"access_token":"a","refresh_token":"r","open_id":""}"#,
        "<html>",
        "",
    ] {
        let error = exchange_code(&response(200, body)).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Ambiguous, "{body}");
    }
}

#[test]
fn revoke_succeeds_with_an_empty_body_and_fails_with_an_error() {
    assert!(revoke(&response(200, "")).is_ok());
    assert!(revoke(&response(200, "{}")).is_ok());
    assert!(revoke(&response(200, r#"{"data":{},"error":{"code":"ok"}}"#)).is_ok());
    let error = revoke(&response(200, r#"{"error":"invalid_client"}"#)).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Configuration);
    assert_eq!(revoke(&response(502, "")).unwrap_err().class(), ErrorClass::Transient);
}

#[test]
fn gateway_pages_are_judged_by_status_and_effect() {
    let page = "<html>Bad gateway</html>";
    let class = |status, endpoint| upload_grant(endpoint, &response(status, page)).unwrap_err().class();
    assert_eq!(class(502, Endpoint::VideoInit), ErrorClass::Ambiguous);
    assert_eq!(class(502, Endpoint::StatusFetch), ErrorClass::Transient);
    assert_eq!(class(200, Endpoint::VideoInit), ErrorClass::Ambiguous);
    assert_eq!(class(302, Endpoint::VideoInit), ErrorClass::Ambiguous);
    assert_eq!(class(403, Endpoint::VideoInit), ErrorClass::Permanent);
    assert_eq!(class(429, Endpoint::VideoInit), ErrorClass::RateLimit);
    assert_eq!(class(401, Endpoint::VideoInit), ErrorClass::Auth);
}

#[test]
fn ok_with_a_failing_status_is_not_success() {
    let body = r#"{"data":{"publish_id":"x"},"error":{"code":"ok"}}"#;
    let error = publish_id(Endpoint::ContentInit, &response(500, body)).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Ambiguous);
}

#[test]
fn chunk_answers_follow_the_status() {
    let plan = ChunkPlan::for_size(66_259_900).unwrap();
    let (first, last) = (plan.chunk(0).unwrap(), plan.final_chunk().unwrap());
    let answer = |status: u16| {
        let mut response = response(status, "");
        let range = "bytes 0-10000000/66259900".parse().unwrap();
        response.headers_mut().insert("content-range", range);
        response
    };
    let accepted = ChunkAnswer::Accepted { progress: Some(10_000_000), remote_date: Some(1_795_435_261) };
    let complete = ChunkAnswer::Complete { remote_date: Some(1_795_435_261) };
    assert_eq!(chunk(&first, &answer(206)).unwrap(), accepted);
    assert_eq!(chunk(&first, &answer(200)).unwrap(), accepted);
    assert_eq!(chunk(&last, &answer(201)).unwrap(), complete);
    assert_eq!(chunk(&last, &answer(200)).unwrap(), complete);
    assert_eq!(chunk(&last, &answer(206)).unwrap(), accepted);
    for status in [400, 403, 404, 416, 429, 502, 302] {
        let error = chunk(&first, &answer(status)).unwrap_err();
        assert_eq!(error.code(), format!("upload_http_{status}"));
        assert_eq!(error.log_id(), Some("from-the-header"));
    }
}

#[test]
fn a_page_of_videos_mixes_seconds_and_milliseconds_as_tiktok_does() {
    let page = list_videos(&ok(
        r#"{"videos":[{"id":"7600000000000000123","create_time":1767225660,"view_count":120}],"cursor":1767225660000,"has_more":false}"#,
    ))
    .unwrap()
    .value;
    assert_eq!(page.videos[0].id.as_deref(), Some("7600000000000000123"));
    assert_eq!(page.videos[0].create_time, Some(1_767_225_660));
    assert_eq!(page.cursor, Some(1_767_225_660_000));
    assert!(!page.has_more);
    assert!(query_videos(&ok("{}")).unwrap().value.is_empty());
}

#[test]
fn errors_quote_no_content_of_an_unreadable_answer() {
    let error = creator_info(&response(200, r#"{"canary": "canary"#)).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("canary"));
}

fn read_with_everything(response: &Response) {
    let plan = ChunkPlan::for_size(1).unwrap();
    let _ = exchange_code(response);
    let _ = refresh(response, &"rft".into());
    let _ = client_token(response);
    let _ = revoke(response);
    let _ = user_info(response);
    let _ = creator_info(response);
    let _ = upload_grant(Endpoint::VideoInit, response);
    let _ = publish_id(Endpoint::ContentInit, response);
    let _ = chunk(&plan.chunk(0).unwrap(), response);
    let _ = status(response);
    let _ = cancel(response);
    let _ = list_videos(response);
    let _ = query_videos(response);
}

fn json_junk() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(serde_json::Value::from),
        any::<i64>().prop_map(serde_json::Value::from),
        any::<f64>().prop_map(serde_json::Value::from),
        ".{0,12}".prop_map(serde_json::Value::from),
        Just("ok".into()),
    ];
    let names = prop::sample::select(vec![
        "data",
        "error",
        "code",
        "message",
        "log_id",
        "status",
        "publish_id",
        "upload_url",
        "videos",
        "id",
        "user",
        "publicaly_available_post_id",
        "privacy_level_options",
        "access_token",
        "expires_in",
        "scope",
    ]);
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(serde_json::Value::from),
            prop::collection::hash_map(names.clone(), inner, 0..6).prop_map(|members| {
                members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect::<serde_json::Map<_, _>>()
                    .into()
            }),
        ]
    })
}

/// Answers as TikTok gives them, damaged: `make fuzz` goes on with these for as long as it is let.
mod fuzz {
    use super::*;
    use crate::oauth::Callback;

    /// One answer of each kind.
    const ANSWERS: [&str; 9] = [
        r#"{"data":{"creator_avatar_url":"https://cdn.sim.example/c.jpeg","creator_username":"moloko.demo","creator_nickname":"Moloko","privacy_level_options":["PUBLIC_TO_EVERYONE","SELF_ONLY"],"comment_disabled":false,"duet_disabled":false,"stitch_disabled":true,"max_video_post_duration_sec":600},"error":{"code":"ok","message":"","log_id":"2026"}}"#,
        r#"{"data":{"publish_id":"v_pub_file~v2-1.7600000000000000123","upload_url":"https://open-upload.tiktokapis.com/video/?upload_id=7600&upload_token=Xza123"},"error":{"code":"ok","message":"","log_id":"2026"}}"#,
        r#"{"data":{"status":"PUBLISH_COMPLETE","publicaly_available_post_id":[7600000000000000123],"uploaded_bytes":10000,"downloaded_bytes":0},"error":{"code":"ok","message":"","log_id":"2026"}}"#,
        r#"{"data":{"status":"FAILED","fail_reason":"file_format_check_failed","uploaded_bytes":10000},"error":{"code":"ok","message":"","log_id":"2026"}}"#,
        r#"{"data":{"user":{"open_id":"-000a","union_id":"b","avatar_url":"https://cdn.sim.example/a.jpeg","display_name":"Moloko","is_verified":false,"follower_count":12}},"error":{"code":"ok","message":"","log_id":"2026"}}"#,
        r#"{"data":{"videos":[{"id":"7600000000000000123","create_time":1767225660,"title":"cake","duration":12}],"cursor":1767225660000,"has_more":false},"error":{"code":"ok","message":"","log_id":"2026"}}"#,
        r#"{"access_token":"act.x","expires_in":86400,"open_id":"-000a","refresh_expires_in":31536000,"refresh_token":"rft.x","scope":"user.info.basic,video.publish","token_type":"Bearer"}"#,
        r#"{"error":"invalid_grant","error_description":"Refresh token is invalid or expired.","log_id":"2026"}"#,
        r#"{"data":{},"error":{"code":"rate_limit_exceeded","message":"The API rate limit was exceeded.","log_id":"2026"}}"#,
    ];

    fn damaged() -> impl Strategy<Value = Vec<u8>> {
        let index = any::<prop::sample::Index>;
        let pieces: Vec<&'static [u8]> = vec![
            b"",
            b"null",
            b"-1",
            b"1e999",
            b"18446744073709551616",
            b"\"",
            b"[[[[",
            b"{\"",
            b"\\ud800",
            b"\xff",
            b"\0",
            b",",
            b"true",
        ];
        let change = (index(), 0_usize..12, prop::sample::select(pieces));
        (index(), prop::collection::vec(change, 1..6)).prop_map(|(which, changes)| {
            let mut bytes = which.get(&ANSWERS).as_bytes().to_vec();
            for (at, gone, piece) in changes {
                let at = at.index(bytes.len() + 1);
                let end = (at + gone).min(bytes.len());
                bytes.splice(at..end, piece.iter().copied());
            }
            bytes
        })
    }

    #[test]
    fn what_the_damage_begins_with_is_understood() {
        assert!(creator_info(&response(200, ANSWERS[0])).is_ok());
        assert!(upload_grant(Endpoint::VideoInit, &response(200, ANSWERS[1])).is_ok());
        assert!(status(&response(200, ANSWERS[2])).is_ok() && status(&response(200, ANSWERS[3])).is_ok());
        assert!(user_info(&response(200, ANSWERS[4])).is_ok() && list_videos(&response(200, ANSWERS[5])).is_ok());
        assert!(exchange_code(&response(200, ANSWERS[6])).is_ok());
    }

    proptest! {
        #[test]
        fn damaged_answers(code in prop::sample::select(vec![200_u16, 201, 206, 400, 401, 403, 404, 416, 429, 500, 503]), body in damaged()) {
            let mut answer = response(code, "");
            *answer.body_mut() = body.into();
            read_with_everything(&answer);
            // However it is damaged, a refusal never passes for the start of an upload.
            prop_assert!(code < 300 || upload_grant(Endpoint::VideoInit, &answer).is_err());
        }

        #[test]
        fn callbacks(query in prop_oneof![".{0,80}", "((code|state|error|error_type|scopes)=[%a-f0-9+=&]{0,12}&?){0,6}"]) {
            let _ = Callback::parse(&query);
        }

        #[test]
        fn stored_plans(size: u64, chunk: u64, count: u64, index: u64, offset: u64) {
            let plan = ChunkPlan { size_bytes: size, chunk_size_bytes: chunk, chunk_count: count };
            let (at, from) = (plan.chunk(index), plan.chunk_at_offset(offset));
            for chunk in at.into_iter().chain(from).chain(plan.final_chunk()) {
                prop_assert!(chunk.first <= chunk.last && chunk.last < size);
            }
        }
    }
}

proptest! {
    #[test]
    fn junk_bytes_never_panic(status in 100_u16..=999, body in prop::collection::vec(any::<u8>(), 0..200)) {
        let mut junk = response(status, "");
        *junk.body_mut() = body.into();
        read_with_everything(&junk);
    }

    #[test]
    fn junk_json_never_panics(status in 100_u16..=999, body in json_junk()) {
        read_with_everything(&response(status, &body.to_string()));
    }

    #[test]
    fn junk_headers_never_panic(text in "[ -~]{0,60}") {
        let mut junk = response(206, "{}");
        for name in ["date", "content-range", "x-tt-logid"] {
            junk.headers_mut().insert(name, text.parse().unwrap());
        }
        read_with_everything(&junk);
    }
}
