//! Many posts over HTTP: rows saved with and without a script, a consent only for what was shown, files tried, made and taken along.

use axum::body::Body;
use axum::http::{Method, StatusCode, header};

use crate::stage::{Answer, Browser, MILA, Stage};

/// A row of one file for one account.
async fn row(browser: &Browser<'_>) -> store::Post {
    let (app, actor) = (browser.app(), browser.actor().await);
    let (media, account) = (browser.media().await, app.connections(&actor).await.unwrap()[0].id);
    let made = browser.post("/bulk", &[("media", &media.to_string()), ("connection", &account.to_string())]).await;
    assert_eq!((made.status, made.location()), (StatusCode::SEE_OTHER, "/bulk#rows"));
    app.bulk_grid(&actor, None).await.unwrap().rows.pop().unwrap().post
}

/// Sends a file as a form does.
async fn bring(browser: &Browser<'_>, path: &str, bytes: &[u8]) -> Answer {
    let head = "--cut\r\ncontent-disposition: form-data; name=\"sheet\"; filename=\"plan.csv\"\r\n\r\n".as_bytes();
    let body = [head, bytes, b"\r\n--cut--\r\n"].concat();
    let request = browser
        .request(Method::POST, path)
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=cut")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(body));
    browser.send(request.unwrap()).await
}

#[tokio::test]
async fn a_row_is_saved_with_and_without_a_script_and_the_slower_tab_is_told() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let post = row(&browser).await;
    let path = format!("/bulk/rows/{}", post.id);
    let fields = [("revision", "1"), ("caption", "Milk"), ("privacy", "SELF_ONLY"), ("page", "1")];
    let saved = browser.post(&path, &fields).await;
    assert_eq!(saved.location(), format!("/bulk?page=1#row-{}", post.id));
    let grid = browser.get("/bulk").await.text();
    assert!(grid.contains(">Milk</textarea>") && grid.contains("value=\"SELF_ONLY\" selected"), "{grid}");
    let mut request = browser
        .request(Method::POST, &path)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from("revision=2&caption=Honey&date=2026-12-24&time=18:30"))
        .unwrap();
    request.headers_mut().insert(header::ACCEPT, "application/json".parse().unwrap());
    let answer = browser.send(request).await;
    let told: serde_json::Value = serde_json::from_str(&answer.text()).unwrap();
    assert_eq!((told["revision"].as_i64(), told["row"].is_null()), (Some(3), true));
    assert!(told["problems"].as_str().unwrap().contains("<details>"), "an audience is missing: {told}");
    assert_eq!(browser.post(&path, &fields).await.status, StatusCode::CONFLICT, "the slower tab");
}

#[tokio::test]
async fn labels_that_are_refused_cost_a_row_without_a_script_nothing_else() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let post = row(&browser).await;
    let long = "x".repeat(40);
    let fields = [("revision", "1"), ("caption", "Milk"), ("page", "1"), ("labels", long.as_str())];
    let answer = browser.post(&format!("/bulk/rows/{}", post.id), &fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let grid = answer.text();
    assert!(grid.contains("at most 32 characters") && grid.contains(">Milk</textarea>"), "{grid}");
}

#[tokio::test]
async fn whoever_cancels_is_asked_about_a_post_by_its_name() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let post = row(&browser).await;
    let path = format!("/bulk/rows/{}", post.id);
    browser.post(&path, &[("revision", "1"), ("caption", "Milk & honey\nmore")]).await;
    let asked = browser.get(&format!("/posts/{}/cancel", post.id)).await.text();
    assert!(asked.contains("“Milk &amp; honey” at"), "{asked}");
}

/// The same post, time and declaration without our word that they were shown.
fn made_up(token: &str) -> String {
    format!("{}.{}", token.rsplit_once('.').unwrap().0, "A".repeat(43))
}

