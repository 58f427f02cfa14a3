//! `moloko import`: takes an export into an empty instance, which is made here when there is none. Owns the words; what is checked and
//! changed on the way is the use case's.

use crate::args::ImportArgs;
use crate::service;
use crate::terminal::say;
use anyhow::Context;
use app::SystemClock;
use std::sync::Arc;

pub async fn run(args: &ImportArgs) -> anyhow::Result<()> {
    let config = super::settings(&args.instance)?;
    // Takes the right to the data folder, so that no service works on the same one.
    let built = service::build(&config, Arc::new(SystemClock::new())).await?;
    let done = built.app.import(&args.file).await;
    let done = done.with_context(|| format!("{} was not taken in", args.file.display()))?;
    built.app.store.close().await;
    say(&format!("person {}, workspace {}", done.person, done.workspace));
    say(&format!(
        "{} rows, {} files, {} lines of what only the other instance can vouch for",
        done.rows, done.files, done.lines
    ));
    if done.left_out > 0 {
        say(&format!(
            "{} rows were left out: attempts under way there, and what belonged to something that is not in the file",
            done.left_out
        ));
    }
    say(
        "accounts have to be connected again, with the same TikTok app; what was planned is a draft now, so that nothing goes out twice",
    );
    Ok(())
}
