//! A database that was put back from a copy: how that is known, by whom it was taken up, and what of the copy must not count any more.
//!
//! Owns two keys of `meta` and the end of everybody's sign-in. Must not decide what becomes of posts.

use domain::time::UnixMillis;

use crate::backup::{RESTORED, time_of};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::meta::{ADD, SWAP};

/// The key in `meta` that says which copy the rows came from last, and when a process took them up.
const PUT_BACK: &str = "put_back";

const HISTORY: &str = "SELECT
  (SELECT value FROM meta WHERE key = $1),
  (SELECT value FROM meta WHERE key = $2)";
const END_SESSIONS: &str = "DELETE FROM session";
const END_SIGN_INS: &str = "DELETE FROM sign_in";
const END_OPERATOR_SESSIONS: &str = "DELETE FROM operator_session";
const END_OPERATOR_LINKS: &str = "DELETE FROM operator_link";
const END_OPERATOR_CEREMONIES: &str = "DELETE FROM operator_ceremony";
const END_OPERATOR_PASSKEYS: &str = "DELETE FROM operator_passkey";
const FORGET_NODES: &str = "DELETE FROM node";

pub(crate) const STATEMENTS: &[Statement] = statements![
    HISTORY,
    END_SESSIONS,
    END_SIGN_INS,
    END_OPERATOR_SESSIONS,
    END_OPERATOR_LINKS,
    END_OPERATOR_CEREMONIES,
    END_OPERATOR_PASSKEYS,
    FORGET_NODES,
];

/// Where the rows come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The copy that was put back and that no publishing loop has compared with what happened since.
    pub restored: Option<String>,
    /// The copy that was put back last and the time at which it was taken up: another text means other rows.
    pub put_back: Option<String>,
}

impl History {
    /// Whether the copy that was put back still has to be taken up.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        let Some(restored) = &self.restored else { return false };
        let taken_up = self.put_back.as_deref().and_then(|text| text.rsplit_once(' '));
        taken_up.is_none_or(|(name, _)| name != restored)
    }

    /// The copy that was put back last.
    #[must_use]
    pub fn taken_up(&self) -> Option<TakenUp> {
        let (name, at) = self.put_back.as_deref()?.rsplit_once(' ')?;
        Some(TakenUp { made_at: time_of(name), at: UnixMillis::from_utc(at).ok()? })
    }
}

/// A copy that was taken up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TakenUp {
    /// When it was made; `None` when it was marked by hand in other words.
    pub made_at: Option<UnixMillis>,
    /// When it was taken up.
    pub at: UnixMillis,
}

/// What ended with the copy.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ended {
    /// Browsers of people that were signed in.
    pub sessions: u64,
    /// Passkeys of operators.
    pub passkeys: u64,
}

impl Store {
    /// Where the rows come from.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn history(&self) -> Result<History> {
        let (restored, put_back) =
            fetch_one!(store self, (Option<String>, Option<String>), HISTORY, RESTORED, PUT_BACK)?;
        Ok(History { restored, put_back })
    }
}

impl Tx {
    /// Where the rows come from, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn history(&mut self) -> Result<History> {
        let (restored, put_back) = fetch_one!(tx self, (Option<String>, Option<String>), HISTORY, RESTORED, PUT_BACK)?;
        Ok(History { restored, put_back })
    }

    /// Takes up a copy that was put back: whoever was signed in when it was made may have ended that since, and operators may have been removed,
    /// so all sessions, begun sign-ins, links and passkeys of operators end. `None` when there is nothing to take up or another process did.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn take_up_copy(&mut self, now: UnixMillis) -> Result<Option<Ended>> {
        let history = self.history().await?;
        let Some(restored) = history.restored.clone().filter(|_| history.is_fresh()) else { return Ok(None) };
        let taken_up = format!("{restored} {}", now.in_utc());
        // One process is the first; the others wait here for its commit and find its text.
        let mine = match &history.put_back {
            Some(before) => execute!(tx self, SWAP, PUT_BACK, before, &taken_up)?,
            None => execute!(tx self, ADD, PUT_BACK, &taken_up)?,
        };
        if mine == 0 {
            return Ok(None);
        }
        let sessions = execute!(tx self, END_SESSIONS)?;
        execute!(tx self, END_SIGN_INS)?;
        execute!(tx self, END_OPERATOR_SESSIONS)?;
        execute!(tx self, END_OPERATOR_LINKS)?;
        execute!(tx self, END_OPERATOR_CEREMONIES)?;
        let passkeys = execute!(tx self, END_OPERATOR_PASSKEYS)?;
        execute!(tx self, FORGET_NODES)?;
        Ok(Some(Ended { sessions, passkeys }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_fresh_until_it_was_taken_up_under_its_own_name() {
        let history = |restored: Option<&str>, put_back: Option<&str>| History {
            restored: restored.map(str::to_owned),
            put_back: put_back.map(str::to_owned),
        };
        assert!(!history(None, None).is_fresh());
        assert!(!history(None, Some("a t")).is_fresh());
        assert!(history(Some("a"), None).is_fresh());
        assert!(history(Some("a"), Some("b t")).is_fresh());
        assert!(!history(Some("a copy of the morning"), Some("a copy of the morning t")).is_fresh());
    }
}
