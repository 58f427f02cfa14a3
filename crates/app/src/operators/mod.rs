//! Whoever operates the instance: how they come in, how long they stay, and what they may do at the pages.
//!
//! Owns who an operator is; what an operator sees is `console`. Must not mix with people: no session of one is ever a session of the other.

mod ceremony;
pub mod console;
mod links;
mod sessions;

use domain::id::{OperatorId, SessionId};
use domain::time::UnixMillis;
use url::{Host, Url};

use crate::settings::Settings;
use crate::{Error, Result};

pub use ceremony::{Begun, Entered};
pub use links::NewLink;
pub use sessions::OperatorSessionView;

/// A link counts for this long, milliseconds (10 minutes).
pub const LINK_MS: i64 = 600_000;
/// An authenticator has this long for its answer, milliseconds (5 minutes).
pub const CEREMONY_MS: i64 = 300_000;
/// A session ends this long after sign-in, milliseconds (12 hours).
pub const SESSION_MS: i64 = 12 * 3_600_000;
/// A session that is not used for this long ends, milliseconds (1 hour).
pub const IDLE_MS: i64 = 3_600_000;
/// Whoever changes something was asked for the passkey at most this long ago, milliseconds (10 minutes).
pub const FRESH_MS: i64 = 600_000;
/// Longest name of an operator, characters.
pub const NAME_MAX: usize = 60;

/// What is said when the passkey has to be asked for anew.
pub const CONFIRM: Error = Error::Conflict { code: "operator-confirm" };

/// A signed-in operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OperatorActor {
    /// Who.
    pub id: OperatorId,
    /// What they are called.
    pub name: String,
    /// The session that proved it.
    pub session_id: SessionId,
    /// When the passkey was last asked for.
    pub verified_at: UnixMillis,
}

impl OperatorActor {
    /// Until when something may be changed without asking for the passkey anew.
    #[must_use]
    pub const fn fresh_until(&self) -> UnixMillis {
        self.verified_at.plus_millis(FRESH_MS)
    }

    /// How they stand in the audit record.
    #[must_use]
    pub fn audit_name(&self) -> String {
        format!("{}:{}", store::audit::OPERATOR, self.id)
    }
}

/// Who acts for the instance.
#[derive(Debug, Clone, Copy)]
pub enum Operating<'a> {
    /// Whoever has the machine.
    CommandLine,
    /// A signed-in operator.
    Page(&'a OperatorActor),
}

impl Operating<'_> {
    /// How they stand in the audit record.
    pub(crate) fn audit_name(self) -> String {
        match self {
            Self::CommandLine => store::audit::OPERATOR.to_owned(),
            Self::Page(actor) => actor.audit_name(),
        }
    }

    /// Whether something may be changed now.
    pub(crate) fn may_change(self, now: UnixMillis) -> Result<()> {
        match self {
            Self::CommandLine => Ok(()),
            Self::Page(actor) if now < actor.fresh_until() => Ok(()),
            Self::Page(_) => Err(CONFIRM),
        }
    }
}

/// Under which name passkeys are kept, and from which addresses they are used.
struct Party {
    /// The relying party's id: the host, by name.
    id: String,
    origins: Vec<String>,
    /// Where pages of operators are reached.
    base: Url,
}

impl Party {
    /// Browsers keep passkeys for names only; this machine has one.
    fn of(settings: &Settings) -> Result<Self> {
        const NO_NAME: Error = Error::Conflict { code: "operator-no-name" };
        let mut base = settings.public_url.clone();
        let loopback = match base.host() {
            Some(Host::Domain(_)) => false,
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => return Err(NO_NAME),
        };
        if loopback {
            base.set_host(Some("localhost")).map_err(|_| NO_NAME)?;
        }
        match base.host() {
            Some(Host::Domain(name)) => {
                Ok(Self { id: name.to_owned(), origins: vec![base.origin().ascii_serialization()], base: base.clone() })
            }
            Some(Host::Ipv4(_) | Host::Ipv6(_)) | None => Err(NO_NAME),
        }
    }

    fn passki(&self) -> passki::Passki {
        passki::Passki::new(&self.id, &self.origins, "MOLOKO.VIDEO")
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn pp_5_3_passkeys_belong_to_a_name_and_this_machine_has_one() {
        let party = |url: &str| Party::of(&Settings::new(url.parse().unwrap()));
        let site = party("https://moloko.example/").unwrap();
        assert_eq!(
            (site.id.as_str(), site.origins.as_slice()),
            ("moloko.example", ["https://moloko.example".to_owned()].as_slice())
        );
        for here in ["http://127.0.0.1:8080/", "http://[::1]:8080/", "http://localhost:8080/"] {
            let party = party(here).unwrap();
            assert_eq!((party.id.as_str(), party.base.as_str()), ("localhost", "http://localhost:8080/"), "{here}");
            assert_eq!(party.origins, ["http://localhost:8080"]);
        }
        assert!(matches!(party("https://192.0.2.7/"), Err(Error::Conflict { code: "operator-no-name" })));
    }

    #[test]
    fn whoever_has_the_machine_may_and_a_page_may_for_ten_minutes() {
        let at = UnixMillis::from_millis(1_000_000);
        let actor = OperatorActor {
            id: OperatorId::from_uuid(uuid::Uuid::from_u128(1)),
            name: "Ann".to_owned(),
            session_id: SessionId::from_uuid(uuid::Uuid::from_u128(2)),
            verified_at: at,
        };
        let page = Operating::Page(&actor);
        assert!(page.may_change(at.plus_millis(FRESH_MS - 1)).is_ok());
        assert!(matches!(page.may_change(at.plus_millis(FRESH_MS)), Err(Error::Conflict { code: "operator-confirm" })));
        assert!(Operating::CommandLine.may_change(at.plus_millis(FRESH_MS)).is_ok());
        assert_eq!(Operating::CommandLine.audit_name(), "operator");
        assert_eq!(page.audit_name(), "operator:00000000-0000-0000-0000-000000000001");
    }
}
