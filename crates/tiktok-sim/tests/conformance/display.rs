//! P-52 and P-53: the Display API.

use serde_json::{Value, json};

use crate::support::*;

const LIST: &str = "/v2/video/list/?fields=id,create_time,view_count,like_count,comment_count,share_count,cover_image_url,title,share_url";

#[tokio::test]
async fn p_52_public_videos_are_listed_newest_first() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    for (number, privacy) in
        ["PUBLIC_TO_EVERYONE", "SELF_ONLY", "PUBLIC_TO_EVERYONE", "PUBLIC_TO_EVERYONE"].into_iter().enumerate()
    {
        platform.publish(&tokens.access_token, privacy, vec![number as u8; 1000]).await;
        platform.sim().advance(55_000);
    }
    let page = platform.post(LIST, &tokens.access_token, &json!({"max_count": 2})).await;
    assert_eq!(page.refusal(), (200, "ok"), "{}", page.body);
    let data = &page.body["data"];
    let videos = data["videos"].as_array().unwrap();
    assert_eq!((videos.len(), &data["has_more"]), (2, &json!(true)));
    let last = videos[1]["create_time"].as_i64().unwrap();
    assert_eq!(data["cursor"], last * 1000, "cursor in milliseconds, create_time in seconds");
    assert!(videos[0]["create_time"].as_i64().unwrap() > last);
    assert!(videos[0]["id"].is_string());
    assert!(
        videos[0]["share_url"].as_str().unwrap().ends_with("?utm_campaign=tt4d_open_api&utm_source=aw_sim_live_01")
    );

    let next = platform.post(LIST, &tokens.access_token, &json!({"max_count": 2, "cursor": data["cursor"]})).await;
    let next = &next.body["data"];
    assert_eq!((next["videos"].as_array().unwrap().len(), &next["has_more"]), (1, &json!(false)));

    let views = |body: &Value| body["data"]["videos"][0]["view_count"].as_u64().unwrap();
    let before = views(&platform.post(LIST, &tokens.access_token, &json!({})).await.body);
    platform.sim().advance(HOUR);
    let after = views(&platform.post(LIST, &tokens.access_token, &json!({})).await.body);
    let again = views(&platform.post(LIST, &tokens.access_token, &json!({})).await.body);
    assert!(after > before && again == after, "counters grow with time only");
}

#[tokio::test]
async fn p_53_limits_foreign_ids_and_scope() {
    let platform = Platform::start().await;
    let (tokens, other) = (platform.grant("moloko.demo"), platform.grant("moloko.strict"));
    platform.publish(&tokens.access_token, "PUBLIC_TO_EVERYONE", vec![1; 1000]).await;
    platform.publish(&other.access_token, "PUBLIC_TO_EVERYONE", vec![2; 1000]).await;
    platform.sim().advance(MINUTE);
    let posts = platform.sim().posts();
    let query = "/v2/video/query/?fields=id,duration";
    let asked = |ids: &[String]| json!({"filters": {"video_ids": ids}});

    let too_many = platform.post(LIST, &tokens.access_token, &json!({"max_count": 21})).await;
    assert_eq!(too_many.refusal(), (400, "invalid_params"));
    let too_many = platform.post(query, &tokens.access_token, &asked(&vec!["1".to_owned(); 21])).await;
    assert_eq!(too_many.refusal(), (400, "invalid_params"));
    let both: Vec<String> = posts.iter().map(|post| post.post_id.to_string()).collect();
    let answer = platform.post(query, &tokens.access_token, &asked(&both)).await;
    assert_eq!(answer.body["data"]["videos"], json!([{"id": both[0], "duration": 10}]), "the foreign id is missing");
    assert_eq!(platform.post("/v2/video/list/", &tokens.access_token, &json!({})).await.status, 400, "no fields");

    let poor = platform.sim().issue_grant(KEY, "moloko.demo", &["user.info.basic"]).unwrap();
    let refused = platform.post(LIST, &poor.access_token, &json!({})).await;
    assert_eq!(refused.refusal(), (401, "scope_not_authorized"));
}

#[tokio::test]
async fn p_53_a_post_that_is_made_private_or_deleted_is_missing_and_one_made_public_again_goes_on_growing() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    for number in 1..=2 {
        platform.publish(&tokens.access_token, "PUBLIC_TO_EVERYONE", vec![number; 1000]).await;
    }
    platform.sim().advance(12 * HOUR);
    let ids: Vec<u64> = platform.sim().posts().iter().map(|post| post.post_id).collect();
    let asked = json!({"filters": {"video_ids": ids.iter().map(u64::to_string).collect::<Vec<_>>()}});
    let query = "/v2/video/query/?fields=id,view_count,like_count,comment_count,share_count";
    let told = async || platform.post(query, &tokens.access_token, &asked).await.body["data"]["videos"].clone();
    let first = told().await;
    assert_eq!(first.as_array().unwrap().len(), 2);
    assert!(first[0]["view_count"].as_u64() > first[0]["like_count"].as_u64(), "{first}");
    platform.sim().change_privacy(ids[0], "SELF_ONLY").unwrap();
    platform.sim().delete_post(ids[1]).unwrap();
    assert_eq!(told().await, json!([]));
    assert!(platform.sim().delete_post(ids[1]).is_err(), "there is nothing left");
    platform.sim().change_privacy(ids[0], "PUBLIC_TO_EVERYONE").unwrap();
    assert_eq!(told().await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn p_52_views_rise_quickly_at_first_and_more_by_day_than_by_night_and_followers_come_with_them() {
    let platform = Platform::start().await;
    let tokens = platform.grant("moloko.demo");
    platform.publish(&tokens.access_token, "PUBLIC_TO_EVERYONE", vec![1; 1000]).await;
    let mut days = Vec::new();
    for _ in 0..4 {
        platform.sim().advance(24 * HOUR);
        let tokens = platform.grant("moloko.demo");
        let body = platform.post("/v2/video/list/?fields=view_count", &tokens.access_token, &json!({})).await.body;
        days.push(body["data"]["videos"][0]["view_count"].as_u64().unwrap());
    }
    let grown: Vec<u64> = std::iter::once(days[0]).chain(days.windows(2).map(|two| two[1] - two[0])).collect();
    assert!(grown.windows(2).all(|two| two[0] >= two[1]) && grown[0] > 3 * grown[3], "{grown:?}");
    let stats = platform.sim().issue_grant(KEY, "moloko.demo", &["user.info.basic", "user.info.stats"]).unwrap();
    let user = platform.get("/v2/user/info/?fields=follower_count", &stats.access_token).await.body;
    assert_eq!(user["data"]["user"]["follower_count"], json!(1204 + days[3] / 150));
}
