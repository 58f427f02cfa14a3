//! The board: ideas become drafts and lose nothing, cards keep their places, and nothing is planned or stays planned by a move alone.

use app::board::{BoardQuery, BoardView, Card, Spot};
use app::guide::{SampleWords, Step};
use app::history::HistoryQuery;
use app::labels::Labelling;
use app::{Actor, Error};
use domain::board::{IDEAS_MAX, LABELS_MAX, POST_LABELS_MAX, Stage as Column};
use domain::connection::Flavour;
use domain::id::{LabelId, PostId};
use domain::post::{PostContent, PostState};
use domain::rules::Problem;

use crate::support::*;

async fn board(stage: &Stage, actor: &Actor) -> BoardView {
    stage.app.board(actor, &BoardQuery::default()).await.unwrap()
}

/// What a column shows, top down: texts of ideas, ids of posts.
fn column(view: &BoardView, stage: Column) -> Vec<String> {
    let column = view.columns.iter().find(|column| column.stage == stage).unwrap();
    column
        .cards
        .iter()
        .map(|card| match card {
            Card::Idea(card) => card.idea.words.clone(),
            Card::Post(card) => card.row.post.id.to_string(),
        })
        .collect()
}

fn ids(posts: &[PostId]) -> Vec<String> {
    posts.iter().map(ToString::to_string).collect()
}

fn labelled(chosen: &[LabelId], new: &str) -> Labelling {
    Labelling { chosen: chosen.to_vec(), new: new.to_owned(), flavour: None }
}

#[tokio::test]
async fn an_idea_becomes_drafts_with_its_words_and_labels_and_is_gone_from_the_board() {
    everywhere(async |stage| {
        let (actor, it) = stage.sign_in(MILA).await;
        let app = &stage.app;
        let idea = app.idea_add(&actor, "  Milk at dawn\r\nand a cat ", Some(it.connection_id)).await.unwrap();
        stage.pass(1_000);
        app.idea_add(&actor, "Later", None).await.unwrap();
        app.idea_labels_set(&actor, idea, &labelled(&[], "Season")).await.unwrap();
        assert_eq!(column(&board(&stage, &actor).await, Column::Ideas), ["Later", "Milk at dawn\nand a cat"]);

        let (one, two) = (stage.draft(&actor, it.connection_id).await.media_id, stage.upload(&actor).await);
        let refused = app.create_drafts_of_idea(&actor, idea, &[vec![one]], &[], None).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "no-account-chosen" })), "{refused:?}");
        assert!(app.idea(&actor, idea).await.is_ok(), "nothing is lost by a form that was refused");

        let files = [vec![one], vec![two]];
        let groups = app.create_drafts_of_idea(&actor, idea, &files, &[it.connection_id], None).await.unwrap();
        for group in groups {
            let post = stage.store().posts_in_group(actor.workspace_id, group).await.unwrap().remove(0);
            assert_eq!(post.content.caption, "Milk at dawn\nand a cat");
            let labels = app.labels_of(&actor, &[post.id]).await.unwrap();
            assert_eq!(labels[&post.id][0].words, "Season");
        }
        assert!(matches!(app.idea(&actor, idea).await, Err(Error::NotFound { .. })));
        let again = app.create_drafts_of_idea(&actor, idea, &files, &[it.connection_id], None).await;
        assert!(matches!(again, Err(Error::NotFound { .. })), "once");
        assert_eq!(column(&board(&stage, &actor).await, Column::Ideas), ["Later"]);
    })
    .await;
}

