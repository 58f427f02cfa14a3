//! Reports of weeks over HTTP.

use axum::http::{StatusCode, header};

use crate::stage::{MILA, Stage};

#[tokio::test]
async fn a_week_has_one_address_and_the_same_as_a_workbook() {
    let stage = Stage::new().await;
    let mila = stage.signed_in(MILA).await;
    let page = mila.get("/reports").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("No week has anything yet"), "{}", page.text());
    let page = mila.get("/reports/2026-W47").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Week 47: 16 November – 22 November 2026"));
    let file = mila.get("/reports/2026-W47/file").await;
    assert!(file.body.starts_with(b"PK"));
    assert_eq!(file.header(header::CONTENT_DISPOSITION), "attachment; filename=\"moloko-report-2026-W47.xlsx\"");
    for wrong in
        ["/reports/2026-47", "/reports/2026-W54", "/reports/x", "/reports/2026-W47?account=x", "/reports?account=x"]
    {
        assert_eq!(mila.get(wrong).await.status, StatusCode::NOT_FOUND, "{wrong}");
    }
    assert_eq!(mila.get("/reports?newest=nonsense").await.status, StatusCode::OK);
}
