//! How records are found.

use super::{Outcome, Resource, create, delete, ending, made, tombstone};
use provider::record::{Ending, RecordKey, Records};
use serde_json::json;

pub async fn an_unknown_resource_has_no_record(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "unknown");
    assert_eq!(records.get(&resource.key).await?, None);
    assert_eq!(records.by_object("unknown").await?, []);
    Ok(())
}

pub async fn resources_of_other_stacks_and_names_are_apart(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "apart");
    resource.run(&create("c", 200)).await?;
    let other_stack = Resource::new(records, "apart-too");
    let other_name = RecordKey::new(resource.key.stack_id(), "Share2");
    for other in [Resource { records, key: other_name }, other_stack] {
        let record = other.run(&create("older", 100)).await?;
        assert_eq!(record.seen, ["older"]);
    }
    assert_eq!(resource.record().await?.newest, create("c", 200));
    Ok(())
}

pub async fn an_object_finds_its_records_with_their_keys(records: &dyn Records) -> Outcome {
    let object = "arn:aws:ram:eu-west-1:111122223333:resource-share/found";
    let mut expected = Vec::new();
    for name in ["found-b", "found-a", "found-c"] {
        let resource = Resource::new(records, name);
        resource.run(&create(name, 100)).await?;
        records.save(&resource.key, name, &made(name), Some(object)).await?;
        expected.push((resource.key.clone(), resource.record().await?));
    }
    expected.sort_by(|(one, _), (other, _)| one.cmp(other));
    assert_eq!(records.by_object(object).await?, expected);
    assert_eq!(records.by_object("arn:aws:ram:eu-west-1:111122223333:resource-share/foun").await?, []);
    Ok(())
}

pub async fn a_moved_object_is_found_where_it_is(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "moved");
    resource.run(&create("c", 100)).await?;
    records.save(&resource.key, "c", &json!({}), Some("moved-from")).await?;
    records.save(&resource.key, "c", &json!({}), Some("moved-to")).await?;
    assert_eq!(records.by_object("moved-from").await?, []);
    assert_eq!(records.by_object("moved-to").await?.len(), 1);
    resource.answer("c", &ending("bytes")).await?;
    assert_eq!(records.by_object("moved-to").await?, []);
    assert_eq!(resource.record().await?.object, None);
    Ok(())
}

pub async fn a_tombstone_is_found_until_it_is_dropped(records: &dyn Records) -> Outcome {
    let resource = Resource::new(records, "found-tombstone");
    resource.run(&delete("d", 100)).await?;
    let end = Ending { object: Some("found-tombstone".to_owned()), ..tombstone("gone") };
    resource.answer("d", &end).await?;
    let found = records.by_object("found-tombstone").await?;
    assert_eq!(found.iter().map(|(_, record)| record.ended).collect::<Vec<_>>(), [true]);
    Ok(())
}

pub async fn more_records_than_a_page_are_all_found(records: &dyn Records) -> Outcome {
    // A page of DynamoDB ends after 1 MB.
    let ledger = json!("x".repeat(64 * 1024));
    for number in 0..40 {
        let resource = Resource::new(records, &format!("page-{number}"));
        resource.run(&create("c", 100)).await?;
        records.save(&resource.key, "c", &ledger, Some("pages")).await?;
    }
    let mut keys: Vec<_> = records.by_object("pages").await?.into_iter().map(|(key, _)| key).collect();
    keys.dedup();
    assert_eq!(keys.len(), 40);
    Ok(())
}
