//! The columns of a plan and the words in its cells, both ways. Pure functions.

use domain::creator::PrivacyLevel;
use domain::schedule::LocalTime;

/// A column of a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// The account: user name, name, or id.
    Account,
    /// The file by its name in the library, or its id; of several pictures one in each line.
    File,
    /// The title of photos.
    Title,
    /// The caption.
    Caption,
    /// Who may watch.
    Privacy,
    /// Yes or no.
    AllowComment,
    /// Yes or no.
    AllowDuet,
    /// Yes or no.
    AllowStitch,
    /// Yes or no.
    Disclosure,
    /// Yes or no.
    YourBrand,
    /// Yes or no.
    BrandedContent,
    /// Yes or no.
    AiGenerated,
    /// Milliseconds of a video's cover, or the number of the picture.
    Cover,
    /// Yes or no, of photos.
    AddMusic,
    /// `2026-12-24`.
    Date,
    /// `18:30`.
    Time,
    /// The zone of both; the reader's own without one.
    Zone,
    /// Labels, with commas between; those that are missing are made.
    Labels,
    /// Draft or scheduled; written for people, not read.
    State,
}

impl Column {
    /// Every column, in the order in which they are written.
    pub const ALL: [Self; 19] = [
        Self::Account,
        Self::File,
        Self::Title,
        Self::Caption,
        Self::Privacy,
        Self::AllowComment,
        Self::AllowDuet,
        Self::AllowStitch,
        Self::Disclosure,
        Self::YourBrand,
        Self::BrandedContent,
        Self::AiGenerated,
        Self::Cover,
        Self::AddMusic,
        Self::Date,
        Self::Time,
        Self::Zone,
        Self::Labels,
        Self::State,
    ];

    /// Its head, the same in every language.
    #[must_use]
    pub const fn head(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::File => "file",
            Self::Title => "title",
            Self::Caption => "caption",
            Self::Privacy => "privacy",
            Self::AllowComment => "allow_comment",
            Self::AllowDuet => "allow_duet",
            Self::AllowStitch => "allow_stitch",
            Self::Disclosure => "disclosure",
            Self::YourBrand => "your_brand",
            Self::BrandedContent => "branded_content",
            Self::AiGenerated => "ai_generated",
            Self::Cover => "cover",
            Self::AddMusic => "add_music",
            Self::Date => "date",
            Self::Time => "time",
            Self::Zone => "zone",
            Self::Labels => "labels",
            Self::State => "state",
        }
    }

    /// Reads a head as people write it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase().replace([' ', '-'], "_");
        Self::ALL.into_iter().find(|column| column.head() == text)
    }
}

/// Characters at the beginning of a cell at which spreadsheets take it for a formula.
const RUNS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A text so that no spreadsheet runs it: with an apostrophe before it, where it begins like a formula. A text that looks as if it had one
/// already gets another, so that [`unguarded`] gives every text back.
#[must_use]
pub fn guarded(text: &str) -> String {
    if text.trim_start_matches('\'').starts_with(RUNS) { format!("'{text}") } else { text.to_owned() }
}

/// The text that was [`guarded`].
#[must_use]
pub fn unguarded(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(RUNS) => rest,
        Some(_) | None => text,
    }
}

/// Yes or no, in words that people write; nothing is no.
#[must_use]
pub fn yes_or_no(text: &str) -> Option<bool> {
    match text.trim().to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" | "x" | "on" | "да" => Some(true),
        "" | "no" | "n" | "false" | "0" | "off" | "нет" => Some(false),
        _ => None,
    }
}

/// The word that a box is written as.
#[must_use]
pub const fn yes(on: bool) -> &'static str {
    if on { "yes" } else { "no" }
}

/// An audience, by TikTok's name or in words.
#[must_use]
pub fn privacy(text: &str) -> Option<PrivacyLevel> {
    let text = text.trim().to_lowercase().replace('_', " ");
    match text.as_str() {
        "everyone" | "public" | "все" => Some(PrivacyLevel::PublicToEveryone),
        "friends" | "друзья" => Some(PrivacyLevel::MutualFollowFriends),
        "followers" | "подписчики" => Some(PrivacyLevel::FollowerOfCreator),
        "only you" | "only me" | "private" | "только вы" | "только я" => Some(PrivacyLevel::SelfOnly),
        _ => PrivacyLevel::parse(&text.to_uppercase().replace(' ', "_")),
    }
}

