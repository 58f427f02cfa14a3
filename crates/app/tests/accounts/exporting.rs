//! Exports: what is in the file and what is not, who gets it and for how long, what a crash leaves, and the way into another instance.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use app::alerts::AlertKind;
use app::export::{ExportLink, ImportError, Manifest, schema};
use app::{Actor, App, Error};
use async_zip::base::read1::ZipOptions;
use async_zip::base::read1::seek::ZipArchiveReader;
use domain::id::{ConnectionId, UserId};
use domain::post::PostContent;
use domain::privacy::retention::DATA_MAP;
use domain::privacy::support::RequestKind;
use futures::{AsyncReadExt as _, poll};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use store::ExportState;
use store::requests::{RequestFiles, RequestLine};
use tokio_util::compat::TokioAsyncReadCompatExt as _;

use crate::support::*;

/// Planted in what belongs to the other person; nothing else in the world looks like it.
const CANARY: &str = "canary-5b1d0e77";

type Files = BTreeMap<String, Vec<u8>>;

async fn unpacked(path: &Path) -> Files {
    let file = tokio::io::BufReader::new(tokio::fs::File::open(path).await.unwrap()).compat();
    let mut archive = ZipArchiveReader::open_with_options(file, ZipOptions::untrusted()).await.unwrap();
    let names: Vec<_> =
        archive.cdrs().iter().map(|record| record.insecure_file_name.as_str().unwrap().to_owned()).collect();
    let mut files = Files::new();
    for (place, name) in names.into_iter().enumerate() {
        let mut bytes = Vec::new();
        archive.file(place).await.unwrap().read_to_end(&mut bytes).await.unwrap();
        assert!(files.insert(name, bytes).is_none(), "each name once");
    }
    files
}

