//! The `t!` macro: a message of the catalogue in the reader's language. Owns nothing else.

/// `t!(locale, "id", name = value, ...)` formats a message as a `String`.
///
/// The id must exist in the English catalogue and the arguments must match it, otherwise the build fails; a test checks
/// that the Russian catalogue has the same ids and arguments.
#[macro_export]
macro_rules! t {
    ($locale:expr, $id:literal $(, $name:ident = $value:expr)* $(,)?) => {
        ::i18n_embed_fl::fl!($crate::locale::Locale::loader($locale), $id $(, $name = ($value))*)
    };
}
