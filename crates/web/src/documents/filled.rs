//! A text filled with the facts of this instance, as words: what pages draw, programs read, and a hash vouches for.

use domain::privacy::documents::Version;

use super::facts::{LegalFacts, retention_rows};
use super::source::{Inline, Raw};
use super::{names_numbers, text};
use crate::locale::Locale;

/// A whole document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filled {
    /// Its name.
    pub title: String,
    /// One sentence on what it is.
    pub lead: String,
    /// What follows.
    pub chapters: Vec<FilledChapter>,
}

/// Clauses under one heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledChapter {
    /// The heading.
    pub heading: String,
    /// Its clauses.
    pub clauses: Vec<FilledClause>,
}

/// One promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilledClause {
    /// Its stable id.
    pub id: String,
    /// A heading of its own.
    pub title: Option<String>,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A part of a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Block {
    /// Sentences.
    Paragraph(Vec<Inline>),
    /// A list.
    Bullets(Vec<Vec<Inline>>),
    /// A table of three columns.
    Table {
        /// Heads of the columns.
        head: [String; 3],
        /// Rows; the first cell names the row.
        rows: Vec<[String; 3]>,
    },
    /// What somebody is, and how they are called or reached.
    Contacts(Vec<(String, String)>),
    /// The e-mail address alone.
    Address(String),
}

/// The text of a version with the facts of an instance.
#[must_use]
pub fn fill(version: &Version, l: Locale, facts: &LegalFacts) -> Filled {
    let text = text(version, l);
    let block = |raw: &Raw| match raw {
        Raw::Paragraph(line) => Block::Paragraph(filled(l, facts, line)),
        Raw::Bullets(lines) => Block::Bullets(lines.iter().map(|line| filled(l, facts, line)).collect()),
        Raw::Address => Block::Address(facts.contact.clone().unwrap_or_else(|| t!(l, "legal-contact-missing"))),
        Raw::Contact => Block::Contacts(facts.contacts(l)),
        Raw::Processors if facts.processors.is_empty() => {
            Block::Paragraph(vec![Inline::Words(t!(l, "legal-no-processors"))])
        }
        Raw::Processors => Block::Table {
            head: [t!(l, "legal-processor-who"), t!(l, "legal-processor-what"), t!(l, "legal-processor-where")],
            rows: facts.processor_rows(l),
        },
        Raw::Retention => Block::Table {
            head: [t!(l, "retention-what"), t!(l, "retention-active"), t!(l, "retention-after")],
            rows: retention_rows(l, names_numbers(version, l)),
        },
    };
    Filled {
        title: text.title.clone(),
        lead: text.lead.clone(),
        chapters: text
            .chapters
            .iter()
            .map(|chapter| FilledChapter {
                heading: chapter.heading.clone(),
                clauses: chapter
                    .clauses
                    .iter()
                    .map(|clause| FilledClause {
                        id: clause.id.clone(),
                        title: clause.title.clone(),
                        blocks: clause.blocks.iter().map(block).collect(),
                    })
                    .collect(),
            })
            .collect(),
    }
}

fn filled(l: Locale, facts: &LegalFacts, line: &[Inline]) -> Vec<Inline> {
    line.iter()
        .map(|piece| match piece {
            Inline::Words(words) => Inline::Words(facts.fill(l, words)),
            Inline::Code(_) | Inline::Link { .. } => piece.clone(),
        })
        .collect()
}

fn plain(line: &[Inline]) -> String {
    line.iter()
        .map(|piece| match piece {
            Inline::Words(words) | Inline::Code(words) | Inline::Link { words, .. } => words.as_str(),
        })
        .collect()
}

impl Block {
    fn lines(&self) -> Vec<String> {
        match self {
            Self::Paragraph(line) => vec![plain(line)],
            Self::Bullets(lines) => lines.iter().map(|line| plain(line)).collect(),
            Self::Table { head, rows } => std::iter::once(head).chain(rows).map(|row| row.join(" | ")).collect(),
            Self::Contacts(rows) => rows.iter().map(|(what, who)| format!("{what}: {who}")).collect(),
            Self::Address(address) => vec![address.clone()],
        }
    }
}

