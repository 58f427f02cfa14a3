//! What changed between two versions, clause by clause and word by word. Owns the comparison; must not know how it is drawn.

use super::filled::{Filled, FilledClause};

/// A run of words that both versions have, or only one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    /// In both.
    Same(String),
    /// Only in the earlier one.
    Gone(String),
    /// Only in the later one.
    New(String),
}

/// What happened to a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is new; its text.
    Added(String),
    /// It is gone; the text it had.
    Removed(String),
    /// Its words changed.
    Changed(Vec<Run>),
}

/// A clause that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClauseChange {
    /// Its id.
    pub id: String,
    /// The chapter it stands in.
    pub heading: String,
    /// What happened.
    pub change: Change,
}

/// The difference of two documents.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Changes {
    /// In the order of the later version; what is gone stands where it stood.
    pub clauses: Vec<ClauseChange>,
    /// How many clauses say the same as before.
    pub unchanged: usize,
}

/// Compares two versions by the ids of their clauses.
#[must_use]
pub fn compare(before: &Filled, after: &Filled) -> Changes {
    let mut changes = Changes::default();
    let find = |document: &Filled, id: &str| document.clauses().find(|clause| clause.id == id).cloned();
    for (heading, clause) in placed(after) {
        let change = match find(before, &clause.id) {
            None => Change::Added(clause.plain()),
            Some(old) if old.plain() == clause.plain() => {
                changes.unchanged += 1;
                continue;
            }
            Some(old) => Change::Changed(words(&old.plain(), &clause.plain())),
        };
        changes.clauses.push(ClauseChange { id: clause.id.clone(), heading: heading.to_owned(), change });
    }
    let mut place = 0;
    for (heading, clause) in placed(before) {
        if let Some(at) = changes.clauses.iter().position(|it| it.id == clause.id) {
            place = at.saturating_add(1);
        } else if find(after, &clause.id).is_none() {
            let change = Change::Removed(clause.plain());
            let gone = ClauseChange { id: clause.id.clone(), heading: heading.to_owned(), change };
            changes.clauses.insert(place.min(changes.clauses.len()), gone);
            place = place.saturating_add(1);
        }
    }
    changes
}

fn placed(document: &Filled) -> impl Iterator<Item = (&str, &FilledClause)> {
    document.chapters.iter().flat_map(|it| it.clauses.iter().map(|clause| (it.heading.as_str(), clause)))
}

/// Words with the white space that follows them, so that joining gives the text back.
fn split(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let word_end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        let tail = rest.split_at(word_end).1;
        let space = tail.find(|c: char| !c.is_whitespace()).unwrap_or(tail.len());
        let (word, after) = rest.split_at(word_end.saturating_add(space));
        words.push(word);
        rest = after;
    }
    words
}

/// Compares two texts word by word: the longest common sequence stays, the rest is gone or new.
#[must_use]
pub fn words(before: &str, after: &str) -> Vec<Run> {
    let (old, new) = (split(before), split(after));
    let mut runs = Vec::new();
    let lengths = common_lengths(&old, &new);
    let length = |i: usize, j: usize| lengths.get(i).and_then(|row| row.get(j)).copied().unwrap_or(0);
    let (mut i, mut j) = (0, 0);
    loop {
        match (old.get(i), new.get(j)) {
            (None, None) => return readable(runs),
            (Some(gone), Some(added)) if gone.trim_end() == added.trim_end() => {
                push(&mut runs, Run::Same((*added).to_owned()));
                (i, j) = (i.saturating_add(1), j.saturating_add(1));
            }
            (Some(gone), Some(_)) if length(i.saturating_add(1), j) >= length(i, j.saturating_add(1)) => {
                push(&mut runs, Run::Gone((*gone).to_owned()));
                i = i.saturating_add(1);
            }
            (_, Some(added)) => {
                push(&mut runs, Run::New((*added).to_owned()));
                j = j.saturating_add(1);
            }
            (Some(gone), None) => {
                push(&mut runs, Run::Gone((*gone).to_owned()));
                i = i.saturating_add(1);
            }
        }
    }
}

/// A lone word that both have between words that changed would only break the sentence: it counts as changed. And of several changes in a
/// row, what is gone is said first, in one piece.
fn readable(runs: Vec<Run>) -> Vec<Run> {
    let mut said: Vec<Run> = Vec::new();
    let (mut gone, mut new) = (String::new(), String::new());
    let mut rest = runs.into_iter().peekable();
    while let Some(run) = rest.next() {
        match run {
            Run::Gone(text) => gone.push_str(&text),
            Run::New(text) => new.push_str(&text),
            Run::Same(text) => {
                let changing = !(gone.is_empty() && new.is_empty());
                if changing && rest.peek().is_some() && text.split_whitespace().count() == 1 && !text.contains('\n') {
                    gone.push_str(&text);
                    new.push_str(&text);
                    continue;
                }
                flush(&mut said, &mut gone, &mut new);
                said.push(Run::Same(text));
            }
        }
    }
    flush(&mut said, &mut gone, &mut new);
    said
}