fn rows(files: &Files, table: &str) -> Vec<Value> {
    let text = std::str::from_utf8(&files[&format!("data/{table}.jsonl")]).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Asks, has it built, and reads the file by the link of the page.
async fn exported(stage: &Stage, actor: &Actor, with_media: bool) -> Files {
    let job = stage.app.ask_export(actor, with_media).await.unwrap();
    assert!(stage.app.build_next_export().await.unwrap());
    let link = stage.app.export_view(actor).await.unwrap().link.expect("it is ready");
    let file = stage.app.export_file(actor, job.id, &link, true).await.unwrap();
    let path = stage.app.exports.whole(job.id);
    assert_eq!(file.size_bytes, std::fs::metadata(&path).unwrap().len());
    unpacked(&path).await
}

fn session_digits(actor: &Actor) -> String {
    app::random::secret_hash(&actor.session_id.to_string()).chars().take(8).collect()
}

fn leave_request(stage: &Stage, session: Option<String>) {
    let at = stage.now();
    let line = RequestLine {
        at: at.in_utc(),
        route: "/queue".to_owned(),
        method: "GET".to_owned(),
        status: 200,
        ms: 3,
        browser: Some("Firefox".to_owned()),
        system: Some("Linux".to_owned()),
        ip: "203.0.113.7".to_owned(),
        session,
    };
    RequestFiles::new(stage.app.exports.requests()).append(&[(at, line)]).unwrap();
}

/// Everybody was warned because they stayed away; whoever comes back is no longer.
const AWAY: &str = "INSERT INTO inactivity (person_id, first_at, last_at, erase_at) \
                    SELECT id, 1795510800009, 1795510800010, 1795510800011 FROM person WHERE true ON CONFLICT DO NOTHING";

/// Something in every table, and in every column of it: a post that is out with all that can belong to one, and an erasure that was undone.
async fn filled(stage: &Stage, actor: &Actor, connection: ConnectionId) {
    let draft = stage.draft(actor, connection).await;
    let content =
        PostContent { caption: "=Honey \"cake\", layer by layer\nsecond line".to_owned(), ..everyone().content };
    let input = app::posts::DraftInput { content, ..everyone() };
    let post = stage.app.submit(actor, draft.id, &submit(&draft, input, at("2026-11-24T10:00"))).await.unwrap();
    let (id, media, now) = (post.id, post.media_id, stage.now().millis());
    let columns = "id, post_id, connection_id, ordinal, mode, state, epoch, due_at, revision, snapshot, media_sha256, media_size, \
                   chunk_size, chunk_count, next_at, created_at, updated_at";
    let attempt = |n: u8, state: &str| {
        format!(
            "INSERT INTO attempt ({columns}) VALUES ('0193fe00-0000-7000-8000-00000000000{n}', '{id}', '{connection}', {n}, \
             'direct_file', '{state}', 3, {now}, 1, '{{}}', 'ab', 7, 7, 1, 253402300799000, {now}, {now})"
        )
    };
    stage.app.creator_standing(actor, connection).await.unwrap();
    stage
        .database
        .tamper(&[
            &attempt(1, "dead"),
            &attempt(2, "published"),
            "UPDATE attempt SET init_sent_at = 1795510800001, url_remote_date = 1795510800002, final_intent_at = 1795510800003, \
             final_acked_at = 1795510800004, status = 'PUBLISH_COMPLETE', status_remote_date = 1795510800005, fail_reason = 'internal', \
             log_id = 'log', evidence = '{\"kind\":\"told\"}', cause = 'x', upload_url_sealed = NULL",
            "UPDATE attempt SET publish_id = 'v_pub~1' WHERE state = 'published'",
            "INSERT INTO attempt_log (attempt_id, epoch, from_state, to_state, cause, log_id, remote_date, at) \
             SELECT id, 1, 'ready', 'dead', 'told', 'log', 1795510800006, 1795510800007 FROM attempt",
            "INSERT INTO gate_visit (attempt_id, picture, first_byte, last_byte, at) SELECT id, 0, 0, 6, 1795510800008 FROM attempt",
            &format!(
                "INSERT INTO rendition (id, workspace_id, source_id, asked_by, state, from_ms, until_ms, asked_at, media_id, ended_at, problem) \
                 SELECT id, workspace_id, id, uploaded_by, 'failed', 1000, 9000, created_at, id, created_at, 'unreadable' FROM media \
                 WHERE id = '{media}'"
            ),
            &format!("INSERT INTO post_photo (post_id, position, media_id) VALUES ('{id}', 0, '{media}')"),
            &format!(
                "UPDATE post SET state = 'published', published_at = {now}, tiktok_ids = '[\"7001\"]', \
                 problem = '{{\"code\":\"no-reason\",\"tiktok_code\":null,\"log_id\":null,\"detail\":null,\"at\":1}}' WHERE id = '{id}'"
            ),
            &format!("UPDATE media SET file_gone_at = {now} WHERE id = '{media}'"),
            &format!(
                "INSERT INTO media_tags (media_id, person_id, words, at) VALUES ('{media}', '{}', 'harbour, dawn', {now})",
                actor.user_id
            ),
            &format!(
                "INSERT INTO rhythm (connection_id, slots, gap_minutes, paused_at, resumed_at, updated_at) VALUES ('{connection}', '1-09:00 3-18:30', 30, {now}, {now}, {now})"
            ),
            &format!(
                "INSERT INTO snippet (id, workspace_id, person_id, kind, name, words, at) VALUES \
                 ('01930000-0000-7000-8000-00000000aaaa', '{}', '{}', 'hashtags', 'morning', '#milk #dawn', {now})",
                actor.workspace_id, actor.user_id
            ),
            &format!(
                "INSERT INTO saved_view (id, workspace_id, person_id, name, query, at) VALUES \
                 ('01930000-0000-7000-8000-00000000eeee', '{}', '{}', 'what failed', 'state=failed&words=milk', {now})",
                actor.workspace_id, actor.user_id
            ),
            &format!(
                "INSERT INTO annotation (id, workspace_id, person_id, connection_id, day, words, at) VALUES \
                 ('01930000-0000-7000-8000-00000000ffff', '{}', '{}', '{connection}', 20781, 'Campaign began', {now})",
                actor.workspace_id, actor.user_id
            ),
            &format!(
                "INSERT INTO guide (workspace_id, hidden_at) VALUES ('{}', {now})",
                actor.workspace_id
            ),
            &format!(
                "INSERT INTO label (id, workspace_id, person_id, words, flavour, at) VALUES \
                 ('01930000-0000-7000-8000-00000000cccc', '{}', '{}', 'season', 'mint', {now})",
                actor.workspace_id, actor.user_id
            ),
            &format!(
                "INSERT INTO idea (id, workspace_id, person_id, connection_id, words, labels, place, is_sample, at) VALUES \
                 ('01930000-0000-7000-8000-00000000dddd', '{}', '{}', '{connection}', 'milk at dawn', \
                  '01930000-0000-7000-8000-00000000cccc', '0193aa', 0, {now})",
                actor.workspace_id, actor.user_id
            ),
            &format!(
                "INSERT INTO post_label (post_id, label_id) VALUES ('{id}', '01930000-0000-7000-8000-00000000cccc')"
            ),
            &format!("INSERT INTO board_place (post_id, ready_at, place) VALUES ('{id}', {now}, '0193ab')"),
            "DELETE FROM lane",
            AWAY,
            &format!(
                "INSERT INTO draft_state (id, post_id, connection_id, revision, content, local_time, time_zone, at) \
                 VALUES ('01930000-0000-7000-8000-00000000bbbb', '{id}', '{connection}', 1, '{{}}', '2026-11-24T10:00', 'UTC', {now})"
            ),
            &format!(
                "INSERT INTO post_note (post_id, person_id, words, at) VALUES ('{id}', '{}', 'the better take', {now})",
                actor.user_id
            ),
        ])
        .await;
    stage.app.choose_name(actor, "Mila of the bakery").await.unwrap();
    let asked = stage.app.ask(actor, RequestKind::Question, "Where do my files go?").await.unwrap();
    stage.app.operator_answer(asked, "Nowhere.").await.unwrap();
    stage.database.tamper(&["UPDATE notice SET read_at = created_at"]).await;
    // One file that is still here, one upload under way, an account that waits for a word, and a wish that was taken back.
    stage.upload(actor).await;
    stage.app.upload_create(actor, "half.mp4", 1_000).await.unwrap();
    stage.push_begun(actor, "https://push.example/of-this-browser").await;
    stage.asked_about(actor, CAREFUL).await;
    let thrown = stage.upload(actor).await;
    stage.app.media_delete(actor, thrown).await.unwrap();
    stage.app.leave(actor).await.unwrap();
    stage.app.stay(actor).await.unwrap();
    // Leaving ended whatever was allowed.
    stage
        .database
        .tamper(&[
            &format!(
                "INSERT INTO metric_consent (connection_id, purpose, person_id, text_version, given_at, next_at, lease_until, epoch, tries) \
                 VALUES ('{connection}', 'metrics', '{}', '1.2', {now}, 253402300799000, 0, 0, 0)",
                actor.user_id
            ),
            &format!(
                "INSERT INTO metric_watch (post_id, video_id, connection_id, state, since, next_at, read_at, views, likes, comments, shares) \
                 VALUES ('{id}', '7001', '{connection}', 'live', {now}, {now}, {now}, 400, 30, 2, 1)"
            ),
            &format!(
                "INSERT INTO metric_sample (post_id, video_id, read_at, connection_id, views, likes, comments, shares) \
                 VALUES ('{id}', '7001', {now}, '{connection}', 400, 30, 2, 1)"
            ),
            &format!(
                "INSERT INTO metric_mark (post_id, video_id, age_hours, connection_id, read_at, views, likes, comments, shares) \
                 VALUES ('{id}', '7001', 24, '{connection}', {now}, 400, 30, 2, 1)"
            ),
            &format!(
                "INSERT INTO metric_day (connection_id, day, views, likes, comments, shares, readings) VALUES ('{connection}', 20781, 400, 30, 2, 1, 1)"
            ),
            &format!(
                "INSERT INTO report_link (id, workspace_id, person_id, token_hash, name, connection_id, week, created_at, expires_at, opens, opened_at) \
                 VALUES ('01930000-0000-7000-8000-00000000ffff', '{}', '{}', 'hash-of-a-word', 'for the bakery', '{connection}', '2026-W47', {now}, {now}, 3, {now})",
                actor.workspace_id, actor.user_id
            ),
            &format!(
                "INSERT INTO report_turn (workspace_id, person_id, wish, next_at, told) VALUES ('{}', '{}', 'news', 253402300799000, '2026-W47')",
                actor.workspace_id, actor.user_id
            ),
            &format!("INSERT INTO follower_sample (connection_id, read_at, followers) VALUES ('{connection}', {now}, 1204)"),
        ])
        .await;
    leave_request(stage, Some(session_digits(actor)));
    leave_request(stage, Some("00000000".to_owned()));
    leave_request(stage, None);
}

fn judged(files: &Files) {
    let validator = |name: &str| {
        let text = &files[&format!("schemas/{name}.json")];
        let schema: Value = serde_json::from_slice(text).unwrap();
        assert_eq!(Some(&schema), schema::schema(name).as_ref(), "the published one");
        jsonschema::options().should_validate_formats(true).build(&schema).unwrap()
    };
    for (name, bytes) in files {
        let values: Vec<Value> = match name.rsplit_once('.').unwrap() {
            (_, "jsonl") => {
                std::str::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
            }
            (_, "json") if !name.starts_with("schemas/") => vec![serde_json::from_slice(bytes).unwrap()],
            _ => continue,
        };
        let stem = name.rsplit('/').next().unwrap().split('.').next().unwrap();
        let schema = validator(stem);
        for value in &values {
            assert!(
                schema.is_valid(value),
                "{name}: {value}: {:?}",
                schema.iter_errors(value).map(|e| e.to_string()).collect::<Vec<_>>()
            );
        }
    }
}

fn listed_truly(files: &Files) -> Manifest {
    let manifest: Manifest = serde_json::from_slice(&files["manifest.json"]).unwrap();
    let listed: BTreeSet<_> = manifest.files.iter().map(|file| file.name.clone()).collect();
    let there: BTreeSet<_> = files.keys().filter(|name| *name != "manifest.json").cloned().collect();
    assert_eq!(listed, there);
    for file in &manifest.files {
        let bytes = &files[&file.name];
        assert_eq!(file.size_bytes, u64::try_from(bytes.len()).unwrap());
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
        let hex: String = hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(file.sha256, hex, "{}", file.name);
    }
    manifest
}

#[tokio::test]
async fn pp_7_6_an_export_holds_every_column_of_the_map_and_nothing_of_others() {
    everywhere(async |stage| {
        let (oleg, theirs) = stage.sign_in(OLEG).await;
        stage.draft(&oleg, theirs.connection_id).await;
        let planted =
            ["UPDATE post SET caption = 'C'", "UPDATE media SET file_name = 'C'", "UPDATE workspace SET name = 'C'"];
        stage
            .database
            .tamper(&planted.map(|sql| sql.replace("'C'", &format!("'{CANARY}'"))).each_ref().map(String::as_str))
            .await;
        let (actor, signed_in) = stage.sign_in(MILA).await;
        filled(&stage, &actor, signed_in.connection_id).await;
        let first = exported(&stage, &actor, false).await;
        assert!(!first.keys().any(|name| name.starts_with("media/")), "it was asked for without files");
        stage.pass(DAY_MS + 1);
        let (actor, _) = stage.sign_in(MILA).await;
        leave_request(&stage, Some(session_digits(&actor)));
        stage.database.tamper(&[AWAY]).await;
        stage.app.upload_create(&actor, "half.mp4", 1_000).await.unwrap();
        stage.asked_about(&actor, CAREFUL).await;
        let files = exported(&stage, &actor, true).await;

        let manifest = listed_truly(&files);
        assert_eq!(manifest.person, actor.user_id.to_string());
        judged(&files);
        for data in DATA_MAP.iter().filter(|data| data.exported && data.table != "imported") {
            let rows = rows(&files, data.table);
            assert!(!rows.is_empty(), "{} is empty", data.table);
            let said = rows.iter().any(|row| row.get(data.column).is_some_and(|value| !value.is_null()));
            // A finished upload is forgotten after a while, and nobody erased anything.
            let never = [("upload", "media_id")].contains(&(data.table, data.column));
            assert!(said || never, "{}.{} stands nowhere: {rows:?}", data.table, data.column);
        }
        let media: Vec<_> = files.keys().filter(|name| name.starts_with("media/")).collect();
        assert_eq!(media.len(), 1, "the file that is still here");
        assert!(files.keys().any(|name| name.starts_with("avatars/")));
        assert_eq!(rows(&files, "request").len(), 2, "the person's own lines");
        let outbox: Value = serde_json::from_slice(&files["outbox.json"]).unwrap();
        assert_eq!(outbox["totalItems"], 1);
        assert_eq!(outbox["orderedItems"][0]["object"]["content"], "=Honey \"cake\", layer by layer\nsecond line");
        let csv = std::str::from_utf8(&files["csv/post.csv"]).unwrap();
        assert!(csv.contains("\"'=Honey \"\"cake\"\", layer"), "{csv}");

        let tokens = [signed_in.connection_id, theirs.connection_id];
        let mut secrets = vec![CANARY.to_owned(), oleg.user_id.to_string(), oleg.workspace_id.to_string()];
        for connection in tokens {
            secrets.push(stage.app.tokens.access_token(connection, 60).await.unwrap().expose_secret().to_owned());
        }
        for (name, bytes) in &files {
            for secret in &secrets {
                assert!(!bytes.windows(secret.len()).any(|some| some == secret.as_bytes()), "{secret} in {name}");
            }
            let text = String::from_utf8_lossy(bytes);
            for column in ["secret_hash", "_sealed", "receipt_hash", "blob_key"] {
                assert!(!text.contains(column), "{column} in {name}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn pp_7_6_one_a_day_for_the_session_of_the_person_and_gone_after_a_week() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let (elsewhere, _) = stage.sign_in(MILA).await;
        let (oleg, _) = stage.sign_in(OLEG).await;
        let job = stage.app.ask_export(&actor, true).await.unwrap();
        let code = |refused: Result<_, Error>| match refused {
            Err(Error::Conflict { code }) => code,
            other => panic!("{other:?}"),
        };
        assert_eq!(code(stage.app.ask_export(&elsewhere, true).await), "export-underway");
        let link = ExportLink { until: stage.now().plus_millis(HOUR_MS), word: "x".to_owned() };
        assert!(matches!(stage.app.export_file(&actor, job.id, &link, true).await, Err(Error::NotFound { .. })));
        assert!(stage.app.build_next_export().await.unwrap());
        assert!(!stage.app.build_next_export().await.unwrap(), "once");
        assert_eq!(code(stage.app.ask_export(&actor, false).await), "export-too-soon");
        let view = stage.app.export_view(&actor).await.unwrap();
        assert_eq!(view.next_at, Some(stage.now().plus_millis(DAY_MS)));
        let link = view.link.unwrap();
        assert!(stage.app.export_file(&actor, job.id, &link, true).await.is_ok());
        for stranger in [&oleg, &elsewhere] {
            assert!(matches!(stage.app.export_file(stranger, job.id, &link, true).await, Err(Error::NotFound { .. })));
        }
        let longer = ExportLink { until: link.until.plus_millis(1), ..link.clone() };
        assert!(stage.app.export_file(&actor, job.id, &longer, true).await.is_err());
        stage.pass(DAY_MS);
        assert!(stage.app.export_file(&actor, job.id, &link, true).await.is_err(), "a link lives for a day");
        let view = stage.app.export_view(&actor).await.unwrap();
        assert!(view.next_at.is_none(), "and the next export can be asked for");
        assert!(
            stage.app.export_file(&actor, job.id, &view.link.unwrap(), false).await.is_ok(),
            "a new link, the same file"
        );
        stage.app.sweep_exports().await.unwrap();
        assert!(stage.app.exports.whole(job.id).exists());
        let stray = domain::id::ExportId::from_uuid(stage.app.random.uuid(stage.now()));
        std::fs::write(stage.app.exports.partial(stray), b"half").unwrap();
        stage.pass(6 * DAY_MS + 1);
        assert_eq!(stage.app.sweep_exports().await.unwrap(), 2);
        assert!(!stage.app.exports.whole(job.id).exists() && !stage.app.exports.partial(stray).exists());
        assert_eq!(stage.app.export_view(&actor).await.unwrap().job, None);
        let deeds: Vec<_> =
            stage.store().audit_latest_of("export.", 10).await.unwrap().into_iter().map(|it| it.action).collect();
        assert_eq!(deeds, ["export.download", "export.build", "export.ask"]);
    })
    .await;
}

#[tokio::test]
async fn pp_7_6_a_build_that_is_killed_offers_nothing_and_is_begun_anew() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        stage.scheduled(&actor, signed_in.connection_id).await;
        let job = stage.app.ask_export(&actor, true).await.unwrap();
        let partial = stage.app.exports.partial(job.id);
        {
            let mut build = Box::pin(stage.app.build_next_export());
            while !store::export::folder::aside(&partial, 0).exists() {
                assert!(poll!(&mut build).is_pending(), "it has not come to its end yet");
                tokio::task::yield_now().await;
            }
        }
        let view = stage.app.export_view(&actor).await.unwrap();
        assert_eq!((view.link, view.job.unwrap().state), (None, ExportState::Building));
        assert!(!stage.app.exports.whole(job.id).exists());
        let other = stage.second_process().await;
        assert!(!other.build_next_export().await.unwrap(), "whoever builds may still be alive");
        stage.app.sweep_exports().await.unwrap();
        assert!(partial.exists(), "and their file is left alone");
        stage.pass(MINUTE_MS + 1);
        assert!(other.build_next_export().await.unwrap());
        assert!(stage.app.export_view(&actor).await.unwrap().link.is_some());
        assert_eq!(stage.app.exports.list().unwrap(), [job.id]);
        assert!(!partial.exists());
        listed_truly(&unpacked(&stage.app.exports.whole(job.id)).await);
    })
    .await;
}

#[tokio::test]
async fn pp_7_6_a_full_disk_refuses_before_and_during_a_build() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let mut settings = stage.app.settings.clone();
        settings.disk_reserve_bytes = Some(u64::MAX);
        let full = stage.process_with(settings).await;
        assert!(matches!(full.ask_export(&actor, false).await, Err(Error::DiskReserve)));
        let job = stage.app.ask_export(&actor, false).await.unwrap();
        assert!(full.build_next_export().await.unwrap());
        let view = stage.app.export_view(&actor).await.unwrap();
        assert_eq!(view.next_at, None, "what failed does not count");
        let failed = view.job.unwrap();
        assert_eq!(
            (failed.id, failed.state, failed.problem.as_deref()),
            (job.id, ExportState::Failed, Some("disk-full"))
        );
        assert!(stage.app.exports.list().unwrap().is_empty());
        stage.pass(1);
        exported(&stage, &actor, false).await;
    })
    .await;
}

