//! PP-4.5: what belongs to another workspace does not exist, for every use case that takes an id.

use std::collections::BTreeSet;
use std::path::Path;

use app::board::{BoardQuery, Spot};
use app::calendar::CalendarQuery;
use app::export::ExportLink;
use app::history::HistoryQuery;
use app::history::file::HistoryFormat;
use app::labels::Labelling;
use app::media::library::LibraryQuery;
use app::media::pictures::Picture;
use app::metrics::insight::InsightQuery;
use app::metrics::shown::{Against, NumbersQuery};
use app::posts::{How, Move, When};
use app::reports::ReportQuery;
use app::reports::links::Share;
use app::sheet::{Format, PlanFilter};
use app::sign_in::{Purpose, SignInFailure, StartSignIn};
use app::{Actor, Error, Result};
use domain::attempt::PersonAnswer;
use domain::board::Stage as Column;
use domain::calendar::Day;
use domain::connection::Flavour;
use domain::consent::Declaration;
use domain::id::{
    AnnotationId, ConnectionId, DeletionId, ErasureId, ExportId, GroupId, IdeaId, LabelId, MediaId, NoticeNumber,
    PostId, ReportLinkId, RequestNumber, SavedViewId, SessionId, SnippetId, UploadId,
};
use domain::media::fit::Trim;
use domain::post::{Delivery, PostState};
use domain::privacy::purposes::Reading;
use domain::privacy::support::RequestKind;
use domain::report::Week as Calendar;
use domain::rhythm::{Slot, Week};
use domain::schedule::Zone;
use domain::snippet::SnippetKind;
use domain::time::UnixMillis;
use futures::stream;
use uuid::Uuid;

use crate::browser::Browser;
use crate::support::*;

/// One of each kind of thing.
struct Belongings {
    connection: ConnectionId,
    media: MediaId,
    upload: UploadId,
    session: SessionId,
    draft: PostId,
    scheduled: PostId,
    failed: PostId,
    group: GroupId,
    unconfirmed: ConnectionId,
    request: RequestNumber,
    notice: NoticeNumber,
    erasure: ErasureId,
    deletion: DeletionId,
    export: (ExportId, ExportLink),
    snippet: SnippetId,
    saved_view: SavedViewId,
    annotation: AnnotationId,
    report_link: ReportLinkId,
    label: LabelId,
    idea: IdeaId,
}

impl Belongings {
    async fn of(stage: &Stage, actor: &Actor, connection: ConnectionId) -> Self {
        let draft = stage.draft(actor, connection).await;
        let failed = stage.scheduled(actor, connection).await;
        let mut tx = stage.store().begin().await.unwrap();
        assert!(tx.post_set_state(failed.id, &[PostState::Scheduled], PostState::Failed, START).await.unwrap());
        tx.commit().await.unwrap();
        let request = stage.app.ask(actor, RequestKind::Question, "Whose is this?").await.unwrap();
        stage.app.operator_answer(request, "Yours.").await.unwrap();
        let notice = stage.app.notices(actor).await.unwrap()[0].number;
        let export = stage.app.ask_export(actor, false).await.unwrap().id;
        stage.app.build_next_export().await.unwrap();
        let link = stage.app.export_view(actor).await.unwrap().link.unwrap();
        let thrown = stage.upload(actor).await;
        let deletion = stage.app.media_delete(actor, thrown).await.unwrap().id;
        let erasure = ErasureId::from_uuid(actor.user_id.uuid());
        let wish = "INSERT INTO erasure (id, receipt_hash, unit, subject_id, workspace_id, door, state, revoked, requested_at, begins_at, \
                    deadline_at, evidence, next_at) VALUES";
        let (person, workspace) = (actor.user_id, actor.workspace_id);
        let row = format!(
            "{wish} ('{erasure}', '{erasure}', 'person', '{person}', '{workspace}', 'page', 'undone', 'unneeded', 1, 1, 1, '{{}}', 1)"
        );
        stage.database.tamper(&[&row]).await;
        assert_eq!(stage.app.own_receipt(actor, erasure).await.unwrap().erasure.id, erasure);
        stage.push_begun(actor, "https://push.example/of-this-browser").await;
        Self {
            erasure,
            deletion,
            export: (export, link),
            connection,
            media: draft.media_id,
            upload: stage.app.upload_create(actor, "half.mp4", 1_000).await.unwrap().id,
            session: actor.session_id,
            draft: draft.id,
            scheduled: stage.scheduled(actor, connection).await.id,
            failed: failed.id,
            group: draft.group_id,
            unconfirmed: stage.asked_about(actor, OLEG).await,
            request,
            notice,
            snippet: stage.app.snippet_add(actor, SnippetKind::Template, "Hello", "Good morning").await.unwrap(),
            annotation: stage
                .app
                .annotation_add(actor, domain::metrics::day_number(stage.now()), None, "Ours")
                .await
                .unwrap(),
            report_link: stage.app.report_share(actor, &shared(None)).await.unwrap().0.id,
            saved_view: stage.app.saved_view_add(actor, "Failed", "state=failed").await.unwrap(),
            label: stage.app.label_add(actor, "season", None).await.unwrap(),
            idea: stage.app.idea_add(actor, "Milk at dawn", Some(connection)).await.unwrap(),
        }
    }

