//! The audit points that show on the post page, in both languages, each against the rendered page.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::path::Path;

use app::posts::Expectation;
use domain::consent::Declaration;
use domain::creator::{CreatorSnapshot, CreatorStanding, PostingBlock, PrivacyLevel};
use domain::photos::PhotoContent;
use domain::post::{Disclosure, PostContent};
use domain::rules::choices::{BRANDED_PRIVATE_TEXT, DISCLOSURE_EMPTY_TEXT};
use domain::schedule::Zone;
use domain::timetable::Cap;

use super::expected::expectation;
use super::page::{ComposePage, compose_page};
use crate::locale::Locale;
use crate::pages::{check, samples};
use crate::ui::{Frame, Nav, Theme, When};

fn drawn(content: &PostContent, standing: &CreatorStanding, duration_ms: i64) -> [(Locale, String); 2] {
    let view = samples::compose(content.clone(), standing.clone(), duration_ms);
    let newest = view.earlier.first().map(|state| state.id.to_string());
    [Locale::En, Locale::Ru].map(|locale| {
        let frame = Frame::sample(locale, Theme::System, Nav::NewPost);
        let page = ComposePage {
            app: app::settings::TikTokApp::Unaudited,
            frame: &frame,
            view: &view,
            zone: &Zone::utc(),
            refused: &[],
            form_problem: None,
            expected: None,
            paused: None,
            stale: false,
            restored: newest.as_deref(),
            beside: None,
        };
        let html = compose_page(&page).into_string();
        check::page(locale, &html);
        (locale, html)
    })
}

#[test]
fn the_post_page_is_whole_with_everything_to_choose() {
    let content = PostContent { caption: "Honey cake, layer by layer #baking".to_owned(), ..PostContent::default() };
    for (l, html) in drawn(&content, &CreatorStanding::CanPost(samples::creator()), 6_000) {
        check::kept("composer", l, &html);
        assert!(html.contains("Honey cake"));
    }
}

#[test]
fn of_a_time_that_has_passed_nothing_else_is_said() {
    let due_at = samples::NOW.plus_seconds(-60);
    let expected = Expectation {
        due_at,
        from: Some(samples::NOW.plus_seconds(600)),
        sending_minutes: None,
        together: 1,
        held_after_minutes: None,
        cap: None,
    };
    for locale in [Locale::En, Locale::Ru] {
        let html = expectation(locale, &When::new(locale, "UTC", samples::NOW), &expected).into_string();
        assert_eq!(html.matches("banner warn").count(), 1, "{html}");
        assert!(html.contains(&locale.message("problem-time-in-past", []).unwrap()), "{html}");
    }
}

#[test]
fn a_crowded_time_and_a_cap_are_told_in_words_before_anything_is_planned() {
    let due_at = samples::NOW.plus_seconds(3600);
    for (expected, english) in [
        (
            Expectation {
                due_at,
                from: Some(due_at.plus_seconds(62)),
                sending_minutes: None,
                together: 8,
                held_after_minutes: None,
                cap: Some(Cap::DirectPosts { number: 16, typical: 15 }),
            },
            ["8 posts at", "can go out from", "post number 16", "about 15"].as_slice(),
        ),
        (
            Expectation {
                due_at,
                from: Some(due_at.plus_seconds(1000)),
                sending_minutes: None,
                together: 1,
                held_after_minutes: Some(15),
                cap: Some(Cap::Drafts { number: 6, most: 5 }),
            },
            ["Just before", "more than 15 minutes late", "draft number 6", "5 unfinished"].as_slice(),
        ),
        (
            Expectation {
                due_at,
                from: Some(due_at.plus_seconds(170)),
                sending_minutes: Some(3),
                together: 1,
                held_after_minutes: None,
                cap: Some(Cap::Drafts { number: 6, most: 5 }),
            },
            ["file takes 3 minutes to send", "can go out from", "speed of this server is limited"].as_slice(),
        ),
    ] {
        for locale in [Locale::En, Locale::Ru] {
            let when = When::new(locale, "UTC", samples::NOW);
            let html = expectation(locale, &when, &expected).into_string();
            assert!(html.matches("banner warn").count() == 2, "{html}");
            let found = english.iter().all(|words| html.replace(['\u{2068}', '\u{2069}'], "").contains(words));
            assert_eq!(found, locale == Locale::En, "{html}");
        }
    }
}

