//! Messages to the browsers of people who are away: who is told, from when on, and where it ends. Owns the use cases; how a message is sealed is
//! `seal`'s, how it travels `door`'s, when `work`'s.
//!
//! A browser is told things only after a press in it, and for as long as it is signed in. A message says that something happened, never what is in it.

pub mod door;
mod hosts;
pub mod seal;
pub mod work;

use domain::id::{ConnectionId, SessionId, UserId};
use domain::post::PostState;
use domain::privacy::documents::Document;
use domain::privacy::purposes::{Act, Purpose};
use domain::push::Told;
use domain::time::UnixMillis;
use store::ledger::LedgerLine;
use store::push::{PushBrowser, PushTarget};
use store::{Post, Tx};
use url::Url;

use self::seal::{Signer, Subscriber};
use crate::{Actor, App, Error, Result};

pub use self::work::{Words, run_pusher};

/// Longest address of a browser at its push service, bytes.
const ENDPOINT_MAX: usize = 1_024;
/// Rows removed in one transaction.
const PORTION: u32 = 500;
/// Nothing is worth telling for longer, milliseconds.
const WORTH_MS: i64 = 86_400_000;

/// How the operator lets browsers be told things.
#[derive(Debug, Clone)]
pub struct PushSettings {
    /// Whom a push service writes to when something is wrong: an e-mail address.
    pub contact: String,
    /// How names of hosts end to which messages may go; each begins with a dot, and without it is allowed, too.
    pub hosts: Vec<String>,
    /// The only origins messages may go to instead, on any address and without TLS. For development.
    pub origins: Vec<Url>,
}

impl PushSettings {
    /// The push services of the browsers that there are.
    pub const HOSTS: [&'static str; 4] =
        [".fcm.googleapis.com", ".push.services.mozilla.com", ".notify.windows.com", ".push.apple.com"];

    /// The address, when messages may go there.
    #[must_use]
    pub fn allows(&self, endpoint: &str) -> Option<Url> {
        let url = Url::parse(endpoint).ok().filter(|_| endpoint.len() <= ENDPOINT_MAX)?;
        if !self.origins.is_empty() {
            return self.origins.iter().any(|origin| url.origin() == origin.origin()).then_some(url);
        }
        let Some(url::Host::Domain(host)) = url.host() else { return None };
        let known = self.hosts.iter().any(|ending| host.ends_with(ending.as_str()) || ending.get(1..) == Some(host));
        let plain = url.username().is_empty() && url.password().is_none() && url.port().is_none();
        (url.scheme() == "https" && plain && known).then_some(url)
    }
}

/// What a person is offered and has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PushView {
    /// The public key of this instance, which a browser has to know; base64url.
    pub key: String,
    /// The browsers that are told things.
    pub browsers: Vec<PushBrowser>,
}

/// What somebody wishes to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wishes {
    /// Posts that went out.
    pub published: bool,
    /// Whatever waits for them.
    pub needs_you: bool,
}

impl App {
    /// What the actor is offered; `None` where the operator lets nobody be told anything.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn push_view(&self, actor: &Actor) -> Result<Option<PushView>> {
        if self.settings.push.is_none() {
            return Ok(None);
        }
        let Some(signer) = Signer::of(&self.store).await? else { return Ok(None) };
        let browsers = self.store.push_browsers(actor.user_id, self.now()).await?;
        Ok(Some(PushView { key: signer.public_text(), browsers }))
    }

    /// From now on the actor's browser is told what they wish.
    ///
    /// # Errors
    /// [`Error::Conflict`] `push-off`, [`Error::BadInput`] `push-nothing`, `push-service` and `push-keys`.
    pub async fn push_on(&self, actor: &Actor, target: &PushTarget, wishes: Wishes) -> Result<()> {
        self.push_checked(target)?;
        let wishes = chosen(wishes)?;
        let now = self.now();
        let mut tx = self.store.begin().await?;
        tx.push_put(actor.user_id, actor.session_id, target, wishes, now).await?;
        tx.ledger_append(actor.user_id, &messages(Act::Given, now)).await?;
        tx.audit_append(now, &actor.user_id.to_string(), "push.on", &actor.session_id.to_string(), "").await?;
        tx.commit().await.map_err(Error::from)
    }

    fn push_checked(&self, target: &PushTarget) -> Result<()> {
        let settings = self.settings.push.as_ref().ok_or(Error::Conflict { code: "push-off" })?;
        settings.allows(&target.endpoint).ok_or(Error::BadInput { code: "push-service" })?;
        Subscriber::parse(target).ok_or(Error::BadInput { code: "push-keys" })?;
        Ok(())
    }

    /// Changes what the actor's browser is told.
    ///
    /// # Errors
    /// [`Error::BadInput`] `push-nothing`, and `push-no-address` when it is told nothing so far.
    pub async fn push_choose(&self, actor: &Actor, wishes: Wishes) -> Result<()> {
        let wishes = chosen(wishes)?;
        let mut tx = self.store.begin().await?;
        if !tx.push_choose(actor.user_id, actor.session_id, wishes).await? {
            return Err(Error::BadInput { code: "push-no-address" });
        }
        tx.commit().await.map_err(Error::from)
    }

    /// The actor's browser has another address at its push service; what it is told stays.
    ///
    /// # Errors
    /// As [`App::push_on`], and [`Error::NotFound`] when it is told nothing.
    pub async fn push_renew(&self, actor: &Actor, target: &PushTarget) -> Result<()> {
        self.push_checked(target)?;
        let mut tx = self.store.begin().await?;
        if !tx.push_renew(actor.user_id, actor.session_id, target).await? {
            return Err(Error::NotFound { what: "push" });
        }
        tx.commit().await.map_err(Error::from)
    }

    /// A browser of the actor is told nothing more, from this moment on.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs.
    pub async fn push_end(&self, actor: &Actor, session: SessionId) -> Result<()> {
        let now = self.now();
        let mut tx = self.store.begin().await?;
        if !tx.push_end(actor.user_id, session).await? {
            return Err(Error::NotFound { what: "push" });
        }
        tx.ledger_append(actor.user_id, &messages(Act::Withdrawn, now)).await?;
        tx.audit_append(now, &actor.user_id.to_string(), "push.off", &session.to_string(), "").await?;
        tx.commit().await.map_err(Error::from)
    }

    /// Removes messages that nobody needs any more; and everything where the operator lets nobody be told anything.
    ///
    /// # Errors
    /// When the database does not answer; what was removed before stays removed.
    pub async fn purge_push(&self) -> Result<u64> {
        let before = self.now().plus_millis(-WORTH_MS);
        let mut removed = 0;
        loop {
            let mut tx = self.store.begin().await?;
            let mut portion = tx.purge_push_messages(before, PORTION).await?;
            if self.settings.push.is_none() {
                portion = portion.max(tx.purge_push_browsers(PORTION).await?);
            }
            tx.commit().await?;
            removed += portion;
            if portion < u64::from(PORTION) {
                return Ok(removed);
            }
        }
    }
}

