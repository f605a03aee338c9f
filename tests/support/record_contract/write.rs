//! What a request that runs may write.

use super::{Outcome, Resource, create, delete, ending, made, success, tombstone, update};
use provider::record::{Ending, RecordErrorKind, Records, Written};
use serde_json::{Value, json};

pub async fn a_save_shows_in_the_record(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "a-save");
    resource.run(&create("c", 100)).await?;
    for (ledger, object) in [(made("share"), Some("a-save")), (json!({}), Some("other")), (made("x"), None)] {
        assert_eq!(records.save(&resource.key, "c", &ledger, object).await?, Written::Done);
        let record = resource.record().await?;
        assert_eq!((record.ledger, record.object.as_deref()), (ledger, object));
    }
    Ok(())
}

pub async fn a_write_to_no_record_makes_none(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "no-record");
    let none = Written::Superseded(None);
    assert_eq!(resource.save("c", &made("share")).await?, none);
    assert_eq!(resource.amend("c", &made("share")).await?, none);
    assert_eq!(resource.end("c", &ending("bytes")).await?, none);
    assert_eq!(resource.end("c", &success("bytes", json!({}))).await?, none);
    assert_eq!(records.get(&resource.key).await?, None);
    Ok(())
}

pub async fn a_save_after_the_answer_gets_the_answer(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "a-save-after");
    resource.run(&create("c", 100)).await?;
    resource.answer("c", &ending("bytes")).await?;
    let record = resource.record().await?;
    let answered = Written::Answered { answer: "bytes".to_owned(), record: record.clone() };
    assert_eq!(resource.save("c", &made("share")).await?, answered);
    assert_eq!(resource.record().await?, record);
    Ok(())
}

pub async fn an_end_after_another_answer_gets_that_answer_and_changes_nothing(
    records: &dyn Records,
) -> Outcome {
    let resource = Resource::new(records, "another-answer");
    resource.run(&create("c", 100)).await?;
    resource.answer("c", &success("first", json!({"Name": "a"}))).await?;
    let record = resource.record().await?;
    let answered = Written::Answered { answer: "first".to_owned(), record: record.clone() };
    for properties in [None, Some(json!({"Name": "a"})), Some(json!({"Name": "b"}))] {
        let second = Ending { succeeded: properties, ledger: made("share"), ..tombstone("second") };
        assert_eq!(resource.end("c", &second).await?, answered);
    }
    assert_eq!(resource.record().await?, record);
    Ok(())
}

pub async fn an_end_with_the_recorded_answer_is_done(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "the-same-answer");
    resource.run(&create("c", 100)).await?;
    resource.answer("c", &success("bytes", json!({"Name": "a"}))).await?;
    let record = resource.record().await?;
    resource.answer("c", &success("bytes", json!({"Name": "a"}))).await?;
    resource.answer("c", &success("bytes", json!({"Name": "b"}))).await?;
    assert_eq!(resource.record().await?, record);
    Ok(())
}

pub async fn a_superseded_request_can_write_nothing(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "superseded-writes");
    resource.run(&create("c", 100)).await?;
    resource.save("c", &made("share")).await?;
    resource.run(&delete("d", 101)).await?;
    let record = resource.record().await?;
    let superseded = Written::Superseded(Some(record.clone()));
    assert_eq!(resource.save("c", &made("x")).await?, superseded);
    assert_eq!(resource.amend("c", &made("x")).await?, superseded);
    assert_eq!(resource.end("c", &ending("bytes")).await?, superseded);
    assert_eq!(resource.end("c", &success("bytes", json!({}))).await?, superseded);
    assert_eq!(resource.record().await?, record);
    Ok(())
}

pub async fn an_amendment_is_taken_before_and_after_the_answer(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "an-amendment");
    resource.run(&create("c", 100)).await?;
    assert_eq!(resource.amend("c", &made("share")).await?, Written::Done);
    assert_eq!(resource.record().await?.ledger, made("share"));
    resource.answer("c", &success("bytes", json!({"Name": "n"}))).await?;
    assert_eq!(records.amend(&resource.key, "c", &json!([]), Some("amended")).await?, Written::Done);
    let record = resource.record().await?;
    assert_eq!((record.ledger, record.object.as_deref()), (json!([]), Some("amended")));
    assert_eq!((record.answer.as_deref(), record.succeeded), (Some("bytes"), Some(json!({"Name": "n"}))));
    Ok(())
}

