//! What personal data are read for: the purposes that the policy names, and no other. Owns the list; which statement reads for which is the store's.

/// One purpose of the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Use {
    /// To know who somebody is and to connect their account.
    SignIn,
    /// To hand to TikTok what somebody approved.
    Publish,
    /// To plan and to keep the queue.
    Plan,
    /// To show what was published, and how that went.
    History,
    /// To keep the service running: limits, clearing away, health.
    Maintain,
    /// To tell people something, and to answer them.
    Talk,
    /// What people have a right to: access, correction, export, erasure, receipts, their consents.
    Rights,
    /// To protect data: keys, the record of acts, incidents, operators' access.
    Protect,
}

impl Use {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::SignIn,
        Self::Publish,
        Self::Plan,
        Self::History,
        Self::Maintain,
        Self::Talk,
        Self::Rights,
        Self::Protect,
    ];

    /// The clause that names it.
    #[must_use]
    pub const fn clause(self) -> &'static str {
        match self {
            Self::SignIn => "PP-2.1",
            Self::Publish => "PP-2.2",
            Self::Plan => "PP-2.3",
            Self::History => "PP-2.4",
            Self::Maintain => "PP-2.5",
            Self::Talk => "PP-2.6",
            Self::Rights => "PP-7.1",
            Self::Protect => "PP-5.3",
        }
    }

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign_in",
            Self::Publish => "publish",
            Self::Plan => "plan",
            Self::History => "history",
            Self::Maintain => "maintain",
            Self::Talk => "talk",
            Self::Rights => "rights",
            Self::Protect => "protect",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::privacy::promises::PROMISES;

    #[test]
    fn pp_2_7_each_purpose_stands_in_the_policy_under_a_clause_of_its_own() {
        let mut clauses: Vec<&str> = Use::ALL.iter().map(|it| it.clause()).collect();
        assert!(clauses.iter().all(|clause| PROMISES.iter().any(|it| it.clause.0 == *clause)));
        clauses.dedup();
        assert_eq!(clauses.len(), Use::ALL.len());
    }
}
