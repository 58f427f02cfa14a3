//! Privacy policy and terms as versioned documents: which versions there are, from when each applies, and what a person's answers
//! to them permit. Must not hold their texts, which are in the languages of the pages, nor read a clock.

use jiff::Timestamp;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;

use crate::time::UnixMillis;

/// A document that people agree to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Document {
    /// What is known about people, why, for how long.
    Privacy,
    /// What both sides promise.
    Terms,
}

impl Document {
    /// Every document.
    pub const ALL: [Self; 2] = [Self::Privacy, Self::Terms];

    /// The word in addresses and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Privacy => "privacy",
            Self::Terms => "terms",
        }
    }

    /// Reads that word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|document| document.as_str() == text)
    }

    /// Every version, oldest first.
    pub fn versions(self) -> impl DoubleEndedIterator<Item = &'static Version> {
        VERSIONS.iter().filter(move |version| version.document == self)
    }

    /// The version with this id.
    #[must_use]
    pub fn version(self, id: &str) -> Option<&'static Version> {
        self.versions().find(|version| version.id == id)
    }

    /// The version that applies on a day: the latest whose day has come, or the first one.
    #[must_use]
    pub fn in_force(self, today: Date) -> &'static Version {
        self.versions().rfind(|version| version.effective <= today).unwrap_or_else(|| self.first())
    }

    /// The next version whose day is still to come.
    #[must_use]
    pub fn announced(self, today: Date) -> Option<&'static Version> {
        self.coming(today).next()
    }

    /// Every version whose day is still to come, oldest first.
    pub fn coming(self, today: Date) -> impl Iterator<Item = &'static Version> {
        let applies = self.in_force(today);
        self.versions().filter(move |version| version.effective > today && *version != applies)
    }

    /// The version that was published last.
    #[must_use]
    pub fn newest(self) -> &'static Version {
        self.versions().next_back().unwrap_or_else(|| self.first())
    }

    /// The latest version that people have to answer, whether its day has come or not.
    #[must_use]
    pub fn latest_material(self) -> Option<&'static Version> {
        self.versions().rfind(|version| version.material)
    }

    const fn first(self) -> &'static Version {
        match self {
            Self::Privacy => &PRIVACY_1_0,
            Self::Terms => &TERMS_1_0,
        }
    }
}

/// One version of a document. A version that was published never changes: neither its text nor its day.
#[derive(Debug, PartialEq, Eq)]
pub struct Version {
    /// Of which document.
    pub document: Document,
    /// For example `1.1`.
    pub id: &'static str,
    /// The day from whose beginning (UTC) it applies; shown as "last updated".
    pub effective: Date,
    /// It changes what people agreed to, so everybody is told before that day and asked.
    pub material: bool,
}

impl Version {
    /// The version before this one.
    #[must_use]
    pub fn before(&self) -> Option<&'static Self> {
        self.document.versions().take_while(|version| *version != self).last()
    }

    /// Permanent address of the text.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/{}/{}", self.document.as_str(), self.id)
    }

    fn is_or_follows(&self, other: &Self) -> bool {
        let place = |wanted: &Self| VERSIONS.iter().position(|version| version == wanted);
        self.document == other.document && place(self) >= place(other)
    }
}

const PRIVACY_1_0: Version =
    Version { document: Document::Privacy, id: "1.0", effective: date(2026, 11, 24), material: false };
const TERMS_1_0: Version =
    Version { document: Document::Terms, id: "1.0", effective: date(2026, 11, 24), material: false };

/// Every version ever published, oldest first within its document.
///
/// A new one takes effect at least [`NOTICE_DAYS`] after it is released, because until then people only know the text before.
pub static VERSIONS: [Version; 5] = [
    PRIVACY_1_0,
    // Names possible processors, where the version before said "nobody else".
    Version { document: Document::Privacy, id: "1.1", effective: date(2026, 12, 26), material: true },
    // Names the permissions that are optional and what is read with them, messages to browsers, and what a browser keeps.
    Version { document: Document::Privacy, id: "1.2", effective: date(2027, 1, 25), material: true },
    TERMS_1_0,
    // Says what happens to whoever does not agree to new terms.
    Version { document: Document::Terms, id: "1.1", effective: date(2026, 12, 26), material: true },
];

/// Least number of days between two versions of which the later one is material.
pub const NOTICE_DAYS: i32 = 30;