#[tokio::test]
async fn pp_6_5_an_erasure_takes_the_files_of_exports_along() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        exported(&stage, &actor, false).await;
        assert_eq!(stage.app.exports.list().unwrap().len(), 1);
        let other = stage.add_account(&actor, OLEG).await;
        stage.app.disconnect(&actor, other).await.unwrap();
        stage.pass(DAY_MS);
        exported(&stage, &actor, false).await;
        stage.pass(6 * DAY_MS + 1);
        stage.app.erase_due().await.unwrap();
        assert!(stage.app.exports.list().unwrap().is_empty(), "it held the account's data, too");
        exported(&stage, &actor, false).await;
        stage.app.ask_export(&actor, false).await.unwrap_err();
        assert!(stage.store().connection_any(signed_in.connection_id).await.unwrap().is_some());
        stage.app.leave(&actor).await.unwrap();
        stage.pass(7 * DAY_MS + 1);
        stage.app.erase_due().await.unwrap();
        assert!(stage.store().person(actor.user_id).await.unwrap().is_none());
        assert!(stage.app.exports.list().unwrap().is_empty());
    })
    .await;
}

#[tokio::test]
async fn pp_5_5_many_exports_within_an_hour_are_noticed() {
    everywhere(async |stage| {
        let (actor, _) = stage.sign_in(MILA).await;
        let active =
            || stage.app.alerts.readings().into_iter().any(|it| it.kind == AlertKind::MassExports && it.active);
        for _ in 0..6 {
            assert!(!active());
            stage.app.ask_export(&actor, false).await.unwrap();
            stage.database.tamper(&["UPDATE export_job SET state = 'failed'"]).await;
        }
        assert!(active());
    })
    .await;
}

