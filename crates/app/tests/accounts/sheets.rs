//! The plan as a spreadsheet: what is wrong is told by row and column before anything is made, and what was written reads back as it was.

use app::posts::DraftInput;
use app::sheet::{Column, DryRun, Fault, Format, Found, PlanFilter};
use app::{Actor, Error};
use async_zip::base::write::ZipFileWriter;
use async_zip::{Compression, ZipEntryBuilder};
use domain::creator::PrivacyLevel;
use domain::id::ConnectionId;
use domain::photos::{Carousel, PhotoContent};
use domain::post::{Disclosure, PostContent, PostState};
use futures::{AsyncWriteExt as _, stream};
use rust_xlsxwriter::{ExcelDateTime, Format as CellFormat, Workbook};
use store::Post;
use tiktok_sim::sample_jpeg;

use crate::support::*;

const ALL: PlanFilter = PlanFilter { connection: None, from: None, until: None };

/// Everything about the drafts that a person chose, in the order in which they were made.
async fn drafts(stage: &Stage, actor: &Actor) -> Vec<Post> {
    let mut all = stage.store().posts_drafts(actor.workspace_id, 100).await.unwrap();
    all.sort_by_key(|post| (post.created_at, post.id));
    all
}

fn chosen(
    post: &Post,
) -> (ConnectionId, domain::id::MediaId, Option<Carousel>, PostContent, Option<String>, Option<String>) {
    let zone = post.local_time.as_ref().and(post.time_zone.clone());
    (post.connection_id, post.media_id, post.photos.clone(), post.content.clone(), post.local_time.clone(), zone)
}

/// Makes drafts of a file as the first button does; how many there are, and how many rows were left out.
async fn made(stage: &Stage, actor: &Actor, file: Vec<u8>) -> (usize, usize) {
    let made = stage.app.sheet_make(actor, file, false).await.unwrap();
    (made.drafts.len(), made.left_out)
}

/// What is wrong beside that a file is used more than once.
fn wrong(dry: &DryRun) -> Vec<&Found> {
    let is_twin = |fault: &Fault| matches!(fault, Fault::Twin | Fault::SameAsRow { .. } | Fault::WentOut { .. });
    dry.found.iter().filter(|found| !is_twin(&found.fault)).collect()
}

#[tokio::test]
async fn a_file_that_is_brought_twice_makes_no_twins_unless_they_are_meant() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let other = stage.add_account(&mila, OLEG).await;
        let (one, two) = (stage.upload(&mila).await, stage.upload_seconds(&mila, 5).await);
        let text = format!("account,file\n{0},{one}\n{other},{one}\n{0},{two}\n{0},{one}\n", own.connection_id);
        let told = |dry: &DryRun| dry.found.iter().map(|it| (it.row, it.fault.clone())).collect::<Vec<_>>();
        let dry = stage.app.sheet_try(&mila, text.clone().into_bytes()).await.unwrap();
        assert_eq!(told(&dry), [(5, Fault::SameAsRow { row: 2 })], "said, and made all the same");
        assert_eq!(made(&stage, &mila, text.clone().into_bytes()).await, (4, 0));

        let dry = stage.app.sheet_try(&mila, text.clone().into_bytes()).await.unwrap();
        assert_eq!(dry.ready.iter().filter(|row| row.is_there).count(), 4);
        assert_eq!(made(&stage, &mila, text.clone().into_bytes()).await, (0, 4), "no second time by itself");
        let grid = stage.app.bulk_grid(&mila, None).await.unwrap();
        assert_eq!(grid.rows.iter().map(|row| row.twins.len()).collect::<Vec<_>>(), [1, 0, 0, 1]);

        let (gone, _) = (drafts(&stage, &mila).await.remove(1), ());
        stage.app.delete_draft(&mila, gone.id).await.unwrap();
        assert_eq!(made(&stage, &mila, text.clone().into_bytes()).await, (1, 3), "what is missing is made");
        let again = stage.app.sheet_make(&mila, text.into_bytes(), true).await.unwrap();
        assert_eq!((again.drafts.len(), again.left_out), (4, 0));

        // The same film uploaded once more is the same film.
        stage.pass(1_000);
        let anew = stage.upload(&mila).await;
        assert_ne!(anew, one);
        let text = format!("account,file\n{},{anew}\n", own.connection_id);
        assert_eq!(made(&stage, &mila, text.into_bytes()).await, (0, 1));
    })
    .await;
}

