//! Logs: structured, to standard error. Owns their form; what may be in them is decided where they are written, and the rule is
//! that no token, upload address or caption ever is.

use crate::config::LogFormat;
use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Starts logging. Later calls in the same process change nothing.
pub fn start(filter: &str, format: LogFormat) {
    // The filter was parsed with the settings; `info` stands in if it could not be.
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let _ = match format {
        LogFormat::Pretty => builder.with_ansi(std::io::stderr().is_terminal()).with_target(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).with_current_span(false).try_init(),
    };
}