#[tokio::test]
async fn only_what_a_review_named_is_agreed_to() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let post = row(&browser).await;
    let fields = [("revision", "1"), ("privacy", "PUBLIC_TO_EVERYONE"), ("date", "2026-12-24"), ("time", "18:30")];
    browser.post(&format!("/bulk/rows/{}", post.id), &fields).await;
    let review = browser.post("/bulk/chosen", &[("post", &post.id.to_string()), ("action", "review")]).await.text();
    let token = review.split("name=\"agree\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert!(token.starts_with(&format!("{}.2.", post.id)) && token.contains(".music."), "{token}");
    for wrong in [token.replace(".2.", ".1."), token.replace("music", "branded"), format!("{token}A"), made_up(&token)]
    {
        let answer = browser.post("/bulk/consent", &[("agree", &wrong)]).await;
        assert!(answer.text().contains("data-settled=\"behind\""), "{wrong}");
    }
    assert_eq!(browser.post("/bulk/consent", &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(browser.post("/bulk/consent", &[("agree", "x")]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = browser.post("/bulk/consent", &[("agree", &token)]).await;
    assert!(answer.text().contains("data-settled=\"planned\""));
    let again = browser.post("/bulk/consent", &[("agree", &token)]).await;
    assert!(again.text().contains("data-settled=\"planned\""), "a repeated press tells what is so");
    let (app, actor) = (browser.app(), browser.actor().await);
    let post = app.post(&actor, post.id).await.unwrap();
    assert_eq!(post.revision, 3, "and plans nothing again");
    for (fields, words) in [
        (vec![("action", "review")], "no-post"),
        (vec![("action", "spread"), ("post", "01930000-0000-7000-8000-000000000000")], "times"),
    ] {
        assert_eq!(browser.post("/bulk/chosen", &fields).await.status, StatusCode::UNPROCESSABLE_ENTITY, "{words}");
    }
}

#[tokio::test]
async fn a_file_is_tried_then_made_and_the_plan_is_taken_along() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let name = {
        let (app, actor) = (browser.app(), browser.actor().await);
        app.media(&actor, browser.media().await).await.unwrap().file_name
    };
    let text =
        format!("account,file,caption,date,time\r\n{MILA},{name},'=1+1 & <b>,2026-12-24,18:30\r\nnobody,{name},,,\r\n");
    let tried = bring(&browser, "/bulk/import", text.as_bytes()).await;
    assert_eq!(tried.status, StatusCode::OK, "{}", tried.text());
    let page = tried.text();
    assert!(page.contains("data-fault=\"unknown-account\"") && page.contains("1 row becomes a draft"), "{page}");
    assert!(browser.get("/bulk").await.text().contains("No drafts yet"), "nothing is made by looking");
    let carried =
        page.split("<textarea").nth(1).unwrap().split_once('>').unwrap().1.split("</textarea>").next().unwrap();
    let carried = carried
        .trim_start_matches('\n')
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&");
    let made = bring(&browser, "/bulk/import/make", carried.as_bytes()).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER);
    let rows = browser.get(made.location()).await.text();
    assert!(rows.contains("=1+1 &amp; &lt;b&gt;</textarea>"));
    let ticked =
        rows.split("<input").filter(|input| input.contains("form=\"chosen\"") && input.contains("checked")).count();
    assert_eq!(ticked, 1, "what was made is what somebody goes on with");
    let again = bring(&browser, "/bulk/import", carried.as_bytes()).await.text();
    assert!(again.contains("data-fault=\"twin\"") && again.contains("name=\"again\""));

    let plan = browser.get("/bulk/plan?format=csv&connection=&from=2026-12-24&until=2026-12-24").await;
    assert_eq!(plan.header(header::CONTENT_TYPE), "text/csv; charset=utf-8");
    assert!(plan.header(header::CONTENT_DISPOSITION).contains("moloko-plan.csv"));
    assert!(plan.text().contains("'=1+1") && !plan.text().contains(",=1+1"), "{}", plan.text());
    assert_eq!(browser.get("/bulk/plan?until=2026-12-23").await.text().lines().count(), 1);
    assert!(browser.get("/bulk/plan?format=xlsx").await.header(header::CONTENT_DISPOSITION).contains(".xlsx"));
    assert_eq!(
        browser.get("/bulk/plan?connection=01930000-0000-7000-8000-000000000000").await.status,
        StatusCode::NOT_FOUND
    );
    assert!(browser.get("/bulk/template.csv").await.text().contains("account,file,"));
    assert_eq!(browser.get("/bulk/template.xlsx").await.status, StatusCode::OK);

    for (bytes, said) in [
        (b"".to_vec(), "no file"),
        (vec![b'a'; 2 * 1024 * 1024 + 1], "larger than 2 MB"),
        (b"PK".to_vec(), "can be read"),
    ] {
        let refused = bring(&browser, "/bulk/import", &bytes).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(refused.text().contains(said), "{said}");
    }
    let huge = bring(&browser, "/bulk/import", &vec![b'a'; 7 * 1024 * 1024]).await;
    assert_eq!(huge.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn a_page_of_fifty_rows_is_light() {
    let stage = Stage::new().await;
    let browser = stage.signed_in(MILA).await;
    let (app, actor) = (browser.app(), browser.actor().await);
    let account = app.connections(&actor).await.unwrap().remove(0).id;
    let posts = vec![vec![browser.media().await]; app::posts::GRID_ROWS];
    app.create_drafts_each(&actor, &posts, &[account], None).await.unwrap();
    for row in app.bulk_grid(&actor, None).await.unwrap().rows {
        // No two of them compress as one.
        let caption = format!("{} {} #{}", row.post.id, row.post.group_id, row.post.created_at.millis());
        let fields = [("revision", "1"), ("caption", caption.as_str()), ("privacy", "PUBLIC_TO_EVERYONE")];
        browser.post(&format!("/bulk/rows/{}", row.post.id), &fields).await;
    }
    for (coding, most) in [("gzip", 60 * 1024), ("br", 60 * 1024)] {
        let request = browser.request(Method::GET, "/bulk").header(header::ACCEPT_ENCODING, coding);
        let page = browser.send(request.body(Body::empty()).unwrap()).await;
        assert_eq!((page.status, page.header(header::CONTENT_ENCODING)), (StatusCode::OK, coding));
        assert!(page.body.len() <= most, "{} bytes as {coding}", page.body.len());
    }
}
