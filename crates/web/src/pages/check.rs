//! What every page must satisfy, checked on its text in every language and theme. For tests of pages.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashSet;
use std::path::Path;

use maud::Markup;

use crate::{
    locale::Locale,
    ui::{Frame, Nav, Theme},
};

/// Renders a page in every language and theme, signed out and signed in, and checks each.
pub fn in_every_language(render: impl Fn(&Frame) -> Markup) {
    for locale in Locale::ALL {
        for theme in Theme::ALL {
            page(locale, &render(&Frame::public(locale, theme, "/here")).0);
            page(locale, &render(&Frame::sample(locale, theme, Nav::Queue)).0);
        }
    }
}

/// Checks one whole document.
pub fn page(locale: Locale, html: &str) {
    assert!(html.starts_with("<!DOCTYPE html>"), "a whole document");
    assert!(html.contains(&format!("<html lang=\"{}\"", locale.tag())), "the document names its language");
    assert_eq!(html.matches("<h1").count(), 1, "one h1");
    assert_eq!(html.matches("<main").count(), 1, "one main");
    assert!(html.contains("id=\"main\""), "the skip link has a target");
    fragment(html);
    assert!(
        !html
            .split("<script")
            .skip(1)
            .any(|s| !s.contains("></script>") || !s.starts_with(" type=\"module\" src=\"/assets/")),
        "scripts only from files"
    );
}

/// Keeps a page as a file for whoever takes pictures of it, where a folder is named for that. The newest of a name stays.
pub fn kept(name: &str, locale: Locale, html: &str) {
    if let Some(folder) = std::env::var_os("MOLOKO_SAMPLES") {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}-{}.html", locale.tag())), html).unwrap();
    }
}

/// Checks what also holds for a part of a page.
pub fn fragment(html: &str) {
    for forbidden in [
        "No localization for",
        "{$",
        "{ $",
        "/assets/not-bundled",
        " style=",
        "<style",
        " onclick=",
        "javascript:",
        "http-equiv",
        " hx-on",
    ] {
        assert!(!html.contains(forbidden), "`{forbidden}` near: {}", around(html, forbidden));
    }
    let mut seen = HashSet::new();
    for part in html.split(" id=\"").skip(1) {
        let id = part.split('"').next().unwrap();
        assert!(seen.insert(id), "id `{id}` occurs twice");
    }
    for attribute in
        [" for=\"", " aria-describedby=\"", " aria-labelledby=\"", " data-opens=\"", " popovertarget=\"", " href=\"#"]
    {
        for part in html.split(attribute).skip(1) {
            for id in part.split('"').next().unwrap().split(' ').filter(|id| !id.is_empty()) {
                assert!(seen.contains(id), "{attribute}{id} leads nowhere");
            }
        }
    }
    for (tag, needs) in [("<img", "alt="), ("<svg", "aria-")] {
        for part in html.split(tag).skip(1) {
            assert!(part.split('>').next().unwrap().contains(needs), "{tag} without {needs}");
        }
    }
}

fn around<'a>(html: &'a str, needle: &str) -> &'a str {
    let at = html.find(needle).unwrap_or(0);
    let mut from = at.saturating_sub(80);
    let mut to = (at + 80).min(html.len());
    while !html.is_char_boundary(from) {
        from -= 1;
    }
    while !html.is_char_boundary(to) {
        to -= 1;
    }
    &html[from..to]
}
