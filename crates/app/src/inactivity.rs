//! People who do not come any more: two warnings, and then the ordinary erasure with its grace. Owns the round; the dates are `domain`'s.

use domain::id::UserId;
use domain::notice::{Notice, Warning};
use domain::privacy::clauses::INACTIVE_FIRST_DAYS;
use domain::privacy::erasure::{Door, State, Unit};
use domain::privacy::inactivity::{Step, Warned, step};
use domain::time::UnixMillis;
use store::Tx;
use store::inactivity::Absent;

use crate::erasure::By;
use crate::{App, Error, Result};

/// People looked at in one go.
const PAGE: u32 = 200;
const DAY_MS: i64 = 86_400_000;
/// What is not found when somebody came back.
const ABSENCE: &str = "absence";

/// What one round did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tended {
    /// People who were warned, for the first or the last time.
    pub warned: u64,
    /// People who came back.
    pub returned: u64,
    /// People whose erasure is on the calendar now.
    pub leaving: u64,
}

impl App {
    /// Warns whoever has not been here for long, and erases whoever did not come after both warnings.
    ///
    /// # Errors
    /// When the database does not answer. One person whose erasure fails does not stop the others.
    pub async fn tend_inactive(&self) -> Result<Tended> {
        let now = self.now();
        let mut tended = Tended::default();
        let mut after = None;
        loop {
            let page = self.store.absent(self.unseen_since(now), after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(tended) };
            after = Some(last.person_id);
            for absent in page {
                self.tend(&absent, now, &mut tended).await?;
            }
        }
    }

    /// People who were warned or will be within a month, for the operator, who may know another way to reach them; 1,000 at most.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn operator_inactive(&self) -> Result<Vec<Absent>> {
        let soon = self.now().plus_millis(INACTIVE_FIRST_DAYS.saturating_mul(DAY_MS));
        let mut absent = self.store.absent(self.unseen_since(soon), None, 1_000).await?;
        absent.retain(|it| it.warned.is_some() || it.used_at < self.unseen_since(soon));
        Ok(absent)
    }

    /// Whoever was last here by this day may have to be warned; a few days more than that, because months differ in length.
    fn unseen_since(&self, now: UnixMillis) -> UnixMillis {
        let now = now.plus_millis(3 * DAY_MS);
        now.plus_millis(INACTIVE_FIRST_DAYS.saturating_mul(DAY_MS)).plus_months(-self.inactive_months())
    }

    fn inactive_months(&self) -> i32 {
        i32::try_from(self.settings.inactive_months).unwrap_or(i32::MAX)
    }

    async fn tend(&self, absent: &Absent, now: UnixMillis, tended: &mut Tended) -> Result<()> {
        match step(absent.used_at, self.inactive_months(), absent.warned, now) {
            Step::Wait => {}
            Step::Forget => {
                let mut tx = self.store.begin().await?;
                tx.inactivity_delete(absent.person_id).await?;
                tx.commit().await?;
                tended.returned += 1;
            }
            Step::WarnFirst(warned) => {
                self.warn(absent, warned, Warning::First, now).await?;
                tended.warned += 1;
            }
            Step::WarnLast(warned) => {
                self.warn(absent, warned, Warning::Last, now).await?;
                tended.warned += 1;
            }
            Step::Erase => match self.leave_as(absent.person_id, None, By { door: Door::Inactive, person: None }).await
            {
                Ok(_) => {
                    let mut tx = self.store.begin().await?;
                    tx.inactivity_delete(absent.person_id).await?;
                    tx.commit().await?;
                    tended.leaving += 1;
                }
                // They came while the round went on.
                Err(Error::NotFound { what: ABSENCE }) => {}
                Err(error) => {
                    tracing::error!(person = %absent.person_id, %error, "somebody who stayed away could not be erased");
                }
            },
        }
        Ok(())
    }

    /// Whether somebody who is about to be erased has really not come; asked in the transaction that puts it on the calendar.
    pub(crate) async fn check_absence(&self, tx: &mut Tx, person: UserId, now: UnixMillis) -> Result<()> {
        let absent = tx.absent(person).await?;
        let away = absent.is_some_and(|it| step(it.used_at, self.inactive_months(), it.warned, now) == Step::Erase);
        if away { Ok(()) } else { Err(Error::NotFound { what: ABSENCE }) }
    }

    async fn warn(&self, absent: &Absent, warned: Warned, which: Warning, now: UnixMillis) -> Result<()> {
        let notice = Notice::Inactive(which);
        let mut tx = self.store.begin().await?;
        tx.inactivity_put(absent.person_id, warned).await?;
        tx.notice_tell(absent.person_id, notice, now).await?;
        let until = warned.erase_at.date().to_string();
        tx.audit_append(now, store::audit::SYSTEM, "person.warn_inactive", &absent.person_id.to_string(), &until)
            .await?;
        tx.commit().await.map_err(Error::from)
    }

    /// Somebody signs in whose erasure was put on the calendar because they stayed away: they are here, so it is off again. True when it
    /// was so.
    pub(crate) async fn welcome_back(&self, tx: &mut Tx, person: UserId, now: UnixMillis) -> Result<bool> {
        let wish = tx.erasure_open(Unit::Person, &person.to_string()).await?;
        let Some(mut wish) = wish.filter(|it| it.door == Door::Inactive && it.state != State::Running) else {
            return Ok(false);
        };
        let before = wish.state;
        wish.state = State::Undone;
        wish.finished_at = Some(now);
        if !tx.erasure_update(&wish, before).await? {
            return Ok(false);
        }
        tx.tombstone_put(&self.kept_mark(person, now)).await?;
        Ok(true)
    }
}
