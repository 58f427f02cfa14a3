//! Where media files lie: the folder, or an S3-compatible storage with its address and key. Owns what these settings have to be together.

use super::ConfigProblem;
use super::catalogue as name;
use super::settings::Reader;
use std::net::IpAddr;
use store::blobs::BucketSettings;
use url::{Host, Url};

/// Where finished media files lie.
#[derive(Debug)]
pub enum Storage {
    /// In the data folder.
    Disk,
    /// At an S3-compatible storage.
    Bucket(Box<BucketSettings>),
}

/// What `MOLOKO_BLOBS` names.
#[derive(Debug, PartialEq, Eq)]
enum Named {
    Disk,
    Bucket { bucket: String, prefix: String },
}

impl Named {
    fn parse(text: &str) -> Result<Self, String> {
        if text == "disk" {
            return Ok(Self::Disk);
        }
        let rest =
            text.strip_prefix("s3://").ok_or_else(|| format!("\"{text}\" is neither disk nor s3://BUCKET/PREFIX"))?;
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let is_name =
            |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.'));
        if !(3..=63).contains(&bucket.len()) || !is_name(bucket) {
            return Err(format!("\"{bucket}\" is not the name of a bucket: 3 to 63 of a-z, 0-9, - and ."));
        }
        let prefix = prefix.trim_end_matches('/');
        let is_part = |part: &str| {
            !part.is_empty()
                && part.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
                && part.chars().any(|c| c != '.')
        };
        if prefix.len() > 200 || !(prefix.is_empty() || prefix.split('/').all(is_part)) {
            return Err(format!(
                "\"{prefix}\" is not a prefix: letters, digits, -, _ and . with single slashes between"
            ));
        }
        Ok(Self::Bucket { bucket: bucket.to_owned(), prefix: prefix.to_owned() })
    }
}

fn endpoint(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| format!("\"{text}\" is not an address ({error})"))?;
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err("the address holds more than a host, a port and a path".to_owned());
    }
    let is_here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
        Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
        None => return Err(format!("\"{text}\" names no host")),
    };
    match url.scheme() {
        "https" => Ok(url),
        "http" if is_here => Ok(url),
        "http" => {
            Err("people's files would travel over plain http, where anybody on the way could read them".to_owned())
        }
        other => Err(format!("{other} is not https")),
    }
}

impl Reader<'_> {
    pub(super) fn storage(&mut self) -> Option<Storage> {
        let named = self.parsed(name::BLOBS, "Write disk, or s3://BUCKET/PREFIX.", Named::parse);
        let region = self.parsed(name::S3_REGION, "Write the region as the storage names it.", |text| {
            match text.len() <= 64 && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')) {
                true => Ok(text.to_owned()),
                false => Err(format!("\"{text}\" is not the name of a region")),
            }
        });
        let endpoint = self.optional(
            name::S3_ENDPOINT,
            "Write the https address of the storage, or leave it away for Amazon's.",
            endpoint,
        );
        let key_id = self.source.text(name::S3_KEY_ID);
        let secret = self.secret(name::S3_SECRET);
        let (bucket, prefix) = match named? {
            Named::Disk => return Some(Storage::Disk),
            Named::Bucket { bucket, prefix } => (bucket, prefix),
        };
        let mut missing = |setting: &str, fix: &str| {
            let what = format!("it is missing, and {} names a storage that asks for it", name::BLOBS);
            self.problems.push(ConfigProblem::new(setting, what, fix));
        };
        if key_id.is_none() {
            missing(name::S3_KEY_ID, "Write the id of a key that may use the bucket.");
        }
        if matches!(secret, Some(None)) {
            missing(
                name::S3_SECRET,
                "Write the key's secret, or name a file that holds it in MOLOKO_BLOBS_SECRET_FILE.",
            );
        }
        let region = region?;
        let endpoint = match endpoint? {
            Some(endpoint) => endpoint,
            None => Url::parse(&format!("https://s3.{region}.amazonaws.com")).ok()?,
        };
        Some(Storage::Bucket(Box::new(BucketSettings {
            bucket,
            prefix,
            endpoint,
            region,
            key_id: key_id?,
            secret: secret??,
        })))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Source};

    const BASE: &[(&str, &str)] = &[
        ("MOLOKO_MODE", "development"),
        ("MOLOKO_PUBLIC_URL", "http://127.0.0.1:8080"),
        ("MOLOKO_TIKTOK_CLIENT_KEY", "aw_sim_live_01"),
        ("MOLOKO_TIKTOK_CLIENT_SECRET", "x"),
    ];

    fn with(more: &[(&'static str, &'static str)]) -> Result<Storage, Vec<ConfigProblem>> {
        Config::read(&Source::from_values(&[BASE, more].concat())).map(|config| config.storage)
    }

    fn names(outcome: Result<Storage, Vec<ConfigProblem>>) -> Vec<String> {
        outcome.unwrap_err().into_iter().map(|problem| problem.setting).collect()
    }

    #[test]
    fn files_lie_in_the_folder_unless_a_bucket_with_a_key_is_named() {
        assert!(matches!(with(&[]), Ok(Storage::Disk)));
        assert_eq!(names(with(&[("MOLOKO_BLOBS", "s3://media")])), ["MOLOKO_BLOBS_KEY_ID", "MOLOKO_BLOBS_SECRET"]);
        let key = [("MOLOKO_BLOBS_KEY_ID", "k"), ("MOLOKO_BLOBS_SECRET", "canary")];
        let all =
            [&[("MOLOKO_BLOBS", "s3://media/of/us/"), ("MOLOKO_BLOBS_REGION", "eu-central-1")], &key[..]].concat();
        let Ok(Storage::Bucket(it)) = with(&all) else { panic!("a bucket") };
        assert_eq!((it.bucket.as_str(), it.prefix.as_str()), ("media", "of/us"));
        assert_eq!(it.endpoint.as_str(), "https://s3.eu-central-1.amazonaws.com/");
        assert!(!format!("{it:?}").contains("canary"));
        let far = [&all[..], &[("MOLOKO_BLOBS_ENDPOINT", "http://storage.example")]].concat();
        assert_eq!(names(with(&far)), ["MOLOKO_BLOBS_ENDPOINT"]);
        let near = [&all[..], &[("MOLOKO_BLOBS_ENDPOINT", "http://127.0.0.1:9000")]].concat();
        assert!(with(&near).is_ok());
    }

    #[test]
    fn a_name_that_leads_elsewhere_is_refused() {
        for wrong in [
            "",
            "media",
            "s3:/x",
            "s3://",
            "s3://Up",
            "s3://a/b",
            "s3://media//x",
            "s3://media/../x",
            "s3://media/x y",
            "/srv",
        ] {
            assert!(Named::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Named::parse("disk"), Ok(Named::Disk));
    }
}