#[tokio::test]
async fn cards_stand_where_they_were_put_and_go_back_where_they_stood() {
    everywhere(async |stage| {
        let (actor, it) = stage.sign_in(MILA).await;
        let mut posts = Vec::new();
        for _ in 0..4 {
            posts.insert(0, stage.draft(&actor, it.connection_id).await.id);
            stage.pass(1_000);
        }
        assert_eq!(column(&board(&stage, &actor).await, Column::Drafts), ids(&posts), "the newest on top");
        let [d, c, b, a] = posts[..] else { panic!("four") };
        let put = async |id: PostId, column: Column, spot: Spot| {
            stage.app.board_move(&actor, id, 1, column, &spot).await.unwrap().before.unwrap()
        };
        let below = |id: PostId| Spot::Below(id.to_string());

        put(d, Column::Drafts, below(b)).await;
        assert_eq!(column(&board(&stage, &actor).await, Column::Drafts), ids(&[c, b, d, a]));
        let (from, stood) = put(a, Column::Ready, Spot::Top).await;
        let (_, _) = put(c, Column::Ready, below(a)).await;
        let view = board(&stage, &actor).await;
        assert_eq!((column(&view, Column::Drafts), column(&view, Column::Ready)), (ids(&[b, d]), ids(&[a, c])));
        let stands = stage.store().board_place(actor.workspace_id, a).await.unwrap().unwrap().place;
        let back = Spot::Back { place: stood, from: (Column::Ready, stands) };
        put(a, from, back.clone()).await;
        let again = stage.app.board_move(&actor, a, 1, from, &back).await;
        assert!(matches!(again, Err(Error::Conflict { code: "board-moved-meanwhile" })), "once: {again:?}");
        let view = board(&stage, &actor).await;
        assert_eq!((column(&view, Column::Drafts), column(&view, Column::Ready)), (ids(&[b, d, a]), ids(&[c])));

        let newest = stage.draft(&actor, it.connection_id).await.id;
        assert_eq!(
            column(&board(&stage, &actor).await, Column::Drafts),
            ids(&[newest, b, d, a]),
            "also above what was moved"
        );
        let two = BoardQuery { cards: [(Column::Drafts, 2)].into(), ..BoardQuery::default() };
        let drafts = stage.app.board(&actor, &two).await.unwrap().columns.remove(1);
        assert_eq!((drafts.cards.len(), drafts.total), (2, 4));

        for wrong in ["", "xyz", "0193-aa", &"a".repeat(300)] {
            let back = Spot::Back { place: wrong.to_owned(), from: (Column::Drafts, "0".to_owned()) };
            let refused = stage.app.board_move(&actor, a, 1, Column::Ready, &back).await;
            assert!(matches!(refused, Err(Error::BadInput { code: "board-place-unknown" })), "{wrong}");
        }
        let refused = stage.app.board_move(&actor, a, 1, Column::Ideas, &Spot::Top).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "board-keeps-file" })));
        let refused = stage.app.board_move(&actor, a, 1, Column::Scheduled, &Spot::Top).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "board-needs-consent" })));
    })
    .await;
}

#[tokio::test]
async fn an_idea_is_written_down_once_however_often_its_form_is_sent() {
    everywhere(async |stage| {
        let (actor, it) = stage.sign_in(MILA).await;
        let app = &stage.app;
        let id = board(&stage, &actor).await.next_idea;
        for _ in 0..2 {
            assert_eq!(app.idea_add_once(&actor, id, " Milk at dawn ", None).await.unwrap(), id);
        }
        let twice = board(&stage, &actor).await.next_idea;
        let send = || app.idea_add_once(&actor, twice, "Sent twice at once", None);
        let both = futures::join!(send(), send());
        assert_eq!((both.0.unwrap(), both.1.unwrap()), (twice, twice), "one idea");
        app.idea_delete(&actor, twice).await.unwrap();
        let other =
            app.idea_add_once(&actor, id, "Another thought, typed into the page of before", None).await.unwrap();
        assert_ne!(other, id);
        let (oleg, _) = stage.sign_in(OLEG).await;
        let his = app.idea_add_once(&oleg, id, "Milk at dawn", None).await.unwrap();
        assert_ne!(his, id, "an id of somebody else's tells nothing and takes nothing");
        assert_eq!(board(&stage, &actor).await.columns[0].total, 2);
        // What another window wrote after the page of the files was opened goes into the draft.
        let seen = app.idea(&actor, id).await.unwrap().at;
        app.idea_change(&actor, id, seen, "Milk at dusk", None).await.unwrap();
        let media = stage.upload(&actor).await;
        let made = app.create_drafts_of_idea(&actor, id, &[vec![media]], &[it.connection_id], None).await.unwrap();
        let post = stage.store().posts_in_group(actor.workspace_id, made[0]).await.unwrap().remove(0);
        assert_eq!(post.content.caption, "Milk at dusk");
        let late = app.idea_change(&actor, id, seen, "Milk at noon", None).await;
        assert!(matches!(late, Err(Error::NotFound { what: "idea" })), "{late:?}");
    })
    .await;
}