fn fresh() -> [(Locale, String); 2] {
    with(|_| {})
}

/// The page of a draft in which some choices were made.
fn with(choose: impl FnOnce(&mut PostContent)) -> [(Locale, String); 2] {
    let mut content = PostContent::default();
    choose(&mut content);
    drawn(&content, &CreatorStanding::CanPost(samples::creator()), 6_000)
}

/// The page for a creator with other settings.
fn for_creator(change: impl FnOnce(&mut CreatorSnapshot)) -> [(Locale, String); 2] {
    let mut creator = samples::creator();
    change(&mut creator);
    drawn(&PostContent::default(), &CreatorStanding::CanPost(creator), 6_000)
}

fn disclosed(your_brand: bool, branded_content: bool) -> impl FnOnce(&mut PostContent) {
    move |content| {
        content.privacy = Some(PrivacyLevel::PublicToEveryone);
        content.disclosure = Disclosure { on: true, your_brand, branded_content };
    }
}

/// The element that begins with `start`, up to its end tag of the same name.
fn element<'a>(html: &'a str, start: &str) -> &'a str {
    let at = html.find(start).unwrap_or_else(|| panic!("`{start}` is on the page"));
    let rest = html.get(at..).unwrap();
    let name: String = rest.chars().skip(1).take_while(char::is_ascii_alphanumeric).collect();
    let end = rest.find(&format!("</{name}>")).unwrap();
    rest.get(..end).unwrap()
}

/// The opening tag of the input with this id.
fn input<'a>(html: &'a str, id: &str) -> &'a str {
    html.split("<input").find(|tag| tag.contains(&format!("id=\"{id}\""))).unwrap().split('>').next().unwrap()
}

fn place(html: &str, what: &str) -> usize {
    html.find(what).unwrap_or_else(|| panic!("`{what}` is on the page"))
}

#[test]
fn ux_01_the_page_shows_what_tiktok_said_just_now() {
    for (l, html) in for_creator(|creator| creator.nickname = "Renamed a minute ago".to_owned()) {
        assert!(element(&html, "<b class=\"nick\"").contains("Renamed a minute ago"), "{}", l.tag());
    }
}

#[test]
fn ux_02_the_receiving_account_stands_first_with_nickname_and_handle() {
    for (_, html) in fresh() {
        let block = element(&html, "<section class=\"card acc-head\"");
        assert!(block.contains("Кухня дома") && block.contains("@kitchen.at.home"));
        assert!(place(&html, "acc-head") < place(&html, "id=\"caption\""));
    }
}

#[test]
fn ux_03_a_creator_who_cannot_post_now_is_told_and_the_button_refuses() {
    for (l, html) in drawn(&PostContent::default(), &CreatorStanding::Blocked(PostingBlock::TooManyPosts), 6_000) {
        let why = l.message("problem-creator-too-many-posts", []).unwrap();
        assert!(html.contains(&format!("<b>{why}</b>")), "{}", l.tag());
        assert!(html.contains(&format!("data-why-server=\"{why}\"")), "the script keeps it refused");
        assert!(element(&html, "<button class=\"btn primary big\"").contains("aria-disabled=\"true\""));
    }
}

#[test]
fn ux_04_a_video_that_is_too_long_is_refused_with_both_lengths() {
    let standing = CreatorStanding::CanPost(samples::creator());
    for (_, html) in drawn(&PostContent::default(), &standing, 642_000) {
        assert!(html.contains("10:42") && html.contains("10:00"));
        assert!(element(&html, "<button class=\"btn primary big\"").contains("aria-disabled=\"true\""));
    }
}

#[test]
fn ux_05_the_caption_is_a_field_and_holds_what_was_typed() {
    for (_, html) in with(|content| content.caption = "утро & <кухня>".to_owned()) {
        let field = element(&html, "<textarea id=\"caption\"");
        assert!(field.ends_with("утро &amp; &lt;кухня&gt;") && !field.contains("readonly"));
    }
}

