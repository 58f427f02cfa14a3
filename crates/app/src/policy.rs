//! What people said to the policy and the terms. Owns recording their answers, and the rule that nothing new is planned or posted
//! under a changed text that a person has not answered or has refused.
//!
//! Reading, disconnecting, exporting and deleting never ask here; what was planned before goes on.

use domain::id::UserId;
use domain::privacy::documents::{Answer, Given, Standing, Version, accepted_by_connecting, day_of};
use domain::time::UnixMillis;
use store::{PolicyAnswer, Tx};

use crate::consents::answered;
use crate::{Actor, App, Error, Result};

impl App {
    /// How the actor stands to the documents today.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn policy_standing(&self, actor: &Actor) -> Result<Standing> {
        let answers = self.store.policy_answers(actor.user_id).await?;
        Ok(standing(answers, self.now()))
    }

    /// Everything the actor answered, for them to see.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn policy_answers(&self, actor: &Actor) -> Result<Vec<PolicyAnswer>> {
        Ok(self.store.policy_answers(actor.user_id).await?)
    }

    /// Records the actor's answer to versions that a page showed.
    ///
    /// # Errors
    /// [`Error::Conflict`] when the page was drawn before a newer version was published, or named none: nobody agrees to what they
    /// were not shown.
    pub async fn answer_policy(&self, actor: &Actor, shown: &[&'static Version], answer: Answer) -> Result<()> {
        let current = |it: &&'static Version| it.document.latest_material() == Some(*it);
        if shown.is_empty() || !shown.iter().all(current) {
            return Err(Error::Conflict { code: "policy-newer-version" });
        }
        let now = self.now();
        let mut tx = self.store.begin().await?;
        for version in shown {
            put(&mut tx, actor.user_id, version, answer, now).await?;
        }
        tx.commit().await.map_err(Error::from)
    }

    /// Refuses when the actor may plan and post nothing new.
    ///
    /// # Errors
    /// [`Error::PolicyUnanswered`].
    pub(crate) async fn may_plan(&self, actor: &Actor) -> Result<()> {
        permitted(&self.policy_standing(actor).await?)
    }
}

/// The same inside a transaction.
pub(crate) async fn may_plan(tx: &mut Tx, actor: &Actor, now: UnixMillis) -> Result<()> {
    permitted(&standing(tx.policy_answers(actor.user_id).await?, now))
}

/// Records what a new person accepted on the page from which they set out: the versions of that moment.
pub(crate) async fn accept_by_connecting(tx: &mut Tx, person: UserId, set_out_at: UnixMillis) -> Result<()> {
    for version in accepted_by_connecting(day_of(set_out_at)) {
        put(tx, person, version, Answer::Accepted, set_out_at).await?;
    }
    Ok(())
}

fn permitted(standing: &Standing) -> Result<()> {
    if standing.may_plan() { Ok(()) } else { Err(Error::PolicyUnanswered) }
}

fn standing(answers: Vec<PolicyAnswer>, now: UnixMillis) -> Standing {
    let given: Vec<Given> = answers.into_iter().map(|answer| answer.given).collect();
    Standing::of(&given, day_of(now))
}

async fn put(tx: &mut Tx, person: UserId, version: &Version, answer: Answer, at: UnixMillis) -> Result<()> {
    let given = Given { document: version.document, version: version.id.to_owned(), answer };
    answered(tx, person, &given, at).await?;
    tx.policy_answer_put(person, &PolicyAnswer { given, at }).await?;
    let action = match answer {
        Answer::Accepted => "policy.accept",
        Answer::Read => "policy.read",
        Answer::Refused => "policy.refuse",
    };
    let subject = format!("{} {}", version.document.as_str(), version.id);
    tx.audit_append(at, &person.to_string(), action, &subject, "").await?;
    Ok(())
}
