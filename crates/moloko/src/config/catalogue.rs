//! Every setting there is. Owns names, defaults and one line on each; the commented file `config/moloko.example.env` repeats
//! this list for people, and a test compares the two. Must not parse values.

/// One setting. Every one can be given in the environment or in the file named by `--config`.
#[derive(Debug)]
pub struct Setting {
    /// Name in the environment and in the file.
    pub name: &'static str,
    /// Value when nothing is given; empty means "none".
    pub default: &'static str,
    /// A secret may also be given as `NAME_FILE`, the path of a file that holds it, and is never printed.
    pub secret: bool,
}

const fn plain(name: &'static str, default: &'static str) -> Setting {
    Setting { name, default, secret: false }
}

const fn secret(name: &'static str) -> Setting {
    Setting { name, default: "", secret: true }
}

pub const MODE: &str = "MOLOKO_MODE";
pub const PUBLIC_URL: &str = "MOLOKO_PUBLIC_URL";
pub const PULL_URL: &str = "MOLOKO_PULL_URL";
pub const SITE_VERIFICATION: &str = "MOLOKO_TIKTOK_SITE_VERIFICATION";
pub const ALLOW_PLAIN_HTTP: &str = "MOLOKO_ALLOW_PLAIN_HTTP";
pub const LISTEN: &str = "MOLOKO_LISTEN";
pub const DATA: &str = "MOLOKO_DATA";
pub const DATABASE_URL: &str = "MOLOKO_DATABASE_URL";
pub const CLIENT_KEY: &str = "MOLOKO_TIKTOK_CLIENT_KEY";
pub const CLIENT_SECRET: &str = "MOLOKO_TIKTOK_CLIENT_SECRET";
pub const AUTHORIZE_URL: &str = "MOLOKO_TIKTOK_AUTHORIZE_URL";
pub const API_URL: &str = "MOLOKO_TIKTOK_API_URL";
pub const AVATAR_HOSTS: &str = "MOLOKO_TIKTOK_AVATAR_HOSTS";
pub const UPLOAD_ORIGIN: &str = "MOLOKO_TIKTOK_UPLOAD_ORIGIN";
pub const CA_FILE: &str = "MOLOKO_TIKTOK_CA_FILE";
pub const BLOBS: &str = "MOLOKO_BLOBS";
pub const S3_ENDPOINT: &str = "MOLOKO_BLOBS_ENDPOINT";
pub const S3_REGION: &str = "MOLOKO_BLOBS_REGION";
pub const S3_KEY_ID: &str = "MOLOKO_BLOBS_KEY_ID";
pub const S3_SECRET: &str = "MOLOKO_BLOBS_SECRET";
pub const INSTANCE_KEY: &str = "MOLOKO_INSTANCE_KEY";
pub const INSTANCE_KEY_COMMAND: &str = "MOLOKO_INSTANCE_KEY_COMMAND";
pub const METRICS_SECRET: &str = "MOLOKO_METRICS_SECRET";
pub const LOG: &str = "MOLOKO_LOG";
pub const LOG_FORMAT: &str = "MOLOKO_LOG_FORMAT";
pub const REQUEST_LOG: &str = "MOLOKO_REQUEST_LOG";
pub const REQUEST_LOG_IP_DAYS: &str = "MOLOKO_REQUEST_LOG_IP_DAYS";
pub const REQUEST_LOG_DAYS: &str = "MOLOKO_REQUEST_LOG_DAYS";
pub const REQUEST_LOG_LONGER: &str = "MOLOKO_REQUEST_LOG_LONGER";
pub const DISK_RESERVE_MIB: &str = "MOLOKO_DISK_RESERVE_MIB";
pub const WORKSPACE_QUOTA_MIB: &str = "MOLOKO_WORKSPACE_QUOTA_MIB";
pub const PUBLISH_CONCURRENCY: &str = "MOLOKO_PUBLISH_CONCURRENCY";
pub const UPLOAD_RATE: &str = "MOLOKO_UPLOAD_RATE";
pub const EARLY_UPLOAD: &str = "MOLOKO_EARLY_UPLOAD";
pub const HOLD_WHEN_LATE: &str = "MOLOKO_HOLD_WHEN_LATE_MINUTES";
pub const HOLD_OVERDUE_POSTS: &str = "MOLOKO_HOLD_OVERDUE_POSTS";
pub const HOLD_OVERDUE_MINUTES: &str = "MOLOKO_HOLD_OVERDUE_MINUTES";
pub const ERASURE_GRACE: &str = "MOLOKO_ERASURE_GRACE_DAYS";
pub const BACKUP_DAYS: &str = "MOLOKO_BACKUP_DAYS";
pub const PUBLISHED_MEDIA: &str = "MOLOKO_PUBLISHED_MEDIA_DAYS";
pub const INACTIVE_MONTHS: &str = "MOLOKO_INACTIVE_MONTHS";
pub const STRICT_DISCONNECT: &str = "MOLOKO_STRICT_DISCONNECT";
pub const LATE_SPACING: &str = "MOLOKO_LATE_SPACING_MINUTES";
pub const OPEN_UPLOADS: &str = "MOLOKO_OPEN_UPLOADS_MAX";
pub const UPLOAD_EXPIRY: &str = "MOLOKO_UPLOAD_EXPIRY_HOURS";
pub const WAITING_POSTS: &str = "MOLOKO_WAITING_POSTS_MAX";
pub const FFMPEG: &str = "MOLOKO_FFMPEG";
pub const MEDIA_SANDBOX: &str = "MOLOKO_MEDIA_SANDBOX";
pub const APP_STATUS: &str = "MOLOKO_TIKTOK_APP";
pub const PKCE: &str = "MOLOKO_TIKTOK_PKCE";
pub const OPERATOR: &str = "MOLOKO_OPERATOR";
pub const OPERATOR_ADDRESS: &str = "MOLOKO_OPERATOR_ADDRESS";
pub const CONTACT: &str = "MOLOKO_CONTACT";
pub const OFFICER: &str = "MOLOKO_DATA_PROTECTION_OFFICER";
pub const AUTHORITY: &str = "MOLOKO_COMPLAINT_AUTHORITY";
pub const PROCESSORS: &str = "MOLOKO_PROCESSORS";
pub const DATA_LOCATION: &str = "MOLOKO_DATA_LOCATION";
pub const PUSH: &str = "MOLOKO_PUSH";
pub const PUSH_HOSTS: &str = "MOLOKO_PUSH_HOSTS";
pub const PUSH_ORIGIN: &str = "MOLOKO_PUSH_ORIGIN";

