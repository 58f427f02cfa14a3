//! What people write to the operator: kinds, states, and until when an answer is owed.
//!
//! Owns words, limits and dates. Must not know a database, and never the text of a message.

use serde::{Deserialize, Serialize};

use super::erasure::alarms;
use crate::time::UnixMillis;

/// Longest message, characters.
pub const MESSAGE_MAX: usize = 4_000;
/// Requests of one person that may wait for an answer at the same time.
pub const OPEN_MAX: i64 = 5;
/// Messages one person may write within an hour, in all their requests.
pub const MESSAGES_PER_HOUR: i64 = 10;
/// Messages of one thread, of both sides.
pub const THREAD_MAX: i64 = 100;

words! {
    /// What a request is about.
    RequestKind {
        /// Anything that is none of the others.
        Question = "question",
        /// Everything that is held about the person.
        Access = "access",
        /// Something that is held is wrong.
        Correction = "correction",
        /// Something is to be deleted.
        Deletion = "deletion",
        /// The person does not want something to be done with their data.
        Objection = "objection",
        /// Something went wrong between the person and the service.
        Complaint = "complaint",
    }
}

impl RequestKind {
    /// All there are, in the order of the form.
    pub const ALL: [Self; 6] =
        [Self::Question, Self::Access, Self::Correction, Self::Deletion, Self::Objection, Self::Complaint];
}

words! {
    /// Where a request stands.
    RequestState {
        /// The operator owes an answer.
        Open = "open",
        /// The operator answered last; the person may ask on.
        Answered = "answered",
        /// Over; whoever has more to say begins another.
        Closed = "closed",
    }
}

words! {
    /// Who wrote a message.
    Author {
        /// The person.
        Person = "person",
        /// Whoever runs the instance.
        Operator = "operator",
    }
}

/// Until when something that was asked now has to be answered: one month, as the law counts it.
#[must_use]
pub fn due(asked_at: UnixMillis) -> UnixMillis {
    asked_at.plus_months(1)
}

/// How loud an unanswered request has become by `now`: 0, 1 after twenty days, 2 after twenty-seven, 3 when the month is over.
#[must_use]
pub fn reminders(asked_at: UnixMillis, now: UnixMillis) -> i64 {
    let early = i64::try_from(alarms(asked_at, now)).unwrap_or(0);
    early.saturating_add(i64::from(now > due(asked_at)))
}

/// A message as it is kept: without blanks around it; `None` when nothing is left or it is too long.
#[must_use]
pub fn message(text: &str) -> Option<String> {
    // Browsers send line ends as two characters; they count as one.
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    let length = text.chars().count();
    (1..=MESSAGE_MAX).contains(&length).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: UnixMillis = UnixMillis::from_millis(1_795_435_200_000);

    #[test]
    fn pp_7_7_an_answer_is_owed_within_a_month_with_reminders_at_day_20_and_27() {
        let after = |days: i64| reminders(ASKED, ASKED.plus_millis(days * 86_400_000));
        assert_eq!([after(0), after(19), after(20), after(27), after(30), after(31)], [0, 0, 1, 2, 2, 3]);
        assert_eq!(due(ASKED).date().days_since(ASKED.date()), 30);
    }

    #[test]
    fn a_message_has_some_and_at_most_four_thousand_characters() {
        assert_eq!(message("  one\r\ntwo "), Some("one\ntwo".to_owned()));
        assert_eq!(message(" \r\n "), None);
        assert!(message(&"ж".repeat(MESSAGE_MAX)).is_some());
        assert!(message(&"ж".repeat(MESSAGE_MAX + 1)).is_none());
    }
}