#[tokio::test]
async fn a_plan_that_is_written_reads_back_as_it_was_as_text_and_as_a_workbook() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let private = stage.add_account(&mila, OLEG).await;
        let (short, long) = (stage.upload(&mila).await, stage.upload_seconds(&mila, 5).await);
        let captions =
            ["=HYPERLINK(\"http://x\")", "'+49 'quoted'\nnext line, \"more\"; тоже", "", "@mila -5", "\tindented"];
        for (n, caption) in captions.into_iter().enumerate() {
            let (media, account) = if n % 2 == 0 { (short, own.connection_id) } else { (long, private) };
            let group = stage.app.create_drafts(&mila, media, &[account]).await.unwrap();
            let draft = stage.only_post(&mila, group).await;
            let input = DraftInput {
                content: PostContent {
                    caption: caption.to_owned(),
                    privacy: (n != 2).then_some(PrivacyLevel::SelfOnly),
                    allow_comment: n == 0,
                    allow_duet: n == 1,
                    allow_stitch: n == 3,
                    disclosure: Disclosure { on: n < 2, your_brand: n == 0, branded_content: false },
                    ai_generated: n == 4,
                    cover_ms: (n == 1).then_some(1_500),
                    photos: None,
                },
                local_time: (n != 4).then(|| format!("2027-03-1{n}T18:30").parse().unwrap()),
                time_zone: if n == 0 { "Asia/Tokyo".parse().unwrap() } else { berlin() },
                ..everyone()
            };
            stage.app.save_draft(&mila, draft.id, draft.revision, &input).await.unwrap();
            let labels = ["Season, утро", "season", "", "=1+1, @x", "утро"][n];
            stage.app.post_labels_write(&mila, draft.id, labels).await.unwrap();
            stage.pass(1_000);
        }
        assert_eq!(stage.app.labels(&mila).await.unwrap().len(), 4, "capitals make no other label");
        let borne = async || {
            let posts = drafts(&stage, &mila).await;
            let ids: Vec<_> = posts.iter().map(|post| post.id).collect();
            let labels = stage.app.labels_of(&mila, &ids).await.unwrap();
            ids.iter().map(|id| labels.get(id).cloned().unwrap_or_default()).collect::<Vec<_>>()
        };
        for format in [Format::Csv, Format::Xlsx] {
            let before: Vec<_> = drafts(&stage, &mila).await.iter().map(chosen).collect();
            let labels = borne().await;
            let file = stage.app.sheet_of_plan(&mila, &ALL, format).await.unwrap();
            if format == Format::Csv {
                let text = String::from_utf8(file.clone()).unwrap();
                assert!(
                    text.contains("\"'=HYPERLINK") && !text.contains("\"=HYPERLINK"),
                    "no spreadsheet runs it: {text}"
                );
            }
            for draft in drafts(&stage, &mila).await {
                stage.app.delete_draft(&mila, draft.id).await.unwrap();
            }
            let dry = stage.app.sheet_try(&mila, file.clone()).await.unwrap();
            assert_eq!((dry.rows, dry.ready.len(), wrong(&dry)), (5, 5, vec![]));
            assert!(drafts(&stage, &mila).await.is_empty(), "a look makes nothing");
            // What the page carries along says the same as the file.
            assert_eq!(made(&stage, &mila, dry.as_csv.into_bytes()).await, (5, 0));
            let after: Vec<_> = drafts(&stage, &mila).await.iter().map(chosen).collect();
            assert_eq!(after, before);
            assert_eq!(borne().await, labels, "the labels, too");
            let again = stage.app.sheet_of_plan(&mila, &ALL, format).await.unwrap();
            if format == Format::Csv {
                assert_eq!(again, file);
            }
        }
        let grid = stage.app.bulk_grid(&mila, None).await.unwrap();
        let order: Vec<&str> = grid.rows.iter().map(|row| row.post.content.caption.as_str()).collect();
        assert_eq!(order, captions, "in the order of the file");
        assert_eq!(stage.app.batch(&mila, grid.rows[0].post.group_id).await.unwrap().len(), 1);
    })
    .await;
}

