//! Records of consent. Owns writing and reading them; there is no change: the schema refuses it.

use domain::consent::{Consent, Declaration};
use domain::id::ConsentId;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;

const TABLE: Table = Table("consent");

macro_rules! columns {
    () => {
        "id, post_id, user_id, given_at, declaration, text_version, locale, subject, fingerprint, creator"
    };
}

const INSERT: &str = concat!("INSERT INTO consent (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
const SELECT: &str = concat!("SELECT ", columns!(), " FROM consent WHERE id = $1");

pub(crate) const STATEMENTS: &[Statement] = statements![INSERT, SELECT];

#[derive(sqlx::FromRow)]
struct Raw {
    id: String,
    post_id: String,
    user_id: String,
    given_at: i64,
    declaration: String,
    text_version: String,
    locale: String,
    subject: String,
    fingerprint: String,
    creator: Option<String>,
}

fn from_raw(raw: Raw) -> Result<Consent> {
    let consent = Consent {
        id: TABLE.parse("id", &raw.id)?,
        post_id: TABLE.parse("post_id", &raw.post_id)?,
        user_id: TABLE.parse("user_id", &raw.user_id)?,
        given_at: instant(raw.given_at),
        declaration: TABLE.word("declaration", &raw.declaration, Declaration::parse)?,
        text_version: raw.text_version,
        locale: raw.locale,
        subject: TABLE.json("subject", &raw.subject)?,
        fingerprint: raw.fingerprint,
        creator: TABLE.json_opt("creator", raw.creator.as_deref())?,
    };
    Ok(consent)
}

impl Store {
    /// A consent.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn consent(&self, id: ConsentId) -> Result<Option<Consent>> {
        fetch_optional!(store self, Raw, SELECT, id.to_string())?.map(from_raw).transpose()
    }
}

impl Tx {
    /// A consent, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn consent(&mut self, id: ConsentId) -> Result<Option<Consent>> {
        fetch_optional!(tx self, Raw, SELECT, id.to_string())?.map(from_raw).transpose()
    }

    /// Writes a consent, once and for all.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the id is taken, [`crate::StoreError::Constraint`] when there is no such post.
    pub async fn consent_insert(&mut self, it: &Consent) -> Result<()> {
        let subject = TABLE.to_json("subject", &it.subject)?;
        let creator = TABLE.to_json_opt("creator", it.creator.as_ref())?;
        execute!(
            tx self, INSERT,
            it.id.to_string(),
            it.post_id.to_string(),
            it.user_id.to_string(),
            it.given_at.millis(),
            it.declaration.as_str(),
            &it.text_version,
            &it.locale,
            subject.as_str(),
            &it.fingerprint,
            creator.as_deref(),
        )?;
        Ok(())
    }
}
