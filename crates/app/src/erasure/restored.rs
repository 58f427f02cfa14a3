//! After an older database was put back: whatever was erased or ended since is erased and ended again, before anybody is served.
//!
//! Owns the comparison of marks with rows. Must not run on every start: only when the file beside the database knows more than it.

use std::collections::HashSet;

use domain::connection::ConnectionState;
use domain::id::{ConnectionId, UserId};
use domain::privacy::clauses::TOMBSTONE_DAYS;
use domain::privacy::erasure::{Door, Unit};
use domain::time::UnixMillis;
use store::{Connection, Person, StoreError, Tombstone};

use super::marks::Said;
use super::wish::By;
use crate::publishing::RESTORED;
use crate::{App, Error, Result};

/// Rows looked at in one go.
const PAGE: u32 = 500;
/// Marks written in one transaction.
const MARKS: usize = 200;

/// What a start had to make good.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Marks that the database did not have any more.
    pub marks: usize,
    /// Grants that were over and had come back.
    pub grants: usize,
    /// Accounts and people that were erased and had come back.
    pub erased: usize,
}

impl App {
    /// Brings file and database together, and erases again what a restore brought back. For the start, before anybody is served.
    ///
    /// # Errors
    /// When the database or the file cannot be used; nobody may be served then.
    pub async fn replay_tombstones(&self) -> Result<Replayed> {
        self.marks.ready(&self.store, &self.keys, self.random.as_ref()).await?;
        let Some(file) = self.marks.file().cloned() else { return Ok(Replayed::default()) };
        let reader = file.clone();
        let noted = tokio::task::spawn_blocking(move || reader.read()).await.map_err(std::io::Error::other)??;
        let known = self.all_tombstones().await?;
        let known_marks: HashSet<&str> = known.iter().map(|stone| stone.mark.as_str()).collect();
        let lost: Vec<Tombstone> =
            noted.iter().filter(|stone| !known_marks.contains(stone.mark.as_str())).cloned().collect();
        for portion in lost.chunks(MARKS) {
            let mut tx = self.store.begin().await?;
            for stone in portion {
                tx.tombstone_put(stone).await?;
            }
            tx.commit().await?;
        }
        let mut replayed = Replayed { marks: lost.len(), ..Replayed::default() };
        let restored = self.store.meta_get(RESTORED).await?.is_some();
        if replayed.marks > 0 || restored {
            self.look_through_people(&mut replayed).await?;
            self.look_through_connections(&mut replayed).await?;
            self.erase_due().await?;
            tracing::warn!(
                marks = replayed.marks,
                grants = replayed.grants,
                erased = replayed.erased,
                "the database is older than what was erased; it was erased again"
            );
        }
        self.write_tombstones(noted.len()).await?;
        Ok(replayed)
    }

    /// The file holds what the database holds, also what other processes wrote, and nothing older than any backup.
    async fn write_tombstones(&self, noted: usize) -> Result<()> {
        let before = self.now().plus_millis(-TOMBSTONE_DAYS.saturating_mul(86_400_000));
        let mut tx = self.store.begin().await?;
        tx.purge_tombstones(before, PAGE).await?;
        tx.commit().await?;
        let all = self.all_tombstones().await?;
        if all.len() == noted {
            return Ok(());
        }
        let Some(file) = self.marks.file().cloned() else { return Ok(()) };
        tokio::task::spawn_blocking(move || file.replace(&all)).await.map_err(std::io::Error::other)??;
        Ok(())
    }

    async fn all_tombstones(&self) -> Result<Vec<Tombstone>> {
        let mut all: Vec<Tombstone> = Vec::new();
        loop {
            let after = all.last().map(|stone| stone.mark.clone()).unwrap_or_default();
            let page = self.store.tombstones(&after, PAGE).await?;
            let full = page.len() >= usize::try_from(PAGE).unwrap_or(usize::MAX);
            all.extend(page);
            if !full {
                return Ok(all);
            }
        }
    }