    /// Ids that nothing has.
    fn invented() -> Self {
        let nothing = Uuid::from_u128(0xdead_beef);
        Self {
            connection: ConnectionId::from_uuid(nothing),
            media: MediaId::from_uuid(nothing),
            upload: UploadId::from_uuid(nothing),
            session: SessionId::from_uuid(nothing),
            draft: PostId::from_uuid(nothing),
            scheduled: PostId::from_uuid(nothing),
            failed: PostId::from_uuid(nothing),
            group: GroupId::from_uuid(nothing),
            unconfirmed: ConnectionId::from_uuid(nothing),
            request: RequestNumber::new(404_404),
            notice: NoticeNumber::new(404_404),
            erasure: ErasureId::from_uuid(nothing),
            deletion: DeletionId::from_uuid(nothing),
            export: (ExportId::from_uuid(nothing), ExportLink { until: START, word: "word".to_owned() }),
            snippet: SnippetId::from_uuid(nothing),
            saved_view: SavedViewId::from_uuid(nothing),
            annotation: AnnotationId::from_uuid(nothing),
            report_link: ReportLinkId::from_uuid(nothing),
            label: LabelId::from_uuid(nothing),
            idea: IdeaId::from_uuid(nothing),
        }
    }
}

fn shared(connection: Option<ConnectionId>) -> Share {
    Share { week: None, connection, name: String::new(), days: 7 }
}

fn report_of(connection: ConnectionId) -> ReportQuery {
    ReportQuery { week: Calendar::of(START, &Zone::utc()), connection: Some(connection) }
}

fn labelled(label: LabelId) -> Labelling {
    Labelling { chosen: vec![label], ..Labelling::default() }
}

