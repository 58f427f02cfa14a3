//! Where every piece of data lives, why, for how long and how it goes: one row a column.
//!
//! Beside the columns there are files: media (their rows say which) and the intent journal, which holds ids of posts and of TikTok's
//! tasks, sealed, and forgets each after 30 days; and the request log (`PP-1.5`): one file a day, addresses cut to their networks after
//! [`super::clauses::REQUEST_LOG_IP_DAYS`] days, removed after [`super::clauses::REQUEST_LOG_DAYS`].
//!
//! Export, erasure, the "Your data" page and the schema test read this list; a column that is not in it fails the build.

use super::clauses::{ClauseId, ERASURE_DAYS, GRACE_DAYS, PUBLISHED_MEDIA_DAYS};

/// What kind of data a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// Who signed in, and what they chose for themselves.
    Person,
    /// A TikTok account as TikTok describes it.
    ConnectionProfile,
    /// Tokens and the key they are sealed with; ciphertext only.
    Tokens,
    /// Files and what was measured about them.
    Media,
    /// Posts, captions, plans.
    Posts,
    /// Records of express consent.
    Consents,
    /// How posts were published.
    Attempts,
    /// Signed-in browsers and walks through the consent page.
    Sessions,
    /// Who did what, by ids.
    Audit,
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
    /// How long it is kept.
    pub retention: Retention,
    /// How it goes.
    pub erase: ErasePath,
    /// Whether it is part of the person's export.
    pub exported: bool,
}

impl Class {
    /// How long the class is kept.
    #[must_use]
    pub const fn retention(self) -> Retention {
        let (active_days, after_erasure_days) = match self {
            Self::Person | Self::ConnectionProfile | Self::Posts | Self::Consents => (None, GRACE_DAYS + 1),
            Self::Tokens => (None, 0),
            Self::Media => (Some(PUBLISHED_MEDIA_DAYS), GRACE_DAYS + 1),
            // Thirteen months: a year of history and the month in which it is compared.
            Self::Attempts => (Some(396), GRACE_DAYS + 1),
            Self::Sessions => (Some(90), 0),
            Self::Audit => (Some(365), ERASURE_DAYS),
            Self::Instance => (None, ERASURE_DAYS),
        };
        Retention { active_days, after_erasure_days }
    }

    /// How the class goes.
    #[must_use]
    pub const fn erase(self) -> ErasePath {
        match self {
            Self::Person | Self::ConnectionProfile | Self::Posts | Self::Consents | Self::Attempts | Self::Sessions => {
                ErasePath::DeleteRow
            }
            Self::Tokens => ErasePath::DestroyKey,
            Self::Media => ErasePath::UnlinkFiles,
            Self::Audit => ErasePath::Pseudonymise,
            Self::Instance => ErasePath::NotPersonal,
        }
    }
}

macro_rules! data_map {
    ($( $table:ident [ $($column:ident)+ ] $class:ident $clause:literal $exported:literal; )+) => {
        /// Every column of the schema, once.
        pub const DATA_MAP: &[DataClass] = &[ $( $( DataClass {
            table: stringify!($table),
            column: stringify!($column),
            class: Class::$class,
            clause: ClauseId($clause),
            retention: Class::$class.retention(),
            erase: Class::$class.erase(),
            exported: $exported,
        }, )+ )+ ];
    };
}

