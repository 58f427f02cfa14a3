//! What the command line does about operators: a link with which one registers a passkey, the list, the removal. Whoever comes this way has the
//! machine; there is no actor to authorise.

use domain::id::OperatorId;
use domain::time::UnixMillis;
use secrecy::{ExposeSecret as _, SecretString};
use store::audit::OPERATOR;
use store::operator::{ListedOperator, OperatorLink};

use super::{LINK_MS, NAME_MAX, Party};
use crate::random::secret_hash;
use crate::{App, Error, Result};

/// A link that was just made. Its word is nowhere else.
#[derive(Debug)]
pub struct NewLink {
    /// The whole address.
    pub url: SecretString,
    /// For whom.
    pub name: String,
    /// The operator was there before; the link adds a passkey.
    pub known: bool,
    /// From then on it counts for nothing.
    pub expires_at: UnixMillis,
}

impl App {
    /// Makes a link with which somebody becomes an operator, or an operator gets another passkey. Earlier links of that name end.
    ///
    /// # Errors
    /// [`Error::BadInput`] for a name that is empty or too long, [`Error::Conflict`] where the instance is reached by a number, for which
    /// browsers keep no passkeys.
    pub async fn operator_link(&self, name: &str) -> Result<NewLink> {
        let name = name.trim();
        if name.is_empty() || name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
            return Err(Error::BadInput { code: "operator-name" });
        }
        let party = Party::of(&self.settings)?;
        let now = self.now();
        let secret = self.random.secret();
        let mut tx = self.store.begin().await?;
        let known = tx.operator_named(name).await?;
        let operator_id = known.as_ref().map_or_else(|| OperatorId::from_uuid(self.random.uuid(now)), |it| it.id);
        let link = OperatorLink {
            secret_hash: secret_hash(secret.expose_secret()),
            operator_id,
            name: name.to_owned(),
            created_at: now,
            expires_at: now.plus_millis(LINK_MS),
        };
        tx.operator_links_delete(name).await?;
        tx.operator_link_insert(&link).await?;
        tx.audit_append(now, OPERATOR, "operator.link", &operator_id.to_string(), "").await?;
        tx.commit().await?;
        let base = party.base.as_str().trim_end_matches('/');
        Ok(NewLink {
            url: format!("{base}/operator/link/{}", secret.expose_secret()).into(),
            name: link.name,
            known: known.is_some(),
            expires_at: link.expires_at,
        })
    }

    /// Where operators sign in.
    ///
    /// # Errors
    /// [`Error::Conflict`] where the instance is reached by a number.
    pub fn operator_sign_in_url(&self) -> Result<String> {
        Ok(format!("{}/operator/sign-in", Party::of(&self.settings)?.base.as_str().trim_end_matches('/')))
    }

    /// All operators.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn operators(&self) -> Result<Vec<ListedOperator>> {
        Ok(self.store.operators(self.now()).await?)
    }

    /// Removes an operator: name, passkeys, sessions and links are deleted, and open pages of theirs end.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is no such operator.
    pub async fn operator_remove(&self, id: OperatorId) -> Result<()> {
        let now = self.now();
        let operator = self.store.operator(id).await?.ok_or(Error::NotFound { what: "operator" })?;
        let mut tx = self.store.begin().await?;
        if !tx.operator_delete(id).await? {
            return Err(Error::NotFound { what: "operator" });
        }
        tx.operator_links_delete(&operator.name).await?;
        tx.audit_append(now, OPERATOR, "operator.remove", &id.to_string(), "").await?;
        tx.commit().await.map_err(Error::from)
    }
}
