//! Messages with a link inside: translators place the link, the page decides where it leads.

use maud::{Markup, html};

/// Turns the part between `<a>` and `</a>` into a link; the rest is escaped as ever. Without the marks it is plain text.
#[must_use]
pub fn with_link(message: &str, href: &str) -> Markup {
    let parts = message
        .split_once("<a>")
        .and_then(|(before, rest)| rest.split_once("</a>").map(|(linked, after)| (before, linked, after)));
    match parts {
        Some((before, linked, after)) => html! { (before) a href=(href) { (linked) } (after) },
        None => html! { (message) },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_stands_where_the_translator_put_it_and_nothing_else_is_markup() {
        assert_eq!(with_link("a <a>b</a> <i>", "/x?a=1&b").0, "a <a href=\"/x?a=1&amp;b\">b</a> &lt;i&gt;");
        assert_eq!(with_link("plain", "/x").0, "plain");
    }
}