/// Another photo with every call.
async fn photo(stage: &Stage, actor: &Actor, name: &str, height: u16) -> domain::id::MediaId {
    let bytes = sample_jpeg(1080, height);
    let upload = stage.app.upload_create(actor, name, u64::try_from(bytes.len()).unwrap()).await.unwrap();
    let body = stream::iter([Ok::<_, std::io::Error>(bytes.into())]);
    stage.app.upload_append(actor, upload.id, 0, body).await.unwrap().media_id.unwrap()
}

#[tokio::test]
async fn photos_are_taken_along_in_their_order_with_title_cover_and_music_and_read_back() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let mut pictures = Vec::new();
        for (n, name) in ["dough, raw.jpg", "oven.jpg", "=cake.jpg"].into_iter().enumerate() {
            pictures.push(photo(&stage, &mila, name, 1_000 + u16::try_from(n).unwrap()).await);
        }
        for (n, titled) in ["'Bread', step by step", ""].into_iter().enumerate() {
            let group = stage.app.create_drafts_of(&mila, &pictures, &[own.connection_id], None).await.unwrap();
            let draft = stage.only_post(&mila, group).await;
            let mut order = pictures.clone();
            order.rotate_left(n);
            let input = DraftInput {
                content: PostContent {
                    caption: "Three pictures".to_owned(),
                    privacy: Some(PrivacyLevel::PublicToEveryone),
                    allow_comment: n == 0,
                    photos: Some(PhotoContent { title: titled.to_owned(), auto_add_music: n == 0 }),
                    ..PostContent::default()
                },
                local_time: Some("2027-03-11T18:30".parse().unwrap()),
                time_zone: berlin(),
                photos: Some(Carousel::new(order, pictures[2 - n]).unwrap()),
                ..everyone()
            };
            stage.app.save_draft(&mila, draft.id, draft.revision, &input).await.unwrap();
            stage.pass(1_000);
        }
        for format in [Format::Csv, Format::Xlsx] {
            let before: Vec<_> = drafts(&stage, &mila).await.iter().map(chosen).collect();
            assert!(before.iter().all(|one| one.2.is_some()), "{before:?}");
            let file = stage.app.sheet_of_plan(&mila, &ALL, format).await.unwrap();
            for draft in drafts(&stage, &mila).await {
                stage.app.delete_draft(&mila, draft.id).await.unwrap();
            }
            let dry = stage.app.sheet_try(&mila, file).await.unwrap();
            assert_eq!((dry.rows, dry.ready.len(), wrong(&dry)), (2, 2, vec![]));
            assert_eq!(made(&stage, &mila, dry.as_csv.into_bytes()).await, (2, 0));
            let after: Vec<_> = drafts(&stage, &mila).await.iter().map(chosen).collect();
            assert_eq!(after, before);
        }
    })
    .await;
}

#[tokio::test]
async fn an_export_is_filtered_by_account_and_day_and_has_planned_posts() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let private = stage.add_account(&mila, OLEG).await;
        stage.scheduled_at(&mila, own.connection_id, "2026-12-24T18:30").await;
        stage.draft(&mila, private).await;
        let lines = async |filter: PlanFilter| {
            let file = stage.app.sheet_of_plan(&mila, &filter, Format::Csv).await.unwrap();
            String::from_utf8(file).unwrap().lines().skip(1).map(str::to_owned).collect::<Vec<_>>()
        };
        let all = lines(ALL).await;
        assert!(all.len() == 2 && all[0].ends_with("2026-12-24,18:30,UTC,,scheduled"), "{all:?}");
        assert!(all[1].ends_with(",,,,draft"), "{all:?}");
        assert_eq!(lines(PlanFilter { connection: Some(private), ..ALL }).await, all[1..]);
        let day = stage.store().posts_scheduled(mila.workspace_id, 1).await.unwrap()[0].due_at.unwrap();
        assert_eq!(lines(PlanFilter { from: Some(day), ..ALL }).await, all[..1]);
        assert_eq!(lines(PlanFilter { until: Some(day), ..ALL }).await, [""; 0]);
        let template = String::from_utf8(stage.app.sheet_template(Format::Csv).unwrap()).unwrap();
        assert!(template.starts_with("\u{feff}account,file,title,caption,privacy,"));
        let refused = stage.app.sheet_try(&mila, Vec::new()).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "sheet-empty" })));
    })
    .await;
}