/// The day (UTC) of an instant.
#[must_use]
pub fn day_of(at: UnixMillis) -> Date {
    Timestamp::from_millisecond(at.millis()).map_or(Date::ZERO, |at| TimeZone::UTC.to_datetime(at).date())
}

/// What somebody who connects on that day accepts: of each document the version in force and those that are announced.
#[must_use]
pub fn accepted_by_connecting(today: Date) -> Vec<&'static Version> {
    Document::ALL.into_iter().flat_map(|it| std::iter::once(it.in_force(today)).chain(it.coming(today))).collect()
}

/// What a person said to a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// Connected an account below a sentence that names the version.
    Accepted,
    /// "I have read it": goes on under the changed text.
    Read,
    /// "I do not agree".
    Refused,
}

impl Answer {
    const ALL: [Self; 3] = [Self::Accepted, Self::Read, Self::Refused];

    /// The text in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Read => "read",
            Self::Refused => "refused",
        }
    }

    /// Reads that text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == text)
    }

    /// Whether new posts may be planned under the version.
    #[must_use]
    pub const fn permits(self) -> bool {
        match self {
            Self::Accepted | Self::Read => true,
            Self::Refused => false,
        }
    }
}

/// An answer with the version that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The document.
    pub document: Document,
    /// The version's id.
    pub version: String,
    /// What was said.
    pub answer: Answer,
}

/// How a person stands to the documents on a day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Standing {
    /// Latest material versions without an answer.
    pub unanswered: Vec<&'static Version>,
    /// Latest material versions that were refused.
    pub refused: Vec<&'static Version>,
    /// Material versions that the person neither accepted nor read, whether their day has come or not: what they have to be told of.
    pub behind: Vec<&'static Version>,
    /// Those of them that are in force, so nothing new may be planned or posted.
    pub barring: Vec<&'static Version>,
}

impl Standing {
    /// Whether new posts may be planned.
    #[must_use]
    pub const fn may_plan(&self) -> bool {
        self.barring.is_empty()
    }

    /// Judges a person's answers. An answer to a later version counts for the ones before it.
    #[must_use]
    pub fn of(given: &[Given], today: Date) -> Self {
        let about = |version: &'static Version| {
            given
                .iter()
                .filter(move |it| it.document.version(&it.version).is_some_and(|said| said.is_or_follows(version)))
                .filter(move |it| it.document == version.document)
        };
        let agreed = |version: &'static Version| about(version).any(|it| it.answer.permits());
        let mut standing = Self::default();
        for version in Document::ALL.into_iter().filter_map(Document::latest_material) {
            if agreed(version) {
                continue;
            }
            if about(version).next().is_some() {
                standing.refused.push(version);
            } else {
                standing.unanswered.push(version);
            }
        }
        standing.behind = VERSIONS.iter().filter(|version| version.material && !agreed(version)).collect();
        standing.barring = standing.behind.iter().copied().filter(|version| version.effective <= today).collect();
        standing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(document: Document, version: &str, answer: Answer) -> Given {
        Given { document, version: version.to_owned(), answer }
    }

    fn both(version: &str, answer: Answer) -> Vec<Given> {
        Document::ALL.map(|document| said(document, version, answer)).to_vec()
    }

    const BEFORE: Date = date(2026, 12, 25);
    const AFTER: Date = date(2026, 12, 26);
    /// When every version that there is applies.
    const LATER: Date = date(2027, 1, 25);

    #[test]
    fn pp_9_1_versions_stand_in_the_order_of_their_days_and_each_id_is_there_once() {
        for document in Document::ALL {
            let all: Vec<_> = document.versions().collect();
            assert_eq!(all.first().copied(), Some(document.first()));
            for pair in all.windows(2) {
                let [earlier, later] = pair else { continue };
                assert_ne!(earlier.id, later.id);
                assert!(earlier.effective < later.effective, "{} {}", document.as_str(), later.id);
                assert_eq!(later.before(), Some(*earlier));
                let days = earlier.effective.until(later.effective).unwrap_or_default().get_days();
                assert!(!later.material || days >= NOTICE_DAYS, "{} comes without notice", later.id);
            }
            assert_eq!(document.first().before(), None);
        }
    }