/// Writes an export as the operator does, so that asking for it is not in it.
async fn operators(app: &App, person: UserId, path: &Path) -> Files {
    app.operator_export(person.uuid(), true, path).await.unwrap();
    unpacked(path).await
}

fn without_time(mut files: Files) -> Files {
    let mut manifest: Manifest = serde_json::from_slice(&files["manifest.json"]).unwrap();
    manifest.made_at = String::new();
    files.insert("manifest.json".to_owned(), serde_json::to_vec(&manifest).unwrap());
    files
}

fn differing(one: &Files, two: &Files) -> Vec<String> {
    let names: BTreeSet<_> = one.keys().chain(two.keys()).collect();
    names.into_iter().filter(|name| one.get(*name) != two.get(*name)).cloned().collect()
}

#[tokio::test]
async fn pp_7_6_what_was_taken_into_an_empty_instance_is_exported_again_byte_for_byte() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        filled(&stage, &actor, signed_in.connection_id).await;
        exported(&stage, &actor, true).await;
        stage.database.tamper(&["UPDATE connection SET state = 'reconnect_needed'"]).await;
        let path = stage.database.folder().join("first.zip");
        let first = operators(&stage.app, actor.user_id, &path).await;

        stage.pass(HOUR_MS);
        let (database, other) = stage.empty_instance().await;
        let done = other.import(&path).await.unwrap();
        assert_eq!((done.person, done.files, done.left_out), (actor.user_id, 1, 0));
        assert!(matches!(other.import(&path).await, Err(ImportError::NotEmpty)));
        let sealed = "SELECT line FROM imported UNION ALL SELECT snapshot FROM attempt UNION ALL SELECT display_name FROM person \
                      UNION ALL SELECT content FROM post UNION ALL SELECT subject FROM consent UNION ALL SELECT words FROM post_note \
                      UNION ALL SELECT content FROM draft_state UNION ALL SELECT words FROM media_tags UNION ALL SELECT name FROM snippet UNION ALL SELECT words FROM snippet \
                      UNION ALL SELECT words FROM label UNION ALL SELECT words FROM idea \
                      UNION ALL SELECT name FROM saved_view UNION ALL SELECT query FROM saved_view UNION ALL SELECT words FROM annotation";
        let sealed = database.texts(sealed).await;
        assert!(sealed.len() > 10 && sealed.iter().all(|cell| cell.starts_with('\u{1}')), "taken in, it is sealed, too");
        let again = operators(&other, actor.user_id, &database.folder().join("second.zip")).await;
        assert_eq!(differing(&without_time(first), &without_time(again)), [""; 0]);
        assert!(matches!(database.store().audit_verify(None).await.unwrap(), store::audit::Verdict::Intact(_)));

        // Nothing of it makes anything happen, and nothing is erased for want of a grant.
        other.erase_due().await.unwrap();
        assert!(database.store().erasures_open().await.unwrap().is_empty());
        assert!(database.store().connection_any(signed_in.connection_id).await.unwrap().is_some());
        let history = other.history(&actor, &app::history::HistoryQuery::default()).await;
        assert!(history.is_ok(), "{history:?}");
    })
    .await;
}