#[tokio::test]
async fn each_fault_is_told_by_row_and_column_and_stops_its_own_row_alone() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let media = stage.upload(&mila).await;
        let name = stage.app.media(&mila, media).await.unwrap().file_name;
        let account = stage.app.connection(&mila, own.connection_id).await.unwrap();
        let handle = account.username.unwrap();
        let long = "я".repeat(2_201);
        let rows = [
            // account, file, caption, privacy, allow_comment, cover, date, time, zone
            format!("@{},{name},fine,Everyone,yes,,2026-12-24,18:30,", handle.to_uppercase()),
            format!("somebody,{name},,,,,,,"),
            format!("{handle},other.mp4,,,,,,,"),
            format!("{handle},,,,,,,,"),
            format!("{handle},{name},,nobody,,,,,"),
            format!("{handle},{name},,,maybe,,,,"),
            format!("{handle},{name},,,,999999,,,"),
            format!("{handle},{name},,,,,12/24/2026,18:30,"),
            format!("{handle},{name},,,,,2026-12-24,25:00,"),
            format!("{handle},{name},,,,,2026-12-24,,"),
            format!("{handle},{name},,,,,2026-12-24,18:30,Nowhere/Town"),
            format!("{handle},{name},,,,,2027-03-28,02:30,Europe/Berlin"),
            format!("{handle},{name},,,,,2027-10-31,02:30,Europe/Berlin"),
            format!("{handle},{name},,,,,2020-01-01,10:00,"),
            format!("{handle},{name},{long},,,,,,"),
            format!("nobody,{name},,everybody,,,,,"),
        ];
        let head = "account,file,caption,privacy,allow_comment,cover,date,time,zone,mood";
        let text = format!("{head}\n{}\n", rows.join("\n"));
        let dry = stage.app.sheet_try(&mila, text.clone().into_bytes()).await.unwrap();
        let found: Vec<(usize, Column, &Fault)> =
            wrong(&dry).into_iter().map(|it| (it.row, it.column, &it.fault)).collect();
        assert_eq!(
            found,
            [
                (3, Column::Account, &Fault::UnknownAccount),
                (4, Column::File, &Fault::UnknownFile),
                (5, Column::File, &Fault::Missing),
                (6, Column::Privacy, &Fault::BadPrivacy),
                (7, Column::AllowComment, &Fault::BadAnswer),
                (8, Column::Cover, &Fault::BadCover),
                (9, Column::Date, &Fault::BadDate),
                (10, Column::Time, &Fault::BadTime),
                (11, Column::Time, &Fault::HalfTime),
                (12, Column::Zone, &Fault::BadZone),
                (13, Column::Time, &Fault::SkippedTime),
                (14, Column::Time, &Fault::TimeTwice),
                (15, Column::Date, &Fault::PastTime),
                (16, Column::Caption, &Fault::TooLong { used: 2_201, most: 2_200 }),
                (17, Column::Account, &Fault::UnknownAccount),
                (17, Column::Privacy, &Fault::BadPrivacy),
            ]
        );
        assert_eq!(dry.found[3].word, "nobody");
        assert_eq!(dry.ignored, ["mood"]);
        assert_eq!(dry.ready.iter().map(|row| row.row).collect::<Vec<_>>(), [2, 14, 15, 16]);
        assert_eq!(made(&stage, &mila, text.into_bytes()).await, (4, 12));
        let made = drafts(&stage, &mila).await;
        assert_eq!(made.len(), 4);
        assert_eq!(made[0].content.privacy, Some(PrivacyLevel::PublicToEveryone));
        assert_eq!(
            (made[1].content.privacy, made[1].content.allow_comment),
            (None, false),
            "an empty cell chooses nothing"
        );
        assert!(made.iter().all(|post| post.state == PostState::Draft && post.consent_id.is_none()));

        for (text, code) in
            [("file\nx", "sheet-no-account-column"), ("account\nx", "sheet-no-file-column"), (" \n", "sheet-empty")]
        {
            let refused = stage.app.sheet_try(&mila, text.as_bytes().to_vec()).await;
            assert!(matches!(refused, Err(Error::BadInput { code: told }) if told == code), "{text}: {refused:?}");
        }
        // Seventeen within a day are more than TikTok usually takes.
        let many: Vec<String> = (5..22).map(|hour| format!("{handle},{name},2027-01-10,{hour}:00")).collect();
        let dry = stage
            .app
            .sheet_try(&mila, format!("account,file,date,time\n{}", many.join("\n")).into_bytes())
            .await
            .unwrap();
        let capped: Vec<usize> =
            dry.found.iter().filter(|it| matches!(it.fault, Fault::OverCap(_))).map(|it| it.row).collect();
        assert_eq!((dry.ready.len(), capped), (17, vec![17, 18]), "told, and made all the same");
    })
    .await;
}

