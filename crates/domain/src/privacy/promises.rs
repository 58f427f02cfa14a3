//! What keeps each promise of the policy, as `clauses.toml` says: the mechanism, the kind of proof, and openly what is missing.
//!
//! Owns the types; the build turns the file into [`PROMISES`]. What a promise says is the policy's; whether its tests passed is looked at outside.

use super::clauses::ClauseId;

/// A text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words {
    /// English.
    pub en: &'static str,
    /// Russian.
    pub ru: &'static str,
}

/// What shows that a promise is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Tests that bear the clause's id in their names.
    Test,
    /// Only people can keep it.
    Duty,
}

/// One clause and what keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Promise {
    /// Which clause.
    pub clause: ClauseId,
    /// The mechanism.
    pub how: Words,
    /// What shows it.
    pub proof: Proof,
    /// What the program does not keep yet; such a clause is kept in part.
    pub missing: Option<Words>,
}

include!(concat!(env!("OUT_DIR"), "/promises.rs"));

impl Promise {
    /// How the names of its tests begin: `pp_6_3_` for `PP-6.3`.
    #[must_use]
    pub fn test_prefix(&self) -> String {
        let mut prefix = self.clause.0.to_ascii_lowercase().replace(['-', '.'], "_");
        prefix.push('_');
        prefix
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::privacy::retention::{DATA_MAP, FILES};

    #[test]
    fn pp_1_6_no_column_leans_on_a_clause_without_a_mechanism() {
        let known: HashSet<&str> = PROMISES.iter().map(|it| it.clause.0).collect();
        let leaned_on = DATA_MAP.iter().map(|it| it.clause).chain(FILES.iter().map(|it| it.clause));
        let unknown: Vec<ClauseId> = leaned_on.filter(|it| !known.contains(it.0)).collect();
        assert_eq!(unknown, []);
    }

    #[test]
    fn each_clause_stands_once_in_the_order_of_the_policy() {
        let place = |it: &Promise| {
            let (chapter, clause) = it.clause.0.strip_prefix("PP-").unwrap().split_once('.').unwrap();
            (chapter.parse::<u32>().unwrap(), clause.parse::<u32>().unwrap())
        };
        assert!(PROMISES.windows(2).all(|pair| place(&pair[0]) < place(&pair[1])));
        assert_eq!(PROMISES[0].test_prefix(), "pp_1_1_");
    }
}
