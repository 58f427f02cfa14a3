//! Turns of push services: how many messages each may have on its way, and which of them says nothing at the moment. Owns the counting, in
//! memory and for this process; must not know what a message says.
//!
//! One service that hangs costs its own messages time, and nobody else's: it has a few places, and after a silence only one message asks whether
//! it is back while the others stay where they are.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::push::Answer;
use domain::time::UnixMillis;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Messages that are on their way to one service at once.
const AT_ONCE: usize = 4;
/// Messages for one service that a process has in hand, most of them waiting for a place.
pub(super) const IN_HAND: usize = 32;
/// After a silence nothing is asked for so long, milliseconds: as long as the first pause of a message.
const SILENT_MS: i64 = 30_000;
/// What finds no room comes back after this, milliseconds.
const NO_ROOM_MS: i64 = 5_000;
/// Services that are remembered; idle ones are forgotten beyond.
const REMEMBERED: usize = 256;

struct Host {
    places: Arc<Semaphore>,
    in_hand: usize,
    /// Since it said nothing it is left alone until then.
    silent_until: Option<UnixMillis>,
}

impl Default for Host {
    fn default() -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), in_hand: 0, silent_until: None }
    }
}

type All = HashMap<String, Host>;

/// The services that a process knows.
#[derive(Clone, Default)]
pub(super) struct Hosts(Arc<Mutex<All>>);

impl std::fmt::Debug for Hosts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hosts").finish_non_exhaustive()
    }
}

/// One message's room at a service, for as long as it is held.
struct Room {
    hosts: Hosts,
    host: String,
}

impl Drop for Room {
    fn drop(&mut self) {
        if let Some(host) = self.hosts.all().get_mut(&self.host) {
            host.in_hand = host.in_hand.saturating_sub(1);
        }
    }
}

/// A message's turn: it may be handed over now.
pub(super) struct Turn {
    room: Room,
    _place: OwnedSemaphorePermit,
}

impl Hosts {
    fn all(&self) -> MutexGuard<'_, All> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a turn; an instant where there is none before it.
    pub(super) async fn turn(&self, host: &str, now: impl Fn() -> UnixMillis) -> Result<Turn, UnixMillis> {
        let (room, places) = self.room(host, now())?;
        // It is closed by nobody.
        let Ok(place) = places.acquire_owned().await else { return Err(now()) };
        // The service may have fallen silent while others had the places.
        let until = self.all().get(host).and_then(|host| host.silent_until);
        match until {
            Some(until) if now() < until => Err(until),
            Some(_) | None => Ok(Turn { room, _place: place }),
        }
    }

    fn room(&self, name: &str, now: UnixMillis) -> Result<(Room, Arc<Semaphore>), UnixMillis> {
        let mut all = self.all();
        if all.len() >= REMEMBERED {
            all.retain(|_, host| host.in_hand > 0 || host.silent_until.is_some_and(|until| until > now));
        }
        let host = all.entry(name.to_owned()).or_default();
        match host.silent_until {
            Some(until) if now < until => return Err(until),
            // Somebody asks whether it is back.
            Some(_) if host.in_hand > 0 => return Err(now.plus_millis(NO_ROOM_MS)),
            None if host.in_hand >= IN_HAND => return Err(now.plus_millis(NO_ROOM_MS)),
            Some(_) | None => {}
        }
        host.in_hand = host.in_hand.saturating_add(1);
        Ok((Room { hosts: self.clone(), host: name.to_owned() }, Arc::clone(&host.places)))
    }
}

impl Turn {
    /// The turn ends with what the service said.
    pub(super) fn over(self, answer: Answer, now: UnixMillis) {
        if let Some(host) = self.room.hosts.all().get_mut(&self.room.host) {
            host.silent_until = match answer {
                Answer::Nothing => Some(now.plus_millis(SILENT_MS)),
                Answer::Status(..) => None,
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::from_millis(1_000_000);

    #[tokio::test]
    async fn a_silent_service_is_asked_by_one_message_alone_until_it_answers() {
        let hosts = Hosts::default();
        let turn = async |host: &str, now: UnixMillis| hosts.turn(host, || now).await;
        turn("slow", NOW).await.unwrap().over(Answer::Nothing, NOW);
        let until = NOW.plus_millis(SILENT_MS);
        assert_eq!(turn("slow", NOW).await.err(), Some(until));
        assert!(turn("quick", NOW).await.is_ok(), "another one goes on");
        let probe = turn("slow", until).await.unwrap();
        assert_eq!(turn("slow", until).await.err(), Some(until.plus_millis(NO_ROOM_MS)));
        probe.over(Answer::Status(503, None), until);
        let both = (turn("slow", until).await, turn("slow", until).await);
        assert!(both.0.is_ok() && both.1.is_ok(), "whatever it said, it speaks");
    }

    #[tokio::test]
    async fn one_service_has_so_many_places_and_so_much_room_and_gives_them_back() {
        let hosts = Hosts::default();
        let mut held = Vec::new();
        for _ in 0..AT_ONCE {
            held.push(hosts.turn("one", || NOW).await.unwrap());
        }
        let mut waiting = Box::pin(hosts.turn("one", || NOW));
        assert!(futures::poll!(&mut waiting).is_pending(), "the places are taken");
        held.pop().unwrap().over(Answer::Nothing, NOW);
        assert_eq!(waiting.await.err(), Some(NOW.plus_millis(SILENT_MS)), "who waited hears of the silence");
        drop(held);
        assert!(hosts.all().values().all(|host| host.in_hand == 0));
        let full: Vec<_> = (0..IN_HAND).map(|_| hosts.room("two", NOW).unwrap()).collect();
        assert!(hosts.room("two", NOW).is_err());
        drop(full);
        assert!(hosts.room("two", NOW).is_ok());
    }
}
