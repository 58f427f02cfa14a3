//! The name by which a person wants to be called here. Owns what may be one.

/// Longest name, characters.
pub const NAME_MAX: usize = 50;

/// A name as it is kept: one line, single blanks, none around it; `None` when nothing is left, or it is too long or holds what steers
/// the direction of writing and would disguise what stands around it.
#[must_use]
pub fn display_name(text: &str) -> Option<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let fits = (1..=NAME_MAX).contains(&name.chars().count());
    (fits && !name.chars().any(steers)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_short_line_that_disguises_nothing() {
        assert_eq!(display_name("  Mila \n  Sea "), Some("Mila Sea".to_owned()));
        assert_eq!(display_name(&"ж".repeat(NAME_MAX)).map(|name| name.chars().count()), Some(NAME_MAX));
        for wrong in ["", " \n ", "a\u{202e}b", "a\u{0}b", "\u{200b}", &"x".repeat(NAME_MAX + 1)] {
            assert_eq!(display_name(wrong), None, "{wrong:?}");
        }
    }
}