#[tokio::test]
async fn names_that_mean_several_things_are_written_and_read_as_ids() {
    everywhere(async |stage| {
        let (mila, own) = stage.sign_in(MILA).await;
        let (one, two) = (stage.upload(&mila).await, stage.upload_seconds(&mila, 7).await);
        let names = [stage.app.media(&mila, one).await.unwrap(), stage.app.media(&mila, two).await.unwrap()];
        let same_name = names[0].file_name == names[1].file_name && names[0].sha256 != names[1].sha256;
        assert!(same_name, "two films of one name");
        let draft = stage.app.create_drafts(&mila, two, &[own.connection_id]).await.unwrap();
        let draft = stage.only_post(&mila, draft).await;
        let file = String::from_utf8(stage.app.sheet_of_plan(&mila, &ALL, Format::Csv).await.unwrap()).unwrap();
        assert!(file.contains(&two.to_string()), "{file}");
        stage.app.delete_draft(&mila, draft.id).await.unwrap();
        assert_eq!(made(&stage, &mila, file.clone().into_bytes()).await, (1, 0));
        assert_eq!(drafts(&stage, &mila).await[0].media_id, two);
        let by_name = file.replace(&two.to_string(), &names[0].file_name);
        let dry = stage.app.sheet_try(&mila, by_name.into_bytes()).await.unwrap();
        assert_eq!(dry.found[0].fault, Fault::ManyFiles);
    })
    .await;
}