    async fn said_at(&self, said: Said<'_>) -> Result<Option<UnixMillis>> {
        let mark = self.marks.mark(said, self.now())?.mark;
        Ok(self.store.tombstone(&mark).await?)
    }

    async fn look_through_people(&self, replayed: &mut Replayed) -> Result<()> {
        let mut after = String::new();
        loop {
            let people = self.store.people_after(&after, PAGE).await?;
            let Some(last) = people.last() else { return Ok(()) };
            after = last.id.to_string();
            for person in people {
                self.person_again(&person, replayed).await?;
            }
        }
    }

    async fn person_again(&self, person: &Person, replayed: &mut Replayed) -> Result<()> {
        let Some(erased_at) = self.said_at(Said::PersonErased(&person.open_id)).await? else { return Ok(()) };
        if erased_at < person.created_at {
            return Ok(());
        }
        let id: UserId = person.id;
        let alone = self.store.workspaces_alone(id).await?;
        self.end_all_grants(&alone, By { door: Door::Operator, person: None }, erased_at).await?;
        if let Some(workspace) = alone.first() {
            self.at_once(Unit::Person, id.to_string(), *workspace, erased_at).await?;
            replayed.erased += 1;
        }
        Ok(())
    }

    async fn look_through_connections(&self, replayed: &mut Replayed) -> Result<()> {
        let mut after = String::new();
        loop {
            let page = self.store.connections_after(&after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = last.id.to_string();
            for connection in page {
                self.connection_again(&connection, replayed).await?;
            }
        }
    }

    async fn connection_again(&self, row: &Connection, replayed: &mut Replayed) -> Result<()> {
        let (workspace, account) = (row.workspace_id, row.open_id.as_str());
        let id: ConnectionId = row.id;
        if let Some(erased_at) = self.said_at(Said::ConnectionErased(workspace, account)).await?
            && erased_at >= row.connected_at
        {
            self.at_once(Unit::Connection, id.to_string(), workspace, erased_at).await?;
            replayed.erased += 1;
            return Ok(());
        }
        if let Some(ended_at) = self.said_at(Said::GrantEnded(workspace, account)).await?
            && ended_at >= row.consented_at
            && row.state != ConnectionState::Disconnected
        {
            self.end_connection(row, By { door: Door::Operator, person: None }, ended_at).await?;
            replayed.grants += 1;
        }
        Ok(())
    }

    /// A wish without grace, in place of one that the restore brought back.
    pub(crate) async fn at_once(
        &self,
        unit: Unit,
        subject: String,
        workspace: domain::id::WorkspaceId,
        asked_at: UnixMillis,
    ) -> Result<()> {
        let now = self.now();
        let (mut wish, _) = self.wish(unit, subject.clone(), workspace, Door::Operator, asked_at);
        wish.begins_at = now;
        wish.next_at = now;
        let mut tx = self.store.begin().await?;
        if let Some(mut open) = tx.erasure_open(unit, &subject).await? {
            let before = open.state;
            open.begins_at = now;
            open.next_at = now;
            tx.erasure_update(&open, before).await?;
        } else {
            tx.erasure_insert(&wish).await?;
        }
        tx.commit().await.map_err(Error::from)
    }

    /// Accounts whose grant is over and whose erasure nobody has put on the calendar: TikTok said that the grant ended, or they were
    /// disconnected by an earlier version.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn wishes_of_ended_grants(&self) -> Result<()> {
        for connection in self.store.connections_ended(PAGE).await? {
            let door = match connection.state {
                ConnectionState::Disconnected => Door::Page,
                ConnectionState::Active | ConnectionState::ReconnectNeeded => Door::TikTok,
            };
            let id = connection.id.to_string();
            let (wish, _) = self.wish(Unit::Connection, id, connection.workspace_id, door, connection.updated_at);
            let mut tx = self.store.begin().await?;
            match tx.erasure_insert(&wish).await {
                // Another process was faster.
                Err(StoreError::Conflict(_)) => {}
                done => {
                    done?;
                    tx.commit().await?;
                }
            }
        }
        Ok(())
    }
}
