//! Pictures of accounts in a browser: from this server, for their owner, on every page where the account stands, and gone with it.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};
use tiktok_sim::{AvatarSpec, FaultAction, FaultRule, Route};

use crate::stage::{ALL_SCOPES, Answer, Browser, MILA, OLEG, Stage};

/// The address of the first picture of an account on a page.
fn picture_on(page: &str) -> Option<String> {
    let at = page.find("<img src=\"/connect")?;
    page[at..].split('"').nth(1).map(|address| address.replace("&amp;", "&"))
}

/// Pages on which an account stands, once it has a post.
async fn pages(stage: &Stage, browser: &Browser<'_>) -> Vec<String> {
    let (media, actor) = (browser.media().await, browser.actor().await);
    let connection = stage.app.connections(&actor).await.unwrap().remove(0).id;
    let group = stage.app.create_drafts(&actor, media, &[connection]).await.unwrap();
    let post = stage.database.store().posts_in_group(actor.workspace_id, group).await.unwrap().remove(0).id;
    let mut pages: Vec<String> =
        ["/queue", "/compose", "/connections", "/settings"].into_iter().map(str::to_owned).collect();
    pages.extend([format!("/compose/{group}"), format!("/posts/{post}")]);
    pages
}

async fn with(browser: &Browser<'_>, path: &str, name: header::HeaderName, value: &str) -> Answer {
    let request = browser.request(Method::GET, path).header(name, value).body(Body::empty());
    browser.send(request.unwrap()).await
}

#[tokio::test]
async fn pp_4_0_whoever_connects_sees_the_picture_from_this_server_wherever_the_account_stands() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let mut seen = Vec::new();
    for path in pages(&stage, &browser).await {
        let page = browser.get(&path).await.text();
        assert!(!page.contains("sim-cdn"), "{path}: nothing comes from TikTok's hosts");
        seen.push(picture_on(&page).unwrap_or_else(|| panic!("{path} shows no picture")));
    }
    seen.dedup();
    let [address] = &seen[..] else { panic!("one account, one picture: {seen:?}") };
    let picture = browser.get(address).await;
    assert_eq!((picture.status, picture.header(header::CONTENT_TYPE)), (StatusCode::OK, "image/png"));
    assert!(picture.body.starts_with(b"\x89PNG"));
    assert_eq!(picture.header(header::CACHE_CONTROL), "private, max-age=3600");
    assert_eq!(picture.header(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
    assert!(picture.header(header::CONTENT_SECURITY_POLICY).contains("sandbox"));
}

#[tokio::test]
async fn a_browser_that_has_the_picture_is_not_sent_it_again() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let address = picture_on(&browser.get("/connections").await.text()).unwrap();
    let tag = browser.get(&address).await.header(header::ETAG).to_owned();
    assert_eq!(tag.len(), 66, "a hash in quotes: {tag}");
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let answer = with(&browser, &address, header::IF_NONE_MATCH, &known).await;
        assert_eq!((answer.status, answer.body.len()), (StatusCode::NOT_MODIFIED, 0), "{known}");
        assert_eq!(
            (answer.header(header::ETAG), answer.header(header::CACHE_CONTROL)),
            (&*tag, "private, max-age=3600")
        );
    }
    let other = with(&browser, &address, header::IF_NONE_MATCH, "\"other\"").await;
    assert_eq!(other.status, StatusCode::OK);

    stage.tiktok().set_user(MILA, |user| user.avatar = AvatarSpec::Oversized(50_000)).unwrap();
    let back = browser.walk_to_tiktok(MILA, &ALL_SCOPES).await;
    browser.get(&back).await;
    let renewed = picture_on(&browser.get("/connections").await.text()).unwrap();
    assert_ne!(renewed, address, "another picture has another address");
    assert_eq!(with(&browser, &renewed, header::IF_NONE_MATCH, &tag).await.body.len(), 50_000);
}

#[tokio::test]
async fn after_a_disconnect_the_picture_is_gone_and_the_initials_stand_there() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let pages = pages(&stage, &browser).await;
    let address = picture_on(&browser.get("/connections").await.text()).unwrap();
    let connection = stage.app.connections(&browser.actor().await).await.unwrap().remove(0).id;
    browser.post(&format!("/connections/{connection}/disconnect"), &[]).await;
    assert_eq!(browser.get(&address).await.status, StatusCode::NOT_FOUND);
    for path in pages {
        let page = browser.get(&path).await.text();
        assert_eq!(picture_on(&page), None, "{path}");
        assert!(page.contains("aria-hidden=\"true\">MD</span>"), "{path}");
    }
}

#[tokio::test]
async fn a_strangers_picture_is_not_there() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let address = picture_on(&mila.get("/connections").await.text()).unwrap();
    let tag = mila.get(&address).await.header(header::ETAG).to_owned();
    let oleg = stage.signed_in(OLEG).await;
    assert_eq!(oleg.get(&address).await.status, StatusCode::NOT_FOUND);
    assert_eq!(with(&oleg, &address, header::IF_NONE_MATCH, &tag).await.status, StatusCode::NOT_FOUND);
    assert_eq!(stage.browser().get(&address).await.status, StatusCode::SEE_OTHER, "nor for nobody");
    assert_eq!(mila.get(&address).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_question_about_an_account_shows_its_picture_until_it_is_answered() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let away = mila.post("/connections/add", &[]).await;
    let question = mila.get(&mila.allow(away.location(), OLEG, &ALL_SCOPES)).await.location().to_owned();
    let page = mila.get(&question).await.text();
    let address = format!("{question}/avatar");
    assert!(page.contains(&format!("<img src=\"{address}\" alt=\"\"")), "{page}");
    let shown = mila.get(&address).await;
    assert_eq!((shown.status, shown.header(header::CONTENT_TYPE)), (StatusCode::OK, "image/png"));
    let oleg = stage.signed_in(OLEG).await;
    assert_eq!(oleg.get(&address).await.status, StatusCode::NOT_FOUND, "it is for whoever is asked");
    mila.post(&format!("{question}/decline"), &[]).await;
    assert_eq!(mila.get(&address).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_dead_image_host_leaves_initials_and_an_account_that_works() {
    let stage = Stage::new().await;
    stage.tiktok().fault(FaultRule::always(Route::Image, FaultAction::DropBefore));
    let browser = stage.signed_in(MILA).await;
    let page = browser.get("/connections").await.text();
    assert_eq!(picture_on(&page), None);
    assert!(page.contains("aria-hidden=\"true\">MD</span>"), "{page}");
    assert!(page.contains("Works."), "{page}");
    let connection = stage.app.connections(&browser.actor().await).await.unwrap().remove(0).id;
    assert_eq!(browser.get(&format!("/connections/{connection}/avatar")).await.status, StatusCode::NOT_FOUND);
    for path in pages(&stage, &browser).await {
        assert_eq!(browser.get(&path).await.status, StatusCode::OK, "{path}");
    }
}