pub async fn an_amendment_leaves_a_tombstone_one(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "an-amended-tombstone");
    resource.run(&delete("d", 100)).await?;
    resource.answer("d", &tombstone("gone")).await?;
    assert_eq!(resource.amend("d", &made("nothing")).await?, Written::Done);
    assert!(resource.record().await?.ended);
    Ok(())
}

pub async fn properties_move_from_succeeded_to_before(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "properties-move");
    let mut history = vec![None, None];
    for number in 1..=3 {
        let id = format!("u{number}");
        let properties = json!({"Name": id});
        resource.run(&update(&id, number)).await?;
        resource.answer(&id, &success("bytes", properties.clone())).await?;
        history.push(Some(properties));
        let record = resource.record().await?;
        assert_eq!(
            [record.before, record.succeeded].as_slice(),
            history.get(history.len() - 2..).unwrap_or(&[])
        );
    }
    Ok(())
}

pub async fn equal_properties_leave_those_before(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "equal-properties");
    let spellings = [
        r#"{"Name":"a"}"#,
        r#"{"Name":"b","Tags":[{"Key":"k","Value":"v"}]}"#,
        r#"{"Tags":[{"Value":"v","Key":"k"}],"Name":"b"}"#,
    ];
    for (second, text) in (1..).zip(spellings) {
        resource.run(&update(text, second)).await?;
        let end = Ending { ledger: made(text), ..success("bytes", serde_json::from_str(text)?) };
        resource.answer(text, &end).await?;
        assert_eq!(resource.record().await?.ledger, end.ledger);
    }
    let record = resource.record().await?;
    assert_eq!(record.before, Some(json!({"Name": "a"})));
    assert_eq!(record.succeeded, Some(json!({"Name": "b", "Tags": [{"Key": "k", "Value": "v"}]})));
    Ok(())
}

pub async fn a_failure_leaves_the_properties(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "a-failure");
    for (second, properties) in [(1, Some(json!({"a": 1}))), (2, Some(json!({"a": 2}))), (3, None)] {
        let id = second.to_string();
        resource.run(&update(&id, second)).await?;
        resource.answer(&id, &Ending { succeeded: properties, ..ending("bytes") }).await?;
    }
    let record = resource.record().await?;
    assert_eq!((record.succeeded, record.before), (Some(json!({"a": 2})), Some(json!({"a": 1}))));
    Ok(())
}

pub async fn values_come_back_as_they_were(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "values");
    let value =
        json!({"": [null, true, 0, -1, u64::MAX, 0.5, "", "\u{0}\u{1f512}\"\\"], "z": {"y": {}, "a": []}});
    for (second, value) in [(1, value), (2, Value::Null), (3, json!("text"))] {
        let id = second.to_string();
        let answer = format!("\u{feff}{value}\r\n ");
        resource.run(&update(&id, second)).await?;
        let end = Ending { ledger: value.clone(), ..success(&answer, value.clone()) };
        resource.answer(&id, &end).await?;
        let record = resource.record().await?;
        assert_eq!((&record.ledger, record.succeeded.as_ref()), (&value, Some(&value)));
        assert_eq!(record.answer, Some(answer));
    }
    Ok(())
}

pub async fn what_does_not_fit_is_refused_and_changes_nothing(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "too-large");
    resource.run(&create("c", 100)).await?;
    let half = json!("x".repeat(250 * 1024));
    resource.save("c", &half).await?;
    let record = resource.record().await?;
    let whole = json!("x".repeat(400 * 1024));
    let Err(error) = resource.save("c", &whole).await else { return Err("it was saved".into()) };
    assert_eq!(error.kind(), RecordErrorKind::TooLarge, "{error}");
    let end = Ending { ledger: half.clone(), ..success("bytes", half) };
    let Err(error) = resource.end("c", &end).await else { return Err("it was answered".into()) };
    assert_eq!(error.kind(), RecordErrorKind::TooLarge, "{error}");
    assert_eq!(resource.record().await?, record);
    Ok(())
}
