//! A database's address in the words of PostgreSQL's own programs. The service reads addresses with another library, which has names of its own for some
//! parts. Owns the table of both; the password never becomes an argument, where other users of the machine would see it.

use url::form_urlencoded;

use super::{BackupError, Result};

/// What becomes of a parameter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// It is called so.
    Named(&'static str),
    /// It goes into the environment.
    Password,
    /// It is added to those that are there.
    Options,
    /// It concerns the service's connections only.
    Ours,
}

/// The parameters of an address, by what the service calls them.
const PARTS: [(&str, Part); 22] = [
    ("host", Part::Named("host")),
    // The service takes it for a host, too.
    ("hostaddr", Part::Named("host")),
    ("port", Part::Named("port")),
    ("user", Part::Named("user")),
    ("dbname", Part::Named("dbname")),
    ("password", Part::Password),
    ("sslmode", Part::Named("sslmode")),
    ("ssl-mode", Part::Named("sslmode")),
    ("sslrootcert", Part::Named("sslrootcert")),
    ("ssl-root-cert", Part::Named("sslrootcert")),
    ("ssl-ca", Part::Named("sslrootcert")),
    ("sslcert", Part::Named("sslcert")),
    ("ssl-cert", Part::Named("sslcert")),
    ("sslkey", Part::Named("sslkey")),
    ("ssl-key", Part::Named("sslkey")),
    ("application_name", Part::Named("application_name")),
    ("options", Part::Options),
    ("statement-cache-capacity", Part::Ours),
    // These the service does not know, and passes over.
    ("connect_timeout", Part::Named("connect_timeout")),
    ("target_session_attrs", Part::Named("target_session_attrs")),
    ("channel_binding", Part::Named("channel_binding")),
    ("gssencmode", Part::Named("gssencmode")),
];

/// An address as these programs take it.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Address {
    /// `name='value'` pairs in one text, for the command line.
    pub words: String,
    /// For the environment.
    pub password: Option<String>,
}

/// Translates an address; where a part is named twice the last one counts, as it does for the service.
pub(super) fn address(url: &url::Url) -> Result<Address> {
    let mut words: Vec<(&str, String)> = Vec::new();
    let mut put = |name: &'static str, value: String| {
        words.retain(|(known, _)| *known != name);
        words.push((name, value));
    };
    if let Some(host) = url.host_str().filter(|host| !host.is_empty()) {
        put("host", decoded(host).trim_start_matches('[').trim_end_matches(']').to_owned());
    }
    if let Some(port) = url.port() {
        put("port", port.to_string());
    }
    if !url.username().is_empty() {
        put("user", decoded(url.username()));
    }
    let database = decoded(url.path().trim_start_matches('/'));
    if !database.is_empty() {
        put("dbname", database);
    }
    let mut password = url.password().map(decoded);
    let mut options = Vec::new();
    for (key, value) in url.query_pairs() {
        let value = value.into_owned();
        if let Some(setting) = key.strip_prefix("options[").and_then(|rest| rest.strip_suffix(']')) {
            options.push(format!("-c {setting}={value}"));
            continue;
        }
        match PARTS.iter().find(|(name, _)| *name == key).map(|(_, part)| *part) {
            Some(Part::Named("sslmode")) => put("sslmode", value.to_ascii_lowercase()),
            Some(Part::Named(name)) => put(name, value),
            Some(Part::Password) => password = Some(value),
            Some(Part::Options) => options.push(value),
            Some(Part::Ours) => {}
            None => {
                return Err(BackupError::Refused(format!(
                    "the database's address has the parameter {key}, of which it is not known what pg_dump and psql call it; leave it away or use another one"
                )));
            }
        }
    }
    if !options.is_empty() {
        put("options", options.join(" "));
    }
    let quoted = |value: &str| value.replace('\\', "\\\\").replace('\'', "\\'");
    let words: Vec<String> = words.iter().map(|(name, value)| format!("{name}='{}'", quoted(value))).collect();
    Ok(Address { words: words.join(" "), password })
}

/// A part of an address is percent-encoded; as a value of a form it is decoded by the same rules, but for the plus sign.
fn decoded(text: &str) -> String {
    let form = format!("p={}", text.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(form.as_bytes()).map(|(_, value)| value.into_owned()).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> String {
        address(&url::Url::parse(text).unwrap()).unwrap().words
    }

    #[test]
    fn every_part_that_the_service_knows_is_said_in_the_words_of_libpq() {
        for (parameter, said) in [
            ("", ""),
            ("ssl-mode=VERIFY-FULL", " sslmode='verify-full'"),
            ("sslmode=require", " sslmode='require'"),
            ("sslmode=disable&ssl-mode=require", " sslmode='require'"),
            ("ssl-root-cert=/a/ca.pem", " sslrootcert='/a/ca.pem'"),
            ("ssl-ca=/a/ca.pem", " sslrootcert='/a/ca.pem'"),
            ("sslrootcert=/a/ca.pem", " sslrootcert='/a/ca.pem'"),
            ("ssl-cert=/a/c.pem&ssl-key=/a/k.pem", " sslcert='/a/c.pem' sslkey='/a/k.pem'"),
            ("sslcert=/a/c.pem&sslkey=/a/k.pem", " sslcert='/a/c.pem' sslkey='/a/k.pem'"),
            ("statement-cache-capacity=50", ""),
            ("application_name=mine", " application_name='mine'"),
            ("options=-c%20a%3D1&options[search_path]=mine", " options='-c a=1 -c search_path=mine'"),
            ("connect_timeout=5&target_session_attrs=any", " connect_timeout='5' target_session_attrs='any'"),
            ("channel_binding=prefer&gssencmode=disable", " channel_binding='prefer' gssencmode='disable'"),
            ("application_name=it's%20a%5Cb", " application_name='it\\'s a\\\\b'"),
        ] {
            assert_eq!(
                words(&format!("postgres://me@db/x?{parameter}")),
                format!("host='db' user='me' dbname='x'{said}")
            );
        }
    }

    #[test]
    fn where_it_is_may_be_said_in_the_address_or_in_its_parameters() {
        for (address, said) in [
            ("postgres://me@db:5433/x", "host='db' port='5433' user='me' dbname='x'"),
            ("postgres://me@[::1]:5433/x", "host='::1' port='5433' user='me' dbname='x'"),
            ("postgres://m%40e@%2Frun%2Fpg/x%20y", "host='/run/pg' user='m@e' dbname='x y'"),
            ("postgres:///x?host=/run/pg&port=5433&user=me", "dbname='x' host='/run/pg' port='5433' user='me'"),
            ("postgres://me@db/x?dbname=y&hostaddr=10.0.0.1", "user='me' dbname='y' host='10.0.0.1'"),
        ] {
            assert_eq!(words(address), said);
        }
    }

    #[test]
    fn a_password_is_for_the_environment_and_an_unknown_part_is_refused_by_its_name() {
        for (text, password) in
            [("postgres://me:p%25+w@db/x", "p%+w"), ("postgres://me@db/x?password=a%2Bb%20c", "a+b c")]
        {
            let address = address(&url::Url::parse(text).unwrap()).unwrap();
            assert_eq!(address.password.as_deref(), Some(password));
            assert!(!address.words.contains("pass") && !address.words.contains(password), "{}", address.words);
        }
        let refused = address(&url::Url::parse("postgres://me@db/x?sslpasswort=s").unwrap()).err().unwrap().to_string();
        assert!(refused.contains("parameter sslpasswort") && !refused.contains("=s"), "{refused}");
    }
}
