//! Holds both implementations of the records to one contract.

use crate::support::ministack::{Failure, Ministack};
use crate::support::{record_contract, table};
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Credentials;
use aws_sdk_dynamodb::types::AttributeValue;
use provider::protocol::RequestType;
use provider::record::{
    DynamoRecords, Ending, MemoryRecords, RecordErrorKind, RecordKey, Records, SEEN_KEPT, Sent, Stamp,
};

const TABLE: &str = "provider-records";

#[tokio::test]
async fn records_in_memory_keep_the_contract() -> Result<(), Failure> {
    record_contract::holds(&MemoryRecords::new()).await
}

#[tokio::test]
async fn records_in_dynamodb_keep_the_contract() -> Result<(), Failure> {
    let ministack = Ministack::start(&[]).await?;
    let client = client(&ministack.url());
    table::make(&client, TABLE).await?;
    record_contract::holds(&DynamoRecords::new(client, TABLE.to_owned())).await
}

#[tokio::test]
async fn an_item_of_dynamodb_stays_small_and_lets_time_to_live_drop_it() -> Result<(), Failure> {
    let ministack = Ministack::start(&[]).await?;
    let client = client(&ministack.url());
    table::make(&client, TABLE).await?;
    let records = DynamoRecords::new(client.clone(), TABLE.to_owned());
    let key = RecordKey::new("stack", "Share");
    for second in 1..=50 {
        let stamp = delete(second);
        records.begin(&key, &stamp, false).await?;
        records.end(&key, &stamp.request_id, &gone()).await?;
    }
    let resource = AttributeValue::S(key.to_string());
    let item = client.get_item().table_name(TABLE).key("Resource", resource).send().await?.item;
    let item = item.ok_or("no item")?;
    assert_eq!(item.get("ExpiresAt"), Some(&AttributeValue::N("4102444800".to_owned())));
    assert_eq!(item.get("Seen").and_then(|seen| seen.as_l().ok()).map(Vec::len), Some(SEEN_KEPT));
    assert!(!item.contains_key("Object"));
    Ok(())
}

fn delete(second: u64) -> Stamp {
    Stamp { request_id: second.to_string(), request_type: RequestType::Delete, sent: Sent::amz_date(second) }
}

fn gone() -> Ending {
    Ending {
        answer: "gone".to_owned(),
        ledger: serde_json::Value::Null,
        object: None,
        succeeded: None,
        tombstone_until: Some(4_102_444_800),
    }
}

#[tokio::test]
async fn a_missing_table_is_told_from_other_failures() -> Result<(), Failure> {
    let ministack = Ministack::start(&[]).await?;
    let records = DynamoRecords::new(client(&ministack.url()), TABLE.to_owned());
    let Err(error) = records.get(&RecordKey::new("stack", "Share")).await else {
        return Err("there is a table".into());
    };
    assert_eq!(error.kind(), RecordErrorKind::NoTable, "{error}");
    Ok(())
}

fn client(url: &str) -> Client {
    table::client(url, Credentials::new("111122223333", "test", None, None, "test"))
}