#[tokio::test]
async fn pp_7_6_what_was_planned_elsewhere_is_a_draft_here_and_never_goes_out_twice() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let id = signed_in.connection_id;
        let planned = stage.scheduled(&actor, id).await;
        let underway = stage.scheduled(&actor, id).await;
        let columns = "id, post_id, connection_id, ordinal, mode, state, epoch, due_at, revision, snapshot, media_sha256, media_size, \
                       chunk_size, chunk_count, next_at, created_at, updated_at";
        stage
            .database
            .tamper(&[
                &format!("UPDATE post SET state = 'publishing' WHERE id = '{}'", underway.id),
                &format!(
                    "INSERT INTO attempt ({columns}) VALUES ('0193fe00-0000-7000-8000-000000000001', '{}', '{id}', 1, 'direct_file', \
                     'handed_over', 1, 0, 1, '{{}}', 'ab', 7, 7, 1, 0, 0, 0)",
                    underway.id
                ),
            ])
            .await;
        let path = stage.database.folder().join("first.zip");
        let first = operators(&stage.app, actor.user_id, &path).await;
        let (database, other) = stage.empty_instance().await;
        let done = other.import(&path).await.unwrap();
        assert_eq!(done.left_out, 1, "the attempt that belongs to the other instance");
        let again = operators(&other, actor.user_id, &database.folder().join("second.zip")).await;
        let changed: Vec<_> =
            differing(&first, &again).into_iter().filter(|name| name.starts_with("data/") || name.starts_with("media/")).collect();
        assert_eq!(changed, ["data/attempt.jsonl", "data/connection.jsonl", "data/post.jsonl"]);
        let of = |post: &store::Post| {
            rows(&again, "post").into_iter().find(|row| row["id"] == post.id.to_string()).unwrap()
        };
        assert_eq!((&of(&planned)["state"], &of(&planned)["due_at"]), (&"draft".into(), &Value::Null));
        assert_eq!(of(&planned)["local_time"], "2026-11-24T10:00", "the wish stays readable");
        assert_eq!(of(&underway)["state"], "failed");
        assert_eq!(of(&underway)["problem"]["code"], "taken-in-underway");
        assert_eq!(rows(&again, "connection")[0]["state"], "reconnect_needed");
        assert_eq!(rows(&again, "consent").len(), 2, "the records of consent stay, but bind nothing");

        // The second one is exactly the third.
        let second = database.folder().join("second.zip");
        let (third, last) = stage.empty_instance().await;
        last.import(&second).await.unwrap();
        let third = operators(&last, actor.user_id, &third.folder().join("third.zip")).await;
        assert_eq!(differing(&without_time(again), &without_time(third)), [""; 0]);
    })
    .await;
}

