//! The facts in the texts: what the operator declares and what the program acts on. Owns their words in each language; decides none.

use app::sessions::{ABSOLUTE_MS, IDLE_MS};
use domain::privacy::clauses::{
    BACKUP_DAYS, EXPORT_DAYS, GRACE_DAYS, INACTIVE_FIRST_DAYS, INACTIVE_LAST_DAYS, INACTIVE_MONTHS, METRICS_MONTHS,
    REQUEST_LOG_DAYS, REQUEST_LOG_IP_DAYS, TICKET_DAYS,
};
use domain::privacy::retention::{Class, ErasePath, Retention};

use crate::locale::Locale;

/// Somebody who helps to run the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Processor {
    /// Who.
    pub name: String,
    /// What for.
    pub purpose: String,
    /// Where: a code such as `DE`, or a name.
    pub country: String,
}

/// What the texts say about this instance; all of it comes from configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegalFacts {
    /// Who runs this server: a person or a company.
    pub operator: String,
    /// Their postal address.
    pub operator_address: Option<String>,
    /// An e-mail address for questions; `None` is said openly, and refused in production.
    pub contact: Option<String>,
    /// A data protection officer or representative, and how to reach them.
    pub officer: Option<String>,
    /// The authority at which people may complain.
    pub authority: Option<String>,
    /// Who else could come into contact with data.
    pub processors: Vec<Processor>,
    /// Where the data is: `DE` or a name to print as it is.
    pub region: String,
    /// Days until everything is deleted after an account leaves.
    pub retention_days: u32,
    /// Months after which an account that nobody uses is erased.
    pub inactive_months: u32,
}

impl LegalFacts {
    /// An example for tests.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            operator: "Example Media".to_owned(),
            operator_address: Some("Beispielweg 1, 10115 Berlin".to_owned()),
            contact: Some("privacy@example.org".to_owned()),
            officer: Some("Jo Example, officer@example.org".to_owned()),
            authority: Some("BlnBDI, Berlin".to_owned()),
            processors: vec![Processor {
                name: "Example Hosting".to_owned(),
                purpose: "servers and backups".to_owned(),
                country: "DE".to_owned(),
            }],
            region: "DE".to_owned(),
            retention_days: 30,
            inactive_months: INACTIVE_MONTHS,
        }
    }

    /// The place of the servers, as it stands after "in".
    pub(super) fn region_words(&self, l: Locale) -> String {
        if is_germany(&self.region) { t!(l, "region-de") } else { self.region.clone() }
    }

    /// A sentence with its `{facts}` filled in. An unknown one stays as it is, which a test forbids.
    pub(super) fn fill(&self, l: Locale, words: &str) -> String {
        let mut said = String::new();
        let mut rest = words;
        while let Some((before, after)) = rest.split_once('{') {
            said.push_str(before);
            match after.split_once('}') {
                Some((name, after)) => {
                    said.push_str(&self.fact(l, name).unwrap_or_else(|| format!("{{{name}}}")));
                    rest = after;
                }
                None => {
                    said.push('{');
                    rest = after;
                }
            }
        }
        said.push_str(rest);
        said
    }

    fn fact(&self, l: Locale, name: &str) -> Option<String> {
        Some(match name {
            "operator" => self.operator.clone(),
            "region" => self.region_words(l),
            "authority" => self.authority.as_ref().map(|name| format!(": {name}")).unwrap_or_default(),
            "erasure-days" => days(l, i64::from(self.retention_days)),
            "grace-days" => days(l, GRACE_DAYS),
            "backup-days" => days(l, BACKUP_DAYS),
            "inactive-months" => t!(l, "span-months", n = self.inactive_months),
            "metrics-months" => t!(l, "span-months", n = METRICS_MONTHS),
            "inactive-first-days" => days(l, INACTIVE_FIRST_DAYS),
            "inactive-last-days" => days(l, INACTIVE_LAST_DAYS),
            "export-days" => days(l, EXPORT_DAYS),
            "ticket-days" => days(l, TICKET_DAYS),
            "request-ip-days" => days(l, i64::from(REQUEST_LOG_IP_DAYS)),
            "request-log-days" => days(l, i64::from(REQUEST_LOG_DAYS)),
            _ => return None,
        })
    }

    /// Rows of the list of processors: name, purpose, country.
    pub(super) fn processor_rows(&self, l: Locale) -> Vec<[String; 3]> {
        self.processors
            .iter()
            .map(|it| {
                let country = if is_germany(&it.country) { t!(l, "country-de") } else { it.country.clone() };
                [it.name.clone(), it.purpose.clone(), country]
            })
            .collect()
    }

    /// Who can be asked: what they are, and how to reach them.
    pub(crate) fn contacts(&self, l: Locale) -> Vec<(String, String)> {
        let contact = self.contact.clone().unwrap_or_else(|| t!(l, "legal-contact-missing"));
        let mut rows = vec![(t!(l, "legal-controller"), self.operator.clone())];
        rows.extend(self.operator_address.clone().map(|it| (t!(l, "legal-postal"), it)));
        rows.push((t!(l, "legal-email"), contact));
        rows.extend(self.officer.clone().map(|it| (t!(l, "legal-officer"), it)));
        rows.extend(self.authority.clone().map(|it| (t!(l, "legal-authority"), it)));
        rows
    }
}

