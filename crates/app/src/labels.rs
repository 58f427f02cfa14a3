//! Labels of posts and ideas: making them, and saying which post bears which. Owns the use cases; pages show and filter by them.

use std::collections::HashMap;

use domain::board::{LABELS_MAX, LabelProblem, LabelsProblem, POST_LABELS_MAX, label, labels};
use domain::connection::Flavour;
use domain::id::{IdeaId, LabelId, PostId};
use domain::media::tags::same;
use store::label::Label;
use store::{Post, StoreError, Tx};

use crate::{Actor, App, Error, Result};

/// Posts with one label that are told from others.
pub(crate) const BEARING_MAX: i64 = 100_000;

fn refused(problem: LabelProblem) -> Error {
    let code = match problem {
        LabelProblem::Missing => "label-missing",
        LabelProblem::TooLong => "label-too-long",
        LabelProblem::Comma => "label-comma",
        LabelProblem::Twice => "label-twice",
    };
    Error::BadInput { code }
}

const MISSING: Error = Error::NotFound { what: "post" };

/// What became of giving labels that are held: where it was refused, the post went in this very moment.
fn borne(given: store::Result<()>) -> Result<()> {
    match given {
        Err(StoreError::Constraint(_)) => Err(MISSING),
        other => other.map_err(Error::from),
    }
}

/// The labels that a post or an idea shall bear.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labelling {
    /// Labels that there are.
    pub chosen: Vec<LabelId>,
    /// One to be made, or nothing. One that there is already is taken as it is.
    pub new: String,
    /// The colour of the new one; without one it gets the colour that fewest have.
    pub flavour: Option<Flavour>,
}

/// The colour that fewest labels have.
fn rarest(all: &[Label]) -> Flavour {
    let many = |flavour: Flavour| all.iter().filter(|label| label.flavour == flavour).count();
    Flavour::ALL.into_iter().min_by_key(|flavour| many(*flavour)).unwrap_or(Flavour::Sea)
}