/// The list, in the order in which the commented file explains them.
pub const SETTINGS: &[Setting] = &[
    plain(PUBLIC_URL, ""),
    plain(CLIENT_KEY, ""),
    secret(CLIENT_SECRET),
    plain(SITE_VERIFICATION, ""),
    plain(PULL_URL, ""),
    plain(MODE, "production"),
    plain(LISTEN, "127.0.0.1:8080"),
    plain(ALLOW_PLAIN_HTTP, "false"),
    plain(DATA, "data"),
    secret(DATABASE_URL),
    plain(BLOBS, "disk"),
    plain(S3_ENDPOINT, ""),
    plain(S3_REGION, "us-east-1"),
    plain(S3_KEY_ID, ""),
    secret(S3_SECRET),
    secret(INSTANCE_KEY),
    plain(INSTANCE_KEY_COMMAND, ""),
    plain(OPERATOR, ""),
    plain(OPERATOR_ADDRESS, ""),
    plain(CONTACT, ""),
    plain(OFFICER, ""),
    plain(AUTHORITY, ""),
    plain(PROCESSORS, ""),
    plain(DATA_LOCATION, "DE"),
    plain(ERASURE_GRACE, "7"),
    plain(BACKUP_DAYS, "21"),
    plain(PUBLISHED_MEDIA, "30"),
    plain(INACTIVE_MONTHS, "24"),
    plain(STRICT_DISCONNECT, "false"),
    plain(DISK_RESERVE_MIB, "auto"),
    plain(WORKSPACE_QUOTA_MIB, "51200"),
    plain(OPEN_UPLOADS, "20"),
    plain(UPLOAD_EXPIRY, "24"),
    plain(WAITING_POSTS, "5000"),
    plain(PUBLISH_CONCURRENCY, "8"),
    plain(HOLD_WHEN_LATE, "15"),
    plain(HOLD_OVERDUE_POSTS, "3"),
    plain(HOLD_OVERDUE_MINUTES, "60"),
    plain(LATE_SPACING, "10"),
    plain(EARLY_UPLOAD, "true"),
    plain(UPLOAD_RATE, "none"),
    plain(FFMPEG, "auto"),
    plain(MEDIA_SANDBOX, "on"),
    plain(PUSH, "false"),
    plain(PUSH_HOSTS, ".fcm.googleapis.com,.push.services.mozilla.com,.notify.windows.com,.push.apple.com"),
    plain(PUSH_ORIGIN, ""),
    plain(LOG, "info"),
    plain(LOG_FORMAT, "pretty"),
    plain(REQUEST_LOG, "true"),
    plain(REQUEST_LOG_IP_DAYS, "7"),
    plain(REQUEST_LOG_DAYS, "30"),
    plain(REQUEST_LOG_LONGER, "false"),
    secret(METRICS_SECRET),
    plain(APP_STATUS, "unsaid"),
    plain(PKCE, "auto"),
    plain(AVATAR_HOSTS, ".tiktokcdn.com,.tiktokcdn-eu.com,.tiktokcdn-us.com"),
    plain(AUTHORIZE_URL, "https://www.tiktok.com/v2/auth/authorize/"),
    plain(API_URL, "https://open.tiktokapis.com"),
    plain(UPLOAD_ORIGIN, ""),
    plain(CA_FILE, ""),
];