fn flush(said: &mut Vec<Run>, gone: &mut String, new: &mut String) {
    if !gone.is_empty() {
        said.push(Run::Gone(std::mem::take(gone)));
    }
    if !new.is_empty() {
        said.push(Run::New(std::mem::take(new)));
    }
}

/// `[i][j]` is the length of the longest common sequence of what follows word `i` of `old` and word `j` of `new`.
fn common_lengths(old: &[&str], new: &[&str]) -> Vec<Vec<u32>> {
    let mut below = vec![0_u32; new.len().saturating_add(1)];
    let mut rows = vec![below.clone()];
    for gone in old.iter().rev() {
        let mut row = vec![0_u32];
        let mut right = 0;
        // From the right: each cell leans on the one below, the one to its right, and the one below that.
        for (added, pair) in new.iter().rev().zip(below.windows(2).rev()) {
            let (under, diagonal) = match pair {
                [under, diagonal] => (*under, *diagonal),
                _ => (0, 0),
            };
            right = if gone.trim_end() == added.trim_end() { diagonal.saturating_add(1) } else { under.max(right) };
            row.push(right);
        }
        row.reverse();
        below.clone_from(&row);
        rows.push(row);
    }
    rows.reverse();
    rows
}

fn push(runs: &mut Vec<Run>, run: Run) {
    match (runs.last_mut(), run) {
        (Some(Run::Same(text)), Run::Same(more))
        | (Some(Run::Gone(text)), Run::Gone(more))
        | (Some(Run::New(text)), Run::New(more)) => text.push_str(&more),
        (last, run) => {
            // The last word of a text has no space after it; here something follows.
            if let Some(Run::Same(text) | Run::Gone(text) | Run::New(text)) = last
                && !text.ends_with(char::is_whitespace)
            {
                text.push(' ');
            }
            runs.push(run);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::wildcard_enum_match_arm)]

    use domain::privacy::documents::Document;

    use super::super::{LegalFacts, fill};
    use super::*;
    use crate::locale::Locale;

    fn marked(before: &str, after: &str) -> String {
        words(before, after)
            .into_iter()
            .map(|run| match run {
                Run::Same(text) => text,
                Run::Gone(text) => format!("-{}- ", text.trim_end()),
                Run::New(text) => format!("+{}+ ", text.trim_end()),
            })
            .collect()
    }

    #[test]
    fn only_the_words_that_changed_are_marked() {
        assert_eq!(
            marked("we keep files for 30 days", "we keep your files for 21 days"),
            "we keep +your+ files for -30- +21+ days"
        );
        assert_eq!(
            marked("sold and rented out", "kept and guarded"),
            "-sold and rented out- +kept and guarded+ ",
            "in one piece"
        );
        assert_eq!(marked("a b", "a b"), "a b");
        assert_eq!((marked("", "a b").trim_end(), marked("a b", "").trim_end()), ("+a b+", "-a b-"));
        assert_eq!(marked("one two three", "three one two"), "+three+ one two -three- ");
    }

    #[test]
    fn both_texts_come_back_from_their_runs() {
        let (before, after) = ("Слова  и\nстроки, 30 дней", "Слова и\nещё строки: 21 день");
        let runs = words(before, after);
        let later: String = runs
            .iter()
            .filter_map(|run| match run {
                Run::Same(text) | Run::New(text) => Some(text.as_str()),
                Run::Gone(_) => None,
            })
            .collect();
        assert_eq!(later.trim_end(), after);
        let earlier: String = runs
            .iter()
            .filter_map(|run| match run {
                Run::Same(text) | Run::Gone(text) => Some(text.as_str()),
                Run::New(_) => None,
            })
            .collect();
        assert_eq!(earlier.split_whitespace().collect::<Vec<_>>(), before.split_whitespace().collect::<Vec<_>>());
    }

    #[test]
    fn pp_9_1_the_changed_the_new_and_the_unchanged_clauses_of_two_versions_are_told_apart() {
        let facts = LegalFacts::sample();
        for l in Locale::ALL {
            let version = |id| fill(Document::Privacy.version(id).unwrap(), l, &facts);
            let changes = compare(&version("1.0"), &version("1.1"));
            let of = |id: &str| changes.clauses.iter().find(|it| it.id == id).map(|it| &it.change);
            assert!(matches!(of("PP-4.2"), Some(Change::Added(text)) if text.contains("Example Hosting")));
            assert!(
                matches!(of("PP-6.3"), Some(Change::Changed(runs)) if runs.iter().any(|run| matches!(run, Run::Gone(_))))
            );
            assert_eq!(compare(&version("1.1"), &version("1.1")).clauses, []);
            let back = compare(&version("1.1"), &version("1.0"));
            assert!(back.clauses.iter().any(|it| it.id == "PP-4.2" && matches!(it.change, Change::Removed(_))));
        }
    }

    #[test]
    fn a_clause_that_says_the_same_is_only_counted() {
        let facts = LegalFacts::sample();
        let version = |id| fill(Document::Terms.version(id).unwrap(), Locale::En, &facts);
        let changes = compare(&version("1.0"), &version("1.1"));
        assert!(changes.unchanged >= 5, "{changes:?}");
        assert!(!changes.clauses.iter().any(|it| it.id == "TS-5.2"));
    }
}
