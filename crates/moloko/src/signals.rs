//! Being asked to stop. The first signal asks everything to finish, the second one (or 30 seconds) ends the process.

use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// Longest time between the first signal and the end of the process.
const GRACE: Duration = Duration::from_secs(30);
/// What shells expect of a process that a signal ended: 128 + 15.
const ENDED_BY_SIGNAL: i32 = 143;

/// A token that is cancelled by the first SIGTERM or SIGINT.
///
/// # Errors
/// When the system refuses the handlers.
pub fn stop_token() -> std::io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = CancellationToken::new();
    let stop = token.clone();
    tokio::spawn(async move {
        either(&mut terminate, &mut interrupt).await;
        tracing::info!("stopping: finishing what was begun; a second signal ends the process at once");
        stop.cancel();
        tokio::select! {
            () = either(&mut terminate, &mut interrupt) => tracing::warn!("second signal, ending now"),
            () = tokio::time::sleep(GRACE) => tracing::warn!("still not finished after 30 s, ending now"),
        }
        std::process::exit(ENDED_BY_SIGNAL);
    });
    Ok(token)
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
