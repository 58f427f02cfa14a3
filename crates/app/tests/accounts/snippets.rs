//! Texts that are kept for captions: kept, reworded, forgotten, limited, gone with their person.

use app::Error;
use domain::snippet::{SNIPPETS_MAX, SnippetKind};

use crate::support::*;

#[tokio::test]
async fn texts_are_kept_reworded_and_forgotten() {
    everywhere(async |stage| {
        let (mila, _) = stage.sign_in(MILA).await;
        let app = &stage.app;
        let tags = app.snippet_add(&mila, SnippetKind::Hashtags, "Morning", "milk Dawn #milk").await.unwrap();
        let hello =
            app.snippet_add(&mila, SnippetKind::Template, "  Hello  there", "Good morning\r\nall").await.unwrap();
        let told = async || {
            let all = app.snippets(&mila).await.unwrap();
            all.into_iter().map(|it| (it.id, it.name, it.words)).collect::<Vec<_>>()
        };
        let both = [
            (hello, "Hello there".to_owned(), "Good morning\nall".to_owned()),
            (tags, "Morning".to_owned(), "#milk #Dawn".to_owned()),
        ];
        assert_eq!(told().await, both);
        app.snippet_change(&mila, tags, "Evening", "#Вечер, dusk").await.unwrap();
        assert_eq!(
            told().await[1],
            (tags, "Evening".to_owned(), "#Вечер #dusk".to_owned()),
            "it stays a group of hashtags"
        );
        let refused = app.snippet_change(&mila, tags, "Evening", " , ").await;
        assert!(matches!(refused, Err(Error::BadInput { code: "snippet-words-missing" })));
        let refused = app.snippet_add(&mila, SnippetKind::Template, " ", "x").await;
        assert!(matches!(refused, Err(Error::BadInput { code: "snippet-name-missing" })));
        app.snippet_delete(&mila, hello).await.unwrap();
        assert!(matches!(app.snippet_delete(&mila, hello).await, Err(Error::NotFound { .. })));
        assert_eq!(told().await.len(), 1);
    })
    .await;
}

#[tokio::test]
async fn there_is_an_end_to_how_many_are_kept() {
    everywhere(async |stage| {
        let (mila, _) = stage.sign_in(MILA).await;
        for n in 0..SNIPPETS_MAX {
            stage.app.snippet_add(&mila, SnippetKind::Template, &format!("n{n}"), "words").await.unwrap();
        }
        let refused = stage.app.snippet_add(&mila, SnippetKind::Template, "one more", "words").await;
        assert!(matches!(refused, Err(Error::Limit { code: "too-many-snippets" })));
    })
    .await;
}
