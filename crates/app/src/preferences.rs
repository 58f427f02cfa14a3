//! Language, time zone and theme of a person. Owns their change; must not touch anything else of a person.

use domain::schedule::Zone;

use crate::{Actor, App, Error, Result};

/// Languages of the interface.
pub const LOCALES: [&str; 2] = ["en", "ru"];
/// Themes of the interface.
pub const THEMES: [&str; 3] = ["system", "light", "dark"];

impl App {
    /// Changes the actor's language, time zone and theme. Scheduled posts keep the zone they were planned in.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a value that is not on offer.
    pub async fn set_preferences(&self, actor: &Actor, locale: &str, time_zone: &str, theme: &str) -> Result<()> {
        if !LOCALES.contains(&locale) {
            return Err(Error::BadInput { code: "unknown-language" });
        }
        if !THEMES.contains(&theme) {
            return Err(Error::BadInput { code: "unknown-theme" });
        }
        if time_zone.parse::<Zone>().is_err() {
            return Err(Error::BadInput { code: "unknown-time-zone" });
        }
        let mut tx = self.store.begin().await?;
        tx.person_set_preferences(actor.user_id, locale, time_zone, theme).await?;
        if time_zone != actor.time_zone {
            tx.report_turn_again(actor.user_id).await?;
        }
        tx.commit().await.map_err(Error::from)
    }
}