/// Each browser is pressed for by itself. What is agreed to stands beside the button, and in the newest policy.
fn messages(act: Act, at: UnixMillis) -> LedgerLine {
    let text_version = Document::Privacy.newest().id.to_owned();
    LedgerLine { purpose: Purpose::Messages, connection_id: None, act, text_version, detail: "browser".to_owned(), at }
}

fn chosen(wishes: Wishes) -> Result<(bool, bool)> {
    match wishes {
        Wishes { published: false, needs_you: false } => Err(Error::BadInput { code: "push-nothing" }),
        Wishes { published, needs_you } => Ok((published, needs_you)),
    }
}

/// Tells browsers what became of a post, those of whoever pressed for it left out; of states that nobody waits for they are not told.
pub(crate) async fn post_came(tx: &mut Tx, post: &Post, but: Option<UserId>, now: UnixMillis) -> Result<()> {
    let told = match post.state {
        PostState::Published => Told::Published,
        PostState::InInbox => Told::InInbox,
        PostState::Failed => Told::Failed,
        PostState::NeedsAttention => Told::Waits,
        PostState::Draft | PostState::Scheduled | PostState::Publishing | PostState::Cancelled => return Ok(()),
    };
    tx.push_tell_workspace(post.workspace_id, told, &post.id.to_string(), but, now).await?;
    Ok(())
}

/// Tells browsers that an account has to be connected again.
pub(crate) async fn account_ended(tx: &mut Tx, connection: ConnectionId, now: UnixMillis) -> store::Result<()> {
    tx.push_tell_reconnect(connection, now).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> PushSettings {
        let hosts = PushSettings::HOSTS.map(str::to_owned).to_vec();
        PushSettings { contact: "privacy@moloko.example".to_owned(), hosts, origins: Vec::new() }
    }

    #[test]
    fn messages_go_to_push_services_of_browsers_and_nowhere_else() {
        let allows = |url: &str| settings().allows(url).is_some();
        for good in [
            "https://fcm.googleapis.com/fcm/send/abc",
            "https://updates.push.services.mozilla.com/wpush/v2/abc",
            "https://wns2-par02p.notify.windows.com/w/?token=abc",
            "https://web.push.apple.com/abc",
        ] {
            assert!(allows(good), "{good}");
        }
        for bad in [
            "http://fcm.googleapis.com/fcm/send/abc",
            "https://storage.googleapis.com/abc",
            "https://fcm.googleapis.com.evil.example/abc",
            "https://evilfcm.googleapis.com/abc",
            "https://fcm.googleapis.com:8443/abc",
            "https://me@fcm.googleapis.com/abc",
            "https://127.0.0.1/abc",
            "https://[::1]/abc",
            "https://169.254.169.254/latest",
            "file:///etc/passwd",
            "",
        ] {
            assert!(!allows(bad), "{bad}");
        }
        assert!(!allows(&format!("https://fcm.googleapis.com/{}", "a".repeat(ENDPOINT_MAX))));
        let mut development = settings();
        development.origins = Url::parse("http://127.0.0.1:9300").into_iter().collect();
        assert!(development.allows("http://127.0.0.1:9300/abc").is_some());
        assert!(development.allows("https://fcm.googleapis.com/abc").is_none(), "only there then");
    }
}
