#![allow(clippy::unwrap_used, reason = "a test says what it expects by failing")]

use domain::id::PostId;
use std::io::Write as _;
use tempfile::TempDir;
use uuid::Uuid;

use super::*;

const START: UnixMillis = UnixMillis::from_millis(1_800_000_000_000);

fn keys() -> Arc<InstanceKeys> {
    Arc::new(InstanceKeys::from_secret(1, [7; 32]).unwrap())
}

fn note(n: u128, stage: Stage, seq: i64) -> Note {
    Note {
        attempt: AttemptId::from_uuid(Uuid::from_u128(n)),
        post: PostId::from_uuid(Uuid::from_u128(1000 + n)),
        stage,
        publish_id: (stage > Stage::Init).then(|| format!("v_pub_file~v2-1.{n}")),
        final_at: (stage == Stage::Final).then_some(START),
        seq,
        at: START,
    }
}

#[tokio::test]
async fn what_was_noted_is_there_after_a_restart_and_the_further_stage_wins() {
    let folder = TempDir::new().unwrap();
    let journal = Journal::open(folder.path(), keys()).unwrap();
    for (stage, seq) in [(Stage::Init, 2), (Stage::Acked, 3), (Stage::Final, 4)] {
        journal.note(note(1, stage, seq)).await.unwrap();
    }
    journal.note(note(1, Stage::Acked, 9)).await.unwrap();
    journal.note(note(2, Stage::Init, 5)).await.unwrap();
    journal.note(Note { publish_id: None, ..note(1, Stage::Out, 6) }).await.unwrap();
    drop(journal);
    let journal = Journal::open(folder.path(), keys()).unwrap();
    let notes = journal.notes();
    assert_eq!(notes.len(), 2);
    let out = notes.iter().find(|note| note.stage == Stage::Out).unwrap();
    assert_eq!(out.publish_id.as_deref(), Some("v_pub_file~v2-1.1"), "kept from the earlier notes");
    assert_eq!(out.final_at, Some(START));
    assert_eq!(journal.newest_seq(), 6, "what was known already was not noted again");
    assert!(!journal.is_damaged());
}

#[tokio::test]
async fn a_note_is_short_and_shows_nothing_of_what_it_says() {
    let folder = TempDir::new().unwrap();
    let journal = Journal::open(folder.path(), keys()).unwrap();
    let said = Note { publish_id: Some("v_pub_file~v2-1.7123456789012345678".to_owned()), ..note(1, Stage::Final, 1) };
    journal.note(said.clone()).await.unwrap();
    let bytes = std::fs::read(folder.path().join(FILE_NAME)).unwrap();
    assert!((100..=200).contains(&bytes.len()), "{} bytes", bytes.len());
    assert!(!bytes.windows(10).any(|part| part == b"v_pub_file"));
    assert!(!bytes.windows(16).any(|part| part == said.post.uuid().as_bytes()));
    let other = Arc::new(InstanceKeys::from_secret(1, [8; 32]).unwrap());
    assert!(matches!(Journal::open(folder.path(), other), Err(JournalError::Key { .. })));
}

#[tokio::test]
async fn a_torn_end_costs_the_last_note_only_and_the_next_one_stands_after_what_is_whole() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(FILE_NAME);
    let journal = Journal::open(folder.path(), keys()).unwrap();
    journal.note(note(1, Stage::Init, 1)).await.unwrap();
    let one = std::fs::metadata(&path).unwrap().len();
    journal.note(note(2, Stage::Init, 2)).await.unwrap();
    drop(journal);
    let whole = std::fs::read(&path).unwrap();
    for cut in (usize::try_from(one).unwrap() + 1)..whole.len() {
        std::fs::write(&path, whole.get(..cut).unwrap()).unwrap();
        let journal = Journal::open(folder.path(), keys()).unwrap();
        assert_eq!(journal.notes().len(), 1, "cut at {cut}");
        assert!(!journal.is_damaged());
        assert_eq!(std::fs::metadata(&path).unwrap().len(), one);
    }
    // A flipped bit, and rubbish behind: the same.
    let mut changed = whole.clone();
    *changed.last_mut().unwrap() ^= 1;
    changed.extend_from_slice(&[0; 100]);
    std::fs::write(&path, changed).unwrap();
    let journal = Journal::open(folder.path(), keys()).unwrap();
    assert_eq!(journal.notes().len(), 1);
    journal.note(note(3, Stage::Init, 3)).await.unwrap();
    drop(journal);
    assert_eq!(Journal::open(folder.path(), keys()).unwrap().notes().len(), 2);
}

