//! Types of single settings. Each parses on construction and says what is wrong in words; nothing is read from anywhere here.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use url::{Host, Url};

/// The address under which people reach the instance: scheme, host and port, nothing after them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(Url);

impl PublicUrl {
    /// Parses `https://host[:port]` or `http://host[:port]`.
    ///
    /// # Errors
    /// Words on what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let url = Url::parse(text).map_err(|error| format!("\"{text}\" is not an address ({error})"))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return Err(format!("\"{text}\" does not begin with https:// and a host name"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("the address holds a user name or a password".to_owned());
        }
        if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
            return Err(format!("\"{text}\" goes on after the host; the instance lives at the root of its host"));
        }
        Ok(Self(url))
    }

    pub fn url(&self) -> &Url {
        &self.0
    }

    /// Scheme, host and port without a final slash.
    pub fn origin(&self) -> String {
        self.0.origin().ascii_serialization()
    }

    pub fn is_https(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Whether only this machine can reach it.
    pub fn is_loopback(&self) -> bool {
        match self.0.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => IpAddr::V4(ip).is_loopback(),
            Some(Host::Ipv6(ip)) => IpAddr::V6(ip).is_loopback(),
            None => false,
        }
    }
}

/// How much of the disk stays free; uploads are refused below it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiskReserve {
    /// The larger of 2 GiB and 5 % of the disk.
    Auto,
    /// So many bytes.
    Bytes(u64),
}

impl DiskReserve {
    /// Parses `auto` or a number of MiB.
    ///
    /// # Errors
    /// Words on what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        mib(text).map(Self::Bytes)
    }
}

/// A number of MiB in bytes.
pub fn mib(text: &str) -> Result<u64, String> {
    let number: u64 = text.parse().map_err(|_| format!("\"{text}\" is not a whole number of MiB"))?;
    number.checked_mul(1 << 20).ok_or_else(|| format!("{number} MiB are more than can be counted"))
}

/// Slowest limit of uploads, bytes per second: below it TikTok would see connections that seem dead.
const UPLOAD_RATE_MIN: u64 = 100_000;
/// Fastest limit of uploads, bytes per second: faster is as good as none.
const UPLOAD_RATE_MAX: u64 = 10_000_000_000;

/// `none`, or how fast files may leave for TikTok, such as `20MB/s`, in bytes per second.
pub fn upload_rate(text: &str) -> Result<Option<u64>, String> {
    if text == "none" {
        return Ok(None);
    }
    let units = [("kB/s", 1_000_u64), ("MB/s", 1_000_000), ("GB/s", 1_000_000_000)];
    let found = units.iter().find_map(|(unit, size)| text.strip_suffix(unit).map(|number| (number.trim_end(), size)));
    let (number, unit) = found.ok_or_else(|| format!("\"{text}\" does not end in kB/s, MB/s or GB/s"))?;
    let number: u64 = number.parse().map_err(|_| format!("\"{number}\" is not a whole number"))?;
    let rate = number.checked_mul(*unit).filter(|rate| (UPLOAD_RATE_MIN..=UPLOAD_RATE_MAX).contains(rate));
    rate.map(Some).ok_or_else(|| format!("\"{text}\" is less than 100kB/s or more than 10GB/s"))
}

/// Endings of host names such as `.tiktokcdn.com,.tiktokcdn-eu.com`, in lower case.
pub fn host_endings(text: &str) -> Result<Vec<String>, String> {
    text.split(',').map(|part| host_ending(part.trim())).collect()
}

/// A dot before the name keeps look-alikes out, a dot in it keeps whole top-level domains out.
fn host_ending(text: &str) -> Result<String, String> {
    let name = text.strip_prefix('.').ok_or_else(|| format!("\"{text}\" does not begin with a dot"))?;
    let labels: Vec<&str> = name.split('.').collect();
    let is_label = |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    if labels.len() < 2 || !labels.iter().all(is_label) {
        return Err(format!("\"{text}\" is not the ending of a host's name"));
    }
    Ok(text.to_ascii_lowercase())
}