impl FilledClause {
    /// What it says as plain lines, with its own heading.
    #[must_use]
    pub fn plain(&self) -> String {
        let lines = self.title.iter().cloned().chain(self.blocks.iter().flat_map(Block::lines));
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl Filled {
    /// All clauses in order.
    pub fn clauses(&self) -> impl Iterator<Item = &FilledClause> {
        self.chapters.iter().flat_map(|chapter| &chapter.clauses)
    }

    /// The whole text as plain lines: what [`Filled::sha256`] is about.
    #[must_use]
    pub fn plain(&self) -> String {
        let mut lines = vec![self.title.clone(), self.lead.clone()];
        for chapter in &self.chapters {
            lines.push(String::new());
            lines.push(chapter.heading.clone());
            lines.extend(chapter.clauses.iter().map(|clause| format!("[{}] {}", clause.id, clause.plain())));
        }
        lines.join("\n")
    }

    /// SHA-256 of [`Filled::plain`] in UTF-8, lower-case hex.
    #[must_use]
    pub fn sha256(&self) -> String {
        let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.plain().as_bytes());
        hash.as_ref().iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use domain::privacy::documents::{Document, VERSIONS};

    use super::*;

    /// What was published, with the day of it. A line is added, never changed.
    const PUBLISHED: &str = include_str!("../../locales/published.txt");

    #[test]
    fn pp_9_2_a_changed_text_needs_a_new_version_with_its_own_date() {
        let mut now = String::from("# document version date language sha256-with-the-sample-facts\n");
        for version in &VERSIONS {
            for l in Locale::ALL {
                let hash = fill(version, l, &LegalFacts::sample()).sha256();
                let (document, id, day) = (version.document.as_str(), version.id, version.effective);
                now.push_str(&format!("{document} {id} {day} {} {hash}\n", l.tag()));
            }
        }
        assert_eq!(
            now, PUBLISHED,
            "a legal text or a fact in it changed. If its version was released, restore the words (write the old number into the old \
             version) and add a new version with its own date to domain::privacy::documents; then put the new lines above into \
             crates/web/locales/published.txt"
        );
    }

    #[test]
    fn every_fact_in_every_text_is_known() {
        for version in &VERSIONS {
            for l in Locale::ALL {
                let text = fill(version, l, &LegalFacts::sample()).plain();
                assert!(!text.contains(['{', '}', '`']), "{} {}: {text}", version.path(), l.tag());
            }
        }
    }

    fn newest(l: Locale, facts: &LegalFacts) -> String {
        Document::Privacy.versions().next_back().map(|it| fill(it, l, facts).plain()).unwrap_or_default()
    }

    #[test]
    fn pp_4_2_each_processor_is_named_with_purpose_and_country() {
        let facts = LegalFacts::sample();
        assert!(newest(Locale::En, &facts).contains("Example Hosting | servers and backups | Germany"));
        assert!(newest(Locale::Ru, &facts).contains("Example Hosting | servers and backups | Германия"));
        let nobody = LegalFacts { processors: Vec::new(), ..facts };
        assert!(newest(Locale::En, &nobody).contains("Nobody: the operator runs the server alone."));
    }

    #[test]
    fn pp_5_0_the_policy_names_the_declared_place() {
        let facts = |region: &str| LegalFacts { region: region.to_owned(), ..LegalFacts::sample() };
        assert!(newest(Locale::En, &facts("de")).contains("servers in Germany"));
        assert!(newest(Locale::Ru, &facts("DE")).contains("На серверах в Германии"));
        assert!(newest(Locale::En, &facts("Finland")).contains("servers in Finland"));
    }

    #[test]
    fn pp_10_1_both_documents_say_who_is_responsible_and_how_to_reach_them() {
        let bare = LegalFacts {
            operator_address: None,
            contact: None,
            officer: None,
            authority: None,
            ..LegalFacts::sample()
        };
        for document in Document::ALL {
            let Some(version) = document.versions().next_back() else { continue };
            let full = fill(version, Locale::En, &LegalFacts::sample()).plain();
            for said in [
                "Responsible: Example Media",
                "Post: Beispielweg 1, 10115 Berlin",
                "E-mail: privacy@example.org",
                "officer@example.org",
                "BlnBDI, Berlin",
            ] {
                assert!(full.contains(said), "{said} in {}", document.as_str());
            }
            assert!(fill(version, Locale::En, &bare).plain().contains("has not set a contact"), "said openly");
        }
    }

    #[test]
    fn pp_6_5_days_come_from_the_facts() {
        let facts = LegalFacts { retention_days: 21, ..LegalFacts::sample() };
        assert!(newest(Locale::En, &facts).contains("deleted within 21 days"));
        assert!(newest(Locale::Ru, &facts).contains("в течение 21 дня"));
    }
}
