//! Handing messages over: a few at a time, from the rows that tell of them. Owns the background task; it reads what is due, and starting after a crash
//! is an ordinary round. Publishing never waits for it.

use std::collections::HashSet;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::push::{Answer, HOUR_MS, Kind, Next, Told, after};
use domain::time::UnixMillis;
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use store::push::PushTask;

use super::door::{Door, Parcel};
use super::hosts;
use super::seal::{Signer, Subscriber, sealed};
use crate::{App, Error, Result};

/// Messages taken in one round.
const ROUND: u32 = 32;
/// Messages in hand at once: more than two services that hang can hold.
const IN_HAND: usize = 3 * hosts::IN_HAND;
/// A message that its process did not settle is due again after this, seconds: longer than a round of messages that are not answered.
const LEASE_S: i64 = 300;
/// The key is looked for this often, while there is none.
const LOOK_S: i64 = 15;
/// What is due is looked for at least this often: another process may have left something, pauses end, and what found no place comes back.
const PUT_OFF_S: i64 = 5;
/// The name of a message at a push service has so many characters at most.
const TOPIC_CHARS: usize = 32;

/// What a browser shows for an event, in a language of ours, as its worker reads it; the last argument is the id of the thing.
pub type Words = fn(&str, Told, &str) -> String;

impl App {
    /// Hands over what is due; gives how many messages were in hand.
    ///
    /// # Errors
    /// When the database does not answer. A push service that does not is no error.
    pub async fn push_round(&self, door: &Door, signer: &Signer, words: Words) -> Result<usize> {
        let due = self.store.push_due(self.now(), ROUND).await?;
        let many = due.len();
        let mut settled: FuturesUnordered<_> =
            due.into_iter().map(|one| self.push_take(door, signer, words, one)).collect();
        let mut outcome = Ok(());
        while let Some(one) = settled.next().await {
            outcome = outcome.and(one);
        }
        outcome.map(|()| many)
    }

    /// One message that is due, from its row to what came of it.
    async fn push_take(&self, door: &Door, signer: &Signer, words: Words, one: (i64, UnixMillis)) -> Result<()> {
        // Read in the moment in which it goes: what was withdrawn until now is not told.
        let in_order = door.taking_up.lock().await;
        let now = self.now();
        let mut tx = self.store.begin().await?;
        let task = tx.push_claim(one, now, now.plus_seconds(LEASE_S)).await?;
        tx.commit().await?;
        drop(in_order);
        let Some(task) = task else { return Ok(()) };
        let (answer, next) = self.push_one(door, signer, words, &task).await;
        self.push_settle(&task, answer, next).await
    }

    /// What a push service said, if one was asked, and what follows.
    async fn push_one(&self, door: &Door, signer: &Signer, words: Words, task: &PushTask) -> (Option<Answer>, Next) {
        let now = self.now();
        let until = task.happened_at.plus_millis(task.told.worth_ms());
        if now >= until || !task.holds {
            return (None, Next::GiveUp);
        }
        if let Some(later) = task.enough_until {
            // Fifty posts that went out are no fifty messages; what waits for somebody is told in the next hour.
            let next = match task.told.kind() {
                Kind::NeedsYou if later < until => Next::At(later),
                Kind::Published | Kind::NeedsYou => Next::GiveUp,
            };
            return (None, next);
        }
        let Some(settings) = &self.settings.push else { return (None, Next::GiveUp) };
        let to = Subscriber::parse(&task.target);
        let (Some(url), Some(to)) = (settings.allows(&task.target.endpoint), to) else { return (None, Next::Forget) };
        let host = url.host_str().unwrap_or_default().to_owned();
        let place = format!("{host}:{}", url.port_or_known_default().unwrap_or_default());
        // What waited for its turn is told as late as it is.
        let turn = match door.hosts.turn(&place, || self.now()).await {
            Ok(turn) => turn,
            Err(later) if later < until => return (None, Next::At(later)),
            Err(_) => return (None, Next::GiveUp),
        };
        let now = self.now();
        let text = words(&task.locale, task.told, &task.subject);
        let body = sealed(text.as_bytes(), &to, self.random.as_ref());
        let (Some(body), Some(word)) = (body, signer.word(&url, &settings.contact, now)) else {
            return (None, Next::GiveUp);
        };
        if now >= until {
            return (None, Next::GiveUp);
        }
        let ttl_s = until.millis_since(now).clamp(0, 24 * HOUR_MS) / 1_000;
        let parcel = Parcel { url, body, word, ttl_s, urgency: task.told.urgency(), topic: topic(task) };
        let answer = door.hand_over(parcel, now).await;
        turn.over(answer, self.now());
        let next = after(answer, task.told, task.tries, task.happened_at, self.now());
        if let (Next::GiveUp, Answer::Status(status, _)) = (next, answer) {
            tracing::warn!(
                host,
                status,
                tries = task.tries,
                "a push service does not take a message; the page tells it"
            );
        }
        (Some(answer), next)
    }

