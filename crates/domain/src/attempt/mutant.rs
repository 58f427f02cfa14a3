//! Known mistakes of publishers, to be made on purpose: tests turn one on and must see that something notices.
//!
//! Owns the names and the switch. Without the feature `mutants`, which only tests ask for, the switch is the constant `false`.

/// One mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mutant {
    /// A last chunk without an answer counts as failed, and the post is tried again.
    TimeoutMeansFailure,
    /// Whoever finds an announced last chunk begins anew instead of asking.
    NewAttemptAfterFinal,
    /// A refused token while polling leads to a new init.
    NewInitOnUnauthorized,
    /// The last chunk is sent before it is announced.
    NoFinalIntent,
    /// The URL's hour is judged by our own clock.
    ExpiryByLocalClock,
    /// Cancelling is granted although the last chunk is announced.
    CancelAfterFinal,
    /// A published post without ids counts as failed.
    NoIdsIsFailure,
    /// What TikTok refused for good is tried again.
    RetryForGoodRefusal,
    /// One look without bytes is enough to send the last chunk again.
    NoDoubleLook,
    /// The last chunk goes as soon as it can, whatever the time is.
    NoDueCheck,
    /// An init by which TikTok fetches the files itself is repeated while its gate stands open for everyone.
    PullRetriesInit,
    /// The store changes an attempt without asking for its state and epoch.
    BlindWrites,
    /// TikTok's task becomes durable only after the upload.
    TaskSavedAfterUpload,
    /// A lease is believed in by the wall clock.
    LeaseByWallClock,
    /// Two workers renew the tokens of one account at once.
    RefreshWithoutSingleFlight,
    /// What became overdue before a restore is published by itself.
    BacklogAfterRestore,
    /// The caption is read from the post when it is sent.
    CaptionAtSendTime,
    /// The upload address is logged.
    UploadUrlLogged,
    /// A person's "it is not there" is believed while the post may still come.
    AbsenceAtOnce,
    /// TikTok gets the pictures as soon as it asks, whatever the time is.
    GateBeforeRelease,
}

impl Mutant {
    /// Every mistake.
    pub const ALL: [Self; 20] = [
        Self::TimeoutMeansFailure,
        Self::NewAttemptAfterFinal,
        Self::NewInitOnUnauthorized,
        Self::NoFinalIntent,
        Self::ExpiryByLocalClock,
        Self::CancelAfterFinal,
        Self::NoIdsIsFailure,
        Self::RetryForGoodRefusal,
        Self::NoDoubleLook,
        Self::NoDueCheck,
        Self::PullRetriesInit,
        Self::BlindWrites,
        Self::TaskSavedAfterUpload,
        Self::LeaseByWallClock,
        Self::RefreshWithoutSingleFlight,
        Self::BacklogAfterRestore,
        Self::CaptionAtSendTime,
        Self::UploadUrlLogged,
        Self::AbsenceAtOnce,
        Self::GateBeforeRelease,
    ];

    #[cfg(feature = "mutants")]
    const fn bit(self) -> u32 {
        match self {
            Self::TimeoutMeansFailure => 1,
            Self::NewAttemptAfterFinal => 1 << 1,
            Self::NewInitOnUnauthorized => 1 << 2,
            Self::NoFinalIntent => 1 << 3,
            Self::ExpiryByLocalClock => 1 << 4,
            Self::CancelAfterFinal => 1 << 5,
            Self::NoIdsIsFailure => 1 << 6,
            Self::RetryForGoodRefusal => 1 << 7,
            Self::NoDoubleLook => 1 << 8,
            Self::NoDueCheck => 1 << 9,
            Self::PullRetriesInit => 1 << 10,
            Self::BlindWrites => 1 << 11,
            Self::TaskSavedAfterUpload => 1 << 12,
            Self::LeaseByWallClock => 1 << 13,
            Self::RefreshWithoutSingleFlight => 1 << 14,
            Self::BacklogAfterRestore => 1 << 15,
            Self::CaptionAtSendTime => 1 << 16,
            Self::UploadUrlLogged => 1 << 17,
            Self::AbsenceAtOnce => 1 << 18,
            Self::GateBeforeRelease => 1 << 19,
        }
    }
}

#[cfg(feature = "mutants")]
thread_local! {
    static ON: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// Whether this thread makes the mistake.
#[cfg(feature = "mutants")]
#[must_use]
pub fn active(mutant: Mutant) -> bool {
    ON.get() & mutant.bit() != 0
}

/// Whether this thread makes the mistake: never.
#[cfg(not(feature = "mutants"))]
#[must_use]
pub const fn active(_: Mutant) -> bool {
    false
}

/// While it lives, this thread makes a mistake.
#[cfg(feature = "mutants")]
#[derive(Debug)]
#[must_use = "the mistake ends when this is dropped"]
pub struct Switched {
    before: u32,
    // What one thread switches on, the same thread switches off.
    here: std::marker::PhantomData<*const ()>,
}

/// Makes a mistake until the answer is dropped; for runs that await on one thread.
#[cfg(feature = "mutants")]
pub fn switch(mutant: Mutant) -> Switched {
    let before = ON.get();
    ON.set(before | mutant.bit());
    Switched { before, here: std::marker::PhantomData }
}

/// Makes a mistake while `run` runs.
#[cfg(feature = "mutants")]
pub fn with<T>(mutant: Mutant, run: impl FnOnce() -> T) -> T {
    let _switched = switch(mutant);
    run()
}

#[cfg(feature = "mutants")]
impl Drop for Switched {
    fn drop(&mut self) {
        ON.set(self.before);
    }
}

#[cfg(all(test, feature = "mutants"))]
mod tests {
    use super::*;

    #[test]
    fn a_mistake_is_made_only_while_it_is_switched_on_and_only_by_this_thread() {
        for mutant in Mutant::ALL {
            let others = Mutant::ALL.into_iter().filter(|other| *other != mutant);
            assert!(!active(mutant));
            with(mutant, || {
                assert!(active(mutant));
                assert!(others.clone().all(|other| !active(other)));
                assert!(!std::thread::spawn(move || active(mutant)).join().unwrap());
            });
            assert!(!active(mutant));
        }
    }
}
