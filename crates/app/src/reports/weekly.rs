//! Telling people that the report of a week is there: on the Monday after it at eight on their clock, once. Owns whose turn it is and what follows from it.
//!
//! A turn is a row that moves to the next Monday in the transaction that tells. Of several processes one moves it; one that was away tells of the newest
//! week only, and of a week without anything nobody is told.

use std::sync::Arc;

use domain::notice::Notice;
use domain::push::Told;
use domain::report::{Week, Wish};
use domain::schedule::Zone;
use domain::time::UnixMillis;
use store::erase::ERASING;
use store::report::ReportTurn;

use crate::{Actor, App, Error, Result};

/// Turns looked at in one go.
const PORTION: u32 = 200;
/// New people, and changed clocks, are looked for at least so often, seconds.
const LOOK_S: i64 = 300;

impl App {
    /// How the actor is told of reports. Who has not said is told by a line of the news once numbers are read of an account of theirs.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn report_wish(&self, actor: &Actor) -> Result<Wish> {
        if let Some(wish) = self.store.report_wish(actor.workspace_id, actor.user_id).await? {
            return Ok(wish);
        }
        let has_numbers = self.store.report_has_numbers(actor.workspace_id).await?;
        Ok(if has_numbers { Wish::News } else { Wish::Off })
    }

    /// The actor says how they are told of reports.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn report_choose(&self, actor: &Actor, wish: Wish) -> Result<()> {
        let mut tx = self.store.begin().await?;
        tx.report_choose(actor.workspace_id, actor.user_id, wish).await?;
        tx.commit().await.map_err(Error::from)
    }

    /// Tells everybody whose turn it is; gives how many were told.
    ///
    /// # Errors
    /// When the database does not answer; who was told before stays told.
    pub async fn tell_of_reports(&self) -> Result<u64> {
        for (workspace, person) in self.store.report_turns_new(PORTION).await? {
            let mut tx = self.store.begin().await?;
            tx.report_turn_begin(workspace, person).await?;
            tx.commit().await?;
        }
        let mut told = 0;
        loop {
            let due = self.store.report_turns_due(self.now(), PORTION).await?;
            let full = due.len() >= usize::try_from(PORTION).unwrap_or(usize::MAX);
            for turn in due {
                told += u64::from(self.report_turn(&turn).await?);
            }
            if !full {
                return Ok(told);
            }
        }
    }

    /// One turn; whether somebody was told.
    async fn report_turn(&self, turn: &ReportTurn) -> Result<bool> {
        let now = self.now();
        let person = self.store.person(turn.person_id).await?.filter(|it| !it.open_id.starts_with(ERASING));
        let zone = person.as_ref().and_then(|it| it.time_zone.parse().ok()).unwrap_or_else(Zone::utc);
        let week = Week::last_told(now, &zone);
        let next_at = week.plus(1).map_or_else(|| now.plus_seconds(LOOK_S), |after| after.told_at(&zone));
        // Whoever begins is not told of what was before.
        let is_new = turn.told.is_some_and(|told| told < week) && person.is_some();
        let is_told = is_new && self.has_report(turn, week.period(&zone), week).await?;
        let told = turn.told.map_or(week, |told| told.max(week));
        let mut tx = self.store.begin().await?;
        if !tx.report_turn_move(turn, next_at, told).await? {
            return Ok(false);
        }
        if is_told {
            tx.notice_tell(turn.person_id, Notice::ReportReady(week), now).await?;
            if turn.wish == Wish::Browsers {
                tx.push_tell_person(turn.workspace_id, turn.person_id, Told::Report, &week.to_string(), now).await?;
            }
        }
        tx.commit().await?;
        if is_told {
            self.push_nudge.notify_one();
        }
        Ok(is_told)
    }

    /// Anything went out in a week, or was read in it.
    async fn has_report(&self, turn: &ReportTurn, period: (UnixMillis, UnixMillis), week: Week) -> Result<bool> {
        let out = self.store.posts_out(turn.workspace_id, period, None, 1).await?;
        if !out.is_empty() {
            return Ok(true);
        }
        Ok(!self.store.metric_days(turn.workspace_id, None, week.day_numbers()).await?.is_empty())
    }
}

/// Tells people of reports when it is their turn, for as long as the task lives.
pub async fn run_reporter(app: Arc<App>) {
    loop {
        match app.tell_of_reports().await {
            Ok(0) => {}
            Ok(told) => tracing::info!(told, "told people that the report of their week is there"),
            Err(error) => tracing::warn!(%error, "people could not be told of reports"),
        }
        let look_at = app.now().plus_seconds(LOOK_S);
        let next = app.store.report_turn_next().await.ok().flatten();
        let soon = app.now().plus_seconds(1);
        app.clock.sleep_until(next.map_or(look_at, |at| at.max(soon).min(look_at))).await;
    }
}
