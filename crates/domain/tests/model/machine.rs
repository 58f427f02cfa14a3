//! The real `decide`, asked once for every distinct question. Owns the translation of its answers and the record of edges taken.

use std::collections::{BTreeSet, HashMap};

use domain::attempt::{Change, EDGES, Effect, Kind, PostChange, State, Then, decide};

use crate::concrete::{self, Frame, Names, Question};
use crate::search::Quick;
use crate::world::{Act, Happened, Row};

/// What a commit writes to the post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostWrite {
    Keep,
    /// For its time, or for the end of a rest.
    Waits,
    Published,
    InInbox,
    Failed,
    NeedsAttention,
    Asked,
    /// A new attempt.
    Again,
}

/// What a decision changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changes {
    Nothing,
    Memory(Row),
    Commit { row: Row, post: PostWrite },
}

/// What follows a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follows {
    Resume,
    Perform(Act),
    Wait,
    Hold,
    Over,
}

/// One edge as it was taken: from, to, evidence.
pub type Taken = (Kind, Kind, Option<&'static str>);

/// The machine under test.
pub struct Machine {
    frame: Frame,
    known: HashMap<Question, (Changes, Follows), Quick>,
    /// Every edge that a decision asked for.
    pub taken: BTreeSet<Taken>,
    /// Edges that the table does not have, or not with this evidence.
    pub outside: BTreeSet<Taken>,
}

impl Machine {
    pub fn new(frame: Frame) -> Self {
        Self { frame, known: HashMap::default(), taken: BTreeSet::new(), outside: BTreeSet::new() }
    }

    /// Different questions so far.
    pub fn questions(&self) -> usize {
        self.known.len()
    }

    pub fn ask(&mut self, question: &Question) -> (Changes, Follows) {
        // The index of the task cannot matter to a decision, that there is one can.
        let index = question.row.task;
        let given = match question.happened {
            Happened::TaskGiven(index) => Some(index),
            _ => None,
        };
        let mut key = *question;
        key.row.task = index.map(|_| 0);
        if given.is_some() {
            key.happened = Happened::TaskGiven(0);
        }
        let (changes, follows) = match self.known.get(&key) {
            Some(known) => *known,
            None => {
                let answer = self.really(&key);
                self.known.insert(key, answer);
                answer
            }
        };
        let name = |mut row: Row| {
            row.task = match row.task {
                Some(1) => given,
                Some(_) => index,
                None => None,
            };
            row
        };
        let changes = match changes {
            Changes::Nothing => Changes::Nothing,
            Changes::Memory(row) => Changes::Memory(name(row)),
            Changes::Commit { row, post } => Changes::Commit { row: name(row), post },
        };
        (changes, follows)
    }

    fn really(&mut self, question: &Question) -> (Changes, Follows) {
        let attempt = concrete::attempt(question, self.frame);
        let event = concrete::event(question, self.frame);
        let decision = decide(&attempt, &event, &concrete::facts(question, self.frame));
        let back = |attempt: &domain::attempt::Attempt| {
            let (mut row, names) = concrete::row(attempt, &question.row, concrete::now(question));
            row.task = match names {
                Names::Nothing => None,
                Names::Own => Some(0),
                Names::Given => Some(1),
            };
            row
        };
        let changes = match &decision.change {
            Change::None => Changes::Nothing,
            Change::Memory(next) => {
                assert_eq!(next.state.kind(), attempt.state.kind(), "memory never changes the state");
                Changes::Memory(back(next))
            }
            Change::Commit(commit) => {
                let next = &commit.attempt;
                let evidence = match &next.state {
                    State::Dead { evidence, .. } => Some(evidence.id()),
                    _ => None,
                };
                self.note((attempt.state.kind(), next.state.kind(), evidence));
                let mut row = back(next);
                // An equal state written again ends the search for ids.
                row.ids |= matches!(decision.then, Then::Finished) && row.kind == Kind::Published;
                Changes::Commit { row, post: post(&commit.post) }
            }
        };
        let follows = match decision.then {
            Then::Continue => Follows::Resume,
            Then::Perform(effect) => Follows::Perform(act(effect)),
            Then::WaitUntil(_) => Follows::Wait,
            Then::HoldUntil(_) => Follows::Hold,
            Then::Finished | Then::Refused(_) => Follows::Over,
        };
        if !matches!(changes, Changes::Commit { .. }) && self.frame.faultless {
            only_reads(question, follows);
        }
        (changes, follows)
    }

    fn note(&mut self, taken: Taken) {
        self.taken.insert(taken);
        let allowed = EDGES.iter().any(|edge| {
            (edge.from, edge.to) == (taken.0, taken.1) && taken.2.is_none_or(|id| edge.evidence.contains(&id))
        });
        if !allowed {
            self.outside.insert(taken);
        }
    }
}

/// What a zombie may do at most: without a commit, which it cannot make, a worker asks, or sends what was announced. The model
/// forgets the rest of a zombie on the strength of this.
fn only_reads(question: &Question, follows: Follows) {
    let Follows::Perform(act) = follows else { return };
    let announced = question.row.kind == Kind::FinalIntent && question.happened == Happened::ChunkAccepted;
    let allowed = match act {
        Act::SendInit => false,
        Act::Put { last: true } => announced,
        Act::Put { last: false } | Act::CheckCreator | Act::Verify | Act::AskStatus | Act::RefreshToken => true,
    };
    assert!(allowed, "{act:?} without a commit: {question:?}");
}

fn act(effect: Effect) -> Act {
    match effect {
        Effect::CheckCreator => Act::CheckCreator,
        Effect::SendInit(_) => Act::SendInit,
        Effect::VerifyMedia => Act::Verify,
        Effect::PutChunk { is_final, .. } => Act::Put { last: is_final },
        Effect::FetchStatus => Act::AskStatus,
        Effect::RefreshToken => Act::RefreshToken,
    }
}

fn post(change: &PostChange) -> PostWrite {
    match change {
        PostChange::Keep | PostChange::Linked { .. } | PostChange::LeftToCaller => PostWrite::Keep,
        PostChange::Waits => PostWrite::Waits,
        PostChange::Published { .. } => PostWrite::Published,
        PostChange::InInbox => PostWrite::InInbox,
        PostChange::Failed(_) => PostWrite::Failed,
        PostChange::NeedsAttention(trouble) if trouble.code.starts_with("outcome-unknown") => PostWrite::Asked,
        PostChange::NeedsAttention(_) => PostWrite::NeedsAttention,
        PostChange::TryAgain { .. } => PostWrite::Again,
    }
}