#[test]
fn ux_06_the_audiences_are_exactly_those_tiktok_offers_in_words() {
    for (l, html) in fresh() {
        let values: Vec<&str> =
            html.split("name=\"privacy\" value=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
        assert_eq!(values, ["PUBLIC_TO_EVERYONE", "MUTUAL_FOLLOW_FRIENDS", "SELF_ONLY"]);
        for word in ["privacy-everyone", "privacy-friends", "privacy-only-you"] {
            assert!(html.contains(&l.message(word, []).unwrap()));
        }
    }
}

#[test]
fn ux_07_no_audience_is_picked_even_when_only_one_is_offered() {
    for (_, html) in for_creator(|creator| creator.privacy_options = vec![PrivacyLevel::SelfOnly]) {
        assert_eq!(html.matches("name=\"privacy\"").count(), 1);
        assert!(!element(&html, "<fieldset class=\"field\" id=\"privacy\"").contains("checked"));
    }
}

#[test]
fn ux_08_three_interactions_start_unticked() {
    for (_, html) in fresh() {
        for id in ["allow-comment", "allow-duet", "allow-stitch"] {
            assert!(!input(&html, id).contains("checked"), "{id}");
        }
    }
}

#[test]
fn ux_09_an_interaction_that_is_off_in_tiktok_is_grey_and_says_why() {
    for (l, html) in with(|content| content.allow_stitch = true) {
        assert!(input(&html, "allow-stitch").contains("disabled") && !input(&html, "allow-stitch").contains("checked"));
        assert!(!input(&html, "allow-duet").contains("disabled"));
        assert!(html.contains(&l.message("compose-turned-off", []).unwrap()));
    }
}

#[test]
fn ux_11_the_declaration_stands_before_the_button_with_its_link() {
    for (_, html) in fresh() {
        let said = place(
            &html,
            "By posting, you agree to TikTok's <a href=\"https://www.tiktok.com/legal/page/global/music-usage-confirmation/en\"",
        );
        assert!(said < place(&html, "<button class=\"btn primary big\""));
        assert!(html.contains(">Music Usage Confirmation</a>"));
    }
}

#[test]
fn ux_12_the_disclosure_switch_is_off() {
    for (_, html) in fresh() {
        assert!(!input(&html, "disc").contains("checked"));
    }
}

#[test]
fn ux_13_its_two_boxes_start_unticked_and_can_both_be_ticked() {
    for (_, html) in fresh() {
        for id in ["yb", "bc"] {
            assert!(input(&html, id).contains("type=\"checkbox\"") && !input(&html, id).contains("checked"), "{id}");
        }
    }
    for (_, html) in with(disclosed(true, true)) {
        assert!(input(&html, "yb").contains("checked") && input(&html, "bc").contains("checked"));
    }
}

#[test]
fn ux_14_both_prompts_are_word_for_word_and_hidden_until_a_box_is_ticked() {
    for (_, html) in fresh() {
        assert!(
            element(&html, "<p class=\"prompt p-own\"")
                .contains("Your photo/video will be labeled as 'Promotional content'")
        );
        assert!(
            element(&html, "<p class=\"prompt p-paid\"")
                .contains("Your photo/video will be labeled as 'Paid partnership'")
        );
    }
    // What shows when is the style sheet's, so that it needs no script: both rules are in the built file.
    let css = crate::assets::Asset::ComposerStyle.url();
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/dist").join(css.trim_start_matches("/assets/"));
    let css = std::fs::read_to_string(file).unwrap().replace(' ', "");
    for rule in [
        ".composer:not(:has(#disc:checked)).boxes",
        ".composer:not(:has(#yb:checked)).p-own",
        ".composer:not(:has(#bc:checked)):is(.p-paid",
    ] {
        assert!(css.contains(rule), "{rule}");
    }
}

#[test]
fn ux_15_disclosure_without_a_box_disables_the_button_with_tiktoks_hover_text() {
    for (_, html) in with(disclosed(false, false)) {
        let button = element(&html, "<button class=\"btn primary big\"");
        assert!(button.contains("aria-disabled=\"true\""));
        assert!(button.contains(&format!("title=\"{DISCLOSURE_EMPTY_TEXT}\"")));
        assert!(
            element(&html, "<small class=\"why\" id=\"why\"").starts_with("<small class=\"why\" id=\"why\">"),
            "the reason is written next to it too"
        );
    }
}

#[test]
fn ux_16_with_only_you_chosen_the_branded_box_is_disabled_and_says_why() {
    for (l, html) in with(|content| content.privacy = Some(PrivacyLevel::SelfOnly)) {
        assert!(input(&html, "bc").contains("disabled"));
        assert!(html.contains(&l.message("branded-disabled-only-you", []).unwrap()));
    }
}

#[test]
fn ux_17_with_branded_content_ticked_only_you_is_disabled_with_tiktoks_hover_text() {
    for (_, html) in with(disclosed(false, true)) {
        let option = html.split("<label class=\"option\"").find(|part| part.contains("value=\"SELF_ONLY\"")).unwrap();
        assert!(option.contains(&format!("title=\"{BRANDED_PRIVATE_TEXT}\"")) && option.contains(" disabled"));
        assert!(option.contains(&format!(">{BRANDED_PRIVATE_TEXT}</small>")), "readable without hovering");
    }
}

#[test]
fn ux_18_both_declarations_are_word_for_word() {
    for (_, html) in fresh() {
        let plain = |class: &str| {
            let mut words = String::new();
            let mut inside = false;
            for c in element(&html, &format!("<p class=\"{class}\"")).chars() {
                match c {
                    '<' => inside = true,
                    '>' => inside = false,
                    c if !inside => words.push(c),
                    _ => {}
                }
            }
            words
        };
        assert_eq!(plain("d-m"), Declaration::Music.text());
        assert_eq!(plain("d-bm"), Declaration::BrandedAndMusic.text());
        assert!(html.contains("href=\"https://www.tiktok.com/legal/page/global/bc-policy/en\""));
    }
}

#[test]
fn ux_19_the_video_itself_plays_before_it_is_posted() {
    for (_, html) in fresh() {
        let video = element(&html, "<video id=\"preview\"");
        assert!(video.contains("/file\"") && video.contains("controls"));
    }
}

#[test]
fn ux_21_nothing_is_written_into_the_caption_for_the_person() {
    for (_, html) in fresh() {
        assert!(element(&html, "<textarea id=\"caption\"").ends_with('>'));
    }
}

#[test]
fn ux_22_the_page_says_that_nothing_is_sent_before_the_button() {
    for (l, html) in fresh() {
        assert!(html.contains(&l.message("compose-nothing-sent", []).unwrap()));
    }
}

#[test]
fn ux_23_the_page_says_that_tiktok_needs_a_few_minutes() {
    for (l, html) in fresh() {
        assert!(html.contains(&l.message("compose-takes-minutes", []).unwrap()));
    }
}

#[test]
fn ux_29_the_ai_switch_is_off_until_it_is_turned_on() {
    for (_, html) in fresh() {
        assert!(!input(&html, "aigc").contains("checked"));
    }
    for (_, html) in with(|content| content.ai_generated = true) {
        assert!(input(&html, "aigc").contains("checked"));
    }
}

#[test]
fn ux_30_a_cover_is_picked_by_moment_and_by_eight_frames() {
    for (_, html) in with(|content| content.cover_ms = Some(1_500)) {
        assert!(input(&html, "cover").contains("value=\"1500\"") && input(&html, "cover").contains("max=\"5999\""));
        assert_eq!(html.matches("/frames/").count(), 8);
    }
}

#[test]
fn ux_31_the_inbox_says_what_tiktok_drops_before_it_is_chosen() {
    for (l, html) in fresh() {
        for words in ["compose-inbox", "compose-inbox-what", "compose-inbox-explained"] {
            assert!(html.contains(&l.message(words, []).unwrap()), "{words}");
        }
    }
}

#[test]
fn ux_33_the_page_says_that_a_post_cannot_be_changed_afterwards() {
    let said = [("en", "cannot be edited or deleted from here"), ("ru", "Изменить или удалить его отсюда нельзя")];
    for ((l, html), (tag, words)) in fresh().into_iter().zip(said) {
        assert_eq!(l.tag(), tag);
        assert!(html.contains(words));
    }
}

#[test]
fn the_points_stand_in_the_order_of_the_audit() {
    for (_, html) in fresh() {
        let order = [
            "acc-head",
            "id=\"caption\"",
            "id=\"privacy\"",
            "id=\"allow-comment\"",
            "id=\"disc\"",
            "id=\"preview\"",
            "class=\"decl\"",
            "value=\"schedule\"",
        ];
        assert!(order.map(|what| place(&html, what)).is_sorted());
    }
}

#[test]
fn every_test_that_the_audit_table_names_exists() {
    fn sources(folder: &Path) -> String {
        let mut all = String::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().is_some_and(|name| name != "node_modules" && name != "target") {
                all.push_str(&sources(&path));
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                all.push_str(&std::fs::read_to_string(&path).unwrap());
            }
        }
        all
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let table = std::fs::read_to_string(root.join("docs/audit.md")).unwrap();
    let all = sources(&root.join("crates"));
    let named: Vec<&str> = table.split('`').filter(|word| word.contains('_') && !word.contains(' ')).collect();
    assert!(named.len() > 50, "the table was read");
    for name in named {
        assert!(all.contains(&format!("fn {name}(")), "{name} is named in docs/audit.md");
    }
}

fn of_photos(choose: impl FnOnce(&mut PostContent)) -> [(Locale, String); 2] {
    let mut content = PostContent { photos: Some(PhotoContent::default()), ..PostContent::default() };
    choose(&mut content);
    let pictures = (1..=3).map(samples::picture).collect();
    let view = samples::compose_photos(content, CreatorStanding::CanPost(samples::creator()), pictures);
    [Locale::En, Locale::Ru].map(|locale| {
        let frame = Frame::sample(locale, Theme::System, Nav::NewPost);
        let page = ComposePage {
            app: app::settings::TikTokApp::Unaudited,
            frame: &frame,
            view: &view,
            zone: &Zone::utc(),
            refused: &[],
            form_problem: None,
            paused: None,
            stale: false,
            restored: None,
            beside: None,
            expected: None,
        };
        let html = compose_page(&page).into_string();
        check::page(locale, &html);
        (locale, html)
    })
}

#[test]
fn ux_10_photos_offer_only_the_comment_box_unticked() {
    for (l, html) in of_photos(|_| {}) {
        let comment = input(&html, "allow-comment");
        assert!(!comment.contains("checked"), "{}", l.tag());
        for other in ["allow-duet", "allow-stitch", "allow_duet", "allow_stitch", "name=\"ai_generated\""] {
            assert!(!html.contains(other), "{}: {other}", l.tag());
        }
    }
}

#[test]
fn ux_05_photos_have_a_title_and_a_description_with_their_own_limits() {
    for (_, html) in of_photos(|content| {
        content.caption = "Backstage of the shoot".to_owned();
        content.photos = Some(PhotoContent { title: "Three looks".to_owned(), auto_add_music: false });
    }) {
        assert!(html.contains(">Three looks</textarea>") && html.contains("data-limit=\"90\""));
        assert!(html.contains(">Backstage of the shoot</textarea>") && html.contains("data-limit=\"4000\""));
        assert!(!input(&html, "add-music").contains("checked"), "nobody adds music but the person");
    }
}

#[test]
fn ux_19_the_pictures_themselves_are_swiped_through_in_their_order() {
    for (_, html) in of_photos(|_| {}) {
        let slides = html.split("class=\"slides\"").nth(1).unwrap().split("</div>").next().unwrap();
        let at: Vec<usize> =
            (1..=3).map(|n| place(slides, &format!("/media/00000000-0000-0000-0000-0000000000{n:02}/file"))).collect();
        assert!(at.is_sorted(), "{at:?}");
        assert!(!html.contains("<video"));
    }
}

#[test]
fn ux_30_one_picture_is_the_cover_and_buttons_move_them_without_a_script() {
    for (_, html) in of_photos(|_| {}) {
        let id = |n: u8| format!("00000000-0000-0000-0000-0000000000{n:02}");
        let covers: Vec<&str> = html.split("<input").filter(|tag| tag.contains("name=\"cover_photo\"")).collect();
        assert_eq!(covers.len(), 3);
        let chosen: Vec<_> = covers.iter().filter(|tag| tag.split('>').next().unwrap().contains("checked")).collect();
        assert!(chosen.len() == 1 && chosen.first().unwrap().contains(&id(2)));
        for how in ["earlier", "later", "remove"] {
            assert!(html.contains(&format!("name=\"arrange\" value=\"{how}:{}\"", id(2))), "{how}");
        }
        assert!(html.contains(&format!("value=\"add:{}\"", id(9))), "the library's other picture can be added");
        assert!(place(&html, "name=\"action\" value=\"save\"") < place(&html, "name=\"arrange\""), "Enter saves");
    }
}

#[test]
fn ux_31_the_inbox_says_what_tiktok_keeps_of_photos() {
    for (l, html) in of_photos(|_| {}) {
        assert!(html.contains(&l.message("compose-inbox-what-photos", []).unwrap()));
        assert!(html.contains("31.8"));
    }
}