data_map! {
    meta [key value] Instance "PP-2.5" false;

    person [id open_id display_name] Person "PP-1.1" true;
    person [locale time_zone theme] Person "PP-1.4" true;
    person [adult_confirmed_at adult_text_version] Person "PP-8.1" true;
    person [created_at] Person "PP-1.1" true;
    workspace [id name created_at] Person "PP-1.1" true;
    member [workspace_id user_id role created_at] Person "PP-1.1" true;

    session [id user_id workspace_id device ip created_at last_seen_at expires_at] Sessions "PP-1.5" true;
    session [secret_hash] Sessions "PP-1.5" false;
    sign_in [state_hash browser_hash verifier_sealed] Sessions "PP-2.1" false;
    sign_in [purpose user_id workspace_id connection_id next_path locale created_at expires_at] Sessions "PP-2.1" false;

    connection [id workspace_id flavour] ConnectionProfile "PP-1.1" true;
    connection [open_id display_name username creator creator_at] ConnectionProfile "PP-1.1" true;
    connection [scopes state connected_at consented_at updated_at] ConnectionProfile "PP-3.2" true;

    avatar [connection_id sha256 format fetched_at bytes] ConnectionProfile "PP-1.1" true;

    connection_token [connection_id instance_key_version version updated_at] Tokens "PP-5.2" false;
    connection_token [data_key_sealed access_sealed refresh_sealed previous_refresh_sealed] Tokens "PP-1.2" false;
    connection_token [access_expires_at refresh_expires_at refresh_lease_until refresh_sent_at] Tokens "PP-1.2" false;

    unconfirmed [id workspace_id user_id granted_at expires_at] Sessions "PP-2.1" false;
    unconfirmed [open_id display_name username scopes avatar_format avatar] ConnectionProfile "PP-1.1" true;
    unconfirmed [instance_key_version] Tokens "PP-5.2" false;
    unconfirmed [data_key_sealed access_sealed refresh_sealed access_expires_at refresh_expires_at] Tokens "PP-1.2" false;

    upload [id workspace_id user_id file_name length_bytes offset_bytes state media_id created_at updated_at expires_at] Media "PP-1.3" true;
    media [id workspace_id uploaded_by file_name size_bytes sha256 facts verdict thumbnail created_at] Media "PP-1.3" true;
    media [blob_key] Media "PP-1.3" false;

    post [id workspace_id group_id connection_id media_id author_id state delivery] Posts "PP-1.3" true;
    post [content caption revision local_time time_zone due_at consent_id problem] Posts "PP-1.3" true;
    post [published_at tiktok_ids created_at updated_at] Posts "PP-1.4" true;

    post_photo [post_id position media_id] Posts "PP-1.3" true;

    consent [id post_id user_id given_at declaration text_version locale subject fingerprint creator] Consents "PP-1.3" true;

    attempt [id post_id connection_id ordinal mode state due_at revision snapshot media_sha256 media_size] Attempts "PP-2.3" true;
    attempt [chunk_size chunk_count init_sent_at publish_id url_remote_date acked_bytes final_intent_at final_acked_at] Attempts "PP-2.3" true;
    attempt [status status_remote_date fail_reason post_ids log_id evidence cause created_at updated_at] Attempts "PP-2.3" true;
    attempt [epoch owner lease_until short_looks short_look_at next_at tries doubted] Attempts "PP-2.3" false;
    attempt [upload_url_sealed] Attempts "PP-1.2" false;
    attempt_log [seq attempt_id epoch from_state to_state cause log_id remote_date at] Attempts "PP-2.3" true;
    gate_visit [seq attempt_id picture first_byte last_byte at] Attempts "PP-2.3" true;
    post_event [seq workspace_id post_id kind actor_id detail at] Attempts "PP-2.4" true;

    lane [connection_id next_at revision] Attempts "PP-2.3" false;
    webhook_seen [dedupe_key received_at] Attempts "PP-2.3" false;
    audit [seq at actor action subject detail] Audit "PP-5.5" true;
    audit [actor_ref subject_ref hash] Audit "PP-5.5" false;
    audit_chain [id began_at anchor_seq anchor_hash head_seq head_hash seal] Instance "PP-5.5" false;
}

#[cfg(test)]
mod tests {
    use super::*;

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
                let mut words = added.split_whitespace();
                if let (Some(table), Some("ADD"), Some("COLUMN"), Some(column)) =
                    (words.next(), words.next(), words.next(), words.next())
                {
                    tables.entry(table.to_owned()).or_insert_with(Vec::new).push(column.to_owned());
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
            assert_eq!(data.retention.after_erasure_days, 0);
            assert_eq!(data.erase, ErasePath::DestroyKey);
            assert!(!data.exported, "{}.{}", data.table, data.column);
        }
    }

    #[test]
    fn pp_6_5_nothing_personal_outlives_the_promised_days() {
        for data in DATA_MAP {
            assert!(data.retention.after_erasure_days <= ERASURE_DAYS);
        }
    }

    #[test]
    fn pp_1_2_sealed_columns_are_never_exported() {
        for data in DATA_MAP.iter().filter(|data| data.column.ends_with("_sealed")) {
            assert!(!data.exported, "{}.{}", data.table, data.column);
        }
    }
}