/// Somebody who helps to run the instance, as the policy names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Processor {
    pub name: String,
    pub purpose: String,
    pub country: String,
}

/// `name | purpose | country`, several with a semicolon between them.
pub fn processors(text: &str) -> Result<Vec<Processor>, String> {
    text.split(';').map(str::trim).filter(|one| !one.is_empty()).map(processor).collect()
}

fn processor(text: &str) -> Result<Processor, String> {
    let parts: Vec<&str> = text.split('|').map(str::trim).collect();
    match parts.as_slice() {
        [name, purpose, country] if parts.iter().all(|part| !part.is_empty()) => {
            Ok(Processor { name: (*name).to_owned(), purpose: (*purpose).to_owned(), country: (*country).to_owned() })
        }
        _ => Err(format!("\"{text}\" is not a name, a purpose and a country with | between them")),
    }
}

/// `true` or `false`.
pub fn switch(text: &str) -> Result<bool, String> {
    match text {
        "true" => Ok(true),
        "false" => Ok(false),
        other => Err(format!("\"{other}\" is neither true nor false")),
    }
}

/// Finds a program: `auto` looks for `name` in PATH, `none` uses none, anything else is its path.
pub fn program(name: &'static str) -> impl Fn(&str) -> Result<Option<PathBuf>, String> {
    move |text| match text {
        "none" => Ok(None),
        "auto" => Ok(in_path(name)),
        path if Path::new(path).is_file() => Ok(Some(PathBuf::from(path))),
        path => Err(format!("there is no file {path}")),
    }
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|candidate| candidate.is_file())
}

/// Whether a client key belongs to a simulator and not to an app at TikTok.
pub fn is_simulator_key(key: &str) -> bool {
    key.contains("_sim_") || key.starts_with("sim")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_is_scheme_and_host_only() {
        assert_eq!(PublicUrl::parse("https://moloko.video").unwrap().origin(), "https://moloko.video");
        assert_eq!(PublicUrl::parse("http://127.0.0.1:8080/").unwrap().origin(), "http://127.0.0.1:8080");
        for wrong in ["moloko.video", "ftp://x", "https://x/app", "https://x/?a=1", "https://u:p@x", "https://x/#f"] {
            assert!(PublicUrl::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_upload_rate_is_a_whole_number_with_its_unit() {
        assert_eq!(upload_rate("none"), Ok(None));
        for (text, rate) in [("20MB/s", 20_000_000), ("100 kB/s", 100_000), ("10GB/s", 10_000_000_000)] {
            assert_eq!(upload_rate(text), Ok(Some(rate)), "{text}");
        }
        for wrong in ["", "20", "20MB", "20Mbit/s", "1.5MB/s", "-1MB/s", "99kB/s", "11GB/s", "99999999999999GB/s"] {
            assert!(upload_rate(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_ending_of_host_names_lets_no_look_alike_in() {
        assert_eq!(host_endings(".tiktokcdn.com, .CDN.example").unwrap(), [".tiktokcdn.com", ".cdn.example"]);
        for wrong in [
            "",
            "tiktokcdn.com",
            ".com",
            ".",
            "..com",
            ".tiktokcdn.com,",
            ".a b.com",
            ".cdn.example/x",
            "*.cdn.example",
        ] {
            assert!(host_endings(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn pp_4_2_a_processor_is_a_name_a_purpose_and_a_country() {
        let read = processors("Example Hosting | servers | DE; Example Backup | backups | Finland;").unwrap();
        let names: Vec<_> = read.iter().map(|it| (it.name.as_str(), it.country.as_str())).collect();
        assert_eq!(names, [("Example Hosting", "DE"), ("Example Backup", "Finland")]);
        for wrong in ["Example Hosting", "a | b", "a | | DE", "a | b | c | d"] {
            assert!(processors(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn loopback_is_recognised_by_name_and_number() {
        for (address, loopback) in [
            ("http://localhost:1", true),
            ("http://127.0.0.1", true),
            ("http://[::1]:5", true),
            ("http://moloko.video", false),
        ] {
            assert_eq!(PublicUrl::parse(address).unwrap().is_loopback(), loopback, "{address}");
        }
    }
}
