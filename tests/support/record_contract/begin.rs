//! Which requests may run.

use super::{Outcome, Resource, create, delete, ending, made, stamp, success, tombstone, update};
use provider::protocol::RequestType::{Create, Update};
use provider::record::{Begun, Records, SEEN_KEPT, Sent, Written};
use serde_json::{Value, json};

pub async fn the_first_request_runs(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "the-first");
    let record = resource.run(&create("c", 100)).await?;
    assert_eq!(record.newest, create("c", 100));
    assert_eq!(record.newest_create, Some(create("c", 100)));
    assert_eq!(record.seen, ["c"]);
    assert_eq!((record.answer, record.object, record.ledger), (None, None, Value::Null));
    assert_eq!((record.succeeded, record.before), (None, None));
    assert_eq!((record.create_taken, record.ended), (false, false));
    Ok(())
}

pub async fn a_redelivery_before_the_answer_runs_from_what_was_saved(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "a-redelivery-before");
    resource.run(&create("c", 100)).await?;
    resource.save("c", &made("share")).await?;
    let again = resource.run(&create("c", 100)).await?;
    assert_eq!(again.ledger, made("share"));
    assert_eq!(again.seen, ["c"]);
    Ok(())
}

pub async fn a_redelivery_after_the_answer_gets_the_same_bytes(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "a-redelivery-after");
    resource.run(&create("c", 100)).await?;
    let bytes = "{\"Status\":\"FAILED\", \"Reason\":\"\u{00e9}\u{1f512} \\n\" }";
    resource.answer("c", &ending(bytes)).await?;
    let record = resource.record().await?;
    let again = resource.begin(&create("c", 100)).await?;
    assert_eq!(again, Begun::Answered { answer: bytes.to_owned(), record });
    Ok(())
}

pub async fn an_older_request_changes_nothing(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "an-older");
    resource.run(&update("u", 200)).await?;
    resource.answer("u", &success("bytes", json!({"Name": "n"}))).await?;
    let before = resource.record().await?;
    for older in [create("c", 199), update("o", 199), delete("d", 199)] {
        let found = resource.records.begin(&resource.key, &older, true).await?;
        assert_eq!(found, Begun::Superseded(before.clone()));
    }
    assert_eq!(resource.record().await?, before);
    Ok(())
}

pub async fn a_superseded_request_stays_so_however_late_it_says_it_was_sent(
    records: &dyn Records,
) -> Outcome {
    let resource = Resource::new(records, "a-superseded");
    // Without X-Amz-Date the time is that of arrival, and a redelivery arrives later.
    resource.run(&stamp("c", Create, Sent::arrival(1_000))).await?;
    resource.run(&stamp("u", Update, Sent::arrival(2_000))).await?;
    let before = resource.record().await?;
    assert_eq!(resource.run_too_late(&stamp("c", Create, Sent::arrival(3_000))).await?, before);
    assert_eq!(resource.record().await?, before);
    Ok(())
}

pub async fn in_the_same_second_a_delete_is_newer(records: &dyn Records) -> Outcome {
    for first in [create("first", 100), update("first", 100), delete("first", 100)] {
        let name = format!("a-delete-after-{:?}", first.request_type);
        let resource = Resource::new(records, &name);
        resource.run(&first).await?;
        resource.run(&delete("d", 100)).await?;
        assert_eq!(resource.record().await?.newest, delete("d", 100));
    }
    Ok(())
}

pub async fn after_a_delete_of_the_same_second_a_create_or_update_is_older(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "older-than-a-delete");
    resource.run(&delete("d", 100)).await?;
    let before = resource.record().await?;
    for older in [create("c", 100), update("u", 100)] {
        assert_eq!(resource.run_too_late(&older).await?, before);
    }
    assert_eq!(resource.record().await?, before);
    resource.run(&create("next", 101)).await?;
    Ok(())
}

pub async fn in_the_same_second_the_later_of_two_updates_is_newer(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "two-updates");
    resource.run(&update("u", 100)).await?;
    resource.run(&update("rollback", 100)).await?;
    resource.run_too_late(&update("u", 100)).await?;
    assert_eq!(resource.record().await?.seen, ["u", "rollback"]);
    Ok(())
}

