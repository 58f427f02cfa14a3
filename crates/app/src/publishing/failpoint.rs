//! Places where a test ends or halts the process: before and after each commit and each effect of an attempt.
//!
//! Owns their names. Without the cargo feature `failpoints` every call here is nothing and the variable is never read.

use domain::attempt::Effect;

/// Before what the name says is done, and after it.
pub(super) const BEFORE_COMMIT: &str = "before_commit";
pub(super) const AFTER_COMMIT: &str = "after_commit";
pub(super) const BEFORE_EFFECT: &str = "before_effect";
pub(super) const AFTER_EFFECT: &str = "after_effect";

/// The name of an effect's failpoints.
pub(super) const fn name(effect: Effect) -> &'static str {
    match effect {
        Effect::CheckCreator => "check_creator",
        Effect::SendInit(_) => "send_init",
        Effect::VerifyMedia => "verify_media",
        Effect::PutChunk { is_final: false, .. } => "put_chunk",
        Effect::PutChunk { is_final: true, .. } => "put_last_chunk",
        Effect::FetchStatus => "fetch_status",
        Effect::RefreshToken => "refresh_token",
    }
}

/// The state (or effect) `what` has come to `place`.
#[cfg(not(feature = "failpoints"))]
#[expect(clippy::unused_async, reason = "with failpoints it may halt here")]
pub(super) async fn reach(_what: &str, _place: &str) {}

/// The state (or effect) `what` has come to `place`: `MOLOKO_TEST_FAILPOINT=final_intent.after_commit=abort` ends the process
/// there as a power cut would, `=pause` halts the attempt until the process is ended from outside.
#[cfg(feature = "failpoints")]
pub(super) async fn reach(what: &str, place: &str) {
    let Ok(wanted) = std::env::var("MOLOKO_TEST_FAILPOINT") else {
        return;
    };
    match wanted.strip_prefix(what).and_then(|rest| rest.strip_prefix('.')).and_then(|rest| rest.strip_prefix(place)) {
        Some("=abort") => std::process::abort(),
        Some("=pause") => {
            tracing::warn!(what, place, "halted at a failpoint");
            std::future::pending::<()>().await;
        }
        Some(_) | None => {}
    }
}
