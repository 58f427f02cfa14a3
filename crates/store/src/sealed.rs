//! What lies in the database sealed under the instance key, whatever table it is in. Owns finding it by version and putting it back
//! sealed anew; must never see what is sealed.
//!
//! Each row is put back by compare-and-set on its old ciphertext, so whoever changes it meanwhile wins.

use domain::time::UnixMillis;

use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::vault::sealed_version;

/// Where something sealed lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SealedIn {
    /// Data keys of connections, and with them their tokens.
    Tokens,
    /// Keys of people, and with them their names and words.
    People,
    /// Keys of accounts' profiles.
    Profiles,
    /// Data keys of accounts that wait for their person's word.
    Unconfirmed,
    /// Data keys of tickets for telling TikTok that a grant is over.
    Tickets,
    /// Verifiers of sign-ins under way.
    SignIns,
    /// Addresses that TikTok gave for uploads under way.
    UploadAddresses,
}

impl SealedIn {
    /// All there are.
    pub const ALL: [Self; 7] = [
        Self::Tokens,
        Self::People,
        Self::Profiles,
        Self::Unconfirmed,
        Self::Tickets,
        Self::SignIns,
        Self::UploadAddresses,
    ];
}

/// Something sealed under one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedRow {
    /// Id of its row.
    pub id: String,
    /// The version of the instance key that it needs.
    pub version: i64,
    /// The ciphertext.
    pub sealed: Vec<u8>,
}

const COUNT_TOKENS: &str = "SELECT instance_key_version, COUNT(*) FROM connection_token GROUP BY instance_key_version";
const COUNT_PEOPLE: &str = "SELECT instance_key_version, COUNT(*) FROM person_key GROUP BY instance_key_version";
const COUNT_PROFILES: &str = "SELECT instance_key_version, COUNT(*) FROM connection_key GROUP BY instance_key_version";
const COUNT_UNCONFIRMED: &str = "SELECT instance_key_version, COUNT(*) FROM unconfirmed GROUP BY instance_key_version";
const COUNT_TICKETS: &str = "SELECT instance_key_version, COUNT(*) FROM revoke_ticket GROUP BY instance_key_version";
const COUNT_SIGN_INS: &str = "
SELECT SUBSTR(verifier_sealed, 1, 8), COUNT(*)
FROM sign_in
WHERE verifier_sealed IS NOT NULL
GROUP BY 1";
// Settled attempts have none. The states are those of the partial index attempt_turn.
const COUNT_UPLOADS: &str = "
SELECT SUBSTR(upload_url_sealed, 1, 8), COUNT(*)
FROM attempt
WHERE upload_url_sealed IS NOT NULL AND state NOT IN ('dead', 'published', 'delivered', 'uncertain')
GROUP BY 1";

const OTHER_TOKENS: &str = "
SELECT connection_id, instance_key_version, data_key_sealed
FROM connection_token
WHERE instance_key_version <> $1 AND connection_id > $2
ORDER BY connection_id
LIMIT $3";
const OTHER_PEOPLE: &str = "
SELECT person_id, instance_key_version, data_key_sealed
FROM person_key
WHERE instance_key_version <> $1 AND person_id > $2
ORDER BY person_id
LIMIT $3";
const OTHER_PROFILES: &str = "
SELECT connection_id, instance_key_version, data_key_sealed
FROM connection_key
WHERE instance_key_version <> $1 AND connection_id > $2
ORDER BY connection_id
LIMIT $3";
const OTHER_UNCONFIRMED: &str = "
SELECT id, instance_key_version, data_key_sealed
FROM unconfirmed
WHERE instance_key_version <> $1 AND id > $2
ORDER BY id
LIMIT $3";
const OTHER_TICKETS: &str = "
SELECT connection_id, instance_key_version, data_key_sealed
FROM revoke_ticket
WHERE instance_key_version <> $1 AND connection_id > $2
ORDER BY connection_id
LIMIT $3";
const OTHER_SIGN_INS: &str = "
SELECT state_hash, verifier_sealed
FROM sign_in
WHERE verifier_sealed IS NOT NULL AND SUBSTR(verifier_sealed, 1, 8) <> $1 AND state_hash > $2
ORDER BY state_hash
LIMIT $3";
// The id as an expression, so that the few open attempts are found by attempt_turn and not among all by their ids.
const OTHER_UPLOADS: &str = "
SELECT id, upload_url_sealed
FROM attempt
WHERE upload_url_sealed IS NOT NULL AND SUBSTR(upload_url_sealed, 1, 8) <> $1 AND id || '' > $2
  AND state NOT IN ('dead', 'published', 'delivered', 'uncertain')