    #[test]
    fn pp_9_1_a_version_applies_from_the_beginning_of_its_day() {
        let privacy = Document::Privacy;
        assert_eq!(privacy.in_force(date(2020, 1, 1)).id, "1.0", "on a machine whose clock is wrong");
        assert_eq!(privacy.announced(date(2020, 1, 1)).map(|it| it.id), Some("1.1"));
        assert_eq!((privacy.in_force(BEFORE).id, privacy.in_force(AFTER).id), ("1.0", "1.1"));
        let coming = |today| privacy.coming(today).map(|it| it.id).collect::<Vec<_>>();
        assert_eq!((coming(BEFORE), coming(AFTER)), (vec!["1.1", "1.2"], vec!["1.2"]));
        assert_eq!((privacy.newest().id, privacy.announced(LATER), coming(LATER)), ("1.2", None, vec![]));
        // 2026-12-26 00:00 UTC
        assert_eq!(day_of(UnixMillis::from_seconds(1_798_243_200)), AFTER);
        assert_eq!(day_of(UnixMillis::from_millis(1_798_243_199_999)), BEFORE);
    }

    #[test]
    fn pp_9_3_whoever_connects_accepts_what_applies_and_what_is_announced() {
        let ids = |day| accepted_by_connecting(day).iter().map(|it| it.path()).collect::<Vec<_>>();
        assert_eq!(ids(BEFORE), ["/privacy/1.0", "/privacy/1.1", "/privacy/1.2", "/terms/1.0", "/terms/1.1"]);
        assert_eq!(ids(AFTER), ["/privacy/1.1", "/privacy/1.2", "/terms/1.1"]);
        assert_eq!(ids(LATER), ["/privacy/1.2", "/terms/1.1"]);
    }

    #[test]
    fn pp_9_3_silence_bars_from_the_day_on_and_not_before() {
        let early = Standing::of(&both("1.0", Answer::Accepted), BEFORE);
        assert_eq!((early.unanswered.len(), early.refused.len(), early.may_plan()), (2, 0, true));
        let late = Standing::of(&[], AFTER);
        assert_eq!((late.unanswered.len(), late.barring.len(), late.may_plan()), (2, 2, false));
        assert_eq!((late.behind.len(), Standing::of(&[], LATER).barring.len()), (3, 3));
    }

    #[test]
    fn pp_9_3_whoever_agreed_to_one_version_is_told_of_the_next_alone_and_barred_from_its_day_on() {
        let ids = |all: &[&'static Version]| all.iter().map(|it| it.path()).collect::<Vec<_>>();
        let standing = Standing::of(&both("1.1", Answer::Read), AFTER);
        assert_eq!(
            (ids(&standing.behind), ids(&standing.unanswered)),
            (vec!["/privacy/1.2".to_owned()], vec!["/privacy/1.2".to_owned()])
        );
        assert!(standing.may_plan() && !Standing::of(&both("1.1", Answer::Read), LATER).may_plan());
    }

    #[test]
    fn pp_9_3_one_document_without_an_answer_is_enough_to_bar() {
        let standing = Standing::of(&[said(Document::Privacy, "1.2", Answer::Read)], AFTER);
        assert_eq!(standing.barring, [Document::Terms.in_force(AFTER)]);
        assert_eq!(standing.unanswered, [Document::Terms.in_force(AFTER)]);
    }

    #[test]
    fn pp_9_3_a_refusal_bars_from_the_day_on_and_can_be_taken_back() {
        let latest = |answer| Document::ALL.map(|it| said(it, it.newest().id, answer)).to_vec();
        let refused = latest(Answer::Refused);
        assert!(Standing::of(&refused, BEFORE).may_plan());
        let late = Standing::of(&refused, AFTER);
        assert_eq!((late.unanswered.len(), late.refused.len(), late.may_plan()), (0, 2, false));
        for answer in [Answer::Read, Answer::Accepted] {
            assert_eq!(Standing::of(&latest(answer), AFTER), Standing::default());
        }
    }

    #[test]
    fn an_answer_to_a_version_nobody_knows_counts_for_nothing() {
        assert!(!Standing::of(&both("9.9", Answer::Accepted), AFTER).may_plan());
        assert!(!Standing::of(&both("1.0", Answer::Accepted), AFTER).may_plan(), "nor one to an earlier version");
    }

    #[test]
    fn words_of_the_database_are_read_back() {
        for answer in Answer::ALL {
            assert_eq!(Answer::parse(answer.as_str()), Some(answer));
        }
        for document in Document::ALL {
            assert_eq!(Document::parse(document.as_str()), Some(document));
        }
        assert_eq!((Answer::parse("maybe"), Document::parse("cookies")), (None, None));
    }
}
