//! The post page's form as it arrives. Owns its parsing into domain types; must not decide whether the content may be sent.

use domain::creator::PrivacyLevel;
use domain::photos::{Arrange, Carousel, PhotoContent};
use domain::post::{Delivery, Disclosure, PostContent};
use domain::schedule::{LocalTime, Resolved, Zone, resolve};
use serde::Deserialize;

use app::posts::{DraftInput, When};

use crate::pages::local_of;

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
    /// Put the next free slot into the fields.
    Slot,
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
    /// Milliseconds of a picked frame of the strip; empty when the moment above counts.
    pub cover_frame: String,
    /// Ids of the pictures in their order, with commas between; empty for a video.
    pub photos: String,
    /// Id of the cover among them.
    pub cover_photo: String,
    /// A pressed button that moves a picture: `earlier:ID`, `later:ID`, `remove:ID` or `add:ID`.
    pub arrange: String,
    /// Id of the earlier state that a pressed button goes back to.
    pub state: String,
    /// Title of photos.
    pub title: String,
    /// Present when TikTok may add a track.
    pub add_music: Option<String>,
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
    /// Nothing is wrong with them: the person has not agreed to the policy or the terms in force.
    Policy,
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
        local_of(&self.date, &self.time)
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
                cover_ms: self.cover_frame.parse().or_else(|_| self.cover_ms.parse()).ok().filter(|ms| *ms > 0),
                photos: (!self.photos.is_empty()).then(|| PhotoContent {
                    // The field is one line; a break in it is a space.
                    title: domain::caption::normalise(&self.title).replace('\n', " "),
                    auto_add_music: self.add_music.is_some(),
                }),
            },
            photos: self.carousel(),
            local_time: self.local_time(),
            time_zone: self.time_zone(fallback_zone),
        }
    }

    /// The pictures as they are arranged, with the change of the pressed button; `None` for a video or a form that is not ours.
    fn carousel(&self) -> Option<Carousel> {
        let pictures = self.photos.split(',').map(|id| id.parse().ok()).collect::<Option<Vec<_>>>()?;
        let shown = match self.cover_photo.parse() {
            Ok(cover) => Carousel::new(pictures.clone(), cover).or_else(|_| Carousel::of(pictures)),
            Err(_) => Carousel::of(pictures),
        }
        .ok()?;
        match self.change() {
            Some(change) => shown.arranged(change).ok().or(Some(shown)),
            None => Some(shown),
        }
    }

    /// The change that a pressed button makes to the pictures.
    #[must_use]
    pub fn change(&self) -> Option<Arrange> {
        let (how, picture) = self.arrange.split_once(':')?;
        let picture = picture.parse().ok()?;
        match how {
            "earlier" => Some(Arrange::Earlier(picture)),
            "later" => Some(Arrange::Later(picture)),
            "remove" => Some(Arrange::Remove(picture)),
            "add" => Some(Arrange::Add(picture)),
            _ => None,
        }
    }

    /// When the pressed button wants it.
    ///
    /// # Errors
    /// [`FormProblem`] when Schedule was pressed without a usable time.
    pub fn when(&self, fallback_zone: &str) -> Result<When, FormProblem> {
        match self.action {
            Action::Now | Action::Inbox | Action::Save | Action::Slot => Ok(When::Now),
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
    fn ux_30_a_picked_frame_counts_before_the_slider_and_the_first_frame_is_no_moment() {
        let cover = |frame: &str, moment: &str| {
            let form =
                ComposeForm { cover_frame: frame.to_owned(), cover_ms: moment.to_owned(), ..ComposeForm::default() };
            form.draft("UTC").content.cover_ms
        };
        assert_eq!(cover("750", "2000"), Some(750));
        assert_eq!(cover("", "2000"), Some(2_000));
        assert_eq!(cover("0", "2000"), None);
        assert_eq!(cover("x", ""), None);
    }

    #[test]
    fn the_buttons_of_a_photo_post_move_remove_and_add_pictures_and_keep_the_cover() {
        let id = |n: u8| format!("00000000-0000-0000-0000-00000000000{n}");
        let form = |arrange: &str| ComposeForm {
            photos: [id(1), id(2), id(3)].join(","),
            cover_photo: id(3),
            arrange: arrange.to_owned(),
            title: "Backstage\r\nday".to_owned(),
            ..ComposeForm::default()
        };
        let order = |arrange: String| {
            let photos = form(&arrange).draft("UTC").photos;
            photos.map(|set| (set.pictures().iter().map(ToString::to_string).collect::<Vec<_>>(), set.cover_index()))
        };
        assert_eq!(order(String::new()), Some((vec![id(1), id(2), id(3)], 2)));
        assert_eq!(order(format!("earlier:{}", id(3))), Some((vec![id(1), id(3), id(2)], 1)));
        assert_eq!(order(format!("remove:{}", id(3))), Some((vec![id(1), id(2)], 0)));
        assert_eq!(order(format!("add:{}", id(4))), Some((vec![id(1), id(2), id(3), id(4)], 2)));
        assert_eq!(order(format!("add:{}", id(1))), order(String::new()), "what cannot be done changes nothing");
        assert_eq!(form("").draft("UTC").content.photos.map(|photos| photos.title).as_deref(), Some("Backstage day"));
        assert_eq!(ComposeForm::default().draft("UTC").photos, None);
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