ORDER BY id || ''
LIMIT $3";

const PUT_TOKEN: &str = "
UPDATE connection_token SET instance_key_version = $4, data_key_sealed = $5
WHERE connection_id = $1 AND instance_key_version = $2 AND data_key_sealed = $3";
const PUT_PERSON: &str = "
UPDATE person_key SET instance_key_version = $4, data_key_sealed = $5
WHERE person_id = $1 AND instance_key_version = $2 AND data_key_sealed = $3";
const PUT_PROFILE: &str = "
UPDATE connection_key SET instance_key_version = $4, data_key_sealed = $5
WHERE connection_id = $1 AND instance_key_version = $2 AND data_key_sealed = $3";
const PUT_UNCONFIRMED: &str = "
UPDATE unconfirmed SET instance_key_version = $4, data_key_sealed = $5
WHERE id = $1 AND instance_key_version = $2 AND data_key_sealed = $3";
const PUT_TICKET: &str = "
UPDATE revoke_ticket SET instance_key_version = $4, data_key_sealed = $5
WHERE connection_id = $1 AND instance_key_version = $2 AND data_key_sealed = $3";
const PUT_SIGN_IN: &str = "UPDATE sign_in SET verifier_sealed = $3 WHERE state_hash = $1 AND verifier_sealed = $2";
// Only while nobody works on it, and with a new epoch: whoever read it before would write back the old ciphertext.
const PUT_UPLOAD: &str = "
UPDATE attempt SET upload_url_sealed = $3, epoch = epoch + 1
WHERE id = $1 AND upload_url_sealed = $2 AND owner IS NULL";

// Addresses of pictures are derived from the key and stored nowhere; what TikTok was told may still be asked for.
const GATES_BEFORE: &str = "
SELECT COUNT(*)
FROM attempt
WHERE mode IN ('direct_photos', 'inbox_photos') AND init_sent_at < $1
  AND state NOT IN ('dead', 'published', 'delivered', 'uncertain')";

pub(crate) const STATEMENTS: &[Statement] = statements![
    COUNT_TOKENS,
    COUNT_PEOPLE,
    COUNT_PROFILES,
    COUNT_UNCONFIRMED,
    COUNT_TICKETS,
    COUNT_SIGN_INS,
    COUNT_UPLOADS,
    OTHER_TOKENS,
    OTHER_PEOPLE,
    OTHER_PROFILES,
    OTHER_UNCONFIRMED,
    OTHER_TICKETS,
    OTHER_SIGN_INS,
    OTHER_UPLOADS,
    PUT_TOKEN,
    PUT_PERSON,
    PUT_PROFILE,
    PUT_UNCONFIRMED,
    PUT_TICKET,
    PUT_SIGN_IN,
    PUT_UPLOAD,
    GATES_BEFORE,
];

fn in_front(rows: Vec<(Vec<u8>, i64)>) -> Vec<(i64, i64)> {
    rows.into_iter().map(|(version, count)| (sealed_version(&version).unwrap_or(0), count)).collect()
}

