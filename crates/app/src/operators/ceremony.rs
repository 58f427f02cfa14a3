//! Questions to authenticators and what their answers open. Owns what has to be true of an answer; the cryptography is `passki`'s on aws-lc.
//!
//! A question lives in the database for five minutes, is bound to the browser that asked for it, and is used up by the first answer, right or
//! wrong. Must not say why an answer was refused: everybody may send one.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::id::OperatorId;
use passki::{
    AuthenticationCredential, AuthenticationOptions, AuthenticationState, PasskiError, RegistrationCredential,
    RegistrationOptions, RegistrationState, ResidentKeyRequirement, StoredPasskey, UserVerificationRequirement,
};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use store::operator::{Ceremony, CeremonyPurpose, Operator, OperatorLink, Passkey};

use super::{CEREMONY_MS, OperatorActor, Party};
use crate::alerts::AlertKind;
use crate::random::secret_hash;
use crate::sessions::Device;
use crate::{App, Error, Result};

/// Why an answer opens nothing, in one word for all reasons.
const REFUSED: Error = Error::Conflict { code: "operator-refused" };
/// Algorithms of keys that can be checked here, by their COSE numbers: Ed25519, ES256, ES384, RS256, RS384.
const ALGORITHMS: [i32; 5] = [-8, -7, -35, -257, -258];
/// Longest answer that is looked at, bytes.
const ANSWER_MAX: usize = 16 * 1024;
/// Questions that wait for an answer, of everybody together: each is a row for five minutes, and each address has its own limit besides.
const QUESTIONS_OPEN_MAX: i64 = 10_000;
/// Passkeys of one operator.
const PASSKEYS_MAX: usize = 10;

/// A question for the browser's authenticator.
#[derive(Debug)]
pub struct Begun {
    /// What this browser has to bring along with the answer.
    pub browser_secret: SecretString,
    /// The options of `navigator.credentials`, in the form that JSON has for them.
    pub options: serde_json::Value,
}

/// Somebody came in.
#[derive(Debug)]
pub struct Entered {
    /// The cookie of the new session.
    pub secret: SecretString,
    /// Who.
    pub actor: OperatorActor,
}

fn read<T: DeserializeOwned>(answer: &[u8]) -> Result<T> {
    if answer.len() > ANSWER_MAX {
        return Err(REFUSED);
    }
    serde_json::from_slice(answer).map_err(|_| REFUSED)
}

/// What an answer broke is told to the log, without anything of the answer.
fn refused(error: &PasskiError) -> Error {
    let why = if matches!(error, PasskiError::CounterRegression) {
        "the passkey's counter went back: it may have been copied"
    } else if matches!(error, PasskiError::UserVerificationRequired) {
        "the authenticator did not verify its user"
    } else if matches!(error, PasskiError::ChallengeMismatch) {
        "it answers another question"
    } else if matches!(error, PasskiError::OriginMismatch { .. } | PasskiError::RpIdHashMismatch) {
        "it is for another address"
    } else if matches!(error, PasskiError::SignatureVerificationFailed) {
        "the signature does not fit"
    } else {
        "it is malformed"
    };
    tracing::warn!(why, "an authenticator's answer was refused");
    REFUSED
}

/// What the library wants to know again of a question. Its types are made by reading only.
fn state<T: DeserializeOwned>(ceremony: &Ceremony, mut rest: serde_json::Value) -> Result<T> {
    let challenge = URL_SAFE_NO_PAD.decode(&ceremony.challenge).map_err(|_| REFUSED)?;
    if let Some(object) = rest.as_object_mut() {
        object.insert("challenge".to_owned(), challenge.into());
        object.insert("user_verification".to_owned(), "required".into());
    }
    serde_json::from_value(rest).map_err(|_| REFUSED)
}

fn for_library(row: &Passkey) -> Result<StoredPasskey> {
    let mut passkey = StoredPasskey::default();
    passkey.credential_id = URL_SAFE_NO_PAD.decode(&row.credential_id).map_err(|_| REFUSED)?;
    passkey.public_key.clone_from(&row.public_key);
    passkey.algorithm = i32::try_from(row.algorithm).map_err(|_| REFUSED)?;
    passkey.counter = u32::try_from(row.counter).map_err(|_| REFUSED)?;
    Ok(passkey)
}