#[tokio::test]
async fn a_queue_of_one_label_says_what_it_leaves_out() {
    everywhere(async |stage| {
        let (actor, it) = stage.sign_in(MILA).await;
        let label = stage.app.label_add(&actor, "season", None).await.unwrap();
        for _ in 0..3 {
            let post = stage.scheduled(&actor, it.connection_id).await;
            stage.app.post_labels_set(&actor, post.id, &labelled(&[label], "")).await.unwrap();
        }
        let view = stage.app.queue_rows(&actor, START, 2, Some(label)).await.unwrap();
        assert_eq!((view.upcoming.len(), view.more), (2, true));
        let view = stage.app.queue_rows(&actor, START, 3, Some(label)).await.unwrap();
        assert_eq!((view.upcoming.len(), view.more), (3, false));
    })
    .await;
}

#[tokio::test]
async fn what_waits_for_a_resting_account_is_not_in_the_way_of_what_goes_out_next() {
    everywhere(async |stage| {
        let (actor, it) = stage.sign_in(MILA).await;
        let other = stage.add_account(&actor, CAREFUL).await;
        let label = stage.app.label_add(&actor, "season", None).await.unwrap();
        let mut waiting = Vec::new();
        for _ in 0..3 {
            let post = stage.scheduled(&actor, it.connection_id).await;
            stage.app.post_labels_set(&actor, post.id, &labelled(&[label], "")).await.unwrap();
            waiting.push(post.id);
        }
        let later = stage.scheduled_at(&actor, other, "2026-12-24T18:30").await;
        stage.app.pause(&actor, it.connection_id).await.unwrap();
        let ids = |rows: &[app::queue::PostRow]| rows.iter().map(|row| row.post.id).collect::<Vec<_>>();
        let view = stage.app.queue_rows(&actor, START, 10, None).await.unwrap();
        assert_eq!((view.upcoming.len(), view.resting.len()), (4, 0), "their time has not come");
        stage.pass(7 * 86_400_000);
        let view = stage.app.queue_rows(&actor, START, 1, None).await.unwrap();
        assert_eq!((ids(&view.upcoming), view.more), (vec![later.id], false));
        assert_eq!((ids(&view.resting).len(), view.resting_total, view.late), (3, 3, None));
        assert_eq!(view.borne[&waiting[0]][0].words, "season");
        let view = stage.app.queue_rows(&actor, START, 10, Some(label)).await.unwrap();
        assert_eq!((view.upcoming.len(), view.resting.len()), (0, 3));
    })
    .await;
}

#[tokio::test]
async fn a_post_that_went_meanwhile_takes_no_labels() {
    everywhere(async |stage| {
        let (actor, it) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, it.connection_id).await;
        let label = stage.app.label_add(&actor, "season", None).await.unwrap();
        stage.app.delete_draft(&actor, draft.id).await.unwrap();
        let gone = stage.app.post_labels_set(&actor, draft.id, &labelled(&[label], "")).await;
        assert!(matches!(gone, Err(Error::NotFound { what: "post" })), "{gone:?}");
    })
    .await;
}

#[tokio::test]
async fn ideas_are_put_in_an_order_too() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let app = &stage.app;
        let mut made = Vec::new();
        for words in ["c", "b", "a"] {
            made.insert(0, app.idea_add(&actor, words, None).await.unwrap());
            stage.pass(1_000);
        }
        let (stood, stands) = app.idea_move(&actor, made[0], &Spot::Below(made[1].to_string())).await.unwrap();
        assert_eq!(column(&board(&stage, &actor).await, Column::Ideas), ["b", "a", "c"]);
        let back = Spot::Back { place: stood, from: (Column::Ideas, stands) };
        app.idea_move(&actor, made[0], &back).await.unwrap();
        let again = app.idea_move(&actor, made[0], &back).await;
        assert!(matches!(again, Err(Error::Conflict { code: "board-moved-meanwhile" })), "once: {again:?}");
        assert_eq!(column(&board(&stage, &actor).await, Column::Ideas), ["a", "b", "c"]);
        app.idea_move(&actor, made[2], &Spot::Top).await.unwrap();
        let seen = app.idea(&actor, made[1]).await.unwrap().at;
        app.idea_change(&actor, made[1], seen, "B", None).await.unwrap();
        let stale = app.idea_change(&actor, made[1], seen, "the other window's", None).await;
        assert!(matches!(stale, Err(Error::Conflict { code: "idea-changed-meanwhile" })), "{stale:?}");
        app.idea_change(&actor, made[1], seen, "B", None).await.unwrap();
        assert_eq!(column(&board(&stage, &actor).await, Column::Ideas), ["c", "a", "B"]);
        app.idea_delete(&actor, made[0]).await.unwrap();
        assert!(matches!(app.idea_delete(&actor, made[0]).await, Err(Error::NotFound { .. })));
        let refused = app.idea_add(&actor, " \n", None).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "idea-missing" })));
    })
    .await;
}

