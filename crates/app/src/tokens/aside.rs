//! Grants of accounts that nobody has confirmed: sealed under a key of their own, opened by the answer alone.
//!
//! Must not refresh or use such a token for anything but asking TikTok to forget it.

use domain::connection::Scopes;
use domain::id::ConnectionId;
use domain::time::UnixMillis;
use secrecy::{ExposeSecret, SecretString};
use store::Unconfirmed;
use store::vault::{Place, VaultError};

use crate::alerts::AlertKind;

use super::{StoredPair, TokenError, Tokens};

const TABLE: &str = "unconfirmed";
const ACCESS: &str = "access_sealed";
const REFRESH: &str = "refresh_sealed";

/// The sealed half of an [`Unconfirmed`] row.
pub(crate) struct Aside {
    pub(crate) instance_key_version: i64,
    pub(crate) data_key_sealed: Vec<u8>,
    pub(crate) access_sealed: Vec<u8>,
    pub(crate) access_expires_at: UnixMillis,
    pub(crate) refresh_sealed: Vec<u8>,
    pub(crate) refresh_expires_at: UnixMillis,
}

/// The row is written once and never changed, so its ciphertexts have one version.
fn place<'a>(column: &'a str, row: &'a str) -> Place<'a> {
    Place { table: TABLE, column, row, version: 1 }
}

impl Tokens {
    /// Seals a grant that waits for the person's word under a data key of its own.
    pub(crate) fn seal_aside(
        &self,
        id: ConnectionId,
        grant: &tiktok::TokenGrant,
        now: UnixMillis,
    ) -> Result<Aside, TokenError> {
        let (key, data_key_sealed, instance_key_version) = self.keys.new_data_key(id)?;
        let row = id.to_string();
        let seal =
            |column: &str, secret: &SecretString| key.seal(place(column, &row), secret.expose_secret().as_bytes());
        Ok(Aside {
            instance_key_version,
            access_sealed: seal(ACCESS, &grant.access_token)?,
            access_expires_at: now.plus_seconds(grant.expires_in_s),
            refresh_sealed: seal(REFRESH, &grant.refresh_token)?,
            refresh_expires_at: now.plus_seconds(grant.refresh_expires_in_s),
            data_key_sealed,
        })
    }

    /// The tokens of a grant that was set aside.
    pub(crate) fn open_aside(&self, it: &Unconfirmed) -> Result<StoredPair, TokenError> {
        let row = it.id.to_string();
        let open = || {
            let key = self.keys.open_data_key(it.id, it.instance_key_version, &it.data_key_sealed)?;
            let access = key.open(place(ACCESS, &row), &it.access_sealed)?;
            let refresh = key.open(place(REFRESH, &row), &it.refresh_sealed)?;
            Ok::<_, VaultError>(StoredPair { access, access_expires_at: it.access_expires_at, refresh })
        };
        Ok(open().inspect_err(|_| self.alerts.note(AlertKind::DecryptFailures))?)
    }

    /// The grant as TikTok gave it, with what is left of its life.
    pub(crate) fn grant_aside(&self, it: &Unconfirmed, now: UnixMillis) -> Result<tiktok::TokenGrant, TokenError> {
        let pair = self.open_aside(it)?;
        Ok(tiktok::TokenGrant {
            access_token: pair.access,
            expires_in_s: it.access_expires_at.millis_since(now) / 1000,
            refresh_token: pair.refresh,
            refresh_expires_in_s: it.refresh_expires_at.millis_since(now) / 1000,
            open_id: it.open_id.clone(),
            scopes: scopes(&it.scopes),
        })
    }
}

fn scopes(granted: &Scopes) -> Vec<tiktok::Scope> {
    granted.iter().map(tiktok::Scope::parse).collect()
}