impl App {
    /// For whom a link is, while it counts.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it does not; that is counted as a failed sign-in.
    pub async fn operator_invited(&self, word: &str) -> Result<OperatorLink> {
        let link = self.store.operator_link(&secret_hash(word), self.now()).await?;
        link.ok_or_else(|| {
            self.alerts.note(AlertKind::FailedSignIns);
            Error::NotFound { what: "link" }
        })
    }

    /// Asks the browser of whoever holds a link to make a passkey.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the link does not count.
    pub async fn operator_register_begin(&self, word: &str) -> Result<Begun> {
        let link = self.operator_invited(word).await?;
        let keys = self.store.operator_passkeys(link.operator_id).await?;
        if keys.len() >= PASSKEYS_MAX {
            return Err(Error::Limit { code: "operator-passkeys" });
        }
        let known = keys.iter().map(for_library).collect::<Result<Vec<_>>>()?;
        let mut options = RegistrationOptions::default();
        options.timeout = u64::try_from(CEREMONY_MS).unwrap_or_default();
        options.resident_key = ResidentKeyRequirement::Required;
        options.user_verification = UserVerificationRequirement::Required;
        options.exclude_credentials = Some(&known);
        let handle = *link.operator_id.uuid().as_bytes();
        let (mut question, _) = Party::of(&self.settings)?
            .passki()
            .start_passkey_registration(&handle, &link.name, &link.name, options)
            .map_err(|error| refused(&error))?;
        let (secret, challenge) = self.new_question(CeremonyPurpose::Register, link.secret_hash).await?;
        question.challenge = challenge;
        let options = serde_json::to_value(&question).map_err(|_| REFUSED)?;
        Ok(Begun { browser_secret: secret, options })
    }

    /// Takes a new passkey in, uses the link up, and signs its operator in.
    ///
    /// # Errors
    /// [`Error::Conflict`] for an answer that does not fit; [`Error::NotFound`] when the link does not count any more.
    pub async fn operator_register_finish(
        &self,
        word: &str,
        browser: &SecretString,
        answer: &[u8],
        device: &Device,
    ) -> Result<Entered> {
        let now = self.now();
        let ceremony = self.answered(browser, CeremonyPurpose::Register).await?;
        if ceremony.subject != secret_hash(word) {
            return Err(self.not_let_in(REFUSED));
        }
        let made = self.registered(&ceremony, answer).map_err(|error| self.not_let_in(error))?;
        let mut tx = self.store.begin().await?;
        let link = tx.operator_link_take(&ceremony.subject, now).await?.ok_or(Error::NotFound { what: "link" })?;
        match tx.operator_named(&link.name).await? {
            Some(known) if known.id == link.operator_id => {}
            // The name was given to somebody else since the link was made.
            Some(_) => return Err(REFUSED),
            None => {
                let operator = Operator { id: link.operator_id, name: link.name.clone(), created_at: now };
                tx.operator_insert(&operator).await?;
            }
        }
        let passkey = Passkey {
            credential_id: URL_SAFE_NO_PAD.encode(&made.credential_id),
            operator_id: link.operator_id,
            public_key: made.public_key,
            algorithm: made.algorithm.into(),
            counter: made.counter.into(),
            created_at: now,
            last_used_at: Some(now),
        };
        tx.operator_passkey_insert(&passkey).await?;
        let operator = Operator { id: link.operator_id, name: link.name, created_at: now };
        let entered = self.open_operator_session(&mut tx, &operator, device, now).await?;
        let who = entered.actor.audit_name();
        tx.audit_append(now, &who, "operator.passkey", &operator.id.to_string(), "").await?;
        tx.audit_append(now, &who, "operator.sign_in", &entered.actor.session_id.to_string(), "").await?;
        tx.commit().await?;
        Ok(entered)
    }