/// Calls every use case that takes an id with things of somebody else; `own` fills the places that are not under test.
async fn every_use_case(
    stage: &Stage,
    actor: &Actor,
    own: &Belongings,
    it: &Belongings,
) -> Vec<(&'static str, Result<()>)> {
    let app = &stage.app;
    let when = at("2026-11-25T10:00");
    let browser = Browser::new();
    let reconnect = StartSignIn {
        purpose: Purpose::Reconnect(actor, it.connection),
        browser_secret: &browser.secret,
        adult_confirmed: true,
        next_path: "/queue",
        locale: "en",
    };
    let allow = StartSignIn {
        purpose: Purpose::Allow(actor, it.connection, Reading::Metrics),
        next_path: "/analytics",
        ..reconnect
    };
    let allow = app.start_sign_in(allow).await.map(drop);
    let reconnect = StartSignIn {
        purpose: Purpose::Reconnect(actor, it.connection),
        browser_secret: &browser.secret,
        adult_confirmed: true,
        next_path: "/queue",
        locale: "en",
    };
    let posts = [it.draft, it.scheduled, it.failed];
    let (zone, days) = (Zone::utc(), [Day::of(START, &Zone::utc())]);
    let mut all = vec![
        ("start_sign_in", app.start_sign_in(reconnect).await.map(drop)),
        ("start_sign_in", allow),
        (
            "numbers",
            app.numbers(
                actor,
                NumbersQuery { connection: Some(it.connection), first_day: 0, end_day: 7, against: Against::Before },
            )
            .await
            .map(drop),
        ),
        (
            "insight",
            app.insight(actor, InsightQuery { connection: Some(it.connection), from: START, until: stage.now() })
                .await
                .map(drop),
        ),
        (
            "compare",
            app.compare(actor, InsightQuery { connection: Some(it.connection), from: START, until: stage.now() })
                .await
                .map(drop),
        ),
        ("report", app.report(actor, report_of(it.connection)).await.map(drop)),
        ("report_file", app.report_file(actor, report_of(it.connection)).await.map(drop)),
        ("report_weeks", app.report_weeks(actor, Some(it.connection), None).await.map(drop)),
        ("report_share", app.report_share(actor, &shared(Some(it.connection))).await.map(drop)),
        ("report_unshare", app.report_unshare(actor, it.report_link).await),
        ("stop_reading", app.stop_reading(actor, it.connection, Reading::Metrics).await),
        ("push_end", app.push_end(actor, it.session).await),
        ("end_session", app.end_session(actor, it.session).await),
        ("connection", app.connection(actor, it.connection).await.map(drop)),
        ("unconfirmed", app.unconfirmed(actor, it.unconfirmed).await.map(drop)),
        ("avatar", app.avatar(actor, it.connection).await.map(drop)),
        ("unconfirmed_avatar", app.unconfirmed_avatar(actor, it.unconfirmed).await.map(drop)),
        ("confirm_account", app.confirm_account(actor, it.unconfirmed).await.map(drop).map_err(ours)),
        ("decline_account", app.decline_account(actor, it.unconfirmed).await.map(drop)),
        ("creator_standing", app.creator_standing(actor, it.connection).await.map(drop)),
        ("rhythm", app.rhythm(actor, it.connection).await.map(drop)),
        ("slot_set", app.slot_set(actor, it.connection, Slot::new(1, 9, 0).unwrap(), true).await.map(drop)),
        ("rhythm_set", app.rhythm_set(actor, it.connection, UnixMillis::from_millis(0), Week::default(), 5).await),
        ("pause", app.pause(actor, it.connection).await.map(drop)),
        ("resume", app.resume(actor, it.connection).await),
        ("waiting", app.waiting(actor, it.connection).await.map(drop)),
        ("free_slots", app.free_slots(actor, it.connection, Delivery::Direct, &[], 1).await.map(drop)),
        ("propose", app.propose(actor, &[own.scheduled, it.scheduled], How::Slots).await.map(drop)),
        ("arrangement", app.arrangement(actor, &[Move { id: it.scheduled, revision: 1, at: START }]).await.map(drop)),
        ("arrange", app.arrange(actor, &[Move { id: it.scheduled, revision: 1, at: START }]).await.map(drop)),
        ("calendar", app.calendar(actor, &today(&zone, &days, it.connection)).await.map(drop)),
        ("export_file", app.export_file(actor, it.export.0, &it.export.1, true).await.map(drop)),
        ("sheet_of_plan", app.sheet_of_plan(actor, &plan_of(it.connection), Format::Csv).await.map(drop)),
        ("media", app.media(actor, it.media).await.map(drop)),
        ("media_with_file", app.media_with_file(actor, it.media).await.map(drop)),
        ("ask_fit", app.ask_fit(actor, it.media, Trim::default()).await.map(drop)),
        ("cancel_fit", app.cancel_fit(actor, it.media).await),
        ("fit_of", app.fit_of(actor, it.media).await.map(drop)),
        ("media_usage", app.media_usage(actor, it.media).await.map(drop)),
        ("media_bytes", app.media_bytes(actor, it.media, 0).await.map(drop)),
        ("picture", app.picture(actor, it.media, Picture::Thumbnail).await.map(drop)),
        ("upload_progress", app.upload_progress(actor, it.upload).await.map(drop)),
        ("create_drafts", app.create_drafts(actor, it.media, &[own.connection]).await.map(drop)),
        ("create_drafts", app.create_drafts(actor, own.media, &[it.connection]).await.map(drop)),
        ("create_drafts_of", app.create_drafts_of(actor, &[it.media], &[own.connection], None).await.map(drop)),
        (
            "create_drafts_of",
            app.create_drafts_of(actor, &[own.media, it.media], &[own.connection], None).await.map(drop),
        ),
        ("create_drafts_of", app.create_drafts_of(actor, &[own.media], &[it.connection], None).await.map(drop)),
        (
            "create_drafts_each",
            app.create_drafts_each(actor, &[vec![own.media], vec![it.media]], &[own.connection], None).await.map(drop),
        ),
        ("add_account", app.add_account(actor, it.group, own.connection).await.map(drop)),
        ("add_account", app.add_account(actor, own.group, it.connection).await.map(drop)),
        ("bulk_may_have", app.bulk_may_have(actor, own.draft, it.connection).await),
        ("bulk_account", app.bulk_account(actor, own.draft, 1, it.connection).await.map(drop)),
        ("compose", app.compose(actor, it.group, None, None).await.map(drop)),
        ("compose", app.compose(actor, own.group, Some(it.connection), None).await.map(drop)),
    ];
    let state = domain::id::DraftStateId::from_uuid(uuid::Uuid::nil());
    for id in posts {
        let revision = stage.store().post_any(id).await.unwrap().map_or(1, |post| post.revision);
        let pressed =
            app::posts::Submit { revision, input: everyone(), when: When::Now, declaration: Declaration::Music };
        all.extend([
            ("post", app.post(actor, id).await.map(drop)),
            ("post_detail", app.post_detail(actor, id).await.map(drop)),
            ("post_numbers", app.post_numbers(actor, id).await.map(drop)),
            ("expectation", app.expectation(actor, id, app.now()).await.map(drop)),
            ("save_draft", app.save_draft(actor, id, revision, &everyone()).await.map(drop)),
            ("draft_states", app.draft_states(actor, id).await.map(drop)),
            ("restore_draft", app.restore_draft(actor, id, revision, state, &everyone()).await.map(drop)),
            ("submit", app.submit(actor, id, &pressed).await.map(drop)),
            ("reschedule", app.reschedule(actor, id, revision, &when, Declaration::Music).await.map(drop)),
            ("cancel", app.cancel(actor, id).await),
            ("delete_draft", app.delete_draft(actor, id).await),
            ("bulk_row", app.bulk_row(actor, id).await.map(drop)),
            ("bulk_times", app.bulk_times(actor, &[own.draft, id], app::posts::Times::Slots).await.map(drop)),
            ("bulk_delete", app.bulk_delete(actor, &[own.draft, id]).await.map(drop)),
            ("bulk_review", app.bulk_review(actor, &[id]).await.map(drop)),
            ("bulk_account", app.bulk_account(actor, id, revision, own.connection).await.map(drop)),
            ("bulk_consent", app.bulk_consent(actor, &[agreed(id)]).await.map(drop)),
            ("annotate", app.annotate(actor, id, "Not mine").await),
            ("retry_post", app.retry_post(actor, id).await),
            ("confirm_published", app.confirm_published(actor, id).await),
            ("resolve_uncertain", app.resolve_uncertain(actor, id, PersonAnswer::ItIsThere).await),
            ("resolve_uncertain", app.resolve_uncertain(actor, id, PersonAnswer::ItIsNotThere).await),
        ]);
    }
    let bytes = || stream::iter([Ok::<_, std::io::Error>(vec![0; 10].into())]);
    all.extend([
        ("upload_append", app.upload_append(actor, it.upload, 0, bytes()).await.map(drop)),
        ("upload_append_checked", app.upload_append_checked(actor, it.upload, 0, bytes(), None).await.map(drop)),
        ("upload_join", app.upload_join(actor, "", vec![it.upload]).await.map(drop)),
        ("upload_terminate", app.upload_terminate(actor, it.upload).await),
        ("snippet_change", app.snippet_change(actor, it.snippet, "Mine", "Not mine").await),
        ("snippet_delete", app.snippet_delete(actor, it.snippet).await),
        ("annotations", app.annotations(actor, 0..1, Some(it.connection)).await.map(drop)),
        ("annotation_delete", app.annotation_delete(actor, it.annotation).await),
        (
            "annotation_add",
            app.annotation_add(actor, domain::metrics::day_number(app.now()), Some(it.connection), "Not mine")
                .await
                .map(drop),
        ),
        ("saved_view_delete", app.saved_view_delete(actor, it.saved_view).await),
        ("label", app.label(actor, it.label).await.map(drop)),
        ("label_change", app.label_change(actor, it.label, "Mine", Flavour::Sea).await),
        ("label_delete", app.label_delete(actor, it.label).await),
        ("post_labels_set", app.post_labels_set(actor, it.draft, &labelled(own.label)).await.map(drop)),
        ("post_labels_set, label", app.post_labels_set(actor, own.draft, &labelled(it.label)).await.map(drop)),
        // A list: what is not theirs is not in it.
        (
            "labels_of",
            app.labels_of(actor, &[it.draft])
                .await
                .and_then(|found| if found.is_empty() { Err(Error::NotFound { what: "post" }) } else { Ok(()) }),
        ),
        ("idea", app.idea(actor, it.idea).await.map(drop)),
        ("idea_add", app.idea_add(actor, "Mine", Some(it.connection)).await.map(drop)),
        ("idea_add_once", app.idea_add_once(actor, own.idea, "Mine", Some(it.connection)).await.map(drop)),
        ("idea_change", app.idea_change(actor, it.idea, START, "Mine", None).await),
        ("idea_change, account", app.idea_change(actor, own.idea, START, "Mine", Some(it.connection)).await),
        ("post_labels_write", app.post_labels_write(actor, it.draft, "season").await),
        ("idea_labels_set", app.idea_labels_set(actor, it.idea, &labelled(own.label)).await),
        ("idea_labels_set, label", app.idea_labels_set(actor, own.idea, &labelled(it.label)).await),
        ("idea_move", app.idea_move(actor, it.idea, &Spot::Top).await.map(drop)),
        ("idea_move, above", app.idea_move(actor, own.idea, &Spot::Below(it.idea.to_string())).await.map(drop)),
        ("idea_delete", app.idea_delete(actor, it.idea).await),
        (
            "create_drafts_of_idea",
            app.create_drafts_of_idea(actor, it.idea, &[vec![own.media]], &[own.connection], None).await.map(drop),
        ),
        (
            "board, account",
            app.board(actor, &BoardQuery { connection: Some(it.connection), ..BoardQuery::default() }).await.map(drop),
        ),
        (
            "board, label",
            app.board(actor, &BoardQuery { label: Some(it.label), ..BoardQuery::default() }).await.map(drop),
        ),
        ("board_move", app.board_move(actor, it.draft, 1, Column::Ready, &Spot::Top).await.map(drop)),
        (
            "board_move, above",
            app.board_move(actor, own.draft, 1, Column::Ready, &Spot::Below(it.draft.to_string())).await.map(drop),
        ),
        ("board_place", app.board_place(actor, it.draft).await.map(drop)),
        ("board_stage", app.board_stage(actor, it.draft).await.map(drop)),
        ("board_card", app.board_card(actor, it.draft).await.map(drop)),
        ("queue_rows", app.queue_rows(actor, START, 60, Some(it.label)).await.map(drop)),
        (
            "history, label",
            app.history(actor, &HistoryQuery { label: Some(it.label), ..HistoryQuery::default() }).await.map(drop),
        ),
        ("reliability", app.reliability(actor, (EVER, START), Some(it.connection)).await.map(drop)),
        (
            "history_file",
            app.history_file(
                actor,
                &HistoryQuery { label: Some(it.label), ..HistoryQuery::default() },
                HistoryFormat::Json,
            )
            .await
            .map(drop),
        ),
        ("media_tags_set", app.media_tags_set(actor, it.media, "theirs").await),
        ("media_tags_add", app.media_tags_add(actor, &[own.media, it.media], "theirs").await.map(drop)),
        ("media_delete", app.media_delete(actor, it.media).await.map(drop)),
        ("own_receipt", app.own_receipt(actor, it.erasure).await.map(drop)),
        ("deletion", app.deletion(actor, it.deletion).await.map(drop)),
        ("media_delete_many", app.media_delete_many(actor, &[own.media, it.media]).await.map(drop)),
        ("chosen_files", app.chosen_files(actor, &[own.media, it.media]).await.map(drop)),
        ("uses_of", app.uses_of(actor, &[it.media]).await.map(drop)),
        ("refresh_profile", app.refresh_profile(actor, it.connection).await),
        ("open_notice", app.open_notice(actor, it.notice).await.map(drop)),
        ("read_notices", app.read_notices(actor, it.notice).await),
        ("request", app.request(actor, it.request).await.map(drop)),
        ("ask_on", app.ask_on(actor, it.request, "Is it mine?").await),
        ("close_request", app.close_request(actor, it.request).await),
        ("disconnect", app.disconnect(actor, it.connection).await.map(drop)),
    ]);
    all
}