/// A workbook whose sheet is this.
async fn workbook_with(sheet: &[u8]) -> Vec<u8> {
    let parts: [(&str, &[u8]); 5] = [
        ("_rels/.rels", b"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>"),
        ("[Content_Types].xml", b"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"xml\" ContentType=\"application/xml\"/></Types>"),
        ("xl/workbook.xml", b"<workbook xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"S\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>"),
        ("xl/_rels/workbook.xml.rels", b"<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>"),
        ("xl/worksheets/sheet1.xml", sheet),
    ];
    let mut zip = ZipFileWriter::new(Vec::new());
    for (name, bytes) in parts {
        let entry = ZipEntryBuilder::new(name.to_owned().into(), Compression::Deflate);
        let mut writer = zip.write_entry_stream(entry).await.unwrap();
        writer.write_all(bytes).await.unwrap();
        writer.close().await.unwrap();
    }
    zip.close().await.unwrap()
}

#[tokio::test]
async fn a_workbook_of_people_is_read_with_its_dates_and_one_that_unpacks_to_too_much_is_not() {
    everywhere(async |stage| {
        let (mila, _) = stage.sign_in(MILA).await;
        let media = stage.upload(&mila).await;
        let name = stage.app.media(&mila, media).await.unwrap().file_name;
        let mut book = Workbook::new();
        let (day, hour) = (CellFormat::new().set_num_format("dd.mm.yyyy"), CellFormat::new().set_num_format("hh:mm"));
        let sheet = book.add_worksheet();
        for (column, head) in (0..).zip(["Account", "File", "Date", "Time", "AI generated", "Cover"]) {
            sheet.write_string(0, column, head).unwrap();
        }
        sheet.write_string(2, 0, MILA).unwrap();
        sheet.write_string(2, 1, &name).unwrap();
        sheet.write_with_format(2, 2, ExcelDateTime::from_ymd(2026, 12, 24).unwrap(), &day).unwrap();
        sheet.write_with_format(2, 3, ExcelDateTime::from_hms(18, 30, 0).unwrap(), &hour).unwrap();
        sheet.write_boolean(2, 4, true).unwrap();
        sheet.write_number(2, 5, 1_000).unwrap();
        let dry = stage.app.sheet_try(&mila, book.save_to_buffer().unwrap()).await.unwrap();
        assert_eq!(dry.found, []);
        let filled = &dry.ready[0].filled;
        assert_eq!((dry.ready[0].row, filled.local_time.unwrap().to_string().as_str()), (3, "2026-12-24T18:30"));
        assert!(filled.content.ai_generated);
        assert_eq!(filled.content.cover_ms, Some(1_000));

        let head =
            b"<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>".as_slice();
        let bomb = [head, &vec![b' '; 64 * 1024 * 1024]].concat();
        let bomb = workbook_with(&bomb).await;
        assert!(bomb.len() < 200_000, "small when packed");
        let refused = stage.app.sheet_try(&mila, bomb).await;
        assert!(
            matches!(
                refused,
                Err(Error::Limit { code: "sheet-too-large" } | Error::BadInput { code: "sheet-unreadable" })
            ),
            "{refused:?}"
        );

        // One that was written as a stream, and has its texts in the cells, is read like any other.
        let small = [
            head,
            b"<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>account</t></is></c></row></sheetData></worksheet>",
        ]
        .concat();
        let refused = stage.app.sheet_try(&mila, workbook_with(&small).await).await;
        assert!(matches!(refused, Err(Error::BadInput { code: "sheet-no-file-column" })), "{refused:?}");

        // A sheet that is as large as sheets can be costs nothing.
        let mut far = Workbook::new();
        far.add_worksheet().write_string(0, 0, "account").unwrap().write_string(1_048_575, 16_383, "far").unwrap();
        let refused = stage.app.sheet_try(&mila, far.save_to_buffer().unwrap()).await;
        assert!(matches!(refused, Err(Error::Limit { code: "sheet-too-many-columns" })), "{refused:?}");
        let mut long = Workbook::new();
        let sheet = long.add_worksheet();
        for row in 0..502 {
            sheet.write_string(row, 0, "account").unwrap();
        }
        let refused = stage.app.sheet_try(&mila, long.save_to_buffer().unwrap()).await;
        assert!(matches!(refused, Err(Error::Limit { code: "sheet-too-many-rows" })), "{refused:?}");
        // One long text that many cells name is counted as often as it is named.
        let (mut many, text) = (Workbook::new(), "milk ".repeat(6_000));
        let sheet = many.add_worksheet();
        for row in 0..100 {
            sheet.write_string(row, 0, &text).unwrap();
        }
        let refused = stage.app.sheet_try(&mila, many.save_to_buffer().unwrap()).await;
        assert!(matches!(refused, Err(Error::Limit { code: "sheet-too-large" })), "{refused:?}");
        for broken in [b"PK\x03\x04nothing".to_vec(), workbook_with(b"<worksheet").await, b"PK".repeat(1_000)] {
            let refused = stage.app.sheet_try(&mila, broken).await;
            assert!(matches!(refused, Err(Error::BadInput { .. })), "{refused:?}");
        }
    })
    .await;
}