/// The word that an audience is written as.
#[must_use]
pub const fn privacy_word(level: PrivacyLevel) -> &'static str {
    match level {
        PrivacyLevel::PublicToEveryone => "everyone",
        PrivacyLevel::MutualFollowFriends => "friends",
        PrivacyLevel::FollowerOfCreator => "followers",
        PrivacyLevel::SelfOnly => "only you",
    }
}

fn numbers<const N: usize>(text: &str, between: char) -> Option<[u32; N]> {
    let parts: Vec<u32> = text.split(between).map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
    parts.try_into().ok()
}

/// `2026-12-24` of a date as people write it, day before month where points stand between. With slashes it means another day elsewhere, so
/// it is none.
#[must_use]
pub fn date(text: &str) -> Option<String> {
    let text = text.trim();
    let [year, month, day] = match (numbers::<3>(text, '-'), numbers::<3>(text, '.')) {
        (Some(date), _) => date,
        (None, Some([day, month, year])) => [year, month, day],
        (None, None) => return None,
    };
    let date = format!("{year:04}-{month:02}-{day:02}");
    format!("{date}T00:00").parse::<LocalTime>().ok().map(|_| date)
}

/// `18:30` of a time as people write it; seconds are left out.
#[must_use]
pub fn time(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let (text, half) = match (text.strip_suffix("am"), text.strip_suffix("pm")) {
        (Some(rest), _) => (rest.trim_end().to_owned(), Some(0)),
        (None, Some(rest)) => (rest.trim_end().to_owned(), Some(12)),
        (None, None) => (text, None),
    };
    let [hour, minute] =
        numbers::<2>(&text, ':').or_else(|| numbers::<3>(&text, ':').map(|[hour, minute, _]| [hour, minute]))?;
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(later) => hour % 12 + later,
        None => hour,
    };
    (hour < 24 && minute < 60).then(|| format!("{hour:02}:{minute:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_a_spreadsheet_would_run_is_guarded_and_every_text_comes_back() {
        for text in ["=1+1", "+49", "-5", "@mila", "\tx", "\rx", "'=1", "''=1", "'plain", "plain", "", "'", "a=b", "''"]
        {
            let written = guarded(text);
            assert!(!written.starts_with(RUNS), "{text:?}");
            assert_eq!(unguarded(&written), text);
        }
        assert_eq!((guarded("=1+1").as_str(), guarded("'plain").as_str()), ("'=1+1", "'plain"));
    }

    #[test]
    fn dates_and_times_are_read_as_people_write_them_and_nothing_is_guessed() {
        for (text, read) in [("2026-12-24", "2026-12-24"), ("24.12.2026", "2026-12-24"), (" 4.1.2027 ", "2027-01-04")] {
            assert_eq!(date(text).as_deref(), Some(read));
        }
        for text in ["12/24/2026", "2026-02-30", "24.12", "tomorrow", "2026-12-24T10:00", "-1-2-3"] {
            assert_eq!(date(text), None, "{text}");
        }
        for (text, read) in [("9:05", "09:05"), ("18:30:59", "18:30"), ("9:05 PM", "21:05"), ("12:00 am", "00:00")] {
            assert_eq!(time(text).as_deref(), Some(read));
        }
        for text in ["24:00", "9", "9:60", "13:00 pm", "noon", "9:5:5:5"] {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn words_of_audiences_and_boxes_come_back_and_others_mean_nothing() {
        for level in [
            PrivacyLevel::PublicToEveryone,
            PrivacyLevel::MutualFollowFriends,
            PrivacyLevel::FollowerOfCreator,
            PrivacyLevel::SelfOnly,
        ] {
            assert_eq!(privacy(privacy_word(level)), Some(level));
            assert_eq!(privacy(level.as_str()), Some(level));
        }
        assert_eq!(privacy("nobody"), None);
        for on in [true, false] {
            assert_eq!(yes_or_no(yes(on)), Some(on));
        }
        assert_eq!((yes_or_no("ДА"), yes_or_no(""), yes_or_no("maybe")), (Some(true), Some(false), None));
        for column in Column::ALL {
            assert_eq!(Column::parse(&column.head().replace('_', " ").to_uppercase()), Some(column));
        }
    }
}