/// The setting of that name.
pub fn find(name: &str) -> Option<&'static Setting> {
    SETTINGS.iter().find(|setting| setting.name == name)
}

/// Whether a name is known, including the `_FILE` form of secrets.
pub fn knows(name: &str) -> bool {
    find(name).is_some() || name.strip_suffix("_FILE").and_then(find).is_some_and(|setting| setting.secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documented() -> Vec<(String, String)> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/moloko.example.env");
        std::fs::read_to_string(path)
            .unwrap()
            .lines()
            .filter_map(|line| line.strip_prefix('#').unwrap_or(line).split_once('='))
            .filter(|(name, _)| name.starts_with("MOLOKO_") && name.chars().all(|c| c.is_ascii_uppercase() || c == '_'))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    #[test]
    fn the_commented_file_names_every_setting_with_its_default_and_no_other() {
        let documented: Vec<_> = documented().into_iter().filter(|(name, _)| find(name).is_some()).collect();
        let known: Vec<_> = SETTINGS.iter().map(|s| (s.name.to_owned(), s.default.to_owned())).collect();
        assert_eq!(documented, known);
    }

    #[test]
    fn the_commented_file_shows_the_file_form_of_every_secret() {
        let files: Vec<_> =
            documented().into_iter().map(|(name, _)| name).filter(|name| name.ends_with("_FILE")).collect();
        let wanted: Vec<_> = SETTINGS.iter().filter(|s| s.secret).map(|s| format!("{}_FILE", s.name)).collect();
        let ca = CA_FILE.to_owned();
        assert_eq!(files.into_iter().filter(|name| *name != ca).collect::<Vec<_>>(), wanted);
    }
}
