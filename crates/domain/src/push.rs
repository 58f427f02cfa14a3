//! What a browser is told while nobody looks at our pages: which events, how urgently, how long it is worth telling, and what follows from a push
//! service's answer. Pure; must not know addresses, keys or words.

use crate::connection::ConnectionState;
use crate::post::PostState;
use crate::time::UnixMillis;

/// Messages to one browser within an hour, at most.
pub const PER_HOUR: i64 = 20;
/// The hour of that limit, milliseconds.
pub const HOUR_MS: i64 = 3_600_000;
/// Times that a message is handed to a push service before it is given up.
pub const TRIES_MAX: i64 = 8;
/// Times that a push service may refuse our word for a browser before the browser is forgotten: it subscribed with a key that is not ours any more.
const REFUSED_MAX: i64 = 3;
/// First pause before a message is handed over again, milliseconds; it doubles each time.
const PAUSE_MS: i64 = 30_000;
/// Longest such pause, milliseconds.
const PAUSE_MAX_MS: i64 = 1_800_000;

/// One thing that a browser is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Told {
    /// A post went out.
    Published,
    /// A post waits as a draft in TikTok's inbox: a person finishes it there.
    InInbox,
    /// A post did not go out.
    Failed,
    /// A post waits for a decision.
    Waits,
    /// A TikTok account has to be connected again.
    Reconnect,
    /// The report of a week is there.
    Report,
}

/// What somebody can wish to be told, separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Posts that went out, and other news that nobody has to act upon.
    Published,
    /// Whatever waits for the person.
    NeedsYou,
}

impl Told {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Published, Self::InInbox, Self::Failed, Self::Waits, Self::Reconnect, Self::Report];

    /// As it is kept.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::InInbox => "in_inbox",
            Self::Failed => "failed",
            Self::Waits => "waits",
            Self::Reconnect => "reconnect",
            Self::Report => "report",
        }
    }

    /// What is kept under this word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|told| told.as_str() == word)
    }

    /// Whether it is still so: what has changed since is not told any more.
    #[must_use]
    pub fn holds(self, post: Option<PostState>, account: Option<ConnectionState>) -> bool {
        match self {
            Self::Published => post == Some(PostState::Published),
            Self::InInbox => post == Some(PostState::InInbox),
            Self::Failed => post == Some(PostState::Failed),
            Self::Waits => post == Some(PostState::NeedsAttention),
            Self::Reconnect => account == Some(ConnectionState::ReconnectNeeded),
            Self::Report => true,
        }
    }

    /// Which wish it belongs to.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::Published | Self::Report => Kind::Published,
            Self::InInbox | Self::Failed | Self::Waits | Self::Reconnect => Kind::NeedsYou,
        }
    }

    /// How long after it happened it is still worth telling, milliseconds. The page tells it for longer.
    #[must_use]
    pub const fn worth_ms(self) -> i64 {
        match self.kind() {
            Kind::Published => 4 * HOUR_MS,
            Kind::NeedsYou => 24 * HOUR_MS,
        }
    }

    /// The word for the `Urgency` header: whether a sleeping phone is woken.
    #[must_use]
    pub const fn urgency(self) -> &'static str {
        match self.kind() {
            Kind::Published => "normal",
            Kind::NeedsYou => "high",
        }
    }
}

/// What a push service said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// An HTTP status, with the pause it asked for, milliseconds.
    Status(u16, Option<i64>),
    /// Nothing: the connection failed.
    Nothing,
}

/// What follows from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// It was taken; the message is done.
    Done,
    /// The browser's subscription has ended: it is forgotten with all its messages.
    Forget,
    /// The message will never be taken.
    GiveUp,
    /// Once more, then.
    At(UnixMillis),
}

/// What follows from the answer to the `tries`-th attempt at a message that happened at `happened_at`.
#[must_use]
pub fn after(answer: Answer, told: Told, tries: i64, happened_at: UnixMillis, now: UnixMillis) -> Next {
    let asked_ms = match answer {
        Answer::Status(200..=299, _) => return Next::Done,
        Answer::Status(404 | 410, _) => return Next::Forget,
        Answer::Status(401 | 403, _) if tries >= REFUSED_MAX => return Next::Forget,
        Answer::Status(401 | 403 | 408 | 429 | 500..=599, asked_ms) => asked_ms.unwrap_or(0),
        Answer::Nothing => 0,
        // Too large or malformed: the same again is answered the same.
        Answer::Status(_, _) => return Next::GiveUp,
    };
    let doublings = u32::try_from(tries.saturating_sub(1)).unwrap_or(0).min(16);
    let pause_ms = PAUSE_MS.saturating_mul(1_i64 << doublings).min(PAUSE_MAX_MS);
    let at = now.plus_millis(pause_ms.max(asked_ms));
    if tries >= TRIES_MAX || at >= happened_at.plus_millis(told.worth_ms()) {
        return Next::GiveUp;
    }
    Next::At(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixMillis = UnixMillis::from_millis(1_000_000);

    #[test]
    fn every_word_is_read_as_what_it_was() {
        for told in Told::ALL {
            assert_eq!(Told::parse(told.as_str()), Some(told));
        }
        assert_eq!(Told::parse("gossip"), None);
    }

    #[test]
    fn a_push_service_is_believed_when_it_says_done_gone_or_never() {
        let next = |status| after(Answer::Status(status, None), Told::Failed, 1, NOW, NOW);
        for status in [200, 201, 202] {
            assert_eq!(next(status), Next::Done);
        }
        for status in [404, 410] {
            assert_eq!(next(status), Next::Forget);
        }
        for status in [301, 400, 413] {
            assert_eq!(next(status), Next::GiveUp, "{status}");
        }
        for status in [401, 403] {
            assert!(matches!(next(status), Next::At(_)), "{status}: our clock may be wrong for a moment");
            assert_eq!(after(Answer::Status(status, None), Told::Failed, REFUSED_MAX, NOW, NOW), Next::Forget);
        }
    }

    #[test]
    fn pauses_double_and_are_never_shorter_than_what_was_asked_for() {
        let at = |answer, tries| match after(answer, Told::Waits, tries, NOW, NOW) {
            Next::At(at) => at.millis_since(NOW),
            other @ (Next::Done | Next::Forget | Next::GiveUp) => panic!("{other:?}"),
        };
        assert_eq!(at(Answer::Nothing, 1), 30_000);
        assert_eq!(at(Answer::Status(503, None), 2), 60_000);
        assert_eq!(at(Answer::Status(429, Some(90_000)), 1), 90_000);
        assert_eq!(at(Answer::Status(429, Some(1_000)), 1), 30_000);
        assert_eq!(at(Answer::Nothing, 7), 1_800_000);
    }

    #[test]
    fn what_is_not_worth_telling_any_more_is_not_told() {
        let late = NOW.plus_millis(Told::Published.worth_ms() - 1);
        assert_eq!(after(Answer::Nothing, Told::Published, 1, NOW, late), Next::GiveUp);
        assert_eq!(after(Answer::Nothing, Told::Waits, TRIES_MAX, NOW, NOW), Next::GiveUp);
        let hours = Some(100 * HOUR_MS);
        assert_eq!(after(Answer::Status(429, hours), Told::Waits, 1, NOW, NOW), Next::GiveUp);
    }
}
