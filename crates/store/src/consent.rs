//! Records of consent. Owns writing and reading them; there is no change: the schema refuses it.

use domain::consent::{Consent, Declaration};
use domain::id::ConsentId;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("consent");
/// The sealed columns.
const SUBJECT: &str = "subject";
const CREATOR: &str = "creator";

macro_rules! columns {
    () => {
        "id, post_id, user_id, given_at, declaration, text_version, locale, subject, fingerprint, creator"
    };
}

const INSERT: &str = concat!("INSERT INTO consent (", columns!(), ") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
// Under the key of whoever gave it: the post may be for another account by now.
const SELECT: &str =
    concat!("SELECT ", columns!(), ", ", person_key!("consent.user_id"), " FROM consent WHERE id = $1");

pub(crate) const STATEMENTS: &[Statement] = statements![INSERT, SELECT];

row! {
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
        wrapped: Option<Vec<u8>>,
    }
}

fn open(raw: Raw, safe: &Safe) -> Result<Consent> {
    let row = safe.row(Owner::person(&raw.user_id), raw.wrapped.as_deref(), TABLE, &raw.id)?;
    let (subject, creator) = (row.read(SUBJECT, raw.subject)?, row.read_opt(CREATOR, raw.creator)?);
    let consent = Consent {
        id: TABLE.parse("id", &raw.id)?,
        post_id: TABLE.parse("post_id", &raw.post_id)?,
        user_id: TABLE.parse("user_id", &raw.user_id)?,
        given_at: instant(raw.given_at),
        declaration: TABLE.word("declaration", &raw.declaration, Declaration::parse)?,
        text_version: raw.text_version,
        locale: raw.locale,
        subject: TABLE.json(SUBJECT, &subject)?,
        fingerprint: raw.fingerprint,
        creator: TABLE.json_opt(CREATOR, creator.as_deref())?,
    };
    Ok(consent)
}

impl Store {
    /// A consent.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn consent(&self, id: ConsentId) -> Result<Option<Consent>> {
        fetch_optional!(store self, Raw, SELECT, id.to_string())?.map(|raw| open(raw, &self.safe)).transpose()
    }
}

impl Tx {
    /// A consent, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn consent(&mut self, id: ConsentId) -> Result<Option<Consent>> {
        fetch_optional!(tx self, Raw, SELECT, id.to_string())?.map(|raw| open(raw, &self.safe)).transpose()
    }

    /// Writes a consent, once and for all.
    ///
    /// # Errors
    /// [`crate::StoreError::Conflict`] when the id is taken, [`crate::StoreError::Constraint`] when there is no such post.
    pub async fn consent_insert(&mut self, it: &Consent) -> Result<()> {
        let (id, person) = (it.id.to_string(), it.user_id.to_string());
        let row = self.row_of(Owner::person(&person), TABLE, &id).await?;
        let subject = row.write(SUBJECT, &TABLE.to_json(SUBJECT, &it.subject)?)?;
        let creator = row.write_opt(CREATOR, TABLE.to_json_opt(CREATOR, it.creator.as_ref())?.as_deref())?;
        execute!(
            tx self, INSERT,
            &id,
            it.post_id.to_string(),
            &person,
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
