//! Where every piece of data lives, why, for how long and how it goes, as `datamap.toml` says: one row a column, one a file.
//!
//! Owns the types; the build turns the file into [`DATA_MAP`], [`FILES`] and [`CLASSES`]. What is not in it fails a test.

use super::clauses::ClauseId;

/// What kind of data a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Who signed in, and what they chose for themselves.
    Person,
    /// A TikTok account as TikTok describes it.
    ConnectionProfile,
    /// Tokens and the key they are sealed with; ciphertext only.
    Tokens,
    /// The keys under which names and words are sealed; ciphertext only.
    Keys,
    /// Files and what was measured about them.
    Media,
    /// Posts, captions, plans.
    Posts,
    /// Records of express consent.
    Consents,
    /// How posts were published.
    Attempts,
    /// Numbers that TikTok told of posts and accounts, where somebody switched that on.
    Metrics,
    /// Signed-in browsers and walks through the consent page.
    Sessions,
    /// What a person wrote to the operator, and the answers.
    Support,
    /// Lines that tell a person what happened.
    Notices,
    /// Who did what, by ids.
    Audit,
    /// Which page was asked for, when and from where; files, no rows.
    Requests,
    /// Wishes to be erased and their receipts, by ids.
    Erasure,
    /// The one access token that outlives a disconnect, to tell TikTok; ciphertext only.
    Ticket,
    /// Legal duties to keep something, by ids.
    Hold,
    /// Exports that were asked for, with their files.
    Exports,
    /// Who operates the instance: names, public halves of passkeys, signed-in browsers.
    Operators,
    /// What keeps the instance running and names nobody.
    Instance,
}

/// How long a class is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Days after creation or last use while the account is active; `None` is the life of the account.
    pub active_days: Option<i64>,
    /// Days after a disconnect or a deletion; zero is at once.
    pub after_erasure_days: i64,
}

/// How a class disappears.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErasePath {
    /// The row is deleted.
    DeleteRow,
    /// The row is deleted and with it the key of everything sealed under it.
    DestroyKey,
    /// The row is deleted and the file behind it unlinked, with parts, thumbnails and temporary files.
    UnlinkFiles,
    /// Identifiers are replaced by a keyed hash; the entry stays.
    Pseudonymise,
    /// Nothing personal is in it.
    NotPersonal,
}

/// Whose key seals a column; the erasure destroys it first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyOf {
    /// The person's.
    Person,
    /// The TikTok account's in its workspace.
    Connection,
}

impl KeyOf {
    /// Its word in `datamap.toml` and in programs' answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Connection => "connection",
        }
    }
}

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DataClass {
    /// Table.
    pub table: &'static str,
    /// Column.
    pub column: &'static str,
    /// What kind of data it is.
    pub class: Class,
    /// The clause that allows it.
    pub clause: ClauseId,
    /// Whether it is part of the person's export.
    pub exported: bool,
    /// Under whose key what stands in it is sealed; `None` where it is not, or where it is sealed in another way.
    pub sealed: Option<KeyOf>,
}

/// What lies beside the database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FileClass {
    /// Name in the data folder; a folder ends in `/`.
    pub name: &'static str,
    /// What kind of data it is.
    pub class: Class,
    /// The clause that allows it.
    pub clause: ClauseId,
    /// Whether it is part of the person's export.
    pub exported: bool,
}

/// What is said about a class: to people on the page of their data, to the operator, to an auditor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClassFacts {
    /// Which.
    pub class: Class,
    /// Its name in `datamap.toml` and in programs' answers.
    pub name: &'static str,
    /// What it is, in one English sentence.
    pub what: &'static str,
    /// On which ground it is held: an article of the GDPR.
    pub ground: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// Who else receives it.
    pub recipients: &'static str,
    /// How long it is kept.
    pub retention: Retention,
    /// How it goes.
    pub erase: ErasePath,
}

impl Class {
    /// Everything that is said about the class.
    #[must_use]
    pub fn facts(self) -> Option<&'static ClassFacts> {
        CLASSES.get(self.number())
    }

    /// How long the class is kept.
    #[must_use]
    pub fn retention(self) -> Retention {
        // Every class has its facts, see the test; nothing is kept without them.
        self.facts().map_or(Retention { active_days: Some(0), after_erasure_days: 0 }, |facts| facts.retention)
    }

    /// How the class goes.
    #[must_use]
    pub fn erase(self) -> ErasePath {
        self.facts().map_or(ErasePath::DeleteRow, |facts| facts.erase)
    }
}