/// The plan of one account.
fn plan_of(connection: ConnectionId) -> PlanFilter {
    PlanFilter { connection: Some(connection), ..PlanFilter::default() }
}

/// A press of the button below a review.
fn agreed(id: PostId) -> app::posts::Agreement {
    app::posts::Agreement { id, revision: 1, at: START, declaration: Declaration::Music, mark: String::new() }
}

/// One account's posts of a day.
const fn today<'a>(zone: &'a Zone, days: &'a [Day], connection: ConnectionId) -> CalendarQuery<'a> {
    CalendarQuery {
        days,
        zone,
        connection: Some(connection),
        state: None,
        tag: None,
        label: None,
        per_day: 10,
        skip: 0,
    }
}

/// What a use case says of an id, out of the failures of a sign-in.
fn ours(failure: SignInFailure) -> Error {
    match failure {
        SignInFailure::Ours(error) => error,
        other => panic!("{other}"),
    }
}

/// Everything about an account that its owner can see.
async fn seen(stage: &Stage, actor: &Actor, it: &Belongings) -> String {
    let mut all = Vec::new();
    for id in [it.draft, it.scheduled, it.failed] {
        let post = stage.app.post(actor, id).await.unwrap();
        let events = stage.store().events(id).await.unwrap();
        all.push(format!("{post:?} {events:?}"));
    }
    all.push(format!("{:?}", stage.app.rhythm(actor, it.connection).await.unwrap()));
    all.push(format!("{:?}", stage.app.connections(actor).await.unwrap()));
    all.push(format!("{:?}", stage.app.unconfirmed(actor, it.unconfirmed).await.unwrap()));
    all.push(stage.app.avatar(actor, it.connection).await.unwrap().sha256());
    all.push(stage.app.unconfirmed_avatar(actor, it.unconfirmed).await.unwrap().sha256());
    all.push(format!("{:?}", stage.app.sessions(actor).await.unwrap()));
    all.push(format!("{:?}", stage.app.media(actor, it.media).await.unwrap()));
    all.push(format!("{:?}", stage.app.upload_progress(actor, it.upload).await.unwrap()));
    all.push(format!("{:?}", stage.app.request(actor, it.request).await.unwrap()));
    all.push(format!("{:?}", stage.app.notices(actor).await.unwrap()));
    all.push(format!("{:?}", stage.store().token(it.connection).await.unwrap()));
    all.join("\n")
}