#[tokio::test]
async fn a_planned_post_that_leaves_its_column_is_a_draft_and_its_consent_is_void() {
    everywhere(async |stage| {
        let (actor, it) = stage.sign_in(MILA).await;
        let planned = stage.scheduled(&actor, it.connection_id).await;
        assert_eq!(column(&board(&stage, &actor).await, Column::Scheduled), ids(&[planned.id]));
        assert_eq!(stage.app.board_stage(&actor, planned.id).await.unwrap(), Some(Column::Scheduled));
        let stale = stage.app.board_move(&actor, planned.id, planned.revision - 1, Column::Ready, &Spot::Top).await;
        assert!(matches!(stale, Err(Error::Conflict { code: "post-changed-meanwhile" })), "{stale:?}");

        let gone = stage.draft(&actor, it.connection_id).await.id;
        stage.app.delete_draft(&actor, gone).await.unwrap();
        let back = Spot::Back { place: "?".to_owned(), from: (Column::Ready, "0".to_owned()) };
        for nowhere in [Spot::Below(gone.to_string()), Spot::Below("nothing".to_owned()), back] {
            let refused = stage.app.board_move(&actor, planned.id, planned.revision, Column::Ready, &nowhere).await;
            assert!(matches!(refused, Err(Error::NotFound { .. } | Error::Conflict { .. })), "{refused:?}");
            assert_eq!(
                stage.app.post(&actor, planned.id).await.unwrap().state,
                PostState::Scheduled,
                "the plan stands"
            );
        }

        let moved =
            stage.app.board_move(&actor, planned.id, planned.revision, Column::Ready, &Spot::Top).await.unwrap();
        assert_eq!((moved.post.state, moved.post.consent_id, moved.before), (PostState::Draft, None, None));
        assert_eq!(moved.post.content, planned.content, "nothing of it is lost");
        assert_eq!(moved.post.local_time, planned.local_time, "the time still stands in its field");
        let events = stage.app.post_detail(&actor, planned.id).await.unwrap().events;
        assert_eq!(events.last().unwrap().kind, "consent_voided");
        let view = board(&stage, &actor).await;
        assert_eq!(column(&view, Column::Ready), ids(&[planned.id]));
        let Card::Post(card) = &view.columns[2].cards[0] else { panic!("a post") };
        assert!(card.hinders.is_empty() && !card.is_timeless, "{:?}", card.hinders);

        let bare = stage.draft(&actor, it.connection_id).await;
        stage.app.board_move(&actor, bare.id, 1, Column::Ready, &Spot::Top).await.unwrap();
        let (at, card) = stage.app.board_card(&actor, bare.id).await.unwrap();
        assert_eq!(
            (at, card.hinders.as_slice(), card.is_timeless),
            (Column::Ready, &[Problem::PrivacyMissing][..], true)
        );
        stage.pass(30 * 86_400_000);
        let (_, card) = stage.app.board_card(&actor, planned.id).await.unwrap();
        assert!(matches!(card.hinders[..], [Problem::TimeInPast { .. }]), "its time passed: {:?}", card.hinders);
    })
    .await;
}

