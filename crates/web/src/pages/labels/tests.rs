//! The page of labels, and labels on other pages, from samples in both languages.

use super::LabelForm;
use super::part::{Giving, chips, filter, form};
use super::view::{LabelsPage, RefusedLabel, labels_page};
use crate::locale::Locale;
use crate::pages::{check, samples};

#[test]
fn labels_are_listed_and_can_be_changed_and_nothing_of_them_is_markup() {
    let all = samples::labels();
    check::in_every_language(|frame| {
        let html = labels_page(&LabelsPage { frame, all: &all, refused: None });
        assert!(html.0.contains("Milk &amp; &lt;honey&gt;") && html.0.contains("data-flavour=\"mint\""));
        html
    });
    check::in_every_language(|frame| labels_page(&LabelsPage { frame, all: &[], refused: None }));
}

#[test]
fn what_was_refused_still_stands_in_its_field_with_the_reason() {
    let all = samples::labels();
    for of in [None, Some(all[0].id)] {
        let form = LabelForm { words: "Typed".to_owned(), flavour: "mint".to_owned() };
        let refused = RefusedLabel { of, form, why: "Something is wrong.".to_owned() };
        check::in_every_language(|frame| {
            let html = labels_page(&LabelsPage { frame, all: &all, refused: Some(&refused) });
            assert!(html.0.contains("value=\"Typed\"") && html.0.contains("aria-invalid=\"true\""));
            html
        });
    }
}

#[test]
fn a_post_bears_what_is_ticked_and_a_filter_leads_to_one() {
    let all = samples::labels();
    for l in Locale::ALL {
        let giving =
            Giving { key: "x", action: "/posts/1/labels", next: "/board", all: &all, borne: &all[..1], refused: None };
        let html = form(l, &giving).into_string();
        check::fragment(&html);
        assert_eq!(html.matches(" checked").count(), 1, "{html}");
        assert!(chips(l, &[]).into_string().is_empty());
        let html = filter(l, &all, Some(all[1].id), |id| {
            format!("/queue?label={}", id.map_or_else(String::new, |id| id.to_string()))
        });
        assert!(html.into_string().contains("aria-current=\"true\""));
        assert!(filter(l, &[], None, |_| String::new()).into_string().is_empty(), "nothing to choose from");
    }
}