#[tokio::test]
async fn pp_4_5_things_of_another_workspace_are_not_found_by_any_use_case() {
    everywhere(async |stage| {
        let (mila, mila_in) = stage.sign_in(MILA).await;
        let (oleg, oleg_in) = stage.sign_in(CAREFUL).await;
        let of_mila = Belongings::of(&stage, &mila, mila_in.connection_id).await;
        let of_oleg = Belongings::of(&stage, &oleg, oleg_in.connection_id).await;
        let before = seen(&stage, &mila, &of_mila).await;
        let calls_before = stage.tiktok().journal().len();

        let foreign = every_use_case(&stage, &oleg, &of_oleg, &of_mila).await;
        let invented = every_use_case(&stage, &oleg, &of_oleg, &Belongings::invented()).await;
        for ((name, one), (_, other)) in foreign.into_iter().zip(invented) {
            let (Err(one @ Error::NotFound { .. }), Err(other)) = (&one, &other) else {
                panic!("{name}: {one:?}, {other:?}");
            };
            assert_eq!(one.to_string(), other.to_string(), "{name}: foreign and missing look the same");
        }
        assert_eq!(seen(&stage, &mila, &of_mila).await, before, "nothing was touched");
        assert_eq!(stage.tiktok().journal().len(), calls_before, "TikTok was asked nothing");
    })
    .await;
}

