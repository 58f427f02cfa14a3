//! What the address of the library says: words, filters, order, place; and the form that writes it. Owns both directions.

use app::media::library::{FileKind, LibraryQuery, Order, Place};
use domain::media::MediaOutcome;
use domain::media::tags::same;
use maud::{Markup, html};
use serde::Deserialize;

use crate::locale::Locale;
use crate::ui::{Button, Choice, SelectField, TextField, button, select_field, text_field};

const KINDS: [(&str, Option<FileKind>); 3] =
    [("", None), ("video", Some(FileKind::Video)), ("photo", Some(FileKind::Photo))];
const FITS: [(&str, Option<MediaOutcome>); 4] = [
    ("", None),
    ("yes", Some(MediaOutcome::Accept)),
    ("fixable", Some(MediaOutcome::Fixable)),
    ("no", Some(MediaOutcome::Reject)),
];
const USED: [(&str, Option<bool>); 3] = [("", None), ("yes", Some(true)), ("no", Some(false))];
const ORDERS: [(&str, Order); 3] =
    [("", Order::Newest), ("largest", Order::Largest), ("soonest", Order::DeletedSoonest)];

/// The address's query; anything unreadable in it is ignored.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    q: String,
    kind: String,
    fits: String,
    used: String,
    tag: String,
    sort: String,
    after: String,
}

fn meant<T: Copy + Default>(table: &[(&str, T)], word: &str) -> T {
    table.iter().find(|(known, _)| *known == word).map(|(_, value)| *value).unwrap_or_default()
}

impl Asked {
    /// What it means.
    #[must_use]
    pub fn query(&self) -> LibraryQuery {
        let after = self
            .after
            .split_once('_')
            .and_then(|(key, id)| Some(Place { key: key.parse().ok()?, id: id.parse().ok()? }));
        LibraryQuery {
            words: self.q.trim().to_owned(),
            kind: meant(&KINDS, &self.kind),
            fits: meant(&FITS, &self.fits),
            used: meant(&USED, &self.used),
            tag: Some(self.tag.trim()).filter(|tag| !tag.is_empty()).map(str::to_owned),
            order: meant(&ORDERS, &self.sort),
            after,
        }
    }

    /// Everything is shown, from the beginning.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.query() == LibraryQuery::default()
    }

    /// The address of the page behind a place.
    #[must_use]
    pub fn next(&self, place: Place) -> String {
        let mut address = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", &self.q),
            ("kind", &self.kind),
            ("fits", &self.fits),
            ("used", &self.used),
            ("tag", &self.tag),
            ("sort", &self.sort),
        ] {
            if !value.is_empty() {
                address.append_pair(name, value);
            }
        }
        address.append_pair("after", &format!("{}_{}", place.key, place.id));
        format!("/library?{}", address.finish())
    }
}

/// The address at which files of this name are shown.
pub(super) fn named(name: &str) -> String {
    format!("/library?{}", url::form_urlencoded::Serializer::new(String::new()).append_pair("q", name).finish())
}

/// The address at which files with this word beside them are shown.
pub(super) fn tagged(tag: &str) -> String {
    format!("/library?{}", url::form_urlencoded::Serializer::new(String::new()).append_pair("tag", tag).finish())
}

/// The form above the files.
pub(super) fn filters(l: Locale, asked: &Asked, tags: &[(String, usize)]) -> Markup {
    let list = |id: &str, label: &str, words: &[String], values: &[&str], picked: &str| {
        let choices: Vec<Choice<'_>> =
            values.iter().zip(words).map(|(value, label)| Choice { value, label, ..Choice::default() }).collect();
        select_field(&SelectField {
            id,
            name: id,
            label,
            choices: &choices,
            selected: Some(picked),
            ..SelectField::default()
        })
    };
    let any = t!(l, "library-any");
    // A word in the address that no file has any more is still what the list is filtered by.
    let gone = (!asked.tag.is_empty() && !tags.iter().any(|(tag, _)| same(tag, &asked.tag))).then_some(&asked.tag);
    let all_tags: Vec<(&str, String)> = std::iter::once(("", any))
        .chain(gone.map(|tag| (tag.as_str(), tag.clone())))
        .chain(tags.iter().map(|(tag, n)| (tag.as_str(), format!("{tag} ({n})"))))
        .collect();
    let picked_tag = tags.iter().find(|(tag, _)| same(tag, &asked.tag)).map_or(asked.tag.as_str(), |(tag, _)| tag);
    let (tag_values, tag_words): (Vec<&str>, Vec<String>) = all_tags.into_iter().unzip();
    let kinds = [t!(l, "library-any"), t!(l, "library-kind-video"), t!(l, "library-kind-photo")];
    let fits =
        [t!(l, "library-any"), t!(l, "library-fits-yes"), t!(l, "library-fits-fixable"), t!(l, "library-fits-no")];
    let used = [t!(l, "library-any"), t!(l, "library-used-yes"), t!(l, "library-used-no")];
    let orders = [t!(l, "library-sort-newest"), t!(l, "library-sort-largest"), t!(l, "library-sort-soonest")];
    html! {
        form.row.filters method="get" action="/library" role="search" {
            (text_field(&TextField { id: "q", name: "q", label: &t!(l, "library-search"), value: &asked.q, kind: "search", ..TextField::default() }))
            (list("kind", &t!(l, "library-kind"), &kinds, &KINDS.map(|(value, _)| value), &asked.kind))
            (list("fits", &t!(l, "library-fits"), &fits, &FITS.map(|(value, _)| value), &asked.fits))
            (list("used", &t!(l, "library-use"), &used, &USED.map(|(value, _)| value), &asked.used))
            @if tag_values.len() > 1 { (list("tag", &t!(l, "library-tag"), &tag_words, &tag_values, picked_tag)) }
            (list("sort", &t!(l, "library-sort"), &orders, &ORDERS.map(|(value, _)| value), &asked.sort))
            (button(&Button { label: &t!(l, "library-show"), ..Button::default() }))
        }
    }
}
