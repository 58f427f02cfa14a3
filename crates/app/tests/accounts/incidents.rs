//! The report on an incident names whom it concerns and what was held of them, and that it was made is recorded.

use app::incident::{Concerned, Incident, IncidentError, report};
use domain::id::UserId;
use domain::privacy::retention::DATA_MAP;
use domain::time::UnixMillis;
use uuid::Uuid;

use crate::support::*;

fn incident(stage: &Stage, concerned: Concerned) -> Incident {
    Incident { from: START, to: stage.now(), concerned, noticed_at: stage.now() }
}

#[tokio::test]
async fn pp_5_6_a_scripted_incident_yields_the_right_people_classes_and_deadline() {
    everywhere(async |stage| {
        let (mila, signed_in) = stage.sign_in(MILA).await;
        stage.scheduled(&mila, signed_in.connection_id).await;
        let second = stage.add_account(&mila, CAREFUL).await;
        stage.pass(HOUR_MS);
        let (oleg, of_oleg) = stage.sign_in(OLEG).await;
        stage.pass(HOUR_MS);
        stage.app.disconnect(&oleg, of_oleg.connection_id).await.unwrap();
        let before = stage.store().audit_latest(100).await.unwrap().len();

        // Everybody.
        let all = report(stage.store(), incident(&stage, Concerned::Everybody), stage.now()).await.unwrap();
        let mut people: Vec<UserId> = all.people.iter().map(|one| one.person).collect();
        people.sort();
        let mut both = [mila.user_id, oleg.user_id];
        both.sort();
        assert_eq!(people, both);
        assert_eq!(all.sign_ins.entries, 2);
        assert!(all.sign_ins.first_at.unwrap() >= START && all.sign_ins.last_at.unwrap() >= START.plus_millis(HOUR_MS));
        assert_eq!(usize::try_from(all.entries_of_all.entries).unwrap(), before);
        assert_eq!(all.tell_by, stage.now().plus_millis(72 * HOUR_MS));
        let rows = |class: &str| all.held.iter().find(|held| held.class == class).map_or(0, |held| held.rows);
        assert_eq!(rows("TikTok account"), 5, "three accounts, and the pictures of two: the third was disconnected");
        assert_eq!(rows("tokens (sealed)"), 2, "those of a disconnected account are gone");
        assert_eq!((rows("posts"), rows("consents"), rows("sessions")), (1, 1, 2));
        assert_eq!(rows("files"), 2, "the file and its upload");
        let posts = all.held.iter().find(|held| held.class == "posts").unwrap();
        assert!(posts.columns.contains(&"post.caption".to_owned()) && posts.clauses.contains(&"PP-1.3"));
        let columns = |class: &str| &all.held.iter().find(|held| held.class == class).unwrap().columns;
        assert!(columns("publishing history").contains(&"post_event.detail".to_owned()), "it was planned");
        assert!(!columns("publishing history").contains(&"attempt.snapshot".to_owned()), "it was not begun");
        assert!(columns("person").contains(&"workspace.name".to_owned()) && rows("audit record") > 0);

        // Only the first hour: whoever came later had nothing that could be lost.
        let early = Incident { to: START.plus_millis(HOUR_MS / 2), ..incident(&stage, Concerned::Everybody) };
        let early = report(stage.store(), early, stage.now()).await.unwrap();
        assert_eq!(early.people.iter().map(|one| one.person).collect::<Vec<_>>(), [mila.user_id]);
        assert_eq!(early.sign_ins.entries, 1);

        // One person, one account, one key.
        for (concerned, who) in [
            (Concerned::Person(oleg.user_id), vec![oleg.user_id]),
            (Concerned::Connection(second), vec![mila.user_id]),
            (Concerned::KeyVersion(1), vec![mila.user_id, oleg.user_id]),
        ] {
            let one = report(stage.store(), incident(&stage, concerned), stage.now()).await.unwrap();
            assert_eq!(one.people.iter().map(|it| it.person).collect::<Vec<_>>(), who, "{concerned:?}");
        }
        let key = report(stage.store(), incident(&stage, Concerned::KeyVersion(1)), stage.now()).await.unwrap();
        let columns: Vec<&str> = key.held.iter().flat_map(|held| held.columns.iter().map(String::as_str)).collect();
        assert!(columns.contains(&"connection_token.access_sealed"), "{columns:?}");
        assert!(columns.contains(&"person.display_name"), "what its person is called, too: {columns:?}");
        let sealed = |column: &str| {
            let (table, name) = column.split_once('.').unwrap();
            let data = DATA_MAP.iter().find(|data| data.table == table && data.column == name).unwrap();
            data.sealed.is_some() || name.ends_with("_sealed")
        };
        assert!(columns.iter().all(|column| sealed(column)), "a key opens nothing else: {columns:?}");

        // Each report is recorded.
        let reports = stage.store().audit_latest_of("incident.report", 100).await.unwrap();
        assert_eq!(reports.len(), 6);
        assert_eq!((reports[0].actor.as_str(), reports[0].subject.as_str()), ("operator", "key v1"));
        assert!(reports[0].detail.ends_with("people: 2"), "{}", reports[0].detail);
    })
    .await;
}

#[tokio::test]
async fn pp_5_6_a_report_about_nobody_or_a_period_that_ends_before_it_begins_is_refused() {
    everywhere(async |stage| {
        stage.sign_in(MILA).await;
        let nobody = Concerned::Person(UserId::from_uuid(Uuid::from_u128(9)));
        for concerned in [nobody, Concerned::KeyVersion(2)] {
            let refused = report(stage.store(), incident(&stage, concerned), stage.now()).await.unwrap_err();
            assert!(matches!(refused, IncidentError::Nobody), "{refused}");
        }
        let backwards = Incident { to: UnixMillis::from_millis(0), ..incident(&stage, Concerned::Everybody) };
        assert!(matches!(report(stage.store(), backwards, stage.now()).await, Err(IncidentError::Backwards)));
        assert!(stage.store().audit_latest_of("incident", 10).await.unwrap().is_empty());
    })
    .await;
}