#[tokio::test]
async fn pp_4_5_lists_show_the_own_workspace_only() {
    everywhere(async |stage| {
        let (mila, mila_in) = stage.sign_in(MILA).await;
        let (oleg, _) = stage.sign_in(CAREFUL).await;
        let of_mila = Belongings::of(&stage, &mila, mila_in.connection_id).await;
        let app = &stage.app;
        let queue = app.queue(&oleg, EVER).await.unwrap();
        assert!(queue.attention.is_empty() && queue.upcoming.is_empty());
        assert!(queue.drafts.is_empty() && queue.done_today.is_empty());
        assert_eq!(queue.connections.len(), 1);
        for connection in [None, Some(of_mila.connection)] {
            let query = HistoryQuery { connection, ..HistoryQuery::default() };
            assert!(app.history(&oleg, &query).await.unwrap().rows.is_empty());
        }
        let cursor = Some((stage.now(), of_mila.failed));
        let query = HistoryQuery { before: cursor, ..HistoryQuery::default() };
        assert!(app.history(&oleg, &query).await.unwrap().rows.is_empty());
        assert_eq!(app.connection_views(&oleg).await.unwrap().len(), 1);
        assert!(app.media_list(&oleg, None, 100).await.unwrap().is_empty());
        assert!(app.media_list(&oleg, Some((stage.now(), of_mila.media)), 100).await.unwrap().is_empty());
        assert!(app.library(&oleg, &LibraryQuery::default()).await.unwrap().files.is_empty());
        let searched = LibraryQuery { used: Some(true), ..LibraryQuery::default() };
        assert!(app.library(&oleg, &searched).await.unwrap().files.is_empty());
        assert!(app.uploads_open(&oleg).await.unwrap().is_empty());
        assert!(app.open_drafts(&oleg, of_mila.group).await.unwrap().is_empty());
        assert!(!app.open_drafts(&mila, of_mila.group).await.unwrap().is_empty());
        assert!(app.batch(&oleg, of_mila.group).await.unwrap().is_empty());
        assert!(!app.batch(&mila, of_mila.group).await.unwrap().is_empty());
        assert!(app.next_draft(&oleg, of_mila.group).await.unwrap().is_none());
        assert_eq!(app.media_room(&oleg).await.unwrap().0, 0);
        assert!(app.requests(&oleg).await.unwrap().is_empty());
        assert!(app.notices(&oleg).await.unwrap().is_empty());
    })
    .await;
}