#[tokio::test]
async fn pp_7_6_places_and_labels_of_the_board_that_are_none_are_mended_on_the_way_in() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        let draft = stage.draft(&actor, signed_in.connection_id).await;
        let idea = stage.app.idea_add(&actor, "Milk at dawn", None).await.unwrap();
        let long = "0".repeat(domain::board::PLACE_MAX + 1);
        stage
            .database
            .tamper(&[
                "UPDATE idea SET place = 'Zuoberst', labels = 'no label,01930000-0000-7000-8000-00000000cccc'",
                &format!("INSERT INTO board_place (post_id, ready_at, place) VALUES ('{}', NULL, '{long}')", draft.id),
            ])
            .await;
        let path = stage.database.folder().join("first.zip");
        operators(&stage.app, actor.user_id, &path).await;
        let (database, other) = stage.empty_instance().await;
        assert_eq!(other.import(&path).await.unwrap().left_out, 0, "nothing is lost for it");
        let there = other.idea(&actor, idea).await.unwrap();
        assert_eq!((there.place, there.labels.len()), (idea.to_string().replace('-', ""), 0));
        let place = database.store().board_place(actor.workspace_id, draft.id).await.unwrap().unwrap();
        assert_eq!(place.place, draft.id.to_string().replace('-', ""));
    })
    .await;
}