pub async fn times_of_arrival_and_of_cloudformation_are_compared_as_they_are(
    records: &dyn Records,
) -> Outcome {
    let resource = Resource::new(records, "arrival");
    resource.run(&stamp("a", Update, Sent::arrival(100_500))).await?;
    resource.run_too_late(&update("b", 100)).await?;
    resource.run(&update("c", 101)).await?;
    resource.run_too_late(&stamp("d", Update, Sent::arrival(100_999))).await?;
    let record = resource.run(&stamp("e", Update, Sent::arrival(101_001))).await?;
    assert_eq!(record.newest.sent, Sent::arrival(101_001));
    Ok(())
}

pub async fn a_newer_request_drops_the_answer_and_keeps_the_rest(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "drops-the-answer");
    let mut end = success("bytes", json!({"Name": "n"}));
    (end.ledger, end.object) = (made("share"), Some("drops-the-answer".to_owned()));
    resource.run(&create("c", 100)).await?;
    resource.answer("c", &end).await?;
    let record = resource.run(&update("u", 101)).await?;
    assert_eq!((&record.answer, &record.ledger, &record.object), (&None, &end.ledger, &end.object));
    assert_eq!(record.succeeded, end.succeeded);
    assert_eq!(resource.record().await?, record);
    Ok(())
}

pub async fn a_tombstone_answers_its_delete_again(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "a-tombstone");
    resource.run(&delete("d", 100)).await?;
    resource.answer("d", &tombstone("gone")).await?;
    let record = resource.record().await?;
    assert!(record.ended);
    let again = resource.begin(&delete("d", 100)).await?;
    assert_eq!(again, Begun::Answered { answer: "gone".to_owned(), record });
    Ok(())
}

pub async fn a_tombstone_is_revived_by_a_newer_create_alone(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "revived");
    resource.run(&create("c", 100)).await?;
    resource.run(&delete("d", 200)).await?;
    resource.answer("d", &tombstone("gone")).await?;
    resource.run_too_late(&create("c", 100)).await?;
    let late = resource.run_too_late(&create("late", 150)).await?;
    assert!(late.ended && resource.record().await?.ended);
    let revived = resource.run(&create("again", 300)).await?;
    assert_eq!((revived.ended, revived.answer), (false, None));
    Ok(())
}

pub async fn an_update_proves_that_the_create_was_taken(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "an-update-proves");
    assert!(!resource.run(&create("c", 100)).await?.create_taken);
    assert!(resource.run(&update("u", 101)).await?.create_taken);
    assert!(resource.run(&delete("d", 102)).await?.create_taken);
    assert!(!resource.run(&create("again", 103)).await?.create_taken);
    Ok(())
}

pub async fn a_delete_proves_it_only_with_a_real_id(records: &dyn Records) -> Outcome {
    for proves in [false, true] {
        let resource = Resource::new(records, &format!("a-delete-proves-{proves}"));
        resource.run(&create("c", 100)).await?;
        let begun = records.begin(&resource.key, &delete("d", 101), proves).await?;
        assert!(matches!(begun, Begun::Run(record) if record.create_taken == proves));
        assert_eq!(resource.record().await?.create_taken, proves);
    }
    Ok(())
}

pub async fn the_newest_create_outlasts_other_requests(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "the-newest-create");
    for stamp in [create("old", 100), delete("d", 101), create("new", 102), update("u", 103)] {
        resource.run(&stamp).await?;
    }
    assert_eq!(resource.run(&delete("e", 104)).await?.newest_create, Some(create("new", 102)));
    Ok(())
}

pub async fn the_last_32_requests_are_remembered(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "the-last-32");
    for second in 1..=SEEN_KEPT as u64 + 20 {
        let id = format!("u{second}");
        resource.run(&update(&id, second)).await?;
        assert_eq!(resource.end(&id, &ending("bytes")).await?, Written::Done);
    }
    let expected: Vec<_> = (21..=SEEN_KEPT + 20).map(|second| format!("u{second}")).collect();
    assert_eq!(resource.record().await?.seen, expected);
    Ok(())
}