    /// Hands over what is due, for as long as it is polled. A message that takes its time holds back no other: rounds do not wait for each other.
    pub async fn push_for_ever(&self, door: &Door, signer: &Signer, words: Words) {
        let (mut in_hand, mut numbers) = (FuturesUnordered::new(), HashSet::new());
        loop {
            let room = u32::try_from(IN_HAND.saturating_sub(numbers.len())).unwrap_or(ROUND).min(ROUND);
            // Those in hand are leased, and still due for the moment before they are.
            let due = match room {
                0 => Vec::new(),
                _ => self.store.push_due(self.now(), ROUND).await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "messages to browsers could not be read");
                    Vec::new()
                }),
            };
            let many = usize::try_from(room).unwrap_or(0);
            let fresh: Vec<_> = due.into_iter().filter(|(number, _)| !numbers.contains(number)).take(many).collect();
            for one in fresh {
                numbers.insert(one.0);
                in_hand.push(async move { (one.0, self.push_take(door, signer, words, one).await) });
            }
            tokio::select! {
                Some((number, done)) = in_hand.next() => {
                    numbers.remove(&number);
                    if let Err(error) = done {
                        tracing::warn!(%error, "a message to a browser could not be handed over");
                        self.clock.sleep_until(self.now().plus_seconds(PUT_OFF_S)).await;
                    }
                }
                () = self.clock.sleep_until(self.now().plus_seconds(PUT_OFF_S)) => {}
                () = self.push_nudge.notified() => {}
            }
        }
    }

    async fn push_settle(&self, task: &PushTask, answer: Option<Answer>, next: Next) -> Result<()> {
        let mut tx = self.store.begin().await?;
        // The message first, then its browser: the order of everybody who changes both.
        match next {
            Next::Done | Next::GiveUp => tx.push_done(task.number).await?,
            Next::At(at) => tx.push_again(task.number, at, answer.is_some()).await?,
            Next::Forget => {
                tx.push_again(task.number, self.now(), answer.is_some()).await?;
                if tx.push_forget(task).await? {
                    tx.push_done(task.number).await?;
                }
            }
        }
        // Only what a push service took counts for the hour.
        if next != Next::Done && task.enough_until.is_none() {
            tx.push_uncount(task.session_id).await?;
        }
        tx.commit().await.map_err(Error::from)
    }
}

/// The name of a message: of two about the same thing the later one counts. Nothing can be told from it.
fn topic(task: &PushTask) -> String {
    let hash = digest(&SHA256, format!("{} {}", task.session_id, task.subject).as_bytes());
    URL_SAFE_NO_PAD.encode(hash).chars().take(TOPIC_CHARS).collect()
}

/// Hands messages over for as long as the task lives. Where the operator lets nobody be told anything it ends at once.
pub async fn run_pusher(app: Arc<App>, words: Words) {
    let Some(settings) = &app.settings.push else { return };
    let door = match Door::new(settings) {
        Ok(door) => door,
        Err(error) => {
            tracing::error!(%error, "browsers cannot be told anything: TLS could not be set up");
            return;
        }
    };
    let signer = loop {
        match Signer::of(&app.store).await {
            Ok(Some(signer)) => break signer,
            Ok(None) => tracing::error!("browsers cannot be told anything: the instance has no secret of its own yet"),
            Err(error) => tracing::warn!(%error, "the key for push services could not be read"),
        }
        app.clock.sleep_until(app.now().plus_seconds(LOOK_S)).await;
    };
    app.push_for_ever(&door, &signer, words).await;
}