/// The start of all days.
const EVER: UnixMillis = UnixMillis::from_millis(0);

/// Use cases whose ids are checked elsewhere in this file: lists that take an id as a filter or a cursor.
const LISTS: [&str; 5] = ["batch", "history", "media_list", "next_draft", "open_drafts"];

/// Public functions of the crate that take an actor and an id, by their signatures in the source.
fn use_cases_with_ids(folder: &Path, found: &mut BTreeSet<String>) {
    const IDS: [&str; 10] = [
        "ConnectionId",
        "ExportId",
        "MediaId",
        "PostId",
        "GroupId",
        "UploadId",
        "SessionId",
        "HistoryQuery",
        "RequestNumber",
        "NoticeNumber",
    ];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            use_cases_with_ids(&path, found);
            continue;
        }
        let source = std::fs::read_to_string(&path).unwrap();
        for signature in source.split("pub async fn ").skip(1) {
            let signature = signature.split('{').next().unwrap();
            let arguments = signature.split("->").next().unwrap();
            if arguments.contains("&Actor") && IDS.iter().any(|id| arguments.contains(id)) {
                found.insert(arguments.split(['(', '<']).next().unwrap().to_owned());
            }
        }
    }
}

#[tokio::test]
async fn pp_2_7_pp_4_5_no_use_case_is_missing_from_the_table() {
    let mut in_source = BTreeSet::new();
    use_cases_with_ids(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut in_source);
    assert!(in_source.len() >= 20, "the source was read: {in_source:?}");
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let own = Belongings::of(&stage, &actor, signed_in.connection_id).await;
        let table = every_use_case(&stage, &actor, &own, &Belongings::invented()).await;
        let called: BTreeSet<String> = table.into_iter().map(|(name, _)| name.to_owned()).collect();
        let missing: Vec<&String> =
            in_source.iter().filter(|name| !called.contains(*name) && !LISTS.contains(&name.as_str())).collect();
        assert!(missing.is_empty(), "not tried with foreign ids: {missing:?}");
    })
    .await;
}