    fn registered(&self, ceremony: &Ceremony, answer: &[u8]) -> Result<StoredPasskey> {
        let credential: RegistrationCredential = read(answer)?;
        let nobody = serde_json::json!({ "user": { "id": "", "name": "", "displayName": "" } });
        let state: RegistrationState = state(ceremony, nobody)?;
        let made = Party::of(&self.settings)?
            .passki()
            .finish_passkey_registration(&credential, &state)
            .map_err(|error| refused(&error))?;
        // A key that could never be checked again would lock its operator out.
        if ALGORITHMS.contains(&made.algorithm) { Ok(made) } else { Err(REFUSED) }
    }

    /// Asks a browser who is there.
    ///
    /// # Errors
    /// When the database does not answer, or where the instance is reached by a number.
    pub async fn operator_sign_in_begin(&self) -> Result<Begun> {
        let options = self.asked_of(&[])?;
        self.asking(CeremonyPurpose::SignIn, String::new(), options).await
    }

    /// Signs in whose passkey answered.
    ///
    /// # Errors
    /// [`Error::Conflict`], in one word for all reasons.
    pub async fn operator_sign_in_finish(
        &self,
        browser: &SecretString,
        answer: &[u8],
        device: &Device,
    ) -> Result<Entered> {
        let now = self.now();
        let ceremony = self.answered(browser, CeremonyPurpose::SignIn).await?;
        let (passkey, counter) = self.proven(&ceremony, answer, None).await?;
        let operator = self.store.operator(passkey.operator_id).await?.ok_or(REFUSED)?;
        let mut tx = self.store.begin().await?;
        if !tx.operator_passkey_used(&passkey, counter, now).await? {
            return Err(self.not_let_in(REFUSED));
        }
        let entered = self.open_operator_session(&mut tx, &operator, device, now).await?;
        let session = entered.actor.session_id.to_string();
        tx.audit_append(now, &entered.actor.audit_name(), "operator.sign_in", &session, "").await?;
        tx.commit().await?;
        Ok(entered)
    }

