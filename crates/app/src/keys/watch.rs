//! A running process follows the instance: it reads the key file when that was changed, takes up the version that seals, and seals what
//! only it can reach (its journal, its file of marks) under it.
//!
//! Owns that loop. Whatever fails is said once and tried again; what was known stays in use.

use std::sync::Arc;

use store::vault::{VaultError, checked_version};

use super::{CURRENT, LOOK_S};
use crate::alerts::AlertKind;
use crate::{App, Error, Result};

impl App {
    /// One look.
    ///
    /// # Errors
    /// When key file, database or disk do not answer, or when another version seals that this process does not have.
    pub async fn follow_keys(&self) -> Result<()> {
        // A key that nobody used since the last look leaves the memory; one whose row is gone is used by nobody.
        self.store.turn_keys();
        for _ in 0..self.store.refused_to_open().min(100) {
            self.alerts.note(AlertKind::DecryptFailures);
        }
        let read = self.keys.reload();
        if let Ok(true) = read {
            tracing::info!(versions = ?self.keys.versions(), "the key file was read again");
        }
        let noted = self.store.meta_get(CURRENT).await?;
        if let Some(version) = noted.as_deref().and_then(checked_version)
            && version != self.keys.current_version()
        {
            let taken = self.keys.take_up(version);
            if taken.is_err() {
                // Where the file cannot be read, that is the reason to tell.
                read?;
            }
            taken?;
            tracing::info!(version, "another version of the instance key seals from now on");
            return self.seal_anew().await;
        }
        self.seal_anew().await?;
        read.map(drop).map_err(Error::Vault)
    }

    /// What no other process can reach.
    async fn seal_anew(&self) -> Result<()> {
        let resealed = self.journal.reseal(self.now()).await;
        if resealed.map_err(|error| Error::Io(std::io::Error::other(error)))? {
            tracing::info!("the intent journal is sealed under the current version of the instance key");
        }
        self.note_mark_keys().await
    }
}

/// Follows for as long as the task lives.
pub async fn run_key_watch(app: Arc<App>) {
    let mut complaint = String::new();
    loop {
        let said = match app.follow_keys().await {
            Ok(()) => String::new(),
            Err(Error::Vault(VaultError::UnknownKeyVersion { version })) => format!(
                "version {version} of the instance key seals now, and this node does not have it: bring the key file of the node where \
                 it was added here, or nothing that is sealed from now on can be read"
            ),
            Err(error) => error.to_string(),
        };
        // A key file that cannot be used is named at one look only; whatever goes on failing is not repeated.
        if !said.is_empty() && said != complaint {
            tracing::error!(error = %said, "the instance key cannot be followed");
        }
        complaint = said;
        app.clock.sleep_until(app.now().plus_seconds(LOOK_S)).await;
    }
}