async fn repacked(files: &Files, path: &Path) {
    let mut zip = async_zip::base::write::ZipFileWriter::with_tokio(tokio::fs::File::create(path).await.unwrap());
    for (name, bytes) in files {
        let entry = async_zip::ZipEntryBuilder::new(name.clone().into(), async_zip::Compression::Deflate);
        zip.write_entry_whole(entry, bytes).await.unwrap();
    }
    use tokio::io::AsyncWriteExt as _;
    zip.close().await.unwrap().into_inner().shutdown().await.unwrap();
}

#[tokio::test]
async fn pp_7_6_nothing_is_taken_in_that_was_changed_or_is_something_else() {
    everywhere(async |stage| {
        let (actor, signed_in) = stage.sign_in(MILA).await;
        stage.draft(&actor, signed_in.connection_id).await;
        let path = stage.database.folder().join("first.zip");
        let files = operators(&stage.app, actor.user_id, &path).await;
        let (database, other) = stage.empty_instance().await;
        let changed = database.folder().join("changed.zip");
        let refused = async |change: &dyn Fn(&mut Files)| {
            let mut files = files.clone();
            change(&mut files);
            repacked(&files, &changed).await;
            let error = other.import(&changed).await.unwrap_err();
            assert_eq!(other.store.people_count().await.unwrap(), 0, "nothing was written: {error}");
            error
        };
        let name = "data/post.jsonl";
        let error = refused(&|files| files.get_mut(name).unwrap()[3] ^= 1).await;
        assert!(matches!(&error, ImportError::Damaged(file) if file == name), "{error}");
        let error = refused(&|files| drop(files.remove(name))).await;
        assert!(matches!(error, ImportError::Damaged(_)), "{error}");
        let error = refused(&|files| drop(files.insert("media/extra.mp4".to_owned(), vec![0; 9]))).await;
        assert!(matches!(error, ImportError::Foreign(_)), "{error}");
        for slip in ["../slip", "/etc/slip", "media/../../slip", "data/a/b"] {
            let error = refused(&|files| drop(files.insert(slip.to_owned(), Vec::new()))).await;
            assert!(matches!(error, ImportError::Foreign(_)), "{slip}: {error}");
        }
        let version = |files: &mut Files, from: &str, to: &str| {
            let text = String::from_utf8(files["manifest.json"].clone()).unwrap();
            files.insert("manifest.json".to_owned(), text.replace(from, to).into_bytes());
        };
        let error = refused(&|files| version(files, "\"version\": 1", "\"version\": 2")).await;
        assert!(matches!(error, ImportError::Version(2)), "{error}");
        let error = refused(&|files| version(files, "moloko-export", "other-export")).await;
        assert!(matches!(error, ImportError::Foreign(_)), "{error}");
        // A bomb says that it is small and is not.
        let error = refused(&|files| drop(files.insert("README.txt".to_owned(), vec![b' '; 40_000_000]))).await;
        assert!(matches!(error, ImportError::Damaged(_)), "{error}");
        std::fs::write(&changed, b"no archive at all").unwrap();
        assert!(matches!(other.import(&changed).await, Err(ImportError::Foreign(_))));
        assert!(matches!(stage.app.import(&path).await, Err(ImportError::NotEmpty)));
        other.import(&path).await.unwrap();
    })
    .await;
}