#[tokio::test]
async fn labels_are_given_filtered_by_and_taken_away() {
    everywhere(async |stage| {
        let (actor, it) = stage.sign_in(MILA).await;
        let app = &stage.app;
        let (draft, planned) =
            (stage.draft(&actor, it.connection_id).await, stage.scheduled(&actor, it.connection_id).await);
        app.post_labels_set(&actor, planned.id, &labelled(&[], "Season")).await.unwrap();
        assert_eq!(
            app.post(&actor, planned.id).await.unwrap(),
            planned,
            "a consent covers what TikTok gets, not labels"
        );
        let season = app.labels(&actor).await.unwrap().remove(0);
        app.post_labels_set(&actor, draft.id, &labelled(&[], " SEASON ")).await.unwrap();
        app.post_labels_set(&actor, draft.id, &labelled(&[], " sea\u{a0}\tson ")).await.unwrap();
        app.post_labels_set(&actor, draft.id, &labelled(&[], "SEA SON")).await.unwrap();
        assert_eq!(app.labels(&actor).await.unwrap().len(), 2, "the same word is the same label");
        let second = app.labels(&actor).await.unwrap().remove(0);
        app.label_delete(&actor, second.id).await.unwrap();
        app.post_labels_set(&actor, draft.id, &labelled(&[], "SEASON")).await.unwrap();
        let gone = app.post_labels_set(&actor, draft.id, &labelled(&[second.id], "")).await;
        assert!(matches!(gone, Err(Error::NotFound { what: "label" })), "{gone:?}");
        let other = app.label_add(&actor, "утро", Some(Flavour::Mint)).await.unwrap();
        app.post_labels_set(&actor, draft.id, &labelled(&[other, other], "")).await.unwrap();

        let only = |label| BoardQuery { label: Some(label), ..BoardQuery::default() };
        let view = app.board(&actor, &only(season.id)).await.unwrap();
        assert_eq!(column(&view, Column::Scheduled), ids(&[planned.id]));
        assert!(column(&view, Column::Drafts).is_empty());
        let view = app.queue_rows(&actor, START, 60, Some(other)).await.unwrap();
        assert_eq!((view.upcoming.len(), view.drafts.len()), (0, 1));
        let view = app.queue_rows(&actor, START, 60, Some(season.id)).await.unwrap();
        assert_eq!((view.upcoming.len(), view.drafts.len()), (1, 0));
        app.cancel(&actor, planned.id).await.unwrap();
        let query = |label| HistoryQuery { label: Some(label), ..HistoryQuery::default() };
        let page = app.history(&actor, &query(season.id)).await.unwrap();
        assert_eq!((page.rows.len(), page.labels[&planned.id][0].words.as_str()), (1, "Season"));
        assert!(app.history(&actor, &query(other)).await.unwrap().rows.is_empty());

        app.label_change(&actor, season.id, "Winter", Flavour::Sea).await.unwrap();
        let refused = app.label_change(&actor, season.id, "Утро", Flavour::Sea).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "label-twice" })), "{refused:?}");
        app.label_delete(&actor, season.id).await.unwrap();
        assert!(app.labels_of(&actor, &[planned.id]).await.unwrap().is_empty());
        assert_eq!(app.labels_of(&actor, &[draft.id]).await.unwrap()[&draft.id][0].words, "утро");
    })
    .await;
}

#[tokio::test]
async fn there_are_only_so_many_labels_and_ideas() {
    everywhere(async |stage| {
        let (actor, it) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, it.connection_id).await;
        let mut all = Vec::new();
        for n in 0..LABELS_MAX {
            all.push(stage.app.label_add(&actor, &format!("label {n}"), None).await.unwrap());
        }
        let refused = stage.app.label_add(&actor, "one more", None).await;
        assert!(matches!(refused, Err(Error::Limit { code: "too-many-labels" })));
        let refused = stage.app.post_labels_set(&actor, draft.id, &labelled(&all[..=POST_LABELS_MAX], "")).await;
        assert!(matches!(refused, Err(Error::Limit { code: "too-many-post-labels" })));
        stage.app.post_labels_set(&actor, draft.id, &labelled(&all[..POST_LABELS_MAX], "")).await.unwrap();
        for n in 0..IDEAS_MAX {
            stage.app.idea_add(&actor, &format!("idea {n}"), None).await.unwrap();
        }
        let refused = stage.app.idea_add(&actor, "one more", None).await;
        assert!(matches!(refused, Err(Error::Limit { code: "too-many-ideas" })));
    })
    .await;
}

#[tokio::test]
async fn the_first_steps_are_ticked_by_facts_and_end_with_the_first_plan() {
    everywhere(async |stage| {
        let (actor, it) = stage.sign_in(MILA).await;
        let app = &stage.app;
        let done = async || {
            let guide = app.guide(&actor).await.unwrap().unwrap();
            (guide.steps.map(|(_, done)| done), guide.next().unwrap())
        };
        assert_eq!(done().await, ([true, false, false, false], Step::File));
        app.guide_set(&actor, true).await.unwrap();
        app.guide_set(&actor, true).await.unwrap();
        assert!(app.guide(&actor).await.unwrap().is_none() && app.guide_is_hidden(&actor).await.unwrap());
        app.guide_set(&actor, false).await.unwrap();
        stage.draft(&actor, it.connection_id).await;
        assert_eq!(done().await, ([true, true, false, false], Step::Slots));
        let seen = app.rhythm(&actor, it.connection_id).await.unwrap().updated_at;
        app.rhythm_set(&actor, it.connection_id, seen, "1-09:00".parse().unwrap(), 0).await.unwrap();
        assert_eq!(done().await, ([true, true, true, false], Step::Plan));
        let planned = stage.scheduled(&actor, it.connection_id).await;
        assert!(app.guide(&actor).await.unwrap().is_none(), "gone when it is done");
        app.cancel(&actor, planned.id).await.unwrap();
        assert!(app.guide(&actor).await.unwrap().is_none(), "and it does not come back");
    })
    .await;
}