    /// Asks whether it is still the operator who sits there.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn operator_confirm_begin(
        &self,
        actor: &OperatorActor,
        browser: &SecretString,
    ) -> Result<serde_json::Value> {
        let keys = self.store.operator_passkeys(actor.id).await?;
        let keys = keys.iter().map(for_library).collect::<Result<Vec<_>>>()?;
        let (mut options, challenge) = (self.asked_of(&keys)?, self.challenge());
        options.insert("challenge".to_owned(), challenge.clone().into());
        self.note_question(browser, CeremonyPurpose::Confirm, challenge, actor.id.to_string()).await?;
        Ok(options.into())
    }

    /// It is: for ten minutes something may be changed.
    ///
    /// # Errors
    /// [`Error::Conflict`], in one word for all reasons.
    pub async fn operator_confirm_finish(
        &self,
        actor: &OperatorActor,
        browser: &SecretString,
        answer: &[u8],
    ) -> Result<()> {
        let now = self.now();
        let ceremony = self.answered(browser, CeremonyPurpose::Confirm).await?;
        if ceremony.subject != actor.id.to_string() {
            return Err(self.not_let_in(REFUSED));
        }
        let (passkey, counter) = self.proven(&ceremony, answer, Some(actor.id)).await?;
        let mut tx = self.store.begin().await?;
        if !tx.operator_passkey_used(&passkey, counter, now).await?
            || !tx.operator_session_verified(actor.session_id, now).await?
        {
            return Err(self.not_let_in(REFUSED));
        }
        tx.audit_append(now, &actor.audit_name(), "operator.confirm", &actor.session_id.to_string(), "").await?;
        tx.commit().await.map_err(Error::from)
    }

    fn challenge(&self) -> String {
        // 256 bits, as the library would draw them itself; chance comes from one place.
        self.random.secret().expose_secret().to_owned()
    }

    fn asked_of(&self, keys: &[StoredPasskey]) -> Result<serde_json::Map<String, serde_json::Value>> {
        let mut options = AuthenticationOptions::default();
        options.timeout = u64::try_from(CEREMONY_MS).unwrap_or_default();
        options.user_verification = UserVerificationRequirement::Required;
        let party = Party::of(&self.settings)?;
        let (question, _) =
            party.passki().start_passkey_authentication(keys, options).map_err(|error| refused(&error))?;
        match serde_json::to_value(&question) {
            Ok(serde_json::Value::Object(options)) => Ok(options),
            Ok(_) | Err(_) => Err(REFUSED),
        }
    }

    async fn asking(
        &self,
        purpose: CeremonyPurpose,
        subject: String,
        mut options: serde_json::Map<String, serde_json::Value>,
    ) -> Result<Begun> {
        let (browser_secret, challenge) = self.new_question(purpose, subject).await?;
        options.insert("challenge".to_owned(), challenge.into());
        Ok(Begun { browser_secret, options: options.into() })
    }

    /// Writes a question for a browser that has no secret yet; gives the secret and the challenge.
    async fn new_question(&self, purpose: CeremonyPurpose, subject: String) -> Result<(SecretString, String)> {
        let (secret, challenge) = (self.random.secret(), self.challenge());
        self.note_question(&secret, purpose, challenge.clone(), subject).await?;
        Ok((secret, challenge))
    }

    async fn note_question(
        &self,
        browser: &SecretString,
        purpose: CeremonyPurpose,
        challenge: String,
        subject: String,
    ) -> Result<()> {
        let ceremony = Ceremony {
            browser_hash: secret_hash(browser.expose_secret()),
            purpose,
            challenge,
            subject,
            expires_at: self.now().plus_millis(CEREMONY_MS),
        };
        let mut tx = self.store.begin().await?;
        // Whoever is in already is never kept from confirming by strangers at the door.
        let stranger = purpose != CeremonyPurpose::Confirm;
        if stranger && tx.operator_ceremonies_open(self.now()).await? >= QUESTIONS_OPEN_MAX {
            return Err(Error::Limit { code: "operator-questions" });
        }
        tx.operator_ceremony_put(&ceremony).await?;
        tx.commit().await.map_err(Error::from)
    }

    /// Uses the browser's question up, before the answer is looked at.
    async fn answered(&self, browser: &SecretString, purpose: CeremonyPurpose) -> Result<Ceremony> {
        let mut tx = self.store.begin().await?;
        let hash = secret_hash(browser.expose_secret());
        let ceremony = tx.operator_ceremony_take(&hash, purpose, self.now()).await?;
        tx.commit().await?;
        ceremony.ok_or_else(|| self.not_let_in(REFUSED))
    }

    /// The passkey that answered, and its new count.
    async fn proven(&self, ceremony: &Ceremony, answer: &[u8], of: Option<OperatorId>) -> Result<(Passkey, i64)> {
        let credential: AuthenticationCredential = read(answer).map_err(|error| self.not_let_in(error))?;
        let row = self.store.operator_passkey(&credential.raw_id).await?;
        let row = row.filter(|row| of.is_none_or(|id| row.operator_id == id));
        let Some(row) = row else { return Err(self.not_let_in(REFUSED)) };
        let counter = self.checked(ceremony, &credential, &row).map_err(|error| self.not_let_in(error))?;
        Ok((row, counter))
    }

    fn checked(&self, ceremony: &Ceremony, credential: &AuthenticationCredential, row: &Passkey) -> Result<i64> {
        let state: AuthenticationState = state(ceremony, serde_json::json!({ "allowed_credentials": [] }))?;
        let found = Party::of(&self.settings)?
            .passki()
            .finish_passkey_authentication(credential, &state, &for_library(row)?)
            .map_err(|error| refused(&error))?;
        // A passkey says for whom it was made; somebody else's row must not answer for it.
        match found.user_handle {
            Some(handle) if handle == row.operator_id.uuid().as_bytes() => Ok(found.counter.into()),
            Some(_) => Err(REFUSED),
            // Where the server named the keys, an authenticator may leave it away.
            None if ceremony.purpose == CeremonyPurpose::Confirm => Ok(found.counter.into()),
            None => Err(REFUSED),
        }
    }

    /// Counts what opened nothing.
    fn not_let_in(&self, error: Error) -> Error {
        self.alerts.note(AlertKind::FailedSignIns);
        error
    }
}
