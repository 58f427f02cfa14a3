//! What a person consented to, purpose by purpose, and the ledger of what was given and taken back. Owns what is written into the ledger
//! when; taking a consent back is the use case that ends the thing itself.

use domain::connection::ConnectionState;
use domain::id::UserId;
use domain::privacy::clauses::CONNECT_TEXT_VERSION;
use domain::privacy::documents::Given;
use domain::privacy::purposes::{Act, Purpose};
use domain::time::UnixMillis;
use store::ledger::LedgerLine;
use store::report::ReportLink;
use store::{Connection, PolicyAnswer, Tx};

use crate::metrics::ReadingsView;
use crate::{Actor, App, Error, Result};

/// Everything a person consented to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consents {
    /// Accounts that the service may act for now.
    pub connections: Vec<Connection>,
    /// What may be read of each account beside that.
    pub readings: Vec<ReadingsView>,
    /// Links by which whoever has one reads a report.
    pub links: Vec<ReportLink>,
    /// How many browsers are told things.
    pub told_browsers: usize,
    /// What was answered to the policy and the terms.
    pub answers: Vec<PolicyAnswer>,
    /// When the person said to be of age.
    pub adult_at: UnixMillis,
    /// To which words.
    pub adult_text_version: String,
    /// What was given and taken back, newest first.
    pub ledger: Vec<LedgerLine>,
}

impl App {
    /// What the actor consented to.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn consents(&self, actor: &Actor) -> Result<Consents> {
        let person = self.store.person(actor.user_id).await?.ok_or(Error::NotFound { what: "person" })?;
        let mut connections = self.connections(actor).await?;
        connections.retain(|it| it.state == ConnectionState::Active);
        Ok(Consents {
            connections,
            readings: self.readings(actor).await?,
            links: self.report_links(actor).await?,
            told_browsers: self.store.push_browsers(actor.user_id, self.now()).await?.len(),
            answers: self.store.policy_answers(actor.user_id).await?,
            adult_at: person.adult_confirmed_at,
            adult_text_version: person.adult_text_version,
            ledger: self.store.ledger(actor.user_id).await?,
        })
    }
}

/// A person allowed the service to act for an account.
pub(crate) async fn connected(tx: &mut Tx, person: UserId, connection: &Connection, at: UnixMillis) -> Result<()> {
    let line = LedgerLine {
        purpose: Purpose::Connect,
        connection_id: Some(connection.id),
        act: Act::Given,
        text_version: CONNECT_TEXT_VERSION.to_owned(),
        detail: connection.scopes.to_string(),
        at,
    };
    tx.ledger_append(person, &line).await.map_err(Error::from)
}

/// A person answered a version of the policy or the terms.
pub(crate) async fn answered(tx: &mut Tx, person: UserId, given: &Given, at: UnixMillis) -> Result<()> {
    let line = LedgerLine {
        purpose: Purpose::of(given.document),
        connection_id: None,
        act: Act::of(given.answer),
        text_version: given.version.clone(),
        detail: given.answer.as_str().to_owned(),
        at,
    };
    tx.ledger_append(person, &line).await.map_err(Error::from)
}