fn is_germany(place: &str) -> bool {
    place.eq_ignore_ascii_case("DE") || place.eq_ignore_ascii_case("Germany")
}

fn days(l: Locale, n: i64) -> String {
    t!(l, "span-days", n = n)
}

const DAY_MS: i64 = 86_400_000;

/// Classes that hold something of people, in the order of the table, with the key of their words.
pub(super) const CLASSES: [(Class, &str); 17] = [
    (Class::Person, "data-class-person"),
    (Class::ConnectionProfile, "data-class-profile"),
    (Class::Tokens, "data-class-tokens"),
    (Class::Keys, "data-class-keys"),
    (Class::Media, "data-class-media"),
    (Class::Posts, "data-class-posts"),
    (Class::Consents, "data-class-consents"),
    (Class::Attempts, "data-class-attempts"),
    (Class::Metrics, "data-class-metrics"),
    (Class::Sessions, "data-class-sessions"),
    (Class::Support, "data-class-support"),
    (Class::Notices, "data-class-notices"),
    (Class::Audit, "data-class-audit"),
    (Class::Ticket, "data-class-ticket"),
    (Class::Erasure, "data-class-erasure"),
    (Class::Hold, "data-class-hold"),
    (Class::Exports, "data-class-exports"),
];

/// Rows of the table of retention: kind of data, while the account is active, after leaving. From the facts that the sweeper obeys.
/// Texts of before there were `numbers` of TikTok have no row for them.
pub(super) fn retention_rows(l: Locale, numbers: bool) -> Vec<[String; 3]> {
    let mut rows: Vec<[String; 3]> = CLASSES
        .iter()
        .filter(|(class, _)| numbers || *class != Class::Metrics)
        .map(|(class, key)| {
            let kind = l.message(key, []).unwrap_or_default();
            let Retention { active_days, after_erasure_days } = class.retention();
            let active = match (class, active_days) {
                (Class::Sessions, _) => {
                    t!(l, "retention-sessions", idle = IDLE_MS / DAY_MS, most = ABSOLUTE_MS / DAY_MS)
                }
                (Class::Metrics, _) => t!(l, "retention-metrics", n = METRICS_MONTHS),
                (_, Some(n)) => days(l, n),
                (_, None) => t!(l, "retention-life"),
            };
            [kind, active, after_leaving(l, *class, after_erasure_days)]
        })
        .collect();
    rows.push([t!(l, "data-class-requests"), days(l, i64::from(REQUEST_LOG_DAYS)), t!(l, "retention-by-age")]);
    rows.push([t!(l, "data-class-backups"), days(l, BACKUP_DAYS), t!(l, "retention-by-age")]);
    rows
}

fn after_leaving(l: Locale, class: Class, n: i64) -> String {
    match (class.erase(), n) {
        (ErasePath::Pseudonymise, n) => t!(l, "retention-pseudonymised", n = n),
        (ErasePath::DeleteRow | ErasePath::DestroyKey | ErasePath::UnlinkFiles | ErasePath::NotPersonal, 0) => {
            t!(l, "retention-at-once")
        }
        (ErasePath::DeleteRow | ErasePath::DestroyKey | ErasePath::UnlinkFiles | ErasePath::NotPersonal, n) => {
            t!(l, "retention-within", n = n)
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::privacy::retention::DATA_MAP;

    use super::*;

    #[test]
    fn pp_6_1_every_class_of_personal_data_has_a_row_and_words() {
        // The policy is about people who use the service, not about who runs it.
        for data in DATA_MAP.iter().filter(|data| ![Class::Instance, Class::Operators].contains(&data.class)) {
            assert!(CLASSES.iter().any(|(class, _)| *class == data.class), "{:?} has no row", data.class);
        }
        for l in Locale::ALL {
            for row in retention_rows(l, true) {
                assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
            }
        }
    }

    #[test]
    fn pp_6_1_the_table_says_what_the_sweeper_obeys() {
        let rows = retention_rows(Locale::En, true);
        let row = |kind: &str| rows.iter().find(|row| row[0].starts_with(kind)).cloned().unwrap_or_default();
        assert_eq!(row("TikTok's tokens")[2], "at once");
        assert_eq!(row("Your sign-in")[1], "30 days without use, 90 days at most");
        assert_eq!(row("How your posts were published")[1], format!("{} days", 396));
    }

    #[test]
    fn russian_days_agree_with_their_number() {
        let said =
            |n| LegalFacts { retention_days: n, ..LegalFacts::sample() }.fill(Locale::Ru, "в течение {erasure-days}.");
        assert_eq!((said(30).as_str(), said(21).as_str()), ("в течение 30 дней.", "в течение 21 дня."));
    }

    #[test]
    fn a_brace_that_is_no_fact_stays() {
        assert_eq!(LegalFacts::sample().fill(Locale::En, "a {nonsense} {b"), "a {nonsense} {b");
    }
}