include!(concat!(env!("OUT_DIR"), "/datamap.rs"));

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::clauses::{
        ERASURE_DAYS, EXPORT_DAYS, GRACE_DAYS, METRICS_DAYS, PUBLISHED_MEDIA_DAYS, PURGE_INTERVAL_DAYS,
        REQUEST_LOG_DAYS, TICKET_DAYS,
    };

    #[test]
    fn pp_1_6_every_class_has_its_facts_under_its_own_number() {
        for facts in CLASSES {
            assert_eq!(facts.class.facts(), Some(facts), "{}", facts.name);
            for said in [facts.what, facts.ground, facts.source, facts.recipients] {
                assert!(!said.is_empty(), "{}", facts.name);
            }
        }
    }

    #[test]
    fn pp_6_1_the_days_of_the_map_are_the_days_that_the_program_acts_on() {
        let days = |class: Class| (class.retention().active_days, class.retention().after_erasure_days);
        let erased = GRACE_DAYS + PURGE_INTERVAL_DAYS;
        for class in [Class::Person, Class::ConnectionProfile, Class::Posts, Class::Consents] {
            assert_eq!(days(class), (None, erased), "{class:?}");
        }
        assert_eq!(days(Class::Metrics), (Some(METRICS_DAYS), erased));
        assert_eq!(days(Class::Support), (None, ERASURE_DAYS));
        assert_eq!(days(Class::Media), (Some(PUBLISHED_MEDIA_DAYS), erased));
        assert_eq!(days(Class::Ticket), (Some(TICKET_DAYS), TICKET_DAYS));
        assert_eq!(days(Class::Requests), (Some(REQUEST_LOG_DAYS.into()), ERASURE_DAYS));
        assert_eq!(days(Class::Erasure), (Some(ERASURE_DAYS), ERASURE_DAYS));
        assert_eq!(days(Class::Exports), (Some(EXPORT_DAYS), 0));
    }

    #[test]
    fn pp_1_6_what_lies_beside_the_database_is_listed_once() {
        let mut names: Vec<_> = FILES.iter().map(|file| file.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FILES.len());
        assert!(FILES.iter().all(|file| !file.exported || file.class == Class::Media));
    }

    #[test]
    fn pp_1_6_no_column_is_listed_twice() {
        let mut places: Vec<_> = DATA_MAP.iter().map(|data| (data.table, data.column)).collect();
        let all = places.len();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), all);
    }

    #[test]
    fn pp_1_6_every_column_of_the_schema_is_listed_and_nothing_else() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../migrations/sqlite");
        // Each table as the latest migration that writes it anew has it.
        let mut tables = std::collections::BTreeMap::new();
        let mut files: Vec<_> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|file| file.path()).collect();
        files.sort();
        for file in files {
            let sql = std::fs::read_to_string(file).unwrap_or_default();
            for table in sql.split("CREATE TABLE ").skip(1) {
                let (name, rest) = table.split_once(" (").unwrap_or_default();
                let (body, _) = rest.split_once("\n);").unwrap_or_default();
                let mut columns = Vec::new();
                for line in body.lines().map(str::trim).filter(|line| !line.is_empty()) {
                    let word = line.split(' ').next().unwrap_or_default();
                    if word.starts_with(|c: char| c.is_ascii_lowercase()) {
                        columns.push(word.to_owned());
                    }
                }
                tables.insert(name.to_owned(), columns);
            }
            for added in sql.split("ALTER TABLE ").skip(1) {
                let words: Vec<_> = added.split_whitespace().map(|word| word.trim_end_matches(';')).take(4).collect();
                match words.as_slice() {
                    [table, "ADD", "COLUMN", column] => {
                        tables.entry((*table).to_owned()).or_insert_with(Vec::new).push((*column).to_owned());
                    }
                    [table, "RENAME", "TO", name] => {
                        let columns = tables.remove(*table).unwrap_or_default();
                        tables.insert((*name).to_owned(), columns);
                    }
                    _ => {}
                }
            }
        }
        let mut schema: Vec<_> = tables
            .into_iter()
            .flat_map(|(table, columns)| columns.into_iter().map(move |column| (table.clone(), column)))
            .collect();
        assert!(schema.len() > 100, "the migrations were not found");
        let mut listed: Vec<_> = DATA_MAP.iter().map(|data| (data.table.to_owned(), data.column.to_owned())).collect();
        schema.sort();
        listed.sort();
        assert_eq!(listed, schema);
    }

    #[test]
    fn pp_6_3_tokens_go_at_once_and_are_never_exported() {
        for data in DATA_MAP.iter().filter(|data| data.class == Class::Tokens) {
            assert_eq!(data.class.retention().after_erasure_days, 0);
            assert_eq!(data.class.erase(), ErasePath::DestroyKey);
            assert!(!data.exported, "{}.{}", data.table, data.column);
        }
    }

    #[test]
    fn pp_5_2_keys_of_people_and_accounts_are_destroyed_and_never_exported() {
        let keys: Vec<_> = DATA_MAP.iter().filter(|data| data.class == Class::Keys).collect();
        let tables: std::collections::BTreeSet<_> = keys.iter().map(|data| data.table).collect();
        assert_eq!(tables.into_iter().collect::<Vec<_>>(), ["connection_key", "person_key"]);
        for data in keys {
            assert_eq!(data.class.erase(), ErasePath::DestroyKey);
            assert!(!data.exported && data.sealed.is_none(), "{}.{}", data.table, data.column);
        }
        // One key seals a table: an export and the pass over old rows read it once a row.
        for data in DATA_MAP.iter().filter(|data| data.sealed.is_some()) {
            let others = DATA_MAP.iter().filter(|it| it.table == data.table && it.sealed.is_some());
            assert!(others.into_iter().all(|it| it.sealed == data.sealed), "{}", data.table);
        }
    }

    #[test]
    fn pp_6_5_nothing_personal_outlives_the_promised_days() {
        for data in DATA_MAP {
            assert!(data.class.retention().after_erasure_days <= ERASURE_DAYS);
        }
    }

    #[test]
    fn pp_1_2_sealed_columns_are_never_exported() {
        for data in DATA_MAP.iter().filter(|data| data.column.ends_with("_sealed")) {
            assert!(!data.exported, "{}.{}", data.table, data.column);
        }
    }
}