impl App {
    /// The labels of the actor's workspace, in the order of their words.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn labels(&self, actor: &Actor) -> Result<Vec<Label>> {
        let mut all = self.store.labels(actor.workspace_id).await?;
        all.sort_by_key(|label| (label.words.to_lowercase(), label.id));
        Ok(all)
    }

    /// One label of the actor's workspace.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not there or not theirs.
    pub async fn label(&self, actor: &Actor, id: LabelId) -> Result<Label> {
        let all = self.store.labels(actor.workspace_id).await?;
        all.into_iter().find(|label| label.id == id).ok_or(Error::NotFound { what: "label" })
    }

    /// Makes a label.
    ///
    /// # Errors
    /// [`Error::BadInput`] `label-…` for what is wrong with it, [`Error::Limit`] `too-many-labels`.
    pub async fn label_add(&self, actor: &Actor, words: &str, flavour: Option<Flavour>) -> Result<LabelId> {
        let mut tx = self.store.begin().await?;
        let all = tx.labels_held(actor.workspace_id).await?;
        let made = self.label_made(actor, &mut tx, &all, words, flavour).await?;
        tx.commit().await?;
        Ok(made.id)
    }

    async fn label_made(
        &self,
        actor: &Actor,
        tx: &mut Tx,
        all: &[Label],
        words: &str,
        flavour: Option<Flavour>,
    ) -> Result<Label> {
        let words = label(words, all.iter().map(|label| label.words.as_str())).map_err(refused)?;
        if all.len() >= LABELS_MAX {
            return Err(Error::Limit { code: "too-many-labels" });
        }
        let now = self.now();
        let id = LabelId::from_uuid(self.random.uuid(now));
        let (workspace_id, person_id) = (actor.workspace_id, actor.user_id);
        let flavour = flavour.unwrap_or_else(|| rarest(all));
        let made = Label { id, workspace_id, person_id, words, flavour, at: now };
        tx.label_put(&made).await?;
        Ok(made)
    }

    /// The labels of these words; those that are missing are made, and stand in `all` afterwards.
    pub(crate) async fn labels_of_words(
        &self,
        actor: &Actor,
        tx: &mut Tx,
        all: &mut Vec<Label>,
        words: &[String],
    ) -> Result<Vec<LabelId>> {
        let mut found = Vec::new();
        for word in words {
            let there = all.iter().find(|label| same(&label.words, word)).map(|label| label.id);
            found.push(match there {
                Some(id) => id,
                None => {
                    let made = self.label_made(actor, tx, all, word, None).await?;
                    let id = made.id;
                    all.push(made);
                    id
                }
            });
        }
        Ok(found)
    }

    /// Gives a post the labels of a list, as it stands in a cell, in place of those it had. Those that are missing are made.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the post is not theirs, [`Error::BadInput`] `label-too-long`, [`Error::Limit`] for too many.
    pub async fn post_labels_write(&self, actor: &Actor, id: PostId, list: &str) -> Result<()> {
        let words = labels(list).map_err(|problem| match problem {
            LabelsProblem::TooLong => Error::BadInput { code: "label-too-long" },
            LabelsProblem::TooMany => Error::Limit { code: "too-many-post-labels" },
        })?;
        let mut tx = self.store.begin().await?;
        let post = tx.post(actor.workspace_id, id).await?.ok_or(MISSING)?;
        let mut all = tx.labels_held(actor.workspace_id).await?;
        let mut wanted = self.labels_of_words(actor, &mut tx, &mut all, &words).await?;
        wanted.sort_unstable();
        if tx.post_labels(id).await? == wanted {
            return Ok(());
        }
        borne(tx.post_labels_put(id, &wanted).await)?;
        tx.commit().await?;
        self.post_changed(actor, id, post.state);
        Ok(())
    }

    /// Words a label anew and gives it another colour; whatever bears it goes on doing so.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs, and as [`App::label_add`].
    pub async fn label_change(&self, actor: &Actor, id: LabelId, words: &str, flavour: Flavour) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let all = tx.labels_held(actor.workspace_id).await?;
        let Some(before) = all.iter().find(|label| label.id == id) else {
            return Err(Error::NotFound { what: "label" });
        };
        let others = all.iter().filter(|label| label.id != id).map(|label| label.words.as_str());
        let words = label(words, others).map_err(refused)?;
        let after = Label { words, flavour, person_id: actor.user_id, at: self.now(), ..before.clone() };
        tx.label_put(&after).await?;
        tx.commit().await.map_err(Error::from)
    }

    /// Removes a label from everything that bears it.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it is not theirs.
    pub async fn label_delete(&self, actor: &Actor, id: LabelId) -> Result<()> {
        let mut tx = self.store.begin().await?;
        // After whoever gives it to a post now.
        tx.labels_held(actor.workspace_id).await?;
        if !tx.label_delete(actor.workspace_id, id).await? {
            return Err(Error::NotFound { what: "label" });
        }
        tx.commit().await.map_err(Error::from)
    }

    /// Gives a post these labels in place of those it had. Nothing of it goes to TikTok, so a consent stays what it is.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the post or a label is not theirs, [`Error::Limit`] `too-many-post-labels`, and as [`App::label_add`].
    pub async fn post_labels_set(&self, actor: &Actor, id: PostId, wanted: &Labelling) -> Result<Post> {
        let mut tx = self.store.begin().await?;
        let post = tx.post(actor.workspace_id, id).await?.ok_or(MISSING)?;
        let labels = self.agreed_labels(actor, &mut tx, wanted).await?;
        borne(tx.post_labels_put(id, &labels).await)?;
        tx.commit().await?;
        self.post_changed(actor, id, post.state);
        Ok(post)
    }

    /// Gives an idea these labels in place of those it had.
    ///
    /// # Errors
    /// As [`App::post_labels_set`].
    pub async fn idea_labels_set(&self, actor: &Actor, id: IdeaId, wanted: &Labelling) -> Result<()> {
        let mut tx = self.store.begin().await?;
        let labels = self.agreed_labels(actor, &mut tx, wanted).await?;
        if !tx.idea_relabel(actor.workspace_id, id, &labels).await? {
            return Err(Error::NotFound { what: "idea" });
        }
        tx.commit().await.map_err(Error::from)
    }

    /// The labels that are asked for, each once and all of them the actor's; a new one is made.
    async fn agreed_labels(&self, actor: &Actor, tx: &mut Tx, wanted: &Labelling) -> Result<Vec<LabelId>> {
        let all = tx.labels_held(actor.workspace_id).await?;
        let mut labels: Vec<LabelId> = Vec::new();
        for id in &wanted.chosen {
            if !all.iter().any(|label| label.id == *id) {
                return Err(Error::NotFound { what: "label" });
            }
            if !labels.contains(id) {
                labels.push(*id);
            }
        }
        let new = wanted.new.as_str();
        if !new.trim().is_empty() {
            let there = all.iter().find(|label| same(&label.words, new)).map(|label| label.id);
            let id = match there {
                Some(id) => id,
                None => self.label_made(actor, tx, &all, new, wanted.flavour).await?.id,
            };
            if !labels.contains(&id) {
                labels.push(id);
            }
        }
        if labels.len() > POST_LABELS_MAX {
            return Err(Error::Limit { code: "too-many-post-labels" });
        }
        Ok(labels)
    }

    /// Which labels these posts bear, in the order of their words.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn labels_of(&self, actor: &Actor, posts: &[PostId]) -> Result<HashMap<PostId, Vec<Label>>> {
        let borne = self.store.labels_of(actor.workspace_id, posts).await?;
        if borne.is_empty() {
            return Ok(HashMap::new());
        }
        let all = self.labels(actor).await?;
        Ok(borne.into_iter().map(|(post, ids)| (post, named(&all, &ids))).collect())
    }
}

/// The labels of these ids, in the order of `all`.
pub(crate) fn named(all: &[Label], ids: &[LabelId]) -> Vec<Label> {
    all.iter().filter(|label| ids.contains(&label.id)).cloned().collect()
}
