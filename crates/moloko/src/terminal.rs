//! What the program says to a person or another program. Owns the two streams; logs go through `tracing` instead.

use std::io::Write;

/// One line or more on standard output. A closed pipe is the reader's wish, not an error.
pub fn say(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{text}").and_then(|()| out.flush());
}

/// One line or more on standard error.
pub fn complain(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}