impl Store {
    /// How much lies there under which version of the instance key.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn sealed_counts(&self, place: SealedIn) -> Result<Vec<(i64, u64)>> {
        let counts = match place {
            SealedIn::Tokens => fetch_all!(store self, (i64, i64), COUNT_TOKENS)?,
            SealedIn::People => fetch_all!(store self, (i64, i64), COUNT_PEOPLE)?,
            SealedIn::Profiles => fetch_all!(store self, (i64, i64), COUNT_PROFILES)?,
            SealedIn::Unconfirmed => fetch_all!(store self, (i64, i64), COUNT_UNCONFIRMED)?,
            SealedIn::Tickets => fetch_all!(store self, (i64, i64), COUNT_TICKETS)?,
            SealedIn::SignIns => in_front(fetch_all!(store self, (Vec<u8>, i64), COUNT_SIGN_INS)?),
            SealedIn::UploadAddresses => in_front(fetch_all!(store self, (Vec<u8>, i64), COUNT_UPLOADS)?),
        };
        let counts = counts.into_iter().map(|(version, count)| (version, u64::try_from(count).unwrap_or(0)));
        let mut counts: Vec<(i64, u64)> = counts.collect();
        counts.sort_unstable();
        Ok(counts)
    }

    /// What lies there under another version than this one, in the order of ids, after `after`.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn sealed_under_others(
        &self,
        place: SealedIn,
        version: i64,
        after: &str,
        limit: u32,
    ) -> Result<Vec<SealedRow>> {
        type Wrapped = (String, i64, Vec<u8>);
        type Value = (String, Vec<u8>);
        let limit = i64::from(limit);
        let own = version.to_be_bytes();
        let values = |rows: Vec<Value>| {
            let rows = rows.into_iter();
            rows.map(|(id, sealed)| (id, sealed_version(&sealed).unwrap_or(0), sealed)).collect::<Vec<Wrapped>>()
        };
        let rows = match place {
            SealedIn::Tokens => fetch_all!(store self, Wrapped, OTHER_TOKENS, version, after, limit)?,
            SealedIn::People => fetch_all!(store self, Wrapped, OTHER_PEOPLE, version, after, limit)?,
            SealedIn::Profiles => fetch_all!(store self, Wrapped, OTHER_PROFILES, version, after, limit)?,
            SealedIn::Unconfirmed => fetch_all!(store self, Wrapped, OTHER_UNCONFIRMED, version, after, limit)?,
            SealedIn::Tickets => fetch_all!(store self, Wrapped, OTHER_TICKETS, version, after, limit)?,
            SealedIn::SignIns => values(fetch_all!(store self, Value, OTHER_SIGN_INS, own.as_slice(), after, limit)?),
            SealedIn::UploadAddresses => {
                values(fetch_all!(store self, Value, OTHER_UPLOADS, own.as_slice(), after, limit)?)
            }
        };
        Ok(rows.into_iter().map(|(id, version, sealed)| SealedRow { id, version, sealed }).collect())
    }

    /// Attempts that are not over and for which TikTok was told addresses of pictures before that moment.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn gates_before(&self, at: UnixMillis) -> Result<u64> {
        let (count,) = fetch_one!(store self, (i64,), GATES_BEFORE, at.millis())?;
        Ok(u64::try_from(count).unwrap_or(0))
    }
}

impl Tx {
    /// Puts a row back sealed anew; false when it is not as it was read, or when somebody works on it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn sealed_put(&mut self, place: SealedIn, was: &SealedRow, version: i64, sealed: &[u8]) -> Result<bool> {
        let (id, old) = (was.id.as_str(), was.sealed.as_slice());
        let changed = match place {
            SealedIn::Tokens => execute!(tx self, PUT_TOKEN, id, was.version, old, version, sealed)?,
            SealedIn::People => execute!(tx self, PUT_PERSON, id, was.version, old, version, sealed)?,
            SealedIn::Profiles => execute!(tx self, PUT_PROFILE, id, was.version, old, version, sealed)?,
            SealedIn::Unconfirmed => execute!(tx self, PUT_UNCONFIRMED, id, was.version, old, version, sealed)?,
            SealedIn::Tickets => execute!(tx self, PUT_TICKET, id, was.version, old, version, sealed)?,
            SealedIn::SignIns => execute!(tx self, PUT_SIGN_IN, id, old, sealed)?,
            SealedIn::UploadAddresses => execute!(tx self, PUT_UPLOAD, id, old, sealed)?,
        };
        Ok(changed == 1)
    }
}