#[tokio::test]
async fn losing_more_than_a_torn_end_is_told() {
    let folder = TempDir::new().unwrap();
    let journal = Journal::open(folder.path(), keys()).unwrap();
    journal.note(note(1, Stage::Init, 1)).await.unwrap();
    drop(journal);
    let mut file = std::fs::OpenOptions::new().append(true).open(folder.path().join(FILE_NAME)).unwrap();
    file.write_all(&[0; 10_000]).unwrap();
    let journal = Journal::open(folder.path(), keys()).unwrap();
    assert!(journal.is_damaged());
    assert_eq!(journal.notes().len(), 1, "what is whole is still believed");
}

#[tokio::test]
async fn the_file_stays_small_while_attempts_come_and_go_and_keeps_those_without_an_end() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join(FILE_NAME);
    let journal = Journal::open(folder.path(), keys()).unwrap();
    journal.note(note(1, Stage::Final, 1)).await.unwrap();
    // Ends are not waited for, so thousands take no time; each is long past its time at the next one.
    for n in 2..6000_u128 {
        let at = START.plus_millis(i64::try_from(n).unwrap() * 8 * 3_600_000);
        let seq = i64::try_from(n).unwrap();
        journal.note(Note { at, ..note(n, Stage::Dead, seq) }).await.unwrap();
        if n % 90 == 0 {
            // The one without an end was seen again lately.
            journal.note(Note { at, ..note(1, Stage::Final, seq) }).await.unwrap();
        }
    }
    let length = std::fs::metadata(&path).unwrap().len();
    assert!(length < 600_000, "{length} bytes");
    drop(journal);
    let journal = Journal::open(folder.path(), keys()).unwrap();
    assert_eq!(journal.newest_seq(), 5999, "also when the newest were dropped");
    assert!(journal.notes().len() < 5999);
}

#[tokio::test]
async fn after_a_comparison_the_databases_own_log_counts_again() {
    let journal = Journal::memory();
    journal.note(note(1, Stage::Init, 200)).await.unwrap();
    journal.rebase(100, START).await.unwrap();
    assert_eq!(journal.newest_seq(), 100);
    journal.note(note(2, Stage::Init, 101)).await.unwrap();
    assert_eq!(journal.newest_seq(), 101);
    let known = journal.notes().remove(0);
    journal.forget(&known, START).await.unwrap();
    assert_eq!(journal.stage(known.attempt), None);
}

#[tokio::test]
async fn notes_are_sealed_anew_under_another_version_while_others_are_written() {
    use crate::vault::{add_version, remove_version};
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("instance.key");
    InstanceKeys::generate().unwrap().create(&path).unwrap();
    let keys = Arc::new(InstanceKeys::load(&path).unwrap().unwrap());
    let journal = Journal::open(folder.path(), Arc::clone(&keys)).unwrap();
    assert!(!journal.reseal(START).await.unwrap(), "there is nothing to do in an empty one");
    for n in 1..=3 {
        journal.note(note(n, Stage::Init, 1)).await.unwrap();
    }
    assert!(!journal.reseal(START).await.unwrap(), "nor in one of the current version");
    add_version(&path).unwrap();
    keys.take_up(2).unwrap();
    journal.note(note(4, Stage::Init, 2)).await.unwrap();
    assert_eq!(Journal::sealed_versions(folder.path()).unwrap(), BTreeMap::from([(1, 3), (2, 1)]));

    let (resealed, ()) = tokio::join!(journal.reseal(START), async {
        for n in 5..=40 {
            journal.note(note(n, Stage::Final, 3)).await.unwrap();
        }
    });
    assert!(resealed.unwrap());
    assert!(!journal.reseal(START).await.unwrap());
    drop(journal);
    let versions = Journal::sealed_versions(folder.path()).unwrap();
    assert_eq!(versions.keys().collect::<Vec<_>>(), [&2]);
    remove_version(&path, 1).unwrap();
    let only_two = Arc::new(InstanceKeys::load(&path).unwrap().unwrap());
    let journal = Journal::open(folder.path(), only_two).unwrap();
    assert_eq!(journal.notes().len(), 40, "no note was lost on the way");
    assert_eq!(journal.newest_seq(), 3);
    assert!(Journal::sealed_versions(&folder.path().join("nothing-here")).unwrap().is_empty());
}
