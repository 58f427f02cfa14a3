//! `moloko privacy`: what the operator does for somebody who wrote to them. Works beside a running service, which then does the work.

use crate::args::{InstanceArgs, PrivacyCommand, TargetArgs};
use crate::service;
use crate::terminal::say;
use anyhow::{Context, bail};
use app::App;
use app::erasure::{HoldWish, Target};
use domain::id::UserId;
use domain::privacy::erasure::Revoked;
use domain::time::UnixMillis;
use secrecy::ExposeSecret;
use std::path::Path;
use std::sync::Arc;

pub async fn run(command: PrivacyCommand) -> anyhow::Result<()> {
    match command {
        PrivacyCommand::Find { text, instance } => find(&*open(&instance).await?, &text).await,
        PrivacyCommand::Erase { target, under_age, instance } => {
            erase(&*open(&instance).await?, target_of(&target)?, under_age).await
        }
        PrivacyCommand::Export { of, out, without_media, instance } => {
            export(&*open(&instance).await?, of, &out, !without_media).await
        }
        // It needs neither key nor service.
        PrivacyCommand::Scan { .. } => Ok(()),
        PrivacyCommand::Status { instance } => status(&*open(&instance).await?).await,
        PrivacyCommand::Inactive { instance } => inactive(&*open(&instance).await?).await,
        PrivacyCommand::Hold { target, reason, days, untold, instance } => {
            let app = open(&instance).await?;
            let wish = HoldWish { target: target_of(&target)?, reason: &reason, days, untold: untold.as_deref() };
            let held = app.hold(wish).await;
            let hold = match held {
                Err(app::Error::BadInput { code: "hold-reason" }) => bail!("give a reason of at most 200 characters"),
                Err(app::Error::BadInput { code: "hold-days" }) => {
                    bail!("give 1 to 366 days; a hold can be placed again")
                }
                Err(app::Error::NotFound { .. }) => bail!("there is no such thing, or its erasure has begun already"),
                other => other?,
            };
            say(&format!("hold {} is in force until {}", hold.id, date(hold.expires_at)));
            Ok(())
        }
        PrivacyCommand::Release { hold, instance } => {
            match open(&instance).await?.release_hold(hold).await {
                Err(app::Error::NotFound { .. }) => {
                    bail!("there is no hold {hold} in force; moloko privacy status lists them")
                }
                done => done?,
            }
            say("released; what waited for it is erased within a minute");
            Ok(())
        }
    }
}

async fn open(instance: &InstanceArgs) -> anyhow::Result<Arc<App>> {
    service::beside(&super::settings(instance)?).await
}

fn target_of(args: &TargetArgs) -> anyhow::Result<Target> {
    match (args.connection, args.person) {
        (Some(id), None) => Ok(Target::Connection(id)),
        (None, Some(id)) => Ok(Target::Person(id)),
        _ => bail!("give either --connection or --person"),
    }
}

async fn find(app: &App, text: &str) -> anyhow::Result<()> {
    let found = app.operator_find(text).await?;
    if found.accounts.is_empty() && found.people.is_empty() {
        bail!("no account and nobody with that in the handle or name");
    }
    for it in found.accounts {
        let handle = it.username.map_or_else(|| it.display_name.clone(), |name| format!("@{name}"));
        say(&format!("{handle}  connection {}  person {}  {}", it.id, it.person, it.state.as_str()));
    }
    for it in found.people {
        say(&format!("{}  person {}", it.display_name, it.id));
    }
    Ok(())
}

async fn erase(app: &App, target: Target, under_age: bool) -> anyhow::Result<()> {
    let receipt = match app.operator_erase(target, under_age).await {
        Err(app::Error::NotFound { what }) => bail!("there is no such {what}; moloko privacy find shows the ids"),
        Err(app::Error::Conflict { .. }) => bail!("it is to be erased already; moloko privacy status says when"),
        done => done?,
    };
    let base = app.settings.public_url.as_str().trim_end_matches('/').to_owned();
    say(&format!(
        "tokens are destroyed; erasing begins {} and has ended by {}",
        date(receipt.calendar.begins_at),
        date(receipt.calendar.deadline_at)
    ));
    say(match receipt.revoked {
        Revoked::Confirmed => "TikTok confirmed that the grant is over",
        Revoked::Pending => "TikTok did not answer; the service asks again for a day",
        Revoked::Unconfirmed => "TikTok did not confirm: tell the person to remove the app in TikTok's settings",
        Revoked::Unneeded => "there was no grant any more",
    });
    say(&format!("receipt for the person, valid for 30 days: {base}/receipts/{}", receipt.secret.expose_secret()));
    Ok(())
}

async fn export(app: &App, of: UserId, out: &Path, with_media: bool) -> anyhow::Result<()> {
    if out.exists() {
        bail!("{} is there already; name another file", out.display());
    }
    let done = match app.operator_export(of.uuid(), with_media, out).await {
        Err(app::Error::NotFound { .. }) => {
            bail!("there is no such person, and no workspace with one person; moloko privacy find shows the ids")
        }
        Err(error) => {
            // Half a file must not be taken for one.
            let _ = std::fs::remove_file(out);
            return Err(error).with_context(|| format!("{} could not be written", out.display()));
        }
        Ok(done) => done,
    };
    say(&format!("{}: {} bytes, SHA-256 {}", out.display(), done.size_bytes, done.sha256));
    say(&format!("person {}, workspace {}; give it to nobody else", done.person, done.workspace));
    Ok(())
}

async fn status(app: &App) -> anyhow::Result<()> {
    let (erasures, holds) = app.operator_erasures().await?;
    if erasures.is_empty() {
        say("nothing is to be erased");
    }
    for it in erasures {
        say(&format!(
            "{} {}  {}  asked {} ({})  begins {}  by {}",
            it.unit.as_str(),
            it.subject_id,
            it.state.as_str(),
            date(it.requested_at),
            it.door.as_str(),
            date(it.begins_at),
            date(it.deadline_at)
        ));
    }
    for it in holds.into_iter().filter(|hold| hold.released_at.is_none()) {
        say(&format!(
            "hold {} on {} {} until {}: {}{}",
            it.id,
            it.unit.as_str(),
            it.subject_id,
            date(it.expires_at),
            it.reason,
            it.untold.map(|why| format!("; people are not told: {why}")).unwrap_or_default()
        ));
    }
    Ok(())
}

async fn inactive(app: &App) -> anyhow::Result<()> {
    let absent = app.operator_inactive().await?;
    if absent.is_empty() {
        say("nobody has stayed away for that long");
    }
    for it in absent {
        let told = match it.warned {
            None => "not warned yet".to_owned(),
            Some(warned) => format!(
                "warned {}{}  erased from {}",
                warned.first_at.date(),
                warned.last_at.map(|at| format!(" and {}", at.date())).unwrap_or_default(),
                warned.erase_at.date()
            ),
        };
        say(&format!("person {}  {}  last here {}  {told}", it.person_id, it.display_name, it.used_at.date()));
    }
    Ok(())
}

fn date(at: UnixMillis) -> String {
    jiff::Timestamp::from_millisecond(at.millis()).map_or_else(|_| at.millis().to_string(), |at| format!("{at:.0}"))
}
