//! `moloko operator`: who may operate the instance at its pages. Works beside a running service. Prints a link once and keeps it nowhere.

use crate::args::OperatorCommand;
use crate::service;
use crate::terminal::say;
use anyhow::bail;
use app::App;
use domain::id::OperatorId;
use domain::time::UnixMillis;
use secrecy::ExposeSecret as _;
use store::operator::ListedOperator;

pub async fn run(command: OperatorCommand) -> anyhow::Result<()> {
    match command {
        OperatorCommand::Link { name, instance } => {
            link(&*service::beside(&super::settings(&instance)?).await?, &name).await
        }
        OperatorCommand::List { json, instance } => {
            list(&*service::beside(&super::settings(&instance)?).await?, json).await
        }
        OperatorCommand::Remove { operator, instance } => {
            remove(&*service::beside(&super::settings(&instance)?).await?, operator).await
        }
    }
}

async fn link(app: &App, name: &str) -> anyhow::Result<()> {
    let link = match app.operator_link(name).await {
        Err(app::Error::BadInput { .. }) => bail!("give a name of at most 60 characters, by --name"),
        Err(app::Error::Conflict { code: "operator-no-name" }) => bail!(
            "MOLOKO_PUBLIC_URL is an address by number, and browsers keep passkeys for names only; give the instance a name, or use localhost"
        ),
        made => made?,
    };
    say(link.url.expose_secret());
    let minutes = link.expires_at.millis_since(app.now()) / 60_000;
    say(&format!(
        "{} for {}; it counts once, for {minutes} minutes, and earlier links of that name have ended. Open it in the browser that has or makes the passkey; \
         afterwards sign in at {}",
        if link.known { "another passkey" } else { "a new operator" },
        link.name,
        app.operator_sign_in_url()?,
    ));
    app.store.close().await;
    Ok(())
}

async fn list(app: &App, json: bool) -> anyhow::Result<()> {
    let operators = app.operators().await?;
    app.store.close().await;
    if operators.is_empty() && !json {
        say("nobody operates this instance at its pages; moloko operator link lets somebody in");
    }
    for it in operators {
        say(&if json { document(&it).to_string() } else { line(&it) });
    }
    Ok(())
}

fn line(it: &ListedOperator) -> String {
    let used = it.last_used_at.map_or_else(|| "never".to_owned(), UnixMillis::in_utc);
    format!(
        "{}  {:<20}  since {}  passkeys {}  last used {used}  signed in {}",
        it.operator.id,
        it.operator.name,
        it.operator.created_at.date(),
        it.passkeys,
        it.sessions
    )
}

fn document(it: &ListedOperator) -> serde_json::Value {
    serde_json::json!({
        "id": it.operator.id, "name": it.operator.name, "since": it.operator.created_at.in_utc(), "passkeys": it.passkeys,
        "last_used_at": it.last_used_at.map(UnixMillis::in_utc), "sessions": it.sessions,
    })
}

async fn remove(app: &App, id: OperatorId) -> anyhow::Result<()> {
    let done = app.operator_remove(id).await;
    app.store.close().await;
    match done {
        Err(app::Error::NotFound { .. }) => bail!("there is no operator {id}; moloko operator list shows them"),
        done => done?,
    }
    say(&format!("operator {id} is removed; passkeys and sessions ended at once"));
    Ok(())
}
