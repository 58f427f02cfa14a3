//! People who signed in, by the id TikTok gives them. Owns their row; must not hold tokens.

use domain::id::UserId;
use domain::time::UnixMillis;

use crate::column::{Table, instant};
use crate::db::{Statement, Store, Tx};
use crate::error::Result;
use crate::personal::{Owner, Safe};

const TABLE: Table = Table("person");
/// The sealed column.
const NAME: &str = "display_name";

/// A person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Our id.
    pub id: UserId,
    /// TikTok's id of the account used to sign in, for our app only.
    pub open_id: String,
    /// Name as TikTok tells it, or as the person chose it.
    pub display_name: String,
    /// `en` or `ru`.
    pub locale: String,
    /// IANA name.
    pub time_zone: String,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// When the person said to be of age.
    pub adult_confirmed_at: UnixMillis,
    /// Which wording was confirmed.
    pub adult_text_version: String,
    /// First sign-in.
    pub created_at: UnixMillis,
}

macro_rules! columns {
    () => {
        "id, open_id, display_name, locale, time_zone, theme, adult_confirmed_at, adult_text_version, created_at"
    };
}

// What is read of a person: the columns, and the key that the name is sealed under.
macro_rules! all_of_it {
    () => {
        concat!(columns!(), ", ", person_key!("person.id"))
    };
}

const SELECT: &str = concat!("SELECT ", all_of_it!(), " FROM person WHERE id = $1");
const SELECT_BY_OPEN_ID: &str = concat!("SELECT ", all_of_it!(), " FROM person WHERE open_id = $1");
const UPSERT: &str = concat!(
    "
INSERT INTO person (",
    columns!(),
    ", last_seen_at)
VALUES ($1, $2, '', $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (open_id) DO UPDATE SET
  last_seen_at = CASE WHEN person.last_seen_at < excluded.last_seen_at THEN excluded.last_seen_at ELSE person.last_seen_at END,
  adult_confirmed_at = CASE
    WHEN person.adult_text_version = excluded.adult_text_version THEN person.adult_confirmed_at
    ELSE excluded.adult_confirmed_at
  END,
  adult_text_version = excluded.adult_text_version
RETURNING ",
    all_of_it!()
);
const SELECT_AFTER: &str = concat!(
    "SELECT ",
    all_of_it!(),
    " FROM person WHERE id > $1 AND open_id NOT LIKE 'erasing:%' ORDER BY id LIMIT $2"
);
const SET_PREFERENCES: &str = "
UPDATE person
SET locale = $2, time_zone = $3, theme = $4
WHERE id = $1";
const SET_NAME: &str = "UPDATE person SET display_name = $2, name_chosen_at = $3 WHERE id = $1";
const FOLLOW_NAME: &str = "
UPDATE person
SET display_name = $3
WHERE id = $1
  AND open_id = $2
  AND name_chosen_at IS NULL";

pub(crate) const STATEMENTS: &[Statement] =
    statements![SELECT, SELECT_BY_OPEN_ID, UPSERT, SELECT_AFTER, SET_PREFERENCES, SET_NAME, FOLLOW_NAME];

row! {
    struct Raw {
        id: String,
        open_id: String,
        display_name: String,
        locale: String,
        time_zone: String,
        theme: String,
        adult_confirmed_at: i64,
        adult_text_version: String,
        created_at: i64,
        wrapped: Option<Vec<u8>>,
    }
}

impl Raw {
    fn open(self, safe: &Safe) -> Result<Person> {
        let row = safe.shown_row(Owner::person(&self.id), self.wrapped.as_deref(), TABLE, &self.id)?;
        Ok(Person {
            id: TABLE.parse("id", &self.id)?,
            open_id: self.open_id,
            display_name: row.shown(NAME, self.display_name),
            locale: self.locale,
            time_zone: self.time_zone,
            theme: self.theme,
            adult_confirmed_at: instant(self.adult_confirmed_at),
            adult_text_version: self.adult_text_version,
            created_at: instant(self.created_at),
        })
    }
}

impl Store {
    /// A person by our id.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn person(&self, id: UserId) -> Result<Option<Person>> {
        fetch_optional!(store self, Raw, SELECT, id.to_string())?.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// A person by TikTok's id.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn person_by_open_id(&self, open_id: &str) -> Result<Option<Person>> {
        fetch_optional!(store self, Raw, SELECT_BY_OPEN_ID, open_id)?.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// People in the order of their ids, to compare each with who was erased.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn people_after(&self, after: &str, limit: u32) -> Result<Vec<Person>> {
        let rows = fetch_all!(store self, Raw, SELECT_AFTER, after, i64::from(limit))?;
        rows.into_iter().map(|raw| raw.open(&self.safe)).collect()
    }
}

impl Tx {
    /// A person by our id, as this transaction sees it.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn person(&mut self, id: UserId) -> Result<Option<Person>> {
        fetch_optional!(tx self, Raw, SELECT, id.to_string())?.map(|raw| raw.open(&self.safe)).transpose()
    }

    /// Adds the person, or refreshes the name of the one with this `open_id` unless they chose one: id, language, zone and theme stay as
    /// they are. They are here on the day of `created_at`. A confirmation of age is replaced only when its wording changed. Gives the row as it is now.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn person_upsert_by_open_id(&mut self, it: &Person) -> Result<Person> {
        let raw = fetch_one!(
            tx self, Raw, UPSERT,
            it.id.to_string(),
            &it.open_id,
            &it.locale,
            &it.time_zone,
            &it.theme,
            it.adult_confirmed_at.millis(),
            &it.adult_text_version,
            it.created_at.millis(),
            it.created_at.date().start().millis(),
        )?;
        // Which key seals the name is known only now: the row may have been there before, under an id of its own.
        let row = self.row_of_new(Owner::person(&raw.id), TABLE, &raw.id).await?;
        let name = row.write(NAME, &it.display_name)?;
        execute!(tx self, FOLLOW_NAME, &raw.id, &it.open_id, &name)?;
        let id = raw.id.clone();
        fetch_one!(tx self, Raw, SELECT, &id)?.open(&self.safe)
    }

    /// Names a person; `chosen_at` says when they chose the name themselves.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn person_set_name(&mut self, id: UserId, name: &str, chosen_at: Option<UnixMillis>) -> Result<bool> {
        let id = id.to_string();
        let name = self.row_of(Owner::person(&id), TABLE, &id).await?.write(NAME, name)?;
        Ok(execute!(tx self, SET_NAME, &id, &name, chosen_at.map(UnixMillis::millis))? == 1)
    }

    /// Names a person as TikTok calls the account that they sign in with; false when it is another account, or they chose a name.
    ///
    /// # Errors
    /// See [`crate::StoreError`].
    pub async fn person_follow_name(&mut self, id: UserId, open_id: &str, name: &str) -> Result<bool> {
        let id = id.to_string();
        let name = self.row_of(Owner::person(&id), TABLE, &id).await?.write(NAME, name)?;
        Ok(execute!(tx self, FOLLOW_NAME, &id, open_id, &name)? == 1)
    }

    /// Sets language, time zone and theme; false when there is no such person.
    ///
    /// # Errors
    /// [`crate::StoreError::Constraint`] for a language or theme the schema does not know.
    pub async fn person_set_preferences(
        &mut self,
        id: UserId,
        locale: &str,
        time_zone: &str,
        theme: &str,
    ) -> Result<bool> {
        Ok(execute!(tx self, SET_PREFERENCES, id.to_string(), locale, time_zone, theme)? == 1)
    }
}
