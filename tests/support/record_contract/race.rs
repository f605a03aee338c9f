//! Requests and deliveries that run at the same time.

use super::{Outcome, Resource, create, delete, ending, made, success, tombstone, update};
use futures_util::future::{join, join_all};
use provider::record::{Begun, Records, Written};
use serde_json::json;

pub async fn two_deliveries_at_once_both_run_and_one_answers(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "two-deliveries");
    let stamp = create("c", 100);
    let (one, other) = join(resource.run(&stamp), resource.run(&stamp)).await;
    assert_eq!(one?, other?);
    let (first, second) = (success("first", json!({"n": 1})), success("second", json!({"n": 2})));
    let (one, other) = join(resource.end("c", &first), resource.end("c", &second)).await;
    let (one, other) = (one?, other?);
    let record = resource.record().await?;
    let lost = |answer: &str| Written::Answered { answer: answer.to_owned(), record: record.clone() };
    let outcomes = [(Written::Done, lost("first")), (lost("second"), Written::Done)];
    assert!(outcomes.contains(&(one.clone(), other.clone())), "{one:?} and {other:?}");
    assert_eq!(record.before, None);
    Ok(())
}

pub async fn two_deliveries_with_the_same_answer_are_both_done(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "the-same-bytes");
    resource.run(&create("c", 100)).await?;
    let end = success("bytes", json!({"n": 1}));
    let (one, other) = join(resource.end("c", &end), resource.end("c", &end)).await;
    assert_eq!((one?, other?), (Written::Done, Written::Done));
    let record = resource.record().await?;
    assert_eq!((record.succeeded, record.before), (end.succeeded, None));
    Ok(())
}

pub async fn of_two_requests_at_once_the_newer_one_stays(records: &dyn Records) -> Outcome {
    for (name, delete_first) in [("at-once-delete-first", true), ("at-once-create-first", false)] {
        let resource = Resource::new(records, name);
        let stamps = (create("c", 100), delete("d", 100));
        let (c, d) = if delete_first {
            let (d, c) = join(resource.begin(&stamps.1), resource.begin(&stamps.0)).await;
            (c?, d?)
        } else {
            let (c, d) = join(resource.begin(&stamps.0), resource.begin(&stamps.1)).await;
            (c?, d?)
        };
        assert!(matches!(d, Begun::Run(_)), "{d:?}");
        assert!(matches!(c, Begun::Run(_) | Begun::Superseded(_)), "{c:?}");
        assert_eq!(resource.record().await?.newest, stamps.1);
    }
    Ok(())
}

pub async fn a_delete_between_begin_and_end_takes_the_create_over(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "a-cancelled-create");
    resource.run(&create("c", 100)).await?;
    resource.save("c", &made("share")).await?;
    let taken_over = resource.run(&delete("d", 100)).await?;
    assert_eq!((&taken_over.ledger, &taken_over.newest_create), (&made("share"), &Some(create("c", 100))));
    assert!(!taken_over.create_taken);
    let end = success("bytes", json!({"Name": "n"}));
    assert_eq!(resource.end("c", &end).await?, Written::Superseded(Some(taken_over)));
    resource.answer("d", &tombstone("gone")).await?;
    let record = resource.record().await?;
    assert_eq!(resource.end("c", &end).await?, Written::Superseded(Some(record.clone())));
    assert_eq!((record.answer.as_deref(), record.succeeded, record.ended), (Some("gone"), None, true));
    Ok(())
}

pub async fn a_delete_and_a_save_at_once_leave_the_delete(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "a-delete-and-a-save");
    resource.run(&create("c", 100)).await?;
    let (stamp, ledger) = (delete("d", 101), made("share"));
    let (deleting, saved) = join(resource.run(&stamp), resource.save("c", &ledger)).await;
    let (deleting, record) = (deleting?, resource.record().await?);
    match saved? {
        // The Delete sees all that was saved before it began: what is not in its record is never made.
        Written::Done => assert_eq!((&deleting.ledger, &record.ledger), (&ledger, &ledger)),
        refused => assert_eq!(refused, Written::Superseded(Some(record.clone()))),
    }
    assert_eq!(record.newest, stamp);
    Ok(())
}

pub async fn many_requests_at_once_leave_the_newest(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "many-at-once");
    let stamps: Vec<_> = (1..=20).map(|second| update(&format!("u{second}"), second)).collect();
    let begun = join_all(stamps.iter().map(|stamp| resource.begin(stamp))).await;
    for found in begun {
        assert!(matches!(found?, Begun::Run(_) | Begun::Superseded(_)));
    }
    assert_eq!(resource.record().await?.newest, update("u20", 20));
    let end = ending("bytes");
    let ended = join_all(stamps.iter().map(|stamp| resource.end(&stamp.request_id, &end))).await;
    let done = ended.into_iter().filter(|written| matches!(written, Ok(Written::Done))).count();
    assert_eq!(done, 1);
    Ok(())
}
