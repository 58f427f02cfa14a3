//! What the legal pages say about the operator, against what the settings show: somebody who answers, and named processors.

use super::Finding;
use crate::config::{Config, Database, Storage};
use secrecy::ExposeSecret;
use std::net::IpAddr;
use url::Url;

pub fn look(config: &Config) -> Vec<Finding> {
    vec![responsible(config), processors(config)]
}

fn responsible(config: &Config) -> Finding {
    match &config.contact {
        Some(contact) => Finding::ok("policy", format!("names {} and {contact}", config.operator)),
        None => Finding::warn(
            "policy",
            "says openly that there is no contact address",
            "people could not ask about their data; in production this is refused",
            "Set MOLOKO_CONTACT.",
        ),
    }
}

/// A host elsewhere in the settings is somebody who could come into contact with data.
fn processors(config: &Config) -> Finding {
    let database = match &config.database {
        Database::Embedded => None,
        Database::Postgres(url) => remote_host(url.expose_secret()).map(|host| format!("the database is on {host}")),
    };
    let storage = match &config.storage {
        Storage::Disk => None,
        Storage::Bucket(it) => remote_host(it.endpoint.as_str()).map(|host| format!("media files are on {host}")),
    };
    let elsewhere = database.or(storage);
    match (elsewhere, config.processors.len()) {
        (Some(what), 0) => Finding::warn(
            "processors",
            format!("{what}, and the policy says that nobody else is involved"),
            "people must be told who could come into contact with their data",
            "Name who runs that host in MOLOKO_PROCESSORS, or tell yourself that it is you.",
        ),
        (_, 0) => Finding::ok("processors", "the policy says that nobody else is involved"),
        (_, n) => Finding::ok("processors", format!("the policy names {n}")),
    }
}

fn remote_host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    // Addresses of databases are of no scheme the web knows, so an IP address in one is only text.
    let host = url.host_str()?.trim_matches(['[', ']']);
    let here = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    (!here).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::Verdict;
    use crate::config::Source;

    fn looked(more: &[(&'static str, &'static str)]) -> Vec<Verdict> {
        let mut values = vec![
            ("MOLOKO_MODE", "development"),
            ("MOLOKO_PUBLIC_URL", "https://moloko.example"),
            ("MOLOKO_TIKTOK_CLIENT_KEY", "awexample0123456"),
            ("MOLOKO_TIKTOK_CLIENT_SECRET", "secret"),
            ("MOLOKO_CONTACT", "privacy@moloko.example"),
        ];
        values.extend_from_slice(more);
        look(&Config::read(&Source::from_values(&values)).unwrap()).into_iter().map(|it| it.verdict).collect()
    }

    #[test]
    fn pp_4_2_a_database_elsewhere_wants_a_processor_in_the_policy() {
        let elsewhere = ("MOLOKO_DATABASE_URL", "postgres://u:p@db.example/moloko");
        let named = ("MOLOKO_PROCESSORS", "Example Hosting | database | DE");
        assert_eq!(looked(&[]), [Verdict::Ok, Verdict::Ok]);
        assert_eq!(looked(&[elsewhere]), [Verdict::Ok, Verdict::Warn]);
        assert_eq!(looked(&[elsewhere, named]), [Verdict::Ok, Verdict::Ok]);
        assert_eq!(looked(&[("MOLOKO_DATABASE_URL", "postgres://u:p@127.0.0.1/moloko")]), [Verdict::Ok, Verdict::Ok]);
    }
}
