//! The post page's form as it arrives. Owns its parsing into domain types; must not decide whether the content may be sent.

use domain::creator::PrivacyLevel;
use domain::post::{Delivery, Disclosure, PostContent};
use domain::schedule::{LocalTime, Resolved, Zone, resolve};
use serde::Deserialize;

use app::posts::{DraftInput, When};

/// Which button was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Save draft.
    #[default]
    Save,
    /// Schedule.
    Schedule,
    /// Post now.
    Now,
    /// Send to TikTok inbox.
    Inbox,
}

/// The fields, all texts: a browser sends what it likes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ComposeForm {
    /// Revision of the post that the page showed.
    pub revision: i64,
    /// Pressed button.
    pub action: Action,
    /// Caption.
    pub caption: String,
    /// TikTok's name of the audience; absent until picked.
    pub privacy: String,
    /// Present when ticked.
    pub allow_comment: Option<String>,
    /// Present when ticked.
    pub allow_duet: Option<String>,
    /// Present when ticked.
    pub allow_stitch: Option<String>,
    /// Present when on.
    pub disclosure: Option<String>,
    /// Present when ticked.
    pub your_brand: Option<String>,
    /// Present when ticked.
    pub branded_content: Option<String>,
    /// Present when on.
    pub ai_generated: Option<String>,
    /// Milliseconds; empty for the first frame.
    pub cover_ms: String,
    /// `YYYY-MM-DD`.
    pub date: String,
    /// `HH:MM`.
    pub time: String,
    /// IANA name.
    pub zone: String,
    /// `second` when the later of two equal wall-clock times is meant.
    pub occurrence: String,
    /// The wall-clock time whose jump the person has seen explained.
    pub jump_seen: String,
}

/// What is wrong with the fields themselves, before any rule about posts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FormProblem {
    /// No date or no time, or not one that exists in the calendar.
    Time,
    /// The clock jumps at that time: shown before it is saved.
    Jump,
}

impl ComposeForm {
    /// The zone that was sent, or the reader's own.
    #[must_use]
    pub fn time_zone(&self, fallback: &str) -> Zone {
        self.zone.parse().or_else(|_| fallback.parse()).unwrap_or_else(|_| Zone::utc())
    }

    /// The wall-clock time, when both fields hold one.
    #[must_use]
    pub fn local_time(&self) -> Option<LocalTime> {
        format!("{}T{}", self.date, self.time.get(..5).unwrap_or(&self.time)).parse().ok()
    }

    /// Everything but the button.
    #[must_use]
    pub fn draft(&self, fallback_zone: &str) -> DraftInput {
        DraftInput {
            delivery: if self.action == Action::Inbox { Delivery::Inbox } else { Delivery::Direct },
            content: PostContent {
                caption: domain::caption::normalise(&self.caption),
                privacy: PrivacyLevel::parse(&self.privacy),
                allow_comment: self.allow_comment.is_some(),
                allow_duet: self.allow_duet.is_some(),
                allow_stitch: self.allow_stitch.is_some(),
                disclosure: Disclosure {
                    on: self.disclosure.is_some(),
                    your_brand: self.your_brand.is_some(),
                    branded_content: self.branded_content.is_some(),
                },
                ai_generated: self.ai_generated.is_some(),
                cover_ms: self.cover_ms.parse().ok().filter(|ms| *ms > 0),
            },
            local_time: self.local_time(),
            time_zone: self.time_zone(fallback_zone),
        }
    }

    /// When the pressed button wants it.
    ///
    /// # Errors
    /// [`FormProblem`] when Schedule was pressed without a usable time.
    pub fn when(&self, fallback_zone: &str) -> Result<When, FormProblem> {
        match self.action {
            Action::Now | Action::Inbox | Action::Save => Ok(When::Now),
            Action::Schedule => {
                let local = self.local_time().ok_or(FormProblem::Time)?;
                let zone = self.time_zone(fallback_zone);
                let jumps = !matches!(resolve(local, &zone), Resolved::Plain { .. });
                if jumps && self.jump_seen != local.to_string() {
                    return Err(FormProblem::Jump);
                }
                Ok(When::At { local, zone, second: self.occurrence == "second" })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scheduled(date: &str, time: &str, zone: &str) -> ComposeForm {
        ComposeForm {
            action: Action::Schedule,
            date: date.to_owned(),
            time: time.to_owned(),
            zone: zone.to_owned(),
            ..ComposeForm::default()
        }
    }

    #[test]
    fn ux_07_an_empty_form_chooses_nothing_for_the_person() {
        let draft = ComposeForm::default().draft("Europe/Moscow");
        assert_eq!(draft.content, PostContent::default());
        assert_eq!(draft.time_zone.name(), "Europe/Moscow");
    }

    #[test]
    fn ux_05_a_line_break_of_a_form_counts_as_one_character_like_in_the_page() {
        let typed = ComposeForm { caption: "milk\r\nbread".to_owned(), ..ComposeForm::default() };
        assert_eq!(typed.draft("UTC").content.caption, "milk\nbread");
    }

    #[test]
    fn a_time_that_is_skipped_or_happens_twice_is_shown_before_it_is_taken() {
        let gap = scheduled("2027-03-28", "02:30", "Europe/Berlin");
        assert_eq!(gap.when("UTC"), Err(FormProblem::Jump));
        let seen = ComposeForm { jump_seen: "2027-03-28T02:30".to_owned(), ..gap };
        assert!(matches!(seen.when("UTC"), Ok(When::At { second: false, .. })));
        let twice = scheduled("2027-10-31", "02:30", "Europe/Berlin");
        assert_eq!(twice.when("UTC"), Err(FormProblem::Jump));
        let later = ComposeForm { jump_seen: "2027-10-31T02:30".to_owned(), occurrence: "second".to_owned(), ..twice };
        assert!(matches!(later.when("UTC"), Ok(When::At { second: true, .. })));
    }

    #[test]
    fn a_time_that_is_none_is_refused() {
        for (date, time) in [("", ""), ("2027-02-30", "10:00"), ("2027-02-03", "25:00"), ("x", "y")] {
            assert_eq!(scheduled(date, time, "UTC").when("UTC"), Err(FormProblem::Time), "{date} {time}");
        }
    }
}