#[tokio::test]
async fn samples_come_and_go_together_and_what_somebody_made_of_one_stays() {
    everywhere(async |stage| {
        let (actor, it) = stage.sign_in(MILA).await;
        let app = &stage.app;
        app.idea_add(&actor, "mine", None).await.unwrap();
        stage.pass(1_000);
        let words = SampleWords {
            ideas: ["one", "two", "three"].map(str::to_owned).to_vec(),
            pictures: ["a.jpg", "b.jpg", "c.jpg"].map(str::to_owned),
            captions: ["first", "second"].map(str::to_owned),
        };
        app.samples_add(&actor, &words).await.unwrap();
        app.samples_add(&actor, &words).await.unwrap();
        let view = board(&stage, &actor).await;
        assert_eq!(column(&view, Column::Ideas), ["one", "two", "three", "mine"], "once, in their order");
        assert!(view.has_samples && app.guide(&actor).await.unwrap().unwrap().has_samples);
        let guide = app.guide(&actor).await.unwrap().unwrap();
        assert!(!guide.steps[1].1, "a sample is nobody's first file");
        let drafts = view.columns[1].cards.clone();
        let mut captions: Vec<_> = drafts
            .iter()
            .map(|card| match card {
                Card::Post(card) => (card.row.post.content.caption.clone(), card.is_sample, card.row.post.id),
                Card::Idea(_) => panic!("no idea"),
            })
            .collect();
        captions.sort();
        let [(first, true, one), (second, true, two)] = &captions[..] else { panic!("{captions:?}") };
        assert_eq!((first.as_str(), second.as_str()), ("first", "second"));
        for (id, photos) in [(one, 1), (two, 2)] {
            let post = app.post(&actor, *id).await.unwrap();
            assert_eq!((post.photos.unwrap().pictures().len(), post.state), (photos, PostState::Draft));
        }
        let files = app.media_list(&actor, None, 10).await.unwrap();
        let fit = |media: &store::Media| {
            media.verdict.outcome == domain::media::MediaOutcome::Accept && media.photo().is_some()
        };
        assert!(files.len() == 3 && files.iter().all(fit), "{files:?}");
        // One of the drafts is taken up.
        let post = app.post(&actor, *one).await.unwrap();
        let input = app::posts::DraftInput {
            content: PostContent { caption: "mine now".to_owned(), ..post.content },
            ..everyone()
        };
        app.save_draft(&actor, *one, post.revision, &input).await.unwrap();
        let ideas = stage.store().ideas(actor.workspace_id).await.unwrap();
        assert!(ideas.iter().all(|idea| idea.connection_id.is_none()), "nothing of them could go out");
        app.idea_change(&actor, ideas[1].id, ideas[1].at, "two, but better", None).await.unwrap();
        let media = stage.upload(&actor).await;
        app.create_drafts_of_idea(&actor, ideas[0].id, &[vec![media]], &[it.connection_id], None).await.unwrap();
        app.samples_remove(&actor).await.unwrap();
        let view = board(&stage, &actor).await;
        assert_eq!(column(&view, Column::Ideas), ["two, but better", "mine"]);
        assert_eq!(view.columns[1].total, 2, "what was made of an idea, and the draft that was taken up");
        let kept = app.media_list(&actor, None, 10).await.unwrap();
        let mut names: Vec<&str> = kept.iter().map(|media| media.file_name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["a.jpg", "cake.mp4"], "with its picture");
        app.delete_draft(&actor, *one).await.unwrap();
        app.samples_remove(&actor).await.unwrap();
        assert!(!board(&stage, &actor).await.has_samples);
        assert_eq!(app.media_list(&actor, None, 10).await.unwrap().len(), 1);
    })
    .await;
}
